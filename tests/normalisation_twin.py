"""A naive twin of batch normalisation: unit by unit, each sum in double precision."""

from __future__ import annotations

import math

import numpy as np

__all__ = ["Normalisation"]

F = np.float32
ONE = F(1)


class Normalisation:
    """One layer's batch normalisation for one task, unit by unit."""

    def __init__(self, units, *, momentum, epsilon):
        self.scale, self.offset = [ONE] * units, [F(0)] * units
        self.mean, self.variance = [F(0)] * units, [ONE] * units
        self.moments = {}
        self.momentum, self.epsilon = momentum, epsilon

    def train(self, sums):
        """Normalise by the batch, unit after unit; returns values, what was normalised, and inverse spreads."""
        batch, units = len(sums), len(sums[0])
        unit = [[None] * units for _ in sums]
        inverse = []
        for j in range(units):
            mean = 0.0
            for row in sums:
                mean += float(row[j])
            mean /= batch
            variance = 0.0
            for row in sums:
                variance += (float(row[j]) - mean) * (float(row[j]) - mean)
            variance /= batch
            inverse.append(F(1.0 / math.sqrt(variance + self.epsilon)))
            sample = variance * (batch / max(batch - 1, 1))
            self.mean[j] = F(self.mean[j] + F(self.momentum * (mean - float(self.mean[j]))))
            self.variance[j] = F(self.variance[j] + F(self.momentum * (sample - float(self.variance[j]))))
            for b, row in enumerate(sums):
                unit[b][j] = F(F(row[j] - F(mean)) * inverse[j])
        values = [[F(F(row[j] * self.scale[j]) + self.offset[j]) for j in range(units)] for row in unit]
        return values, unit, inverse

    def test(self, sums):
        """Normalise by the running figures."""
        out = []
        for row in sums:
            done = []
            for j, value in enumerate(row):
                inverse = F(1.0 / math.sqrt(float(self.variance[j]) + self.epsilon))
                done.append(F(F(F(F(value - self.mean[j]) * inverse) * self.scale[j]) + self.offset[j]))
            out.append(done)
        return out

    def back(self, d, unit, inverse):
        """Errors of the sums, and the gradient of scales and offsets."""
        batch, units = len(d), len(d[0])
        out = [[None] * units for _ in d]
        slopes = [[], []]
        for j in range(units):
            by_scale = by_offset = 0.0
            for b in range(batch):
                by_scale += float(d[b][j]) * float(unit[b][j])
                by_offset += float(d[b][j])
            slopes[0].append(F(by_scale))
            slopes[1].append(F(by_offset))
            across, level = F(by_scale / batch), F(by_offset / batch)
            for b in range(batch):
                inner = F(F(d[b][j] - level) - F(unit[b][j] * across))
                out[b][j] = F(F(self.scale[j] * inverse[j]) * inner)
        return out, slopes
