"""Read noise of one power density at all frequencies."""

from __future__ import annotations

import math
from typing import ClassVar

import attrs

from chipsim.noise.read_noise import ReadNoise
from chipsim.spec.fields import between, more_than
from chipsim.units import Ps, Share

__all__ = ["White"]


@attrs.frozen(kw_only=True)
class White(ReadNoise):
    """Noise without memory: a read that is four times as long averages it to a half.

    Examples
    --------
    >>> noise = White(share=2e-2, measured_over=Ps(100_000))
    >>> noise.share_in(Ps(100_000)), noise.share_in(Ps(400_000))
    (0.02, 0.01)
    """

    kind: ClassVar[str] = "white"
    share: Share = attrs.field(validator=between(0, 10))
    """Standard deviation of a cell's conductance in one read, over the conductance."""
    measured_over: Ps | None = attrs.field(default=None, validator=more_than(0))
    """Duration of the reads that the share holds for; None (null) where it holds for those of the tile."""

    def share_in(self, read_time: Ps) -> float:
        """By the root of how much longer it was measured."""
        # A read integrates: noise without memory averages out, and its bandwidth is that of the read.
        if self.measured_over is None:
            return self.share
        return self.share * math.sqrt(self.measured_over / read_time)
