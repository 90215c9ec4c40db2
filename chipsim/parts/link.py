"""Links: wires and routers that a transfer holds from end to end."""

from __future__ import annotations

from typing import ClassVar

import simpy

from chipsim.ledger import Ledger
from chipsim.parts.leakage import NO_LEAKAGE, Gated, Leakage, leaking
from chipsim.parts.part import Part, Port
from chipsim.spec.costs import RouterCost, WireCost
from chipsim.units import Aj, Aw, Bits, Hertz, Nm, Nm2, Ps

__all__ = ["Link", "Router"]

_NM_PER_MM = 1_000_000
_PS_PER_S = 1_000_000_000_000


class Link(Part):
    """One link: a bundle of wires behind one router (or bus interface).

    Parameters
    ----------
    width
        Wires, each carrying one bit a cycle.
    clock
        Its frequency.
    length
        Length of the wires.
    interface
        Whether its router is its own: the bus interface, or that of a link between two parts. Links that end
        at routers of the interconnect share those, and have the area of their wires only.
    """

    kind = "link"
    ports = (Port("link", "data"),)

    def __init__(
        self,
        env: simpy.Environment,
        name: str,
        *,
        ledger: Ledger,
        width: Bits,
        clock: Hertz,
        length: Nm,
        wire: WireCost,
        router: RouterCost,
        interface: bool = True,
    ) -> None:
        super().__init__(env, name, ledger=ledger)
        self.width = width
        # Clocks are refused beyond 1 THz, so a cycle never rounds to nothing.
        self.cycle = Ps(round(_PS_PER_S / clock))
        self._length = length
        self._router = router
        self._interface = interface
        self._wire = wire
        self.latency = Ps(router.time + _rounded(wire.time_per_mm * length))

    @property
    def area(self) -> Nm2:
        """Wires, and the router where it is the link's own."""
        wires = _rounded(self._wire.area_per_bit_mm * self.width * self._length)
        # A router that several links end at is a part of its own, with its own area: it counts once.
        return Nm2(wires + (self._router.area if self._interface else 0))

    @property
    def leakage(self) -> Leakage:
        """Wires, and the router where it is the link's own."""
        price = self._wire.leakage_per_bit_mm
        power = None if price is None else Aw(_rounded(price * self.width * self._length))
        wires = leaking(power, 1 if self._length else 0, of="wires")
        return wires + (_of_router(self._router) if self._interface else NO_LEAKAGE)

    @property
    def about(self) -> str:
        """Width and length."""
        return f"{self.width} bits wide, {self._length / _NM_PER_MM:g} mm"

    def energy(self, bits: int) -> Aj:
        """Energy of moving `bits` over it."""
        wires = _rounded(self._wire.energy_per_bit_mm * bits * self._length)
        return Aj(bits * self._router.energy_per_bit + wires)


class Router(Part):
    """A point of the interconnect where links meet: area here, time and energy with the links into it."""

    kind = "router"
    gated: ClassVar[Gated] = "never"
    """Nobody charges it any time: that of links into it is theirs."""
    ports = (Port("link", "data"),)

    def __init__(self, env: simpy.Environment, name: str, *, ledger: Ledger, cost: RouterCost) -> None:
        super().__init__(env, name, ledger=ledger)
        self._cost = cost

    @property
    def area(self) -> Nm2:
        """One router."""
        return self._cost.area

    @property
    def leakage(self) -> Leakage:
        """One router."""
        return _of_router(self._cost)


def _of_router(cost: RouterCost) -> Leakage:
    return leaking(cost.leakage, 1, of="routers and bus interfaces")


def _rounded(per_mm_times_nm: int) -> int:
    """A product with a length in nanometres over a price per millimetre, rounded half up."""
    # In whole numbers from beginning to end: time and energy are exact, and no sum of them depends on order.
    return (per_mm_times_nm + _NM_PER_MM // 2) // _NM_PER_MM
