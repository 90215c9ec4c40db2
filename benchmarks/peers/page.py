"""The part of ``benchmarks/README.md`` that is written by the comparison, between two marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from benchmarks.peers.algorithms import ALGORITHMS, UNTIMED
from benchmarks.peers.array_page import against_goals
from benchmarks.peers.rounds import Outcome, ratios
from benchmarks.peers.tables import NONE, right, spread, table, us_a_sample
from chipsim.errors import ChipsimError

__all__ = ["BEGIN", "END", "REFERENCES", "page_part", "with_part", "write_part"]

BEGIN: Final = "<!-- begin: written by make bench-peers -->"
END: Final = "<!-- end: written by make bench-peers -->"
REFERENCES: Final = ("hybrid, coarse", "hybrid, fine", "single pair")
"""The chips that everything else is held against."""
_REPORTED: Final = {
    "time_us": "simulated time, us a sample",
    "energy_nJ": "energy, nJ a sample",
    "pulses": "pulses a sample",
    "most_pulses_of_a_cell": "most pulses of a cell",
}
_ON_THE_ARRAY: Final = tuple(name for each in ALGORITHMS for name in (each.ours, each.theirs))
"""The beginnings of names that a table of their own holds."""
_FLOOR: Final = "dense floor"
_OF_THE_FLOOR: Final = (
    "The dense floor takes every weight once each way. chipsim does not: it leaves out inputs of zero, and "
    "cells without pulses."
)


def page_part(outcomes: Sequence[Outcome], *, facts: Mapping[str, str | int], neurosim: str) -> str:
    """Tables of what was measured, in Markdown.

    Parameters
    ----------
    outcomes
        Of every network that was measured.
    facts
        Machine, versions, date and settings, by name.
    neurosim
        What is said of NeuroSim, a sentence or two.
    """
    known = ", ".join(f"{name} {value}" for name, value in facts.items())
    parts = [f"Measured: {known}.", *_times(outcomes), against_goals(outcomes), _told(outcomes), neurosim]
    return "\n\n".join(part for part in parts if part)


def _times(outcomes: Sequence[Outcome]) -> list[str]:
    """Each network beside the chips of pairs, those that were measured."""
    by_name = {outcome.name: outcome for outcome in outcomes}
    references = [by_name[name] for name in REFERENCES if name in by_name]
    rows = []
    for outcome in outcomes:
        if not outcome.name.startswith(_ON_THE_ARRAY):
            times = [spread(ratios(outcome, reference), 2) for reference in references]
            rows.append([outcome.name, us_a_sample(outcome), *times, right(outcome)])
    if not rows:
        return []
    titles = [f"times {reference.name}" for reference in references]
    floor = [_OF_THE_FLOOR] if _FLOOR in by_name else []
    return [table(["network", "us a sample", *titles, "right after it"], rows), *floor]


def _told(outcomes: Sequence[Outcome]) -> str:
    by_name = {outcome.name: outcome for outcome in outcomes}
    rows = []
    for name, outcome in by_name.items():
        # Who has a simulated time has it all.
        if "time_us" not in outcome.told:
            continue
        without = by_name.get(f"{name}{UNTIMED}")
        cost = NONE if without is None else spread(ratios(outcome, without), 2)
        rows.append([name, *(f"{outcome.told[key]:,.4g}" for key in _REPORTED), cost])
    titles = ["reported by the same run", *_REPORTED.values(), "times the same without timing"]
    return table(titles, rows) if rows else ""


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
