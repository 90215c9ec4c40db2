"""Figures of single runs, and of runs that differ in their seed only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean

import attrs
from plan import SWEEP_SEEDS, Reading, digital, full, recentring, sweep

from chipsim.result import Result
from chipsim.result.chance import accuracy_error
from chipsim.result.places import described
from chipsim.result.standing import Sample, why_alike

__all__ = [
    "LAST", "Gap", "Results", "around_switch", "digitals", "error", "gap", "hybrids", "late", "late_train", "pair",
    "recentred", "resetting", "share", "singles", "steps_alike", "swept", "swept_error", "switches", "updates",
]  # fmt: skip

Results = Mapping[str, Result]

LAST = 10
"""Epochs that late accuracies are averaged over."""


def hybrids(results: Results, reading: Reading) -> list[Result]:
    """The runs of the hybrid under a reading, seed after seed."""
    return [results[full("hybrid", reading, seed=seed).name] for seed in reading.seeds]


def singles(results: Results, reading: Reading) -> list[Result]:
    """The runs of the single pair under a reading, seed after seed."""
    return [results[full("single", reading, seed=seed).name] for seed in reading.seeds]


def digitals(results: Results, reading: Reading) -> list[Result]:
    """The floating-point runs under a reading's loss."""
    return [results[digital(reading, seed=seed).name] for seed in reading.seeds]


def late(result: Result) -> float:
    """Mean test accuracy of the last epochs, percent."""
    return mean(row.test_accuracy_percent for row in result.epochs[-LAST:])


def late_train(result: Result) -> float:
    """Mean training accuracy of the last epochs, percent."""
    return mean(row.train_accuracy_percent for row in result.epochs[-LAST:])


@attrs.frozen
class Gap:
    """How far the hybrid ends above the single pair."""

    hybrid: Sample
    single: Sample

    @property
    def points(self) -> float:
        """Of the means over seeds."""
        return self.hybrid.mean - self.single.mean

    @property
    def sure(self) -> bool:
        """Whether the runs carry the difference, by the rule that pages conclude by."""
        return not why_alike(self.hybrid, self.single)


def gap(results: Results, reading: Reading) -> Gap:
    """The hybrid less the single pair, under a reading."""
    return Gap(_sample(hybrids(results, reading)), _sample(singles(results, reading)))


def _sample(runs: Sequence[Result]) -> Sample:
    """Late accuracies, and how far chance in drawing the test samples moves one."""
    accuracies = tuple(late(run) for run in runs)
    errors = [accuracy_error(late(run), run.summary["test_samples"]) for run in runs]
    return Sample(values=accuracies, exact=False, error=max(error or 0.0 for error in errors))


def around_switch(result: Result) -> tuple[float, float] | None:
    """Best test accuracy of the epochs before the switch, and that of the first epoch after it."""
    epoch = result.summary["switch_epoch"]
    if epoch is None or epoch > len(result.epochs):
        return None
    accuracies = [row.test_accuracy_percent for row in result.epochs]
    return max(accuracies[: epoch - 1]), accuracies[epoch - 1]


def switches(runs: Sequence[Result]) -> str:
    """The epochs at which runs switched, one after another."""
    return ", ".join(str(run.summary["switch_epoch"] or "never") for run in runs)


def updates(result: Result) -> list[int]:
    """Cells that got at least one pulse from a sample, summed over the samples of each epoch."""
    return [
        sum(array.updates for array in result.arrays if array.epoch == row.epoch) for row in result.epochs
    ]


def error(result: Result) -> float:
    """Test error of a short run, mean of its last three epochs, percent."""
    return 100 - mean(row.test_accuracy_percent for row in result.epochs[-3:])


def swept(results: Results, path: str, value: int, *, reading: Reading) -> list[Result]:
    """The short runs of one point of a sweep, seed after seed."""
    return [results[sweep(path, value, seed=seed, reading=reading).name] for seed in SWEEP_SEEDS]


def swept_error(results: Results, path: str, value: int, *, reading: Reading) -> float:
    """Mean test error of one point of a sweep, percent."""
    return mean(error(run) for run in swept(results, path, value, reading=reading))


def recentred(results: Results, reading: str) -> list[Result]:
    """The short runs of one reading of the occasional reset, seed after seed."""
    return [results[recentring(reading, seed=seed).name] for seed in SWEEP_SEEDS]


def pair(values: Sequence[float]) -> str:
    """The values of the seeds, one after another."""
    return ", ".join(f"{value:.2f}" for value in values)


def steps_alike(result: Result) -> bool:
    """Whether the cells of a chip are pulsed all at once, in steps that take the same time."""
    return bool(described(result.chip, "update", "kind") == "parallel-pulses")


def resetting(result: Result) -> float:
    """Share of the time on chip that is not spent in steps, which is resets.

    The writing of initial weights is in it too, some hundred slots of 102 ns.
    """
    assert steps_alike(result), "steps of one length tell what is left for resets"
    said = result.summary
    return float(1 - said["steps"] * said["first_step_time_ps"] / said["simulated_time_ps"])


def share(result: Result, action: str) -> float:
    """Share of the energy that an action takes."""
    spent = sum(row.energy_aj for row in result.ledger if row.action == action)
    return float(spent / result.summary["energy_aJ"])
