"""A chip as each of its groups of tiles sees it, and which layers of a network stand on which group."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import attrs

from chipsim.errors import did_you_mean
from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.groups import LOCAL, TileGroup
from chipsim.spec.kind import Kind
from chipsim.spec.paths import Key, Step
from chipsim.spec.stages import Stage
from chipsim.spec.workload import NetworkSpec

__all__ = [
    "Seat",
    "View",
    "learning_on",
    "learning_views",
    "of_groups",
    "of_seats",
    "seats",
    "stages_on",
    "tile_count",
    "views",
    "working_views",
]


@attrs.frozen(kw_only=True)
class View:
    """A chip as one of its groups of tiles sees it: what is the group's own, and what all groups share.

    A chip that is described without groups is one group without a name, and sees itself.
    """

    name: str
    chip: ChipSpec
    """The same chip with this group alone."""
    trained: bool | None = None
    """Whether layers on it learn, where that is known from the workload."""

    @property
    def group(self) -> TileGroup | None:
        """As described; None for a chip without groups."""
        return self.chip.groups.get(self.name)

    @property
    def learns(self) -> bool | None:
        """Whether layers on it learn; None where that hangs on the workload, and this is not known."""
        if self.trained is not None:
            return self.trained
        if self.group is None or self.group.carries in ("all", "learning"):
            return True
        return False if self.group.carries == "frozen" else None

    @property
    def own(self) -> list[Kind]:
        """The parts that the group has of its own, in the order of their sections."""
        parts = [getattr(self.chip, section) for section in LOCAL]
        return [part for part in parts if part is not None]

    def has(self, steps: Sequence[Step]) -> bool:
        """Whether a path, as written, leads to something that is this group's or the whole chip's."""
        if steps[0] != "groups" or not self.name:
            return True
        return list(steps[1:2]) == [self.name]

    def path(self, path: tuple[Key, ...]) -> tuple[Key, ...]:
        """A path of the group's chip as one of the whole chip, where the group has its own sections."""
        local = not path or path[0] in LOCAL
        return ("groups", self.name, *path) if self.name and local else path

    def placed(self, faults: Iterable[Fault]) -> Iterator[Fault]:
        """Faults of the group's chip as those of the whole chip."""
        for fault in faults:
            yield attrs.evolve(fault, path=self.path(fault.path))


@attrs.frozen(kw_only=True)
class Seat:
    """One matrix of a layer, and the group of tiles that it stands on."""

    layer: int
    """Counted from 0."""
    role: str
    group: str


def views(chip: ChipSpec) -> tuple[View, ...]:
    """A chip as each of its groups sees it.

    Examples
    --------
    >>> from chipsim.spec import load_chip
    >>> [view.name for view in views(load_chip("bnn").spec)]
    ['']
    """
    if not chip.groups:
        return (View(name="", chip=chip),)
    return tuple(View(name=name, chip=_seen_by(chip, name)) for name in chip.groups)


def _seen_by(chip: ChipSpec, name: str) -> ChipSpec:
    # With the group's sections as the chip's own, no kind has to know that there are groups.
    group = chip.groups[name]
    own = {section: getattr(group, section) for section in LOCAL}
    return attrs.evolve(chip, groups={name: group}, **own)


def working_views(chip: ChipSpec, network: NetworkSpec) -> tuple[View, ...]:
    """The groups on which layers of a network stand; each knows whether some of them learn.

    Examples
    --------
    >>> from chipsim.spec import load_chip
    >>> network = NetworkSpec(layers=(784, 250, 10))
    >>> [view.learns for view in working_views(load_chip("bnn").spec, network)]
    [True]
    """
    found = []
    for view in views(chip):
        stages = stages_on(view.chip, network).values()
        if stages:
            trained = any(not stage.frozen for stage in stages)
            found.append(attrs.evolve(view, trained=trained))
    return tuple(found)


def learning_views(chip: ChipSpec, network: NetworkSpec) -> tuple[View, ...]:
    """The groups on which layers of a network learn."""
    return tuple(view for view in working_views(chip, network) if view.learns)


def stages_on(chip: ChipSpec, network: NetworkSpec) -> dict[int, Stage]:
    """The layers of weights that stand on a chip's groups, by their numbers from 0: all without groups.

    Examples
    --------
    >>> from chipsim.spec import load_chip
    >>> sorted(stages_on(load_chip("bnn").spec, NetworkSpec(layers=(784, 250, 10))))
    [0, 1]
    """
    taken = {seat.layer for seat in seats(chip, network)}
    return {index: stage for index, stage in enumerate(network.stages) if index in taken}


def learning_on(chip: ChipSpec, network: NetworkSpec) -> list[int]:
    """Numbers, from 1, of the layers that learn on a chip's groups."""
    stages = stages_on(chip, network)
    return [index + 1 for index, stage in stages.items() if not stage.frozen]


def seats(chip: ChipSpec, network: NetworkSpec) -> tuple[Seat, ...]:
    """Where every matrix of every layer stands, the first layer first; one seat for each group that takes it.

    Examples
    --------
    >>> from chipsim.spec import load_chip
    >>> for seat in seats(load_chip("bnn").spec, NetworkSpec(layers=(784, 250, 10))):
    ...     print(seat.layer, seat.role)
    0 weight
    1 weight
    """
    # Tiles are numbered in this order, and draw by their names: it is part of what a seed means.
    found = []
    for layer, role in _matrices(chip, network):
        takers = _takers(chip, network, layer=layer, role=role)
        found += [Seat(layer=layer, role=role, group=group) for group in takers]
    return tuple(found)


def _matrices(chip: ChipSpec, network: NetworkSpec) -> Iterator[tuple[int, str]]:
    """Layers from 0 and the roles of their matrices: one that keeps its weights has no other than these."""
    for layer, stage in enumerate(network.stages):
        # Further matrices of a layer are there for its learning.
        roles = chip.rule.roles[:1] if stage.frozen else chip.rule.roles
        yield from ((layer, role) for role in roles)


def _takers(chip: ChipSpec, network: NetworkSpec, *, layer: int, role: str) -> list[str]:
    """The groups that take a matrix of a layer, which should be one."""
    if not chip.groups:
        return [""]
    count, frozen = len(network.stages), network.stages[layer].frozen
    found = []
    for name, group in chip.groups.items():
        if group.takes(layer + 1, of=count, frozen=frozen, role=role):
            found.append(name)
    return found


def tile_count(chip: ChipSpec) -> int | Literal["auto"]:
    """Tiles of all groups together; ``auto`` where some group has as many as a workload needs."""
    total = 0
    for view in views(chip):
        if view.chip.tile.count == "auto":
            return "auto"
        total += view.chip.tile.count
    return total


# --- what is wrong with groups -----------------------------------------------------------------------


def of_groups(chip: ChipSpec) -> Iterator[Fault]:
    """Groups that fit no workload: roles that no rule has, layers claimed twice, nothing to learn on."""
    known = chip.rule.roles
    for name, group in chip.groups.items():
        if group.role is not None and group.role not in known:
            listed = f"{', '.join(known)}{did_you_mean(group.role, known)}"
            message = f"{chip.rule.kind} (rule) has no {group.role!r}; it has: {listed}"
            yield Fault(("groups", name, "role"), message)
    for (first, one), (second, other) in itertools.combinations(chip.groups.items(), 2):
        both = _both_claim(one, other)
        if both:
            yield Fault(("groups", second, "carries"), f"{both} is carried by {first!r} already")
    if chip.groups and all(view.learns is False for view in views(chip)):
        yield Fault(("groups",), "all of them carry frozen layers, and nothing would learn")


def _both_claim(one: TileGroup, other: TileGroup) -> str:
    """What two groups claim whatever the workload is; empty where that hangs on it, or nothing is."""
    if None not in (one.role, other.role) and one.role != other.role:
        return ""
    words = {carries for carries in (one.carries, other.carries) if isinstance(carries, str)}
    if words == {"all"}:
        return "every layer"
    if "all" in words:
        return _claimed(other if one.carries == "all" else one)
    if one.carries == other.carries and words:
        return _claimed(one)
    shared = set(one.carries).intersection(other.carries)
    numbers = sorted(number for number in shared if isinstance(number, int))
    return f"layer {numbers[0]}" if numbers else ""


def _claimed(group: TileGroup) -> str:
    """What a group carries, in words."""
    if isinstance(group.carries, str):
        return {"frozen": "every frozen layer", "learning": "every layer that learns"}[group.carries]
    return f"layer {group.carries[0]}"


def of_seats(chip: ChipSpec, network: NetworkSpec) -> Iterator[Fault]:
    """Layers that several groups claim, layers that none carries, numbers of layers that there are not."""
    if not chip.groups:
        return
    yield from _of_numbers(chip, len(network.stages))
    for layer, role in _matrices(chip, network):
        takers = _takers(chip, network, layer=layer, role=role)
        if len(takers) == 1:
            continue
        what = _told(chip, network.stages[layer], layer + 1, role=role)
        if takers:
            *others, last = takers
            claimed = f"{what} is carried by {' and '.join(map(repr, others))} already"
            yield Fault(("groups", last, "carries"), claimed)
        else:
            groups = ", ".join(chip.groups)
            yield Fault(("groups",), f"none of {groups} carries {what}")


def _of_numbers(chip: ChipSpec, count: int) -> Iterator[Fault]:
    for name, group in chip.groups.items():
        numbers: Sequence[int] = () if isinstance(group.carries, str) else group.carries
        for index, number in enumerate(numbers):
            if abs(number) > count:
                message = f"there is no layer {number}: the network has {count} layers of weights"
                yield Fault(("groups", name, "carries", index), message)


def _told(chip: ChipSpec, stage: Stage, number: int, *, role: str) -> str:
    """A layer's matrix in a few words."""
    kept = ", frozen" if stage.frozen else ""
    matrix = f"{role} of " if len(chip.rule.roles) > 1 else ""
    size = f"{stage.rows} x {stage.columns}"
    return f"{matrix}layer {number} ({size}{kept})"
