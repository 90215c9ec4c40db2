"""Windows that move over an image: how many there are, and where they begin."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from chipsim.device.types import Indices
from chipsim.spec.layer import Shape, shown_shape

__all__ = ["Sizes", "at_least_one", "not_negative", "of_image", "pair", "pixels", "window_problem", "windows"]

Sizes = int | tuple[int, int]
"""One number for both directions, or height and width."""


def pair(sizes: Sizes) -> tuple[int, int]:
    """Height and width."""
    return (sizes, sizes) if isinstance(sizes, int) else sizes


def at_least_one(_spec: Any, _field: Any, value: Any) -> None:
    """A check that sizes can be those of a window; None passes."""
    _each(value, lambda one: one >= 1, "must be at least 1")


def not_negative(_spec: Any, _field: Any, value: Any) -> None:
    """A check that sizes can be a margin."""
    _each(value, lambda one: one >= 0, "must be at least 0")


def _each(value: Any, allowed: Callable[[int], bool], message: str) -> None:
    if value is None:
        return
    for one in pair(value):
        if not allowed(one):
            raise ValueError(f"{message}, not {one}")
        if one > 65_536:
            raise ValueError(f"must be at most 65536, not {one}")


def of_image(what: str, given: Shape) -> str:
    """What is wrong with a shape that should be an image's; empty when nothing is."""
    if len(given) == 3:
        return ""
    return (
        f"{what} takes an image, height x width x channels, and is given {shown_shape(given)} values; begin "
        "network.layers with the shape of the images, such as [28, 28, 1]"
    )


def windows(given: Shape, *, size: Sizes, stride: Sizes, padding: Sizes = 0) -> tuple[int, int]:
    """Windows down and across.

    Examples
    --------
    >>> windows((28, 28, 1), size=5, stride=1), windows((24, 24, 10), size=2, stride=2)
    ((24, 24), (12, 12))
    """
    (height, width), (step_down, step_across) = pair(size), pair(stride)
    above, beside = pair(padding)
    # Rounded down: pixels at the far edge that fill no whole window are left out.
    down = (given[0] + 2 * above - height) // step_down + 1
    across = (given[1] + 2 * beside - width) // step_across + 1
    return down, across


def window_problem(what: str, given: Shape, *, size: Sizes, padding: Sizes = 0) -> str:
    """What is wrong with a window on such an image; empty when nothing is."""
    problem = of_image(what, given)
    if problem:
        return problem
    height, width = pair(size)
    above, beside = pair(padding)
    if height <= given[0] + 2 * above and width <= given[1] + 2 * beside:
        return ""
    margin = f" and a padding of {above} x {beside}" if above or beside else ""
    return f"{what} is larger than what it is given, {shown_shape(given)}{margin}"


# Asked for in every pass, and the same in all of them.
@functools.lru_cache(maxsize=256)
def pixels(given: Shape, *, size: Sizes, stride: Sizes, padding: Sizes = 0) -> Indices:
    """Where each value of each window stands in a sample, row after row, the channels of a pixel in order.

    Parameters
    ----------
    given
        Height, width and channels of an image.
    size, stride, padding
        Of the window.

    Returns
    -------
    (windows, pixels of one, channels); -1 where a window reaches beyond the image.

    Examples
    --------
    >>> pixels((2, 3, 1), size=2, stride=1)[:, :, 0].tolist()
    [[0, 1, 3, 4], [1, 2, 4, 5]]
    """
    height, width, channels = given
    down, across = windows(given, size=size, stride=stride, padding=padding)
    (tall, wide), (step_down, step_across) = pair(size), pair(stride)
    above, beside = pair(padding)
    tops = np.arange(down) * step_down - above
    lefts = np.arange(across) * step_across - beside
    # An axis each for windows down and across and for their pixels down and across: numpy then pairs all.
    rows = tops[:, None] + np.arange(tall)
    columns = lefts[:, None] + np.arange(wide)
    y, x = rows[:, None, :, None], columns[None, :, None, :]
    inside_rows = (y >= 0) & (y < height)
    inside_columns = (x >= 0) & (x < width)
    places = np.where(inside_rows & inside_columns, y * width + x, -1)
    places = places.reshape(down * across, tall * wide, 1)
    # The channels of a pixel lie beside each other in a sample.
    values = places * channels + np.arange(channels)
    found: Indices = np.where(places >= 0, values, -1).astype(np.int32)
    return found
