"""What is kept of a run whose result cannot be put together or written: its epochs and figures, as JSON."""

from __future__ import annotations

import functools
import json
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from chipsim.outputs.rescue import rescued
from chipsim.result import EpochRow, Result, TaskEpoch, plain

__all__ = ["REMAINS", "cause_words", "keep_remains", "remains", "remains_of"]

REMAINS: Final = "remains.json"
"""The one file of a folder that holds no result, but what is left of one."""


def remains(
    summary: Mapping[str, Any],
    *,
    epochs: Sequence[EpochRow],
    tasks: Sequence[TaskEpoch],
    cause: BaseException,
) -> dict[str, Any]:
    """What can be kept when the rest is lost, of texts and numbers alone.

    Parameters
    ----------
    summary
        Figures of the run, as far as they are known.
    epochs, tasks
        What training has left.
    cause
        Why the rest is lost; its traceback is kept for whoever mends it.
    """
    kept = {
        "cause": "".join(traceback.format_exception(cause)),
        "summary": dict(summary),
        "epochs": list(map(attrs.asdict, epochs)),
        "tasks": list(map(attrs.asdict, tasks)),
    }
    # Plain, since some value that no file takes may be why the rest is lost.
    return {key: plain(value) for key, value in kept.items()}


def remains_of(result: Result, cause: BaseException) -> dict[str, Any]:
    """What can be kept of a result that cannot be written."""
    return remains(result.summary, epochs=result.epochs, tasks=result.tasks, cause=cause)


def keep_remains(kept: Mapping[str, Any], target: Path) -> str:
    """Write remains beside a folder, or in another place that takes them; the end of a sentence about it.

    Parameters
    ----------
    kept
        As :func:`remains` makes them.
    target
        The folder that the result was meant for.
    """
    folder = rescued(functools.partial(_write, kept), target)
    if folder is None:
        return "nothing could be written anywhere: it is lost"
    return f"its figures and epochs, and the traceback to report, are in {folder / REMAINS}; the rest is lost"


def cause_words(cause: BaseException) -> str:
    """What went wrong, in brackets.

    Examples
    --------
    >>> cause_words(ValueError("too wide"))
    '(ValueError: too wide)'
    >>> cause_words(MemoryError())
    '(MemoryError)'
    """
    kind, said = type(cause).__name__, str(cause)
    return f"({kind}: {said})" if said else f"({kind})"


def _write(kept: Mapping[str, Any], folder: Path) -> None:
    text = json.dumps(kept, indent=2, ensure_ascii=False, allow_nan=False)
    # Bytes of a path that are no UTF-8 are halves of surrogate pairs to Python.
    (folder / REMAINS).write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
