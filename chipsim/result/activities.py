"""Where the time and the energy of a saved run went: its ledger, by what the chip was doing and by unit.

Every line of the ledger belongs to exactly one activity, so activities add up to the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from chipsim.result import LedgerRow, Result

__all__ = ["ACTIVITIES", "UNITS", "Activity", "Busiest", "activities", "activity_of", "busiest_parts"]

ACTIVITIES: Final[Mapping[str, str]] = {
    "analog forward": "driving, reading and converting crossbars in forward passes",
    "analog backward": "driving, reading and converting crossbars in backward passes",
    "digital forward": "multiplying weights in digital memories in forward passes",
    "digital backward": "multiplying weights in digital memories in backward passes",
    "normalisation and activations": "what the digital unit makes of results: partial sums, scaling, "
    "normalisation, activations, losses and errors",
    "digital update": "gradients and changes of weights that digital logic computes",
    "selection": "deciding which weights are changed",
    "memory": "reading and writing memories and buffers",
    "reprogramming": "RESETs and SETs to levels, with verifying and trying again",
    "pulsed update": "small pulses that change weights in place, and recentring of pairs",
    "transfers": "moving data over links",
    "initial writing": "writing initial weights",
    "other": "whatever belongs to none of these",
}
"""What a chip may be doing, in the order of a training step, and what each comprises."""

_ON_CROSSBAR: Final = {
    "forward": "analog forward",
    "backward": "analog backward",
    "program": "reprogramming",
    "verify": "reprogramming",
    "retry": "reprogramming",
    "update": "pulsed update",
    "pulse": "pulsed update",
    "recentre": "pulsed update",
}
_ON_WEIGHTS: Final = {
    "forward": "digital forward",
    "backward": "digital backward",
    "update": "digital update",
}
_IN_DIGITAL: Final = dict.fromkeys(("update", "gradient", "count-pulses"), "digital update")
_BY_ACTION: Final[Mapping[str, Mapping[str, str]]] = {
    **dict.fromkeys(("adc", "dac", "array", "driver", "tile"), _ON_CROSSBAR),
    **dict.fromkeys(("mac", "sram"), _ON_WEIGHTS),
    "digital": _IN_DIGITAL,
}
_BY_KIND: Final = {
    "digital": "normalisation and activations",
    "selector": "selection",
    "memory": "memory",
    "buffer": "memory",
    "link": "transfers",
    "router": "transfers",
}
"""For every action that :data:`_BY_ACTION` does not tell apart."""


UNITS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("array", "driver", "dac", "adc", "mac", "sram", "tile"), "tiles"),
    "digital": "digital unit",
    "selector": "selector",
    "memory": "memory",
    "buffer": "buffer",
    **dict.fromkeys(("link", "router"), "links"),
}
"""The unit of a chip that parts of a kind belong to; parts of other kinds belong to none."""


@attrs.frozen(kw_only=True)
class Busiest:
    """The part of a unit that was busy for longest."""

    unit: str
    """One of the values of :data:`UNITS`."""
    part: str
    busy_ps: int
    share: float
    """Of the time on chip, from 0 to 1."""
    parts: int
    """How many parts of the unit were busy at all."""


@attrs.frozen(kw_only=True)
class Activity:
    """What one activity took."""

    busy_ps: int
    """Time for which parts were held, summed over them: parts that work side by side make it longer than
    the time on the chip."""
    energy_aj: int


def activity_of(row: LedgerRow) -> str:
    """Which of :data:`ACTIVITIES` a line of the ledger belongs to, by its kind of part and its action."""
    usual = _BY_KIND.get(row.kind, "other")
    # What moves initial weights over links is a transfer, like anything else that moves there.
    if row.action in ("initialise", "centre") and usual != "transfers":
        return "initial writing"
    return _BY_ACTION.get(row.kind, {}).get(row.action, usual)


def activities(result: Result) -> dict[str, Activity]:
    """Busy time and energy by activity, in the order of :data:`ACTIVITIES`, without those that took nothing.

    Both add up to the totals of the ledger, and energy to that of the run.
    """
    busy, energy = dict.fromkeys(ACTIVITIES, 0), dict.fromkeys(ACTIVITIES, 0)
    for row in result.ledger:
        name = activity_of(row)
        busy[name] += row.busy_ps
        energy[name] += row.energy_aj
    found = {}
    for name in ACTIVITIES:
        if busy[name] or energy[name]:
            found[name] = Activity(busy_ps=busy[name], energy_aj=energy[name])
    return found


def busiest_parts(result: Result) -> tuple[Busiest, ...]:
    """For each unit the part that was busy for longest, in the order of :data:`UNITS`.

    A part with one server does one thing at a time: its share of the time on chip is at most 1, and a unit
    whose share is close to that paces the run. Shares of different units overlap and do not add up. Of parts
    that are busy for equally long the first by name stands for all. Units that were never busy are left out,
    and all are where the time on chip is not known.
    """
    elapsed = result.summary.get("simulated_time_ps")
    if not elapsed:
        return ()
    by_unit: dict[str, dict[str, int]] = {unit: {} for unit in UNITS.values()}
    for row in result.ledger:
        if row.busy_ps and row.kind in UNITS:
            busy = by_unit[UNITS[row.kind]]
            busy[row.part] = busy.get(row.part, 0) + row.busy_ps
    return tuple(_busiest(unit, busy, elapsed=elapsed) for unit, busy in by_unit.items() if busy)


def _busiest(unit: str, parts: Mapping[str, int], *, elapsed: int) -> Busiest:
    # One part and not all of them: they work side by side, and their sum may exceed the time there was.
    part = min(parts, key=lambda name: (-parts[name], name))
    return Busiest(unit=unit, part=part, busy_ps=parts[part], share=parts[part] / elapsed, parts=len(parts))
