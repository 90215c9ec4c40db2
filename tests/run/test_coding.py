"""The compiled loop of events does what strands do: the same charges at the same times, and streams that end when theirs do."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.errors import StarvedError
from chipsim.parts.part import Action
from chipsim.parts.program import Stream, operation, parallel, series
from chipsim.run import coding, events, prepare, strands
from chipsim.run.coding import compiled, in_a_loop
from chipsim.run.events import _process, take
from chipsim.run.execute import execute
from chipsim.run.inference import inference_on
from chipsim.run.strands import Strands
from chipsim.run.streams import UNDER_WAY, Flow
from tests import made
from tests.run.test_strands import OPS, PROGRAMS, bench
from tests.run.test_streams import BODIES, CHIP, patch, timed
from tests.run.test_streams import OPS as OPS_OF_CHIP


def simulated(chip, program):
    """Elapsed time, and who was charged when, of the slow twin."""
    strands = Strands(chip)
    chip.ledger.trace = []
    start = int(chip.env.now)
    take(strands, strands.of(program))
    records = [(record.start_ps - start, record.end_ps - start, record.part) for record in chip.ledger.trace]
    return int(chip.env.now) - start, records


def looped(chip, program):
    """The same of the loop."""
    charges = []
    took = in_a_loop(Strands(chip).of(program), charges=charges, room=100_000)
    records = [
        (time - each.ago, time - each.ago + each.busy, each.row[0])
        for time, wait in charges
        for each in wait.charges
    ]
    return took.elapsed, records


@given(PROGRAMS)
@settings(max_examples=400, deadline=None)
def test_charges_come_in_the_same_order_at_the_same_times(program):
    """Whoever came first at equal times comes first."""
    assert looped(bench(), program) == simulated(bench(), program)


@pytest.mark.parametrize("count", [513, 700])
def test_long_streams_in_the_midst_of_others(count):
    """Items that are admitted one by one, and streams in streams."""
    items = Stream(series((OPS[1], OPS[4], OPS[10])), count)
    among = parallel((OPS[1], series((OPS[2], items, OPS[8])), Stream(series((OPS[0], items)), 3)))
    assert looped(bench(), among) == simulated(bench(), among)


def whole_and_looped(body, count, *, most):
    """Time of a stream of which every item is simulated, and what the loop makes of it."""
    stream = Stream(body, count)
    return timed(stream, most=most).elapsed, in_a_loop(Strands(CHIP).of(body), stream=stream, most=most)


@given(BODIES, st.integers(1, 9), st.integers(1, 400))
@settings(max_examples=150, deadline=None)
def test_what_is_left_out_is_what_would_have_happened(body, most, count):
    """Periods that repeat themselves, whatever an item does, and however many may be under way."""
    whole, looped = whole_and_looped(body, count, most=most)
    assert looped.elapsed == whole


@given(BODIES, st.integers(2, 6))
@settings(max_examples=50, deadline=None)
def test_a_period_is_the_pace(body, most):
    """As many items more as the period has take as long as it does, once it has been found."""
    looped = in_a_loop(Strands(CHIP).of(body), stream=Stream(body, 3_000), most=most)
    assert looped.period
    whole = {count: timed(Stream(body, count), most=most).elapsed for count in (400, 400 + looped.period)}
    assert whole[400 + looped.period] - whole[400] == looped.period_ps


@pytest.mark.parametrize("count", range(8, 40))
def test_queues_that_run_dry_late_are_seen(count):
    """The same may be charged for as long as four items take while a queue at the bus grows shorter.

    That does not mean that the chip stands where it stood: when the queue has run dry, items take longer.
    """
    write, move = OPS_OF_CHIP[1], OPS_OF_CHIP[2]
    body = series((write, write, write, write, move))
    whole, looped = whole_and_looped(body, count, most=4)
    assert looped.elapsed == whole


PLAIN = [operation(f"m{index}", "work", time=time) for index in range(3) for time in (1, 2, 3, 5, 8)]
INNER = st.lists(
    st.one_of(
        st.sampled_from(PLAIN),
        st.builds(Stream, st.sampled_from(PLAIN[:7:3]), st.integers(4, 8)),
        st.builds(Stream, st.lists(st.sampled_from(PLAIN), min_size=1, max_size=3).map(series), st.integers(4, 6)),
        st.lists(st.builds(Stream, st.sampled_from(PLAIN[::4]), st.integers(4, 6)), min_size=2, max_size=2).map(parallel),
    ),
    min_size=2,
    max_size=5,
).map(series)  # fmt: skip


def whole_and_looped_by_three(body, count, *, most):
    """Both, where three items of a stream within an item are under way at once, and no more."""
    chip, stream = bench(), Stream(body, count)
    with pytest.MonkeyPatch.context() as patched:
        for module in (strands, events):
            patched.setattr(module, "UNDER_WAY", 3)
        patched.setitem(Flow.__init__.__kwdefaults__, "most", 3)
        flow = Flow(chip, stream, begin=_process(chip, body), most=most)
        chip.env.run(until=chip.env.process(flow.run()))
        return chip.env.now, in_a_loop(Strands(chip).of(body), stream=stream, most=most, inner=3)


@given(INNER, st.integers(1, 5), st.integers(20, 60))
@settings(max_examples=200, deadline=None)
def test_streams_within_items_have_a_bound_of_their_own(body, most, count):
    """However many may be under way of the stream that they are within."""
    whole, looped = whole_and_looped_by_three(body, count, most=most)
    assert looped.elapsed == whole


@pytest.mark.parametrize("count", range(20, 32))
def test_which_of_several_streams_of_the_same_steps_an_item_is_in_is_seen(count):
    """They share their steps, so that only what comes behind them tells one from the other."""
    one = operation("m1", "work", time=3)
    body = series((Stream(one, 4), Stream(one, 7), Stream(one, 4)))
    whole, looped = whole_and_looped_by_three(body, count, most=3)
    assert looped.elapsed == whole


def test_the_pace_of_a_convolution_is_that_of_its_patches():
    """576 places are more than may be under way at once, in each of many samples that are."""
    setup = prepare("digital-fp32", "mnist-5k-conv", seed=None)
    found = inference_on(setup.chip, setup.rule)
    assert found.exact
    assert found.interval_ps == 14_976_000


def test_times_that_no_clock_of_the_loop_counts_to_are_left_to_python():
    """A hundred days, and a wait that is longer than 63 bits tell."""
    chip = bench()
    for time in (2**52, 2**63):
        work = operation("m0", "work", time=time)
        assert in_a_loop(Strands(chip).of(work), stream=Stream(work, 2_100)) is None
        assert execute(chip, Stream(work, 600)).elapsed == 600 * time


def test_a_million_items_take_no_more_memory_or_events_than_some_thousands():
    """A thousand images of a thousand patches: time by the bottleneck, here the bus."""
    found = {}
    for count in (20_000, 1_000_000):
        charges = []
        tracemalloc.start()
        looped = in_a_loop(
            Strands(CHIP).of(patch()), stream=Stream(patch(), count), charges=charges, room=10**6
        )
        found[count] = (
            looped.elapsed,
            len(charges),
            count - looped.left_out,
            tracemalloc.get_traced_memory()[1],
        )
        tracemalloc.stop()
    (short, little, few, least), (long, much, many, most) = found.values()
    assert max(few, many) < 8_000
    assert abs(many - few) <= UNDER_WAY
    assert much < 1.5 * little
    assert most < 1.5 * least
    on_the_bus = 3 * made.HOP + (5 + 2 + 2) * made.CYCLE
    assert long - short == (1_000_000 - 20_000) * on_the_bus


def test_books_are_those_of_the_simulation(monkeypatch):
    """Every part and action, of streams and of what has streams in it."""
    for program in (Stream(patch(), 3_000), series((Stream(patch(), 700), patch(), Stream(patch(), 40)))):
        timing = compiled(Strands(CHIP), program)
        with monkeypatch.context() as patched:
            patched.setattr(coding, "_WORTH", 10**9)
            slow = execute(CHIP, program)
        assert (slow.elapsed, slow.ledger) == (timing.elapsed, timing.ledger)


def test_only_long_programs_are_compiled(monkeypatch):
    """Short ones are over before they are written down; a timeline is taken by strands."""
    assert compiled(Strands(CHIP), Stream(patch(), 100)) is None
    monkeypatch.setattr(coding, "in_a_loop", None)
    CHIP.ledger.trace = []
    execute(CHIP, Stream(patch(), 600))
    CHIP.ledger.trace = None


def test_nothing_without_plans_is_compiled():
    """Parts that tell what they do by generators."""
    chip = bench()
    generator = Action(lambda op: chip.parts["m1"].hold("work", op["time"]), ("time",))
    chip.parts["m1"].actions = lambda: {"work": generator}
    assert compiled(Strands(chip), Stream(OPS[4], 3_000)) is None


def test_who_waits_for_whom_is_told_as_ever():
    """A server that is held from outside leaves the loop to the simulation, which names it."""
    chip = made.rule_on(made.chip(), (2, 2)).chip
    chip.selector.server.request()
    compare = chip.selector.compare(1)
    assert in_a_loop(Strands(chip).of(compare)) is None
    with pytest.raises(StarvedError, match="selector: 1 of 1 held, 512 waiting"):
        execute(chip, Stream(compare, 3_000))


def test_times_of_less_than_nothing_are_refused_as_ever():
    """By the simulation, in its words."""
    chip = bench()
    program = Stream(operation("m0", "work", time=-1), 3_000)
    with pytest.raises(ValueError, match="Negative delay -1"):
        execute(chip, program)


def test_a_loop_that_has_no_room_leaves_it_to_the_simulation(monkeypatch):
    """Rather than to write beyond its arrays."""
    monkeypatch.setattr(coding, "_MOST_STRANDS", 10)
    assert in_a_loop(Strands(CHIP).of(patch()), stream=Stream(patch(), 600)) is None
    assert isinstance(execute(CHIP, Stream(patch(), 600)).elapsed, int)


def test_a_long_loop_can_be_stopped_on_the_way(monkeypatch):
    """Events are taken by the share, and come out the same however small it is."""
    whole = in_a_loop(Strands(CHIP).of(patch()), stream=Stream(patch(), 800))
    monkeypatch.setattr(coding, "_SHARE", 7)
    assert in_a_loop(Strands(CHIP).of(patch()), stream=Stream(patch(), 800)) == whole
