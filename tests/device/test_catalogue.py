"""The devices that ship: each number has a source or a range, curves are those of their table, and all of them learn."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.device.device import PulsedDevice
from chipsim.device.response import pulse_response
from chipsim.run import simulate
from chipsim.spec import load_device, shipped_names

TABLE = {
    "ag-a-si": (97, 97, 2.4, -4.88, 26e6, 12.5, 0.035),
    "taox-hfox": (128, 128, 0.04, -0.63, 100e3, 10, 0.037),
    "pcmo": (50, 50, 3.68, -6.76, 23e6, 6.84, 0.01),
    "alox-hfo2": (40, 40, 1.94, -0.61, 16.9e3, 4.43, 0.05),
    "gst-pcm": (100, 120, 0.105, 2.4, 4.71e3, 19.8, 0.015),
    "epiram": (64, 64, 0.5, -0.5, 81e3, 50.2, 0.02),
    "hzo-fefet": (32, 32, 1.75, 1.46, 559e3, 45, 0.005),
}
"""NeuroSim's: levels up and down, labels up and down, resistance when on, on over off, noise over the range."""


PULSED = tuple(
    name for name in shipped_names("devices") if isinstance(load_device(name).spec.device, PulsedDevice)
)
"""Devices that pulses move; the others are written to levels."""
EVEN = "synapse.levels=[-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1]"
CHIPS = {
    "pcm-one-way": ("single-pair",),
    # Its longest steps lead to either bound: there is no symmetry point to bring a reference to.
    "gst-pcm": (
        "single-pair-rowwise",
        "synapse={kind: single-cell, weight_range: 1}",
        "update.recentre=null",
    ),
    "rram-milo-2021": ("plain-qnn", EVEN),
    **dict.fromkeys(("rram-wan-2022", "pcm-joshi-2020", "pcm-hermes-2023", "sonos-2022"), ("plain-qnn",)),
}
"""Chips, and what is changed of them, for devices that cannot stand alone against a reference that is pulsed as they are."""


def cell(name) -> PulsedDevice:
    """As it ships."""
    return load_device(name).spec.device


@pytest.mark.parametrize("name", TABLE)
def test_numbers_are_those_of_the_table(name):
    """Levels, labels, conductances, and noise over the range."""
    up, down, label_up, label_down, resistance, ratio, noise = TABLE[name]
    device = cell(name)
    assert device.states == up
    assert device.states / device.asymmetry == pytest.approx(down)
    assert (device.nonlinearity_up, device.nonlinearity_down) == (label_up, label_down)
    assert device.on_conductance == pytest.approx(1 / resistance, rel=1e-5)
    assert device.on_conductance / device.off_conductance == pytest.approx(ratio, rel=1e-5)
    assert device.step_variation == pytest.approx(noise * up)


@pytest.mark.parametrize("name", TABLE)
def test_as_many_pulses_as_levels_lead_from_end_to_end(name):
    """Of a cell without noise, which stands half-way as far off a line as its label says."""
    device = cell(name)
    up, down = device.curves
    assert up.across == pytest.approx(device.states, rel=0.02)
    assert down.across == pytest.approx(device.states / device.asymmetry, rel=0.02)


@pytest.mark.parametrize("name", shipped_names("devices"))
def test_every_number_has_a_source_or_a_range(name):
    """Nothing is left to be believed."""
    described = load_device(name)
    for value in described.values:
        assert value.kind in {"source", "assumed"}, value.path
        assert value.kind == "source" or value.between, value.path


@pytest.mark.parametrize("name", shipped_names("devices"))
def test_nothing_that_is_assumed_passes_as_published(name):
    """A source that says "assumed" hides its number from counts and from studies of assumed ranges."""
    hidden = [
        value.path for value in load_device(name).values if value.kind == "source" and "assumed" in value.text
    ]
    assert hidden == []


@pytest.mark.parametrize(
    ("name", "key", "many"),
    [
        ("pcm-hermes-2023", "high", 8),
        ("pcm-joshi-2020", "high", 8),
        ("rram-wan-2022", "high", 8),
        ("rram-milo-2021", "high", 4),
        ("sonos-2022", "high", 8),
        ("pcm-one-way", "up", 21),
    ],
)
def test_entries_placed_here_are_assumed(name, key, many):
    """Where levels lie, what a SET takes, and which conductance a weight of one is: no fit says."""
    values = [
        value
        for value in load_device(name).values
        if value.path.startswith((f"device.{key}[", f"device.{key}."))
    ]
    assert len(values) == 3 * many
    assert {(value.kind, value.between.partition(":")[0]) for value in values} == {("assumed", "none")}


@pytest.mark.parametrize("name", shipped_names("devices"))
def test_it_can_be_put_into_a_chip_and_is_trained(name):
    """Each cell against a reference of its own; cells of pairs, which are only raised, begin at their lowest."""
    chip, *changed = CHIPS.get(name, ("analog-sgd", "device.fresh_share=50 %"))
    sets = [
        f"device={name}", *changed, "network.layers=[784, 4, 10]", "phases.0.epochs=1",
        "phases.0.dataset.train=30", "phases.0.dataset.test=10",
    ]  # fmt: skip
    result = simulate(chip, "mnist-5k", sets=sets)
    written = "pulses" if name in PULSED else "programmings"
    assert result.summary[written] > 0


@pytest.mark.parametrize("name", PULSED)
def test_pulses_move_it_up_and_down_again(name):
    """In the median of its cells."""
    response = pulse_response(cell(name), cells=50)
    up, down = response.stretches[-2:]
    assert np.median(up.conductance[-1]) > np.median(up.conductance[0])
    assert np.median(down.conductance[-1]) < np.median(down.conductance[0])
