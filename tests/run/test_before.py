"""Testing a phase's task before its first sample: what was learnt before is seen, and nothing else changes."""

from __future__ import annotations

import pytest

import chipsim

SMALL = ("phases[*].dataset.train=200", "phases[*].dataset.test=100", "phases[*].epochs=1")


def run(*sets, chip="digital-fp32", workload="mnist-5k-rows", **how):
    """A short run of two phases."""
    return chipsim.simulate(chip, workload, sets=[*SMALL, *sets], **how)


def test_what_a_task_begins_with():
    """With the same images as before, a phase begins with what the last one ended with."""
    same = "phases[1].dataset={name: mnist-5k, train: 200, test: 100}"
    result = run(same, "phases[1].test_before=true")
    assert result.summary.test_accuracy_before_percent == result.epochs[0].test_accuracy_percent


@pytest.mark.parametrize("chip", ["digital-fp32", "analog-sgd"])
def test_nothing_else_changes(chip):
    """Neither curve nor ledger; without it there is no such figure."""
    plain, tested = (run(f"phases[*].test_before={word}", chip=chip) for word in ("false", "true"))
    assert plain.epochs == tested.epochs
    assert plain.ledger == tested.ledger
    assert "test_accuracy_before_percent" not in plain.summary
    assert 0 <= tested.summary["test_accuracy_before_percent"] <= 100


def test_the_last_phase_that_asks_is_told():
    """Of two the second, as if it alone had asked; where only the first asks, the first, before any step."""
    first, second, both = (run(f"phases[{which}].test_before=true") for which in ("0", "1", "*"))
    key = "test_accuracy_before_percent"
    assert both.summary[key] == second.summary[key]
    drawn = chipsim.run.prepare("digital-fp32", "mnist-5k-rows", sets=list(SMALL))
    drawn.rule.begin(seed=0)
    data = chipsim.data.load("mnist-5k")
    right = drawn.rule.classify(data.test_images[:100], task="digits") == data.test_labels[:100]
    assert first.summary[key] == pytest.approx(100 * right.mean())
