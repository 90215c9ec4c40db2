"""What an accuracy costs: accuracy against time, energy, wear and area, and which settings are dominated.

The front is that of means. A setting is called dominated only by one that is told apart from it in both
figures: whatever lies nearer may change sides with other seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.report.figure import Figure, axis, log_axis, text
from chipsim.report.nested import nested_points
from chipsim.report.study_figures import StudyLook, study_looks
from chipsim.result.alongside import WHYS, Alongside
from chipsim.result.compared import EQUAL, Sample
from chipsim.result.metrics import Metric
from chipsim.study.ranking import Ranking, ranked
from chipsim.study.statistics import DONE, Gathered, Setting
from chipsim.study.words import AREA_KEY, amount, depends_on_costs, lead_metrics, scale_of

__all__ = ["DOMINATED", "FRONT", "OPEN", "pareto_figures", "standing_of"]

FRONT: Final = "on the front"
OPEN: Final = "not told apart from it"
DOMINATED: Final = "dominated"
_COSTS: Final = (
    "simulated_time_ps", "energy_aJ", "hottest_cell_pulses", "hottest_cell_programmings", AREA_KEY,
)  # fmt: skip
_ACCURACIES: Final = ("mean_task_accuracy_percent", "test_accuracy_percent")
_LOG_FACTOR: Final = 5
_PAIRS: Final = 200_000
"""Pairs of settings that are judged at once."""
_LOOKS: Final = {FRONT: ("", 11, 1.0), OPEN: ("-open", 11, 1.0), DOMINATED: ("", 6, 0.45)}
"""What a place does to a marker: the end of its symbol, its size, its opacity."""


@attrs.frozen(kw_only=True)
class _Point:
    setting: Setting
    cost: Sample
    accuracy: Sample
    place: str


def pareto_figures(gathered: Gathered, *, link: Callable[[str], str] = str) -> list[Figure]:
    """Accuracy against each cost, a figure for each task and cost; none where no accuracy was measured.

    Parameters
    ----------
    gathered
        The study; of several cost sets the first is shown.
    link
        Where a run of a given id is found from the page.
    """
    usual = lead_metrics(gathered.metrics, ())
    accuracy = next((key for key in usual if key in _ACCURACIES), None)
    if accuracy is None or not gathered.settings:
        return []
    at_costs = gathered.settings[0].costs
    by_task: dict[str, list[Setting]] = {}
    for one in gathered.settings:
        if one.costs == at_costs:
            by_task.setdefault(one.task, []).append(one)
    figures = []
    for place, (task, settings) in enumerate(by_task.items()):
        found = _of_task(gathered, accuracy, settings, link=link)
        if len(by_task) > 1:
            # What is better on one task may be worse on another.
            found = [
                attrs.evolve(one, name=f"{one.name}-{place}", title=f"{one.title} on {task}") for one in found
            ]
        figures += found
    return figures


def _of_task(
    gathered: Gathered, accuracy: str, settings: Sequence[Setting], *, link: Callable[[str], str]
) -> list[Figure]:
    """Accuracy against each cost, of settings of one task and cost set."""
    better = ranked(gathered, gathered.metric(accuracy), settings)
    # Which accuracies are told apart is the same whatever it is drawn against.
    beaten: dict[tuple[Setting, ...], _Beaten] = {}
    figures = []
    for key in _COSTS:
        # Of areas that were made equal no setting has more than another to show for it.
        if key == AREA_KEY and gathered.study.equal_area:
            continue
        cost = ranked(gathered, gathered.metric(key), settings)
        if better is None or cost is None or not any(sample.mean for _, sample in cost.samples):
            continue
        both = _in_both(better, cost)
        if both not in beaten:
            beaten[both] = _Beaten.of(better, both)
        places = _standing(both, beaten[both], _Beaten.of(cost, both))
        figures.append(_figure(gathered, (cost, better), places, link=link, of=settings[0]))
    return figures


def standing_of(better: Ranking, cost: Ranking) -> dict[Setting, str]:
    """Which settings are on the front of means, which are dominated, and which nobody can tell.

    Parameters
    ----------
    better
        By a figure of which more is better.
    cost
        By a figure of which less is.
    """
    both = _in_both(better, cost)
    return _standing(both, _Beaten.of(better, both), _Beaten.of(cost, both))


def _in_both(better: Ranking, cost: Ranking) -> tuple[Setting, ...]:
    low = dict(cost.samples)
    return tuple(one for one, _ in better.samples if one in low)


def _standing(both: Sequence[Setting], better: _Beaten, cost: _Beaten) -> dict[Setting, str]:
    # Means that are no worse in either figure, and not the same in both.
    above = better.no_worse & cost.no_worse & ~(better.no_worse.T & cost.no_worse.T)
    # Told apart in both figures, or in one while the other is the same.
    beats = (better.apart | cost.apart) & (better.apart | better.equal) & (cost.apart | cost.equal)
    before = above.any(axis=0)
    beaten = (above & beats).any(axis=0)
    places = np.where(beaten, DOMINATED, np.where(before, OPEN, FRONT))
    return dict(zip(both, places.tolist(), strict=True))


@attrs.frozen(kw_only=True, eq=False)
class _Beaten:
    """Which settings are told apart from which in a figure, as tables of all pairs."""

    apart: NDArray[np.bool_]
    """Whether the setting of a row is told to be better than that of a column."""
    equal: NDArray[np.bool_]
    """Whether both are the same."""
    no_worse: NDArray[np.bool_]
    """Whether the mean of a row is at least as good as that of a column."""

    @classmethod
    def of(cls, ranking: Ranking, settings: Sequence[Setting]) -> _Beaten:
        """By the level at which the best would be told apart from others."""
        samples = dict(ranking.samples)
        alongside = Alongside([samples[one] for one in settings])
        sign = -1.0 if ranking.metric.better == "more" else 1.0
        shape = (len(settings), len(settings))
        apart, equal = np.zeros(shape, bool), np.zeros(shape, bool)
        means = sign * alongside.means
        no_worse = means[:, None] <= means
        # A few rows at a time: differences of all seeds of all pairs fit no memory.
        for rows in np.array_split(np.arange(len(settings)), max(1, len(settings) ** 2 // _PAIRS)):
            # Nothing stands before what has the better mean.
            ones, others = np.nonzero(no_worse[rows])
            ones = rows[ones]
            judged = alongside.judged(ones, others)
            told = (judged.why == WHYS.index("")) & (sign * judged.difference < 0)
            apart[ones, others] = told & ~(judged.chance > ranking.level)
            equal[ones, others] = judged.why == WHYS.index(EQUAL)
        return cls(apart=apart, equal=equal, no_worse=no_worse)


def _figure(
    gathered: Gathered,
    rankings: tuple[Ranking, Ranking],
    places: Mapping[Setting, str],
    *,
    link: Callable[[str], str],
    of: Setting,
) -> Figure:
    cost, better = rankings
    low, high = dict(cost.samples), dict(better.samples)
    largest = max(abs(low[one].mean) for one in places)
    smallest = min(low[one].mean for one in places)
    unit, size = scale_of(cost.metric.key, largest)
    is_wide = smallest > 0 and largest >= _LOG_FACTOR * smallest
    looks = study_looks(gathered)
    names = gathered.names()
    data = []
    for chip, look in looks.items():
        points = [
            _Point(setting=one, cost=low[one], accuracy=high[one], place=place)
            for one, place in places.items()
            if one.chip == chip
        ]
        if points:
            data.append(
                _points(
                    gathered,
                    points,
                    (cost.metric, better.metric),
                    chip=chip,
                    look=look,
                    names=names,
                    size=size,
                    link=link,
                )
            )
    data, lying = nested_points(data, log=is_wide)
    title = f"{cost.metric.title} [{unit}]" if unit else cost.metric.title
    counts = [f"{list(places.values()).count(kind)} {kind}" for kind in (FRONT, OPEN, DOMINATED)]
    where = f" At the costs of {of.costs}." if of.costs and depends_on_costs(cost.metric.key) else ""
    return Figure(
        name=f"pareto-{cost.metric.key.replace('_', '-')}",
        title=f"{better.metric.title} against {cost.metric.title[:1].lower()}{cost.metric.title[1:]}",
        caption=" ".join(filter(None, (f"{', '.join(counts)}.{where}", lying))),
        data=[_front(places, low, high, size=size), *data],
        layout={
            "xaxis": log_axis(title, [low[one].mean / size for one in places]) if is_wide else axis(title),
            "yaxis": axis(f"{better.metric.title} [%]"),
            # A chip whose first setting is dominated would have a small sign in the legend.
            "legend": {"itemsizing": "constant"},
        },
        height=360,
    )


def _front(
    places: Mapping[Setting, str],
    low: Mapping[Setting, Sample],
    high: Mapping[Setting, Sample],
    *,
    size: float,
) -> dict[str, Any]:
    front = sorted((low[one].mean / size, high[one].mean) for one, place in places.items() if place == FRONT)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "front of means",
        "x": [x for x, _ in front],
        "y": [y for _, y in front],
        # Between two points of it nothing was run: steps claim nothing that neither of them has.
        "line": {"color": "@@muted", "width": 1.2, "dash": "dot", "shape": "hv"},
        "hoverinfo": "skip",
    }


def _points(
    gathered: Gathered,
    points: Sequence[_Point],
    metrics: tuple[Metric, Metric],
    *,
    chip: str,
    look: StudyLook,
    names: Mapping[Setting, str],
    size: float,
    link: Callable[[str], str],
) -> dict[str, Any]:
    told = []
    for point in points:
        shown = [
            amount(metric, sample)
            for metric, sample in zip(metrics, (point.cost, point.accuracy), strict=True)
        ]
        done = [run.id for run in gathered.runs_of(point.setting) if run.state == DONE]
        words = f"{names[point.setting]}: {shown[1]}, {shown[0]}; {point.place}"
        told.append([text(words), link(done[0]) if done else ""])
    ends = [_LOOKS[point.place] for point in points]
    spread = {"type": "data", "visible": True, "thickness": 1.2, "width": 3, "color": look.color}
    return {
        "type": "scatter",
        "mode": "markers",
        "name": text(chip),
        "x": [point.cost.mean / size for point in points],
        "y": [point.accuracy.mean for point in points],
        "error_x": {**spread, "array": [_length(point.cost, size) for point in points]},
        "error_y": {**spread, "array": [_length(point.accuracy, 1.0) for point in points]},
        "marker": {
            "color": look.color,
            "symbol": [look.symbol + end for end, _, _ in ends],
            "size": [large for _, large, _ in ends],
            "opacity": [opacity for _, _, opacity in ends],
        },
        "customdata": told,
        "hovertemplate": "%{customdata[0]}<extra></extra>",
    }


def _length(sample: Sample, size: float) -> float | None:
    """Of a bar of one standard deviation; None where there is none to draw."""
    return sample.deviation / size if sample.deviation else None
