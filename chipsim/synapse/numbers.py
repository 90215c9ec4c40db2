"""What multiply-accumulate lanes do to a block of weights, in the number format that it is kept in."""

from __future__ import annotations

from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from chipsim.device.formats import onto_format
from chipsim.device.reading_many import read_columns, read_rows
from chipsim.device.types import Floats, Tally, kernel
from chipsim.losses import Loss
from chipsim.spec.formats import FIXED_STEPS
from chipsim.synapse.digital import Digital

__all__ = ["WeightBlock"]

_NO_FRACTIONS: Final = np.empty((0, 0), np.float32)


@kernel
def _rank_one(weights: Floats, x: Floats, d: Floats, rate: np.float32) -> None:
    """Subtract rate times the outer product, each factor rounded to single precision in this order."""
    for i in range(x.size):
        if x[i] != 0:
            value = rate * x[i]
            for j in range(d.size):
                weights[i, j] -= value * d[j]


@kernel
def _wide_rank_one(
    weights: NDArray[Any], x: NDArray[Any], d: NDArray[Any], rate: float, unit: float, tally: Tally
) -> None:
    """Subtract rate times the outer product from weights counted in units, in double precision.

    Adds to the tally the changes that are not zero, and those of less than half a unit (2,).
    """
    small, rows = 0, 0
    # A change that was asked to be zero is no loss, and columns at zero are the same for every row.
    zeros = np.count_nonzero(d[0] == 0)
    for i in range(x.shape[1]):
        if x[0, i] != 0:
            value = rate * x[0, i]
            rows += 1
            for j in range(d.shape[1]):
                change = value * d[0, j] / unit
                weights[i, j] -= change
                small += abs(change) < 0.5
    tally[0] += rows * (d.shape[1] - zeros)
    tally[1] += small - rows * zeros


class WeightBlock:
    """Weights as words of a number format, with the arithmetic of the lanes beside them.

    In single precision every product and every sum is rounded to it, row after row and column after column.
    In the other formats inputs and errors come as words, products add up without rounding (in double
    precision), and each result and each new weight is rounded to its word once.

    Parameters
    ----------
    shape
        Rows and columns in use; (0, 0) for a block without state.
    spec
        The format, its ranges, and how new weights are rounded.
    rng
        The block's own generator, for rounding at random.
    """

    remembers: ClassVar[tuple[str, ...]] = ("_rng", "_values", "_tally")

    def __init__(self, shape: tuple[int, int], *, spec: Digital, rng: np.random.Generator) -> None:
        self._format = spec.arithmetic
        self._single = spec.arithmetic == "float-32"
        # Single precision rounds in the very operations, where nobody can add a fraction.
        self._rng = rng if spec.rounding == "stochastic" and not self._single else None
        # Fixed-point weights are kept as whole steps, so that one that does not change stays as it is.
        steps = FIXED_STEPS.get(spec.arithmetic)
        self._most = steps or 1
        self._unit = (spec.weight_range or 1.0) / steps if steps else 1.0
        self._sum_range = spec.sum_range or 1.0
        self._values = np.zeros(shape, np.float32 if self._single else np.float64)
        self._tally: Tally = np.zeros(2, np.int64)
        self._loses_steps = steps is not None and self._rng is None

    def lost(self, part: str) -> tuple[Loss, ...]:
        """Changes under half a step of a fixed-point format since this was asked last, told of a part.

        Rounded at random they are not lost on average.
        """
        asked, small = self._tally.tolist()
        self._tally[:] = 0
        if not asked or not self._loses_steps:
            return ()
        return (Loss(part=part, what="steps-rounded-away", count=small, of=asked),)

    def values(self) -> NDArray[np.float64]:
        """The weights (rows, columns)."""
        return self._values.astype(np.float64) * self._unit

    def write(self, weights: Floats) -> None:
        """Write weights (rows, columns), rounded to nearest."""
        self._values[:] = weights
        if not self._single:
            self._values /= self._unit
            onto_format(self._values, self._format, full_scale=self._most)

    def subtract(self, step: Floats) -> None:
        """Change single-precision weights by minus a step (rows, columns)."""
        assert self._single, "checked with the description"
        self._values -= step

    def forward(self, x: Floats) -> Floats:
        """Inputs x (batch, rows) times the weights (batch, columns)."""
        batch, columns = x.shape[0], self._values.shape[1]
        # In the precision of the weights: products add up there, and results are rounded once.
        out = np.zeros((batch, columns), self._values.dtype)
        read_rows(self._words(x), self._values, out)
        return self._results(out, full_scale=self._sum_range)

    def backward(self, d: Floats) -> Floats:
        """Errors d (batch, columns) times the transposed weights (batch, rows)."""
        batch, rows = d.shape[0], self._values.shape[0]
        out = np.zeros((batch, rows), self._values.dtype)
        read_columns(self._words(d), self._values, out)
        return self._results(out, full_scale=1.0)

    def update(self, x: Floats, d: Floats, *, rate: float) -> None:
        """Change the weights by minus `rate` times the outer product of x (rows,) and d (columns,)."""
        if self._single:
            _rank_one(self._values, x, d, np.float32(rate))
            return
        x_words = self._words(x[np.newaxis])
        d_words = self._words(d[np.newaxis])
        _wide_rank_one(self._values, x_words, d_words, rate, self._unit, self._tally)
        fractions = _NO_FRACTIONS
        # One for each weight, whether it changes or not: later draws do not hang on the data.
        if self._rng is not None:
            fractions = self._rng.random(self._values.shape, dtype=np.float32)
        onto_format(self._values, self._format, full_scale=self._most, fractions=fractions)

    def _words(self, values: Floats) -> NDArray[Any]:
        """Inputs or errors as they arrive: words of the format that span plus and minus one."""
        if self._single:
            return values
        words = values.astype(np.float64)
        onto_format(words, self._format)
        return words

    def _results(self, out: NDArray[Any], *, full_scale: float) -> Floats:
        """Sums of products as words of the format."""
        if self._single:
            return out
        out *= self._unit
        onto_format(out, self._format, full_scale=full_scale)
        return out.astype(np.float32)
