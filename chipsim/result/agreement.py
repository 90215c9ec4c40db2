"""Whether the files of a result belong together: the same totals, the same epochs, the same arrays.

What is compared was counted twice while the run was made, so that a difference is damage, never a matter of
rounding: integers are compared exactly.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np

from chipsim.result import Result, Wear, task_outcomes
from chipsim.result.leakage import leakage_figures
from chipsim.result.places import tile_of
from chipsim.result.wear import pulsed

__all__ = ["check_agreement"]

_MOST_TOLD: Final = 3
"""Disagreements that one message tells."""
_MEASURED: Final = (("energy_aJ", "energy_J", 1e-18), ("simulated_time_ps", "simulated_time_s", 1e-12))
"""Exact totals and the floats beside them, with what makes the one the other."""


def check_agreement(result: Result) -> None:
    """Refuse a result of which one part contradicts another.

    Parameters
    ----------
    result
        As read from its files. A run that was stopped may have done more than its last whole epoch tells.

    Raises
    ------
    ValueError
        With the file, the row or key, what stands there and what should.
    """
    found = [problem for check in _CHECKS for problem in check(result)]
    if found:
        told = found[:_MOST_TOLD]
        if len(found) > _MOST_TOLD:
            told.append(f"and {len(found) - _MOST_TOLD} more")
        raise ValueError("; ".join(told))


def _total(rows: Iterable[Any], field: str) -> int:
    return sum(getattr(row, field) for row in rows)


def _differs(key: str, said: Any, found: Any, *, where: str) -> Iterator[str]:
    """A figure of the summary that is not what the tables say."""
    if not _same(said, found):
        yield f"summary.json: {key!r} is {said}, but {where} {found}"


def _same(said: Any, found: Any) -> bool:
    """Whether two figures are equal; floats up to the rounding of their last digits, unknown ones as such."""
    # What was not measured is NaN in tables, and null in JSON, which has no NaN.
    if isinstance(found, float) and math.isnan(found):
        return said is None
    # Floats are computed anew from other figures, and may differ in their last digits.
    if isinstance(said, float) or isinstance(found, float):
        return said is not None and found is not None and math.isclose(said, found, rel_tol=1e-12)
    return bool(said == found)


def _check_sums(result: Result) -> Iterator[str]:
    """Energy, pulses and bits of the ledger are those of the summary."""
    said, ledger = result.summary, result.ledger
    yield from _differs(
        "energy_aJ", said["energy_aJ"], _total(ledger, "energy_aj"), where="ledger.parquet adds up to"
    )
    for exact, measure, scale in _MEASURED:
        if said[exact] is not None:
            wanted = said[exact] * scale
            yield from _differs(measure, said[measure], wanted, where=f"{exact!r} makes it")
    traffic = said.get("hidden_memory_traffic_bytes")
    if traffic is not None:
        bits = _total((row for row in ledger if row.kind == "memory"), "bits")
        # Rounded up, in whole numbers: a byte of which one bit was moved was moved.
        whole_bytes = -(-bits // 8)
        yield from _differs(
            "hidden_memory_traffic_bytes", traffic, whole_bytes, where="ledger.parquet adds up to"
        )


def _check_leakage(result: Result) -> Iterator[str]:
    """What parts leaked adds up to the leakage of the summary; older results have neither."""
    said, where = result.summary, "leakage.parquet makes it"
    yield from _doubled("leakage.parquet", ((row.part,) for row in result.leakage))
    if "leakage_unknown" not in said and not result.leakage:
        return
    for key, found in leakage_figures(result.leakage, energy_aj=said["energy_aJ"]).items():
        yield from _differs(key, said.get(key), found, where=where)


def _check_ledger(result: Result) -> Iterator[str]:
    """Every part and action stands in the ledger once, and a part is of one kind."""
    yield from _doubled("ledger.parquet", ((row.part, row.action) for row in result.ledger))
    kinds: dict[str, str] = {}
    for number, row in enumerate(result.ledger):
        kind = kinds.setdefault(row.part, row.kind)
        if kind != row.kind:
            yield f"ledger.parquet: row {number}: kind of {row.part} is {row.kind}, and {kind} above"


def _doubled(table: str, keys: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    seen = set()
    for number, key in enumerate(keys):
        if key in seen:
            named = ", ".join(map(str, key))
            yield f"{table}: row {number}: {named} is there already"
        seen.add(key)


def _check_wear(result: Result) -> Iterator[str]:
    """The wear is that of the summary, and the pulses of each array are those of its part in the ledger."""
    said, wear = result.summary, result.wear
    # On a chip with both kinds of cells, pulses are those of cells that take small ones, SETs of the others.
    small = pulsed(wear)
    for key, arrays in (("pulses", small), ("resets", wear)):
        yield from _differs(key, said[key], _summed(arrays, key), where="wear.parquet adds up to")
    cells = sum(np.size(one.pulses) for one in wear)
    yield from _differs("cells", said["cells"], cells, where="wear.parquet has")
    if cells:
        hottest = max(int(np.max(one.pulses, initial=0)) for one in small)
        yield from _differs(
            "hottest_cell_pulses", said["hottest_cell_pulses"], hottest, where="wear.parquet has"
        )
    programmed = [one for one in wear if one.programmings is not None and np.size(one.programmings)]
    for key, field in (("sets", "pulses"), ("programmings", "programmings")):
        if said.get(key) is not None:
            yield from _differs(key, said[key], _summed(programmed, field), where="wear.parquet adds up to")
    yield from _check_pulses_of_parts(result)


def _summed(wear: Iterable[Wear], field: str) -> int:
    total = 0
    for one in wear:
        # Counts of one cell fit 32 bits, and those of an array may not.
        total += int(np.sum(getattr(one, field), dtype=np.int64))
    return total


def _check_pulses_of_parts(result: Result) -> Iterator[str]:
    charged: Counter[str] = Counter()
    for row in result.ledger:
        charged[row.part] += row.pulses
    worn = Counter({one.array: _summed([one], "pulses") for one in result.wear})
    # Either may name a part that the other does not: a counter has 0 for what it never met.
    for part in sorted(charged | worn):
        if charged[part] != worn[part]:
            where = f"ledger.parquet: pulses of {part}"
            yield f"{where} are {charged[part]}, but wear.parquet adds up to {worn[part]}"


def _check_epochs(result: Result) -> Iterator[str]:
    """Epochs follow each other, their totals only grow, and the last one is that of the summary."""
    rows, said = result.epochs, result.summary
    for number, row in enumerate(rows):
        if row.epoch != number + 1:
            yield f"epochs.parquet: row {number}: epoch is {row.epoch}, and should be {number + 1}"
    for field in ("simulated_time_ps", "energy_aj", "samples"):
        totals = [getattr(row, field) for row in rows if getattr(row, field) is not None]
        for number, (before, after) in enumerate(itertools.pairwise(totals), start=1):
            if after < before:
                yield f"epochs.parquet: row {number}: {field} is {after}, less than {before} the epoch before"
    if said["timing_only"]:
        if rows:
            yield f"epochs.parquet: has {len(rows)} rows, where a run that was only timed has none"
        # It counts epochs that were timed, of which there are no rows.
        return
    yield from _differs("epochs_run", said["epochs_run"], len(rows), where="epochs.parquet has")
    yield from _check_last_epoch(result)


def _check_last_epoch(result: Result) -> Iterator[str]:
    rows, said = result.epochs, result.summary
    if not rows:
        return
    last = rows[-1]
    for key in ("test_accuracy_percent", "train_accuracy_percent"):
        yield from _differs(key, said[key], getattr(last, key), where="the last row of epochs.parquet says")
    accuracies = [row.test_accuracy_percent for row in rows]
    # The largest of numbers and NaN hangs on their order.
    if not any(map(math.isnan, accuracies)):
        key = "best_test_accuracy_percent"
        yield from _differs(key, said[key], max(accuracies), where="the best of epochs.parquet is")
    for key, field in (("energy_aJ", "energy_aj"), ("simulated_time_ps", "simulated_time_ps")):
        total = getattr(last, field)
        if said["complete"]:
            yield from _differs(key, said[key], total, where="the last row of epochs.parquet says")
        # What the epoch under way had done is in the totals of a run that was stopped, and in no row.
        elif said[key] is None or said[key] < total:
            yield f"summary.json: {key!r} is {said[key]}, less than {total} in the last row of epochs.parquet"


def _check_tasks(result: Result) -> Iterator[str]:
    """Each task stands once an epoch, and what became of it is what the summary says."""
    rows, said = result.tasks, result.summary
    yield from _doubled("tasks.parquet", ((row.epoch, row.task) for row in rows))
    accuracies = {row.epoch: row.test_accuracy_percent for row in result.epochs}
    for number, row in enumerate(rows):
        if row.epoch not in accuracies:
            yield f"tasks.parquet: row {number}: epoch is {row.epoch}, which epochs.parquet does not have"
        elif row.trained and not _equal(row.test_accuracy_percent, accuracies[row.epoch]):
            yield (
                f"tasks.parquet: row {number}: test_accuracy_percent is {row.test_accuracy_percent}, but "
                f"epochs.parquet says {accuracies[row.epoch]}"
            )
    for outcome in task_outcomes(rows):
        key = f"test_accuracy_percent.{outcome.task}"
        # Runs of earlier versions have tasks in their tables and not in their summaries.
        if key in said:
            yield from _differs(key, said[key], outcome.final_percent, where="tasks.parquet ends with")


def _equal(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))


def _check_arrays(result: Result) -> Iterator[str]:
    """Every array of the wear stands once in every epoch, the writing of initial weights being epoch 0."""
    rows, said = result.arrays, result.summary
    yield from _doubled("arrays.parquet", ((row.epoch, row.array) for row in rows))
    worn = {one.array: one for one in result.wear}
    for number, row in enumerate(rows):
        if row.array not in worn:
            yield f"arrays.parquet: row {number}: array {row.array} is not in wear.parquet"
    # The writing of initial weights wears cells and updates nothing.
    updates = _total((row for row in rows if row.epoch), "updates")
    yield from _differs("updates", said["updates"], updates, where="arrays.parquet adds up to")
    if said["complete"] and rows:
        epochs = len(result.epochs)
        wanted = (epochs + 1) * len(worn)
        if len(rows) != wanted:
            made_of = f"{len(worn)} arrays, {epochs} epochs and the initial writing"
            yield f"arrays.parquet: has {len(rows)} rows, where {made_of} make {wanted}"
    yield from _check_worn_by_epochs(result, worn)


def _check_worn_by_epochs(result: Result, worn: dict[str, Wear]) -> Iterator[str]:
    """Epochs add up to the wear, or to less where a run was stopped within one."""
    highest = _last_epoch(result)
    for number, row in enumerate(result.arrays):
        if row.epoch > highest:
            yield f"arrays.parquet: row {number}: epoch is {row.epoch}, where the last is {highest}"
    for field in ("pulses", "resets"):
        by_array: Counter[str] = Counter()
        for row in result.arrays:
            by_array[row.array] += getattr(row, field)
        for array, one in worn.items():
            total, epochs = _summed([one], field), by_array[array]
            if epochs > total or (result.summary["complete"] and epochs != total):
                yield f"arrays.parquet: {field} of {array} add up to {epochs}, but wear.parquet to {total}"


def _last_epoch(result: Result) -> int:
    """The last epoch that a row may tell of; a run that was stopped had begun one more than it ended."""
    ended = len(result.epochs)
    return ended if result.summary["complete"] else ended + 1


def _check_losses(result: Result) -> Iterator[str]:
    """Each kind of loss of a part stands once an epoch and stage, and is a share of what there was."""
    keys = ((row.epoch, row.part, row.during, row.what) for row in result.losses)
    yield from _doubled("losses.parquet", keys)
    highest = _last_epoch(result)
    for number, row in enumerate(result.losses):
        if not 0 <= row.epoch <= highest:
            yield f"losses.parquet: row {number}: epoch is {row.epoch}, where the last is {highest}"
        if not 0 <= row.count <= row.of or not row.of:
            yield f"losses.parquet: row {number}: {row.count} of {row.of} is no share"


def _check_timeline(result: Result) -> Iterator[str]:
    """The first step's records follow each other, within the time that the summary says it takes."""
    end = result.summary["first_step_time_ps"]
    before = 0
    for number, record in enumerate(result.timeline):
        if not before <= record.start_ps <= record.end_ps:
            span = f"from {record.start_ps} to {record.end_ps}"
            yield f"timeline.parquet: row {number}: goes {span}, after one that starts at {before}"
        # A run that was stopped before its first step has no time of one.
        elif end is not None and record.end_ps > end:
            yield f"timeline.parquet: row {number}: ends at {record.end_ps}, after the step, at {end}"
        before = record.start_ps


def _check_step(result: Result) -> Iterator[str]:
    """What the first step hung on accounts for the time that the summary says it takes, and for no more."""
    end = result.summary["first_step_time_ps"]
    for number, use in enumerate(result.utilisation):
        if use.elapsed_ps != end or not use.capacity:
            yield f"utilisation.parquet: row {number}: is of a step of {use.elapsed_ps} ps, not {end}"
    total = sum(row.time_ps for row in result.critical_path)
    if result.critical_path and total != end:
        yield f"critical_path.parquet: adds up to {total} ps, where the step takes {end}"


def _check_trace(result: Result) -> Iterator[str]:
    """Only programs that the trace has were executed, and each of them was."""
    if result.trace is None:
        return
    programs, executed = len(result.trace.programs), result.trace.executed
    for number, program in enumerate(executed):
        if program >= programs:
            yield f"executed.parquet: row {number}: program is {program}, where trace.parquet has {programs}"
    if result.trace.steps and len(result.trace.steps) != len(executed):
        yield f"executed.parquet: {len(result.trace.steps)} steps are not those of {len(executed)} programs"
    # A program is kept because it ran: one that never did belongs to another trace.
    idle = sorted(set(range(programs)) - set(executed))
    if idle:
        yield f"executed.parquet: never has program {idle[0]}, which trace.parquet has"


def _check_placement(result: Result) -> Iterator[str]:
    """Each tile carries one block, and its arrays are of the block's size."""
    where = "description.json: placement"
    yield from _doubled(where, ((block.tile,) for block in result.placement))
    blocks = {block.tile: block for block in result.placement}
    for number, block in enumerate(result.placement):
        counted_from_1 = (block.layer, block.rows, block.columns)
        counted_from_0 = (block.row, block.column)
        if min(counted_from_1) < 1 or min(counted_from_0) < 0:
            yield f"{where}: row {number}: is no block of a layer"
    # Results from before placing was saved have no blocks at all.
    for one in result.wear if blocks else ():
        rows, columns = np.shape(one.pulses)
        placed = blocks.get(tile_of(one.array))
        if placed is None:
            yield f"{where}: says nothing of {tile_of(one.array)}, which wear.parquet has"
        # A weight may take several cells of a row, so an array has a whole number of times the columns.
        elif placed.columns > 0 and (rows != placed.rows or columns % placed.columns):
            carried = f"{placed.tile} carries {placed.rows} x {placed.columns}"
            found = f"{one.array} is {rows} x {columns}"
            yield f"{where}: {carried}, but {found}"


def _check_names(result: Result) -> Iterator[str]:
    """Descriptions and record are those of the run that the summary tells."""
    said = result.summary
    for key, document in (("architecture", result.chip), ("workload", result.workload)):
        name = document.get("name")
        if isinstance(name, str) and name != said[key]:
            yield f"description.json: the {key} is {name!r}, but summary.json says {said[key]!r}"
    seed = result.provenance.get("seed", said["seed"])
    if seed != said["seed"]:
        yield f"provenance.json: 'seed' is {seed}, but summary.json says {said['seed']}"


_CHECKS: Final = (
    _check_sums, _check_ledger, _check_leakage, _check_wear, _check_epochs, _check_tasks, _check_arrays,
    _check_losses, _check_timeline, _check_step, _check_trace, _check_placement, _check_names,
)  # fmt: skip
