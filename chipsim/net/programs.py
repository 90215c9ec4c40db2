"""What programs of all networks share: how samples arrive, what waits in the buffer, and inference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

from chipsim.chip.chip import Chip
from chipsim.net import arithmetic
from chipsim.net.activations import ACTIVATIONS, Activation
from chipsim.net.arithmetic import times, together
from chipsim.net.figures import Figures
from chipsim.net.learner import Learnt
from chipsim.net.matrix import Matrix
from chipsim.parts.program import Kept, Program, Stream, series
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

    def frozen(self, forward: Sequence[Program]) -> Program | None:
        """One sample through the layers before the first that learns; None where there are none."""


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

    # Updates whose pulse slots follow from the data make millions of distinct steps in a run.
    most_built: ClassVar[int] = 10_000
    """Programs of steps that are kept for steps that ask for the same."""

    def __init__(
        self, chip: Chip, matrices: Sequence[Matrix[Any]], *, network: NetworkSpec, figures: Figures
    ) -> None:
        self.chip, self.matrices, self.network, self.figures = chip, matrices, network, figures
        self.stages = network.stages
        self.first = network.first_learning
        self.learns = self.first < len(matrices)
        """Whether some layer learns; where none does, no errors are computed."""
        self.built = Kept[tuple[object, ...], Program](self.most_built)
        self._until_error = Kept[tuple[Program, ...], tuple[Program | None, ...]](100)
        """What comes up to the errors of the outputs, the same whatever the weights then take."""
        self._backs = Kept[tuple[int, Program], tuple[Program | None, ...]](100)
        """Errors on their way back through a layer, likewise."""

    def activation(self, index: int) -> Activation:
        """What a layer's sums pass."""
        return ACTIVATIONS[self.network.activation_of(index)]

    def inference(self, forward: tuple[Program, ...]) -> Program:
        """One sample through all layers, normalised by running figures, and its class."""
        items: list[Program | None] = [self._arrival()]
        for index, program in enumerate(forward):
            stage, normalises = self.stages[index], self.network.normalises(index)
            # By running figures, and not those of a batch: a sample that is classified comes alone.
            tables = [arithmetic.SETTLED] if normalises else []
            counts = times(stage.columns, *tables, self.activation(index).forward)
            spread = times(stage.columns, arithmetic.SETTLED_UNIT) if normalises else {}
            if stage.patches == 1:
                counts, spread = together(counts, spread), {}
            action = "normalise" if normalises else "activation"
            fetch = self.figures.fetch(index, 4) if normalises else None
            compute = self.chip.digital.compute(action, **counts) if counts else None
            # The last layer's results stay in the digital unit, which finds the class among them.
            put = self._to_buffer(stage.columns * self._word(index)) if index + 1 < len(forward) else ()
            if stage.patches == 1:
                items += [program, fetch, compute, *put]
            else:
                # The spread of a channel is the same at every place.
                once = self.chip.digital.compute(action, **spread) if spread else None
                items += [fetch, once, Stream(series((program, compute, *put)), stage.patches)]
            items += self._passing(index, 1, keep=False)
        answer = arithmetic.largest(self.network.classes)
        items.append(self.chip.digital.compute("classify", **answer))
        return series(items)

    def frozen(self, forward: Sequence[Program]) -> Program | None:
        """One sample through the layers before the first that learns, alone; None where there are none.

        Nothing of them is needed on the way back. Where a batch then goes layer by layer, the buffer holds
        one sample's values at a time, and of a batch only what the first layer that learns takes.
        """
        if not self.first:
            return None
        passes = enumerate(forward[: self.first])
        through = [
            item
            for index, program in passes
            for item in self._through(index, program, kept=index + 1 < len(self.matrices))
        ]
        return series((self._arrival(), *through))

    def _through(self, index: int, program: Program, *, kept: bool) -> list[Program]:
        """One sample through a layer without normalisation, and through those without weights behind it.

        Parameters
        ----------
        index
            Of the layer.
        program
            The pass of one vector.
        kept
            Whether its values go to the buffer, for the next layer.
        """
        stage = self.stages[index]
        vector = [program]
        counts = times(stage.columns, self.activation(index).forward)
        if counts:
            vector.append(self.chip.digital.compute("activation", **counts))
        if kept:
            vector += self._to_buffer(stage.columns * self._word(index))
        items: list[Program] = vector if stage.patches == 1 else [Stream(series(vector), stage.patches)]
        return [*items, *self._passing(index, 1, keep=index >= self.first)]

    def _arrival(self) -> Program:
        """A sample comes in and is kept in the buffer; how it gets to the chip is not modelled."""
        return self.chip.buffer.write(self.stages[0].inputs * self.matrices[0].input_bits)

    def _loss_counts(self) -> dict[str, int]:
        """Arithmetic of the errors of one sample's last sums."""
        slope = self.activation(len(self.matrices) - 1).backward
        return arithmetic.loss_error(self.network.loss, slope=slope, classes=self.network.classes)

    def _word(self, index: int) -> int:
        """Bits of a value that a layer gives: those of an input of the next one."""
        return self.matrices[index + 1].input_bits

    def _passing(self, index: int, batch: int, *, keep: bool) -> list[Program]:
        """Layers without weights behind a layer: values from the buffer, results back into it.

        Parameters
        ----------
        index
            Of the layer of weights.
        batch
            Samples.
        keep
            Whether what the way back needs is kept too.
        """
        items: list[Program] = []
        for one in self.stages[index].working:
            counts = one.layer.forward_arithmetic(one.given)
            taken, given = math.prod(one.given), math.prod(one.layer.gives(one.given))
            # Such as where a maximum stood: a window's error goes back there, long after its values are gone.
            kept = one.layer.kept_bits(one.given) if keep else 0
            items += self._from_buffer(batch * taken * self._word(index))
            if counts:
                items.append(self.chip.digital.compute("pool", **times(batch, counts)))
            items += self._to_buffer(batch * (given * self._word(index) + kept))
        return items

    def _passing_back(self, index: int, batch: int) -> list[Program]:
        """Errors at hand in the digital unit become those of what the layers without weights were given."""
        items: list[Program] = []
        for one in reversed(self.stages[index].working):
            kept = one.layer.kept_bits(one.given)
            counts = one.layer.backward_arithmetic(one.given)
            if kept:
                items += self._from_buffer(batch * kept)
            if counts:
                items.append(self.chip.digital.compute("pool", **times(batch, counts)))
        return items

    def _vector_back(self, index: int) -> tuple[Program, ...]:
        """Errors of one vector's inputs go to the buffer; where windows overlap, onto those there already."""
        stage = self.stages[index]
        values = stage.groups * stage.layer.group_rows(stage.given)
        bits = values * self.matrices[index].returned_bits
        # Where an input drives each column once, no other window sends an error back to it.
        if stage.layer.fan_out(stage.given) == stage.group_columns:
            return self._to_buffer(bits)
        adds = self.chip.digital.compute("error", add=values)
        return (*self._from_buffer(bits), adds, *self._to_buffer(bits))

    def _to_buffer(self, bits: int) -> tuple[Program, Program]:
        chip = self.chip
        return (chip.move(chip.digital, chip.buffer, bits), chip.buffer.write(bits))

    def _from_buffer(self, bits: int) -> tuple[Program, Program]:
        chip = self.chip
        return (chip.buffer.read(bits), chip.move(chip.buffer, chip.digital, bits))
