"""Which values of a chip and of its cost set count: those of parts that the chip has and uses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chipsim.spec.chip import ChipSpec, parts_of
from chipsim.spec.paths import Chosen, Step, steps_in
from chipsim.spec.provenance import Value
from chipsim.spec.views import View, views

__all__ = [
    "arithmetic_in",
    "converters_in",
    "formats_in",
    "idle_levels",
    "is_idle",
    "is_read",
    "levels_in",
    "used_costs",
    "used_numbers",
    "used_of_workload",
]


def used_numbers(chip: ChipSpec, values: Iterable[Value]) -> tuple[Value, ...]:
    """The values of a chip that it uses, or that were set: without levels of cells that no weight takes.

    Parameters
    ----------
    chip
        The chip.
    values
        All its values.

    Examples
    --------
    >>> from chipsim.spec import load_chip
    >>> bnn = load_chip("bnn")
    >>> used = used_numbers(bnn.spec, bnn.values)
    >>> [value.path for value in used if value.path.endswith("compliance")]
    ['device.high[level=8].compliance']
    """
    unused = [(view, idle_levels(view.chip)) for view in views(chip)]
    # What was set is always told: whoever set it looks for it.
    used = [value for value in values if value.kind == "set" or not is_idle(value.path, unused)]
    return tuple(used)


def is_idle(path: str, unused: Iterable[tuple[View, set[Chosen]]]) -> bool:
    """Whether a path leads into a level of cells that no weight takes, on none of the groups that have it."""
    steps = steps_in(path)
    seen = [idle for view, idle in unused if view.has(steps)]
    return bool(seen) and all(idle.intersection(steps) for idle in seen)


def used_of_workload(chip: ChipSpec, values: Iterable[Value]) -> tuple[Value, ...]:
    """The values of a workload that a chip's rule reads, or that were set: without numbers of other rules.

    Parameters
    ----------
    chip
        The chip.
    values
        All values of the workload.

    Examples
    --------
    >>> from chipsim.spec import load_chip, load_workload
    >>> used = used_of_workload(load_chip("hybrid-synapse").spec, load_workload("mnist-5k").values)
    >>> [value.path for value in used if value.path.startswith("learning_rate")]
    ['learning_rate.sgd']

    A chip with a rate of its own does not read the workload's.

    >>> used = used_of_workload(load_chip("analog-sgd").spec, load_workload("mnist-5k").values)
    >>> [value.path for value in used if value.path.startswith("learning_rate")]
    []
    """
    known = list(values)
    # Numbers in software descend by optimisers of their own, whatever the chip's rule does.
    in_software = any(".software." in f".{value.path}" for value in known)
    return tuple(
        value
        for value in known
        if value.kind == "set" or _rule_reads(chip, steps_in(value.path), in_software=in_software)
    )


def _rule_reads(chip: ChipSpec, steps: list[Step], *, in_software: bool) -> bool:
    """Whether a value of a workload is for this chip's rule, for every rule, or for numbers in software."""
    # A rate of the chip's own stands for the workload's, though not for one of a phase.
    if steps[0] == "learning_rate" and chip.rule.learning_rate is not None:
        return in_software
    # A key at the top of a workload, such as one rate for all optimisers, has no section above it.
    *_, section, key = ("", *steps)[-2:]
    if section == "learning_rate":
        return in_software or key == chip.rule.descends_by
    if section == "rule":
        return key in chip.rule.phase_numbers
    return True


def levels_in(chip: ChipSpec) -> tuple[set[int], set[int]]:
    """Levels of a cell that stand for weights, and those that stand for none; both empty without levels.

    Parameters
    ----------
    chip
        The chip, as one group of its tiles sees it.

    Examples
    --------
    >>> from chipsim.spec import load_chip
    >>> levels_in(load_chip("bnn").spec)
    ({0, 8}, {1, 2, 3, 4, 5, 6, 7})
    """
    # By what they offer, not by their classes: kinds of one's own may have levels too.
    synapse: Any = chip.synapse
    device: Any = chip.device
    if "levels" not in synapse.offers or device is None or "program" not in device.offers:
        return set(), set()
    means = tuple(device.means.tolist())
    states = synapse.states(means)
    taken = {level for state in states for level in state}
    return taken, set(range(len(means))) - taken


def idle_levels(chip: ChipSpec) -> set[Chosen]:
    """How paths choose the levels of a cell that no weight takes.

    Parameters
    ----------
    chip
        The chip, as one group of its tiles sees it.

    Examples
    --------
    >>> from chipsim.spec import load_chip
    >>> Chosen("level", "3") in idle_levels(load_chip("bnn").spec)
    True
    """
    _, idle = levels_in(chip)
    return {Chosen("level", str(level)) for level in idle}


def used_costs(chip: ChipSpec, values: Iterable[Value]) -> tuple[Value, ...]:
    """The values of a cost set that a chip is charged by, and those that were set.

    Of converters these are the ones with the bits that its tiles have, of arithmetic the number formats in
    use; sample-and-holds and write drivers where there are arrays, the selector's where it selects.

    Parameters
    ----------
    chip
        The chip.
    values
        All values of the cost set, with their paths in it.

    Examples
    --------
    >>> from chipsim.spec import load_chip, load_costs
    >>> used = used_costs(load_chip("single-pair").spec, load_costs("cmos-32nm").values)
    >>> [value.path for value in used if value.path.startswith("dac")]
    ['dac[bits=8].time', 'dac[bits=8].energy', 'dac[bits=8].area', 'dac[bits=8].leakage']
    """
    return tuple(value for value in values if value.kind == "set" or _is_used(chip, value.path))


def _is_used(chip: ChipSpec, path: str) -> bool:
    # The bits of a converter tell it from the others: no cost by themselves.
    return is_read(chip, path) and not path.endswith("].bits")


def is_read(chip: ChipSpec, path: str) -> bool:
    """Whether a value of a cost set belongs to something that a chip has and uses.

    Parameters
    ----------
    chip
        The chip.
    path
        Where the value stands in the cost set.

    Examples
    --------
    >>> from chipsim.spec import load_chip
    >>> chip = load_chip("single-pair").spec
    >>> is_read(chip, "adc[bits=8].energy"), is_read(chip, "adc[bits=4].energy")
    (True, False)
    """
    section, *rest = steps_in(path)
    if section in ("adc", "dac"):
        return rest[0] in converters_in(chip, str(section))
    if section == "arithmetic":
        return rest[0] in formats_in(chip)
    if section in ("sample_hold", "write_driver", "selector"):
        return any(part.reads(steps_in(path)) for part in parts_of(chip))
    # Every chip has a buffer, wires, interfaces to them and a clock.
    return True


def converters_in(chip: ChipSpec, kind: str) -> set[Chosen]:
    """The converters that a chip has, as paths choose them.

    Parameters
    ----------
    chip
        The chip.
    kind
        ``adc`` or ``dac``.
    """
    converters = [one for view in views(chip) for one in view.chip.tile.converters.items()]
    widths = {bits for place, bits in converters if place[-1] == kind}
    return {Chosen("bits", str(bits)) for bits in widths}


def formats_in(chip: ChipSpec) -> set[str]:
    """The number formats that a chip computes in.

    Parameters
    ----------
    chip
        The chip.
    """
    return {name for view in views(chip) for name in arithmetic_in(view.chip).values()}


def arithmetic_in(chip: ChipSpec) -> dict[str, str]:
    """The number format of each section of a chip that computes.

    Parameters
    ----------
    chip
        The chip, as one group of its tiles sees it.

    Examples
    --------
    >>> from chipsim.spec import load_chip
    >>> arithmetic_in(load_chip("digital-fp32").spec)
    {'digital': 'float-32', 'synapse': 'float-32'}
    """
    found = {section: getattr(getattr(chip, section), "arithmetic", "") for section in ("digital", "synapse")}
    return {section: name for section, name in found.items() if name}
