"""Many samples driven at once, against the plain loops: the same bits, the same counts."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.device import converters, converting_many

F = np.float32


def driven(drive, x, *, levels, by_maximum, line_sums):
    """Everything that driving leaves, as bytes and counts."""
    out, scales = np.empty_like(x), np.empty(len(x), F)
    conductance, tally = np.empty(len(line_sums)), np.zeros(3, np.int64)
    drive(x, levels, by_maximum, out, scales, line_sums, conductance, tally)
    return out.tobytes(), scales.tobytes(), conductance.tobytes(), tally.tolist()


def drawn(samples, lines, *, seed):
    """Inputs of which half are zero, some of them minus zero, some samples nothing else, one beyond scale."""
    rng = np.random.default_rng(seed)
    x = (0.4 * rng.standard_normal((samples, lines)) * (rng.random((samples, lines)) < 0.5)).astype(F)
    x[samples // 2] = 0
    x[-1] *= 9
    return x, rng.random((2, lines))


@pytest.mark.parametrize("levels", [0.0, 1.0, 15.0, 255.0, 2.0**24 - 1, 2.0**31 - 1])
@pytest.mark.parametrize("by_maximum", [False, True])
@pytest.mark.parametrize("shape", [(16, 3), (100, 70), (37, 785), (250, 1), (3, 40)])
def test_many_samples_are_driven_to_the_bit_as_one_after_another(levels, by_maximum, shape):
    """Ideal converters, few bits, as many as single precision counts, and more."""
    x, line_sums = drawn(*shape, seed=1)
    numbers = {"levels": levels, "by_maximum": by_maximum, "line_sums": line_sums}
    assert driven(converting_many.drive, x, **numbers) == driven(converters.drive, x, **numbers)


@pytest.mark.parametrize("levels", [0.0, 15.0, 255.0, 2.0**31 - 1])
@pytest.mark.parametrize("by_maximum", [False, True])
@pytest.mark.parametrize("shape", [(16, 3), (100, 70), (37, 785)])
def test_many_samples_become_the_same_words(levels, by_maximum, shape):
    """What is multiplied with the factor again, too."""
    x, _ = drawn(*shape, seed=2)
    many, plain = np.empty_like(x), np.empty_like(x)
    converting_many.as_words(x, levels, by_maximum, many)
    converters.as_words(x, levels, by_maximum, plain)
    assert many.tobytes() == plain.tobytes()


@pytest.mark.parametrize("number", [np.nan, np.inf])
@pytest.mark.parametrize("by_maximum", [False, True])
def test_what_is_no_number_is_told_by_the_same_conductance(number, by_maximum):
    """Training that diverged is found by it, and lines that conduct no number but are not driven are left out."""
    x, line_sums = drawn(20, 9, seed=3)
    x[:, 4] = 0
    line_sums[:, 4] = np.inf
    plain = driven(converters.drive, x, levels=15.0, by_maximum=by_maximum, line_sums=line_sums)
    assert driven(converting_many.drive, x, levels=15.0, by_maximum=by_maximum, line_sums=line_sums) == plain
    assert np.isfinite(np.frombuffer(plain[2])).all()
    x[3, 0] = number
    for drive in (converters.drive, converting_many.drive):
        found = driven(drive, x, levels=15.0, by_maximum=by_maximum, line_sums=line_sums)
        assert np.isfinite(np.frombuffer(found[2])).all() == (number == np.inf and not by_maximum)
