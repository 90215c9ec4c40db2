"""Commands that ask saved runs what they would come to otherwise; see :mod:`chipsim.cli.commands`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from chipsim.cli.options import DATA, SEED, SETS, TRUST, examples, output_to

__all__ = ["infer", "lifetime", "reach", "reprice"]


@click.command(
    epilog=examples(
        "chipsim reprice runs/single-pair--mnist-5k--1 --set 'costs.adc[*].energy=x0.1'",
        "chipsim reprice runs/single-pair--mnist-5k--1 --costs isaac-32nm -o runs/isaac",
    )
)
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--costs", metavar="NAME", default="", help="Another cost set, by name or path.")
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="PATH=VALUE",
    help="Replace a cost, or multiply it: costs.adc[*].energy=x0.1; may be repeated.",
)
@output_to("Folder for the result [runs/ARCH--WORKLOAD--1, ...].")
@click.option("--overwrite", is_flag=True, help="Replace the results that are in the folder.")
def reprice(folder: Path, *, costs: str, sets: tuple[str, ...], output: Path | None, overwrite: bool) -> None:
    """Give a run's result under other costs, without training again.

    RUN keeps the programs that it executed. They are timed and priced anew, and the result equals that of a
    new run to the attojoule and the picosecond. Only costs can be changed so.
    """
    from chipsim.cli.pricing import reprice_run

    if overwrite and output is None:
        raise click.UsageError(
            "--overwrite replaces what is in the folder of -o; without -o a new one is made"
        )
    reprice_run(folder, costs=costs, sets=sets, output=output, overwrite=overwrite)


@click.command(
    epilog=examples("chipsim infer runs/single-pair--mnist-5k--1", "chipsim infer single-pair mnist-5k")
)
@click.argument("given", metavar="RUN | ARCH WORKLOAD", nargs=-1, required=True)
@SETS
@TRUST
def infer(given: tuple[str, ...], sets: tuple[str, ...]) -> None:
    """Tell latency, throughput and energy of inference.

    Samples that stream through the chip are simulated until they come out evenly. Currents of cells follow
    from weights and data: they are counted where a RUN is given, by its training samples, and left out
    otherwise.
    """
    from chipsim.cli.inferring import show_inference

    if len(given) > 2:
        raise click.UsageError("give one run, or a chip and a workload")
    if len(given) == 1 and sets:
        raise click.UsageError("--set is for a chip and a workload; 'chipsim reprice' changes costs of a run")
    show_inference(given, sets=sets)


@click.command(epilog=examples("chipsim reach runs/comparison --accuracy 95%"))
@click.argument("folders", nargs=-1, required=True, metavar="RUN...", type=click.Path(path_type=Path))
@click.option("--accuracy", required=True, metavar="PERCENT", help="Test accuracy to reach, such as 95%.")
def reach(folders: tuple[Path, ...], accuracy: str) -> None:
    """Tell what it took to reach an accuracy.

    Counted is up to the end of the first epoch at or above it: nothing is interpolated. Runs that differ in
    their seeds alone are one line, with mean and standard deviation over those that reached it.
    """
    from chipsim.cli.reached import show_reached

    show_reached(folders, accuracy=accuracy)


@click.command(
    epilog=examples(
        "chipsim lifetime single-pair mnist-5k --set device.endurance=1e5 --set 'device.wear={spread: 0.5}'",
        "chipsim lifetime my-chip.yaml mnist-5k --below 95% --step 1% -o lifetime.csv",
    )
)
@click.argument("architecture", metavar="ARCH")
@click.argument("workload", metavar="WORKLOAD")
@click.option(
    "--below",
    default="90%",
    show_default=True,
    metavar="PERCENT",
    help="Share of the first training's test accuracy that ends it.",
)
@click.option(
    "--step",
    default="0.1%",
    show_default=True,
    metavar="PERCENT",
    help="Share of the cells that fail between two trainings that are simulated; 0 % for every cell.",
)
@click.option(
    "--most",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    metavar="N",
    help="Trainings that are simulated at most.",
)
@SEED
@DATA
@SETS
@TRUST
@output_to("File for the trainings, as CSV.")
def lifetime(architecture: str, workload: str, **how: Any) -> None:
    """Train a chip again and again until its worn cells cost accuracy.

    The chip's device says how cells fail (device.wear) and what they stand (device.endurance). Trainings in
    which no further cell fails are the last one again: they are counted, and not simulated.
    """
    from chipsim.cli.living import show_lifetime

    show_lifetime(architecture, workload, **how)
