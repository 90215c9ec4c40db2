"""Training loops of chips: a chip, its settings, and with or without timing and replay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import attrs

from chipsim.data import Dataset, load
from chipsim.run.execute import Executor
from chipsim.run.simulate import Setup, prepare
from chipsim.run.training import Training

__all__ = ["ALL", "MODES", "NO_REPLAY", "NO_TIMING", "ChipLoop", "Loop", "Mode", "chip_loop", "executor_of"]

Loop = Callable[[Dataset], Any]
"""Trains once on a dataset's training samples."""


@attrs.frozen(kw_only=True)
class Mode:
    """How much is done beside the arithmetic of training."""

    name: str
    timing: bool
    """Whether time and energy are simulated and charged."""
    replay: bool = True
    """Whether a program that was timed before is looked up instead of simulated."""


ALL: Final = Mode(name="all", timing=True)
NO_TIMING: Final = Mode(name="no_timing", timing=False)
NO_REPLAY: Final = Mode(name="no_replay", timing=True, replay=False)
MODES: Final = (ALL, NO_TIMING, NO_REPLAY)


@attrs.frozen(kw_only=True)
class ChipLoop:
    """What is trained: a chip on a workload."""

    architecture: str
    workload: str = "mnist-5k"
    sets: tuple[str, ...] = ()
    """As ``--set`` takes them."""
    phase: int = 0
    """The phase whose training is timed; those before it are trained first."""


def executor_of(setup: Setup, mode: Mode) -> Executor | None:
    """What times the programs in a mode; None where nothing does."""
    return Executor(setup.chip, replay=mode.replay) if mode.timing else None


def chip_loop(what: ChipLoop, mode: Mode, *, epochs: int = 2) -> Loop:
    """The training of a chip, once it is under way.

    Parameters
    ----------
    what
        The chip, its settings and its workload.
    mode
        With or without timing and replay.
    epochs
        Epochs of all the digits before: of a hybrid synapse that leaves its coarse pair at once, two.

    Raises
    ------
    ChipsimError
        When a setting does not fit.
    """
    setup = prepare(what.architecture, what.workload, epochs=1, sets=what.sets)
    spec = setup.workload.spec
    # Without timing, which leaves the chip in the same state: nothing of what comes before is timed.
    earlier = Training(setup.rule, None, seed=0)
    earlier.begin(seed=0)
    # One sample to test on: what is timed is training.
    digits = load("mnist-5k", test=1)
    phase = spec.phases[what.phase]
    # In one go: a selector compares no epoch with one before the phase began, and would never leave its pair.
    for before in (*spec.phases[: what.phase], attrs.evolve(phase, epochs=epochs)):
        earlier.run_phase(before, digits, batch=spec.batch, epochs=epochs)
    training = Training(setup.rule, executor_of(setup, mode), seed=0)
    return lambda data: training.run_phase(phase, data, batch=spec.batch, epochs=1)
