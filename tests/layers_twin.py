"""What layers do to numbers, pixel by pixel: plain loops over lists, written from the definitions."""

from __future__ import annotations

import math

import numpy as np

__all__ = ["Flow", "flows"]

F = np.float32
ONE = F(1)


def both(sizes):
    """Height and width."""
    return (sizes, sizes) if isinstance(sizes, int) else sizes


class _Dense:
    patches = 1

    def __init__(self, layer, given):
        self.given, self.gives = given, (layer if isinstance(layer, int) else layer.units,)
        self.groups = [(range(math.prod(given)), range(self.gives[0]))]

    def gather(self, values):
        return [values]

    def scatter(self, errors):
        return list(errors[0])


class _Convolution:
    def __init__(self, layer, given):
        (self.height, self.width), (down, across) = both(layer.size), both(layer.padding)
        (self.rows, self.columns, self.channels), self.steps = given, both(layer.stride)
        self.given = given
        self.kernels = self.channels if layer.kernels is None else layer.kernels
        self.shares = self.channels if layer.groups == "depthwise" else 1
        tops = range(-down, self.rows + down - self.height + 1, self.steps[0])
        lefts = range(-across, self.columns + across - self.width + 1, self.steps[1])
        self.places = [(top, left) for top in tops for left in lefts]
        self.patches, self.gives = len(self.places), (len(tops), len(lefts), self.kernels)
        share, of_group = self.channels // self.shares, self.kernels // self.shares
        window = self.height * self.width * share
        self.groups = [
            (range(g * window, (g + 1) * window), range(g * of_group, (g + 1) * of_group))
            for g in range(self.shares)
        ]

    def _pixels(self, top, left):
        """Where each input of a window stands in the sample; None outside of the image."""
        share = self.channels // self.shares
        for g in range(self.shares):
            for y in range(top, top + self.height):
                for x in range(left, left + self.width):
                    for channel in range(g * share, (g + 1) * share):
                        inside = 0 <= y < self.rows and 0 <= x < self.columns
                        yield (y * self.columns + x) * self.channels + channel if inside else None

    def gather(self, values):
        return [[F(0) if at is None else values[at] for at in self._pixels(*place)] for place in self.places]

    def scatter(self, errors):
        out = [F(0)] * math.prod(self.given)
        for place, vector in zip(self.places, errors, strict=True):
            for at, error in zip(self._pixels(*place), vector, strict=True):
                if at is not None:
                    out[at] = F(out[at] + error)
        return out


class _Pool:
    def __init__(self, layer, given):
        (self.height, self.width), steps = (
            both(layer.size),
            both(layer.size if layer.stride is None else layer.stride),
        )
        self.rows, self.columns, self.channels = given
        tops = range(0, self.rows - self.height + 1, steps[0])
        lefts = range(0, self.columns - self.width + 1, steps[1])
        self.windows = [
            (top, left, channel) for top in tops for left in lefts for channel in range(self.channels)
        ]
        self.gives, self.largest = (len(tops), len(lefts), self.channels), layer.kind == "max-pool"
        self.share = F(1 / (self.height * self.width))

    def _pixels(self, top, left, channel):
        return [
            (y * self.columns + x) * self.channels + channel
            for y in range(top, top + self.height)
            for x in range(left, left + self.width)
        ]

    def forward(self, values):
        if self.largest:
            winners = [max(self._pixels(*window), key=lambda at: values[at]) for window in self.windows]
            return [values[at] for at in winners], winners
        out = []
        for window in self.windows:
            total = F(0)
            for at in self._pixels(*window):
                total = F(total + values[at])
            out.append(F(total * self.share))
        return out, None

    def backward(self, errors, winners):
        out = [F(0)] * (self.rows * self.columns * self.channels)
        for number, (window, error) in enumerate(zip(self.windows, errors, strict=True)):
            to = [winners[number]] if self.largest else self._pixels(*window)
            part = error if self.largest else F(error * self.share)
            for at in to:
                out[at] = F(out[at] + part)
        return out


class _Flatten:
    def __init__(self, layer, given):
        self.gives = (math.prod(given),)

    def forward(self, values):
        return values, None

    def backward(self, errors, kept):
        return errors


class Flow:
    """One layer of weights and what passes behind it: samples as vectors, and sums as values of samples."""

    def __init__(self, weighted, bias):
        self.weighted, self.bias, self.passing = weighted, bias, []
        self.patches = weighted.patches

    @property
    def gives(self):
        """Shape of what leaves it."""
        return (self.passing[-1] if self.passing else self.weighted).gives

    @property
    def columns(self):
        """Columns of its weights."""
        return self.weighted.groups[-1][1].stop

    def vectors(self, samples):
        """Vectors of all samples, each group of inputs with its bias behind it."""
        ones = [ONE] if self.bias else []
        found = [vector for values in samples for vector in self.weighted.gather(values)]
        groups = [rows for rows, _ in self.weighted.groups]
        return [[v for rows in groups for v in (*(vector[i] for i in rows), *ones)] for vector in found]

    def values(self, errors):
        """Errors of all samples' values from those of vectors."""
        kept = [[vector[i] for i in self.inputs_only()] for vector in errors]
        count = self.patches
        return [self.weighted.scatter(kept[at : at + count]) for at in range(0, len(kept), count)]

    def inputs_only(self):
        """Rows that are no bias."""
        width = len(self.weighted.groups[0][0]) + self.bias
        return [g * width + i for g in range(len(self.weighted.groups)) for i in range(width - self.bias)]

    def inside(self, i, j):
        """Whether row i and column j are of the same group."""
        groups = self.weighted.groups
        row_group = i // (len(groups[0][0]) + self.bias)
        return j in groups[row_group][1]

    def passed(self, rows):
        """Values of each sample behind the layers without weights, and what they need on the way back."""
        count, samples, kept = self.patches, [], []
        for at in range(0, len(rows), count):
            values, needed = [value for row in rows[at : at + count] for value in row[: self.columns]], []
            for layer in self.passing:
                values, one = layer.forward(values)
                needed.append(one)
            samples.append(values)
            kept.append(needed)
        return samples, kept

    def passed_back(self, samples, kept):
        """Errors of each vector's sums."""
        rows = []
        for errors, needed in zip(samples, kept, strict=True):
            back = errors
            for layer, one in zip(reversed(self.passing), reversed(needed), strict=True):
                back = layer.backward(back, one)
            rows += [back[at : at + self.columns] for at in range(0, len(back), self.columns)]
        return rows


_KINDS = {"convolution": _Convolution, "dense": _Dense}
_PASSING = {"max-pool": _Pool, "average-pool": _Pool, "flatten": _Flatten}


def flows(layers, bias):
    """The layers of weights of a network, as described."""
    first, *rest = layers
    shape, found = (first,) if isinstance(first, int) else first, []
    for layer in rest:
        kind = "dense" if isinstance(layer, int) else layer.kind
        if kind in _PASSING:
            found[-1].passing.append(_PASSING[kind](layer, shape))
        else:
            found.append(Flow(_KINDS[kind](layer, shape), int(bias)))
        shape = found[-1].gives
    return found
