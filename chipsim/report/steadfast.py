"""Which orderings of a study hold under all its cost sets, which flip, and on which price they hinge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from chipsim.result.metrics import Metric
from chipsim.study.robustness import Flip, Ordering, orderings
from chipsim.study.statistics import Gathered, short_paths
from chipsim.study.words import depends_on_costs, figures_named
from chipsim.wording import joined

__all__ = ["OrderRow", "Robustness", "robustness"]

_MOST_FLIPS: Final = 12
_SIGNS: Final = {-1: "less", 0: "not told apart", 1: "more"}


@attrs.frozen(kw_only=True)
class OrderRow:
    """One ordering in the table of cost sets."""

    figure: str
    what: str
    signs: tuple[str, ...]
    """One a cost set: less, more, not told apart, or empty where it was not run."""
    verdict: str


@attrs.frozen(kw_only=True)
class Robustness:
    """What of a study holds under other costs."""

    costs: tuple[str, ...]
    """Cost sets, where there are several."""
    sentences: tuple[str, ...]
    rows: tuple[OrderRow, ...]
    flips: tuple[Flip, ...]
    """The nearest first."""
    hinge: str
    """The single price on which most hangs, in words; empty where none is known."""


def robustness(gathered: Gathered, metrics: Sequence[Metric], *, flips: Sequence[Flip] = ()) -> Robustness:
    """What of a study holds under other costs.

    Parameters
    ----------
    gathered
        The study.
    metrics
        Figures that its page leads with.
    flips
        Prices at which an ordering in energy turns round.
    """
    costs = tuple(dict.fromkeys(one.costs for one in gathered.settings))
    found: list[Ordering] = []
    if len(costs) > 1:
        for metric in metrics:
            if metric.better and depends_on_costs(metric.key):
                found += orderings(gathered, metric)
    nearest = tuple(sorted(flips, key=lambda flip: (flip.reach, flip.path)))
    return Robustness(
        costs=costs if len(costs) > 1 else (),
        sentences=tuple(_sentences(found, costs)),
        rows=tuple(_row(one, costs, gathered) for one in found),
        flips=nearest[:_MOST_FLIPS],
        hinge=f"The nearest: {nearest[0].sentence()}." if nearest else "",
    )


def _sentences(found: Sequence[Ordering], costs: Sequence[str]) -> list[str]:
    by_metric: dict[str, list[Ordering]] = {}
    for one in found:
        by_metric.setdefault(one.metric.key, []).append(one)
    told = []
    for its in by_metric.values():
        title = figures_named([its[0].metric])
        holding = sum(one.holds for one in its)
        flipping = sum(one.flips for one in its)
        rest = len(its) - holding - flipping
        parts = [f"{holding} {'holds' if holding == 1 else 'hold'} under all {len(costs)} cost sets"]
        if flipping:
            parts.append(f"{flipping} {'flips' if flipping == 1 else 'flip'}")
        if rest:
            parts.append(f"{rest} {'is' if rest == 1 else 'are'} told apart under some of them or none")
        many = f"{len(its)} orderings of two chips" if len(its) > 1 else "1 ordering of two chips"
        told.append(f"Of {many} in {title}, {joined(parts)}.")
    return told


def _row(one: Ordering, costs: Sequence[str], gathered: Gathered) -> OrderRow:
    signs = dict(one.by_costs)
    short = short_paths([path for path, _ in one.varied])
    points = [f"{short[path]} = {value}" for path, value in one.varied]
    if len({setting.task for setting in gathered.settings}) > 1:
        points.insert(0, one.task)
    where = f" ({', '.join(points)})" if points else ""
    verdict = "holds" if one.holds else "flips" if one.flips else "open"
    return OrderRow(
        figure=one.metric.title,
        what=f"{one.one} takes … than {one.other}{where}",
        signs=tuple(_SIGNS[signs[name]] if name in signs else "" for name in costs),
        verdict=verdict,
    )
