"""``chipsim infer``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import click

from chipsim.cli.asking import check_sets
from chipsim.cli.screen import put, screen, table
from chipsim.result import Result
from chipsim.result.files import load
from chipsim.run import prepare
from chipsim.run.inference import Inference, inference_on
from chipsim.run.repricing import inference_of_run
from chipsim.units import ENERGY, TIME, show

__all__ = ["show_inference"]

T = TypeVar("T")

_CELLS = "cell currents"


def show_inference(given: Sequence[str], *, sets: Sequence[str]) -> None:
    """Print what inference takes.

    Raises
    ------
    ChipsimError
        When the run cannot be read, or the chip not be built.
    """
    result = None
    if len(given) == 1:
        result = load(Path(given[0]))
        found = inference_of_run(result)
    else:
        check_sets(sets)
        setup = prepare(given[0], given[1], sets=sets, seed=None)
        found = inference_on(setup.chip, setup.rule)
    console = screen()
    put(console, table("inference", "", rows=_figures(found, result), right=[1]))
    console.print()
    put(console, table("part", "energy a sample", "share", rows=_by_kind(found), right=[1, 2]))
    console.print()
    for sentence in _remarks(found):
        click.echo(sentence)


def _figures(found: Inference, result: Result | None) -> list[list[str]]:
    rows = [
        ["latency of one sample", show(found.latency_ps, TIME)],
        ["between samples that stream", _known(found.interval_ps, lambda ps: show(round(ps), TIME))],
        *_frozen(found),
        ["samples a second", _known(found.samples_per_s, lambda rate: f"{rate:,.0f}")],
        ["energy a sample, without leakage", show(round(found.energy_aj), ENERGY)],
        ["operations a sample", f"{found.operations:,}"],
        ["TOPS", _known(found.tops, _digits)],
        ["TOPS/W", _known(found.tops_per_watt, _digits)],
        ["TOPS/mm2", _known(found.tops_per_mm2, _digits)],
    ]
    accuracy = result.summary.test_accuracy_percent if result is not None else None
    if accuracy is not None:
        rows.append(["test accuracy", f"{accuracy:.2f} %"])
    return rows


def _frozen(found: Inference) -> list[list[str]]:
    """What frozen layers that come first take of it."""
    if found.frozen_ps is None or found.frozen_aj is None:
        return []
    charged = sum(row.energy_aj for row in found.rows)
    energy = 100 * found.frozen_aj / (charged or 1)
    return [
        ["of the latency, frozen layers", f"{100 * found.frozen_ps / found.latency_ps:.4g} %"],
        ["of the energy, frozen layers", f"{energy:.4g} %"],
    ]


def _known(value: T | None, shown: Callable[[T], str]) -> str:
    return "-" if value is None else shown(value)


def _digits(value: float) -> str:
    return f"{value:.4g}"


def _by_kind(found: Inference) -> list[list[str]]:
    kinds: defaultdict[str, float] = defaultdict(float)
    for row in found.rows:
        kinds[row.kind] += row.energy_aj
    if found.cells_aj is not None:
        kinds[_CELLS] = sum(found.cells_aj.values())
    total = found.energy_aj or 1
    ordered = sorted(kinds.items(), key=lambda item: (-item[1], item[0]))
    return [
        [kind, show(round(energy), ENERGY), f"{100 * energy / total:.1f} %"]
        for kind, energy in ordered
        if energy
    ]


def _why_unknown(found: Inference) -> str:
    """Why nobody knows the pace of samples, and what bounds it."""
    why = (
        "one alone takes too many operations"
        if found.too_long
        else "a part of one's own says what it does only while it does it"
    )
    told = f"samples were not sent one behind the other, for {why}"
    part, busy = found.busiest
    if not busy:
        return told
    return f"{told}; at best one comes out each {show(busy, TIME)}, for which {part} is busy with it"


def _remarks(found: Inference) -> list[str]:
    counted = (
        "an operation is a product or a sum in a layer of weights, biases included: two for each weight and "
        "place; nothing else is counted"
    )
    if found.interval_ps is None:
        told = [counted, _why_unknown(found)]
    else:
        told = [counted, f"streaming: {found.under_way} samples on the chip at most"]
    if not found.exact:
        told.append("samples did not come out evenly: the time between them is a mean")
    has_cells = any(row.kind == "array" for row in found.rows)
    if found.cells_aj is None and has_cells:
        told.append("without currents of cells, which follow from weights and data: give a run to count them")
    elif found.cells_aj:
        told.append("cell currents are those of forward passes in the last epoch's training, on average")
    return told
