"""The commands and their options; what they do is imported when one is called, so that help is quick."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from chipsim.cli.checkpointing import checkpoint_options, refuse_what_cannot_go_together
from chipsim.cli.device_command import device
from chipsim.cli.figure_command import figure
from chipsim.cli.group import Commands
from chipsim.cli.import_command import import_
from chipsim.cli.later_commands import infer, lifetime, reach, reprice
from chipsim.cli.new_command import new
from chipsim.cli.options import (
    DATA,
    EPOCHS,
    EQUAL_AREA,
    LISTED,
    OVER,
    OVERWRITE,
    OVERWRITE_PAGE,
    SEED,
    SETS,
    SHARE,
    TRUST,
    UNDER,
    WAIT,
    examples,
    output_to,
)  # fmt: skip
from chipsim.cli.study_commands import study, sweep
from chipsim.cli.trace_command import trace, trace_options
from chipsim.limits import HOTTEST

__all__ = ["main"]


def _refuse_overwriting_nothing(output: Path | None, *, overwrite: bool) -> None:
    """Without a folder named, one is made that nothing was in."""
    if overwrite and output is None:
        raise click.UsageError(
            "--overwrite replaces what is in the folder of -o; without -o a new one is made"
        )


def _show_version(ctx: click.Context, _of: click.Parameter, asked: bool) -> None:  # noqa: FBT001
    if asked and not ctx.resilient_parsing:
        from chipsim.version import this_code

        click.echo(f"chipsim {this_code()}")
        ctx.exit()


@click.group(
    cls=Commands,
    epilog=examples("chipsim compare hybrid-synapse single-pair -w mnist-5k", "chipsim run --help"),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version, which code it is, and exit.",
)
def main() -> None:
    """Simulate chips that train neural networks in resistive memory.

    ARCH and WORKLOAD are names, looked up in your folder first and then among those that ship, or paths of
    files.
    """


@main.command("list", epilog=examples("chipsim list", "chipsim list devices"))
@click.argument("kind", required=False, type=click.Choice(LISTED), metavar="[KIND]")
@DATA
def list_(kind: str | None, data: Path | None) -> None:
    """Show what chips, workloads, costs, devices and data there are.

    KIND is one of architectures, workloads, costs, devices and data, and shows these alone; devices with
    their figures.
    """
    from chipsim.cli.listing import show_all

    show_all(data, only=kind)


@main.command(
    epilog=examples("chipsim check my-chip.yaml my-workload.yaml", "chipsim check hybrid-synapse mnist")
)
@click.argument("given", nargs=-1, required=True, metavar="NAME|FILE...")
@TRUST
def check(given: tuple[str, ...]) -> None:
    """Report everything that is wrong with descriptions.

    Chips, workloads, cost sets and devices, by name or file. First come problems of single keys and values;
    once each of these is right, those of values that do not go together. A chip is held against the workloads
    that are given with it, and a workload against the chips.
    """
    from chipsim.cli.checking import check_all

    check_all(given)


main.add_command(new)
main.add_command(import_)


@main.command(
    epilog=examples(
        "chipsim describe hybrid-synapse",
        "chipsim describe single-pair --set interconnect.kind=mesh --html chip.html",
        "chipsim describe reram-array-om",
    )
)
@click.argument("arch", metavar="ARCH|DEVICE")
@click.option("-w", "--workload", help="The network to place on the chip [the first that ships and fits it].")
@SETS
@TRUST
@click.option(
    "--html", type=click.Path(path_type=Path), metavar="FILE", help="Also write a page with a drawing."
)
@OVERWRITE_PAGE
def describe(
    arch: str, workload: str | None, *, sets: tuple[str, ...], html: Path | None, overwrite: bool
) -> None:
    """Show a chip, or a device, in words and as a drawing.

    A chip with its parts, their area and costs; a device with what pulses do to simulated cells of it: both
    with the sources of their numbers, and what is assumed.
    """
    from chipsim.spec.named_devices import is_device

    if overwrite and html is None:
        raise click.UsageError("--overwrite replaces the page of --html; without --html none is written")
    if is_device(arch):
        from chipsim.cli.device_describing import describe_device

        if workload is not None:
            raise click.UsageError(f"{arch} is a device, which no network is placed on; leave out -w")
        describe_device(arch, sets=sets, page=html, overwrite=overwrite)
        return
    from chipsim.cli.describing import describe_chip

    describe_chip(arch, workload, sets=sets, page=html, overwrite=overwrite)


main.add_command(device)


@main.command(
    epilog=examples(
        "chipsim run hybrid-synapse mnist-5k",
        "chipsim run single-pair mnist-5k --epochs 1 --set device.states=400 -o runs/many-states",
    )
)
@click.argument("arch", metavar="ARCH")
@click.argument("workload", metavar="WORKLOAD")
@output_to("Folder for the result [runs/ARCH--WORKLOAD--N].")
@SETS
@EPOCHS
@SEED
@DATA
@TRUST
@click.option(
    "--no-replay", is_flag=True, help="Simulate every step event by event: the same result, slower."
)
@trace_options
@click.option(
    "--timing-only",
    is_flag=True,
    help="Time and energy without training, or what data sets: see docs/results.md.",
)
@WAIT
@checkpoint_options
@OVERWRITE
def run(arch: str, workload: str, *, output: Path | None, overwrite: bool, **given: Any) -> None:
    """Train a workload on one chip and save the result: accuracy, time, energy, pulses and wear.

    Ctrl-C ends the run after the step at hand and saves what there is, marked as partial; so do SIGTERM and
    other signals. A second one ends it at once. The exit code is 128 and the signal's number.

    All phases of a task have the same data: less of it takes --set phases.N.dataset.train=1000 for each.
    """
    from chipsim.cli.how import How
    from chipsim.cli.running import run_one

    _refuse_overwriting_nothing(output, overwrite=overwrite)
    how = How(workload=workload, **given)
    refuse_what_cannot_go_together(how, output=output, overwrite=overwrite)
    run_one(arch, how, output=output, overwrite=overwrite)


@main.command(
    epilog=examples(
        "chipsim compare hybrid-synapse single-pair digital-fp32 -w mnist-5k --seeds 3",
        "chipsim compare single-pair single-pair-rowwise -w mnist-5k --epochs 1",
    )
)
@click.argument("archs", nargs=-1, required=True, metavar="ARCH ARCH...")
@click.option("-w", "--workload", required=True, help="The workload that all are trained on.")
@output_to("Folder for the results and their report [runs/compare--WORKLOAD--N].")
@SETS
@EPOCHS
@SEED
@click.option(
    "--seeds",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Train each chip with so many seeds, from --seed on; what differs by less is no difference.",
)
@EQUAL_AREA
@WAIT
@DATA
@TRUST
@OVERWRITE
def compare(
    archs: tuple[str, ...],
    *,
    seeds: int,
    equal_area: str | None,
    output: Path | None,
    overwrite: bool,
    **given: Any,
) -> None:
    """Train several chips alike and report on them.

    All see the same data in the same order. Each result is saved in a folder of its own beside the report.
    Signals stop it as they stop 'chipsim run'. The same command with the -o of one that was stopped goes on:
    chips that are done are kept when description, data, seed and version are the same.
    With one seed the report concludes nothing from what another seed would move.
    """
    from chipsim.cli.comparing import compare_all
    from chipsim.cli.how import How

    _refuse_overwriting_nothing(output, overwrite=overwrite)
    if len(archs) < 2:
        raise click.UsageError("a comparison needs at least two chips; for one there is 'chipsim run'")
    compare_all(archs, How(**given), seeds=seeds, equal_area=equal_area, output=output, overwrite=overwrite)


# Here, since help lists commands in the order in which they are added.
main.add_command(study)
main.add_command(sweep)
for later in (reprice, infer, reach, lifetime):
    main.add_command(later)


@main.command(
    epilog=examples(
        "chipsim report runs/hybrid-synapse--mnist-5k--1",
        "chipsim report runs/a runs/b -o ab.html --under 10 --over 100",
        "chipsim report runs/my-study",
    )
)
@click.argument("folders", nargs=-1, required=True, metavar="DIR...", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The page to write [DIR/report.html for one DIR, report.html for several].",
)
@UNDER
@OVER
@SHARE
@OVERWRITE_PAGE
def report(folders: tuple[Path, ...], output: Path | None, **asked: Any) -> None:
    """Write the page that shows or compares results.

    DIR is what 'chipsim run' or 'chipsim compare' wrote. Of cells that are programmed to levels the page
    counts those under and over two thresholds, as 'chipsim endurance' does. Damaged runs among others are
    left out and named; the exit code is 3 then. The folder of a study, alone, gets the study's page again.
    """
    from chipsim.cli.reporting import report_on

    report_on(folders, output, **asked)


main.add_command(figure)
main.add_command(trace)


@main.command(
    epilog=examples(
        "chipsim endurance runs/metaplastic-qnn--mnist-then-fashion--1",
        "chipsim endurance runs/a runs/b --under 25 --over 50 --share 0.1% --count operations",
    )
)
@click.argument("folders", nargs=-1, required=True, metavar="RUN...", type=click.Path(path_type=Path))
@UNDER
@OVER
@SHARE
@click.option(
    "--hottest",
    type=click.IntRange(min=0, max=HOTTEST),
    default=5,
    show_default=True,
    help="How many of the most worn cells to name.",
)
@click.option(
    "--count",
    type=click.Choice(["programmings", "cycles", "operations", "pulses"]),
    help="What to count: programmings to a level; cycles of a SET and a RESET; every SET (or pulse) and "
    "RESET; SETs (or pulses) alone [programmings, or pulses where there are none].",
)
@click.option(
    "--by",
    type=click.Choice(["array", "tile", "layer"]),
    help="A line each [array; layer where they are many].",
)
def endurance(folders: tuple[Path, ...], *, share: str, by: str | None, **asked: Any) -> None:
    """Show how worn the cells of saved runs are, and how many such trainings they stand.

    RUN is what 'chipsim run' or 'chipsim compare' wrote. Shares are strict: a cell with exactly 25 is neither
    under nor over 25. Damaged runs among others are left out and named; the exit code is 3 then.
    """
    from chipsim.cli.wearing import show_endurance

    show_endurance(folders, share=share, by=by, **asked)


@main.command(
    "conform",
    epilog=examples("chipsim conform bit_serial_tile:BitSerial", "chipsim conform chipsim.chip.bus:Bus"),
)
@click.argument("place", metavar="PACKAGE.MODULE:CLASS")
@click.option(
    "--chips",
    type=click.IntRange(min=1),
    help="How many of the chips that ship and take it are tried [one of each learning rule].",
)
def conform_(place: str, *, chips: int | None) -> None:
    """Try a kind of your own: whether it keeps what every part of a chip owes to the rest.

    It is put into chips that ship, in the place of their own kind of its section. Shapes and signs, whole
    time and energy, replay, seeds, wear, state and words are checked. The command runs the code that it is
    given.
    """
    from chipsim.cli.conforming import conform_one

    conform_one(place, chips=chips)


@main.group(cls=Commands, epilog=examples("chipsim data list", "chipsim data fetch mnist"))
def data() -> None:
    """List datasets, or fetch them."""


@data.command("list", epilog=examples("chipsim data list --data my-datasets"))
@DATA
def list_data(data: Path | None) -> None:
    """Show the datasets there are, and where."""
    from chipsim.cli.listing import show_datasets

    show_datasets(data)


@data.command(
    epilog=examples("chipsim data fetch mnist fashion-mnist", "chipsim data fetch mnist --data my-datasets")
)
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@DATA
@click.option("--overwrite", is_flag=True, help="Replace files of these names with another content.")
def fetch(names: tuple[str, ...], data: Path | None, *, overwrite: bool) -> None:
    """Fetch datasets from their public homes.

    Each file is checked against its checksum; those that are there and right stay as they are, and others of
    the same name are not replaced unasked.
    """
    from chipsim.cli.fetching import fetch_all

    fetch_all(names, data, overwrite=overwrite)
