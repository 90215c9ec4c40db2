"""Items that differ in their last operations only: put together as they are when simulated as a whole."""

from __future__ import annotations

import itertools

import pytest

from chipsim.parts.program import Parallel, Series
from chipsim.run import simulate
from chipsim.run.execute import Executor
from chipsim.run.simulate import prepare
from chipsim.run.tails import shape_of, tailed

SHORT = (
    "phases.0.dataset.train=60", "phases.0.dataset.test=20", "phases.0.epochs=1", "network.layers=[784, 9, 8, 10]",
)  # fmt: skip
TRAINS = ("update.encoding=stochastic", "network.loss=squared-error", "synapse.weight_range=1")


def last_item(setup):
    """The last item of a step: updates of the first layers side by side."""
    program = setup.rule.typical_step(1)
    while isinstance(program, Series):
        program = program.items[-1]
    return program


def setup_of(chip="single-pair-rowwise", *sets):
    """A chip and its network."""
    return prepare(chip, "mnist-5k", sets=[*SHORT, *sets])


@pytest.mark.parametrize("chip", ["single-pair-rowwise", "single-pair-cellwise"])
@pytest.mark.parametrize("also", [(), ("tile.rows=300", "tile.columns=6")])
def test_ledger_and_time_are_those_of_whole_items(chip, also):
    """Without replay every item is simulated as a whole, whatever it ends with; with tiles side by side too."""
    results = [
        simulate(chip, "mnist-5k", sets=[*SHORT, *TRAINS, *also], replay=replay) for replay in (True, False)
    ]
    assert results[0].ledger == results[1].ledger
    times = [result.summary["simulated_time_ps"] for result in results]
    assert times[0] == times[1]


def test_what_comes_before_is_simulated_once():
    """Of items with all pairs of pulse slots, the rest and each update by itself: fewer than items there are."""
    setup = setup_of("single-pair-rowwise", "network.layers=[784, 9, 10]")
    executor = Executor(setup.chip)
    item = last_item(setup)
    first, second = shape_of(item).last
    slots = range(1, 9)
    items = [
        _with(item, {first: _slots(first, one), second: _slots(second, other)})
        for one, other in itertools.product(slots, slots)
    ]
    whole = Executor(setup.chip, replay=False)
    for one in items:
        executor.run(one)
        whole.run(one)
    assert executor.distinct == 1 + 2 * len(slots)
    assert whole.distinct == len(items)
    assert list(executor.settle()) == list(whole.settle())
    assert executor.elapsed == whole.elapsed


def test_a_part_that_is_wanted_twice_keeps_items_whole():
    """An update that another one waits for does not only end the item.

    That a tile was read earlier in the same branch is no matter: of three layers the second one is.
    """
    setup = setup_of()
    item = last_item(setup)
    (first, *_) = shape_of(item).last
    twice = Parallel((item, first))
    timeline = Executor(setup.chip).timeline
    assert tailed(twice, shape_of(twice).last, timeline=timeline) is None
    assert tailed(item, shape_of(item).last, timeline=timeline) is not None


def test_a_branch_that_holds_nothing_has_no_end():
    """A layer that keeps its weights takes an empty part in an update; what is beside it is split all the same."""
    setup = setup_of()
    timeline = Executor(setup.chip).timeline
    item = last_item(setup)
    beside = Parallel((item, Series(())))
    two = tailed(beside, shape_of(beside).last, timeline=timeline)
    assert two.begin == tailed(item, shape_of(item).last, timeline=timeline).begin


def _slots(op, slots):
    counts = dict(op.counts) | {"slots": slots}
    return type(op)(op.part, op.action, tuple(sorted(counts.items())))


def _with(program, others):
    """A program with other operations in the place of some."""
    if program in others:
        return others[program]
    if isinstance(program, (Series, Parallel)):
        return type(program)(tuple(_with(item, others) for item in program.items))
    return program
