"""Figures of a study as its page writes them: means with their spread, and how many seeds they are of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from chipsim.result.compared import Sample
from chipsim.result.metrics import MISSING, Metric
from chipsim.result.wait_metrics import AFTER_WAIT
from chipsim.spec.study import StudySpec
from chipsim.spec.waits import wait_words
from chipsim.study.rows import unit_of
from chipsim.study.statistics import Gathered, Setting
from chipsim.units import BITS, ENERGY, TIME, Dimension, show
from chipsim.wording import joined

__all__ = [
    "AREA_KEY",
    "amount",
    "amount_of",
    "depends_on_costs",
    "dimension_of",
    "figures_named",
    "lead_metrics",
    "leading",
    "leading_rows",
    "scale_of",
    "set_aside",
]

AREA_KEY: Final = "area_mm2"
_MOST_DIGITS: Final = 4
"""Significant digits of a mean whose seeds are all alike."""
_USUAL: Final = (
    "mean_task_accuracy_percent", "test_accuracy_percent", AFTER_WAIT, "forgetting_percent",
    "simulated_time_ps", "energy_aJ", "hottest_cell_pulses", "hottest_cell_programmings", AREA_KEY,
)  # fmt: skip
"""What a page leads with unless the study says else."""
_ACCURACIES: Final = ("mean_task_accuracy_percent", "test_accuracy_percent")
_COUNTS: Final = ("pulses", "programmings")
"""What is counted, where the end of a figure's name says it."""
_COUNTED: Final = frozenset({"", *_COUNTS})
_PRICED: Final = ("_ps", "_aJ", "_mm2", "leakage_percent")


def lead_metrics(measured: Sequence[str], asked: Sequence[str]) -> list[str]:
    """The figures that a page leads with: those that were asked for, or the usual ones that there are."""
    if asked:
        return [key for key in dict.fromkeys(asked) if key in measured]
    tasks = [key for key in measured if key.startswith("test_accuracy_percent.")]
    # Of several tasks the last one's accuracy says less than the mean over all; of one both are the same.
    accuracy = "mean_task_accuracy_percent" if len(tasks) > 1 else "test_accuracy_percent"
    there = [key for key in _USUAL if key in measured]
    if accuracy not in there:
        return there
    return [key for key in there if key not in _ACCURACIES or key == accuracy]


def leading(gathered: Gathered) -> list[Metric]:
    """The figures that a study's page leads with.

    Parameters
    ----------
    gathered
        The study.
    """
    keys = lead_metrics(gathered.metrics, gathered.study.metrics)
    if gathered.study.wait:
        # The same figure by the name that says how long.
        longest = f"{AFTER_WAIT}.{wait_words(gathered.study.wait[-1])}"
        keys = list(dict.fromkeys(longest if key == AFTER_WAIT else key for key in keys))
    return [gathered.metric(key) for key in keys if key not in set_aside(gathered.study)]


def set_aside(study: StudySpec) -> frozenset[str]:
    """Figures that are in no verdict of a study: areas that were made equal, unless it asks for them by name.

    What is left between such areas is what no count of hardware could make up for.
    """
    is_aside = study.equal_area and AREA_KEY not in study.metrics
    return frozenset({AREA_KEY}) if is_aside else frozenset()


def depends_on_costs(key: str) -> bool:
    """Whether another cost set changes a figure."""
    return _before_dot(key).endswith(_PRICED)


def dimension_of(key: str) -> Dimension | None:
    """The dimension of a figure that is held in whole base units; None of any other."""
    for end, dimension in (("_ps", TIME), ("_aJ", ENERGY), ("_bytes", BITS)):
        if _before_dot(key).endswith(end):
            return dimension
    return None


def _before_dot(key: str) -> str:
    """The figure, without the task or group that it is of."""
    return key.partition(".")[0]


def _shown_unit(key: str) -> str:
    """The unit of a figure without a dimension, as it is written."""
    if key == "forgetting_percent":
        return "points"
    unit = unit_of(key).replace("mm2", "mm²")
    return unit or next((counted for counted in _COUNTS if _before_dot(key).endswith(counted)), "")


def scale_of(key: str, largest: float) -> tuple[str, float]:
    """The unit for figures that go up to `largest`, and its size.

    Examples
    --------
    >>> scale_of("energy_aJ", 2_000_000.0), scale_of("area_mm2", 3.0)
    (('pJ', 1000000.0), ('mm²', 1.0))
    >>> scale_of("test_accuracy_percent.mnist", 97.0), scale_of("inference_TOPS_per_mm2", 1.8)
    (('%', 1.0), ('TOPS/mm²', 1.0))
    """
    dimension = dimension_of(key)
    if dimension is None:
        return _shown_unit(key), 1.0
    # Bytes are shown as the data that they are.
    bits = 8 if dimension is BITS else 1
    unit = show(max(round(bits * abs(largest)), 1), dimension).rpartition(" ")[2]
    return unit, float(dimension.units[unit]) / bits


def amount(metric: Metric, sample: Sample | None) -> str:
    """A figure over its seeds: the mean, and the standard deviation where there are several.

    Examples
    --------
    >>> from chipsim.study.statistics import metric_named
    >>> amount(metric_named("test_accuracy_percent"), Sample(values=(97.0, 97.2, 97.4), exact=False))
    '97.20 ± 0.20 %'
    >>> amount(metric_named("energy_aJ"), Sample(values=(2_000_000, 2_010_000), exact=False))
    '2.0050 ± 0.0071 pJ'
    """
    if sample is None:
        return MISSING
    deviation = sample.deviation
    unit, size = scale_of(metric.key, sample.mean)
    shown = f" {unit}" if unit else ""
    if not deviation or not sample.mean:
        return f"{_plain(sample.mean / size, whole=_whole(metric.key))}{shown}"
    places = _places(deviation / size, sample.mean / size)
    return f"{sample.mean / size:,.{places}f} ± {deviation / size:,.{places}f}{shown}"


def amount_of(gathered: Gathered, setting: Setting, metric: Metric) -> str:
    """A figure of a setting over its seeds, with how many of those that are done have it where not all do.

    Parameters
    ----------
    gathered
        The study.
    setting
        Of the study.
    metric
        The figure.
    """
    sample = gathered.sample(setting, metric.key)
    shown, done = amount(metric, sample), len(gathered.seeds_of(setting))
    has = len(sample.values) if sample is not None else 0
    # A switch that never came is no figure, and a mean over the others must not speak for that run.
    return f"{shown} ({has} of {done})" if 0 < has < done else shown


def _whole(key: str) -> bool:
    return dimension_of(key) is None and _shown_unit(key) in _COUNTED


def _plain(value: float, *, whole: bool) -> str:
    if whole and value == round(value):
        return f"{round(value):,}"
    if not value:
        return "0"
    digits = max(0, _MOST_DIGITS - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{min(digits, 6)}f}"


def _places(deviation: float, mean: float) -> int:
    """Decimals that show two digits of a deviation, and no more of the mean than six digits."""
    wanted = 1 - math.floor(math.log10(deviation))
    most = max(0, 5 - math.floor(math.log10(abs(mean))))
    return max(0, min(wanted, most))


def leading_rows(gathered: Gathered) -> tuple[list[Metric], list[tuple[str, ...]]]:
    """What a study's table says: its leading figures, and a row a setting with its name and seeds first.

    Parameters
    ----------
    gathered
        The study.
    """
    metrics = leading(gathered)
    names = gathered.names()
    rows = []
    for setting in gathered.settings:
        cells = [amount_of(gathered, setting, metric) for metric in metrics]
        rows.append((names[setting], str(len(gathered.seeds_of(setting))), *cells))
    return metrics, rows


def figures_named(metrics: Sequence[Metric]) -> str:
    """Figures in a sentence.

    Examples
    --------
    >>> from chipsim.study.statistics import metric_named
    >>> figures_named([metric_named("energy_aJ"), metric_named("simulated_time_ps")])
    'energy and time on chip'
    """
    return joined([metric.title[:1].lower() + metric.title[1:] for metric in metrics])
