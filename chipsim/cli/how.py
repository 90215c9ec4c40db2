"""What a command line says of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import attrs

from chipsim.outputs.checkpoint import CHECKPOINT
from chipsim.result.step_numbers import StepNumbers
from chipsim.run import Options

__all__ = ["How"]

_USUALLY: Final = "10min"
"""When the state of a run that goes on is saved, where nothing is said of it."""


@attrs.frozen(kw_only=True)
class How:
    """What the command line says of a run, apart from its chip."""

    workload: str
    sets: tuple[str, ...] = ()
    epochs: int | None = None
    seed: int = 0
    data: Path | None = None
    no_replay: bool = False
    trace: bool = False
    trace_steps: str | None = None
    timing_only: bool = False
    checkpoint_every: str | None = None
    resume: bool = False
    start: Path | None = None
    wait: tuple[str, ...] = ()

    @property
    def saves_state(self) -> bool:
        """Whether the run can be stopped and go on."""
        return self.resume or self.checkpoint_every is not None

    def options(self, folder: Path | None = None) -> Options:
        """The same for the simulator.

        Parameters
        ----------
        folder
            Where its state is saved; None where it is not.
        """
        saves = folder is not None and self.saves_state
        return Options(
            seed=self.seed,
            replay=not self.no_replay,
            trace=self.trace or self.trace_steps is not None,
            trace_steps=StepNumbers.of(self.trace_steps) if self.trace_steps is not None else None,
            timing_only=self.timing_only,
            data=self.data,
            start=self.start,
            wait=self.wait,
            checkpoint=folder / CHECKPOINT if saves and folder else None,
            checkpoint_every=self.checkpoint_every or _USUALLY,
            resume=saves and self.resume,
        )
