"""A fitted device beside what it was fitted to: readings, the law without noise, and simulated cells."""

from __future__ import annotations

from typing import Any, Final

import attrs
import numpy as np

from chipsim.device.encoding import Hits
from chipsim.device.randomness import generator
from chipsim.device.types import Sums
from chipsim.fitting.curve import Curve, Stretch

__all__ = ["Beside", "beside"]

_CELLS: Final = 200
_POINTS: Final = 200
"""Places along the pulses at most."""
_DOTS: Final = 3_000
"""Readings that are drawn at most."""
_NAME: Final = "fitted response"


@attrs.frozen(kw_only=True, eq=False)
class Beside:
    """One direction, as a page draws it; conductances in siemens."""

    up: bool
    pulses_read: Sums
    """Since the first of the stretch (readings,)."""
    read: Sums
    pulses: Sums
    """Of what follows (places,)."""
    law: Sums
    """The described cell, without any noise or spread."""
    low: Sums
    """What 10 % of the simulated cells stay below."""
    median: Sums
    high: Sums
    """What 90 % of them do."""
    cells: int = _CELLS


def beside(curve: Curve, device: Any, *, seed: int = 0) -> list[Beside]:
    """What was read beside what the device does, up first, as far as either was measured.

    Parameters
    ----------
    curve
        What was read.
    device
        One that steps both ways.
    seed
        The same gives the same.
    """
    return [_one_way(curve, device, up=up, seed=seed) for up in curve.ways()]


def _one_way(curve: Curve, device: Any, *, up: bool, seed: int) -> Beside:
    stretches = curve.going(up=up)
    # As long as the longest: what was read is seen to its end.
    most = int(max(one.pulses[-1] - one.pulses[0] for one in stretches))
    # From where readings begin, and not from an end: what was read began there.
    begins = float(np.mean([one.conductance[0] for one in stretches]))
    every = max(-(-most // _POINTS), 1)
    pulses = np.arange(0, most + every, every, dtype=np.float64)
    spread = np.stack([*_pulsed(device, begins, pulses.size, every, up=up, seed=seed)])
    (law,) = np.stack(
        [*_pulsed(_without_noise(device), begins, pulses.size, every, up=up, seed=seed, cells=1)]
    ).T
    low, median, high = np.percentile(spread, [10, 50, 90], axis=1)
    dots = _dots(stretches)
    return Beside(
        up=up, pulses_read=dots[0], read=dots[1], pulses=pulses, law=law, low=low, median=median, high=high
    )


def _dots(stretches: list[Stretch]) -> tuple[Sums, Sums]:
    pulses = np.concatenate([one.pulses - one.pulses[0] for one in stretches])
    read = np.concatenate([one.conductance for one in stretches])
    every = max(-(-pulses.size // _DOTS), 1)
    return pulses[::every], read[::every]


def _without_noise(device: Any) -> Any:
    """The same device with all its spreads and noise at zero."""
    words = ("_spread", "_variation", "variation_down", "_noise", "corrupt_cells")
    fields = [field.name for field in attrs.fields(type(device)) if field.name.endswith(words)]
    return attrs.evolve(device, **dict.fromkeys(fields, 0.0))


def _pulsed(
    device: Any, begins: float, places: int, every: int, *, up: bool, seed: int, cells: int = _CELLS
) -> list[Sums]:
    """What simulated cells conduct along the pulses (places, cells), from where readings begin on average."""
    rng = generator(seed, _NAME)
    array = device.fresh((1, cells), rng=rng)
    rows, columns = np.zeros(cells, np.int32), np.arange(cells, dtype=np.int32)
    hits = Hits(rows, columns, np.full(cells, every, np.int32))
    # Cells that nothing moves stay where they were made.
    moves = np.broadcast_to(array.step != 0, array.conductance.shape)
    start = np.clip(np.float32(begins), array.low, array.high)
    array.conductance[:] = np.where(moves, start, array.conductance)
    lasting = getattr(array, "lasting", None)
    if lasting is not None:
        lasting[:] = array.conductance
    array.sum_up()
    move = device.pulse if up else device.pulse_down
    found = [array.conductance[0].astype(np.float64)]
    for _ in range(places - 1):
        move(array, hits, rng=rng)
        found.append(array.conductance[0].astype(np.float64))
    return found
