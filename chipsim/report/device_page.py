"""The page of a device: its simulated pulse response, or its levels, and where its numbers come from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import attrs
from markupsafe import Markup

from chipsim.outputs.files import claim_and_write, generator
from chipsim.report.conducting import CONDUCTANCE, band, line, micro
from chipsim.report.figure import Figure, axis
from chipsim.report.page import sources_of
from chipsim.report.templating import scripts, template
from chipsim.result import Valued

__all__ = ["DrawnResponse", "device_figures", "write_device_page"]

_DEVICE: Final = "page of a device"


@attrs.frozen(kw_only=True)
class DrawnResponse:
    """What some cells conduct along pulses, as a page draws it; all lists are as long as each other."""

    cells: int
    """How many were simulated."""
    pulses: Sequence[int]
    """Since the first."""
    low: Sequence[float]
    """What 10 % of the cells stay below, S."""
    median: Sequence[float]
    """What half of them do, S."""
    high: Sequence[float]
    """What 90 % of them do, S."""


def write_device_page(
    path: str | Path,
    *,
    title: str,
    about: str,
    paper: str = "",
    words: Sequence[str] = (),
    response: DrawnResponse | None = None,
    levels: Sequence[Sequence[float]] | None = None,
    symmetry: Sequence[float] | None = None,
    values: Sequence[Valued] = (),
    overwrite: bool = False,
) -> Path:
    """Write one HTML page that draws what pulses do to a device, and lists its values with their sources.

    Parameters
    ----------
    path
        The file to write. The page of a device that is there is replaced.
    title, about, paper
        What the device says of itself.
    words
        Sentences that tell what was found.
    response
        Of cells that pulses move; None for others.
    levels
        What cells conduct that were programmed to each level (levels, cells), S; None without levels.
    symmetry
        Where alternating pulses lead each cell, S; None where they lead nowhere.
    values
        The numbers of its description with their sources.
    overwrite
        Replace a page that is no page of a device. What is no page is never replaced.

    Raises
    ------
    OutputError
        When something else is in the way, or the file cannot be written.
    """
    figures = device_figures(response=response, levels=levels, symmetry=symmetry)
    content = template("device.html").render(
        generator=Markup(generator(_DEVICE)),  # noqa: S704  # our own words
        title=title,
        about=about,
        paper=paper,
        words=[" ".join(one.split()) for one in words],
        drawn=figures,
        **sources_of(values),
        **scripts(figures),
    )
    return claim_and_write(content, path, kind=_DEVICE, overwrite=overwrite)


def device_figures(
    *,
    response: DrawnResponse | None,
    levels: Sequence[Sequence[float]] | None,
    symmetry: Sequence[float] | None,
) -> list[Figure]:
    """The figures of a device: its pulse response, its symmetry points, its levels, as far as it has them."""
    figures = []
    if response is not None:
        figures.append(_response_figure(response))
    if symmetry is not None:
        figures.append(_symmetry_figure(symmetry))
    if levels is not None:
        figures.append(_level_figure(levels))
    return figures


def _response_figure(response: DrawnResponse) -> Figure:
    pulses = response.pulses
    data = [
        *band("10 to 90 % of the cells", pulses, low=response.low, high=response.high),
        line("median", pulses, response.median, color="@@series-0", width=2),
    ]
    caption = f"{response.cells} simulated cells, first up and then down, as far as the device has either."
    return Figure(
        name="response",
        title="Pulse response",
        caption=caption,
        data=data,
        layout={"xaxis": axis("Pulses"), "yaxis": axis(CONDUCTANCE)},
        wide=True,
    )


def _symmetry_figure(symmetry: Sequence[float]) -> Figure:
    return Figure(
        name="symmetry",
        title="Symmetry points",
        caption="Where alternating pulses lead each cell that pulses move, on the average of the last ones.",
        data=[
            {
                "type": "histogram",
                "name": "cells",
                "x": micro(symmetry),
                "marker": {"color": "@@series-1"},
            }
        ],
        layout={"xaxis": axis(CONDUCTANCE), "yaxis": axis("Cells"), "showlegend": False},
    )


def _level_figure(levels: Sequence[Sequence[float]]) -> Figure:
    data = [
        {
            "type": "box",
            "name": str(level),
            "y": micro(found),
            "marker": {"color": "@@series-0"},
            "boxpoints": False,
        }
        for level, found in enumerate(levels)
    ]
    return Figure(
        name="levels",
        title="Levels",
        caption=f"What {len(levels[0])} simulated cells conduct that were programmed to each level.",
        data=data,
        layout={"xaxis": axis("Level"), "yaxis": axis(CONDUCTANCE), "showlegend": False},
        wide=True,
    )
