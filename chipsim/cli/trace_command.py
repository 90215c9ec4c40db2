"""The command that writes timelines, and the options of runs that keep a trace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from chipsim.cli.options import examples

__all__ = ["trace", "trace_options"]

F = TypeVar("F", bound=Callable[..., Any])


def _checked(_ctx: click.Context, _of: click.Parameter, text: str | None) -> str | None:
    from chipsim.result.step_numbers import StepNumbers

    try:
        return None if text is None else str(StepNumbers.of(text))
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def trace_options(command: F) -> F:
    """Options that keep every operation of a run."""
    steps = click.option(
        "--trace-steps",
        metavar="STEPS",
        callback=_checked,
        help="Steps of its timeline, such as 0-3,100; implies --trace [first 3, last 3].",
    )
    kept = click.option(
        "--trace",
        is_flag=True,
        help="Keep every operation, and a timeline for Perfetto.",
    )
    return kept(steps(command))


@click.command(
    epilog=examples(
        "chipsim trace runs/hybrid-synapse--mnist-5k--1 -o timeline.json.gz",
        "chipsim trace runs/a -o timeline.json.gz --steps 1-10,5000",
    )
)
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    required=True,
    help="The timeline to write; its name ends with .json.gz.",
)
@click.option(
    "--steps",
    metavar="STEPS",
    callback=_checked,
    help="Which steps, such as 0-3,100 [those whose counts, charges and waiting were kept].",
)
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
def trace(folder: Path, *, output: Path, steps: str | None, overwrite: bool) -> None:
    """Write a timeline of a run that kept a trace, for ui.perfetto.dev.

    A track for each part. Of steps that were chosen when the run was made (--trace-steps) it has counts,
    energy, and what a part waits for; of all others, who was busy when.
    """
    from chipsim.cli.tracing import write_timeline

    write_timeline(folder, output, steps=steps, overwrite=overwrite)
