"""Workloads are held against the datasets that they name before any of them is read."""

import pytest

from chipsim.run.datasets import check_data
from chipsim.spec import load_workload
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
            f"{two}:7: phases.0.dataset.name: unknown dataset 'mnst'; known: mnist-5k, mnist, fashion-mnist; "
            "did you mean 'mnist' or 'mnist-5k'?"
        ),
        f"{two}:13: phases.1.dataset.train: must be at most 4000, all that mnist-5k has to train on, not 4001",
        f"{two}:14: phases.1.dataset.test: must be at most 1000, all that mnist-5k has to test on, not 1001",
    ]


def test_as_many_as_there_are():
    """All samples of a dataset may be asked for, by number or by leaving the number out."""
    check_data(load_workload("mnist-then-fashion"))
    check_data(load_workload("mnist-5k", sets=["phases.0.dataset.train=4000", "phases.0.dataset.test=null"]))
