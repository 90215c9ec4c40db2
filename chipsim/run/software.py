"""Training in software before there are weights on the chip, and what of it is transferred there."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, Final

import attrs
import numpy as np

from chipsim.device.randomness import generator
from chipsim.device.types import Floats
from chipsim.errors import DivergedError
from chipsim.learn.in_software import InSoftware
from chipsim.learn.rule import rule_of
from chipsim.net.matrix import Matrix
from chipsim.net.network import Network
from chipsim.net.noisy import NoisyNetwork
from chipsim.result import IN_SOFTWARE, EpochRow, SoftwareEpoch, TaskEpoch
from chipsim.run.interrupts import Heedful
from chipsim.run.phase_data import PhaseData
from chipsim.run.reading import Described
from chipsim.run.setup import Setup, assembled
from chipsim.run.software_chips import chip_of_numbers
from chipsim.run.training import Training
from chipsim.run.weights import GivenWeights
from chipsim.spec import costs_of
from chipsim.spec.layer import WeightedLayer
from chipsim.spec.software import SoftwareSpec
from chipsim.spec.workload import NetworkSpec, PhaseSpec

__all__ = ["Pretrained", "pretrained", "split_phases", "transferred"]

_MOST: Final = 65_536
"""Rows and columns of a tile at most."""

_Phases = Sequence[tuple[PhaseSpec, PhaseData]]


@attrs.define(eq=False)
class Pretrained:
    """What was trained in software, and the chip that it is transferred to."""

    setup: Setup
    """The chip, given what was transferred."""
    rows: tuple[SoftwareEpoch, ...]
    remarks: tuple[str, ...]
    """Warnings of training in software."""
    transferred_percent: float | None = None
    """Test accuracy on the chip before it has trained, of the task that it trains first."""

    @property
    def figures(self) -> dict[str, Any]:
        """What a summary says of it."""
        return {
            "software_epochs": len(self.rows),
            "software_test_accuracy_percent": self.rows[-1].test_accuracy_percent,
            "transferred_test_accuracy_percent": self.transferred_percent,
        }

    def test(self, network: Network, phase: PhaseSpec, data: PhaseData) -> None:
        """Test the chip as it stands after the transfer, on what it trains first."""
        whole = data.whole()
        classes = network.classify(whole.test_images, task=phase.task_name)
        right = int(np.count_nonzero(classes == whole.test_labels))
        self.transferred_percent = 100 * right / len(classes)


class _Told:
    """A progress for software: its epochs are told as such, and a run may stop between its steps."""

    def __init__(self, progress: Heedful, rows: list[SoftwareEpoch]) -> None:
        self._progress, self._rows = progress, rows
        self.remarks: list[str] = []
        self.way = ""

    def epoch_begins(self, *, epoch: int, epochs: int, samples: int) -> None:
        """Nothing: epochs are counted on the chip."""

    def advance(self, samples: int, *, correct: int) -> None:  # noqa: ARG002
        """Nothing is charged, so that a run may be stopped anywhere; nobody is told."""
        self._progress.interrupts.hand_on()

    def epoch_ends(self, row: EpochRow, *, tasks: Sequence[TaskEpoch]) -> None:
        """Keep it, and tell it."""
        epoch = len(self._rows) + 1
        self._rows.append(
            SoftwareEpoch(
                epoch=epoch,
                phase=row.phase,
                trained_as=self.way,
                train_accuracy_percent=row.train_accuracy_percent,
                test_accuracy_percent=row.test_accuracy_percent,
                loss=row.loss,
            )
        )
        self._progress.epoch_ends(attrs.evolve(row, epoch=epoch, target=IN_SOFTWARE), tasks=tasks)

    def remark(self, text: str) -> None:
        """Keep it, and tell it."""
        told = f"in software: {text}"
        self.remarks.append(told)
        self._progress.remark(told)


def pretrained(setup: Setup, phases: _Phases, *, seed: int, progress: Heedful) -> Pretrained:
    """Train a workload's phases in software, and build its chip anew, given what they end with.

    Whatever is drawn hangs on the run's seed alone, and is other than what its chip draws: the order of
    samples and the first weights, the cells of a model, noise, and the error of the transfer.

    Parameters
    ----------
    setup
        As read and built; it stays as it is.
    phases
        Those in software, with their data.
    seed
        The run's seed.
    progress
        Told what each epoch came to.

    Raises
    ------
    DivergedError
        When training leaves the finite numbers.
    """
    read = Described(architecture=setup.architecture, workload=setup.workload, costs=setup.costs)
    own_seed = int(generator(seed, IN_SOFTWARE).integers(2**31))
    rows: list[SoftwareEpoch] = []
    told = _Told(progress, rows)
    given = GivenWeights({**setup.weights.layers, **setup.weights.wanted})
    for _, group in itertools.groupby(phases, key=lambda one: _way_of(one[0])):
        given = _trained(read, list(group), given=given, seed=own_seed, told=told)
    for _, data in phases:
        data.release()
    weights = transferred(setup, given, seed=seed)
    wanted = {index: its for index, its in given.layers.items() if weights[index] is not its}
    anew = assembled(read, seed=seed, weights=attrs.evolve(setup.weights, layers=weights, wanted=wanted))
    return Pretrained(setup=anew, rows=tuple(rows), remarks=tuple(told.remarks))


def split_phases(phases: _Phases) -> tuple[_Phases, _Phases]:
    """Phases on the chip, and those in software."""
    on_chip = [one for one in phases if one[0].software is None]
    in_software = [one for one in phases if one[0].software is not None]
    return on_chip, in_software


def _how(phase: PhaseSpec) -> SoftwareSpec:
    assert phase.software is not None, "only phases in software are trained there"
    return phase.software


def _way_of(phase: PhaseSpec) -> tuple[str, ...]:
    """By what phases one after another go on with the same model, moments and cells included."""
    how = _how(phase)
    return how.trained_as, how.descends_by, how.frozen_layers


def transferred(setup: Setup, trained: GivenWeights, *, seed: int) -> dict[int, Floats]:
    """Weights as they reach the chip, by layer: with the error of the transfer, drawn once.

    Parameters
    ----------
    setup
        The chip and the workload.
    trained
        All layers' weights.
    seed
        The run's seed.
    """
    spec = setup.workload.spec
    share, rng = spec.transfer_error or 0.0, generator(seed, "transfer")
    found: dict[int, Floats] = {}
    for index, matrix in enumerate(setup.rule.matrices):
        weights = trained.layers[index]
        # Drawn for every layer, so that which of them are frozen changes no other.
        error = rng.standard_normal(weights.shape, np.float32)
        error *= np.float32(share) * np.abs(weights).max()
        outside = matrix.outside()
        if outside is not None:
            error[outside] = 0
        learnt = spec.learns_frozen or not matrix.frozen
        found[index] = weights + error if learnt and share else weights
    return found


# --- training ----------------------------------------------------------------------------------------


def _trained(
    read: Described, phases: _Phases, *, given: GivenWeights, seed: int, told: _Told
) -> GivenWeights:
    """All layers' weights after phases of one way."""
    how = _how(phases[0][0])
    network = _numbers if how.trained_as == "numbers" else _model
    rule = network(_of_software(read, phases, how), how, given=given, seed=seed)
    told.way = how.trained_as
    training = Training(rule, None, seed=seed, evaluate=read.workload.spec.evaluate, progress=told)
    training.begin(seed=seed)
    epochs = sum(phase.epochs for phase, _ in phases)
    for phase, data in phases:
        if isinstance(rule, NoisyNetwork):
            rule.noise = _how(phase).weight_noise or 0.0
        batch = _how(phase).batch or read.workload.spec.batch
        try:
            training.run_phase(phase, data.whole(), batch=batch, epochs=epochs)
        except DivergedError as error:
            raise DivergedError(f"phase {phase.name!r}, in software: {error}") from error
    return GivenWeights({index: _weights(matrix) for index, matrix in enumerate(rule.matrices)})


def _weights(matrix: Matrix[Any]) -> Floats:
    return matrix.weights().astype(np.float32)


def _of_software(read: Described, phases: _Phases, how: SoftwareSpec) -> Described:
    """Descriptions of what is trained in software, as if it were a chip's own workload."""
    spec = read.workload.spec
    own = tuple(attrs.evolve(phase, software=None) for phase, _ in phases)
    network = _unfrozen(spec.network) if how.frozen_layers == "learn" else spec.network
    changed = attrs.evolve(spec, network=network, phases=own, transfer_error=None)
    return attrs.evolve(read, workload=attrs.evolve(read.workload, spec=changed))


def _unfrozen(network: NetworkSpec) -> NetworkSpec:
    layers = tuple(
        attrs.evolve(layer, frozen=False) if isinstance(layer, WeightedLayer) else layer
        for layer in network.layers
    )
    return attrs.evolve(network, layers=layers)


def _model(read: Described, _how: SoftwareSpec, *, given: GivenWeights, seed: int) -> Any:
    """A model of the chip itself, with cells of other draws."""
    return assembled(read, seed=seed, weights=given).rule


def _numbers(read: Described, how: SoftwareSpec, *, given: GivenWeights, seed: int) -> NoisyNetwork:
    """The same network of numbers, each layer on one tile if it is not beyond any."""
    spec = read.workload.spec
    rows = min(_MOST, max(stage.rows for stage in spec.network.stages))
    columns = min(_MOST, max(stage.columns for stage in spec.network.stages))
    chip = chip_of_numbers(how.descends_by, sets=[f"tile.rows={rows}", f"tile.columns={columns}"])
    setup = assembled(
        Described(architecture=chip, workload=read.workload, costs=costs_of(chip)), seed=seed, weights=given
    )
    rule, learner = setup.rule, setup.rule.learner
    if how.descends_by == "sgd":
        kind = rule_of(chip.spec)
        rate = kind.general_rate(spec) or kind.highest_rate(spec)
        learner = InSoftware(
            setup.chip, rule.matrices, network=spec.network, figures=rule.figures, learning_rate=rate
        )
    return NoisyNetwork(
        setup.chip, rule.matrices, network=spec.network, figures=rule.figures, learner=learner,
        rng=generator(seed, "noise"),
    )  # fmt: skip
