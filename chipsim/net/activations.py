"""Non-linearities of units: what they do to sums, and to errors on their way back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

import attrs
import numpy as np

from chipsim.device.types import Floats, inlined, kernel
from chipsim.net.arithmetic import Arithmetic

__all__ = ["ACTIVATIONS", "Activation", "activate", "slope_at"]

(
    _PLACE_OF_IDENTITY, _PLACE_OF_LOGISTIC, _PLACE_OF_RELU, _PLACE_OF_SIGN, _PLACE_OF_TANH,
) = range(5)  # fmt: skip
"""Among `ACTIVATIONS`."""
_NONE_THERE: Final = "no activation has this place"


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


@inlined
def _check(place: int) -> None:
    if place < _PLACE_OF_IDENTITY or place > _PLACE_OF_TANH:
        raise ValueError(_NONE_THERE)


@kernel
def activate(place: int, sums: Floats, out: Floats) -> None:
    """What the activation at a place of `ACTIVATIONS` makes of sums (batch, units).

    Raises
    ------
    ValueError
        When there is none at that place.
    """
    # One kernel for all, each with loops of its own: compiled loops take no words, and a kernel for each
    # would take longer to compile.
    _check(place)
    for b in range(sums.shape[0]):
        if place == _PLACE_OF_IDENTITY:
            for j in range(sums.shape[1]):
                out[b, j] = sums[b, j]
        elif place == _PLACE_OF_LOGISTIC:
            for j in range(sums.shape[1]):
                # In double precision and rounded once. In a kernel float() would leave it single.
                total = np.float64(sums[b, j])
                out[b, j] = np.float32(1.0 / (1.0 + math.exp(-total)))
        elif place == _PLACE_OF_RELU:
            for j in range(sums.shape[1]):
                out[b, j] = max(sums[b, j], np.float32(0))
        elif place == _PLACE_OF_SIGN:
            for j in range(sums.shape[1]):
                out[b, j] = np.float32(1) if sums[b, j] >= 0 else np.float32(-1)
        else:
            for j in range(sums.shape[1]):
                out[b, j] = np.float32(math.tanh(np.float64(sums[b, j])))


@kernel
def slope_at(place: int, sums: Floats, values: Floats, d: Floats) -> None:
    """Multiply errors (batch, units), in place, by the slope of an activation; see :func:`activate`."""
    _check(place)
    for b in range(d.shape[0]):
        if place == _PLACE_OF_LOGISTIC:
            for j in range(d.shape[1]):
                # In this order of products on every chip: another one rounds to other bits.
                value = values[b, j]
                d[b, j] = d[b, j] * value * (np.float32(1) - value)
        elif place == _PLACE_OF_RELU:
            for j in range(d.shape[1]):
                d[b, j] = d[b, j] if sums[b, j] > 0 else np.float32(0)
        elif place == _PLACE_OF_SIGN:
            # The sign has no slope to learn by: errors pass as if it rose from -1 to 1 in a straight line.
            for j in range(d.shape[1]):
                d[b, j] = d[b, j] if abs(sums[b, j]) <= 1 else np.float32(0)
        elif place == _PLACE_OF_TANH:
            for j in range(d.shape[1]):
                value = values[b, j]
                d[b, j] = d[b, j] * (np.float32(1) - value * value)


def _kernels(place: int) -> dict[str, Callable[..., None]]:
    """What one of them does to sums, and to errors."""

    # Functions that look the kernel up when they are called: a watch that is put round it counts them too.
    def apply(sums: Floats, out: Floats) -> None:
        activate(place, sums, out)

    def slope(sums: Floats, values: Floats, d: Floats) -> None:
        slope_at(place, sums, values, d)

    return {"apply": apply, "slope": slope}


_IDENTITY: Final = Activation(
    **_kernels(_PLACE_OF_IDENTITY),
    forward={},
    backward={},
    slope_of_sums=False,
)
_LOGISTIC: Final = Activation(
    **_kernels(_PLACE_OF_LOGISTIC),
    # A look-up; an error is multiplied by h and by 1 - h.
    forward={"function": 1},
    backward={"add": 1, "multiply": 2},
    slope_of_sums=False,
)
_RELU: Final = Activation(
    **_kernels(_PLACE_OF_RELU),
    # max(s, 0); an error passes or not, by s > 0.
    forward={"compare": 1},
    backward={"compare": 1},
    slope_of_sums=True,
)
_SIGN: Final = Activation(
    **_kernels(_PLACE_OF_SIGN),
    # The sign of s; an error passes or not, by abs(s) <= 1.
    forward={"compare": 1},
    backward={"compare": 1},
    slope_of_sums=True,
)
_TANH: Final = Activation(
    **_kernels(_PLACE_OF_TANH),
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
