"""Rules of number formats: what a format needs, and what has to be computed in which."""

from __future__ import annotations

from collections.abc import Iterator

from chipsim.spec.chip import ChipSpec, DigitalSynapseSpec
from chipsim.spec.fault import Fault
from chipsim.spec.formats import is_fixed
from chipsim.spec.levels import HiddenWeightSpec

__all__ = ["of_formats"]


def of_formats(chip: ChipSpec) -> Iterator[Fault]:
    """Ranges that a format lacks or has no use for, and units that cannot compute in theirs."""
    unit = chip.digital.arithmetic
    if isinstance(chip.synapse, DigitalSynapseSpec):
        yield from _of_synapse(chip.synapse)
        tiles = chip.synapse.arithmetic
        if is_fixed(unit) and not is_fixed(tiles):
            message = f"{unit} has no range for the weighted sums of {tiles} tiles; use a floating-point unit"
            yield Fault(("digital", "arithmetic"), message)
    if isinstance(chip.rule, HiddenWeightSpec) and unit != "float-32":
        message = f"must be float-32, not {unit!r}: hidden weights are trained in single precision"
        yield Fault(("digital", "arithmetic"), f"{message}, whatever memory.weights they are kept in")


def _of_synapse(synapse: DigitalSynapseSpec) -> Iterator[Fault]:
    fixed = is_fixed(synapse.arithmetic)
    for name in ("weight_range", "sum_range"):
        given = getattr(synapse, name)
        if fixed and given is None:
            message = f"missing key {name!r}: numbers of {synapse.arithmetic} span a stated range"
            yield Fault(("synapse",), message)
        if not fixed and given is not None:
            yield Fault(("synapse", name), f"{synapse.arithmetic} has a range of its own; leave {name} out")
    if synapse.arithmetic == "float-32" and synapse.rounding == "stochastic":
        message = "single precision is what is computed in, and nothing is rounded to it; leave rounding out"
        yield Fault(("synapse", "rounding"), message)
