"""What a run that was only timed leaves out, and what it takes for granted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chipsim.result import Result
from chipsim.result.places import described_in, described_or_usual, groups_in, shipped_class, shipped_kind_of

__all__ = ["programs", "timed_words", "visits"]

_LEFT_OUT: Final = (
    "energy leaves out what data sets (currents of cells in reads and writing, and write drivers); neither "
    "time nor energy has {}"
)
_OF_LEVELS: Final = "the writing of initial weights"
_OF_PULSES: Final = "the writing of initial weights, recentring, or decisions between epochs"


def timed_words(result: Result) -> str:
    """What the figures of a run without arithmetic leave out, and how much they take steps to write."""
    if programs(result):
        left_out = _LEFT_OUT.format(_OF_LEVELS)
        taken = f"each step is taken to change {_share(result)} of the weights (selector.typical_share)"
    else:
        left_out = "; ".join((_LEFT_OUT.format(_OF_PULSES), *_of_gathering(result)))
        visited = visits(result)
        if not visited:
            return left_out
        taken = f"each update is taken to visit every {visited} once, which few samples need"
    return f"{left_out}; {taken}, and the time of writing rests on that"


def _of_gathering(result: Result) -> Iterator[str]:
    """What is taken for granted of rules that gather gradients before weights are pulsed."""
    rule = shipped_class(result.chip, "rule")
    if rule is None:
        return
    if {"memory", "transfers"} <= rule.needs:
        yield "no sum is taken to reach its threshold, so neither has the pulses that weights would get"
    every = described_or_usual(result.chip, "rule", "transfer_every")
    if every is not None and every > 1:
        yield (
            "each step is taken to read gathered gradients once at least, where "
            f"{every:g} samples would come between (rule.transfer_every)"
        )


def _share(result: Result) -> str:
    share = described_or_usual(result.chip, "selector", "typical_share")
    if share is None:
        return "as many as usual"
    return share if isinstance(share, str) else f"{100 * share:g} %"


def visits(result: Result) -> str:
    """What an update writes one after another, ``row``, ``column`` or ``cell``; empty for all others.

    Of groups of tiles, what the slowest of them writes so.
    """
    kinds = [
        shipped_kind_of(described_in(result, group, "update", "kind"), "update")
        for group in groups_in(result)
    ]
    found = {getattr(kind, "visits", "") for kind in kinds}
    return next((one for one in ("cell", "column", "row") if one in found), "")


def programs(result: Result) -> bool:
    """Whether a step brings cells to levels, one after another."""
    kind = shipped_class(result.chip, "selector")
    # What a selector of the user's own offers is not known here, but what its chip did stands in the ledger.
    offers = frozenset[str]() if kind is None else kind.offers
    return "level-changes" in offers or any(row.action == "program" for row in result.ledger)
