"""Many comparisons at once are those that the plain function makes one by one."""

import itertools

import numpy as np
import pytest

from chipsim.result.alongside import Alongside
from chipsim.result.compared import Sample, compared
from chipsim.result.student import beside_best, least_told, limit, two_sided, two_sided_all


def drawn(rng):
    """Samples of all sorts: of one seed, of unequal seeds, alike, exact, with errors of measuring."""
    samples = [
        Sample(values=(1.0, 1.0, 1.0), seeds=(0, 1, 2), exact=True),
        Sample(values=(2.0, 2.0, 2.0), seeds=(0, 1, 2), exact=True),
        Sample(values=(1.0, 1.0, 1.0), seeds=(0, 1, 2), exact=False),
        Sample(values=(0.1, 0.2, 0.3), seeds=(0, 1, 2), exact=False),
        # The same for every seed, but for what floats round.
        Sample(values=(0.4, 0.5, 0.6), seeds=(0, 1, 2), exact=False),
        Sample(values=(5.0,), seeds=(1,), exact=False),
        Sample(values=(5.0, 6.5), exact=False),
        Sample(values=(5.0, 6.0), seeds=(None, None), exact=False),
        Sample(values=(5.0, 6.0), seeds=(7, 8), exact=False),
    ]
    for _ in range(40):
        seeds = tuple(sorted(rng.choice(6, size=rng.integers(1, 6), replace=False).tolist()))
        values = tuple((rng.integers(0, 3) + rng.normal(size=len(seeds)).round(2) / 4).tolist())
        samples.append(Sample(values=values, seeds=seeds, exact=False, error=rng.choice([0.0, 0.2])))
    return samples


def test_every_pair_is_as_the_plain_function_has_it():
    """All pairs of fifty samples, both ways round: every field."""
    samples = drawn(np.random.default_rng(3))
    pairs = list(itertools.permutations(range(len(samples)), 2))
    ones, others = np.array(pairs).T
    found = Alongside(samples).judged(ones, others)
    for place, (one, other) in enumerate(pairs):
        plain, ours = compared(samples[one], samples[other]), found.one(place)
        assert (ours.why, ours.by, ours.seeds, ours.agreeing) == (
            plain.why, plain.by, plain.seeds, plain.agreeing,
        )  # fmt: skip
        assert ours.difference == pytest.approx(plain.difference, rel=1e-12, abs=1e-15)
        assert ours.chance == (
            plain.chance if plain.chance is None else pytest.approx(plain.chance, abs=1e-9)
        )
        assert ours.deviation == (
            plain.deviation if plain.deviation is None else pytest.approx(plain.deviation, abs=1e-12)
        )


def test_equal_differences_do_not_spread_by_rounding():
    """Every seed differs by the same: nothing explains it, as the plain function has it."""
    one = Sample(values=(0.1, 1.1, 2.1), seeds=(0, 1, 2), exact=False)
    other = Sample(values=(10.1, 11.1, 12.1), seeds=(0, 1, 2), exact=False)
    found = Alongside([one, other]).judged(np.array([0]), np.array([1])).one(0)
    assert found.why == compared(one, other).why == ""


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 9, 1000])
def test_chances_of_many_are_those_of_each(freedom):
    """For both signs, and without any spread."""
    t = np.array([0.0, 0.3, -2.5, 12.7, 1e8, np.inf])
    assert two_sided_all(t, freedom) == pytest.approx([two_sided(each, freedom) for each in t], abs=1e-14)


def test_what_can_be_told_with_few_seeds():
    """By Student's table: 63.657 at one in a hundred and one degree, 9.925 at two, over the root of the seeds."""
    assert limit(1, 0.01) == pytest.approx(63.657, abs=1e-3)
    assert least_told(3, 0.01) == pytest.approx(9.925 / 3**0.5, abs=1e-3)
    # Ten others may each beat the best by chance, on one side: 2 x 0.05 / 10.
    assert beside_best(10) == pytest.approx(0.01)
