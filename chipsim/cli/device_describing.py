"""``chipsim describe`` of a device: in words, its pulse response drawn, and where its numbers come from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from chipsim.cli.device_spread import assumed_words, level_spread_words, spread_words
from chipsim.cli.numbers_shown import show_numbers
from chipsim.cli.screen import put, screen, table
from chipsim.device.device import LevelDevice, PulsedDevice, PulseShape
from chipsim.device.response import (
    Response,
    Symmetry,
    level_response,
    pulse_response,
    symmetry_of,
)
from chipsim.device.types import Floats, Sums
from chipsim.report import DrawnResponse, write_device_page
from chipsim.spec import Description, load_chip, load_device, shipped_names
from chipsim.spec.device_file import DeviceSpec
from chipsim.units import AREA, CONDUCTANCE, TIME, VOLTAGE, show
from chipsim.wording import joined, plural

__all__ = ["describe_device"]

_CELLS: Final = 200
_SEED: Final = 0
_ALL: Final = 0.999
"""Share of a distance that counts as all of it."""
_ROWS: Final = 12
"""Lines of the drawing."""
_LABEL: Final = 9
"""Blanks that the conductances beside it take."""


def describe_device(name: str, *, sets: Sequence[str], page: Path | None, overwrite: bool = False) -> None:
    """Print a device with its simulated pulse response, and write its page if one is asked for.

    Raises
    ------
    ChipsimError
        When the description cannot be used, or the page cannot be written.
    """
    described = load_device(name, sets=sets)
    device: Any = described.spec.device
    words = _in_words(device)
    response = levels = symmetry = None
    if isinstance(device, PulsedDevice):
        response = pulse_response(device, cells=_CELLS, seed=_SEED)
        words += [*spread_words(device), *_response_words(response)]
        if {"up", "down"} <= device.offers:
            symmetry = symmetry_of(device, cells=_CELLS, seed=_SEED)
            words.append(_symmetry_words(device, symmetry))
    elif isinstance(device, LevelDevice):
        levels = level_response(device, cells=_CELLS, seed=_SEED)
        words += level_spread_words(device, levels)
    for part in (device, *device.within):
        words += part.idealised()
    words += [assumed_words(described.values), _users_words(described)]
    if page is not None:
        write_device_page(
            page,
            title=described.spec.name,
            about=described.spec.about,
            paper=described.spec.paper or "",
            words=words,
            response=None if response is None else _drawn(response),
            levels=None if levels is None else levels.tolist(),
            symmetry=symmetry.conductance.tolist() if symmetry is not None and symmetry.meets else None,
            values=described.values,
            overwrite=overwrite,
        )
    console = screen()
    _say_what(console, described, words)
    if response is not None:
        _draw(console, response)
    if levels is not None:
        _show_levels(console, device, levels)
    show_numbers(console, "The device's numbers", described.values)
    if page is not None:
        console.print(f"page: {page}", soft_wrap=True)


def _say_what(console: Console, described: Description[DeviceSpec], words: Sequence[str]) -> None:
    spec = described.spec
    console.print(Text(spec.name, style="bold"))
    for text in (spec.about, spec.paper and f"Paper: {spec.paper}", *words):
        if text:
            console.print(Padding(Text(" ".join(text.split())), (0, 0, 0, 2)))
    console.print()


def _in_words(device: Any) -> list[str]:
    """What it is, in a sentence or two."""
    area = f"Area of a cell: {show(device.area, AREA)}"
    endurance = getattr(device, "endurance", None)
    if endurance:
        area += f"; it stands about {endurance:.3g} pulses"
    if isinstance(device, LevelDevice):
        return [f"A cell of kind {device.kind}, with {device.means.size} levels. {area}."]
    if not isinstance(device, PulsedDevice):
        return [f"A cell of kind {device.kind}. {area}."]
    low, high = (show(one, CONDUCTANCE) for one in (device.off_conductance, device.on_conductance))
    told = f"A cell of kind {device.kind}: {low} to {high}, {device.states:g} states."
    pulses = [f"up {_shapes(device.up_pulses)}"] if "up" in device.offers else []
    if device.down_pulse is not None:
        pulses.append(f"down {_shapes((device.down_pulse,))}")
    if device.reset_pulse is not None:
        pulses.append(f"back {_shapes((device.reset_pulse,))}")
    return [f"{told} Pulses: {', '.join(pulses)}. {area}."]


def _shapes(pulses: Sequence[PulseShape]) -> str:
    shapes = [f"{show(one.voltage, VOLTAGE)} for {show(one.width, TIME)}" for one in pulses]
    return " and ".join(shapes)


def _response_words(response: Response) -> list[str]:
    if not response.unmoved:
        return []
    return [f"{response.unmoved} of {_CELLS} simulated cells are moved by no pulse."]


def _symmetry_words(device: PulsedDevice, symmetry: Symmetry) -> str:
    if not symmetry.meets:
        return _unmet_words(device, symmetry.pairs)
    mean, spread = float(symmetry.conductance.mean()), float(symmetry.conductance.std())
    middle, half = device.low(1.0) + device.span(1.0) / 2, device.span(1.0) / 2
    weight, off = (mean - middle) / half, spread / half
    average, around = show(mean, CONDUCTANCE, 3), show(spread, CONDUCTANCE, 2)
    told = f"{average}, with a standard deviation of {around} over cells"
    shares = f"{weight:+.3f} and {off:.3f} where the range is -1 to 1"
    return f"Symmetry point, where alternating pulses lead: {told} ({shares})."


def _unmet_words(device: PulsedDevice, pairs: int) -> str:
    """Why there is no symmetry point, or that cells only take long to get there."""
    left, apart = device.unsettled(pairs), device.repelling_share
    none = "Alternating pulses lead to no symmetry point"
    if apart is not None and not 0 < device.symmetry_share < 1:
        return f"{none}: they lead cells away from {_at(device, apart)}, where steps up and down are alike."
    if left == 1 or device.steps_alike:
        return f"{none}: steps up and down are alike, so that nothing draws cells to one place."
    # Kinds that have no such point say of themselves that none of the distance is left, or all of it.
    if not 0 < left < _ALL:
        return f"{none}: where a cell ends depends on where it began."
    place = _at(device, device.symmetry_share)
    return (
        f"Alternating pulses lead to a symmetry point, {place} of a cell without spread, but slowly: "
        f"{pairs:,} pairs leave {100 * left:.3g} % of the way."
    )


def _at(device: PulsedDevice, share: float) -> str:
    """What a cell without spread conducts there in its range."""
    return show(device.low(1.0) + share * device.span(1.0), CONDUCTANCE, 3)


def _users_words(described: Description[DeviceSpec]) -> str:
    """The chips that ship and take their cells from it."""
    users = [name for name in shipped_names("architectures") if _takes_from(name, described.file)]
    if not users:
        return "No chip that ships takes its cells from it; --set device=NAME puts it into one."
    return f"Chips that ship and take their cells from it: {joined(users)}."


def _takes_from(chip: str, file: str) -> bool:
    """Whether a chip that ships has values of a file, itself or by what it extends."""
    return any(value.file == file for value in load_chip(chip).values)


def _drawn(response: Response) -> DrawnResponse:
    """The response as its page draws it."""
    low, median, high = _bands(response).tolist()
    pulses = [int(one) for stretch in response.stretches for one in stretch.pulses]
    return DrawnResponse(cells=_CELLS, pulses=pulses, low=low, median=median, high=high)


def _bands(response: Response) -> Sums:
    """What 10, 50 and 90 % of the cells stay below along all pulses (3, points), S."""
    bands = []
    for percent in (10, 50, 90):
        along = [stretch.share(percent) for stretch in response.stretches]
        bands.append(np.concatenate(along))
    return np.stack(bands)


def _draw(console: Console, response: Response) -> None:
    """The middle of all cells, and the median, along the pulses."""
    width = max(min(console.width - 2 - _LABEL, 100), 20)
    bands = _bands(response)
    points = bands.shape[1]
    columns = np.round(np.linspace(0, points - 1, min(width, max(points, 2)))).astype(int)
    low, high = float(bands.min()), float(bands.max())
    # A device whose cells nothing moves is a line in the middle.
    height = (high - low) or 1.0
    places = np.round((bands[:, columns] - low) / height * (_ROWS - 1)).astype(int)
    head = f"Pulse response of {_CELLS} simulated cells: median (*), and 10 to 90 % of them (:)"
    console.print(Text(head, style="bold"))
    ends = (0, _ROWS // 2, _ROWS - 1)
    labels = {row: show(low + height * row / (_ROWS - 1), CONDUCTANCE, 3) for row in ends}
    for row in reversed(range(_ROWS)):
        line = "".join(_mark(row, *places[:, place]) for place in range(columns.size))
        console.print(Text(f"  {labels.get(row, ''):>{_LABEL}}|{line.rstrip()}"), soft_wrap=True)
    console.print(Text(f"  {'':>{_LABEL}}+{'-' * columns.size}"), soft_wrap=True)
    console.print(Text(f"  {'':>{_LABEL}} {_along(response)}"), soft_wrap=True)
    console.print()


def _mark(row: int, low: int, middle: int, high: int) -> str:
    if row == middle:
        return "*"
    return ":" if low <= row <= high else " "


def _along(response: Response) -> str:
    """What the pulses were, from left to right."""
    told = []
    for stretch in response.stretches:
        many = int(stretch.pulses[-1] - stretch.pulses[0])
        one = "strong pulse back" if stretch.sort == "back" else f"{plural('pulse', many)} {stretch.sort}"
        told.append(f"{many} {one}")
    return ", then ".join(told)


def _show_levels(console: Console, device: LevelDevice, levels: Floats) -> None:
    rows = []
    for level, (mean, found) in enumerate(zip(device.means, levels, strict=True)):
        shares = [show(float(np.percentile(found, percent)), CONDUCTANCE, 3) for percent in (10, 50, 90)]
        rows.append((str(level), show(float(mean), CONDUCTANCE), *shares))
    heads = (f"Level of {_CELLS} simulated cells", "described", "10 %", "median", "90 %")
    put(console, table(*heads, rows=rows, right=(1, 2, 3, 4)))
    console.print()
