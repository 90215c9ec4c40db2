"""Parts are joined before the first event; what does not fit together is refused, all of it at once."""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipsim.chip.links import Links
from chipsim.errors import DescriptionError
from chipsim.parts.part import Joint, Port
from chipsim.tile.converters import DacBank
from chipsim.tile.mac_tile import MacTile
from chipsim.tile.resistive_tile import ResistiveTile
from tests import made
from tests.made import BUS


def linked(*links, tiles=1):
    """Build a chip with these links."""
    interconnect = Links(width=BUS.width, clock=BUS.clock, length=BUS.length, links=links)
    return made.rule_on(made.chip(tile=made.crossbar(1, 1), interconnect=interconnect), (tiles, 1)).chip


def refused(call):
    """The whole message."""
    with pytest.raises(DescriptionError) as caught:
        call()
    return str(caught.value)


@pytest.mark.parametrize(
    "spec", [made.chip(), made.hybrid(), made.mac_chip()], ids=lambda spec: spec.synapse.kind
)
def test_every_part_is_on_the_graph(spec):
    """Every node that is no router has its part, every part is a node, and all hang together."""
    chip = made.rule_on(spec, (4, 3, 2)).chip
    inside = {name for name in chip.graph if chip.graph.nodes[name].get("part") is not None}
    assert inside == set(chip.parts)
    assert nx.is_connected(chip.graph)
    assert list(chip.parts) == sorted(chip.parts)
    assert all(chip.graph.nodes[name]["part"] is part for name, part in chip.parts.items())


def test_hybrid_tile_has_four_arrays():
    """Coarse and fine, plus and minus, each joined to DACs, ADCs and drivers on both sides."""
    chip = made.rule_on(made.hybrid(), (2, 2)).chip
    arrays = [name for name, part in chip.parts.items() if part.kind == "array"]
    assert arrays == ["tile0.coarse+", "tile0.coarse-", "tile0.fine+", "tile0.fine-"]
    for name in arrays:
        assert set(chip.graph[name]) == {
            "tile0.adc", "tile0.back-adc", "tile0.back-dac", "tile0.dac", "tile0.driver",
        }  # fmt: skip


def test_part_that_no_link_reaches():
    """A tile that the links leave out is connected to nothing but what is inside it."""
    message = refused(
        lambda: linked(("buffer", "digital"), ("digital", "selector"), ("digital", "tile0"), tiles=2)
    )
    assert message == (
        "interconnect: leaves parts that cannot reach each other: buffer, digital, selector, tile0; tile1"
    )


def test_lone_part_is_connected_to_nothing():
    """A unit without a link is named, and so are the groups that cannot reach each other."""
    message = refused(lambda: linked(("buffer", "digital"), ("digital", "tile0")))
    assert message.splitlines()[0] == "selector: is connected to nothing"
    assert message.splitlines()[1].startswith(
        "interconnect: leaves parts that cannot reach each other: buffer,"
    )


def test_joint_with_an_unknown_port(monkeypatch):
    """The message names the part, the port, and the ports that there are."""
    monkeypatch.setattr(MacTile, "joints", lambda self: [Joint(self, "linc", self.parts_inside()[0], "link")])
    message = refused(lambda: made.rule_on(made.mac_chip(), (2, 2)))
    assert message.splitlines()[0] == "tile0: has no port 'linc'; it has: link"


def test_joint_of_ports_that_carry_different_signals(monkeypatch):
    """Analog lines do not go to a digital port."""
    joints = list(ResistiveTile.joints(made.rule_on(made.chip(), (2, 2)).chip.tiles[0]))
    assert len(joints) > 10

    def wrong(self):
        dac, array = self.parts_inside()[2], self.parts_inside()[0]
        yield Joint(dac, "in", array, "rows")

    monkeypatch.setattr(ResistiveTile, "joints", wrong)
    message = refused(lambda: made.rule_on(made.chip(), (2, 2)))
    assert message.splitlines()[0] == "tile0.dac: port 'in' carries data, tile0.pair+'s 'rows' analog"
    assert "tile0.adc: is connected to nothing" in message.splitlines()


def test_all_wrong_joints_are_reported_at_once(monkeypatch):
    """A port that carries something else breaks the joint with each of the two arrays."""
    monkeypatch.setattr(DacBank, "ports", (Port("in", "data"), Port("out", "optical")))
    message = refused(lambda: made.rule_on(made.chip(), (2, 2)))
    assert message.splitlines()[:2] == [
        "tile0.dac: port 'out' carries optical, tile0.pair+'s 'rows' analog",
        "tile0.back-dac: port 'out' carries optical, tile0.pair+'s 'columns' analog",
    ]
    assert len(message.splitlines()) >= 4


def test_timing_only_chip_has_no_state():
    """Without a seed a tile has its parts, area and operations, but no cells."""
    with_state, without = (made.rule_on(made.chip(), (4, 3), seed=seed).chip for seed in (1, None))
    assert with_state.area == without.area
    assert list(with_state.parts) == list(without.parts)
    for action in ("forward", "backward", "update"):
        assert with_state.tiles[0].typical(action) == without.tiles[0].typical(action)


@settings(max_examples=50)
@given(seed=st.integers(0, 10_000))
def test_way_over_links_is_the_first_of_the_shortest(seed):
    """Among all shortest ways it is the first by name, as a list of all of them says."""
    links = sorted(nx.gnm_random_graph(8, 16, seed=seed).edges)
    ends = tuple((f"n{a}", f"n{b}") for a, b in [*links, *pairwise(range(8))] if a != b)
    spec = Links(width=1, clock=1, length=1, links=tuple(dict.fromkeys(map(tuple, map(sorted, ends)))))
    plan = spec.topology(["n0"])
    assert plan.path("n0", "n7") == min(nx.all_shortest_paths(plan.graph, "n0", "n7"))


def test_way_over_a_large_grid_of_links():
    """Thirty hops across a grid of 16 x 16, which has 155 million shortest ways."""
    grid = nx.relabel_nodes(nx.grid_2d_graph(16, 16), lambda at: f"r{at[0]}-{at[1]}")
    plan = Links(width=1, clock=1, length=1, links=tuple(grid.edges)).topology(["r0-0"])
    assert len(plan.route("r0-0", "r15-15")) == 30
