"""What an operation takes that has the chip to itself."""

from __future__ import annotations

import attrs

from chipsim.chip.chip import Chip
from chipsim.ledger import Ledger
from chipsim.parts.plan import Wait
from chipsim.parts.program import Operation, Program
from chipsim.units import Ps

__all__ = ["Timing", "alone"]


@attrs.frozen(eq=False)
class Timing:
    """What one execution of a program took."""

    elapsed: Ps
    ledger: Ledger


def alone(chip: Chip, program: Program) -> Timing | None:
    """What an operation takes that has the chip to itself, read off its plan; None for everything else.

    No server is claimed twice and nobody else wants any, so it never waits for one: its time is that of its
    waits, without any events.
    """
    plan = chip.plan(program) if isinstance(program, Operation) else None
    if plan is None:
        return None
    took, ledger = 0, Ledger()
    for step in plan.steps:
        if isinstance(step, Wait):
            # Refused by the simulation, and told by it.
            if step.time < 0:
                return None
            took += step.time
            ledger.charge_timed(step.charges)
    return Timing(Ps(int(took)), ledger)
