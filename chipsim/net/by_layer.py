"""Programs of networks whose whole batch goes through a layer before the next one begins."""

from __future__ import annotations

from collections.abc import Sequence

from chipsim.net import arithmetic
from chipsim.net.arithmetic import times, together
from chipsim.net.learner import Learnt
from chipsim.net.programs import Passes
from chipsim.parts.program import Program, Series, Stream, parallel, series

__all__ = ["ByLayer", "learning"]


def learning(learnt: Sequence[Learnt]) -> Program:
    """What all layers take from a batch, the first layer first in the list and last to change.

    While a layer's cells are written, which may take long, the layers before it go on.
    """
    tail: Program | None = None
    # From the inside outwards.
    for one in learnt:
        tail = series((one.first, parallel((one.tiles, tail))))
    assert tail is not None, "a network has layers"
    return tail


class ByLayer(Passes):
    """A batch streams through one layer after another, and back; then layers change, the last one first.

    Frozen layers that come first are passed by one sample after another, each to its end.
    What needs the whole batch (normalisation, errors of the normalised sums) follows when the last sample is
    through a layer. A layer's tiles change while the digital unit goes on with the layer before.

    Parameters
    ----------
    chip, matrices, network, figures
        As :class:`Passes` takes them.
    """

    most_built = 1_000

    def step(
        self,
        batch: int,
        *,
        forward: tuple[Program, ...],
        backward: tuple[Program, ...],
        learnt: Sequence[Learnt],
    ) -> Program:
        """One training step, as :meth:`Schedule.step` has it."""
        return Series((self.reading(batch, forward=forward, backward=backward), learning(learnt)))

    def reading(self, batch: int, *, forward: tuple[Program, ...], backward: tuple[Program, ...]) -> Program:
        """A batch there and back, before anything learns from it."""
        key = (batch, forward, backward)
        if key not in self.built:
            self.built[key] = self._reading(batch, forward, backward)
        return self.built[key]

    # --- forward and backward --------------------------------------------------------------------

    def _reading(self, batch: int, forward: tuple[Program, ...], backward: tuple[Program, ...]) -> Program:
        items: list[Program | None] = [self.frozen(forward)] * batch
        for index, program in enumerate(forward[self.first :], self.first):
            items += self._samples(index, program, batch)
            items.append(self._units(index, batch))
        items.append(self._loss(batch))
        items.append(self._accuracy(batch))
        for index in range(len(self.matrices) - 1, self.first, -1):
            stage, matrix = self.stages[index], self.matrices[index]
            fetch = self._from_buffer(stage.columns * matrix.error_bits)
            vector = series((*fetch, backward[index - 1], *self._vector_back(index)))
            items.append(Stream(vector, batch * stage.patches))
            items.append(self._error(index - 1, batch))
        return series(items)

    def _samples(self, index: int, program: Program, batch: int) -> list[Program]:
        """The samples of a batch through a layer, its sums into the buffer."""
        stage = self.stages[index]
        # Sums wait there, in words of the converters, until the last sample's have told mean and variance.
        sums = self._to_buffer(stage.columns * self.matrices[index].output_bits)
        vectors = Stream(series((program, *sums)), batch * stage.patches)
        if index > 0:
            return [vectors]
        if stage.patches == 1:
            return [Stream(series((self._arrival(), program, *sums)), batch)]
        # Windows of all samples are one stream, as on the way back, so that it does not matter whose they
        # are.
        return [Stream(self._arrival(), batch), vectors]

    def _units(self, index: int, batch: int) -> Program:
        """Sums of the batch become the next layer's inputs."""
        stage, normalises = self.stages[index], self.network.normalises(index)
        tables = [arithmetic.NORMALISE] if normalises else []
        counts = times(batch * stage.units, *tables, self.activation(index).forward)
        if not counts and not stage.working:
            return Series(())
        figures: tuple[Program, ...] = ()
        if normalises:
            counts = together(counts, times(stage.columns, arithmetic.NORMALISE_UNIT))
            # All four are read; a forward pass changes the two that run, of the mean and of the variance.
            figures = (self.figures.fetch(index, 4), self.figures.put(index, 2))
        results: tuple[Program, ...] = ()
        if index + 1 < len(self.matrices):
            results = self._to_buffer(batch * stage.units * self._word(index))
        sums = self._from_buffer(self._sum_bits(index, batch))
        action = "normalise" if normalises else "activation"
        compute = (self.chip.digital.compute(action, **counts),) if counts else ()
        passing = self._passing(index, batch, keep=index >= self.first)
        return series((*sums, parallel((*compute, *figures)), *results, *passing))

    def _loss(self, batch: int) -> Program:
        """Errors of the last layer's sums, which are at hand where they have just been normalised."""
        last = len(self.matrices) - 1
        kept = self.network.normalises(last) or bool(self.activation(last).forward)
        sums = () if kept else self._from_buffer(self._sum_bits(last, batch))
        loss = self.chip.digital.compute("loss", **times(batch, self._loss_counts()))
        return series((*sums, loss, *self._back(last, batch, slope=False)))

    def _accuracy(self, batch: int) -> Program | None:
        """Which answers were right, where the selector goes by accuracy."""
        if not self.chip.selector.asks_accuracy:
            return None
        counts = times(batch, arithmetic.right_answer(self.network.classes))
        return self.chip.digital.compute("accuracy", **counts)

    def _error(self, index: int, batch: int) -> Program:
        """Errors of a layer's activations, read back, become errors of its sums.

        Some slopes take the activations, which wait in the buffer as the next layer's inputs; others, and
        what normalised the sums, take the sums.
        """
        bits, activation = self._returned_bits(index + 1, batch), self.activation(index)
        if activation.backward and not activation.slope_of_sums:
            bits += batch * self.stages[index].units * self._word(index)
        # Sums are kept for the way back rather than what they were normalised to, which follows from them.
        if self.network.normalises(index) or activation.slope_of_sums:
            bits += self._sum_bits(index, batch)
        passing = self._passing_back(index, batch)
        return series((*self._from_buffer(bits), *passing, *self._back(index, batch, slope=True)))

    def _back(self, index: int, batch: int, *, slope: bool) -> tuple[Program, ...]:
        stage, activation = self.stages[index], self.activation(index)
        tables = [activation.backward] if slope else []
        per_unit = [arithmetic.NORMALISE_BACK_UNIT] if self.network.normalises(index) else []
        # Sums are at hand, but these slopes are those of what the sums were normalised to.
        anew = slope and activation.slope_of_sums
        if self.network.normalises(index):
            tables.append(arithmetic.NORMALISE_BACK)
            tables += [arithmetic.RENORMALISE] if anew else []
        of_values = times(batch * stage.units, *tables)
        counts = together(of_values, times(stage.columns, *per_unit))
        compute = (self.chip.digital.compute("error", **counts),) if counts else ()
        # Scales for the errors, offsets for the slope of what was normalised.
        kinds = 2 if anew else 1
        figures = (self.figures.fetch(index, kinds),) if self.network.normalises(index) else ()
        return (parallel((*compute, *figures)), *self._to_buffer(self._error_bits(index, batch)))

    # --- traffic ---------------------------------------------------------------------------------

    def _sum_bits(self, index: int, batch: int) -> int:
        return batch * self.stages[index].units * self.matrices[index].output_bits

    def _error_bits(self, index: int, batch: int) -> int:
        return batch * self.stages[index].units * self.matrices[index].error_bits

    def _returned_bits(self, index: int, batch: int) -> int:
        """What a layer's backward pass sends back: errors of its inputs, without that of the bias."""
        return batch * self.stages[index].inputs * self.matrices[index].returned_bits
