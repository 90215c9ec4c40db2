"""The chips of numbers that train a network in software: which one, and which a workload asks for."""

from __future__ import annotations

from typing import Final

from chipsim.spec import Description, load_chip
from chipsim.spec.chip import ChipSpec
from chipsim.spec.finding import find_shipped
from chipsim.spec.workload import WorkloadSpec

__all__ = ["chip_of_numbers", "chips_of_numbers"]

_CHIPS: Final = {"sgd": "digital-fp32", "adam": "digital-adam"}
"""By what is descended by."""


def chip_of_numbers(descends_by: str, *, sets: list[str] | None = None) -> Description[ChipSpec]:
    """The chip that ships and trains numbers by an optimiser, with overrides."""
    path, _ = find_shipped(_CHIPS[descends_by], "architectures")
    return load_chip(path, sets=sets or [])


def chips_of_numbers(workload: WorkloadSpec) -> list[ChipSpec]:
    """Those that the phases of a workload train by, each once, in the order of phases."""
    said = [phase.software for phase in workload.phases if phase.software is not None]
    by = dict.fromkeys(how.descends_by for how in said if how.trained_as == "numbers")
    return [chip_of_numbers(one).spec for one in by]
