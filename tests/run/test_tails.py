"""Items that differ in their last operations only: put together as they are when simulated as a whole."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.parts.part import Action, Part
from chipsim.parts.program import Parallel, Series, Stream, operation, parallel, series
from chipsim.run import simulate
from chipsim.run.execute import Executor
from chipsim.run.simulate import prepare
from chipsim.run.tails import shape_of
from tests.run import test_strands as strands

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


def in_two(item, setup):
    """An item in two, as an executor finds it."""
    return Executor(setup.chip)._in_two(item, shape_of(item))


def test_a_part_that_is_wanted_twice_keeps_items_whole():
    """An update that another one waits for does not only end the item.

    That a tile was read earlier in the same branch is no matter: of three layers the second one is.
    """
    setup = setup_of()
    item = last_item(setup)
    (first, *_) = shape_of(item).last
    assert in_two(Parallel((item, first)), setup) is None
    assert in_two(item, setup) is not None


def test_a_branch_that_holds_nothing_has_no_end():
    """A layer that keeps its weights takes an empty part in an update; what is beside it is split all the same."""
    setup = setup_of()
    item = last_item(setup)
    beside = Parallel((item, Series(())))
    assert in_two(beside, setup).begin == in_two(item, setup).begin


class Chooser(Part):
    """A part whose counts say which of others it holds, and that is charged under their names."""

    def __init__(self, env, name, *, ledger, others):
        super().__init__(env, name, ledger=ledger)
        self.others = others

    def actions(self):
        """Holding another part, or none; and the same in events only."""
        return {"hold": Action(self._hold, ("which", "time")), "ask": Action(self._ask, ("which", "time"))}

    def _hold(self, op):
        time = op["time"]
        if op["which"] >= len(self.others):
            return self.planned()
        other = self.others[op["which"]]
        return self.planned(*other.held(time, other.charged("held", 2 * time, ago=time)))

    def _ask(self, op):
        yield from self._hold(op)


def choosing():
    """The bench of strands, and two parts that hold others of it."""
    chip = strands.bench()
    others = [chip.parts["m0"], chip.parts["m2"]]
    for name in ("c0", "c1"):
        chip.parts[name] = Chooser(chip.env, name, ledger=chip.ledger, others=others)
    return chip


def times_and_ledger(programs, *, replay):
    """How long each program takes, and what all are charged."""
    executor = Executor(choosing(), replay=replay)
    return [executor.run(program) for program in programs], list(executor.settle())


def reading(part, time):
    """A part of its own that holds a third one at its end."""
    return operation(part, "read", time=time)


@pytest.mark.parametrize("times", [[(2, 2)], [(20, 2), (2, 2)]])
def test_parts_that_share_a_server_are_timed_as_a_whole(times):
    """Two names, and a third part that both claim: one converts after the other."""
    programs = [parallel((reading("p0", one), reading("p1", other))) for one, other in times]
    assert times_and_ledger(programs, replay=True) == times_and_ledger(programs, replay=False)
    assert times_and_ledger(programs[-1:], replay=True)[0] == [8]


@pytest.mark.parametrize("action", ["hold", "ask"])
def test_counts_may_decide_what_is_claimed(action):
    """Apart at first, as they hold different parts; in each other's way when they hold the same one."""
    pairs = [(0, 1), (0, 0), (1, 1), (2, 1), (1, 0)]
    programs = [
        parallel(operation(f"c{place}", action, which=which, time=5) for place, which in enumerate(pair))
        for pair in pairs
    ]
    times, ledger = times_and_ledger(programs, replay=True)
    assert times == [5, 10, 10, 5, 5]
    assert (times, ledger) == times_and_ledger(programs, replay=False)


OPS = [
    *strands.OPS,
    *(
        operation(f"c{place}", action, which=which, time=time)
        for place, action, which, time in itertools.product((0, 1), ("hold", "ask"), (0, 1, 2), (1, 4))
    ),
]
PROGRAMS = st.recursive(
    st.sampled_from(OPS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(series),
        st.lists(inner, max_size=4).map(parallel),
        st.builds(Stream, inner, st.integers(0, 3)),
    ),
    max_leaves=12,
)


@given(st.lists(st.lists(PROGRAMS, min_size=1, max_size=3).map(parallel), min_size=1, max_size=6))
@settings(max_examples=300, deadline=None)
def test_whatever_parts_claim_replay_takes_as_long(programs):
    """Parts that share servers, that have no plans, and whose counts say what they hold."""
    assert times_and_ledger(programs, replay=True) == times_and_ledger(programs, replay=False)


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
