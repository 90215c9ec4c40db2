"""Tables are whole at any width: text folds, figures never do."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from chipsim.cli.screen import put, table
from chipsim.result.files import save
from tests.cli.test_endurance import levels
from tests.results_made import made_result


def printed(drawn, width, **more):
    """Lines of a table, without blanks at their ends."""
    console = Console(width=width, highlight=False, color_system=None)
    with console.capture() as captured:
        put(console, drawn, **more)
    return [line.rstrip() for line in captured.get().splitlines()]


def test_columns_that_do_not_fit_follow_below():
    """Of four columns of 5, 7, 7 and 7, three are 5 + 2 + 7 + 2 + 7 = 23 wide; the last begins anew."""
    rows = [("tile0", "200,704", "48.81 %", "1.66e-3"), ("tile1", "9", "0.00 %", "12")]
    drawn = table("array", "cells", "never", "energy", rows=rows, right=(1, 2, 3))
    assert printed(drawn, 23) == [
        "array    cells    never",
        "\u2500" * 23,
        "tile0  200,704  48.81 %",
        "tile1        9   0.00 %",
        "",
        "array   energy",
        "\u2500" * 14,
        "tile0  1.66e-3",
        "tile1       12",
    ]
    assert printed(drawn, 32)[2] == "tile0  200,704  48.81 %  1.66e-3"


def test_several_columns_say_what_a_row_is():
    """Keys begin each of the tables, and an indent is part of the width."""
    drawn = table("a", "b", "one", "two", rows=[("x", "y", "1", "22222")], right=(2, 3))
    assert printed(drawn, 14, keys=2, indent=2) == [
        *("  a  b  one", f"  {9 * chr(0x2500)}", "  x  y    1", ""),
        *("  a  b    two", f"  {11 * chr(0x2500)}", "  x  y  22222"),
    ]


CELLS = st.lists(
    st.tuples(
        st.text("ab ", max_size=30),
        st.integers(0, 10**12),
        st.floats(0, 100),
        st.integers(0, 9),
        st.text("ab c"),
    ),
    min_size=1,
    max_size=4,
)


@given(cells=CELLS, width=st.integers(40, 130))
def test_figures_are_whole_at_any_width(cells, width):
    """Whatever the names and the width, each figure stands in one piece, and no line is too long."""
    rows = [(name, f"{count:,}", f"{share:.2f} %", str(few), text) for name, count, share, few, text in cells]
    lines = printed(table("name", "cells", "never written", "", "what", rows=rows, right=(1, 2, 3)), width)
    assert max(map(len, lines)) <= width
    found = re.findall(r"(?<![\d,.])\d[\d,.]*(?: %)?", "\n".join(lines))
    assert sorted(found) == sorted(figure for row in rows for figure in row[1:4])


def figures(text):
    """All numbers of a text, as they are written."""
    return set(re.findall(r"(?<![\w.,])\d[\d,.]*\d|(?<![\w.,])\d(?![\w.,])", text))


LINES = (
    "endurance hybrid levels --count operations",
    "describe metaplastic-qnn -w mnist-5k-permuted",
    "describe single-pair -w tiny",
    "data list",
    "list",
)


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("line", LINES)
def test_commands_lose_no_number_in_a_narrow_terminal(call, folder, monkeypatch, *, line, width):
    """A command prints the same numbers in a narrow terminal as in a wide one."""
    if line.startswith("endurance"):
        save(made_result(epochs=2), folder / "hybrid")
        save(levels(), folder / "levels")
    monkeypatch.setenv("COLUMNS", "1000")
    wide = call(line).stdout
    monkeypatch.setenv("COLUMNS", str(width))
    narrow = call(line).stdout
    assert len(figures(wide)) > 3
    assert figures(wide) <= figures(narrow)


@pytest.mark.parametrize("width", [60, 80])
def test_comparison_in_a_narrow_terminal(call, folder, monkeypatch, width):
    """Both chips' figures are whole, and each line says whose they are."""
    monkeypatch.setenv("COLUMNS", "200")
    wide = call("compare single-pair-rowwise digital-fp32 -w tiny --epochs 1 -o wide").stdout
    monkeypatch.setenv("COLUMNS", str(width))
    narrow = call("compare single-pair-rowwise digital-fp32 -w tiny --epochs 1 -o narrow").stdout
    assert figures(wide) <= figures(narrow)
    assert all(len(line) <= width for line in narrow.splitlines())
    assert "single-pair-rowwise" in narrow
