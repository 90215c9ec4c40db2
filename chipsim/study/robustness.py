"""What of a study holds under other costs: orderings under several sets, and the price at which one flips.

Energy is a straight line of every single price: what is charged at it, times its factor, and a rest. So two
energies are equal at one factor at most, which two evaluations of each line give; nothing is simulated again.
Energies are whole attojoules, and factors fractions of them: nothing is rounded on the way.
"""

from __future__ import annotations

import functools
import itertools
import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Final, TypeAlias

import attrs

from chipsim.result import Result
from chipsim.result.metrics import Metric
from chipsim.spec.chip import ChipSpec
from chipsim.spec.provenance import Value
from chipsim.spec.used import used_costs
from chipsim.study.ranking import contrasts, meeting, samples_of
from chipsim.study.statistics import Gathered
from chipsim.units import ENERGY, show

__all__ = [
    "Flip",
    "Line",
    "Ordering",
    "Reprice",
    "energy_flips",
    "energy_prices",
    "flip_factor",
    "flips",
    "holds_within",
    "is_energy_price",
    "lines_of",
    "orderings",
]

Reprice: TypeAlias = Callable[[Result, Sequence[str]], Result]
"""A result under other costs: the result, and overrides of its costs."""
_ENERGY_WORDS: Final = frozenset(
    {"energy", "add", "multiply", "compare", "function", "read", "write", "energy_per_bit",
     "energy_per_bit_mm"}
)  # fmt: skip
"""Last words of the prices of a cost set that are energies."""


@attrs.frozen(kw_only=True)
class Ordering:
    """Two chips, one task and one point of what is varied, under every cost set."""

    metric: Metric
    one: str
    other: str
    task: str
    varied: tuple[tuple[str, str], ...]
    by_costs: tuple[tuple[str, int], ...]
    """Cost set, and -1 where the first chip has less of the figure, 1 where more, 0 where not told apart."""

    @property
    def flips(self) -> bool:
        """Whether one cost set says the opposite of another."""
        return {-1, 1} <= {sign for _, sign in self.by_costs}

    @property
    def holds(self) -> bool:
        """Whether all cost sets say the same, and say anything."""
        signs = {sign for _, sign in self.by_costs}
        return len(signs) == 1 and 0 not in signs


def orderings(gathered: Gathered, metric: Metric) -> tuple[Ordering, ...]:
    """How each two chips stand in a figure under each cost set, at every point where they can be compared.

    Parameters
    ----------
    gathered
        A study that was run under several cost sets.
    metric
        The figure.
    """
    samples = samples_of(gathered, metric, gathered.settings)
    pairs = list(meeting(samples))
    found = contrasts(pairs, samples)
    by_point: dict[tuple[str, str, str, tuple[tuple[str, str], ...]], list[tuple[str, int]]] = {}
    for one, other in pairs:
        each = found[one, other]
        sign = 0 if each.why else int(math.copysign(1, each.compared.difference))
        # Each chip may be varied over paths of its own: a point is what both say of it.
        point = tuple({**dict(one.varied), **dict(other.varied)}.items())
        by_point.setdefault((one.chip, other.chip, one.task, point), []).append((one.costs, sign))
    return tuple(
        Ordering(metric=metric, one=one, other=other, task=task, varied=varied, by_costs=tuple(signs))
        for (one, other, task, varied), signs in by_point.items()
        if len(signs) > 1
    )


@attrs.frozen(kw_only=True)
class Line:
    """Energy as a straight line of the factor of one price: the mean over seeds."""

    now: Fraction | float
    """At the price as it is, in attojoules."""
    share: Fraction | float
    """What of it is charged at that price: the price times how often it is paid."""

    def at(self, factor: Fraction | float) -> Fraction | float:
        """Energy with the price times a factor."""
        return self.now + self.share * (factor - 1)

    @classmethod
    def through(cls, now: Sequence[float], doubled: Sequence[float]) -> Line:
        """The line through energies at the price as it is and at twice the price, one a seed.

        Examples
        --------
        >>> Line.through([100, 103], [130, 133])
        Line(now=Fraction(203, 2), share=Fraction(30, 1))
        """
        mean = statistics.mean(map(Fraction, now))
        return cls(now=mean, share=statistics.mean(map(Fraction, doubled)) - mean)


def flip_factor(one: Line, other: Line) -> Fraction | None:
    """The factor of a price at which two energies are equal; None where there is none above zero.

    Examples
    --------
    >>> flip_factor(Line(now=100, share=40), Line(now=130, share=19))
    Fraction(17, 7)
    >>> flip_factor(Line(now=100, share=10), Line(now=130, share=10)) is None
    True
    """
    slope = Fraction(one.share) - Fraction(other.share)
    if not slope:
        return None
    factor = 1 + (Fraction(other.now) - Fraction(one.now)) / slope
    return factor if factor > 0 else None


def holds_within(one: Line, other: Line, *, low: float, high: float) -> bool:
    """Whether two energies keep their order while a price takes every factor of a range.

    Parameters
    ----------
    one, other
        Energies by the factor of that price.
    low, high
        Ends of the range.

    Examples
    --------
    >>> one, other = Line(now=100.0, share=40.0), Line(now=130.0, share=10.0)
    >>> holds_within(one, other, low=0.5, high=1.9), holds_within(one, other, low=0.5, high=2.0)
    (True, False)
    """
    # A difference of straight lines is one: the ends tell what lies between.
    ends = [one.at(factor) - other.at(factor) for factor in (low, high)]
    return ends[0] * ends[1] > 0


@attrs.frozen(kw_only=True)
class Flip:
    """The price at which an ordering in energy turns round."""

    less: str
    """What takes less energy now."""
    more: str
    path: str
    """Of the price, in the cost set."""
    now_aj: int
    factor: Fraction | float
    assumed: bool = False
    """Whether the price has no source."""

    @property
    def price(self) -> Fraction | float:
        """The price at which both take the same, in attojoules."""
        return self.now_aj * self.factor

    @property
    def reach(self) -> float:
        """How far it is away, the same for a tenth and ten times."""
        # The logarithm of a fraction is that of the float next to it.
        return abs(math.log(self.factor))

    def sentence(self) -> str:
        """In words.

        Examples
        --------
        >>> flip = Flip(less="a", more="b", path="adc[bits=8].energy", now_aj=2_000_000, factor=1.6)
        >>> flip.sentence()
        'a takes less energy than b; that flips when adc[bits=8].energy is above 3.2 pJ (now 2 pJ)'
        """
        side = "above" if self.factor > 1 else "below"
        at, now = show(round(self.price), ENERGY, 3), show(self.now_aj, ENERGY)
        doubt = ", assumed" if self.assumed else ""
        return (
            f"{self.less} takes less energy than {self.more}; that flips when {self.path} is {side} {at} "
            f"(now {now}{doubt})"
        )


def flips(
    one: tuple[str, Mapping[str, Line]],
    other: tuple[str, Mapping[str, Line]],
    *,
    prices: Mapping[str, int],
) -> tuple[Flip, ...]:
    """Every single price that can turn the order of two energies round, the nearest first.

    Parameters
    ----------
    one, other
        What takes the energy, and its lines by the path of the price: of prices that it uses, and no others.
    prices
        In attojoules, by path.
    """
    names = (one[0], other[0])
    found = []
    for path in dict.fromkeys([*one[1], *other[1]]):
        lines = [_line(side[1], path) for side in (one, other)]
        factor = flip_factor(*lines)
        # At a price of nothing no factor changes anything.
        if factor is None or factor == 1 or not prices[path]:
            continue
        less = 0 if lines[0].now < lines[1].now else 1
        flip = Flip(less=names[less], more=names[1 - less], path=path, now_aj=prices[path], factor=factor)
        found.append(flip)
    return tuple(sorted(found, key=lambda flip: (flip.reach, flip.path)))


def energy_flips(results: Mapping[str, Result], reprice: Reprice) -> tuple[Flip, ...]:
    """Every single price that can turn round the order in energy of two runs, the nearest first.

    Parameters
    ----------
    results
        Runs that are compared, by what they are called: of one workload, one cost set and one seed. Only
        prices that a run says it uses are looked at.
    reprice
        Gives a result under other costs, as overrides say them; :class:`~chipsim.study.quickly.Quickly`
        without timing anything.
    """
    prices: dict[str, int] = {}
    assumed: dict[str, bool] = {}
    lines: dict[str, dict[str, Line]] = {}
    for name, result in results.items():
        paid = {value.path: value for value in result.values if is_energy_price(value.path)}
        prices |= {path: int(ENERGY.read(value.value)) for path, value in paid.items()}
        assumed |= {path: value.kind == "assumed" for path, value in paid.items()}
        energy = functools.partial(_repriced, result, prices=prices, reprice=reprice)
        lines[name] = lines_of(energy, [path for path in paid if prices[path]])
    found: list[Flip] = []
    for one, other in itertools.combinations(results, 2):
        if lines[one] and lines[other]:
            found += flips((one, lines[one]), (other, lines[other]), prices=prices)
    found = [
        attrs.evolve(flip, path=flip.path.removeprefix("costs."), assumed=assumed[flip.path])
        for flip in found
    ]
    return tuple(sorted(found, key=lambda flip: (flip.reach, flip.path)))


def is_energy_price(path: str) -> bool:
    """Whether a path of the descriptions is that of a price in energy, which no time and no area hangs on.

    Examples
    --------
    >>> is_energy_price("costs.adc[bits=8].energy"), is_energy_price("costs.sram.time")
    (True, False)
    """
    return path.startswith("costs.") and path.rpartition(".")[2] in _ENERGY_WORDS


def _repriced(
    result: Result, path: str, factor: int, *, prices: Mapping[str, int], reprice: Reprice
) -> Sequence[float]:
    if factor == 1:
        return [result.summary["energy_aJ"]]
    return [reprice(result, [f"{path}={factor * prices[path]} aJ"]).summary["energy_aJ"]]


def _line(lines: Mapping[str, Line], path: str) -> Line:
    """Its line, or a flat one where it does not use the price."""
    flat = next(iter(lines.values()))
    return lines.get(path, attrs.evolve(flat, share=0.0))


def energy_prices(chip: ChipSpec, values: Iterable[Value]) -> dict[str, int]:
    """The energies of a cost set that a chip is charged by, in attojoules, by path.

    Parameters
    ----------
    chip
        The chip.
    values
        All values of its cost set, with their paths in it.

    Examples
    --------
    >>> from chipsim.spec import load_chip, load_costs
    >>> prices = energy_prices(load_chip("single-pair").spec, load_costs("cmos-32nm").values)
    >>> "adc[bits=8].energy" in prices, "adc[bits=4].energy" in prices, "adc[bits=8].time" in prices
    (True, False, False)
    """
    used = [value for value in used_costs(chip, values) if value.path.split(".")[-1] in _ENERGY_WORDS]
    return {value.path: int(ENERGY.read(value.value)) for value in used}


def lines_of(energy: Callable[[str, int], Sequence[float]], paths: Iterable[str]) -> dict[str, Line]:
    """The lines of something that takes energy, by the path of each price.

    Parameters
    ----------
    energy
        Energies, one a seed in attojoules, with the price of a path times a factor.
    paths
        Of the prices that it uses.
    """
    return {path: Line.through(energy(path, 1), energy(path, 2)) for path in paths}
