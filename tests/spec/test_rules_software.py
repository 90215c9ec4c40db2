"""Rules of phases that train in software: refused before anything is trained, all at once."""

from __future__ import annotations

import pytest

from chipsim.run.reading import read_all
from chipsim.spec import load_chip, load_workload, unread_together, workload_from_document
from tests.spec.messages import fails

DIGITS = {"name": "mnist-5k", "train": 60, "test": 40}
NUMBERS = {"name": "before", "software": {"trained_as": "numbers"}}
CHIP = {"name": "train"}


def of_phases(*phases, **more):
    """A workload document with these phases, each of one epoch on the digits."""
    whole = [{"dataset": DIGITS, "epochs": 1} | phase for phase in phases]
    return load_workload("mnist-5k").document | {"phases": whole} | more


def software(**said):
    """A phase in software that says so."""
    return {"name": "before", "software": {"trained_as": "numbers"} | said}


def messages(*phases, **more):
    """What is said of such a workload, a line a problem."""
    return fails(workload_from_document, of_phases(*phases, **more)).splitlines()


def test_phases_in_software_come_first():
    """Then those on the chip; each knows who trains it."""
    model = {"name": "model", "software": {"trained_as": "device"}}
    workload = workload_from_document(of_phases(NUMBERS, model, CHIP, transfer_error=0.05)).spec
    assert [phase.name for phase in workload.in_software] == ["before", "model"]
    assert [phase.name for phase in workload.by_rule] == ["model", "train"]
    assert workload.transfer_error == 0.05
    assert not workload.learns_frozen


def test_words_that_nobody_knows_are_answered_with_the_closest():
    """Keys and values, all at once."""
    said = {"trained_as": "devise", "weight_nose": 0.1, "optimiser": "adm", "frozen_layers": "lern"}
    known = "trained_as, optimiser, batch, weight_noise, frozen_layers"
    at = "phases[name=before].software"
    assert set(messages(software(**said), CHIP)) == {
        f"{at}.trained_as: unknown value 'devise'; known: numbers, device; did you mean 'device'?",
        f"{at}.weight_nose: unknown key 'weight_nose'; known: {known}; did you mean 'weight_noise'?",
        f"{at}.optimiser: unknown value 'adm'; known: sgd, adam; did you mean 'adam'?",
        f"{at}.frozen_layers: unknown value 'lern'; known: keep, learn; did you mean 'learn'?",
    }


def test_how_it_is_trained_has_to_be_said():
    """There is no usual way."""
    assert messages({"name": "before", "software": {}}, CHIP) == [
        "phases[name=before].software: missing key 'trained_as'"
    ]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"weight_noise": 1.5}, "weight_noise: 1.5 as a share may mean 1.5 % or 150 %: write '1.5 %' or '150 %'"),
        ({"weight_noise": "150 %"}, "weight_noise: must be between 0 and 1, not 1.5; written as '150 %'"),
        ({"batch": 0}, "batch: must be between 1 and 1000000, not 0"),
        ({"batch": 61}, "batch: must be at most the 60 samples of its phase, not 61"),
        ({"frozen_layers": "learn"}, "frozen_layers: nothing reads it: no layer is frozen; leave frozen_layers out"),
    ],
)  # fmt: skip
def test_numbers_out_of_range(said, message):
    """Each by itself."""
    assert messages(software(**said), CHIP) == [f"phases[name=before].software.{message}"]


def test_epochs_shorter_than_a_batch_of_software():
    """As a dataset that is smaller than one."""
    short = {**software(batch=30), "epoch_samples": 20}
    assert messages(short, CHIP) == [
        "phases[name=before].software.batch: must be at most the 20 samples of its epochs, not 30"
    ]


def test_software_is_not_tested_before():
    """No figure tells it."""
    assert messages({**NUMBERS, "test_before": True}, CHIP) == [
        (
            "phases[name=before].test_before: nothing reads it: what trains in software is tested after its "
            "epochs alone; leave it out"
        )
    ]


def test_tasks_of_software_alone_are_not_evaluated():
    """The chip never sees them, and no table would have them."""
    assert messages(NUMBERS, CHIP, evaluate=["before"]) == [
        "evaluate.0: task 'before' trains in software alone; on the chip train train"
    ]
    of_both = of_phases({**NUMBERS, "task": "train"}, CHIP, evaluate=["train"])
    assert workload_from_document(of_both).spec.evaluate == ("train",)


def test_software_after_the_chip_and_what_a_model_does_not_read():
    """All at once, with what to do."""
    model = {"trained_as": "device", "weight_noise": 0.1, "batch": 3, "optimiser": "sgd"}
    late = {"name": "late", "software": {"trained_as": "numbers"}, "rule": {"metaplasticity": 1}}
    read = "nothing reads it: a model of the chip has none"
    assert set(messages({"name": "before", "software": model}, CHIP, late)) == {
        f"phases[name=before].software.optimiser: {read}; leave optimiser out, or train as numbers",
        f"phases[name=before].software.batch: {read}; leave batch out, or train as numbers",
        f"phases[name=before].software.weight_noise: {read}; leave weight_noise out, or train as numbers",
        (
            "phases[name=late].software: phase 'late' comes after 'train', which trains on the chip, and nothing "
            "leads back from there; put it before, or leave software out"
        ),
        (
            "phases[name=late].rule.metaplasticity: nothing reads it: numbers are trained by no rule of a chip; "
            "leave it out"
        ),
    }


def test_something_has_to_be_transferred_and_to_somewhere():
    """An error without software, and software without a phase on the chip."""
    assert messages(CHIP, transfer_error=0.05) == [
        "transfer_error: nothing reads it: no phase trains in software, so nothing is transferred; leave it out"
    ]
    assert messages(NUMBERS) == [
        "phases: all train in software: give a phase without software, which trains what is transferred"
    ]
    assert messages(NUMBERS, CHIP, transfer_error=-0.1) == [
        "transfer_error: must be between 0 and 1, not -0.1"
    ]


def test_the_error_of_a_file_is_none_of_the_transfer():
    """Weights of a file begin what software learns; what is written is another."""
    layers = [784, {"kind": "dense", "units": 10, "name": "a"}]
    network = {"layers": layers, "weights": "file.npz", "weights_error": 0.1}
    assert messages(NUMBERS, CHIP, network=network) == [
        "network.weights_error: nothing reads it: what is written comes from software; set transfer_error"
    ]


def test_normalised_networks_are_refused():
    """With why."""
    network = {"layers": [784, 10], "normalisation": {"state": "shared"}}
    found = messages(NUMBERS, CHIP, network=network, batch=10)
    assert found == [
        (
            "phases[name=before].software: cannot be had with network.normalisation: scales, offsets, means and "
            "variances of software are not those of the chip's passes, and are not transferred; leave one of the "
            "two out"
        )
    ]


def test_numbers_need_a_rate_for_their_optimiser():
    """Of the phase or of the workload; the rate of a chip's rule is not theirs."""
    missing = (
        "phases[name=before].software: descends by adam, and neither the phase nor the workload has a rate for "
        "it: give it learning_rate.adam"
    )
    adam = software(optimiser="adam")
    assert messages(adam, CHIP, learning_rate={"sgd": 0.1}) == [missing]
    own = adam | {"learning_rate": {"adam": 0.001}}
    workload_from_document(of_phases(own, CHIP, learning_rate={"sgd": 0.1}))


def test_a_chip_needs_no_rate_for_phases_that_it_does_not_train():
    """Numbers descend by their own, a model of the chip by the chip's."""
    sets = "phases=[{name: a, epochs: 1, dataset: {name: mnist-5k}, software: {trained_as: %s}%s}, {name: b, epochs: 1, dataset: {name: mnist-5k}, learning_rate: {adam: 0.001}}]"
    rate = "learning_rate={sgd: 0.1}"
    read_all("digital-adam", "mnist-5k", sets=[sets % ("numbers", ""), rate], epochs=None, datasets={})
    problem = fails(
        read_all, "digital-adam", "mnist-5k", sets=[sets % ("device", ""), rate], epochs=None, datasets={}
    )
    assert "the chip's rule descends by adam: give it learning_rate.adam" in problem
    with_own = sets % ("device", ", learning_rate: {adam: 0.001}")
    read_all("digital-adam", "mnist-5k", sets=[with_own, rate], epochs=None, datasets={})


def test_a_rate_that_numbers_read_is_not_unread():
    """Though the chip has one of its own."""
    for phases, unread in ((of_phases(NUMBERS, CHIP), 0), (of_phases(CHIP), 1)):
        said = workload_from_document(phases)
        chip = load_chip("single-pair", sets=["rule.learning_rate=0.2"])
        read = read_all(chip, said, sets=["learning_rate={sgd: 0.1}"], epochs=None, datasets={})
        assert len(unread_together(read.architecture, read.workload, read.costs)) == unread
