"""The arithmetic of hand derivations: what a sum on paper takes from a description, and no more.

Nothing here calls a part, a program or an executor. Numbers come from the files that ship; how they add up
stands in the tests that use them.
"""

from __future__ import annotations

import attrs

from chipsim.spec import load_chip, load_costs

__all__ = ["Paper", "paper"]


def _times(amount, each):
    """How many times something that takes `each` has to be done."""
    return -(-amount // each)


@attrs.frozen(kw_only=True)
class Paper:
    """One chip's numbers, with the few quotients that every derivation needs; times in ps, energies in aJ."""

    chip: object
    costs: object

    def access(self, bits):
        """Reading or writing the buffer: one access for each of its widths."""
        return _times(bits, self.chip.buffer.width) * self.costs.sram.time

    def bus(self, bits):
        """One cycle for each width; the head passes the interface and the wire."""
        link = self.chip.interconnect
        cycle = 10**12 // link.clock
        head = self.costs.router.time + self.costs.wire.time_per_mm * link.length // 10**6
        return _times(bits, link.width) * cycle + head

    def lanes(self, operations):
        """Cycles of the digital unit."""
        return _times(operations, self.chip.digital.lanes) * self.costs.clock

    def read(self, *, drive, results, side="forward"):
        """Lines driven, currents settled, sampled, and converted, so many lines by each ADC."""
        tile = self.chip.tile
        way = getattr(tile, side)
        lines = tile.columns if side == "forward" else tile.rows
        drivers = tile.rows if side == "forward" else tile.columns
        dacs = _times(drivers, way.dac.lines_per_converter)
        adcs = _times(lines, way.adc.lines_per_converter)
        driven = _times(drive, dacs) * self.converter("dac", way.dac.bits).time
        converted = _times(results, adcs) * self.converter("adc", way.adc.bits).time
        return driven + tile.read_time + self.costs.sample_hold.time + converted

    def converter(self, kind, bits):
        """The cost of a converter of so many bits."""
        (found,) = [cost for cost in getattr(self.costs, kind) if cost.bits == bits]
        return found

    @property
    def slot(self):
        """A pulse, and the driver's rise and fall."""
        return self.chip.device.pulse_width + self.costs.write_driver.time

    def read_energy(self, siemens):
        """V^2 G t of full-scale inputs, aJ, not rounded."""
        return self.chip.tile.read_voltage**2 * siemens * self.chip.tile.read_time * 1e6

    def pulse_energy(self, siemens):
        """V^2 G t of pulses, aJ, not rounded."""
        return self.chip.device.pulse_voltage**2 * siemens * self.chip.device.pulse_width * 1e6


def paper(name):
    """The numbers of a chip that ships, and of its cost set."""
    chip = load_chip(name).spec
    return Paper(chip=chip, costs=load_costs(chip.costs).spec)
