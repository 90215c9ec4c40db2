"""The table of errors of the approximation of wires, and what docs/wires.md shows of it."""

from __future__ import annotations

from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "wires.md"


@pytest.fixture
def made(tool):
    return tool("wires_error")


@pytest.mark.parametrize("cells", ["2 to 20 uS", "5 to 125 uS"])
@pytest.mark.parametrize("ohm", [0.35, 1.0, 5.0])
def test_the_approximation_is_far_nearer_than_none(made, ohm, cells):
    """A tenth of the error of currents at most, and a fifth of that of power."""
    without, near = made.errors(32, ohm, made.CELLS[cells])
    assert near.worst < without.worst / 10
    assert near.mean < without.mean / 10
    assert near.power < without.power / 5


def test_the_page_shows_the_table(made):
    """Its smallest arrays are worked out anew."""
    shown = PAGE.read_text(encoding="utf-8")
    assert [line for line in made.table((32,)) if line not in shown] == []
