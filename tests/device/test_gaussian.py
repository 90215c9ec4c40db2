"""Gaussian numbers of compiled loops: those of a twin, and those of the bell."""

from __future__ import annotations

import math

import numba
import numpy as np
import pytest

from chipsim.device.gaussian import draw_gaussians, gaussian, words_of
from chipsim.device.randomness import generator
from tests.twins import Gaussians


@numba.njit
def drawn(words, count):
    """So many numbers, one after another."""
    out = np.empty(count)
    for place in range(count):
        out[place] = gaussian(words)
    return out


def test_numbers_are_those_of_the_twin():
    """Sixty thousand: all layers, about seven hundred points between layers, some sixteen of the tail."""
    twin = Gaussians(3, "array")
    ours = drawn(words_of(generator(3, "array")), 60_000)
    assert np.abs(ours).max() > Gaussians.TAIL
    assert ours.tolist() == [twin.next() for _ in range(60_000)]


def test_many_at_once_are_those_one_by_one():
    """In pieces of several lengths, none among them."""
    one_by_one, pieces = drawn(words_of(generator(4, "array")), 30_000), []
    words = words_of(generator(4, "array"))
    for count in (0, 1, 2, 29_997):
        out = np.empty(count)
        draw_gaussians(words, out)
        pieces.append(out)
    assert np.concatenate(pieces).tolist() == one_by_one.tolist()


def test_layers_have_one_area():
    """The rectangles of all layers are equal, and the uppermost ends at the top of the bell."""
    edges = Gaussians(1, "array").edges
    heights = [Gaussians.height(edge) for edge in edges]
    areas = [edges[layer] * (heights[layer + 1] - heights[layer]) for layer in range(1, 256)]
    assert areas == pytest.approx([Gaussians.AREA] * 255, rel=1e-6)
    # The lowest: a rectangle up to the tail, and the tail.
    tail = math.sqrt(math.pi / 2) * math.erfc(Gaussians.TAIL / math.sqrt(2))
    assert Gaussians.TAIL * heights[1] + tail == pytest.approx(Gaussians.AREA, rel=1e-6)


def test_numbers_fill_the_bell():
    """Two million in bins of a tenth: chi-square within five standard deviations; mean and variance too."""
    count = 2_000_000
    ours = drawn(words_of(generator(8, "array")), count)
    edges = np.arange(-40, 41) / 10
    below = np.array([0.5 * math.erfc(-edge / math.sqrt(2)) for edge in edges])
    expected = count * np.diff(np.concatenate(([0.0], below, [1.0])))
    found, _ = np.histogram(ours, np.concatenate(([-np.inf], edges, [np.inf])))
    chi_square, freedom = float(((found - expected) ** 2 / expected).sum()), expected.size - 1
    assert abs(chi_square - freedom) <= 5 * math.sqrt(2 * freedom)
    assert abs(ours.mean()) <= 5 / math.sqrt(count)
    assert abs(ours.var() - 1) <= 5 * math.sqrt(2 / count)
    # One after another: no correlation of neighbours.
    assert abs(float(np.mean(ours[1:] * ours[:-1]))) <= 5 / math.sqrt(count)
