"""What a learning rule is to the epoch loop: the contract that every rule keeps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.chip.chip import Chip
from chipsim.ledger import Charges
from chipsim.parts.program import Program
from chipsim.spec.workload import NetworkSpec, PhaseSpec

__all__ = ["LearningRule", "Step", "evaluating"]


@attrs.frozen(eq=False)
class Step:
    """One training step: its program, what data set, and how the samples fared before it."""

    program: Program
    charges: tuple[Charges, ...]
    correct: int
    loss: float


class LearningRule(Protocol):
    """Arithmetic on the state of a chip's parts, and the programs that it takes there.

    A rule keeps no weights, no moments and no phase of its own: they live in tiles, the digital unit and
    the selector. It keeps programs that it has built, and arrays that it reuses.
    """

    chip: Chip
    network: NetworkSpec

    @property
    def target(self) -> str:
        """What takes the updates now, such as ``coarse``."""

    def begin(self, *, seed: int) -> tuple[Program, tuple[Charges, ...]]:
        """Write initial weights to the chip."""

    def begin_phase(self, phase: PhaseSpec) -> None:
        """Take over what differs in a phase: its task, its learning rate, and the rule's numbers by name."""

    def step(self, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Step:
        """Train on one batch of images (batch, features) with labels (batch,)."""

    def end_epoch(self, *, accuracy: float) -> tuple[Program, tuple[Charges, ...]]:
        """What the chip does between two epochs, given the training accuracy of the last as a share."""

    def classify(self, images: NDArray[np.uint8], *, task: str) -> NDArray[np.int64]:
        """Classes of images (samples, features), read through the converters, of a task seen before.

        Leaves no trace: weights, normalisation and random draws of training are afterwards what they were,
        and the task being trained is still the phase's.
        """

    def typical_step(self, batch: int) -> Program:
        """The program of a step that nobody computed: for timing without arithmetic."""

    def inference(self) -> Program:
        """The program that classifies one sample."""


@contextmanager
def evaluating(chip: Chip) -> Iterator[None]:
    """A time in which reading a chip's network leaves the random draws of training alone."""
    for tile in chip.tiles:
        tile.evaluating = True
    try:
        yield
    finally:
        for tile in chip.tiles:
            tile.evaluating = False
