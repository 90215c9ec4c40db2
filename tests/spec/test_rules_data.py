"""Rules over what phases make of their datasets: refused before anybody knows the dataset."""

import pytest

from chipsim.spec import load_workload, workload_from_document
from tests.spec.messages import fails


def of_dataset(**dataset):
    """A workload document whose one phase has this dataset."""
    phase = {"name": "a", "epochs": 1, "dataset": {"name": "mnist-5k"} | dataset}
    return load_workload("mnist-5k").document | {"phases": [phase]}


def test_all_may_go_together():
    """Classes, first samples, rows, an order, a projection and some of its values."""
    asked = of_dataset(
        classes=[1, 0],
        train=781,
        swap_rows=2,
        permutation=1,
        projection=16,
        projection_number=3,
        features=[4, 0],
    )
    said = workload_from_document(asked).spec.phases[0].dataset
    assert (said.classes, said.swap_rows, said.projection, said.features) == ((1, 0), 2, 16, (4, 0))


@pytest.mark.parametrize(
    ("dataset", "messages"),
    [
        ({"classes": [0, 1, 0, 1]}, ["classes.2: names class 0 again", "classes.3: names class 1 again"]),
        ({"classes": [4]}, ["classes: needs two classes or more to tell apart, not [4]"]),
        ({"classes": []}, ["classes: needs two classes or more to tell apart, not []"]),
        ({"classes": [-1, 0]}, ["classes.0: must be at least 0, not -1"]),
        ({"features": [3, 5, 3]}, ["features.2: names value 3 again"]),
        ({"features": []}, ["features: needs at least one value; leave it out to take all"]),
        ({"features": [0, -2]}, ["features.1: must be at least 0, not -2"]),
        ({"crop": 0}, ["crop: must be at least 1, not 0"]),
        ({"crop": [20, 20]}, ["crop: must be a whole number, not [20, 20]"]),
        ({"swap_rows": 0}, ["swap_rows: must be at least 1, not 0"]),
        ({"projection": 0}, ["projection: must be between 1 and 4000000, not 0"]),
        ({"projection": 4, "random_layer": 4},
         ["projection: images pass either a random_layer or a projection; leave one of them out"]),
        ({"projection_number": 1},
         ["projection_number: nothing reads it: there is no projection; leave it out"]),
        ({"classes": [2, 2], "features": [1, 1], "projection_number": 0},
         ["classes.1: names class 2 again", "features.1: names value 1 again",
          "projection_number: nothing reads it: there is no projection; leave it out"]),
        ({"classes": "0, 1"}, ["classes: must be a list, not '0, 1'"]),
        ({"features": [0.5, True]},
         ["features.0: must be a whole number, not 0.5", "features.1: must be a whole number, not true"]),
    ],
)  # fmt: skip
def test_what_makes_no_sense(dataset, messages):
    """Each problem at its place, all at once."""
    expected = [f"phases[name=a].dataset.{message}" for message in messages]
    assert fails(workload_from_document, of_dataset(**dataset)).splitlines() == expected


def test_a_misspelt_key():
    """With those that there are and the closest."""
    found = fails(workload_from_document, of_dataset(swap_row=1))
    assert found.endswith("projection, projection_number, features; did you mean 'swap_rows'?")
