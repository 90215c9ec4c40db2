"""What programs of all networks share: how samples arrive, what waits in the buffer, and inference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from chipsim.chip.chip import Chip
from chipsim.net import arithmetic
from chipsim.net.activations import ACTIVATIONS, Activation
from chipsim.net.arithmetic import times
from chipsim.net.figures import Figures
from chipsim.net.learner import Learnt
from chipsim.net.matrix import Matrix
from chipsim.parts.program import Program, series
from chipsim.spec.workload import NetworkSpec

__all__ = ["Passes", "Schedule"]


class Schedule(Protocol):
    """The order in which a batch goes through a network and back."""

    def step(
        self,
        batch: int,
        *,
        forward: tuple[Program, ...],
        backward: tuple[Program, ...],
        learnt: Sequence[Learnt],
    ) -> Program:
        """One training step.

        Parameters
        ----------
        batch
            Samples.
        forward, backward
            Passes of one sample through each layer; backward from the second layer on.
        learnt
            What each layer takes from the batch.
        """

    def inference(self, forward: tuple[Program, ...]) -> Program:
        """The classification of one sample."""


class Passes:
    """Pieces of programs, for one network on one chip.

    Parameters
    ----------
    chip
        The chip.
    matrices
        The network's weights on their tiles, the first layer first.
    network
        As described.
    figures
        Its normalisation.
    """

    def __init__(
        self, chip: Chip, matrices: Sequence[Matrix[Any]], *, network: NetworkSpec, figures: Figures
    ) -> None:
        self.chip, self.matrices, self.network, self.figures = chip, matrices, network, figures

    def activation(self, index: int) -> Activation:
        """What a layer's sums pass."""
        last = index + 1 == len(self.matrices)
        return ACTIVATIONS[self.network.output_activation if last else self.network.activation]

    def inference(self, forward: tuple[Program, ...]) -> Program:
        """One sample through all layers, normalised by running figures, and its class."""
        items: list[Program | None] = [self._arrival()]
        for index, program in enumerate(forward):
            normalises, units = self.network.normalises(index), self.network.layers[index + 1]
            tables = [arithmetic.SETTLED] if normalises else []
            counts = times(units, *tables, self.activation(index).forward)
            action = "normalise" if normalises else "activation"
            items += [program, self.figures.fetch(index, 4) if normalises else None]
            items.append(self.chip.digital.compute(action, **counts) if counts else None)
            if index + 1 < len(forward):
                items += self._to_buffer(units * self.matrices[index + 1].input_bits)
        answer = arithmetic.largest(self.network.layers[-1])
        items.append(self.chip.digital.compute("classify", **answer))
        return series(items)

    def _arrival(self) -> Program:
        """A sample comes in and is kept in the buffer; how it gets to the chip is not modelled."""
        return self.chip.buffer.write(self.network.layers[0] * self.matrices[0].input_bits)

    def _loss_counts(self) -> dict[str, int]:
        """Arithmetic of the errors of one sample's last sums."""
        slope = self.activation(len(self.matrices) - 1).backward
        return arithmetic.loss_error(self.network.loss, slope=slope, classes=self.network.layers[-1])

    def _to_buffer(self, bits: int) -> tuple[Program, Program]:
        chip = self.chip
        return (chip.move(chip.digital, chip.buffer, bits), chip.buffer.write(bits))

    def _from_buffer(self, bits: int) -> tuple[Program, Program]:
        chip = self.chip
        return (chip.buffer.read(bits), chip.move(chip.buffer, chip.digital, bits))
