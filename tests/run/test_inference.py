"""Inference by itself: pace, energy and operations."""

from collections import Counter
from fractions import Fraction

import attrs
import pytest

from chipsim.parts.program import Series, Stream
from chipsim.run import prepare, simulate
from chipsim.run.events import _process
from chipsim.run.inference import inference_on
from chipsim.run.repricing import inference_of_run
from chipsim.run.steady import steady
from chipsim.run.streams import Flow
from tests.shipped import CHIPS, network_for

FEW = ["phases.0.dataset.train=24", "phases.0.dataset.test=10"]
TINY = [*FEW, "network.layers=[784, 12, 10]"]


def streamed(setup, count, *, under_way):
    """Time of so many samples, each event simulated, by processes of SimPy's."""
    chip, program = setup.chip, setup.rule.inference()
    start = int(chip.env.now)
    flow = Flow(chip, Stream(program, count), begin=_process(chip, program), most=under_way)
    flow.begin()
    chip.env.run(until=flow.ended)
    return int(chip.env.now) - start


@pytest.mark.parametrize("chip", ["single-pair", "bnn", "digital-fp32"])
def test_pace_is_that_of_a_long_stream(chip):
    """So many more samples take as many intervals more, simulated to the end; all periods up to 8 fit in."""
    setup = prepare(chip, "mnist-5k", sets=TINY, seed=None)
    found = inference_on(setup.chip, setup.rule)
    few, many = (streamed(setup, count, under_way=found.under_way) for count in (200, 1_040))
    assert found.exact
    assert 840 % found.interval_ps.denominator == 0
    assert Fraction(many - few, 840) == found.interval_ps


@pytest.mark.parametrize("chip", CHIPS)
def test_no_part_is_busier_than_the_pace_allows(chip):
    """Samples come out no faster than the part with one server that is busy for longest."""
    setup = prepare(chip, "mnist-5k", sets=[*FEW, *network_for(chip)], seed=None)
    found = inference_on(setup.chip, setup.rule)
    busy = Counter()
    for row in found.rows:
        if setup.chip.parts[row.part].server.capacity == 1:
            busy[row.part] += row.busy_ps
    assert max(busy.values()) <= found.interval_ps <= found.latency_ps


def test_nobody_is_charged_for_looking():
    """The chip's ledger is as empty as before."""
    setup = prepare("single-pair", "mnist-5k", sets=TINY, seed=None)
    inference_on(setup.chip, setup.rule)
    assert not len(setup.chip.ledger)


def test_one_operation_at_a_time_takes_its_latency():
    """Where a sample is a single operation of one part, the next comes out a latency later."""
    setup = prepare("digital-fp32", "mnist-5k", sets=TINY, seed=None)
    alone = Series((setup.chip.buffer.write(784),))
    pace = steady(setup.chip, alone, under_way=4)
    assert (pace.exact, pace.interval_ps) == (True, pace.latency_ps)


def test_operations_are_two_a_weight():
    """785 x 12 and 13 x 10 weights, biases included."""
    setup = prepare("single-pair", "mnist-5k", sets=TINY, seed=None)
    assert inference_on(setup.chip, setup.rule).operations == 2 * (785 * 12 + 13 * 10)


def test_figures_by_hand():
    """Rates follow from interval, operations, energy and area."""
    setup = prepare("single-pair", "mnist-5k", sets=TINY, seed=None)
    found = attrs.evolve(
        inference_on(setup.chip, setup.rule), interval_ps=Fraction(1_000_000), operations=2_000,
        rows=(), cells_aj={"tile0.coarse+": 4_000_000.0}, area_mm2=0.5,
    )  # fmt: skip
    assert found.samples_per_s == 1e6
    assert found.tops == pytest.approx(2_000 * 1e6 / 1e12)
    assert found.tops_per_watt == pytest.approx(2_000 / 4e-12 / 1e12)
    assert found.tops_per_mm2 == pytest.approx(found.tops / 0.5)


def test_cells_count_where_a_run_tells_them():
    """A run adds the currents of its forward passes to what the description says."""
    result = simulate("single-pair", "mnist-5k", epochs=2, sets=TINY)
    found = inference_of_run(result)
    bare = inference_on(*_built("single-pair"))
    forward = [
        charge.energy_aj for charge in result.kept.charges if charge.epoch == 2 and charge.action == "forward"
    ]
    assert found.energy_aj - bare.energy_aj == pytest.approx(sum(forward) / 24)
    assert result.summary.inference_energy_J == found.energy_aj / 1e18
    assert result.summary.inference_interval_ps == float(found.interval_ps)


def _built(chip):
    setup = prepare(chip, "mnist-5k", sets=TINY, seed=None)
    return setup.chip, setup.rule


def test_cells_are_left_out_without_a_run():
    """A run that was only timed knows none."""
    result = simulate("single-pair", "mnist-5k", epochs=1, sets=TINY, timing_only=True)
    assert inference_of_run(result).cells_aj is None
