"""Figures of single runs that this report's tables are made of."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import attrs
from plan import FULL, SWEEPS, sweep_scenario

from chipsim.device.device import level_device_of
from chipsim.learn.rule import rule_of
from chipsim.result import Result, TaskOutcome, task_outcomes
from chipsim.result.activities import UNITS
from chipsim.result.endurance import Endurance, EnduranceQuestion, endurance
from chipsim.spec import chip_from_document, workload_from_document
from chipsim.spec.chip import ChipSpec
from chipsim.spec.hidden import weight_count
from chipsim.spec.level_map import cell_levels
from chipsim.synapse.synapse import LevelSynapse, cell_count, synapse_of

__all__ = [
    "Results", "Sizes", "accuracy", "busy", "cells_of", "forgotten", "learnt", "memory_energy", "moving", "per_epoch", "percent", "programmed_in",
    "seeds", "shares_of", "sizes", "sweep",
]  # fmt: skip

Results = Mapping[str, Result]

FIRST = "mnist"


def seeds(results: Results) -> list[Result]:
    """The runs of the published experiment."""
    return [results[scenario.name] for scenario in FULL]


def sweep(results: Results, name: str, value: str) -> Result:
    """The run of one point of a sweep."""
    return results[sweep_scenario(SWEEPS[name][value]).name]


def memory_energy(run: Result) -> int:
    """Energy of reading and writing hidden state, aJ."""
    return sum(row.energy_aj for row in run.ledger if row.kind == "memory")


def outcome(result: Result, task: str) -> TaskOutcome:
    """How a task fared over a run."""
    return next(found for found in task_outcomes(result.tasks) if found.task == task)


def accuracy(result: Result, task: str) -> float:
    """Test accuracy of a task after the last epoch, percent."""
    return outcome(result, task).final_percent


def learnt(result: Result, task: str) -> float:
    """Test accuracy of a task after the last epoch that trained it, percent."""
    return outcome(result, task).learnt_percent


def forgotten(result: Result) -> float:
    """Points of the first task that were lost while the second was learnt."""
    lost = outcome(result, FIRST).forgotten_percent
    assert lost is not None, "the first task is not the last"
    return lost


def percent(share: float, *, digits: int = 1) -> str:
    """A share in percent."""
    return f"{100 * share:.{digits}f} %"


def cells_of(result: Result, *, count: str = "programmings") -> Endurance:
    """Wear of a run's cells, under 25 and over 50, as programmings or as all operations."""
    return endurance(result, EnduranceQuestion(under=25, over=50, count=count))


def shares_of(result: Result, *, count: str) -> tuple[float, float]:
    """Percent of cells with fewer than 25 and with more than 50 operations."""
    every = cells_of(result, count=count).all
    return 100 * every.under / every.cells, 100 * every.over / every.cells


def busy(result: Result) -> dict[str, float]:
    """Share of the time on chip for which each unit is busy, the busiest part of all tiles standing for them."""
    elapsed = result.summary["simulated_time_ps"]
    tiles: dict[tuple[str, str], int] = {}
    units: dict[str, int] = {}
    for row in result.ledger:
        if UNITS.get(row.kind) == "tiles":
            key = (row.part, "writing" if row.action in {"program", "verify", "retry"} else row.action)
            tiles[key] = tiles.get(key, 0) + row.busy_ps
        elif row.kind == "digital":
            action = row.action if row.action in {"gradient", "update"} else "rest"
            units[f"digital {action}"] = units.get(f"digital {action}", 0) + row.busy_ps
        elif row.kind in {"memory", "buffer", "link", "selector"}:
            units[row.kind] = units.get(row.kind, 0) + row.busy_ps
    for action in ("forward", "backward", "writing", "initialise"):
        units[f"tile {action}"] = max((ps for (_, did), ps in tiles.items() if did == action), default=0)
    return {name: ps / elapsed for name, ps in units.items()}


def per_epoch(result: Result, *, phase: str) -> tuple[int, int]:
    """Time (ps) and energy (aJ) of the last epoch of a phase."""
    rows = list(result.epochs)
    last = max(index for index, row in enumerate(rows) if row.phase == phase)
    assert last, "the first epoch carries the initial writing"
    one, before = rows[last], rows[last - 1]
    return one.simulated_time_ps - before.simulated_time_ps, one.energy_aj - before.energy_aj


def programmed_in(result: Result, *, phase: str) -> float:
    """Share of the cells' programmings that fell into a phase, initial writing apart."""
    epochs = {row.epoch for row in result.epochs if row.phase == phase}
    inside = sum(row.updates for row in result.arrays if row.epoch in epochs)
    return float(inside / sum(row.updates for row in result.arrays))


def moving(result: Result, *, phase: str | None = None) -> float:
    """Share of the weights that a step moves on average, over all epochs or those of a phase.

    It follows from the cells programmed: a weight that moves to the next level programs as many cells as
    the two levels differ in, one of 17 levels and two of two. Weights that cross zero by a longer way count
    twice; they are rare.
    """
    chip, workload = chip_from_document(result.chip).spec, workload_from_document(result.workload).spec
    epochs = {row.epoch for row in result.epochs if phase in {None, row.phase}}
    programmed = sum(row.updates for row in result.arrays if row.epoch in epochs)
    steps = result.summary["steps"] * len(epochs) / len(result.epochs)
    return float(programmed / _cells_of_a_move(chip) / steps / weight_count(workload.network))


def _cells_of_a_move(chip: ChipSpec) -> int:
    """Cells that are programmed when a weight moves to the next level."""
    synapse = synapse_of(chip)
    assert isinstance(synapse, LevelSynapse), "this report is about cells of levels"
    states = cell_levels(synapse.levels, tuple(level_device_of(chip).means.tolist()), cells=synapse.cells)
    (moved,) = {
        sum(one != other for one, other in zip(*pair, strict=True)) for pair in itertools.pairwise(states)
    }
    return moved


@attrs.frozen(kw_only=True)
class Sizes:
    """What a network takes on a chip, from the descriptions alone."""

    weights: int
    cells: int
    memory_bytes: int


def sizes(result: Result) -> Sizes:
    """Weights, cells and hidden state of a run's network on its chip."""
    chip, workload = chip_from_document(result.chip).spec, workload_from_document(result.workload).spec
    return Sizes(
        weights=weight_count(workload.network), cells=cell_count(chip, workload),
        memory_bytes=rule_of(chip).memory_bits(chip, workload) // 8,
    )  # fmt: skip
