"""Training by mini-batches with hidden weights: levels in the array, the rest in the digital unit."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.chip.chip import Chip
from chipsim.device.types import Floats
from chipsim.ledger import Charges
from chipsim.parts.memory import HiddenMemory
from chipsim.parts.program import Program, Series, series
from chipsim.spec.levels import MemorySpec
from chipsim.spec.workload import NetworkSpec, PhaseSpec
from chipsim.train.activations import activate, output, slope
from chipsim.train.hidden_numbers import HiddenNumbers
from chipsim.train.hidden_programs import HiddenPrograms
from chipsim.train.hidden_state import HiddenState
from chipsim.train.network import prepare_inputs
from chipsim.train.normalise import Normalised, normalise, normalise_back, settled
from chipsim.train.programmed import ProgrammedLayer
from chipsim.train.rule import Step, evaluating

__all__ = ["HiddenWeightLearning"]


@attrs.frozen(eq=False)
class _Pass:
    """What the forward pass of a batch leaves for the way back."""

    inputs: list[Floats]
    """Of each layer (batch, rows)."""
    sums: list[Floats]
    """Of each layer, normalised where it is (batch, units)."""
    normalised: list[Normalised | None]
    programs: list[Program]
    charges: list[Charges]


class HiddenWeightLearning:
    """The learning rule: gradients with the levels as they sit in the array, updates on hidden weights.

    A weight is programmed only when its hidden weight has come nearer to another level. Gradients of a batch
    are averaged. With metaplasticity, a hidden weight follows only a share of an update that leads it away
    from its level.

    Parameters
    ----------
    chip
        The chip; hidden weights, moments and normalisation live in its digital unit's memory.
    layers
        The network's layers on their tiles, the first layer first.
    network
        Sizes, activation, loss, normalisation.
    memory
        Number formats of the hidden state.
    rule
        Optimiser and metaplasticity.
    learning_rate
        Of the workload; the rule's own replaces it.

    References
    ----------
    D'Agostino et al. (2023), the analog block with quantised and the digital block with hidden weights.
    """

    def __init__(
        self,
        chip: Chip,
        layers: Sequence[ProgrammedLayer],
        *,
        network: NetworkSpec,
        memory: MemorySpec,
        rule: HiddenNumbers,
        learning_rate: float,
    ) -> None:
        assert chip.digital.memory is not None, "checked with the description"
        self.chip = chip
        self.layers = tuple(layers)
        self.network = network
        self.rule = rule
        self._default_rate = rule.learning_rate or learning_rate
        self._programs = HiddenPrograms(
            chip=chip, layers=self.layers, network=network, memory=memory, rule=rule
        )
        self.state = HiddenState(chip.digital.memory, self.layers, network=network, spec=memory, rule=rule)
        self._task = ""
        self._buffers: dict[int, list[Floats]] = {}
        self._set_phase(self._default_rate, rule.metaplasticity)

    def _set_phase(self, learning_rate: float, metaplasticity: float) -> None:
        self.state.learning_rate = learning_rate
        self.state.set_metaplasticity(metaplasticity)

    @property
    def memory(self) -> HiddenMemory:
        """The digital unit's memory."""
        assert self.chip.digital.memory is not None, "checked with the description"
        return self.chip.digital.memory

    @property
    def target(self) -> str:
        """What takes the updates: always the one array of level weights."""
        return "levels"

    # --- phases ----------------------------------------------------------------------------------

    def begin(self, *, seed: int) -> tuple[Program, tuple[Charges, ...]]:
        """Draw initial hidden weights, and program their levels; layers one after another."""
        written = [
            layer.initialise_levels(places)
            for layer, places in zip(self.layers, self.state.begin(seed=seed), strict=True)
        ]
        return series(program for program, _ in written), tuple(c for _, charges in written for c in charges)

    def begin_phase(self, phase: PhaseSpec) -> None:
        """Take over a phase's task, learning rate and metaplasticity; the selector needs nothing."""
        self._task = phase.task_name
        self.state.know_task(self._task)
        self._set_phase(
            phase.learning_rate or self._default_rate,
            phase.rule.get("metaplasticity", self.rule.metaplasticity),
        )

    def end_epoch(self, *, accuracy: float) -> tuple[Program, tuple[Charges, ...]]:  # noqa: ARG002
        """Nothing happens between two epochs."""
        return Series(()), ()

    # --- a step ----------------------------------------------------------------------------------

    def step(self, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Step:
        """Train on one batch of images (batch, features) with labels (batch,)."""
        done = self._forward(images)
        predicted = np.empty(len(labels), np.int64)
        d, loss = output(
            done.sums[-1], labels, loss=self.network.loss, kind=self.network.activation, predicted=predicted
        )
        charges = done.charges
        errors, backward = self._backward(done, d, charges)
        writes: list[Program] = []
        for index in reversed(range(len(self.layers))):
            tile = self.layers[index].blocks[0].tile
            # Operands wait in the buffer as the words that drive the tiles.
            x, d_words = tile.input_words(done.inputs[index]), tile.error_words(errors[index])
            found = self.state.update(index, x, d_words)
            program, more = self.layers[index].program(*found)
            writes.insert(0, program)
            charges += more
        program = self._programs.step(
            len(labels),
            forward=tuple(done.programs),
            backward=tuple(backward),
            writes=tuple(writes),
            consolidates=self.state.consolidates,
        )
        return Step(program, tuple(charges), int(np.count_nonzero(predicted == labels)), loss)

    def _forward(self, images: NDArray[np.uint8], *, training: bool = True, task: str = "") -> _Pass:
        """Sums and activations of a batch; without training by the running figures of a task."""
        buffers = self._activations(len(images))
        prepare_inputs(images, buffers[0])
        if self.network.inputs == "minus-one-to-one":
            pixels = buffers[0][:, : images.shape[1]]
            pixels *= 2
            pixels -= 1
        done = _Pass(buffers, [], [], [], [])
        for index, layer in enumerate(self.layers):
            sums, program, more = layer.forward(buffers[index])
            normalised = self._normalise(index, sums, training=training, task=task or self._task)
            values = normalised.values if normalised else sums
            if index + 1 < len(self.layers):
                activate(self.network.activation, values, buffers[index + 1])
            done.sums.append(values)
            done.normalised.append(normalised)
            done.programs.append(program)
            done.charges.extend(more)
        return done

    def _normalise(self, index: int, sums: Floats, *, training: bool, task: str) -> Normalised | None:
        how = self.network.normalisation
        if how is None or not self.network.normalises(index):
            return None
        figures = self.state.normalisation(index, task)
        if training:
            return normalise(sums, figures, momentum=how.momentum, epsilon=how.epsilon)
        settled(sums, figures, how.epsilon)
        return None

    def _activations(self, batch: int) -> list[Floats]:
        """Arrays for the inputs of every layer, reused from step to step; a bias stays one."""
        if batch not in self._buffers:
            bias = int(self.network.bias)
            self._buffers[batch] = [
                np.ones((batch, size + bias), np.float32) for size in self.network.layers[:-1]
            ]
        return self._buffers[batch]

    def _backward(self, done: _Pass, d: Floats, charges: list[Charges]) -> tuple[list[Floats], list[Program]]:
        """Errors of every layer's sums, the first layer first, and the programs of the backward passes."""
        errors: list[Floats] = []
        programs: list[Program] = []
        for index in range(len(self.layers) - 1, -1, -1):
            if index + 1 < len(self.layers):
                back, program, more = self.layers[index + 1].backward(errors[0])
                d = np.ascontiguousarray(back[:, : self.network.layers[index + 1]])
                slope(self.network.activation, done.sums[index], done.inputs[index + 1], d)
                programs.insert(0, program)
                charges += more
            normalised = done.normalised[index]
            if normalised is not None:
                figures = self.state.normalisation(index, self._task)
                slopes = self.state.slopes(index)
                normalise_back(d, normalised.unit, normalised.inverse, figures, slopes)
            errors.insert(0, d)
        return errors, programs

    # --- tests -----------------------------------------------------------------------------------

    def classify(self, images: NDArray[np.uint8], *, task: str, batch: int = 250) -> NDArray[np.int64]:
        """Classes of images (samples, features), normalised as a task is where tasks have their own."""
        parts = []
        with evaluating(self.chip):
            for start in range(0, len(images), batch):
                done = self._forward(images[start : start + batch], training=False, task=task)
                parts.append(done.sums[-1].argmax(axis=1))
        return np.concatenate(parts)

    # --- programs --------------------------------------------------------------------------------

    def typical_step(self, batch: int) -> Program:
        """The program of a step that nobody computed; the selector says how many weights it reprograms."""
        share = self._typical_share
        return self._programs.step(
            batch,
            forward=tuple(self._typical(layer, "forward") for layer in self.layers),
            backward=tuple(self._typical(layer, "backward") for layer in self.layers[1:]),
            writes=tuple(layer.typical_program(share) for layer in self.layers),
            consolidates=self.state.consolidates,
        )

    def inference(self) -> Program:
        """The program that classifies one sample."""
        return self._programs.inference(tuple(self._typical(layer, "forward") for layer in self.layers))

    @property
    def _typical_share(self) -> float:
        return self.chip.selector.policy.typical_change

    @staticmethod
    def _typical(layer: ProgrammedLayer, action: str) -> Program:
        ops = tuple(block.tile.typical(action) for block in layer.blocks)
        return layer.forward_program(ops) if action == "forward" else layer.backward_program(ops)
