"""Programs taken apart into text and numbers, and put together again."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim.parts.patterns import TakenApart, pattern_of, program_from
from chipsim.parts.program import Parallel, Series, Stream, operation

# Names of parts and counts are the user's: also such as mean something in JSON, or stand for numbers in it.
NAMES = st.sampled_from(["tile0", "null", "é", '"', "\0", "{}", "\\", "0"])
OPERATIONS = st.builds(
    lambda part, target, counts: operation(part, "does", target, **counts),
    NAMES,
    st.one_of(st.just(""), NAMES),
    st.dictionaries(NAMES, st.integers(0, 9), max_size=3),
)
PROGRAMS = st.recursive(
    OPERATIONS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: Series(tuple(items))),
        st.lists(inner, max_size=3).map(lambda items: Parallel(tuple(items))),
        st.builds(Stream, inner, st.integers(0, 4)),
    ),
    max_leaves=6,
)


@given(PROGRAMS)
def test_any_program_comes_back(program):
    """From a pattern with its numbers in it, and from one that has places for all of them."""
    skeleton, numbers = TakenApart().of(program)
    assert program_from(pattern_of(skeleton, numbers)) == program
    assert program_from(pattern_of(skeleton, [None] * len(numbers)), numbers) == program


@given(PROGRAMS)
def test_a_pattern_is_a_line_of_plain_json(program):
    """As short as JSON can be written, and in ASCII."""
    text = pattern_of(*TakenApart().of(program))
    assert json.dumps(json.loads(text), separators=(",", ":")) == text


@given(PROGRAMS, PROGRAMS)
def test_what_was_taken_apart_before_changes_nothing(one, other):
    """What parts of programs have in common is remembered, and no more than that."""
    apart = TakenApart()
    assert [apart.of(each) for each in (one, other, one)] == [
        TakenApart().of(each) for each in (one, other, one)
    ]


def test_skeletons_differ_in_all_but_numbers():
    """Sort, part, action, target, names of counts and order tell programs apart; counts do not."""
    read, write = operation("tile0", "read", rows=1), operation("tile0", "write", rows=1)
    programs = [
        Series((read, write)),
        Series((write, read)),
        Parallel((read, write)),
        Series((Series((read,)), write)),
        Stream(Series((read, write)), 2),
        Series((read, operation("tile1", "write", rows=1))),
        Series((read, operation("tile0", "write", "tile1", rows=1))),
        Series((read, operation("tile0", "write", columns=1))),
        Series((read, operation("tile0", "write"))),
    ]
    apart = TakenApart()
    assert len({apart.of(program)[0] for program in programs}) == len(programs)
    others = Series((operation("tile0", "read", rows=7), write))
    assert apart.of(others) == (apart.of(programs[0])[0], (7, 1))


def test_more_programs_than_are_remembered_are_taken_apart():
    """What is forgotten is taken apart anew."""
    apart = TakenApart()
    for count in [*range(5_000), *range(5_000)]:
        skeleton, numbers = apart.of(Stream(operation("tile0", "read", rows=3), count))
        assert numbers == (count, 3)
    assert skeleton == apart.of(Stream(operation("tile0", "read", rows=4), 1))[0]


@pytest.mark.parametrize("numbers", [(), (1, 2, 3)])
def test_a_pattern_has_as_many_numbers_as_places(numbers):
    """Too few and too many are both refused."""
    skeleton, _ = TakenApart().of(operation("tile0", "read", columns=1, rows=1))
    with pytest.raises(ValueError, match="zip"):
        pattern_of(skeleton, numbers)
