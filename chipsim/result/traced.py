"""Steps of a saved trace as a timeline: who was busy when."""

from __future__ import annotations

from collections.abc import Sequence

from chipsim.errors import OutputError
from chipsim.ledger import Record
from chipsim.result.record import Result
from chipsim.result.step_numbers import StepNumbers
from chipsim.result.trace_events import Timeline

__all__ = ["timeline_of"]


def timeline_of(result: Result, steps: StepNumbers | None = None) -> bytes:
    """A timeline of a run that kept a trace, as a file for Perfetto.

    Parameters
    ----------
    result
        The run.
    steps
        Which steps: who was busy when is known of all. None for those whose counts, charges and waiting were
        kept when the run was made.

    Raises
    ------
    OutputError
        When the run kept no trace, or does not have these steps.
    """
    trace = result.trace
    if trace is None:
        raise OutputError("the run kept no trace; run it again with --trace")
    if steps is None and result.trace_events:
        return result.trace_events
    if not trace.steps:
        raise OutputError("its trace does not say which step is which; run it again with --trace")
    said = result.summary
    timeline = Timeline(f"{said['architecture']} on {said['workload']}, seed {said['seed']}")
    lengths = [max((record.end_ps for record in program), default=0) for program in trace.programs]
    began, found, before = 0, False, -1
    for number, program in zip(trace.steps, trace.executed, strict=True):
        length = lengths[program]
        if (steps is None or number in steps) and length:
            found = True
            name = f"step {number}" if number else "initial weights"
            timeline.step(f"after {name}" if number == before else name, began, began + length)
            _draw(timeline, trace.programs[program], began=began)
        began, before = began + length, number
    if not found:
        last = max(trace.steps)
        raise OutputError(f"the run has no step {steps}; it has 1 to {last:,}, and 0 for initial weights")
    return timeline.compressed()


def _draw(timeline: Timeline, records: Sequence[Record], *, began: int) -> None:
    """Who was busy in a program that began at a time; what took none is not seen."""
    for record in records:
        start, end = began + record.start_ps, began + record.end_ps
        if end > start:
            timeline.span(record.part, record.action, start, end, sort="work")
