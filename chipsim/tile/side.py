"""One direction of reading a tile, as numbers: drive one side, sum currents, convert on the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np

from chipsim.device.converters import as_words, drive, sense
from chipsim.device.types import Flags, Floats, Sums, Tally
from chipsim.losses import STAGES, Loss
from chipsim.tile.passes import Pass

__all__ = ["Read", "Side"]

Read = Callable[[Floats, Floats], None]
"""Adds currents of driven lines (batch, driven) to sums (batch, read)."""

_NO_NOISE = np.empty((0, 0), np.float32)


def _counters() -> Tally:
    """Cases, those that were clipped, and those that became zero."""
    return np.zeros(3, np.int64)


class Side:
    """Arithmetic of the forward or the backward pass of one tile.

    Parameters
    ----------
    spec
        Its converters.
    read
        Adds currents of driven lines to sums.
    line_sums
        Summed conductance of each driven line of each array (arrays, lines), S.
    weight_per_siemens
        Weight units that a siemens of difference stands for.
    rngs
        Generators for converter noise: one for training, one for testing in between.
    names
        Names of the DACs and of the ADCs.
    """

    remembers: ClassVar[tuple[str, ...]] = ("_rngs", "_driven", "_sensed", "_codes")

    def __init__(
        self,
        spec: Pass,
        *,
        read: Read,
        line_sums: Sums,
        weight_per_siemens: float,
        rngs: tuple[np.random.Generator, np.random.Generator],
        names: tuple[str, str],
    ) -> None:
        self._read = read
        self._line_sums = line_sums
        self._scale = weight_per_siemens
        self._rngs = rngs
        self.evaluating = False
        """Draw noise from the second generator, so that training does not notice being tested."""
        self._by_maximum = spec.scaling == "maximum"
        dac, adc = spec.dac, spec.adc
        # The sign of an input is the way round in which its line is driven: all bits say its magnitude.
        self._levels = 0.0 if dac.ideal else float(2**dac.bits - 1)
        self._limit, step = float(adc.range), adc.step
        # A step of zero tells the compiled loops to let numbers pass.
        self._noise = 0.0 if adc.ideal else adc.noise * step
        self._lsb = 0.0 if adc.ideal else step
        self._names = names
        codes = 2 * round(self._limit / step) + 1
        self._codes_each = 0 if adc.ideal else codes
        self._forget()

    def _forget(self) -> None:
        """Count anew, in training and in testing."""
        # Counted apart: what is lost in testing changes no weight.
        self._driven: tuple[Tally, Tally] = _counters(), _counters()
        self._sensed: tuple[Tally, Tally] = _counters(), _counters()
        codes = self._codes_each
        training, testing = np.zeros(codes, np.bool_), np.zeros(codes, np.bool_)
        self._codes: tuple[Flags, Flags] = training, testing

    def lost(self) -> list[Loss]:
        """What the converters clipped, rounded to zero and never used since this was asked last."""
        found: list[Loss] = []
        counted = zip(self._driven, self._sensed, self._codes, STAGES, strict=True)
        for driven, sensed, codes, during in counted:
            found += self._lost(driven, sensed, codes, during)
        self._forget()
        return found

    def _lost(self, driven: Tally, sensed: Tally, codes: Flags, during: str) -> list[Loss]:
        dac, adc = self._names
        inputs, inputs_clipped, inputs_zero = driven.tolist()
        results, results_clipped, results_zero = sensed.tolist()
        counted: list[tuple[str, str, int, int]] = []
        if inputs and self._levels:
            counted += [
                (dac, "inputs-clipped", inputs_clipped, inputs),
                (dac, "inputs-rounded-to-zero", inputs_zero, inputs),
            ]
        if results and self._lsb:
            unused = codes.size - int(np.count_nonzero(codes))
            counted += [
                (adc, "results-clipped", results_clipped, results),
                (adc, "results-rounded-to-zero", results_zero, results),
                (adc, "codes-unused", unused, codes.size),
            ]
        return [
            Loss(part=part, what=what, count=count, of=of, during=during) for part, what, count, of in counted
        ]

    def words(self, x: Floats) -> Floats:
        """Inputs (batch, driven lines) as the words say them that bring them here; ideal ones say all."""
        if not self._levels:
            return x
        out = np.empty_like(x)
        as_words(x, self._levels, self._by_maximum, out)
        return out

    @property
    def conducts(self) -> bool:
        """Whether all driven lines have a finite conductance."""
        return bool(np.isfinite(self._line_sums).all())

    def run(self, x: Floats, lines: int) -> tuple[Floats, Sums]:
        """Results (batch, lines), and squared input times conductance summed for each array, S.

        Parameters
        ----------
        x
            Inputs (batch, driven lines).
        lines
            Lines to read.
        """
        batch = x.shape[0]
        out = np.zeros((batch, lines), np.float32)
        driven, scales = np.empty_like(x), np.empty(batch, np.float32)
        conductance = np.empty(self._line_sums.shape[0])
        stage = int(self.evaluating)
        inputs, results, codes = self._driven[stage], self._sensed[stage], self._codes[stage]
        line_sums = self._line_sums
        drive(x, self._levels, self._by_maximum, driven, scales, line_sums, conductance, inputs)
        self._read(driven, out)
        noise = _NO_NOISE
        # Nothing is drawn where nothing is added: a converter without noise leaves its generator alone.
        if self._noise:
            rng = self._rngs[self.evaluating]
            noise = (self._noise * rng.standard_normal(out.shape, dtype=np.float32)).astype(np.float32)
        sense(out, self._scale, self._limit, self._lsb, noise, scales, results, codes)
        return out, conductance
