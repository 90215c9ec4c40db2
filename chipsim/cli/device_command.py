"""``chipsim device fit`` and its options; what it does is imported when it is called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from chipsim.cli.group import Commands
from chipsim.cli.options import examples

__all__ = ["device"]


@click.group(cls=Commands, epilog=examples("chipsim device fit curve.csv -o my-device.yaml"))
def device() -> None:
    """Make a device of a measured curve."""


@device.command(
    epilog=examples(
        "chipsim device fit curve.csv",
        "chipsim device fit curve.csv -o my-device.yaml --html my-device.html",
        "chipsim device fit sweep.txt --current I --voltage V --unit uA --direction up -o mine.yaml",
    )
)
@click.argument("curve", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The device file to write, ending in .yaml [none: laws are shown, and nothing is written].",
)
@click.option("--law", metavar="KIND", help="The law to make a device of [the one with the lowest AICc].")
@click.option("--pulse", metavar="COLUMN", help="Pulse number; 'rows' where each row is one pulse.")
@click.option("--conductance", metavar="COLUMN", help="Conductance.")
@click.option("--current", metavar="COLUMN", help="Current, in the place of a conductance.")
@click.option("--voltage", metavar="COLUMN", help="Voltage that the current was read at.")
@click.option("--direction", metavar="COLUMN|up|down", help="Which way a pulse led, or all of them.")
@click.option("--cell", metavar="COLUMN", help="Which cell it is, where there are several.")
@click.option("--cycle", metavar="COLUMN", help="Which cycle it is, where there are several.")
@click.option("--unit", metavar="UNIT", help="Of the conductance or current, where the head does not say.")
@click.option("--pulse-voltage", metavar="V", help="Of a pulse, such as '1.2 V' [assumed].")
@click.option("--pulse-width", metavar="TIME", help="Of a pulse, such as '50 ns' [assumed].")
@click.option("--down-voltage", metavar="V", help="Of a pulse down [that of a pulse up].")
@click.option("--down-width", metavar="TIME", help="Of a pulse down [that of a pulse up].")
@click.option("--area", metavar="AREA", help="Of a cell, such as '0.04 um2' [assumed].")
@click.option(
    "--html",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also write a page: readings, law and simulated cells on top of each other.",
)
@click.option("--overwrite", is_flag=True, help="Replace the device file, or a page of another kind.")
def fit(curve: Path, *, output: Path | None, html: Path | None, overwrite: bool, **asked: Any) -> None:
    """Fit laws to a measured pulse response, and write a device file of the best.

    FILE is a table of text with a column each of the pulse number, the conductance (or current and voltage)
    and the direction, and of cell and cycle where there are several; docs/devices.md says by which names they
    are found. A chip takes the device by its file: --set device=my-device.yaml.
    """
    from chipsim.cli.fitting import fit_one

    if overwrite and output is None and html is None:
        raise click.UsageError(
            "--overwrite replaces what -o or --html names; without them nothing is written"
        )
    fit_one(curve, output=output, page=html, overwrite=overwrite, **asked)
