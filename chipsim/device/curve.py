"""How long steps are along a range, and where pulses of such steps lead: what kinds with a curve share."""

from __future__ import annotations

from functools import cached_property
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.device.types import Sums

__all__ = ["Curve", "repelling_share", "settling", "stable_share"]

_STEEPEST: Final = -0.95
"""What a step may change by over its own length where pulses are counted between places: beyond, single
pulses lead across, and fractions of them mean nothing."""
_MOSTLY: Final = 0.95
"""Of the way to a bound that no pulse reaches."""
_FLAT: Final = 1e-8
"""Change below which steps count as alike."""
_ALIKE: Final = 1e-9
"""Difference of steps either way, over the described one, below which they count as equally long."""

_BESIDE: Final = 1e-6
"""Share of the range on either side of a place, at which steps of both directions are compared."""


@attrs.frozen(kw_only=True, eq=False)
class Curve:
    """Steps of one direction along a range, by their lengths at equidistant places and linear in between.

    Examples
    --------
    >>> curve = Curve(lengths=np.array([2.0, 0.0]), states=16)
    >>> curve.pulses(np.array([0.0, 1 / 8, 15 / 64])).round(6).tolist()
    [0.0, 1.0, 2.0]
    """

    lengths: Sums
    """From where pulses begin to where they lead (places,), over the described step."""
    states: float
    """Range over the described step of this direction."""
    deviations: Sums | None = None
    """Standard deviations of steps in the same places, likewise; None for steps that do not vary so."""

    def pieces(self, *, down: bool) -> Sums:
        """What kernels read, from the lowest conductance up (pieces, 4).

        As :mod:`chipsim.device.uneven_steps` has it.
        """
        noise = np.zeros_like(self.lengths) if self.deviations is None else self.deviations
        both = np.stack([self.lengths, noise])
        lengths, noise = both[:, ::-1] if down else both
        return np.stack([lengths[:-1], np.diff(lengths), noise[:-1], np.diff(noise)], axis=-1)

    def length_at(self, place: Sums) -> Sums:
        """Length of a step at places from 0, where pulses begin, to 1, where they lead."""
        found: Sums = np.interp(place, self._places, self.lengths)
        return found

    @cached_property
    def reach(self) -> float:
        """The furthest place that anybody aims at.

        Half a described step before the end, where steps shrink to nothing there.
        """
        return 1.0 if self.lengths[-1] > 0 else max(1 - 0.5 / self.states, 0.0)

    def pulses(self, place: Sums) -> Sums:
        """Pulses that lead from 0 to a place, by steps without noise.

        Within a piece, a pulse makes of the distance to where its steps would end a constant share: their
        number is the logarithm of how much shorter steps are there, over that of how much each makes them.
        """
        # Whoever aims beyond the end means the end.
        place = np.clip(place, 0.0, self.reach)
        pieces = self.lengths.size - 1
        piece = np.minimum((place * pieces).astype(np.intp), pieces - 1)
        within = self._across(self.lengths[piece], self.length_at(place), place - piece / pieces, piece)
        found: Sums = self._before[piece] + within
        return found

    @property
    def across(self) -> float:
        """Pulses from one end to the other, or to most of the way where steps shrink to nothing."""
        return float(self.pulses(np.array(1.0 if self.lengths[-1] > 0 else _MOSTLY)))

    @cached_property
    def _places(self) -> Sums:
        return np.linspace(0.0, 1.0, self.lengths.size)

    @cached_property
    def _changes(self) -> tuple[Sums, Sums]:
        """What a step changes by over its own length within each piece (pieces,), and the logarithm of it."""
        pieces = self.lengths.size - 1
        change = np.maximum(np.diff(self.lengths) * pieces / self.states, _STEEPEST)
        return change, np.log1p(change)

    @cached_property
    def _before(self) -> Sums:
        """Pulses from 0 to the beginning of each piece (pieces,)."""
        pieces = self.lengths.size - 1
        # Without the last piece: no pulse arrives at its end where steps shrink to nothing there.
        whole, way = np.arange(pieces - 1), np.full(pieces - 1, 1 / pieces)
        each = self._across(self.lengths[:-2], self.lengths[1:-1], way, whole)
        return np.concatenate([[0.0], np.cumsum(each)])

    def _across(self, begin: Sums, end: Sums, way: Sums, piece: NDArray[np.intp]) -> Sums:
        """Pulses along a way within a piece, by the lengths of steps at either end of it."""
        changes, logs = self._changes
        change = changes[piece]
        # Of steps that are alike the first of both forms divides nothing by nothing.
        with np.errstate(divide="ignore", invalid="ignore"):
            curved = np.log(end / begin) / logs[piece]
            straight = way * self.states / begin
        found: Sums = np.where(np.abs(change) > _FLAT, curved, straight)
        return found

    def change_at(self, place: float) -> float:
        """By how much a step is longer a bit further along, over that bit."""
        pieces = self.lengths.size - 1
        piece = min(int(place * pieces), pieces - 1)
        return float(np.diff(self.lengths)[piece] * pieces / self.states)


def stable_share(up: Curve, down: Curve) -> float:
    """Where in its range alternating pulses lead a cell, from 0 to 1.

    Where several places are stable, the one that is nearest to the middle; where none is, the bound that
    longer steps lead to from there; the middle where steps are as long either way everywhere.

    Examples
    --------
    >>> steps = np.array([2.0, 0.0])
    >>> round(stable_share(Curve(lengths=steps, states=16), Curve(lengths=steps, states=8)), 9)
    0.333333333
    """
    places, ahead = _ahead(up, down)
    found = [*_crossings(places, ahead), *_level_stretches(places, ahead)]
    if not found:
        return 1.0 if np.interp(0.5, places, ahead) > 0 else 0.0
    return min(found, key=lambda place: abs(place - 0.5))


def repelling_share(up: Curve, down: Curve) -> float | None:
    """Where in its range steps are alike but alternating pulses lead cells away; None if nowhere.

    Below such a place steps down are the longer ones, and above it steps up. Where there are several, the
    one that is nearest to the middle.

    Examples
    --------
    >>> growing = np.array([1.0, 2.0])
    >>> repelling_share(Curve(lengths=growing, states=16), Curve(lengths=growing, states=16))
    0.5
    """
    places, ahead = _ahead(up, down)
    # Without places where steps are alike, the neighbours of a stretch of them stand side by side.
    places, ahead = places[ahead != 0], ahead[ahead != 0]
    found = [1 - place for place in _crossings(1 - places[::-1], ahead[::-1])]
    return min(found, key=lambda place: abs(place - 0.5), default=None)


def _ahead(up: Curve, down: Curve) -> tuple[Sums, Sums]:
    """Places in the range, and how much longer a step up is there than one down, over the mean step up."""
    # Between places of either curve both are lines, so that they meet once at most.
    places = np.union1d(up._places, down._places)  # noqa: SLF001
    ahead = up.length_at(places) / up.states - down.length_at(1 - places) / down.states
    ahead = ahead * up.states
    # Along a stretch of steps as long either way, rounding would else say where it ends.
    return places, np.where(np.abs(ahead) < _ALIKE, 0.0, ahead)


def _crossings(places: Sums, ahead: Sums) -> list[float]:
    """Places where steps up, longer before, become shorter than those down."""
    (turns,) = ((ahead[:-1] > 0) & (ahead[1:] < 0)).nonzero()
    parts = ahead[turns] / (ahead[turns] - ahead[turns + 1])
    found: list[float] = (places[turns] + parts * (places[turns + 1] - places[turns])).tolist()
    return found


def _level_stretches(places: Sums, ahead: Sums) -> list[float]:
    """Of each stretch with steps as long either way that cells come to, the place nearest to the middle."""
    signs = np.concatenate([[1.0], np.sign(ahead), [-1.0]])
    found = []
    for first in np.flatnonzero((signs[1:] == 0) & (signs[:-1] != 0)):
        last = first + int(np.argmax(signs[first + 1 :] != 0)) - 1
        # Led to from below, and from above: beyond an end of the range there is nothing to lead away.
        if signs[first] > 0 and signs[last + 2] < 0:
            found.append(float(np.clip(0.5, places[first], places[last])))
    return found


def settling(up: Curve, down: Curve) -> float:
    """What a pulse up and one down leave of a small distance from where alternating pulses lead."""
    share = stable_share(up, down)
    if not 0 < share < 1:
        return 0.0
    # Along a stretch of steps as long either way nothing leads a cell on, however these change along it.
    if not np.interp([share - _BESIDE, share + _BESIDE], *_ahead(up, down)).any():
        return 1.0
    kept = (1 + up.change_at(share)) * (1 + down.change_at(1 - share))
    return min(abs(kept), 1.0)
