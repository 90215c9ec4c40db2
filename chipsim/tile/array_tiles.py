"""Tiles of resistive arrays, as described."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import attrs

from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.fields import between, more_than, one_of
from chipsim.spec.paths import Key
from chipsim.tile.passes import Pass
from chipsim.tile.tile_kind import TileKind
from chipsim.tile.wires import Wires
from chipsim.units import Ps, Share, Volts

__all__ = ["ArrayTiles"]


@attrs.frozen(kw_only=True)
class ArrayTiles(TileKind):
    """How arrays are driven and read, and what becomes of lines that nobody needs."""

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
    half_selected: Share | None = attrs.field(
        default=None, validator=attrs.validators.optional(between(0, 1))
    )
    """Power that a cell takes of a pulse that drives its row or its column alone, over what it takes where
    both are driven. None: a quarter, for half the voltage on cells that conduct alike at any voltage. Less
    with selectors, and 0 where transistors cut them off, as those of cells that are programmed to levels."""
    side_by_side: bool | None = None
    """Whether the matrices that a rule has for a layer lie side by side on one array: `columns` are those of
    each, rows run through all of them, with one set of what drives and reads rows, and one matrix at a time
    is read or pulsed. None for tiles of their own."""
    wires: Wires | None = None
    """Resistance of rows and columns; None for wires along which no voltage is lost."""
    forward: Pass
    backward: Pass

    @property
    def converters(self) -> Mapping[tuple[Key, ...], int]:
        """One of each sort on either side."""
        found: dict[tuple[Key, ...], int] = {}
        for side, passing in {"forward": self.forward, "backward": self.backward}.items():
            # Where nothing is read there are no converters either, whatever words errors come in.
            if passing.adc is not None:
                found["tile", side, "dac"] = passing.dac.bits
                found["tile", side, "adc"] = passing.adc.bits
        return found

    @property
    def half_power(self) -> float:
        """What half-selected cells take of a pulse's power."""
        return 0.25 if self.half_selected is None else float(self.half_selected)

    @property
    def reading_voltage(self) -> Volts:
        """That of a full-scale input."""
        return self.read_voltage

    @property
    def reading_step(self) -> float:
        """That of the forward ADC."""
        adc = self.forward.adc
        return 0.0 if adc is None or adc.ideal else adc.step

    def idealised(self) -> Iterable[str]:
        """Converters through which numbers pass unchanged."""
        sides = {"forward": self.forward, "backward": self.backward}
        named: list[str] = []
        for side, passing in sides.items():
            where = f"{self.section}.{side}"
            # In the order in which numbers meet them, which is the order in which the sentence names them.
            for sort, converter in (("dac", passing.dac), ("adc", passing.adc)):
                named += [f"{where}.{sort}"] if converter is not None and converter.ideal else []
        if named:
            *first, last = named
            told = f"{', '.join(first)} and {last}" if first else last
            yield f"Numbers pass {told} unchanged, at the price of the bits that are told."
        if self.wires is not None:
            yield "Wires have a resistance for reads only: pulses reach every cell with their whole voltage."

    @property
    def words_of_wires(self) -> list[str]:
        """Their resistances."""
        return [] if self.wires is None else [self.wires.words]

    def word_bits(self, *, sums: bool) -> int:
        """Inputs and errors, an error with a sign beside the bits of its converter; and sums."""
        word = max(self.forward.dac.bits, self.backward.dac.bits + 1)
        return max(word, self.forward.result_bits, self.backward.result_bits) if sums else word

    def faults(self, chip: ChipSpec) -> Iterable[Fault]:
        """Tiles that are never read, and matrices beside one that are not there."""
        yield from super().faults(chip)
        roles = chip.rule.roles
        apart = any(group.role is not None for group in chip.groups.values())
        if self.side_by_side and (len(roles) < 2 or apart):
            why = "stand on groups of their own" if apart else f"are one ({chip.rule.kind})"
            message = f"the matrices of a layer {why}: nothing lies beside another; leave side_by_side out"
            yield Fault((self.section, "side_by_side"), message)
        if self.forward.adc is None:
            message = "must be converters: every layer is read forward; only backward can do without"
            yield Fault((self.section, "forward", "adc"), message)

    def unused(self, shape: tuple[int, int]) -> tuple[int, int]:
        """Cells on each row and on each column beyond those in use; none where lines end with them.

        Parameters
        ----------
        shape
            Rows and columns in use.
        """
        # A switch at the last cell in use leaves the rest of the line without any voltage.
        if self.unused_lines == "cut-off":
            return 0, 0
        rows, columns = shape
        return self.columns - columns, self.rows - rows
