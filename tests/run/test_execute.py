"""Programs run as they say: in series, side by side, streamed; a schedule that runs dry is named."""

from __future__ import annotations

import attrs
import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from chipsim.chip.links import Links
from chipsim.errors import StarvedError
from chipsim.ledger import Ledger, Record
from chipsim.parts.part import Action, Part, UnknownActionError
from chipsim.parts.program import Parallel, Series, Stream, operation, operations_of, parallel, series
from chipsim.run.execute import Executor, execute
from chipsim.run.simulate import prepare
from tests import made
from tests.made import ADC, BUS, CLOCK, DAC, READ, SAMPLE, SLOT, SRAM


@attrs.define
class Bench:
    """A chip of plain parts, each of which takes the time that the operation says."""

    env: simpy.Environment
    ledger: Ledger
    parts: dict[str, Part]

    def serve(self, op):
        """The part's own."""
        return self.parts[op.part].serve(op)

    def plan(self, op):
        """The part's own, if it has one."""
        return self.parts[op.part].plan(op)

    def waiting(self):
        """Nobody."""
        return iter(())


class Machine(Part):
    """A part that is held for as long as asked."""

    def actions(self):
        """One."""
        return {"work": Action(lambda op: self.hold("work", op["time"]), ("time",))}


class Back(Part):
    """A part whose work ends before it began."""

    def actions(self):
        """One."""
        return {"work": Action(lambda _: self.planned(*self.held(-1, self.charged("work", -1))), ())}


class Door(Part):
    """A part that never opens."""

    def actions(self):
        """One."""
        return {"enter": Action(lambda _: self._wait(), ())}

    def _wait(self):
        with self.server.request() as claim:
            yield claim
            yield self.env.event()


def bench(count, capacities=None):
    """Machines m0, m1 and so on."""
    env, ledger = simpy.Environment(), Ledger()
    parts = {
        f"m{index}": Machine(env, f"m{index}", ledger=ledger, capacity=(capacities or {}).get(index, 1))
        for index in range(count)
    }
    return Bench(env, ledger, parts)


def chain(times):
    """One item's way past all machines."""
    return series(operation(f"m{index}", "work", time=time) for index, time in enumerate(times))


def small():
    """A chip with one tile."""
    return made.rule_on(made.chip(), (2, 2)).chip


# --- programs --------------------------------------------------------------------------------------


def test_series_adds_and_parallel_takes_the_longest():
    """3 + max(5, 2) + 7."""
    ops = {time: operation(f"m{index}", "work", time=time) for index, time in enumerate((3, 5, 2, 7))}
    program = series((ops[3], parallel((ops[5], ops[2])), ops[7]))
    assert execute(bench(4), program).elapsed == 3 + 5 + 7


@pytest.mark.parametrize("empty", [Series(()), Parallel(()), Stream(Series(()), 3), Stream(Series(()), 0)])
def test_empty_programs_take_no_time(empty):
    """Nothing to do is done at once, alone and inside others."""
    chip = bench(1)
    assert execute(chip, empty).elapsed == 0
    assert execute(chip, series((empty, operation("m0", "work", time=2), empty))).elapsed == 2
    for replay in (True, False):
        assert Executor(chip, replay=replay).run(empty) == 0


@given(times=st.lists(st.integers(1, 50), min_size=1, max_size=6), count=st.integers(1, 12))
def test_stream_takes_fill_and_bottleneck(times, count):
    """N items through a chain of parts: fill + (n - 1) x bottleneck."""
    elapsed = execute(bench(len(times)), Stream(chain(times), count)).elapsed
    assert elapsed == sum(times) + (count - 1) * max(times)


@given(
    times=st.lists(st.integers(1, 50), min_size=1, max_size=4),
    count=st.integers(1, 12),
    twins=st.integers(2, 4),
)
def test_stream_past_machines_with_several_servers(times, count, twins):
    """With as many servers as items nothing waits: the stream takes as long as one item."""
    chip = bench(len(times), dict.fromkeys(range(len(times)), count))
    assert execute(chip, Stream(chain(times), count)).elapsed == sum(times)
    # One machine with several servers passes them in groups of its servers.
    alone = bench(1, {0: twins})
    assert execute(alone, Stream(chain(times[:1]), count)).elapsed == -(-count // twins) * times[0]


@given(count=st.integers(1, 12), share=st.sampled_from([1, 2, 8]))
def test_pipeline_of_samples_on_a_chip(count, share):
    """Samples fetched, sent, read, converted and sent on: fill + (n - 1) x the slowest of the five.

    Every part lies on the way once: the buffer, the link to the tile, the tile until its sample is taken,
    the ADCs, the link to the digital unit.
    """
    links = (("buffer", "tile0"), ("digital", "tile0"), ("digital", "selector"))
    spec = made.chip(
        tile=made.crossbar(8, 8, forward=made.one_pass(adc_share=share)),
        interconnect=Links(width=BUS.width, clock=BUS.clock, length=BUS.length, links=links),
    )
    rule = made.rule_on(spec, (8, 8))
    stages = (
        8 * made.BITS // made.WIDTH * SRAM,
        made.HOP + 8 * made.BITS // made.WIDTH * made.CYCLE,
        DAC + READ,
        SAMPLE + share * ADC,
        made.HOP + 8 * made.BITS // made.WIDTH * made.CYCLE,
    )
    elapsed = execute(rule.chip, Stream(rule.matrices[0].typical("forward"), count)).elapsed
    # The cells are busy until they are sampled, so sampling belongs to two stages at once.
    assert elapsed == sum(stages) + (count - 1) * max(*stages, DAC + READ + SAMPLE)


@pytest.mark.parametrize(("share", "bottleneck"), [(1, DAC + READ + SAMPLE), (9, SAMPLE + 9 * ADC)])
def test_one_sample_converts_while_the_next_is_driven(share, bottleneck):
    """The ADCs of one sample work at the same time as the DACs and cells of the next.

    With slow ADCs the arrays wait: their next sample cannot be taken before the ADCs are free.
    """
    spec = made.chip(tile=made.crossbar(9, 9, forward=made.one_pass(adc_share=share)))
    chip = made.rule_on(spec, (9, 9)).chip
    records = Executor(chip).timeline(Stream(chip.tiles[0].typical("forward"), 3))
    drives = [record.start_ps for record in records if record.part == "tile0.dac"]
    converts = [(record.start_ps, record.end_ps) for record in records if record.part == "tile0.adc"]
    fill = DAC + READ
    conversion = SAMPLE + share * ADC
    assert converts == [(fill + n * bottleneck, fill + n * bottleneck + conversion) for n in range(3)]
    # The next sample is driven as soon as the one before is in the sample-and-holds.
    assert drives == [0, *(start + SAMPLE for start, _ in converts[:2])]


def test_forward_and_backward_of_one_tile_take_turns():
    """Both directions need the same cells: the second waits until the first is sampled."""
    chip = small()
    tile = chip.tiles[0]
    both = parallel((tile.typical("forward"), tile.typical("backward")))
    assert execute(chip, both).elapsed == (DAC + READ + SAMPLE) + (DAC + READ + SAMPLE + ADC)


def test_update_waits_for_a_read_of_the_same_tile():
    """Pulses start once the sample is held, while it is still being converted."""
    chip = small()
    tile = chip.tiles[0]
    both = parallel((tile.typical("forward"), tile.typical("update")))
    assert execute(chip, both).elapsed == (DAC + READ + SAMPLE) + 6 * SLOT


def test_a_chip_goes_on_where_its_clock_stands():
    """A program takes as long the second time as the first."""
    chip = small()
    program = Stream(chip.tiles[0].typical("forward"), 3)
    assert execute(chip, program).elapsed == execute(chip, program).elapsed


# --- what goes wrong -------------------------------------------------------------------------------


def starving(chip):
    """A part of the chip that waits for ever."""
    door = Door(chip.env, "door", ledger=chip.ledger)
    chip.parts["door"] = door
    return operation("door", "enter")


def test_starved_schedule_names_who_holds_and_who_waits():
    """The message says when it ran dry, who holds what, and how many queue."""
    chip = small()
    enter = starving(chip)
    with pytest.raises(StarvedError) as caught:
        execute(chip, series((chip.buffer.read(8), parallel((enter, enter)))))
    assert str(caught.value) == f"the schedule ran dry at {SRAM} ps: door: 1 of 1 held, 1 waiting"


def test_starved_schedule_that_holds_nothing_says_so():
    """A part that waits for an event of its own holds no server."""
    chip = bench(1)
    chip.parts["m0"].actions = lambda: {"work": Action(lambda _: iter([chip.env.event()]), ())}
    with pytest.raises(StarvedError) as caught:
        execute(chip, operation("m0", "work"))
    assert str(caught.value) == "the schedule ran dry at 0 ps: no part holds anything"


def test_runtime_error_of_a_part_is_not_taken_for_starving():
    """What a part raises comes out as it is."""
    chip = bench(1)

    def broken(_):
        yield chip.env.timeout(1)
        raise RuntimeError("broken part")

    chip.parts["m0"].actions = lambda: {"work": Action(broken, ())}
    with pytest.raises(RuntimeError, match=r"^broken part$"):
        execute(chip, parallel((operation("m0", "work"),)))


def test_unknown_action_lists_the_known_ones():
    """The part says what it is and what it does."""
    chip = small()
    with pytest.raises(UnknownActionError) as caught:
        execute(chip, operation("tile0", "forwrad"))
    assert str(caught.value) == (
        "tile0 (tile) does not know 'forwrad'; it does: backward, forward, initialise, pulse, recentre, update; "
        "did you mean 'forward'?"
    )


def test_part_without_actions_says_so():
    """Converters are driven by their tile and take no operations of their own."""
    chip = small()
    with pytest.raises(UnknownActionError) as caught:
        execute(chip, operation("tile0.dac", "forward"))
    assert str(caught.value) == "tile0.dac (dac) does not know 'forward'; it does: nothing"


# --- replay ----------------------------------------------------------------------------------------


def several(chip):
    """Programs that differ, and some that come again."""
    reads = [chip.buffer.read(8 * size) for size in (1, 2, 3, 2, 1, 4, 5, 6, 1, 2)]
    steer = chip.selector.compare(1)
    return [Series((read, Stream(steer, 2))) for read in reads]


def test_replay_times_each_distinct_item_once():
    """Six sizes of reads and one stream of selections, in ten programs."""
    chip = small()
    executor = Executor(chip)
    for program in several(chip):
        executor.run(program)
    assert executor.distinct == 6 + 1


def test_without_replay_every_item_is_simulated():
    """Ten programs of two items each."""
    chip = small()
    executor = Executor(chip, replay=False)
    for program in several(chip):
        executor.run(program)
    assert executor.distinct == 10 * 2


@pytest.mark.parametrize("keep", [1, 2, 3, 200_000])
def test_replay_with_a_small_memory_forgets_no_charge(keep):
    """Programs that were forgotten are timed again; books and clock stay the same."""
    chip, other = small(), small()
    executor, plain = Executor(chip, keep=keep), Executor(other, replay=False)
    for program in several(chip):
        assert executor.run(program) == plain.run(program)
    assert executor.elapsed == plain.elapsed
    assert executor.settle() == plain.settle()


@pytest.mark.parametrize("replay", [True, False])
def test_running_a_program_several_times(replay):
    """Three times at once equals once and once and once."""
    chip = small()
    program = Series((chip.buffer.read(8), Stream(chip.tiles[0].typical("forward"), 2)))
    at_once, singly = Executor(chip, replay=replay), Executor(chip, replay=replay)
    once = at_once.run(program, 3)
    assert [singly.run(program) for _ in range(3)] == [once] * 3
    assert at_once.elapsed == singly.elapsed == 3 * once
    assert at_once.settle() == singly.settle()


def test_settling_again_charges_nothing_twice():
    """The ledger lives on; what was settled stays settled."""
    chip = small()
    executor = Executor(chip)
    executor.run(chip.buffer.read(8))
    before = executor.settle().total.energy_aj
    assert executor.settle().total.energy_aj == before == 8 * 23
    executor.run(chip.buffer.read(8))
    assert executor.settle().total.energy_aj == 2 * 8 * 23


def test_timeline_charges_nothing_and_starts_at_zero():
    """A drawn step leaves books and clock alone, and later executions unrecorded."""
    chip = small()
    executor = Executor(chip)
    executor.run(chip.buffer.read(8))
    elapsed, total = executor.elapsed, executor.settle().total.energy_aj
    records = executor.timeline(series((chip.selector.compare(1), chip.buffer.read(8))))
    assert records == [
        Record(0, CLOCK, "selector", "compare"),
        Record(CLOCK, CLOCK + SRAM, "buffer", "read"),
    ]
    assert (executor.elapsed, executor.settle().total.energy_aj) == (elapsed, total)
    assert chip.ledger.trace is None


def test_trace_numbers_the_programs_in_the_order_they_came():
    """Distinct programs once each, and which one ran when."""
    chip = small()
    executor = Executor(chip, trace=True)
    for bits in (8, 16, 8):
        executor.run(chip.buffer.read(bits))
    executor.run(chip.selector.compare(1), 2)
    trace = executor.trace()
    assert trace.executed == (0, 1, 0, 2, 2)
    assert trace.programs == (
        (Record(0, SRAM, "buffer", "read"),),
        (Record(0, 2 * SRAM, "buffer", "read"),),
        (Record(0, CLOCK, "selector", "compare"),),
    )


@pytest.mark.parametrize(
    "name", ["hybrid-synapse", "single-pair-cellwise", "metaplastic-qnn", "digital-fp32"]
)
def test_an_operation_alone_takes_what_its_simulation_takes(name):
    """Transfers, reads, updates, arithmetic: time and charges without an event are those of all its events."""
    setup = prepare(name, "mnist-5k", seed=None)
    chip, other = setup.chip, prepare(name, "mnist-5k", seed=None).chip
    typical = setup.rule.typical_step(1)
    ops = dict.fromkeys(op for op, _ in operations_of(typical))
    if name == "hybrid-synapse":
        ops[operation("tile0", "recentre", slots=5, visits=3, pair=0, resets=2)] = None
    for op in ops:
        executor = Executor(chip)
        timing = execute(other, op)
        assert executor.run(op) == timing.elapsed
        assert executor.settle() == timing.ledger
    assert chip.env.now == 0
    assert other.env.now > 0


def test_a_plan_that_goes_back_in_time_is_refused():
    """An operation alone is not simulated where its plan can be read, but no plan undoes time."""
    env, ledger = simpy.Environment(), Ledger()
    machine = Back(env, "m0", ledger=ledger)
    executor = Executor(Bench(env, ledger, {"m0": machine}))
    with pytest.raises(ValueError, match="Negative delay"):
        executor.run(operation("m0", "work"))
