"""Chips drawn with box characters."""

from chipsim.chip.bus import Bus
from chipsim.chip.interconnect import in_order
from chipsim.chip.links import Links
from chipsim.chip.mesh import Mesh

WIRES = {"width": 64, "clock": 10**9, "length": 10**6}
SHARED = ("buffer", "digital", "selector")


def drawn(spec, parts, *, labels=None, width=60):
    topology = spec.topology(in_order(parts))
    return "\n".join(spec.drawn(topology, labels=labels or {}, width=width))


def test_bus_with_parts_on_both_sides():
    """Parts that do not fit above the bus hang below it, tiles in the order of their numbers."""
    parts = [*SHARED, "tile2", "tile10"]
    assert drawn(Bus(**WIRES), parts, labels={"tile2": "1 mm2"}, width=48) == (
        " ┌────────┐  ┌─────────┐  ┌──────────┐\n"
        " │ buffer │  │ digital │  │ selector │\n"
        " └────┬───┘  └────┬────┘  └─────┬────┘\n"
        "═════╤╧══════════╤╧═════════════╧═══════ bus\n"
        " ┌───┴───┐  ┌────┴───┐\n"
        " │ tile2 │  │ tile10 │\n"
        " │ 1 mm2 │  │        │\n"
        " └───────┘  └────────┘"
    )


def test_bus_with_too_many_parts():
    """What fits on neither side is counted."""
    text = drawn(Bus(**WIRES), [*SHARED, *(f"tile{index}" for index in range(20))], width=44)
    assert "│   ...   │" in text
    assert "│ 19 more │" in text
    assert max(map(len, text.splitlines())) <= 44


def test_mesh():
    """Each router is drawn as the part on it; one without a part as a router."""
    assert drawn(Mesh(columns=2, **WIRES), SHARED) == (
        " ┌──────────┐  ┌──────────┐\n"
        " │  buffer  │──│ digital  │\n"
        " │          │  │          │\n"
        " └──────────┘  └──────────┘\n"
        "      │             │      \n"
        " ┌──────────┐  ┌──────────┐\n"
        " │ selector │──│  router  │\n"
        " │          │  │          │\n"
        " └──────────┘  └──────────┘"
    )


def test_mesh_that_is_too_wide():
    """Columns that do not fit are counted."""
    text = drawn(Mesh(columns=9, **WIRES), [f"tile{index}" for index in range(9)], width=40)
    assert text.endswith("and 6 more columns to the right")


def test_links():
    """Each link is listed once."""
    links = (("buffer", "hub"), ("digital", "hub"), ("hub", "selector"))
    assert drawn(Links(links=links, **WIRES), SHARED) == (
        " buffer   ── hub\n digital  ── hub\n hub      ── selector"
    )
