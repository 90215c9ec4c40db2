"""What read noise is to the tile that reads cells: how far one read may be off, by what a cell conducts."""

from __future__ import annotations

from typing import ClassVar

import attrs

from chipsim.spec.fields import at_least
from chipsim.spec.kind import Kind
from chipsim.units import Ps, Siemens

__all__ = ["ReadNoise"]


@attrs.frozen(kw_only=True)
class ReadNoise(Kind):
    """Gaussian noise of a cell's conductance, drawn anew for each read.

    A kind says the standard deviation as a share of what a cell conducts, by the duration of a read.
    """

    section: ClassVar[str] = "read_noise"
    floor: Siemens = attrs.field(default=Siemens(0.0), validator=at_least(0))
    """Standard deviation that every cell has besides, whatever it conducts; the two add as independent noise
    does."""

    def share_in(self, read_time: Ps) -> float:
        """Standard deviation over conductance in a read of this duration."""
        raise NotImplementedError
