"""Rules over several fields of a description, or over several descriptions; every broken one is listed."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

import attrs

from chipsim.errors import did_you_mean
from chipsim.spec.buffer import of_buffer
from chipsim.spec.chip import ChipSpec, parts_of
from chipsim.spec.costs import ConverterCost, CostSet
from chipsim.spec.device_file import DeviceSpec
from chipsim.spec.fault import Fault
from chipsim.spec.fit import WORDS, of_fit
from chipsim.spec.formats import FORMATS
from chipsim.spec.groups import LOCAL
from chipsim.spec.kind import Kind
from chipsim.spec.recognising import AnySpec
from chipsim.spec.rules_memory import of_memory
from chipsim.spec.rules_size import of_chip_size
from chipsim.spec.rules_workload import of_workload
from chipsim.spec.used import arithmetic_in
from chipsim.spec.views import View, learning_views, of_groups, of_seats, views, working_views
from chipsim.spec.workload import WorkloadSpec
from chipsim.units import BITS, show

__all__ = [
    "Fault",
    "of_chip",
    "of_chip_and_costs",
    "of_chip_and_workload",
    "of_costs",
    "of_device",
    "of_one",
    "of_workload",
    "of_workload_on_chip",
]


def of_one(spec: AnySpec) -> list[Fault]:
    """The rules that one description breaks.

    Parameters
    ----------
    spec
        Any kind of description. What is wrong with a device depends on a chip that has it.
    """
    if isinstance(spec, DeviceSpec):
        return []
    if isinstance(spec, ChipSpec):
        return of_chip(spec)
    if isinstance(spec, WorkloadSpec):
        return of_workload(spec)
    return of_costs(spec)


def of_device(device: DeviceSpec, chip: ChipSpec) -> list[Fault]:
    """The rules that a device breaks by itself.

    Parameters
    ----------
    device
        As described.
    chip
        Any that is right. What it has against the device is left out: another chip may take it.
    """
    faults = device.device.faults(attrs.evolve(chip, device=device.device))
    return [fault for fault in faults if fault.path[:1] == (device.device.section,)]


def of_chip(chip: ChipSpec) -> list[Fault]:
    """The rules that a chip breaks: parts that do not fit together, values that contradict each other."""
    faults = [*of_groups(chip)]
    # A group by numbers may turn out to carry frozen layers alone; that is asked again with the workload.
    offered = _offered(view for view in views(chip) if view.learns is not False)
    for view in views(chip):
        faults += view.placed(_of_view(view, offered))
    # There once for all groups: asked in every view, they would say the same each time.
    for shared in (chip.selector, chip.interconnect):
        faults += shared.faults(chip)
    faults += chip.leakage.faults()
    faults += of_chip_size(chip)
    size = chip.buffer.size
    if size != "auto" and chip.buffer.width > size:
        width, whole = show(chip.buffer.width, BITS), show(size, BITS)
        message = f"one access of {width} is more than the buffer's {whole}"
        faults.append(Fault(("buffer", "width"), message))
    return faults


def _of_view(view: View, offered: frozenset[str]) -> Iterator[Fault]:
    """What is wrong with a group of tiles, and with the rule on it where layers on it learn."""
    chip, learns = view.chip, bool(view.learns)
    for fault in of_fit(chip, learns=learns, beside=offered):
        shared = view.name and fault.path[:1] not in [(), *((section,) for section in LOCAL)]
        told = f"on group {view.name!r}, {fault.message}" if shared else fault.message
        yield Fault(fault.path, told)
    for part in view.own:
        yield from part.faults(chip)
    if learns:
        yield from chip.rule.faults(chip)
        yield from of_memory(chip)


def _offered(learning: Iterable[View]) -> frozenset[str]:
    """What groups offer together to a selector: one with pairs on which layers learn is enough."""
    return frozenset(word for view in learning for part in parts_of(view.chip) for word in part.offers)


def _of_selector(chip: ChipSpec, workload: WorkloadSpec, offered: frozenset[str]) -> Iterator[Fault]:
    """A selector that has nothing to choose from on the groups on which layers of a workload learn."""
    # A network that is only read has nothing that a selector would have to choose.
    learns = workload.network.first_learning < len(workload.network.stages)
    missing = chip.selector.needs - offered if chip.groups and learns else ()
    for word in sorted(missing):
        need = f"{chip.selector.kind} (selector) needs {WORDS.get(word, word)}"
        message = f"{need}, and no group on which layers of {workload.name!r} learn offers any"
        yield Fault(("selector", "kind"), message)


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
            message = f"must ascend, and {above.bits} comes after {below.bits}"
            yield Fault((name, index, "bits"), message)


def of_chip_and_costs(chip: ChipSpec, costs: CostSet) -> list[Fault]:
    """What a chip uses and the cost set has no costs for."""
    return [*_of_converters(chip, costs), *_of_formats(chip, costs)]


def _of_converters(chip: ChipSpec, costs: CostSet) -> Iterator[Fault]:
    """Converters of resolutions that have no price, on each group of tiles."""
    for view in views(chip):
        yield from view.placed(_of_converters_on(view.chip, costs))


def _of_converters_on(chip: ChipSpec, costs: CostSet) -> Iterator[Fault]:
    tables = {"dac": costs.dac, "adc": costs.adc}
    for place, bits in chip.tile.converters.items():
        sort = str(place[-1])
        priced = [row.bits for row in tables[sort]]
        if bits not in priced:
            known = ", ".join(map(str, priced))
            message = f"cost set {costs.name!r} has no {sort.upper()} of {bits} bits; it has {known}"
            yield Fault((*place, "bits"), message)


def _of_formats(chip: ChipSpec, costs: CostSet) -> Iterator[Fault]:
    """Number formats that have no price, or that nothing computes in."""
    for view in views(chip):
        yield from view.placed(_of_formats_on(view.chip, costs))


def _of_formats_on(chip: ChipSpec, costs: CostSet) -> Iterator[Fault]:
    for section, name in arithmetic_in(chip).items():
        if name not in costs.arithmetic:
            known = f"{', '.join(costs.arithmetic)}{did_you_mean(name, costs.arithmetic)}"
            message = f"cost set {costs.name!r} has no arithmetic {name!r}; it has {known}"
            yield Fault((section, "arithmetic"), message)
        # A price alone computes nothing: a format that nothing rounds to would come out as exact.
        elif name not in FORMATS:
            known = f"{', '.join(FORMATS)}{did_you_mean(name, FORMATS)}"
            said = f"has a price in cost set {costs.name!r}, but nothing computes in {name!r}"
            yield Fault((section, "arithmetic"), f"{said}; known: {known}")


def of_chip_and_workload(chip: ChipSpec, workload: WorkloadSpec) -> list[Fault]:
    """What a workload asks of a chip that it cannot give; paths are the chip's."""
    faults = [*of_seats(chip, workload.network)]
    if faults:
        # Which parts have to do with which layers hangs on where these stand.
        return faults
    faults += of_buffer(chip, workload)
    offered = _offered(learning_views(chip, workload.network))
    faults += _of_selector(chip, workload, offered)
    faults += _of_unlike(chip, workload)
    described = {view.name: view.learns for view in views(chip)}
    for view in working_views(chip, workload.network):
        if view.learns and described[view.name] is None:
            # Only now it is known that the rule trains layers on it.
            # What the selector lacks was told above, of all groups together.
            faults += view.placed(_of_view(view, offered | chip.selector.needs))
        for part in _concerned(view):
            faults += view.placed(part.faults_with(view.chip, workload))
    return faults


def _of_unlike(chip: ChipSpec, workload: WorkloadSpec) -> Iterator[Fault]:
    """Groups whose weights differ, under a rule that has one set of numbers for all that it trains."""
    if not chip.rule.alike:
        return
    learning = learning_views(chip, workload.network)
    for other in learning[1:]:
        first = learning[0]
        if other.chip.synapse != first.chip.synapse:
            message = (
                f"{chip.rule.kind} (rule) trains all layers on weights that are alike, and those of group "
                f"{first.name!r} differ; make them the same, or put the layers on one group"
            )
            yield Fault(("groups", other.name, "synapse"), message)


def _concerned(view: View) -> list[Kind]:
    """The parts that have to do with a group: where nothing on it learns, its own alone."""
    return parts_of(view.chip) if view.learns else view.own


def of_workload_on_chip(workload: WorkloadSpec, chip: ChipSpec) -> list[Fault]:
    """What of a workload a chip's learning rule does not know; paths are the workload's."""
    faults: list[Fault] = []
    for view in working_views(chip, workload.network):
        for part in _concerned(view):
            faults += part.workload_faults(view.chip, workload)
    return faults
