"""The figures of a run as rows of a study's data set."""

from __future__ import annotations

import math
from typing import Final

from chipsim.result import Result
from chipsim.result.metrics import METRICS, measured
from chipsim.result.wait_metrics import figures_after_waits
from chipsim.study.claimed import is_metric

__all__ = ["figures_of", "unit_of"]

_UNITS: Final = (
    ("_TOPS_per_mm2", "TOPS/mm2"),
    ("_TOPS_per_W", "TOPS/W"),
    ("_TOPS", "TOPS"),
    ("_per_wall_second", "1/s"),
    ("_per_s", "1/s"),
    ("_percent", "%"),
    ("_ps", "ps"),
    ("_aJ", "aJ"),
    ("_J", "J"),
    ("_s", "s"),
    ("_mm2", "mm2"),
    ("_bytes", "B"),
)
"""What the end of a figure's name says of its unit; the first that fits."""


def figures_of(result: Result) -> dict[str, float]:
    """Every number of a run's summary, and those that tables work out; none that was not measured.

    Parameters
    ----------
    result
        A run, whole or stopped.
    """
    found = {key: value for key, value in result.summary.items() if is_metric(key)}
    # Runs are told apart by it, and it measures nothing.
    found.pop("seed", None)
    found |= {metric.key: measured(metric, result) for metric in METRICS}
    found |= figures_after_waits(result)
    return {key: value for key, value in found.items() if _is_number(value)}


def _is_number(value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value)  # type: ignore[arg-type]


def unit_of(metric: str) -> str:
    """The unit of a figure, by its name; empty for a count.

    Examples
    --------
    >>> unit_of("energy_aJ"), unit_of("test_accuracy_percent.mnist"), unit_of("pulses")
    ('aJ', '%', '')
    >>> unit_of("inference_TOPS_per_mm2"), unit_of("inference_samples_per_s")
    ('TOPS/mm2', '1/s')
    """
    # A task may be called what it likes.
    name = metric.partition(".")[0]
    return next((unit for end, unit in _UNITS if name.endswith(end)), "")
