"""Rules on how large a chip and a network may be: what is larger would fill the memory before it ran."""

from __future__ import annotations

import math
from collections.abc import Iterator

from chipsim.limits import TILES, TRAINED_WEIGHTS, UNITS, WINDOW_VALUES
from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.views import seats, views
from chipsim.spec.workload import NetworkSpec, WorkloadSpec

__all__ = ["of_chip_size", "of_network_size", "of_placed_size", "of_trained_size"]


def of_chip_size(chip: ChipSpec) -> Iterator[Fault]:
    """Tiles that a description asks for beyond what can be built."""
    # All groups together: each of them may be small, and they are built on one chip.
    counts = [view.chip.tile.count for view in views(chip)]
    count = sum(one for one in counts if one != "auto")
    where = ("groups",) if chip.groups else ("tile", "count")
    if count > TILES:
        yield Fault(where, f"must be at most {TILES:,} tiles, not {count:,}")


def of_network_size(workload: WorkloadSpec) -> Iterator[Fault]:
    """Layers that are wider than can be placed."""
    network = workload.network
    for index, units in enumerate(_values(network)):
        if units > UNITS:
            message = f"must be at most {UNITS:,} units, not {units:,}"
            yield Fault(("network", "layers", index), message)
    # Windows overlap and all of a sample are in memory at once: they may have far more values than an image.
    for stage in network.stages:
        values = stage.patches * stage.rows
        if stage.patches > 1 and values > WINDOW_VALUES:
            message = f"its windows have {values:,} values a sample, and may have {WINDOW_VALUES:,} together"
            yield Fault(("network", "layers", stage.place), message)


def _values(network: NetworkSpec) -> Iterator[int]:
    """Values of a sample that its inputs and each layer give."""
    stages = network.stages
    yield stages[0].inputs
    for stage in stages:
        yield stage.units
        for one in stage.passing:
            yield math.prod(one.layer.gives(one.given))


def of_placed_size(chip: ChipSpec, network: NetworkSpec) -> Iterator[Fault]:
    """A network that falls into more tiles than can be built.

    Examples
    --------
    >>> from chipsim.spec import load_chip
    >>> chip = load_chip("digital-fp32", sets=["tile.rows=2", "tile.columns=10"]).spec
    >>> [fault.message for fault in of_placed_size(chip, NetworkSpec(layers=(9999, 10)))]
    ['the network needs 5,000 tiles of 2 x 10; at most 4,096 can be built: make tiles larger']
    """
    tiles = {view.name: view.chip.tile for view in views(chip)}
    needed = 0
    for seat in seats(chip, network):
        tile, stage = tiles[seat.group], network.stages[seat.layer]
        # A block that fills its tile in part takes all of it.
        down, across = stage.group_rows / tile.rows, stage.group_columns / tile.columns
        needed += stage.groups * math.ceil(down) * math.ceil(across)
    if needed > TILES:
        sizes = dict.fromkeys(f"{tile.rows} x {tile.columns}" for tile in tiles.values())
        wanted = f"the network needs {needed:,} tiles of {' and '.join(sizes)}"
        message = f"{wanted}; at most {TILES:,} can be built: make tiles larger"
        yield Fault(("groups",) if chip.groups else ("tile",), message)


def of_trained_size(network: NetworkSpec) -> Iterator[Fault]:
    """More weights than can be trained, each of which takes memory for what its cells have had."""
    weights = sum(height * width for height, width in _shapes(network))
    if weights > TRAINED_WEIGHTS:
        message = (
            f"{weights:,} weights are more than can be trained, {TRAINED_WEIGHTS:,}; "
            "timing alone (--timing-only, in Python timing_only=True) keeps none of them"
        )
        yield Fault(("network", "layers"), message)


def _shapes(network: NetworkSpec) -> Iterator[tuple[int, int]]:
    """Rows, the bias included, and columns of each layer of weights, group by group."""
    for stage in network.stages:
        for _ in range(stage.groups):
            yield stage.group_rows, stage.group_columns
