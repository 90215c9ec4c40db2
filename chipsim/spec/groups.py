"""Groups of tiles, as described: each has cells, tiles and updates of its own, and carries some layers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Literal

import attrs

from chipsim.errors import Problem
from chipsim.spec.kind import Kind
from chipsim.spec.nodes import Node
from chipsim.spec.paths import Key, path_text
from chipsim.spec.tiles import Tiles

__all__ = [
    "LOCAL",
    "TileGroup",
    "changes_keys",
    "group_names",
    "has_own",
    "made_on_the_way",
    "of_group_names",
    "where_it_stands",
]

LOCAL: Final = ("synapse", "device", "tile", "update")
"""Sections that a group of tiles has of its own; all others are the whole chip's."""
_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")
_NOTES: Final = ("value", "source", "assumed", "between", "set", "changed", "written_in")
"""Keys that stand beside a value and say where it comes from: a group called so would be taken for that."""


def _carried(_spec: Any, _field: Any, value: Any) -> None:
    """A check that a list names layers by their numbers, each once."""
    if isinstance(value, str):
        return
    if not value:
        raise ValueError("needs at least one layer")
    if 0 in value:
        raise ValueError("counts layers of weights from 1, or back from the last, -1; there is no layer 0")
    if len(set(value)) < len(value):
        raise ValueError(f"names a layer twice: {list(value)}")


def group_names(_spec: Any, _field: Any, value: Mapping[str, Any]) -> None:
    """A check that groups are called by names that paths and tables can have."""
    for name in value:
        problem = _wrong_name(name)
        if problem:
            raise ValueError(problem)


def _wrong_name(name: str) -> str:
    """What is wrong with the name of a group; empty when nothing is."""
    if name in _NOTES:
        return f"no group can be called {name!r}, which stands for a note"
    return "" if _NAME.fullmatch(name) else f"names are letters, digits, '-' and '_', not {name!r}"


def of_group_names(chip: Node) -> list[Problem]:
    """Names that no group of tiles can have, in a description as it is written.

    Asked before anything else is read: a group by the name of a note would pass for that note.
    """
    groups = chip.value.get("groups") if isinstance(chip.value, dict) else None
    if groups is None or not isinstance(groups.value, dict):
        return []
    problems = []
    for name, group in _without_note(groups).items():
        placed = attrs.evolve(group, path=("groups", name))
        # An override that leads into no such group is told with those that there are.
        problem = "" if made_on_the_way(placed) else _wrong_name(name)
        if problem:
            problems.append(placed.problem(problem))
    return problems


def _without_note(groups: Node) -> Mapping[str, Any]:
    """Groups by their names, also where an override gave all of them at once and left a note beside them."""
    said: Mapping[str, Any] = groups.value
    # A group that is called so has sections, and a note is text.
    if set(said) != {"value", "set"} or not isinstance(said["set"].value, str):
        return said
    inside = said["value"].value
    return inside if isinstance(inside, dict) else {}


def made_on_the_way(node: Node) -> bool:
    """Whether a section is there only because an override names a key inside it."""
    return node.given.removeprefix("chip.").startswith(f"{path_text(node.path)}.")


def has_own(tree: Node, group: str, section: str) -> bool:
    """Whether a group of tiles has all of a section itself, and not just some keys of the chip's changed."""
    found = tree.along("groups", group, section)
    return len(found) == 3 and not changes_keys(found[-1])


def changes_keys(section: Node) -> bool:
    """Whether a section of a group names no kind: it then is the chip's with these keys changed."""
    return isinstance(section.value, dict) and "kind" not in section.value


def where_it_stands(tree: Node, path: tuple[Key, ...]) -> tuple[Key, ...]:
    """A path of a chip; one into a section that a group of tiles has from the chip, as it is there.

    Parameters
    ----------
    tree
        The chip as it was read.
    path
        Such as ``groups``, the name of a group, ``tile``, ``rows``.
    """
    in_group = path[:1] == ("groups",) and len(path) > 2
    if not in_group or not tree.along(path[2]) or has_own(tree, str(path[1]), str(path[2])):
        return path
    # Of a section that the group has from the chip, it may have changed some keys.
    own, common = tree.along(*path), tree.along(*path[2:])
    return path if len(own) - 2 >= max(len(common), 2) else path[2:]


@attrs.frozen(kw_only=True)
class TileGroup:
    """Tiles that are alike, with what their cells are and how these are written.

    A section that a group does not have is the chip's, where that has one; one without a kind is the chip's
    with its keys changed.
    """

    carries: tuple[int, ...] | Literal["all", "frozen", "learning"] = attrs.field(
        default="all", validator=_carried
    )
    """Which layers of weights stand on it: ``all``, those that are ``frozen``, those that are ``learning``,
    or a list of their numbers, counted from 1 beside the inputs or back from the last, -1."""
    role: str | None = None
    """Which of several matrices that the rule has for a layer, such as ``weight``; None takes all of them."""
    synapse: Kind
    device: Kind | None = None
    """None for cells that are no resistive ones."""
    tile: Tiles
    update: Kind

    def takes(self, layer: int, *, of: int, frozen: bool, role: str) -> bool:
        """Whether a layer's matrix stands on it.

        Parameters
        ----------
        layer
            Counted from 1.
        of
            Layers of weights that there are.
        frozen
            Whether it keeps its weights.
        role
            What the matrix is to the rule.
        """
        if self.role not in (None, role):
            return False
        if isinstance(self.carries, str):
            return self.carries == "all" or (self.carries == "frozen") == frozen
        # One chip is for networks of any depth, so layers are counted from either end.
        return layer in self.carries or layer - of - 1 in self.carries
