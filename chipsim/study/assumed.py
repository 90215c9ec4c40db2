"""Orderings of chips under the range of every assumed price: which hold at both ends, and which turn.

One value at a time, all others as they are; nothing is trained again. Only values that a run uses count.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping
from typing import Final, TypeAlias

import attrs

from chipsim.result import Result
from chipsim.spec.provenance import Value
from chipsim.study.ranking import contrasts, meeting, samples_of
from chipsim.study.robustness import Reprice
from chipsim.study.statistics import Gathered, Setting

__all__ = ["FIGURES", "Order", "Turn", "UnderRanges", "orders_told", "under_ranges"]

FIGURES: Final = {"energy_aJ": "energy", "simulated_time_ps": "time", "area_mm2": "area"}
"""Figures that prices decide, and what they are called."""

Order: TypeAlias = tuple[str, str, str]
"""Figure, what has less of it, and what has more."""
_Figures: TypeAlias = dict[str, float]
_End: TypeAlias = tuple[str, str]
"""Path of a price, and what it is at one end of its range."""


@attrs.frozen(kw_only=True)
class Turn:
    """An order of two chips that turns round at one end of the range of one assumed price."""

    figure: str
    """A key of a summary."""
    less: str
    """What has less of it as prices are."""
    more: str
    path: str
    """Of the price."""
    now: str
    end: str
    """The price at which the order is another one, or both are the same."""

    def sentence(self) -> str:
        """In words.

        Examples
        --------
        >>> path = "costs.router.time"
        >>> turn = Turn(figure="area_mm2", less="a", more="b", path=path, now="4 ns", end="29 ns")
        >>> turn.sentence()
        'a has less area than b; that turns when costs.router.time is 29 ns (assumed 4 ns)'
        """
        return (
            f"{self.less} has less {FIGURES[self.figure]} than {self.more}; that turns when {self.path} is "
            f"{self.end} (assumed {self.now})"
        )


@attrs.frozen(kw_only=True)
class UnderRanges:
    """What became of the orderings of chips under the ranges of assumed prices."""

    costs: str = ""
    """The cost set whose prices these are."""
    holding: tuple[Order, ...] = ()
    """Orders that are the same at both ends of every range."""
    turns: tuple[Turn, ...] = ()
    alike: tuple[Order, ...] = ()
    """Orders of the first runs alone, which nothing tells over seeds: they neither hold nor turn."""
    tried: tuple[str, ...] = ()
    """Paths of the prices that were tried."""
    without: tuple[str, ...] = ()
    """Paths of assumed prices that are used and have no range."""
    of_chips: tuple[str, ...] = ()
    """Paths of assumed values of chips and workloads, which only training again could try."""


def orders_told(gathered: Gathered, settings: Mapping[str, Setting]) -> frozenset[Order]:
    """The orders of each two settings in energy, time and area that are told over seeds.

    Parameters
    ----------
    gathered
        The study. As its verdicts are, comparisons are corrected for the number of all that it makes.
    settings
        Those that are compared, by what they are called.
    """
    told: set[Order] = set()
    tasks = {(one.task, one.costs) for one in settings.values()}
    others = [one for one in gathered.settings if (one.task, one.costs) in tasks]
    for figure in FIGURES:
        samples = samples_of(gathered, gathered.metric(figure), others)
        measured = {name: one for name, one in settings.items() if one in samples}
        pairs = list(itertools.combinations(measured.items(), 2))
        looked_at = [(one, other) for (_, one), (_, other) in pairs]
        # Two first runs need not stand at one point of what is varied.
        met = [pair for pair in meeting(samples) if not {pair, pair[::-1]} & set(looked_at)]
        found = contrasts([*looked_at, *met], samples)
        for (name, one), (their_name, other) in pairs:
            each = found[one, other]
            if not each.why:
                is_less = each.compared.difference < 0
                told.add((figure, name, their_name) if is_less else (figure, their_name, name))
    return frozenset(told)


def under_ranges(
    results: Mapping[str, Result], reprice: Reprice, *, told: Collection[Order] | None = None
) -> UnderRanges:
    """Try the order of each two runs in energy, time and area at both ends of every assumed price.

    Parameters
    ----------
    results
        Runs that are compared, at least one, by what they are called: of one workload, cost set and seed.
    reprice
        Gives a result under other costs, as overrides say them.
    told
        Orders that are told over seeds (:func:`orders_told`), with the same names; the others are left out.
        None takes the order of these runs for what it is.

    Raises
    ------
    OutputError
        When a result cannot be priced anew.
    """
    ends: dict[_End, str] = {}
    figures: dict[str, dict[_End, _Figures]] = {}
    for name, result in results.items():
        figures[name] = {}
        for value in _ranged(result):
            for end in (value.low, value.high):
                ends[value.path, end] = value.value
                priced = reprice(result, [f"{value.path}={end}"])
                figures[name][value.path, end] = _figures(priced)
    holding, turns, alike = list[Order](), list[Turn](), list[Order]()
    for one, other in itertools.combinations(results, 2):
        for figure in FIGURES:
            # The smaller first; what is equal now has no order to lose.
            now = sorted((_figures(results[name])[figure], name) for name in (one, other))
            if now[0][0] == now[1][0]:
                continue
            less, more = now[0][1], now[1][1]
            if told is not None and (figure, less, more) not in told:
                alike.append((figure, less, more))
                continue
            found = _turns(figure, (less, more), results=results, figures=figures, ends=ends)
            turns += found
            if not found:
                holding.append((figure, less, more))
    assumed = [value for result in results.values() for value in result.values if value.kind == "assumed"]
    prices = [value for value in assumed if value.path.startswith("costs.")]
    others = [value for value in assumed if not value.path.startswith("costs.")]
    return UnderRanges(
        costs=str(next(iter(results.values())).costs.get("name", "")),
        holding=tuple(holding),
        turns=tuple(turns),
        alike=tuple(alike),
        tried=_paths([path for path, _ in ends]),
        without=_paths([value.path for value in prices if not value.low]),
        of_chips=_paths([value.path for value in others]),
    )


def _ranged(result: Result) -> list[Value]:
    """The assumed prices that a run uses and that have a range."""
    return [value for value in result.values if value.path.startswith("costs.") and value.low]


def _figures(result: Result) -> _Figures:
    return {figure: result.summary[figure] for figure in FIGURES}


def _turns(
    figure: str,
    chips: tuple[str, str],
    *,
    results: Mapping[str, Result],
    figures: Mapping[str, Mapping[_End, _Figures]],
    ends: Mapping[_End, str],
) -> list[Turn]:
    """Ends of ranges at which the first chip does not have less of a figure any more."""
    less, more = chips
    found = []
    for place, now in ends.items():
        # A chip that does not use a price takes what it takes now.
        first = figures[less].get(place) or _figures(results[less])
        second = figures[more].get(place) or _figures(results[more])
        if first[figure] >= second[figure]:
            path, end = place
            found.append(Turn(figure=figure, less=less, more=more, path=path, now=now, end=end))
    return found


def _paths(paths: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(paths))
