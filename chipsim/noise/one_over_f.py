"""Read noise whose power density falls with frequency."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, ClassVar

import attrs

from chipsim.noise.read_noise import ReadNoise
from chipsim.spec.fault import Fault
from chipsim.spec.fields import between, more_than
from chipsim.units import DURATION, Ns, Ps, Share, show

__all__ = ["OneOverF"]

_PS_PER_NS = 1000


@attrs.frozen(kw_only=True)
class OneOverF(ReadNoise):
    """Noise of the power density ``(share G)^2 / f``, over the frequencies that a read sees.

    A read of duration t sees frequencies up to 1 / 2t; fluctuations slower than `longest` are not noise but
    part of what a cell was programmed to. The variance between the two is ``(share G)^2 ln(longest / 2t)``.

    Examples
    --------
    >>> noise = OneOverF(share=1e-2, longest=Ns(1_000_000_000))
    >>> round(noise.share_in(Ps(250_000)), 4)
    0.0381
    """

    kind: ClassVar[str] = "one-over-f"
    share: Share = attrs.field(validator=between(0, 10))
    """Root of power density times frequency, over the conductance."""
    longest: Ns = attrs.field(validator=more_than(0))
    """Period of the slowest fluctuation that counts: about the time from when cells are written, or
    calibrated, until they are read."""

    def share_in(self, read_time: Ps) -> float:
        """By the frequencies that are left."""
        return self.share * math.sqrt(math.log(self.longest * _PS_PER_NS / (2 * read_time)))

    def faults(self, chip: Any) -> Iterable[Fault]:
        """Fluctuations that are all faster than a read can see."""
        # What lies beside a digital tile is read by nobody.
        read_time = getattr(chip.tile, "read_time", None)
        if read_time is not None and self.longest * _PS_PER_NS <= 2 * read_time:
            least = show(2 * read_time / _PS_PER_NS, DURATION)
            message = f"must be more than two reads take, {least}, not {show(self.longest, DURATION)}"
            yield Fault(("device", self.section, "longest"), message)

    def idealised(self) -> Iterable[str]:
        """That nothing of it outlasts a read."""
        yield (
            "Read noise is drawn anew for each read, also its slow part, which hardware would meet again in "
            "the next reads."
        )
