"""Strands are the processes that they stand for: the same events at the same times in the same order, and the same charges."""

from __future__ import annotations

import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.errors import StarvedError
from chipsim.ledger import Ledger
from chipsim.parts.part import Action, Part
from chipsim.parts.program import Stream, operation, parallel, series
from chipsim.run import execute as executing
from chipsim.run.events import _await, _run
from chipsim.run.execute import Executor, execute
from chipsim.run.strands import Strands
from tests import made
from tests.run.test_execute import Bench


class Machine(Part):
    """A part that is held for as long as asked, and says so beforehand."""

    def actions(self):
        """Working, and working on top of another machine's work."""
        return {"work": Action(self._work, ("time",))}

    def _work(self, op):
        time = op["time"]
        return self.planned(*self.held(time, self.charged("work", time, energy=time + 1, bits=2)))


class Pair(Part):
    """A part that claims another one while it is held, and lets go of itself first, as tiles do of their arrays."""

    def __init__(self, env, name, *, ledger, other):
        super().__init__(env, name, ledger=ledger)
        self.other = other

    def actions(self):
        """Sampling, then converting."""
        return {"read": Action(self._read, ("time",))}

    def _read(self, op):
        claim, wait, free = self.held(op["time"], self.charged("read", op["time"]))
        claim_other, convert, free_other = self.other.held(3, self.other.charged("convert", 3))
        return self.planned(claim, wait, claim_other, free, convert, free_other)


def bench():
    """Machines with one and two servers, and two that claim a third."""
    env, ledger = simpy.Environment(), Ledger()
    machines = [
        Machine(env, f"m{index}", ledger=ledger, capacity=capacity)
        for index, capacity in enumerate((1, 2, 1))
    ]
    pairs = [Pair(env, f"p{index}", ledger=ledger, other=machines[2]) for index in range(2)]
    return Bench(env, ledger, {part.name: part for part in (*machines, *pairs)})


# Times of nothing and equal times make what happens at one instant queue for the same servers.
OPS = [
    *(operation(f"m{index}", "work", time=time) for index in range(3) for time in (0, 1, 2)),
    *(operation(f"p{index}", "read", time=time) for index in range(2) for time in (0, 2)),
]
PROGRAMS = st.recursive(
    st.sampled_from(OPS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(series),
        st.lists(inner, max_size=4).map(parallel),
        st.builds(Stream, inner, st.integers(0, 3)),
    ),
    max_leaves=20,
)


def as_processes(chip, program):
    """Elapsed time and records of the slow twin."""
    chip.ledger.trace = []
    start = chip.env.now
    _await(Strands(chip), chip.env.process(_run(chip, program)))
    return chip.env.now - start, chip.ledger.take(), chip.ledger.trace


@given(st.lists(PROGRAMS, min_size=1, max_size=3))
@settings(max_examples=300, deadline=None)
def test_strands_do_what_processes_do_in_the_same_order(programs):
    """Records in the order in which they were charged: whoever came first at equal times comes first."""
    chip, twin = bench(), bench()
    for program in programs:
        chip.ledger.trace = []
        timing = execute(chip, program)
        assert (timing.elapsed, timing.ledger, chip.ledger.trace) == as_processes(twin, program)
    assert not any(part.server.count or part.server.queue for part in chip.parts.values())


@given(PROGRAMS)
@settings(max_examples=100, deadline=None)
def test_without_replay_everything_is_charged(program):
    """Charged together in the end, as at each event."""
    chip, twin = bench(), bench()
    executor = Executor(chip, replay=False)
    took = executor.run(program, 2)
    elapsed, ledger, _ = as_processes(twin, program)
    twice = Ledger()
    twice.add(ledger, 2)
    assert (took, executor.settle()) == (elapsed, twice)


@pytest.mark.parametrize("count", [513, 700])
def test_long_streams_of_strands(count):
    """More items than may be under way at once, in the midst of others."""
    program = parallel((OPS[1], series((OPS[2], Stream(series((OPS[1], OPS[4], OPS[10])), count), OPS[8]))))
    chip, twin = bench(), bench()
    chip.ledger.trace = []
    timing = execute(chip, program)
    assert (timing.elapsed, timing.ledger, chip.ledger.trace) == as_processes(twin, program)


def test_parts_without_plans_are_processes(monkeypatch):
    """Actions that are generators, and parts that serve in ways of their own, take part as before."""
    chip = bench()
    generator = Action(lambda op: chip.parts["m0"].hold("work", op["time"]), ("time",))
    chip.parts["m0"].actions = lambda: {"work": generator}
    program = parallel((OPS[1], OPS[1], OPS[4]))
    assert Strands(chip).of(program) is None
    assert execute(chip, program).elapsed == 2

    seen = []

    def serve(part, op):
        seen.append(op)
        yield from Part.serve(part, op)

    monkeypatch.setattr(Machine, "serve", serve)
    execute(bench(), program)
    assert seen == [OPS[1], OPS[1], OPS[4]]


def test_shipped_chips_have_plans_of_all_that_they_do():
    """Nothing that ships falls back to processes."""
    for chip in (made.rule_on(made.chip(), (4, 3)).chip, made.rule_on(made.mac_chip(), (4, 3)).chip):
        for part in chip.parts.values():
            for name, action in part.actions().items():
                op = operation(part.name, name, **dict.fromkeys(action.counts, 1))
                assert chip.plan(op) is not None, (part.name, name)


def test_starved_without_replay_counts_from_the_item():
    """And charges nothing of the program that ran dry."""
    chip = made.rule_on(made.chip(), (2, 2)).chip
    executor = Executor(chip, replay=False)
    executor.run(chip.buffer.read(8))
    before = executor.settle().total.energy_aj
    chip.selector.server.request()
    with pytest.raises(StarvedError) as caught:
        executor.run(series((chip.buffer.read(8), chip.selector.compare(1))))
    assert str(caught.value) == "the schedule ran dry at 0 ps: selector: 1 of 1 held, 1 waiting"
    assert executor.settle().total.energy_aj == before


def test_many_waits_are_charged_on_the_way(monkeypatch):
    """Memory does not grow with the run, and books stay the same."""
    monkeypatch.setattr(executing, "_MOST_DONE", 3)
    chip = bench()
    executor = Executor(chip, replay=False)
    for _ in range(10):
        executor.run(OPS[1])
        assert len(executor._done) <= 3 + 1
    assert executor.settle().total.count == 10
