"""Workloads are held against the datasets that they name before any of them is read."""

import gc
import weakref

import numpy as np
import pytest

import chipsim
from chipsim.data import from_arrays, load
from chipsim.errors import DataError
from chipsim.run.datasets import check_data
from chipsim.run.phase_data import PhaseData
from chipsim.run.training import Training
from chipsim.spec import load_workload, workload_from_document
from tests.spec.messages import fails

TWO = """\
name: two
about: Two tasks. For tests.
network: {layers: [100, 12, 9]}
learning_rate: 0.1
phases:
  - name: a
    dataset: {name: mnst, train: 40}
    epochs: 1
  - name: b
    epochs: 1
    dataset:
      name: mnist-5k
      train: 4001
      test: {value: 1001, assumed: all}
  - {name: c, epochs: 1, dataset: {name: mnist, train: 60000, test: 10000}}
"""


@pytest.fixture
def two(tmp_path):
    """A workload in which much is wrong."""
    path = tmp_path / "two.yaml"
    path.write_text(TWO, encoding="utf-8")
    return path


def test_everything_at_once(two):
    """Unknown names, too many samples and ends that no dataset has: each once, with file, line and path."""
    assert fails(check_data, load_workload(two)).splitlines() == [
        f"{two}:3: network.layers: must begin with 784, the pixels of an image of mnist-5k, not 100",
        f"{two}:3: network.layers: must end with at least 10, the classes of mnist-5k, not 9",
        f"{two}:3: network.layers: must begin with 784, the pixels of an image of mnist, not 100",
        f"{two}:3: network.layers: must end with at least 10, the classes of mnist, not 9",
        (
            f"{two}:7: phases[name=a].dataset.name: unknown dataset 'mnst'; known: mnist-5k, mnist, fashion-mnist, cifar-10, flowers17-vgg, "
            "flowers17, imagenet; "
            "did you mean 'mnist' or 'mnist-5k'?"
        ),
        f"{two}:13: phases[name=b].dataset.train: must be at most 4000, all that mnist-5k has to train on, not 4001",
        f"{two}:14: phases[name=b].dataset.test: must be at most 1000, all that mnist-5k has to test on, not 1001",
    ]


def test_as_many_as_there_are():
    """All samples of a dataset may be asked for, by number or by leaving the number out."""
    check_data(load_workload("mnist-then-fashion"))
    check_data(load_workload("mnist-5k", sets=["phases.0.dataset.train=4000", "phases.0.dataset.test=null"]))


DIGITS = {"name": "mnist-5k", "train": 60, "test": 40}


def of_one_task(*datasets):
    """A workload whose phases go on with the same task, on these datasets."""
    phases = [
        {"name": name, "task": "digits", "dataset": dataset, "epochs": 1}
        for name, dataset in zip("abc", datasets, strict=False)
    ]
    return workload_from_document(load_workload("mnist-5k").document | {"phases": phases})


@pytest.mark.parametrize(
    ("dataset", "shown"),
    [
        (DIGITS | {"permutation": 1}, "mnist-5k (60 to train, 40 to test) in permutation 1"),
        (DIGITS | {"train": 50}, "mnist-5k (50 to train, 40 to test)"),
    ],
)
def test_a_task_has_one_dataset(dataset, shown):
    """Phases of one task on other data would be another task under the same name."""
    assert fails(check_data, of_one_task(DIGITS, dataset)) == (
        f"phases[name=b].dataset: {shown} is not what phase 'a' trains task 'digits' on, "
        "mnist-5k (60 to train, 40 to test); the phases of a task have the same dataset"
    )


@pytest.mark.parametrize("wrong", [0, 1, 2])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "mnist5k"}, ("name: unknown dataset 'mnist5k'; known: mnist-5k, mnist, fashion-mnist, cifar-10, flowers17-vgg, flowers17, imagenet; did you mean "
         "'mnist-5k' or 'mnist'?")),
        ({"train": 9000}, "train: must be at most 4000, all that mnist-5k has to train on, not 9000"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_one_phase_is_not_laid_on_another(wrong, change, message):
    """Where the name or number of one phase is wrong, the other phases of its task are right."""
    datasets = [DIGITS | change if phase == wrong else DIGITS for phase in range(3)]
    assert fails(check_data, of_one_task(*datasets)) == f"phases[name={'abc'[wrong]}].dataset.{message}"


def test_right_phases_of_a_task_are_compared_past_a_wrong_one():
    """A misspelt name in the first phase hides no difference of the two after it."""
    misspelt, other = DIGITS | {"name": "mnits"}, DIGITS | {"test": 30}
    assert fails(check_data, of_one_task(misspelt, DIGITS, other)).splitlines() == [
        (
            "phases[name=a].dataset.name: unknown dataset 'mnits'; known: mnist-5k, mnist, fashion-mnist, cifar-10, flowers17-vgg, flowers17, imagenet; did you mean "
            "'mnist' or 'mnist-5k'?"
        ),
        (
            "phases[name=c].dataset: mnist-5k (60 to train, 30 to test) is not what phase 'b' trains task 'digits' on, "
            "mnist-5k (60 to train, 40 to test); the phases of a task have the same dataset"
        ),
    ]


def test_all_of_a_dataset_is_at_least_one_batch():
    """4,000 digits, of which no number is named, make no batch of 4,001."""
    sets = ["phases.0.dataset={name: mnist-5k}", "batch=4001"]
    assert fails(check_data, load_workload("mnist-5k", sets=sets)) == (
        "phases[name=train].dataset: mnist-5k has 4000 samples to train on, less than one batch of 4001; lower batch "
        "(from --set phases.0.dataset={name: mnist-5k})"
    )


def test_images_of_another_shape_are_refused():
    """As many pixels are not enough where the network says how they lie."""
    sets = ["network.layers=[[14, 56, 1], {kind: convolution, kernels: 2, size: 3}, 10]"]
    assert fails(check_data, load_workload("mnist-5k", sets=sets)).partition(" (from")[0] == (
        "network.layers: must begin with [28, 28, 1], the shape of an image of mnist-5k, not [14, 56, 1]"
    )
    check_data(load_workload("mnist-5k", sets=["network.layers=[[28, 28, 1], 10]"]))


def small(pixel):
    """Two images of one pixel value."""
    images, labels = np.full((2, 1), pixel, np.uint8), np.array([0, 1], np.uint8)
    return from_arrays("small", train=(images, labels), test=(images, labels))


def test_images_are_read_again_when_they_are_wanted():
    """Released, they are in no memory; what is told of them stays."""
    read = []

    def reading():
        data = small(7)
        read.append(weakref.ref(data))
        return data

    data = PhaseData(reading)
    assert data.whole() is data.whole()
    assert len(read) == 1
    checksum = data.whole().checksum
    data.release()
    gc.collect()
    assert read[0]() is None
    assert (data.name, data.checksum, len(data.train_labels), data.features) == ("small", checksum, 2, 1)
    assert data.whole().checksum == checksum
    assert len(read) == 2


def test_a_dataset_that_changed_meanwhile_is_refused():
    """What a result says that it was trained on is what it was trained on."""
    pixels = iter((7, 8))
    data = PhaseData(lambda: small(next(pixels)))
    data.release()
    with pytest.raises(DataError, match="small: is another dataset than when the run began"):
        data.whole()


def test_only_the_dataset_that_is_trained_on_is_held(monkeypatch):
    """Phases a, a, b, a: when one begins, the images of the others are gone, and what is trained is the same."""
    sizes = (30, 30, 20, 30)
    phases = [
        {"name": f"p{place}", "dataset": {"name": "mnist-5k", "train": size, "test": 10}, "epochs": 1}
        for place, size in enumerate(sizes)
    ]
    document = load_workload("mnist-5k").document
    workload = workload_from_document({**document, "name": "back", "phases": phases})
    held, seen = [], []
    run_phase = Training.run_phase

    def noted(self, phase, data, **more):
        held.append(weakref.ref(data))
        gc.collect()
        seen.append((len(data.train_labels), len({id(one()) for one in held if one() is not None})))
        run_phase(self, phase, data, **more)

    monkeypatch.setattr(Training, "run_phase", noted)
    result = chipsim.simulate("digital-fp32", workload)
    assert seen == [(size, 1) for size in sizes]
    assert held[0] == held[1] != held[3]
    assert result.summary["steps"] == sum(sizes)
    told = [one["checksum"] for one in result.provenance["datasets"]]
    assert told == [load("mnist-5k", train=size, test=10).checksum for size in (30, 20)]
