"""The programs of mini-batch training with hidden weights: what the chip does, in which order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from chipsim.chip.chip import Chip
from chipsim.parts.memory import HiddenMemory
from chipsim.parts.program import Kept, Operation, Program, Series, Stream, parallel, series
from chipsim.spec.levels import FORMAT_BITS, MemorySpec
from chipsim.spec.workload import NetworkSpec
from chipsim.train import arithmetic
from chipsim.train.arithmetic import times, together
from chipsim.train.consolidation import Levels
from chipsim.train.hidden_numbers import HiddenNumbers
from chipsim.train.programmed import ProgrammedLayer

__all__ = ["HiddenPrograms"]

WORD = 32
"""Bits of a number of normalisation in the memory."""


@attrs.frozen(kw_only=True, eq=False, slots=False)
class HiddenPrograms:
    """Programs of one network on one chip.

    A pass streams the batch's samples through one layer; what needs the whole batch (normalisation, error of
    the normalised sums) follows when the last of them is through. Then layer after layer, the last first, the
    digital unit adds up the gradient, updates the hidden weights in its memory, compares levels, and sends
    those that changed to the tiles, which program them while the digital unit goes on with the layer before.

    Parameters
    ----------
    chip
        The chip.
    layers
        The network's layers on their tiles, the first layer first.
    network, memory, rule
        As described.
    """

    chip: Chip
    layers: Sequence[ProgrammedLayer]
    network: NetworkSpec
    memory: MemorySpec
    rule: HiddenNumbers
    _known: Kept[tuple[object, ...], Program] = attrs.field(factory=lambda: Kept(1_000))

    def step(
        self,
        batch: int,
        *,
        forward: tuple[Program, ...],
        backward: tuple[Program, ...],
        writes: tuple[Program, ...],
        consolidates: bool,
    ) -> Program:
        """One training step.

        Parameters
        ----------
        batch
            Samples.
        forward, backward
            Passes of one sample through each layer; backward from the second layer on.
        writes
            What is programmed in each layer.
        consolidates
            Whether updates are consolidated.
        """
        reading = self._kept(
            ("reading", batch, forward, backward), lambda: self._reading(batch, forward, backward)
        )
        tail: Program | None = None
        for index in range(len(self.layers)):
            update = self._kept(
                ("update", batch, index, consolidates),
                lambda index=index: self._update(batch, index, consolidates=consolidates),  # type: ignore[misc]
            )
            tail = series((update, parallel((writes[index], tail))))
        assert tail is not None
        return Series((reading, tail))

    def inference(self, forward: tuple[Program, ...]) -> Program:
        """One sample through all layers, normalised by running figures."""
        items: list[Program | None] = [self._arrival()]
        for index, program in enumerate(forward):
            units = self.network.layers[index + 1]
            tables = [arithmetic.SETTLED] if self.network.normalises(index) else []
            if self._activates(index):
                tables.append(arithmetic.ACTIVATION[self.network.activation])
            action = "normalise" if self.network.normalises(index) else "activation"
            items += [program, self._fetch_figures(index, 4) if self.network.normalises(index) else None]
            items.append(self.chip.digital.compute(action, **times(units, *tables)) if tables else None)
            if index + 1 < len(forward):
                items += self._to_buffer(units * self.layers[index + 1].input_bits)
        answer = arithmetic.largest(self.network.layers[-1])
        items.append(self.chip.digital.compute("classify", **answer))
        return series(items)

    def _activates(self, index: int) -> bool:
        """Whether a layer's sums pass a non-linearity."""
        last = index + 1 == len(self.layers)
        return not last or (self.network.activation == "logistic" and self.network.loss == "squared-error")

    def _kept(self, key: tuple[object, ...], build: Callable[[], Program]) -> Program:
        if key not in self._known:
            self._known[key] = build()
        return self._known[key]

    # --- forward and backward --------------------------------------------------------------------

    def _reading(self, batch: int, forward: tuple[Program, ...], backward: tuple[Program, ...]) -> Program:
        items: list[Program | None] = []
        for index, program in enumerate(forward):
            arrival = self._arrival() if index == 0 else None
            sums = self._to_buffer(self._sum_bits(index, 1))
            items += [Stream(series((arrival, program, *sums)), batch), self._normalise(index, batch)]
        items.append(self._loss(batch))
        for index in range(len(self.layers) - 1, 0, -1):
            fetch = self._from_buffer(self._error_bits(index, 1))
            back = self._to_buffer(self._returned_bits(index, 1))
            items.append(Stream(series((*fetch, backward[index - 1], *back)), batch))
            items.append(self._error(index - 1, batch))
        return series(items)

    def _arrival(self) -> Program:
        """A sample comes in and is kept in the buffer; how it gets to the chip is not modelled."""
        return self.chip.buffer.write(self.network.layers[0] * self.layers[0].input_bits)

    def _normalise(self, index: int, batch: int) -> Program:
        """Sums of the batch become the next layer's inputs."""
        units = self.network.layers[index + 1]
        tables = [arithmetic.NORMALISE] if self.network.normalises(index) else []
        if self._activates(index):
            tables.append(arithmetic.ACTIVATION[self.network.activation])
        if not tables:
            return Series(())
        counts = times(batch * units, *tables)
        figures: tuple[Program, ...] = ()
        if self.network.normalises(index):
            counts = together(counts, times(units, arithmetic.NORMALISE_UNIT))
            figures = (self._fetch_figures(index, 4), self._state.write(2 * units * WORD))
        results: tuple[Program, ...] = ()
        if index + 1 < len(self.layers):
            results = self._to_buffer(batch * units * self.layers[index + 1].input_bits)
        sums = self._from_buffer(self._sum_bits(index, batch))
        action = "normalise" if self.network.normalises(index) else "activation"
        return series((*sums, parallel((self.chip.digital.compute(action, **counts), *figures)), *results))

    def _fetch_figures(self, index: int, rows: int) -> Operation:
        return self._state.read(rows * self.network.layers[index + 1] * WORD)

    def _loss(self, batch: int) -> Program:
        """Errors of the last layer's sums, which are at hand where they have just been normalised."""
        last = len(self.layers) - 1
        kept = self.network.normalises(last) or self._activates(last)
        sums = () if kept else self._from_buffer(self._sum_bits(last, batch))
        sample = arithmetic.loss_error(
            self.network.loss, activation=self.network.activation, classes=self.network.layers[-1]
        )
        loss = self.chip.digital.compute("loss", **times(batch, sample))
        return series((*sums, loss, *self._back(last, batch, slope=False)))

    def _error(self, index: int, batch: int) -> Program:
        """Errors of a layer's activations, read back, become errors of its sums.

        A logistic slope takes the activations, which wait in the buffer as the next layer's inputs; other
        slopes, and what normalised the sums, take the sums.
        """
        bits = self._returned_bits(index + 1, batch)
        logistic = self.network.activation == "logistic"
        if logistic:
            bits += batch * self.network.layers[index + 1] * self.layers[index + 1].input_bits
        if self.network.normalises(index) or not logistic:
            bits += self._sum_bits(index, batch)
        return series((*self._from_buffer(bits), *self._back(index, batch, slope=True)))

    def _back(self, index: int, batch: int, *, slope: bool) -> tuple[Program, ...]:
        units = self.network.layers[index + 1]
        tables = [arithmetic.SLOPE[self.network.activation]] if slope else []
        per_unit = [arithmetic.NORMALISE_BACK_UNIT] if self.network.normalises(index) else []
        # Sums are at hand, but these slopes are those of what the sums were normalised to.
        anew = slope and self.network.activation != "logistic"
        if self.network.normalises(index):
            tables.append(arithmetic.NORMALISE_BACK)
            tables += [arithmetic.RENORMALISE] if anew else []
        counts = together(times(batch * units, *tables), times(units, *per_unit))
        compute = (self.chip.digital.compute("error", **counts),) if counts else ()
        # Scales for the errors, offsets for the slope of what was normalised.
        rows = 2 if anew else 1
        figures = (self._fetch_figures(index, rows),) if self.network.normalises(index) else ()
        return (parallel((*compute, *figures)), *self._to_buffer(self._error_bits(index, batch)))

    # --- update ----------------------------------------------------------------------------------

    def _update(self, batch: int, index: int, *, consolidates: bool) -> Program:
        """Gradient, new hidden weights and moments, levels compared."""
        layer, digital = self.layers[index], self.chip.digital
        weights = layer.shape[0] * layer.shape[1]
        operands = batch * layer.shape[0] * layer.input_bits + self._error_bits(index, batch)
        gradient = digital.compute("gradient", add=batch * weights, multiply=batch * weights)
        counts = times(weights, *self._of_a_weight(consolidates=consolidates))
        moments = len(self.rule.moments) * FORMAT_BITS[self.memory.moments]
        bits = weights * (FORMAT_BITS[self.memory.weights] + moments)
        if self.network.normalises(index):
            units = 2 * layer.shape[1]
            counts = together(counts, times(units, *self._optimiser, {"add": 1}))
            bits += units * (WORD + moments)
        update = parallel(
            (self._state.read(bits), digital.compute("update", **counts), self._state.write(bits))
        )
        return series((*self._from_buffer(operands), gradient, update, self.chip.selector.compare(weights)))

    def _of_a_weight(self, *, consolidates: bool) -> list[arithmetic.Arithmetic]:
        """Arithmetic of one hidden weight's update, once its gradient is there."""
        levels = Levels(self.layers[0].blocks[0].tile.levels)
        even = bool(levels.gap > 0)
        place = arithmetic.nearest_level(levels.values.size, even=even)
        tables = [*self._optimiser, arithmetic.MOVE, place, place]
        if consolidates:
            tables += (
                [arithmetic.CONSOLIDATE] if even else [arithmetic.CONSOLIDATE, arithmetic.CONSOLIDATE_UNEVEN]
            )
        if self.memory.weights.startswith("fixed"):
            tables.append(arithmetic.onto_grid(stochastic=self.memory.rounding == "stochastic"))
        return tables

    @property
    def _optimiser(self) -> list[arithmetic.Arithmetic]:
        """Arithmetic of one number that is trained; moments of fewer bits are rounded."""
        if self.rule.optimiser == "sgd":
            return [arithmetic.SGD]
        rounded = len(self.rule.moments) if self.memory.moments == "bfloat-16" else 0
        return [arithmetic.ADAM, {"compare": rounded}] if rounded else [arithmetic.ADAM]

    @property
    def _state(self) -> HiddenMemory:
        memory = self.chip.digital.memory
        assert memory is not None, "checked with the description"
        return memory

    # --- traffic ---------------------------------------------------------------------------------

    def _sum_bits(self, index: int, batch: int) -> int:
        return batch * self.network.layers[index + 1] * self.layers[index].blocks[0].tile.output_bits

    def _error_bits(self, index: int, batch: int) -> int:
        return batch * self.network.layers[index + 1] * self.layers[index].error_bits

    def _returned_bits(self, index: int, batch: int) -> int:
        """What a layer's backward pass sends back: errors of its inputs, without that of the bias."""
        return batch * self.network.layers[index] * self.layers[index].blocks[0].tile.returned_bits

    def _to_buffer(self, bits: int) -> tuple[Program, ...]:
        chip = self.chip
        return (chip.move(chip.digital, chip.buffer, bits), chip.buffer.write(bits))

    def _from_buffer(self, bits: int) -> tuple[Program, ...]:
        chip = self.chip
        return (chip.buffer.read(bits), chip.move(chip.buffer, chip.digital, bits))
