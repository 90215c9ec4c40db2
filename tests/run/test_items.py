"""Items between which a chip is at rest: of one program, and of many at once."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from chipsim.parts.program import Parallel, Series, Stream, operation
from chipsim.run.items import counted_items, items_of

JOBS = st.builds(lambda time: operation("m0", "work", time=time), st.integers(0, 2))
PROGRAMS = st.recursive(
    JOBS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: Series(tuple(items))),
        st.lists(inner, max_size=2).map(lambda items: Parallel(tuple(items))),
        st.builds(Stream, inner, st.integers(0, 2)),
    ),
    max_leaves=6,
)


@given(st.dictionaries(PROGRAMS, st.integers(1, 5), max_size=4))
def test_many_programs_are_counted_as_each_by_itself(programs):
    """How often, and in the same order, whatever series the programs share."""
    found: Counter[object] = Counter()
    for program, times in programs.items():
        for item in items_of(program):
            found[item] += times
    assert [*counted_items(programs).items()] == [*found.items()]


def test_only_series_are_looked_into():
    """What is in a stream or side by side overlaps; nothing at all is no item."""
    job = operation("m0", "work", time=1)
    whole = Series((Parallel((job, job)), Series((Parallel(()), job)), Stream(job, 0)))
    assert items_of(whole) == [Parallel((job, job)), job, Stream(job, 0)]
    assert counted_items({whole: 3}) == dict.fromkeys(items_of(whole), 3)
