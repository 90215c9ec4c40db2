"""Gaussian numbers, drawn in compiled loops from a generator that is four words in an array."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from chipsim.device.types import Sums, Words, inlined, kernel

__all__ = ["draw_gaussians", "gaussian", "next_word", "words_of"]

_LAYERS: Final = 256
_TAIL: Final = 3.6541528853610088
"""Where the lowest layer's rectangle ends and the tail begins, for 256 layers of one area."""
_AREA: Final = 4.92867323399e-3
"""Of each layer."""
_UNIT: Final = 2.0**-53


def _edges() -> Sums:
    """Right ends of the layers' rectangles, from the lowest layer up (layers + 1,)."""
    edges = [_AREA / _height(_TAIL), _TAIL]
    while len(edges) < _LAYERS:
        below = edges[-1]
        edges.append(math.sqrt(-2 * math.log(_AREA / below + _height(below))))
    return np.array([*edges, 0.0])


def _height(x: float) -> float:
    """Of the bell."""
    return math.exp(-0.5 * x * x)


_EDGES: Final = _edges()
_HEIGHTS: Final = np.array([_height(edge) for edge in _EDGES.tolist()])
"""Of the bell at these ends."""


def words_of(source: np.random.Generator) -> Words:
    """A new generator, as its four words (4,): an SFC64 as numpy has it, seeded by a child of another's seed.

    Examples
    --------
    >>> words = words_of(np.random.default_rng(3))
    >>> (child,) = np.random.SeedSequence(3).spawn(1)
    >>> int(next_word(words, 0, 1)) == int(np.random.SFC64(child).random_raw())
    True
    """
    (seed,) = source.bit_generator.seed_seq.spawn(1)  # type: ignore[attr-defined]
    words: Words = np.random.SFC64(seed).state["state"]["state"].copy()
    return words


@inlined
def next_word(words: Words, first: int, stride: int) -> np.uint64:
    """The next word of an SFC64 whose four words begin at `first` and lie `stride` apart.

    Source: C. Doty-Humphrey, PractRand (2014): three words that are mixed, and a counter. It adds, shifts and
    combines, which vector units can, where PCG64 multiplies 128 bits.
    """
    a, b, c = words[first], words[first + stride], words[first + 2 * stride]
    counter = words[first + 3 * stride]
    word: np.uint64 = a + b + counter
    words[first] = b ^ (b >> np.uint64(11))
    words[first + stride] = c + (c << np.uint64(3))
    words[first + 2 * stride] = ((c << np.uint64(24)) | (c >> np.uint64(40))) + word
    words[first + 3 * stride] = counter + np.uint64(1)
    return word


@kernel
def _uniform(words: Words) -> float:
    """A number in [0, 1) of 53 bits."""
    return np.float64(next_word(words, 0, 1) >> np.uint64(11)) * _UNIT


@kernel
def _beyond(words: Words) -> float:
    """A number of the tail, which the lowest layer goes on with."""
    while True:
        further = -math.log1p(-_uniform(words)) / _TAIL
        if -2 * math.log1p(-_uniform(words)) > further * further:
            return _TAIL + further


@kernel
def _point(word: np.uint64) -> tuple[int, float]:
    """The layer that a word draws, and how far right, with a sign: bits of its own each."""
    layer = int(word & np.uint64(255))
    x = np.float64(word >> np.uint64(11)) * _UNIT * _EDGES[layer]
    return layer, x if word & np.uint64(256) else -x


@kernel
def _past_rectangle(words: Words, layer: int, x: float) -> float:
    """The number that comes of a point past its layer's rectangle: that one, or one drawn anew."""
    while True:
        if layer == 0:
            return math.copysign(_beyond(words), x)
        below, above = _HEIGHTS[layer], _HEIGHTS[layer + 1]
        if below + _uniform(words) * (above - below) < math.exp(-0.5 * x * x):
            return x
        layer, x = _point(next_word(words, 0, 1))
        if abs(x) < _EDGES[layer + 1]:
            return x


@kernel
def gaussian(words: Words) -> float:
    """The next Gaussian number of a generator (4,), of mean zero and variance one.

    Source: G. Marsaglia, W. W. Tsang, The ziggurat method for generating random variables, J. Stat. Softw. 5
    (8), 2000: layers of one area cover the bell; a point is drawn in one, nearly always under the bell.
    """
    layer, x = _point(next_word(words, 0, 1))
    return x if abs(x) < _EDGES[layer + 1] else _past_rectangle(words, layer, x)


@kernel
def draw_gaussians(words: Words, out: Sums) -> None:
    """The next Gaussian numbers of a generator (4,), as :func:`gaussian` gives them one by one (numbers,)."""
    a, b, c, counter = words[0], words[1], words[2], words[3]
    for place in range(out.size):
        # The words of the state are kept at hand: fetched from memory anew, each would wait for the last.
        word = a + b + counter
        a, b = b ^ (b >> np.uint64(11)), c + (c << np.uint64(3))
        c = ((c << np.uint64(24)) | (c >> np.uint64(40))) + word
        counter += np.uint64(1)
        layer, x = _point(word)
        if abs(x) >= _EDGES[layer + 1]:
            words[0], words[1], words[2], words[3] = a, b, c, counter
            x = _past_rectangle(words, layer, x)
            a, b, c, counter = words[0], words[1], words[2], words[3]
        out[place] = x
    words[0], words[1], words[2], words[3] = a, b, c, counter
