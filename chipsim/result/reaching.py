"""What it took to reach an accuracy: time, energy, pulses and samples up to the first epoch that has it.

An epoch is the grain: what happened within one is not known, and nothing is interpolated.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from typing import Any

import attrs

from chipsim.result.extent import epochs_of, stopped_after
from chipsim.result.labels import variants
from chipsim.result.record import EpochRow, Result
from chipsim.result.wear import pulsed, unwritten

__all__ = ["Group", "Reached", "best_percent", "grouped", "reach"]


@attrs.frozen(kw_only=True)
class Reached:
    """The end of the first epoch after which an accuracy was there, and what the run had taken by then."""

    epoch: int
    """Counted from 1 over all phases."""
    test_accuracy_percent: float
    """After this epoch, of the task that it trained."""
    simulated_time_ps: int
    """From the start of training."""
    energy_aj: int
    """Likewise, initial writing included."""
    pulses_per_cell: float | None
    """Mean of the cells that take small pulses and were ever written in the run; initial writing included.
    None where no cell was."""
    samples: int | None
    """Training samples on the chip; None where an older run does not say, and its phases have several
    datasets."""


@attrs.frozen(kw_only=True)
class Group:
    """Runs that differ in their seeds alone."""

    name: str
    results: tuple[Result, ...]
    """One for each seed."""
    repeated: int
    """Runs that were left out, for another one has their seed."""
    stopped: tuple[int, ...]
    """Epochs after which runs were stopped, of those that had not reached it by then."""
    reached: tuple[Reached, ...]
    """Of those that reached the accuracy."""
    best_percent: float | None
    """The best accuracy that any of them had after an epoch."""

    def spread(self, value: Callable[[Reached], float | None]) -> tuple[float, float | None] | None:
        """Mean and standard deviation over the runs that reached it.

        None where none did, or not all are known; one run has no deviation.
        """
        values = [found for one in self.reached if (found := value(one)) is not None]
        if not values or len(values) < len(self.reached):
            return None
        return statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None


def reach(result: Result, percent: float) -> Reached | None:
    """What it took a run to reach a test accuracy; None where it never did.

    Parameters
    ----------
    result
        A run that trained.
    percent
        The accuracy, from 0 to 100.

    Raises
    ------
    ValueError
        When `percent` is no share in percent.
    """
    if not 0 <= percent <= 100:
        raise ValueError(f"the accuracy must be from 0 to 100 %, not {percent}")
    row = next((row for row in result.epochs if row.test_accuracy_percent >= percent), None)
    if row is None:
        return None
    return Reached(
        epoch=row.epoch,
        test_accuracy_percent=row.test_accuracy_percent,
        simulated_time_ps=row.simulated_time_ps,
        energy_aj=row.energy_aj,
        pulses_per_cell=_pulses_per_cell(result, row),
        samples=_samples(result, row),
    )


def _pulses_per_cell(result: Result, row: EpochRow) -> float | None:
    small = pulsed(result.wear)
    names = {one.array for one in small} - {one.array for one in unwritten(small)}
    cells: int = sum(one.pulses.size for one in small if one.array in names)
    if not cells:
        return None
    rows = [one for one in result.arrays if one.epoch <= row.epoch and one.array in names]
    return sum(one.pulses for one in rows) / cells


def _samples(result: Result, row: EpochRow) -> int | None:
    if row.samples is not None:
        return row.samples
    told = result.provenance.get("datasets") or ()
    # Epochs count on the chip, and so do their samples.
    sizes = {said["train_samples"] for said in told if not said.get("software_only")}
    return row.epoch * int(sizes.pop()) if len(sizes) == 1 else None


def best_percent(result: Result) -> float | None:
    """The best test accuracy that a run had after an epoch; None where it had none."""
    known = [row.test_accuracy_percent for row in result.epochs if not math.isnan(row.test_accuracy_percent)]
    return max(known, default=None)


def grouped(results: Sequence[Result], percent: float) -> list[Group]:
    """Runs by what they share but for their seeds, and what it took each group.

    Parameters
    ----------
    results
        In any order.
    percent
        The accuracy, from 0 to 100.

    Raises
    ------
    ValueError
        When `percent` is no share in percent.
    """
    groups: dict[str, list[Result]] = {}
    for name, result in zip(variants(results), results, strict=True):
        groups.setdefault(name, []).append(result)
    found = []
    for name, its in groups.items():
        seeds = _one_a_seed(its)
        reached = [reach(result, percent) for result in seeds]
        best = [known for result in seeds if (known := best_percent(result)) is not None]
        stopped = [
            epochs_of(result)
            for result, one in zip(seeds, reached, strict=True)
            if one is None and stopped_after(result)
        ]
        group = Group(
            name=name,
            results=seeds,
            repeated=len(its) - len(seeds),
            stopped=tuple(stopped),
            reached=tuple(one for one in reached if one is not None),
            best_percent=max(best, default=None),
        )
        found.append(group)
    return found


def _one_a_seed(results: Sequence[Result]) -> tuple[Result, ...]:
    """Of each seed the run that got furthest: what was run twice gave the same, and shows no spread."""
    by_seed: dict[Any, Result] = {}
    for result in results:
        seed = result.summary.get("seed")
        if seed not in by_seed or epochs_of(result) > epochs_of(by_seed[seed]):
            by_seed[seed] = result
    return tuple(by_seed.values())
