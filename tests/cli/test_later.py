"""``chipsim reprice``, ``infer`` and ``reach``."""

import attrs
import pytest

from chipsim.result.files import load, save
from chipsim.run import simulate
from tests.results_made import made_result

TINY = ("phases.0.dataset.train=24", "phases.0.dataset.test=10", "network.layers=[784, 12, 10]")


@pytest.fixture(scope="module")
def result():
    """A tiny run."""
    return simulate("single-pair", "mnist-5k", epochs=2, sets=TINY)


@pytest.fixture
def run(result, folder):
    """Its folder."""
    save(result, folder / "run")
    return "run"


def test_reprice_saves_a_result_that_says_of_which(run, call, result):
    """Energy changes, time does not, and provenance names run and overrides."""
    done = call("reprice", run, "--set", "costs.adc[*].energy=x0.1", "-o", "cheap")
    assert done.exit_code == 0, done.output
    assert "as it was" in done.output
    found = load("cheap")
    assert found.summary["energy_aJ"] < result.summary["energy_aJ"]
    assert found.provenance["repriced"]["run"] == "run"
    assert len(found.provenance["repriced"]["digests_sha256"]) == 64


def test_reprice_says_when_times_change(run, call):
    """Another cost set has other times."""
    done = call("reprice", run, "--costs", "isaac-32nm")
    assert done.exit_code == 0, done.output
    assert "kept programs were timed again" in done.output


def test_reprice_refuses_what_is_no_cost(run, call):
    """Nothing is saved then."""
    done = call("reprice", run, "--set", "device.states=10", "-o", "other")
    assert done.exit_code == 2
    assert "changes more than costs" in done.output


def test_reprice_refuses_overrides_that_are_lost(run, call):
    """Of two on one value one would do nothing."""
    done = call("reprice", run, "--set", "costs.clock=1 ns", "--set", "costs.clock=2 ns")
    assert done.exit_code == 2
    assert "is replaced by" in done.output


def test_infer_tells_a_run_with_its_cells(run, call):
    """Cell currents count, and the accuracy is told."""
    done = call("infer", run)
    assert done.exit_code == 0, done.output
    for word in ("TOPS/W", "cell currents", "test accuracy", "between samples that stream"):
        assert word in done.output


def test_infer_tells_a_description_without_cells(call):
    """It says what is left out."""
    done = call("infer", "single-pair", "mnist-5k")
    assert "energy a sample, without leakage" in done.stdout
    assert done.exit_code == 0, done.output
    assert "without currents of cells" in done.output


def test_infer_tells_what_frozen_layers_take_and_does_not_stream_for_minutes(call):
    """Of the whole of VGG-16: the part that paces it is named."""
    done = call("infer", "vgg16-chip", "vgg16-imagenet")
    assert done.exit_code == 0, done.output
    assert "of the latency, frozen layers" in done.output
    assert "of the energy, frozen layers" in done.output
    said = " ".join(done.output.split())
    assert "at best one comes out each 9.23" in said
    assert "for which bus is busy with it" in said
    assert "streaming:" not in said


def test_infer_refuses_three_words(call):
    """A run, or a chip and a workload."""
    done = call("infer", "a", "b", "c")
    assert done.exit_code == 2
    assert "give one run, or a chip and a workload" in done.output


def test_reach_tells_runs_of_two_seeds_in_one_line(folder, call):
    """With what never was reached told as such."""
    save(made_result(epochs=4, seed=1), folder / "a")
    save(made_result(epochs=4, seed=2), folder / "b")
    done = call("reach", "a", "b", "--accuracy", "50%")
    assert done.exit_code == 0, done.output
    assert "2 of 2 seeds" in done.output
    assert "no, 0 of 2" in call("reach", "a", "b", "--accuracy", "100%").output


def test_reach_says_that_it_counts_all_phases(folder, call):
    """Where there are several: figures of studies count the last one alone."""
    rows = [attrs.evolve(row, phase="a" if row.epoch < 3 else "b") for row in made_result(epochs=4).epochs]
    save(attrs.evolve(made_result(epochs=4), epochs=tuple(rows)), folder / "a")
    save(made_result(epochs=4), folder / "b")
    counted = "several phases, all counted from the first on; samples_to_reach and its like in studies count"
    assert counted in call("reach", "a", "--accuracy", "50%").output
    assert counted not in call("reach", "b", "--accuracy", "50%").output


def test_reach_refuses_what_is_no_accuracy(folder, call):
    """More than all, or no share at all."""
    save(made_result(epochs=2), folder / "a")
    for text in ("101%", "high", "0"):
        done = call("reach", "a", "--accuracy", text)
        assert done.exit_code == 2
        assert "--accuracy" in done.output
