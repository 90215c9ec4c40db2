"""``chipsim import``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import click

from chipsim.cli.terminal import printable
from chipsim.importing import import_onnx
from chipsim.wording import plural

__all__ = ["import_one", "sizes_of"]

_SIZES: Final = re.compile(r"[0-9]{1,9}([x,][0-9]{1,9}){0,3}")
_TOLD: Final = 8
"""Nodes left out that are named one by one."""


def sizes_of(text: str | None) -> tuple[int, ...] | None:
    """Sizes as they are written.

    Raises
    ------
    click.BadParameter
        When they are none.

    Examples
    --------
    >>> sizes_of("3x224x224")
    (3, 224, 224)
    """
    if text is None:
        return None
    if not _SIZES.fullmatch(text):
        raise click.BadParameter(f"{text!r} is no size such as 784 or 3x224x224", param_hint="'--input'")
    return tuple(map(int, re.split("[x,]", text)))


def import_one(model: Path, output: Path | None, **asked: Any) -> None:
    """Write a workload of a network and its weights, and say what became of it.

    Parameters
    ----------
    model
        The file of the network.
    output
        The workload's.
    asked
        As :func:`~chipsim.importing.import_onnx` takes it.

    Raises
    ------
    ChipsimError
        When the file cannot be read, mapped or written.
    """
    made = import_onnx(model, output, **asked)
    layers = f"{made.layers} {plural('layer', made.layers)}"
    weights = f"{made.count:,} weights"
    where = f"{weights} in {made.weights}"
    if made.weights is None:
        where = f"{weights}, which are not written: it can be timed (--timing-only)"
    click.echo(printable(f"{made.workload}: {layers}; {where}"))
    if made.left_out:
        told = ", ".join(made.left_out[:_TOLD])
        more = len(made.left_out) - _TOLD
        rest = f" and {more} more" if more > 0 else ""
        click.echo(printable(f"left out: {told}{rest}"))
    click.echo(
        printable(f"trains on {made.dataset}; learning rates, batch and epochs are assumed: change them")
    )
    click.echo(printable(f"then 'chipsim check CHIP {made.workload}'"))
