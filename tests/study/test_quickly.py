"""Turning points and ranges by counts of operations equal those by pricing whole results anew."""

from __future__ import annotations

import attrs
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chipsim.errors import DescriptionError, OutputError
from chipsim.result.kept import KeptItems, KeptPrograms
from chipsim.run import prepare, simulate
from chipsim.run.counted import Counted
from chipsim.run.execute import Executor
from chipsim.run.repeating import repeated
from chipsim.run.repricing import reprice
from chipsim.study.assumed import under_ranges
from chipsim.study.quickly import Quickly
from chipsim.study.robustness import energy_flips
from tests.shipped import CHIPS, network_for

TINY = ("phases.0.dataset.train=24", "phases.0.dataset.test=10")

pytestmark = pytest.mark.filterwarnings("ignore::chipsim.errors.ChipsimWarning")


def slowly(result, sets):
    """The slow twin: a whole result, its programs timed again."""
    return reprice(result, sets=sets)


@pytest.fixture(scope="module")
def runs():
    """Each shipped chip's tiny run, made once."""
    known = {}

    def run_of(chip):
        if chip not in known:
            known[chip] = simulate(chip, "mnist-5k", epochs=2, sets=[*TINY, *network_for(chip)])
        return known[chip]

    return run_of


@pytest.mark.parametrize("chip", CHIPS)
def test_counts_of_operations_come_to_the_energy_of_the_run(runs, chip):
    """At the run's own prices, to the attojoule, for every shipped chip."""
    built = prepare(chip, "mnist-5k", sets=[*TINY, *network_for(chip)], seed=None).chip
    assert Counted(runs(chip).kept).energy_aj(built) == runs(chip).summary.energy_aJ


ENERGIES = st.sampled_from(
    ["adc[*].energy", "dac[*].energy", "write_driver.energy", "sram.read", "sram.write", "selector.add",
     "wire.energy_per_bit_mm", "router.energy_per_bit", "arithmetic.fixed-16.add"]
)  # fmt: skip
OTHERS = st.sampled_from(["adc[*].time", "clock", "router.time", "sram.area", "write_driver.area"])
FACTORS = st.integers(1, 4_000).map(lambda thousandths: f"x{thousandths / 1000}")


@given(
    chip=st.sampled_from(CHIPS),
    factors=st.dictionaries(st.one_of(ENERGIES, OTHERS), FACTORS, min_size=1, max_size=4),
)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_energy_time_and_area_are_those_of_a_whole_result(runs, chip, factors):
    """Whatever is multiplied, prices that are rounded in each operation among them."""
    sets = [f"costs.{path}={factor}" for path, factor in factors.items()]
    try:
        wanted = slowly(runs(chip), sets).summary
    except DescriptionError:
        with pytest.raises(DescriptionError):
            Quickly()(runs(chip), sets)
        return
    found = Quickly()(runs(chip), sets).summary
    for key in ("energy_aJ", "energy_J", "simulated_time_ps", "simulated_time_s", "area_mm2"):
        assert found[key] == wanted[key], key


@pytest.mark.parametrize("chips", [("single-pair", "digital-fp32"), ("hybrid-synapse", "plain-qnn", "bnn")])
def test_flips_and_ranges_equal_the_slow_twins(runs, chips):
    """Every turning point, to the last digit of its fraction, and every order under every range."""
    results = {chip: runs(chip) for chip in chips}
    quickly = Quickly()
    found = energy_flips(results, quickly)
    assert found == energy_flips(results, slowly)
    assert found
    ranged = under_ranges(results, quickly)
    assert ranged == under_ranges(results, slowly)
    assert ranged.tried


def test_programs_whose_repetitions_vary_are_counted():
    """A stream of two, three and again two transfers, once, twice and three times: 2 + 6 + 6 of them."""
    chip = prepare("single-pair", "mnist-5k", sets=[*TINY, *network_for("single-pair")], seed=None).chip
    body = '{"part":"buffer","action":"transfer","target":"digital","counts":{"bits":640}}'
    pattern = f'{{"count":null,"stream":{body}}}'
    items = KeptItems(epoch=1, pattern=pattern, counts=np.array([[2], [3], [2]]), times=np.array([1, 2, 3]))
    once = KeptItems(epoch=1, pattern=body, counts=np.zeros((1, 0), np.int64), times=np.array([1]))
    kept = KeptPrograms(items=(items,))
    found = Counted(kept).energy_aj(chip)
    assert found == 14 * Counted(KeptPrograms(items=(once,))).energy_aj(chip) > 0
    assert found == repeated(kept, chip).energy_aj[-1]


def test_what_says_no_plan_is_carried_out(runs, monkeypatch):
    """A part may say what it does only by doing it."""
    chip = prepare("single-pair", "mnist-5k", sets=[*TINY, *network_for("single-pair")], seed=None).chip
    monkeypatch.setattr("chipsim.run.counted.alone", lambda chip, op: None)
    monkeypatch.setattr("chipsim.run.counted.linear", lambda chip, op, names: None)
    assert Counted(runs("single-pair").kept).energy_aj(chip) == runs("single-pair").summary.energy_aJ


def test_nothing_is_timed_for_prices_of_energy(runs, monkeypatch):
    """Once to see that the run's programs are its own; then never, until a time is changed."""
    ran = []
    run = Executor.run
    monkeypatch.setattr(Executor, "run", lambda self, *given: ran.append(1) or run(self, *given))
    quickly = Quickly()
    quickly(runs("hybrid-synapse"), ["costs.sram.read=x2"])
    checked = len(ran)
    assert checked
    quickly(runs("hybrid-synapse"), ["costs.adc[*].energy=x2", "costs.adc[bits=8].energy=x3"])
    assert len(ran) == checked
    quickly(runs("hybrid-synapse"), ["costs.adc[*].time=x2"])
    assert len(ran) > checked


def test_what_is_no_cost_is_refused(runs):
    """As where a whole result is priced anew."""
    with pytest.raises(DescriptionError, match=r"device\.states: --set device\.states=10 changes more than"):
        Quickly()(runs("single-pair"), ["device.states=10"])
    with pytest.raises(DescriptionError, match="unknown key 'enrgy'"):
        Quickly()(runs("single-pair"), ["costs.adc[*].enrgy=1 pJ"])


def test_results_without_their_programs_are_refused(runs):
    """So are those whose programs another chipsim times otherwise."""
    bare = attrs.evolve(runs("single-pair"), kept=None)
    with pytest.raises(OutputError, match="does not hold the programs of its run"):
        Quickly()(bare, ["costs.sram.read=x2"])
    summary = attrs.evolve(runs("single-pair")).summary
    other = attrs.evolve(
        runs("single-pair"), summary=type(summary)({**summary, "energy_aJ": summary.energy_aJ + 1})
    )
    with pytest.raises(OutputError, match="do not come to its time and energy"):
        Quickly()(other, ["costs.sram.read=x2"])
