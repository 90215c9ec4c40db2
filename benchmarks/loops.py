"""Training loops of chips: a chip, its settings, and with or without timing and replay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import attrs

from chipsim.data import Dataset, load
from chipsim.run.execute import Executor
from chipsim.run.simulate import Setup, prepare
from chipsim.run.starting import wear_of
from chipsim.run.training import Training

__all__ = ["ALL", "MODES", "NO_REPLAY", "NO_TIMING", "ChipLoop", "Loop", "Mode", "TrainedChip", "executor_of"]

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


class TrainedChip:
    """A chip whose training is under way, to be trained on in any mode.

    Modes share the chip: what is timed in one leaves it at rest, and its state does not depend on the mode.

    Parameters
    ----------
    what
        The chip, its settings and its workload.
    epochs
        Epochs of all the digits before anything is timed: of a hybrid synapse that leaves its coarse pair at
        once, two.

    Raises
    ------
    ChipsimError
        When a setting does not fit.
    """

    def __init__(self, what: ChipLoop, *, epochs: int = 2) -> None:
        self._setup = prepare(what.architecture, what.workload, epochs=1, sets=what.sets)
        spec = self._setup.workload.spec
        self._phase = spec.phases[what.phase]
        earlier = Training(self._setup.rule, None, seed=0)
        earlier.begin(seed=0)
        # One sample to test on: what is timed is training.
        digits = load("mnist-5k", test=1)
        # In one go: a selector compares no epoch with one before the phase began, and would never leave its
        # pair.
        for phase in (*spec.phases[: what.phase], attrs.evolve(self._phase, epochs=epochs)):
            earlier.run_phase(phase, digits, batch=spec.batch, epochs=epochs)

    @property
    def pair(self) -> str:
        """The pair that updates go to."""
        return self._setup.rule.target

    @property
    def pulses(self) -> int:
        """Pulses that its cells have had."""
        return sum(int(worn.pulses.sum()) for worn in wear_of(self._setup.chip, {}))

    def loop(self, mode: Mode) -> Loop:
        """Training in a mode."""
        training = Training(self._setup.rule, executor_of(self._setup, mode), seed=0)
        batch = self._setup.workload.spec.batch
        return lambda data: training.run_phase(self._phase, data, batch=batch, epochs=1)
