"""What a workload description says: data, network, phases of training."""

from __future__ import annotations

from typing import Literal

import attrs

from chipsim.spec.fields import at_least, between, more_than, one_of

__all__ = ["DatasetSpec", "NetworkSpec", "PhaseSpec", "WorkloadSpec"]


@attrs.frozen(kw_only=True)
class DatasetSpec:
    """A dataset by name, and how much of it."""

    name: str
    """``mnist-5k``, ``mnist`` or ``fashion-mnist``."""
    train: int | None = attrs.field(default=None, validator=at_least(1))
    """Samples to train on; None takes all."""
    test: int | None = attrs.field(default=None, validator=at_least(1))
    """Samples to test on; None takes all."""


@attrs.frozen(kw_only=True)
class NetworkSpec:
    """A fully connected network."""

    layers: tuple[int, ...] = attrs.field()
    """Units of each layer, the input first."""
    activation: Literal["logistic"] = attrs.field(default="logistic", validator=one_of("logistic"))
    """Non-linearity of every layer, the last included."""
    loss: Literal["squared-error"] = attrs.field(default="squared-error", validator=one_of("squared-error"))
    bias: bool = True
    """An input that is always one, carried by a row of its own."""
    initial_weights: float = attrs.field(default=0.1, validator=at_least(0))
    """Standard deviation of the Gaussian that initial weights are drawn from."""

    @layers.validator
    def _sizes(self, _field: object, value: tuple[int, ...]) -> None:
        if len(value) < 2:
            raise ValueError(f"needs at least two sizes, inputs and outputs, not {list(value)}")
        if min(value) < 1:
            raise ValueError(f"sizes must be at least 1, not {list(value)}")


@attrs.frozen(kw_only=True)
class PhaseSpec:
    """One phase of training: its data, how long, and numbers of the rule that differ in it."""

    name: str = "train"
    dataset: DatasetSpec
    epochs: int = attrs.field(validator=between(1, 100_000))
    learning_rate: float | None = attrs.field(default=None, validator=more_than(0))
    """Replaces the workload's in this phase."""


@attrs.frozen(kw_only=True)
class WorkloadSpec:
    """One training task."""

    name: str
    about: str
    network: NetworkSpec
    batch: int = attrs.field(default=1, validator=between(1, 1_000_000))
    """Samples whose gradients are taken with the same weights."""
    learning_rate: float = attrs.field(validator=more_than(0))
    """Step along each sample's gradient; those of a batch are added up, not averaged."""
    phases: tuple[PhaseSpec, ...] = attrs.field()

    @phases.validator
    def _some(self, _field: object, value: tuple[PhaseSpec, ...]) -> None:
        if not value:
            raise ValueError("needs at least one phase")
