"""Trained again and again: how often a chip can be, until its cells have worn out too far."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.device.lives import Life
from chipsim.device.types import Flags, Floats
from chipsim.errors import ChipsimError
from chipsim.result.wear import trainings_until
from chipsim.run.datasets import data_of_phases
from chipsim.run.execute import Executor
from chipsim.run.phase_data import PhaseData
from chipsim.run.progress import Progress
from chipsim.run.setup import Setup, prepare
from chipsim.run.software import split_phases
from chipsim.run.training import Training
from chipsim.spec import Description
from chipsim.spec.chip import ChipSpec
from chipsim.spec.workload import PhaseSpec, WorkloadSpec
from chipsim.synapse.carrier import Carrier
from chipsim.tile.drifting import Drifting
from chipsim.units import Ps

__all__ = ["Lifetime", "Trained", "lifetime"]

_FOREVER: Final = 2**62
"""Trainings that nobody makes."""
_LONGEST: Final = 2**31
"""Trainings that are looked ahead: so many times the pulses of one are still a whole number."""


@attrs.frozen(kw_only=True)
class Trained:
    """One training that was simulated, and where it stands among all."""

    number: int
    """Counted from one; those between it and the next one are as this one would be again."""
    test_accuracy_percent: float
    worn_cells: int
    """Cells that were worn out after it."""
    cells: int
    """All that can wear out, of arrays that something wrote."""
    window_percent: float = 100.0
    """What their windows have left of their range, on average; 100 where windows do not narrow."""

    @property
    def worn_percent(self) -> float:
        """Share of the cells that were worn out."""
        return 100 * self.worn_cells / self.cells


@attrs.frozen(kw_only=True)
class Lifetime:
    """How a chip fares that is trained again and again.

    Examples
    --------
    >>> found = lifetime("single-pair", "mnist-5k", below=50,
    ...     sets=["device.endurance=400", "device.wear={spread: 0.5}", "phases.0.dataset.train=300",
    ...     "phases.0.dataset.test=100", "phases.0.epochs=1"], step=0.2)
    >>> found.trainings[0].number
    1
    """

    trainings: tuple[Trained, ...]
    """Those that were simulated, in order."""
    below: float
    """Percent of the first training's accuracy that ends it."""
    step: float
    """Share of these cells that may wear out between two that are simulated, or of windows that may go."""
    time_ps: Ps
    """Simulated time of the first training."""
    extrapolated: int | None
    """Trainings, all as the first, until one cell in a hundred is past its endurance; None for never."""
    keeps_learnt: bool
    """Whether failed cells stay where trainings of the same task left them."""
    narrows: bool = False
    """Whether windows narrow before cells fail, so that no training is quite the one before again."""

    @property
    def survived(self) -> int | None:
        """Trainings before the first that fell below; None where none did."""
        last = self.trainings[-1]
        first = self.trainings[0].test_accuracy_percent
        fell = last.test_accuracy_percent < first * self.below / 100
        return last.number - 1 if fell else None


def lifetime(
    architecture: str | Path | Description[ChipSpec],
    workload: str | Path | Description[WorkloadSpec],
    *,
    below: float = 90.0,
    step: float = 0.001,
    most: int = 200,
    seed: int = 0,
    sets: Sequence[str] = (),
    data: str | Path | None = None,
    progress: Progress | None = None,
) -> Lifetime:
    """Train a chip again and again on the same task, until accuracy falls below a share of the first one's.

    Every training begins with fresh cells at the seed's initial weights, but for those that are worn out,
    which stay where they failed. Until a further cell fails, a training is the last one again, pulse by
    pulse: so those in between are not simulated, and each cell is taken to have had its pulses in each of
    them. With a step of zero the next one that is simulated is the first in which a further cell fails, and
    all is exact; with a larger one, the first by which so large a share of all cells has failed.

    Where windows narrow, no training is the last one again once a cell is past its endurance: the next one
    that is simulated is also at the latest the one by which so large a share of all windows has gone, and
    each cell is taken to have had its pulses of the last one in those between. With a step of zero all of
    them are simulated from then on.

    Parameters
    ----------
    architecture, workload
        Names, paths, or descriptions loaded before; the chip's device says how its cells wear.
    below
        Percent of the first training's test accuracy.
    step
        Share of the cells that may fail between two trainings that are simulated, or of windows that may go.
    most
        Trainings that are simulated at most.
    seed
        Of cells, of initial weights and of the order of samples, in every training alike.
    sets
        Overrides such as ``device.endurance=1e6``.
    data
        Folder with datasets.
    progress
        Told how far each training is.

    Raises
    ------
    ChipsimError
        When no cell of the chip wears out, or something is trained in software.
    ValueError
        When a share is none.
    """
    _check(below=below, step=step, most=most)
    life = _Life(architecture, workload, seed=seed, sets=sets, data=data, progress=progress)
    trained = list(life.trainings(step=step, most=most, below=below))
    return Lifetime(
        trainings=tuple(trained), below=below, step=step, time_ps=life.time_ps,
        extrapolated=life.extrapolated, keeps_learnt=life.keeps_learnt, narrows=life.narrows,
    )  # fmt: skip


def _check(*, below: float, step: float, most: int) -> None:
    if not 0 < below <= 100:
        raise ValueError(f"below must be more than 0 and at most 100 %, not {below}")
    if not 0 <= step < 1:
        raise ValueError(f"step must be at least 0 and less than 1, not {step}")
    if most < 1:
        raise ValueError(f"most must be at least 1, not {most}")


class _Life:
    """The cells of a chip over many trainings."""

    def __init__(
        self,
        architecture: str | Path | Description[ChipSpec],
        workload: str | Path | Description[WorkloadSpec],
        *,
        seed: int,
        sets: Sequence[str],
        data: str | Path | None,
        progress: Progress | None,
    ) -> None:
        self._given, self._seed, self._sets = (architecture, workload), seed, tuple(sets)
        self._progress = progress
        setup = self._prepared()
        worn = _wearing(setup)
        self.keeps_learnt = any(one.stays for one in worn.values())
        self.narrows = any(one.window is not None for one in worn.values())
        if not worn:
            name = setup.architecture.spec.name
            raise ChipsimError(f"{name}: none of its cells wears out; say how they fail, in device.wear")
        phases, in_software = split_phases(data_of_phases(setup.workload, folder=data, datasets={}))
        if in_software:
            raise ChipsimError(
                f"{setup.workload.spec.name}: phase {in_software[0][0].name!r} trains in software, and wears "
                "nothing; take a workload whose phases train the chip"
            )
        self._phases: list[tuple[PhaseSpec, PhaseData]] = list(phases)
        self._spent: dict[str, NDArray[np.int64]] = {}
        self._stood: dict[str, Floats] = {}
        self._failed: dict[str, Flags] = {}
        self.time_ps = Ps(0)
        self.extrapolated: int | None = None

    def _prepared(self) -> Setup:
        return prepare(*self._given, sets=self._sets, seed=self._seed)

    def trainings(self, *, step: float, most: int, below: float) -> Iterator[Trained]:
        """Trainings that are simulated, until one falls below, or no further cell ever fails."""
        number, first = 1, math.inf
        for _ in range(most):
            accuracy, worn = self._train(timed=number == 1)
            written = self._written(worn)
            told = _told(number, accuracy, written)
            yield told
            if number == 1:
                first = accuracy
            left = _trainings_left(written, most_failing=max(1, math.ceil(step * told.cells)))
            left = min(left, _trainings_like(written, most_going=step))
            if accuracy < first * below / 100 or left >= _FOREVER:
                return
            self._spend(worn, times=left + 1)
            number += left + 1

    def _train(self, *, timed: bool) -> tuple[float, dict[str, Life]]:
        """One training of the cells as they are; its test accuracy in percent, and what it did to them."""
        # Built anew each time, from the same seed: fresh cells are the same cells, with the same endurances.
        setup = self._prepared()
        for name, one in _wearing(setup).items():
            if name in self._spent:
                one.age(self._spent[name], stood=self._stood[name], failed=self._failed[name])
        for tile in setup.chip.tiles if self._spent else ():
            # Cells were moved behind its back: sums of lines, and what weights read as, follow. Digital tiles
            # carry their weights themselves.
            carrier = getattr(tile, "carrier", None)
            if isinstance(carrier, Carrier):
                carrier.drifted()
        # The time of a training is told once; others need a clock only where cells drift by it.
        drifts = any(isinstance(tile, Drifting) and tile.drifts for tile in setup.chip.tiles)
        executor = Executor(setup.chip) if timed or drifts else None
        training = Training(setup.rule, executor, seed=self._seed, progress=self._progress)
        training.begin(seed=self._seed)
        epochs = sum(phase.epochs for phase, _ in self._phases)
        for phase, data in self._phases:
            training.run_phase(phase, data.whole(), batch=setup.workload.spec.batch, epochs=epochs)
        worn = _wearing(setup)
        if timed and executor is not None:
            self.time_ps = executor.elapsed
            self.extrapolated = _extrapolated(self._written(worn))
        return training.epochs[-1].test_accuracy_percent, worn

    def _written(self, worn: Mapping[str, Life]) -> list[Life]:
        """Arrays that something wrote so far; all of them where nothing wrote any."""
        # A fine pair that waits for its turn would halve every share, as chipsim endurance has it.
        written = [
            one
            for name, one in worn.items()
            if one.counted.any() or (name in self._spent and self._spent[name].any())
        ]
        return written or list(worn.values())

    def _spend(self, worn: Mapping[str, Life], *, times: int) -> None:
        """Count a training so many times, and note where cells stand."""
        for name, one in worn.items():
            spent = self._spent.setdefault(name, np.zeros(one.counted.shape, np.int64))
            # Nobody stands more than this, and no sum overflows.
            more = np.minimum(spent + one.counted.astype(np.float64) * times, float(_FOREVER))
            spent[:] = more.astype(np.int64)
            self._stood[name], self._failed[name] = one.conductance.copy(), one.failed


def _wearing(setup: Setup) -> dict[str, Life]:
    """Arrays whose cells wear out, by name."""
    worn = (one for tile in setup.chip.tiles for one in tile.wear())
    return {one.array: one.life for one in worn if one.life is not None}


def _told(number: int, accuracy: float, worn: Sequence[Life]) -> Trained:
    """What a training came to."""
    cells = sum(one.counted.size for one in worn)
    return Trained(
        number=number,
        test_accuracy_percent=accuracy,
        worn_cells=sum(int(np.count_nonzero(one.failed)) for one in worn),
        cells=cells,
        window_percent=100 * _windows(worn, times=1) / cells,
    )


def _trainings_left(worn: Sequence[Life], *, most_failing: int) -> int:
    """Whole trainings like the last one, by the end of which fewer cells than that have failed."""
    found: list[NDArray[np.int64]] = []
    for one in worn:
        alive = ~one.failed & (one.counted > 0)
        # After its last whole training a cell may have all its pulses behind it, and fails with the last one.
        found.append((one.left[alive] - 1) // one.counted[alive])
    # The cell that makes the share full decides; those that fail before it are taken to fail with it.
    all_left = np.sort(np.concatenate(found)) if found else np.empty(0, np.int64)
    # Cells that get no pulse in a training never fail, however often it comes.
    if not all_left.size:
        return _FOREVER
    return int(all_left[min(most_failing, all_left.size) - 1])


def _trainings_like(worn: Sequence[Life], *, most_going: float) -> int:
    """Whole trainings like the last one, by the end of which no larger share of all windows has gone."""
    if all(one.window is None for one in worn):
        return _FOREVER
    cells = sum(one.counted.size for one in worn)
    now = _windows(worn, times=1)

    def is_like(more: int) -> bool:
        return now - _windows(worn, times=1 + more) <= most_going * cells

    most = 1
    while is_like(most):
        most *= 2
        if most >= _LONGEST:
            return _FOREVER
    # Between what is still like it and what is not, halved until they are neighbours.
    like, unlike = 0, most
    while unlike - like > 1:
        middle = (like + unlike) // 2
        like, unlike = (middle, unlike) if is_like(middle) else (like, middle)
    return like


def _windows(worn: Sequence[Life], *, times: int) -> float:
    """Sum over cells of the share that is left of their windows after the last training came so often."""
    total = 0.0
    for one in worn:
        if one.window is None:
            total += one.counted.size
        else:
            total += float(one.window.share(one.counted.astype(np.int64) * times).sum())
    return total


def _extrapolated(worn: Sequence[Life]) -> int | None:
    """As ``chipsim endurance`` does, each cell by its own endurance."""
    counted = np.concatenate([one.counted.ravel() for one in worn])
    endures = np.concatenate([_own(one).ravel() for one in worn])
    return trainings_until(counted, endurance=endures)


def _own(one: Life) -> NDArray[np.int64]:
    """What fresh cells stand with their whole windows."""
    return one.endures if one.window is None else one.window.onset
