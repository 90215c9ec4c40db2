"""What a chip description says: frozen classes, one a section of the file."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, get_args, get_type_hints

import attrs

from chipsim.spec.fields import at_least, between, more_than, one_of
from chipsim.spec.kind import Kind
from chipsim.spec.kinds import shipped_kind
from chipsim.spec.levels import MemorySpec
from chipsim.units import Bits, Ps, Volts

__all__ = [
    "AdcSpec",
    "BufferSpec",
    "ChipSpec",
    "CrossbarTileSpec",
    "DacSpec",
    "DigitalUnitSpec",
    "MacTileSpec",
    "PassSpec",
    "TileSpec",
    "kinds_of",
]


@attrs.frozen(kw_only=True)
class DacSpec:
    """The converters that drive one side of a tile."""

    bits: int = attrs.field(validator=between(1, 16))
    lines_per_converter: int = attrs.field(default=1, validator=at_least(1))
    """Lines that one converter serves one after another."""
    ideal: bool = False
    """Numbers pass unchanged; time and energy stay those of `bits`."""


@attrs.frozen(kw_only=True)
class AdcSpec:
    """The converters that read one side of a tile, shared by column multiplexing."""

    bits: int = attrs.field(validator=between(1, 16))
    range: float = attrs.field(validator=more_than(0, up_to=1e9))
    """Full scale, in units of weight times input; results beyond it are clipped."""
    lines_per_converter: int = attrs.field(default=1, validator=at_least(1))
    """Lines multiplexed onto one converter, converted one after another."""
    noise: float = attrs.field(default=0.0, validator=between(0, 65_536))
    """Standard deviation of the input-referred noise, in steps of the converter."""
    ideal: bool = False
    """Numbers pass unchanged; time and energy stay those of `bits`."""


@attrs.frozen(kw_only=True)
class PassSpec:
    """One direction of reading a crossbar: what drives it and what reads it."""

    dac: DacSpec
    adc: AdcSpec
    scaling: Literal["fixed", "maximum"] = attrs.field(default="fixed", validator=one_of("fixed", "maximum"))
    """``maximum``: the digital unit divides inputs by their largest magnitude, and scales results back."""


@attrs.frozen(kw_only=True)
class CrossbarTileSpec:
    """A resistive tile: the synapse's arrays with shared drivers and converters."""

    kind: ClassVar[str] = "crossbar"
    needs: ClassVar[frozenset[str]] = frozenset({"cells"})
    offers: ClassVar[frozenset[str]] = frozenset()
    rows: int = attrs.field(validator=between(1, 65_536))
    columns: int = attrs.field(validator=between(1, 65_536))
    """Weights side by side; a synapse of two adjacent cells takes two bit lines for each."""
    count: int | Literal["auto"] = attrs.field(default="auto", validator=at_least(1))
    """Tiles on the chip; ``auto`` builds as many as the workload needs."""
    read_voltage: Volts = attrs.field(validator=more_than(0))
    """Voltage of a full-scale input."""
    read_time: Ps = attrs.field(validator=more_than(0))
    """Time for the currents to settle and be sampled."""
    unused_lines: Literal["grounded", "cut-off"] = attrs.field(
        default="grounded", validator=one_of("grounded", "cut-off")
    )
    """What rows and columns beyond a layer's size do. ``grounded``: they are held where lines in use stand
    that are not driven, so their cells take current from every driven line that crosses them. ``cut-off``:
    switches end each line at the last cell in use, and cells beyond take nothing."""
    forward: PassSpec
    backward: PassSpec


@attrs.frozen(kw_only=True)
class MacTileSpec:
    """A digital tile: weights in SRAM beside an array of multiply-accumulate lanes."""

    kind: ClassVar[str] = "mac"
    needs: ClassVar[frozenset[str]] = frozenset({"numbers"})
    offers: ClassVar[frozenset[str]] = frozenset()
    rows: int = attrs.field(validator=between(1, 65_536))
    columns: int = attrs.field(validator=between(1, 65_536))
    count: int | Literal["auto"] = attrs.field(default="auto", validator=at_least(1))
    lanes: int = attrs.field(validator=between(1, 65_536))
    """Multiply-accumulate operations in one cycle."""
    mapping: Literal["columns", "block"] = attrs.field(
        default="columns", validator=one_of("columns", "block")
    )
    """``columns``: a lane works on one column at a time, and lanes beyond the columns are idle, so a pass
    takes rows x ceil(columns / lanes) cycles. ``block``: lanes take weights of any rows and columns, and a
    pass takes ceil(weights / lanes) cycles; wires that bring any word to any lane are not charged."""


@attrs.frozen(kw_only=True)
class DigitalUnitSpec:
    """The shared digital unit: activations, errors, partial sums."""

    lanes: int = attrs.field(validator=between(1, 65_536))
    """Operations in one cycle."""
    arithmetic: str = "fixed-16"
    """Number format, as the cost set names it: each activation and each error is rounded to it, and spans
    plus and minus one in fixed point; inside the formula that makes it, from the sums of all blocks on,
    numbers are wide. Hidden weights need ``float-32``."""


@attrs.frozen(kw_only=True)
class BufferSpec:
    """The on-chip memory for samples and activations."""

    size: Bits = attrs.field(validator=more_than(0))
    width: Bits = attrs.field(validator=more_than(0))
    """Bits of one access."""


TileSpec = CrossbarTileSpec | MacTileSpec

# Unions that a description tells apart by its `kind`; the reader looks them up here.
TAGGED: dict[str, tuple[type[Any], ...]] = {
    "tile": (CrossbarTileSpec, MacTileSpec),
}


def kinds_of(spec: type[Any]) -> tuple[str, ...]:
    """The kinds that a class describes: one, or those that its own field `kind` allows."""
    if "kind" in attrs.fields_dict(spec):
        return get_args(get_type_hints(spec)["kind"])
    return (spec.kind,)


def _in_place() -> Kind:
    return shipped_kind("rule", "outer-product-sgd")()


def _no_selection() -> Kind:
    return shipped_kind("selector", "fixed")()


@attrs.frozen(kw_only=True)
class ChipSpec:
    """One chip: its cells, how they carry a weight, its tiles, units and links."""

    name: str
    about: str
    paper: str | None = None
    synapse: Kind
    device: Kind | None = None
    """None for a chip without resistive cells."""
    tile: TileSpec
    update: Kind
    selector: Kind = attrs.field(factory=_no_selection)
    digital: DigitalUnitSpec
    memory: MemorySpec | None = None
    """The digital unit's memory; None for a chip that keeps all its state in tiles."""
    buffer: BufferSpec
    interconnect: Kind
    rule: Kind = attrs.field(factory=_in_place)
    costs: str
    """Name of the cost set."""
