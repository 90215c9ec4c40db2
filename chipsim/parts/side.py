"""One direction of reading a tile, as numbers: drive one side, sum currents, convert on the other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from chipsim.device.converters import drive, sense
from chipsim.device.types import Floats, Sums
from chipsim.spec.chip import PassSpec

__all__ = ["Side"]

Read = Callable[[Floats, Floats], None]
"""Adds currents of driven lines (batch, driven) to sums (batch, read)."""

_NO_NOISE = np.empty((0, 0), np.float32)


class Side:
    """Arithmetic of the forward or the backward pass of one tile.

    Parameters
    ----------
    spec
        Its converters.
    reads
        One function a pair of arrays.
    line_sums
        Summed conductance of each driven line of each array (arrays, lines), S.
    weight_per_siemens
        Weight units that a siemens of difference stands for.
    rngs
        Generators for converter noise: one for training, one for testing in between.
    """

    def __init__(
        self,
        spec: PassSpec,
        *,
        reads: list[Read],
        line_sums: Sums,
        weight_per_siemens: float,
        rngs: tuple[np.random.Generator, np.random.Generator],
    ) -> None:
        self._reads = reads
        self._line_sums = line_sums
        self._scale = weight_per_siemens
        self._rngs = rngs
        self.evaluating = False
        """Draw noise from the second generator, so that training does not notice being tested."""
        self._by_maximum = spec.scaling == "maximum"
        self._levels = 0.0 if spec.dac.ideal else float(2**spec.dac.bits - 1)
        self._limit = float(spec.adc.range)
        full = spec.adc.range / max(2 ** (spec.adc.bits - 1) - 1, 1)
        self._noise = 0.0 if spec.adc.ideal else spec.adc.noise * full
        self._lsb = 0.0 if spec.adc.ideal else full

    def run(self, x: Floats, lines: int) -> tuple[Floats, Sums]:
        """Results (batch, lines), and squared input times conductance summed for each array, S.

        Parameters
        ----------
        x
            Inputs (batch, driven lines).
        lines
            Lines to read.
        """
        out = np.zeros((x.shape[0], lines), np.float32)
        driven, scales = np.empty_like(x), np.empty(x.shape[0], np.float32)
        conductance = np.empty(self._line_sums.shape[0])
        drive(x, self._levels, self._by_maximum, driven, scales, self._line_sums, conductance)
        for read in self._reads:
            read(driven, out)
        noise = _NO_NOISE
        if self._noise:
            rng = self._rngs[self.evaluating]
            noise = (self._noise * rng.standard_normal(out.shape, dtype=np.float32)).astype(np.float32)
        sense(out, self._scale, self._limit, self._lsb, noise, scales)
        return out, conductance
