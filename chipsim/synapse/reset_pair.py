"""One pair of cells a weight that pulses only lower."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs

from chipsim.device.device import Device, PulsedDevice
from chipsim.synapse.lowered_pair import LoweredPairs
from chipsim.synapse.pair import Pairs
from chipsim.synapse.synapse import PulsedSynapse

__all__ = ["ResetPair"]


@attrs.frozen(kw_only=True)
class ResetPair(PulsedSynapse):
    """A weight as the difference of two cells that are SET at once and RESET step by step.

    A weight is lowered by lowering its plus cell and raised by lowering its minus cell, so a pair runs out of
    range when either is at its bottom; recentring SETs both and lowers them to their difference again.

    References
    ----------
    Dong 2018: analog pairs.
    """

    kind: ClassVar[str] = "reset-pair"
    needs: ClassVar[frozenset[str]] = frozenset({"down", "set"})
    pairs_of: ClassVar[type[Pairs]] = LoweredPairs

    @property
    def gains(self) -> Mapping[str, float]:
        """One pair, of cells as described."""
        return {"pair": 1.0}

    @property
    def words(self) -> str:
        """The pair, and which way its cells go."""
        return "one pair of cells each, which pulses lower"

    def weight_steps(self, device: Device) -> Mapping[str, float]:
        """Over the states of a cell that weights are kept in."""
        assert isinstance(device, PulsedDevice), "checked with the description"
        return {"pair": self.weight_range * device.step(1.0) / device.span(1.0)}
