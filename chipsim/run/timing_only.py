"""Timing a phase that nobody trains."""

from __future__ import annotations

from typing import Final

from chipsim.run.execute import Executor
from chipsim.run.training import Training
from chipsim.spec.workload import PhaseSpec

__all__ = ["time_phase"]

_BUNCH: Final = 64
"""Steps timed between two looks at the clock on the wall."""


def time_phase(
    training: Training, phase: PhaseSpec, executor: Executor, *, samples: int, batch: int, epochs: int
) -> None:
    """Time the steps of a phase without their arithmetic.

    Parameters
    ----------
    training
        Keeps the books.
    phase
        The phase as described.
    executor
        Times the programs.
    samples, batch
        Samples of an epoch and of a step.
    epochs
        Epochs in all phases, for the progress bar.
    """
    training.rule.begin_phase(phase)
    whole_batches, rest = divmod(samples, batch)
    training.first_step = training.rule.typical_step(batch if whole_batches else rest)
    for _ in range(phase.epochs):
        training.progress.epoch_begins(epoch=training.epochs_timed + 1, epochs=epochs, samples=samples)
        if whole_batches:
            _time_steps(training, executor, steps=whole_batches, size=batch)
        if rest:
            _time_steps(training, executor, steps=1, size=rest)
        training.epochs_timed += 1
        training.close(training.epochs_timed)


def _time_steps(training: Training, executor: Executor, *, steps: int, size: int) -> None:
    """Time equal steps, a bunch at a time, so that the run can be watched and stopped in between."""
    program = training.rule.typical_step(size)
    for start in range(0, steps, _BUNCH):
        bunch = min(_BUNCH, steps - start)
        took = executor.run(program, bunch)
        if training.noted is not None:
            first, ended = training.steps + 1, executor.elapsed
            training.noted.note_equal(first, program, bunch, took=took, ended=ended)
        training.steps += bunch
        training.samples += bunch * size
        training.progress.advance(bunch * size, correct=0)
