"""A result priced again equals the run that would have been made under these costs."""

import importlib

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chipsim.errors import DescriptionError, OutputError
from chipsim.result import Result
from chipsim.result.files import load, save
from chipsim.run import simulate
from chipsim.run.keeping import Keeping
from chipsim.run.repricing import reprice
from chipsim.spec import shipped_names
from tests.shipped import CHIPS, network_for

TINY = ("phases.0.dataset.train=24", "phases.0.dataset.test=10")
COSTS = shipped_names("costs")
WALL = {"wall_time_s", "samples_per_wall_second"}

pytestmark = pytest.mark.filterwarnings("ignore::chipsim.errors.ChipsimWarning")


def made(chip, *sets, epochs=2, **options):
    return simulate(chip, "mnist-5k", epochs=epochs, sets=[*TINY, *network_for(chip), *sets], **options)


@pytest.fixture(scope="module")
def runs():
    """Each shipped chip's tiny run, made once."""
    known = {}

    def run_of(chip):
        if chip not in known:
            known[chip] = made(chip)
        return known[chip]

    return run_of


def differing(one, other):
    """Names of fields and figures that are not equal, but for wall time and provenance."""
    found = [
        field.name
        for field in attrs.fields(Result)
        if field.name not in ("summary", "provenance")
        and getattr(one, field.name) != getattr(other, field.name)
    ]
    keys = (one.summary.keys() | other.summary.keys()) - WALL
    return found + [key for key in keys if one.summary[key] != other.summary[key]]


@pytest.mark.parametrize("chip", CHIPS)
@pytest.mark.parametrize("costs", COSTS)
def test_equals_a_run_under_another_cost_set(runs, chip, costs):
    """Whole results are equal, for every shipped chip under every shipped cost set."""
    assert not differing(reprice(runs(chip), costs=costs), made(chip, f"costs={costs}"))


FACTORS = st.integers(1, 4_000).map(lambda thousandths: f"x{thousandths / 1000}")
PATHS = st.sampled_from(
    ["adc[*].energy", "adc[*].time", "dac[*].energy", "dac[*].time", "write_driver.energy",
     "write_driver.time", "sram.read", "sram.write", "sram.time", "clock", "sample_hold.time", "router.time",
     "wire.energy_per_bit_mm", "sample_hold.area", "selector.add"]
)  # fmt: skip


@given(chip=st.sampled_from(CHIPS), factors=st.dictionaries(PATHS, FACTORS, min_size=1, max_size=5))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_equals_a_run_under_any_factors(runs, chip, factors):
    """Whatever prices and times are multiplied by."""
    sets = [f"costs.{path}={factor}" for path, factor in factors.items()]
    try:
        wanted = made(chip, *sets)
    except DescriptionError:
        with pytest.raises(DescriptionError):
            reprice(runs(chip), sets=sets)
        return
    assert not differing(reprice(runs(chip), sets=sets), wanted)


@pytest.mark.parametrize("chip", ["single-pair-rowwise", "metaplastic-qnn"])
def test_equals_without_replay(chip):
    """Programs are kept however they were timed."""
    again = reprice(made(chip, replay=False), costs="isaac-32nm")
    assert not differing(again, made(chip, "costs=isaac-32nm", replay=False))


@pytest.mark.parametrize("chip", ["single-pair", "plain-qnn", "digital-adam"])
def test_equals_a_run_that_was_only_timed(chip):
    """A run without training has programs too."""
    again = reprice(made(chip, timing_only=True), costs="isaac-32nm")
    assert not differing(again, made(chip, "costs=isaac-32nm", timing_only=True))


def test_equals_after_saving(tmp_path, runs):
    """What is kept is saved, and read back as it was."""
    result = runs("single-pair-rowwise")
    save(result, tmp_path / "run")
    read = load(tmp_path / "run")
    assert read == result
    assert not differing(reprice(read, costs="isaac-32nm"), reprice(result, costs="isaac-32nm"))


def test_there_and_back(runs):
    """Priced twice, the second time as it was, a result is itself again, but for notes of what was set."""
    result = runs("hybrid-synapse")
    name = result.provenance["cost_set"]
    back = reprice(reprice(result, costs="isaac-32nm"), costs=name)
    assert set(differing(back, result)) <= {"values", "chip"}


def test_costs_of_its_own_are_multiplied():
    """A factor multiplies what the run's own overrides left."""
    twice = reprice(made("single-pair", "costs.sram.read=40 fJ"), sets=["costs.sram.read=x2"])
    wanted = made("single-pair", "costs.sram.read=80 fJ")
    assert set(differing(twice, wanted)) == {"values", "costs"}


def test_says_where_it_comes_from(runs):
    """Provenance has the overrides and the code that priced."""
    said = reprice(runs("single-pair"), sets=["costs.clock=x2"]).provenance["repriced"]
    assert said["sets"] == ["costs.clock=x2"]
    assert said["code"]


def test_is_another_run_than_before(tmp_path):
    """The name of the run is that of its own costs; going on with it would show figures of others."""
    result = made("single-pair", checkpoint=tmp_path / "state")
    assert result.provenance["run"]
    assert "run" not in reprice(result, costs="isaac-32nm").provenance


def test_what_is_no_cost_is_refused(runs):
    """A change of arithmetic takes a run of its own."""
    with pytest.raises(DescriptionError, match=r"device\.states: --set device\.states=10 changes more than"):
        reprice(runs("single-pair"), sets=["device.states=10"])
    with pytest.raises(DescriptionError, match=r"batch: --set batch=2 changes more than costs"):
        reprice(runs("single-pair"), sets=["batch=2", "costs.clock=x2"])


def test_what_an_entry_prices_is_no_price(runs):
    """Converters of other bits would be priced by an entry that was renamed to theirs."""
    sets = ["costs.adc[bits=8].bits=9", "costs.dac.0.bits=x2", "batch=2"]
    no_price = "is no price, but says what the entry prices; set its prices, or give the whole list"
    with pytest.raises(DescriptionError) as caught:
        reprice(runs("single-pair"), sets=sets)
    batch, nine, doubled = str(caught.value).splitlines()
    assert batch.startswith("batch: --set batch=2 changes more than costs, and takes a run of its own")
    assert nine == f"costs.adc[bits=8].bits: --set costs.adc[bits=8].bits=9 {no_price}"
    assert doubled == f"costs.dac.0.bits: --set costs.dac.0.bits=x2 {no_price}"


def test_no_change_is_refused(runs):
    """There has to be something to reprice by."""
    with pytest.raises(DescriptionError, match="nothing is changed"):
        reprice(runs("single-pair"))


def test_unknown_costs_are_refused(runs):
    """A path that leads nowhere, and a set that is not there, are told as in a run."""
    with pytest.raises(DescriptionError, match=r"unknown key 'enrgy'"):
        reprice(runs("single-pair"), sets=["costs.sram.enrgy=1 fJ"])
    with pytest.raises(DescriptionError, match="no-such-set"):
        reprice(runs("single-pair"), costs="no-such-set")


def test_costs_that_do_not_fit_the_chip_are_refused(runs):
    """What a run under these costs would refuse is refused."""
    with pytest.raises(DescriptionError):
        reprice(runs("single-pair"), sets=["costs.adc=[{bits: 1, time: 1 ns, energy: 1 fJ, area: 1 um2}]"])


def test_a_result_without_programs_is_refused(runs):
    """Results from before they were kept say so."""
    old = attrs.evolve(runs("single-pair"), kept=None)
    with pytest.raises(OutputError, match="does not hold the programs of its run"):
        reprice(old, costs="isaac-32nm")


def test_another_codes_figures_are_refused(runs):
    """Programs that do not come to the run's own figures are not believed."""
    result = runs("single-pair")
    row = attrs.evolve(result.epochs[0], energy_aj=result.epochs[0].energy_aj + 1)
    wrong = attrs.evolve(result, epochs=(row, *result.epochs[1:]))
    with pytest.raises(OutputError, match="do not come to its time and energy"):
        reprice(wrong, costs="isaac-32nm")


def test_kinds_of_ones_own_are_refused(runs):
    """Nobody knows by which costs they charge."""
    result = runs("single-pair")
    own = attrs.evolve(result, provenance={**result.provenance, "outside": [{"place": "mine:Tile"}]})
    with pytest.raises(OutputError, match="kinds of one's own"):
        reprice(own, costs="isaac-32nm")


def test_too_many_are_not_kept(monkeypatch):
    """Beyond the limit nothing is kept, and a warning says so."""
    module = importlib.import_module("chipsim.run.simulate")
    monkeypatch.setattr(module, "Keeping", lambda: Keeping(most=10))
    result = made("single-pair-rowwise")
    assert result.kept is None
    assert any("not kept" in text for text in result.summary["warnings"])
