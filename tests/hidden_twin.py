"""A naive twin of training with hidden weights: loops over numbers, slow, and written from the definitions.

It holds no chip, no programs and no clock. Single-precision arithmetic is done one operation after another
in the stated order, so hidden weights have to agree bit for bit. Only initial weights come from the same
generator, drawn in the same order.
"""

from __future__ import annotations

import math

import numpy as np

from chipsim.device.randomness import generator
from chipsim.learn.consolidation import PLACES, meta
from tests.layers_twin import flows
from tests.normalisation_twin import Normalisation
from tests.twins import softmax_errors

__all__ = ["HiddenTwin"]

F = np.float32
ONE = F(1)


class HiddenTwin:
    """A network of level weights with hidden ones behind them, trained by mini-batches."""

    def __init__(self, sizes, *, levels, rule, network, rate, seed):
        self.sizes, self.rule, self.network, self.rate = sizes, rule, network, rate
        self.levels = [F(level) for level in levels]
        rng, wide = generator(seed, "network"), np.array(levels, np.float64)
        self.flows = flows(sizes, network.bias)
        self.hidden, self.moments = [], {}
        gaps = [at for at in range(wide.size - 1) if self._begins_in(wide[at], wide[at + 1])]
        for flow in self.flows:
            width = len(flow.weighted.groups[0][0]) + flow.bias
            shape = (width * len(flow.weighted.groups), flow.columns)
            gap = rng.integers(gaps[0], gaps[-1] + 1, shape)
            middle, width = (wide[gap] + wide[gap + 1]) / 2, wide[gap + 1] - wide[gap]
            drawn = (middle + rule.initial_spread * width * rng.standard_normal(shape)).astype(F)
            self.hidden.append(
                [
                    [self._held(value) if flow.inside(i, j) else F(0) for j, value in enumerate(row)]
                    for i, row in enumerate(drawn)
                ]
            )
        self.normalisations, self.steps, self.programmed = {}, {}, 0
        self.m, self.accuracies = rule.metaplasticity, []

    def _begins_in(self, low, high):
        """Whether hidden weights are first centred between two levels."""
        return self.rule.initial == "between-levels" or low <= 0 <= high

    def _held(self, value):
        return min(max(F(value), self.levels[0]), self.levels[-1])

    def place(self, value):
        """Place of the nearest level; the lower one halfway between two."""
        gap = F(float(self.levels[-1] - self.levels[0]) / (len(self.levels) - 1))
        place = math.ceil(F(F(F(value - self.levels[0]) * F(ONE / gap)) - F(0.5)))
        return min(max(place, 0), len(self.levels) - 1)

    def figures(self, layer, task):
        """A layer's normalisation, made when it is first met."""
        how = self.network.normalisation
        if how is None or (layer + 1 == len(self.flows) and not how.output):
            return None
        key = (layer, task if how.state == "per-task" else "")
        if key not in self.normalisations:
            self.normalisations[key] = Normalisation(
                self.flows[layer].columns, momentum=how.momentum, epsilon=how.epsilon
            )
        return self.normalisations[key]

    def train(self, data, *, epochs, batch, task, order, m):
        """Train for some epochs; `order` draws the order of samples."""
        self.m = m
        for _ in range(epochs):
            right, drawn = 0, order.permutation(len(data.train_labels))
            for start in range(0, len(drawn), batch):
                chosen = drawn[start : start + batch]
                right += self.step(data.train_images[chosen], data.train_labels[chosen], task)
            self.accuracies.append(right / len(drawn))

    def step(self, images, labels, task):
        """One mini-batch; returns how many samples were classified right before it."""
        batch, layers = len(images), len(self.hidden)
        inputs, sums, kept, passed = [self._inputs(images)], [], [], []
        for index in range(layers):
            columns = range(self.flows[index].columns)
            found = [[self._down(x, index, j) for j in columns] for x in inputs[index]]
            figures = self.figures(index, task)
            values, unit, inverse = figures.train(found) if figures else (found, None, None)
            kept.append((unit, inverse))
            sums.append(values)
            if index + 1 < layers:
                samples, needed = self.flows[index].passed([[max(v, F(0)) for v in row] for row in values])
                passed.append(needed)
                inputs.append(self.flows[index + 1].vectors(samples))
        right = sum(int(np.argmax(row)) == label for row, label in zip(sums[-1], labels, strict=True))
        d = [softmax_errors(row, label) for row, label in zip(sums[-1], labels, strict=True)]
        errors = [None] * layers
        slopes = [None] * layers
        for index in range(layers - 1, -1, -1):
            if index + 1 < layers:
                rows = range(len(self.hidden[index + 1]))
                back = [[self._across(e, index + 1, i) for i in rows] for e in errors[index + 1]]
                d = self.flows[index].passed_back(self.flows[index + 1].values(back), passed[index])
                d = [
                    [e if s > 0 else F(0) for e, s in zip(row, gate, strict=True)]
                    for row, gate in zip(d, sums[index], strict=True)
                ]
            figures = self.figures(index, task)
            if figures:
                d, slopes[index] = figures.back(d, *kept[index])
            errors[index] = d
        for index in range(layers):
            self._update(index, inputs[index], errors[index], batch)
            if slopes[index]:
                self._update_figures(self.figures(index, task), slopes[index], batch)
        return right

    def _inputs(self, images):
        return self.flows[0].vectors([[F(F(pixel) / F(255)) for pixel in image] for image in images])

    def weight(self, index, i, j):
        """What the array holds."""
        return self.levels[self.place(self.hidden[index][i][j])]

    def _down(self, x, index, j):
        total = F(0)
        for i, value in enumerate(x):
            if self.flows[index].inside(i, j):
                total = F(total + F(value * self.weight(index, i, j)))
        return total

    def _across(self, d, index, i):
        total = F(0)
        for j, value in enumerate(d):
            if self.flows[index].inside(i, j):
                total = F(total + F(value * self.weight(index, i, j)))
        return total

    def _update(self, index, x, d, batch):
        hidden = self.hidden[index]
        for i in range(len(hidden)):
            for j in range(len(hidden[i])):
                if not self.flows[index].inside(i, j):
                    continue
                total = F(0)
                for vector, error in zip(x, d, strict=True):
                    total = F(total + F(vector[i] * error[j]))
                step = self._optimised((index, i, j), total, batch)
                before = hidden[i][j]
                hidden[i][j] = self._held(F(before - self._consolidated(before, step)))
                self.programmed += self.place(before) != self.place(hidden[i][j])

    def _update_figures(self, figures, slopes, batch):
        for j in range(len(figures.scale)):
            figures.scale[j] = F(
                figures.scale[j] - self._optimised(("scale", id(figures), j), slopes[0][j], batch)
            )
            figures.offset[j] = F(
                figures.offset[j] - self._optimised(("offset", id(figures), j), slopes[1][j], batch)
            )

    def _optimised(self, key, total, batch):
        rule = self.rule
        if rule.optimiser == "sgd":
            return F(total * F(self.rate / batch))
        value = F(total * F(1 / batch))
        first, second = self.moments.get(key, (F(0), F(0)))
        b1, b2 = F(rule.beta1), F(rule.beta2)
        first = F(F(b1 * first) + F(F(ONE - b1) * value))
        second = F(F(b2 * second) + F(F(F(ONE - b2) * value) * value))
        self.moments[key] = first, second
        steps = self.steps[key] = self.steps.get(key, 0) + 1
        rate = F(self.rate / (1 - rule.beta1**steps))
        correction = F(1 / (1 - rule.beta2**steps))
        return F(F(rate * first) / F(np.sqrt(F(second * correction)) + F(rule.epsilon)))

    def _consolidated(self, before, step):
        if not self.m:
            return step
        away = F(before - self.levels[self.place(before)])
        if F(step * away) > 0:
            return step
        gap = F(float(self.levels[-1] - self.levels[0]) / (len(self.levels) - 1))
        offset = min(F(abs(away) * F(F(2) / gap)), ONE)
        place = F(offset * F(PLACES))
        low = min(int(place), PLACES - 1)
        below, above = F(meta(low / PLACES, self.m)), F(meta((low + 1) / PLACES, self.m))
        share = F(below + F(F(place - F(low)) * F(above - below)))
        return F(step * share)
