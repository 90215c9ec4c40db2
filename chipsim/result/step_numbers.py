"""Which steps of a run are meant: numbers and ranges, as users write them."""

from __future__ import annotations

import re
from typing import Final

import attrs

__all__ = ["ENDS", "StepNumbers"]

ENDS: Final = 3
"""Steps at the beginning, and at the end, that are taken where none are chosen."""

_ONE: Final = re.compile(r"(\d{1,12})(?:-(\d{1,12}))?")


@attrs.frozen
class StepNumbers:
    """Steps by their numbers, counted from 1 over all epochs; 0 is what comes before, the initial weights.

    Examples
    --------
    >>> wanted = StepNumbers.of("1-3, 100")
    >>> 2 in wanted, 4 in wanted, 100 in wanted
    (True, False, True)
    >>> str(wanted)
    '1-3,100'
    """

    ranges: tuple[tuple[int, int], ...]
    """First and last of each, both included."""

    @classmethod
    def of(cls, text: str) -> StepNumbers:
        """The steps that a text names.

        Raises
        ------
        ValueError
            When it names none.
        """
        ranges = []
        for part in text.split(","):
            found = _ONE.fullmatch(part.strip())
            if found is None:
                given = part.strip() or text
                raise ValueError(
                    f"steps must be numbers and ranges such as 1-3,100 (0: initial weights), "
                    f"not {given[:40]!r}"
                )
            first = int(found[1])
            last = int(found[2]) if found[2] else first
            if last < first:
                raise ValueError(f"steps must go upwards, not {part.strip()!r}; write {last}-{first}")
            ranges.append((first, last))
        return cls(tuple(ranges))

    def beyond(self, last: int) -> StepNumbers:
        """Those of its ranges that begin after a step.

        Parameters
        ----------
        last
            The number of that step.

        Examples
        --------
        >>> str(StepNumbers.of("0-1000,70-80,100").beyond(50))
        '70-80,100'
        """
        return StepNumbers(tuple(one for one in self.ranges if one[0] > last))

    def __contains__(self, number: int) -> bool:
        return any(first <= number <= last for first, last in self.ranges)

    def __str__(self) -> str:
        return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in self.ranges)
