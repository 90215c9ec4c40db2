"""What the page says of the algorithms on cells of one measured array: chipsim's times against the kit's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from benchmarks.peers.algorithms import ALGORITHMS, UNTIMED, Algorithm
from benchmarks.peers.rounds import Outcome, Spread, ratios
from benchmarks.peers.tables import NONE, right, spread, table, us_a_sample

__all__ = ["against_goals", "judged"]

_TITLES: Final = (
    "on cells of ReRamArrayOM",
    *("aihwkit, us a sample", "chipsim, us a sample", "times as fast", "goal", "times as fast, no timing"),
    *("aihwkit right after it", "chipsim right after it"),
)


def against_goals(outcomes: Sequence[Outcome]) -> str:
    """A table of each algorithm on both sides; empty where the kit trained none.

    Parameters
    ----------
    outcomes
        Of every network, whether on this array or not.
    """
    by_name = {outcome.name: outcome for outcome in outcomes}
    rows = [_row(each, by_name) for each in ALGORITHMS if each.theirs in by_name]
    return table(_TITLES, rows) if rows else ""


def _row(algorithm: Algorithm, by_name: Mapping[str, Outcome]) -> list[str]:
    theirs = by_name[algorithm.theirs]
    ours = by_name.get(algorithm.ours)
    if ours is None:
        none = f"no chip {algorithm.chip}"
        return [algorithm.name, us_a_sample(theirs), none, NONE, _aim(algorithm), NONE, right(theirs), NONE]
    untimed = by_name.get(f"{algorithm.ours}{UNTIMED}")
    times = ratios(theirs, ours)
    goal = NONE if algorithm.goal is None else judged(times, algorithm.goal)
    return [
        algorithm.name,
        us_a_sample(theirs),
        us_a_sample(ours),
        spread(times, 1),
        goal,
        NONE if untimed is None else spread(ratios(theirs, untimed), 1),
        right(theirs),
        right(ours),
    ]


def _aim(algorithm: Algorithm) -> str:
    return NONE if algorithm.goal is None else f"{algorithm.goal:g}"


def judged(times: Spread, goal: float) -> str:
    """Whether a goal is reached: in every round, in the median, or not.

    Examples
    --------
    >>> judged(Spread(median=11, least=9.5, most=12), 10)
    '10: reached in the median'
    """
    if times.least >= goal:
        return f"{goal:g}: reached"
    if times.median >= goal:
        return f"{goal:g}: reached in the median"
    return f"{goal:g}: not reached"
