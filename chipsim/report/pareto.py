"""What an accuracy costs: accuracy against time, energy, wear and area, and which settings are dominated.

The front is that of means. A setting is called dominated only by one that is told apart from it in both
figures: whatever lies nearer may change sides with other seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import attrs

from chipsim.report.figure import Figure, axis, log_axis, text
from chipsim.report.study_figures import StudyLook, study_looks
from chipsim.result.compared import Sample
from chipsim.result.metrics import Metric
from chipsim.study.ranking import Ranking, ranked
from chipsim.study.statistics import DONE, Gathered, Setting
from chipsim.study.words import amount, depends_on_costs, lead_metrics, scale_of

__all__ = ["DOMINATED", "FRONT", "OPEN", "pareto_figures", "standing_of"]

FRONT: Final = "on the front"
OPEN: Final = "not told apart from it"
DOMINATED: Final = "dominated"
_COSTS: Final = (
    "simulated_time_ps", "energy_aJ", "hottest_cell_pulses", "hottest_cell_programmings", "area_mm2",
)  # fmt: skip
_ACCURACIES: Final = ("mean_task_accuracy_percent", "test_accuracy_percent")
_LOG_FACTOR: Final = 5
_LOOKS: Final = {FRONT: ("", 11, 1.0), OPEN: ("-open", 11, 1.0), DOMINATED: ("", 6, 0.45)}
"""What a place does to a marker: the end of its symbol, its size, its opacity."""


@attrs.frozen(kw_only=True)
class _Point:
    setting: Setting
    cost: Sample
    accuracy: Sample
    place: str


def pareto_figures(gathered: Gathered, *, link: Callable[[str], str] = str) -> list[Figure]:
    """Accuracy against each cost, a figure for each; none where no accuracy was measured.

    Parameters
    ----------
    gathered
        The study; of several tasks and cost sets the first of each is shown.
    link
        Where a run of a given id is found from the page.
    """
    usual = lead_metrics(gathered.metrics, ())
    accuracy = next((key for key in usual if key in _ACCURACIES), None)
    if accuracy is None or not gathered.settings:
        return []
    first = gathered.settings[0]
    settings = [one for one in gathered.settings if (one.task, one.costs) == (first.task, first.costs)]
    better = ranked(gathered, gathered.metric(accuracy), settings)
    figures = []
    for key in _COSTS:
        cost = ranked(gathered, gathered.metric(key), settings)
        if better is None or cost is None or not any(sample.mean for _, sample in cost.samples):
            continue
        places = standing_of(better, cost)
        figures.append(_figure(gathered, (cost, better), places, link=link, of=first))
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
    high, low = dict(better.samples), dict(cost.samples)
    both = [one for one, _ in cost.samples if one in high]
    places = {}
    for one in both:
        above = [
            other
            for other in both
            if high[other].mean >= high[one].mean
            and low[other].mean <= low[one].mean
            and (high[other].mean, low[other].mean) != (high[one].mean, low[one].mean)
        ]
        if not above:
            places[one] = FRONT
        elif any(_beats(other, one, better=better, cost=cost) for other in above):
            places[one] = DOMINATED
        else:
            places[one] = OPEN
    return places


def _beats(other: Setting, one: Setting, *, better: Ranking, cost: Ranking) -> bool:
    """Whether one is told apart from another in both figures, or in one while the other is the same."""
    whys = [ranking.contrasts[other, one].why for ranking in (better, cost)]
    return "" in whys and all(why in ("", "equal") for why in whys)


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
    data = [_front(places, low, high, size=size)]
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
    title = f"{cost.metric.title} [{unit}]" if unit else cost.metric.title
    counts = [f"{list(places.values()).count(kind)} {kind}" for kind in (FRONT, OPEN, DOMINATED)]
    where = f" At the costs of {of.costs}." if of.costs and depends_on_costs(cost.metric.key) else ""
    return Figure(
        name=f"pareto-{cost.metric.key.replace('_', '-')}",
        title=f"{better.metric.title} against {cost.metric.title[:1].lower()}{cost.metric.title[1:]}",
        caption=f"{', '.join(counts)}.{where}",
        data=data,
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
