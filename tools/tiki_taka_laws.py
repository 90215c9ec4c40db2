"""What theory says of pulses, symmetry points, integrals and offsets: in numpy alone, and nothing of the simulator's arithmetic.

Weights are over half the described range of a cell. A pulse up moves one by up (1 - w / above), one down by
-down (1 + w / below), above and below being how far its bounds are from the middle.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "AtRandom",
    "Cells",
    "Transferred",
    "moments_of_update",
    "pulses_by_hand",
    "rounding_of_sums",
    "signs_added_up",
    "spread_of_points",
]

Array = NDArray[np.float64]


# --- pulses of an update ---------------------------------------------------------------------------


def moments_of_update(x: Array, d: Array, scale: float, *, slots: int) -> tuple[Array, float]:
    """Mean of the coincidences of each crossing, and the variance of their sum over all crossings.

    A line is up in a slot with the probability that Gokmen and Vlasov give it, one at most. As many crossings
    meet as rows are up times columns are up, r and c, which are independent: the variance of their product is
    E[r^2] E[c^2] - E[r]^2 E[c]^2.
    """
    p, q = _probabilities(x, d, scale / slots), _probabilities(d, x, scale / slots)
    squares = [share.sum() ** 2 + (share * (1 - share)).sum() for share in (p, q)]
    spread = slots * (squares[0] * squares[1] - (p.sum() * q.sum()) ** 2)
    return slots * np.outer(p, q), float(spread)


def _probabilities(values: Array, others: Array, scale: float) -> Array:
    """Gains are balanced, so that the largest of either side has the same."""
    gain = np.sqrt(scale * np.abs(others).max() / np.abs(values).max())
    return np.minimum(gain * np.abs(values), 1)


# --- symmetry points -------------------------------------------------------------------------------


class Cells:
    """The law of each cell: its steps, its bounds, and the noise of all.

    Parameters
    ----------
    cells
        Cells of a tile.
    device
        What they are made of.
    """

    def __init__(self, cells: Any, device: Any) -> None:
        half = (device.on_conductance - device.off_conductance) / 2
        self.up, self.down = (np.abs(each.astype(float)) / half for each in (cells.step, cells.step_down))
        self.above = (cells.high.astype(float) - cells.zero) / half
        self.below = (cells.zero - cells.low.astype(float)) / half
        self.variation, self.written = device.step_variation, device.write_noise * 2 / device.states
        self.moves = self.up > 0

    @property
    def points(self) -> Array:
        """Where both steps are equally long, of the cells that move."""
        up, down = self.up[self.moves], self.down[self.moves]
        points: Array = (up - down) / (up / self.above[self.moves] + down / self.below[self.moves])
        return points

    def found(self, pairs: int) -> tuple[Array, Array, NDArray[np.bool_]]:
        """Mean and variance of what is found of each cell from its middle, and whether it keeps off its bounds.

        A pulse up takes up / above of the way to the bound above, so w' = a w + up (1 + v n) with a = 1 - up /
        above, and one down w' = b w - down (1 + v n): means and variances follow pulse by pulse. What is found
        is the mean of what was read after the last pulse up, r, and down, f = b r - down (1 + v n), of
        covariance b var(r); over either lies write noise of its own.
        """
        a, b, v = 1 - self.up / self.above, 1 - self.down / self.below, self.variation
        free = self.moves & (a > 0) & (b > 0)
        a, b, up, down = (np.where(free, values, 0.5) for values in (a, b, self.up, self.down))
        low, low_spread = np.zeros(a.shape), np.zeros(a.shape)
        for _ in range(pairs):
            high, high_spread = a * low + up, a**2 * low_spread + (v * up) ** 2
            low, low_spread = b * high - down, b**2 * high_spread + (v * down) ** 2
        # Spreads grow from pulse to pulse, so that cells come nearest to their bounds at the end.
        free &= (high + 5 * np.sqrt(high_spread) < self.above) & (low - 5 * np.sqrt(low_spread) > -self.below)
        variance = (high_spread + low_spread + 2 * b * high_spread) / 4 + self.written**2 / 2
        return (high + low) / 2, variance, free

    def walked(self, pairs: int, *, rng: np.random.Generator) -> Array:
        """What is found of the cells that move, bounds and all, by a walk pulse by pulse."""
        of_each = (self.up, self.down, self.above, self.below)
        up, down, above, below = (values[self.moves] for values in of_each)
        low = np.zeros(up.size)
        for _ in range(pairs):
            noise = self.variation * rng.standard_normal((2, up.size))
            high = np.clip(low + up * (1 - low / above + noise[0]), -below, above)
            low = np.clip(high - down * (1 + high / below + noise[1]), -below, above)
        over: Array = self.written * rng.standard_normal((2, up.size)).sum(axis=0)
        return (high + low + over) / 2


def spread_of_points(device: Any) -> tuple[float, float]:
    """Spread of true symmetry points by the numbers of a fit, and the share of it that may be left out.

    Steps of g + m up and g - m down are equally long near 2 m / g times above below / (above + below). All are
    drawn by themselves: m with the asymmetry's spread, log g with that of steps, of whose inverse square the
    mean is exp(2 sigma^2). What is left out is of the order of (m / g)^2, weighted by (m / g)^2: of the spread
    1.5 times the mean of m^2, and exp(6 sigma^2), at most.
    """
    rng = np.random.default_rng(6)
    spreads = (device.upper_spread, device.lower_spread)
    above, below = (np.maximum(1 + s * rng.standard_normal(10**6), 0.01) for s in spreads)
    bounds = np.mean((above * below / (above + below)) ** 2)
    spread = 2 * device.asymmetry_spread * np.exp(device.step_spread**2) * np.sqrt(bounds)
    return float(spread), float(1.5 * device.asymmetry_spread**2 * np.exp(6 * device.step_spread**2))


# --- transfers -------------------------------------------------------------------------------------


@attrs.frozen
class Transferred:
    """What a loop by hand makes of readings of A, weight by weight."""

    given: Array
    """Pulses, of either sign together."""
    added: Array
    """All that came, in steps."""
    near: Array
    """Decisions that were nearer to the threshold than single precision rounds: each may be another one there,
    which takes or gives a pulse, and the one that takes it back."""


def pulses_by_hand(
    readings: Iterable[tuple[NDArray[np.int32], Array]],
    shape: tuple[int, int],
    *,
    gain: float,
    threshold: float,
    rounding: float,
) -> Transferred:
    """Add up rows of A, as they were read, in double precision, and pulse whatever passes the threshold."""
    added, held, given, near = np.zeros((4, *shape))
    for lines, values in readings:
        added[lines] += gain * values
        held[lines] += gain * values
        size = np.abs(held[lines])
        due = np.where(size >= threshold, np.sign(held[lines]), 0)
        near[lines] += np.abs(size - threshold) < rounding
        held[lines] -= threshold * due
        given[lines] += np.abs(due)
    return Transferred(given, added, near)


def rounding_of_sums(readings: float, largest: float) -> float:
    """What a sum below four may be off by in single precision after so many readings, each of at most `largest`.

    A sum is rounded by half of 2^-22 at most, a change and its gain by 2^-24 of the change each.
    """
    return readings * (2.0**-23 + 2 * 2.0**-24 * largest)


# --- pulses either way by chance -------------------------------------------------------------------


@attrs.frozen
class AtRandom:
    """A cell with bounds at one and minus one that gets a pulse either way by chance, step after step.

    Around the symmetry point, where either step is `even` long, w' = w + even - up w or w - even - down w: of a
    mean of (1 - (up + down) / 2) w, and off that by even - (up - down) w / 2 to either side.
    """

    up: float
    down: float

    @property
    def point(self) -> float:
        """From the middle."""
        return (self.up - self.down) / (self.up + self.down)

    @property
    def found(self) -> float:
        """What alternating pulses find, from the middle: the mean of where a cell stands after one up and one down.

        After one down it stands at f = (1 - down) r - down, and r = (1 - up) f + up after one up.
        """
        return (self.up - self.down) / (self.up + self.down - self.up * self.down)

    @property
    def even(self) -> float:
        """Length of a step there."""
        return self.up * (1 - self.point)

    @property
    def left(self) -> float:
        """What a pulse leaves of the way there, on average."""
        return 1 - (self.up + self.down) / 2

    def after(self, mean: float, square: float) -> tuple[float, float]:
        """Mean of the distance and of its square, a pulse later."""
        tilt = (self.up - self.down) / 2
        noise = self.even**2 - 2 * self.even * tilt * mean + tilt**2 * square
        return self.left * mean, self.left**2 * square + noise

    def drift(self, start: float, *, pulses: int) -> tuple[float, float]:
        """Mean and standard deviation of the distance after so many pulses, from a known one."""
        mean, square = start, start**2
        for _ in range(pulses):
            mean, square = self.after(mean, square)
        return mean, float(np.sqrt(square - mean**2))

    def integral(self, start: float, *, readings: int) -> tuple[float, float]:
        """Mean and standard deviation of the sum of weights, read after each of so many pulses from a known one.

        They are read against what alternating pulses find, which is a little off the symmetry point where steps
        are not alike. Far on the variance grows by (2 even / (up + down))^2 a reading, as that of a random walk.
        """
        offset = self.found - self.point
        mean, square, total, both, squares = start + offset, (start + offset) ** 2, 0.0, 0.0, 0.0
        for _ in range(readings):
            mean, square = self.after(mean, square)
            squares += 2 * self.left * both + square
            total, both = total + mean, self.left * both + square
        return total - readings * offset, float(np.sqrt(squares - total**2))


# --- offsets ---------------------------------------------------------------------------------------


def signs_added_up(chance: float, readings: int) -> tuple[float, float]:
    """Mean and variance of the sum of signs that turn with a chance each time, from plus one.

    A sign k readings on has a mean of (1 - 2 chance)^k, and so has the product of two that are k apart.
    """
    kept = (1 - 2 * chance) ** np.arange(readings)
    apart = np.arange(1, readings)
    products = readings + 2 * np.sum((readings - apart) * kept[1:])
    return float(kept.sum()), float(products - kept.sum() ** 2)
