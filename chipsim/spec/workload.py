"""What a workload description says: data, network, phases of training."""

from __future__ import annotations

import math
from collections.abc import Container
from functools import cached_property
from typing import Final, Literal

import attrs

from chipsim.limits import EPOCH_SAMPLES, UNITS
from chipsim.spec.fields import at_least, between, more_than, one_of, rates
from chipsim.spec.layer import Layer, Shape, shown_shape
from chipsim.spec.software import SoftwareSpec
from chipsim.spec.stages import Stage, stages_of
from chipsim.units import Share

__all__ = ["DatasetSpec", "NetworkSpec", "NormalisationSpec", "PhaseSpec", "WorkloadSpec"]

_LOGISTIC_SLOPE: Final = 0.25
"""Largest slope of the logistic function."""
_LOGISTIC_SQUARED: Final = 4 / 27
"""Largest magnitude of (y - t) y (1 - y), which is y y (1 - y) at y = 2/3 for t = 0."""


@attrs.frozen(kw_only=True)
class DatasetSpec:
    """A dataset by name or in a file, how much of it, and what is made of it before a network is given it.

    In this order, wherever a key stands: its `classes` are chosen, then the first of their samples (`train`,
    `test`); images are cut (`crop`), rows change places (`swap_rows`), pixels are permuted (`permutation`)
    and summed up (`random_layer` or `projection`); last, some of the values are chosen (`features`).
    """

    name: str = ""
    """``mnist-5k``, ``mnist``, ``fashion-mnist``, ``cifar-10``, ``flowers17-vgg`` or ``flowers17``; in Python
    also the name of a dataset of one's own, which ``chipsim.simulate`` is given as ``datasets``; or
    ``package.module:name`` of a function that gives a dataset, or the word of one that an installed package
    offers, where the package is trusted. Left out where there is a `file`, which names it."""
    file: str | None = None
    """A file of one's own, relative to the description's: ``.npz`` with the arrays ``train_images``,
    ``train_labels``, ``test_images`` and ``test_labels``, or ``x`` and ``y``; or a table, ``.csv`` or
    ``.parquet``, a column a feature and one of labels."""
    label: str | None = None
    """The column of a table that holds the labels, whole numbers from 0."""
    scale: tuple[float, float] | None = None
    """What stands for 0 and for 1 in a file, such as ``[0, 255]`` or ``[-1, 1]``; values outside are refused.
    None where they are bytes from 0 to 255, or numbers within 0 to 1. A network of ``inputs:
    minus-one-to-one`` is fed from -1 to 1 what lies from 0 to 1 then."""
    test_share: Share | None = attrs.field(default=None, validator=between(0, 1))
    """Share of samples that are kept for tests, of ``x`` and ``y`` and of tables."""
    split_seed: int | None = attrs.field(default=None, validator=at_least(0))
    """Which samples these are; the number alone decides."""
    train: int | None = attrs.field(default=None, validator=at_least(1))
    """Samples to train on; None takes all."""
    test: int | None = attrs.field(default=None, validator=at_least(1))
    """Samples to test on; None takes all."""
    classes: tuple[int, ...] | None = None
    """Classes alone that are kept, such as ``[3, 5]``, two at least; they become 0, 1, ... in the order
    given, and `train` and `test` count their samples. Each phase may name others, as many as the network has
    outputs or fewer. None keeps all."""
    crop: int | None = attrs.field(default=None, validator=at_least(1))
    """Side of the square in the middle of every image that is kept, in pixels, such as 20 of the 28 of MNIST,
    whose digits leave 3 % of their ink outside; where as much cannot go at both ends, the last row and
    column go. None keeps whole images."""
    swap_rows: int | None = attrs.field(default=None, validator=at_least(1))
    """Pairs of rows of an image that change places, which makes a similar task of the same images: the first
    row of its second quarter with the first of its third, then the rows below these, so that rows through the
    middle of what it shows are exchanged; as many pairs as a quarter has rows at most. None leaves them."""
    permutation: int | None = attrs.field(default=None, validator=at_least(0))
    """Number of a fixed permutation of the pixels, which makes another task of the same images; None leaves
    them as they are. The number alone decides: the order is the same for training and test, in every run."""
    random_layer: int | None = attrs.field(default=None, validator=between(1, UNITS))
    """Units of a fixed random layer that the images pass first: each adds up all values with signs of its own
    and passes what is above zero, as a share of the largest of the whole dataset, whatever is taken of it. It
    stands for the frozen layers of a network; the signs are the same in every run. None takes the images
    themselves."""
    projection: int | None = attrs.field(default=None, validator=between(1, UNITS))
    """Values of a fixed random projection that stand in the place of an image: each adds up all its values
    with signs of its own, and lies between 0, the lowest such sum of any image of the whole dataset, whatever
    is taken of it, and 1, the highest. None takes the images themselves."""
    projection_number: int | None = attrs.field(default=None, validator=at_least(0))
    """Number of the projection, which alone decides its signs; None is 0."""
    features: tuple[int, ...] | None = None
    """Values that are inputs, counted from 0, in this order: pixels, or values of the random layer or of the
    projection. Another list makes another task of the same images, which shares with the first what both
    name. None takes all."""

    def __attrs_post_init__(self) -> None:
        # What a file is called is how it is written: with its ending, which no name that ships has.
        if not self.name and self.file:
            object.__setattr__(self, "name", self.file)


@attrs.frozen(kw_only=True)
class NormalisationSpec:
    """Batch normalisation of every layer's weighted sums, computed in the digital unit."""

    state: Literal["per-task", "shared"] = attrs.field(validator=one_of("per-task", "shared"))
    """``per-task``: scales, offsets, means and variances are kept apart for each task, and switched with it;
    ``shared``: one set for all tasks."""
    output: bool = True
    """Whether the last layer is normalised too."""
    momentum: float = attrs.field(default=0.1, validator=between(0, 1))
    """Weight of the newest batch in the running means and variances."""
    epsilon: float = attrs.field(default=1e-5, validator=more_than(0, up_to=1))
    """Added to the variance."""


@attrs.frozen(kw_only=True)
class NetworkSpec:
    """A network of layers, one behind the other."""

    layers: tuple[int | tuple[int, ...] | Layer, ...] = attrs.field()
    """The inputs first: how many, or height, width and channels of an image. Then each layer: a number is a
    dense layer of so many units, others say their kind."""
    inputs: Literal["zero-to-one", "minus-one-to-one"] = attrs.field(
        default="zero-to-one", validator=one_of("zero-to-one", "minus-one-to-one")
    )
    """Range that pixels are scaled to; a black background is exactly zero in the first."""
    activation: Literal["logistic", "relu", "tanh", "sign", "identity"] = attrs.field(
        default="logistic", validator=one_of("logistic", "relu", "tanh", "sign", "identity")
    )
    """Non-linearity of hidden layers; ``logistic`` that of the last layer too, under squared error. Errors
    pass ``sign`` where its argument lies within plus and minus one."""
    loss: Literal["squared-error", "cross-entropy"] = attrs.field(
        default="squared-error", validator=one_of("squared-error", "cross-entropy")
    )
    """``cross-entropy`` of a softmax over the last layer's sums, whatever the activation."""
    normalisation: NormalisationSpec | None = None
    bias: bool = True
    """An input that is always one, carried by a row of its own."""
    weights: str | None = None
    """A file of given weights (``.npz``, arrays by the names of layers), relative to the description's own:
    ``name`` is (inputs, units) of a dense layer and (height, width, channels, kernels) of a convolution,
    ``name.bias`` (units or kernels) is its bias, zero when left out. ``name.weight`` is what a state dict of
    PyTorch has instead: (units, inputs) and (kernels, channels, height, width), images listed channel after
    channel. ``{seed}`` in its name stands for the
    seed of the run, so that each has weights of a training of its own."""
    weights_error: Share = attrs.field(default=Share(0.0), validator=between(0, 1))
    """Standard deviation of a Gaussian that is added to each given weight of a layer that learns, and to each
    given bias, before it is written, as a share of the largest of the layer; drawn from the run's seed, the
    same for every chip. What the chip's own writing misses comes on top. Frozen layers are written as given,
    for the cells that keep them have spreads of their own."""
    initial_weights: float = attrs.field(default=0.1, validator=between(0, 1e6))
    """Standard deviation of the Gaussian that initial weights are drawn from."""

    @property
    def largest_error(self) -> float:
        """Largest magnitude of an error of the last layer's sums; infinite where there is no bound."""
        # An error is a share of a softmax less a label, which is 0 or 1.
        if self.loss == "cross-entropy":
            return 1.0
        return _LOGISTIC_SQUARED if self.activation == "logistic" else math.inf

    @property
    def output_activation(self) -> str:
        """Non-linearity of the last layer; a softmax belongs to the loss."""
        logistic = self.activation == "logistic" and self.loss == "squared-error"
        return "logistic" if logistic else "identity"

    def largest_errors(self, weight: float, *, on: Container[int] | None = None) -> list[float]:
        """Largest error that each layer's sums can have, the first layer first, for logistic hidden units.

        A layer without weights in between makes none larger.

        Parameters
        ----------
        weight
            Largest magnitude of a weight.
        on
            Layers, from 0, that it is known of; weights of others may have any. None for all.
        """
        errors = [self.largest_error]
        for index in range(len(self.stages) - 1, 0, -1):
            stage = self.stages[index]
            # A unit gets an error from each sum that it is part of, by a weight, and passes it by its slope.
            reached = stage.layer.fan_out(stage.given)
            most = weight if on is None or index in on else math.inf
            errors.insert(0, _LOGISTIC_SLOPE * reached * most * errors[0])
        return errors

    def activation_of(self, index: int) -> str:
        """What the weighted sums of a layer of weights, counted from 0, pass."""
        return self.output_activation if index + 1 == len(self.stages) else self.activation

    def normalises(self, index: int) -> bool:
        """Whether the weighted sums of a layer of weights, counted from 0, are normalised."""
        how = self.normalisation
        if how is None or self.stages[index].frozen:
            return False
        return how.output or index + 1 < len(self.stages)

    @property
    def first_learning(self) -> int:
        """Index of the first layer of weights that learns; no errors are computed for those before it.

        As many as there are layers where none learns.
        """
        learning = (index for index, stage in enumerate(self.stages) if not stage.frozen)
        return next(learning, len(self.stages))

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """Its layers of weights, each with what passes between it and the next one."""
        return stages_of(self.layers, bias=self.bias)

    @property
    def classes(self) -> int:
        """Outputs."""
        return self.stages[-1].leaves

    @property
    def words(self) -> str:
        """Its layers, in a few words.

        Examples
        --------
        >>> NetworkSpec(layers=(784, 250, 10)).words
        '784-250-10'
        """
        if all(isinstance(layer, int) for layer in self.layers):
            return "-".join(map(str, self.layers))
        first = self.stages[0].given
        told = (layer.words if isinstance(layer, Layer) else f"{layer} units" for layer in self.layers[1:])
        return ", ".join((shown_shape(first), *told))

    @layers.validator
    def _chain(self, _field: object, value: tuple[int | Shape | Layer, ...]) -> None:
        if len(value) < 2:
            raise ValueError(f"needs at least two sizes, inputs and outputs, not {list(value)}")
        # Asked before there is a network that has a bias or none, which does not decide what follows what.
        stages_of(value, bias=True)


@attrs.frozen(kw_only=True)
class PhaseSpec:
    """One phase of training: its data, how long, and numbers of the rule that differ in it."""

    name: str = "train"
    dataset: DatasetSpec
    epochs: int = attrs.field(validator=between(1, 100_000))
    epoch_samples: int | None = attrs.field(default=None, validator=between(1, EPOCH_SAMPLES))
    """Training samples of an epoch, after which accuracy is tested and the selector decides; None takes the
    samples of the dataset, all once. Training goes on through the dataset, which is shuffled anew each time
    that it is used up: an epoch may be a part of a pass over it, or several passes."""
    learning_rate: float | dict[str, float] | None = attrs.field(default=None, validator=rates)
    """Replaces the workload's in this phase."""
    task: str | None = None
    """What is learnt, for phases that go on with the same data; None takes the phase's own name. Letters,
    digits, ``-`` and ``_``, for results are named after it."""
    test_before: bool = False
    """Whether its task is tested before its first sample too, with what was learnt before."""
    rule: dict[str, float] = attrs.Factory(dict)
    """Numbers of the learning rule that differ in this phase, by their names. Only ``metaplasticity`` of
    ``hidden-weights`` may; all others are the same in all phases."""
    software: SoftwareSpec | None = None
    """How it trains outside the chip, before all phases that train on it; None trains on the chip."""

    @property
    def by_rule(self) -> bool:
        """Whether the chip's rule trains it, on the chip or on a model of it."""
        return self.software is None or self.software.trained_as == "device"

    def samples_of_epoch(self, there: int) -> int:
        """Training samples of each of its epochs, of a dataset that has so many."""
        return there if self.epoch_samples is None else self.epoch_samples

    def rate_for(self, optimiser: str) -> float | None:
        """Its own learning rate for an optimiser; None where it has none."""
        return _rate_for(self.learning_rate, optimiser)

    @property
    def task_name(self) -> str:
        """The task that the phase trains."""
        return self.task or self.name


@attrs.frozen(kw_only=True)
class WorkloadSpec:
    """What is trained: one task, or several one after another, each in one or more phases."""

    name: str
    about: str
    network: NetworkSpec
    batch: int = attrs.field(default=1, validator=between(1, 1_000_000))
    """Samples whose gradients are taken with the same weights."""
    learning_rate: float | dict[str, float] = attrs.field(validator=rates)
    """Step along the mean gradient of a batch: one number, or one for each optimiser, such as
    ``{sgd: 0.1, adam: 0.001}``, so that chips of different rules train the same workload."""
    phases: tuple[PhaseSpec, ...] = attrs.field()
    evaluate: tuple[str, ...] | None = None
    """Tasks that are tested after each epoch, once they were seen; None tests all of them. The task being
    trained is tested for its curve whether it is named or not."""
    transfer_error: Share | None = attrs.field(default=None, validator=between(0, 1))
    """Standard deviation of the Gaussian error with which weights that were trained in software reach the
    chip, as a share of their layer's largest weight; drawn once a run, the same for every chip. None for
    none."""

    @property
    def in_software(self) -> tuple[PhaseSpec, ...]:
        """Phases that train outside the chip."""
        return tuple(phase for phase in self.phases if phase.software is not None)

    @property
    def by_rule(self) -> tuple[PhaseSpec, ...]:
        """Phases that the chip's rule trains, on the chip or on a model of it."""
        return tuple(phase for phase in self.phases if phase.by_rule)

    @property
    def learns_frozen(self) -> bool:
        """Whether layers that are frozen on the chip learn in software."""
        ways = (phase.software for phase in self.phases)
        return any(how is not None and how.frozen_layers == "learn" for how in ways)

    @phases.validator
    def _some(self, _field: object, value: tuple[PhaseSpec, ...]) -> None:
        if not value:
            raise ValueError("needs at least one phase")

    def rate_for(self, optimiser: str) -> float | None:
        """The learning rate for an optimiser, of phases that have none of their own; None without any."""
        return _rate_for(self.learning_rate, optimiser)


def _rate_for(given: float | dict[str, float] | None, optimiser: str) -> float | None:
    return given.get(optimiser) if isinstance(given, dict) else given
