"""Epochs of so many training samples: accuracy tested as often as asked, within a pass over the data or beyond it."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from chipsim.errors import DescriptionError
from chipsim.report.curves import accuracy_figures
from chipsim.report.racing import race
from chipsim.result.files import load, save
from chipsim.result.reaching import reach
from chipsim.run import simulate
from chipsim.run.order import Order
from chipsim.run.saving_times import Every
from tests.resumed import StopAfter, differing

pytestmark = pytest.mark.filterwarnings("ignore::chipsim.errors.ChipsimWarning")

SMALL = ("phases.0.dataset.train=300", "phases.0.dataset.test=20", "network.layers=[784, 12, 10]")


def run(chip, *sets, epochs, samples=None, workload="mnist-5k", **options):
    said = [] if samples is None else [f"phases[*].epoch_samples={samples}"]
    return simulate(chip, workload, sets=[*SMALL, *said, *sets], epochs=epochs, **options)


def as_list(column):
    """Of pandas, or of pyarrow where that is not installed."""
    return column.to_pylist() if hasattr(column, "to_pylist") else column.tolist()


def held(result):
    return {name: array.tobytes() for name, array in result.weights.items()}


def test_order_goes_on_through_a_pass_and_begins_the_next():
    """Two passes over five samples make three epochs of three, and one sample that is left."""
    drawn = np.random.default_rng(0)
    order = Order(seed=4)
    order._draws = drawn
    taken = [order.take(3, of=5, phase="a") for _ in range(3)]
    again = np.random.default_rng(0)
    passes = np.concatenate([again.permutation(5), again.permutation(5)])
    assert np.concatenate(taken).tolist() == passes[:9].tolist()
    assert order.state()["left"].tolist() == passes[9:].tolist()


def test_order_of_whole_passes_is_that_of_before():
    """Each epoch draws one shuffle, whatever there was before."""
    order, seed = Order(seed=4), Order(seed=4)._draws
    for _ in range(3):
        assert order.take(7, of=7, phase="a").tolist() == seed.permutation(7).tolist()


def test_each_phase_begins_a_pass_of_its_own():
    """What is left of the phase before it is left out: its data may be another's."""
    order = Order(seed=4)
    order.take(2, of=100, phase="a")
    assert sorted(order.take(3, of=3, phase="b").tolist()) == [0, 1, 2]


@pytest.mark.parametrize("chip", ["digital-fp32", "hybrid-synapse", "single-pair-rowwise"])
def test_an_epoch_as_long_as_the_data_is_the_usual_one(chip):
    """In all that a result says but the description."""
    plain, said = run(chip, epochs=2), run(chip, epochs=2, samples=300)
    assert [name for name in differing(plain, said) if name not in ("workload", "values")] == []


@pytest.mark.parametrize(
    ("chip", "sets"),
    [
        ("single-pair", ()),
        ("single-pair", ("batch=10",)),
        ("digital-fp32", ("batch=10",)),
        ("single-pair-rowwise", ()),
    ],
)
def test_more_tests_change_no_weight(chip, sets):
    """Tested after each hundred of three, the chip learns, pulses and spends what it does tested after all."""
    few = run(chip, *sets, epochs=2, keep_weights=True)
    often = run(chip, *sets, epochs=6, samples=100, keep_weights=True)
    assert held(often) == held(few)
    assert often.wear == few.wear
    for key in ("energy_aJ", "simulated_time_ps", "steps", "samples_seen"):
        assert often.summary[key] == few.summary[key]
    assert [row.samples for row in few.epochs] == [300, 600]
    assert [row.samples for row in often.epochs] == [100, 200, 300, 400, 500, 600]
    later = often.epochs[2::3]
    for one, other in zip(few.epochs, later, strict=True):
        same = ("test_accuracy_percent", "simulated_time_ps", "energy_aj", "samples")
        assert [getattr(one, key) for key in same] == [getattr(other, key) for key in same]
    parts = [row.loss for row in often.epochs[:3]]
    assert few.epochs[0].loss == pytest.approx(sum(parts) / 3)
    assert often.summary["epoch_samples"] == 100
    assert often.summary["train_samples"] == 300


def test_an_epoch_may_be_several_passes():
    """750 of 300 samples are two passes and a half; the next epoch goes on with the rest."""
    long = run("single-pair", epochs=2, samples=750, keep_weights=True)
    passes = run("single-pair", epochs=5, keep_weights=True)
    assert held(long) == held(passes)
    assert [row.samples for row in long.epochs] == [750, 1500]
    assert long.epochs[1].test_accuracy_percent == passes.epochs[4].test_accuracy_percent


def test_compiled_loops_learn_what_steps_do(monkeypatch):
    """Over the end of a pass as well."""
    looped = run("hybrid-synapse", epochs=3, samples=130, keep_weights=True)
    monkeypatch.setattr("chipsim.run.training.loop_of", lambda rule, *, most: None)
    stepped = run("hybrid-synapse", epochs=3, samples=130, keep_weights=True)
    # What was executed is kept in another order, and all else is the same.
    assert differing(looped, stepped) == ["kept"]


def test_replay_changes_nothing():
    """Each epoch is timed as it is event by event."""
    sets = ("phases.0.dataset.train=20",)
    replayed, timed = (
        run("single-pair-rowwise", *sets, epochs=3, samples=15, replay=replay) for replay in (True, False)
    )
    assert set(differing(replayed, timed)) <= {"summary", "kept"}
    assert replayed.ledger == timed.ledger


def test_only_timed():
    """Steps of so many samples an epoch, and the same time for each as in training."""
    timed = run("digital-fp32", "batch=10", epochs=3, samples=95, timing_only=True)
    trained = run("digital-fp32", "batch=10", epochs=3, samples=95)
    assert (timed.summary["steps"], timed.summary["samples_seen"]) == (30, 285)
    assert (trained.summary["steps"], trained.summary["samples_seen"]) == (30, 285)
    first, second, _ = (row.simulated_time_ps for row in trained.epochs)
    assert timed.summary["simulated_time_ps"] == 3 * (second - first)


@pytest.mark.parametrize("after", range(1, 12, 2))
@pytest.mark.parametrize("chip", ["hybrid-synapse", "digital-fp32"])
def test_runs_go_on_from_within_a_pass(chip, after, tmp_path):
    """Stopped in any epoch, of either phase: the rest of the pass is part of what is saved."""
    sets = ("phases[*].dataset.train=100", "phases[*].dataset.test=20", "network.layers=[784, 12, 10]")
    phases = "phases=[{name: a, epochs: 3, dataset: &d {name: mnist-5k}}, {name: b, task: a, epochs: 3, dataset: *d}]"
    how = {"sets": [phases, *sets, "phases[*].epoch_samples=70", "batch=10"]}
    if chip == "hybrid-synapse":
        how["sets"][-1] = "batch=1"
    whole = simulate(chip, "mnist-5k", **how)
    how |= {"checkpoint": tmp_path / "state", "checkpoint_every": Every(seconds=1e-9)}
    part = simulate(chip, "mnist-5k", progress=StopAfter(after), **how)
    found = simulate(chip, "mnist-5k", resume=True, **how)
    assert whole.summary["samples_seen"] == 420
    assert differing(whole, found) == []
    assert part.summary["samples_seen"] <= 420


def test_a_run_may_start_from_one_that_was_tested_often(tmp_path):
    """And counts its own samples."""
    first = run("single-pair", epochs=2, samples=50, keep_state=True)
    second = run("single-pair", epochs=2, samples=100, start=first)
    assert [row.samples for row in second.epochs] == [100, 200]


def test_tasks_of_several_phases_are_each_tested():
    """Samples go on over phases, whose epochs may be of different lengths."""
    sets = ["phases[*].dataset.train=100", "phases[*].dataset.test=20", "phases[0].epoch_samples=40"]
    result = simulate("digital-adam", "mnist-5k-permuted", sets=sets[:2], epochs=1)
    often = simulate(
        "digital-adam", "mnist-5k-permuted", epochs=1, sets=[*sets[:2], "phases.0.epoch_samples=200"]
    )
    phases = len(result.epochs)
    assert [row.samples for row in result.epochs] == [100 * (one + 1) for one in range(phases)]
    assert often.epochs[0].samples == 200
    assert often.epochs[-1].samples == 100 * (phases + 1)


def test_selector_compares_epochs_of_so_many_samples():
    """It switches within the first pass: accuracies of 60 samples rise by less than 99 points."""
    result = run("hybrid-synapse", "selector.threshold=99 %", epochs=4, samples=60)
    assert [row.target for row in result.epochs] == ["coarse", "coarse", "fine", "fine"]
    assert result.summary["switch_epoch"] == 3


def test_samples_to_an_accuracy_are_those_that_were_seen():
    """Not epochs times the size of the dataset; and they are saved and read back."""
    result = run("digital-fp32", epochs=5, samples=50)
    rows = [
        attrs.evolve(row, test_accuracy_percent=percent)
        for row, percent in zip(result.epochs, (10, 20, 94, 93, 95), strict=True)
    ]
    assert reach(attrs.evolve(result, epochs=tuple(rows)), 94).samples == 150


def test_reports_draw_accuracy_against_samples():
    """Beside epochs, which are of other lengths for each run; and the way to an accuracy counts them."""
    runs = [run("digital-fp32", epochs=epochs, samples=samples) for epochs, samples in ((4, 50), (2, 100))]
    figures = {figure.name: figure for figure in accuracy_figures(runs)}
    assert [trace["x"] for trace in figures["accuracy-samples"].data] == [[50, 100, 150, 200], [100, 200]]
    assert [int(row.samples) % 50 for row in race(runs)] == [0, 0]
    assert "accuracy-samples" not in [
        figure.name for figure in accuracy_figures([run("digital-fp32", epochs=1)])
    ]


def test_results_keep_samples(tmp_path):
    """In the table of epochs, for whoever reads it."""
    result = run("digital-fp32", epochs=3, samples=50)
    read = load(save(result, tmp_path / "run"))
    assert read == result
    assert as_list(read.frame("epochs")["samples"]) == [50, 100, 150]


def test_older_results_have_none(tmp_path):
    """They open, and are saved again without."""
    result = run("digital-fp32", epochs=2)
    older = attrs.evolve(result, epochs=tuple(attrs.evolve(row, samples=None) for row in result.epochs))
    read = load(save(older, tmp_path / "run"))
    assert [row.samples for row in read.epochs] == [None, None]
    assert reach(read, 0).samples == 300


def test_samples_only_grow(tmp_path):
    """A table in which they fall is damaged."""
    result = run("digital-fp32", epochs=2)
    first, second = result.epochs
    wrong = attrs.evolve(result, epochs=(attrs.evolve(first, samples=900), second))
    with pytest.raises(Exception, match="samples is 600, less than 900 the epoch before"):
        load(save(wrong, tmp_path / "run"))


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        (
            ["phases.0.epoch_samples=0"],
            ("phases[name=train].epoch_samples: must be between 1 and 10000000, not 0 (from --set "
            "phases.0.epoch_samples=0)"),
        ),
        (
            ["phases.0.epoch_samples=20000000"],
            ("phases[name=train].epoch_samples: must be between 1 and 10000000, not 20000000 (from --set "
            "phases.0.epoch_samples=20000000)"),
        ),
        (
            ["batch=64", "phases.0.epoch_samples=63"],
            ("phases[name=train].epoch_samples: must be at least one batch of 64 samples, not 63 (from --set "
            "phases.0.epoch_samples=63)"),
        ),
        (
            ["batch=10", "phases.0.epoch_samples=101", "network.normalisation={state: shared}"],
            ("phases[name=train].epoch_samples: 101 samples in batches of 10 leave a last batch of 1 sample, and a "
            "single sample has no variance to be normalised by; set epoch_samples to 100, or take another batch "
            "(from --set phases.0.epoch_samples=101)"),
        ),
        (
            ["phases.0.epoch_sample=500"],
            ("phases[name=train].epoch_sample: unknown key 'epoch_sample'; known: name, dataset, epochs, epoch_samples, "
            "learning_rate, task, test_before, rule, software; did you mean 'epoch_samples' or 'epochs'? (from --set "
            "phases.0.epoch_sample=500)"),
        ),
    ],
)  # fmt: skip
def test_lengths_that_cannot_be(sets, message):
    """Each says what may be, before anything is read."""
    with pytest.raises(DescriptionError) as caught:
        simulate("digital-fp32", "mnist-5k", sets=sets)
    assert str(caught.value) == message


def test_a_remainder_of_the_data_does_not_matter_to_epochs_of_their_own():
    """301 samples in batches of 100 leave one; epochs of 200 never meet it alone."""
    sets = ["batch=100", "phases.0.dataset.train=301", "network.normalisation={state: shared}"]
    result = simulate(
        "digital-fp32",
        "mnist-5k",
        sets=[*sets, "phases.0.dataset.test=20", "phases.0.epoch_samples=200"],
        epochs=2,
    )
    assert [row.samples for row in result.epochs] == [200, 400]
