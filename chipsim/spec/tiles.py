"""What the tiles of a chip are to the rest of its description, whatever their kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import attrs

from chipsim.spec.fields import at_least, between
from chipsim.spec.kind import Kind
from chipsim.spec.paths import Key
from chipsim.units import Volts

__all__ = ["Tiles"]


@attrs.frozen(kw_only=True)
class Tiles(Kind):
    """The tiles of a chip, all alike: how many there are, and how large a block of weights each holds."""

    section: ClassVar[str] = "tile"
    rows: int = attrs.field(validator=between(1, 65_536))
    columns: int = attrs.field(validator=between(1, 65_536))
    """Weights side by side; a synapse of two adjacent cells takes two bit lines for each."""
    count: int | Literal["auto"] = attrs.field(default="auto", validator=at_least(1))
    """Tiles on the chip; ``auto`` builds as many as the workload needs."""

    @property
    def converters(self) -> Mapping[tuple[Key, ...], int]:
        """Bits of each converter, by its place in the description; its last key is ``adc`` or ``dac``."""
        return {}

    @property
    def reading_voltage(self) -> Volts | None:
        """What cells see when they are read; None where there are none."""
        return None

    @property
    def reading_step(self) -> float:
        """Weight that a step of the converters is when one row is read at full scale; zero for ideal ones."""
        return 0.0

    def word_bits(self, *, sums: bool) -> int:  # noqa: ARG002
        """Bits of the widest value that goes to or from a tile, weighted sums included where they are kept.

        Zero where values come in the number format of the weights.
        """
        return 0
