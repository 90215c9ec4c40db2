"""Errors name the place, what was given and what is allowed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim import errors
from chipsim.errors import ChipsimError, DescriptionError, PlacementError, Problem, did_you_mean


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem(message="m"), "m"),
        (Problem(message="m", path="tile.rows"), "tile.rows: m"),
        (Problem(message="m", file="chip.yaml"), "chip.yaml: m"),
        (Problem(message="m", file="chip.yaml", line=7), "chip.yaml:7: m"),
        (Problem(message="m", file="chip.yaml", line=7, path="tile.rows"), "chip.yaml:7: tile.rows: m"),
        (Problem(message="m", line=7, path="tile.rows"), "tile.rows: m"),
    ],
)
def test_a_problem_shows_as_much_of_its_place_as_is_known(problem, text):
    """File, line and path stand before the message; what is unknown leaves no gap."""
    assert str(problem) == text


def test_a_description_error_shows_all_its_problems_in_order():
    """Every problem has its line in the message, and the problems themselves are kept."""
    problems = [Problem(message="first"), Problem(message="second", path="a")]
    error = DescriptionError(problems)
    assert str(error) == "first\na: second"
    assert error.problems == tuple(problems)


def test_an_error_without_a_problem_is_our_own_mistake():
    """There is always something to mend."""
    with pytest.raises(AssertionError, match=r"^an error without a problem"):
        DescriptionError([])


def test_every_error_can_be_caught_as_one():
    """All errors for users are ChipsimErrors, and a placement error is a description error too."""
    classes = [getattr(errors, name) for name in errors.__all__]
    exceptions = [item for item in classes if isinstance(item, type) and issubclass(item, Exception)]
    raised = [item for item in exceptions if not issubclass(item, Warning)]
    assert len(raised) == 8
    assert all(issubclass(item, ChipsimError) for item in raised)
    assert issubclass(PlacementError, DescriptionError)


@pytest.mark.parametrize(
    ("given_name", "known", "hint"),
    [
        ("hybrd", ["hybrid", "single-pair"], "; did you mean 'hybrid'?"),
        ("tile", ["tile0", "tile1", "tile2"], "; did you mean 'tile2' or 'tile1'?"),
        ("x", ["hybrid"], ""),
        ("", ["hybrid"], ""),
        ("hybrid", [], ""),
    ],
)
def test_did_you_mean_offers_the_closest_names(given_name, known, hint):
    """Up to two close names are offered, and none when nothing is close."""
    assert did_you_mean(given_name, known) == hint


@given(known=st.lists(st.text(min_size=1), min_size=1, unique=True), data=st.data())
def test_did_you_mean_always_offers_an_exact_match(known, data):
    """A name that is known is among those offered."""
    name = data.draw(st.sampled_from(known))
    assert repr(name) in did_you_mean(name, known)
