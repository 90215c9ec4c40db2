"""Whether a network fits on a chip, before anything is built for it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from chipsim.errors import ChipsimWarning, PlacementError
from chipsim.limits import TOLD_TILES
from chipsim.net.placing import Placement, place
from chipsim.run.reading import Described
from chipsim.spec.fault import Fault
from chipsim.spec.reading import problem_of
from chipsim.spec.rules_size import of_placed_size, of_trained_size

__all__ = ["fitted", "tell_tiles"]


def fitted(read: Described, *, trained: bool) -> Placement:
    """The network of a workload placed on a chip.

    Parameters
    ----------
    read
        Chip, workload and costs.
    trained
        Whether weights are kept, for which there has to be memory.

    Raises
    ------
    PlacementError
        When the chip's tiles do not hold it, or this machine would not.
    """
    _check_size(read, trained=trained)
    described = read.architecture
    try:
        return place(read.workload.spec.network, described.spec)
    except PlacementError as error:
        faults = [Fault(tuple(problem.path.split(".")), problem.message) for problem in error.problems]
        raise PlacementError([problem_of(described.tree, fault) for fault in faults]) from None


def _check_size(read: Described, *, trained: bool) -> None:
    """Refuse a network that would not fit into memory, before anything is built for it."""
    network = read.workload.spec.network
    placed = of_placed_size(read.architecture.spec, network)
    kept = of_trained_size(network) if trained else ()
    trees = ((read.architecture.tree, placed), (read.workload.tree, kept))
    problems = [tree.at(*fault.path).problem(fault.message) for tree, faults in trees for fault in faults]
    if problems:
        raise PlacementError(problems)


def tell_tiles(shapes: Sequence[tuple[int, int]]) -> None:
    """Say before a long run that it could be a shorter one."""
    if len(shapes) > TOLD_TILES:
        warnings.warn(
            f"the network falls into {len(shapes):,} tiles, and each is computed by itself at every step; "
            "with larger tiles the run is faster",
            ChipsimWarning,
            stacklevel=4,
        )
