"""The epoch loop: steps executed and charged, accuracy taken, the selector asked after each epoch."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.data import Dataset
from chipsim.data.images import Images
from chipsim.device.randomness import generator
from chipsim.ledger import Charges, Ledger
from chipsim.net.loop import Trained, loop_of
from chipsim.net.network import Network, Step
from chipsim.parts.program import Program, Series
from chipsim.result import ArrayEpoch, EpochRow, LossEpoch, TaskEpoch
from chipsim.run.execute import Executor
from chipsim.run.faring import (
    chance_remark,
    check_initial_weights,
    diverged,
    guessing_loss,
    late_loss,
    standing_still,
    weights_of,
)
from chipsim.run.garbage import what_is_there_kept
from chipsim.run.pending import Pending
from chipsim.run.progress import Progress, Watcher
from chipsim.spec.workload import PhaseSpec

__all__ = ["Progress", "Training", "Watcher"]

_AT_ONCE: Final = 128
"""Samples of a compiled loop at most."""

_BUNCH: Final = 64
"""Steps timed between two looks at the clock on the wall."""


@attrs.define
class _Sums:
    correct: int = 0
    loss: float = 0.0
    steps: list[tuple[float, int]] = attrs.Factory(list)
    """Loss and samples of each step."""


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
    evaluate
        Tasks that are tested after each epoch, once they were seen; None tests all of them.
    progress
        Told how far training is.
    """

    def __init__(
        self,
        rule: Network,
        executor: Executor | None,
        *,
        seed: int,
        evaluate: Sequence[str] | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.rule = rule
        self.epochs: list[EpochRow] = []
        self.tasks: list[TaskEpoch] = []
        self.arrays: list[ArrayEpoch] = []
        self.losses: list[LossEpoch] = []
        self.remarks: list[str] = []
        """Warnings that little or nothing is learnt, each kind once."""
        self.steps = 0
        self.samples = 0
        self.first_step: Program | None = None
        """Program of the first step of the newest epoch."""
        self.epochs_timed = 0
        """Epochs that were timed without training, to their end."""
        self.switch_epoch: int | None = None
        """First epoch whose updates went to another pair than before."""
        self._executor = executor
        self._evaluate = evaluate
        # Only what is tested: the images of a task that is over may take as much as all weights.
        self._seen: dict[str, tuple[Images, NDArray[np.uint8]]] = {}
        # A generator of its own that knows no chip: all chips see the same samples in the same order, and
        # nothing that a part draws moves it.
        self._order = generator(seed, "data")
        self._progress = progress or Watcher()
        self._data_ledger = Ledger()
        self._worn: dict[str, tuple[int, int, int]] = {}
        self._samples_noted = 0
        self._remarked: set[str] = set()

    def begin(self, *, seed: int) -> None:
        """Write the initial weights."""
        program, charges = self.rule.begin(seed=seed)
        self._execute(program, charges)
        check_initial_weights(self.rule.chip)
        self._note_arrays(0)
        self._note_losses(0)

    @what_is_there_kept()
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
        self._seen[phase.task_name] = data.test_images, data.test_labels
        for _ in range(phase.epochs):
            self._progress.epoch_begins(
                epoch=len(self.epochs) + 1, epochs=epochs, samples=len(data.train_labels)
            )
            row, tasks = self._run_epoch(phase, data, batch)
            self._note_arrays(row.epoch)
            self._note_losses(row.epoch)
            self.epochs.append(row)
            self.tasks += tasks
            self._progress.epoch_ends(row, tasks=tasks)

    def _run_epoch(self, phase: PhaseSpec, data: Dataset, batch: int) -> tuple[EpochRow, list[TaskEpoch]]:
        """Train once on all samples, ask the selector, and test every task that is to be tested."""
        epoch = len(self.epochs) + 1
        target = self.rule.target
        # Told when an epoch begins on the other pair, not when the selector decides, for a run may end in
        # between.
        if self.switch_epoch is None and self.epochs and self.epochs[-1].target != target:
            self.switch_epoch = epoch
        # What a chip learns shows in the weights alone, whatever may keep them from changing: rounding,
        # converters, or cells at their bounds.
        before = weights_of(self.rule.chip)
        sums = self._train_once(data, batch)
        self._note_faring(before, sums, data, epoch=epoch)
        accuracy = sums.correct / len(data.train_labels)
        self._execute(*self.rule.end_epoch(accuracy=accuracy))
        trained = phase.task_name
        tested = self._test(trained)
        row = EpochRow(
            epoch=epoch,
            phase=phase.name,
            train_accuracy_percent=100 * accuracy,
            test_accuracy_percent=tested[trained],
            loss=sums.loss / len(data.train_labels),
            simulated_time_ps=self._executor.elapsed if self._executor else 0,
            energy_aj=self.ledger().total.energy_aj,
            target=target,
        )
        # A task under training is always tested, for the row above; whether it is told is another matter.
        wanted = [task for task in tested if self._is_wanted(task)]
        tasks = [
            TaskEpoch(epoch=epoch, task=task, test_accuracy_percent=tested[task], trained=task == trained)
            for task in wanted
        ]
        return row, tasks

    def _is_wanted(self, task: str) -> bool:
        return self._evaluate is None or task in self._evaluate

    def _test(self, trained: str) -> dict[str, float]:
        """Test accuracy in percent of each task seen that is to be tested, and of the one being trained."""
        tested = {}
        for task, (images, labels) in self._seen.items():
            if task == trained or self._is_wanted(task):
                classes = self.rule.classify(images, task=task)
                right = int(np.count_nonzero(classes == labels))
                tested[task] = 100 * right / len(labels)
        return tested

    def time_phase(
        self, phase: PhaseSpec, executor: Executor, *, samples: int, batch: int, epochs: int
    ) -> None:
        """Time the steps of a phase without their arithmetic.

        Parameters
        ----------
        phase
            The phase as described.
        executor
            Times the programs.
        samples, batch
            Samples of an epoch and of a step.
        epochs
            Epochs in all phases, for the progress bar.
        """
        self.rule.begin_phase(phase)
        whole_batches, rest = divmod(samples, batch)
        self.first_step = self.rule.typical_step(batch if whole_batches else rest)
        for _ in range(phase.epochs):
            self._progress.epoch_begins(epoch=self.epochs_timed + 1, epochs=epochs, samples=samples)
            if whole_batches:
                self._time_steps(executor, steps=whole_batches, size=batch)
            if rest:
                self._time_steps(executor, steps=1, size=rest)
            self.epochs_timed += 1

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
        order = order[self._train_in_loops(data, order, sums) :] if batch == 1 else order
        for number, (images, labels) in enumerate(_batches(data, order, batch), start=len(sums.steps)):
            step = self.rule.step(images, labels)
            self._take(step, sums, first=number == 0)
            self.samples += len(labels)
            # Only now: cells have had their pulses, and the books of what is left must say so.
            if not math.isfinite(step.loss):
                where = f"epoch {len(self.epochs) + 1}, step {number + 1}"
                raise diverged(self.rule.chip, where=where)
            sums.steps.append((step.loss, len(labels)))
            self._progress.advance(len(labels), correct=step.correct)
        return sums

    def _train_in_loops(self, data: Dataset, order: NDArray[np.int64], sums: _Sums) -> int:
        """Train sample by sample in compiled loops, where the network can; on how many samples.

        Raises
        ------
        DivergedError
            As :meth:`_train_once` raises it, at the same sample.
        """
        # A trace says of every step when it was.
        if self._executor is not None and not self._executor.takes_many:
            return 0
        loop = loop_of(self.rule, most=_AT_ONCE)
        if loop is None:
            return 0
        pending = Pending(self._executor, self._data_ledger)
        start = 0
        try:
            while start < len(order):
                chosen = order[start : start + loop.samples_at_once()]
                trained = loop.train(data.train_images[chosen], data.train_labels[chosen])
                done = len(trained.losses)
                # Also of samples of which the last diverged, as after a step that did.
                between = self.rule.learner.end_step(done)
                if start == 0 and done:
                    self._note_first(trained, between[0])
                pending.add(trained.programs, trained.charges)
                pending.add(*between)
                self._take_all(trained, sums)
                self._progress.advance(done, correct=trained.correct)
                start += len(chosen)
        finally:
            # However training ends, the cells have had their pulses.
            pending.settle()
        return start

    def _note_first(self, trained: Trained, between: Program | None) -> None:
        """Keep the program of the first sample, with what came after it if nothing else did."""
        first = trained.programs.program(trained.programs.counts[0].tolist())
        if between is not None and len(trained.losses) == 1:
            first = Series((first, between))
        self.first_step = first

    def _take_all(self, trained: Trained, sums: _Sums) -> None:
        """Note how the samples of a loop fared, and stop where one of them diverged."""
        samples = len(trained.losses)
        before = len(sums.steps)
        sums.correct += trained.correct
        for loss in trained.losses:
            sums.loss += loss
        sums.steps += [(loss, 1) for loss in trained.losses]
        self.steps += samples
        self.samples += samples
        if trained.fault is not None:
            raise trained.fault
        if samples and not math.isfinite(trained.losses[-1]):
            where = f"epoch {len(self.epochs) + 1}, step {before + samples}"
            raise diverged(self.rule.chip, where=where)

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
                # Cells count in 32 bits, and an array of them sums up to more.
                pulses = int(worn.pulses.sum(dtype=np.int64))
                resets = int(worn.resets.sum(dtype=np.int64))
                before = self._worn.get(worn.array, (0, 0, 0))
                row = ArrayEpoch(
                    epoch=epoch,
                    array=worn.array,
                    pulses=pulses - before[0],
                    resets=resets - before[1],
                    updates=worn.updates - before[2],
                )
                self.arrays.append(row)
                self._worn[worn.array] = (pulses, resets, worn.updates)

    def _note_faring(
        self, before: Sequence[NDArray[np.float64]], sums: _Sums, data: Dataset, *, epoch: int
    ) -> None:
        """Say it when nothing changed or nothing is learnt, each kind once a run.

        Raises
        ------
        DivergedError
            When weights are no finite numbers any more.
        """
        chip = self.rule.chip
        after = weights_of(chip)
        if not all(np.isfinite(weights).all() for weights in after):
            raise diverged(chip, where=f"epoch {epoch}")
        labels = data.train_labels
        loss, error = late_loss(sums.steps)
        guess = guessing_loss(labels, kind=self.rule.network.loss)
        still = standing_still(chip, before, after, epoch=epoch, frozen=self.rule.frozen_tiles)
        chance = chance_remark(labels, correct=sums.correct, loss=loss, error=error, guess=guess, epoch=epoch)
        for kind, text in (("still", still), ("chance", chance)):
            if text and kind not in self._remarked:
                self._remarked.add(kind)
                self.remark(text)

    def remark(self, text: str) -> None:
        """Keep a warning for the result, and tell it to whoever watches."""
        self.remarks.append(text)
        self._progress.remark(text)

    def _note_losses(self, epoch: int) -> None:
        """What each part lost since the last note."""
        self._samples_noted = self.samples
        lost = [attrs.asdict(loss) for loss in self.rule.chip.lost()]
        self.losses += [LossEpoch(epoch=epoch, **loss) for loss in lost]

    def stop(self, cause: str = "") -> None:
        """Note what the epoch under way lost, and why, when training ends in the middle of it."""
        if cause:
            self.remarks.append(cause)
        if self.samples > self._samples_noted:
            self._note_losses(len(self.epochs) + 1)

    def ledger(self) -> Ledger:
        """Everything charged so far, timed and set by data."""
        # A ledger of its own: the executor's goes on growing.
        total = Ledger()
        if self._executor is not None:
            total.add(self._executor.settle())
        total.add(self._data_ledger)
        return total


def _batches(
    data: Dataset, order: NDArray[np.int64], batch: int
) -> Iterator[tuple[NDArray[Any], NDArray[np.uint8]]]:
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        yield data.train_images[chosen], data.train_labels[chosen]
