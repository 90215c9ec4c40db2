"""Naive twins of training on a chip: plain loops over plain arrays, slow, and written from the definitions.

They hold no chip, no programs and no clock. Where the hardware computes in single precision they do too,
one operation after another, so weights have to agree bit for bit. Only random numbers come from the same
generators, drawn in the same order.
"""

from __future__ import annotations

import math

import numpy as np

from chipsim.device.bernoulli import PROBABILITY_BITS
from chipsim.device.randomness import LANES, generator
from chipsim.net.inputs import initial_weights
from chipsim.synapse.cell_and_reference import CellAndReference
from chipsim.synapse.hybrid import Hybrid
from chipsim.synapse.single_cell import SingleCell
from tests.layers_twin import flows
from tests.made import network_of
from tests.normalisation_twin import Normalisation

__all__ = [
    "AdamTwin",
    "Array",
    "Crossbar",
    "CrossbarTwin",
    "DigitalTwin",
    "Gaussians",
    "Lanes",
    "Weights",
    "coincidences",
    "dac",
    "rounded",
    "rounded_at_random",
    "softmax_errors",
    "trains_of",
]

F = np.float32
ONE = F(1)


def softmax_errors(sums, label):
    """Errors of one sample's last sums: a softmax of them, less one at the right class."""
    largest = max(float(z) for z in sums)
    powers = [math.exp(float(z) - largest) for z in sums]
    total = 0.0
    for power in powers:
        total += power
    return [F(power / total - 1.0) if j == label else F(power / total) for j, power in enumerate(powers)]


def word(value, name, full_scale=1.0):
    """One number in a number format: steps of a range that ends, or eleven binary digits."""
    if name == "float-32":
        return value
    if name == "float-16":
        return type(value)(np.float16(min(max(float(value), -65_504.0), 65_504.0)))
    most = 2 ** (int(name.removeprefix("fixed-")) - 1) - 1
    step = full_scale / most
    return type(value)(min(max(round(float(value) / step), -most), most) * step)


class Weights:
    """One layer as a matrix of single-precision numbers in memory."""

    def __init__(self, shape, *, start, inside=lambda i, j: True):
        self.rows, self.columns = shape
        self.inside = [(i, j) for i, j in np.ndindex(shape) if inside(i, j)]
        self.values = np.zeros(shape, F)
        for cell in self.inside:
            self.values[cell] = start[cell]

    def forward(self, samples):
        """Weighted sums of each sample, row after row."""
        return [[self._sum_down(x, j) for j in range(self.columns)] for x in samples]

    def _sum_down(self, x, j):
        total = F(0)
        for i in range(self.rows):
            total = F(total + F(x[i] * self.values[i, j]))
        return total

    def backward(self, samples):
        """Errors of the inputs of each sample, column after column."""
        return [[self._sum_across(d, i) for i in range(self.rows)] for d in samples]

    def _sum_across(self, d, i):
        total = F(0)
        for j in range(self.columns):
            total = F(total + F(d[j] * self.values[i, j]))
        return total

    def update(self, x, d, *, rate, pair):
        """Subtract the outer product."""
        for i, j in self.inside:
            self.values[i, j] = F(self.values[i, j] - F(F(F(rate) * x[i]) * d[j]))

    def recentre(self, *, pair):
        """Nothing runs out of range."""

    def weights(self):
        """All of them."""
        return self.values.astype(np.float64)


class Words:
    """One layer as a matrix of words of a number format, each product and sum in double precision."""

    def __init__(self, name, start, *, synapse, seed):
        self.rows, self.columns = start.shape
        self.format, self.sums = synapse.arithmetic, synapse.sum_range
        fixed = self.format.startswith("fixed-")
        self.most = 2 ** (int(self.format.removeprefix("fixed-")) - 1) - 1 if fixed else 1
        self.step = synapse.weight_range / self.most if fixed else 1.0
        self.rng = generator(seed, name) if synapse.rounding == "stochastic" else None
        self.counts = [[self._whole(float(w) / self.step, None) for w in row] for row in start]

    def _whole(self, exact, fraction):
        """A weight in steps, to nearest, or down with a random fraction added to it."""
        if self.format == "float-16":
            if fraction is not None:
                gap = 2.0 ** max(math.frexp(exact)[1] - 11, -24)
                exact = math.floor(exact / gap + fraction) * gap
            return word(exact, "float-16")
        count = round(exact) if fraction is None else math.floor(exact + fraction)
        return float(min(max(count, -self.most), self.most))

    def forward(self, samples):
        """Weighted sums of each sample, row after row."""
        sums = []
        for x in samples:
            driven = [word(float(value), self.format) for value in x]
            sums.append([])
            for j in range(self.columns):
                total = 0.0
                for i in range(self.rows):
                    total += driven[i] * self.counts[i][j]
                sums[-1].append(F(word(total * self.step, self.format, self.sums)))
        return sums

    def backward(self, samples):
        """Errors of the inputs of each sample, column after column."""
        backs = []
        for d in samples:
            driven = [word(float(value), self.format) for value in d]
            backs.append([])
            for i in range(self.rows):
                total = 0.0
                for j in range(self.columns):
                    total += driven[j] * self.counts[i][j]
                backs[-1].append(F(word(total * self.step, self.format)))
        return backs

    def update(self, x, d, *, rate, pair):
        """Subtract the outer product, and round every weight."""
        x, d = ([word(float(value), self.format) for value in values] for values in (x, d))
        drawn = self.rng.random((self.rows, self.columns), dtype=F) if self.rng else None
        for i in range(self.rows):
            for j in range(self.columns):
                exact = self.counts[i][j] - rate * x[i] * d[j] / self.step
                fraction = None if drawn is None else float(drawn[i, j])
                self.counts[i][j] = self._whole(exact, fraction)

    def recentre(self, *, pair):
        """Nothing runs out of range."""

    def weights(self):
        """All of them."""
        return np.array(self.counts) * self.step


def dac(value, bits, *, ideal):
    """One input as a converter of so many bits drives it: sign and magnitude, full scale at one."""
    if ideal or value == 0:
        return F(value)
    levels = 2**bits - 1
    clipped = min(max(float(value), -1.0), 1.0)
    return F(round(clipped * levels) / levels)


def adc(value, spec):
    """One result as a converter returns it, in weight units; codes are symmetric round zero."""
    if spec.ideal:
        return F(value)
    step = spec.range / max(2 ** (spec.bits - 1) - 1, 1)
    clipped = min(max(value, -spec.range), spec.range)
    return F(round(clipped / step) * step)


def rounded(x, d, *, scale, slots):
    """Pulses of every crossing, rounded to nearest: {(row, column): count}, negative to lower the weight."""
    counts = {}
    for i in range(len(x)):
        for j in range(len(d)):
            wanted = abs(float(x[i])) * abs(float(d[j])) * scale
            count = min(slots, round(wanted))
            if count:
                counts[i, j] = count if (x[i] > 0) != (d[j] > 0) else -count
    return counts


def rounded_at_random(x, d, *, scale, slots, lanes):
    """Pulses of every crossing, rounded down after adding a uniform number; crossings that ask, row by row."""

    def uniform():
        return (int(lanes.lanes[0].random_raw()) >> 11) * 2.0**-53

    counts, driven = {}, [j for j in range(len(d)) if d[j]]
    largest = max((abs(float(v)) for v in d), default=0)
    for i in (i for i in range(len(x)) if x[i]):
        size = abs(float(x[i]))
        most, place = size * largest * scale, -1
        while True:
            # A row without errors draws a number too, and is left at once.
            drawn = uniform() if most < 0.25 else None
            gap = 0 if drawn is None or not most else math.log(1 - drawn) * (1 / math.log1p(-most))
            if gap >= (len(driven) if most else 0) - place - 1:
                break
            place += 1 + int(gap)
            j = driven[place]
            wanted, drawn = size * abs(float(d[j])) * scale, uniform()
            if most < 0.25:
                count = int(drawn * most < wanted and wanted >= 2**-PROBABILITY_BITS)
            else:
                count = int(min(slots, wanted + drawn))
            if count:
                counts[i, j] = count if (x[i] > 0) != (d[j] > 0) else -count
    return counts


class Lanes:
    """Generators of numpy's that give words side by side."""

    def __init__(self, seed, name):
        seeds = generator(seed, name).bit_generator.seed_seq.spawn(LANES)
        self.lanes = [np.random.SFC64(child) for child in seeds]

    def words(self):
        """The next word of every lane."""
        return [int(lane.random_raw()) for lane in self.lanes]


def trains_of(probabilities, lanes, slots):
    """One random train for each probability, slot by slot: as many lines at a time as there are lanes.

    Slot s of a line reads bit s of one word, or half a word, of its lane after another as the digits of a
    binary fraction, and fires when that is less than the probability; it stops reading at the first digit that differs. All lanes
    move on until no slot of any line reads any more.
    """
    trains = []
    for first in range(0, len(probabilities), LANES):
        thresholds = [round(p * 2**PROBABILITY_BITS) for p in probabilities[first : first + LANES]]
        # None stands for a slot that still reads.
        fires = [
            [None] * slots if 0 < threshold < 2**PROBABILITY_BITS else [threshold > 0] * slots
            for threshold in thresholds
        ]
        # A word has two digits of every slot where half of it has a bit for each.
        digits = 2 if slots <= 32 else 1
        for place in range(PROBABILITY_BITS - 1, -1, -digits):
            if all(slot is not None for train in fires for slot in train):
                break
            words = lanes.words()
            for threshold, train, word in zip(thresholds, fires, words, strict=False):
                for further in range(digits):
                    digit = threshold >> (place - further) & 1
                    for slot in range(slots):
                        drawn = word >> (32 * further + slot) & 1
                        if train[slot] is None and drawn != digit:
                            train[slot] = drawn < digit
        trains += [[bool(slot) for slot in train] for train in fires]
    return trains


def coincidences(x, d, *, scale, slots, lanes):
    """Pulses of every crossing where a row's and a column's train overlap."""
    x_max, d_max = max(abs(float(v)) for v in x), max(abs(float(v)) for v in d)
    if not x_max or not d_max:
        return {}
    trains = []
    for values, gain in (
        (x, math.sqrt(scale / slots * d_max / x_max)),
        (d, math.sqrt(scale / slots * x_max / d_max)),
    ):
        driven = [line for line, value in enumerate(values) if value]
        probabilities = [min(gain * abs(float(values[line])), 1.0) for line in driven]
        trains.append(dict(zip(driven, trains_of(probabilities, lanes, slots), strict=True)))
    counts = {}
    for i, row in trains[0].items():
        for j, column in trains[1].items():
            count = sum(a and b for a, b in zip(row, column, strict=True))
            if count:
                counts[i, j] = count if (x[i] > 0) != (d[j] > 0) else -count
    return counts


class Gaussians:
    """Gaussian numbers by the ziggurat of 256 layers, from an SFC64 of numpy's."""

    TAIL, AREA = 3.6541528853610088, 4.92867323399e-3

    def __init__(self, seed, name):
        (child,) = generator(seed, name).bit_generator.seed_seq.spawn(1)
        self.words = np.random.SFC64(child)
        self.edges = [self.AREA / self.height(self.TAIL), self.TAIL]
        while len(self.edges) < 256:
            below = self.edges[-1]
            self.edges.append(math.sqrt(-2 * math.log(self.AREA / below + self.height(below))))
        self.edges.append(0.0)

    @staticmethod
    def height(x):
        """Of the bell."""
        return math.exp(-0.5 * x * x)

    def uniform(self):
        """In [0, 1)."""
        return (int(self.words.random_raw()) >> 11) * 2.0**-53

    def next(self):
        """The next number."""
        while True:
            word = int(self.words.random_raw())
            layer, sign = word % 256, 1.0 if word & 256 else -1.0
            x = (word >> 11) * 2.0**-53 * self.edges[layer]
            if x < self.edges[layer + 1]:
                return sign * x
            if layer == 0:
                return sign * self.beyond()
            below, above = self.height(self.edges[layer]), self.height(self.edges[layer + 1])
            if below + self.uniform() * (above - below) < self.height(x):
                return sign * x

    def beyond(self):
        """A number of the tail."""
        while True:
            further = -math.log1p(-self.uniform()) / self.TAIL
            if -2 * math.log1p(-self.uniform()) > further * further:
                return self.TAIL + further


class Array:
    """The cells of one array."""

    def __init__(self, name, shape, *, device, gain, seed):
        self.noise = Gaussians(seed, name)
        self.variation = getattr(device, "step_variation", 0.0)
        low, span = device.off_conductance / gain, (device.on_conductance - device.off_conductance) / gain
        self.low, self.step = float(F(low)), F(span / device.states)
        self.high = float(F(F(low) + F(span))) if hasattr(device, "step_variation") else math.inf
        self.cells = np.full(shape, low, F)
        self.pulses, self.resets = np.zeros(shape, int), np.zeros(shape, int)

    def pulse(self, counts):
        """Give each cell its pulses, row by row; one draw for each cell that is hit."""
        for (i, j), count in sorted(counts.items()):
            drawn = self.noise.next() if self.variation else 0.0
            steps = count + self.variation * math.sqrt(count) * drawn
            after = float(self.cells[i, j]) + float(self.step) * steps
            self.cells[i, j] = F(min(max(after, self.low), self.high))
            self.pulses[i, j] += count

    def reset(self, i, j):
        """One cell back to its lowest."""
        self.cells[i, j] = F(self.low)
        self.resets[i, j] += 1


class Crossbar:
    """One layer in resistive cells on one tile."""

    array_of = Array

    def __init__(self, name, shape, *, spec, seed, start):
        self.spec, self.device, self.tile = spec, spec.device, spec.tile
        self.rows, self.columns = shape
        hybrid = isinstance(spec.synapse, Hybrid)
        self.gains = {"coarse": 1.0, "fine": spec.synapse.gain} if hybrid else {"pair": 1.0}
        self.pairs = [
            [
                self.array_of(f"{name}.{pair}{sign}", shape, device=spec.device, gain=gain, seed=seed)
                for sign in "+-"
            ]
            for pair, gain in self.gains.items()
        ]
        self.unit = spec.synapse.weight_range / (self.device.on_conductance - self.device.off_conductance)
        self.noise = {side: generator(seed, f"{name}.{side}adc") for side in ("", "back-")}
        self.lanes = Lanes(seed, f"{name}.driver")
        self._write(start)

    def steps(self, pair):
        """Siemens of one step of a pair."""
        gain = list(self.gains.values())[pair]
        return (self.device.on_conductance - self.device.off_conductance) / gain / self.device.states

    def _write(self, start):
        step = self.steps(0) * self.unit
        most = round(self.spec.synapse.weight_range / step)
        counts = {}
        for i in range(self.rows):
            for j in range(self.columns):
                count = min(max(round(float(F(start[i, j]) / F(step))), -most), most)
                if count:
                    counts[i, j] = count
        self._apply(counts, 0)

    def _apply(self, counts, pair):
        plus, minus = self.pairs[pair]
        plus.pulse({cell: count for cell, count in counts.items() if count > 0})
        minus.pulse({cell: -count for cell, count in counts.items() if count < 0})

    def difference(self, pair, i, j):
        """Siemens between the two cells."""
        plus, minus = self.pairs[pair]
        return F(plus.cells[i, j] - minus.cells[i, j])

    def forward(self, samples):
        """Results of each sample: arrays one after another, row after row."""
        return self._read(
            samples, self.tile.forward, name="", lines=range(self.columns), conductance=self.difference
        )

    def backward(self, samples):
        """Results of each sample, column after column."""
        return self._read(
            samples,
            self.tile.backward,
            name="back-",
            lines=range(self.rows),
            conductance=lambda pair, j, i: self.difference(pair, i, j),
        )

    def _read(self, samples, side, *, name, lines, conductance):
        noise = np.zeros((len(samples), len(lines)), F)
        if side.adc.noise:
            step = side.adc.range / max(2 ** (side.adc.bits - 1) - 1, 1)
            drawn = self.noise[name].standard_normal(noise.shape, dtype=F)
            noise = np.array([[F(F(side.adc.noise * step) * value) for value in row] for row in drawn])
        results = []
        for x, disturbance in zip(samples, noise, strict=True):
            largest = max(abs(value) for value in x) if side.scaling == "maximum" else ONE
            largest = largest or ONE
            driven = [dac(F(value / largest), side.dac.bits, ideal=side.dac.ideal) for value in x]
            results.append([])
            for line, added in zip(lines, disturbance, strict=True):
                total = F(0)
                for pair in range(len(self.pairs)):
                    for k, value in enumerate(driven):
                        total = F(total + F(value * conductance(pair, k, line)))
                results[-1].append(F(adc(float(total) * self.unit + float(added), side.adc) * largest))
        return results

    def update(self, x, d, *, rate, pair):
        """Pulses for minus the rate times the outer product."""
        x, d = self._words(x, self.tile.forward), self._words(d, self.tile.backward)
        scale, slots = rate / (self.steps(pair) * self.unit), self.spec.update.slots
        if self.spec.update.encoding == "deterministic":
            counts = rounded(x, d, scale=scale, slots=slots)
        else:
            counts = coincidences(x, d, scale=scale, slots=slots, lanes=self.lanes)
        self._apply(counts, pair)

    @staticmethod
    def _words(values, side):
        """What arrives at a tile for an update: as converters are driven, and scaled back."""
        if side.dac.ideal:
            return values
        largest = max(abs(value) for value in values) if side.scaling == "maximum" else ONE
        largest = largest or ONE
        return [F(dac(F(value / largest), side.dac.bits, ideal=False) * largest) for value in values]

    def recentre(self, *, pair):
        """Reset pairs with one cell at its bound and the other above the headroom, and write them back."""
        plus, minus = self.pairs[pair]
        low, span = self.device.off_conductance, self.device.on_conductance - self.device.off_conductance
        gain = list(self.gains.values())[pair]
        floor = F(low / gain + self.spec.update.recentre.headroom * (span / gain))
        counts = {}
        for i in range(self.rows):
            for j in range(self.columns):
                p, m = plus.cells[i, j], minus.cells[i, j]
                if (p >= F(plus.high) or m >= F(minus.high)) and min(p, m) > floor:
                    counts[i, j] = round((float(p) - float(m)) / self.steps(pair))
                    plus.reset(i, j)
                    minus.reset(i, j)
        self._apply(counts, pair)

    def weights(self):
        """The weights that the cells hold."""
        total = np.zeros((self.rows, self.columns))
        for plus, minus in self.pairs:
            total = total + (plus.cells.astype(np.float64) - minus.cells.astype(np.float64))
        return total * self.unit


class SingleCells(Crossbar):
    """One layer in single cells that step up and down, each compared with the middle of its range."""

    def __init__(self, name, shape, *, spec, seed, start):
        self.name, self.seed = name, seed
        self.low, self.high = F(spec.device.off_conductance), F(spec.device.on_conductance)
        self.down = F(-F(spec.device.asymmetry) * F(self._span(spec.device) / spec.device.states))
        super().__init__(name, shape, spec=spec, seed=seed, start=start)

    @staticmethod
    def _span(device):
        return device.on_conductance - device.off_conductance

    def _write(self, start):
        device = self.device
        self.unit = 2 * self.spec.synapse.weight_range / self._span(device)
        self.middle = device.off_conductance + self._span(device) / 2
        self.cells = np.full((self.rows, self.columns), self.low, F)
        step, half = self.steps(0) * self.unit, F(device.states / 2)
        most = round(self.spec.synapse.weight_range / step)
        for i in range(self.rows):
            for j in range(self.columns):
                wanted = min(max(F(start[i, j] / F(step)), F(-most)), F(most))
                self._move(i, j, round(float(F(wanted + half))))

    def _move(self, i, j, count):
        size = abs(count) * float(self.down if count < 0 else F(self.steps(0)))
        self.cells[i, j] = F(min(max(float(self.cells[i, j]) + size, float(self.low)), float(self.high)))

    def _apply(self, counts, pair):
        assert pair == 0
        for (i, j), count in counts.items():
            self._move(i, j, count)

    def difference(self, pair, i, j):
        """Siemens above the reference."""
        assert pair == 0
        return F(float(self.cells[i, j]) - self.middle)

    def weights(self):
        """The weights that the cells hold."""
        return (self.cells.astype(np.float64) - self.middle) * self.unit


class ReferredCells(SingleCells):
    """One layer in cells with soft bounds that do not differ, each compared with a cell of its own."""

    def _write(self, start):
        device, synapse = self.device, self.spec.synapse
        self.unit = 2 * synapse.weight_range / self._span(device)
        self.middle = device.off_conductance + self._span(device) / 2
        self.cells = np.full((self.rows, self.columns), F(self.middle), F)
        self.references = np.full((self.rows, self.columns), self.middle, F)
        share = 1 / (1 + device.asymmetry)
        self._all(self._curve((share - 0.5) * device.states, share=0.5))
        pairs, readings = synapse.alternating_pulses, synapse.reference_readings
        half = math.ceil(pairs / 2)
        looked_after = [pairs - half * later // readings for later in range(readings)]
        read = np.zeros((self.rows, self.columns))
        for pair in range(1, pairs + 1):
            self._all(1)
            above = self._looked() if pair in looked_after else None
            self._all(-1)
            if pair in looked_after:
                below = self._looked()
                for i in range(self.rows):
                    for j in range(self.columns):
                        read[i, j] += float(F((above[i][j] + below[i][j]) / F(2)))
        drawn = generator(self.seed, f"{self.name}.references").standard_normal((self.rows, self.columns))
        for i in range(self.rows):
            for j in range(self.columns):
                found = float(self.references[i, j]) + read[i, j] / readings / self.unit
                found += synapse.reference_error * self._span(device) * drawn[i, j]
                self.references[i, j] = F(max(found, 0.0))
        step = F(self.steps(0) * self.unit)
        for i in range(self.rows):
            for j in range(self.columns):
                steps = F(F(start[i, j] / step) + F(1 - share))
                self._move(i, j, self._curve(float(steps), share=share - (1 - share) / device.states))

    def _curve(self, steps, *, share):
        """Whole pulses that lead so many described steps from a share of the range."""
        states, down = self.device.states, self.device.asymmetry
        room, shrink = (
            (states * (1 - share), 2 / states) if steps > 0 else (states * share, 2 * down / states)
        )
        aimed = min(abs(steps), room - 0.5)
        return round(math.copysign(math.log1p(-aimed / room) / math.log1p(-shrink), steps))

    def _looked(self):
        """What converters say of each row driven alone."""
        rows = [[F(k == i) for k in range(self.rows)] for i in range(self.rows)]
        return self.forward(rows)

    def _all(self, count):
        for i in range(self.rows):
            for j in range(self.columns):
                self._move(i, j, count)

    def _move(self, i, j, count):
        size = float(self.down if count < 0 else F(self.steps(0)))
        end = float(self.low if count < 0 else self.high)
        now = float(self.cells[i, j])
        for _ in range(abs(count)):
            now += size * ((now - end) / (self.middle - end))
            now = min(max(now, float(self.low)), float(self.high))
        self.cells[i, j] = F(now)

    def difference(self, pair, i, j):
        """Siemens above the cell's own reference."""
        assert pair == 0
        return F(float(self.cells[i, j]) - float(self.references[i, j]))

    def weights(self):
        """The weights that the cells hold."""
        return (self.cells.astype(np.float64) - self.references.astype(np.float64)) * self.unit


def activated(kind, z):
    """One unit's activation."""
    if kind == "logistic":
        return F(1.0 / (1.0 + math.exp(-float(z))))
    if kind == "tanh":
        return F(math.tanh(float(z)))
    if kind == "sign":
        return ONE if z >= 0 else F(-1)
    return max(z, F(0)) if kind == "relu" else z


def sloped(kind, e, z, h):
    """An error of one unit's activation h as one of its sum z."""
    if kind == "logistic":
        return F(F(e * h) * F(ONE - h))
    if kind == "tanh":
        return F(e * F(ONE - F(h * h)))
    if kind == "sign":
        return e if abs(z) <= 1 else F(0)
    return F(0) if kind == "relu" and not z > 0 else e


class _Network:
    """Gradient descent by outer products, one sample after another, each by its share of the mean gradient."""

    def __init__(self, sizes, *, rate=0.5, seed=1, fine_rate=1.0, unit="float-32", given=None, **net):
        network = network_of(sizes, **net)
        normalisation = network.normalisation
        self.rate, self.pair, self.flows = rate, 0, flows(network.layers, network.bias)
        self.fine_rate, self.unit = fine_rate, unit
        self.signed = network.inputs == "minus-one-to-one"
        self.softmax = network.loss == "cross-entropy"
        logistic_outputs = network.activation == "logistic" and not self.softmax
        self.kinds = [
            *[network.activation] * (len(self.flows) - 1),
            "logistic" if logistic_outputs else "identity",
        ]
        self.figures = [
            Normalisation(flow.columns, momentum=normalisation.momentum, epsilon=normalisation.epsilon)
            if network.normalises(index)
            else None
            for index, flow in enumerate(self.flows)
        ]
        self.start = initial_weights(network, seed=seed)
        for index, weights in (given or {}).items():
            self.start[index] = weights
        self.frozen = [stage.frozen for stage in network.stages]
        self.order = generator(seed, "data")
        self.layers = []
        self.accuracies = []

    def _forward(self, images):
        """Inputs of every layer; sums and units of every layer; what normalised them, and what passed them on."""
        values = [self.flows[0].vectors([[self._input(pixel) for pixel in image] for image in images])]
        sums, outputs, kept, passed = [], [], [], []
        for index, (layer, kind, figures) in enumerate(
            zip(self.layers, self.kinds, self.figures, strict=True)
        ):
            found = layer.forward(values[-1])
            found, *normalised = figures.train(found) if figures else (found, None, None)
            units = [[activated(kind, z) for z in row] for row in found]
            if kind != "identity":
                units = [[word(h, self.unit) for h in row] for row in units]
            sums.append(found)
            outputs.append(units)
            kept.append(normalised)
            samples, needed = self.flows[index].passed(units)
            passed.append(needed)
            if layer is not self.layers[-1]:
                values.append(self.flows[index + 1].vectors(samples))
        return values, sums, outputs, kept, passed

    def _input(self, pixel):
        share = F(F(pixel) / F(255))
        return F(F(share * F(2)) - ONE) if self.signed else share

    def step(self, images, labels):
        """Train on a batch; says how many samples were right before."""
        values, sums, outputs, kept, passed = self._forward(images)
        d = [self._of_output(y, label) for y, label in zip(outputs[-1], labels, strict=True)]
        errors, slopes = [], [None] * len(self.layers)
        for index in reversed(range(len(self.layers))):
            if errors:
                back = self.flows[index + 1].values(self.layers[index + 1].backward(errors[0]))
                d = self.flows[index].passed_back(back, passed[index])
            d = [
                [sloped(self.kinds[index], *of_unit) for of_unit in zip(e, z, h, strict=False)]
                for e, z, h in zip(d, sums[index], outputs[index], strict=True)
            ]
            if self.figures[index]:
                d, slopes[index] = self.figures[index].back(d, *kept[index])
            d = [[word(e, self.unit) for e in row] for row in d]
            errors.insert(0, d)
        for index in reversed(range(len(self.layers))):
            if self.frozen[index]:
                continue
            self.learn(index, values[index], errors[index], len(images))
            if self.figures[index]:
                self.learn_figures(self.figures[index], slopes[index], len(images))
        return sum(int(np.argmax(y)) == label for y, label in zip(outputs[-1], labels, strict=True))

    def _of_output(self, outputs, label):
        if self.softmax:
            return softmax_errors(outputs, label)
        return [F(y - F(j == label)) for j, y in enumerate(outputs)]

    def learn(self, index, xs, ds, samples):
        """Outer products, vector after vector."""
        rate = self.rate * (self.fine_rate if self.pair else 1) / samples
        for x, d in zip(xs, ds, strict=True):
            self.layers[index].update(x, d, rate=rate, pair=self.pair)

    def learn_figures(self, figures, slopes, samples):
        """Scales and offsets follow the mean gradient."""
        share = F(self.rate / samples)
        for j, (by_scale, by_offset) in enumerate(zip(*slopes, strict=True)):
            figures.scale[j] = F(figures.scale[j] - F(share * by_scale))
            figures.offset[j] = F(figures.offset[j] - F(share * by_offset))

    def train(self, data, *, epochs=1, batch=1, recentre_every=0, threshold=None):
        """Train for some epochs; testing in between draws from other generators, and is left out."""
        seen = 0
        for _ in range(epochs):
            order, right = self.order.permutation(len(data.train_labels)), 0
            for start in range(0, len(order), batch):
                chosen = order[start : start + batch]
                right += self.step(data.train_images[chosen], data.train_labels[chosen])
                before, seen = seen, seen + len(chosen)
                if recentre_every and before // recentre_every != seen // recentre_every:
                    for layer in self.layers:
                        layer.recentre(pair=self.pair)
            self.accuracies.append(right / len(order))
            if threshold is not None and self.pair == 0 and len(self.accuracies) > 1:
                self.pair += self.accuracies[-1] - self.accuracies[-2] < threshold

    def numbers(self):
        """Weights in single precision, each group of columns with rows of its own."""
        return [
            Weights(start.shape, start=start, inside=flow.inside)
            for start, flow in zip(self.start, self.flows, strict=True)
        ]

    def weights(self):
        """Weights of all layers."""
        return [layer.weights() for layer in self.layers]


class DigitalTwin(_Network):
    """Weights in memory."""

    def __init__(self, sizes, *, synapse=None, seed=1, **how):
        super().__init__(sizes, seed=seed, **how)
        if synapse is None or synapse.arithmetic == "float-32":
            self.layers = self.numbers()
            return
        self.layers = [
            Words(f"tile{index}.sram", start, synapse=synapse, seed=seed)
            for index, start in enumerate(self.start)
        ]


class CrossbarTwin(_Network):
    """Weights in cells, one tile a layer."""

    crossbar_of = Crossbar

    def __init__(self, sizes, *, spec, seed=1, **how):
        super().__init__(sizes, seed=seed, unit=spec.digital.arithmetic, **how)
        own = {SingleCell: SingleCells, CellAndReference: ReferredCells}
        layer = own.get(type(spec.synapse), self.crossbar_of)
        self.layers = [
            layer(f"tile{index}", start.shape, spec=spec, seed=seed, start=start)
            for index, start in enumerate(self.start)
        ]


class AdamTwin(_Network):
    """Weights in memory, which follow Adam on the mean gradient of a batch."""

    def __init__(self, sizes, *, rule, **how):
        super().__init__(sizes, **how)
        self.layers = self.numbers()
        self.rule, self.moments = rule, {}

    def learn(self, index, xs, ds, samples):
        """The gradient summed over vectors, then one step for each weight."""
        values = self.layers[index].values
        for i, j in self.layers[index].inside:
            total = F(0)
            for x, d in zip(xs, ds, strict=True):
                total = F(total + F(x[i] * d[j]))
            values[i, j] = F(values[i, j] - self._step((index, i, j), total, samples))

    def learn_figures(self, figures, slopes, samples):
        """Scales and offsets, too."""
        for j, (by_scale, by_offset) in enumerate(zip(*slopes, strict=True)):
            scale, offset = (id(figures), "scale", j), (id(figures), "offset", j)
            figures.scale[j] = F(figures.scale[j] - self._step(scale, by_scale, samples))
            figures.offset[j] = F(figures.offset[j] - self._step(offset, by_offset, samples))

    def _step(self, key, total, samples):
        rule, value = self.rule, F(total * F(1 / samples))
        first, second, steps = self.moments.get(key, (F(0), F(0), 0))
        b1, b2, steps = F(rule.beta1), F(rule.beta2), steps + 1
        first = F(F(b1 * first) + F(F(ONE - b1) * value))
        second = F(F(b2 * second) + F(F(F(ONE - b2) * value) * value))
        self.moments[key] = first, second, steps
        rate = F(self.rate / (1 - rule.beta1**steps))
        correction = F(1 / (1 - rule.beta2**steps))
        return F(F(rate * first) / F(np.sqrt(F(second * correction)) + F(rule.epsilon)))
