"""What converters do to numbers: clip, quantise, add noise."""

from __future__ import annotations

import numpy as np

from chipsim.device.types import Flags, Floats, Sums, Tally, kernel

__all__ = ["as_words", "drive", "largest", "sense"]


@kernel
def largest(x: Floats) -> np.float32:
    """Largest magnitude of one sample (lines,)."""
    found = np.float32(0)
    for i in range(x.size):
        found = max(found, abs(x[i]))
    return found


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
    """Quantise inputs to a DAC's levels, and sum the conductance that they drive.

    Parameters
    ----------
    x
        Inputs (batch, lines), meant to lie in [-1, 1]; values beyond are clipped.
    levels
        Steps from zero to full scale, the sign apart: 2**bits - 1. Zero passes numbers unchanged.
    by_maximum
        Divide each sample by its largest magnitude first.
    out
        Overwritten: driven values (batch, lines).
    scales
        Overwritten: what each sample was divided by (batch,).
    line_sums
        Summed conductance of each line of each array (arrays, lines), S.
    conductance
        Overwritten: squared driven value times line conductance, summed for each array (arrays,), S;
        times squared voltage and time it is the energy of the read.
    tally
        Added to: inputs that are not zero, those that were clipped, and those that became zero (3,).
    """
    driven, clipped, lost = 0, 0, 0
    conductance[:] = 0.0
    for b in range(x.shape[0]):
        scales[b] = _factor(x[b], by_maximum)
        for i in range(x.shape[1]):
            value = x[b, i]
            # Most inputs of an image are zero: they drive nothing, are no loss, and cost the loop nothing.
            if value == 0:
                out[b, i] = value
                continue
            value /= scales[b]
            driven += 1
            clipped += abs(value) > 1
            if levels > 0:
                value = _onto_levels(value, levels)
            out[b, i] = value
            lost += value == 0
            square = np.float64(value) * np.float64(value)
            for a in range(conductance.size):
                conductance[a] += square * line_sums[a, i]
    tally[0] += driven
    tally[1] += clipped
    tally[2] += lost


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
        scale = _factor(x[b], by_maximum)
        for i in range(x.shape[1]):
            value = x[b, i] / scale
            if levels > 0:
                value = _onto_levels(value, levels)
            out[b, i] = value * scale if levels > 0 else x[b, i]


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
    """Scale summed currents to weight units, add noise, clip and quantise, in place.

    Parameters
    ----------
    out
        Sums of conductance times driven value (batch, lines), overwritten by the converted results.
    scale
        Weight units per siemens.
    limit, lsb
        Full scale and step of the converter; a step of zero passes numbers unchanged.
    noise
        Input-referred noise in weight units (batch, lines), or of size zero for none.
    scales
        What each sample was divided by before it was driven (batch,); results are multiplied by it.
    tally
        Added to: conversions, those that were clipped, and those that became zero (3,).
    codes
        Marked: the codes that came out, the lowest first (codes,).
    """
    clipped, lost, middle = 0, 0, codes.size // 2
    found = np.empty(out.shape[1])
    for b in range(out.shape[0]):
        for j in range(out.shape[1]):
            value = out[b, j] * scale
            if noise.size:
                value += noise[b, j]
            if lsb > 0:
                code = np.rint(min(max(value, -limit), limit) / lsb)
                clipped += abs(value) > limit
                lost += code == 0 and value != 0
                found[j] = code
                value = code * lsb
            out[b, j] = np.float32(value) * scales[b]
        if lsb > 0:
            # A loop of its own: marking at any place would keep the one above from being vectorised.
            for j in range(out.shape[1]):
                if abs(found[j]) <= middle:  # false of NaN, which has no code
                    codes[np.uint32(found[j] + middle)] = True
    tally[0] += out.size
    tally[1] += clipped
    tally[2] += lost
