"""How far chance in drawing the test samples moves accuracies, by hand, and leads that it explains."""

import itertools
import math

import attrs
import pytest

from chipsim.report.verdicts import conclusion, undecided, verdicts
from chipsim.result import TaskEpoch
from chipsim.result.chance import accuracy_error, forgetting_error, mean_error
from tests.results_made import made_result, seeds_of


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
    assert accuracy_error(90.0, 2_500) == pytest.approx(0.6)


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
    assert mean == pytest.approx(50)
    assert mean_error(tasks_run((60, 50), (80, 75), (25, 25), samples=2)) == pytest.approx(spread)


def test_error_of_forgetting():
    """The task that lost most counts: 90 % and then 80 % of 1,000 samples, whatever the others did."""
    found = forgetting_error(tasks_run((90, 80), (70, 69), (60, 60)))
    assert found == pytest.approx(100 * math.sqrt(0.9 * 0.1 / 1_000 + 0.8 * 0.2 / 1_000))


@pytest.mark.parametrize("error", [mean_error, forgetting_error])
def test_nothing_is_said_of_what_was_not_measured(error):
    """Without test sets or accuracies there is no error."""
    run = tasks_run((90, 80), (70, 70))
    unsized = attrs.evolve(run, summary={**run.summary, "test_samples": None})
    untested = attrs.evolve(run, tasks=(), summary={"test_samples": 100})
    assert (error(unsized), error(untested), accuracy_error(90.0, None)) == (None, None, None)


def test_forgetting_of_a_task_trained_until_the_end_is_not_measured():
    """A single task has nothing to forget."""
    assert forgetting_error(tasks_run((90, 90))) is None


def both(one, other):
    """Two chips with two seeds each that agree to the digit, so that only chance in testing is left."""
    return [
        *seeds_of(tasks_run(*one), count=2),
        *seeds_of(tasks_run(*other, architecture="hybrid-synapse"), count=2),
    ]


def test_small_leads_over_tasks_are_called_chance():
    """0.7 points of a mean over two tasks of 1,000 samples are within two standard errors of 1.2 points or so."""
    # Each accuracy near 82 %: 1.21 points; of a mean of two 0.86; of the difference of two such means 1.21.
    near = both([(84, 81.7), (83, 83)], [(84.0, 81.0), (82.3, 82.3)])
    assert {"Most accurate over all tasks", "Least forgetting"}.isdisjoint(
        verdict.question for verdict in verdicts(near)
    )
    assert undecided(near)[0] == (
        "No difference in accuracy over all tasks and forgetting: what there is is no more than chance with so "
        "many test samples."
    )


def test_large_leads_over_tasks_are_not():
    """Three points of the mean and eight of what is forgotten are more than chance."""
    far = both([(90, 88), (83, 83)], [(90, 80), (85, 85)])
    told = {verdict.question: verdict.reason for verdict in verdicts(far)}
    assert told["Most accurate over all tasks"] == "3.00 points above hybrid-synapse"
    assert told["Least forgetting"] == "hybrid-synapse loses 8.00 points more"
    assert "chance" not in conclusion(far)
