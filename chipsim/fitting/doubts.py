"""Fitted values that a curve says little of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from chipsim.fitting.said import Said, conductance, number

__all__ = ["doubts_of"]

_MOST_APART: Final = 3.0
"""Highest over lowest end of the interval of states, beyond which little is known of them."""


def doubts_of(fields: Sequence[Said]) -> Iterator[str]:
    """Sentences on intervals that leave open nearly everything.

    Parameters
    ----------
    fields
        Values of a description.

    Examples
    --------
    >>> from chipsim.fitting.estimates import Estimate
    >>> states = Said(key="states", value="30", note="", fitted=Estimate(value=30, low=3, high=300))
    >>> next(doubts_of([states])).partition(":")[0]
    'Between 3 and 300 states with 95 %'
    """
    found = {field.key: field.fitted for field in fields if field.fitted is not None}
    states = found.get("states")
    if states is not None and states.high > _MOST_APART * states.low:
        yield (
            f"Between {number(states.low)} and {number(states.high)} states with 95 %: such a curve says "
            "little of them; read more pulses, more cells, or closer to the bounds."
        )
    bounds = {key: found[key] for key in ("on_conductance", "off_conductance") if key in found}
    if len(bounds) < 2:
        return
    span = bounds["on_conductance"].value - bounds["off_conductance"].value
    for key, bound in bounds.items():
        # Not as a factor: a bound next to none at all may well be any of small numbers.
        if bound.high - bound.low > span:
            yield (
                f"{key} lies between {conductance(bound.low)} and {conductance(bound.high)} with 95 %, "
                "further apart than the range itself: such a curve says little of it."
            )
