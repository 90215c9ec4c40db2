"""Where the area of routers goes: one at each point of a grid, one for a bus, one for a direct link."""

import pytest

from chipsim.run import prepare

MESH = "interconnect={kind: mesh, width: 64 bit, clock: 1 GHz, length: 1 mm, columns: 3}"
STAR = (
    "interconnect={kind: links, width: 64 bit, clock: 1 GHz, length: 1 mm, links: "
    "[[buffer, hub], [digital, hub], [selector, hub], [tile0, hub], [tile1, hub]]}"
)
CHAIN = (
    "interconnect={kind: links, width: 64 bit, clock: 1 GHz, length: 1 mm, links: "
    "[[buffer, digital], [digital, selector], [selector, tile0], [tile0, tile1]]}"
)


@pytest.mark.parametrize(("interconnect", "links", "routers"), [(MESH, 7, 6), (STAR, 5, 1), (CHAIN, 4, 4)])
def test_area_counts_each_router_once(interconnect, links, routers):
    """Five parts on a grid of three by two, round a hub, and in a chain of direct links."""
    setup = prepare("hybrid-synapse", "mnist-5k", sets=[interconnect], seed=None)
    costs = setup.costs.spec
    wires = 64 * costs.wire.area_per_bit_mm  # each link is one millimetre
    kinds = ("link", "router")
    area = sum(part.area for part in setup.chip.parts.values() if part.kind in kinds)
    assert area == links * wires + routers * costs.router.area
