"""Tiles whose cells change by time alone."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from chipsim.device.aging import Aging
from chipsim.device.device import Device
from chipsim.device.randomness import generator
from chipsim.synapse.carrier import Carrier
from chipsim.units import Ns

__all__ = ["Drifting", "Drifts"]


@runtime_checkable
class Drifting(Protocol):
    """A tile that is told what time it is; weights of others stay as they are."""

    @property
    def drifts(self) -> bool:
        """Whether time changes its cells."""

    def drift_until(self, now: Ns) -> None:
        """Bring cells to what they conduct at an instant, by the clock of the run."""

    def missed(self, interval: int) -> float:
        """Largest share by which cells may be off that are brought up to date once in an interval, ns."""

    def restart_time(self) -> None:
        """Be told that the clock begins anew, for cells that were written before."""


class Drifts:
    """A tile that has its cells drift by the law of their device, and by none where it has none."""

    device: Device
    carrier: Carrier
    aging: tuple[Aging, ...]
    """Of its arrays; not there where nothing drifts, for who has no state remembers none."""

    @property
    def drifts(self) -> bool:
        """Whether their device has a law for it."""
        return self.device.drift is not None

    def begin_aging(self, seed: int) -> None:
        """Have cells drift from now on, each array by its own draws, where their device has a law for it."""
        drift = self.device.drift
        if drift is not None:
            # Each by the name of its array: what another one draws changes nothing of it.
            aged = self.carrier.aged()
            self.aging = tuple(Aging(drift, one, rng=generator(seed, f"{one.array}.drift")) for one in aged)

    def drift_until(self, now: Ns) -> None:
        """Array after array; sums of lines, and what weights read as, follow where any cell changed."""
        changed = [one.until(now) for one in getattr(self, "aging", ())]
        if any(changed):
            self.carrier.drifted()

    def missed(self, interval: int) -> float:
        """As :meth:`Drift.missed` has it; zero where nothing drifts."""
        drift = self.device.drift
        return 0.0 if drift is None else drift.missed(interval)

    def unwritten(self, *, share: float) -> tuple[int, int]:
        """Cells that nothing ever wrote and that lost more than a share all the same, and all that drift."""
        aging: tuple[Aging, ...] = getattr(self, "aging", ())
        return sum(one.unwritten(share=share) for one in aging), sum(one.cells for one in aging)

    def restart_time(self) -> None:
        """Array after array."""
        for one in getattr(self, "aging", ()):
            one.restart()
