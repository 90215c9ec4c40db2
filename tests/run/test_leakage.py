"""What parts leak, derived by hand on small chips, and what runs that ship say of it."""

from __future__ import annotations

from fractions import Fraction

import attrs
import numpy as np
import pytest
import simpy

from chipsim.chip.mesh import Mesh
from chipsim.ledger import Ledger
from chipsim.parts.part import Part
from chipsim.result.leakage import leakage_figures
from chipsim.run import Options, simulate
from chipsim.run.inference import ledger_rows
from chipsim.run.leaking import leakage_rows
from chipsim.run.repricing import reprice
from chipsim.spec.leakage import LeakageSpec
from tests import made
from tests.resumed import StopAfter, differing

pytestmark = pytest.mark.filterwarnings("ignore::chipsim.errors.ChipsimWarning")

SECOND = 10**12
"""Picoseconds: for so long an attowatt is an attojoule."""
ADC, DAC, SAMPLE, DRIVER, LANE, BIT, WIRE, ROUTER, SELECTOR = 2, 3, 5, 7, 11, 13, 17, 19, 23
"""Attowatts."""
ALWAYS = LeakageSpec()
GATED = LeakageSpec(gating="idle-parts", remains=0.25)
MESH = Mesh(width=made.WIDTH, clock=made.BUS.clock, length=10**6)
TINY = ("phases.0.dataset.train=24", "phases.0.dataset.test=10")
SWITCHED_OFF = "leakage={gating: idle-parts, remains: 5 %}"


def costs(**changes):
    """The prices of all tests, with primes for what leaks."""
    plain = made.COSTS
    lanes = {name: attrs.evolve(one, leakage=LANE) for name, one in plain.arithmetic.items()}
    leaking = {
        "adc": (attrs.evolve(plain.adc[0], leakage=ADC),),
        "dac": (attrs.evolve(plain.dac[0], leakage=DAC),),
        "sample_hold": attrs.evolve(plain.sample_hold, leakage=SAMPLE),
        "write_driver": attrs.evolve(plain.write_driver, leakage=DRIVER),
        "arithmetic": lanes,
        "sram": attrs.evolve(plain.sram, leakage=BIT),
        "wire": attrs.evolve(plain.wire, leakage_per_bit_mm=WIRE),
        "router": attrs.evolve(plain.router, leakage=ROUTER),
        "selector": attrs.evolve(plain.selector, leakage=SELECTOR),
    }
    return attrs.evolve(plain, **(leaking | changes))


def chip_of(spec, **changes):
    return made.rule_on(spec, (5, 3), costs=costs(**changes), seed=None).chip


def leaked(chip, spec=ALWAYS, *, busy=None, elapsed=SECOND):
    """Energy by part, attojoules."""
    ledger = Ledger()
    for part, time in (busy or {}).items():
        ledger.charge(part, "forward", busy=time)
    rows = leakage_rows(chip, spec, ledger=ledger_rows(chip, ledger), elapsed_ps=elapsed)
    return {row.part: row.energy_aj for row in rows}


ARRAYS = {
    "tile0.dac": 8 * DAC,
    "tile0.adc": 8 * (ADC + SAMPLE),
    "tile0.back-dac": 8 * DAC,
    "tile0.back-adc": 8 * (ADC + SAMPLE),
    "tile0.driver": (8 + 2 * 8) * DRIVER,
    "digital": 4 * LANE,
    "buffer": 4096 * BIT,
    "bus": 8 * WIRE + ROUTER,
}
"""A tile of 8 x 8, both arrays with a driver for each of their columns; one millimetre of eight wires."""


def test_every_part_leaks_by_hand():
    """Price times count, with lines out of use; cells leak nothing, nor does a selector without a choice."""
    assert leaked(chip_of(made.chip())) == ARRAYS


def test_converters_that_lines_share_are_counted_once():
    """Three lines a converter make three converters for eight lines, each line with a sample-and-hold."""
    shared = made.crossbar(forward=made.one_pass(dac_share=3, adc_share=3))
    found = leaked(chip_of(made.chip(tile=shared)))
    assert found["tile0.dac"] == 3 * DAC
    assert found["tile0.adc"] == 3 * ADC + 8 * SAMPLE


def test_digital_tiles_by_hand():
    """Lanes, and all words of 32 bits that the tile has place for, in use or not."""
    found = leaked(chip_of(made.mac_chip()))
    assert found["tile0"] == 4 * LANE
    assert found["tile0.sram"] == 8 * 8 * 32 * BIT


def test_a_selector_that_chooses_leaks():
    """One lane."""
    assert leaked(chip_of(made.hybrid()))["selector"] == SELECTOR


def test_tiles_without_weights_leak_as_the_others():
    """A chip is built with tiles that a network does not fill, and they are powered."""
    found = leaked(chip_of(made.chip(tile=made.crossbar(count=3))))
    for part, energy in ARRAYS.items():
        if part.startswith("tile0"):
            assert found[part.replace("tile0", "tile2")] == energy


@pytest.mark.parametrize(
    ("elapsed", "energy"), [(0, 0), (SECOND // 2 - 1, 0), (SECOND // 2, 1), (SECOND, 1), (3 * SECOND // 2, 2)]
)
def test_half_an_attojoule_is_rounded_up(elapsed, energy):
    """One attowatt for half a second."""
    one = attrs.evolve(made.COSTS.router, leakage=1)
    wire = attrs.evolve(made.COSTS.wire, leakage_per_bit_mm=0)
    assert leaked(chip_of(made.chip(), router=one, wire=wire), elapsed=elapsed)["bus"] == energy


def test_gating_by_hand():
    """Busy for a quarter of the second, and a quarter of the power remains for the rest of it."""
    busy = dict.fromkeys(("digital", "buffer", "tile0.dac"), SECOND // 4)
    found = leaked(chip_of(made.chip()), GATED, busy=busy)
    share = Fraction(1, 4) + Fraction(1, 4) * Fraction(3, 4)
    assert found["digital"] == round(4 * LANE * share)
    assert found["tile0.dac"] == int(8 * DAC * share + Fraction(1, 2))
    # Nothing is known to have happened there.
    assert found["tile0.driver"] == 24 * DRIVER // 4


def test_memories_keep_what_they_hold():
    """They leak on while they are idle, unless the chip says less."""
    chip, busy = chip_of(made.mac_chip()), {"buffer": SECOND // 4}
    assert leaked(chip, GATED, busy=busy)["buffer"] == 4096 * BIT
    assert leaked(chip, GATED)["tile0.sram"] == 2048 * BIT
    drowsy = attrs.evolve(GATED, memory_remains=0.5)
    assert leaked(chip, drowsy, busy=busy)["buffer"] == 4096 * BIT * 5 // 8
    assert leaked(chip, drowsy)["tile0.sram"] == 1024 * BIT


def test_routers_are_never_switched_off():
    """Their time is charged to links, so nobody knows when they work."""
    chip = made.rule_on(
        made.chip(interconnect=MESH, tile=made.crossbar(3, 3)), (5, 3), costs=costs(), seed=None
    ).chip
    found = leaked(chip, GATED)
    routers = [part.name for part in chip.routers]
    assert routers
    assert all(found[name] == ROUTER for name in routers)


def test_a_share_that_remains_counts_by_its_digits():
    """Five percent of 20 attowatts for a second are one attojoule, though no float is 0.05."""
    router = attrs.evolve(made.COSTS.router, leakage=20)
    wire = attrs.evolve(made.COSTS.wire, leakage_per_bit_mm=0)
    chip = chip_of(made.chip(), router=router, wire=wire)
    for share, energy in ((0.05, 1), (0.025, 1), (0.0249, 0)):
        assert leaked(chip, attrs.evolve(GATED, remains=share))["bus"] == energy


def test_what_is_not_known_is_named_and_counts_nothing():
    """Of a part with two prices the one that is known counts."""
    sample_hold = attrs.evolve(made.COSTS.sample_hold, leakage=None)
    driver = attrs.evolve(made.COSTS.write_driver, leakage=None)
    chip = chip_of(made.chip(), sample_hold=sample_hold, write_driver=driver)
    rows = leakage_rows(chip, ALWAYS, ledger=(), elapsed_ps=SECOND)
    by_part = {row.part: row for row in rows}
    assert by_part["tile0.adc"].energy_aj == 8 * ADC
    assert by_part["tile0.adc"].unknown == "sample-and-holds"
    assert not by_part["tile0.driver"].known
    said = leakage_figures(rows, energy_aj=100)
    assert said["leakage_unknown"] == ["sample-and-holds", "write drivers"]
    assert said["leakage_energy_aJ"] == sum(row.energy_aj for row in rows)


def test_nothing_known_is_no_figure_of_zero():
    """Where the cost set says of no part what it leaks there is no leakage, and not none."""
    chip = made.rule_on(made.chip(), (5, 3), seed=None).chip
    said = leakage_figures(leakage_rows(chip, ALWAYS, ledger=(), elapsed_ps=SECOND), energy_aj=100)
    assert said["leakage_energy_aJ"] is None
    assert said["energy_with_leakage_aJ"] is None
    assert "ADCs of 4 bits" in said["leakage_unknown"]


def test_a_price_of_zero_is_known():
    """Somebody says that it leaks nothing."""
    adc = (attrs.evolve(made.COSTS.adc[0], leakage=0),)
    chip = made.rule_on(made.chip(), (5, 3), costs=attrs.evolve(made.COSTS, adc=adc), seed=None).chip
    said = leakage_figures(leakage_rows(chip, ALWAYS, ledger=(), elapsed_ps=SECOND), energy_aj=100)
    assert (said["leakage_energy_aJ"], said["energy_with_leakage_aJ"], said["leakage_percent"]) == (0, 100, 0)


def test_a_part_of_ones_own_that_says_nothing_is_not_known():
    """It has an area, and nobody has said what it leaks."""

    class Own(Part):
        kind = "own"
        area = 7

    assert Own(simpy.Environment(), "own", ledger=Ledger()).leakage.unknown == ("own",)


@pytest.fixture(scope="module")
def run():
    """A short run that ships."""
    return simulate("single-pair", "mnist-5k", sets=TINY, epochs=2, seed=3)


def expected(result):
    """Leakage by powers and time alone."""
    time = result.summary["simulated_time_ps"]
    return sum((2 * row.power_aw * time + SECOND) // (2 * SECOND) for row in result.leakage)


def test_a_run_leaks_for_its_time(run):
    """Its power over its time, beside an energy that is the sum of its ledger."""
    said = run.summary
    assert said["leakage_energy_aJ"] == expected(run) > 0
    assert said["energy_aJ"] == sum(row.energy_aj for row in run.ledger)
    assert said["energy_with_leakage_aJ"] == said["energy_aJ"] + said["leakage_energy_aJ"]
    assert said["leakage_unknown"] == ["write drivers"]


def test_gating_changes_nothing_but_leakage(run):
    """Time, ledger and weights stay as they are, and what is idle leaks a twentieth."""
    gated = simulate("single-pair", "mnist-5k", sets=[*TINY, SWITCHED_OFF], epochs=2, seed=3)
    assert gated.ledger == run.ledger
    assert gated.summary["simulated_time_ps"] == run.summary["simulated_time_ps"]
    assert np.array_equal(gated.weights["layer1"], run.weights["layer1"])
    assert 0 < gated.summary["leakage_energy_aJ"] < run.summary["leakage_energy_aJ"]
    assert any("switched off" in sentence for sentence in gated.summary["idealised"])
    by_kind = {row.kind: row.energy_aj for row in gated.leakage}
    assert by_kind["buffer"] == {row.kind: row.energy_aj for row in run.leakage}["buffer"]


@pytest.mark.parametrize("sets", [(), (SWITCHED_OFF,)])
def test_a_run_that_was_stopped_and_resumed_leaks_the_same(sets, tmp_path):
    """Nothing of it is kept: it follows from time and ledger."""
    how = {"sets": [*TINY, *sets], "epochs": 2, "checkpoint": tmp_path / "state"}
    part = simulate("single-pair-rowwise", "mnist-5k", progress=StopAfter(1), **how)
    assert not part.summary["complete"]
    assert part.summary["leakage_energy_aJ"] > 0
    found = simulate("single-pair-rowwise", "mnist-5k", resume=True, **how)
    assert part.summary["leakage_energy_aJ"] < found.summary["leakage_energy_aJ"]
    whole = simulate("single-pair-rowwise", "mnist-5k", sets=[*TINY, *sets], epochs=2)
    assert differing(whole, found) == []


def test_a_run_that_is_only_timed_leaks(run):
    """Its time is known."""
    timed = simulate("single-pair", "mnist-5k", sets=TINY, epochs=2, options=Options(timing_only=True))
    assert timed.summary["leakage_energy_aJ"] == expected(timed) > 0
    assert timed.summary["leakage_power_W"] == run.summary["leakage_power_W"]


def test_training_in_software_leaks_nothing():
    """It takes no time on the chip."""
    data = "dataset: {name: mnist-5k, train: 24, test: 10}"
    way = "{trained_as: numbers}"
    before = f"{{name: before, epochs: 1, {data}, software: {way}}}"
    phases = f"phases=[{before}, {{name: train, epochs: 1, {data}}}]"
    result = simulate("single-pair", "mnist-5k", sets=[phases])
    assert result.summary["software_epochs"] == 1
    assert result.summary["leakage_energy_aJ"] == expected(result)


def test_a_result_is_priced_anew(run):
    """A tenth of the leakage of one price, and nothing else is another."""
    cheaper = reprice(run, sets=["costs.sram.leakage=x0.1"])
    before, after = ({row.part: row for row in one.leakage} for one in (run, cheaper))
    assert after["buffer"].power_aw * 10 == before["buffer"].power_aw
    assert cheaper.summary["energy_aJ"] == run.summary["energy_aJ"]
    assert cheaper.ledger == run.ledger
    assert cheaper.summary["leakage_energy_aJ"] == expected(cheaper) < run.summary["leakage_energy_aJ"]
