"""One cell a weight, against a reference."""

from __future__ import annotations

from typing import ClassVar, Literal

import attrs

from chipsim.spec.fields import one_of
from chipsim.synapse.synapse import LevelSynapse

__all__ = ["LevelCell"]


@attrs.frozen(kw_only=True)
class LevelCell(LevelSynapse):
    """A weight as the difference of one cell from a reference, in the middle of its range or at its low end.

    A tile has one line of reference cells beside the others.
    """

    kind: ClassVar[str] = "level-cell"
    cells: ClassVar[int] = 1
    reference: Literal["middle", "low"] = attrs.field(default="middle", validator=one_of("middle", "low"))
    """``low``: cells are compared with their low level, so that weights begin with zero and none is negative,
    such as [0, 1]."""

    @property
    def words(self) -> str:
        """What the cell is compared with, too."""
        reference = {"middle": "the middle of its range", "low": "its low level"}[self.reference]
        return f"{super().words}, against a reference at {reference}"

    @property
    def from_low(self) -> bool:
        """As described."""
        return self.reference == "low"

    def most_levels(self, cell: int) -> int:
        """One for each level of the cell."""
        return cell

    def needed_levels(self) -> int:
        """As many as there are weights."""
        return len(self.levels)
