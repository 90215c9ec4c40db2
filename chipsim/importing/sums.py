"""Products with matrices, and what is added to and multiplied with sums, as layers of weights."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from chipsim.importing.constants import Constants
from chipsim.importing.node import Node, RefusedError, spelt
from chipsim.importing.steps import Array, Flow, Scaled, Sums
from chipsim.layer.dense import Dense
from chipsim.spec.layer import Shape

__all__ = ["gemm", "matmul", "moved", "normalised"]


def gemm(node: Node, given: Flow, constants: Constants) -> tuple[Sums, Flow]:
    """A product with a matrix, and a bias, as a dense layer.

    Raises
    ------
    RefusedError
        When chipsim has none that computes the same.
    """
    node.knows("alpha", "beta", "broadcast", "transA", "transB")
    if node.whole("transA", 0):
        raise RefusedError("turns what it is given round (transA), and rows of it are samples")
    weights = constants.floats(node.input(1))
    if weights.ndim != 2:
        raise RefusedError(f"has weights of {weights.ndim} dimensions, not 2")
    matrix = weights.T if node.whole("transB", 0) else weights
    bias = None
    if node.input(2):
        given_bias = constants.floats(node.input(2))
        bias = _of_units(given_bias, matrix.shape[1], node.input(2)) * node.number("beta", 1.0)
    return _dense(node, given, matrix, factor=node.number("alpha", 1.0), bias=bias)


def matmul(node: Node, given: Flow, constants: Constants) -> tuple[Sums, Flow]:
    """A product with a matrix as a dense layer.

    Raises
    ------
    RefusedError
        When chipsim has none that computes the same.
    """
    node.knows()
    matrix = constants.floats(node.input(1))
    if matrix.ndim != 2:
        raise RefusedError(f"has weights of {matrix.ndim} dimensions, not 2")
    return _dense(node, given, matrix)


def _dense(
    node: Node, given: Flow, matrix: Array, *, factor: float = 1.0, bias: Array | None = None
) -> tuple[Sums, Flow]:
    rows, units = matrix.shape
    if not rows or not units:
        raise RefusedError(f"has a matrix of {rows} x {units}")
    behind = Flow(shape=(units,))
    takes: Shape | None = given.shape
    if given.shape is not None and not given.is_list:
        what = "images" if given.is_image else "tables"
        raise RefusedError(f"takes lists, and is given {what}: a Flatten before it is missing")
    if given.shape is not None and given.shape != (rows,):
        raise RefusedError(f"takes {rows} values, and is given {given.shape[0]}")
    if given.image is not None:
        height, width, channels = takes = given.image
        # The file's list has channel after channel; chipsim's has the channels of a pixel beside each other.
        by_channel = matrix.reshape(channels, height, width, units)
        matrix = by_channel.transpose(1, 2, 0, 3).reshape(rows, units)
    layer = Dense(units=units)
    return Sums(node=node, layer=layer, given=takes, kernel=matrix, factor=factor, bias=bias), behind


def moved(node: Node, given: Flow, constants: Constants) -> tuple[Scaled, Flow]:
    """A constant that is added, taken off, multiplied with or divided by.

    Raises
    ------
    RefusedError
        When it is not one number for each unit or channel, or stands on the wrong side.
    """
    node.knows()
    first_is_constant = constants.has(node.input(0))
    if first_is_constant and node.op in ("Sub", "Div"):
        raise RefusedError("takes sums off a constant, or divides one by them")
    if given.shape is None:
        # Behind what is refused nobody can say what is a channel's, and this alone is not wrong.
        return Scaled(node=node), given
    name = node.input(0 if first_is_constant else 1)
    number = _in_order(_of_channels(constants.floats(name), given, name), given)
    if node.op in ("Add", "Sub"):
        return Scaled(node=node, offset=number if node.op == "Add" else -number), given
    if node.op == "Div" and not number.all():
        raise RefusedError(f"divides by zeros in '{spelt(name)}'")
    return Scaled(node=node, scale=number if node.op == "Mul" else 1 / number), given


def normalised(node: Node, given: Flow, constants: Constants) -> tuple[Scaled, Flow]:
    """Batch normalisation by kept means and variances, as it is once a network was trained.

    Raises
    ------
    RefusedError
        When it is asked to train, or its numbers are none that it can go by.
    """
    node.knows("epsilon", "momentum", "spatial", "is_test", "consumed_inputs", "training_mode")
    if node.whole("training_mode", 0) or not node.whole("is_test", 1):
        raise RefusedError("normalises by each batch as in training; export the network for inference")
    if not node.whole("spatial", 1):
        raise RefusedError("normalises each pixel by itself (spatial=0), and channels have one scale each")
    if given.is_image and given.order == "last":
        raise RefusedError("takes images with their channels first, and is given them with channels last")
    if given.is_table:
        raise RefusedError("takes images or lists, and is given tables")
    names = [node.input(index) for index in range(1, 5)]
    count = constants.floats(names[0]).size if given.shape is None else given.shape[-1]
    vectors = []
    for name in names:
        found = constants.floats(name)
        if found.shape != (count,):
            raise RefusedError(f"has '{spelt(name)}' of the shape {list(found.shape)} for {count} channels")
        vectors.append(found.astype(np.float64))
    scale, offset, mean, variance = vectors
    spread = variance + node.number("epsilon", 1e-5)
    if (spread <= 0).any():
        raise RefusedError(f"has variances in '{spelt(names[3])}' that are not above zero")
    by = scale / np.sqrt(spread)
    offset -= mean * by
    return Scaled(node=node, scale=_in_order(by, given), offset=_in_order(offset, given)), given


def _in_order(numbers: Array, given: Flow) -> Array:
    """Numbers of values in chipsim's order, where a list was made of an image channel after channel."""
    if given.image is None:
        return numbers
    height, width, channels = given.image
    return numbers.reshape(channels, height, width).transpose(1, 2, 0).reshape(-1)


def _of_units(values: Array, units: int, name: str) -> Array:
    """A bias as one number a unit, however it may be spread."""
    if values.size not in (1, units) or (values.ndim and values.shape[-1] != values.size):
        raise RefusedError(f"has a bias '{spelt(name)}' of the shape {list(values.shape)} for {units} units")
    numbers = np.asarray(values, np.float64).reshape(-1)
    return np.broadcast_to(numbers, (units,))


def _of_channels(values: Array, given: Flow, name: str) -> Array:
    """A constant as one number a channel of images, or a value of lists."""
    assert given.shape is not None
    whole = [*_whole(given)]
    count = math.prod(given.shape) if given.is_table else given.shape[-1]
    sizes = (1,) * (len(whole) - values.ndim) + values.shape
    fits = len(sizes) == len(whole) and all(one in (1, two) for one, two in zip(sizes, whole, strict=True))
    if not fits or values.size not in (1, count):
        raise RefusedError(
            f"has a constant '{spelt(name)}' of the shape {list(values.shape)}, which is not one number for "
            f"each of {count} units or channels"
        )
    numbers = np.asarray(values, np.float64).reshape(-1)
    return np.broadcast_to(numbers, (count,))


def _whole(given: Flow) -> Iterator[int]:
    """Sizes that a constant may have beside such a flow: those of units or channels, and else one."""
    assert given.shape is not None
    count = given.shape[-1]
    if given.is_table:
        yield from (1, 1, 1)
    elif given.is_list:
        yield from (1, count)
    elif given.order == "first":
        yield from (1, count, 1, 1)
    else:
        yield from (1, 1, 1, count)
