"""Curves as a bench would measure them: simulated cells, read after each pulse."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from chipsim.device.bidirectional_step import BidirectionalStep
from chipsim.device.encoding import Hits
from chipsim.device.power_step import PowerStep
from chipsim.device.randomness import generator
from chipsim.device.soft_bounds import SoftBounds
from chipsim.device.step_table import MeasuredStep, StepTable

PULSES = {
    "on_conductance": 40e-6,
    "off_conductance": 20e-6,
    "pulse_voltage": 1.0,
    "pulse_width": 1_000,
    "down_voltage": 1.0,
    "down_width": 1_000,
    "area": 1_000,
}
LINEAR = {
    "states": 50,
    "asymmetry": 0.8,
    "step_variation": 0.5,
    "step_spread": 0.1,
    "range_spread": 0.1,
}
SOFT = {
    "states": 40,
    "asymmetry": 1.3,
    "step_variation": 0.5,
    "step_spread": 0.2,
    "upper_spread": 0.1,
    "lower_spread": 0.1,
    "asymmetry_spread": 0.05,
    "write_noise": 0.3,
}


CURVED = {**SOFT, "states": 60, "asymmetry": 1.2}
EXPONENTIAL = {**CURVED, "decay_up": 25, "decay_down": 40}
PIECES = {"steps_up": (0.4, 1.6, 0.6, 1.4, 0.4), "steps_down": (0.2, 0.7, 1.5, 1.2, 1.0)}
"""Steps of mean length one along the range."""


POWER = {**SOFT, "states": 30, "gamma_up": 1.4, "gamma_down": 0.7, "asymmetry": 0.8}
TABLE = {
    "up": (
        (20e-6, 0.5e-6, 0.1e-6),
        (25e-6, 0.3e-6, 0.15e-6),
        (30e-6, 0.4e-6, 0.2e-6),
        (40e-6, 0.2e-6, 0.1e-6),
    ),
    "down": ((20e-6, -0.2e-6, 0.1e-6), (35e-6, -0.5e-6, 0.2e-6), (40e-6, -0.3e-6, 0.1e-6)),
}
"""Conductance, change and deviation; S."""


def linear(**changes):
    return BidirectionalStep(**{**PULSES, **LINEAR, **changes})


def soft(**changes):
    return SoftBounds(**{**PULSES, **SOFT, **changes})


def exponential(**changes):
    kind = pytest.importorskip("chipsim.device.exponential_step").ExponentialStep
    return kind(**{**PULSES, **EXPONENTIAL, **changes})


def piecewise(**changes):
    kind = pytest.importorskip("chipsim.device.piecewise").Piecewise
    return kind(**{**PULSES, **CURVED, **PIECES, **changes})


def power(**changes):
    return PowerStep(**{**PULSES, **POWER, **changes})


def table(**changes):
    rows = {
        way: tuple(
            MeasuredStep(conductance=place, change=change, deviation=deviation)
            for place, change, deviation in TABLE[way]
        )
        for way in TABLE
    }
    spreads = {"step_spread": 0.1, "upper_spread": 0.05, "lower_spread": 0.05}
    return StepTable(**{**PULSES, "states": 60, **rows, **spreads, **changes})


def curve(device, *, cells=10, pulses=100, cycles=1, every=1, seed=0, white=0.0, ways=("up", "down")):
    """A frame of readings in microsiemens, of cells that pulses down brought to their lower end first.

    There are so many `pulses` each way, of which a reading follows `every` so many.
    """
    rng = generator(seed, "bench")
    array = device.fresh((1, cells), rng=rng)
    rows, columns = np.zeros(cells, np.int32), np.arange(cells, dtype=np.int32)
    blurred = np.random.default_rng(seed)
    frame = {"cell": [], "cycle": [], "direction": [], "pulse": [], "G (uS)": []}

    def give(way, count):
        hits = Hits(rows, columns, np.full(cells, count, np.int32))
        move = device.pulse if way == "up" else device.pulse_down
        move(array, hits, rng=rng)

    def read(cycle, way, pulse):
        values = 1e6 * array.conductance[0] + white * blurred.standard_normal(cells)
        for cell, value in enumerate(values.tolist()):
            for name, one in zip(frame, (cell, cycle, way, pulse, round(value, 6)), strict=True):
                frame[name].append(one)

    give("down", 5 * pulses)
    for cycle in range(cycles):
        for way in ("up", "down"):
            for pulse in range(0, pulses + 1, every):
                if pulse:
                    give(way, every)
                if way in ways:
                    read(cycle, way, pulse)
    return frame


def write(path, frame, *, separator=","):
    """A frame as a table of text."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=separator)
        writer.writerow(frame)
        writer.writerows(zip(*frame.values(), strict=True))
    return path


def straight(*, up=40, down=40, step=0.25):
    """A frame of one cell whose steps are alike, without any noise."""
    rows = [("up", pulse, 10 + step * pulse) for pulse in range(up)]
    rows += [("down", pulse, 10 + step * (up - 1 - pulse)) for pulse in range(down)]
    return {
        "direction": [way for way, _, _ in rows],
        "pulse": [pulse for _, pulse, _ in rows],
        "G (uS)": [value for *_, value in rows],
    }
