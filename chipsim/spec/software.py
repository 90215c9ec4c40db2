"""What a phase of a workload says that trains in software, before there are weights on the chip."""

from __future__ import annotations

from typing import Literal

import attrs

from chipsim.spec.fields import between, one_of
from chipsim.units import Share

__all__ = ["SoftwareSpec"]


@attrs.frozen(kw_only=True)
class SoftwareSpec:
    """How a phase trains in software: outside the chip, which neither takes time nor is charged for it.

    Such phases come before all others. What the last of them ends with is written to the chip's cells, with
    the workload's ``transfer_error``, where other workloads write initial weights.
    """

    trained_as: Literal["numbers", "device"] = attrs.field(validator=one_of("numbers", "device"))
    """``numbers``: the same network in single precision, by plain gradient descent. ``device``: a software
    model of the chip itself, with cells of their own draws, trained by the chip's rule; what its cells hold
    at the end is what is transferred."""
    optimiser: Literal["sgd", "adam"] | None = attrs.field(
        default=None, validator=attrs.validators.optional(one_of("sgd", "adam"))
    )
    """What ``numbers`` descend by, with the learning rate that the phase or the workload has for it; None
    takes ``sgd``."""
    batch: int | None = attrs.field(default=None, validator=between(1, 1_000_000))
    """Samples of a step of ``numbers``; None takes the workload's."""
    weight_noise: Share | None = attrs.field(default=None, validator=between(0, 1))
    """Standard deviation of Gaussian noise on the weights of ``numbers`` that learn, as a share of their
    layer's largest weight: there in both passes, drawn anew for every batch, and gone before the update.
    None for none."""
    frozen_layers: Literal["keep", "learn"] = attrs.field(default="keep", validator=one_of("keep", "learn"))
    """Whether layers that are frozen on the chip learn as ``numbers``, to be frozen as they are then."""

    @property
    def descends_by(self) -> str:
        """The optimiser of numbers."""
        return self.optimiser or "sgd"

    @property
    def sets_of_numbers(self) -> dict[str, object]:
        """What is said that only ``numbers`` have, by its key."""
        said = {
            "optimiser": self.optimiser,
            "batch": self.batch,
            "weight_noise": self.weight_noise,
            "frozen_layers": None if self.frozen_layers == "keep" else self.frozen_layers,
        }
        return {key: value for key, value in said.items() if value is not None}
