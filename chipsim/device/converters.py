"""What converters do to numbers: clip, quantise, add noise."""

from __future__ import annotations

import numpy as np

from chipsim.device.energy import list_driven
from chipsim.device.types import Flags, Floats, Indices, Sums, Tally, kernel

__all__ = ["as_words", "drive", "drive_sample", "largest", "say_sample", "sense", "sense_sample"]


@kernel
def largest(x: Floats) -> np.float32:
    """Largest magnitude of one sample (lines,), of those that are numbers."""
    a, b, c, d = np.float32(0), np.float32(0), np.float32(0), np.float32(0)
    quarter = x.size // 4
    # Four at a time: with a single one, every comparison would wait for the one before. Begun at zero, so
    # that what is no number never becomes the largest.
    for i in range(quarter):
        a = max(a, abs(x[i]))
        b = max(b, abs(x[i + quarter]))
        c = max(c, abs(x[i + 2 * quarter]))
        d = max(d, abs(x[i + 3 * quarter]))
    for i in range(4 * quarter, x.size):
        a = max(a, abs(x[i]))
    return max(a, b, c, d)


@kernel
def _factor(x: Floats, by_maximum: bool) -> np.float32:  # noqa: FBT001
    """What one sample is divided by before it is driven."""
    most = largest(x) if by_maximum else np.float32(0)
    # A sample of zeros has no largest; divided by one it stays what it is.
    return most if most > 0 else np.float32(1)


@kernel
def _onto_levels(value: np.float32, levels: float) -> np.float32:
    """A value as the level of a DAC that is nearest to it."""
    # Clipped in single precision, which it comes in, and rounded in double, which levels are.
    within = min(max(value, np.float32(-1)), np.float32(1))
    level = np.rint(within * levels)
    return np.float32(level / levels)


@kernel
def drive_sample(
    x: Floats,
    levels: float,
    by_maximum: bool,  # noqa: FBT001
    out: Floats,
    line_sums: Sums,
    conductance: Sums,
    tally: Tally,
    lines: Indices,
) -> tuple[np.float32, int]:
    """Quantise one sample's inputs to a DAC's levels, and add up the conductance that they drive.

    Parameters
    ----------
    x
        Inputs (lines,), meant to lie in [-1, 1]; values beyond are clipped.
    levels
        Steps from zero to full scale, the sign apart: 2**bits - 1. Zero passes numbers unchanged.
    by_maximum
        Divide them by the largest magnitude first.
    out
        Overwritten: driven values (lines,).
    line_sums
        Summed conductance of each line of each array (arrays, lines), S.
    conductance
        Added to: squared driven value times line conductance, summed for each array (arrays,), S;
        times squared voltage and time it is the energy of the read.
    tally
        Added to: inputs that are not zero, those that were clipped, and those that became zero (3,).
    lines
        Overwritten from the start: lines with a driven value that is not zero, in order (lines,).

    Returns
    -------
    What they were divided by, and how many lines are driven.
    """
    scale = _factor(x, by_maximum)
    for i in range(x.size):
        out[i] = x[i]
    # Most inputs of an image are zero: they drive nothing, are no loss, and cost the loop nothing.
    there = list_driven(x, lines)
    driven, clipped = 0, 0
    for h in range(there):
        i = lines[h]
        value = x[i] / scale
        clipped += abs(value) > 1
        if levels > 0:
            value = _onto_levels(value, levels)
        out[i] = value
        lines[driven] = i
        driven += value != 0
        square = np.float64(value) * np.float64(value)
        for a in range(conductance.size):
            conductance[a] += square * line_sums[a, i]
    tally[0] += there
    tally[1] += clipped
    tally[2] += there - driven
    return scale, driven


@kernel
def drive(
    x: Floats,
    levels: float,
    by_maximum: bool,  # noqa: FBT001
    out: Floats,
    scales: Floats,
    line_sums: Sums,
    conductance: Sums,
    tally: Tally,
) -> None:
    """Drive lines by each sample of a batch as :func:`drive_sample` does.

    Parameters
    ----------
    x
        Inputs (batch, lines).
    levels, by_maximum, line_sums, tally
        As for one sample.
    out
        Overwritten: driven values (batch, lines).
    scales
        Overwritten: what each sample was divided by (batch,).
    conductance
        Overwritten: sums over the batch for each array (arrays,), S.
    """
    conductance[:] = 0.0
    lines = np.empty(x.shape[1], np.int32)
    for b in range(x.shape[0]):
        scales[b], _ = drive_sample(x[b], levels, by_maximum, out[b], line_sums, conductance, tally, lines)


@kernel
def say_sample(x: Floats, levels: float, by_maximum: bool, out: Floats) -> None:  # noqa: FBT001
    """One sample's numbers (lines,) as the words that a DAC takes say them; see :func:`as_words`."""
    scale = _factor(x, by_maximum)
    for i in range(x.size):
        value = x[i] / scale
        if levels > 0:
            value = _onto_levels(value, levels)
        out[i] = value * scale if levels > 0 else x[i]


@kernel
def as_words(x: Floats, levels: float, by_maximum: bool, out: Floats) -> None:  # noqa: FBT001
    """Numbers as the words that a DAC takes say them, each sample with a factor of its own or none.

    Parameters
    ----------
    x
        Inputs or errors (batch, lines).
    levels, by_maximum
        As :func:`drive` takes them.
    out
        Overwritten (batch, lines): what the converter is told, times the factor.

    Examples
    --------
    >>> x, out = np.array([[0.3, -2.0]], np.float32), np.empty((1, 2), np.float32)
    >>> as_words(x, 4.0, False, out)
    >>> out.tolist()
    [[0.25, -1.0]]
    >>> as_words(x, 4.0, True, out)
    >>> out.tolist()
    [[0.5, -2.0]]
    """
    for b in range(x.shape[0]):
        say_sample(x[b], levels, by_maximum, out[b])


@kernel
def sense_sample(
    out: Floats,
    scale: float,
    limit: float,
    lsb: float,
    noise: Floats,
    factor: np.float32,
    tally: Tally,
    codes: Flags,
) -> None:
    """Scale one sample's summed currents to weight units, add noise, clip and quantise, in place.

    Parameters
    ----------
    out
        Sums of conductance times driven value (lines,), overwritten by the converted results.
    scale
        Weight units per siemens.
    limit, lsb
        Full scale and step of the converter; a step of zero passes numbers unchanged.
    noise
        Input-referred noise in weight units (lines,), or of size zero for none.
    factor
        What the sample was divided by before it was driven; results are multiplied by it.
    tally
        Added to: conversions, those that were clipped, and those that became zero (3,).
    codes
        Marked: the codes that came out, the lowest first (codes,).
    """
    clipped, lost, middle = 0, 0, codes.size // 2
    found = np.empty(out.size)
    for j in range(out.size):
        value = out[j] * scale
        if noise.size:
            value += noise[j]
        if lsb > 0:
            code = np.rint(min(max(value, -limit), limit) / lsb)
            clipped += abs(value) > limit
            lost += code == 0 and value != 0
            found[j] = code
            value = code * lsb
        out[j] = np.float32(value) * factor
    if lsb > 0:
        # A loop of its own: marking at any place would keep the one above from being vectorised.
        for j in range(out.size):
            if abs(found[j]) <= middle:  # false of NaN, which has no code
                codes[np.uint32(found[j] + middle)] = True
    tally[0] += out.size
    tally[1] += clipped
    tally[2] += lost


@kernel
def sense(
    out: Floats,
    scale: float,
    limit: float,
    lsb: float,
    noise: Floats,
    scales: Floats,
    tally: Tally,
    codes: Flags,
) -> None:
    """Convert the summed currents of each sample of a batch as :func:`sense_sample` does.

    Parameters
    ----------
    out
        Sums (batch, lines), overwritten by the converted results.
    scale, limit, lsb, tally, codes
        As for one sample.
    noise
        Noise in weight units (batch, lines), or of size zero for none.
    scales
        What each sample was divided by before it was driven (batch,).
    """
    quiet = np.empty(0, np.float32)
    for b in range(out.shape[0]):
        added = noise[b] if noise.size else quiet
        sense_sample(out[b], scale, limit, lsb, added, scales[b], tally, codes)
