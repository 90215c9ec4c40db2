"""One direction of reading a tile, as numbers: drive one side, sum currents, convert on the other."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from chipsim.device.converters import drive_sample, say_sample, sense, sense_sample
from chipsim.device.converting_many import as_words, drive
from chipsim.device.fluctuating import QUIET
from chipsim.device.listed import as_counts, as_flags, as_floats, as_sums, as_tally
from chipsim.device.randomness import generator
from chipsim.device.table import Places, Table, counts_at, flags_at, floats_at, places_at, sums_at
from chipsim.device.types import Flags, Floats, Indices, Sums, Tally, inlined
from chipsim.losses import STAGES, Loss
from chipsim.tile.fluctuation import Fluctuation
from chipsim.tile.passes import Pass
from chipsim.tile.source import Source

__all__ = [
    "CONDUCTANCE",
    "OFF",
    "Side",
    "drive_line",
    "drive_side",
    "driven_by",
    "say_side",
    "sense_side",
]

_NO_NOISE = np.empty((0, 0), np.float32)


(
    _NUMBERS, _LINE_SUMS, _INPUTS, _RESULTS, _CODES, _DRIVEN, _READ, CONDUCTANCE, _NOISE, _LINES, OFF,
) = range(11)  # fmt: skip
"""Arrays of one direction, counted from where they begin in a table."""
_LEVELS, _BY_MAXIMUM, _SCALE, _LIMIT, _LSB = range(5)
"""Places among its numbers."""


@inlined
def drive_side(places: Places, side: int, x: Floats) -> tuple[np.float32, Floats, Indices, Floats]:
    """Drive lines by one sample's inputs (driven lines,).

    Returns
    -------
    What they were divided by, what lines are driven with (driven lines,), which of these are not zero, and
    zeros to read into (lines,).
    """
    numbers = sums_at(places, side + _NUMBERS)[0]
    driven, read = floats_at(places, side + _DRIVEN)[0], floats_at(places, side + _READ)[0]
    conductance, line_sums = sums_at(places, side + CONDUCTANCE)[0], sums_at(places, side + _LINE_SUMS)
    inputs = places_at(places, side + _INPUTS)
    read[:] = 0
    conductance[:] = 0
    by_maximum = numbers[_BY_MAXIMUM] > 0
    lines = counts_at(places, side + _LINES)[0]
    factor, found = drive_sample(
        x, numbers[_LEVELS], by_maximum, driven, line_sums, conductance, inputs, lines
    )
    return factor, driven, lines[:found], read


@inlined
def drive_line(places: Places, side: int, line: int) -> tuple[Floats, Indices, Floats]:
    """Drive one line alone at full scale, which any converter can say.

    Returns
    -------
    What lines are driven with, of which only this one counts, the line, and zeros to read into (lines,).
    """
    driven, read = floats_at(places, side + _DRIVEN)[0], floats_at(places, side + _READ)[0]
    conductance, line_sums = sums_at(places, side + CONDUCTANCE)[0], sums_at(places, side + _LINE_SUMS)
    lines = counts_at(places, side + _LINES)[0]
    read[:] = 0
    driven[line], lines[0] = 1, line
    for array in range(conductance.size):
        conductance[array] = line_sums[array, line]
    places_at(places, side + _INPUTS)[0] += 1
    return driven, lines[:1], read


@inlined
def say_side(places: Places, side: int, x: Floats) -> None:
    """Note what lines would be driven with by one sample (driven lines,), where nothing is read."""
    levels, driven = sums_at(places, side + _NUMBERS)[0, _LEVELS], floats_at(places, side + _DRIVEN)[0]
    say_sample(x, levels, False, driven)


@inlined
def driven_by(places: Places, side: int) -> Floats:
    """What lines were driven with last (driven lines,)."""
    driven: Floats = floats_at(places, side + _DRIVEN)[0]
    return driven


@inlined
def sense_side(places: Places, side: int, factor: np.float32, sample: int) -> bool:
    """Convert what was read of one sample; whether all arrays conducted a finite number.

    Parameters
    ----------
    places, side
        A table, and where it lists this direction.
    factor
        What inputs were divided by.
    sample
        Place of the sample among those that noise was drawn for.
    """
    numbers, noise = sums_at(places, side + _NUMBERS)[0], floats_at(places, side + _NOISE)
    read, results = floats_at(places, side + _READ)[0], places_at(places, side + _RESULTS)
    codes = flags_at(places, side + _CODES)[0]
    # Of no noise a row of nothing, which the kernel below knows by its size.
    added = noise[min(sample, noise.shape[0] - 1)]
    sense_sample(read, numbers[_SCALE], numbers[_LIMIT], numbers[_LSB], added, factor, results, codes)
    finite = True
    for siemens in sums_at(places, side + CONDUCTANCE)[0]:
        finite &= np.isfinite(siemens)
    return finite


def _counters() -> Tally:
    """Cases, those that were clipped, and those that became zero."""
    return np.zeros(3, np.int64)


class Side:
    """Arithmetic of the forward or the backward pass of one tile.

    Parameters
    ----------
    spec
        Its converters.
    source
        What it drives.
    weight_per_siemens
        Weight units that a siemens of difference stands for.
    rngs
        Generators for converter noise: one for training, one for testing in between.
    names
        Names of the DACs and of the ADCs.
    fluctuation
        Read noise of the cells; None for none.
    """

    remembers: ClassVar[tuple[str, ...]] = ("_rngs", "_driven", "_sensed", "_codes", "_fluctuations")
    _fluctuations: tuple[Fluctuation, ...]
    """Read noise of the cells; not there where there is none, for who has no state remembers none."""

    def __init__(
        self,
        spec: Pass,
        source: Source,
        *,
        weight_per_siemens: float,
        rngs: tuple[np.random.Generator, np.random.Generator],
        names: tuple[str, str],
        fluctuation: Fluctuation | None = None,
    ) -> None:
        self._read, self._wires = source.read, source.wires
        self._line_sums = source.line_sums
        if fluctuation is not None:
            self._fluctuations = (fluctuation,)
        self._scale = weight_per_siemens
        self._rngs = rngs
        self.evaluating = False
        """Draw noise from the second generator, so that training does not notice being tested."""
        self._by_maximum = spec.scaling == "maximum"
        dac, adc = spec.dac, spec.adc
        # The sign of an input is the way round in which its line is driven: all bits say its magnitude.
        self._levels = 0.0 if dac.ideal else float(2**dac.bits - 1)
        # A step of zero tells the compiled loops to let numbers pass; what is never read has none either.
        self._limit = self._noise = self._lsb = 0.0
        codes = 0
        if adc is not None:
            self._limit = float(adc.range)
            if not adc.ideal:
                self._lsb, self._noise = adc.step, adc.noise * adc.step
                codes = 2 * round(self._limit / adc.step) + 1
        self._names = names
        # Counted apart in training and in testing: what is lost in testing changes no weight.
        self._driven: tuple[Tally, Tally] = _counters(), _counters()
        self._sensed: tuple[Tally, Tally] = _counters(), _counters()
        training, testing = np.zeros(codes, np.bool_), np.zeros(codes, np.bool_)
        self._codes: tuple[Flags, Flags] = training, testing

    @classmethod
    def of(
        cls,
        tile: str,
        spec: Pass,
        source: Source,
        *,
        way: str,
        weight_per_siemens: float,
        seed: int,
        fluctuation: Fluctuation | None = None,
    ) -> Side:
        """One direction of a tile, which draws noise by the name of its converters.

        Parameters
        ----------
        tile
            Its name.
        spec, source, weight_per_siemens
            As for any.
        way
            What its converters are called beside others of the tile.
        seed
            The run's seed.
        fluctuation
            Read noise of the cells; None where there is none.
        """
        dac, adc = f"{tile}.{way}dac", f"{tile}.{way}adc"
        # Testing draws from a generator of its own: a network learns the same however often it is tested.
        rngs = generator(seed, adc), generator(seed, f"{adc}.evaluating")
        return cls(
            spec,
            source,
            weight_per_siemens=weight_per_siemens,
            rngs=rngs,
            names=(dac, adc),
            fluctuation=fluctuation,
        )

    def _forget(self) -> None:
        """Count anew, in training and in testing."""
        # In place: a compiled loop counts in these very arrays.
        for counted in (*self._driven, *self._sensed, *self._codes):
            counted[:] = 0

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

    def line_siemens(self) -> Sums:
        """What each driven line of each array conducts in a read (arrays, lines), S."""
        if self._wires is not None:
            self._wires.renew(self.evaluating)
        return self._line_sums

    @property
    def fluctuation(self) -> Fluctuation | None:
        """Read noise of the cells; None where there is none."""
        return self._fluctuations[0] if hasattr(self, "_fluctuations") else None

    @property
    def is_quiet(self) -> bool:
        """Whether neither its converters nor its cells add noise."""
        return not self._noise and self.fluctuation is None

    @property
    def conducts(self) -> bool:
        """Whether all driven lines have a finite conductance."""
        return bool(np.isfinite(self._line_sums).all())

    @property
    def word_format(self) -> tuple[float, bool]:
        """Levels of the words that bring inputs here, and whether each is divided by its sample's largest.

        Zero levels stand for words that say all numbers.
        """
        return self._levels, self._by_maximum

    def listed(
        self, table: Table, *, arrays: int, driven: int, read: int, samples: int, pulsed: int | None
    ) -> tuple[int, tuple[Floats, Floats]]:
        """Add this direction, in training, to a table for loops that read it.

        Parameters
        ----------
        table
            Where to.
        arrays
            Arrays that are read.
        driven, read
            Lines of each.
        samples
            Samples that noise is drawn for at a time.
        pulsed
            The part of the synapse that these loops pulse; None where they only read.

        Returns
        -------
        Its place, and room for the noise of converters and of cells (samples, read), which is the loop's own.
        """
        off, of_cells = QUIET, _NO_NOISE
        if self.fluctuation is not None:
            off, of_cells = self.fluctuation.listed(table, samples=samples, read=read, pulsed=pulsed)
        numbers = np.array([self._levels, self._by_maximum, self._scale, self._limit, self._lsb], np.float64)
        ahead: Floats = np.empty((samples, read) if self._noise else (1, 0), np.float32)
        place = table.add(
            as_sums(numbers), as_sums(self._line_sums, arrays, driven), as_tally(self._driven[0]),
            as_tally(self._sensed[0]), as_flags(self._codes[0]), as_floats(np.empty(driven, np.float32)),
            as_floats(np.empty(read, np.float32)), as_sums(np.empty(arrays)), as_floats(ahead),
            as_counts(np.empty(driven, np.int32)), as_tally(np.array([off], np.int64)),
        )  # fmt: skip
        return place, (ahead, of_cells)

    def draw_noise(self, rooms: tuple[Floats, Floats], samples: int) -> None:
        """Noise of so many samples of training (samples, lines), as :meth:`run` draws it one by one."""
        ahead, of_cells = (room[:samples] for room in rooms)
        if self.fluctuation is not None:
            self.fluctuation.draw(of_cells)
        if self._noise:
            ahead[:] = self._noise * self._rngs[0].standard_normal(ahead.shape, dtype=np.float32)

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
        line_sums = self.line_siemens()
        drive(x, self._levels, self._by_maximum, driven, scales, line_sums, conductance, inputs)
        if self._wires is not None:
            self._wires.couple(driven, conductance)
        self._read(driven, out)
        if self.fluctuation is not None:
            self.fluctuation.add(driven, out, evaluating=self.evaluating)
        noise = _NO_NOISE
        # Nothing is drawn where nothing is added: a converter without noise leaves its generator alone.
        if self._noise:
            rng = self._rngs[self.evaluating]
            noise = (self._noise * rng.standard_normal(out.shape, dtype=np.float32)).astype(np.float32)
        sense(out, self._scale, self._limit, self._lsb, noise, scales, results, codes)
        return out, conductance
