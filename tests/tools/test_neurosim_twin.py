"""The twin of NeuroSim's rules: cells by chipsim's own law, codes, pulses and times by hand."""

import attrs
import numpy as np
import pytest

from chipsim.device.encoding import Hits
from chipsim.device.randomness import generator


@pytest.fixture
def twin(tool):
    return tool("neurosim_twin")


def layer(twin, *, name="pcmo", places=((0.1, 0.5), (0.9, 0.3)), rate=1.0, group=1, **changes):
    device = attrs.evolve(twin.device_of(name), step_variation=0.0, **changes)
    return twin.Layer(device, np.array(places), rate, group, 0.0, np.random.default_rng(0))


@pytest.mark.parametrize("name", ["pcmo", "gst-pcm", "hzo-fefet", "ag-a-si"])
@pytest.mark.parametrize("pulses", [1, 3])
def test_pulses_lead_where_those_of_the_device_lead(twin, name, pulses):
    """Up and down, with steps that shrink and steps that grow, off the bounds."""
    its = layer(twin, name=name)
    device, low = its.device, its.device.off_conductance
    span = device.on_conductance - low
    cells = device.fresh((2, 2), rng=generator(1, "array"))
    cells.conductance[:] = low + span * its.place
    cells.sum_up()
    rows, columns = np.array([0, 1], np.int32), np.array([0, 1], np.int32)
    counts = np.full(2, pulses, np.int32)
    device.pulse(cells, Hits(rows, columns, counts), rng=generator(1, "array"))
    device.pulse_down(cells, Hits(rows, columns[::-1].copy(), counts), rng=generator(1, "array"))
    signs = np.array([[1, -1], [-1, 1]])
    hit = np.ones((2, 2), bool).nonzero()
    its._move(hit, pulses * signs[hit].astype(float))
    np.testing.assert_allclose(its.place, (cells.conductance - low) / span, atol=2e-5)


def test_a_change_of_half_a_step_is_a_pulse(twin):
    """A weight of -1 to 1 has 50 steps of 0.04: 0.02 is half of one, and a little less is none."""
    for wanted, moved in ((0.0201, True), (0.0199, False)):
        its = layer(twin)
        before = its.place.copy()
        its.update(np.array([wanted, 0.0]), np.array([-1.0, 0.0]))
        assert (its.place[0, 0] > before[0, 0]) == moved
        assert (its.place.ravel()[1:] == before.ravel()[1:]).all()


def test_a_row_takes_its_largest_numbers_either_way(twin):
    """By hand: three up beside one up and two down; one by one, three and one and two. Pulses of pcmo take a millisecond."""
    its = layer(twin, places=((0.5, 0.5, 0.5),))
    its.update(np.array([1.0]), np.array([-0.12, -0.04, 0.08]))
    assert its.row_time == pytest.approx(0.005)
    assert its.group_time == pytest.approx(0.006)


def test_sums_are_codes_of_the_whole_range(twin):
    """Of two rows, weights of -0.8 and 0.8 in the first column: nothing, as is what the middle reads."""
    its = layer(twin, places=((0.1, 1.0), (0.9, 1.0)))
    assert its.read(np.array([0, 1])).tolist() == pytest.approx([0, 1], abs=2 / 255)
    np.testing.assert_allclose(its.weights[:, 0], [-0.8, 0.8])


def test_first_weights_without_the_lowest_conductance(twin):
    """Everything is lower by what the lowest conductance is of the range, and nothing below it."""
    device = twin.device_of("alox-hfo2")
    plain, shifted = (
        twin.network(device, seed=1, offset=offset, access=0.0).hidden.place for offset in (False, True)
    )
    share = device.off_conductance / (device.on_conductance - device.off_conductance)
    assert share == pytest.approx(1 / 3.43, rel=1e-3)
    np.testing.assert_allclose(shifted, np.maximum(plain - share, 0))
