"""Simulating one program on a chip, event by event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import simpy

from chipsim.chip.chip import Chip
from chipsim.errors import StarvedError
from chipsim.parts.part import Serving
from chipsim.parts.program import Operation, Program, Series, Stream
from chipsim.run.alone import Timing
from chipsim.run.coding import compiled
from chipsim.run.strands import Steps, Strand, Strands
from chipsim.run.streams import UNDER_WAY, Flow
from chipsim.units import Ps

__all__ = ["execute", "execute_by", "take"]


def execute(chip: Chip, program: Program, *, skips: bool = True) -> Timing:
    """Simulate a program on a chip at rest, event by event, until its last operation has ended.

    Parameters
    ----------
    chip
        Where it is carried out.
    program
        What is done.
    skips
        Whether a long program is left to the compiled loop, which leaves out what only repeats itself in a
        long stream; this comes to the same. Nothing is left to it while a timeline is taken.

    Raises
    ------
    StarvedError
        When the schedule runs dry before; the message lists who holds and who waits.
    """
    return execute_by(Strands(chip), program, skips=skips)


def execute_by(strands: Strands, program: Program, *, skips: bool) -> Timing:
    """As :func:`execute`, by strands of the chip that may know the program."""
    chip = strands.chip
    strands.began = start = int(chip.env.now)
    # Whatever is charged already, as by an execution that failed half-way, is none of this program's.
    chip.ledger.take()
    if skips and chip.ledger.trace is None and (timing := compiled(strands, program)) is not None:
        return timing
    flow = _flow(strands, program)
    if flow is not None:
        flow.begin()
        _await(strands, flow.ended)
    elif (steps := strands.of(program)) is not None:
        take(strands, steps)
    else:
        _await(strands, chip.env.process(_run(chip, program)))
    return Timing(Ps(int(chip.env.now) - start), chip.ledger.take())


def take(strands: Strands, steps: Steps) -> None:
    """Take steps of which nobody is in the way, until the last is done."""
    ended = strands.env.event()
    Strand(strands, steps, ended.succeed).go()
    _await(strands, ended)


def _await(strands: Strands, ended: simpy.Event) -> None:
    """Let the chip's clock run until everything that was begun has ended."""
    chip = strands.chip
    try:
        chip.env.run(until=ended)
    except RuntimeError as error:
        # SimPy says with a plain RuntimeError that no event is left. Where the controller has ended, a part
        # failed with one of its own, and nobody starved.
        if ended.triggered:
            raise
        waiting = "; ".join(chip.waiting()) or "no part holds anything"
        dry = chip.env.now - strands.began
        raise StarvedError(f"the schedule ran dry at {dry} ps: {waiting}") from error


def _flow(strands: Strands, program: Program) -> Flow | None:
    """A long stream by itself; None for everything else."""
    if not isinstance(program, Stream) or program.count <= UNDER_WAY:
        return None
    body = strands.of(program.body)
    if body is None:
        return Flow(strands.chip, program, begin=_process(strands.chip, program.body))
    return strands.flow(program, body)


def _process(chip: Chip, body: Program) -> Callable[[Callable[[Any], None]], None]:
    """What begins an item of a stream as a process."""

    def begin(ended: Callable[[Any], None]) -> None:
        item = chip.env.process(_run(chip, body))
        assert item.callbacks is not None
        item.callbacks.append(ended)

    return begin


def _run(chip: Chip, program: Program) -> Serving:
    """A program as processes of SimPy's: the twin of strands, and for parts that have no plans."""
    if isinstance(program, Operation):
        yield from chip.serve(program)
    elif isinstance(program, Series):
        for item in program.items:
            yield from _run(chip, item)
    elif isinstance(program, Stream) and program.count > UNDER_WAY:
        yield from Flow(chip, program, begin=_process(chip, program.body)).run()
    else:
        bodies = (program.body,) * program.count if isinstance(program, Stream) else program.items
        # SimPy begins processes in the order in which they are made, so what starts at the same instant
        # queues in program order, on every machine.
        begun = [chip.env.process(_run(chip, body)) for body in bodies]
        yield simpy.AllOf(chip.env, begun)
