"""How cells of a device differ, from cell to cell and from pulse to pulse; and which values are assumed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from chipsim.device.device import LevelDevice
from chipsim.device.types import Floats
from chipsim.spec.provenance import Value
from chipsim.units import CONDUCTANCE, show
from chipsim.wording import joined

__all__ = ["assumed_words", "level_spread_words", "spread_words"]

_BETWEEN_CELLS: Final = {
    "step_spread": "steps",
    "asymmetry_spread": "steps up from steps down",
    "range_spread": "ranges",
    "upper_spread": "upper bounds",
    "lower_spread": "lower bounds",
}
"""Keys that kinds of device have for it, and what differs by them."""
_BETWEEN_PULSES: Final = {
    "step_variation": "a step varies by",
    "up_variation": "a step up by",
    "write_noise": "what is written is off by",
}


def spread_words(device: Any) -> list[str]:
    """Sentences for a device that pulses move, by the keys that its kind has."""
    differing = dict(_BETWEEN_CELLS)
    if "down" not in device.offers:
        # What they step further up is drawn all the same, though there are no steps down to be shorter.
        differing["asymmetry_spread"] = "the same steps once more"
    apart = [
        f"{what} by {_percent(getattr(device, key))}"
        for key, what in differing.items()
        if getattr(device, key, 0)
    ]
    noisy = [
        f"{what} {_percent(getattr(device, key))}"
        for key, what in _BETWEEN_PULSES.items()
        if getattr(device, key, 0)
    ]
    told = [f"From cell to cell differ {joined(apart)}." if apart else "Cells are alike."]
    if noisy:
        told.append(f"From pulse to pulse, over a step: {joined(noisy)}.")
    stuck = getattr(device, "corrupt_cells", 0)
    if stuck:
        told.append(f"{_percent(stuck)} of the cells are stuck.")
    return told


def level_spread_words(device: LevelDevice, levels: Floats) -> list[str]:
    """A sentence for a device of levels, by its description where that has spreads.

    Parameters
    ----------
    device
        One that is written to levels.
    levels
        What simulated cells conduct at each level (levels, cells), S.
    """
    # Of simulated cells those below zero are cut, so that low levels look narrower than they are described.
    apart, of = device.spreads, "as described"
    if apart is None:
        apart, of = levels.std(axis=1), f"of {levels.shape[1]} simulated cells"
    low, high = (show(float(one), CONDUCTANCE, 3) for one in (apart.min(), apart.max()))
    differ = f"Cells that are written to a level differ by {low} to {high}"
    return [f"{differ}, one standard deviation of a level, {of}."]


def assumed_words(values: Sequence[Value]) -> str:
    """How many of a description's values are assumed, and which."""
    # Entries of a list are told by the list, each once.
    assumed = [value for value in values if value.kind == "assumed"]
    if not assumed:
        return f"None of {len(values)} values is assumed."
    names = dict.fromkeys(value.path.removeprefix("device.").partition("[")[0] for value in assumed)
    return f"Of {len(values)} values {len(assumed)} are assumed: {joined(list(names))}."


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"
