"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

__all__ = [
    "DATA", "EPOCHS", "EQUAL_AREA", "OVER", "OVERWRITE", "OVERWRITE_PAGE", "SEED", "SETS", "SHARE",
    "TRUST", "UNDER", "WAIT", "examples", "output_to",
]  # fmt: skip

F = TypeVar("F", bound=Callable[..., Any])

SETS = click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="PATH=VALUE",
    help="Replace one value of chip, workload or cost set; may be repeated.",
)
EPOCHS = click.option(
    "--epochs",
    type=click.IntRange(min=1),
    help="Epochs of every phase, instead of the workload's; of one: --set phases.0.epochs=N.",
)
SEED = click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of everything random."
)
EQUAL_AREA = click.option(
    "--equal-area",
    is_flag=False,
    flag_value="largest",
    metavar="[AREA]",
    help="Bring all to one area by counts of lanes and converters: 2mm2, or that of a chip [the largest].",
)


def _trust(ctx: click.Context, _of: click.Parameter, packages: tuple[str, ...]) -> None:
    # While a shell completes a line, nothing that stands in it is to be done.
    if packages and not ctx.resilient_parsing:
        from chipsim.spec.trust import trust

        try:
            trust(*packages)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None


TRUST = click.option(
    "--trust",
    multiple=True,
    metavar="PACKAGE",
    callback=_trust,
    # Before other options are read, in whatever order they are written.
    is_eager=True,
    expose_value=False,
    help="Let code of a package run that a description names; may be repeated.",
)


def _waits(_ctx: click.Context, _of: click.Parameter, texts: tuple[str, ...]) -> tuple[str, ...]:
    from chipsim.run.waiting import waits_of

    try:
        waits_of(texts)
    except ValueError as error:
        raise click.BadParameter(str(error).removeprefix("wait: ").removeprefix("wait ")) from None
    return texts


WAIT = click.option(
    "--wait",
    multiple=True,
    metavar="TIME",
    callback=_waits,
    help="Test once more when the trained chip has waited, such as '1 h'; may be repeated.",
)
LISTED = ("architectures", "workloads", "costs", "devices", "data")
"""What can be listed alone."""
DATA = click.option(
    "--data", type=click.Path(path_type=Path), metavar="DIR", help="Folder with datasets [CHIPSIM_DATA]."
)
OVERWRITE = click.option("--overwrite", is_flag=True, help="Replace the results that are in the folder.")
OVERWRITE_PAGE = click.option(
    "--overwrite",
    is_flag=True,
    help="Replace a page of another kind; one of the same kind is replaced anyway, what is no page never.",
)
UNDER = click.option(
    "--under",
    type=click.IntRange(min=0),
    default=25,
    show_default=True,
    help="Count cells with fewer operations.",
)
OVER = click.option(
    "--over",
    type=click.IntRange(min=0),
    default=50,
    show_default=True,
    help="Count cells with more operations.",
)
SHARE = click.option(
    "--share",
    default="1%",
    show_default=True,
    help="Share of the cells past their endurance by which trainings are counted.",
)


def output_to(text: str) -> Callable[[F], F]:
    """The option that names the folder for results, with its help text."""
    return click.option("-o", "--output", type=click.Path(path_type=Path), metavar="DIR", help=text)


def examples(*lines: str) -> str:
    """The end of a help text: commands that work as they stand."""
    # Click would fold the lines of a paragraph into each other, but for one that begins with a backspace.
    commands = "\n".join(f"  {line}" for line in lines)
    return f"Examples:\n\n\b\n{commands}"
