"""Claims of a study beside what was measured, in words: for its page and for a report's README."""

from __future__ import annotations

from statistics import fmean
from typing import Final

import attrs

from chipsim.result.metrics import MISSING
from chipsim.study.held import Held
from chipsim.study.rows import unit_of
from chipsim.study.statistics import Gathered
from chipsim.study.words import scale_of

__all__ = ["Claimed", "claimed"]

_SIGNS: Final = {"at-least": "at least ", "at-most": "at most ", "equals": ""}


@attrs.frozen(kw_only=True)
class Claimed:
    """A published figure beside what was measured."""

    held: Held
    of: str
    published: str
    measured: str
    range: str
    """95 % range of the mean; empty where there is none."""
    missing: str
    """How many seeds have the figure, where not all do: a switch that never came is no figure."""


def claimed(held: Held, gathered: Gathered) -> Claimed:
    """One claim in words.

    Parameters
    ----------
    held
        The claim, held against one setting.
    gathered
        Its study.
    """
    claim, names, values = held.claim, gathered.names(), held.values
    tolerance = f" ± {_figure(held, claim.tolerance)}" if claim.tolerance else ""
    has_range = bool(values) and held.high > held.low
    planned = len(gathered.study.seeds)
    lacks = 0 < len(values) < planned
    return Claimed(
        held=held,
        of=" against ".join(names[one] for one in (held.setting, held.against) if one) or MISSING,
        published=f"{_SIGNS[claim.relation]}{_figure(held, claim.published)}{tolerance}",
        measured=_figure(held, fmean(values)) if values else MISSING,
        range=f"{_figure(held, held.low)} to {_figure(held, held.high)}" if has_range else "",
        missing=f"measured in {len(values)} of {planned} seeds" if lacks else "",
    )


def _figure(held: Held, value: float) -> str:
    """A figure of a claim: a ratio is a number, a difference of percents is points."""
    claim = held.claim
    if claim.compare == "ratio":
        return f"{value:.3g}"
    if claim.compare == "difference" and unit_of(claim.metric) == "%":
        return f"{value:.2f} points"
    unit, size = scale_of(claim.metric, value)
    return f"{value / size:.4g} {unit}".strip()
