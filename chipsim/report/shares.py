"""Figures of where energy and busy time went: by activity, by action, by kind of part, and by part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import attrs

from chipsim.report.figure import Figure, Look, Option, axis, axis_unit, color_of, in_order, looks, text
from chipsim.result import LedgerRow, Result
from chipsim.result.activities import Busiest, activities, activity_of, busiest_parts
from chipsim.units import ENERGY, TIME, Dimension, show
from chipsim.wording import joined

__all__ = ["part_figures", "share_figures", "spending"]

_MOST_PARTS: Final = 24


@attrs.frozen(kw_only=True)
class _Amount:
    """What is shown of a ledger row."""

    name: str
    title: str
    dimension: Dimension
    of: Callable[[LedgerRow], int]


_ENERGY: Final = _Amount(
    name="energy",
    title="Energy",
    dimension=ENERGY,
    of=lambda row: row.energy_aj,
)
_BUSY: Final = _Amount(
    name="busy",
    title="Busy time",
    dimension=TIME,
    of=lambda row: row.busy_ps,
)


_GROUPS: Final[Mapping[str, tuple[str, Callable[[LedgerRow], str]]]] = {
    "action": ("by operation", lambda row: row.action),
    "kind": ("by kind of part", lambda row: row.kind),
}
"""Words of a figure's title, and what its bars are stacked by."""


def share_figures(results: Sequence[Result]) -> list[Figure]:
    """Energy and busy time of all results, stacked by activity, by action and by kind of part."""
    figures = []
    for amount in (_ENERGY, _BUSY):
        # Activities have long names, and a legend of them needs the whole width.
        figure = _shares(results, amount=amount, name="activity", title="by activity", group=activity_of)
        figures.append(attrs.evolve(figure, wide=True))
    for amount in (_ENERGY, _BUSY):
        for name, (title, group) in _GROUPS.items():
            figures.append(_shares(results, amount=amount, name=name, title=title, group=group))
    return figures


def _shares(
    results: Sequence[Result], *, amount: _Amount, name: str, title: str, group: Callable[[LedgerRow], str]
) -> Figure:
    sums = [_summed(result.ledger, key=group, amount=amount) for result in results]
    wholes = [sum(total.values()) for total in sums]
    rows = []
    for style, whole in zip(looks(results), wholes, strict=True):
        # Shares alone would make a chip that takes a thousand times as much look like the others.
        total = show(whole, amount.dimension, 3)
        rows.append(text(f"{style.label} · {total}"))
    words = {word: [total.get(word, 0) for total in sums] for word in _taking(sums, of=name)}
    unit, _ = axis_unit(max(wholes), amount.dimension)
    absolute = {"barnorm": "", "xaxis.title.text": f"{amount.title} [{unit}]"}
    layout = {
        "barmode": "stack",
        "barnorm": "percent",
        "xaxis": axis("Share [%]"),
        # Plotly counts upwards, and the page shows chips in the order in which they were given.
        "yaxis": {"autorange": "reversed", "automargin": True},
    }
    return Figure(
        name=f"{amount.name}-by-{name}",
        title=f"{amount.title} {title}",
        data=_stacks(rows, words, amount=amount),
        layout=layout,
        height=150 + 54 * len(results),
        options=(Option(label="share", layout={}), Option(label="absolute", layout=absolute)),
    )


def _summed(rows: Iterable[LedgerRow], *, key: Callable[[LedgerRow], str], amount: _Amount) -> dict[str, int]:
    sums: dict[str, int] = {}
    for row in rows:
        word = key(row)
        sums[word] = sums.get(word, 0) + amount.of(row)
    return sums


def _taking(sums: Sequence[dict[str, int]], *, of: str) -> list[str]:
    """Words of all sums that take anything, in the order of all figures."""
    # The same on every chart and page: whoever looks from one to the other finds a colour at its place.
    taking = {word for total in sums for word, value in total.items() if value}
    return in_order(taking, of=of)


def _stacks(rows: Sequence[str], words: dict[str, list[int]], *, amount: _Amount) -> list[dict[str, Any]]:
    """A trace for each word, with one bar in each row."""
    wholes = _wholes(words)
    _, scale = axis_unit(max(wholes, default=0), amount.dimension)
    traces: list[dict[str, Any]] = []
    for word, values in words.items():
        told = []
        for value, whole in zip(values, wholes, strict=True):
            shown = show(value, amount.dimension)
            share = 100 * value / (whole or 1)
            told.append(f"{shown}, {share:.3g} %")
        # Sorted, so that a word that nobody here knows has the same colour in every figure of the same words.
        color = color_of(word, among=sorted(words))
        trace: dict[str, Any] = {
            "type": "bar",
            "orientation": "h",
            "name": text(word),
            "y": list(rows),
            "x": [value / scale for value in values],
            "customdata": told,
            "marker": {"color": color, "line": {"color": "@@surface", "width": 1}},
            "hovertemplate": "%{customdata}",
        }
        traces.append(trace)
    return traces


def _wholes(words: dict[str, list[int]]) -> list[int]:
    """What each row of bars adds up to."""
    return [sum(values) for values in zip(*words.values(), strict=True)]


def part_figures(results: Sequence[Result]) -> list[list[Figure]]:
    """For each result, energy and busy time of its parts, stacked by action."""
    figures = []
    for place, (result, look) in enumerate(zip(results, looks(results), strict=True)):
        its = [_parts(result, look=look, place=place, amount=amount) for amount in (_ENERGY, _BUSY)]
        figures.append(its)
    return figures


def _parts(result: Result, *, look: Look, place: int, amount: _Amount) -> Figure:
    """The parts that take most, the rest in one bar; parts of one kind stand together."""
    order, other = _parts_in_order(result, amount)
    by_action: dict[str, dict[str, int]] = {}
    for row in result.ledger:
        sums = by_action.setdefault(row.action, {})
        part = row.part if row.part in order else other
        sums[part] = sums.get(part, 0) + amount.of(row)
    totals = _summed(result.ledger, key=lambda row: row.action, amount=amount)
    words = {}
    for action in _taking([totals], of="action"):
        sums = by_action[action]
        words[action] = [sums.get(part, 0) for part in order]
    unit, _ = axis_unit(max(_wholes(words), default=0), amount.dimension)
    layout = {
        "barmode": "stack",
        "xaxis": axis(f"{amount.title} [{unit}]"),
        # Every part has its name beside it: plotly would leave out some of many.
        "yaxis": {"autorange": "reversed", "automargin": True, "dtick": 1},
    }
    return Figure(
        name=f"{amount.name}-of-parts-{place}",
        title=f"{look.label}: {amount.title.lower()} by part",
        data=_stacks([text(part) for part in order], words, amount=amount),
        layout=layout,
        height=150 + 24 * max(len(order), 4),
    )


def _parts_in_order(result: Result, amount: _Amount) -> tuple[list[str], str]:
    """The parts that take most by kind and name, and the name that stands for all others."""
    kinds = {row.part: row.kind for row in result.ledger}
    totals = _summed(result.ledger, key=lambda row: row.part, amount=amount)
    taking = [part for part in totals if totals[part]]
    # Of parts that take the same, such as tiles that are alike, those first by name are shown, on every page.
    taking.sort(key=lambda part: (-totals[part], part))
    order = sorted(taking[:_MOST_PARTS], key=lambda part: (kinds[part], part))
    rest = len(taking) - len(order)
    other = f"{rest} other parts"
    return ([*order, other] if rest else order), other


def spending(result: Result) -> str:
    """Where the energy of a run went, and which units were busy, in one or two sentences.

    Empty where nothing was charged.
    """
    energy = _leading({name: one.energy_aj for name, one in activities(result).items()})
    told = [f"Of the energy, {energy}."] if energy else []
    # Time is told by units and not by activities, whose busy times overlap and add up to more than there is.
    units = sorted(busiest_parts(result), key=lambda one: -one.share)
    if units:
        busy = [f"{_unit(units[0])} was busy for {_share(units[0])}"]
        rest = [f"{_unit(one)} for {_share(one)}" for one in units[1:]]
        if rest:
            busy.append(joined(rest))
        told.append(f"Of the time on chip, {', '.join(busy)}.")
    return " ".join(told)


def _unit(one: Busiest) -> str:
    """A unit as a sentence names it, with the part that stands for it where it has several."""
    if one.unit == "tiles":
        return f"the busiest part of the tiles ({one.part})"
    if one.parts == 1:
        return f"the {one.unit.removesuffix('s')}"
    return f"the busiest of the {one.unit.removesuffix('s')}s ({one.part})"


def _share(one: Busiest) -> str:
    return "less than 0.1 %" if one.share < 0.001 else f"{100 * one.share:.3g} %"


def _leading(amounts: dict[str, int]) -> str:
    """The activities that took most, until three quarters of it are told, or three of them."""
    whole = sum(amounts.values())
    if not whole:
        return ""
    told: list[str] = []
    left = whole
    most_first = sorted(amounts.items(), key=lambda entry: -entry[1])
    for name, amount in most_first[:3]:
        share = 100 * amount / whole
        told.append(f"{name} took {share:.3g} %")
        left -= amount
        # Held against each other as whole numbers, so that exactly a quarter is a quarter.
        if 4 * left <= whole:
            break
    return joined(told)
