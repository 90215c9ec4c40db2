"""Rules of a workload's phases and tasks: refused before anything is loaded or built."""

from __future__ import annotations

import pytest

from chipsim.spec import load_chip, load_workload, workload_from_document
from tests.spec.messages import fails

DIGITS = {"name": "mnist-5k", "train": 60, "test": 40}
OTHERS = DIGITS | {"permutation": 1}
NORMALISED = {"layers": [784, 10], "normalisation": {"state": "shared"}}


def of_phases(*phases, **more):
    """A workload document with these phases, each of one epoch on the digits unless it says otherwise."""
    whole = [{"dataset": DIGITS, "epochs": 1} | phase for phase in phases]
    return load_workload("mnist-5k").document | {"phases": whole} | more


def test_phases_may_go_on_with_a_task():
    """A warm-up and the training after it are one task; a phase without a task names its own."""
    document = of_phases(
        {"name": "warm-up", "task": "digits", "rule": {"metaplasticity": 0}},
        {"name": "digits", "learning_rate": 0.05},
        {"name": "permuted", "dataset": OTHERS},
        evaluate=["digits", "permuted"],
    )
    workload = workload_from_document(document).spec
    assert [phase.task_name for phase in workload.phases] == ["digits", "digits", "permuted"]
    assert [phase.rule for phase in workload.phases] == [{"metaplasticity": 0.0}, {}, {}]
    assert workload.evaluate == ("digits", "permuted")


@pytest.mark.parametrize(
    ("evaluate", "messages"),
    [
        ([], ["evaluate: needs at least one task; leave it out to test all: digits, permuted"]),
        (["digit"],
         ["evaluate.0: no phase trains task 'digit'; known: digits, permuted; did you mean 'digits'?"]),
        ("digits", ["evaluate: must be a list, not 'digits'"]),
        (["digits", "xyz", "digits", "warm-up"],
         ["evaluate.1: no phase trains task 'xyz'; known: digits, permuted",
          "evaluate.2: names task 'digits' again",
          "evaluate.3: no phase trains task 'warm-up'; known: digits, permuted"]),
    ],
)  # fmt: skip
def test_only_tasks_that_are_trained_can_be_tested(evaluate, messages):
    """Unknown tasks, tasks named twice and an empty list are refused, all at once."""
    document = of_phases(
        {"name": "warm-up", "task": "digits"},
        {"name": "digits"},
        {"name": "permuted", "dataset": OTHERS},
        evaluate=evaluate,
    )
    assert fails(workload_from_document, document).splitlines() == messages


def test_no_training_could_use_a_higher_rate():
    """Rates above a million are refused wherever they stand, before they leave single precision."""
    document = of_phases({"name": "wild", "learning_rate": 1e300}, learning_rate=1.1e6)
    assert fails(workload_from_document, document).splitlines() == [
        "learning_rate: must be at most 1000000, not 1100000",
        "phases[name=wild].learning_rate: must be at most 1000000, not 1e+300",
    ]
    for chip in ("digital-fp32", "metaplastic-qnn"):
        refused = fails(load_chip, chip, sets=["rule.learning_rate=1e7"])
        assert refused.endswith(
            "rule.learning_rate: must be at most 1000000, not 10000000 (from --set rule.learning_rate=1e7)"
        )
    assert load_workload("mnist-5k", sets=["learning_rate=1e6"]).spec.learning_rate == 1e6


@pytest.mark.parametrize(
    ("phase", "path", "name"),
    [
        ({"name": "two words"}, "name", "two words"),
        ({"name": "a", "task": "b/c"}, "task", "b/c"),
        ({"name": "Größe"}, "name", "Größe"),
    ],
)
def test_tasks_name_results(phase, path, name):
    """A task's name stands in keys of the summary and in tables."""
    assert fails(workload_from_document, of_phases(phase)) == (
        f"phases[name={phase['name']}].{path}: task {name!r}; a task's name is letters, digits, '-' and '_', for it names results"
    )


def test_a_phase_may_be_called_anything_when_its_task_has_a_name():
    """Names of phases are only shown."""
    document = of_phases({"name": "warm-up (m = 0)", "task": "digits"})
    assert workload_from_document(document).spec.phases[0].name == "warm-up (m = 0)"


@pytest.mark.parametrize(
    ("phases", "message"),
    [
        ([], "phases: needs at least one phase"),
        ([{"name": "a", "epochs": 1}], "phases[name=a]: missing key 'dataset'"),
        (None, "phases: must be a list, not null"),
        (
            [{"name": "a", "epochs": 1, "dataset": DIGITS, "task": ""}],
            "phases[name=a].task: must not be empty",
        ),
    ],
)
def test_training_needs_phases_with_data(phases, message):
    """No phase at all, a phase without data, and one of a task without a name."""
    document = load_workload("mnist-5k").document | {"phases": phases}
    assert fails(workload_from_document, document) == message


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (DIGITS | {"permutation": -1}, "phases[name=a].dataset.permutation: must be at least 0, not -1"),
        (
            DIGITS | {"permutation": 1.5},
            "phases[name=a].dataset.permutation: must be a whole number, not 1.5",
        ),
    ],
)
def test_a_permutation_has_a_number(dataset, message):
    """Whole numbers from zero."""
    assert fails(workload_from_document, of_phases({"name": "a", "dataset": dataset})) == message


@pytest.mark.parametrize("batch", [{}, {"batch": 1}])
def test_a_single_sample_cannot_be_normalised(batch):
    """A sample alone has its own mean and no variance; that batches are of one may go unsaid."""
    document = {key: value for key, value in of_phases({}).items() if key != "batch"}
    assert fails(workload_from_document, document | {"network": NORMALISED} | batch) == (
        "batch: must be at least 2 with network.normalisation, not 1: a single sample has no variance to be "
        "normalised by; use a larger batch, or leave the normalisation out"
    )


def test_no_last_batch_is_of_a_single_sample():
    """61 samples are three batches of 20 and one sample; 60 and 62 of the other phases leave none, and two."""
    phases = [{"name": f"of-{train}", "dataset": DIGITS | {"train": train}} for train in (60, 61, 62)]
    assert fails(workload_from_document, of_phases(*phases, network=NORMALISED, batch=20)) == (
        "phases[name=of-61].dataset.train: 61 samples in batches of 20 leave a last batch of 1 sample, and a single sample has "
        "no variance to be normalised by; set train to 60, or take another batch"
    )


def test_single_samples_are_well_without_normalisation():
    """Batches of one, and a remainder of one."""
    for document in (of_phases({}, batch=1), of_phases({"dataset": DIGITS | {"train": 61}}, batch=20)):
        assert workload_from_document(document).spec.network.normalisation is None
