"""Tables in Markdown, and figures with their range."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from benchmarks.peers.rounds import Outcome, Spread

__all__ = ["NONE", "right", "spread", "table", "us_a_sample"]

NONE: Final = "\N{EN DASH}"
"""Where there is nothing to say."""


def spread(values: Spread, digits: int) -> str:
    """A median, and its range in brackets.

    Examples
    --------
    >>> spread(Spread(median=1234.5, least=0.25, most=2000), 1)
    '1,234.5 (0.2 to 2,000.0)'
    """
    median, least, most = (f"{value:,.{digits}f}" for value in (values.median, values.least, values.most))
    return f"{median} ({least} to {most})"


def us_a_sample(outcome: Outcome) -> str:
    """The time of a sample, in microseconds."""
    return spread(Spread.of([1e6 * seconds for seconds in outcome.seconds]), 0)


def right(outcome: Outcome) -> str:
    """The share that a network classifies right, where it learns at all."""
    percent = outcome.told.get("right_percent")
    return NONE if percent is None else f"{percent:.1f} %"


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose first column is words and whose others are figures."""
    lines = [titles, ["---", *("---:" for _ in titles[1:])], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
