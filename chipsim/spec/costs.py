"""Cost sets: what each kind of part takes in time, energy and area, and leaks, at one technology node."""

from __future__ import annotations

import attrs

from chipsim.spec.fields import at_least, more_than
from chipsim.units import Aj, Aw, Nm2, Ps

__all__ = [
    "ArithmeticCost",
    "ConverterCost",
    "CostSet",
    "DriverCost",
    "MemoryCost",
    "RouterCost",
    "SampleHoldCost",
    "SelectorCost",
    "WireCost",
]


@attrs.frozen(kw_only=True)
class ConverterCost:
    """One resolution of DAC or ADC."""

    bits: int = attrs.field(validator=at_least(1))
    time: Ps = attrs.field(validator=at_least(1))
    """Time of one conversion."""
    energy: Aj = attrs.field(validator=at_least(0))
    """Energy of one conversion."""
    area: Nm2 = attrs.field(validator=at_least(0))
    """Area of one converter."""
    leakage: Aw | None = attrs.field(default=None, validator=at_least(0))
    """Power that one converter takes while it is powered, whatever it does; None where it is not known."""


@attrs.frozen(kw_only=True)
class SampleHoldCost:
    """One sample-and-hold, which keeps the current of a line until it is converted."""

    time: Ps = attrs.field(validator=at_least(1))
    """Time of one sample."""
    energy: Aj = attrs.field(validator=at_least(0))
    """Energy of one sample."""
    area: Nm2 = attrs.field(validator=at_least(0))
    leakage: Aw | None = attrs.field(default=None, validator=at_least(0))
    """Of one of them, or None."""


@attrs.frozen(kw_only=True)
class DriverCost:
    """The write driver of one row or column, without the cells that it drives."""

    time: Ps = attrs.field(validator=at_least(0))
    """Rise, fall and recovery added to each pulse slot."""
    energy: Aj = attrs.field(validator=at_least(0))
    """Energy of charging one line once."""
    line_cells: int | None = attrs.field(default=None, validator=at_least(1))
    """Cells on the line that `energy` is for; longer and shorter lines take it in proportion to their cells.
    None charges every line alike, whatever its length."""
    area: Nm2 = attrs.field(validator=at_least(0))
    """Area of one driver."""
    leakage: Aw | None = attrs.field(default=None, validator=at_least(0))
    """Of one driver, or None."""


@attrs.frozen(kw_only=True)
class ArithmeticCost:
    """One lane of a digital unit in one number format: energy per operation, area of the lane."""

    add: Aj = attrs.field(validator=at_least(0))
    multiply: Aj = attrs.field(validator=at_least(0))
    compare: Aj = attrs.field(validator=at_least(0))
    function: Aj = attrs.field(validator=at_least(0))
    """One look-up of a non-linear function, such as a logistic sigmoid."""
    area: Nm2 = attrs.field(validator=at_least(0))
    """Area of one lane."""
    leakage: Aw | None = attrs.field(default=None, validator=at_least(0))
    """Of one lane, or None."""


@attrs.frozen(kw_only=True)
class SelectorCost:
    """The array-selection logic: energy per operation on its counters, area of one lane of it."""

    add: Aj = attrs.field(validator=at_least(0))
    compare: Aj = attrs.field(validator=at_least(0))
    area: Nm2 = attrs.field(validator=at_least(0))
    leakage: Aw | None = attrs.field(default=None, validator=at_least(0))
    """Of one lane, or None."""


@attrs.frozen(kw_only=True)
class MemoryCost:
    """On-chip memory (SRAM), per bit and per access."""

    time: Ps = attrs.field(validator=at_least(1))
    """Time of one access of the memory's width."""
    read: Aj = attrs.field(validator=at_least(0))
    """Energy of reading one bit."""
    write: Aj = attrs.field(validator=at_least(0))
    """Energy of writing one bit."""
    area: Nm2 = attrs.field(validator=at_least(0))
    """Area of one bit, periphery included."""
    leakage: Aw | None = attrs.field(default=None, validator=at_least(0))
    """Of one bit, periphery included, or None."""


@attrs.frozen(kw_only=True)
class WireCost:
    """A wire of one bit and one millimetre."""

    time_per_mm: Ps = attrs.field(validator=at_least(0))
    energy_per_bit_mm: Aj = attrs.field(validator=at_least(0))
    area_per_bit_mm: Nm2 = attrs.field(validator=at_least(0))
    leakage_per_bit_mm: Aw | None = attrs.field(default=None, validator=at_least(0))
    """Of the repeaters along it, or None."""


@attrs.frozen(kw_only=True)
class RouterCost:
    """One router (or bus interface) that data passes on its way."""

    time: Ps = attrs.field(validator=at_least(0))
    """Time for the head of a transfer to pass."""
    energy_per_bit: Aj = attrs.field(validator=at_least(0))
    area: Nm2 = attrs.field(validator=at_least(0))
    leakage: Aw | None = attrs.field(default=None, validator=at_least(0))
    """Of one router, or None."""


@attrs.frozen(kw_only=True)
class CostSet:
    """A complete set of component costs at one node; a chip names one, a run may replace it."""

    name: str
    about: str
    node: str
    """Technology node, such as ``32 nm``."""
    adc: tuple[ConverterCost, ...]
    dac: tuple[ConverterCost, ...]
    sample_hold: SampleHoldCost
    write_driver: DriverCost
    arithmetic: dict[str, ArithmeticCost]
    """By number format: ``fixed-16``, ``float-32``."""
    sram: MemoryCost
    wire: WireCost
    router: RouterCost
    selector: SelectorCost
    """The array-selection logic."""
    clock: Ps = attrs.field(validator=more_than(0))
    """Cycle of the digital logic."""
