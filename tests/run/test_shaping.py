"""What phases make of their datasets is held against what these have, before anything is read."""

import numpy as np
import pytest

import chipsim
from chipsim.data import from_arrays, load
from chipsim.run.datasets import check_data, data_of_phases
from chipsim.spec import load_workload, workload_from_document
from tests.spec.messages import fails

PAIR = {"name": "mnist-5k", "classes": [0, 1]}


def workload(*datasets, layers=(8, 2), **more):
    """A workload with a phase for each dataset."""
    phases = [
        {"name": name, "dataset": data, "epochs": 1} for name, data in zip("abcdef", datasets, strict=False)
    ]
    network = {"layers": list(layers), "bias": False, "activation": "relu", "loss": "cross-entropy"}
    return workload_from_document(
        load_workload("mnist-5k").document | {"network": network, "phases": phases} | more
    )


def told(*datasets, layers=(8, 2), own=None):
    """Everything that is wrong."""
    return fails(check_data, workload(*datasets, layers=layers), datasets=own or {}).splitlines()


def test_everything_at_once():
    """Classes, rows and values that are not there, of two phases."""
    found = told(
        PAIR | {"classes": [0, 10], "projection": 16, "features": [1, 16, 3], "swap_rows": 8},
        PAIR | {"features": [1, 785], "swap_rows": 1, "train": 801},
    )
    first, second = "phases[name=a].dataset", "phases[name=b].dataset"
    assert found == [
        f"{first}.classes.1: mnist-5k has no class 10; its classes are 0 to 9",
        f"{first}.swap_rows: must be at most 7, a quarter of the 28 rows of an image, not 8",
        f"{first}.features.1: must be at most 15, the last of its projection's values, not 16",
        f"{first}.features: must name 8 values, the inputs of the network, not 3",
        f"{second}.features.1: must be at most 783, the last of the pixels of an image, not 785",
        f"{second}.features: must name 8 values, the inputs of the network, not 2",
        f"{second}.train: must be at most 800, all that mnist-5k (classes 0, 1) has to train on, not 801",
    ]


def test_a_network_of_other_sizes():
    """More values and classes than it takes, with what makes them so many."""
    name = "mnist-5k (classes 0, 1, 2) behind its projection"
    assert told(PAIR | {"classes": [0, 1, 2], "projection": 9}) == [
        f"network.layers: must begin with 9, the features of a sample of {name}, not 8",
        f"network.layers: must end with at least 3, the classes of {name}, not 2",
    ]
    assert told(PAIR, layers=(784, 10)) == [
        "network.layers: must end with 2, the classes of mnist-5k (classes 0, 1), not 10: no sample is of class 2 to 9"
    ]


def test_a_network_for_whole_images():
    """Told with how the images were cut."""
    assert told(PAIR | {"crop": 20}, layers=(784, 2)) == [
        "network.layers: must begin with 400, the pixels of an image of mnist-5k (classes 0, 1) cropped to 20 x 20, not 784"
    ]


def test_phases_may_have_fewer_classes_than_the_network_has_outputs():
    """As long as one phase has as many."""
    check_data(workload({"name": "mnist-5k", "classes": [5, 3, 1]}, PAIR, layers=(784, 3)))


@pytest.mark.parametrize(
    ("dataset", "layers", "message"),
    [
        ({"name": "flowers17", "swap_rows": 1}, (1280, 17),
         "swap_rows: samples of flowers17 are 1280 values without rows; leave it out"),
        (PAIR | {"features": [*range(8)], "swap_rows": 1}, (8, 2),
         "swap_rows: changes nothing: no value that features names is in a row that is swapped"),
        ({"name": "flowers17", "crop": 20}, (400, 17),
         "crop: samples of flowers17 are 1280 values without rows; leave it out"),
        (PAIR | {"crop": 29}, (784, 2), "crop: must be at most 28, for images of mnist-5k have 28 x 28 pixels, not 29"),
        (PAIR | {"crop": 20, "swap_rows": 6}, (400, 2),
         "swap_rows: must be at most 5, a quarter of the 20 rows of an image, not 6"),
        (PAIR | {"crop": 2, "features": [0, 4]}, (2, 2),
         "features.1: must be at most 3, the last of the pixels of an image, not 4"),
        ({"name": "imagenet", "classes": [0, 1]}, (150_528, 2),
         "classes: nobody knows which samples of imagenet are of which class: only its sizes are known"),
        ({"name": "flowers17", "random_layer": 4, "features": [4]}, (1, 17),
         "features.0: must be at most 3, the last of its random layer's values, not 4"),
        ({"name": "flowers17", "features": [1280]}, (1, 17),
         "features.0: must be at most 1279, the last of the values of a sample, not 1280"),
    ],
)  # fmt: skip
def test_what_a_dataset_has_not(dataset, layers, message):
    """One thing at a time."""
    assert told(dataset, layers=layers) == [f"phases[name=a].dataset.{message}"]


def tiny():
    """Three classes of which the second has no sample, in images of two rows."""
    images = np.arange(12, dtype=np.uint8).reshape(3, 2, 2)
    return from_arrays("tiny", train=(images, [0, 2, 2]), test=(images, [0, 2, 0]))


def test_datasets_of_ones_own():
    """Are held to the same, and to what they have of each class."""
    own = {"tiny": tiny()}
    assert told({"name": "tiny", "classes": [0, 1], "swap_rows": 1}, layers=(4, 2), own=own) == [
        "phases[name=a].dataset.classes.1: no sample is of class 1",
        "phases[name=a].dataset.swap_rows: images of tiny have too few rows to swap any, 2; leave it out",
    ]
    asked = {"name": "tiny", "classes": [2, 0], "features": [3, 0]}
    work = workload(asked, layers=(2, 2))
    check_data(work, datasets=own)
    ((_, data),) = data_of_phases(work, folder=None, datasets=own)
    assert data.whole().train_images.tolist() == [[3, 0], [7, 4], [11, 8]]
    assert data.train_labels.tolist() == [1, 0, 0]
    assert data.origin == "given by the caller: arrays; of classes 2, 0 alone; of its values 3, 0"


def test_batches_of_the_classes_that_are_kept():
    """800 digits make no batch of 801."""
    assert fails(check_data, workload(PAIR, layers=(784, 2), batch=801)) == (
        "phases[name=a].dataset: mnist-5k (classes 0, 1) has 800 samples to train on, less than one batch of 801; lower batch"
    )


def test_a_task_has_one_choice_of_values():
    """Phases of one task that name other values would be another task under the same name."""
    document = workload(PAIR | {"projection": 16, "features": [*range(8)]}).document
    (first,) = document["phases"]
    other = first["dataset"] | {"features": [*range(1, 9)], "swap_rows": 1}
    phases = [first | {"task": "t"}, first | {"name": "b", "task": "t", "dataset": other}]
    assert fails(check_data, workload_from_document(document | {"phases": phases})) == (
        "phases[name=b].dataset: mnist-5k, classes 0, 1 with 1 swapped pairs of rows, projected to 16 values, values 1, 2, 3, "
        "4, 5, 6, 7, 8 is not what phase 'a' trains task 't' on, mnist-5k, classes 0, 1, projected to 16 values, values 0, 1, "
        "2, 3, 4, 5, 6, 7; the phases of a task have the same dataset"
    )


def test_a_file_of_ones_own(tmp_path):
    """Has its classes, its first samples and its values chosen like any other."""
    digits = load("mnist-5k", train=60, test=40)
    np.savez(
        tmp_path / "mine.npz",
        train_images=digits.train_images.reshape(-1, 28, 28), train_labels=digits.train_labels,
        test_images=digits.test_images.reshape(-1, 28, 28), test_labels=digits.test_labels,
    )  # fmt: skip
    path = tmp_path / "own.yaml"
    path.write_text(
        "name: own\nabout: A file of one's own. For tests.\n"
        "network: {layers: [3, 2], bias: false}\nlearning_rate: 0.1\n"
        "phases:\n"
        "  - epochs: 1\n"
        "    dataset: {file: mine.npz, classes: [1, 0], train: 5, swap_rows: 1, projection: 4, features: [3, 1, 0]}\n",
        encoding="utf-8",
    )
    result = chipsim.simulate("digital-fp32", path)
    assert result.summary["steps"] == 5
    (said,) = result.provenance["datasets"]
    assert (said["features"], said["classes"], said["train_samples"]) == (3, 2, 5)
    assert said["origin"].endswith(
        "of classes 1, 0 alone; 1 pair of rows swapped; projected to 4 values by projection 0; of its values 3, 1, 0"
    )


def test_what_is_trained_is_another_task_of_the_same_images():
    """A run of two phases that share five of eight values is complete, with the digits of both in its books."""
    first = PAIR | {"projection": 16, "features": [*range(8)], "train": 40, "test": 20}
    second = first | {"features": [0, 1, 2, 3, 4, 8, 9, 10]}
    result = chipsim.simulate("digital-fp32", workload(first, second))
    assert result.summary["complete"]
    one, other = (said["checksum"] for said in result.provenance["datasets"])
    assert one != other
