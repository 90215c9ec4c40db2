"""Stochastic gradient descent by outer products, applied to the weights where they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chipsim.chip.chip import Chip
from chipsim.device.types import Floats
from chipsim.ledger import Charges
from chipsim.parts.program import Kept, Program, Series, Stream, parallel, series
from chipsim.spec.workload import NetworkSpec, PhaseSpec
from chipsim.train import arithmetic
from chipsim.train.activations import cross_entropy
from chipsim.train.arithmetic import times
from chipsim.train.network import hidden_error, initial_weights, logistic, output_error, prepare_inputs
from chipsim.train.pulsed import PulsedLayer
from chipsim.train.rule import Step, evaluating

__all__ = ["OuterProductSgd"]


class OuterProductSgd:
    """The learning rule: errors travel back through the same weights, each sample's outer product forward.

    Hidden units are logistic. Outputs are logistic under squared error, or a softmax under cross-entropy.

    All samples of a batch are read with the same weights, streaming through the layers one behind the
    other; then their updates follow, sample after sample, layers side by side. With one sample a batch,
    a layer is updated as soon as the errors have passed back through it.

    Parameters
    ----------
    chip
        The chip that holds the weights.
    layers
        The network's layers on their tiles, the first layer first.
    network
        Sizes, bias, initial weights.
    learning_rate
        Step of the weights per unit of gradient.
    recentre_every
        Samples between two looks for pairs that ran out of range; 0 for never.
    """

    def __init__(
        self,
        chip: Chip,
        layers: Sequence[PulsedLayer],
        *,
        network: NetworkSpec,
        learning_rate: float,
        recentre_every: int = 0,
    ) -> None:
        self.chip = chip
        self.layers = tuple(layers)
        self.network = network
        self._learning_rate = self._rate = learning_rate
        self._every = recentre_every
        self._seen = 0
        self._programs = Kept[tuple[object, ...], Program](10_000)
        self._buffers: dict[int, list[Floats]] = {}

    @property
    def target(self) -> str:
        """The pair that takes the updates now."""
        return self.layers[0].target

    @property
    def _softmax(self) -> bool:
        """Whether the outputs are a softmax, which is taken together with its error."""
        return self.network.loss == "cross-entropy"

    def _activates(self, index: int) -> bool:
        """Whether a layer's sums pass the logistic non-linearity."""
        return index + 1 < len(self.layers) or not self._softmax

    # --- numbers ---------------------------------------------------------------------------------

    def begin_phase(self, phase: PhaseSpec) -> None:
        """Take over the phase's learning rate where it has one; accuracies are compared within a phase."""
        self.chip.selector.begin_phase()
        self._rate = phase.learning_rate or self._learning_rate

    def end_epoch(self, *, accuracy: float) -> tuple[Program, tuple[Charges, ...]]:
        """Let the selector decide which pair takes the updates from now on."""
        return series((self.chip.selector.end_epoch(accuracy=accuracy),)), ()

    def begin(self, *, seed: int) -> tuple[Program, tuple[Charges, ...]]:
        """Write initial weights; layers one after another."""
        written = [
            layer.initialise(weights)
            for layer, weights in zip(self.layers, initial_weights(self.network, seed=seed), strict=True)
        ]
        return series(program for program, _ in written), tuple(c for _, charges in written for c in charges)

    def step(self, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Step:
        """Train on one batch of images (batch, features) with labels (batch,)."""
        inputs, outputs, programs, charges = self._read(images)
        d = np.empty_like(outputs)
        predicted = np.empty(len(labels), np.int64)
        # A softmax is taken of the last layer's sums; squared error of logistic outputs.
        error = cross_entropy if self._softmax else output_error
        loss = float(error(outputs, labels, d, predicted))
        self.chip.digital.round(d)
        errors, backs, back_charges = self._backward(inputs, d)
        charges += back_charges
        updates: list[list[Program]] = [[] for _ in self.layers]
        stored = len(labels) > 1
        rate = self._rate * self.chip.selector.rate
        for b in range(len(labels)):
            for index in reversed(range(len(self.layers))):
                x, d_of_layer = inputs[index][b], errors[index][b]
                program, more = self.layers[index].update(x, d_of_layer, rate=rate, stored=stored)
                updates[index].append(program)
                charges += more
        program = self._program(tuple(programs), tuple(backs), tuple(tuple(u) for u in updates))
        recentring, more = self._recentre(len(labels))
        if recentring is not None:
            program = Series((program, recentring))
        return Step(program, tuple(charges) + more, int(np.count_nonzero(predicted == labels)), loss)

    def _read(self, images: NDArray[np.uint8]) -> tuple[list[Floats], Floats, list[Program], list[Charges]]:
        buffers = self._activations(len(images))
        prepare_inputs(images, buffers[0])
        programs: list[Program] = []
        charges: list[Charges] = []
        for index, layer in enumerate(self.layers):
            sums, program, more = layer.forward(buffers[index])
            if self._activates(index):
                logistic(sums, buffers[index + 1])
                self.chip.digital.round(buffers[index + 1])
            else:
                buffers[index + 1][:] = sums
            programs.append(program)
            charges += more
        return buffers[:-1], buffers[-1], programs, charges

    def _activations(self, batch: int) -> list[Floats]:
        """Arrays for a batch's inputs, activations and outputs, reused from step to step."""
        if batch not in self._buffers:
            sizes, bias = self.network.layers, int(self.network.bias)
            arrays = [np.ones((batch, size + bias), np.float32) for size in sizes[:-1]]
            self._buffers[batch] = [*arrays, np.empty((batch, sizes[-1]), np.float32)]
        return self._buffers[batch]

    def _backward(self, inputs: list[Floats], d: Floats) -> tuple[list[Floats], list[Program], list[Charges]]:
        """Errors of every layer's outputs, first layer first, and the programs that bring them back."""
        errors: list[Floats] = [d]
        programs: list[Program] = []
        charges: list[Charges] = []
        for index in range(len(self.layers) - 1, 0, -1):
            back, program, more = self.layers[index].backward(errors[0])
            hidden = np.empty((len(d), self.network.layers[index]), np.float32)
            hidden_error(back, inputs[index], hidden)
            self.chip.digital.round(hidden)
            errors.insert(0, hidden)
            programs.insert(0, program)
            charges += more
        return errors, programs, charges

    def _recentre(self, samples: int) -> tuple[Program | None, tuple[Charges, ...]]:
        before, self._seen = self._seen, self._seen + samples
        if not self._every or before // self._every == self._seen // self._every:
            return None, ()
        found = [layer.recentre() for layer in self.layers]
        programs = [program for program, _ in found if program is not None]
        return (parallel(programs) if programs else None), tuple(c for _, more in found for c in more)

    def classify(self, images: NDArray[np.uint8], *, task: str, batch: int = 256) -> NDArray[np.int64]:  # noqa: ARG002
        """Classes that the network gives to images (samples, features), read through the converters.

        It is the same network for every task.
        """
        parts = []
        with evaluating(self.chip):
            for start in range(0, len(images), batch):
                _, outputs, _, _ = self._read(images[start : start + batch])
                parts.append(outputs.argmax(axis=1))
        return np.concatenate(parts)

    # --- programs --------------------------------------------------------------------------------

    def typical_step(self, batch: int) -> Program:
        """The program of a step that nobody computed: for timing without arithmetic."""
        forward = tuple(layer.typical("forward") for layer in self.layers)
        backward = tuple(layer.typical("backward") for layer in self.layers[1:])
        updates = tuple((layer.typical("update", stored=batch > 1),) * batch for layer in self.layers)
        return self._program(forward, backward, updates)

    def inference(self) -> Program:
        """The program that classifies one sample."""
        passes = tuple(layer.typical("forward") for layer in self.layers)
        answer = self.chip.digital.compute("classify", **arithmetic.largest(self.network.layers[-1]))
        return Series((self._arrival(), *self._forward(passes), answer))

    def _program(
        self,
        forward: tuple[Program, ...],
        backward: tuple[Program, ...],
        updates: tuple[tuple[Program, ...], ...],
    ) -> Program:
        key = (forward, backward, updates)
        if key not in self._programs:
            batch = len(updates[0])
            build = self._one_sample if batch == 1 else self._many_samples
            self._programs[key] = build(forward, backward, updates)
        return self._programs[key]

    def _one_sample(
        self,
        forward: tuple[Program, ...],
        backward: tuple[Program, ...],
        updates: tuple[tuple[Program, ...], ...],
    ) -> Program:
        tail: Program = updates[0][0]
        for index in range(1, len(self.layers)):
            back = (backward[index - 1], self._hidden(index))
            tail = Series((*back, parallel((updates[index][0], tail))))
        return Series((self._arrival(), *self._forward(forward), *self._error(), tail))

    def _many_samples(
        self,
        forward: tuple[Program, ...],
        backward: tuple[Program, ...],
        updates: tuple[tuple[Program, ...], ...],
    ) -> Program:
        back: list[Program] = []
        for index in range(len(self.layers) - 1, 0, -1):
            back += [
                backward[index - 1],
                self._hidden(index),
                *self._stored(index, self.layers[index - 1].error_bits),
            ]
        last = len(self.layers)
        errors = (*self._error(), *self._stored(last, self.layers[last - 1].error_bits))
        sample = Series((self._arrival(), *self._forward(forward), *errors, *back))
        changes = [
            Stream(layer[0], len(layer)) if len(set(layer)) == 1 else parallel(layer) for layer in updates
        ]
        return Series((Stream(sample, len(updates[0])), parallel(changes)))

    def _arrival(self) -> Program:
        """A sample comes in and is kept in the buffer; how it gets to the chip is not modelled."""
        return self.chip.buffer.write(self.network.layers[0] * self.layers[0].input_bits)

    def _forward(self, passes: tuple[Program, ...]) -> list[Program]:
        """Pass after pass, activations computed in the digital unit and kept in the buffer."""
        digital = self.chip.digital
        items: list[Program] = []
        for index, program in enumerate(passes):
            items.append(program)
            if self._activates(index):
                items.append(digital.compute("activation", function=self.network.layers[index + 1]))
            if index + 1 < len(passes):
                items += self._stored(index + 1, self.layers[index + 1].input_bits)
        return items

    def _stored(self, index: int, word: int) -> list[Program]:
        """The values of one layer's units go to the buffer, in words of so many bits."""
        bits = self.network.layers[index] * word
        return [self.chip.move(self.chip.digital, self.chip.buffer, bits), self.chip.buffer.write(bits)]

    def _error(self) -> list[Program]:
        """Errors of the outputs; and whether the answer was right, where the selector goes by accuracy."""
        classes, digital = self.network.layers[-1], self.chip.digital
        counts = arithmetic.loss_error(self.network.loss, activation="logistic", classes=classes)
        items: list[Program] = [digital.compute("error", **counts)]
        if self.chip.selector.asks_accuracy:
            items.append(digital.compute("accuracy", **arithmetic.right_answer(classes)))
        return items

    def _hidden(self, index: int) -> Program:
        units = self.network.layers[index]
        return self.chip.digital.compute("error", **times(units, arithmetic.SLOPE["logistic"]))
