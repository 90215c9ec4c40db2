"""The embedded digits, then the same digits permuted: what consolidation keeps, and what a run says of it."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.result.files import load, save
from chipsim.run import simulate


@pytest.fixture(scope="module")
def runs():
    """Four epochs of every phase, with consolidation and without."""
    return {name: simulate(name, "mnist-5k-permuted", epochs=4) for name in ("metaplastic-qnn", "plain-qnn")}


def test_consolidation_keeps_the_first_task(runs):
    """With it next to nothing is forgotten, without it much is; both learn both tasks."""
    summaries = {name: result.summary for name, result in runs.items()}
    assert summaries["metaplastic-qnn"]["forgetting_percent"] < 3
    assert summaries["plain-qnn"]["forgetting_percent"] > 8
    for summary in summaries.values():
        assert summary["test_accuracy_percent"] > 88
    assert summaries["metaplastic-qnn"]["test_accuracy_percent.digits"] > 92


def test_chips_are_the_same_until_one_consolidates(runs):
    """The warm-up has no consolidation on either chip: the same epochs to the last joule."""
    one, other = (result.epochs for result in runs.values())
    assert one[:4] == other[:4]
    assert one[4] != other[4]


def test_hidden_memory_is_counted(runs):
    """784-128-128-10: 118,016 weights of 12 bytes, and two sets of 266 units of 32 bytes, moments included."""
    for result in runs.values():
        summary = result.summary
        assert summary["hidden_memory_bytes"] == 118_016 * 12 + 2 * 266 * 32
        assert summary["hidden_memory_used_bytes"] == summary["hidden_memory_bytes"]
        traffic = sum(row.bits for row in result.ledger if row.part == "digital.memory")
        assert 8 * summary["hidden_memory_traffic_bytes"] == traffic
        # Each of 480 steps reads and writes hidden weights and both moments.
        assert summary["hidden_memory_traffic_bytes"] >= 480 * 2 * 118_016 * 12


def test_programmings_are_counted(runs, tmp_path):
    """Totals are sums over the cells, two of them a weight, and come back with the arrays."""
    result = runs["metaplastic-qnn"]
    summary = result.summary
    sums = {
        kind: sum(int(getattr(array, kind).sum()) for array in result.wear)
        for kind in ("pulses", "resets", "programmings")
    }
    assert (summary["sets"], summary["resets"]) == (sums["pulses"], sums["resets"])
    assert summary["programmings"] == sums["programmings"]
    assert summary["cells"] == 2 * 118_016
    assert summary["mean_programmings_per_cell"] == sums["programmings"] / summary["cells"]
    for array in result.wear:
        assert np.all(array.programmings >= np.maximum(array.pulses, array.resets))
        assert np.all(array.programmings <= array.pulses + array.resets)
    assert load(save(result, tmp_path / "run")) == result


def test_chips_without_levels_have_no_programmings():
    """Nor a memory for hidden weights: figures of what is not there are missing, not zero."""
    summary = simulate("single-pair", "mnist-5k", epochs=1, sets=["phases.0.dataset.train=5"]).summary
    missing = ("sets", "programmings", "mean_programmings_per_cell", "hidden_memory_bytes",
               "hidden_memory_used_bytes", "hidden_memory_traffic_bytes")  # fmt: skip
    assert {key: summary[key] for key in missing} == dict.fromkeys(missing)
