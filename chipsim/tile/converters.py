"""Banks of DACs and ADCs, several lines sharing one converter by multiplexing."""

from __future__ import annotations

import attrs
import simpy

from chipsim.ledger import Ledger, Timed
from chipsim.parts.leakage import Leakage, leaking
from chipsim.parts.part import Part, Port
from chipsim.spec.costs import ConverterCost, CostSet, SampleHoldCost
from chipsim.tile.passes import Adc, Dac, Pass
from chipsim.units import Aj, Nm2, Ps

__all__ = ["AdcBank", "Bank", "ConverterBank", "DacBank"]


class ConverterBank(Part):
    """Converters on one side of a tile.

    Lines are interleaved over the converters, so `n` lines take ``ceil(n / converters)`` conversions one
    after another, whichever lines they are.

    Parameters
    ----------
    spec
        The converter as described.
    lines
        Lines of the tile on this side.
    cost
        Time, energy and area of one converter.
    """

    def __init__(
        self,
        env: simpy.Environment,
        name: str,
        *,
        ledger: Ledger,
        spec: Dac | Adc,
        lines: int,
        cost: ConverterCost,
    ) -> None:
        super().__init__(env, name, ledger=ledger)
        self.spec = spec
        self.cost = cost
        self.lines = lines
        # The last converter may have fewer lines than the others: lines of the tile, not of the layer, count.
        self.converters = -(-lines // spec.lines_per_converter)

    @property
    def area(self) -> Nm2:
        """All converters."""
        return Nm2(self.converters * self.cost.area)

    @property
    def leakage(self) -> Leakage:
        """All converters."""
        named = f"{self.kind.upper()}s of {self.spec.bits} bits"
        return leaking(self.cost.leakage, self.converters, of=named)

    @property
    def about(self) -> str:
        """Count and resolution."""
        sort = f"{self.spec.bits}-bit {self.kind.upper()}"
        told = f"{self.converters} x {sort} for {self.lines} lines"
        return f"{told}; ideal: priced as such, numbers pass unrounded" if self.spec.ideal else told

    def time(self, lines: int) -> Ps:
        """Time to convert `lines` lines."""
        return Ps(-(-lines // self.converters) * self.cost.time)

    def energy(self, lines: int) -> Aj:
        """Energy to convert `lines` lines."""
        return Aj(lines * self.cost.energy)

    def converted(self, action: str, lines: int, *, times: int = 1, ago: Ps | None = None) -> Timed:
        """What converting `lines` lines is charged, so many times over, `ago` after the first began."""
        busy, energy = Ps(times * self.time(lines)), Aj(times * self.energy(lines))
        return self.charged(action, busy, ago=ago, energy=energy, count=times * lines)


class DacBank(ConverterBank):
    """The DACs that drive one side of a tile."""

    kind = "dac"
    ports = (Port("in", "data"), Port("out", "analog"))


class AdcBank(ConverterBank):
    """The ADCs that read one side of a tile, each line with a sample-and-hold before them."""

    kind = "adc"
    ports = (Port("in", "analog"), Port("out", "data"))

    def __init__(
        self,
        env: simpy.Environment,
        name: str,
        *,
        ledger: Ledger,
        spec: Adc,
        lines: int,
        cost: ConverterCost,
        sample_hold: SampleHoldCost,
    ) -> None:
        super().__init__(env, name, ledger=ledger, spec=spec, lines=lines, cost=cost)
        self._sample_hold = sample_hold

    @property
    def area(self) -> Nm2:
        """Converters and sample-and-holds."""
        return Nm2(super().area + self.lines * self._sample_hold.area)

    @property
    def leakage(self) -> Leakage:
        """Converters and sample-and-holds."""
        return super().leakage + leaking(self._sample_hold.leakage, self.lines, of="sample-and-holds")

    def time(self, lines: int) -> Ps:
        """One sample of all lines at once, then the conversions."""
        return Ps(self._sample_hold.time + super().time(lines))

    @property
    def sampling(self) -> Ps:
        """Time for which the lines must stand while they are sampled."""
        return self._sample_hold.time

    def energy(self, lines: int) -> Aj:
        """Samples and conversions."""
        return Aj(super().energy(lines) + lines * self._sample_hold.energy)


@attrs.frozen
class Bank:
    """What drives and what reads one direction of a tile, as parts."""

    dac: DacBank
    adc: AdcBank

    @classmethod
    def of(
        cls,
        env: simpy.Environment,
        prefix: str,
        *,
        ledger: Ledger,
        spec: Pass,
        driven: int,
        read: int,
        costs: CostSet,
    ) -> Bank:
        """The converters of a direction.

        Parameters
        ----------
        prefix
            What their names begin with.
        spec
            The direction as described.
        driven, read
            Lines of the whole tile on either side, in use or not.
        costs
            The cost set.
        """
        dac, adc = spec.dac, spec.adc
        assert adc is not None, "asked before"
        dac_cost, adc_cost = _of_bits(costs.dac, dac.bits), _of_bits(costs.adc, adc.bits)
        driving = DacBank(env, f"{prefix}dac", ledger=ledger, spec=dac, lines=driven, cost=dac_cost)
        reading = AdcBank(
            env, f"{prefix}adc", ledger=ledger, spec=adc, lines=read, cost=adc_cost,
            sample_hold=costs.sample_hold,
        )  # fmt: skip
        return cls(driving, reading)


def _of_bits(table: tuple[ConverterCost, ...], bits: int) -> ConverterCost:
    """The converter of a resolution; that it is there was checked with the description."""
    return next(cost for cost in table if cost.bits == bits)
