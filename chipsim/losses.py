"""What was cut off, rounded to nothing or left unused, counted by the part where it happens."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

__all__ = ["LOSSES", "STAGES", "Loss"]

STAGES: Final = ("training", "testing")
"""When something is lost: in training, or while accuracy is taken in between."""

LOSSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "inputs-clipped": "inputs beyond the full scale of a DAC, of those that were not zero",
        "inputs-rounded-to-zero": "inputs under half a step of a DAC, of those that were not zero",
        "values-clipped": "activations and errors beyond the format of the digital unit, of those not zero",
        "results-clipped": "results beyond the range of an ADC, of its conversions",
        "results-rounded-to-zero": "results under half a step of an ADC, of its conversions",
        "codes-unused": "codes that an ADC never gave, of those that it has",
        "crossings-cut": "crossings that asked for more pulses than a train has, of those that asked for any",
        "pulses-cut": "pulses beyond the train, of those asked for",
        "crossings-rounded-to-zero": "crossings that asked for less than half a pulse, of those that asked",
        "pulses-rounded-to-zero": "pulses that these crossings asked for, of those asked for",
        "updates-without-pulses": "updates of a tile that gave no pulse, of those that asked for a change",
        "pulsings-cut": "times that a cell met a bound of its range, of those that it was pulsed",
        "pulsings-without-effect": "times that a cell stayed at its bound, of those that it was pulsed",
        "cells-saturated": "cells at their upper bound when the epoch ended, or at either where pulses lower "
        "cells too",
        "pairs-saturated": "pairs with a cell at its upper bound when the epoch ended",
        "pairs-stuck": "pairs with both cells at their upper bounds, which no pulse moves, at its end",
        "cells-worn-out": "cells that have had all the pulses or cycles that they stand, and move no "
        "more, of an array",
        "windows-narrowed": "cells that have had more pulses or cycles than they stand with their whole "
        "windows, of an array",
        "initial-weights-clipped": "initial weights beyond the range of the synapse",
        "initial-weights-rounded-to-zero": "initial weights under half a step, of those that were not zero",
        "initial-weights-retried": "verified initial weights that were not right at once, of all",
        "initial-weights-off": "verified initial weights still off by more than the tolerance when rounds "
        "were exhausted",
        "cells-off-level": "programmed cells that ended further from their level than the tolerance",
        "steps-rounded-away": "steps too small to change a weight in its format, of those that were not zero",
        "steps-held": "steps of hidden weights beyond their outer levels, of those that were not zero",
    }
)
"""What is counted, and of what it is a share."""


@attrs.frozen(kw_only=True)
class Loss:
    """How often one part lost something since it was asked last.

    Examples
    --------
    >>> Loss(part="tile0.adc", what="results-clipped", count=3, of=250).share
    0.012
    """

    part: str
    """The part where it happened, or two arrays of a pair, such as ``tile0.fine``."""
    what: str
    """One of :data:`LOSSES`."""
    count: int
    of: int
    """How many there were in all, more than zero."""
    during: str = "training"
    """One of :data:`STAGES`."""

    @property
    def share(self) -> float:
        """The lost share, from 0 to 1."""
        return self.count / self.of
