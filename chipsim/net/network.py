"""A network at work on a chip: passes there and back, steps, and tests; one for all chips and rules."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.chip.chip import Chip
from chipsim.device.types import Floats
from chipsim.errors import ChipsimError
from chipsim.ledger import Charges
from chipsim.net.activations import ACTIVATIONS, Activation
from chipsim.net.by_layer import ByLayer
from chipsim.net.by_sample import BySample
from chipsim.net.figures import Figures
from chipsim.net.inputs import prepare_inputs
from chipsim.net.learner import NOTHING, Learner
from chipsim.net.losses import LOSSES
from chipsim.net.matrix import Matrix
from chipsim.net.normalise import Normalised, normalise, normalise_back, settled
from chipsim.net.programs import Schedule
from chipsim.parts.digital import DigitalUnit
from chipsim.parts.program import Program, Series
from chipsim.spec.layer import Layer, Shape, shown_shape
from chipsim.spec.stages import Stage
from chipsim.spec.workload import NetworkSpec, PhaseSpec
from chipsim.state import Owner, State, restore, state_of
from chipsim.tile.tile import Tile

__all__ = ["Network", "Step"]

_NONE: Final = Series(())
_TESTED = 250
"""Samples that are classified together at most; how many changes no result."""
_TESTED_VALUES = 10_000_000
"""Values of the vectors of one layer that are held for them at most, where a single sample has no more."""


@attrs.frozen(eq=False)
class Step:
    """One training step: its program, what data set, and how the samples fared before it."""

    program: Program
    charges: tuple[Charges, ...]
    correct: int
    loss: float


@attrs.define(eq=False)
class _Pass:
    """What the forward pass of a batch leaves for the way back."""

    inputs: list[Floats]
    """Of each layer of weights (vectors, rows)."""
    sums: list[Floats] = attrs.field(factory=list)
    """Of each layer, normalised where it is (vectors, columns)."""
    values: list[Floats] = attrs.field(factory=list)
    """What came of them, in the first columns (vectors, columns or more)."""
    normalised: list[Normalised | None] = attrs.field(factory=list)
    kept: list[list[Any]] = attrs.field(factory=list)
    """What the layers without weights behind each layer need on the way back."""
    programs: list[Program] = attrs.field(factory=list)
    charges: tuple[Charges, ...] = ()

    @property
    def outputs(self) -> Floats:
        """What the last layer gives (batch, classes)."""
        return self.inputs[-1]


@attrs.frozen(kw_only=True, eq=False)
class _Layer:
    """One layer of weights where it stands, with what is asked of it at every step."""

    matrix: Matrix[Any]
    stage: Stage
    columns: int
    activation: Activation
    normalises: bool
    straight: bool
    """Whether what it gives is one vector, which the next one takes as it is."""


class Network:
    """A network whose weights stand on a chip's tiles, and which learns by a rule.

    Errors are those of each sample, not of the mean of a batch; what a batch does to the weights, its rule
    says.

    Parameters
    ----------
    chip
        The chip.
    matrices
        Its weights, the first layer first.
    network
        Sizes, non-linearities, normalisation and loss.
    figures
        Its normalisation.
    learner
        The rule at work.
    """

    def __init__(
        self,
        chip: Chip,
        matrices: Sequence[Matrix[Any]],
        *,
        network: NetworkSpec,
        figures: Figures,
        learner: Learner,
    ) -> None:
        self.chip = chip
        self.matrices = tuple(matrices)
        self.network = network
        self.figures = figures
        self.learner = learner
        schedule = ByLayer if learner.by_layer or figures.layers else BySample
        self.schedule: Schedule = schedule(chip, self.matrices, network=network, figures=figures)
        self.stages = network.stages
        self._layers = tuple(self._layer(index) for index in range(len(self.matrices)))
        self._learning = tuple(index for index, one in enumerate(self.matrices) if not one.frozen)
        self._first = network.first_learning
        self._loss = LOSSES[network.loss]
        self._buffers: dict[int, list[Floats]] = {}

    def _layer(self, index: int) -> _Layer:
        stage, last = self.stages[index], index + 1 == len(self.stages)
        network = self.network
        alone = stage.patches == 1 and not stage.passing
        return _Layer(
            matrix=self.matrices[index],
            stage=stage,
            columns=stage.columns,
            activation=ACTIVATIONS[network.activation_of(index)],
            normalises=network.normalises(index),
            straight=last or (alone and self.stages[index + 1].takes_as_given),
        )

    @property
    def is_plain(self) -> bool:
        """Whether samples go one by one through dense layers that are normalised nowhere."""
        straight = all(layer.straight and layer.stage.patches == 1 for layer in self._layers)
        return straight and not self.figures.layers

    @property
    def target(self) -> str:
        """What takes the updates now, such as ``coarse``."""
        return self.learner.target

    def state(self) -> State:
        """Everything that training changes: of the chip, of its figures' task, and of the rule."""
        learner = state_of(self.learner) if isinstance(self.learner, Owner) else {}
        return {"chip": self.chip.state(), "figures": state_of(self.figures), "learner": learner}

    def restore(self, state: State, *, draws: bool = True) -> None:
        """Go on from a state, of this network or of one on a chip that was built from the same descriptions.

        Without `draws` all that is random goes on as it would have.

        Raises
        ------
        ValueError
            When the state is of something else.
        """
        self.chip.restore(state["chip"], draws=draws)
        restore(self.figures, state["figures"], draws=draws)
        if isinstance(self.learner, Owner):
            restore(self.learner, state["learner"], draws=draws)

    @property
    def frozen_tiles(self) -> frozenset[str]:
        """Names of the tiles whose weights stay as they are given."""
        frozen = (matrix for matrix in self.matrices if matrix.frozen)
        return frozenset(block.tile.name for matrix in frozen for block in matrix.blocks)

    # --- training --------------------------------------------------------------------------------

    def begin(self, *, seed: int) -> tuple[Program, tuple[Charges, ...]]:
        """Write initial weights to the chip."""
        return self.learner.begin(seed=seed)

    def begin_phase(self, phase: PhaseSpec) -> None:
        """Take over what differs in a phase: its task, its learning rate, and the rule's numbers by name."""
        self.chip.selector.begin_phase()
        self.figures.know_task(phase.task_name)
        self.learner.begin_phase(phase)

    def end_epoch(self, *, accuracy: float) -> tuple[Program, tuple[Charges, ...]]:
        """What the chip does between two epochs, given the training accuracy of the last as a share."""
        return self.learner.end_epoch(accuracy=accuracy)

    def step(self, images: NDArray[Any], labels: NDArray[np.uint8]) -> Step:
        """Train on one batch of images (batch, features) with labels (batch,)."""
        batch = len(labels)
        done = self._forward(images)
        d = np.empty_like(done.outputs)
        loss, correct = self._loss(done.outputs, labels, d)
        errors, backward = self._backward(done, d)
        learnt = [NOTHING] * len(self.matrices)
        for index in reversed(self._learning):
            learnt[index] = self.learner.learn(index, done.inputs[index], errors[index])
        program = self.schedule.step(
            batch, forward=tuple(done.programs), backward=tuple(backward), learnt=learnt
        )
        between, more = self.learner.end_step(batch)
        if between is not None:
            program = Series((program, between))
        charges = done.charges
        for one in learnt:
            charges += one.charges
        charges = (*charges, *more)
        return Step(program, charges, correct, loss)

    def _forward(self, images: NDArray[Any], *, training: bool = True, task: str = "") -> _Pass:
        """Sums and activations of a batch; without training by the running figures of a task."""
        buffers = self._activations(len(images))
        self.prepare(images, buffers[0])
        done = _Pass(buffers)
        for index, layer in enumerate(self._layers):
            sums, program, more = layer.matrix.forward(buffers[index])
            normalised = None
            if layer.normalises:
                normalised = self._normalise(index, sums, training=training, task=task)
            values = normalised.values if normalised else sums
            done.sums.append(values)
            done.normalised.append(normalised)
            self._pass_on(index, done, len(images))
            done.programs.append(program)
            done.charges += more
        return done

    def prepare(self, images: NDArray[Any], out: Floats) -> None:
        """Pixels as the inputs of the first layer of weights."""
        first = self.stages[0]
        whole = out if first.takes_as_given else np.empty((len(images), first.inputs), np.float32)
        prepare_inputs(images, whole)
        if self.network.inputs == "minus-one-to-one":
            pixels = whole[:, : images.shape[1]]
            pixels *= 2
            pixels -= 1
        if whole is not out:
            first.layer.gather(whole, out, given=first.given, bias=int(first.bias))

    def _pass_on(self, index: int, done: _Pass, batch: int) -> None:
        """Sums pass their non-linearity, layers without weights, and become the next layer's inputs."""
        layer, sums, inputs = self._layers[index], done.sums[index], done.inputs[index + 1]
        values = inputs if layer.straight else np.empty_like(sums)
        layer.activation.apply(sums, values)
        if layer.activation.forward:
            self.chip.digital.round(values)
        kept: list[Any] = []
        if not layer.straight:
            following = self.stages[index + 1]
            passed = values.reshape(batch, -1)
            for one in self.stages[index].passing:
                passed, needed = one.layer.forward(passed, given=one.given)
                _check_values(one.layer, passed, one.layer.gives(one.given))
                kept.append(needed)
            following.layer.gather(passed, inputs, given=following.given, bias=int(following.bias))
        done.values.append(values)
        done.kept.append(kept)

    def _normalise(self, index: int, sums: Floats, *, training: bool, task: str) -> Normalised | None:
        how = self.network.normalisation
        assert how is not None, "a layer is normalised somehow"
        figures = self.figures.of(index, task)
        if training:
            return normalise(sums, figures, momentum=how.momentum, epsilon=how.epsilon)
        settled(sums, figures, how.epsilon)
        return None

    def _activations(self, batch: int) -> list[Floats]:
        """Arrays for the inputs of every layer and for the outputs, reused; a bias stays one."""
        if batch not in self._buffers:
            inputs = [np.ones((batch * stage.patches, stage.rows), np.float32) for stage in self.stages]
            self._buffers[batch] = [*inputs, np.empty((batch, self.network.classes), np.float32)]
        return self._buffers[batch]

    def _backward(self, done: _Pass, d: Floats) -> tuple[list[Floats], list[Program]]:
        """Errors of every layer's sums, the first layer first, and the programs of the backward passes.

        Layers before the first one that learns have none.

        Parameters
        ----------
        done
            The forward pass; what data set on the way back is added to its charges.
        d
            Errors of the outputs (batch, classes), overwritten.
        """
        errors: list[Floats] = [d] * len(self.matrices)
        programs: list[Program] = [_NONE] * (len(self.matrices) - 1)
        batch = len(d)
        for index in range(len(self.matrices) - 1, self._first - 1, -1):
            if index + 1 < len(self.matrices):
                back, program, more = self.matrices[index + 1].backward(errors[index + 1])
                d = self._passed_back(index, back, done, batch)
                programs[index] = program
                done.charges += more
            self._layers[index].activation.slope(done.sums[index], done.values[index], d)
            normalised = done.normalised[index]
            if normalised is not None:
                figures, slopes = self.figures.of(index), self.figures.slopes(index)
                normalise_back(d, normalised.unit, normalised.inverse, figures, slopes)
            self.chip.digital.round(d)
            errors[index] = d
        return errors, programs

    def _passed_back(self, index: int, back: Floats, done: _Pass, batch: int) -> Floats:
        """Errors of what a layer's sums became (vectors, columns), from those of the next layer's inputs."""
        layer = self._layers[index]
        if layer.straight:
            return np.ascontiguousarray(back[:, : layer.columns])
        stage = layer.stage
        following = self.stages[index + 1]
        errors = np.empty((batch, following.inputs), np.float32)
        following.layer.scatter(back, errors, given=following.given, bias=int(following.bias))
        for one, kept in zip(reversed(stage.passing), reversed(done.kept[index]), strict=True):
            errors = one.layer.backward(errors, kept, given=one.given)
            _check_values(one.layer, errors, one.given)
        return errors.reshape(-1, stage.columns)

    # --- tests -----------------------------------------------------------------------------------

    def classify(self, images: NDArray[Any], *, task: str) -> NDArray[np.int64]:
        """Classes of images (samples, features), read through the converters, of a task seen before.

        Leaves no trace: weights, normalisation and random draws of training are afterwards what they were,
        and the task being trained is still the phase's.
        """
        parts = []
        widest = max(stage.patches * stage.rows for stage in self.stages)
        together = max(1, min(_TESTED, _TESTED_VALUES // widest))
        with _evaluating(self.chip):
            for start in range(0, len(images), together):
                done = self._forward(images[start : start + together], training=False, task=task)
                parts.append(done.outputs.argmax(axis=1))
        return np.concatenate(parts)

    # --- programs --------------------------------------------------------------------------------

    def typical_step(self, batch: int) -> Program:
        """The program of a step that nobody computed: for timing without arithmetic."""
        return self.schedule.step(
            batch,
            forward=tuple(matrix.typical("forward") for matrix in self.matrices),
            backward=tuple(matrix.typical("backward") for matrix in self.matrices[1:]),
            learnt=[
                NOTHING if matrix.frozen else self.learner.typical(index, batch)
                for index, matrix in enumerate(self.matrices)
            ],
        )

    def frozen(self) -> Program | None:
        """The program of one sample's way through the frozen layers that come first; None without any."""
        return self.schedule.frozen(tuple(matrix.typical("forward") for matrix in self.matrices))

    def inference(self) -> Program:
        """The program that classifies one sample."""
        return self.schedule.inference(tuple(matrix.typical("forward") for matrix in self.matrices))


def _check_values(layer: Layer, values: Floats, shape: Shape) -> None:
    """Refuse values of a layer of one's own that are not as many as it says: compiled loops would run on."""
    if values.shape[1] != math.prod(shape):
        found, said = values.shape[1], shown_shape(shape)
        raise ChipsimError(f"{layer.words} gives {found} values of a sample, and {said} were to come")


@contextmanager
def _evaluating(chip: Chip) -> Iterator[None]:
    """A time in which reading a chip's network leaves the random draws of training alone."""
    parts: tuple[Tile | DigitalUnit, ...] = (*chip.tiles, chip.digital)
    for part in parts:
        part.evaluating = True
    try:
        yield
    finally:
        for part in parts:
            part.evaluating = False
