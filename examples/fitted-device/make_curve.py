"""Make up a measured curve: four cells, two cycles of 60 pulses up and 60 down, read after each pulse.

Nobody measured it. Cells step towards bounds of their own by a share of the way that is left, steps and readings are
noisy, and numbers are drawn from a seed: the same file every time.

    python make_curve.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

SEED = 14
CELLS, CYCLES, PULSES = 4, 2, 60
LOW, HIGH = 6.0, 54.0
"""Bounds of the mean cell, uS."""
SHARES = {"up": 0.055, "down": 0.075}
"""Of the way to a bound, that a pulse takes."""
SPREAD, VARIATION, READING = 0.08, 0.4, 0.25
"""Of cells in bounds and shares; of steps, over the one in the middle; of readings, uS."""


def lines():
    """The table, line by line."""
    rng = np.random.default_rng(SEED)
    yield "cell,cycle,direction,pulse,G (uS)"
    for cell in range(1, CELLS + 1):
        half = 0.5 * (HIGH - LOW)
        low, high = LOW + SPREAD * half * rng.normal(), HIGH + SPREAD * half * rng.normal()
        faster = np.exp(SPREAD * rng.normal())
        at = low
        for cycle in range(1, CYCLES + 1):
            for way, bound in (("up", high), ("down", low)):
                for pulse in range(PULSES + 1):
                    if pulse:
                        share = faster * SHARES[way]
                        at += share * (bound - at) + VARIATION * share * half * rng.normal()
                        at = min(max(at, low), high)
                    read = max(at + READING * rng.normal(), 0.0)
                    yield f"{cell},{cycle},{way},{pulse},{read:.3f}"


if __name__ == "__main__":
    path = Path(__file__).parent / "curve.csv"
    path.write_text("\n".join(lines()) + "\n", encoding="utf-8")
