"""What an operation does in time, as a flat list: claims of servers, and waits with their charges."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeAlias

import attrs
import simpy

from chipsim.ledger import Ledger, Timed
from chipsim.units import Ps

__all__ = ["Claim", "Free", "Plan", "PlanStep", "Wait"]


@attrs.frozen(eq=False, slots=True)
class Claim:
    """Wait in the queue of a server, and hold it from then on."""

    server: simpy.Resource


@attrs.frozen(eq=False, slots=True)
class Free:
    """Let go of a server that is held."""

    server: simpy.Resource


@attrs.frozen(eq=False, slots=True)
class Wait:
    """Let time pass, and charge the ledger at its end."""

    time: Ps
    charges: tuple[Timed, ...] = ()


PlanStep: TypeAlias = Claim | Free | Wait
"""One thing after another; what was claimed is free at the end, and no server is claimed twice."""


@attrs.frozen(eq=False)
class Plan:
    """Steps that an operation takes, the same whenever it is done.

    Nothing in them hangs on the time or on a part's state, so they are made once for all operations that are
    equal. A plan yields SimPy events where it is iterated, like the generator of an action that has no plan.
    """

    env: simpy.Environment
    ledger: Ledger
    steps: tuple[PlanStep, ...]

    def __iter__(self) -> Generator[simpy.Event, Any, None]:
        # The twin of `run/strands.py`, which does the same without a generator.
        claims: dict[simpy.Resource, simpy.resources.resource.Request] = {}
        for step in self.steps:
            if isinstance(step, Claim):
                claims[step.server] = claim = step.server.request()
                yield claim
            elif isinstance(step, Free):
                step.server.release(claims.pop(step.server))
            else:
                yield self.env.timeout(step.time)
                self.ledger.charge_timed(step.charges, int(self.env.now))
