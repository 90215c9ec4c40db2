"""All crossings at once, by pulse trains on rows and columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final

import attrs

from chipsim.update.update import PulsedUpdate

__all__ = ["ParallelPulses"]

_PROBABILITY_BITS: Final = 24
"""Bits of the probability that a slot of a train has a pulse."""


@attrs.frozen(kw_only=True)
class ParallelPulses(PulsedUpdate):
    """Trains on all rows and all columns at once; a cell steps where two pulses meet.

    Source of stochastic trains: T. Gokmen, Y. Vlasov, Front. Neurosci. 10:333 (2016).
    """

    kind: ClassVar[str] = "parallel-pulses"

    @property
    def count_bits(self) -> int:
        """None: trains make the pulses, and nobody has to count."""
        return 0

    @property
    def least_pulses(self) -> tuple[float, str]:
        """A crossing asks for slots times the product of two probabilities, each of so many bits."""
        if self.encoding == "deterministic":
            return super().least_pulses
        # Either side rounds its probability to nearest, so the least is that of half a step on both.
        least = self.slots * 2.0 ** (-2 * _PROBABILITY_BITS - 2)
        return least, f"probabilities have {_PROBABILITY_BITS} bits"

    def idealised(self) -> Iterable[str]:
        """Rounding each crossing by itself, or drawing trains for nothing."""
        if self.encoding == "deterministic":
            yield (
                "Pulse numbers are rounded for each crossing by itself, which trains on rows and columns "
                "cannot do; the energy of half-selected cells that take any is a lower bound."
            )
        else:
            yield "Random numbers that pulse trains are drawn with take no time and no energy."

    def typical(self, shape: tuple[int, int]) -> tuple[int, int]:  # noqa: ARG002
        """The trains, whatever the sample."""
        # Of inputs that are not negative, which pixels and logistic units are: others take a second train.
        return self.slots, 1
