"""Nodes that change how values lie and not what they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import attrs

from chipsim.importing.constants import BATCH, Constants
from chipsim.importing.node import Node, RefusedError, listed
from chipsim.importing.steps import Flow

__all__ = ["TO_FIRST", "flattened", "reshaped", "sizes_in_file", "transposed"]

TO_FIRST, _TO_LAST = (0, 3, 1, 2), (0, 2, 3, 1)


def flattened(node: Node, given: Flow) -> Flow:
    """Images as lists.

    Raises
    ------
    RefusedError
        When samples are not the first dimension of what comes out.
    """
    node.knows("axis")
    axis = node.whole("axis", 1)
    rank = None if given.shape is None else len(given.shape) + 1
    if axis != 1 and (rank is None or axis != 1 - rank):
        raise RefusedError(f"flattens from dimension {axis} on, and each sample is a list: dimension 1")
    return _list(given)


def _list(given: Flow) -> Flow:
    if given.shape is None or given.is_list:
        return given
    ordered = given.shape if given.is_image and given.order == "first" else None
    return Flow(shape=(math.prod(given.shape),), image=ordered)


def reshaped(
    node: Node, given: Flow, constants: Constants, *, batch: int | None, order: Literal["first", "last"]
) -> Flow:
    """Images as lists, or lists and tables as images.

    Parameters
    ----------
    node
        Of the graph.
    given
        What it is given.
    constants
        Those of the graph.
    batch
        Samples that the input has; None where that is open.
    order
        Where the channels of images stand that come in.

    Raises
    ------
    RefusedError
        When anything else is asked for.
    """
    node.knows("shape", "allowzero")
    asked = constants.wholes(node.input(1)) if node.input(1) else node.wholes("shape") or ()
    if given.shape is None:
        return Flow()
    if node.whole("allowzero", 0) and 0 in asked:
        raise RefusedError("makes a tensor without values (allowzero)")
    sizes = _filled(asked, given)
    if len(sizes) < 2 or sizes[0] not in (-1, 0, 1, batch):
        raise RefusedError(f"makes a tensor of [{listed(asked)}], and each sample keeps its place in a batch")
    own = sizes[1:]
    # One size may be left open: it takes what the others leave.
    if own.count(-1) == 1 and sizes[0] != -1:
        others = -math.prod(own)
        own = [math.prod(given.shape) // others if size == -1 and others else size for size in own]
    if math.prod(own) != math.prod(given.shape) or min(own) < 1:
        raise RefusedError(f"makes [{listed(asked)}] of {math.prod(given.shape)} values a sample")
    if len(own) == 1:
        return _list(given)
    if given.is_image and own == sizes_in_file(given):
        return given
    if given.is_image or given.image is not None or len(own) != 3:
        there = sizes_in_file(given)
        raise RefusedError(f"makes [{listed(asked)}] of {there}, which is neither a list nor the same image")
    return _as_image((own[0], own[1], own[2]), order)


def _filled(asked: Sequence[int], given: Flow) -> list[int]:
    """Sizes with those that are taken over, which the file says by zeros."""
    sizes = list(asked)
    if sizes and sizes[0] == BATCH:
        sizes[0] = 0
    there = sizes_in_file(given)
    for index, size in enumerate(sizes):
        if size == 0 and 0 < index <= len(there):
            sizes[index] = there[index - 1]
    return sizes


def sizes_in_file(given: Flow) -> list[int]:
    """Sizes of a sample as the file has them."""
    assert given.shape is not None
    if not given.is_image:
        return list(given.shape)
    height, width, channels = given.shape
    return [channels, height, width] if given.order == "first" else [height, width, channels]


def _as_image(sizes: tuple[int, int, int], order: Literal["first", "last"]) -> Flow:
    if order == "last":
        return Flow(shape=sizes, order="last")
    channels, height, width = sizes
    # Of one channel, or one pixel, there is one order only.
    if channels == 1 or height * width == 1:
        return Flow(shape=(height, width, channels))
    raise RefusedError(
        f"makes images of {channels} channels of a list, channel after channel; images of a workload "
        "have the channels of a pixel beside each other: begin the network with images"
    )


def transposed(node: Node, given: Flow) -> Flow:
    """Images with their channels first as ones with channels last, or the other way round.

    Raises
    ------
    RefusedError
        When dimensions are exchanged in another way.
    """
    node.knows("perm")
    order = node.wholes("perm") or ()
    if given.shape is None:
        return Flow()
    if order == tuple(range(len(given.shape) + 1)):
        return given
    if given.is_image and order == _TO_LAST and given.order == "first":
        return attrs.evolve(given, order="last")
    if given.is_image and order == TO_FIRST and given.order == "last":
        return attrs.evolve(given, order="first")
    raise RefusedError(
        f"exchanges dimensions by [{listed(order)}], and only channels are moved, first or last"
    )
