"""What devices share that pulses of one polarity raise, and pulses of the other one lower."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import attrs

from chipsim.device.device import PulsedDevice, PulseShape
from chipsim.spec.fields import at_least, more_than
from chipsim.units import Ps, Volts

__all__ = ["TwoWayDevice"]


@attrs.frozen(kw_only=True)
class TwoWayDevice(PulsedDevice):
    """A device with a small pulse of its own for each direction."""

    offers: ClassVar[frozenset[str]] = frozenset({"up", "down"})
    example: ClassVar[Mapping[str, Any]] = {"down_voltage": "2 V", "down_width": "100 ns"}
    down_voltage: Volts = attrs.field(validator=more_than(0))
    """Of a small pulse that lowers the conductance, without its sign."""
    down_width: Ps = attrs.field(validator=more_than(0))
    """Of the same pulse."""
    endurance: int | None = attrs.field(default=None, validator=at_least(1))
    """Small pulses that a cell stands, of either polarity; None when unknown."""

    @property
    def programming_voltages(self) -> Mapping[str, Volts]:
        """Those of both polarities."""
        return {"pulse_voltage": self.pulse_voltage, "down_voltage": self.down_voltage}

    @property
    def down_pulse(self) -> PulseShape:
        """As described."""
        return PulseShape(voltage=self.down_voltage, width=self.down_width)
