"""``chipsim import``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import click

from chipsim.cli.terminal import printable
from chipsim.data.loading import SIZED
from chipsim.importing import Imported, import_onnx
from chipsim.importing.node import listed
from chipsim.wording import plural

__all__ = ["import_one", "sizes_of"]

_SIZES: Final = re.compile(r"[0-9]{1,9}([x,][0-9]{1,9}){0,3}")


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
    click.echo(printable(f"{made.workload}: {layers}; {_weights(made)}"))
    if made.left_out:
        click.echo(printable(f"left out: {listed(made.left_out)}"))
    click.echo(printable(_training(made)))
    click.echo(printable(f"then 'chipsim check CHIP {made.workload}'"))


def _weights(made: Imported) -> str:
    """Where the weights are, or what can be done without."""
    count = f"{made.count:,} weights"
    if made.weights is not None:
        return f"{count} in {made.weights}"
    if made.begins_anew:
        return f"{count}, drawn at random when it is trained: none are written"
    return f"{count}, which are not written: it can be timed (--timing-only)"


def _training(made: Imported) -> str:
    """What it is trained or timed on, and what of that is assumed."""
    can_learn = made.weights is not None or made.begins_anew
    if can_learn and made.dataset in SIZED:
        return (
            f"is timed on {made.dataset}, of which only the sizes are known; give --dataset FILE.npz to train"
        )
    does = "trains" if can_learn else "is timed"
    return f"{does} on {made.dataset}; learning rates, batch and epochs are assumed: change them"
