"""Trained again and again: how often a chip can be, until its cells have worn out too far."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.device.types import Floats
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
from chipsim.synapse.carrier import ArrayWear, Carrier
from chipsim.tile.drifting import Drifting
from chipsim.units import Ps

__all__ = ["Lifetime", "Trained", "lifetime"]

_FOREVER: Final = 2**62
"""Trainings that nobody makes."""


@attrs.frozen(kw_only=True)
class Trained:
    """One training that was simulated, and where it stands among all."""

    number: int
    """Counted from one; those between it and the next one are as this one would be again."""
    test_accuracy_percent: float
    worn_cells: int
    """Cells that were worn out after it."""
    cells: int
    """All that can wear out."""

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
    """Share of the cells that may wear out between two that are simulated."""
    time_ps: Ps
    """Simulated time of the first training."""
    extrapolated: int | None
    """Trainings, all as the first, until one cell in a hundred is past its endurance; None for never."""
    keeps_learnt: bool
    """Whether failed cells stay where trainings of the same task left them."""

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

    Parameters
    ----------
    architecture, workload
        Names, paths, or descriptions loaded before; the chip's device says how its cells wear.
    below
        Percent of the first training's test accuracy.
    step
        Share of the cells that may fail between two trainings that are simulated.
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
        extrapolated=life.extrapolated, keeps_learnt=life.keeps_learnt,
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
        self.keeps_learnt = any(one.cells is not None and one.cells.ends_at is None for one in worn)
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
        self._stuck: dict[str, Floats] = {}
        self.time_ps = Ps(0)
        self.extrapolated: int | None = None

    def _prepared(self) -> Setup:
        return prepare(*self._given, sets=self._sets, seed=self._seed)

    def trainings(self, *, step: float, most: int, below: float) -> Iterator[Trained]:
        """Trainings that are simulated, until one falls below, or no further cell ever fails."""
        number, first = 1, math.inf
        for _ in range(most):
            accuracy, worn = self._train(timed=number == 1)
            dead = sum(int(np.count_nonzero(_dead(one))) for one in worn)
            cells = sum(one.pulses.size for one in worn)
            yield Trained(number=number, test_accuracy_percent=accuracy, worn_cells=dead, cells=cells)
            if number == 1:
                first = accuracy
            left = _trainings_left(worn, most_failing=max(1, math.ceil(step * cells)))
            if accuracy < first * below / 100 or left >= _FOREVER:
                return
            self._spend(worn, times=left + 1)
            number += left + 1

    def _train(self, *, timed: bool) -> tuple[float, list[ArrayWear]]:
        """One training of the cells as they are; its test accuracy in percent, and what it did to them."""
        # Built anew each time, from the same seed: fresh cells are the same cells, with the same endurances.
        setup = self._prepared()
        worn = _wearing(setup)
        for one in worn:
            self._age(one)
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
            self.extrapolated = _extrapolated(worn)
        return training.epochs[-1].test_accuracy_percent, worn

    def _age(self, one: ArrayWear) -> None:
        """Fresh cells of an array become those that had all that was spent on them."""
        if one.array not in self._spent:
            return
        assert one.cells is not None, "only such arrays wear"
        endures = _endures(one)
        # In place, for these are what the cells themselves look at.
        endures -= self._spent[one.array]
        failed = endures <= 0
        one.cells.conductance[failed] = self._stuck[one.array][failed]

    def _spend(self, worn: Sequence[ArrayWear], *, times: int) -> None:
        """Count a training so many times, and note where failed cells stand."""
        for one in worn:
            spent = self._spent.setdefault(one.array, np.zeros(one.pulses.shape, np.int64))
            # Nobody stands more than this, and no sum overflows.
            more = np.minimum(spent + one.pulses.astype(np.float64) * times, float(_FOREVER))
            spent[:] = more.astype(np.int64)
            assert one.conductance is not None, "cells that wear conduct"
            self._stuck[one.array] = one.conductance.copy()


def _wearing(setup: Setup) -> list[ArrayWear]:
    """Arrays whose cells wear out."""
    found = [one for tile in setup.chip.tiles for one in tile.wear()]
    return [one for one in found if one.cells is not None and one.cells.endures is not None]


def _endures(one: ArrayWear) -> NDArray[np.int64]:
    """What the cells of an array stand, counted from the beginning of the training under way."""
    assert one.cells is not None, "only such arrays wear"
    assert one.cells.endures is not None, "only such arrays wear"
    return one.cells.endures


def _dead(one: ArrayWear) -> NDArray[np.bool_]:
    return np.asarray(one.pulses >= _endures(one))


def _trainings_left(worn: Sequence[ArrayWear], *, most_failing: int) -> int:
    """Whole trainings like the last one, by the end of which fewer cells than that have failed."""
    found: list[NDArray[np.int64]] = []
    for one in worn:
        alive = ~_dead(one) & (one.pulses > 0)
        left = _endures(one)[alive] - one.pulses[alive]
        # After its last whole training a cell may have all its pulses behind it, and fails with the last one.
        found.append((left - 1) // one.pulses[alive])
    # The cell that makes the share full decides; those that fail before it are taken to fail with it.
    all_left = np.sort(np.concatenate(found)) if found else np.empty(0, np.int64)
    # Cells that get no pulse in a training never fail, however often it comes.
    if not all_left.size:
        return _FOREVER
    return int(all_left[min(most_failing, all_left.size) - 1])


def _extrapolated(worn: Sequence[ArrayWear]) -> int | None:
    """As ``chipsim endurance`` does, each cell by its own endurance."""
    pulses = np.concatenate([one.pulses.ravel() for one in worn])
    endures = np.concatenate([_endures(one).ravel() for one in worn])
    return trainings_until(pulses, endurance=endures)
