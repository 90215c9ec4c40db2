"""Transfers take the links that their way leads over, and wait where two want the same one."""

from __future__ import annotations

import itertools

import pytest

from chipsim.chip.interconnect import in_order
from chipsim.chip.links import Links
from chipsim.chip.mesh import Mesh
from chipsim.parts.program import parallel, series
from chipsim.run.execute import execute
from tests import made
from tests.made import BUS, CYCLE, HOP, WIDTH

NARROW = {"width": BUS.width, "clock": BUS.clock, "length": BUS.length}
ONE = HOP + CYCLE
"""A transfer of at most a link's width over one link."""


def mesh(tiles, *, columns=3):
    """A chip with so many tiles on a mesh: buffer, digital, selector in the first row, then the tiles."""
    spec = made.chip(tile=made.crossbar(1, 1), interconnect=Mesh(**NARROW, columns=columns))
    return made.rule_on(spec, (tiles, 1)).chip


def linked(*links, tiles=1):
    """A chip with these links."""
    spec = made.chip(tile=made.crossbar(1, 1), interconnect=Links(**NARROW, links=links))
    return made.rule_on(spec, (tiles, 1)).chip


def move(chip, source, target, bits=WIDTH):
    """A transfer between two parts by name."""
    return chip.move(chip.parts[source], chip.parts[target], bits)


def names(chip, source, target):
    """Links of a way, by name."""
    return [link.name for link in chip.route(source, target)]


def test_transfers_on_a_bus_wait_for_each_other():
    """Two transfers at once take twice as long as one, whatever their ends."""
    chip = made.rule_on(made.chip(), (2, 2)).chip
    timing = execute(chip, parallel((move(chip, "buffer", "digital"), move(chip, "selector", "tile0"))))
    assert timing.elapsed == 2 * ONE
    assert timing.ledger.by_part()["bus"].busy_ps == 2 * ONE


def test_routes_on_a_mesh_go_along_x_then_y():
    """From (0, 0) to (2, 1) by way of (2, 0); back by way of (0, 1)."""
    chip = mesh(3)
    assert names(chip, "buffer", "tile2") == ["link:0,0--1,0", "link:1,0--2,0", "link:2,0--2,1"]
    assert names(chip, "tile2", "buffer") == ["link:0,0--0,1", "link:0,1--1,1", "link:1,1--2,1"]


def test_transfer_over_hops_adds_their_latencies_once():
    """Three hops and three cycles of data: the head passes three routers, the data follow it."""
    chip = mesh(3)
    timing = execute(chip, move(chip, "buffer", "tile2", 3 * WIDTH))
    busy = 3 * HOP + 3 * CYCLE
    assert timing.elapsed == busy
    assert {part: entry.busy_ps for part, entry in timing.ledger.by_part().items()} == {
        "link:0,0--1,0": busy,
        "link:1,0--2,0": busy,
        "link:2,0--2,1": busy,
    }


def test_disjoint_transfers_on_a_mesh_do_not_wait():
    """The first row and the second row are different links."""
    chip = mesh(3)
    assert (
        execute(chip, parallel((move(chip, "buffer", "digital"), move(chip, "tile0", "tile1")))).elapsed
        == ONE
    )


def test_transfers_that_share_one_link_of_a_mesh_wait():
    """Both ways lead over the link from (1, 0) to (2, 0): two hops, then one more."""
    chip = mesh(3)
    both = parallel((move(chip, "buffer", "selector"), move(chip, "digital", "selector")))
    assert execute(chip, both).elapsed == (2 * HOP + CYCLE) + ONE


def test_a_waiting_transfer_holds_what_it_has():
    """Links are claimed in name order: one that waits for its last link keeps others from its first."""
    chip = mesh(3)
    far, last, first = (
        move(chip, "buffer", "selector"),
        move(chip, "digital", "selector"),
        move(chip, "buffer", "digital"),
    )
    # `last` holds its link first; `far` takes (0,0)--(1,0), waits for (1,0)--(2,0); `first` waits for `far`.
    assert execute(chip, parallel((last, far, first))).elapsed == ONE + (2 * HOP + CYCLE) + ONE


@pytest.mark.parametrize("columns", [1, 2, 3, 4])
def test_crossing_routes_do_not_deadlock(columns):
    """Every pair of parts at once, in both directions and several times over, comes to an end."""
    chip = mesh(5, columns=columns)
    ends = ["buffer", "digital", "selector", *(f"tile{index}" for index in range(5))]
    moves = [move(chip, a, b) for a, b in itertools.permutations(ends, 2)]
    timing = execute(chip, parallel(moves * 3))
    hops = sum(len(chip.route(op.part, op.target)) for op in moves)
    assert timing.ledger.total.bits == 3 * hops * WIDTH
    assert timing.elapsed <= 3 * sum(len(chip.route(op.part, op.target)) * HOP + CYCLE for op in moves)


def test_listed_links_take_the_shortest_way():
    """Over the router where it is shorter; among ways of equal length the first by name."""
    chip = linked(
        ("buffer", "hub"),
        ("hub", "tile0"),
        ("hub", "digital"),
        ("digital", "selector"),
        ("selector", "buffer"),
    )
    assert names(chip, "buffer", "tile0") == ["link:buffer--hub", "link:hub--tile0"]
    # By hub or by selector: "hub" comes first.
    assert names(chip, "buffer", "digital") == ["link:buffer--hub", "link:digital--hub"]


def test_listed_links_contend_only_where_they_are_shared():
    """A star of two spokes is disjoint; a chain makes both wait for the middle."""
    star = linked(("buffer", "digital"), ("selector", "tile0"), ("digital", "selector"))
    apart = parallel((move(star, "buffer", "digital"), move(star, "selector", "tile0")))
    assert execute(star, apart).elapsed == ONE
    shared = parallel((move(star, "buffer", "selector"), move(star, "digital", "tile0")))
    assert execute(star, shared).elapsed == 2 * (2 * HOP + CYCLE)


def test_transfers_queue_in_the_order_they_came():
    """Three equal transfers end one after another; the last starts when two have passed."""
    chip = made.rule_on(made.chip(), (1, 1)).chip
    ops = [move(chip, "buffer", "tile0", bits) for bits in (8, 16, 24)]
    chip.ledger.trace = []
    execute(chip, parallel(ops))
    busy = [HOP + cycles * CYCLE for cycles in (1, 2, 3)]
    assert [(record.start_ps, record.end_ps) for record in chip.ledger.trace] == [
        (0, busy[0]),
        (busy[0], busy[0] + busy[1]),
        (busy[0] + busy[1], sum(busy)),
    ]


def test_series_of_transfers_never_waits():
    """One after another, each takes what it takes alone."""
    chip = mesh(3)
    ops = [move(chip, "buffer", "selector"), move(chip, "selector", "tile0")]
    assert execute(chip, series(ops)).elapsed == sum(execute(chip, op).elapsed for op in ops)


def test_parts_are_placed_in_name_order_whatever_order_they_come_in():
    """The order of building changes no route, and the tenth tile comes after the second."""
    parts = ["tile10", "tile1", "buffer", "tile2", "selector", "digital"]
    assert in_order(parts) == ["buffer", "digital", "selector", "tile1", "tile2", "tile10"]
    assert in_order(parts) == in_order(reversed(parts))
