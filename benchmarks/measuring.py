"""One case, measured in this process: its speed in each mode, its kernels' share and its memory."""

from __future__ import annotations

import time
from typing import Final

from benchmarks.cases import Case
from benchmarks.floating import AdamNetwork, LogisticNetwork
from benchmarks.kernels import watched_kernels
from benchmarks.loops import ALL, NO_REPLAY, NO_TIMING, ChipLoop, Loop, Mode, TrainedChip
from benchmarks.machine import peak_memory_mib
from chipsim.data import Dataset, load

__all__ = ["Figures", "measure"]

Figures = dict[str, float]
"""Figures by name, each with its unit at the end."""

WARM_UP: Final = 200
"""Samples before the clock starts: kernels are compiled, and the first programs timed."""
_SLOWER: Final = 10
"""Where every step is simulated event by event, one sample of so many is trained."""
_WIDE: Final = (784, 512, 512, 10)


def measure(case: Case, *, samples: int, turns: int) -> Figures:
    """The figures of a case.

    Parameters
    ----------
    case
        What is measured.
    samples
        Samples of a turn.
    turns
        Turns, of which the fastest counts: whatever else the machine does can only slow one down.

    Returns
    -------
    Figures
        ``<mode>_samples_per_s`` for each mode, ``kernels_percent`` and ``peak_memory_MiB``; of networks in
        numpy the first and the last.
    """
    what = case.trains
    if not isinstance(what, ChipLoop):
        network = _Turns(_floating(case), samples=samples)
        network.take(turns)
        return {f"{ALL.name}_samples_per_s": network.rate, "peak_memory_MiB": peak_memory_mib()}
    chip = TrainedChip(what)
    modes = {ALL: _Turns(chip.loop(ALL), samples=samples)}
    modes[ALL].take(1)
    # Of training with everything on: nothing else was done yet.
    memory = peak_memory_mib()
    for mode in (NO_TIMING, NO_REPLAY):
        modes[mode] = _Turns(chip.loop(mode), samples=_size(case, mode, samples))
    # One after another, so that a load that comes and goes slows all of them down alike.
    for _ in range(turns):
        for one in modes.values():
            one.take(1)
    rates = {f"{mode.name}_samples_per_s": one.rate for mode, one in modes.items()}
    # Last, since watches slow everything down.
    share = _kernels_percent(what, samples=samples)
    return {**rates, "kernels_percent": share, "peak_memory_MiB": memory}


class _Turns:
    """A loop after its warm-up, and the seconds of its fastest turn."""

    def __init__(self, loop: Loop, *, samples: int) -> None:
        self._loop = loop
        self._data = _digits(samples)
        self._samples = samples
        self._fastest = float("inf")
        loop(_digits(min(WARM_UP, samples)))

    def take(self, turns: int) -> None:
        """Train so many times on all samples."""
        for _ in range(turns):
            self._fastest = min(self._fastest, _timed(self._loop, self._data))

    @property
    def rate(self) -> float:
        """Samples a second of the fastest turn."""
        return self._samples / self._fastest


def _size(case: Case, mode: Mode, samples: int) -> int:
    """Samples of a turn: fewer where it is slow, but a whole batch."""
    return max(samples // _SLOWER, case.batch) if mode == NO_REPLAY else samples


def _floating(case: Case) -> Loop:
    if case.trains is AdamNetwork:
        network: AdamNetwork | LogisticNetwork = AdamNetwork(_WIDE, batch=case.batch)
    else:
        network = LogisticNetwork()
    return lambda data: network.train(data.train_images, data.train_labels)


def _timed(loop: Loop, data: Dataset) -> float:
    start = time.perf_counter()
    loop(data)
    return time.perf_counter() - start


def _digits(samples: int) -> Dataset:
    return load("mnist-5k", train=samples, test=1)


def _kernels_percent(what: ChipLoop, *, samples: int) -> float:
    """Share of the time of training that is spent in kernels, all reported; entering them is part of it."""
    with watched_kernels() as watch:
        loop = TrainedChip(what).loop(ALL)
        loop(_digits(min(WARM_UP, samples)))
        before = watch.seconds
        took = _timed(loop, _digits(samples))
        return 100 * (watch.seconds - before) / took
