"""``--set path=value``: replacing values of a description, and telling which description is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

import attrs

from chipsim.errors import DescriptionError, Problem, did_you_mean
from chipsim.limits import DEPTH
from chipsim.spec.chip import ChipSpec
from chipsim.spec.costs import CostSet
from chipsim.spec.device_file import DeviceSpec
from chipsim.spec.entries import meant, tells_apart
from chipsim.spec.extending import with_devices
from chipsim.spec.factors import is_factor, multiplied
from chipsim.spec.nodes import Node, parse_yaml, shown
from chipsim.spec.paths import ALL, Chosen, Step, path_text, steps_in
from chipsim.spec.provenance import SETTING
from chipsim.spec.workload import WorkloadSpec

__all__ = [
    "KINDS",
    "SplitSets",
    "apply",
    "of_lost",
    "path_in",
    "renames",
    "route_sets",
    "split_sets",
    "written",
]

_SPECS: Final = {"chip": ChipSpec, "workload": WorkloadSpec, "costs": CostSet}
KINDS: Final[Mapping[type, str]] = {**{spec: kind for kind, spec in _SPECS.items()}, DeviceSpec: "chip"}
"""What stands before the path of an override of each kind of description; a device is a chip's."""
_TEXTS: Final = {field.name for spec in KINDS for field in attrs.fields(spec) if field.type in (str, "str")}
"""Keys of whole descriptions that are words: the node of a cost set is "32 nm", and no length."""
_MULTIPLIES: Final = "a factor multiplies the number or quantity that a description has"
_LONGEST: Final = 72
"""Characters of an override that messages repeat."""
_OVERRIDE: Final = re.compile(r"(?P<path>(?:[^\[\]=]|\[[^\[\]]*\])*)=(?P<value>.*)", re.DOTALL)

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


def names_costs(override: str) -> bool:
    """Whether an override of a chip says which cost set it takes.

    Examples
    --------
    >>> names_costs("costs=isaac-32nm"), names_costs("tile.rows=64")
    (True, False)
    """
    return override.partition("=")[0].strip() in {"costs", "chip.costs"}


def renames(override: str, *, kind: str) -> bool:
    """Whether an override replaces what an entry of a list is known by.

    Parameters
    ----------
    override
        A text of the form ``path=value``.
    kind
        ``chip``, ``workload`` or ``costs``: what it is for.

    Examples
    --------
    >>> renames("costs.adc[bits=8].bits=9", kind="costs"), renames("costs.clock=1 ns", kind="costs")
    (True, False)
    """
    try:
        steps = steps_in(path_in(override).removeprefix(f"{kind}."))
    except ValueError:
        return False
    return tells_apart(tuple(steps))


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
    chip, workload, costs = (tuple(parts[name]) for name in ("chip", "workload", "costs"))
    return (chip, workload, costs), problems


def _route(text: str) -> str:
    """Which description an override is for."""
    path, _ = _split(text)
    first = re.split(r"[.\[]", path, maxsplit=1)[0]
    # With the dot: `costs` alone is the key of a chip that names its cost set.
    if first in _SPECS and path.startswith(f"{first}."):
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
    listed = ", ".join(known)
    raise _refusal(text, f"unknown key {first!r}; known: {listed}{hint}", path=path)


def _refusal(text: str, message: str, *, path: str = "") -> DescriptionError:
    return DescriptionError([Problem(path=path, message=f"{message} (from --set {text})")])


def _split(text: str) -> tuple[str, str]:
    """The path and the value; an equals sign in brackets belongs to the path."""
    match = _OVERRIDE.fullmatch(text)
    if match is None and "[" in text.partition("=")[0]:
        raise _refusal(text, "must be path=value, with each bracket of the path closed")
    path, value = (match["path"].strip(), match["value"].strip()) if match else ("", "")
    if not path or not value:
        raise _refusal(text, "must be path=value, such as tile.rows=64")
    return path, value


@attrs.frozen(kw_only=True)
class _Override:
    """One override, taken apart."""

    given: str
    """As messages repeat it."""
    prefix: str
    """``costs.`` and the like, where it was written."""
    steps: tuple[Step, ...]
    """The path without the prefix."""
    node: Node
    """The value with the note that it was set."""

    def on(self, node: Node) -> Node:
        """What stands in the place of a node: the value itself, or a multiple of what was there."""
        new = self.node.value["value"]
        inner = node
        while isinstance(inner.value, dict) and "value" in inner.value:
            inner = inner.value["value"]
        if not is_factor(new.value):
            return self.node
        product = multiplied(inner.value, new.value)
        if product is None or self.is_word():
            there = shown(inner) if inner.value is not None else "none"
            raise self.refused(f"{_MULTIPLIES}, and here is {there}")
        if tells_apart(self.steps):
            raise self.refused(f"{_MULTIPLIES}, and not {self.steps[-1]}, which says what an entry is of")
        return attrs.evolve(self.node, value={**self.node.value, "value": attrs.evolve(new, value=product)})

    def is_word(self) -> bool:
        """Whether it is of a key of a whole description that is text, though it may read like a quantity."""
        return len(self.steps) == 1 and self.steps[0] in _TEXTS

    def refused(self, message: str) -> DescriptionError:
        """What is wrong with it, ready to be raised."""
        return _refusal(self.given, message)


def apply(root: Node, sets: Sequence[str], problems: list[Problem], *, kind: str) -> Node:
    """A description with values replaced; each replaced value says that it was set.

    Parameters
    ----------
    root
        A whole description, provenance included.
    sets
        Texts of the form ``path=value``, with or without `kind` before the path. Entries of lists are chosen
        by what they are, as in ``adc[bits=8].energy``, or all of them by ``[*]``.
    problems
        Gets each override that is no ``path=value``, whose value is no YAML, or whose path leads nowhere.
    kind
        ``chip``, ``workload`` or ``costs``: what is described.
    """
    for text in sets:
        try:
            override = _override(text, problems, kind=kind)
            root = _replaced(root, 0, override)
            if kind == "chip":
                # At once, so that the next override finds what the file has that this one named.
                root = with_devices(root, Path(), problems)
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
    paths = [path_in(text) for text in sets]
    for place, (path, text) in enumerate(zip(paths, sets, strict=True)):
        later = range(place + 1, len(sets))
        around = [at for at in later if _is_within(path, paths[at])]
        if around and "=" in text:
            lost, by = _short(text), _short(sets[around[0]])
            message = f"--set {lost} is replaced by --set {by}; give one of them"
            yield Problem(path=path, message=message)


def path_in(text: str) -> str:
    """The path of an override; all of one that has none, which is refused where it is read.

    Examples
    --------
    >>> path_in("costs.adc[bits=8].energy=1 pJ")
    'costs.adc[bits=8].energy'
    """
    match = _OVERRIDE.fullmatch(text)
    return match["path"].strip() if match else text


def _is_within(path: str, other: str) -> bool:
    """Whether what one path names is, or lies in, what the other names."""
    try:
        inner, outer = steps_in(path), steps_in(other)
    except ValueError:
        return path == other
    return len(outer) <= len(inner) and all(map(_names, outer, inner))


def _names(step: Step, other: Step) -> bool:
    """Whether a step names what another one does; a star names every entry."""
    is_entry = isinstance(other, Chosen) or other.isdecimal()
    return step == other or (_entries(step) == Chosen("", ALL) and is_entry)


def _entries(step: Step) -> Step:
    """A step into a list: a star between dots is that in brackets."""
    return Chosen("", ALL) if step == ALL else step


def written(note: str, *, kind: str) -> tuple[str, str]:
    """The path in the note of a value that was set, and the override as messages repeat it.

    Parameters
    ----------
    note
        What stands beside the value.
    kind
        ``chip``, ``workload`` or ``costs``: what it is a value of.

    Examples
    --------
    >>> written("--set costs.sram.read=1 fJ", kind="costs")
    ('sram.read', 'costs.sram.read=1 fJ')
    """
    text = note.removeprefix(SETTING)
    path, _ = _split(text)
    return path.removeprefix(f"{kind}."), _short(text)


def _short(text: str) -> str:
    """An override as messages repeat it."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _override(text: str, problems: list[Problem], *, kind: str) -> _Override:
    path, value = _split(text)
    given = _short(text)
    prefix = f"{kind}." if path.startswith(f"{kind}.") else ""
    path = path.removeprefix(prefix)
    try:
        steps = steps_in(path)
    except ValueError as error:
        raise _refusal(given, str(error), path=path) from None
    # Each step is a mapping around the next: replacing goes down them by recursion.
    if len(steps) > DEPTH:
        raise _refusal(given, f"a path has at most {DEPTH} keys, not {len(steps):,}")
    new = parse_yaml(value, problems, given=given, path=(path,))
    note = Node(value=f"{SETTING}{text}", given=given)
    node = Node(value={"value": new, "set": note}, given=given)
    return _Override(given=given, prefix=prefix, steps=tuple(steps), node=node)


def _replaced(node: Node, depth: int, override: _Override) -> Node:
    """The node with what the steps from `depth` on lead to replaced; goes through ``{value: ...}``."""
    if depth == len(override.steps):
        return override.on(node)
    if node.wrong:
        return node
    if isinstance(node.value, dict) and "value" in node.value:
        inner = _replaced(node.value["value"], depth, override)
        return attrs.evolve(node, value={**node.value, "value": inner})
    # What is not there is made on the way: what it still lacks is told where all of it is read.
    if node.value is None:
        node = attrs.evolve(node, value={}, given=override.given)
    if isinstance(node.value, dict):
        return _replaced_key(node, depth, override)
    if isinstance(node.value, list):
        return _replaced_items(node, depth, override)
    step = path_text((override.steps[depth],))
    raise override.refused(f"leads nowhere: there is {shown(node)} above {step!r}")


def _replaced_key(node: Node, depth: int, override: _Override) -> Node:
    step = override.steps[depth]
    if isinstance(step, Chosen):
        place = path_text(override.steps[:depth])
        raise override.refused(f"leads nowhere: {place} is no list, which {step} chooses from")
    child = node.value.get(step, Node(value=None, given=override.given))
    return attrs.evolve(node, value={**node.value, step: _replaced(child, depth + 1, override)})


def _replaced_items(node: Node, depth: int, override: _Override) -> Node:
    steps, items = override.steps, [*node.value]
    try:
        before, after = steps[:depth], steps[depth + 1 :]
        indices = meant(items, _entries(steps[depth]), before=before, after=after, prefix=override.prefix)
    except ValueError as error:
        raise override.refused(str(error)) from None
    for index in indices:
        items[index] = _replaced(items[index], depth + 1, override)
    return attrs.evolve(node, value=items)
