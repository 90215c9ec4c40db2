"""Waiting in the simulator is the waiting that queueing theory expects."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.parts.program import operation, parallel, series
from chipsim.run.execute import execute
from tests.run.test_execute import bench

JOBS, SERVICE = 40_000, 1_000


@pytest.mark.slow
@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
def test_random_arrivals_at_one_server_wait_as_in_theory(load):
    """M/D/1: jobs that come at random to a server of fixed time s wait load x s / (2 (1 - load)) on average.

    Waits of neighbours are alike, so the mean of 40,000 is only good to several percent at high load.
    """
    gaps = np.random.default_rng(7).exponential(SERVICE / load, JOBS)
    arrivals = np.rint(np.cumsum(gaps)).astype(int)
    chip = bench(2, {0: JOBS})
    chip.ledger.trace = []
    ways = [
        series((operation("m0", "work", time=arrival), operation("m1", "work", time=SERVICE)))
        for arrival in arrivals
    ]
    execute(chip, parallel(ways))
    starts = sorted(record.start_ps for record in chip.ledger.trace if record.part == "m1")
    waits = np.array(starts) - arrivals
    assert waits.min() >= 0
    assert waits.mean() == pytest.approx(load * SERVICE / (2 * (1 - load)), rel=0.08)
