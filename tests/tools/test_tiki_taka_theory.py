"""The table of Tiki-Taka against theory, on fewer samples than the report has."""

import numpy as np
import pytest


@pytest.fixture
def theory(tool):
    return tool("tiki_taka_theory")


SMALL = {
    "pulses_of_updates": {"samples": 60, "shape": (16, 8)},
    "transfers": {"samples": 400, "shape": (8, 6)},
    "drift": {"cells": 400, "samples": 60},
    "offsets": {"lines": 200, "samples": 60},
}


@pytest.mark.parametrize("name", SMALL)
def test_what_is_counted_on_the_chip_that_ships_agrees(theory, name):
    """Every row, of names of their own, with an interval that is small beside what it is about."""
    rows = list(getattr(theory, name)(**SMALL[name]))
    assert len({row.quantity for row in rows}) == len(rows) >= 2
    assert [row.quantity for row in rows if not row.agrees] == []
    assert all(np.isfinite([row.theory, row.counted, row.interval]).all() for row in rows)


def test_symmetry_points_of_a_small_array(theory):
    """Five figures, of which the spread that all cells have is write noise and more."""
    rows = list(theory.symmetry_points("reram-array-om", side=80))
    assert len(rows) == 5
    assert all(row.agrees for row in rows)
    assert rows[-1].counted > 1.4113 * 2 / 21.07 / np.sqrt(2)


def test_a_table_tells_what_does_not_agree(theory):
    """In Markdown, with what is exact said to be so."""
    rows = [theory.Finding("pulses", 12.0, 12.0, 0.0), theory.Finding("others", 1000.0, 1300.0, 25.0)]
    assert theory.table(rows).splitlines() == [
        "| Quantity | Theory | Counted | Interval | Agrees |",
        "| --- | --- | --- | --- | --- |",
        "| pulses | 12 | 12 | exact | yes |",
        "| others | 1,000 | 1,300 | ± 25 | **no** |",
    ]


def test_readings_that_rounding_decides_are_told_apart(tool):
    """Six tenths twice: a pulse; then a sum at the very threshold, which single precision may see otherwise."""
    line = np.array([0], np.int32)
    readings = [(line, np.array([[0.6, 0.5]])), (line, np.array([[0.6, 0.5]]))]
    laws = tool("tiki_taka_laws")
    found = laws.pulses_by_hand(readings, (1, 2), gain=1.0, threshold=1.0, rounding=1e-6)
    assert found.given.tolist() == [[1, 1]]
    assert found.added.tolist() == [[1.2, 1.0]]
    assert found.near.tolist() == [[0, 1]]
