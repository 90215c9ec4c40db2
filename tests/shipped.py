"""The chips that ship, and networks small enough to try each of them on."""

from __future__ import annotations

from chipsim.spec import load_chip, shipped_names

__all__ = ["CHIPS", "ONE_ARRAY", "ONE_LAYER", "network_for", "taught"]

CHIPS = shipped_names("architectures")
ONE_LAYER = tuple(
    name
    for name in CHIPS
    if getattr(getattr(load_chip(name).spec.tile, "backward", None), "adc", "built") is None
)
"""Those without a way back for errors, on which the last layer alone can learn."""


ONE_ARRAY = ("tiki-taka-8x4",)
"""Those of one array of a few cells, of which a network of digits would take tens of thousands."""
_EIGHT_INPUTS = (
    "network.layers=[8, 2]", "network.bias=false", "phases[*].dataset.classes=[0, 1]", "phases[*].dataset.projection=8",
)  # fmt: skip


def network_for(chip):
    """Overrides of mnist-5k with a small network that a chip can train: with a hidden layer where errors reach it."""
    if chip in ONE_ARRAY:
        return list(_EIGHT_INPUTS)
    return ["network.layers=[784, 10]" if chip in ONE_LAYER else "network.layers=[784, 12, 10]"]


def taught(chip):
    """Overrides that have a chip train what it can of mnist-5k; none where that is all of it."""
    return network_for(chip) if chip in ONE_LAYER or chip in ONE_ARRAY else []
