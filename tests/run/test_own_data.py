"""Datasets of the caller's own arrays are trained on, checked and named like those that ship."""

from __future__ import annotations

import hashlib
from pathlib import Path

import attrs
import numpy as np
import pytest

import chipsim
from chipsim.data import from_arrays, load, permuted
from chipsim.errors import DescriptionError
from chipsim.report import write_report
from chipsim.result.files import load as load_result
from chipsim.result.files import save
from chipsim.run.datasets import left_untrained
from chipsim.spec.workload import DatasetSpec, PhaseSpec

MINE = ("network.layers=[16, 12, 4]", "phases.0.dataset={name: mine}")


def made(*, train=200, test=100, seed=1):
    """Four classes, each of which lights four of 16 pixels: a straight line tells them apart."""
    rng, labels = np.random.default_rng(seed), np.arange(train + test) % 4
    images = np.kron(np.eye(4), np.ones(4))[labels] * rng.uniform(0.5, 1, (len(labels), 16))
    return from_arrays("cloud", train=(images[:train], labels[:train]), test=(images[train:], labels[train:]))


def refused(*sets, datasets, workload="mnist-5k"):
    """The whole message, line by line."""
    with pytest.raises(DescriptionError) as caught:
        chipsim.simulate("single-pair", workload, sets=sets, datasets=datasets)
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("architecture", "sets"), [("digital-fp32", ()), ("hybrid-synapse", ("update.encoding=stochastic",))]
)
def test_own_arrays_are_trained_on(architecture, sets):
    """What is easily told apart is learnt far beyond the quarter that chance gives; 14 epochs of 400 samples."""
    how = {"sets": [*MINE, *sets], "datasets": {"mine": made(train=400)}}
    result = chipsim.simulate(architecture, "mnist-5k", **how)
    assert result.summary["test_accuracy_percent"] > 75
    assert (result.summary["train_samples"], result.summary["test_samples"]) == (400, 100)
    assert result.summary["steps"] == 14 * 400


def test_a_chip_that_rounds_away_what_it_should_learn_says_so():
    """Errors of few units ask for less than half a pulse: the first layer stands still, and that is told."""
    result = chipsim.simulate(
        "hybrid-synapse", "mnist-5k", sets=MINE, datasets={"mine": made(train=400)}, epochs=1
    )
    assert result.summary["test_accuracy_percent"] < 40
    still, chance = result.summary["warnings"][-2:]
    assert still == "no weight of tile0 changed in epoch 1"
    assert chance.startswith("epoch 1 ended at chance")


def test_a_class_that_the_first_samples_lack_is_told():
    """Of the first 16 embedded digits none is a zero; of the first 20 one is, and so of every longer run."""
    lacking, whole = (
        chipsim.simulate(
            "digital-fp32",
            "mnist-5k",
            sets=[f"phases.0.dataset.train={count}", "phases.0.dataset.test=50"],
            epochs=1,
        )
        for count in (16, 20)
    )
    tested = int((load("mnist-5k", train=1, test=50).test_labels == 0).sum())
    assert whole.summary["warnings"] == []
    assert lacking.summary["warnings"] == [
        (
            f"phases[name=train].dataset.train: class 0 occurs in the test set only, in {tested} of its 50 samples; "
            "what no training sample shows cannot be learnt"
        )
    ]


def test_a_class_that_another_phase_of_the_task_trains_is_not_missed():
    """A short warm-up lacks what the long phase after it shows."""
    few, many = (load("mnist-5k", train=count, test=50) for count in (16, 200))
    warm, long = (
        PhaseSpec(name=name, task="digits", dataset=DatasetSpec(name="mnist-5k", train=count), epochs=1)
        for name, count in (("warm-up", 16), ("long", 200))
    )
    assert left_untrained([(warm, few), (long, many)]) == []
    assert len(left_untrained([(warm, few), (attrs.evolve(long, task="other"), many)])) == 1


def test_an_own_name_goes_before_one_that_ships():
    """Labels that are all one class are learnt as such, under the very name of the embedded digits."""
    digits = load("mnist-5k", train=50, test=50)
    zeros = np.zeros(50, dtype=np.uint8)
    same = from_arrays("x", train=(digits.train_images, zeros), test=(digits.test_images, zeros), classes=10)
    sets = ["phases.0.dataset={name: mnist-5k, train: 50, test: 50}"]
    how = {"sets": sets, "epochs": 3}
    own = chipsim.simulate("digital-fp32", "mnist-5k", datasets={"mnist-5k": same}, **how)
    embedded = chipsim.simulate("digital-fp32", "mnist-5k", **how)
    assert own.summary["test_accuracy_percent"] == 100
    assert embedded.summary["test_accuracy_percent"] < 90
    given, shipped = own.provenance["datasets"][0], embedded.provenance["datasets"][0]
    assert (given["origin"], shipped["origin"].partition(":")[0]) == (
        "given by the caller: arrays",
        "embedded in chipsim",
    )


def test_the_same_arrays_under_any_name_train_alike():
    """The embedded digits, given as one's own, are the embedded digits to the last bit."""
    few = "train: 30, test: 20, permutation: 3"
    own = chipsim.simulate(
        "single-pair", "mnist-5k", epochs=1, datasets={"d": load("mnist-5k")},
        sets=[f"phases.0.dataset={{name: d, {few}}}"],
    )  # fmt: skip
    named = chipsim.simulate(
        "single-pair", "mnist-5k", epochs=1, sets=[f"phases.0.dataset={{name: mnist-5k, {few}}}"]
    )
    assert own.epochs == named.epochs
    assert own.ledger == named.ledger
    assert all(np.array_equal(a.pulses, b.pulses) for a, b in zip(own.wear, named.wear, strict=True))
    checksums = {one.provenance["datasets"][0]["checksum"] for one in (own, named)}
    assert len(checksums) == 1


def test_provenance_says_what_was_given(tmp_path):
    """Name, origin, sizes and a checksum of just what was trained on, kept on disk and shown on the page."""
    mine = made()
    sets = [*MINE, "phases.0.dataset={name: mine, train: 150, permutation: 2}"]
    result = chipsim.simulate("single-pair", "mnist-5k", sets=sets, epochs=1, datasets={"mine": mine})
    shuffled = permuted(mine, 2)
    digest = hashlib.md5(usedforsecurity=False)
    for array in (shuffled.train_images[:150], shuffled.train_labels[:150]):
        digest.update(array.tobytes())
    for array in (shuffled.test_images, shuffled.test_labels):
        digest.update(array.tobytes())
    assert result.provenance["datasets"] == [
        {
            "name": "mine",
            "origin": "given by the caller: arrays; pixels in permutation 2",
            "train_samples": 150,
            "test_samples": 100,
            "features": 16,
            "classes": 4,
            "checksum": digest.hexdigest(),
        }
    ]
    again = load_result(save(result, tmp_path / "run"))
    assert again == result
    page = Path(write_report([again], tmp_path / "page.html")).read_text(encoding="utf-8")
    assert "given by the caller: arrays; pixels in permutation 2" in page


def test_the_checksum_is_of_what_was_trained_on():
    """Arrays of bytes are not copied, so whoever changes them afterwards trains on, and records, the change."""
    images, labels = np.zeros((8, 16), dtype=np.uint8), np.arange(8, dtype=np.uint8) % 4
    mine = from_arrays("mine", train=(images, labels), test=(images, labels))
    images[:] = 255
    how = {"sets": [*MINE, "phases.0.epochs=1"], "datasets": {"mine": mine}}
    found = chipsim.simulate("digital-fp32", "mnist-5k", **how).provenance["datasets"][0]["checksum"]
    fresh = from_arrays("mine", train=(images, labels), test=(images, labels))
    assert found == fresh.checksum != mine.checksum


def test_own_tasks_one_after_another():
    """Several phases, hidden weights and mini-batches take own data like any other, and only time them, too."""
    sets = [
        "network.layers=[16, 24, 4]",
        "batch=20",
        "phases=[{name: a, epochs: 2, dataset: {name: mine}}, {name: b, epochs: 2, dataset: {name: mine, permutation: 1}}]",
        "evaluate=null",
    ]
    how = {"sets": sets, "datasets": {"mine": made()}}
    result = chipsim.simulate("plain-qnn", "mnist-5k-permuted", **how)
    assert [row.task for row in result.tasks] == ["a", "a", "a", "b", "a", "b"]
    timed = chipsim.simulate("plain-qnn", "mnist-5k-permuted", timing_only=True, **how)
    assert timed.summary["steps"] == result.summary["steps"] == 40


def test_an_interrupted_run_on_own_data_keeps_what_there_is(monkeypatch):
    """What is timed after the end needs a chip at rest, built from the same descriptions and data."""

    class Stopping:
        def epoch_begins(self, **_said):
            pass

        def advance(self, *_said, **_more):
            raise KeyboardInterrupt

        def epoch_ends(self, *_said, **_more):
            pass

        def remark(self, text):
            pass

    result = chipsim.simulate(
        "single-pair", "mnist-5k", sets=MINE, datasets={"mine": made()}, progress=Stopping()
    )
    assert result.summary["complete"] is False
    assert result.provenance["datasets"][0]["name"] == "mine"


def test_misspelt_names_are_told_with_both_kinds():
    """The name that no dataset has, and the dataset that no phase names."""
    sets = ["phases.0.dataset={name: mien, train: 4}"]
    assert refused(*sets, datasets={"mine": made()}) == [
        (
            "phases[name=train].dataset.name: unknown dataset 'mien'; known: mine, mnist-5k, mnist, fashion-mnist, cifar-10, flowers17-vgg, flowers17, imagenet; did you mean "
            "'mine'? (from --set phases.0.dataset={name: mien, train: 4})"
        ),
        "datasets: no phase trains on 'mine'; the phases train on mien; did you mean 'mien'?",
    ]


def test_unused_datasets_are_refused():
    """Whoever gives a dataset means it to be trained on."""
    assert refused(datasets={"mine": made()}) == [
        "datasets: no phase trains on 'mine'; the phases train on mnist-5k"
    ]


@pytest.mark.parametrize(
    ("sets", "at", "message"),
    [
        (["phases.0.dataset={name: mine, train: 201}"], "phases[name=train].dataset.train",
         "must be at most 200, all that mine has to train on, not 201"),
        (["phases.0.dataset={name: mine, test: 101}"], "phases[name=train].dataset.test",
         "must be at most 100, all that mine has to test on, not 101"),
        (["network.layers=[784, 12, 4]"], "network.layers",
         "must begin with 16, the features of a sample of mine, not 784"),
        (["network.layers=[16, 12, 3]"], "network.layers",
         "must end with at least 4, the classes of mine, not 3"),
    ],
)  # fmt: skip
def test_sizes_are_those_of_the_arrays(sets, at, message):
    """Too many samples, other pixels and more classes are refused as they are for shipped datasets."""
    assert refused(*MINE, *sets, datasets={"mine": made()}) == [f"{at}: {message} (from --set {sets[0]})"]


def test_data_without_a_whole_batch_are_refused():
    """200 samples make no batch of 300."""
    assert refused(*MINE, "batch=300", datasets={"mine": made()}) == [
        (
            "phases[name=train].dataset: mine has 200 samples to train on, less than one batch of 300; lower batch "
            "(from --set phases.0.dataset={name: mine})"
        )
    ]
