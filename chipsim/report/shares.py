"""Figures of where energy and busy time went: by action, by kind of part, and by part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import attrs

from chipsim.report.figure import Figure, Look, Option, color_of, looks, text
from chipsim.result import LedgerRow, Result
from chipsim.units import ENERGY, TIME, Dimension, show

__all__ = ["part_figures", "share_figures"]

_MOST_PARTS: Final = 24
_SHARES = (
    Option(label="share", layout={"barnorm": "percent", "xaxis.title.text": "Share [%]"}),
    Option(label="absolute", layout={"barnorm": ""}),
)


@attrs.frozen(kw_only=True)
class _Amount:
    """What is shown of a ledger row."""

    name: str
    title: str
    axis: str
    dimension: Dimension
    scale: float
    of: Callable[[LedgerRow], int]


_ENERGY: Final = _Amount(
    name="energy",
    title="Energy",
    axis="Energy [J]",
    dimension=ENERGY,
    scale=1e-18,
    of=lambda row: row.energy_aj,
)
_BUSY: Final = _Amount(
    name="busy",
    title="Busy time",
    axis="Busy time [s]",
    dimension=TIME,
    scale=1e-12,
    of=lambda row: row.busy_ps,
)


def share_figures(results: Sequence[Result]) -> list[Figure]:
    """Energy and busy time of all results, stacked by action and by kind of part."""
    groups: list[tuple[str, str, Callable[[LedgerRow], str]]] = [
        ("action", "by operation", lambda row: row.action),
        ("kind", "by kind of part", lambda row: row.kind),
    ]
    return [
        _shares(results, amount=amount, name=name, title=title, group=group)
        for amount in (_ENERGY, _BUSY)
        for name, title, group in groups
    ]


def _shares(
    results: Sequence[Result], *, amount: _Amount, name: str, title: str, group: Callable[[LedgerRow], str]
) -> Figure:
    styles = looks(results)
    sums = [_summed(result.ledger, key=group, amount=amount) for result in results]
    rows = [
        text(_with_total(style, sum(total.values()), amount))
        for style, total in zip(styles, sums, strict=True)
    ]
    words = _biggest_first(sums)
    absolute = Option(label="absolute", layout={"barnorm": "", "xaxis.title.text": amount.axis})
    return Figure(
        name=f"{amount.name}-by-{name}",
        title=f"{amount.title} {title}",
        data=[
            _stack(word, rows, [total.get(word, 0) for total in sums], amount=amount, words=words)
            for word in words
        ],
        layout={
            "barmode": "stack",
            "barnorm": "percent",
            "xaxis": {"title": {"text": "Share [%]"}},
            "yaxis": {"autorange": "reversed", "automargin": True},
        },
        height=150 + 54 * len(results),
        options=(_SHARES[0], absolute),
    )


def _with_total(style: Look, total: int, amount: _Amount) -> str:
    return f"{style.label} · {show(total, amount.dimension, 3)}"


def _summed(rows: Iterable[LedgerRow], *, key: Callable[[LedgerRow], str], amount: _Amount) -> dict[str, int]:
    sums: dict[str, int] = {}
    for row in rows:
        sums[key(row)] = sums.get(key(row), 0) + amount.of(row)
    return sums


def _biggest_first(sums: Sequence[dict[str, int]]) -> list[str]:
    """Words of all sums, those first that take the largest share of some result; those that take nothing left out."""
    shares: dict[str, float] = {}
    for total in sums:
        whole = sum(total.values()) or 1
        for word, value in total.items():
            shares[word] = max(shares.get(word, 0.0), value / whole)
    return sorted(
        (word for word, share in shares.items() if share > 0), key=lambda word: (-shares[word], word)
    )


def _stack(
    word: str, rows: Sequence[str], values: Sequence[int], *, amount: _Amount, words: Sequence[str]
) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "name": text(word),
        "y": list(rows),
        "x": [value * amount.scale for value in values],
        "customdata": [show(value, amount.dimension) for value in values],
        "marker": {"color": color_of(word, among=sorted(words)), "line": {"color": "@@surface", "width": 1}},
        "hovertemplate": "%{customdata}",
    }


def part_figures(results: Sequence[Result]) -> list[list[Figure]]:
    """For each result, energy and busy time of its parts, stacked by action."""
    return [
        [_parts(result, look=look, place=place, amount=amount) for amount in (_ENERGY, _BUSY)]
        for place, (result, look) in enumerate(zip(results, looks(results), strict=True))
    ]


def _parts(result: Result, *, look: Look, place: int, amount: _Amount) -> Figure:
    """The parts that take most, the rest in one bar; parts of one kind stand together."""
    kinds = {row.part: row.kind for row in result.ledger}
    totals = _summed(result.ledger, key=lambda row: row.part, amount=amount)
    biggest = sorted((part for part in totals if totals[part]), key=lambda part: -totals[part])[:_MOST_PARTS]
    rest = sum(1 for part in totals if totals[part]) - len(biggest)
    other = f"{rest} other parts"
    order = sorted(biggest, key=lambda part: (kinds[part], part)) + ([other] if rest else [])
    by_action: dict[str, dict[str, int]] = {}
    for row in result.ledger:
        sums = by_action.setdefault(row.action, {})
        part = row.part if row.part in order else other
        sums[part] = sums.get(part, 0) + amount.of(row)
    words = [word for word in sorted(by_action) if any(by_action[word].values())]
    names = [text(part) for part in order]
    return Figure(
        name=f"{amount.name}-of-parts-{place}",
        title=f"{look.label}: {amount.title.lower()} by part",
        data=[
            _stack(word, names, [by_action[word].get(part, 0) for part in order], amount=amount, words=words)
            for word in words
        ],
        layout={
            "barmode": "stack",
            "xaxis": {"title": {"text": amount.axis}},
            "yaxis": {"autorange": "reversed", "automargin": True, "dtick": 1},
        },
        height=150 + 24 * max(len(order), 4),
        options=(
            Option(label="linear", layout={"xaxis.type": "linear"}),
            Option(label="log", layout={"xaxis.type": "log"}),
        ),
    )
