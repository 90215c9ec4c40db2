"""Student's t against printed tables and integrals, and Holm's rule by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim.result.student import holm, limit, two_sided

TABLE = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)


def test_limits_are_those_of_printed_tables():
    """95 %, two-sided, for 1 to 30 degrees of freedom, to the last digit printed."""
    assert tuple(round(limit(freedom), 3) for freedom in range(1, 31)) == TABLE


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 7, 10])
@pytest.mark.parametrize("t", [0.0, 0.5, 3.0, 9.0])
def test_chances_are_the_integral_of_the_density(t, freedom):
    """Summed by Simpson's rule over the density, from 0 to t."""
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(freedom * math.pi)
    steps = 2000
    width = t / steps
    weights = [1, *([4, 2] * (steps // 2))[:-1], 1]
    density = [
        scale * (1 + (place * width) ** 2 / freedom) ** (-(freedom + 1) / 2) for place in range(steps + 1)
    ]
    inside = 2 * width / 3 * sum(weight * each for weight, each in zip(weights, density, strict=True))
    assert two_sided(t, freedom) == pytest.approx(1 - inside, abs=1e-9)
    assert two_sided(-t, freedom) == two_sided(t, freedom)


def test_extremes():
    """No difference is always chance, an infinite one never; many degrees are the normal distribution."""
    assert (two_sided(0.0, 5), two_sided(math.inf, 1), two_sided(math.inf, 4)) == (1.0, 0.0, 0.0)
    assert two_sided(1.96, 10**9) == pytest.approx(0.0500, abs=1e-3)


def test_holm_by_hand():
    """0.01 passes 0.05 / 4, 0.015 passes 0.05 / 3, 0.03 fails 0.05 / 2, and 0.04 fails with it."""
    assert holm([0.03, 0.01, 0.015, 0.04]) == [False, True, True, False]
    assert holm([0.02, 0.02, 0.02]) == [False, False, False]


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_holds_no_more_than_each_by_itself_and_no_less_than_bonferroni(chances):
    """What holds among many holds alone; what passes for all at once holds."""
    held = holm(chances)
    for chance, holds in zip(chances, held, strict=True):
        assert not holds or chance <= 0.05
        assert holds or chance > 0.05 / len(chances)
