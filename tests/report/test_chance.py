"""Leads that chance explains: standard errors by hand, and the remark on what they explain."""

import itertools
import math

import attrs
import pytest

from chipsim.report.chance import chance_remark, measured_accuracy, measured_forgetting, measured_mean
from chipsim.report.words import conclusion, verdicts
from chipsim.result import TaskEpoch
from tests.results_made import made_result


def tasks_run(*learnt_and_final, samples=1_000, architecture="single-pair"):
    """A result that learnt tasks in a row, with each one's test accuracy when learnt and at the end."""
    tasks = []
    last = len(learnt_and_final)
    for place, (learnt, final) in enumerate(learnt_and_final, start=1):
        tasks.append(TaskEpoch(epoch=place, task=f"t{place}", test_accuracy_percent=learnt, trained=True))
        if place < last:
            tasks.append(TaskEpoch(epoch=last, task=f"t{place}", test_accuracy_percent=final, trained=False))
    made = made_result(architecture)
    finals = [final for _, final in learnt_and_final]
    lost = [learnt - final for learnt, final in learnt_and_final[:-1]]
    summary = {
        **made.summary,
        "test_samples": samples,
        "mean_task_accuracy_percent": sum(finals) / last,
        "forgetting_percent": max(lost, default=None),
    }
    return attrs.evolve(made, tasks=tuple(sorted(tasks, key=lambda row: row.epoch)), summary=summary)


def test_error_of_an_accuracy():
    """Of 2,500 samples, 90 % right are 90 give or take 0.6 %."""
    made = made_result()
    result = attrs.evolve(
        made, summary={**made.summary, "test_accuracy_percent": 90.0, "test_samples": 2_500}
    )
    found = measured_accuracy(result)
    assert (found.value, found.error, found.samples) == (90.0, pytest.approx(0.6), "2,500 test samples")


def test_error_of_a_mean_over_tasks_by_counting():
    """Three tasks of two samples each: the error is that of all outcomes that chance may draw."""
    rights = (0.5, 0.75, 0.25)
    drawn = []
    for outcome in itertools.product((0, 1), repeat=6):
        chance = math.prod(
            rights[place // 2] if right else 1 - rights[place // 2] for place, right in enumerate(outcome)
        )
        drawn.append((chance, 100 * sum(outcome) / 6))
    mean = sum(chance * value for chance, value in drawn)
    spread = math.sqrt(sum(chance * (value - mean) ** 2 for chance, value in drawn))
    found = measured_mean(tasks_run((60, 50), (80, 75), (25, 25), samples=2))
    assert (found.value, found.error) == (pytest.approx(mean), pytest.approx(spread))
    assert found.samples == "2 test samples a task"


def test_error_of_forgetting():
    """The task that lost most counts: 90 % and then 80 % of 1,000 samples, whatever the others did."""
    found = measured_forgetting(tasks_run((90, 80), (70, 69), (60, 60)))
    assert found.value == 10
    assert found.error == pytest.approx(100 * math.sqrt(0.9 * 0.1 / 1_000 + 0.8 * 0.2 / 1_000))


@pytest.mark.parametrize("measure", [measured_accuracy, measured_mean, measured_forgetting])
def test_nothing_is_said_of_what_was_not_measured(measure):
    """Without test sets or accuracies there is no error, and no remark."""
    run = tasks_run((90, 80), (70, 70))
    unsized = attrs.evolve(run, summary={**run.summary, "test_samples": None})
    untested = attrs.evolve(run, tasks=(), summary={"test_samples": 100})
    assert (measure(unsized), measure(untested)) == (None, None)
    assert chance_remark([unsized, run], measure, more=True) == ""
    assert chance_remark([run, run], measure, more=True) == ""


def test_forgetting_of_a_task_trained_until_the_end_is_not_measured():
    """A single task has nothing to forget."""
    assert measured_forgetting(tasks_run((90, 90))) is None


def test_small_leads_over_tasks_are_called_chance():
    """0.7 points of a mean over two tasks of 1,000 samples are within two standard errors of 1.6 points or so."""
    # Each accuracy near 82 %: 1.21 points; of a mean of two 0.86; of the difference of two such means 1.21.
    near = [
        tasks_run((84, 81.7), (83, 83)),
        tasks_run((84.0, 81.0), (82.3, 82.3), architecture="hybrid-synapse"),
    ]
    told = {verdict.question: verdict for verdict in verdicts(near)}
    remark = "The lead is no more than chance with 1,000 test samples a task"
    assert told["Most accurate over all tasks"].reason == f"0.70 points above hybrid-synapse. {remark}"
    assert told["Least forgetting"].reason == f"hybrid-synapse loses 0.70 points more. {remark}"
    assert conclusion(near).count("(though by no more than chance)") == 2


def test_large_leads_over_tasks_are_not():
    """Three points of the mean and eight of what is forgotten are more than chance."""
    far = [
        tasks_run((90, 88), (83, 83)),
        tasks_run((90, 80), (85, 85), architecture="hybrid-synapse"),
    ]
    told = {verdict.question: verdict.reason for verdict in verdicts(far)}
    assert told["Most accurate over all tasks"] == "3.00 points above hybrid-synapse"
    assert told["Least forgetting"] == "hybrid-synapse loses 8.00 points more"
    assert "chance" not in conclusion(far)
