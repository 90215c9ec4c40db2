"""Labels of nonlinearity, as NeuroSim numbers them, and the pulses in which steps shrink by e."""

from __future__ import annotations

import functools
import math
from typing import Final

__all__ = ["LARGEST_LABEL", "decay_of_label", "label_of_decay"]

LARGEST_LABEL: Final = 9.0
"""The last of NeuroSim's table, without its sign."""
_A_LABEL: Final = 0.07 * math.sqrt(2)
"""How much further a curve bulges for each label: seven hundredths, measured at right angles to the line."""
_NEARLY_STRAIGHT: Final = 0.005
"""Label below which the first term of the series is right to a millionth."""


def decay_of_label(label: float) -> float:
    """Pulses in which steps shrink by e, over the pulses of the whole curve, of a label of either sign.

    A label is how far the curve of conductance over pulses, both from 0 to 1, bulges from the straight line:
    7 % of the unit for each, at right angles to the line. That is what NeuroSim's table of normalised A
    comes to, from 0.01 to 9, to all six decimals that it has.

    References
    ----------
    P.-Y. Chen, X. Peng, S. Yu, MLP+NeuroSim V3.0 manual (2019), and IEDM 2017, 6.1.

    Examples
    --------
    >>> [round(decay_of_label(label), 6) for label in (0.01, 1, 2.4, -4.88)]
    [126.268958, 1.251653, 0.499181, -0.200303]
    """
    if label == 0:
        return math.inf
    return math.copysign(_decay_of_bulge(_A_LABEL * abs(label)), label)


def label_of_decay(decay: float) -> float:
    """The label of such a number of pulses, over those of the whole curve; see :func:`decay_of_label`.

    Examples
    --------
    >>> round(label_of_decay(decay_of_label(-2.4)), 9), label_of_decay(math.inf)
    (-2.4, 0.0)
    """
    if math.isinf(decay):
        return 0.0
    return math.copysign(_bulge(abs(decay)) / _A_LABEL, decay)


def _bulge(decay: float) -> float:
    """How far (1 - exp(-x / decay)) / (1 - exp(-1 / decay)) is above x, where that is most."""
    if decay > 1 / (8 * _A_LABEL * _NEARLY_STRAIGHT):
        return 1 / (8 * decay)
    whole = -math.expm1(-1 / decay)
    # There the curve is as steep as the line: exp(-x / decay) = decay * whole.
    return 1 / whole - decay + decay * math.log(decay * whole)


@functools.cache
def _decay_of_bulge(bulge: float) -> float:
    if bulge < _A_LABEL * _NEARLY_STRAIGHT:
        return 1 / (8 * bulge)
    # The bulge falls as the decay grows, from nearly one to nothing.
    low, high = math.log(1e-4), math.log(1e3)
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if _bulge(math.exp(middle)) > bulge else (low, middle)
    return math.exp((low + high) / 2)
