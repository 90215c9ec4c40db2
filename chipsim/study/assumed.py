"""Orderings of chips under the range of every assumed price: which hold at both ends, and which turn.

One value at a time, all others as they are; nothing is trained again. Only values that a run uses count.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final, TypeAlias

import attrs

from chipsim.result import Result
from chipsim.spec.provenance import Value
from chipsim.study.ranking import among_all
from chipsim.study.robustness import Reprice
from chipsim.study.statistics import Gathered, Setting

__all__ = ["FIGURES", "Order", "Turn", "UnderRanges", "orders_told", "under_ranges"]

FIGURES: Final = {
    "energy_aJ": "energy",
    "energy_with_leakage_aJ": "energy with leakage",
    "simulated_time_ps": "time",
    "area_mm2": "area",
}
"""Figures that prices decide, and what they are called; not every run knows what leaks."""

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
    named = list(itertools.combinations(settings.items(), 2))
    pairs = [(one, other) for (_, one), (_, other) in named]
    for figure in filter(gathered.metrics.__contains__, FIGURES):
        found = among_all(gathered, gathered.metric(figure), pairs)
        for (name, one), (their_name, other) in named:
            each = found.get((one, other))
            if each is not None and not each.why:
                is_less = each.compared.difference < 0
                told.add((figure, name, their_name) if is_less else (figure, their_name, name))
    return frozenset(told)


@attrs.frozen(kw_only=True)
class _Tried:
    """Every assumed price that has a range at both of its ends, and what runs come to there."""

    ends: dict[_End, str] = attrs.field(factory=dict)
    """The price as it is, by what it was put to."""
    now: dict[str, _Figures] = attrs.field(factory=dict)
    """Figures of each run."""
    there: dict[str, dict[_End, _Figures]] = attrs.field(factory=dict)
    """The same at each end of the prices that the run uses."""

    def at(self, name: str, end: _End) -> _Figures:
        """Figures of a run at an end; one that does not use the price takes what it takes now."""
        return self.there[name].get(end, self.now[name])


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
    prices, others = _assumed(results.values())
    tried = _tried(results, reprice)
    holding, turns, alike = list[Order](), list[Turn](), list[Order]()
    for order in _orders_now(tried.now):
        if told is not None and order not in told:
            alike.append(order)
            continue
        found = _turns(order, tried)
        turns += found
        if not found:
            holding.append(order)
    return UnderRanges(
        costs=str(next(iter(results.values())).costs.get("name", "")),
        holding=tuple(holding),
        turns=tuple(turns),
        alike=tuple(alike),
        tried=_paths(path for path, _ in tried.ends),
        without=_paths(value.path for value in prices if not value.low),
        of_chips=_paths(value.path for value in others),
    )


def _assumed(results: Iterable[Result]) -> tuple[list[Value], list[Value]]:
    """Assumed values that runs use: prices, and those of chips and workloads."""
    prices, others = list[Value](), list[Value]()
    for result in results:
        for value in result.values:
            if value.kind == "assumed":
                (prices if value.path.startswith("costs.") else others).append(value)
    return prices, others


def _tried(results: Mapping[str, Result], reprice: Reprice) -> _Tried:
    tried = _Tried()
    for name, result in results.items():
        tried.now[name] = _figures(result)
        there = tried.there.setdefault(name, {})
        prices, _ = _assumed([result])
        for value in prices:
            for end in filter(None, (value.low, value.high)):
                tried.ends[value.path, end] = value.value
                there[value.path, end] = _figures(reprice(result, [f"{value.path}={end}"]))
    return tried


def _orders_now(now: Mapping[str, _Figures]) -> Iterator[Order]:
    """The order of each two runs as prices are; what is equal has no order to lose."""
    for (one, its), (other, theirs) in itertools.combinations(now.items(), 2):
        for figure in filter(theirs.__contains__, its):
            if its[figure] < theirs[figure]:
                yield figure, one, other
            elif its[figure] > theirs[figure]:
                yield figure, other, one


def _figures(result: Result) -> _Figures:
    said = result.summary
    return {figure: said[figure] for figure in FIGURES if said.get(figure) is not None}


def _turns(order: Order, tried: _Tried) -> list[Turn]:
    """Ends of ranges at which the first chip does not have less of a figure any more."""
    figure, less, more = order
    found = []
    for place, now in tried.ends.items():
        if tried.at(less, place)[figure] >= tried.at(more, place)[figure]:
            path, end = place
            found.append(Turn(figure=figure, less=less, more=more, path=path, now=now, end=end))
    return found


def _paths(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(paths))
