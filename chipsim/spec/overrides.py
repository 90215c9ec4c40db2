"""``--set path=value``: replacing values of a description, and telling which description is meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

import attrs

from chipsim.errors import DescriptionError, Problem, did_you_mean
from chipsim.limits import DEPTH
from chipsim.spec.chip import ChipSpec
from chipsim.spec.costs import CostSet
from chipsim.spec.nodes import Node, parse_yaml, shown
from chipsim.spec.workload import WorkloadSpec

__all__ = ["KINDS", "SplitSets", "apply", "of_lost", "route_sets", "split_sets"]

_SPECS: Final = {"chip": ChipSpec, "workload": WorkloadSpec, "costs": CostSet}
KINDS: Final[Mapping[type, str]] = {spec: kind for kind, spec in _SPECS.items()}
"""What stands before the path of an override of each kind of description."""
_LONGEST: Final = 72
"""Characters of an override that messages repeat."""

SplitSets: TypeAlias = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
"""Overrides for the chip, for the workload and for the cost set."""


def split_sets(sets: Sequence[str]) -> SplitSets:
    """Overrides for the chip, for the workload and for the cost set.

    ``chip.``, ``workload.`` and ``costs.`` before a path say which is meant; without, the first key tells.
    ``costs=NAME`` names another cost set for the chip.

    Parameters
    ----------
    sets
        Texts of the form ``path=value``.

    Raises
    ------
    DescriptionError
        When a first key belongs to none of the three, or to several.

    Examples
    --------
    >>> split_sets(["tile.rows=64", "batch=8", "costs.sram.read=1 fJ", "costs=isaac-32nm"])
    (('tile.rows=64', 'costs=isaac-32nm'), ('batch=8',), ('costs.sram.read=1 fJ',))
    """
    parts, problems = route_sets(sets)
    if problems:
        raise DescriptionError(problems)
    return parts


def route_sets(sets: Sequence[str]) -> tuple[SplitSets, list[Problem]]:
    """What :func:`split_sets` gives, of those that can be told apart, and what is wrong with the others.

    Parameters
    ----------
    sets
        Texts of the form ``path=value``.

    Examples
    --------
    >>> parts, problems = route_sets(["tile.rows=64", "name=mine"])
    >>> parts, [str(problem) for problem in problems]  # doctest: +ELLIPSIS
    ((('tile.rows=64',), (), ()), ["'name' is in every description; write chip.name or ..."])
    """
    parts: dict[str, list[str]] = {name: [] for name in _SPECS}
    problems: list[Problem] = []
    for text in sets:
        try:
            name = _route(text)
        except DescriptionError as error:
            problems.extend(error.problems)
        else:
            parts[name].append(text)
    return (tuple(parts["chip"]), tuple(parts["workload"]), tuple(parts["costs"])), problems


def _route(text: str) -> str:
    """Which description an override is for."""
    path, _ = _split(text)
    first, dot, _ = path.partition(".")
    if dot and first in _SPECS:
        return first
    fields = {name: tuple(attrs.fields_dict(spec)) for name, spec in _SPECS.items()}
    owners = [name for name, keys in fields.items() if first in keys]
    if first in ("name", "about"):
        choices = " or ".join(f"{name}.{first}" for name in owners)
        raise _refusal(text, f"{first!r} is in every description; write {choices}")
    if owners:
        return owners[0]
    known = dict.fromkeys(key for keys in fields.values() for key in keys)
    hint = did_you_mean(first, (*known, *_SPECS))
    raise _refusal(text, f"unknown key {first!r}; known: {', '.join(known)}{hint}", path=path)


def _refusal(text: str, message: str, *, path: str = "") -> DescriptionError:
    return DescriptionError([Problem(path=path, message=f"{message} (from --set {text})")])


def _split(text: str) -> tuple[str, str]:
    path, equals, value = text.partition("=")
    if not equals or not path.strip() or not value.strip():
        raise _refusal(text, "must be path=value, such as tile.rows=64")
    return path.strip(), value.strip()


def apply(root: Node, sets: Sequence[str], problems: list[Problem], *, kind: str) -> Node:
    """A description with values replaced; each replaced value says that it was set.

    Parameters
    ----------
    root
        A whole description, provenance included.
    sets
        Texts of the form ``path=value``, with or without `kind` before the path.
    problems
        Gets each override that is no ``path=value``, whose value is no YAML, or whose path leads nowhere.
    kind
        ``chip``, ``workload`` or ``costs``: what is described.
    """
    for text in sets:
        try:
            path, value = _split(text)
            keys = path.split(".")
            if len(keys) > DEPTH:
                too_many = f"a path has at most {DEPTH} keys, not {len(keys):,}"
                raise _refusal(_short(text), too_many)
            keys = keys[len(keys) > 1 and keys[0] == kind :]
            given = _short(text)
            new = parse_yaml(value, problems, given=given, path=tuple(keys))
            note = Node(value=f"--set {text}", given=given)
            root = _replaced(root, keys, Node(value={"value": new, "set": note}, given=given))
        except DescriptionError as error:
            problems.extend(error.problems)
    return root


def of_lost(sets: Sequence[str]) -> Iterator[Problem]:
    """Overrides of which nothing is left, for a later one replaces the same value, or all around it.

    Examples
    --------
    >>> [str(problem) for problem in of_lost(["tile.rows=8", "batch=1", "tile.rows=9"])]
    ['tile.rows: --set tile.rows=8 is replaced by --set tile.rows=9; give one of them']
    """
    paths = [text.partition("=")[0].strip() for text in sets]
    for place, (path, text) in enumerate(zip(paths, sets, strict=True)):
        around = [at for at in range(place + 1, len(sets)) if _is_within(path, paths[at])]
        if around and "=" in text:
            message = f"--set {_short(text)} is replaced by --set {_short(sets[around[0]])}; give one of them"
            yield Problem(path=path, message=message)


def _is_within(path: str, other: str) -> bool:
    """Whether what one path names is, or lies in, what the other names."""
    return path == other or path.startswith((f"{other}.", f"{other}["))


def _short(text: str) -> str:
    """An override as messages repeat it."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _replaced(node: Node, keys: Sequence[str], new: Node) -> Node:
    """The node with the one at `keys` below it replaced; goes through ``{value: ...}`` on its way."""
    if not keys:
        return new
    if isinstance(node.value, dict) and "value" in node.value:
        inner = _replaced(node.value["value"], keys, new)
        return attrs.evolve(node, value={**node.value, "value": inner})
    if node.value is None:
        node = attrs.evolve(node, value={}, given=new.given)
    if isinstance(node.value, dict):
        return _replaced_key(node, keys, new)
    if isinstance(node.value, list):
        return _replaced_item(node, keys, new)
    raise _refusal(new.given, f"leads nowhere: there is {shown(node)} above {keys[0]!r}")


def _replaced_key(node: Node, keys: Sequence[str], new: Node) -> Node:
    child = node.value.get(keys[0], Node(value=None, given=new.given))
    return attrs.evolve(node, value={**node.value, keys[0]: _replaced(child, keys[1:], new)})


def _replaced_item(node: Node, keys: Sequence[str], new: Node) -> Node:
    index = int(keys[0]) if keys[0].isdecimal() else len(node.value)
    if index >= len(node.value):
        last = len(node.value) - 1
        raise _refusal(new.given, f"leads nowhere: {keys[0]!r} is no position in a list that has 0 to {last}")
    items = [*node.value]
    items[index] = _replaced(items[index], keys[1:], new)
    return attrs.evolve(node, value=items)
