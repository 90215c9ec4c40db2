"""Convolutions and pools of a graph as layers: those whose windows stand where chipsim's do."""

from __future__ import annotations

import math
from typing import Any, Final, TypeVar

from chipsim.importing.constants import Constants
from chipsim.importing.node import Node, RefusedError, listed, spelt
from chipsim.importing.steps import Array, Flow, Passed, Sums
from chipsim.layer.average_pool import AveragePool
from chipsim.layer.convolution import Convolution
from chipsim.layer.max_pool import MaxPool
from chipsim.layer.pooling import Pooling
from chipsim.spec.layer import Layer, Shape, shown_shape

__all__ = ["convolution", "global_pool", "pool"]

L = TypeVar("L", bound=Layer)
Pair = tuple[int, int]
_SIDES: Final = (("above", "below"), ("left", "right"))
_WINDOW: Final = ("auto_pad", "dilations", "kernel_shape", "pads", "strides")


def convolution(node: Node, given: Flow, constants: Constants) -> tuple[Sums, Flow]:
    """A convolution as a layer.

    Raises
    ------
    RefusedError
        When chipsim has none that computes the same.
    """
    node.knows(*_WINDOW, "group")
    weights = constants.floats(node.input(1))
    if weights.ndim != 4:
        raise RefusedError(f"convolves over {weights.ndim - 2} dimensions, and images have 2")
    kernels, share, height, width = weights.shape
    size = (height, width)
    wrong = [] if node.wholes("kernel_shape", size) == size else [_other_size(node, weights)]
    wrong += [*_dilated(node), *_grouped(node, kernels, share)]
    bias = constants.floats(node.input(2)) if node.input(2) else None
    if bias is not None and bias.shape != (kernels,):
        wrong.append(f"has {kernels} kernels and biases of the shape {list(bias.shape)}")
    image = _image(given, wrong)
    groups = node.whole("group", 1)
    if image is not None and groups * share != image[2]:
        wrong.append(f"takes {groups * share} channels, and is given {image[2]}")
    steps, begin = _placed(node, image, size, wrong)
    if wrong:
        raise RefusedError("; ".join(dict.fromkeys(wrong)))
    layer = _made(
        Convolution, kernels=kernels, size=_short(size), stride=_short(steps), padding=_short(begin),
        groups="one" if groups == 1 else "depthwise",
    )  # fmt: skip
    # Kernels last, as files of weights have them.
    kernel = weights.transpose(2, 3, 1, 0)
    made = Sums(node=node, layer=layer, given=image, kernel=kernel, bias=bias)
    return made, _behind(layer, image)


def pool(node: Node, given: Flow, constants: Constants) -> tuple[Passed, Flow]:
    """A pool as a layer.

    Raises
    ------
    RefusedError
        When chipsim has none that computes the same.
    """
    del constants
    is_max = node.op == "MaxPool"
    node.knows(*_WINDOW, "ceil_mode", "storage_order" if is_max else "count_include_pad")
    sizes = node.wholes("kernel_shape")
    if sizes is None or len(sizes) != 2:
        raise RefusedError(f"has windows of the size [{listed(sizes or ())}], and those of images have 2")
    size = (sizes[0], sizes[1])
    wrong = [*_dilated(node)]
    image = _image(given, wrong)
    steps, begin = _placed(node, image, size, wrong, pools=True)
    if begin != (0, 0):
        wrong.append(f"begins {begin[0]} x {begin[1]} pixels outside of the image, and pools have no padding")
    if wrong:
        raise RefusedError("; ".join(dict.fromkeys(wrong)))
    kind: type[Pooling] = MaxPool if is_max else AveragePool
    layer = _made(kind, size=_short(size), stride=None if steps == size else _short(steps))
    return Passed(node=node, layer=layer, keeps_order=is_max), _behind(layer, image)


def global_pool(node: Node, given: Flow, constants: Constants) -> tuple[Passed, Flow]:
    """A pool over the whole image as a layer.

    Raises
    ------
    RefusedError
        When it is given no image of a known size.
    """
    del constants
    node.knows()
    wrong: list[str] = []
    image = _image(given, wrong)
    if wrong:
        raise RefusedError("; ".join(dict.fromkeys(wrong)))
    is_max = node.op == "GlobalMaxPool"
    kind: type[Pooling] = MaxPool if is_max else AveragePool
    # Behind what is refused no size is known, and nothing is made of the layer.
    size = (1, 1) if image is None else (image[0], image[1])
    layer = _made(kind, size=_short(size))
    return Passed(node=node, layer=layer, keeps_order=is_max), _behind(layer, image)


def _made(kind: type[L], **fields: Any) -> L:
    try:
        return kind(**fields)
    # What its fields may be, the kind knows.
    except ValueError as error:
        raise RefusedError(str(error)) from None


def _short(sizes: Pair) -> int | Pair:
    return sizes[0] if sizes[0] == sizes[1] else (sizes[0], sizes[1])


def _behind(layer: Layer, image: Shape | None) -> Flow:
    if image is None:
        return Flow()
    problem = layer.problem(image)
    if problem:
        raise RefusedError(problem)
    return Flow(shape=layer.gives(image))


def _image(given: Flow, wrong: list[str]) -> Shape | None:
    """What a window moves over; None where that is not known or wrong."""
    if given.shape is None:
        return None
    if not given.is_image:
        wrong.append(f"takes images, and is given lists or tables of {shown_shape(given.shape)} values")
    elif given.order == "last":
        wrong.append("takes images with their channels first, and is given them with channels last")
    else:
        return given.shape
    return None


def _other_size(node: Node, weights: Array) -> str:
    said = node.wholes("kernel_shape") or ()
    return f"has kernels of {list(weights.shape[2:])} in '{spelt(node.input(1))}', and says [{listed(said)}]"


def _dilated(node: Node) -> list[str]:
    dilations = node.wholes("dilations", (1, 1)) or ()
    if set(dilations) <= {1}:
        return []
    return [f"is dilated by {listed(dilations, between=' x ')}, and windows have no gaps"]


def _grouped(node: Node, kernels: int, share: int) -> list[str]:
    groups = node.whole("group", 1)
    if groups < 1 or kernels % groups:
        return [f"has {kernels} kernels in {groups} groups"]
    if groups == 1 or share == 1:
        return []
    return [
        f"has {groups} groups of {share} channels each; kernels take all channels, or one each (depthwise)"
    ]


def _placed(
    node: Node, image: Shape | None, size: Pair, wrong: list[str], *, pools: bool = False
) -> tuple[Pair, Pair]:
    """Steps of a window, and pixels that its first place begins outside of the image, down and across."""
    strides = node.wholes("strides", (1, 1)) or ()
    pads = node.wholes("pads", (0, 0, 0, 0)) or ()
    if len(strides) != 2 or len(pads) != 4 or min(strides) < 1 or min(pads) < 0 or min(size) < 1:
        wrong.append(
            f"has strides [{listed(strides)}] and pads [{listed(pads)}], which are those of no window on an "
            "image"
        )
        return (1, 1), (0, 0)
    steps, begins, uneven = (strides[0], strides[1]), [], []
    how = node.word("auto_pad", "NOTSET")
    if how not in ("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"):
        wrong.append(f"has an auto_pad '{spelt(how)}', which is not known")
    for axis in range(2):
        length = None if image is None else image[axis]
        begin, end = (pads[axis], pads[axis + 2]) if how == "NOTSET" else (0, 0)
        if how.startswith("SAME") and length is not None:
            begin, end = _same(length, size[axis], steps[axis], lower=how == "SAME_LOWER")
        begins.append(begin)
        up = pools and node.whole("ceil_mode", 0) != 0
        if _alike(length, (begin, end), size[axis], steps[axis], up=up):
            continue
        if begin == end:
            wrong.append(
                "rounds the number of its windows up (ceil_mode), and windows lie whole in the image"
            )
        else:
            uneven.append(f"{begin} {_SIDES[axis][0]} and {end} {_SIDES[axis][1]}")
    if uneven:
        wrong.append(
            f"has uneven margins (pads), {', '.join(uneven)}, and those of a layer are alike on both sides"
        )
    return steps, (begins[0], begins[1])


def _same(length: int, size: int, step: int, *, lower: bool) -> Pair:
    """Padding before and behind, for as many windows as steps go into the length, rounded up."""
    whole = max((math.ceil(length / step) - 1) * step + size - length, 0)
    less = whole // 2
    return (whole - less, less) if lower else (less, whole - less)


def _alike(length: int | None, pads: Pair, size: int, step: int, *, up: bool) -> bool:
    """Whether a margin as wide behind as before gives the same windows, and no more or fewer."""
    begin, end = pads
    if length is None:
        return begin == end
    room = length + begin + end - size
    count = (math.ceil(room / step) if up else room // step) + 1
    # The last window has to begin in the image or in the margin before it.
    if up and (count - 1) * step >= length + begin:
        count -= 1
    return count == (length + 2 * begin - size) // step + 1
