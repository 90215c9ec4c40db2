"""``chipsim device fit``: laws side by side in the terminal, a device file, and a page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import yaml
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from chipsim.cli.screen import put, screen, table
from chipsim.errors import OutputError
from chipsim.fitting import Fitted, LawFit, fit_device
from chipsim.fitting.measured import Row
from chipsim.fitting.simulated import Beside, beside
from chipsim.fitting.writing import refuse_what_is_there
from chipsim.report.fit_page import DrawnWay, TriedLaw, write_fit_page
from chipsim.spec import device_from_document
from chipsim.units import CONDUCTANCE, show

__all__ = ["fit_one"]

_UNNAMED: Final = "fitted"


def fit_one(curve: Path, *, output: Path | None, page: Path | None, overwrite: bool, **asked: Any) -> None:
    """Fit a curve, show what came of it, and write what is asked for.

    Parameters
    ----------
    curve
        Its file.
    output
        The device file; None for none.
    page
        The page; None for none.
    overwrite
        Whether files may be replaced.
    asked
        As :func:`~chipsim.fitting.fit_device` takes it.

    Raises
    ------
    ChipsimError
        When the curve cannot be read or fitted, or something cannot be written.
    """
    if output is not None and page is not None and output.resolve() == page.resolve():
        raise OutputError(f"{output}: is given for the device and for the page; give each a name of its own")
    if output is not None:
        # Before anybody waits for a fit.
        refuse_what_is_there(output, overwrite=overwrite, source=str(curve))
    # A chip finds a device by the name of its file.
    name = output.stem if output is not None else _UNNAMED
    fitted = fit_device(curve, name=name, **asked)
    if output is not None or page is not None:
        # A law of which no device can be made says why, before anything is written.
        _ = fitted.device
    # The page first: whether it may be written is known only then, and half of what was asked for is nothing.
    if page is not None:
        _write_page(fitted, page, name=name, overwrite=overwrite)
    if output is not None:
        fitted.save(output, overwrite=overwrite)
    console = screen()
    _show(console, fitted)
    for what, where in (("device", output), ("page", page)):
        if where is not None:
            console.print(f"{what}: {where}", soft_wrap=True)
    if output is None:
        console.print("nothing written: -o my-device.yaml writes the device")
    else:
        console.print(
            f"then 'chipsim describe {output}' and 'chipsim run CHIP WORKLOAD --set device={output}'",
            soft_wrap=True,
        )


def _show(console: Console, fitted: Fitted) -> None:
    rows = [
        (one.law, one.criterion, one.behind, one.residual, one.numbers, one.says) for one in _tried(fitted)
    ]
    heads = ("Law", "AICc", "above lowest", "residual", "numbers", "of it")
    put(console, table(*heads, rows=rows, right=(1, 2, 3, 4)))
    console.print()
    best = fitted.best
    if not best.refused:
        values = [
            (field.key, field.value, "assumed" if field.is_assumed else _interval(field.note))
            for field in best.fields
            # Tables of steps follow; one that mirrors the other has nothing of its own to show.
            if not (best.rows and field.key in ("up", "down"))
        ]
        put(console, table(best.law, "value", "with 95 %", rows=values, right=(1,)))
        console.print()
        for way, steps in best.rows.items():
            _show_rows(console, way, steps)
    for note in fitted.notes:
        console.print(Padding(Text(note), (0, 0, 0, 2)))
    console.print()


def _show_rows(console: Console, way: str, rows: Sequence[Row]) -> None:
    """What pulses of a direction do at each conductance, which no single line of a terminal holds."""
    sign = 1.0 if way == "up" else -1.0
    values = [
        (
            show(row.conductance, CONDUCTANCE, 4),
            # As it is written: at its own end a step may come out as leading back, by noise.
            show(sign * max(sign * row.change, 0.0), CONDUCTANCE, 3),
            show(row.reach, CONDUCTANCE, 2),
            show(row.deviation, CONDUCTANCE, 3),
            f"{row.changes:,}",
        )
        for row in rows
    ]
    heads = (way, "change", "+- with 95 %", "deviation", "read")
    put(console, table(*heads, rows=values, right=(0, 1, 2, 3, 4)))
    console.print()


def _interval(note: str) -> str:
    """What a note says behind the source."""
    return note.partition("fitted: ")[2].replace(" with 95 %", "") or note.rpartition("): ")[2]


def _tried(fitted: Fitted) -> list[TriedLaw]:
    lowest = min((fit.criterion for fit in fitted.fits if fit.criterion is not None), default=0.0)
    return [
        TriedLaw(
            law=fit.law,
            # A table is straight from readings: there is no likelihood that it could be compared by.
            criterion="-" if fit.criterion is None else f"{fit.criterion:.1f}",
            behind="-" if fit.criterion is None else f"{fit.criterion - lowest:.1f}",
            residual=f"{100 * fit.residual:.3g} %" if math.isfinite(fit.residual) else "-",
            numbers=str(fit.numbers),
            says=_says(fit, fitted),
        )
        for fit in fitted.fits
    ]


def _says(fit: LawFit, fitted: Fitted) -> str:
    if fit.refused:
        return f"no device: {fit.refused}"
    if fit is not fitted.best:
        return ""
    return "asked for" if fitted.chosen else "proposed"


def _write_page(fitted: Fitted, page: Path, *, name: str, overwrite: bool) -> None:
    # Of the text itself: the file may have a path that only means something where it was written.
    described = device_from_document(yaml.safe_load(fitted.text))
    write_fit_page(
        page,
        title=name,
        about=described.spec.about,
        notes=fitted.notes,
        laws=_tried(fitted),
        ways=[_drawn(way) for way in beside(fitted.curve, fitted.device)],
        values=described.values,
        overwrite=overwrite,
    )


def _drawn(way: Beside) -> DrawnWay:
    return DrawnWay(
        way="up" if way.up else "down",
        pulses_read=way.pulses_read.tolist(),
        read=way.read.tolist(),
        pulses=way.pulses.tolist(),
        law=way.law.tolist(),
        low=way.low.tolist(),
        median=way.median.tolist(),
        high=way.high.tolist(),
    )
