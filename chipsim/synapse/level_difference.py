"""Two adjacent cells a weight, each at any of its levels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import attrs

from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.level_map import difference_levels, weight_per_siemens
from chipsim.synapse.synapse import LevelSynapse

__all__ = ["LevelDifference"]


@attrs.frozen(kw_only=True)
class LevelDifference(LevelSynapse):
    """A weight as the difference of two adjacent cells of one crossbar, either of them at any of its levels.

    A few unevenly spaced levels make many weights: those of 0, 1, 3 and 8 units make 0, 1, 2, 3, 5, 7 and 8
    of either sign. Each of `levels` takes the pair whose difference is nearest.

    References
    ----------
    Dong 2018: differences of cells at 1 : 3 : 8, and at 1 : 3 : 8 : 12.
    """

    kind: ClassVar[str] = "level-difference"
    cells: ClassVar[int] = 2
    example: ClassVar[Mapping[str, Any]] = {"levels": [-1, 0, 1]}

    def states(self, means: tuple[float, ...]) -> tuple[tuple[int, ...], ...]:
        """For each weight, the levels of its plus and of its minus cell."""
        return difference_levels(self.levels, means)

    def made(self, means: tuple[float, ...]) -> tuple[float, ...]:
        """The differences of the cells' mean conductances."""
        scale = weight_per_siemens(self.levels, means, cells=2)
        # Without the last digits, in which a quotient of conductances is off from the weight that is meant.
        return tuple(round((means[plus] - means[minus]) * scale, 12) for plus, minus in self.states(means))

    def most_levels(self, cell: int) -> int:
        """Each two different levels make a weight of either sign, and equal ones zero."""
        return cell * (cell - 1) + 1

    def needed_levels(self) -> int:
        """As many as make so many differences."""
        cell = 2
        while self.most_levels(cell) < len(self.levels):
            cell += 1
        return cell

    def faults(self, chip: ChipSpec) -> Iterable[Fault]:
        """Levels without zero, which two cells alike always make."""
        yield from super().faults(chip)
        if self.levels and 0 not in self.levels:
            message = (
                f"must have zero among them, which two cells that are alike make, not {list(self.levels)}"
            )
            yield Fault((self.section, "levels"), message)
