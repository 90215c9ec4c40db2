"""Rules of number formats: what has to be computed in which."""

from __future__ import annotations

from collections.abc import Iterator

from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.levels import HiddenWeightSpec

__all__ = ["of_formats"]


def of_formats(chip: ChipSpec) -> Iterator[Fault]:
    """A digital unit that cannot compute what is asked of it."""
    unit = chip.digital.arithmetic
    if isinstance(chip.rule, HiddenWeightSpec) and unit != "float-32":
        message = f"must be float-32, not {unit!r}: hidden weights are trained in single precision"
        yield Fault(("digital", "arithmetic"), f"{message}, whatever memory.weights they are kept in")
