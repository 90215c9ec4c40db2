"""Two adjacent cells a weight, at one of a few levels."""

from __future__ import annotations

from typing import ClassVar

import attrs

from chipsim.synapse.synapse import LevelSynapse

__all__ = ["LevelPair"]


@attrs.frozen(kw_only=True)
class LevelPair(LevelSynapse):
    """A weight as the difference of two adjacent cells of one crossbar, at one of a few levels."""

    kind: ClassVar[str] = "level-pair"
    cells: ClassVar[int] = 2

    def most_levels(self, cell: int) -> int:
        """One cell at its lowest level, the other at any."""
        return 2 * cell - 1

    def needed_levels(self) -> int:
        """Those of one sign, and zero."""
        return len(self.levels) // 2 + 1
