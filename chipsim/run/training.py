"""The epoch loop: steps executed and charged, accuracy taken, the selector asked after each epoch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.data import Dataset
from chipsim.device.randomness import generator
from chipsim.ledger import Charges, Ledger
from chipsim.parts.program import Program
from chipsim.result import ArrayEpoch, EpochRow
from chipsim.run.execute import Executor
from chipsim.spec.workload import PhaseSpec
from chipsim.train.rule import LearningRule, Step

__all__ = ["Progress", "Training", "Watcher"]

_BUNCH: Final = 64
"""Steps timed between two looks at the clock on the wall."""


class Progress(Protocol):
    """Whoever wants to know how far a run is, such as a progress bar."""

    def epoch_begins(self, *, epoch: int, epochs: int, samples: int) -> None:
        """An epoch of so many samples starts."""

    def advance(self, samples: int, *, correct: int) -> None:
        """So many more samples were trained on, and so many of them classified right before their update.

        The step is over and charged: a KeyboardInterrupt raised from here leaves whole books.
        """

    def epoch_ends(self, row: EpochRow) -> None:
        """An epoch is over."""


class Watcher:
    """A progress that nobody looks at."""

    def epoch_begins(self, *, epoch: int, epochs: int, samples: int) -> None:
        """Nothing."""

    def advance(self, samples: int, *, correct: int) -> None:
        """Nothing."""

    def epoch_ends(self, row: EpochRow) -> None:
        """Nothing."""


@attrs.define
class _Sums:
    correct: int = 0
    loss: float = 0.0


class Training:
    """A rule at work on a chip, with books of what it took and how it fared.

    Parameters
    ----------
    rule
        The learning rule, its layers placed.
    executor
        Times the programs; None trains without any timing.
    seed
        Seed of the order of samples, the same for every chip.
    progress
        Told how far training is.
    """

    def __init__(
        self,
        rule: LearningRule,
        executor: Executor | None,
        *,
        seed: int,
        progress: Progress | None = None,
    ) -> None:
        self.rule = rule
        self.epochs: list[EpochRow] = []
        self.arrays: list[ArrayEpoch] = []
        self.steps = 0
        self.samples = 0
        self.first_step: Program | None = None
        """Program of the first step of the newest epoch."""
        self.switch_epoch: int | None = None
        """First epoch whose updates went to another pair than before."""
        self._executor = executor
        self._order = generator(seed, "data")
        self._progress = progress or Watcher()
        self._data_ledger = Ledger()
        self._worn: dict[str, tuple[int, int, int]] = {}

    def begin(self, *, seed: int) -> None:
        """Write the initial weights."""
        program, charges = self.rule.begin(seed=seed)
        self._execute(program, charges)
        self._note_arrays(0)

    def run_phase(self, phase: PhaseSpec, data: Dataset, *, batch: int, epochs: int) -> None:
        """Train through one phase.

        Parameters
        ----------
        phase
            The phase as described.
        data
            Its dataset.
        batch
            Samples a step.
        epochs
            Epochs in all phases, for the progress bar.
        """
        self.rule.begin_phase(phase)
        for _ in range(phase.epochs):
            epoch = len(self.epochs) + 1
            self._progress.epoch_begins(epoch=epoch, epochs=epochs, samples=len(data.train_labels))
            target = self.rule.target
            if self.switch_epoch is None and self.epochs and self.epochs[-1].target != target:
                self.switch_epoch = epoch
            sums = self._train_once(data, batch)
            accuracy = sums.correct / len(data.train_labels)
            self._execute(*self.rule.end_epoch(accuracy=accuracy))
            right = np.count_nonzero(self.rule.classify(data.test_images) == data.test_labels)
            self._note_arrays(epoch)
            row = EpochRow(
                epoch=epoch,
                phase=phase.name,
                train_accuracy_percent=100 * accuracy,
                test_accuracy_percent=100 * int(right) / len(data.test_labels),
                loss=sums.loss / len(data.train_labels),
                simulated_time_ps=self._executor.elapsed if self._executor else 0,
                energy_aj=self.ledger().total.energy_aj,
                target=target,
            )
            self.epochs.append(row)
            self._progress.epoch_ends(row)

    def time_phase(self, executor: Executor, *, epochs: int, samples: int, batch: int) -> None:
        """Time the steps of a phase without their arithmetic.

        Parameters
        ----------
        executor
            Times the programs.
        epochs, samples, batch
            How many steps of which size.
        """
        whole, rest = divmod(samples, batch)
        self.first_step = self.rule.typical_step(batch if whole else rest)
        for epoch in range(epochs):
            self._progress.epoch_begins(epoch=epoch + 1, epochs=epochs, samples=samples)
            for size, steps in ((batch, whole), (rest, 1)):
                if size and steps:
                    self._time_steps(executor, steps=steps, size=size)

    def _time_steps(self, executor: Executor, *, steps: int, size: int) -> None:
        """Time equal steps, a bunch at a time, so that the run can be watched and stopped in between."""
        program = self.rule.typical_step(size)
        for start in range(0, steps, _BUNCH):
            bunch = min(_BUNCH, steps - start)
            executor.run(program, bunch)
            self.steps += bunch
            self.samples += bunch * size
            self._progress.advance(bunch * size, correct=0)

    def _train_once(self, data: Dataset, batch: int) -> _Sums:
        sums = _Sums()
        order = self._order.permutation(len(data.train_labels))
        for number, (images, labels) in enumerate(_batches(data, order, batch)):
            step = self.rule.step(images, labels)
            self._take(step, sums, first=number == 0)
            self.samples += len(labels)
            self._progress.advance(len(labels), correct=step.correct)
        return sums

    def _take(self, step: Step, sums: _Sums, *, first: bool) -> None:
        sums.correct += step.correct
        sums.loss += step.loss
        self.steps += 1
        if first:
            self.first_step = step.program
        self._execute(step.program, step.charges)

    def _execute(self, program: Program, charges: Sequence[Charges]) -> None:
        if self._executor is not None:
            self._executor.run(program)
            self._data_ledger.charge_data(charges)

    def _note_arrays(self, epoch: int) -> None:
        """What each array went through since the last note; epoch 0 is the writing of initial weights."""
        for tile in self.rule.chip.tiles:
            for worn in tile.wear():
                now = int(worn.pulses.sum(dtype=np.int64)), int(worn.resets.sum(dtype=np.int64)), worn.updates
                before = self._worn.get(worn.array, (0, 0, 0))
                pulses, resets, updates = (a - b for a, b in zip(now, before, strict=True))
                self.arrays.append(
                    ArrayEpoch(epoch=epoch, array=worn.array, pulses=pulses, resets=resets, updates=updates)
                )
                self._worn[worn.array] = now

    def ledger(self) -> Ledger:
        """Everything charged so far, timed and set by data."""
        total = Ledger()
        if self._executor is not None:
            total.add(self._executor.settle())
        total.add(self._data_ledger)
        return total


def _batches(
    data: Dataset, order: NDArray[np.int64], batch: int
) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        yield data.train_images[chosen], data.train_labels[chosen]
