"""Links: wires and routers that a transfer holds from end to end."""

from __future__ import annotations

import simpy

from chipsim.ledger import Ledger
from chipsim.parts.part import Part, Port
from chipsim.spec.costs import RouterCost, WireCost
from chipsim.units import Aj, Bits, Hertz, Nm, Nm2, Ps

__all__ = ["Link"]

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
    ) -> None:
        super().__init__(env, name, ledger=ledger)
        self.width = width
        self.cycle = Ps(round(_PS_PER_S / clock))
        self._length = length
        self._router = router
        self._wire = wire
        self.latency = Ps(router.time + _rounded(wire.time_per_mm * length))

    @property
    def area(self) -> Nm2:
        """Router and wires."""
        return Nm2(self._router.area + _rounded(self._wire.area_per_bit_mm * self.width * self._length))

    @property
    def about(self) -> str:
        """Width and length."""
        return f"{self.width} bits wide, {self._length / _NM_PER_MM:g} mm"

    def energy(self, bits: int) -> Aj:
        """Energy of moving `bits` over it."""
        wires = _rounded(self._wire.energy_per_bit_mm * bits * self._length)
        return Aj(bits * self._router.energy_per_bit + wires)


def _rounded(per_mm_times_nm: int) -> int:
    """A product with a length in nanometres over a price per millimetre, rounded half up."""
    return (per_mm_times_nm + _NM_PER_MM // 2) // _NM_PER_MM
