"""``extends: hybrid-synapse``: a description that says only what differs from another one.

The section of a chip's cells may name a device file in the same way, or be nothing but its name. What comes
out is whole: every value stands in it, with its own note and, where it was inherited, with the
file that it was read from.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import attrs

from chipsim.errors import DescriptionError, Problem, did_you_mean
from chipsim.limits import EXTENDED
from chipsim.spec.entries import meant
from chipsim.spec.finding import Folder, find_base, is_path, read_text
from chipsim.spec.inheriting import merged, spread
from chipsim.spec.measured_tables import with_measured_tables
from chipsim.spec.named_devices import (
    Named,
    find_device,
    named_in,
    of_device_file,
    refuse_others,
    with_each_device,
)
from chipsim.spec.nodes import Node, parse_yaml, shown
from chipsim.spec.paths import Chosen, Step, path_text, steps_in
from chipsim.spec.provenance import WRITTEN_IN
from chipsim.spec.recognising import NAMES, kind_of

__all__ = ["EXTENDS", "with_bases", "with_devices"]

EXTENDS: Final = "extends"
"""The key that names the base."""
_SUFFIXES: Final = (".yaml", ".yml")


def with_bases(root: Node, path: Path, problems: list[Problem], *, folder: Folder | None = None) -> Node:
    """A description with all that it inherits; itself where it extends none.

    Parameters
    ----------
    root
        As it is written, provenance included.
    path
        Its file, which the path of a base counts from.
    problems
        Gets what is wrong with single changes, in whichever file, so that the rest can be checked as well.
    folder
        Which kind of description it is; None for any.

    Raises
    ------
    DescriptionError
        When a base cannot be had, is of another kind, or extends what extends it.
    """
    return _Reading(problems, folder).whole(root, path, ())


def with_devices(root: Node, path: Path, problems: list[Problem]) -> Node:
    """A chip with all that the device files say which it names; itself where it names none.

    A section whose file cannot be had stays as it is, and says what is wrong with that when it is read.

    Parameters
    ----------
    root
        As it is written, provenance included.
    path
        Its file, which the path of a device counts from.
    problems
        Gets what is wrong with single keys and changes.
    """
    return _Reading(problems, "devices").with_devices(root, path, ())


class _Reading:
    """One description being read with its bases."""

    def __init__(self, problems: list[Problem], folder: Folder | None) -> None:
        self._problems = problems
        self._folder = folder

    def whole(self, own: Node, path: Path, chain: tuple[tuple[Path, str], ...]) -> Node:
        """A description with what it inherits; `chain` has those that extend it, the first one first."""
        if not isinstance(own.value, dict):
            return own
        own = self.with_devices(own, path, chain)
        if EXTENDS not in own.value:
            return own
        place = attrs.evolve(own.value[EXTENDS], path=(EXTENDS,))
        chain = (*chain, (path, own.file))
        base, file = self._base(place, path, chain)
        if "name" not in own.value:
            self._problems.append(own.problem(f"needs a 'name' of its own, for it extends {place.value}"))
        changes = {key: child for key, child in own.value.items() if key != EXTENDS}
        problems = self._problems
        return _changed(spread(base, file=file), attrs.evolve(own, value=changes), problems=problems)

    def _base(self, place: Node, path: Path, chain: tuple[tuple[Path, str], ...]) -> tuple[Node, str]:
        """The base that is named at a place, whole, and what its file is called."""
        found, file = self._found(place, path)
        names = [name for _, name in chain] + [file]
        if any(_same_file(found, other) for other, _ in chain):
            raise place.error(f"extends itself: {' -> '.join(names)}")
        if len(chain) > EXTENDED:
            raise place.error(f"is extended more than {EXTENDED} deep: {' -> '.join(names)}")
        try:
            text = read_text(found, shown_as=file)
        except DescriptionError as error:
            message = error.problems[0].message
            raise place.error(f"{place.value}: {message}") from None
        base = self.whole(parse_yaml(text, self._problems, file=file), found, chain)
        self._check_kind(base, place)
        return base, file

    def _found(self, place: Node, path: Path) -> tuple[Path, str]:
        named = place.value
        if not isinstance(named, str) or not named.strip():
            raise place.error(f"must be the name or the path of a description, not {shown(place)}")
        # What is no description is not even opened: messages repeat some of what they cannot read.
        if is_path(named) and not named.endswith(_SUFFIXES):
            raise place.error(f"must be a name, or a path that ends in .yaml or .yml, not {shown(place)}")
        try:
            is_device = self._folder == "devices"
            return find_device(named, path) if is_device else find_base(named, path, self._folder)
        except DescriptionError as error:
            raise place.error(error.problems[0].message) from None

    def with_devices(self, own: Node, path: Path, chain: tuple[tuple[Path, str], ...]) -> Node:
        """A description with what the device files say that its sections for cells name."""
        longer = (*chain, (path, own.file))

        def filled(section: Node) -> Node:
            try:
                named = None if section.wrong else named_in(section)
                if named is None:
                    return section if section.wrong else with_measured_tables(section, path)
                return self._with_device(named, path, longer)
            except DescriptionError as error:
                return _flagged(section, error.problems)

        return with_each_device(own, filled)

    def _with_device(self, named: Named, path: Path, chain: tuple[tuple[Path, str], ...]) -> Node:
        """A section for cells: that of a device file, with its changes."""
        reading = _Reading(self._problems, "devices")
        base, file = reading._base(named.place, path, chain)  # one of its own class
        problems = [*of_device_file(base)]
        section: Node = base.value["device"]
        if not isinstance(section.value, dict):
            # As a text: a chip may have no device at all, which is written null.
            return attrs.evolve(section, value="", wrong=section.wrong or tuple(problems))
        self._problems += problems
        whole = spread(attrs.evolve(base, value={"device": section}), file=file)
        if named.changes.value:
            # As a chip of one section, for changes may be led by paths.
            own = attrs.evolve(named.changes, value={"device": named.changes})
            whole = _changed(whole, own, problems=self._problems)
        found: Node = whole.value["device"]
        if named.note is not None:
            found = _set_by(found, named.note, file)
        return attrs.evolve(found, replaces=True)

    def _check_kind(self, base: Node, place: Node) -> None:
        if self._folder == "devices":
            refuse_others(base, place)
            return
        kind = kind_of(base)
        if not isinstance(base.value, dict) or kind is None:
            message = f"{place.value} is neither a chip, nor a workload, nor a cost set, nor a device"
            raise place.error(message)
        wanted = _WANTED.get(self._folder) if self._folder else None
        if wanted not in (None, NAMES[kind]):
            raise place.error(f"{place.value} is a {NAMES[kind]}, not a {wanted}")


_WANTED: Final[dict[Folder, str]] = {"architectures": "chip", "workloads": "workload", "costs": "cost set"}


def _flagged(section: Node, problems: tuple[Problem, ...]) -> Node:
    """A section that names what cannot be had, also below the note of an override."""
    if isinstance(section.value, dict) and "value" in section.value:
        inner = attrs.evolve(section.value["value"], wrong=problems)
        section = attrs.evolve(section, value={**section.value, "value": inner})
    return attrs.evolve(section, wrong=problems)


def _set_by(section: Node, note: Node, file: str) -> Node:
    """A section from a device file that an override named, which its kind then tells."""
    kind = section.value.get("kind")
    if kind is None or isinstance(kind.value, dict):
        return section
    told = {"value": kind, "set": note, WRITTEN_IN: Node(value=file)}
    return attrs.evolve(section, value={**section.value, "kind": attrs.evolve(kind, value=told)})


def _same_file(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    # What is not there is told where it is read.
    except (OSError, ValueError):
        return False


def _changed(base: Node, own: Node, *, problems: list[Problem]) -> Node:
    """A base with the changes of a description, those by paths last and in their order."""
    led: list[tuple[tuple[Step, ...], Node]] = []
    plain = _without_paths(own, (), led, problems=problems)
    result = merged(base, spread(plain))
    for steps, change in led:
        place = attrs.evolve(change, path=(path_text(steps),))
        try:
            result = _led(result, 0, steps, spread(change, key=str(steps[-1])))
        except ValueError as error:
            problems.append(place.problem(str(error)))
    return result


def _without_paths(
    own: Node,
    before: tuple[Step, ...],
    led: list[tuple[tuple[Step, ...], Node]],
    *,
    problems: list[Problem],
) -> Node:
    """The changes without those whose keys are paths, which are added to `led`."""
    if not isinstance(own.value, dict):
        return own
    kept: dict[str, Node] = {}
    for key, child in own.value.items():
        if not set(key) & set(".["):
            kept[key] = _without_paths(child, (*before, key), led, problems=problems)
            continue
        try:
            led.append(((*before, *steps_in(key)), child))
        except ValueError as error:
            problems.append(child.problem(str(error)))
    return attrs.evolve(own, value=kept)


def _led(node: Node, depth: int, steps: Sequence[Step], change: Node) -> Node:
    """The node with what the steps from `depth` on lead to changed.

    Raises
    ------
    ValueError
        When they lead nowhere.
    """
    if depth == len(steps):
        return merged(node, change, key=str(steps[-1]))
    step, before = steps[depth], tuple(steps[:depth])
    if isinstance(node.value, list):
        items = [*node.value]
        for index in meant(items, step, before=before, after=steps[depth + 1 :]):
            items[index] = _led(items[index], depth + 1, steps, change)
        return attrs.evolve(node, value=items)
    children = _children(node, step, before)
    if step in children:
        children[str(step)] = _led(children[str(step)], depth + 1, steps, change)
    elif depth + 1 == len(steps):
        children[str(step)] = change
    else:
        known = f"{', '.join(children)}{did_you_mean(str(step), children)}"
        raise ValueError(f"leads nowhere: {step!r} is not there; known: {known}")
    return attrs.evolve(node, value=children)


def _children(node: Node, step: Step, before: tuple[Step, ...]) -> dict[str, Node]:
    """What stands in a section, which a step leads into."""
    wrong = ""
    if isinstance(step, Chosen):
        wrong = f"{path_text(before)} is no list, which {step} chooses from"
    elif not isinstance(node.value, dict) or "value" in node.value:
        wrong = f"there is a single value above {step!r}"
    if wrong:
        raise ValueError(f"leads nowhere: {wrong}")
    return dict(node.value)
