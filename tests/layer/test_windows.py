"""Layers take and give what their windows say, and errors go back the way that values came."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from chipsim.layer.average_pool import AveragePool
from chipsim.layer.convolution import Convolution
from chipsim.layer.max_pool import MaxPool
from chipsim.layer.window import windows
from chipsim.spec.stages import stages_of

SIZES = st.integers(1, 4)


@st.composite
def convolutions(draw):
    """A convolution and an image that holds its window."""
    shape = (draw(st.integers(1, 6)), draw(st.integers(1, 6)), draw(st.integers(1, 3)))
    padding = (draw(st.integers(0, 2)), draw(st.integers(0, 2)))
    size = tuple(
        draw(st.integers(1, side + 2 * margin)) for side, margin in zip(shape, padding, strict=False)
    )
    groups = draw(st.sampled_from(["one", "depthwise"]))
    kernels = shape[2] * draw(st.integers(1, 2)) if groups == "depthwise" else draw(SIZES)
    stride = (draw(SIZES), draw(SIZES))
    return Convolution(kernels=kernels, size=size, stride=stride, padding=padding, groups=groups), shape


@drawn(convolutions(), st.integers(0, 1), st.integers(0, 2**32 - 1))
@settings(max_examples=200, deadline=None)
def test_scattering_is_the_transpose_of_gathering(found, bias, seed):
    """What a vector's error weighs against its values, it weighs against the values of the sample; the bias stays."""
    layer, shape = found
    assert layer.problem(shape) == ""
    rng, (stage,) = np.random.default_rng(seed), stages_of((shape, layer, 1), bias=bool(bias))[:1]
    values = rng.integers(-8, 9, (2, math.prod(shape))).astype(np.float32)
    vectors = np.ones((2 * stage.patches, stage.rows), np.float32)
    layer.gather(values, vectors, given=shape, bias=bias)
    errors = rng.integers(-8, 9, vectors.shape).astype(np.float32)
    back = np.empty_like(values)
    layer.scatter(errors, back, given=shape, bias=bias)
    biases = np.zeros(stage.rows, bool)
    if bias:
        biases[stage.group_rows - 1 :: stage.group_rows] = True
    assert (vectors[:, biases] == 1).all()
    assert (vectors * errors)[:, ~biases].sum() == (values * back).sum()


@drawn(convolutions(), st.integers(0, 1))
@settings(max_examples=100, deadline=None)
def test_a_stage_counts_what_is_there(found, bias):
    """Weights are those of the groups' blocks, and no pixel reaches more sums than is said."""
    layer, shape = found
    stage = stages_of((shape, layer, 1), bias=bool(bias))[0]
    channels = shape[2] if layer.groups == "depthwise" else 1
    window = math.prod(layer.size) * (shape[2] // channels)
    assert stage.weights == (window + bias) * layer.kernels
    assert stage.units == math.prod(layer.gives(shape)) == stage.patches * layer.kernels
    rows = np.ones((stage.patches, stage.rows), np.float32)
    reached = []
    for pixel in range(math.prod(shape)):
        values = np.zeros((1, math.prod(shape)), np.float32)
        values[0, pixel] = 1
        rows[:] = 0
        layer.gather(values, rows, given=shape, bias=bias)
        reached.append(int(rows.sum()) * stage.group_columns)
    assert max(reached) <= layer.fan_out(shape)


@pytest.mark.parametrize("kind", [MaxPool, AveragePool])
@drawn(
    shape=st.tuples(st.integers(2, 7), st.integers(2, 7), st.integers(1, 3)),
    size=st.integers(1, 2),
    data=st.data(),
)
@settings(max_examples=60, deadline=None)
def test_pools_are_those_of_numpy(kind, shape, size, data):
    """Of each window the largest or the mean; errors of a pool that is linear go back by its transpose."""
    pool = kind(size=size, stride=data.draw(st.integers(1, 3)))
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    values = rng.permutation(math.prod(shape)).astype(np.float32)[None]
    out, kept = pool.forward(values, given=shape)
    image = values.reshape(shape)
    down, across = windows(shape, size=size, stride=pool.stride)
    take = np.max if kind is MaxPool else np.mean
    for y in range(down):
        for x in range(across):
            top, left = y * pool.stride, x * pool.stride
            window = image[top : top + size, left : left + size]
            assert out.reshape(down, across, -1)[y, x].tolist() == take(window, axis=(0, 1)).tolist()
    errors = rng.integers(-8, 9, out.shape).astype(np.float32)
    back = pool.backward(errors, kept, given=shape)
    assert (back * values).sum() == pytest.approx((errors * out).sum())


@pytest.mark.parametrize(
    ("pool", "forward", "backward", "bits"),
    [
        (MaxPool(size=2), {"compare": 12 * 3}, {}, 12 * 2),
        (MaxPool(size=3, stride=1), {"compare": 12 * 8}, {"add": 12}, 12 * 4),
        (AveragePool(size=2), {"add": 12 * 3, "multiply": 12}, {"multiply": 12}, 0),
        (
            AveragePool(size=(2, 1), stride=(1, 1)),
            {"add": 16 * 3, "multiply": 48},
            {"multiply": 48, "add": 96},
            0,
        ),
    ],
)
def test_arithmetic_of_pools(pool, forward, backward, bits):
    """Twelve windows: the largest of four takes three comparisons, and its place two bits; a mean is a sum and a share."""
    shapes = {(2, 2): (4, 4, 3), (3, 3): (4, 8, 1), (2, 1): (5, 4, 3)}
    shape = shapes[pool.size if isinstance(pool.size, tuple) else (pool.size, pool.size)]
    assert pool.forward_arithmetic(shape) == forward
    assert pool.backward_arithmetic(shape) == backward
    assert pool.kept_bits(shape) == bits
