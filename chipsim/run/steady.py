"""Samples that stream through a chip: how long one takes, and how soon after one another they come out."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import attrs

from chipsim.chip.chip import Chip
from chipsim.parts.program import Program, Stream
from chipsim.run.coding import in_a_loop
from chipsim.run.execute import execute
from chipsim.run.strands import Strands

__all__ = ["Steady", "steady"]

_SAMPLES: Final = 2_048
"""Samples that are sent at most where they never come to repeat themselves."""


@attrs.frozen(kw_only=True)
class Steady:
    """The pace of equal programs sent through a chip one behind the other."""

    latency_ps: int
    """Of one that has the chip to itself."""
    interval_ps: Fraction
    """Between two that come out, once they all come out alike."""
    exact: bool
    """Whether they came to repeat themselves; else the interval is the mean over all that were sent."""


def steady(chip: Chip, program: Program, *, under_way: int) -> Steady | None:
    """The pace of a program that is sent through a chip over and over.

    None where a part of one's own says what it does by a generator, so that nobody knows it beforehand.

    Parameters
    ----------
    chip
        At rest.
    program
        What is sent.
    under_way
        How many are on the chip at once at most: the next one begins when one of them has ended. With as many
        as the chip has stages, the slowest of these sets the pace.

    Examples
    --------
    >>> from chipsim.run import prepare
    >>> setup = prepare("single-pair", "mnist-5k", seed=None)
    >>> pace = steady(setup.chip, setup.rule.inference(), under_way=8)
    >>> pace is not None and pace.interval_ps < pace.latency_ps
    True
    """
    latency = int(execute(chip, program).elapsed)
    strands = Strands(chip)
    steps = strands.of(program)
    if steps is None:
        return None
    looped = in_a_loop(steps, stream=Stream(program, _SAMPLES), most=under_way)
    if looped is None:
        return None
    if looped.period:
        interval = Fraction(looped.period_ps, looped.period)
        return Steady(latency_ps=latency, interval_ps=interval, exact=True)
    mean = Fraction(looped.elapsed - latency, _SAMPLES - 1)
    return Steady(latency_ps=latency, interval_ps=mean, exact=False)
