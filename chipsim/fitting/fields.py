"""What a description says of a fitted law: each of its values, with the interval that it was fitted with."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Final

import attrs
import numpy as np

from chipsim.device.bidirectional_step import BidirectionalStep
from chipsim.device.exponential_step import ExponentialStep
from chipsim.device.piecewise import Piecewise
from chipsim.device.power_step import PowerStep
from chipsim.device.soft_bounds import SoftBounds
from chipsim.fitting.estimates import Estimate, quotient, widened
from chipsim.fitting.laws import PLACES
from chipsim.fitting.measured import Measured
from chipsim.fitting.population import Known, Population, exponential
from chipsim.fitting.said import Said, conductance, number, share

__all__ = ["Facts", "fields_of"]

_SPREADS: Final = "none, to that of the array of reram-array-om"
_FRESH: Final = Said(
    key="fresh_share",
    value="0",
    note="a curve does not say where a cell stands that was never pulsed: at its lower bound, as pairs begin",
    is_assumed=True,
    between='[0, 50 %, "as pairs begin, to the middle, where the reference of a single cell stands"]',
)
_MOST_WRITTEN: Final = 10.0
"""Write noise over a step, beyond which descriptions do not go."""
_MIRRORED_TIMES: Final = '[x0.5, x2, "half to double by convention"]'
_MIRRORED_GROWTH: Final = '[x2, x0.5, "half to double by convention"]'
_MIRRORED: Final = '[0.5, 2, "half to double by convention"]'


@attrs.frozen(kw_only=True)
class Facts:
    """What is known of a fit besides the values of its cells."""

    source: str
    """Of the curve."""
    ways: tuple[bool, ...]
    """Directions that were measured, up first."""
    met: tuple[bool, bool]
    """Whether cells ran into their lower and into their upper end."""
    stuck: tuple[int, int]
    """Cells that did not move, and how many there were."""
    white_seen: bool
    """Whether readings were seen to scatter around where cells are."""


@attrs.frozen(kw_only=True)
class _Teller:
    """Says values with their sources."""

    facts: Facts
    cells: int

    def fitted(self, key: str, estimate: Estimate, write: Callable[[float], str], *, more: str = "") -> Said:
        value = write(estimate.value)
        if estimate.high > estimate.low:
            ends = f"{write(estimate.low)} to {write(estimate.high)} with 95 %"
        else:
            ends = "read off"
        tail = f"; {more}" if more else ""
        note = f"{self.facts.source}, fitted: {ends}{tail}"
        return Said(key=key, value=value, note=note, fitted=estimate)

    def spread(self, key: str, estimate: Estimate | None, *, most: str, of: str) -> Said:
        """A spread over cells; assumed to be none of a single one."""
        if estimate is None:
            return Said(
                key=key,
                value="0 %",
                note=f"{self.facts.source} has one cell, and how far cells differ in {of} is not known",
                is_assumed=True,
                between=f'[0 %, {most}, "{_SPREADS}"]',
            )
        if share(estimate.high) == share(0):
            # What differs in cells is no more than what each was fitted with.
            return Said(key=key, value="0 %", note=f"{self.facts.source}, fitted: none seen, of {of}")
        # Descriptions end at their own limits, which a fit of few cells may be beyond.
        return self.fitted(key, estimate, share, more=f"over {self.cells} cells, of {of}")


def fields_of(
    kind: str, population: Population, facts: Facts, *, measured: Measured | None = None
) -> list[Said]:
    """The values of a description, pulses and area left out.

    Parameters
    ----------
    kind
        Of the law.
    population
        What its cells are.
    facts
        What else is known.
    measured
        The tables, of the kind that is made of them.
    """
    teller = _Teller(facts=facts, cells=population.cells)
    population = _both_ways(population, facts)
    if measured is not None:
        return [*_table(population, teller, measured)]
    return [*_SAYING[kind](population, teller)]


def _both_ways(population: Population, facts: Facts) -> Population:
    """With values of a direction that was not measured as those of the other."""
    if len(facts.ways) == 2:
        return population
    measured, other = ("up", "down") if facts.ways[0] else ("down", "up")
    for name, known in population.known.items():
        if name.endswith(f"_{measured}"):
            population = population.with_known(name.replace(measured, other), known)
    # Where the other way ends was not measured, and is where readings began.
    began = "low" if facts.ways[0] else "high"
    known = population.known[began]
    return population.with_known(began, known.through(known.values, np.zeros(1)))


def _bounds(population: Population, teller: _Teller) -> Iterator[Said]:
    told = ("pulses up led no further", "the highest that was read; no bound was met")
    more = told[0] if teller.facts.met[1] else told[1]
    yield teller.fitted("on_conductance", population.mean("high"), conductance, more=more)
    told = ("pulses down led no further", "the lowest that was read; no bound was met")
    more = told[0] if teller.facts.met[0] else told[1]
    yield teller.fitted("off_conductance", population.mean("low"), conductance, more=more)


def _asymmetry(estimate: Estimate, teller: _Teller) -> Said:
    if len(teller.facts.ways) == 2:
        return teller.fitted("asymmetry", estimate, number)
    way = "up" if teller.facts.ways[0] else "down"
    note = f"{teller.facts.source} has pulses {way} only; the other way is taken to mirror it"
    return Said(key="asymmetry", value="1", note=note, is_assumed=True, between=_MIRRORED)


def _range(population: Population) -> Estimate:
    """Highest less lowest conductance, S."""
    return population.mean_of(_span(population))


def _span(population: Population) -> Known:
    return population.known["high"].plus(population.known["low"], times=-1)


def _linear(population: Population, teller: _Teller) -> Iterator[Said]:
    # Of linear cells steps up and down are drawn apart, so their means do not hang together.
    up, down = population.mean("step_up"), population.mean("step_down")
    states = quotient(_range(population), up)
    yield teller.fitted("states", states, lambda one: f"{max(round(one), 2)}", more="rounded")
    yield from _bounds(population, teller)
    yield _asymmetry(quotient(down, up), teller)
    yield teller.fitted("step_variation", population.noise, share, more="from pulse to pulse")
    names = [f"step_{'up' if way else 'down'}" for way in teller.facts.ways]
    yield teller.spread("step_spread", population.spread(*names), most="80 %", of="their steps")
    half = 0.5 * _range(population).value
    bounds = population.spread("low", "high", over=half)
    yield teller.spread("range_spread", bounds, most="40 %", of="their bounds, over half the range")


def _soft(population: Population, teller: _Teller) -> Iterator[Said]:
    high, low = population.mean("high"), population.mean("low")
    # Steps count from the middle of the described range, which the bounds of a few cells say.
    doubled = population.mean_of(population.known["low"].plus(population.known["high"]))
    middle = doubled.times(0.5)
    off = (middle.high - middle.value) / (0.5 * _range(population).value)
    yield from _states(population, teller, off=off)
    told = "the bound that steps {} shrink towards", "where pulses {} began"
    more = told[0].format("up") if True in teller.facts.ways else told[1].format("down")
    yield teller.fitted("on_conductance", high, conductance, more=more)
    more = told[0].format("down") if False in teller.facts.ways else told[1].format("up")
    yield teller.fitted("off_conductance", low, conductance, more=more)
    yield from _steps(population, teller, off=off)


def _exponential(population: Population, teller: _Teller) -> Iterator[Said]:
    # All that is known here of how the kind calls things.
    states = yield from _states(population, teller)
    yield from _bounds(population, teller)
    for way in ("up", "down"):
        yield _decay(population, states, teller, way=way)
    yield from _steps(population, teller)


def _piecewise(population: Population, teller: _Teller) -> Iterator[Said]:
    yield from _states(population, teller)
    yield from _bounds(population, teller)
    ways = teller.facts.ways
    for way in ("up", "down"):
        if (way == "up") in ways:
            yield _lengths(population, teller, way=way)
        elif way == "up":
            # Steps down that nobody gives are those up, mirrored; the other way round it has to be said.
            told = _lengths(population, teller, way="down", mirrored=True)
            note = f"{teller.facts.source} has pulses down only, which these are taken to mirror"
            yield attrs.evolve(told, key="steps_up", note=note, is_assumed=True)
    yield from _steps(population, teller)


def _power(population: Population, teller: _Teller) -> Iterator[Said]:
    # Steps and range hang together by the power, which a curve says less well than what they lead to.
    span = _span(population)
    over_mean = span.through(span.values / span.values.mean(), np.full(1, 1 / span.values.mean()))
    logs = over_mean.plus(population.logarithm("step_up"), times=-1)
    states = population.mean_of(logs).through(lambda one: exponential(one - 1) * float(span.values.mean()))
    yield teller.fitted("states", states, number)
    yield _FRESH
    told = "the bound that steps {} shrink towards", "where pulses {} began"
    more = told[0].format("up") if True in teller.facts.ways else told[1].format("down")
    yield teller.fitted("on_conductance", population.mean("high"), conductance, more=more)
    more = told[0].format("down") if False in teller.facts.ways else told[1].format("up")
    yield teller.fitted("off_conductance", population.mean("low"), conductance, more=more)
    for way in ("up", "down"):
        if (way == "up") in teller.facts.ways:
            gamma = population.mean(f"gamma_{way}").through(lambda one: max(one, 0.0))
            yield teller.fitted(f"gamma_{way}", gamma, number, more="the same of all cells")
        elif way == "up":
            # Steps down that nobody gives are those up; the other way round it has to be said.
            value = number(population.mean("gamma_down").value)
            note = f"{teller.facts.source} has pulses down only, which these are taken to mirror"
            yield Said(key="gamma_up", value=value, note=note, is_assumed=True, between=_MIRRORED_TIMES)
    yield from _steps(population, teller)


def _table(population: Population, teller: _Teller, measured: Measured) -> Iterator[Said]:
    yield from _states(population, teller)
    yield from _bounds(population, teller)
    for up in (True, False):
        yield _table_of(measured, teller, up=up)
    # Rows say themselves how steps vary.
    yield from (said for said in _steps(population, teller) if said.key != "step_variation")


def _table_of(measured: Measured, teller: _Teller, *, up: bool) -> Said:
    """Rows of one direction, or those of the other one mirrored."""
    way, other = ("up", "down") if up else ("down", "up")
    is_own = up in measured.rows
    rows = measured.rows[up if is_own else not up]
    changes = rows if is_own else rows[::-1]
    leads = 1.0 if up is is_own else -1.0
    entries = []
    for place, row in zip(rows, changes, strict=True):
        # At its own end a step may come out as leading back, by noise: it is none there.
        size = conductance(max(leads * row.change, 0.0))
        change = size if up else f"-{size}"
        entries.append(
            f"{{conductance: {conductance(place.conductance)}, change: {change}, "
            f"deviation: {conductance(row.deviation)}}}"
        )
    value = f"[{', '.join(entries)}]"
    if not is_own:
        note = f"{teller.facts.source} has pulses {other} only, which these are taken to mirror"
        return Said(key=way, value=value, note=note, is_assumed=True)
    reaches = "; ".join(conductance(row.reach) for row in rows)
    counts = ", ".join(f"{row.changes:,}" for row in rows)
    note = (
        f"{teller.facts.source}: mean and standard deviation of what was read between readings around each, "
        f"{counts} of them; means are off by {reaches} at most with 95 %"
    )
    shared = sum(row.is_shared for row in rows)
    if shared:
        note += (
            f"; deviations of {shared} rows are that of the whole range, for scatter of readings hides them"
        )
    return Said(key=way, value=value, note=note)


def _lengths(population: Population, teller: _Teller, *, way: str, mirrored: bool = False) -> Said:
    """Lengths of steps at equidistant places, over the mean along the range."""
    means = [population.mean(f"{way}_at_{place}") for place in range(PLACES)]
    if mirrored:
        means.reverse()
    values = ", ".join(f"{max(mean.value, 1e-3):.4g}" for mean in means)
    ends = "; ".join(f"{number(max(mean.low, 0))} to {number(mean.high)}" for mean in means)
    note = f"{teller.facts.source}, fitted: {ends} with 95 %, from the lowest conductance to the highest"
    return Said(key=f"steps_{way}", value=f"[{values}]", note=note)


def _states(population: Population, teller: _Teller, *, off: float = 0.0) -> Generator[Said, None, Estimate]:
    states = widened(quotient(_range(population), population.median("step_up")), off)
    yield teller.fitted("states", states, number)
    yield _FRESH
    return states


def _decay(population: Population, states: Estimate, teller: _Teller, *, way: str) -> Said:
    """A of the field; where nothing tells steps from such as are alike, the label that says so."""
    decays = population.mean(f"decays_{way}")
    if (way == "up") not in teller.facts.ways:
        note = f"{teller.facts.source} has pulses of the other way only, which these are taken to mirror"
        key, value = f"decay_{way}", number(states.value / decays.value)
        # Of a decay below none, where steps grow, the double is the lower end.
        between = _MIRRORED_TIMES if decays.value > 0 else _MIRRORED_GROWTH
        return Said(key=key, value=value, note=note, is_assumed=True, between=between)
    if decays.low <= 0 <= decays.high:
        ends = f"{number(decays.low)} to {number(decays.high)}"
        more = f"along the range they shrink by e {ends} times with 95 %"
        note = f"{teller.facts.source}, fitted: steps are alike, for {more}"
        return Said(key=f"nonlinearity_{way}", value="0", note=note)
    # As many pulses lead back as steps down go into the range.
    across = states if way == "up" else quotient(_range(population), population.median("step_down"))
    return teller.fitted(
        f"decay_{way}", _over(across, decays), number, more="pulses in which steps shrink by e"
    )


def _over(pulses: Estimate, decays: Estimate) -> Estimate:
    if decays.value > 0:
        return quotient(pulses, decays)
    return quotient(pulses, decays.times(-1)).times(-1)


def _steps(population: Population, teller: _Teller, *, off: float = 0.0) -> Iterator[Said]:
    """What kinds with steps that differ along the range say alike of how these vary.

    `off` is how far the middle that steps count from may be off, over half the range.
    """
    span, up = _range(population), population.median("step_up")
    # Cell by cell: a cell that steps further up does so down as well.
    ratio = population.logarithm("step_down").plus(population.logarithm("step_up"), times=-1)
    yield _asymmetry(widened(population.mean_of(ratio).through(exponential), 2 * off), teller)
    yield teller.fitted("step_variation", population.noise, share, more="from pulse to pulse")
    logs = _logarithms(population, teller)
    yield teller.spread(
        "step_spread", logs.spread("gain", over=1.0), most="80 %", of="the logarithm of their steps"
    )
    half = 0.5 * span.value
    above, below = (population.spread(name, over=half) for name in ("high", "low"))
    yield teller.spread("upper_spread", above, most="40 %", of="their upper bounds, over half the range")
    yield teller.spread("lower_spread", below, most="60 %", of="their lower bounds, over half the range")
    if len(teller.facts.ways) == 2:
        apart = logs.spread("apart", over=1.0)
        yield teller.spread("asymmetry_spread", apart, most="10 %", of="what steps up and down differ by")
    yield _write_noise(quotient(population.white, up), teller)
    yield from _corrupt(teller)


def _logarithms(population: Population, teller: _Teller) -> Population:
    """With the logarithm of each cell's steps over the median, and half of what up and down differ by."""
    names = [f"step_{'up' if way else 'down'}" for way in teller.facts.ways]
    first, last = (population.logarithm(name) for name in (names[0], names[-1]))
    if len(names) == 1:
        return population.with_known("gain", first)
    gain, apart = (_halved(first.plus(last, times=sign)) for sign in (1, -1))
    return population.with_known("gain", gain).with_known("apart", apart)


def _halved(known: Known) -> Known:
    return known.through(0.5 * known.values, np.full(1, 0.5))


def _write_noise(over_step: Estimate, teller: _Teller) -> Said:
    if not teller.facts.white_seen:
        # A limit beyond what a description takes says nothing.
        told = f", {share(over_step.high)} at most with 95 %" if over_step.high <= _MOST_WRITTEN else ""
        return Said(key="write_noise", value="0 %", note=f"{teller.facts.source}, fitted: none seen{told}")
    if over_step.value > _MOST_WRITTEN:
        note = (
            f"{teller.facts.source}: readings scatter by {number(over_step.value)} steps, more than write "
            "noise may be; taken for noise of reading"
        )
        between = f'[0 %, {share(_MOST_WRITTEN)}, "none, to the most that a description takes"]'
        return Said(key="write_noise", value="0 %", note=note, is_assumed=True, between=between)
    more = "over a step; noise of reading is in it, which one reading a pulse does not tell apart"
    return teller.fitted("write_noise", over_step, share, more=more)


def _corrupt(teller: _Teller) -> Iterator[Said]:
    stuck, every = teller.facts.stuck
    if stuck:
        note = f"{teller.facts.source}: {stuck} of {every} cells hardly moved by pulses"
        yield Said(key="corrupt_cells", value=share(stuck / every), note=note)


_SAYING: Final[Mapping[str, Callable[[Population, _Teller], Iterator[Said]]]] = {
    BidirectionalStep.kind: _linear,
    SoftBounds.kind: _soft,
    ExponentialStep.kind: _exponential,
    Piecewise.kind: _piecewise,
    PowerStep.kind: _power,
}
