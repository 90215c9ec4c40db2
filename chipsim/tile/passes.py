"""What drives and what reads one side of a crossbar, as described."""

from __future__ import annotations

from typing import Literal

import attrs

from chipsim.spec.fields import at_least, between, more_than, one_of, sized_by

__all__ = ["Adc", "Dac", "Pass"]


@attrs.frozen(kw_only=True)
class Dac:
    """The converters that drive one side of a tile."""

    bits: int = attrs.field(validator=between(1, 16))
    lines_per_converter: int = attrs.field(default=1, validator=at_least(1), metadata=sized_by(shared=True))
    """Lines that one converter serves one after another."""
    ideal: bool = False
    """Numbers pass unchanged; time and energy stay those of `bits`."""


@attrs.frozen(kw_only=True)
class Adc:
    """The converters that read one side of a tile, shared by column multiplexing."""

    bits: int = attrs.field(validator=between(1, 16))
    range: float = attrs.field(validator=more_than(0, up_to=1e9))
    """Full scale, in units of weight times input; results beyond it are clipped."""
    lines_per_converter: int = attrs.field(default=1, validator=at_least(1), metadata=sized_by(shared=True))
    """Lines multiplexed onto one converter, converted one after another."""
    noise: float = attrs.field(default=0.0, validator=between(0, 65_536))
    """Standard deviation of the input-referred noise, in steps of the converter."""
    ideal: bool = False
    """Numbers pass unchanged; time and energy stay those of `bits`."""

    @property
    def step(self) -> float:
        """Distance of two neighbouring results, in units of weight times input."""
        # Codes are symmetric around zero, so one of them is never used; a single bit still has a step.
        codes = max((1 << (self.bits - 1)) - 1, 1)
        return self.range / codes


@attrs.frozen(kw_only=True)
class Pass:
    """One direction of reading a crossbar: what drives it and what reads it."""

    dac: Dac
    adc: Adc | None
    """None (null) where no layer before asks for errors: nothing is built to drive and to read that side,
    and `dac` says what words errors come in."""
    scaling: Literal["fixed", "maximum"] = attrs.field(default="fixed", validator=one_of("fixed", "maximum"))
    """``maximum``: the digital unit divides inputs by their largest magnitude, and scales results back."""

    @property
    def result_bits(self) -> int:
        """Bits of one result; none where nothing is read."""
        return 0 if self.adc is None else self.adc.bits
