"""A chip: its parts on a graph, the ways between them, and transfers along these ways."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property

import attrs
import networkx as nx
import simpy

from chipsim.chip.interconnect import Topology
from chipsim.errors import did_you_mean
from chipsim.ledger import Ledger
from chipsim.losses import Loss
from chipsim.parts.digital import Buffer, DigitalUnit
from chipsim.parts.link import Link, Router
from chipsim.parts.part import Action, Part, Serving, UnknownActionError
from chipsim.parts.plan import Claim, Free, Plan, Wait
from chipsim.parts.program import Operation, operation
from chipsim.parts.selector import Selector
from chipsim.state import Owner, State, restore, state_of
from chipsim.tile.tile import Tile
from chipsim.units import Nm2, Ps

__all__ = ["Chip"]

_TRANSFER = "transfer"


@attrs.frozen(kw_only=True, eq=False, slots=False)
class Chip:
    """A complete chip, ready to serve operations."""

    env: simpy.Environment
    ledger: Ledger
    """Takes the charges of whatever is being executed."""
    tiles: tuple[Tile, ...]
    idle: tuple[Part, ...] = ()
    """Tiles that hold no part of the network: area, and a place on the interconnect."""
    digital: DigitalUnit
    buffer: Buffer
    selector: Selector
    links: Mapping[str, Link]
    routers: tuple[Router, ...] = ()
    topology: Topology
    graph: nx.Graph
    """Parts as nodes, also those inside tiles; a link between two of them is the name of their edge."""

    @cached_property
    def parts(self) -> dict[str, Part]:
        """Every part by name, in name order, those inside tiles and the links included."""
        everything = [inner for part in self._ends.values() for inner in (part, *part.parts_inside())]
        everything += [*self.links.values(), *self.routers]
        return {part.name: part for part in sorted(everything, key=lambda part: part.name)}

    @cached_property
    def _routes(self) -> dict[tuple[str, str], tuple[Link, ...]]:
        return {}

    @property
    def area(self) -> Nm2:
        """Area of all parts."""
        return Nm2(sum(part.area for part in self.parts.values()))

    def route(self, source: str, target: str) -> tuple[Link, ...]:
        """The links between two parts, in name order, which is the order they are claimed in."""
        # Every transfer asks, and there are as few ways as pairs of parts.
        if (source, target) not in self._routes:
            names = sorted(self.topology.route(source, target))
            self._routes[source, target] = tuple(self.links[name] for name in names)
        return self._routes[source, target]

    @staticmethod
    def move(source: Part, target: Part, bits: int) -> Operation:
        """A transfer of `bits` from one part to another."""
        return operation(source.name, _TRANSFER, target.name, bits=bits)

    def serve(self, op: Operation) -> Serving:
        """Carry out an operation on the part that it names, or a transfer between two parts.

        Raises
        ------
        UnknownActionError
            When there is no such part, or it does not do that.
        UnknownCountError
            When its counts are not those that the action reads.
        """
        if op.target:
            self._check_transfer(op)
            return iter(self._transfer(op))
        self._check_part(op.part, self.parts)
        return self.parts[op.part].serve(op)

    def plan(self, op: Operation) -> Plan | None:
        """What an operation does in time; None where its part has no plan of it.

        Raises
        ------
        UnknownActionError, UnknownCountError
            As when it is served.
        """
        if op.target:
            self._check_transfer(op)
            return self._transfer(op)
        self._check_part(op.part, self.parts)
        return self.parts[op.part].plan(op)

    def _check_transfer(self, op: Operation) -> None:
        """Refuse a transfer that is no transfer, or between parts that are on no link."""
        if op.action != _TRANSFER:
            ends = f"{op.part!r} to {op.target!r}"
            raise UnknownActionError(f"data goes from {ends} by a {_TRANSFER!r} only, not by {op.action!r}")
        for name in (op.part, op.target):
            self._check_part(name, self._ends)
        self._transferring.check(op)

    @staticmethod
    def _check_part(name: str, known: Collection[str]) -> None:
        if name not in known:
            raise UnknownActionError(f"there is no part {name!r}{did_you_mean(name, known)}")

    @cached_property
    def _ends(self) -> dict[str, Part]:
        """The parts that exchange data over links, by name."""
        tiles = (tile.part() for tile in self.tiles)
        ends = (self.buffer, self.digital, self.selector, *tiles, *self.idle)
        return {part.name: part for part in ends}

    @cached_property
    def _transferring(self) -> Action:
        return Action(self._transfer, ("bits",))

    def _transfer(self, op: Operation) -> Plan:
        """Hold every link of the way at once, from the head's arrival to the last bit.

        Links are claimed in name order, so two transfers can never hold what the other waits for.
        """
        links = self.route(op.part, op.target)
        bits = op["bits"]
        # Links keep no data, so the slowest sets the pace of all; its last cycle may be half empty.
        cycles = max(-(-bits // link.width) * link.cycle for link in links)
        time = Ps(cycles + sum(link.latency for link in links))
        # By the time alone, once all of them are in hand: until then none was busy with these bits.
        charges = [link.charged(op.action, time, energy=link.energy(bits), bits=bits) for link in links]
        claims = [Claim(link.server) for link in links]
        freed = [Free(link.server) for link in reversed(links)]
        return Plan(self.env, self.ledger, (*claims, Wait(time, tuple(charges)), *freed))

    def lost(self) -> Iterator[Loss]:
        """What each part cut off, rounded to nothing or left unused since this was asked last."""
        for tile in self.tiles:
            yield from tile.lost()
        yield from self.digital.lost()

    def state(self) -> State:
        """What all parts remember, by their names."""
        return {name: state_of(part) for name, part in self._owners().items()}

    def _owners(self) -> dict[str, Owner]:
        """The parts that remember something, by name."""
        return {name: part for name, part in self.parts.items() if isinstance(part, Owner)}

    def restore(self, state: State, *, draws: bool = True) -> None:
        """Bring all parts back to a state, of this chip or of one that was built from the same descriptions.

        Raises
        ------
        ValueError
            When the state is that of a chip with other parts.
        """
        owners = self._owners()
        # All names before any part: a chip that is half restored would go on with no error.
        if owners.keys() != state.keys():
            names = ", ".join(sorted(owners.keys() ^ state.keys()))
            raise ValueError(f"the state is of another chip; they differ in the parts {names}")
        for name, part in owners.items():
            restore(part, state[name], draws=draws)

    def waiting(self) -> Iterator[str]:
        """One line for each part that holds or is waited for."""
        for name, part in self.parts.items():
            server = part.server
            held, queued = server.count, len(server.queue)
            if held or queued:
                yield f"{name}: {held} of {server.capacity} held, {queued} waiting"
