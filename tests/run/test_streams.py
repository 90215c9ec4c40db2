"""Long streams: whole periods that are left out come to the events that they stand for, to the picosecond and the attojoule."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.errors import ChipsimError
from chipsim.parts.program import Stream, operation, parallel, series
from chipsim.run import streams
from chipsim.run.events import _process
from chipsim.run.execute import Executor, Timing, execute
from chipsim.run.streams import Flow
from tests import made

TILE = made.crossbar(rows=16, columns=4)


def chip():
    """A small chip with two tiles on one bus, and a read of each way round."""
    return made.rule_on(made.chip(tile=TILE), (10, 4, 3), seed=None).chip


CHIP = chip()
OPS = [
    CHIP.buffer.read(40), CHIP.buffer.write(17), CHIP.move(CHIP.buffer, CHIP.tiles[0].part(), 40),
    CHIP.move(CHIP.tiles[0].part(), CHIP.digital, 9), CHIP.move(CHIP.digital, CHIP.buffer, 12),
    CHIP.tiles[0].typical("forward"), CHIP.tiles[1].typical("forward"), CHIP.tiles[1].typical("backward"),
    CHIP.tiles[0].typical("update"), CHIP.digital.compute("work", add=9), CHIP.digital.compute("more", multiply=31),
    CHIP.selector.compare(5),
]  # fmt: skip
BODIES = st.recursive(
    st.sampled_from(OPS),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=5).map(series),
        st.lists(inner, min_size=1, max_size=3).map(parallel),
        st.builds(Stream, inner, st.integers(1, 3)),
    ),
    max_leaves=8,
)


def timed(stream, *, most, skips):
    """A stream carried out with so many items under way."""
    chip_at_rest = CHIP
    env, ledger = chip_at_rest.env, chip_at_rest.ledger
    ledger.take()
    start = env.now
    flow = Flow(chip_at_rest, stream, begin=_process(chip_at_rest, stream.body), most=most, skips=skips)
    env.run(until=env.process(flow.run()))
    timing = Timing(env.now - start + flow.skipped, ledger.take())
    if flow.skipped:
        timing = Timing(timing.elapsed, timing.ledger.of_more(stream.count, simulated=flow.simulated))
    return timing, flow.simulated


@given(BODIES, st.integers(1, 9), st.integers(1, 400))
@settings(max_examples=150, deadline=None)
def test_what_is_skipped_is_what_would_have_happened(body, most, count):
    """Whatever an item does, and however many may be under way."""
    stream = Stream(body, count)
    whole, all_of_them = timed(stream, most=most, skips=False)
    short, simulated = timed(stream, most=most, skips=True)
    assert all_of_them == count
    assert simulated <= count
    assert (short.elapsed, short.ledger) == (whole.elapsed, whole.ledger)


def patch():
    """A window of a convolution on its way."""
    tile = CHIP.tiles[0]
    return series(
        (
            CHIP.buffer.read(40), CHIP.move(CHIP.buffer, tile.part(), 40), tile.typical("forward"),
            CHIP.move(tile.part(), CHIP.digital, 12), CHIP.digital.compute("activation", compare=3),
            CHIP.move(CHIP.digital, CHIP.buffer, 12), CHIP.buffer.write(12),
        )
    )  # fmt: skip


@pytest.mark.parametrize("count", [513, 1_000, 5_000])
def test_patches_by_the_thousand(count):
    """As a chip executes them, at sizes where the events they stand for can be run as well."""
    stream = Stream(patch(), count)
    short, whole = execute(CHIP, stream), execute(CHIP, stream, skips=False)
    assert (short.elapsed, short.ledger) == (whole.elapsed, whole.ledger)


def test_a_million_items_take_no_more_memory_or_events_than_some_thousands():
    """A thousand images of a thousand patches: time by the bottleneck, here the bus."""
    events = {}
    for count in (5_000, 1_000_000):
        tracemalloc.start()
        flow = Flow(
            CHIP,
            Stream(patch(), count),
            begin=_process(CHIP, patch()),
            skips=True,
        )
        start = CHIP.env.now
        CHIP.env.run(until=CHIP.env.process(flow.run()))
        events[count] = (
            flow.simulated,
            CHIP.env.now - start + flow.skipped,
            tracemalloc.get_traced_memory()[1],
        )
        tracemalloc.stop()
    (few, short, little), (many, long, much) = events.values()
    assert max(few, many) < 5_000
    assert abs(many - few) <= streams.UNDER_WAY
    assert much < 1.5 * little
    on_the_bus = 3 * made.HOP + (5 + 2 + 2) * made.CYCLE
    assert long - short == (1_000_000 - 5_000) * on_the_bus


def test_short_streams_are_as_they_were():
    """Up to so many all items begin at once."""
    stream = Stream(OPS[5], streams.UNDER_WAY)
    assert execute(CHIP, stream).elapsed == execute(CHIP, stream, skips=False).elapsed


def test_no_replay_simulates_every_item():
    """The slow twin of the same run."""
    program = series((Stream(patch(), 700), OPS[0]))
    quick, slow = Executor(CHIP), Executor(CHIP, replay=False)
    quick.run(program)
    slow.run(program)
    assert quick.elapsed == slow.elapsed
    assert quick.settle() == slow.settle()


def test_a_timeline_leaves_nothing_out():
    """Every item of it is drawn."""
    records = Executor(CHIP).timeline(Stream(OPS[0], 700))
    assert len(records) == 700


def test_an_item_that_fails_fails_the_stream():
    """With its own error, not with a schedule that ran dry."""
    with pytest.raises(ChipsimError, match="does not know 'fly'"):
        execute(chip(), Stream(operation("tile0", "fly"), 600))
