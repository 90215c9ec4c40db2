"""A network whose weights are noisy while it trains, so that what it learns stands errors of weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chipsim.chip.chip import Chip
from chipsim.device.types import Floats
from chipsim.net.figures import Figures
from chipsim.net.learner import Learner
from chipsim.net.matrix import Matrix
from chipsim.net.network import Network, _Pass
from chipsim.parts.program import Program
from chipsim.spec.workload import NetworkSpec

__all__ = ["NoisyNetwork"]


class NoisyNetwork(Network):
    """A network with Gaussian noise on the weights that learn, drawn anew for every batch.

    Both passes of a batch see the same noise; the update changes the weights without it. Tests are without.

    Parameters
    ----------
    chip, matrices, network, figures, learner
        As :class:`~chipsim.net.network.Network` takes them; tiles hold weights as numbers.
    rng
        What noise is drawn from, layer after layer.
    """

    def __init__(
        self,
        chip: Chip,
        matrices: Sequence[Matrix[Any]],
        *,
        network: NetworkSpec,
        figures: Figures,
        learner: Learner,
        rng: np.random.Generator,
    ) -> None:
        super().__init__(chip, matrices, network=network, figures=figures, learner=learner)
        self.noise = 0.0
        """Standard deviation as a share of a layer's largest weight."""
        self._rng = rng
        self._clean: dict[int, Floats] = {}

    def _forward(self, images: NDArray[Any], *, training: bool = True, task: str = "") -> _Pass:
        if training and self.noise:
            self._add_noise()
        return super()._forward(images, training=training, task=task)

    def _backward(self, done: _Pass, d: Floats) -> tuple[list[Floats], list[Program]]:
        found = super()._backward(done, d)
        # What was kept, not the noise taken off again: that would leave its rounding behind.
        for index, weights in self._clean.items():
            self.matrices[index].initialise(weights)
        self._clean.clear()
        return found

    def _add_noise(self) -> None:
        for index in self._learning:
            matrix = self.matrices[index]
            weights = matrix.weights().astype(np.float32)
            self._clean[index] = weights
            away = self._rng.standard_normal(weights.shape, np.float32)
            # What grows beyond all numbers is told when the step is over, as of every network.
            with np.errstate(over="ignore", invalid="ignore"):
                away *= np.float32(self.noise) * np.abs(weights).max()
                matrix.initialise(weights + away)
