"""The commands that carry out studies, and their options; see :mod:`chipsim.cli.commands`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from chipsim.cli.options import DATA, EPOCHS, EQUAL_AREA, SETS, TRUST, WAIT, examples, output_to

__all__ = ["study", "sweep"]

F = TypeVar("F", bound=Callable[..., Any])


def _study_options(command: F) -> F:
    """Options of commands that carry out studies."""
    options = (
        click.option(
            "-j", "--jobs", type=click.IntRange(min=1), default=1, show_default=True,
            help="Processes that make runs.",
        ),
        click.option(
            "--scheduler", metavar="ADDRESS", default="",
            help="Address of a Dask scheduler whose workers make the runs, such as tcp://node1:8786.",
        ),
        click.option("--resume", is_flag=True, help="Go on with the study that is in the folder."),
        click.option("--overwrite", is_flag=True, help="Begin anew in a folder that holds a study."),
        click.option(
            "--flips",
            is_flag=True,
            help="Also work out at which prices an order in energy turns round, and which orders hold over "
            "the range of every assumed price: seconds to minutes a chip.",
        ),
        click.option(
            "--csv", type=click.Path(path_type=Path), metavar="FILE", help="Also write all figures as CSV."
        ),
        DATA,
        TRUST,
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def _asked(**given: Any) -> Any:
    """What the command line says of a study beside what it is."""
    from chipsim.cli.studying import Asked
    from chipsim.study.engine import Workers

    if given["resume"] and given["overwrite"]:
        raise click.UsageError("--resume goes on with what is there, and --overwrite takes it away: give one")
    jobs, scheduler = given.pop("jobs"), given.pop("scheduler")
    if scheduler and jobs > 1:
        raise click.UsageError("with --scheduler its workers make the runs: leave out -j")
    return Asked(workers=Workers(jobs=jobs, scheduler=scheduler), **given)


@click.command(
    epilog=examples(
        "chipsim study examples/studies/states.yaml -j 2",
        "chipsim study my-study.yaml --resume -o runs/my-study",
    )
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@output_to("Folder for the study [runs/NAME].")
@click.option(
    "--slurm",
    type=click.Path(path_type=Path),
    metavar="SCRIPT",
    help="Make no run, but write a Python script that carries the study out on a SLURM cluster.",
)
@_study_options
def study(file: Path, *, slurm: Path | None, **given: Any) -> None:
    """Carry out a scenario file.

    All of it is checked before the first run. Runs that are done are not made again; one that fails is
    written down and the study goes on, with exit code 3 at its end. Figures of all runs are in
    results.parquet, a row a run and metric. docs/studies.md says how a scenario is written.
    """
    from chipsim.cli.studying import run_study, write_slurm

    if slurm is not None:
        write_slurm(file, slurm, output=given["output"], data=given["data"])
        return
    run_study(file, _asked(**given))


@click.command(
    epilog=examples(
        "chipsim sweep single-pair mnist-5k --vary device.states=10,20,50 --seeds 3 -j 2",
        "chipsim sweep single-pair mnist-5k --vary 'learning_rate={from: 0.1, to: 1, points: 3}'",
    )
)
@click.argument("arch", metavar="ARCH")
@click.argument("workload", metavar="WORKLOAD")
@click.option(
    "--vary",
    multiple=True,
    required=True,
    metavar="PATH=VALUES",
    help="Values of one path, 10,20,50 or {from: 1, to: 9, step: 2}; of several all combinations are run.",
)
@SETS
@EPOCHS
@click.option(
    "--seeds", type=click.IntRange(min=1), default=1, show_default=True, help="Seeds of each, from 0 on."
)
@EQUAL_AREA
@click.option(
    "--timing-only", is_flag=True, help="Time and energy without training, as 'chipsim run' has it."
)
@WAIT
@output_to("Folder for the study [runs/ARCH--WORKLOAD--PATH].")
@_study_options
def sweep(arch: str, workload: str, **given: Any) -> None:
    """Run one chip with values varied.

    A study without a file of its own; everything holds for it that holds for 'chipsim study'.
    """
    from chipsim.cli.studying import run_sweep

    keys = ("vary", "sets", "epochs", "seeds", "equal_area", "timing_only", "wait")
    said = {key: given.pop(key) for key in keys}
    if said["wait"] and said["timing_only"]:
        raise click.UsageError("a run that is only timed has no cells that change while it waits")
    run_sweep(arch, workload, said=said, asked=_asked(**given))
