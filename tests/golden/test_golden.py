"""Short runs of every shipped chip leave what they left before, to the bit."""

from __future__ import annotations

import pytest

from chipsim.spec.finding import shipped_names
from tests.golden.runs import RUNS, figures, floats, kept

KEPT = kept()

same_floats = pytest.mark.skipif(
    floats() != KEPT["floats"],
    reason="floats of this machine differ in their last bits from those of the figures",
)


@same_floats
@pytest.mark.parametrize("name", RUNS)
def test_figures_stay(name):
    """Accuracy curves, every entry of the ledger, wear of every array and the timeline of a step."""
    before, now = KEPT["runs"][name], figures(name)
    changed = [
        f"{about}: {key}"
        for about in now
        for key in sorted(before[about].keys() | now[about].keys())
        if before[about].get(key) != now[about].get(key)
    ]
    assert not changed


def test_every_run_has_figures():
    """None is left out, and none is there that nothing runs."""
    assert list(KEPT["runs"]) == list(RUNS)


def test_every_shipped_chip_is_run():
    """A chip that ships has figures of its own."""
    assert {chip for chip, _, _ in RUNS.values()} == set(shipped_names("architectures"))
