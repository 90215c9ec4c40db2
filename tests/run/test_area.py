"""One area of a chip, wherever it is told: by its parts, its graph, its page, the terminal and a result."""

import re

import pytest
from click.testing import CliRunner

from chipsim.cli import main
from chipsim.run import prepare, simulate
from chipsim.run.drawing import draw
from chipsim.spec import shipped_names
from chipsim.units import AREA, show
from tests.shipped import ONE_ARRAY, ONE_LAYER

WIRES = "width: 64 bit, clock: 1 GHz, length: 1 mm"
MESH = f"interconnect={{kind: mesh, {WIRES}, columns: 3}}"


def interconnects(chip):
    """The chip's own, and one of each kind that joins all of its parts."""
    ends = ["buffer", "digital", "selector", *(tile.part().name for tile in chip.tiles)]
    star = ", ".join(f"[{end}, hub]" for end in ends)
    links = f"interconnect={{kind: links, {WIRES}, links: [{star}]}}"
    return ([], [f"interconnect={{kind: bus, {WIRES}}}"], [MESH], [links])


def fitting(architecture):
    """A workload that this chip trains."""
    levels = architecture in {"bnn", "metaplastic-bnn", "metaplastic-qnn", "plain-qnn"}
    if architecture in ONE_LAYER:
        return "mnist-5k-transfer"
    if architecture in ONE_ARRAY:
        return "reduced-mnist"
    return "mnist-5k-permuted" if levels else "mnist-5k"


@pytest.mark.parametrize("architecture", shipped_names("architectures"))
def test_nodes_of_the_graph_add_up_to_the_chip(architecture):
    """Links and routers are parts of the graph, too, however the parts are joined; each part is there once."""
    own = prepare(architecture, fitting(architecture), seed=None).chip
    for sets in interconnects(own):
        chip = prepare(architecture, fitting(architecture), sets=sets, seed=None).chip
        nodes = draw(chip).nodes
        assert sorted(node.name for node in nodes) == sorted(chip.parts)
        assert sum(node.area_nm2 for node in nodes) == chip.area


def test_every_joint_of_the_graph_ends_at_a_node():
    """A link between two routers stands between them: two joints of three nodes."""
    graph = draw(prepare("hybrid-synapse", "mnist-5k", sets=[MESH], seed=None).chip)
    assert {end for edge in graph.edges for end in (edge.source, edge.target)} == {
        node.name for node in graph.nodes
    }
    link = "link:0,0--1,0"
    joints = [(edge.source, edge.target) for edge in graph.edges if edge.link == link]
    assert joints == [("router:0,0", link), (link, "router:1,0")]
    at = {node.name: (node.x, node.y) for node in graph.nodes}
    assert (at["router:0,0"], at[link], at["router:1,0"]) == ((0, 0), (1, 0), (2, 0))


@pytest.mark.parametrize("architecture", ["hybrid-synapse", "digital-fp32"])
def test_terminal_and_page_of_one_command_tell_one_area(architecture, tmp_path):
    """`describe` prints the area that its page begins with, to which the page's table of parts adds up.

    On a grid of three by two, seven links of 1 mm, 64 wires each, take 7 x 64 wires of 200 um2 a millimetre,
    which is 0.0896 mm2, and six routers 6 x 0.151 mm2.
    """
    page = tmp_path / "chip.html"
    line = ["describe", architecture, "-w", "mnist-5k", "--set", MESH, "--html", str(page)]
    shown = CliRunner().invoke(main, line).stdout
    html = page.read_text("utf-8")
    printed = re.search(r"Area of all parts: (.*?)\.\s*\n", shown)[1]
    assert re.search(r"\d+ parts on (.*?):", html)[1] == printed.replace("m2", "m²")
    areas = [int(found) for found in re.findall(r'<td data-key="(\d+)">', html)]
    whole = prepare(architecture, "mnist-5k", sets=[MESH], seed=None).chip.area
    assert sum(areas) == whole
    assert show(whole, AREA) == printed
    assert whole - without_interconnect(architecture) == 7 * 64 * 200_000_000 + 6 * 151_000_000_000


def without_interconnect(architecture):
    chip = prepare(architecture, "mnist-5k", seed=None).chip
    return sum(part.area for part in chip.parts.values() if part.kind not in ("link", "router"))


def test_a_result_tells_the_area_of_its_graph():
    """The summary's area is the sum over the nodes that the result keeps, also where links join parts."""
    few = "phases.0.dataset={name: mnist-5k, train: 2, test: 2}"
    result = simulate("hybrid-synapse", "mnist-5k", epochs=1, sets=[few, MESH], timing_only=True)
    total = sum(node.area_nm2 for node in result.graph.nodes)
    assert result.summary["area_mm2"] == total / 10**12
