"""Long streams: of which so many items are under way at once, to the picosecond and the attojoule."""

from __future__ import annotations

import pytest
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


def timed(stream, *, most):
    """Time and books of a stream carried out with so many items under way, every one of them."""
    env, ledger = CHIP.env, CHIP.ledger
    ledger.take()
    start = env.now
    flow = Flow(CHIP, stream, begin=_process(CHIP, stream.body), most=most)
    env.run(until=env.process(flow.run()))
    return Timing(env.now - start, ledger.take())


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
