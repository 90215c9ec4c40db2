"""The epoch loop: steps executed and charged, accuracy taken, the selector asked after each epoch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.data import Dataset
from chipsim.data.images import Images
from chipsim.ledger import Charges, DataLedger, Ledger
from chipsim.net.loop import Trained, loop_of
from chipsim.net.network import Network, Step
from chipsim.net.writing_error import WritingError
from chipsim.parts.program import Program, Series
from chipsim.result import ArrayEpoch, EpochRow, LossEpoch, TaskEpoch, Wear
from chipsim.run.datasets import batches
from chipsim.run.execute import Executor
from chipsim.run.faring import check_initial_weights, diverged, told_of_epoch, weights_of, worn_since
from chipsim.run.first_writing import written_weights
from chipsim.run.garbage import what_is_there_kept
from chipsim.run.keeping import Keeping
from chipsim.run.noting import Noted
from chipsim.run.order import Order
from chipsim.run.pending import Pending
from chipsim.run.progress import Keeper, Progress, Watcher
from chipsim.run.starting import Start
from chipsim.run.tested import Tested
from chipsim.run.under_way import Sums, UnderWay
from chipsim.run.waiting import Cells
from chipsim.spec.workload import PhaseSpec
from chipsim.state import State

__all__ = ["Progress", "Training", "Watcher"]

_AT_ONCE: Final = 128
"""Samples of a compiled loop at most."""
_BOOKS: Final = (
    "epochs", "tasks", "arrays", "losses", "remarks", "steps", "samples", "first_step", "switch_epoch",
    "carried", "written", "tested_before", "_worn", "_samples_noted", "_remarked",
)  # fmt: skip
"""Attributes of a training that it goes on from."""


class Training(Tested):
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
    keeping
        Told where epochs end, if the executor tells it what was executed.
    """

    def __init__(
        self,
        rule: Network,
        executor: Executor | None,
        *,
        seed: int,
        evaluate: Sequence[str] | None = None,
        progress: Progress | None = None,
        keeping: Keeping | None = None,
    ) -> None:
        self.rule = rule
        self.epochs: list[EpochRow] = []
        self.tasks: list[TaskEpoch] = []
        self.waits = []
        self.cells = Cells(rule.chip)
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
        self._order = Order(seed=seed)
        self.progress = progress or Watcher()
        self.keeping = keeping
        self._data_ledger = DataLedger()
        self._worn: dict[str, tuple[int, int, int]] = {}
        self._samples_noted = 0
        self._remarked: set[str] = set()
        self.noted: Noted | None = None
        """Takes notes of what was executed for which step; None where nobody asked for a trace."""
        self.keeper: Keeper | None = None
        """Told whenever its state can be saved."""
        self.carried: dict[str, Wear] = {}
        """What cells had been through before, by array."""
        self.written: dict[str, WritingError] = {}
        """What the first writing made of the weights of each layer."""
        self.tested_before: dict[str, float] = {}
        """Test accuracy of phases before their first sample, in percent, where that is asked for."""
        self._under_way: UnderWay | None = None
        self._planned = 0
        self._saved: State | None = None

    def begin(self, *, seed: int, start: Start | None = None) -> None:
        """Write the initial weights, or start from where another run ended."""
        program, charges = self.rule.begin(seed=seed)
        # Only for what is made by it: whatever it wrote gives way to what was saved.
        if self._saved is not None:
            return
        if start is None:
            self._execute(program, charges)
            check_initial_weights(self.rule.chip)
            self.written = written_weights(self.rule)
        else:
            self.carried = start.bring(self.rule)
            self.cells.began_anew()
            self._note_arrays(0)
            self.arrays.clear()
        self._let_drift()
        self.close(0)
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
        self._planned += phase.epochs
        begun = len(self.epochs) + (self._under_way is not None)
        if self._saved is not None and begun <= self._planned:
            self.rule.restore(self._saved)
            self._saved = None
        if phase.test_before and begun + phase.epochs == self._planned:
            self.tested_before[phase.name] = self._test(phase.task_name)[phase.task_name]
        while len(self.epochs) < self._planned:
            under_way = self._begun(phase, data)
            samples, sums = len(under_way.order), under_way.sums
            self.progress.epoch_begins(epoch=len(self.epochs) + 1, epochs=epochs, samples=samples)
            # Whoever shows how far it is has not seen those of a run that was stopped.
            if sums.steps:
                self.progress.advance(sums.samples, correct=sums.correct)
            row, tasks = self._run_epoch(phase, data, batch)
            self._note_arrays(row.epoch)
            self._note_losses(row.epoch)
            self.epochs.append(row)
            self.tasks += tasks
            self._under_way = None
            if self.keeper is not None:
                self.keeper.epoch_ended(self)
            self.progress.epoch_ends(row, tasks=tasks)

    def _begun(self, phase: PhaseSpec, data: Dataset) -> UnderWay:
        """The epoch that was saved in its midst, or a new one."""
        if self._under_way is None:
            # What a chip learns shows in the weights alone, whatever may keep them from changing.
            before = weights_of(self.rule.chip)
            there = len(data.train_labels)
            order = self._order.take(phase.samples_of_epoch(there), of=there, phase=phase.name)
            self._under_way = UnderWay(order, before)
        return self._under_way

    def _run_epoch(self, phase: PhaseSpec, data: Dataset, batch: int) -> tuple[EpochRow, list[TaskEpoch]]:
        """Train on the samples of an epoch, ask the selector, and test every task that is to be tested."""
        epoch = len(self.epochs) + 1
        target = self.rule.target
        # Told when an epoch begins on the other pair, not when the selector decides, for a run may end in
        # between.
        if self.switch_epoch is None and self.epochs and self.epochs[-1].target != target:
            self.switch_epoch = epoch
        under_way = self._begun(phase, data)
        samples, sums = len(under_way.order), under_way.sums
        self._train_once(under_way, data, batch)
        self._note_faring(under_way, data, epoch=epoch)
        accuracy = sums.correct / samples
        self._execute(*self.rule.end_epoch(accuracy=accuracy))
        trained = phase.task_name
        tested = self._test(trained)
        row = EpochRow(
            epoch=epoch,
            phase=phase.name,
            train_accuracy_percent=100 * accuracy,
            test_accuracy_percent=tested[trained],
            loss=sums.loss / samples,
            simulated_time_ps=self._executor.elapsed if self._executor else 0,
            energy_aj=self.ledger().total.energy_aj,
            target=target,
            samples=self.samples,
        )
        self.close(epoch)
        # A task under training is always tested, for the row above, whether it is told or not.
        tasks = [
            TaskEpoch(epoch=epoch, task=task, test_accuracy_percent=share, trained=task == trained)
            for task, share in tested.items()
            if self._evaluate is None or task in self._evaluate
        ]
        return row, tasks

    def _train_once(self, under_way: UnderWay, data: Dataset, batch: int) -> None:
        order, sums = under_way.order, under_way.sums
        if batch == 1:
            self._train_in_loops(data, order, sums)
        left = order[sums.samples :]
        for number, (images, labels) in enumerate(batches(data, left, batch), start=len(sums.steps)):
            step = self.rule.step(images, labels)
            self._take(step, sums, first=number == 0)
            self.samples += len(labels)
            # Only now: cells have had their pulses, and the books of what is left must say so.
            if not math.isfinite(step.loss):
                where = f"epoch {len(self.epochs) + 1}, step {number + 1}"
                raise diverged(self.rule.chip, where=where)
            sums.steps.append((step.loss, len(labels)))
            self.progress.advance(len(labels), correct=step.correct)
            if self.keeper is not None and self.keeper.is_due():
                self.keeper.keep(self)

    def _train_in_loops(self, data: Dataset, order: NDArray[np.int64], sums: Sums) -> None:
        """Train sample by sample in compiled loops, where the network can.

        Raises
        ------
        DivergedError
            As :meth:`_train_once` raises it, at the same sample.
        """
        # A trace says of every step when it was.
        if self._executor is not None and not self._executor.takes_many:
            return
        loop = loop_of(self.rule, most=_AT_ONCE)
        if loop is None:
            return
        pending = Pending(self._executor, self._data_ledger)
        start = len(sums.steps)
        try:
            while start < len(order):
                chosen = order[start : start + loop.samples_at_once()]
                trained = loop.train(data.train_images[chosen], data.train_labels[chosen])
                done = len(trained.losses)
                # Also of samples of which the last diverged, as after a step that did.
                between = loop.end(done)
                if start == 0 and done:
                    self._note_first(trained, between[0] if done == 1 else None)
                pending.add(trained.programs, trained.charges, after=trained.after)
                pending.add(*between)
                self._take_all(trained, sums)
                self.progress.advance(done, correct=trained.correct)
                start += len(chosen)
                if self.keeper is not None and self.keeper.is_due():
                    pending.settle()
                    self.keeper.keep(self)
        finally:
            # However training ends, the cells have had their pulses.
            pending.settle()

    def _note_first(self, trained: Trained, between: Program | None) -> None:
        """Keep the program of the first sample, with what came after it if nothing else did."""
        first = trained.programs.program(trained.programs.counts[0].tolist())
        if trained.after is not None:
            between = trained.after.program(0)
        self.first_step = first if between is None else Series((first, between))

    def _take_all(self, trained: Trained, sums: Sums) -> None:
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

    def _take(self, step: Step, sums: Sums, *, first: bool) -> None:
        sums.correct += step.correct
        sums.loss += step.loss
        self.steps += 1
        if first:
            self.first_step = step.program
        self._execute(step.program, step.charges)

    def _execute(self, program: Program, charges: Sequence[Charges]) -> None:
        if self._executor is not None:
            if self.noted is not None:
                self.noted.note(self.steps, program, charges, began=self._executor.elapsed)
            self._executor.run(program)
            self._data_ledger.charge_data(charges)

    def close(self, epoch: int) -> None:
        """Keep what was executed since the last epoch that was closed as that of this one."""
        if self.keeping is not None:
            self.keeping.close(epoch, self._data_ledger)

    def _note_arrays(self, epoch: int) -> None:
        """What each array went through since the last note; epoch 0 is the writing of initial weights."""
        self.arrays += worn_since(self._worn, self.rule.chip, epoch=epoch)

    def _note_faring(self, under_way: UnderWay, data: Dataset, *, epoch: int) -> None:
        """Say it when nothing changed or nothing is learnt, each kind once a run.

        Raises
        ------
        DivergedError
            When weights are no finite numbers any more.
        """
        told = told_of_epoch(self.rule, under_way, data.train_labels[under_way.order], epoch=epoch)
        for kind, text in told.items():
            if text and kind not in self._remarked:
                self._remarked.add(kind)
                self.remark(text)

    def remark(self, text: str) -> None:
        """Keep a warning for the result, and tell it to whoever watches."""
        self.remarks.append(text)
        self.progress.remark(text)

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

    def state(self) -> State:
        """What it goes on from to the same end: books, order of samples, and all that was trained."""
        return {
            "books": {name: getattr(self, name) for name in _BOOKS},
            "under_way": None if self._under_way is None else self._under_way.state(),
            "order": self._order.state(),
            "cells": self.cells.state(),
            "network": self.rule.state(),
            "data_ledger": self._data_ledger.state(),
            "keeping": None if self.keeping is None else self.keeping.state(),
            "executor": None if self._executor is None else self._executor.state(),
            "noted": None if self.noted is None else self.noted.state(),
        }

    def resume(self, state: State) -> None:
        """Go on from a state of a training of the same run; called before it has begun."""
        for name in _BOOKS:
            setattr(self, name, state["books"][name])
        under_way = state["under_way"]
        self._under_way = None if under_way is None else UnderWay.of(under_way)
        self._order.restore(state["order"])
        self.cells.restore(state["cells"])
        self._data_ledger = DataLedger.restored(state["data_ledger"])
        if self.keeping is not None and state["keeping"] is not None:
            self.keeping.restore(state["keeping"])
        if self._executor is not None:
            self._executor.restore(state["executor"])
        if self.noted is not None and state["noted"] is not None:
            self.noted.restore(state["noted"])
        self._saved = state["network"]

    def ledger(self) -> Ledger:
        """Everything charged so far, timed and set by data."""
        # A ledger of its own: the executor's goes on growing.
        total = Ledger()
        if self._executor is not None:
            total.add(self._executor.settle())
        total.add(self._data_ledger)
        return total
