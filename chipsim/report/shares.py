"""Figures of where energy and busy time went: by activity, by action, by kind of part, and by part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import attrs

from chipsim.report.figure import Figure, Look, Option, axis_unit, color_of, looks, text
from chipsim.report.words import joined
from chipsim.result import LedgerRow, Result
from chipsim.result.activities import Busiest, activities, activity_of, busiest_parts
from chipsim.units import ENERGY, TIME, Dimension, show

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


def share_figures(results: Sequence[Result]) -> list[Figure]:
    """Energy and busy time of all results, stacked by activity, by action and by kind of part."""
    groups: list[tuple[str, str, Callable[[LedgerRow], str]]] = [
        ("action", "by operation", lambda row: row.action),
        ("kind", "by kind of part", lambda row: row.kind),
    ]
    activity = [
        _shares(results, amount=amount, name="activity", title="by activity", group=activity_of)
        for amount in (_ENERGY, _BUSY)
    ]
    return [
        *(attrs.evolve(figure, wide=True) for figure in activity),
        *(
            _shares(results, amount=amount, name=name, title=title, group=group)
            for amount in (_ENERGY, _BUSY)
            for name, title, group in groups
        ),
    ]


def _shares(
    results: Sequence[Result], *, amount: _Amount, name: str, title: str, group: Callable[[LedgerRow], str]
) -> Figure:
    styles = looks(results)
    sums = [_summed(result.ledger, key=group, amount=amount) for result in results]
    wholes = [sum(total.values()) for total in sums]
    rows = [text(_with_total(style, whole, amount)) for style, whole in zip(styles, wholes, strict=True)]
    unit, _ = axis_unit(max(wholes), amount.dimension)
    absolute = {"barnorm": "", "xaxis.title.text": f"{amount.title} [{unit}]"}
    return Figure(
        name=f"{amount.name}-by-{name}",
        title=f"{amount.title} {title}",
        data=_stacks(rows, {word: _amounts(word, sums) for word in _biggest_first(sums)}, amount=amount),
        layout={
            "barmode": "stack",
            "barnorm": "percent",
            "xaxis": {"title": {"text": "Share [%]"}},
            "yaxis": {"autorange": "reversed", "automargin": True},
        },
        height=150 + 54 * len(results),
        options=(Option(label="share", layout={}), Option(label="absolute", layout=absolute)),
    )


def _amounts(word: str, sums: Iterable[dict[str, int]]) -> list[int]:
    return [total.get(word, 0) for total in sums]


def _with_total(style: Look, total: int, amount: _Amount) -> str:
    return f"{style.label} · {show(total, amount.dimension, 3)}"


def _summed(rows: Iterable[LedgerRow], *, key: Callable[[LedgerRow], str], amount: _Amount) -> dict[str, int]:
    sums: dict[str, int] = {}
    for row in rows:
        sums[key(row)] = sums.get(key(row), 0) + amount.of(row)
    return sums


def _biggest_first(sums: Sequence[dict[str, int]]) -> list[str]:
    """Words of all sums, the largest share of any result first; those that take nothing are left out."""
    shares: dict[str, float] = {}
    for total in sums:
        whole = sum(total.values()) or 1
        for word, value in total.items():
            shares[word] = max(shares.get(word, 0.0), value / whole)
    return sorted((word for word in shares if shares[word]), key=lambda word: (-shares[word], word))


def _stacks(rows: Sequence[str], words: dict[str, list[int]], *, amount: _Amount) -> list[dict[str, Any]]:
    """A trace for each word, with one bar in each row."""
    wholes = [sum(values) for values in zip(*words.values(), strict=True)]
    _, scale = axis_unit(max(wholes, default=0), amount.dimension)
    return [
        {
            "type": "bar",
            "orientation": "h",
            "name": text(word),
            "y": list(rows),
            "x": [value / scale for value in values],
            "customdata": [
                f"{show(value, amount.dimension)}, {100 * value / (whole or 1):.3g} %"
                for value, whole in zip(values, wholes, strict=True)
            ],
            "marker": {
                "color": color_of(word, among=sorted(words)),
                "line": {"color": "@@surface", "width": 1},
            },
            "hovertemplate": "%{customdata}",
        }
        for word, values in words.items()
    ]


def part_figures(results: Sequence[Result]) -> list[list[Figure]]:
    """For each result, energy and busy time of its parts, stacked by action."""
    return [
        [_parts(result, look=look, place=place, amount=amount) for amount in (_ENERGY, _BUSY)]
        for place, (result, look) in enumerate(zip(results, looks(results), strict=True))
    ]


def _parts(result: Result, *, look: Look, place: int, amount: _Amount) -> Figure:
    """The parts that take most, the rest in one bar; parts of one kind stand together."""
    order, other = _parts_in_order(result, amount)
    by_action: dict[str, dict[str, int]] = {}
    for row in result.ledger:
        sums = by_action.setdefault(row.action, {})
        part = row.part if row.part in order else other
        sums[part] = sums.get(part, 0) + amount.of(row)
    words = {
        action: [by_action[action].get(part, 0) for part in order]
        for action in _biggest_first([_summed(result.ledger, key=lambda row: row.action, amount=amount)])
    }
    largest = max((sum(values) for values in zip(*words.values(), strict=True)), default=0)
    unit, _ = axis_unit(largest, amount.dimension)
    return Figure(
        name=f"{amount.name}-of-parts-{place}",
        title=f"{look.label}: {amount.title.lower()} by part",
        data=_stacks([text(part) for part in order], words, amount=amount),
        layout={
            "barmode": "stack",
            "xaxis": {"title": {"text": f"{amount.title} [{unit}]"}},
            "yaxis": {"autorange": "reversed", "automargin": True, "dtick": 1},
        },
        height=150 + 24 * max(len(order), 4),
    )


def _parts_in_order(result: Result, amount: _Amount) -> tuple[list[str], str]:
    """The parts that take most by kind and name, and the name that stands for all others."""
    kinds = {row.part: row.kind for row in result.ledger}
    totals = _summed(result.ledger, key=lambda row: row.part, amount=amount)
    taking = sorted((part for part in totals if totals[part]), key=lambda part: (-totals[part], part))
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
    units = sorted(busiest_parts(result), key=lambda one: -one.share)
    if units:
        first = f"{_unit(units[0])} was busy for {_share(units[0])}"
        rest = [f"{_unit(one)} for {_share(one)}" for one in units[1:]]
        told.append(f"Of the time on chip, {', '.join([first, joined(rest)]) if rest else first}.")
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
    for name, amount in sorted(amounts.items(), key=lambda entry: -entry[1])[:3]:
        told.append(f"{name} took {100 * amount / whole:.3g} %")
        left -= amount
        if 4 * left <= whole:
            break
    return joined(told)
