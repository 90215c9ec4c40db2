"""What a study measured, over its seeds: seeds are repetitions of a setting, and never chips of their own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from chipsim.result.chance import accuracy_error
from chipsim.result.compared import Sample
from chipsim.result.metrics import METRICS, Metric, is_number, show_number
from chipsim.result.reach_metrics import reach_metric
from chipsim.result.standing import is_exact
from chipsim.result.wait_metrics import AFTER_WAIT, wait_metric
from chipsim.spec.study import StudySpec
from chipsim.study.kept import KeptStudy
from chipsim.study.plan import Planned, Untried
from chipsim.study.settings import Setting

__all__ = [
    "DONE",
    "Gathered",
    "Setting",
    "StudyRun",
    "gather",
    "gather_kept",
    "metric_named",
    "setting_of",
    "short_paths",
]

DONE: Final = "done"
"""State of a run that went to its end."""
_KNOWN: Final[Mapping[str, Metric]] = {metric.key: metric for metric in METRICS}
_PERCENT: Final = "_percent"
_ACCURACIES: Final = (
    "test_accuracy_percent", "best_test_accuracy_percent", "mean_task_accuracy_percent", AFTER_WAIT,
)  # fmt: skip
"""Accuracies on one test set, those of single tasks begin with the first."""


@attrs.frozen(kw_only=True)
class StudyRun:
    """One run of a study, and how it ended."""

    id: str
    """Name of its folder."""
    planned: Planned
    state: str = DONE
    error: str = ""
    """Why it has no result."""
    priced: bool = False
    """Whether it was priced from the training of another run, which differs from it in costs alone."""


def setting_of(planned: Planned, study: StudySpec) -> Setting:
    """What a run repeats."""
    costs = planned.costs if len(study.costs) > 1 else ""
    return Setting(chip=planned.chip, task=planned.task, costs=costs, varied=planned.varied, end=planned.end)


@attrs.frozen(kw_only=True, eq=False)
class Gathered:
    """A study's figures by setting, seeds together."""

    study: StudySpec
    runs: tuple[StudyRun, ...]
    """Those that the study compares: none with an assumed value at an end of its range."""
    settings: tuple[Setting, ...]
    """Of these runs, in the order in which they were planned."""
    ends: tuple[Setting, ...] = ()
    """Those with an assumed value at an end of its range: in no table, figure or verdict but that of ranges.
    Their samples and runs are asked for as those of others."""
    untried: tuple[Untried, ...] = ()
    """Assumed values that were to be put to an end of their ranges and were not."""
    metrics: tuple[str, ...]
    """Keys of what these runs measured, in the order of the table."""
    units: Mapping[str, str]
    samples: Mapping[tuple[Setting, str], Sample]
    by_setting: Mapping[Setting, tuple[StudyRun, ...]]
    rankings: dict[Any, Any] = attrs.field(factory=dict, init=False, repr=False)
    """Those that were asked for, by metric and settings; see :func:`~chipsim.study.ranking.ranked`."""

    def sample(self, setting: Setting, metric: str) -> Sample | None:
        """One figure of a setting; None where it was not measured."""
        return self.samples.get((setting, metric))

    def metric(self, key: str) -> Metric:
        """What a figure is called, and how it is shown."""
        return metric_named(key, unit=self.units.get(key, ""))

    def runs_of(self, setting: Setting) -> tuple[StudyRun, ...]:
        """Its runs, in the order of their seeds' planning."""
        return self.by_setting[setting]

    def seeds_of(self, setting: Setting) -> tuple[int, ...]:
        """The seeds that are done."""
        return tuple(run.planned.seed for run in self.runs_of(setting) if run.state == DONE)

    def names(self, among: Sequence[Setting] = ()) -> dict[Setting, str]:
        """What each setting is called: what differs among them, and no more; of all if none are named."""
        settings = among or self.settings
        return dict(zip(settings, _names(settings), strict=True))


def gather(study: StudySpec, runs: Sequence[StudyRun], table: Any) -> Gathered:
    """A study's figures, seeds together.

    Parameters
    ----------
    study
        What was asked.
    runs
        Every run that was planned.
    table
        A pyarrow table with columns ``run``, ``metric``, ``value`` and ``unit``: a row a run and metric. Rows
        of runs that did not go to their end are left out, as those of a run that is not among `runs`.
    """
    done = {run.id: run for run in runs if run.state == DONE}
    measured: dict[tuple[Setting, str], dict[int, float]] = {}
    units: dict[str, str] = {}
    columns = [table.column(name).to_pylist() for name in ("run", "metric", "value", "unit")]
    for run, metric, value, unit in zip(*columns, strict=True):
        if run not in done or not is_number(value):
            continue
        planned = done[run].planned
        # What no run measured that is compared has no place in the table.
        if planned.end is None:
            units.setdefault(metric, unit or "")
        measured.setdefault((setting_of(planned, study), metric), {})[planned.seed] = value
    by_setting: dict[Setting, list[StudyRun]] = {}
    for each in runs:
        by_setting.setdefault(setting_of(each.planned, study), []).append(each)
    return Gathered(
        study=study,
        runs=tuple(run for run in runs if run.planned.end is None),
        settings=tuple(one for one in by_setting if one.end is None),
        ends=tuple(one for one in by_setting if one.end is not None),
        by_setting={setting: tuple(its) for setting, its in by_setting.items()},
        metrics=tuple(units),
        units=units,
        samples={key: _sample(key, by_seed, measured) for key, by_seed in measured.items()},
    )


def gather_kept(kept: KeptStudy) -> Gathered:
    """The figures of a study that was read back from its folder, seeds together."""
    runs = [
        StudyRun(
            id=run.planned.id,
            planned=run.planned,
            state=run.state,
            error=run.why,
            priced=run.kept is not None and run.kept.priced,
        )
        for run in kept.runs
    ]
    return attrs.evolve(gather(kept.plan.study, runs, kept.table()), untried=kept.plan.untried)


def _sample(
    key: tuple[Setting, str],
    by_seed: Mapping[int, float],
    measured: Mapping[tuple[Setting, str], Mapping[int, float]],
) -> Sample:
    setting, metric = key
    # In the order of seeds, whichever run ended first: tables and figures hang on nothing that time decides.
    seeds = tuple(sorted(by_seed))
    # A study that does not tell the number of cells is not taken for one without any.
    cells = max(measured.get((setting, "cells"), {0: 1.0}).values())
    tested = measured.get((setting, "test_samples"), {})
    errors = [_error(metric, by_seed[seed], tested.get(seed)) for seed in seeds]
    return Sample(
        values=tuple(by_seed[seed] for seed in seeds),
        seeds=seeds,
        exact=is_exact(metric, cells=cells),
        # All seeds are tested on the same samples: chance in drawing these is not averaged out over seeds.
        error=max(errors),
    )


def _error(metric: str, value: float, samples: float | None) -> float:
    if samples is None:
        return 0.0
    if metric == "forgetting_percent":
        # A difference of two accuracies that the table does not tell: chance is greatest at a half.
        return math.sqrt(2) * (accuracy_error(50.0, int(samples)) or 0.0)
    if metric.startswith(_ACCURACIES):
        # That of a mean over tasks is smaller: chance is overrated, never underrated.
        return accuracy_error(value, int(samples)) or 0.0
    return 0.0


def metric_named(key: str, *, unit: str = "") -> Metric:
    """The metric of a key, also of one that nobody here knows.

    Examples
    --------
    >>> metric_named("energy_aJ").title, metric_named("test_accuracy_percent.fashion").title
    ('Energy', 'Accuracy on fashion')
    >>> metric_named("mean_task_accuracy_percent").better, metric_named("my_figure").title
    ('more', 'my figure')
    """
    if key in _KNOWN:
        return _KNOWN[key]
    said_by_key = reach_metric(key) or wait_metric(key)
    if said_by_key is not None:
        return said_by_key
    first, _, task = key.partition(".")
    if first == "test_accuracy_percent":
        return Metric(key=key, title=f"Accuracy on {task}", show=_percent, better="more")
    if key == "mean_task_accuracy_percent":
        return Metric(key=key, title="Mean over tasks", show=_percent, better="more")
    if key.endswith(_PERCENT):
        return Metric(key=key, title=_words(key.removesuffix(_PERCENT)), show=_percent)
    shown = f" {unit}" if unit else ""
    return Metric(key=key, title=_words(key), show=lambda value: f"{show_number(value)}{shown}")


def _words(key: str) -> str:
    return key.replace("_", " ")


def _percent(value: float) -> str:
    return f"{value:.2f} %"


def short_paths(paths: Sequence[str]) -> dict[str, str]:
    """What paths are called where there is little room: their last words, as many as tell them apart.

    Examples
    --------
    >>> short_paths(["device.states", "costs.adc[bits=8].energy", "costs.dac[bits=8].energy"])
    {'device.states': 'states', 'costs.adc[bits=8].energy': 'adc[bits=8].energy', \
'costs.dac[bits=8].energy': 'dac[bits=8].energy'}
    """
    shortened = {}
    for path in paths:
        words = path.split(".")
        taken = 1
        while taken < len(words) and _is_shared(words[-taken:], path, paths):
            taken += 1
        shortened[path] = ".".join(words[-taken:])
    return shortened


def _is_shared(words: Sequence[str], path: str, paths: Sequence[str]) -> bool:
    """Whether another path ends with the same words, or these say what is counted and not of what."""
    end = ".".join(words)
    others = [other for other in paths if other != path]
    return any(other.split(".")[-len(words) :] == list(words) for other in others) or end in _OF_WHAT


_OF_WHAT: Final = frozenset({"energy", "time", "area", "bits", "kind", "read", "write", "add", "multiply"})
"""Last words of paths that say little without the one before."""


def _names(settings: Sequence[Setting]) -> list[str]:
    several = {name: len({getattr(one, name) for one in settings}) > 1 for name in ("chip", "task", "costs")}
    paths = dict.fromkeys(path for one in settings for path, _ in one.varied)
    short = short_paths(list(paths))
    names = []
    for one in settings:
        told = [getattr(one, name) for name, differs in several.items() if differs and getattr(one, name)]
        told += [f"{short[path]} = {value}" for path, value in one.varied]
        # Names stand in lists, whose commas would come between.
        names.append(" · ".join(told) or one.chip)
    return names
