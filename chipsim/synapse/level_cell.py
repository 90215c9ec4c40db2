"""One cell a weight, against a reference."""

from __future__ import annotations

from typing import ClassVar

import attrs

from chipsim.synapse.synapse import LevelSynapse

__all__ = ["LevelCell"]


@attrs.frozen(kw_only=True)
class LevelCell(LevelSynapse):
    """A weight as the difference of one cell from a reference in the middle of the cells' range.

    A tile has one line of reference cells beside the others.
    """

    kind: ClassVar[str] = "level-cell"
    cells: ClassVar[int] = 1

    def most_levels(self, cell: int) -> int:
        """One for each level of the cell."""
        return cell

    def needed_levels(self) -> int:
        """As many as there are weights."""
        return len(self.levels)
