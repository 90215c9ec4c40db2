"""Published figures beside what a study measured: met, not met, or inside the spread.

The verdict goes by the 95 % range of the mean over seeds: it is *met* when the whole range agrees with the
published figure and its tolerance, *not met* when none of it does, and *inside the spread* else. With one
seed there is no range, and the verdict says so.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Final

import attrs

from chipsim.result.compared import Sample
from chipsim.result.student import limit
from chipsim.spec.study import ClaimSpec
from chipsim.study.meant import Partners, fits, only_costs
from chipsim.study.statistics import Gathered, Setting

__all__ = ["Held", "hold", "hold_all", "verdict"]

MET: Final = "met"
NOT_MET: Final = "not met"
INSIDE: Final = "inside the spread"
UNKNOWN: Final = "not measured"


@attrs.frozen(kw_only=True)
class Held:
    """A published figure, held against one setting."""

    claim: ClaimSpec
    setting: Setting | None
    """None where no run is what the claim is of."""
    against: Setting | None = None
    values: tuple[float, ...] = ()
    """What was measured, one a seed: a value, or a difference or ratio of the same seed."""
    low: float = math.nan
    high: float = math.nan
    """95 % range of the mean; both the value where there is one seed, or nothing is drawn."""
    verdict: str
    why: str = ""
    """Why it was not measured; or that it rests on one seed."""


def hold_all(gathered: Gathered) -> tuple[Held, ...]:
    """Every claim of a study, held against each setting that it is of."""
    return tuple(held for claim in gathered.study.claims for held in hold(claim, gathered))


def hold(claim: ClaimSpec, gathered: Gathered) -> tuple[Held, ...]:
    """One claim, held against each setting that it is of.

    Parameters
    ----------
    claim
        A published figure.
    gathered
        The study that it belongs to.
    """
    only = only_costs(gathered.study)
    found = [setting for setting in gathered.settings if fits(setting, claim.of, only=only)]
    if not found:
        return (Held(claim=claim, setting=None, verdict=UNKNOWN, why="no run of the study is what it is of"),)
    partners = Partners(claim.against, gathered.settings, only=only) if claim.against is not None else None
    return tuple(_held(claim, setting, gathered, partners=partners) for setting in found)


def _held(claim: ClaimSpec, setting: Setting, gathered: Gathered, *, partners: Partners | None) -> Held:
    against = None
    if partners is not None:
        others = partners.of(setting)
        if len(others) != 1:
            many = "several runs are" if others else "no run is"
            return Held(claim=claim, setting=setting, verdict=UNKNOWN, why=f"{many} what it is held against")
        against = others[0]
    sides = [gathered.sample(one, claim.metric) for one in (setting, against) if one is not None]
    samples = [side for side in sides if side is not None]
    if len(samples) < len(sides):
        why = f"{claim.metric} was not measured"
        return Held(claim=claim, setting=setting, against=against, verdict=UNKNOWN, why=why)
    values, exact = _compared(claim, samples)
    if not values:
        why = "no seed was run of both, or the other side is zero"
        return Held(claim=claim, setting=setting, against=against, verdict=UNKNOWN, why=why)
    return _judged(claim, setting, against=against, values=values, exact=exact)


def _compared(claim: ClaimSpec, samples: Sequence[Sample]) -> tuple[tuple[float, ...], bool]:
    """What is held against the figure, one a seed, and whether another seed cannot change it."""
    exact = all(sample.exact for sample in samples)
    if len(samples) == 1 or claim.compare == "value":
        return samples[0].values, exact
    theirs = dict(zip(samples[1].seeds, samples[1].values, strict=True))
    values = []
    for seed, mine in zip(samples[0].seeds, samples[0].values, strict=True):
        if seed not in theirs:
            continue
        if claim.compare == "difference":
            values.append(mine - theirs[seed])
        elif theirs[seed]:
            values.append(mine / theirs[seed])
    return tuple(values), exact


def _judged(
    claim: ClaimSpec, setting: Setting, *, against: Setting | None, values: tuple[float, ...], exact: bool
) -> Held:
    mean = statistics.fmean(values)
    reach = 0.0
    if len(values) > 1 and not exact:
        count = len(values)
        reach = limit(count - 1) * statistics.stdev(values) / math.sqrt(count)
    alone = len(values) == 1 and not exact
    low, high = mean - reach, mean + reach
    return Held(
        claim=claim,
        setting=setting,
        against=against,
        values=values,
        low=low,
        high=high,
        verdict=verdict(claim, low, high),
        why="one seed: another may say otherwise" if alone else "",
    )


def verdict(claim: ClaimSpec, low: float, high: float) -> str:
    """Whether a range agrees with a published figure.

    Parameters
    ----------
    claim
        The figure, its relation and its tolerance.
    low, high
        The ends of the range.
    """
    bottom = -math.inf if claim.relation == "at-most" else claim.published - claim.tolerance
    top = math.inf if claim.relation == "at-least" else claim.published + claim.tolerance
    if bottom <= low and high <= top:
        return MET
    return NOT_MET if high < bottom or low > top else INSIDE
