"""From a finished run to its result: summary, tables, graph, timeline and provenance."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import attrs
import numpy as np

from chipsim.chip.chip import Chip
from chipsim.device.types import Floats
from chipsim.ledger import Entry
from chipsim.parts.program import Program, operation_count
from chipsim.result import LedgerRow, PlacedBlock, Result, TaskEpoch, Valued, Wear, task_outcomes
from chipsim.result.kept import KeptPrograms
from chipsim.result.kept_state import KeptState
from chipsim.result.last_epoch import samples_of_last
from chipsim.result.leakage import leakage_figures
from chipsim.result.summary import Summary
from chipsim.result.wear import pulsed, unwritten
from chipsim.run.drawing import draw
from chipsim.run.ended import cells_of, weights_by_layer
from chipsim.run.execute import Executor
from chipsim.run.first_tests import figure_of_first_tests
from chipsim.run.first_writing import figures_of_tiles, figures_of_writing
from chipsim.run.garbage import what_is_there_kept
from chipsim.run.inference import Inference, cell_currents, inference_on, ledger_rows
from chipsim.run.keeping import NOT_KEPT
from chipsim.run.leaking import leakage_rows
from chipsim.run.noting import written
from chipsim.run.observed import MOST_RECORDED, observe
from chipsim.run.phase_data import PhaseData
from chipsim.run.software import Pretrained
from chipsim.run.starting import Start, wear_of
from chipsim.run.step import path_of, uses_of
from chipsim.run.stood import stood
from chipsim.run.training import Training
from chipsim.spec import Description
from chipsim.spec.chip import ChipSpec
from chipsim.spec.costs import CostSet
from chipsim.spec.outside import outside_of
from chipsim.spec.used import used_costs, used_numbers, used_of_workload
from chipsim.spec.workload import WorkloadSpec
from chipsim.tile.idealised import idealised
from chipsim.version import this_code, versions

__all__ = ["Run", "changed_counts", "collect", "looked_into", "used_values"]

_MEMORY_KEYS = ("hidden_memory_bytes", "hidden_memory_used_bytes", "hidden_memory_traffic_bytes")


@attrs.frozen(kw_only=True, eq=False)
class Run:
    """A run that has ended, or was interrupted."""

    architecture: Description[ChipSpec]
    workload: Description[WorkloadSpec]
    costs: Description[CostSet]
    placement: tuple[PlacedBlock, ...]
    training: Training
    executor: Executor
    data: tuple[PhaseData, ...]
    """Of each phase on the chip."""
    complete: bool
    wall_time_s: float
    seed: int
    replay: bool
    timing_only: bool
    traced: bool
    weights_sha256: str
    """Of the file of given weights, as it was read; empty without one."""
    name: str
    """By which a run that is resumed knows its result; empty without checkpoints."""
    keeps_state: bool
    keeps_weights: bool
    """Whether another run may start from it."""
    start: Start | None
    """The run that it started from."""
    before: Pretrained | None = None
    """What was trained in software; None where nothing was."""
    data_in_software: tuple[PhaseData, ...] = ()
    """Of each phase in software."""


def collect(run: Run) -> Result:
    """The result of a run."""
    training, chip = run.training, run.training.rule.chip
    ledger, kept = training.ledger(), _kept(training)
    wear = () if run.timing_only else wear_of(chip, training.carried)
    rows = ledger_rows(chip, ledger)
    leaks = leakage_rows(chip, run.architecture.spec.leakage, ledger=rows, elapsed_ps=run.executor.elapsed)
    inference = _inference(run, kept)
    values = used_values(run.architecture, run.workload, run.costs)
    return Result(
        summary=Summary(
            **_summary(run, wear, total=ledger.total),
            **leakage_figures(leaks, energy_aj=ledger.total.energy_aj),
            **inference.figures(),
            **_programmed(wear),
            **figures_of_writing(training.written),
            **figure_of_first_tests(run.workload.spec.phases, training.tested_before),
            **_levels_used(run),
            **_stood(run),
            **({} if run.timing_only else figures_of_tiles(chip.tiles)),
            **_hidden_memory(chip, rows, timing_only=run.timing_only),
            **_tasks(training.tasks),
            **_carried(run),
            **training.figures_of_waits(run.workload.spec.phases[-1].task_name),
            **(run.before.figures if run.before is not None else {}),
            warnings=list(training.remarks),
            idealised=list(idealised(run.architecture.spec)),
        ),
        epochs=tuple(training.epochs),
        software=run.before.rows if run.before is not None else (),
        tasks=tuple(training.tasks),
        waits=tuple(training.waits),
        arrays=tuple(training.arrays),
        losses=tuple(training.losses),
        ledger=rows,
        leakage=leaks,
        wear=wear,
        **looked_into(run.executor, training.first_step),
        **_traced(run),
        kept=kept,
        graph=draw(chip),
        placement=run.placement,
        values=values,
        chip=run.architecture.document,
        workload=run.workload.document,
        costs=run.costs.document,
        provenance={
            **_provenance(run),
            **changed_counts(values),
        },
        **_ended(run),
    )


def _kept(training: Training) -> KeptPrograms | None:
    """All that was executed; None where nobody keeps it, or it is too much, which is told."""
    keeping = training.keeping
    if keeping is None:
        return None
    # What an epoch that was not finished has done is kept under its number.
    training.close(max(len(training.epochs), training.epochs_timed) + 1)
    if keeping.overflown:
        training.remark(NOT_KEPT)
    return keeping.programs(first_step=training.first_step)


def _inference(run: Run, kept: KeptPrograms | None) -> Inference:
    training = run.training
    samples = samples_of_last(training.epochs)
    cells = cell_currents(kept, epochs=len(training.epochs), samples=samples)
    return inference_on(run.executor.chip, training.rule, cells_aj=cells, patient=False)


def used_values(
    architecture: Description[ChipSpec], workload: Description[WorkloadSpec], costs: Description[CostSet]
) -> tuple[Valued, ...]:
    """The numbers of all descriptions that this chip uses, and where each comes from."""
    chip = architecture.spec
    return tuple(
        attrs.evolve(value, path=f"{prefix}.{value.path}" if prefix else value.path)
        for prefix, said in (
            ("", used_numbers(chip, architecture.values)),
            ("workload", used_of_workload(chip, workload.values)),
            ("costs", used_costs(chip, costs.values)),
        )
        for value in said
    )


def changed_counts(values: Sequence[Valued]) -> dict[str, int]:
    """How many values are assumed, and how many were changed without a word of why."""
    return {
        "assumed": sum(value.kind == "assumed" for value in values),
        "changed": sum(value.kind == "changed" for value in values),
    }


def _ended(run: Run) -> dict[str, Any]:
    """What the chip ended with; nothing where nobody trained it."""
    if run.timing_only:
        return {}
    network = run.training.rule
    ended: dict[str, Any] = {}
    if run.keeps_weights:
        ended = {"weights": weights_by_layer(network), "cells": cells_of(network.chip)}
    if run.keeps_state:
        ended["state"] = KeptState.of(network.state())
    return ended


def looked_into(executor: Executor, step: Program | None) -> dict[str, Any]:
    """Who was busy when in one step, how busy each part was, and what the step's time hung on."""
    if step is None:
        return {"timeline": ()}
    chip = executor.chip
    # Among thousands of notes that are made, the collector would go through all that is there already.
    with what_is_there_kept():
        observed = observe(chip, step)
    if observed is None:
        drawn = operation_count(step) <= MOST_RECORDED
        return {"timeline": tuple(executor.timeline(step)) if drawn else ()}
    kinds = {name: part.kind for name, part in chip.parts.items()}
    return {
        "timeline": observed.records(),
        "utilisation": uses_of(observed, kinds),
        "critical_path": path_of(observed),
    }


def _traced(run: Run) -> dict[str, Any]:
    """Every operation, and chosen steps as a timeline, where that was asked for."""
    noted = run.training.noted
    if not run.traced or noted is None:
        return {}
    title = f"{run.architecture.spec.name} on {run.workload.spec.name}, seed {run.seed}"
    return {
        "trace": attrs.evolve(run.executor.trace(), steps=tuple(noted.numbers)),
        "trace_events": written(noted, run.executor.chip, title=title),
    }


def _summary(run: Run, wear: tuple[Wear, ...], *, total: Entry) -> dict[str, Any]:
    training, executor = run.training, run.executor
    chip = training.rule.chip
    small = pulsed(wear)
    pulses = sum(int(array.pulses.sum(dtype=np.int64)) for array in small)
    last = training.epochs[-1] if training.epochs else None
    return {
        "architecture": run.architecture.spec.name,
        "workload": run.workload.spec.name,
        "seed": run.seed,
        "complete": run.complete,
        "timing_only": run.timing_only,
        "replay": run.replay,
        "epochs_run": len(training.epochs) + training.epochs_timed,
        "train_samples": len(run.data[-1].train_labels),
        "test_samples": len(run.data[-1].test_labels),
        "epoch_samples": run.workload.spec.phases[-1].samples_of_epoch(len(run.data[-1].train_labels)),
        "steps": training.steps,
        "samples_seen": training.samples,
        "test_accuracy_percent": last and last.test_accuracy_percent,
        "best_test_accuracy_percent": max(
            (row.test_accuracy_percent for row in training.epochs), default=None
        ),
        "train_accuracy_percent": last and last.train_accuracy_percent,
        "simulated_time_s": executor.elapsed / 1e12,
        "simulated_time_ps": executor.elapsed,
        "energy_J": total.energy_aj / 1e18,
        "energy_aJ": total.energy_aj,
        "pulses": pulses,
        "resets": sum(int(array.resets.sum(dtype=np.int64)) for array in wear),
        "updates": sum(row.updates for row in training.arrays if row.epoch),
        "cells": _cells(wear),
        "unwritten_cells": _cells(unwritten(wear)),
        "mean_pulses_per_cell": _mean(pulses, cells=_cells(small) - _cells(unwritten(small))),
        "hottest_cell_pulses": max((int(array.pulses.max()) for array in small), default=None),
        "area_mm2": chip.area / 1e12,
        "switch_epoch": training.switch_epoch,
        "first_step_time_ps": _elapsed(executor, training),
        "distinct_programs": executor.distinct,
        "wall_time_s": run.wall_time_s,
        "samples_per_wall_second": training.samples / run.wall_time_s,
    }


def _carried(run: Run) -> dict[str, int]:
    """What cells had been through before the run; nothing where it did not start from another."""
    if run.start is None:
        return {}
    before = run.training.carried.values()
    found = {}
    for what in ("pulses", "resets", "programmings"):
        counts = [getattr(one, what) for one in before]
        found[f"carried_{what}"] = sum(int(each.sum(dtype=np.int64)) for each in counts if each is not None)
    return found


def _cells(wear: Sequence[Wear]) -> int:
    return sum(array.pulses.size for array in wear)


def _programmed(wear: Sequence[Wear]) -> dict[str, Any]:
    """Totals of cells that are programmed to levels; None where a chip has none."""
    programmed = [array for array in wear if array.programmings is not None]
    cells = _cells(programmed)
    programmings = sum(int(array.programmings.sum(dtype=np.int64)) for array in programmed)
    return {
        "sets": sum(int(array.pulses.sum(dtype=np.int64)) for array in programmed) if cells else None,
        "programmings": programmings if cells else None,
        "mean_programmings_per_cell": _mean(programmings, cells=cells - _cells(unwritten(programmed))),
    }


def _levels_used(run: Run) -> dict[str, int | None]:
    """Levels that any weight was ever written to, also by group of tiles; None for a chip without levels."""
    groups = {block.tile: block.group for block in run.placement}
    written: dict[str, list[Floats]] = {}
    for tile in () if run.timing_only else run.training.rule.chip.tiles:
        levels = tile.written_levels()
        if levels is not None:
            written.setdefault(groups[tile.name], []).append(levels)
    every = [levels for its in written.values() for levels in its]
    # Tiles of several groups may have levels of their own: those of equal weight are one.
    counted = {"levels_used": _different(every) if every else None}
    for group, its in written.items():
        if group:
            counted[f"levels_used.{group}"] = _different(its)
    return counted


def _stood(run: Run) -> dict[str, int | None]:
    """Where the weights that learn ended; nothing where nobody trained them."""
    if run.timing_only:
        return {}
    return stood(run.architecture.spec, tuple(run.training.rule.matrices))


def _different(levels: Sequence[Floats]) -> int:
    return int(np.unique(np.concatenate(levels)).size)


def _mean(total: int, *, cells: int) -> float | None:
    """What a cell had on average; None where there is no cell to have had anything."""
    return total / cells if cells else None


def _hidden_memory(chip: Chip, rows: Sequence[LedgerRow], *, timing_only: bool) -> dict[str, Any]:
    """Size and traffic of the digital unit's memory, in whole bytes; None for a unit without one."""
    memory = chip.digital.memory
    if memory is None:
        return dict.fromkeys(_MEMORY_KEYS)
    used = None if timing_only else _bytes(memory.used)
    traffic = _bytes(sum(row.bits for row in rows if row.kind == "memory"))
    return dict(zip(_MEMORY_KEYS, (_bytes(memory.size), used, traffic), strict=True))


def _bytes(bits: int) -> int:
    """Whole bytes that bits take."""
    return -(-bits // 8)


def _tasks(rows: Sequence[TaskEpoch]) -> dict[str, Any]:
    """How each task ended, and what was forgotten of those that were not trained until the end."""
    outcomes = task_outcomes(rows)
    forgotten = [one.forgotten_percent for one in outcomes if one.forgotten_percent is not None]
    total = sum(one.final_percent for one in outcomes)
    return {
        "mean_task_accuracy_percent": total / len(outcomes) if outcomes else None,
        "forgetting_percent": max(forgotten, default=None),
        **{f"test_accuracy_percent.{one.task}": one.final_percent for one in outcomes},
    }


def _elapsed(executor: Executor, training: Training) -> int | None:
    """Time of the first step of the last epoch; it is charged to nobody."""
    return executor.took(training.first_step) if training.first_step is not None else None


def _provenance(run: Run) -> dict[str, Any]:
    code = this_code()
    return {
        **({"run": run.name} if run.name else {}),
        **({} if run.start is None else {"start": run.start.said}),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "code": {"sha256": code.sha256, "commit": code.commit, "changed": code.changed},
        "python": platform.python_version(),
        "platform": platform.platform(),
        "command": [*sys.argv],
        "seed": run.seed,
        "architecture_file": run.architecture.file,
        "workload_file": run.workload.file,
        "cost_set": run.costs.spec.name,
        "cost_set_file": run.costs.file,
        "outside": [attrs.asdict(one) for one in outside_of(run.architecture.spec, run.workload.spec)],
        "weights_sha256": run.weights_sha256,
        "datasets": [_told(data, run) for data in dict.fromkeys((*run.data_in_software, *run.data))],
    }


def _told(data: PhaseData, run: Run) -> dict[str, Any]:
    """A dataset, marked where the chip was trained on none of it."""
    return {
        "name": data.name,
        "origin": data.origin,
        "train_samples": len(data.train_labels),
        "test_samples": len(data.test_labels),
        "features": data.features,
        "classes": data.classes,
        "checksum": data.checksum,
        **({} if data in run.data else {"software_only": True}),
    }
