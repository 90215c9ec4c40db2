"""What every part has: a name, a clock, a ledger to charge, and servers that operations hold."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from functools import cached_property
from typing import Any, ClassVar, TypeAlias

import attrs
import simpy

from chipsim.errors import ChipsimError, did_you_mean
from chipsim.ledger import Ledger, Timed
from chipsim.parts.leakage import NO_LEAKAGE, Gated, Leakage
from chipsim.parts.plan import Claim, Free, Plan, PlanStep, Wait
from chipsim.parts.program import Operation, UnknownCountError
from chipsim.units import Aj, Nm2, Ps

__all__ = ["Action", "Joint", "Part", "Port", "Serving", "UnknownActionError"]

Serving: TypeAlias = Generator[simpy.Event, Any, None]
"""What a SimPy process runs."""


class UnknownActionError(ChipsimError):
    """A program asks a part for something that it does not do."""


def _in_order(names: Iterable[str]) -> tuple[str, ...]:
    # As operations keep theirs, so that a check is one comparison.
    return tuple(sorted(names))


@attrs.frozen
class Action:
    """One thing that a part can do: how it is served, and the counts that its operations carry.

    An operation has to carry all of them and no others, for a count under another name would take no time
    and cost nothing.

    Parameters
    ----------
    serve
        Yields SimPy events for as long as an operation takes, and charges it: a generator function, or one
        that returns a plan.
    counts
        Names of the counts that it reads, in any order.
    linear
        Whether it claims the same servers whatever its counts, and its time and all that it is charged grow
        by the same for each unit of a count, however large these are: then all are known from a few.

    Raises
    ------
    UnknownCountError
        When it is asked to check an operation with other counts.
    """

    serve: Callable[[Operation], Serving | Plan]
    counts: tuple[str, ...] = attrs.field(converter=_in_order)
    linear: bool = False

    def check(self, op: Operation) -> None:
        """Refuse an operation that does not carry exactly the counts that are read."""
        names = op.names
        if names == self.counts:
            return
        wanted = ", ".join(self.counts) or "none"
        missing = [name for name in self.counts if name not in names]
        unknown = [name for name in names if name not in self.counts]
        # What is unknown is most likely one of those that are missing, misspelt.
        problems = [f"knows no count {name!r}{did_you_mean(name, missing)}" for name in unknown]
        problems += [f"lacks the count {name!r}" for name in missing]
        told = " and ".join(problems)
        raise UnknownCountError(f"{op.part}: {op.action!r} {told}; it reads: {wanted}")


@attrs.frozen
class Port:
    """One end of a connection."""

    name: str
    signal: str
    """``data`` (links) or ``analog`` (inside a tile): both ends of a connection carry the same."""


@attrs.frozen
class Joint:
    """A connection inside a tile: a port of one part with a port of another."""

    part: Part
    port: str
    other: Part
    other_port: str


class Part:
    """One unit of hardware with its own process, state and price.

    Parameters
    ----------
    env
        The SimPy environment; its time is in picoseconds.
    name
        Unique on the chip; a part inside a tile is called ``tile.part``.
    ledger
        Where charges go.
    capacity
        Operations that the part serves at once.

    Notes
    -----
    A subclass sets `kind`, gives its `area`, and either lists its actions in `actions` (a mapping from the
    name of each to an :class:`Action`: a method that yields SimPy events, and the counts that it reads) or
    overrides :meth:`serve`, and then refuses counts that it does not read.
    """

    kind = "part"
    ports: ClassVar[tuple[Port, ...]] = (Port("link", "data"),)
    gated: ClassVar[Gated] = "idle"
    """What a chip that switches off what does nothing may do to it."""

    def __init__(self, env: simpy.Environment, name: str, *, ledger: Ledger, capacity: int = 1) -> None:
        self.env = env
        self.name = name
        self.ledger = ledger
        self.server = simpy.Resource(env, capacity)

    @property
    def now(self) -> Ps:
        """Simulated time."""
        return Ps(int(self.env.now))

    @property
    def area(self) -> Nm2:
        """Silicon area of this part alone, without the parts inside it."""
        return Nm2(0)

    @property
    def leakage(self) -> Leakage:
        """What this part alone leaks; of a kind with an area that does not say it, nobody knows."""
        return Leakage(unknown=(self.kind,)) if self.area else NO_LEAKAGE

    @property
    def about(self) -> str:
        """One line of what it is."""
        return self.kind

    def parts_inside(self) -> tuple[Part, ...]:
        """Parts that belong to this one."""
        return ()

    def joints(self) -> Iterable[Joint]:
        """How the parts inside are connected, with this one and among themselves."""
        return ()

    def actions(self) -> dict[str, Action]:
        """What the part can do."""
        return {}

    # Every operation looks its action up; tables of them need not be made each time.
    @cached_property
    def _actions(self) -> dict[str, Action]:
        return self.actions()

    def serve(self, op: Operation) -> Serving:
        """Carry out an operation: hold what it needs, for as long as it takes, and charge it.

        Raises
        ------
        UnknownActionError
            When the part has no such action.
        UnknownCountError
            When the operation's counts are not those that the action reads.
        """
        yield from self._begin(op)

    def plan(self, op: Operation) -> Plan | None:
        """What an operation does in time; None where the part says it in no other way than by doing it.

        Raises
        ------
        UnknownActionError, UnknownCountError
            As when it is served.
        """
        if self._serves_otherwise:
            return None
        begun = self._begin(op)
        return begun if isinstance(begun, Plan) else None

    @property
    def _serves_otherwise(self) -> bool:
        # Whoever serves in a way of their own is asked for no plan that leaves it out.
        return getattr(self.serve, "__func__", None) is not Part.serve

    def is_linear(self, op: Operation) -> bool:
        """Whether the plan of an operation grows by the same for each unit of its counts."""
        action = self._actions.get(op.action)
        return action is not None and action.linear and not self._serves_otherwise

    def _begin(self, op: Operation) -> Serving | Plan:
        """What serves an operation, once it is found to be one that the part does."""
        action = self._actions.get(op.action)
        if action is None:
            known = ", ".join(sorted(self._actions)) or "nothing"
            hint = did_you_mean(op.action, self._actions)
            raise UnknownActionError(
                f"{self.name} ({self.kind}) does not know {op.action!r}; it does: {known}{hint}"
            )
        action.check(op)
        return action.serve(op)

    def planned(self, *steps: PlanStep) -> Plan:
        """A plan of these steps."""
        return Plan(self.env, self.ledger, steps)

    def held(self, time: Ps, *charges: Timed) -> tuple[PlanStep, ...]:
        """Steps that wait for a free server, hold it for `time`, and charge the ledger."""
        return (Claim(self.server), Wait(time, charges), Free(self.server))

    def charged(
        self,
        action: str,
        busy: Ps,
        *,
        ago: Ps | None = None,
        energy: Aj = Aj(0),
        count: int = 1,
        bits: int = 0,
    ) -> Timed:
        """What this part is charged at the end of a wait.

        Parameters
        ----------
        action
            What it is charged as.
        busy
            For how long it was busy.
        ago
            How long before the end that began; None for `busy`.
        energy, count, bits
            Amounts.
        """
        return Timed((self.name, action), busy if ago is None else ago, busy, energy, count, bits)

    def hold(self, action: str, time: Ps, *, energy: Aj = Aj(0), count: int = 1, bits: int = 0) -> Serving:
        """Wait for a free server, hold it for `time`, and charge the ledger."""
        # First come, first served: a stream may be shortened only where everything depends on who came when.
        with self.server.request() as claim:
            yield claim
            yield from self.work(action, time, energy=energy, count=count, bits=bits)

    def work(self, action: str, time: Ps, *, energy: Aj = Aj(0), count: int = 1, bits: int = 0) -> Serving:
        """Let `time` pass on a server that is held already, and charge the ledger."""
        start = self.now
        yield self.env.timeout(time)
        # Charged by its end: time that passes without a charge would not be seen where a stream is shortened.
        self.ledger.charge(self.name, action, busy=time, energy=energy, count=count, bits=bits, start=start)
