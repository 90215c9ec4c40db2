"""The chips that ship, and networks small enough to try each of them on."""

from __future__ import annotations

from chipsim.spec import load_chip, shipped_names

__all__ = ["CHIPS", "ONE_LAYER", "network_for", "taught"]

CHIPS = shipped_names("architectures")
ONE_LAYER = tuple(
    name
    for name in CHIPS
    if getattr(getattr(load_chip(name).spec.tile, "backward", None), "adc", "built") is None
)
"""Those without a way back for errors, on which the last layer alone can learn."""


def network_for(chip, *, hidden=12):
    """An override with a network of digits that a chip can train: with a hidden layer where errors reach it."""
    return "network.layers=[784, 10]" if chip in ONE_LAYER else f"network.layers=[784, {hidden}, 10]"


def taught(chip):
    """An override that has a chip train what it can of mnist-5k; none where that is all of it."""
    return [network_for(chip)] if chip in ONE_LAYER else []
