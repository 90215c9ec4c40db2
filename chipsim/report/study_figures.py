"""Figures of a study: curves over what is varied, maps of two axes, chips side by side, with their spread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import attrs

from chipsim.report.figure import Figure, axis, log_axis, text
from chipsim.report.nested import nested_lines
from chipsim.report.study_axes import VariedAxis, axes_of
from chipsim.result.compared import Sample
from chipsim.result.metrics import Metric
from chipsim.study.rows import unit_of
from chipsim.study.statistics import Gathered, Setting
from chipsim.study.words import amount, depends_on_costs, scale_of

__all__ = ["StudyLook", "metric_figures", "study_looks"]

_SERIES: Final = 7
_DASHES: Final = ("solid", "dash", "dot", "dashdot", "longdash")
_SYMBOLS: Final = ("circle", "square", "diamond", "triangle-up", "x", "star", "triangle-down")
_WIDE: Final = 30
"""From which factor between the largest and the smallest amounts stand on a logarithmic axis."""
_MOST_MAPS: Final = 6
_SPREAD: Final = "Bars: one standard deviation over seeds."
_FIELDS: Final = "In each field the mean, and one standard deviation over seeds."
_ALONE: Final = "One seed: no spread is known."


@attrs.frozen(kw_only=True)
class StudyLook:
    """How a chip looks on every chart and in every table of a study."""

    color: str
    swatch: int
    symbol: str


def study_looks(gathered: Gathered) -> dict[str, StudyLook]:
    """A colour and a marker for each chip, in the order of the study."""
    chips = [one.label for one in gathered.study.architectures]
    # A study that was stopped or put together may have chips that its list does not.
    chips += [one.chip for one in gathered.settings]
    looks = {}
    for place, chip in enumerate(dict.fromkeys(chips)):
        hue = place % _SERIES
        # Where colours begin anew, markers have moved on: the eighth chip must not look like the first.
        symbol = _SYMBOLS[(place + place // _SERIES) % len(_SYMBOLS)]
        looks[chip] = StudyLook(color=f"@@series-{hue}", swatch=hue, symbol=symbol)
    return looks


def metric_figures(gathered: Gathered, metrics: Sequence[Metric]) -> list[Figure]:
    """A figure or more for each figure that the page leads with, by how many axes the study has.

    Parameters
    ----------
    gathered
        The study.
    metrics
        What is drawn.
    """
    axes = axes_of(gathered)
    looks = study_looks(gathered)
    figures = []
    for metric in metrics:
        known = _known(gathered, metric)
        if not known:
            continue
        if not axes:
            figures.append(_side_by_side(metric, known, looks=looks))
        elif len(axes) == 1:
            figures.append(_curves(gathered, metric, known, over=axes[0]))
        elif len(axes) == 2:
            figures += _maps(metric, known, over=(axes[0], axes[1]))
    return figures


def _known(gathered: Gathered, metric: Metric) -> dict[Setting, Sample]:
    """Samples by setting: at one cost set where it makes no difference."""
    first = gathered.settings[0].costs if gathered.settings else ""
    known = {}
    for setting in gathered.settings:
        sample = gathered.sample(setting, metric.key)
        if sample is not None and (depends_on_costs(metric.key) or setting.costs == first):
            known[setting] = sample
    return known


def _caption(samples: Sequence[Sample], *, mark: str = _SPREAD) -> str:
    drawn = [sample for sample in samples if not sample.exact]
    if not drawn:
        return ""
    alone = [sample for sample in drawn if len(sample.values) == 1]
    if len(alone) == len(drawn):
        return _ALONE
    return f"{mark} Without it: one seed." if alone else mark


def _value_axis(metric: Metric, samples: Sequence[Sample]) -> tuple[dict[str, Any], float]:
    """The axis of a figure, and the size of its unit."""
    largest = max(abs(sample.mean) for sample in samples)
    unit, size = scale_of(metric.key, largest)
    title = f"{metric.title} [{unit}]" if unit else metric.title
    smallest = min(sample.mean for sample in samples)
    if unit_of(metric.key) != "%" and smallest > 0 and largest >= _WIDE * smallest:
        return log_axis(title, [sample.mean / size for sample in samples]), size
    return axis(title), size


def _whiskers(samples: Sequence[Sample], size: float) -> dict[str, Any]:
    """Bars of one standard deviation; none of one seed, or where all seeds are alike."""
    # A bar of no length would still draw its two ends.
    deviations = [sample.deviation / size if sample.deviation else None for sample in samples]
    return {"type": "data", "array": deviations, "visible": any(deviations), "thickness": 1.4, "width": 4}


def _groups(settings: Iterable[Setting]) -> dict[Setting, str]:
    """Task and cost set of each setting, where there are several."""
    settings = list(settings)
    differing = [name for name in ("task", "costs") if len({getattr(one, name) for one in settings}) > 1]
    return {one: ", ".join(filter(None, (getattr(one, name) for name in differing))) for one in settings}


def _side_by_side(
    metric: Metric,
    known: Mapping[Setting, Sample],
    *,
    looks: Mapping[str, StudyLook],
) -> Figure:
    """Chips one under the other, a bar or a point each, by task and cost set where there are several."""
    settings = list(known)
    group_of = _groups(settings)
    groups = list(dict.fromkeys(group_of.values()))
    values, size = _value_axis(metric, list(known.values()))
    # A share near a hundred percent, or amounts over decades, have no length that could be looked at.
    pointed = unit_of(metric.key) == "%" or values.get("type") == "log"
    chips = [chip for chip in looks if any(one.chip == chip for one in settings)]
    data = []
    for chip in chips:
        its = [one for one in settings if one.chip == chip]
        rows = [group_of[one] for one in its] if len(groups) > 1 else [chip] * len(its)
        samples = [known[one] for one in its]
        row = _row(metric, samples, rows, name=chip, look=looks[chip], size=size, pointed=pointed)
        # Beside each other where chips share rows; by itself a bar stands in the middle of its own.
        data.append({**row, "offsetgroup": text(chip)} if len(groups) > 1 else row)
    rows = groups if len(groups) > 1 else chips
    several = len(groups) > 1
    layout = {
        "xaxis": values if pointed else {**values, "rangemode": "tozero"},
        # Plotly counts upwards, and the page shows things in the order in which they were given.
        "yaxis": {
            "type": "category", "autorange": "reversed", "automargin": True,
            "categoryorder": "array", "categoryarray": [text(row) for row in rows],
        },
        "showlegend": several,
        **({"barmode": "group", "scattermode": "group"} if several else {}),
    }  # fmt: skip
    if several and pointed and values.get("type") != "log":
        # Left to itself, plotly begins an axis at zero where points stand in groups.
        layout["xaxis"] = {**values, "range": _around(list(known.values()), size)}
    lines = len(rows) * (len(chips) if several else 1)
    return Figure(
        name=f"study-{_id(metric)}",
        title=metric.title,
        caption=_caption(list(known.values())),
        data=data,
        layout=layout,
        height=130 + 30 * max(lines, 2),
    )


def _around(samples: Sequence[Sample], size: float) -> list[float]:
    """The ends of an axis that shows these, with their spread and a little room."""
    low = min(sample.mean - (sample.deviation or 0) for sample in samples) / size
    high = max(sample.mean + (sample.deviation or 0) for sample in samples) / size
    room = 0.06 * (high - low) or 1.0
    return [low - room, high + room]


def _row(
    metric: Metric,
    samples: Sequence[Sample],
    rows: Sequence[str],
    *,
    name: str,
    look: StudyLook,
    size: float,
    pointed: bool,
) -> dict[str, Any]:
    trace: dict[str, Any] = {
        "name": text(name),
        "x": [sample.mean / size for sample in samples],
        "y": [text(row) for row in rows],
        "error_x": {**_whiskers(samples, size), "color": "@@ink"},
        "customdata": [_told(metric, sample) for sample in samples],
        "hovertemplate": "%{customdata}",
    }
    if pointed:
        marker = {"color": look.color, "symbol": look.symbol, "size": 10}
        whiskers = {**trace["error_x"], "color": look.color}
        return {
            "type": "scatter",
            "mode": "markers",
            "orientation": "h",
            **trace,
            "marker": marker,
            "error_x": whiskers,
        }
    return {"type": "bar", "orientation": "h", **trace, "marker": {"color": look.color}}


def _told(metric: Metric, sample: Sample) -> str:
    count = len(sample.values)
    seeds = "whatever the seed" if sample.exact else f"{count} seed{'s' if count > 1 else ''}"
    return text(f"{amount(metric, sample)}, {seeds}")


def _curves(
    gathered: Gathered, metric: Metric, known: Mapping[Setting, Sample], *, over: VariedAxis
) -> Figure:
    """A line for each chip (and task, and cost set) over what is varied."""
    looks = study_looks(gathered)
    values, size = _value_axis(metric, list(known.values()))
    group_of = _groups(known)
    groups = list(dict.fromkeys(group_of.values()))
    series: dict[tuple[str, str], list[Setting]] = {}
    for one, its_group in group_of.items():
        series.setdefault((one.chip, its_group), []).append(one)
    data = []
    for (chip, group), its in series.items():
        placed = [one for one in its if over.place(one) is not None]
        # By what the axis shows, whatever was run first: a line that turns back reads as nothing.
        placed.sort(key=lambda one: over.places[over.text(one) or ""])
        xs: list[Any] = [over.place(one) for one in placed]
        samples = [known[one] for one in placed]
        dash = _DASHES[groups.index(group) % len(_DASHES)]
        if not placed:
            # A chip that is not varied stands for all of the axis.
            xs, samples = list(over.numbers or over.texts), [known[its[0]]] * len(over.texts)
            dash = "dot"
        name = f"{chip}, {group}" if group else chip
        color = looks[chip].color
        data.append(
            {
                "type": "scatter",
                "mode": "lines+markers" if placed else "lines",
                "name": text(name),
                "x": [text(x) if isinstance(x, str) else x for x in xs],
                "y": [sample.mean / size for sample in samples],
                "error_y": {**_whiskers(samples, size), "color": color},
                "line": {"color": color, "dash": dash, "width": 2},
                "marker": {"color": color, "symbol": looks[chip].symbol, "size": 8},
                "customdata": [_told(metric, sample) for sample in samples],
                "hovertemplate": "%{x}: %{customdata}",
            }
        )
    data, lying = nested_lines(data, log=values.get("type") == "log")
    layout = {"xaxis": _varied_axis(over), "yaxis": values, "showlegend": len(series) > 1}
    return Figure(
        name=f"study-{_id(metric)}",
        title=f"{metric.title} against {over.title.partition(' [')[0]}",
        caption=" ".join(filter(None, (_caption(list(known.values())), lying))),
        data=data,
        layout=layout,
        height=330,
    )


def _varied_axis(over: VariedAxis) -> dict[str, Any]:
    if over.numbers is None:
        names = [text(each) for each in over.texts]
        # Words that look like numbers, or dates, would be taken for some.
        return axis(text(over.title), type="category", categoryorder="array", categoryarray=names)
    if over.is_wide:
        # Where values were chosen, ticks stand: those between have been measured by nobody.
        ticks = {"tickvals": list(over.numbers), "ticktext": [f"{each:g}" for each in over.numbers]}
        few = ticks if len(over.numbers) <= 8 else {}
        return axis(text(over.title), type="log", **few)
    return axis(text(over.title))


def _maps(
    metric: Metric, known: Mapping[Setting, Sample], *, over: tuple[VariedAxis, VariedAxis]
) -> list[Figure]:
    """Two axes as a map, one for each chip (and task, and cost set); one scale of colours for all."""
    _, size = _value_axis(metric, list(known.values()))
    groups: dict[tuple[str, str], list[Setting]] = {}
    for one, its_group in _groups(known).items():
        if all(axis_.place(one) is not None for axis_ in over):
            groups.setdefault((one.chip, its_group), []).append(one)
    means = [sample.mean / size for sample in known.values()]
    unit, _ = scale_of(metric.key, max(abs(sample.mean) for sample in known.values()))
    chips = {chip for chip, _ in groups}
    left = (
        f" {_MOST_MAPS} of {len(groups)} maps are drawn; the table has all."
        if len(groups) > _MOST_MAPS
        else ""
    )
    figures = []
    for place, ((chip, group), its) in enumerate(list(groups.items())[:_MOST_MAPS]):
        by_place = {(over[0].text(one), over[1].text(one)): known[one] for one in its}
        rows = [[by_place.get((x, y)) for x in over[0].texts] for y in over[1].texts]
        trace = {
            "type": "heatmap",
            "x": [text(each) for each in over[0].texts],
            "y": [text(each) for each in over[1].texts],
            "z": [[sample and sample.mean / size for sample in row] for row in rows],
            "text": [[_short(sample, size) for sample in row] for row in rows],
            "texttemplate": "%{text}",
            "zmin": min(means),
            "zmax": max(means),
            "colorscale": "Viridis",
            "colorbar": {"title": {"text": unit}, "thickness": 12},
            "hovertemplate": "%{x}, %{y}: %{text}",
            "hoverongaps": False,
        }
        who = ", ".join(word for word in (chip if len(chips) > 1 else "", group) if word)
        figures.append(
            Figure(
                name=f"study-{_id(metric)}-{place}",
                title=f"{metric.title}: {who}" if who else metric.title,
                caption=_caption([known[one] for one in its], mark=_FIELDS) + left,
                data=[trace],
                layout={
                    "xaxis": axis(text(over[0].title), type="category", showgrid=False),
                    "yaxis": axis(text(over[1].title), type="category", showgrid=False),
                },
                height=140 + 52 * max(len(over[1].texts), 3),
            )
        )
    return figures


def _short(sample: Sample | None, size: float) -> str:
    """A mean and its spread with as many digits as a field has room for."""
    if sample is None:
        return ""
    deviation = sample.deviation
    spread = f"<br>± {deviation / size:.2g}" if deviation else ""
    return f"{sample.mean / size:.4g}{spread}"


def _id(metric: Metric) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in metric.key)
