"""The page of a fit: what was read, the law and simulated cells on top of each other; laws side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np
from markupsafe import Markup

from chipsim.outputs.files import claim_and_write, generator
from chipsim.report.figure import Figure, axis
from chipsim.report.page import sources_of
from chipsim.report.templating import scripts, template
from chipsim.result import Valued

__all__ = ["DrawnWay", "TriedLaw", "write_fit_page"]

_FIT: Final = "page of a fit"
_MICRO: Final = 1e6
"""Figures are in microsiemens."""
_DIGITS: Final = 6


@attrs.frozen(kw_only=True)
class DrawnWay:
    """One direction of pulses, as a page draws it; conductances in siemens."""

    way: str
    """``up`` or ``down``."""
    pulses_read: Sequence[float]
    """Pulses of each reading."""
    read: Sequence[float]
    """What was read."""
    pulses: Sequence[float]
    """Of what follows."""
    law: Sequence[float]
    """The law, without noise and spread."""
    low: Sequence[float]
    """What 10 % of simulated cells stay below."""
    median: Sequence[float]
    """What half of them do."""
    high: Sequence[float]
    """What 90 % of them do."""


@attrs.frozen(kw_only=True)
class TriedLaw:
    """A law that was fitted, as texts."""

    law: str
    criterion: str
    behind: str
    """How far its criterion is above the lowest."""
    residual: str
    numbers: str
    says: str
    """What came of it, in words."""


def write_fit_page(
    path: str | Path,
    *,
    title: str,
    about: str,
    notes: Sequence[str],
    laws: Sequence[TriedLaw],
    ways: Sequence[DrawnWay],
    values: Sequence[Valued],
    overwrite: bool = False,
) -> Path:
    """Write one HTML page that shows how well a device stands for a measured curve.

    Parameters
    ----------
    path
        The file to write. The page of a fit that is there is replaced.
    title, about
        What the device says of itself.
    notes
        What is odd about the curve, in sentences.
    laws
        The best first.
    ways
        What was read beside the device.
    values
        The numbers of its description with their sources.
    overwrite
        Replace a page that is no page of a fit. What is no page is never replaced.

    Raises
    ------
    OutputError
        When something else is in the way, or the file cannot be written.
    """
    figures = [_figure(way) for way in ways]
    content = template("fit.html").render(
        generator=Markup(generator(_FIT)),  # noqa: S704  # our own words
        title=title,
        about=about,
        notes=notes,
        laws=laws,
        drawn=figures,
        **sources_of(values),
        **scripts(figures),
    )
    return claim_and_write(content, path, kind=_FIT, overwrite=overwrite)


def _micro(values: Any) -> list[float]:
    found: list[float] = np.round(np.asarray(values, np.float64) * _MICRO, _DIGITS).tolist()
    return found


def _figure(way: DrawnWay) -> Figure:
    pulses = [*way.pulses]
    edge = {"type": "scatter", "mode": "lines", "x": pulses, "line": {"width": 0}, "hoverinfo": "skip"}
    line = {"type": "scatter", "mode": "lines", "x": pulses}
    data: list[dict[str, Any]] = [
        {**edge, "name": "10 %", "y": _micro(way.low), "showlegend": False},
        {
            **edge,
            "name": "10 to 90 % of simulated cells",
            "y": _micro(way.high),
            "fill": "tonexty",
            "fillcolor": "@@edge",
        },
        {
            "type": "scatter",
            "mode": "markers",
            "name": "read",
            "x": [*way.pulses_read],
            "y": _micro(way.read),
            "marker": {"color": "@@series-2", "size": 4, "opacity": 0.5},
        },
        {
            **line,
            "name": "median of simulated cells",
            "y": _micro(way.median),
            "line": {"color": "@@series-0", "width": 2},
        },
        {
            **line,
            "name": "law, without noise and spread",
            "y": _micro(way.law),
            "line": {"color": "@@series-1", "width": 2, "dash": "dash"},
        },
    ]
    return Figure(
        name=f"pulses-{way.way}",
        title=f"Pulses {way.way}",
        caption="Pulses since each row of readings began; simulated cells begin where these did on average.",
        data=data,
        layout={"xaxis": axis("Pulses"), "yaxis": axis("Conductance [µS]")},
        wide=True,
    )
