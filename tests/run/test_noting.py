"""The timeline for Perfetto: what the format asks for, times that stay whole, and sums that are the ledger's."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict

import pytest

from chipsim import simulate
from chipsim.errors import DescriptionError, OutputError
from chipsim.ledger import Entry
from chipsim.result.files import load, save
from chipsim.result.step_numbers import StepNumbers
from chipsim.result.trace_events import Timeline
from chipsim.run.options import Options

SMALL = [
    "network.layers=[784, 5, 10]", "phases[*].dataset.train=24", "phases[*].dataset.test=8", "phases[*].epochs=2",
]  # fmt: skip
ALL = "0-1000"


def read(content):
    """Events of a timeline, each as the published format has it: what every kind of event must say, and no others."""
    whole = json.loads(gzip.decompress(content))
    assert set(whole) == {"traceEvents", "displayTimeUnit"}
    assert whole["displayTimeUnit"] in ("ms", "ns")
    threads = {}
    for event in whole["traceEvents"]:
        assert isinstance(event["name"], str)
        assert isinstance(event["pid"], int)
        assert isinstance(event["tid"], int)
        assert event["ts"] >= 0
        needed = {"ph", "name", "pid", "tid", "ts", "args"}
        if event["ph"] == "X":
            needed |= {"cat", "dur"}
            assert event["dur"] >= 0
            assert event["tid"] in threads
        elif event["ph"] == "i":
            needed |= {"cat", "s"}
            assert event["s"] == "t"
            assert event["tid"] in threads
        elif event["ph"] == "C":
            assert all(isinstance(value, int | float) for value in event["args"].values())
        else:
            assert event["ph"] == "M"
            assert event["name"] in ("process_name", "thread_name", "thread_sort_index")
        assert set(event) == needed
        if event["name"] == "thread_name":
            threads[event["tid"]] = event["args"]["name"]
    assert len(set(threads.values())) == len(threads)
    return whole["traceEvents"], threads


def ps(microseconds):
    """Whole picoseconds of a time of the format."""
    whole = round(microseconds * 1_000_000)
    assert whole / 1_000_000 == microseconds
    return whole


def lasts(event):
    """Whole picoseconds of an event's length: those that it states where the drawn ones differ, by less than 1 ns."""
    drawn = ps(event["dur"])
    exact = event["args"].get("lasts_ps", drawn)
    assert abs(exact - drawn) < 1000
    return exact


def test_rounded_to_nanoseconds_nothing_overlaps():
    """Perfetto rounds starts and lengths by themselves, and leaves out what then overlaps: nothing may."""
    timeline = Timeline("rounded")
    steps = [(725_832_000 + n * 3_746_700, 725_832_000 + (n + 1) * 3_746_700) for n in range(10)]
    for start, end in steps:
        timeline.step("step", start, end)
        timeline.span("a", "outer", start, end, sort="work")
        timeline.span("a", "inner", start + 700, end, sort="work")
    events, threads = read(timeline.compressed())
    open_until = {}
    spans = [event for event in events if event["ph"] == "X"]
    for event in spans:
        start, length = round(event["ts"] * 1000), round(event["dur"] * 1000)
        ends = open_until.setdefault(event["tid"], [])
        while ends and ends[-1] <= start:
            ends.pop()
        assert not ends or start + length <= ends[-1]
        ends.append(start + length)
    drawn = [event for event in spans if threads[event["tid"]] == "steps"]
    assert [(ps(event["ts"]), ps(event["ts"]) + lasts(event)) for event in drawn] == steps


def sums(content):
    """What parts are charged in a timeline, by part and action."""
    events, threads = read(content)
    found = defaultdict(Entry)
    for event in events:
        if event.get("cat") not in ("work", "charge"):
            continue
        args = event["args"]
        part = threads[event["tid"]].split(" #")[0]
        found[part, event["name"]].add(
            Entry(
                count=args.get("charged_count", 0), busy_ps=args.get("busy_ps", 0), energy_aj=args.get("energy_aJ", 0),
                pulses=args.get("charged_pulses", 0), bits=args.get("charged_bits", 0),
            )
        )  # fmt: skip
    return dict(found)


def rows(result):
    """The ledger of a result, by part and action."""
    return {
        (row.part, row.action): Entry(row.count, row.busy_ps, row.energy_aj, row.pulses, row.bits)
        for row in result.ledger
    }


@pytest.mark.parametrize("chip", ["hybrid-synapse", "digital-adam", "metaplastic-qnn", "single-pair-rowwise"])
def test_all_steps_together_are_the_ledger(chip):
    """Of all steps, every count, attojoule, pulse and bit is in the timeline once, by part and action."""
    result = simulate(chip, "mnist-5k", sets=SMALL, trace=True, trace_steps=ALL)
    charged = sums(result.trace_events)
    assert charged == rows(result)


def test_the_sums_of_chosen_steps_are_theirs():
    """Two runs, of which one stops after the first step: what the other's later steps add is the difference."""
    one = [*SMALL[:1], "phases[*].dataset.train=5", "phases[*].dataset.test=8", "phases[*].epochs=1"]
    result = simulate("hybrid-synapse", "mnist-5k", sets=[*one, "batch=1"], trace=True, trace_steps="2-3")
    rest = simulate("hybrid-synapse", "mnist-5k", sets=[*one, "batch=1"], trace=True, trace_steps="0-1,4-5")
    together = defaultdict(Entry)
    for content in (result.trace_events, rest.trace_events):
        for key, entry in sums(content).items():
            together[key].add(entry)
    assert dict(together) == rows(result)
    assert sum(entry.busy_ps for entry in sums(result.trace_events).values())


def test_times_stay_whole_picoseconds():
    """Steps follow each other without a gap from the run's start to its end, and durations are whole."""
    result = simulate("single-pair", "mnist-5k", sets=SMALL, trace=True, trace_steps=ALL)
    events, threads = read(result.trace_events)
    steps = [event for event in events if event.get("cat") == "step"]
    now = 0
    for event in steps:
        assert ps(event["ts"]) == now
        now += lasts(event)
    assert now == result.summary["simulated_time_ps"]
    for event in events:
        if event.get("cat") == "work":
            assert lasts(event) > 0
    # Busy with one operation at a time, a part was so for as long as it is drawn.
    drawn = defaultdict(int)
    for event in events:
        if event.get("cat") == "work" and threads[event["tid"]] == "bus":
            drawn["bus"] += lasts(event)
    assert drawn["bus"] == sum(row.busy_ps for row in result.ledger if row.part == "bus")


def test_long_times_stay_whole():
    """After 2,000 s one picosecond is still one."""
    timeline = Timeline("long")
    late = 2 * 10**15
    timeline.span("a", "work", late + 1, late + 2, sort="work")
    events, _ = read(timeline.compressed())
    (event,) = [event for event in events if event["ph"] == "X"]
    assert (ps(event["ts"]), lasts(event)) == (late + 1, 1)


def test_what_overlaps_has_tracks_of_its_own():
    """Spans of one track follow, or lie within, one another; others go to a second track of the part."""
    timeline = Timeline("overlapping")
    for start, end in ((0, 10), (2, 4), (4, 10), (5, 12), (12, 13)):
        timeline.span("a", "work", start, end, sort="work")
    events, threads = read(timeline.compressed())
    found = [(threads[event["tid"]], ps(event["ts"])) for event in events if event["ph"] == "X"]
    assert found == [("a", 0), ("a", 2), ("a", 4), ("a", 12), ("a #2", 5)]


def test_queues_and_energy_are_counters():
    """Two wait from 0 and 1 to 5; energy adds up."""
    timeline = Timeline("counted")
    timeline.queue("adc", 0, 5)
    timeline.queue("adc", 1, 5)
    timeline.energy(3, 2_000_000_000)
    timeline.energy(1, 1_000_000_000)
    events, _ = read(timeline.compressed())
    counted = [(event["name"], ps(event["ts"]), event["args"]) for event in events if event["ph"] == "C"]
    assert counted == [
        ("energy", 1, {"nJ": 1.0}), ("energy", 3, {"nJ": 3.0}),
        ("waiting for adc", 0, {"operations": 1}), ("waiting for adc", 1, {"operations": 2}),
        ("waiting for adc", 5, {"operations": 0}),
    ]  # fmt: skip


def test_unasked_the_first_and_the_last_steps_are_kept(tmp_path):
    """Of 6 steps of 2 epochs: initial weights, 1 to 3 and the last 3; the file comes back as it was."""
    result = simulate("digital-fp32", "mnist-5k", sets=[*SMALL, "batch=4"], trace=True)
    events, _ = read(result.trace_events)
    named = [event["name"] for event in events if event.get("cat") == "step"]
    assert list(dict.fromkeys(named)) == ["initial weights", *(f"step {n}" for n in (1, 2, 3, 10, 11, 12))]
    assert max(result.trace.steps) == 12
    assert load(save(result, tmp_path / "run")) == result
    (tmp_path / "run" / "trace.json.gz").write_bytes(b"")
    with pytest.raises(OutputError, match=r"trace\.json\.gz"):
        load(tmp_path / "run")


def test_steps_that_were_only_timed():
    """Timed steps are numbered and drawn like those that are trained, with no data."""
    result = simulate(
        "hybrid-synapse", "mnist-5k", sets=[*SMALL, "batch=4"], trace=True, trace_steps=ALL, timing_only=True
    )
    events, _ = read(result.trace_events)
    steps = [event for event in events if event.get("cat") == "step"]
    assert [event["name"] for event in steps] == [f"step {n}" for n in range(1, 13)]
    assert ps(steps[-1]["ts"]) + lasts(steps[-1]) == result.summary["simulated_time_ps"]
    assert sums(result.trace_events) == rows(result)


def test_equal_runs_leave_equal_timelines():
    """No time of day is in the file."""
    runs = [simulate("digital-fp32", "mnist-5k", sets=SMALL, trace=True).trace_events for _ in range(2)]
    assert runs[0] == runs[1]


@pytest.mark.parametrize("text", ["", "a", "3-1", "1-", "-1", "1.5", "1,,2", "9" * 13])
def test_steps_that_are_none(text):
    """What names no steps is refused with an example of what does."""
    with pytest.raises(ValueError, match=r"^steps must "):
        StepNumbers.of(text)
    with pytest.raises(ValueError, match=r"^steps must "):
        Options(trace_steps=text)


def test_steps_are_text():
    """Numbers alone may mean a count."""
    with pytest.raises(TypeError, match="trace_steps must be text such as '1-3,100', or None, not 3"):
        Options(trace_steps=3)


@pytest.mark.parametrize("timing_only", [False, True])
@pytest.mark.parametrize(("steps", "told"), [("15-20", "15-20"), ("0-3,14,100", "100"), ("0-1000", None)])
def test_steps_beyond_the_run_are_refused(steps, told, timing_only):
    """Before it begins: its timeline would be empty. What only goes on beyond the last step is all of the rest."""
    sets = ["phases[*].dataset.train=20", "phases[*].dataset.test=8", "phases[*].epochs=2", "batch=3"]
    how = {"sets": sets, "trace": True, "trace_steps": steps, "timing_only": timing_only}
    if told is None:
        assert simulate("digital-fp32", "mnist-5k", **how).summary["steps"] == 14
        return
    with pytest.raises(DescriptionError) as caught:
        simulate("digital-fp32", "mnist-5k", **how)
    assert str(caught.value) == f"trace_steps: {told} is beyond the run, whose last step is 14"
