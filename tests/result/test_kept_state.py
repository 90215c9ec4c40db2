"""The state that a run ended with, packed without copies of itself."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from chipsim.result.kept_state import KeptState


def test_packing_leaves_no_second_copy_with_arrow():
    """A run takes most memory when its state is packed: of what compresses badly Arrow holds less than a tenth."""
    state = {"cells": np.random.default_rng(1).random(500_000)}
    before = pa.default_memory_pool()
    watched = pa.proxy_memory_pool(before)
    pa.set_memory_pool(watched)
    try:
        kept = KeptState.of(state)
    finally:
        pa.set_memory_pool(before)
    assert len(kept.content) > 3_000_000
    assert watched.max_memory() < 400_000
    assert np.array_equal(kept.state()["cells"], state["cells"])
