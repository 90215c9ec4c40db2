"""Several tasks one after another: what is tested when, on which data, and what it must leave alone."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from chipsim.data import from_arrays
from chipsim.net.network import Network, Step
from chipsim.parts.program import Series
from chipsim.result import TaskEpoch, task_outcomes
from chipsim.run import simulate, training
from chipsim.run.progress import Watcher
from chipsim.run.training import Training
from chipsim.spec.workload import DatasetSpec, PhaseSpec
from tests import made

LABELS = np.array([0, 1, 1, 0], np.uint8)


class Scripted:
    """A learning rule that gets as many of the four test images right as its script says."""

    def __init__(self, right):
        self.chip = SimpleNamespace(tiles=(), lost=tuple)
        self.network = SimpleNamespace(loss="squared-error")
        self.frozen_tiles = frozenset()
        self.target = "pair"
        self.log = []
        self._right = {task: iter(counts) for task, counts in right.items()}

    def begin_phase(self, phase):
        self.log.append(f"{phase.name} begins")

    def step(self, _images, labels):
        self.log.append(f"step of {len(labels)}")
        return Step(Series(()), (), correct=1, loss=2.0)

    def end_epoch(self, *, accuracy):
        self.log.append(f"epoch ends at {accuracy}")
        return Series(()), ()

    def classify(self, images, *, task):
        self.log.append(f"{task} tested on {images[0, 0]}")
        right = next(self._right[task])
        return np.concatenate([LABELS[:right], 1 - LABELS[right:]])


def data_of(pixel):
    """Two images to train on and four to test on, all of one pixel value that tells the dataset."""
    images = np.full((4, 1), pixel, np.uint8)
    return from_arrays(f"all {pixel}", train=(images[:2], LABELS[:2]), test=(images, LABELS))


def phase(name, *, epochs, task=None):
    return PhaseSpec(name=name, task=task, dataset=DatasetSpec(name="faces"), epochs=epochs)


def train(rule, *phases, evaluate=None, progress=None):
    """Train through phases, each with the pixel value of its data."""
    training = Training(rule, None, seed=1, evaluate=evaluate, progress=progress)
    epochs = sum(one.epochs for one, _ in phases)
    for one, pixel in phases:
        training.run_phase(one, data_of(pixel), batch=2, epochs=epochs)
    return training


def told(training):
    return [(row.epoch, row.task, row.test_accuracy_percent, row.trained) for row in training.tasks]


def test_every_task_seen_is_tested_after_every_epoch():
    """By hand: warm-up and training are one task; the second joins when it is seen."""
    rule = Scripted({"a": [1, 2, 4, 3, 2], "b": [3, 4]})
    phases = [(phase("warm-up", task="a", epochs=2), 7), (phase("a", epochs=1), 7), (phase("b", epochs=2), 9)]
    training = train(rule, *phases)
    assert told(training) == [
        (1, "a", 25.0, True),
        (2, "a", 50.0, True),
        (3, "a", 100.0, True),
        (4, "a", 75.0, False),
        (4, "b", 75.0, True),
        (5, "a", 50.0, False),
        (5, "b", 100.0, True),
    ]
    curve = [(row.epoch, row.phase, row.test_accuracy_percent) for row in training.epochs]
    assert curve == [
        (1, "warm-up", 25.0), (2, "warm-up", 50.0), (3, "a", 100.0), (4, "b", 75.0), (5, "b", 100.0)
    ]  # fmt: skip
    assert [one.forgotten_percent for one in task_outcomes(training.tasks)] == [50.0, None]


def test_tasks_are_tested_on_their_own_data_when_the_epoch_is_over():
    """The order of what happens: steps, the end of the epoch, then the tests, each on its own images."""
    rule = Scripted({"a": [4, 4], "b": [4]})
    train(rule, (phase("a", epochs=1), 7), (phase("b", epochs=1), 9))
    epoch = ["step of 2", "epoch ends at 0.5"]
    assert rule.log == [
        *("a begins", *epoch, "a tested on 7"),
        *("b begins", *epoch, "a tested on 7", "b tested on 9"),
    ]


def test_three_tasks_and_a_return_to_the_first():
    """Nothing is made for two tasks only."""
    rule = Scripted({"a": [4, 3, 2, 4], "b": [4, 1, 2], "c": [3, 3]})
    training = train(rule, *[(phase(f"{n}{task}", task=task, epochs=1), n) for n, task in enumerate("abca")])
    assert [(row.epoch, row.task) for row in training.tasks] == [
        (1, "a"), (2, "a"), (2, "b"), (3, "a"), (3, "b"), (3, "c"), (4, "a"), (4, "b"), (4, "c"),
    ]  # fmt: skip
    forgotten = {one.task: one.forgotten_percent for one in task_outcomes(training.tasks)}
    assert forgotten == {"a": None, "b": 50.0, "c": 0.0}


def test_only_the_tasks_asked_for_are_listed():
    """The one being trained is tested for its curve all the same; others that nobody asked for are not."""
    rule = Scripted({"a": [4, 3, 2], "b": [1], "c": [2]})
    phases = [(phase(task, epochs=1), 7) for task in "abc"]
    training = train(rule, *phases, evaluate=("a",))
    assert [(row.epoch, row.task) for row in training.tasks] == [(1, "a"), (2, "a"), (3, "a")]
    assert [row.test_accuracy_percent for row in training.epochs] == [100.0, 25.0, 50.0]
    assert [line for line in rule.log if "tested" in line] == [
        *("a tested on 7", "a tested on 7", "b tested on 7", "a tested on 7", "c tested on 7")
    ]


def test_whoever_watches_is_told_of_all_tasks():
    """The end of an epoch comes with the tasks that were tested after it."""
    heard = []

    class Listening(Watcher):
        def epoch_ends(self, row, *, tasks):
            heard.append((row.epoch, [task.task for task in tasks]))

    rule = Scripted({"a": [4, 3], "b": [1]})
    train(rule, (phase("a", epochs=1), 7), (phase("b", epochs=1), 9), progress=Listening())
    assert heard == [(1, ["a"]), (2, ["a", "b"])]


@pytest.mark.parametrize("evaluate", [None, ("first",), ("second",)])
def test_testing_leaves_training_alone(evaluate):
    """Noisy converters and stochastic pulses: whatever is tested, the weights are the same to the last bit."""
    noisy = made.chip(
        device=made.finite(states=20, step_variation=0.34),
        tile=made.crossbar(forward=made.one_pass(ideal=False, noise=0.5)),
    )

    def weights(*, evaluate, again):
        rule = made.rule_on(noisy, (5, 3), seed=3)
        if again:
            classify = rule.classify

            def thrice(images, *, task):
                classify(images, task=task)
                classify(images, task=task)
                return classify(images, task=task)

            rule.classify = thrice
        training = Training(rule, None, seed=3, evaluate=evaluate)
        training.begin(seed=3)
        for name in ("first", "second"):
            training.run_phase(made.phase(2, name), made.digits(5, 3, seed=len(name)), batch=2, epochs=4)
        return rule.matrices[0].weights()

    plain = weights(evaluate=None, again=False)
    assert np.array_equal(weights(evaluate=evaluate, again=True), plain)


def made_of_phases(*phases):
    """Overrides of the embedded digits: each phase with few samples and one epoch."""
    few = "name: mnist-5k, train: 20, test: 10"
    listed = [f"{{name: {name}, epochs: 1, dataset: {{{few}{more}}}}}" for name, more in phases]
    return [f"phases=[{', '.join(listed)}]"]


def test_a_run_of_three_tasks_keeps_them_in_its_result():
    """Permuted digits are tasks of their own: rows, summary and provenance name them."""
    sets = made_of_phases(("digits", ""), ("one", ", permutation: 1"), ("two", ", permutation: 2"))
    result = simulate("single-pair", "mnist-5k", sets=sets)
    assert [(row.epoch, row.task, row.trained) for row in result.tasks] == [
        (1, "digits", True), (2, "digits", False), (2, "one", True),
        (3, "digits", False), (3, "one", False), (3, "two", True),
    ]  # fmt: skip
    final = {row.task: row.test_accuracy_percent for row in result.tasks[3:]}
    summary = result.summary
    assert {key: value for key, value in summary.items() if key.startswith("test_accuracy_percent.")} == {
        f"test_accuracy_percent.{task}": percent for task, percent in final.items()
    }
    assert summary["mean_task_accuracy_percent"] == pytest.approx(sum(final.values()) / 3)
    first, second = result.tasks[0].test_accuracy_percent, result.tasks[2].test_accuracy_percent
    assert summary["forgetting_percent"] == max(first - final["digits"], second - final["one"])
    assert [data["origin"].partition("; ")[2] for data in result.provenance["datasets"]] == [
        "", "pixels in permutation 1", "pixels in permutation 2"
    ]  # fmt: skip


def test_phases_of_a_task_share_their_data():
    """The same images are loaded, and named in the provenance, once."""
    few = "dataset: {name: mnist-5k, train: 20, test: 10}, epochs: 1"
    sets = [f"phases=[{{name: warm-up, task: digits, {few}}}, {{name: digits, {few}}}]"]
    result = simulate("single-pair", "mnist-5k", sets=sets)
    assert [row.phase for row in result.epochs] == ["warm-up", "digits"]
    assert result.tasks == tuple(
        TaskEpoch(
            epoch=row.epoch, task="digits", test_accuracy_percent=row.test_accuracy_percent, trained=True
        )
        for row in result.epochs
    )
    assert len(result.provenance["datasets"]) == 1
    assert result.summary["forgetting_percent"] is None
    assert result.summary["mean_task_accuracy_percent"] == result.summary["test_accuracy_percent"]


def test_timing_only_counts_the_epochs_of_all_phases():
    """Epochs are numbered over all phases, whose steps are all timed; no task is tested."""
    begun = []

    class Listening(Watcher):
        def epoch_begins(self, *, epoch, epochs, samples):
            begun.append((epoch, epochs, samples))

    sets = made_of_phases(("digits", ""), ("one", ", permutation: 1"))
    result = simulate("single-pair", "mnist-5k", sets=sets, epochs=2, timing_only=True, progress=Listening())
    assert begun == [(1, 4, 20), (2, 4, 20), (3, 4, 20), (4, 4, 20)]
    assert (result.summary["steps"], result.summary["epochs_run"]) == (80, 4)
    assert result.tasks == ()
    assert (result.summary["forgetting_percent"], result.summary["mean_task_accuracy_percent"]) == (
        None,
        None,
    )


@pytest.mark.parametrize("where", ["step", "classify"])
def test_an_interrupted_run_keeps_whole_epochs_of_its_tasks(monkeypatch, where):
    """Stopped in the second task, in a step or while testing: epochs, arrays and tasks end with the first."""
    act, calls = getattr(Network, where), []

    def interrupted(rule, *given, **named):
        calls.append(where)
        # Twenty steps and one test belong to the first epoch; the second test of the next is cut off.
        if len(calls) == {"step": 25, "classify": 3}[where]:
            raise KeyboardInterrupt
        return act(rule, *given, **named)

    monkeypatch.setattr(Network, where, interrupted)
    sets = made_of_phases(("digits", ""), ("one", ", permutation: 1"))
    # Step by step, for a compiled loop calls no step.
    monkeypatch.setattr(training, "loop_of", lambda *_, **__: None)
    result = simulate("single-pair", "mnist-5k", sets=sets)
    assert result.summary["complete"] is False
    assert [row.epoch for row in result.epochs] == [1]
    assert [(row.epoch, row.task) for row in result.tasks] == [(1, "digits")]
    assert {row.epoch for row in result.arrays} == {0, 1}
    assert result.summary["test_accuracy_percent.digits"] == result.summary["test_accuracy_percent"]
    assert result.summary["forgetting_percent"] is None
