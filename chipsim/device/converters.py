"""What converters do to numbers: clip, quantise, add noise."""

from __future__ import annotations

import numpy as np

from chipsim.device.types import Floats, kernel

__all__ = ["drive", "magnitudes", "sense"]


@kernel
def drive(x: Floats, levels: float, out: Floats) -> None:
    """Quantise inputs to a DAC's levels, in place of `out`.

    Parameters
    ----------
    x
        Inputs (batch, lines), meant to lie in [-1, 1]; values beyond are clipped.
    levels
        Steps from zero to full scale, the sign apart: 2**bits - 1. Zero passes numbers unchanged.
    out
        Driven values (batch, lines).
    """
    for b in range(x.shape[0]):
        for i in range(x.shape[1]):
            value = x[b, i]
            if levels > 0 and value != 0:
                value = np.float32(np.rint(min(max(value, np.float32(-1)), np.float32(1)) * levels) / levels)
            out[b, i] = value


@kernel
def sense(out: Floats, scale: float, limit: float, lsb: float, noise: Floats) -> None:
    """Scale summed currents to weight units, add noise, clip and quantise, in place.

    Parameters
    ----------
    out
        Sums of conductance times input (batch, lines), overwritten by the converted results.
    scale
        Weight units per siemens.
    limit, lsb
        Full scale and step of the converter; a step of zero passes numbers unchanged.
    noise
        Input-referred noise in weight units (batch, lines), or of size zero for none.
    """
    for b in range(out.shape[0]):
        for j in range(out.shape[1]):
            value = out[b, j] * scale
            if noise.size:
                value += noise[b, j]
            if lsb > 0:
                value = np.rint(min(max(value, -limit), limit) / lsb) * lsb
            out[b, j] = np.float32(value)


@kernel
def magnitudes(x: Floats, out: Floats) -> None:
    """The largest magnitude of each sample; one where all are zero, so that division is safe."""
    for b in range(x.shape[0]):
        largest = np.float32(0)
        for i in range(x.shape[1]):
            largest = max(largest, abs(x[b, i]))
        out[b] = largest if largest > 0 else np.float32(1)
