"""Turns of all networks, round by round, and what their times come to."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from benchmarks.peers.colleague import Colleague

__all__ = ["WARM_UP", "Outcome", "Party", "Spread", "in_turns", "ratios"]

Party = tuple[Colleague, str]
"""A process, and the name of one of the networks that it trains."""
WARM_UP = 2
"""Turns before the clock counts: kernels are compiled, and a hybrid synapse may leave its coarse pair."""


@attrs.frozen(kw_only=True)
class Spread:
    """A figure of several rounds."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The median and the range of at least one value.

        Examples
        --------
        >>> Spread.of([3.0, 1.0, 2.0])
        Spread(median=2.0, least=1.0, most=3.0)
        """
        return cls(median=statistics.median(values), least=min(values), most=max(values))


@attrs.frozen(kw_only=True)
class Outcome:
    """How one network fared."""

    name: str
    seconds: tuple[float, ...]
    """Seconds a sample, of each round."""
    told: Mapping[str, float]
    """What it can tell of its training."""


def in_turns(
    parties: Sequence[Party], *, digits: str, samples: int, rounds: int, say: Callable[[str], Any]
) -> list[Outcome]:
    """Train every network once a round, one after another.

    Parameters
    ----------
    parties
        The networks, each with the process that trains it.
    digits
        The file of digits and of their orders, one more than `rounds` for each turn of warm-up.
    samples
        Digits of a turn.
    rounds
        How many rounds are timed.
    say
        Told what is done.

    Raises
    ------
    ChipsimError
        When a process fails.
    """
    for colleague, name in parties:
        say(f"warming up: {name}")
        colleague.ask("prepare", name, digits=digits, turns=WARM_UP)
    seconds: dict[str, list[float]] = {name: [] for _, name in parties}
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}")
        # Another one begins each time: a load that comes and goes meets each of them.
        first = number % len(parties)
        for colleague, name in (*parties[first:], *parties[:first]):
            took = colleague.ask("train", name, turn=WARM_UP + number)["seconds"]
            seconds[name].append(took / samples)
    return [
        Outcome(name=name, seconds=tuple(seconds[name]), told=colleague.ask("tell", name)["told"])
        for colleague, name in parties
    ]


def ratios(one: Outcome, other: Outcome) -> Spread:
    """How many times as long one network took as another, in the same rounds.

    Examples
    --------
    >>> slow = Outcome(name="slow", seconds=(4.0, 9.0), told={})
    >>> ratios(slow, Outcome(name="quick", seconds=(2.0, 3.0), told={}))
    Spread(median=2.5, least=2.0, most=3.0)
    """
    return Spread.of([mine / its for mine, its in zip(one.seconds, other.seconds, strict=True)])
