"""What writing took, a weight and a pulse, and where weights ended: figures for studies and claims."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from chipsim.result import Result
from chipsim.result.metric import Metric, percent, show_number
from chipsim.units import ENERGY, TIME, Aj, Ps, show

__all__ = ["WRITTEN"]

_PULSED: Final = ("update", "pulse")
_LEARNING: Final = (*_PULSED, "recentre", "program", "retry")
"""What write drivers do while weights are learnt: neither the first writing nor reading to verify."""


def _time(value: float) -> str:
    return show(Ps(round(value)), TIME)


def _driven(result: Result, actions: tuple[str, ...]) -> int:
    """Time for which write drivers were busy with something, summed over tiles."""
    return sum(row.busy_ps for row in result.ledger if row.kind == "driver" and row.action in actions)


def _pulses(result: Result, actions: tuple[str, ...]) -> int:
    """Small pulses that something took."""
    return sum(row.pulses for row in result.ledger if row.kind == "array" and row.action in actions)


def _write_time(result: Result) -> int | None:
    return _driven(result, _LEARNING) or None


def _energy(value: float) -> str:
    return show(Aj(round(value)), ENERGY)


def _write_energy(result: Result) -> int | None:
    """What cells and write drivers took; reads to verify are the arrays' and the converters' own actions."""
    rows = (row for row in result.ledger if row.kind in ("array", "driver") and row.action in _PULSED)
    return sum(row.energy_aj for row in rows) or None


def _a_pulse(result: Result) -> float | None:
    pulses = _pulses(result, _PULSED)
    return _driven(result, _PULSED) / pulses if pulses else None


def _a_weight(count: Callable[[Result], float | None]) -> Callable[[Result], float | None]:
    """A figure over the number of weights that learn."""

    def share(result: Result) -> float | None:
        weights, value = result.summary.get("learnt_weights"), count(result)
        return value / weights if weights and value is not None else None

    return share


def _share_of_weights(key: str) -> Callable[[Result], float | None]:
    def share(result: Result) -> float | None:
        weights, count = result.summary.get("learnt_weights"), result.summary.get(key)
        return 100 * count / weights if weights and count is not None else None

    return share


WRITTEN: Final = (
    Metric(
        key="write_time_ps",
        title="Write time",
        show=_time,
        better="less",
        about="Time for which write drivers were busy in training, initial writing apart, summed over tiles.",
        of=_write_time,
        optional=True,
        aside=True,
    ),
    Metric(
        key="write_energy_aJ",
        title="Write energy",
        show=_energy,
        better="less",
        about="What cells and write drivers took for small pulses in training, those of recentring apart.",
        of=_write_energy,
        optional=True,
        aside=True,
    ),
    Metric(
        key="write_time_per_weight_ps",
        title="Write time a weight",
        show=_time,
        better="less",
        about="The same over the number of weights that learn.",
        of=_a_weight(_write_time),
        optional=True,
        aside=True,
    ),
    Metric(
        key="write_time_per_pulse_ps",
        title="Write time a pulse",
        show=_time,
        about="Time of write drivers with small pulses, those of recentring apart, over the number of these.",
        of=_a_pulse,
        optional=True,
        aside=True,
    ),
    Metric(
        key="pulses_per_weight",
        title="Pulses a weight",
        show=show_number,
        better="less",
        about="Small pulses in training, those of recentring too, over the number of weights that learn.",
        of=_a_weight(lambda result: _pulses(result, (*_PULSED, "recentre")) or None),
        optional=True,
        aside=True,
    ),
    Metric(
        key="net_steps_per_weight",
        title="Net steps a weight",
        show=show_number,
        about="Pulses that would lead from zero to where the weights stand at the end, over their number.",
        of=_a_weight(lambda result: result.summary.get("net_steps")),
        optional=True,
        aside=True,
    ),
    Metric(
        key="weights_at_zero_percent",
        title="Weights at zero",
        show=percent,
        about="Share of the weights that learn that ended nearer to zero than half the smallest difference.",
        of=_share_of_weights("weights_at_zero"),
        optional=True,
        aside=True,
    ),
    Metric(
        key="weights_at_ends_percent",
        title="Weights at the ends",
        show=percent,
        about="Share of the weights that learn that ended as near to the largest that there is.",
        of=_share_of_weights("weights_at_ends"),
        optional=True,
        aside=True,
    ),
)
"""Figures for studies; what a few runs are compared by has them as totals."""
