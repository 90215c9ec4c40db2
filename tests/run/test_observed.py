"""What a step hangs on: critical paths and waiting derived by hand, and sums that are exact."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.parts.program import Parallel, Series, Stream, operation, parallel, series
from chipsim.result.step import busy_share
from chipsim.run.execute import Executor, execute
from chipsim.run.observed import Held, Waited, observe
from chipsim.run.step import path_of, uses_of
from tests import made
from tests.run.test_execute import bench


def work(machine, time):
    """A machine works for so long."""
    return operation(f"m{machine}", "work", time=time)


def seen(program, machines=3, capacities=None):
    """A program of machines under observation."""
    return observe(bench(machines, capacities), program)


def path(observed):
    """Parts and times of the critical path, piece by piece."""
    return [("&".join(one.parts), one.start_ps, one.end_ps) for one in observed.path()]


def rows(observed):
    """Time and awaited time by part."""
    return {row.parts: (row.time_ps, row.awaited_ps, row.stretches) for row in path_of(observed)}


def uses(observed):
    """Busy, held and awaited time by part."""
    found = uses_of(observed, {"m0": "machine", "m1": "machine", "m2": "machine"})
    return {use.part: (use.busy_ps, use.held_ps, use.awaited_ps) for use in found}


def test_a_series_hangs_on_everything_in_it():
    """One after another: 3 + 4 + 3."""
    observed = seen(series((work(0, 3), work(1, 4), work(0, 3))))
    assert path(observed) == [("m0", 0, 3), ("m1", 3, 7), ("m0", 7, 10)]
    assert rows(observed) == {"m0": (6, 0, 2), "m1": (4, 0, 1)}
    assert observed.elapsed_ps == 10


def test_of_what_goes_side_by_side_the_longest_counts():
    """m0 for 5 beside m1 for 9, then m2 for 1: the 5 could grow by 4 and change nothing."""
    observed = seen(series((parallel((work(0, 5), work(1, 9))), work(2, 1))))
    assert path(observed) == [("m1", 0, 9), ("m2", 9, 10)]


def test_who_waits_passes_the_blame_on():
    """Two jobs of m0 then m1. m0: first 0-10, second 10-30. m1: first 10-40; the second asks at 30 and works 40-70.

    The end hangs on m1 from 10 on, and on m0 for the first 10. Of the first job's work at m1, 10 ps (30-40) kept the
    second waiting.
    """
    jobs = (series((work(0, 10), work(1, 30))), series((work(0, 20), work(1, 30))))
    observed = seen(parallel(jobs))
    assert path(observed) == [("m0", 0, 10), ("m1", 10, 40), ("m1", 40, 70)]
    assert rows(observed) == {"m0": (10, 0, 1), "m1": (60, 10, 2)}
    assert uses(observed) == {"m0": (30, 30, 10), "m1": (60, 60, 10)}
    waits = [served.waits for served in observed.operations if served.waits]
    assert waits == [[Waited(0, 10, "m0", "")], [Waited(30, 40, "m1", "")]]


def test_a_pipeline_hangs_on_its_slowest_stage():
    """Three items, 2 then 5: filled after 2, then three times 5. The other way round: three times 5, emptied in 2."""
    slow_last = seen(Stream(series((work(0, 2), work(1, 5))), 3))
    assert path(slow_last) == [("m0", 0, 2), ("m1", 2, 7), ("m1", 7, 12), ("m1", 12, 17)]
    # The second item is through m0 at 4 and waits till 7, the third at 6 and waits till 12. Seen from the end, something
    # has been waiting for m1 since 4: of its time on the path 3 + 5 passed while somebody stood in its queue.
    assert rows(slow_last) == {"m0": (2, 0, 1), "m1": (15, 8, 3)}
    slow_first = seen(Stream(series((work(0, 5), work(1, 2))), 3))
    assert rows(slow_first) == {"m0": (15, 10, 3), "m1": (2, 0, 1)}


def test_two_servers_halve_a_queue():
    """Four jobs of 6 at a part that serves two at once: 12, of 24 its servers had: all of it."""
    observed = seen(Parallel((work(0, 6),) * 4), capacities={0: 2})
    assert path(observed) == [("m0", 0, 6), ("m0", 6, 12)]
    (use,) = uses_of(observed, {"m0": "machine"})
    assert (use.capacity, use.busy_ps, use.awaited_ps) == (2, 24, 12)
    assert busy_share(use) == 1


def test_a_long_stream_is_followed_from_item_to_item():
    """600 items, of which 512 at most are under way: 2 + 600 x 5, however the others were let in."""
    observed = seen(Stream(series((work(0, 2), work(1, 5))), 600))
    assert observed.elapsed_ps == 3002
    assert {part: its[0] for part, its in rows(observed).items()} == {"m0": 2, "m1": 3000}


def test_nothing_takes_no_time():
    """An empty program has no path."""
    observed = seen(Parallel(()))
    assert (observed.elapsed_ps, observed.path(), path_of(observed)) == (0, [], ())


def test_a_read_is_driven_settled_sampled_and_converted():
    """Two samples read one tile: the second is driven once the first is sampled, while that is being converted.

    The arrays charge all the time from the first line driven on, but while lines are driven, that is the DACs' work;
    and sampling, which is charged with the conversion that follows, is the ADCs'.
    """
    chip = made.rule_on(made.single(), (4, 2)).chip
    read = operation("tile0", "forward", rows=4, columns=2)
    observed = observe(chip, Stream(read, 2))
    names = {one.part for one in observed.charges}
    assert names == {"tile0.dac", "tile0.adc", "tile0.cells"}
    cells = "tile0.cells"
    adc = chip.parts["tile0.adc"].time(2)
    dac = chip.parts["tile0.dac"].time(4)
    sample, read = made.SAMPLE, made.READ
    held = dac + read + sample
    assert path(observed) == [
        ("tile0.dac", 0, dac), (cells, dac, dac + read), ("tile0.adc", dac + read, held),
        ("tile0.dac", held, held + dac), (cells, held + dac, held + dac + read),
        ("tile0.adc", held + dac + read, held + dac + read + sample),
        ("tile0.adc", held + dac + read + sample, held + dac + read + adc),
    ]  # fmt: skip
    first = observed.operations[0]
    assert first.holds == [Held(0, held, "tile0"), Held(dac + read, dac + read + adc, "tile0.adc")]
    assert observed.operations[1].waits == [Waited(0, held, "tile0", "")]


def test_converters_that_are_behind_keep_the_tile():
    """Where conversion is the slowest, the third sample waits for the tile, which the second holds for the converters."""
    chip = made.rule_on(made.single(), (4, 2)).chip
    adc = chip.parts["tile0.adc"]
    own = adc.time
    adc.time = lambda lines: own(lines) + 1000
    observed = observe(chip, Stream(operation("tile0", "forward", rows=4, columns=2), 3))
    filled = chip.parts["tile0.dac"].time(4) + made.READ
    assert observed.elapsed_ps == filled + 3 * adc.time(2)
    second = observed.operations[1]
    held = filled + made.SAMPLE
    assert second.waits[1] == Waited(held + filled, filled + adc.time(2), "tile0.adc", "tile0")
    by_part = {row.parts: row.time_ps for row in path_of(observed)}
    assert by_part["tile0.adc"] == 3 * adc.time(2)
    assert sum(by_part.values()) == observed.elapsed_ps


@pytest.mark.parametrize("chip", [made.single(), made.hybrid(), made.mac_chip(), made.adam_chip()])
def test_a_step_is_carried_out_as_it_is_executed(chip):
    """Time, charges and timeline are the executor's, and the path accounts for every picosecond."""
    rule = made.rule_on(chip, (4, 3, 2))
    step = rule.typical_step(5)
    executor = Executor(rule.chip)
    records = executor.timeline(step)
    timing = execute(rule.chip, step)
    observed = observe(rule.chip, step)
    assert observed.elapsed_ps == timing.elapsed
    assert observed.ledger() == timing.ledger
    assert list(observed.records()) == records
    rows = path_of(observed)
    assert sum(row.time_ps for row in rows) == observed.elapsed_ps
    assert all(row.awaited_ps <= row.time_ps for row in rows)


def test_a_step_of_too_many_operations_is_not_looked_into():
    """A limit keeps memory small; it is told by nothing at all."""
    assert observe(bench(1), Stream(work(0, 1), 2), most=2) is not None
    assert observe(bench(1), Stream(work(0, 1), 3), most=2) is None


def test_what_fails_leaves_the_ledger_alone():
    """Of a part that fails nothing is charged, and no timeline is left open."""
    chip = bench(1)
    with pytest.raises(Exception, match="does not know 'rest'"):
        observe(chip, series((work(0, 3), operation("m0", "rest"))))
    assert len(chip.ledger) == 0
    assert chip.ledger.trace is None


jobs = st.builds(work, st.integers(0, 2), st.integers(0, 5))
programs = st.recursive(
    jobs,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: Series(tuple(items))),
        st.lists(inner, max_size=3).map(lambda items: Parallel(tuple(items))),
        st.builds(Stream, inner, st.integers(0, 4)),
    ),
    max_leaves=8,
)


@settings(max_examples=60)
@given(programs, st.integers(1, 2))
def test_any_path_sums_up_to_the_time_elapsed(program, capacity):
    """Pieces of work join end to end from the start to the end of whatever program, and charges are the same."""
    timing = execute(bench(3, {0: capacity}), program)
    observed = seen(program, capacities={0: capacity})
    assert observed.elapsed_ps == timing.elapsed
    assert observed.ledger() == timing.ledger
    now = 0
    for stretch in observed.path():
        assert stretch.start_ps == now
        now = stretch.end_ps
    assert now == observed.elapsed_ps
