"""What a tile has to keep of its cells: reading must not program them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.units import VOLTAGE, Volts, show

__all__ = ["of_read_voltage"]


def of_read_voltage(chip: ChipSpec, programming: Mapping[str, Volts]) -> Iterator[Fault]:
    """Reading must not program: the tile's voltage stays below each of the cell's, given by their names."""
    reading = chip.tile.reading_voltage
    if reading is None:
        return
    for name, voltage in programming.items():
        if reading >= voltage:
            read, limit = show(reading, VOLTAGE), show(voltage, VOLTAGE)
            message = f"must be less than the device's {name}, {limit}, or reading would program; not {read}"
            yield Fault(("tile", "read_voltage"), message)
