"""Rules over several fields of a description, or over several descriptions; every broken one is listed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from chipsim.errors import did_you_mean
from chipsim.spec.buffer import of_buffer
from chipsim.spec.chip import ChipSpec, parts_of
from chipsim.spec.costs import ConverterCost, CostSet
from chipsim.spec.fault import Fault
from chipsim.spec.fit import of_fit
from chipsim.spec.formats import FORMATS
from chipsim.spec.rules_memory import of_memory
from chipsim.spec.rules_size import of_chip_size
from chipsim.spec.rules_workload import of_workload
from chipsim.spec.used import arithmetic_in
from chipsim.spec.workload import WorkloadSpec
from chipsim.units import BITS, show

__all__ = [
    "Fault",
    "of_chip",
    "of_chip_and_costs",
    "of_chip_and_workload",
    "of_costs",
    "of_one",
    "of_workload",
    "of_workload_on_chip",
]


def of_one(spec: ChipSpec | WorkloadSpec | CostSet) -> list[Fault]:
    """The rules that one description breaks.

    Parameters
    ----------
    spec
        Any of the three kinds of description.
    """
    if isinstance(spec, ChipSpec):
        return of_chip(spec)
    if isinstance(spec, WorkloadSpec):
        return of_workload(spec)
    return of_costs(spec)


def of_chip(chip: ChipSpec) -> list[Fault]:
    """The rules that a chip breaks: parts that do not fit together, values that contradict each other."""
    faults = [*of_fit(chip)]
    for part in parts_of(chip):
        faults += part.faults(chip)
    faults += of_memory(chip)
    faults += of_chip_size(chip)
    size = chip.buffer.size
    if size != "auto" and chip.buffer.width > size:
        width = show(chip.buffer.width, BITS)
        faults.append(
            Fault(("buffer", "width"), f"one access of {width} is more than the buffer's {show(size, BITS)}")
        )
    return faults


def of_costs(costs: CostSet) -> list[Fault]:
    """The rules that a cost set breaks: tables must ascend, name each resolution once, and not be empty."""
    faults = [fault for name in ("adc", "dac") for fault in _of_table(name, getattr(costs, name))]
    if not costs.arithmetic:
        faults.append(Fault(("arithmetic",), "needs at least one number format"))
    return faults


def _of_table(name: str, table: Sequence[ConverterCost]) -> Iterator[Fault]:
    if not table:
        yield Fault((name,), "needs at least one resolution")
    for index, (below, above) in enumerate(itertools.pairwise(table), start=1):
        if above.bits == below.bits:
            yield Fault((name, index, "bits"), f"{above.bits} bits are there already")
        elif above.bits < below.bits:
            yield Fault((name, index, "bits"), f"must ascend, and {above.bits} comes after {below.bits}")


def of_chip_and_costs(chip: ChipSpec, costs: CostSet) -> list[Fault]:
    """What a chip uses and the cost set has no costs for."""
    return [*_of_converters(chip, costs), *_of_formats(chip, costs)]


def _of_converters(chip: ChipSpec, costs: CostSet) -> Iterator[Fault]:
    tables = {"dac": [row.bits for row in costs.dac], "adc": [row.bits for row in costs.adc]}
    for place, bits in chip.tile.converters.items():
        sort = str(place[-1])
        if bits not in tables[sort]:
            known = ", ".join(str(number) for number in tables[sort])
            message = f"cost set {costs.name!r} has no {sort.upper()} of {bits} bits; it has {known}"
            yield Fault((*place, "bits"), message)


def _of_formats(chip: ChipSpec, costs: CostSet) -> Iterator[Fault]:
    for section, name in arithmetic_in(chip).items():
        if name not in costs.arithmetic:
            known = f"{', '.join(costs.arithmetic)}{did_you_mean(name, costs.arithmetic)}"
            message = f"cost set {costs.name!r} has no arithmetic {name!r}; it has {known}"
            yield Fault((section, "arithmetic"), message)
        elif name not in FORMATS:
            known = f"{', '.join(FORMATS)}{did_you_mean(name, FORMATS)}"
            said = f"has a price in cost set {costs.name!r}, but nothing computes in {name!r}"
            yield Fault((section, "arithmetic"), f"{said}; known: {known}")


def of_chip_and_workload(chip: ChipSpec, workload: WorkloadSpec) -> list[Fault]:
    """What a workload asks of a chip that it cannot give; paths are the chip's."""
    faults = [*of_buffer(chip, workload)]
    for part in parts_of(chip):
        faults += part.faults_with(chip, workload)
    return faults


def of_workload_on_chip(workload: WorkloadSpec, chip: ChipSpec) -> list[Fault]:
    """What of a workload a chip's learning rule does not know; paths are the workload's."""
    return [fault for part in parts_of(chip) for fault in part.workload_faults(chip, workload)]
