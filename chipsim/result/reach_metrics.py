"""What the last phase took to reach an accuracy, as figures that studies and their claims name."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

import attrs

from chipsim.result import EpochRow, Result
from chipsim.result.metric import Metric, show_number
from chipsim.units import ENERGY, TIME, show

__all__ = ["REACHES", "reach_figure", "reach_metric"]

_Took: TypeAlias = Callable[[EpochRow, EpochRow | None], int | None]
"""What came of an epoch, from the end of one before it."""


@attrs.frozen(kw_only=True)
class _Kind:
    title: str
    about: str
    took: _Took
    show: Callable[[Any], str] = show_number


def _since(field: str) -> _Took:
    def took(row: EpochRow, before: EpochRow | None) -> int | None:
        value = getattr(row, field)
        begun = 0 if before is None else getattr(before, field)
        return None if value is None or begun is None else int(value - begun)

    return took


_KINDS: Final = {
    "samples_to_reach": _Kind(title="Samples", about="Training samples", took=_since("samples")),
    "time_to_reach_ps": _Kind(
        title="Time",
        about="On-chip time",
        took=_since("simulated_time_ps"),
        show=lambda value: show(round(value), TIME),
    ),
    "energy_to_reach_aJ": _Kind(
        title="Energy",
        about="On-chip energy",
        took=_since("energy_aj"),
        show=lambda value: show(round(value), ENERGY),
    ),
}
_REACHED: Final = "reached"
REACHES: Final = (*_KINDS, _REACHED)
"""What may stand before the dot and the accuracy in percent."""
_KEY: Final = re.compile(rf"({'|'.join(REACHES)})\.(\d+(?:\.\d+)?)")


def _asked(key: str) -> tuple[str, float] | None:
    """What a key asks for, and of which accuracy in percent."""
    found = _KEY.fullmatch(key)
    if found is None or not 0 < float(found[2]) <= 100:
        return None
    return found[1], float(found[2])


def reach_figure(key: str, rows: Sequence[EpochRow]) -> int | None:
    """What the last phase took, from its beginning, to a test accuracy; None where it never had it.

    Parameters
    ----------
    key
        One of :data:`REACHES`, a dot and an accuracy in percent. ``reached`` is 1 where it was, else 0.
    rows
        Epochs of a run.

    Examples
    --------
    >>> from chipsim import simulate
    >>> sets = ["phases.0.dataset.train=50", "phases.0.epoch_samples=20"]
    >>> rows = simulate("digital-fp32", "mnist-5k", sets=sets, epochs=2).epochs
    >>> reach_figure("samples_to_reach.1", rows), reach_figure("reached.100", rows)
    (20, 0)
    """
    asked = _asked(key)
    if asked is None or not rows:
        return None
    what, percent = asked
    # What an earlier phase reached, it reached on other data, or for another purpose.
    begun = next(place for place, row in enumerate(rows) if row.phase == rows[-1].phase)
    there = next((row for row in rows[begun:] if row.test_accuracy_percent >= percent), None)
    if what == _REACHED:
        return int(there is not None)
    return None if there is None else _KINDS[what].took(there, rows[begun - 1] if begun else None)


def reach_metric(key: str) -> Metric | None:
    """The figure of a key; None for a key that is no such.

    Examples
    --------
    >>> reach_metric("samples_to_reach.94").title, reach_metric("samples_to_reach.940")
    ('Samples to 94 %', None)
    """
    asked = _asked(key)
    if asked is None:
        return None
    what, percent = asked

    def of(result: Result) -> int | None:
        return reach_figure(key, result.epochs)

    if what == _REACHED:
        about = "1 where the last phase reached the test accuracy after an epoch, else 0."
        return Metric(key=key, title=f"Reached {percent:g} %", show=show_number, about=about, of=of)
    kind = _KINDS[what]
    about = f"{kind.about} of the last phase up to the end of its first epoch with that test accuracy."
    return Metric(
        key=key, title=f"{kind.title} to {percent:g} %", show=kind.show, better="less", about=about, of=of
    )
