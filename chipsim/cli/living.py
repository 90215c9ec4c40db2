"""``chipsim lifetime``."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click

from chipsim.cli.screen import put, screen, table
from chipsim.errors import OutputError
from chipsim.outputs.whole import write_file
from chipsim.run.barred import watching
from chipsim.run.lifetime import Lifetime, Trained, lifetime
from chipsim.units import RATIO, TIME, UnitError, show

__all__ = ["show_lifetime"]

_HEADS: Final = ("training", "test accuracy", "cells worn out", "share")
_FAILING: Final = " has failed"
_GOING: Final = (
    " has failed, or as large a share of all windows has gone; in those between, cells are taken to get the "
    "pulses of the last one, though in narrower windows they may get others"
)


def show_lifetime(
    architecture: str,
    workload: str,
    *,
    below: str,
    step: str,
    most: int,
    seed: int,
    sets: Sequence[str],
    data: Path | None,
    output: Path | None,
) -> None:
    """Print how a chip fares that is trained again and again.

    Raises
    ------
    click.BadParameter
        When a share is none.
    ChipsimError
        As :func:`~chipsim.run.lifetime.lifetime` raises it.
    """
    # Before minutes of training, not after them.
    if output is not None and output.exists():
        raise OutputError(f"{output}: is there already; take another name, or remove it")
    if output is not None and not output.parent.is_dir():
        raise OutputError(f"{output}: there is no folder {output.parent}")
    end, often = _percent(below, option="--below"), _percent(step, option="--step")
    with watching(progress=None, label=architecture, learns=True) as watched:
        found = lifetime(
            architecture, workload, below=end, step=often / 100, most=most, seed=seed, sets=sets, data=data,
            progress=watched,
        )  # fmt: skip
    heads = (*_HEADS, "window left") if found.narrows else _HEADS
    rows = [_row(one)[: len(heads)] for one in found.trainings]
    put(screen(), table(*heads, rows=rows, right=range(len(heads))))
    click.echo("\n" + "\n".join(_sentences(found, most=most)))
    if output is not None:
        write_file(output, _as_csv(found))
        click.echo(f"written to {output}")


def _row(one: Trained) -> tuple[str, ...]:
    """A training in a table; what is left of windows comes last, for few chips say how they narrow."""
    return (
        f"{one.number:,}",
        f"{one.test_accuracy_percent:.2f} %",
        f"{one.worn_cells:,}",
        f"{one.worn_percent:.3g} %",
        f"{one.window_percent:.4g} %",
    )


def _percent(text: str, *, option: str) -> float:
    try:
        share = float(RATIO.read(text))
    except UnitError as error:
        raise click.BadParameter(f"{error}", param_hint=f"'{option}'") from None
    if not 0 <= share <= 1:
        raise click.BadParameter(f"must be from 0 to 100 %, not {text!r}", param_hint=f"'{option}'")
    if (option == "--below" and not share) or (option == "--step" and share == 1):
        raise click.BadParameter(
            f"{text!r} would end nothing; take a share between", param_hint=f"'{option}'"
        )
    # As it is written: 0.95 times 100 is not 95 to a computer.
    return round(100 * share, 9)


def _sentences(found: Lifetime, *, most: int) -> Iterator[str]:
    """What it comes to, and what that rests on."""
    first = found.trainings[0].test_accuracy_percent
    bar = f"{found.below:g} % of the first training's {first:.2f} %"
    survived, last = found.survived, found.trainings[-1]
    if survived is not None:
        took = show(float(found.time_ps * survived), TIME)
        yield f"{survived:,} trainings end at {bar} or above, in {took} of training; the next one does not"
    elif len(found.trainings) == most:
        yield f"still at {bar} or above in training {last.number:,}, the last of {most} that were simulated"
    elif last.worn_cells == last.cells:
        yield f"all cells are worn out after training {last.number:,}, at {last.test_accuracy_percent:.2f} %"
    else:
        yield f"no training falls below {bar}: no further cell ever fails"
    if found.extrapolated is None:
        yield "extrapolated from the first training: one cell in a hundred never gets past its endurance"
    else:
        yield (
            f"extrapolated from the first training: one cell in a hundred is past its endurance after "
            f"{found.extrapolated:,} trainings"
        )
    yield (
        "simulated are trainings by which a further "
        + ("cell" if found.step == 0 else f"{100 * found.step:g} % of the cells")
        + (_GOING if found.narrows else _FAILING)
        + "; all of one seed, whose cells, weights and order of samples are alike in each"
    )
    if found.keeps_learnt:
        yield (
            "failed cells stand where a training of this very task left them, and so hold what it learnt: "
            "with device.wear.ends low or high they do not"
        )


# Read by tables and scripts: plain numbers, without the units that people are shown.
def _as_csv(found: Lifetime) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("training", "test_accuracy_percent", "worn_cells", "cells", "window_percent"))
    for one in found.trainings:
        row = (one.number, one.test_accuracy_percent, one.worn_cells, one.cells, one.window_percent)
        writer.writerow(row)
    return text.getvalue().encode()
