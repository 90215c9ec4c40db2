"""The books of a run agree with each other and with the cells, whatever the chip."""

from __future__ import annotations

import functools
from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chipsim.chip.mesh import Mesh
from chipsim.errors import PlacementError
from chipsim.ledger import Entry
from chipsim.run.execute import execute
from chipsim.spec import chip_from_document, load_costs
from chipsim.spec.rules import of_chip_and_costs
from chipsim.update.update import Recentre
from tests import made
from tests.spec.strategies import chip_documents

UPDATES = [
    made.update_by(kind=kind, encoding=encoding, slots=6)
    for kind in ("parallel-pulses", "row-by-row", "cell-by-cell")
    for encoding in ("stochastic", "deterministic")
]
RECENTRED = made.update_by(
    kind="parallel-pulses", encoding="stochastic", slots=9, recentre=Recentre(every=2, headroom=0.0)
)
MEASURED = {
    "step_variation": 0.4, "step_spread": 0.8, "upper_spread": 0.3, "lower_spread": 0.5,
    "asymmetry_spread": 0.01, "write_noise": 1.4, "corrupt_cells": 0.1,
}  # fmt: skip
"""All that may differ and vary of cells with soft bounds, about as measured."""
MESH = Mesh(width=made.WIDTH, clock=made.BUS.clock, length=10**6)
CHIPS = {
    **{
        f"{update.kind}, {update.encoding}": made.chip(update=update, device=made.finite())
        for update in UPDATES
    },
    "recentred": made.chip(update=RECENTRED, device=made.finite(states=5, step_variation=0.4)),
    "hybrid": made.hybrid(device=made.finite(step_variation=0.3), threshold=1.0),
    "partly used": made.chip(update=RECENTRED, device=made.finite(states=5, off_conductance=0.25)),
    "split": made.chip(tile=made.crossbar(3, 2), device=made.finite()),
    "mesh": made.chip(tile=made.crossbar(3, 2), interconnect=MESH),
    **{
        f"one cell, {update.kind}, {update.encoding}": made.single(
            update=update,
            device=made.both_ways(states=9, step_variation=0.3, range_spread=0.2, asymmetry=0.6),
        )
        for update in UPDATES
    },
    **{
        f"soft bounds, {update.kind}, {update.encoding}": made.single(
            update=update, device=made.soft_bounds(states=9.5, **MEASURED)
        )
        for update in UPDATES
    },
    "soft bounds, pairs": made.chip(
        update=UPDATES[0], device=made.soft_bounds(states=9.5, fresh_share=0.0, **MEASURED)
    ),
    "soft bounds, hybrid": made.hybrid(
        device=made.soft_bounds(states=9.5, fresh_share=0.0, **MEASURED),
        update=UPDATES[0],
        threshold=1.0,
    ),
    **{
        f"references, {update.kind}, {update.encoding}": made.referred(
            update=update, device=made.soft_bounds(states=9.5, **MEASURED), error=0.1
        )
        for update in UPDATES
    },
    "references, split": made.referred(tile=made.crossbar(3, 2)),
    "verified": made.single(
        device=made.soft_bounds(states=9.5, **MEASURED),
        update=made.update_by("row-by-row", first_writing="verify", verify_tolerance=0.1, verify_rounds=3),
    ),
    "verified pairs, hybrid": made.hybrid(
        threshold=1.0,
        device=made.finite(step_variation=0.3, step_spread=0.3),
        update=made.update_by("cell-by-cell", first_writing="verify", verify_tolerance=0.05, verify_rounds=3),
    ),
    "one cell, split": made.single(tile=made.crossbar(3, 2)),
    "digital": made.mac_chip(),
    "digital, split, mesh": made.mac_chip(rows=3, columns=2, interconnect=MESH),
    "real converters": made.chip(
        tile=made.crossbar(
            forward=made.one_pass(ideal=False, adc_share=3, noise=0.5),
            backward=made.one_pass(ideal=False, reach=2.0, scaling="maximum"),
        )
    ),
}
LAYERS = (5, 4, 3)

every_chip = pytest.mark.parametrize("name", CHIPS)


@functools.cache
def costs_of(name):
    """A cost set that ships."""
    return load_costs(name).spec


def totals(entries):
    """The sum of entries."""
    total = Entry()
    for entry in entries:
        total.add(entry)
    return total


def check_books(run):
    """Everything that must agree after any run."""
    ledger = run.ledger
    assert totals(ledger.by_part().values()) == totals(ledger.by_action().values()) == ledger.total
    assert set(ledger.by_part()) <= set(run.chip.parts)
    for name, entry in ledger.by_part().items():
        assert 0 <= entry.busy_ps <= run.executor.elapsed * run.chip.parts[name].server.capacity, name
        assert min(entry.count, entry.energy_aj, entry.bits) >= 0, name
    pulses = Counter({part: entry.pulses for part, entry in ledger.by_part().items() if entry.pulses})
    worn = {wear.array: int(wear.pulses.sum()) for tile in run.chip.tiles for wear in tile.wear()}
    assert pulses == Counter({array: count for array, count in worn.items() if count})
    by_epoch = Counter()
    for row in run.training.arrays:
        by_epoch[row.array] += row.pulses
    assert by_epoch == Counter(worn)


def check_trace(run):
    """Busy times in the trace are those in the ledger; each program follows the one before."""
    trace, shown = run.executor.trace(), Counter()
    for number in trace.executed:
        for record in trace.programs[number]:
            assert 0 <= record.start_ps <= record.end_ps
            shown[record.part, record.action] += record.end_ps - record.start_ps
    booked = {(part, action): entry.busy_ps for part, action, entry in run.ledger if entry.busy_ps}
    assert {key: busy for key, busy in shown.items() if busy} == booked
    assert run.executor.elapsed == sum(
        max((record.end_ps for record in trace.programs[number]), default=0) for number in trace.executed
    )


@every_chip
@pytest.mark.parametrize("batch", [1, 5])
def test_books_agree(name, batch):
    """Totals by part, by action and in all; pulses in the ledger and in the cells; busy and elapsed time."""
    run = made.trained(CHIPS[name], LAYERS, bias=True, batch=batch, epochs=2, trace=True)
    check_books(run)
    check_trace(run)


@every_chip
@pytest.mark.parametrize("batch", [1, 5])
def test_replay_changes_nothing(name, batch):
    """The same ledger to the last unit, the same time, the same weights; fewer programs simulated."""
    first, second = (
        made.trained(CHIPS[name], LAYERS, batch=batch, epochs=2, replay=replay) for replay in (True, False)
    )
    assert first.ledger == second.ledger
    assert first.executor.elapsed == second.executor.elapsed
    assert first.training.epochs == second.training.epochs
    assert first.executor.distinct < second.executor.distinct
    for one, other in zip(first.weights, second.weights, strict=True):
        assert np.array_equal(one, other)


@every_chip
def test_books_of_time_are_kept_or_not(name):
    """Without an executor the weights are the same, and nothing is charged."""
    timed, untimed = (made.trained(CHIPS[name], LAYERS, timed=timed) for timed in (True, False))
    assert len(untimed.ledger) == 0
    for one, other in zip(timed.weights, untimed.weights, strict=True):
        assert np.array_equal(one, other)


# Seven labels at random may well be without the first class.
@pytest.mark.filterwarnings("ignore:faces. class 0 never occurs")
@settings(max_examples=20)
@given(
    document=chip_documents(tiles=st.just(9)),
    layers=st.lists(st.integers(1, 7), min_size=2, max_size=4),
    bias=st.booleans(),
    batch=st.integers(1, 4),
    rate=st.sampled_from([0.05, 0.5]),
)
def test_books_of_random_chips(*, document, layers, bias, batch, rate):
    """Whatever is described: the books agree, with and without replay to the last unit."""
    spec, runs = chip_from_document(document).spec, []
    costs = costs_of(spec.costs)
    assume(not of_chip_and_costs(spec, costs))
    for replay in (True, False):
        how = {"costs": costs, "bias": bias, "batch": batch, "rate": rate, "replay": replay}
        try:
            run = made.trained(spec, layers, data=made.digits(layers[0], layers[-1], train=7, test=2), **how)
        except PlacementError:
            assume(False)
        check_books(run)
        runs.append(run)
    assert runs[0].ledger == runs[1].ledger
    assert runs[0].executor.elapsed == runs[1].executor.elapsed


@pytest.mark.parametrize("name", ["parallel-pulses, stochastic", "hybrid", "digital", "split", "mesh"])
@pytest.mark.parametrize("batch", [1, 5])
def test_timing_only_equals_the_time_of_training(name, batch):
    """Without arithmetic the steps take the time that they take with it, batch and remainder.

    Nothing but the writing of initial weights and the selector's decisions comes on top.
    """
    data = made.digits(LAYERS[0], LAYERS[-1])
    run = made.trained(CHIPS[name], LAYERS, data=data, batch=batch, epochs=2)
    timed = made.timed(CHIPS[name], LAYERS, samples=len(data.train_labels), batch=batch, epochs=2)
    begin, _ = made.rule_on(CHIPS[name], LAYERS).begin(seed=1)
    extra = execute(run.chip, begin).elapsed
    decision = run.chip.selector.end_epoch(accuracy=0)
    if decision is not None:
        extra += 2 * execute(run.chip, decision).elapsed
    assert timed.executor.elapsed + extra == run.executor.elapsed
    assert timed.training.steps == run.training.steps
    assert timed.training.samples == run.training.samples


def test_timing_only_of_a_serial_update_visits_everything_once():
    """Row by row, each row is given one pulse: 5 rows of the first layer, 4 of the second."""
    timed = made.timed(CHIPS["row-by-row, deterministic"], LAYERS, samples=1)
    busy = {part: entry.busy_ps for part, entry in timed.executor.settle().by_part().items()}
    assert busy["tile0.driver"] == 5 * made.SLOT
    assert busy["tile1.driver"] == 4 * made.SLOT
