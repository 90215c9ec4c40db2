"""Convolutions: the same weights at every place of an image."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import attrs
import numpy as np

from chipsim.device.types import Indices, kernel
from chipsim.layer.window import at_least_one, not_negative, pair, pixels, window_problem, windows
from chipsim.spec.fields import between
from chipsim.spec.layer import Shape, Values, WeightedLayer

__all__ = ["Convolution"]


@attrs.frozen(kw_only=True)
class Convolution(WeightedLayer):
    """Kernels that move over an image; each place is a vector that drives the tiles.

    Rows of the weights are those of the window, row after row, the channels of a pixel beside each other.
    """

    kind: ClassVar[str] = "convolution"
    example: ClassVar[Mapping[str, Any]] = {"kernels": 3, "size": 3}
    kernels: int | None = attrs.field(default=None, validator=between(1, 1_000_000))
    """Channels that it gives; None gives as many as it is given, for ``groups: depthwise``."""
    size: int | tuple[int, int] = attrs.field(validator=at_least_one)
    """Height and width of a kernel, or one number for both."""
    stride: int | tuple[int, int] = attrs.field(default=1, validator=at_least_one)
    """Pixels from one place to the next."""
    padding: int | tuple[int, int] = attrs.field(default=0, validator=not_negative)
    """Rows and columns of zeros round the image."""
    groups: Literal["one", "depthwise"] = "one"
    """``one``: every kernel takes all channels; ``depthwise``: each channel has kernels of its own."""

    @property
    def words(self) -> str:
        """Its kernels and their size."""
        height, width = pair(self.size)
        count = "" if self.kernels is None else f"{self.kernels} kernels of "
        what = "depthwise convolution" if self.groups == "depthwise" else "convolution"
        return f"{what} of {count}{height} x {width}"

    def problem(self, given: Shape) -> str:
        """An image that is none or too small, and kernels that do not go into groups."""
        problem = window_problem(self.words, given, size=self.size, padding=self.padding)
        if problem:
            return problem
        if self.groups == "one":
            return "" if self.kernels is not None else "missing key 'kernels'"
        if self.columns(given) % given[2]:
            return f"{self.words}: {self.kernels} kernels cannot be shared out among {given[2]} channels"
        return ""

    def gives(self, given: Shape) -> Shape:
        """One value of each kernel at each place."""
        return (*self._places(given), self.columns(given))

    def _places(self, given: Shape) -> tuple[int, int]:
        return windows(given, size=self.size, stride=self.stride, padding=self.padding)

    def group_rows(self, given: Shape) -> int:
        """The pixels of a window, of the channels of a group."""
        channels = given[2] // self.groups_of(given)
        return math.prod(pair(self.size)) * channels

    def columns(self, given: Shape) -> int:
        """One for each kernel."""
        return given[2] if self.kernels is None else self.kernels

    def groups_of(self, given: Shape) -> int:
        """One, or one for each channel."""
        return 1 if self.groups == "one" else given[2]

    def patches(self, given: Shape) -> int:
        """Places of a kernel."""
        return math.prod(self._places(given))

    def fan_out(self, given: Shape) -> int:
        """Kernels at each place whose window holds the pixel."""
        (height, width), (down, across) = pair(self.size), pair(self.stride)
        # Rounded up: where steps do not go into a window, some pixels are in one window more than others.
        places = -(-height // down) * -(-width // across)
        return places * self.columns(given) // self.groups_of(given)

    def weights_shape(self, given: Shape) -> Shape:
        """Height, width, channels of a group, kernels."""
        channels = given[2] // self.groups_of(given)
        return (*pair(self.size), channels, self.columns(given))

    def gather(self, values: Values, out: Values, *, given: Shape, bias: int) -> None:
        """One vector a place, those of a sample row after row."""
        _gather(values, out, _rows(self, given, bias))

    def scatter(self, errors: Values, out: Values, *, given: Shape, bias: int) -> None:
        """Added place after place, in single precision."""
        out[:] = 0
        _scatter(errors, out, _rows(self, given, bias))


_MARGIN, _BIAS = -1, -2


# Asked for in every pass, and the same in all of them.
@functools.lru_cache(maxsize=256)
def _rows(layer: Convolution, given: Shape, bias: int) -> Indices:
    """Which value of a sample drives each row at each place (places, rows); or the margin, or the bias."""
    found = pixels(given, size=layer.size, stride=layer.stride, padding=layer.padding)
    places, window, channels = found.shape
    groups = layer.groups_of(given)
    # Group after group, each with its channels of every pixel, and its bias behind them: each group's rows
    # lie beside each other, since they go to tiles of their own.
    in_groups = found.reshape(places, window, groups, channels // groups)
    rows = in_groups.transpose(0, 2, 1, 3).reshape(places, groups, -1)
    behind = np.full((places, groups, bias), _BIAS, np.int32)
    whole: Indices = np.concatenate((rows, behind), axis=2).reshape(places, -1)
    return np.ascontiguousarray(whole)


@kernel
def _gather(values: Values, out: Values, rows: Indices) -> None:
    for vector in range(out.shape[0]):
        sample, place = vector // rows.shape[0], vector % rows.shape[0]
        for row in range(rows.shape[1]):
            at = rows[place, row]
            if at >= 0:
                out[vector, row] = values[sample, at]
            elif at == _MARGIN:
                out[vector, row] = 0
            # What drives the bias is there already, and stays.


@kernel
def _scatter(errors: Values, out: Values, rows: Indices) -> None:
    # One vector after another, as the chip adds the errors of overlapping windows up in its buffer.
    for vector in range(errors.shape[0]):
        sample, place = vector // rows.shape[0], vector % rows.shape[0]
        for row in range(rows.shape[1]):
            at = rows[place, row]
            if at >= 0:
                out[sample, at] += errors[vector, row]
