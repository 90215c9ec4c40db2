"""Keys that are given and that nothing would read, because another key of the description rules them out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import attrs

from chipsim.spec.chip import ChipSpec, parts_of
from chipsim.spec.fault import Fault
from chipsim.spec.groups import LOCAL, has_own, where_it_stands
from chipsim.spec.kind import Unread
from chipsim.spec.levels import FORMAT_BITS
from chipsim.spec.nodes import Node
from chipsim.spec.paths import Key
from chipsim.spec.views import View, views
from chipsim.spec.workload import WorkloadSpec

__all__ = ["of_unread", "of_unread_together"]

_Path: TypeAlias = tuple[Key, ...]


def _of_memory(chip: ChipSpec) -> Iterator[Unread]:
    """How numbers are rounded that are kept as they are computed."""
    memory = chip.memory
    if memory is None:
        return
    kept: set[str] = {memory.weights}
    if chip.rule.moments:
        kept.add(memory.moments)
    if {FORMAT_BITS[one] for one in kept} == {FORMAT_BITS["float-32"]}:
        why = "single precision is kept as it is computed"
        yield Unread(("memory", "rounding"), ("memory", "weights"), why, nothing="nearest")


def _in_chip(view: View, one: Unread) -> Unread:
    """What a group of tiles does not read, by the paths of the whole chip."""
    return attrs.evolve(one, path=view.path(one.path), decides=view.path(one.decides))


def of_unread(chip: ChipSpec, tree: Node) -> Iterator[Fault]:
    """What a description says and nothing reads.

    Where a value was replaced on the command line, keys that the file has for the value before are no fault
    of the user's; one that was itself given there is.

    Parameters
    ----------
    chip
        The chip as described.
    tree
        The same with the places of its values.
    """
    unread = [*_of_memory(chip), *chip.leakage.unread()]
    for view in views(chip):
        for part in parts_of(view.chip):
            unread += [_in_chip(view, one) for one in part.unread()]
    for one in unread:
        given, decides = _found(tree, one.path), _found(tree, one.decides)
        if given is None or given.value == one.nothing:
            continue
        if given.given or decides is None or not decides.given:
            message = f"nothing reads it: {one.why}; leave {one.path[-1]} out"
            yield Fault(one.path, message)
    yield from _of_common_sections(chip, tree)


def _of_common_sections(chip: ChipSpec, tree: Node) -> Iterator[Fault]:
    """Sections of the whole chip for groups of tiles that all have their own."""
    if not chip.groups:
        return
    for section in LOCAL:
        # Of the tree, for specs of groups have what the chip says already filled in.
        owners = [name for name in chip.groups if has_own(tree, name, section)]
        if len(owners) == len(chip.groups) and tree.along(section):
            own = " and ".join(f"groups.{name}.{section}" for name in owners)
            message = (
                f"nothing reads it: every group has its own {section}; set {own}, or leave {section} out"
            )
            yield Fault((section,), message)


def of_unread_together(chip: ChipSpec, workload: WorkloadSpec, tree: Node) -> Iterator[Fault]:
    """What was set of a workload on the command line and this chip does not read.

    A file is for many chips, so what stands in it may be for others.

    Parameters
    ----------
    chip, workload
        As described.
    tree
        The workload with the places of its values.
    """
    rate = _found(tree, ("learning_rate",))
    own = chip.rule.learning_rate
    # Numbers in software descend by the workload's rate, whatever the chip has of its own.
    if rate is not None and rate.given and not _read_in_software(workload):
        # Phases first: a rate of theirs goes before the chip's as well.
        if all(phase.rate_for(chip.rule.descends_by) is not None for phase in workload.phases):
            yield Fault(rate.path, "nothing reads it: each phase has a learning_rate of its own; set those")
        elif own is not None:
            message = f"nothing reads it: the chip has a rate of its own, {own:g}; set rule.learning_rate"
            yield Fault(rate.path, message)
    initial = _found(tree, ("network", "initial_weights"))
    if initial is not None and initial.given and chip.rule.draws_hidden_weights:
        message = "nothing reads it: the chip draws hidden weights by its rule.initial; set that to network"
        yield Fault(initial.path, message)


def _read_in_software(workload: WorkloadSpec) -> bool:
    """Whether a phase that trains numbers in software has no learning rate of its own."""
    numbers = (phase for phase in workload.in_software if not phase.by_rule)
    return any(
        phase.software is not None and phase.rate_for(phase.software.descends_by) is None for phase in numbers
    )


def _found(tree: Node, path: _Path) -> Node | None:
    """The node at a path; None where there is none."""
    wanted = where_it_stands(tree, path)
    node = tree.at(*wanted)
    # Where nothing stands at the path, this is the closest node above it.
    return node if node.path == wanted else None
