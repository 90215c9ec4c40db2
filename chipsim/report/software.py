"""What was trained in software before the chip was given its weights, as a page tells it."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from chipsim.report.figure import Look, looks
from chipsim.result import Result, SoftwareEpoch
from chipsim.result.standing import groups_of
from chipsim.wording import plural

__all__ = ["SoftwareTable", "software_by_group", "software_tables"]


@attrs.frozen(kw_only=True)
class SoftwareTable:
    """The epochs in software of one result."""

    look: Look
    rows: tuple[SoftwareEpoch, ...]


def software_tables(results: Sequence[Result]) -> list[SoftwareTable]:
    """The epochs in software, for each result that had any."""
    return [
        SoftwareTable(look=look, rows=result.software)
        for result, look in zip(results, looks(results), strict=True)
        if result.software
    ]


def software_by_group(results: Sequence[Result]) -> list[tuple[str, list[str]]]:
    """Chips that were given weights of software, with a sentence on what that came to and does not count.

    Parameters
    ----------
    results
        Of several seeds of a chip the first is told.
    """
    found = []
    for group in groups_of(results):
        first = group.results[0]
        if first.software:
            found.append((group.label, [_sentence(first)]))
    return found


def _sentence(result: Result) -> str:
    epochs, said = len(result.software), result.summary
    ended, given = said.software_test_accuracy_percent, said.transferred_test_accuracy_percent
    begun = "" if given is None else f", and the chip began with {given:.2f} %"
    return (
        f"{epochs:,} {plural('epoch', epochs)} before the chip came to {ended:.2f} % in test{begun}; their "
        f"time and energy are not known, and no figure has them."
    )
