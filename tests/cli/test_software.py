"""What commands say of runs that begin with weights from software."""

from __future__ import annotations

import pytest

SOFT = """\
extends: ./tiny.yaml
name: soft
about: Digits, first in software.
phases:
  - name: before
    dataset: {name: mnist-5k, train: 40, test: 20}
    epochs: 2
    software: {trained_as: numbers}
  - name: train
    dataset: {name: mnist-5k, train: 40, test: 20}
    epochs: 1
"""


@pytest.fixture
def soft(folder):
    """A workload that trains in software first."""
    (folder / "soft.yaml").write_text(SOFT, encoding="utf-8")


@pytest.mark.usefixtures("soft")
def test_epochs_in_software_are_told_apart(call):
    """They cost nothing that is known, which is another thing than nothing; the table is of the chip."""
    done = call("run single-pair soft.yaml -o out")
    assert done.exit_code == 0
    lines = [line for line in done.stderr.splitlines() if "right in training" in line]
    assert [line.partition(": ")[2].partition(": ")[0] for line in lines] == [
        "epoch 1 in software", "epoch 2 in software", "epoch 1 of 1",
    ]  # fmt: skip
    assert all(line.endswith("in test, not on the chip, so not charged") for line in lines[:2])
    said = " ".join(done.stdout.split())
    assert "in software: 2 epochs before the chip came to" in said
    assert "their time and energy are not known, and no figure has them." in said


@pytest.mark.usefixtures("soft")
def test_what_it_took_to_reach_an_accuracy_is_said_of_the_chip(call):
    """And whether it was there before the chip trained at all."""
    call("run single-pair soft.yaml -o out")
    told = call("reach out --accuracy 1%").stdout
    assert (
        "single-pair: weights come from software, which is not counted: epochs and samples are those on"
        in told
    )
    assert "single-pair: 1 of 1 had it after the transfer, before any epoch on the chip" in told


@pytest.mark.usefixtures("soft")
def test_weights_of_another_run_and_of_software_are_refused_together(call):
    """Before anything is trained."""
    call("run single-pair tiny.yaml -o first")
    done = call("run single-pair soft.yaml -o second --from first")
    assert done.exit_code == 2
    assert done.stderr.startswith(
        "error: first: its cells hold what it ended with, and phase 'before' trains in"
    )


@pytest.mark.usefixtures("folder")
def test_what_nothing_reads_is_refused(call):
    """An error of a transfer that there is not, from the command line."""
    done = call("run single-pair tiny.yaml -o out --set transfer_error=5%")
    assert done.exit_code == 2
    assert "transfer_error: nothing reads it: no phase trains in software" in done.stderr
