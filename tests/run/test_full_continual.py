"""Digits then clothes from the full sets, where CHIPSIM_DATA has them: a slice of the published experiment."""

from __future__ import annotations

import os

import pytest

from chipsim.run import simulate

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not os.environ.get("CHIPSIM_DATA"), reason="CHIPSIM_DATA names no folder of datasets"),
]


def test_clothes_are_learnt_without_forgetting_digits():
    """Four thousand images of each and two epochs a phase: both tasks far above chance, the first one kept."""
    some = [
        f"phases.{phase}.dataset.{part}={count}"
        for phase in range(3)
        for part, count in (("train", 4000), ("test", 1000))
    ]
    summary = simulate("metaplastic-qnn", "mnist-then-fashion", sets=some, epochs=2).summary
    assert summary["test_accuracy_percent.mnist"] > 80
    assert summary["test_accuracy_percent.fashion-mnist"] > 65
    assert summary["forgetting_percent"] < 5
    # 784-512-512-10: 668,672 weights of 12 bytes, and two sets of 1,034 units of 32 bytes.
    assert summary["hidden_memory_bytes"] == 668_672 * 12 + 2 * 1_034 * 32
