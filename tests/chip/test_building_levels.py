"""Chips whose weights are levels: tiles of multilevel cells, and a memory inside the digital unit."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given, settings

from chipsim.chip.building import build
from chipsim.errors import DescriptionError
from chipsim.learn.hidden_weights import HiddenWeights
from chipsim.parts.digital import DigitalUnit
from chipsim.parts.level_change import LevelChange
from chipsim.parts.memory import HiddenMemory
from chipsim.parts.part import Joint
from chipsim.run import prepare
from chipsim.run.drawing import draw
from chipsim.spec import chip_from_document, load_costs
from chipsim.spec.levels import MemorySpec
from chipsim.tile.resistive_tile import ResistiveTile
from chipsim.update.reprogram import Reprogram
from tests import levels_made, made
from tests.spec.strategies import LEVEL_SYNAPSES, chip_documents


def described(*, synapse=levels_made.PAIR, size="auto", banks=2, **changes):
    """A chip of level pairs with a memory of two banks."""
    fields = {
        "synapse": synapse, "device": levels_made.device(), "update": Reprogram(),
        "selector": LevelChange(lanes=4), "memory": MemorySpec(size=size, banks=banks, width=made.WIDTH),
        "rule": HiddenWeights(),
    }  # fmt: skip
    return made.chip(**(fields | changes))


def built(spec, *, memory_bits=1000, shapes=((4, 3), (3, 2)), seed=1):
    """The chip with two blocks on it."""
    return build(spec, made.COSTS, shapes=shapes, seed=seed, memory_bits=memory_bits)


@pytest.mark.parametrize("synapse", [levels_made.PAIR, levels_made.SINGLE], ids=lambda synapse: synapse.kind)
def test_every_part_is_on_the_graph(synapse):
    """Every node has its part, every part is a node, and all hang together."""
    chip = built(described(synapse=synapse))
    assert set(chip.graph) - {"bus"} == set(chip.parts) - {"bus"}
    assert nx.is_connected(chip.graph)
    assert all(isinstance(tile, ResistiveTile) for tile in chip.tiles)
    assert all(chip.graph.nodes[name]["part"] is part for name, part in chip.parts.items())


def test_the_memory_is_inside_the_digital_unit():
    """It hangs on the unit alone, is found by its name, and counts towards the area."""
    chip = built(described())
    memory = chip.digital.memory
    assert isinstance(memory, HiddenMemory)
    assert chip.parts["digital.memory"] is memory
    assert list(chip.graph["digital.memory"]) == ["digital"]
    assert memory.area == 1000 * 17
    assert chip.area == sum(part.area for part in chip.parts.values())
    node = next(node for node in draw(chip).nodes if node.name == "digital.memory")
    assert (node.kind, node.area_nm2) == ("memory", 17_000)


def test_its_operations_are_served_by_name():
    """A program names the memory like any part; 33 bits are three accesses of two banks."""
    chip = built(described())
    op = chip.digital.memory.read(33)
    assert op.part == "digital.memory"
    chip.env.run(until=chip.env.process(chip.serve(op)))
    assert chip.env.now == 3 * made.SRAM


@pytest.mark.parametrize(("size", "bits"), [("auto", 1000), (2048, 2048)])
def test_a_size_is_what_the_description_says(size, bits):
    """What the workload needs is built only where nothing else is said."""
    assert built(described(size=size)).digital.memory.size == bits


def test_auto_needs_to_know_the_workload():
    """Whoever builds says how much; leaving it out is a mistake of ours."""
    with pytest.raises(AssertionError, match="a memory of size auto needs the bits of the workload"):
        built(described(), memory_bits=None)


def test_chips_without_hidden_weights_have_no_memory():
    """Nothing is inside their digital unit, and nothing is on the graph."""
    chip = built(made.chip())
    assert chip.digital.memory is None
    assert chip.digital.parts_inside() == ()
    assert "digital.memory" not in chip.parts


def test_prepared_chips_have_as_much_memory_as_they_need():
    """784 x 256 + 256 x 10 weights with two moments, and 256 bits for each of 266 units and two tasks."""
    chip = prepare("metaplastic-qnn", "mnist-5k-permuted", sets=["network.layers=[784, 256, 10]"]).chip
    assert chip.digital.memory.size == (784 * 256 + 256 * 10) * 96 + 2 * 266 * 256


def test_a_memory_that_is_not_joined_is_found(monkeypatch):
    """As any part inside another."""
    monkeypatch.setattr(DigitalUnit, "joints", lambda self: [Joint(self, "linc", self.memory, "link")])
    with pytest.raises(DescriptionError) as caught:
        built(described())
    assert str(caught.value).splitlines()[:2] == [
        "digital: has no port 'linc'; it has: link",
        "digital.memory: is connected to nothing",
    ]


def test_timing_only_has_the_same_parts():
    """Without a seed there are no cells, and everything else."""
    one, other = built(described()), built(described(), seed=None)
    assert list(one.parts) == list(other.parts)
    assert one.area == other.area


def test_idle_tiles_of_levels_take_area():
    """Tiles that the network does not need are there all the same."""
    chip = built(described(tile=made.crossbar(count=3)))
    assert [part.name for part in chip.idle] == ["tile2"]
    assert chip.parts["tile2"].area == chip.parts["tile0"].area


@settings(max_examples=25, deadline=None)
@given(document=chip_documents(synapses=LEVEL_SYNAPSES))
def test_random_chips_of_levels_are_built(document):
    """Whatever is described is joined into one chip, with a memory in its digital unit."""
    spec = chip_from_document(document).spec
    costs = load_costs(spec.costs).spec
    count = spec.tile.count if spec.tile.count != "auto" else 1
    shapes = [(spec.tile.rows, spec.tile.columns)] * count
    chip = build(spec, costs, shapes=shapes, seed=1, memory_bits=4096)
    assert nx.is_connected(chip.graph)
    assert chip.digital.memory.size == 4096
    assert chip.parts["digital.memory"] in chip.digital.parts_inside()
