"""Programs that differ in some counts only take and cost what each of them does by itself."""

from __future__ import annotations

import numpy as np
import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.ledger import Ledger
from chipsim.parts.part import Action, Part
from chipsim.parts.plan import Wait
from chipsim.parts.program import Alike, Parallel, Series, Stream, operation, operations_of
from chipsim.run.alike import linear
from chipsim.run.alone import alone
from chipsim.run.execute import Executor
from chipsim.run.simulate import prepare
from tests.run.test_execute import Bench

NAMES = ("slots", "visits")
SETS = ("network.layers=[784, 9, 8, 10]", "network.loss=squared-error")
CHIPS = {
    "row by row": ("single-pair-rowwise", ()),
    "cell by cell": ("single-pair-cellwise", ()),
    "trains": ("hybrid-synapse", ("update.encoding=stochastic",)),
    "several tiles side by side": ("single-pair-rowwise", ("tile.rows=300", "tile.columns=6")),
}  # fmt: skip


def setup_of(name):
    """A chip and its network, for timing."""
    chip, sets = CHIPS[name]
    sets = [*SETS, *sets]
    return prepare(chip, "mnist-5k", sets=sets, seed=None)


def alike_of(setup, counts):
    """Steps whose updates have these counts (steps, 2), each update some more than the one before."""
    pattern = setup.rule.typical_step(1)
    updates = tuple(op for op, _ in operations_of(pattern) if op.action == "update")
    places = np.arange(len(updates))[:, None]
    return Alike(pattern, updates, NAMES, np.array(counts, np.int64)[:, None, :] * (1 + places))


@pytest.mark.parametrize("name", CHIPS)
@settings(max_examples=10, deadline=None)
@given(counts=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 20)), min_size=1, max_size=6))
def test_alike_programs_take_what_each_takes(name, counts):
    """All at once, one by one, and simulated event by event."""
    setups = [setup_of(name) for _ in range(3)]
    at_once, singly, whole = (Executor(one.chip, replay=place < 2) for place, one in enumerate(setups))
    programs = alike_of(setups[0], counts)
    at_once.run_alike(programs)
    for each in programs.counts.tolist():
        singly.run(programs.program(each))
    whole.run_alike(programs)
    assert at_once.elapsed == singly.elapsed == whole.elapsed
    assert at_once.settle() == singly.settle() == whole.settle()


def test_many_programs_are_timed_by_a_few():
    """Each pair of slots and visits is a program of its own, and none of them is simulated."""
    setup = setup_of("row by row")
    executor = Executor(setup.chip)
    executor.run_alike(alike_of(setup, [(1, 1)]))
    few = executor.distinct
    executor.run_alike(alike_of(setup, [(slots, visits) for slots in range(20) for visits in range(20)]))
    assert executor.distinct == few


def test_books_are_settled_at_any_time():
    """Charged once, however often they are settled, and as often as programs came."""
    setup = setup_of("cell by cell")
    bit_by_bit, at_once = Executor(setup.chip), Executor(setup.chip)
    for programs in ([(3, 2), (5, 4)], [(7, 7)] * 9):
        bit_by_bit.run_alike(alike_of(setup, programs))
        bit_by_bit.settle()
        at_once.run_alike(alike_of(setup, programs))
    assert bit_by_bit.settle() == at_once.settle()
    assert bit_by_bit.elapsed == at_once.elapsed


@pytest.mark.parametrize("name", CHIPS)
@settings(max_examples=20, deadline=None)
@given(slots=st.integers(0, 10_000), visits=st.integers(0, 10_000))
def test_updates_are_linear_as_they_say(name, slots, visits):
    """Time and charges of any update follow from those of three."""
    setup = setup_of(name)
    programs = alike_of(setup, [(slots, visits)])
    for op, other in zip(programs.varied, _updates(programs), strict=True):
        found = linear(setup.chip, op, NAMES)
        counts = [other[name] for name in NAMES]
        took = alone(setup.chip, other)
        assert took.elapsed == found.least + sum(
            by * count for by, count in zip(found.by, counts, strict=True)
        )
        charged = Ledger()
        for charges, times in zip(found.charges, (1, *counts), strict=True):
            charged.add(charges, times)
        assert charged == took.ledger


def _updates(programs):
    (counts,) = programs.counts.tolist()
    return [op for op, _ in operations_of(programs.program(counts)) if op.action == "update"]


class Press(Part):
    """A part that is held for as long as asked, or for the square of that."""

    def actions(self):
        """Working, as it says, and in a way that only seems to be like it."""
        return {
            "work": Action(lambda op: self._work(op, op["time"]), ("time",), linear=True),
            "bend": Action(lambda op: self._work(op, op["time"] ** 2), ("time",)),
        }

    def _work(self, op, time):
        return self.planned(*self.held(time, self.charged(op.action, time, energy=3 * time, bits=2)))


def presses():
    """Two of them."""
    env, ledger = simpy.Environment(), Ledger()
    return Bench(env, ledger, {name: Press(env, name, ledger=ledger) for name in ("m0", "m1")})


@pytest.mark.parametrize("action", ["work", "bend"])
@pytest.mark.parametrize("shape", ["side by side", "twice", "in a stream", "one after another"])
def test_whatever_cannot_be_timed_at_once_is_timed_one_by_one(action, shape):
    """A part that is not linear, an operation that is there twice or in a stream, or that does not come last."""
    op, other = operation("m0", action, time=4), operation("m1", "work", time=9)
    pattern = {
        "side by side": Parallel((op, other)),
        "twice": Series((op, Parallel((op, other)))),
        "in a stream": Parallel((Stream(op, 3), other)),
        "one after another": Series((op, other)),
    }[shape]
    programs = Alike(pattern, (op,), ("time",), np.array([[[1]], [[5]], [[12]]]))
    at_once, whole = Executor(presses()), Executor(presses(), replay=False)
    at_once.run_alike(programs)
    for each in programs.counts.tolist():
        whole.run(programs.program(each))
    assert at_once.elapsed == whole.elapsed
    assert at_once.settle() == whole.settle()


class Unheld(Press):
    """A part that takes any number of operations at once."""

    def _work(self, op, time):
        return self.planned(Wait(time, (self.charged(op.action, time, energy=3 * time),)))


def both_ways(*given):
    """Programs timed all at once where they can be, and simulated."""
    executors = []
    for replay in (True, False):
        env, ledger = simpy.Environment(), Ledger()
        parts = {"m0": Press(env, "m0", ledger=ledger), "m1": Unheld(env, "m1", ledger=ledger)}
        executor = Executor(Bench(env, ledger, parts), replay=replay)
        for programs in given:
            executor.run_alike(programs)
        executors.append(executor)
    return [(int(one.elapsed), one.settle(), one.distinct) for one in executors]


def test_what_is_there_twice_and_stays_the_same_counts_twice():
    """It begins at two times, of which the later one ends the item."""
    op, same = operation("m0", "work", time=4), operation("m1", "work", time=9)
    pattern = Parallel((op, Series((operation("m1", "work", time=100), same)), same))
    by_counts, simulated = both_ways(Alike(pattern, (op,), ("time",), np.array([[[1]], [[200]]])))
    assert by_counts[:2] == simulated[:2]
    assert by_counts[0] == 109 + 200


def test_the_same_pattern_may_vary_in_other_operations():
    """What was found for the first is not taken for the second."""
    first, second = operation("m0", "work", time=4), operation("m1", "work", time=9)
    pattern, counts = Parallel((first, second)), np.array([[[30]]])
    by_counts, simulated = both_ways(*(Alike(pattern, (op,), ("time",), counts) for op in (first, second)))
    assert by_counts[:2] == simulated[:2]


def test_no_programs_are_charged_as_nothing():
    """Not even as rows of zero, and nothing is timed for them."""
    op = operation("m0", "work", time=4)
    none = Alike(op, (op,), ("time",), np.empty((0, 1, 1), np.int64))
    by_counts, simulated = both_ways(none)
    assert by_counts == simulated
    assert list(by_counts[1]) == []


def test_who_notes_every_program_is_told_of_each():
    """A trace lists programs in their order, with how each went."""
    setup = setup_of("row by row")
    executor = Executor(setup.chip, trace=True)
    executor.run_alike(alike_of(setup, [(3, 2), (5, 4), (3, 2)]))
    assert executor.trace().executed == (0, 1, 0)
