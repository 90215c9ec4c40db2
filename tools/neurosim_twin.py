"""NeuroSim's network in plain numpy, by the rules that its manual and its published sources state, one rule at a time.

python tools/neurosim_twin.py alox-hfo2 pcmo --images 100000 [--offset] [--access 15000] [--seeds 3]

reports/neurosim asks with it which rule makes a difference between chipsim's figures and the published ones:
`--offset` leaves the lowest conductance out of what first weights are written to, as WriteCell() does; `--access`
has a transistor of so many ohms in series with each cell when weights are read. It takes devices from
architectures/devices, and MNIST from the folder that CHIPSIM_DATA names. Written times are of whole rows, and
of groups of seven cells of a row and single cells of the second layer, as NeuroSim has drivers for them.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Final, cast

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.data import load
from chipsim.data.choosing import cropped
from chipsim.device.exponential_step import ExponentialStep
from chipsim.device.nonlinearity import decay_of_label
from chipsim.spec import load_chip

Numbers = NDArray[np.float64]

DEVICES: Final = ("epiram", "gst-pcm", "hzo-fefet", "taox-hfox", "ag-a-si", "pcmo", "alox-hfo2")
SIGNS: Final = {"gst-pcm": 2.4, "hzo-fefet": 1.46}
"""Labels of steps down whose sign the table prints as it stands here."""
RATES: Final = (0.4, 0.2)
GROUPS: Final = (7, 1)
"""Cells of a row that are written at once, in either layer: a sixteenth of its columns, rounded up."""
CODES: Final = 255
TESTS: Final = 10
TESTED: Final = 5
"""One test image of so many is looked at."""


@attrs.define
class Layer:
    """Cells of one layer, where each stands in its range from 0 to 1, and what they took."""

    device: ExponentialStep
    place: Numbers
    """(rows, columns)."""
    rate: float
    group: int
    access: float
    rng: np.random.Generator
    row_time: float = 0.0
    """Seconds of writing with a driver for each column."""
    group_time: float = 0.0
    """Seconds of writing with a driver for each group of them."""
    energy: float = 0.0
    """Joules in cells that were written."""

    def current(self, place: Numbers) -> Numbers:
        """What cells conduct behind their transistors, S."""
        low, high = self.device.off_conductance, self.device.on_conductance
        conductance = low + place * (high - low)
        return cast("Numbers", conductance / (1 + self.access * conductance))

    @property
    def weights(self) -> Numbers:
        """From -1 to 1, as they are read."""
        low, high = self.current(np.array([0.0, 1.0]))
        return 2 * (self.current(self.place) - low) / (high - low) - 1

    def read(self, lines: NDArray[np.intp]) -> Numbers:
        """Sums of driven rows, converted beside the column in the middle, by codes that cut off the rest."""
        low, high = self.current(np.array([0.0, 1.0]))
        rows = self.place.shape[0]
        code = (high - low) * rows / CODES
        sums = self.current(self.place[lines]).sum(axis=0)
        middle = len(lines) * (low + high) / 2
        return (np.floor(sums / code) - np.floor(middle / code)) / CODES * rows

    def update(self, inputs: Numbers, errors: Numbers) -> None:
        """Whole pulses for each change, all of a cell at once."""
        wanted = -self.rate * np.outer(inputs, errors) / 2
        levels = np.where(wanted > 0, self.device.states, self.device.states / self.device.asymmetry)
        # Half a pulse is rounded up, whatever its sign.
        counts = np.sign(wanted) * np.floor(np.abs(wanted) * levels + 0.5)
        hit = counts.nonzero()
        if hit[0].size:
            self._move(hit, counts[hit])
            self._count_time(counts)

    def _move(self, hit: tuple[NDArray[np.intp], ...], counts: Numbers) -> None:
        device, before = self.device, self.place[hit]
        after = np.empty_like(before)
        for down, moved in ((False, counts > 0), (True, counts < 0)):
            states = device.states / device.asymmetry if down else float(device.states)
            decays = self._decays(down=down)
            # Decays are those of the way that cells go; seen from below, the way down goes backwards.
            bound = -1 / np.expm1(-decays) if not down else 1 + 1 / np.expm1(-decays)
            left = np.exp(-decays * np.abs(counts[moved]) / states)
            after[moved] = bound + (before[moved] - bound) * left
        noise = self.device.step_variation / self.device.states * np.sqrt(np.abs(counts))
        after = np.clip(after + noise * self.rng.standard_normal(after.size), 0, 1)
        self.place[hit] = after
        span = device.on_conductance - device.off_conductance
        siemens = device.off_conductance + (before + after) / 2 * span
        volts = np.where(counts > 0, device.pulse_voltage, device.down_voltage)
        self.energy += float((volts**2 * siemens * np.abs(counts) * self._widths(counts)).sum())

    def _decays(self, *, down: bool) -> float:
        """How many times steps shrink by e along the whole curve; less than none where they grow."""
        label = self.device.nonlinearity_down if down else self.device.nonlinearity_up
        assert label is not None, "the table labels all curves"
        return 1 / decay_of_label(-label if down else label)

    def _widths(self, counts: Numbers) -> Numbers:
        return np.where(counts > 0, self.device.pulse_width, self.device.down_width) * 1e-12

    def _count_time(self, counts: Numbers) -> None:
        up, down = np.maximum(counts, 0), np.maximum(-counts, 0)
        widths = self.device.pulse_width * 1e-12, self.device.down_width * 1e-12
        starts = np.arange(0, counts.shape[1], self.group)
        for each, width in zip((up, down), widths, strict=True):
            self.row_time += width * float(each.max(axis=1).sum())
            self.group_time += width * float(np.maximum.reduceat(each, starts, axis=1).sum())


def logistic(sums: Numbers) -> Numbers:
    """Of weighted sums."""
    return cast("Numbers", 1 / (1 + np.exp(-sums)))


@attrs.frozen
class Network:
    """400-100-10, trained one image at a time."""

    hidden: Layer
    output: Layer

    def read(self, lines: NDArray[np.intp]) -> tuple[Numbers, Numbers]:
        """Values of hidden units, and of outputs; these see one bit of each hidden unit."""
        values = logistic(self.hidden.read(lines))
        return values, logistic(self.output.read(np.flatnonzero(values >= 0.5)))

    def train(self, lines: NDArray[np.intp], label: int) -> None:
        """Squared error, back through weights that are known."""
        values, outputs = self.read(lines)
        errors = 2 * outputs * (1 - outputs) * (outputs - (np.arange(outputs.size) == label))
        back = values * (1 - values) * (self.output.weights @ errors)
        pixels = np.zeros(self.hidden.place.shape[0])
        pixels[lines] = 1
        self.hidden.update(pixels, back)
        self.output.update(values, errors)


def network(device: ExponentialStep, *, seed: int, offset: bool, access: float) -> Network:
    """With first weights of seven values, evenly drawn."""
    rng = np.random.default_rng(seed)
    span = device.on_conductance - device.off_conductance
    layers = []
    for shape, rate, group in zip(((400, 100), (100, 10)), RATES, GROUPS, strict=True):
        place = rng.integers(0, 7, shape) / 6
        if offset:
            place = np.maximum(place - device.off_conductance / span, 0)
        layers.append(Layer(device, place, rate, group, access, rng))
    return Network(*layers)


def device_of(name: str) -> ExponentialStep:
    """From the catalogue, with the signs of the table."""
    sets = [f"device={name}", "synapse={kind: single-cell, weight_range: 0.5}", "update.recentre=null"]
    found = load_chip("single-pair-rowwise", sets=sets).spec.device
    assert isinstance(found, ExponentialStep)
    return attrs.evolve(found, nonlinearity_down=SIGNS.get(name, found.nonlinearity_down))


def lines_of(images: NDArray[np.generic]) -> list[NDArray[np.intp]]:
    """Pixels that are white of each image."""
    return [np.flatnonzero(image) for image in images >= 128]


def trained(net: Network, images: int, *, seed: int) -> Iterator[float]:
    """Accuracy in per cent, so many times along the way."""
    data = cropped(load("mnist"), 20)
    train, test = lines_of(data.train_images), lines_of(data.test_images[::TESTED])
    drawn = np.random.default_rng(seed + 1_000).integers(0, len(train), images)
    for part in np.array_split(drawn, TESTS):
        for one in part:
            net.train(train[one], int(data.train_labels[one]))
        right = [int(net.read(lines)[1].argmax()) for lines in test] == data.test_labels[::TESTED]
        yield 100 * float(np.mean(right))


def main() -> None:
    """As the command line asks."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("devices", nargs="*", default=DEVICES)
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--offset", action="store_true")
    parser.add_argument("--access", type=float, default=0.0, help="ohms [0]")
    parser.add_argument("--seeds", type=int, default=1)
    asked = parser.parse_args()
    for name in asked.devices:
        for seed in range(asked.seeds):
            net = network(device_of(name), seed=seed, offset=asked.offset, access=asked.access)
            curve = list(trained(net, asked.images, seed=seed))
            layers, million = (net.hidden, net.output), 1e6 / asked.images
            rows, groups, energy = (
                million * sum(getattr(layer, what) for layer in layers)
                for what in ("row_time", "group_time", "energy")
            )
            print(
                f"{name} {seed}: {np.mean(curve[-3:]):.1f} % late; a million images would take {rows:.4g} s "
                f"by rows, {groups:.4g} s by groups, {1e3 * energy:.4g} mJ in cells",
                flush=True,
            )


if __name__ == "__main__":
    main()
