"""Lines and points that lie on each other stay visible, and it is told which do."""

import copy

import pytest

from chipsim.report.nested import nested_lines, nested_points


def line(name, xs, ys):
    return {
        "name": name,
        "x": list(xs),
        "y": list(ys),
        "line": {"width": 2},
        "marker": {"size": 8},
        "error_y": {"array": [None] * len(xs), "width": 4},
    }


def widths(lines):
    return [one["line"]["width"] for one in lines]


def test_of_three_equal_lines_each_is_wider_than_the_next():
    """By four pixels, two on either side; signs and the ends of bars grow too; the last is as it was."""
    same = [line(name, (1, 2, 3), (5, 6, 7)) for name in "abc"]
    drawn, sentence = nested_lines([*same, line("d", (1, 2, 3), (50, 60, 70))])
    assert widths(drawn) == [10, 6, 2, 2]
    assert [one["marker"]["size"] for one in drawn] == [18, 13, 8, 8]
    assert [one["error_y"]["width"] for one in drawn] == [14, 9, 4, 4]
    assert sentence == "Where lines lie on each other, one is drawn inside the other: a widest, then b and c."


def test_lines_given_are_not_changed():
    """Who asks keeps what was given."""
    given = [line(name, (1, 2), (5, 6)) for name in "ab"]
    before = copy.deepcopy(given)
    nested_lines(given)
    assert given == before


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (line("b", (1, 2, 3), (9, 6, 2)), "crosses in one point"),
        (line("b", (4, 5, 6), (5, 6, 7)), "has other places"),
        (line("b", (1, 2, 3), (5.1, 6.1, 7.1)), "lies beside it: 0.1 of 2 high is more than a line's width"),
    ],
)
def test_lines_that_hide_nothing_are_left_alone(other, why):
    """It gets no width of its own, and nothing is said."""
    drawn, sentence = nested_lines([line("a", (1, 2, 3), (5, 6, 7)), other])
    assert (widths(drawn), sentence) == ([2, 2], ""), why


def test_one_shared_piece_is_enough():
    """Two lines that part after their second point hide each other before it."""
    drawn, _ = nested_lines([line("a", (1, 2, 3), (5, 6, 7)), line("b", (1, 2, 3), (5, 6, 50))])
    assert widths(drawn) == [6, 2]


def test_gaps_and_single_points():
    """A line is broken where nothing was measured; a single point hides one that is in its place."""
    gaps, _ = nested_lines([line("a", (1, None, 2), (5, None, 6)), line("b", (1, 2), (5, 6))])
    assert widths(gaps) == [2, 2]
    points, sentence = nested_lines([line("a", ("x",), (5,)), line("b", ("x",), (5,))])
    assert widths(points) == [6, 2]
    assert "a widest, then b" in sentence


def test_on_a_logarithmic_axis_the_height_counts():
    """1 and 1.5 of up to 1,000: nothing apart on a linear axis, 6 % of the height on a logarithmic one."""
    lines = [line("a", (1, 2), (1, 1000)), line("b", (1, 2), (1.5, 1000))]
    assert widths(nested_lines(lines)[0]) == [6, 2]
    assert widths(nested_lines(lines, log=True)[0]) == [2, 2]


def test_groups_are_told_apart_and_many_names_are_cut():
    """Two bundles are two halves of the sentence; of seven lines four are named after the first."""
    many = [line(f"n{place}", (1, 2), (1, 2)) for place in range(7)]
    drawn, sentence = nested_lines([*many, line("x", (1, 2), (90, 95)), line("y", (1, 2), (90, 95))])
    # However many there are, the widest is 15 pixels wider than one alone.
    assert widths(drawn)[0] == 17
    assert sentence.endswith(": n0 widest, then n1, n2, n3, n4 and 2 more; x widest, then y.")


def test_names_are_told_as_they_are_written():
    """Labels are written for plotly.js; captions are text."""
    _, sentence = nested_lines([line("R&amp;D", (1, 2), (1, 2)), line("b", (1, 2), (1, 2))])
    assert "R&D widest, then b." in sentence


def points(xs, ys):
    return {"x": list(xs), "y": list(ys), "marker": {"size": [6] * len(xs), "color": "red"}}


def test_points_that_lie_on_each_other():
    """The one below is five pixels larger; one that stands elsewhere is as it was."""
    drawn, sentence = nested_points([points((1, 9), (2, 9)), points((1.001, 5), (2, 5))])
    assert [one["marker"]["size"] for one in drawn] == [[11, 6], [6, 6]]
    assert drawn[0]["marker"]["color"] == "red"
    assert sentence == "Signs that lie on each other are drawn one inside the other, outer ones larger."


def test_points_apart_and_none_at_all():
    """Nothing is changed and nothing is said."""
    apart = [points((1,), (2,)), points((2,), (2,))]
    assert nested_points(apart) == (apart, "")
    assert nested_points([points((), ())]) == ([points((), ())], "")
    assert nested_lines([]) == ([], "")
    # Along a logarithmic axis 1 and 2 of 1,000 lie apart.
    wide = [points((1, 1000), (2, 2)), points((2,), (2,))]
    assert nested_points(wide)[1]
    assert nested_points(wide, log=True)[1] == ""
