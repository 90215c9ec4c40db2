"""A measured response that somebody else publishes is fitted, where a copy of it is there."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import chipsim
from chipsim.spec import load_device

PLACE = os.environ.get("CHIPSIM_AIHWKIT")


def published():
    place = Path(PLACE)
    return place if place.is_file() else place / "examples" / "csv" / "gong_et_al.csv"


@pytest.mark.data
@pytest.mark.skipif(
    not PLACE,
    reason="CHIPSIM_AIHWKIT names no copy of github.com/IBM/aihwkit, whose examples/csv/gong_et_al.csv is fitted",
)
def test_a_published_response_is_fitted(tmp_path):
    """That of a ReRAM cell, 1,000 pulses either way: noise of readings is as large as many steps, and told from it."""
    up, down = np.loadtxt(published(), delimiter=",").T
    frame = {
        "pulse": [*range(up.size), *range(down.size)],
        "direction": ["up"] * up.size + ["down"] * down.size,
        "G (uS)": np.concatenate([30 + 10 * up, 30 + 10 * down]),
    }
    fitted = chipsim.fit_device(frame, name="gong-2018")
    device = load_device(fitted.save(tmp_path / "gong-2018.yaml")).spec.device
    # What anybody sees in the curve: its ends, hundreds of states, readings that scatter by about 0.15.
    assert 15e-6 < device.off_conductance < 25e-6
    assert 35e-6 < device.on_conductance < 50e-6
    assert device.states > 100
    assert fitted.best.population.white.value == pytest.approx(1.5e-6, rel=0.3)
    # A smooth curve through the readings leaves no more than their scatter.
    assert fitted.best.residual < 0.1
