"""Checkpoints: the state of a training in a file, now and then, that the same run can go on from.

What the file is, and what is the same in a run that went on from it, stands in ``docs/resuming.md``.
"""

from __future__ import annotations

import hashlib
import io
import time
import warnings
from pathlib import Path
from typing import IO, Any, Final

from chipsim.errors import ChipsimWarning, OutputError
from chipsim.net.writing_error import WritingError
from chipsim.outputs.checkpoint import write_whole
from chipsim.packing import read_packed, write_packed
from chipsim.parts.program import Operation, Parallel, Series, Stream
from chipsim.result import ArrayEpoch, EpochRow, LossEpoch, TaskEpoch, Wear
from chipsim.result.digests import read_regular
from chipsim.run.differing import differences, in_words
from chipsim.run.identity import Deciding
from chipsim.run.saving_times import Every
from chipsim.run.training import Training
from chipsim.state import State

__all__ = ["Checkpoints", "Clock"]

_FORMAT: Final = "chipsim-checkpoint"
_VERSION: Final = 1
_DIGEST: Final = 32
"""Bytes of the digest that ends a file."""
_KINDS: Final = (
    Operation, Series, Parallel, Stream, EpochRow, TaskEpoch, ArrayEpoch, LossEpoch, Wear,
    WritingError,
)  # fmt: skip
_ANEW: Final = "begin it anew (--overwrite; in Python without resume)"


class Clock:
    """The time that a run takes by the clock on the wall, before it was resumed and since."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self.before_s = 0.0
        """What it had taken when it was saved, s."""

    def restart(self) -> None:
        """Count from here on: what went before was no part of the run on the chip."""
        self._began = time.perf_counter()

    @property
    def passed_s(self) -> float:
        """What it has taken until now, s."""
        return self.before_s + time.perf_counter() - self._began


class Checkpoints:
    """Saves the state of a training in a file, and reads it again; the file is always that of one moment.

    Parameters
    ----------
    path
        The file, as messages tell it.
    every
        When it is written.
    run
        What decides the figures of the run.
    replay
        Whether programs are timed once: figures do not depend on it, but the count of timed programs does.
    clock
        Has the time that the run takes.
    """

    def __init__(self, path: Path, *, every: Every, run: Deciding, replay: bool, clock: Clock) -> None:
        self.path, self._every, self._run = path, every, run
        # Where it is now, wherever a kind of one's own takes the process later.
        self._file = path.absolute()
        self._replay, self._clock = replay, clock
        self._epochs = 0
        self._at = time.monotonic()
        self._failed = False

    @property
    def run(self) -> str:
        """The name of the run."""
        return self._run.name

    # --- writing ---------------------------------------------------------------------------------

    def is_due(self) -> bool:
        """Whether so much time has passed that the state should be saved in the midst of an epoch."""
        seconds = self._every.seconds
        return seconds is not None and time.monotonic() - self._at >= seconds

    def epoch_ended(self, training: Training) -> None:
        """Save the state, if enough epochs or enough time have passed."""
        self._epochs += 1
        epochs = self._every.epochs
        if self.is_due() or (epochs is not None and self._epochs >= epochs):
            self.keep(training)

    def keep(self, training: Training) -> None:
        """Save the state; where it cannot be written the run goes on without, and that is said once."""
        said = {
            "format": _FORMAT,
            "version": _VERSION,
            "run": self._run.said,
            "replay": self._replay,
            "wall_time_s": self._clock.passed_s,
            "state": training.state(),
        }
        try:
            _write(self._file, said)
        except OSError as error:
            if not self._failed:
                self._failed = True
                reason = error.strerror or error
                message = f"{self.path}: no checkpoint can be written ({reason}); the run goes on without"
                warnings.warn(message, ChipsimWarning, stacklevel=2)
        self._epochs, self._at = 0, time.monotonic()

    # --- reading ---------------------------------------------------------------------------------

    def saved(self) -> State | None:
        """The state that the run goes on from; None where nothing was saved.

        Raises
        ------
        OutputError
            When what is there is damaged, or belongs to another run, to other code, or to another version.
        """
        path = self.path
        try:
            content = read_regular(path, limit=path.stat().st_size)
        except FileNotFoundError:
            return None
        except OSError as error:
            reason = error.strerror or error
            raise OutputError(f"{path}: cannot be read ({reason}); see to it that you may read it") from None
        said = _read(path, content)
        self._refuse_another(said)
        self._clock.before_s = said["wall_time_s"]
        state: State = said["state"]
        return state

    def _refuse_another(self, said: dict[str, Any]) -> None:
        differing = differences(said["run"], self._run.said)
        if said["replay"] != self._replay:
            was, now = ("with" if replay else "without" for replay in (said["replay"], self._replay))
            differing.append(f"it ran {was} replay, and this one {now}")
        if differing:
            raise OutputError(
                f"{self.path}: is the checkpoint of another run: {in_words(differing)}; "
                f"give what that run was given, or {_ANEW}"
            )


class _Digesting:
    """A file that is digested while it is written: its bytes are not looked at again."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def write(self, data: Any, /) -> None:
        self.digest.update(data)
        self._file.write(data)


def _write(path: Path, said: dict[str, Any]) -> None:
    def write(file: IO[bytes]) -> None:
        digesting = _Digesting(file)
        write_packed(digesting, said, kinds=_KINDS)
        file.write(digesting.digest.digest())

    write_whole(path, write)


def _read(path: Path, content: bytes) -> dict[str, Any]:
    body, digest = content[:-_DIGEST], content[-_DIGEST:]
    if hashlib.sha256(body).digest() != digest:
        raise OutputError(
            f"{path}: is damaged or cut off, or no checkpoint; put back what was saved, or {_ANEW}"
        )
    try:
        said = read_packed(io.BytesIO(body), kinds=_KINDS)
        is_ours = said["format"] == _FORMAT
    except Exception as error:
        # Whole, and yet not what is written here: its reader may stumble anywhere.
        raise OutputError(f"{path}: is no checkpoint of this version; {_ANEW}") from error
    if not is_ours or said["version"] != _VERSION:
        raise OutputError(f"{path}: is no checkpoint of this version; {_ANEW}")
    found: dict[str, Any] = said
    return found
