"""``chipsim trace``, and runs that keep a trace."""

from __future__ import annotations

import gzip
import json

import pytest

from chipsim.result.files import load


def steps(path):
    """Names of the steps in a timeline."""
    events = json.loads(gzip.decompress(path.read_bytes()))["traceEvents"]
    return [event["name"] for event in events if event.get("cat") == "step"]


@pytest.fixture
def traced(call):
    """A run that kept a trace of chosen steps."""
    assert call("run digital-fp32 tiny.yaml -o run --trace-steps 0,2").exit_code == 0
    return call


def test_a_traced_run_leaves_a_timeline(traced, folder):
    """Choosing steps asks for the trace; the command hands them on, or draws others of who was busy when."""
    assert steps(folder / "run" / "trace.json.gz") == ["initial weights", "step 2"]
    result = traced("trace run -o kept.json.gz")
    assert result.exit_code == 0
    assert "open it at ui.perfetto.dev" in result.stdout
    assert (folder / "kept.json.gz").read_bytes() == load(folder / "run").trace_events
    assert traced("trace run -o more.json.gz --steps 1-3").exit_code == 0
    assert steps(folder / "more.json.gz") == ["step 1", "step 2", "step 3"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("trace run -o a.json", "a.json: the name of a timeline ends with .json.gz, for it is compressed"),
        ("trace run -o there.json.gz", "there.json.gz: is there already; --overwrite replaces it"),
        ("trace run -o run/trace.json.gz --overwrite", "run/trace.json.gz: belongs to the result there"),
        ("trace run -o no/a.json.gz", "no/a.json.gz: cannot be written (No such file or directory)"),
        ("trace run -o a.json.gz --steps 99999", "run: the run has no step 99999; it has 1 to"),
        ("trace none -o a.json.gz", "none: there is no such folder"),
        ("trace run -o a.json.gz --steps 3-1", "steps must go upwards, not '3-1'; write 1-3"),
        ("run a b --trace-steps first", "steps must be numbers and ranges such as 1-3,100"),
    ],
)
def test_what_cannot_be_drawn_is_told(traced, folder, line, says):
    """Names, places and steps that cannot be are refused, with the way out; nothing is left behind."""
    (folder / "there.json.gz").write_bytes(b"mine")
    result = traced(line)
    assert result.exit_code in (1, 2)
    assert says in result.stderr
    assert (folder / "there.json.gz").read_bytes() == b"mine"
    assert load(folder / "run").trace_events
    assert not (folder / "a.json.gz").exists()


def test_a_run_without_a_trace_has_no_timeline(call):
    """It says how to get one."""
    assert call("run digital-fp32 tiny.yaml -o run").exit_code == 0
    result = call("trace run -o a.json.gz")
    assert result.exit_code != 0
    assert "run: the run kept no trace; run it again with --trace" in result.stderr


def test_a_run_without_the_chosen_steps_does_not_begin(call, folder):
    """Forty steps in each of two epochs."""
    result = call("run digital-fp32 tiny.yaml -o run --trace-steps 81-90")
    assert result.exit_code == 2
    assert "trace_steps: 81-90 is beyond the run, whose last step is 80" in result.stderr
    assert not (folder / "run").exists()
