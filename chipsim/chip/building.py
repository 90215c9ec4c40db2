"""From a description to a chip: parts made, joined on a graph, and checked before the first event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs
import networkx as nx
import simpy

from chipsim.chip.chip import Chip
from chipsim.chip.interconnect import Topology, in_order, interconnect_of
from chipsim.errors import DescriptionError, Problem
from chipsim.ledger import Ledger
from chipsim.parts.digital import Buffer, DigitalUnit
from chipsim.parts.link import Link, Router
from chipsim.parts.memory import HiddenMemory
from chipsim.parts.part import Joint, Part
from chipsim.parts.selector import Selector, policy_of
from chipsim.spec.chip import ChipSpec
from chipsim.spec.costs import CostSet
from chipsim.spec.views import views
from chipsim.synapse.synapse import synapse_of
from chipsim.tile.side_by_side import Beside
from chipsim.tile.tile import Tile
from chipsim.tile.tile_kind import Site, tiles_of
from chipsim.units import Bits

__all__ = ["build"]

_NAMED = 6
"""Parts of a group that a message names."""


def build(
    spec: ChipSpec,
    costs: CostSet,
    *,
    shapes: Sequence[tuple[int, int]],
    groups: Sequence[str] = (),
    seed: int | None,
    beside: Sequence[int | None] = (),
    memory_bits: Bits | None = None,
    buffer_bits: Bits | None = None,
) -> Chip:
    """Build a chip.

    Parameters
    ----------
    spec
        The chip as described.
    costs
        The cost set to charge by.
    shapes
        Rows and columns in use of each tile; tiles that the description has beyond these stay idle.
    groups
        The group that each tile belongs to, on a chip that has groups.
    seed
        The run's seed; None builds tiles without state, for timing only.
    beside
        Place of the tile that each shares its rows with; None for one with rows of its own.
    memory_bits
        Size of a memory for hidden weights that is described as ``auto``: what the workload needs.
    buffer_bits
        Size of a buffer that is described as ``auto``.

    Raises
    ------
    DescriptionError
        When parts do not fit together, or one of them is connected to nothing.
    """
    site = Site(env=simpy.Environment(), ledger=Ledger(), spec=spec, costs=costs)
    owners = groups or [""] * len(shapes)
    sites = {view.name: attrs.evolve(site, spec=view.chip) for view in views(spec)}
    tiles: list[Tile] = []
    # Numbered over all groups: a tile draws by its name, which must not hang on how tiles are grouped.
    for index, (name, shape) in enumerate(zip(owners, shapes, strict=True)):
        own = _beside_others(sites[name], index, shapes, beside=beside, tiles=tiles)
        tiles.append(_tile(own, index, shape=shape, seed=seed))
    idle = _idle_tiles(sites, owners)
    env, ledger = site.env, site.ledger
    digital = _digital(site, memory_bits)
    size = buffer_bits if spec.buffer.size == "auto" else spec.buffer.size
    assert size is not None, "a buffer of size auto needs the bits of the workload"
    buffer = Buffer(env, "buffer", ledger=ledger, size=size, spec=spec.buffer, cost=costs.sram)
    selector = Selector(
        env, "selector", ledger=ledger, policy=policy_of(spec), pairs=_pairs(spec),
        cost=costs.selector, clock=costs.clock,
    )  # fmt: skip
    used = [tile.part() for tile in tiles]
    ends: list[Part] = [buffer, digital, selector, *used, *idle]
    # By name: where a part sits decides its ways, which must not hang on what was built first.
    plan = interconnect_of(spec).topology(in_order(part.name for part in ends))
    # A bus is a node of its own and no router: it is among the links.
    known = {*(part.name for part in ends), *plan.links}
    others = sorted(name for name in plan.graph if name not in known)
    routers = [Router(env, name, ledger=ledger, cost=costs.router) for name in others]
    # A router serves all links that end at it; a link without one has an interface to itself.
    at_routers = _ending_at(plan, {router.name for router in routers})
    links = [_link(site, name, interface=name not in at_routers) for name in plan.links]
    graph = _joined(plan, [*ends, *routers], links)
    return Chip(
        env=env, ledger=ledger, tiles=tuple(tiles), idle=idle, digital=digital, buffer=buffer,
        selector=selector, routers=tuple(routers), links={link.name: link for link in links},
        topology=plan, graph=graph,
    )  # fmt: skip


def _beside_others(
    site: Site,
    index: int,
    shapes: Sequence[tuple[int, int]],
    *,
    beside: Sequence[int | None],
    tiles: Sequence[Tile],
) -> Site:
    """What a tile needs, with the one that it shares its rows with, and the columns of others on them."""
    if not beside:
        return site
    first = index if beside[index] is None else beside[index]
    others = [place for place, other in enumerate(beside) if first in (place, other) and place != index]
    columns = sum(shapes[place][1] for place in others)
    lies_beside = beside[index]
    tile = None if lies_beside is None else tiles[lies_beside].part()
    return attrs.evolve(site, beside=Beside(tile=tile, columns=columns))


def _tile(site: Site, index: int, *, shape: tuple[int, int], seed: int | None) -> Tile:
    """One tile as its group has them; tiles of all groups are numbered together."""
    return tiles_of(site.spec).build(site, f"tile{index}", shape=shape, seed=seed)


def _idle_tiles(sites: Mapping[str, Site], owners: Sequence[str]) -> tuple[Part, ...]:
    """Tiles that a group has beyond those in use, numbered after these."""
    idle: list[Part] = []
    for name, site in sites.items():
        count, used = site.spec.tile.count, owners.count(name)
        for _ in range(used, used if count == "auto" else count):
            # Without state, for no number ever reaches it.
            unused = _tile(site, len(owners) + len(idle), shape=(0, 0), seed=None)
            idle.append(unused.part())
    return tuple(idle)


def _pairs(spec: ChipSpec) -> int:
    """Parts of a synapse that the selector chooses from, of the group that has most of them."""
    return max(len(synapse_of(view.chip).pair_names) for view in views(spec))


def _digital(site: Site, memory_bits: Bits | None) -> DigitalUnit:
    """The digital unit, with a memory where one is described."""
    spec, costs, memory = site.spec, site.costs, None
    if spec.memory is not None:
        size = memory_bits if spec.memory.size == "auto" else spec.memory.size
        assert size is not None, "a memory of size auto needs the bits of the workload"
        memory = HiddenMemory(
            site.env, "digital.memory", ledger=site.ledger, spec=spec.memory, size=size, cost=costs.sram,
            wire=costs.wire,
        )  # fmt: skip
    return DigitalUnit(
        site.env, "digital", ledger=site.ledger, spec=spec.digital, clock=costs.clock, memory=memory,
        cost=costs.arithmetic[spec.digital.arithmetic],
    )  # fmt: skip


def _ending_at(plan: Topology, routers: set[str]) -> set[str]:
    """The links that have an end at one of the routers."""
    edges = plan.graph.edges(data="link")
    return {link for one, other, link in edges if one in routers or other in routers}


def _link(site: Site, name: str, *, interface: bool) -> Link:
    spec = interconnect_of(site.spec)
    return Link(
        site.env, name, ledger=site.ledger, width=spec.width, clock=spec.clock, length=spec.length,
        wire=site.costs.wire, router=site.costs.router, interface=interface,
    )  # fmt: skip


def _joined(plan: Topology, ends: Sequence[Part], links: Sequence[Link]) -> nx.Graph:
    """The whole graph, down to the parts inside tiles, with every port checked."""
    graph: nx.Graph = plan.graph.copy()
    problems: list[Problem] = []
    for part in ends:
        graph.nodes[part.name]["part"] = part
        for inner in part.parts_inside():
            graph.add_node(inner.name, part=inner)
        for joint in part.joints():
            problems += _join(graph, joint)
    for link in links:
        # Most links are edges; a bus, which all parts hang on, is a node as well.
        if link.name in graph:
            graph.nodes[link.name]["part"] = link
    alone = [name for name in graph if graph.degree(name) == 0]
    problems += [Problem(path=name, message="is connected to nothing") for name in alone]
    if not nx.is_connected(graph):
        # Parts inside a tile go with it, and would only make the list longer.
        outer = [group & set(plan.graph) or group for group in _groups(graph)]
        apart = "; ".join(_named(sorted(group)) for group in outer)
        message = f"leaves parts that cannot reach each other: {apart}"
        problems.append(Problem(path="interconnect", message=message))
    if problems:
        raise DescriptionError(problems)
    return graph


def _groups(graph: nx.Graph) -> list[set[str]]:
    """Parts that reach each other, in the order of their first names."""
    return sorted(nx.connected_components(graph), key=min)


def _named(parts: Sequence[str]) -> str:
    """The first few, and how many more there are."""
    named, more = ", ".join(parts[:_NAMED]), len(parts) - _NAMED
    return f"{named} and {more} more" if more > 0 else named


def _join(graph: nx.Graph, joint: Joint) -> list[Problem]:
    signals = []
    for part, wanted in ((joint.part, joint.port), (joint.other, joint.other_port)):
        port = next((port for port in part.ports if port.name == wanted), None)
        if port is None:
            known = ", ".join(port.name for port in part.ports)
            return [Problem(path=part.name, message=f"has no port {wanted!r}; it has: {known}")]
        signals.append(port.signal)
    if signals[0] != signals[1]:
        other = f"{joint.other.name}'s {joint.other_port!r}"
        here, there = signals
        message = f"port {joint.port!r} carries {here}, {other} {there}"
        return [Problem(path=joint.part.name, message=message)]
    graph.add_edge(joint.part.name, joint.other.name, link="")
    return []
