"""Non-linearities of units: what they do to sums, and to errors on their way back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

import attrs
import numpy as np

from chipsim.device.types import Floats, kernel
from chipsim.net.arithmetic import Arithmetic

__all__ = ["ACTIVATIONS", "Activation", "activate", "slope_at"]


@attrs.frozen(kw_only=True)
class Activation:
    """A non-linearity, with what a lane of the digital unit does for one unit.

    Examples
    --------
    >>> out = np.empty((1, 3), np.float32)
    >>> ACTIVATIONS["sign"].apply(np.array([[-0.5, 0.0, 2.0]], np.float32), out)
    >>> out.tolist()
    [[-1.0, 1.0, 1.0]]
    """

    apply: Callable[[Floats, Floats], None]
    """From sums (batch, units) into the first columns of an array; others are left alone."""
    slope: Callable[[Floats, Floats, Floats], None]
    """Multiplies errors of what came out (batch, units), in place, by the slope: takes sums, what came out of
    them (batch, units or more), errors."""
    forward: Arithmetic
    """Operations of a lane for one unit."""
    backward: Arithmetic
    """Operations of a lane for the slope of one unit."""
    slope_of_sums: bool
    """Whether the slope is computed from sums; from what came out otherwise."""


@kernel
def _identity(sums: Floats, out: Floats) -> None:
    for b in range(sums.shape[0]):
        for j in range(sums.shape[1]):
            out[b, j] = sums[b, j]


@kernel
def _logistic(sums: Floats, out: Floats) -> None:
    for b in range(sums.shape[0]):
        for j in range(sums.shape[1]):
            # In double precision and rounded once. In a kernel float() would leave it single.
            total = np.float64(sums[b, j])
            out[b, j] = np.float32(1.0 / (1.0 + math.exp(-total)))


@kernel
def _relu(sums: Floats, out: Floats) -> None:
    for b in range(sums.shape[0]):
        for j in range(sums.shape[1]):
            out[b, j] = max(sums[b, j], np.float32(0))


@kernel
def _sign(sums: Floats, out: Floats) -> None:
    for b in range(sums.shape[0]):
        for j in range(sums.shape[1]):
            out[b, j] = np.float32(1) if sums[b, j] >= 0 else np.float32(-1)


@kernel
def _tanh(sums: Floats, out: Floats) -> None:
    for b in range(sums.shape[0]):
        for j in range(sums.shape[1]):
            out[b, j] = np.float32(math.tanh(np.float64(sums[b, j])))


@kernel
def _slope_of_one(sums: Floats, values: Floats, d: Floats) -> None:
    pass


@kernel
def _logistic_slope(sums: Floats, values: Floats, d: Floats) -> None:  # noqa: ARG001
    for b in range(d.shape[0]):
        for j in range(d.shape[1]):
            # In this order of products on every chip: another one rounds to other bits.
            value = values[b, j]
            d[b, j] = d[b, j] * value * (np.float32(1) - value)


@kernel
def _relu_slope(sums: Floats, values: Floats, d: Floats) -> None:  # noqa: ARG001
    for b in range(d.shape[0]):
        for j in range(d.shape[1]):
            d[b, j] = d[b, j] if sums[b, j] > 0 else np.float32(0)


@kernel
def _sign_slope(sums: Floats, values: Floats, d: Floats) -> None:  # noqa: ARG001
    # The sign itself has no slope to learn by: errors pass as if it rose from -1 to 1 in a straight line.
    for b in range(d.shape[0]):
        for j in range(d.shape[1]):
            d[b, j] = d[b, j] if abs(sums[b, j]) <= 1 else np.float32(0)


@kernel
def _tanh_slope(sums: Floats, values: Floats, d: Floats) -> None:  # noqa: ARG001
    for b in range(d.shape[0]):
        for j in range(d.shape[1]):
            value = values[b, j]
            d[b, j] = d[b, j] * (np.float32(1) - value * value)


@kernel
def activate(place: int, sums: Floats, out: Floats) -> None:
    """What the activation at a place of `ACTIVATIONS` makes of sums: compiled loops take no words."""
    if place == 0:
        _identity(sums, out)
    elif place == 1:
        _logistic(sums, out)
    elif place == 2:
        _relu(sums, out)
    elif place == 3:
        _sign(sums, out)
    else:
        _tanh(sums, out)


@kernel
def slope_at(place: int, sums: Floats, values: Floats, d: Floats) -> None:
    """Multiply errors by the slope of the activation at a place of `ACTIVATIONS`."""
    if place == 1:
        _logistic_slope(sums, values, d)
    elif place == 2:
        _relu_slope(sums, values, d)
    elif place == 3:
        _sign_slope(sums, values, d)
    elif place == 4:
        _tanh_slope(sums, values, d)


_IDENTITY: Final = Activation(
    apply=_identity,
    slope=_slope_of_one,
    forward={},
    backward={},
    slope_of_sums=False,
)
_LOGISTIC: Final = Activation(
    apply=_logistic,
    slope=_logistic_slope,
    # A look-up; an error is multiplied by h and by 1 - h.
    forward={"function": 1},
    backward={"add": 1, "multiply": 2},
    slope_of_sums=False,
)
_RELU: Final = Activation(
    apply=_relu,
    slope=_relu_slope,
    # max(s, 0); an error passes or not, by s > 0.
    forward={"compare": 1},
    backward={"compare": 1},
    slope_of_sums=True,
)
_SIGN: Final = Activation(
    apply=_sign,
    slope=_sign_slope,
    # The sign of s; an error passes or not, by abs(s) <= 1.
    forward={"compare": 1},
    backward={"compare": 1},
    slope_of_sums=True,
)
_TANH: Final = Activation(
    apply=_tanh,
    slope=_tanh_slope,
    # A look-up; an error is multiplied by 1 - h h.
    forward={"function": 1},
    backward={"add": 1, "multiply": 2},
    slope_of_sums=False,
)

ACTIVATIONS: Final[Mapping[str, Activation]] = {
    "identity": _IDENTITY,
    "logistic": _LOGISTIC,
    "relu": _RELU,
    "sign": _SIGN,
    "tanh": _TANH,
}
"""By the words of a workload, in the order of places that compiled loops know them by."""
