"""The page of a fit: what was read, the law and simulated cells on top of each other; laws side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import attrs
from markupsafe import Markup

from chipsim.outputs.files import claim_and_write, generator
from chipsim.report.conducting import CONDUCTANCE, band, line
from chipsim.report.figure import Figure, axis
from chipsim.report.page import sources_of
from chipsim.report.templating import scripts, template
from chipsim.result import Valued

__all__ = ["DrawnWay", "TriedLaw", "write_fit_page"]

_FIT: Final = "page of a fit"


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
        paper="",
        words=notes,
        laws=laws,
        drawn=figures,
        **sources_of(values),
        **scripts(figures),
    )
    return claim_and_write(content, path, kind=_FIT, overwrite=overwrite)


def _figure(way: DrawnWay) -> Figure:
    readings = {"color": "@@series-2", "size": 4, "opacity": 0.5}
    data = [
        *band("10 to 90 % of simulated cells", way.pulses, low=way.low, high=way.high),
        line("read", way.pulses_read, way.read) | {"mode": "markers", "marker": readings},
        line("median of simulated cells", way.pulses, way.median, color="@@series-0", width=2),
        line("law, without noise and spread", way.pulses, way.law, color="@@series-1", width=2, dash="dash"),
    ]
    return Figure(
        name=f"pulses-{way.way}",
        title=f"Pulses {way.way}",
        caption="Pulses since each row of readings began; simulated cells begin where these did on average.",
        data=data,
        layout={"xaxis": axis("Pulses"), "yaxis": axis(CONDUCTANCE)},
        wide=True,
    )
