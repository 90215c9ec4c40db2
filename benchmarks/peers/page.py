"""The part of ``benchmarks/README.md`` that is written by the comparison, between two marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from benchmarks.peers.rounds import Outcome, Spread, ratios
from chipsim.errors import ChipsimError

__all__ = ["BEGIN", "END", "REFERENCES", "UNTIMED", "page_part", "with_part", "write_part"]

BEGIN: Final = "<!-- begin: written by make bench-peers -->"
END: Final = "<!-- end: written by make bench-peers -->"
REFERENCES: Final = ("hybrid, coarse", "hybrid, fine", "single pair")
"""The chips that everything else is held against."""
UNTIMED: Final = ", no timing"
"""The end of the names of chips that are trained without timing and ledger."""
_REPORTED: Final = {
    "time_us": "simulated time, us a sample",
    "energy_nJ": "energy, nJ a sample",
    "pulses": "pulses a sample",
    "most_pulses_of_a_cell": "most pulses of a cell",
}
_OF_THE_FLOOR: Final = (
    "The dense floor takes every weight once each way. chipsim does not: it leaves out inputs of zero, and "
    "cells without pulses."
)
_NONE: Final = "\N{EN DASH}"


def page_part(outcomes: Sequence[Outcome], *, facts: Mapping[str, str | int], neurosim: str) -> str:
    """Tables of what was measured, in Markdown.

    Parameters
    ----------
    outcomes
        Of every network, the chips of `REFERENCES` among them.
    facts
        Machine, versions, date and settings, by name.
    neurosim
        What is said of NeuroSim, a sentence or two.
    """
    known = ", ".join(f"{name} {value}" for name, value in facts.items())
    parts = [f"Measured: {known}.", _times(outcomes), _OF_THE_FLOOR, _told(outcomes), neurosim]
    return "\n\n".join(parts)


def _times(outcomes: Sequence[Outcome]) -> str:
    by_name = {outcome.name: outcome for outcome in outcomes}
    titles = [f"times {name}" for name in REFERENCES]
    rows = []
    for outcome in outcomes:
        took = Spread.of([1e6 * seconds for seconds in outcome.seconds])
        times = [ratios(outcome, by_name[name]) for name in REFERENCES]
        right = outcome.told.get("right_percent")
        learnt = _NONE if right is None else f"{right:.1f} %"
        rows.append([outcome.name, _spread(took, 0), *(_spread(each, 2) for each in times), learnt])
    return _table(["network", "us a sample", *titles, "right after it"], rows)


def _told(outcomes: Sequence[Outcome]) -> str:
    by_name = {outcome.name: outcome for outcome in outcomes}
    rows = []
    for name in REFERENCES:
        told = by_name[name].told
        without = by_name.get(f"{name}{UNTIMED}")
        cost = _NONE if without is None else _spread(ratios(by_name[name], without), 2)
        rows.append([name, *(f"{told[key]:,.4g}" for key in _REPORTED), cost])
    return _table(["reported by the same run", *_REPORTED.values(), "times the same without timing"], rows)


def _spread(values: Spread, digits: int) -> str:
    median, least, most = (f"{value:,.{digits}f}" for value in (values.median, values.least, values.most))
    return f"{median} ({least} to {most})"


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [titles, ["---", *("---:" for _ in titles[1:])], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def with_part(text: str, part: str, *, where: str) -> str:
    """A page with another part between its marks.

    Parameters
    ----------
    text
        The page.
    part
        What stands between the marks from now on.
    where
        Its file, for the message.

    Raises
    ------
    ChipsimError
        When the marks do not stand in it once each, in their order.

    Examples
    --------
    >>> print(with_part(f"before {BEGIN} old {END} after", "new", where="page.md"))
    before <!-- begin: written by make bench-peers -->
    <BLANKLINE>
    new
    <BLANKLINE>
    <!-- end: written by make bench-peers --> after
    """
    once = text.count(BEGIN) == text.count(END) == 1
    if not once or text.index(BEGIN) > text.index(END):
        raise ChipsimError(f"{where}: needs the line {BEGIN!r} once, and after it {END!r} once")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{part}\n\n{END}{after}"


def write_part(path: Path, part: str) -> None:
    """Put a part between the marks of a page.

    Raises
    ------
    ChipsimError
        When the page cannot be read or written, or lacks its marks.
    """
    try:
        text = path.read_text(encoding="utf-8")
        path.write_text(with_part(text, part, where=str(path)), encoding="utf-8")
    except OSError as error:
        raise ChipsimError(f"{path}: cannot be written: {error.strerror}") from error
