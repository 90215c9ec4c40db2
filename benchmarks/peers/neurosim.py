"""NeuroSim's simulator of multilayer perceptrons, where a user has built it; nothing of it is shipped."""

from __future__ import annotations

import os
import re
import select
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs

from benchmarks.machine import pinned
from chipsim.errors import ChipsimError

__all__ = ["PUBLISHED", "Measured", "Settings", "check", "measured", "settings_of"]

PUBLISHED: Final = (
    "NeuroSim, published and not measured here: its MLP simulator (V3.0) publishes no run time. DNN+NeuroSim "
    "V2.1 says to expect about 12 hours for VGG-8 on CIFAR-10 with 256 epochs (README of "
    "https://github.com/neurosim/DNN_NeuroSim_V2.1); with the 50,000 images of that set these are 3.4 ms a "
    "sample (derived), of another network, in batches. Who has built the MLP simulator measures it with "
    "`make bench-peers NEUROSIM=.../main`."
)
"""What is said where no built simulator is given."""
_KEYS: Final = {
    "samples": "numTrainImagesPerEpoch",
    "batch": "numTrainImagesPerBatch",
    "epochs": "totalNumEpochs",
    "shown_every": "interNumEpochs",
    "inputs": "nInput",
    "hidden": "nHide",
    "outputs": "nOutput",
    "tests": "numMnistTestImages",
}
_EPOCH: Final = re.compile(rb"Accuracy at (\d+) epochs? is\s*:\s*([0-9.]+)")
_SILENCE_S: Final = 3600
_AT_ONCE: Final = 2**12
_ENOUGH: Final = 2
"""Accuracies after which it is ended: the seconds between them are those of training, without its start."""


@attrs.frozen(kw_only=True)
class Settings:
    """What ``Param.cpp`` beside the simulator says; compiled in, so this holds if it was built since."""

    samples: int
    """Of an epoch."""
    batch: int
    epochs: int
    shown_every: int
    """Epochs between two accuracies."""
    inputs: int
    hidden: int
    outputs: int
    tests: int
    """Images that it tests after each of them."""
    optimiser: str


@attrs.frozen(kw_only=True)
class Measured:
    """What a run took."""

    settings: Settings
    seconds: float
    """Between the first accuracy and the last that was waited for."""
    samples: int
    """Trained on in between."""
    accuracy_percent: float
    """The last that it printed."""

    def __str__(self) -> str:
        known = self.settings
        network = f"{known.inputs}-{known.hidden}-{known.outputs}"
        each = 1e3 * self.seconds / self.samples
        tested = f"{known.tests:,} images after each {known.samples * known.shown_every:,}"
        return (
            f"NeuroSim's MLP simulator, measured: {each:.2f} ms a sample, {network}, batch {known.batch}, "
            f"{known.optimiser}; {self.samples:,} samples in {self.seconds:.1f} s, the test of {tested} "
            f"among them; accuracy {self.accuracy_percent:.2f} % (settings as its Param.cpp has them)."
        )


def check(program: Path) -> None:
    """Refuse what cannot be run, before anything is measured.

    Raises
    ------
    ChipsimError
        When there is no program, or no ``Param.cpp`` beside it.
    """
    if not program.is_file() or not os.access(program, os.X_OK):
        raise ChipsimError(
            f"{program}: is no program that can be run; NEUROSIM takes the `main` that make built"
        )
    settings_of(program)


def settings_of(program: Path) -> Settings:
    """The settings in the ``Param.cpp`` beside a simulator.

    Raises
    ------
    ChipsimError
        When it cannot be read, or lacks one of them.
    """
    path = program.resolve().parent / "Param.cpp"
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise ChipsimError(f"{path}: cannot be read: {error.strerror}; it says what is trained") from error
    numbers = {key: _setting(text, name, r"(\d+)\s*;", path) for key, name in _KEYS.items()}
    optimiser = _setting(text, "optimization_type", r'"([^"]+)"', path)
    return Settings(**{key: int(number) for key, number in numbers.items()}, optimiser=optimiser)


def _setting(text: str, name: str, value: str, path: Path) -> str:
    # At the beginning of a line, since lines that are commented out name it, too.
    found = re.search(rf"^\s*(?:this->)?{name}\s*=\s*{value}", text, flags=re.MULTILINE)
    if found is None:
        raise ChipsimError(f"{path}: {name}: is not set to a plain value, as the simulator's own file has it")
    return found[1]


def measured(program: Path, *, core: int = -1, patience_s: float = _SILENCE_S) -> Measured:
    """Run a built simulator in its own folder until its second accuracy, or to its end.

    Parameters
    ----------
    program
        Its ``main``.
    core
        The core that it stays on; -1 leaves it open.
    patience_s
        Seconds of silence after which it is given up.

    Raises
    ------
    ChipsimError
        When it cannot be run, or ends before its second accuracy.
    """
    settings = settings_of(program)
    marks = []
    for epoch, accuracy in _epochs(program.resolve(), core=core, patience_s=patience_s):
        marks.append((time.perf_counter(), epoch, accuracy))
        if len(marks) == _ENOUGH:
            break
    if len(marks) < _ENOUGH:
        told = f"printed {len(marks)} accuracies"
        raise ChipsimError(f"{program}: {told}; two are needed, for what lies between them is measured")
    (start, first, _), (end, last, accuracy) = marks[0], marks[-1]
    return Measured(
        settings=settings,
        seconds=end - start,
        samples=(last - first) * settings.samples,
        accuracy_percent=accuracy,
    )


def _epochs(program: Path, *, core: int, patience_s: float) -> Iterator[tuple[int, float]]:
    """Each epoch that it says it has finished, with its accuracy, as soon as it says so."""
    # On a pipe its lines would come some thousand letters late; on a terminal they come at once.
    mine, its = os.openpty()
    command = ["taskset", "-c", str(core), str(program)] if core >= 0 else [str(program)]
    try:
        process = subprocess.Popen(  # noqa: S603
            command,
            cwd=program.parent,
            env=pinned(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=its,
            stderr=its,
        )
    except OSError as error:
        os.close(mine)
        raise ChipsimError(f"{program}: cannot be started: {error.strerror}") from error
    finally:
        os.close(its)
    try:
        yield from _accuracies(mine, program, patience_s)
    finally:
        process.kill()
        process.wait()
        os.close(mine)


def _accuracies(terminal: int, program: Path, patience_s: float) -> Iterator[tuple[int, float]]:
    text = b""
    while True:
        there, _, _ = select.select([terminal], [], [], patience_s)
        if not there:
            raise ChipsimError(f"{program}: said nothing for {patience_s:g} s")
        try:
            text += os.read(terminal, _AT_ONCE)
        except OSError:
            # So a terminal says that nobody writes to it any more.
            return
        *lines, text = text.split(b"\n")
        for line in lines:
            found = _EPOCH.search(line)
            if found:
                yield int(found[1]), float(found[2])
