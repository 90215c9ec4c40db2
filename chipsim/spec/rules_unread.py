"""Keys that are given and that nothing would read, because another key of the description rules them out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

import attrs

from chipsim.spec.chip import ChipSpec, CrossbarTileSpec
from chipsim.spec.fault import Fault
from chipsim.spec.levels import FORMAT_BITS
from chipsim.spec.nodes import Node
from chipsim.spec.paths import Key
from chipsim.spec.workload import WorkloadSpec

__all__ = ["of_unread", "of_unread_together"]

_Path: TypeAlias = tuple[Key, ...]


@attrs.frozen
class _Unread:
    """A key, the key that decides whether it is read, when it is not, and why."""

    path: _Path
    decides: _Path
    ruled_out: Callable[[ChipSpec], bool]
    why: str
    nothing: Any = None
    """A value that may stand there all the same, for it asks for nothing."""


def _has_no_moments(chip: ChipSpec) -> bool:
    return getattr(chip.rule, "optimiser", "") == "sgd"


def _starts_as_the_network(chip: ChipSpec) -> bool:
    return getattr(chip.rule, "initial", "") == "network"


def _rounds_nothing(chip: ChipSpec) -> bool:
    """Whether hidden state is kept as it is computed, in single precision."""
    memory = chip.memory
    if memory is None:
        return False
    moments = "float-32" if _has_no_moments(chip) else memory.moments
    return FORMAT_BITS[memory.weights] == FORMAT_BITS[moments] == FORMAT_BITS["float-32"]


_SGD: Final = "plain gradient descent (sgd) has no moments"
_RULES: Final = (
    *(
        _Unread(("rule", key), ("rule", "optimiser"), _has_no_moments, _SGD)
        for key in ("beta1", "beta2", "epsilon")
    ),
    _Unread(("memory", "moments"), ("rule", "optimiser"), _has_no_moments, _SGD),
    _Unread(
        ("rule", "initial_spread"), ("rule", "initial"), _starts_as_the_network,
        "the network's own initial weights are taken",
    ),
    _Unread(
        ("memory", "rounding"), ("memory", "weights"), _rounds_nothing,
        "single precision is kept as it is computed", nothing="nearest",
    ),
)  # fmt: skip


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
    for rule in (*_RULES, *_of_converters(chip)):
        given, decides = _found(tree, rule.path), _found(tree, rule.decides)
        if given is None or not rule.ruled_out(chip) or given.value == rule.nothing:
            continue
        if given.given or decides is None or not decides.given:
            yield Fault(rule.path, f"nothing reads it: {rule.why}; leave {rule.path[-1]} out")


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
    own: float | None = getattr(chip.rule, "learning_rate", None)
    if rate is not None and rate.given:
        if all(phase.learning_rate is not None for phase in workload.phases):
            yield Fault(rate.path, "nothing reads it: each phase has a learning_rate of its own; set those")
        elif own is not None:
            message = f"nothing reads it: the chip has a rate of its own, {own:g}; set rule.learning_rate"
            yield Fault(rate.path, message)
    initial = _found(tree, ("network", "initial_weights"))
    if initial is not None and initial.given and getattr(chip.rule, "initial", "network") != "network":
        message = "nothing reads it: the chip draws hidden weights by its rule.initial; set that to network"
        yield Fault(initial.path, message)


def _of_converters(chip: ChipSpec) -> Iterator[_Unread]:
    if not isinstance(chip.tile, CrossbarTileSpec):
        return
    why = "an ideal converter passes numbers unchanged"
    for name, side in (("forward", chip.tile.forward), ("backward", chip.tile.backward)):
        where = ("tile", name, "adc")
        if side.adc.ideal:
            yield _Unread((*where, "noise"), (*where, "ideal"), lambda _: True, why, nothing=0)


def _found(tree: Node, path: _Path) -> Node | None:
    """The node at a path; None where there is none."""
    node = tree.at(*path)
    return node if node.path == path else None
