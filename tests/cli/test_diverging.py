"""Training that diverges leaves its finished epochs, as an interrupt does, and ends with a message."""

import json

import pytest

from chipsim.result.files import load
from chipsim.spec.fields import HIGHEST_RATE
from chipsim.synapse.numbers import WeightBlock

CAUSE = "weights of tile0, tile1 are no finite numbers any more: training diverged; lower the learning rate"
DIVERGES = """\
name: diverges
about: A second phase at the highest rate. For tests.
network: {layers: [784, 12, 10], loss: cross-entropy}
learning_rate: 0.1
phases:
  - {dataset: {name: mnist-5k, train: 40, test: 20}, name: well, epochs: 2}
  - {dataset: {name: mnist-5k, train: 40, test: 20}, name: wild, epochs: 2, learning_rate: 1e+6}
"""


@pytest.fixture
def wild(folder, monkeypatch):
    """A workload whose second phase diverges on digital weights.

    No rate that is allowed does it with a logistic non-linearity, so the highest stands for a far higher one.
    """
    update = WeightBlock.update

    def diverging(block, x, d, *, rate):
        update(block, x, d, rate=1e38 if rate == HIGHEST_RATE else rate)

    monkeypatch.setattr(WeightBlock, "update", diverging)
    (folder / "diverges.yaml").write_text(DIVERGES, encoding="utf-8")
    return folder


def parts(message):
    """Where training diverged, and the rest of the message."""
    where, _, said = message.partition(": weights")
    return where, f"weights{said}"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_run_leaves_its_finished_epochs(call, wild):
    """Two of four epochs are saved, marked as stopped, with the cause; the message says where; exit code 2."""
    ended = call("run digital-fp32 diverges -o out")
    result = load(wild / "out")
    where, said = parts(ended.stderr.splitlines()[-1])
    assert ended.exit_code == 2
    assert where.startswith("error: epoch 3, step ")
    assert said == f"{CAUSE}; partial result, marked as such, in out (2 of 4 epochs done)"
    assert "digital-fp32 (stopped)" in ended.stdout
    assert (result.summary["complete"], len(result.epochs)) == (False, 2)
    assert [parts(text)[1] for text in result.summary["warnings"]] == [CAUSE]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_comparison_goes_on_with_the_others(call, wild):
    """The chip that diverges is shown as stopped, the other trained to its end, and the report made."""
    ended = call("compare digital-fp32 single-pair -w diverges -o out")
    where, said = parts(ended.stderr.splitlines()[-1])
    assert ended.exit_code == 2
    assert where.startswith("error: digital-fp32: epoch 3, step ")
    assert said == f"{CAUSE}; partial result, marked as such, in out/digital-fp32 (2 of 4 epochs done)"
    assert ended.stdout.endswith("report: out/report.html\n")
    assert load(wild / "out" / "single-pair").summary["complete"]
    assert "in the last chip" not in ended.stderr


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_run_that_cannot_be_saved_either(call, wild, monkeypatch):
    """Both are said: what diverged, and where the result is instead."""

    def full(*_, **__):
        (wild / "out").mkdir(exist_ok=True)
        (wild / "out" / "summary.json").write_text(json.dumps({}))
        return real(*_, **__)

    from chipsim.cli import running  # noqa: PLC0415

    real = running.save
    monkeypatch.setattr("chipsim.cli.running.save", full)
    ended = call("run digital-fp32 diverges -o out")
    told = ended.stderr.splitlines()[-1]
    saved = told.partition("the result is saved in ")[2].partition(" instead")[0]
    assert ended.exit_code == 2
    assert (
        f"{CAUSE}; out: summary.json has come to be there since the run began; the result is saved in" in told
    )
    assert len(load(saved).epochs) == 2


def test_the_highest_rate_leaves_no_warning_of_arithmetic(call, folder):
    """The tests take warnings as errors: single precision holds all that a rate of a million makes."""
    (folder / "diverges.yaml").write_text(DIVERGES, encoding="utf-8")
    ended = call("run digital-fp32 diverges -o out")
    assert ended.exit_code == 0
    assert load(folder / "out").summary["complete"]
