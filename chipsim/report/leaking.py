"""What leakage does to the energy of chips: sentences beside the verdict on energy, and a figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from chipsim.report.figure import Figure, Option, axis, axis_unit, color_of, in_order, looks, text
from chipsim.result import Result
from chipsim.result.leakage import unknown_leakage
from chipsim.result.standing import groups_of
from chipsim.units import ENERGY, show
from chipsim.wording import joined

__all__ = ["leakage_figure", "leakage_sentences"]

_BESIDE: Final = "without leakage"
"""What all energy is called that is no leakage, where both are drawn."""


def leakage_sentences(results: Sequence[Result]) -> list[str]:
    """How much of each chip's energy is leakage, whether their order hangs on it, and what is not known.

    Parameters
    ----------
    results
        Runs of one chip with several seeds are told together, by their means.
    """
    groups = groups_of(results)
    shares, orders = [], dict[str, tuple[float, float]]()
    for group in groups:
        found = [result for result in group.results if result.summary.get("leakage_percent") is not None]
        if len(found) < len(group.results):
            continue
        without = _mean([result.summary["energy_aJ"] for result in found])
        whole = _mean([result.summary["energy_with_leakage_aJ"] for result in found])
        orders[group.label] = without, whole
        share = 100 * (whole - without) / whole if whole else 0.0
        amount = f"{_percent(share)} ({show(round(whole - without), ENERGY, 3)})"
        shares.append(f"{group.label} {amount}" if len(groups) > 1 else amount)
    told = []
    if shares:
        begin = "Share of leakage in the energy with it: " if len(groups) > 1 else "Leakage is "
        end = "" if len(groups) > 1 else " of the energy with it"
        told.append(f"{begin}{joined(shares)}{end}; other figures of energy are without it.")
    # Chips of which nothing is known have no place in an order with leakage.
    if len(orders) > 1:
        told.append(_order_words(orders))
    return [*told, *_unknown_words(results, known=bool(shares))]


def _mean(values: Sequence[int]) -> float:
    return sum(values) / len(values)


def _percent(share: float) -> str:
    return f"{share:.3g} %" if share >= 0.1 or not share else "less than 0.1 %"


def _order_words(energies: Mapping[str, tuple[float, float]]) -> str:
    """Whether chips stand in one order by energy with leakage and without; by means alone."""
    without = sorted(energies, key=lambda label: energies[label][0])
    whole = sorted(energies, key=lambda label: energies[label][1])
    if without == whole:
        return f"By energy the order is the same with it as without: {', '.join(whole)}."
    return (
        f"By energy the order with it is {', '.join(whole)}; without it {', '.join(without)}. "
        f"Seeds have no part in these orders, which are those of means."
    )


def _unknown_words(results: Sequence[Result], *, known: bool) -> list[str]:
    """What leaks a power that nobody knows; nothing for results from before leakage was."""
    named = unknown_leakage(row for result in results for row in result.leakage)
    if not named:
        return []
    if not known:
        return [f"No leakage is known for any part ({', '.join(named)}): none is counted."]
    return [f"No leakage is known for {joined(named)}: not counted."]


def leakage_figure(results: Sequence[Result]) -> Figure | None:
    """Energy of all results, with leakage by kind of part stacked on it; None where no leakage is known.

    Parameters
    ----------
    results
        A bar each.
    """
    if not any(row.known for result in results for row in result.leakage):
        return None
    sums = list(map(_by_kind, results))
    kinds = {kind for one in sums for kind, energy in one.items() if energy}
    order = in_order(kinds - {_BESIDE}, of="kind")
    words = [_BESIDE, *order]
    wholes = [one.total() for one in sums]
    unit, scale = axis_unit(max(wholes), ENERGY)
    rows = []
    for look, whole in zip(looks(results), wholes, strict=True):
        rows.append(text(f"{look.label} · {show(whole, ENERGY, 3)}"))
    absolute = {"barnorm": "", "xaxis.title.text": f"Energy [{unit}]"}
    layout = {
        "barmode": "stack",
        "barnorm": "percent",
        "xaxis": axis("Share [%]"),
        "yaxis": {"autorange": "reversed", "automargin": True},
    }
    return Figure(
        name="energy-with-leakage",
        title="Energy with leakage, by kind of part that leaks",
        data=[_trace(word, sums, wholes=wholes, rows=rows, scale=scale, words=words) for word in words],
        layout=layout,
        height=150 + 54 * len(results),
        options=(Option(label="share", layout={}), Option(label="absolute", layout=absolute)),
        wide=True,
    )


def _by_kind(result: Result) -> Counter[str]:
    """Leakage of a run by kind of part, and all other energy under a word of its own."""
    found = Counter({_BESIDE: result.summary["energy_aJ"]})
    for row in result.leakage:
        found[row.kind] += row.energy_aj
    return found


def _trace(
    word: str,
    sums: Sequence[Counter[str]],
    *,
    wholes: Sequence[int],
    rows: Sequence[str],
    scale: float,
    words: Sequence[str],
) -> dict[str, Any]:
    """One bar in each row."""
    told = []
    for one, whole in zip(sums, wholes, strict=True):
        share = 100 * one[word] / (whole or 1)
        told.append(f"{show(one[word], ENERGY)}, {share:.3g} %")
    name = word if word == _BESIDE else f"leakage: {word}"
    return {
        "type": "bar",
        "orientation": "h",
        "name": text(name),
        "y": list(rows),
        "x": [one[word] / scale for one in sums],
        "customdata": told,
        "marker": {
            "color": color_of(word, among=sorted(words)),
            "line": {"color": "@@surface", "width": 1},
        },
        "hovertemplate": "%{customdata}",
    }
