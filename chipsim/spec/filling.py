"""Groups of tiles filled up with what they share, before a description becomes classes."""

from __future__ import annotations

import attrs

from chipsim.errors import DescriptionError, did_you_mean
from chipsim.spec.groups import LOCAL, changes_keys, made_on_the_way
from chipsim.spec.nodes import Node

__all__ = ["with_groups"]


def with_groups(chip: Node) -> Node:
    """A chip whose groups of tiles have every section, and which has those of the group that learns itself.

    Groups take from the chip what they do not say. Nodes keep their places, so what is wrong with one of
    them is told where it stands.
    """
    groups = chip.value.get("groups") if isinstance(chip.value, dict) else None
    if groups is None or not isinstance(groups.value, dict):
        return chip
    if not groups.value:
        raise groups.error("needs at least one group, or is left out")
    _refuse_unknown(groups)
    common = {section: chip.value[section] for section in LOCAL if section in chip.value}
    filled = {name: _filled(group, common) for name, group in groups.value.items()}
    learning = [group for group in filled.values() if not _is_frozen(group)]
    first = learning[0] if learning else next(iter(filled.values()))
    own = {key: child for key, child in chip.value.items() if key not in LOCAL}
    if isinstance(first.value, dict):
        own |= {section: first.value[section] for section in LOCAL if section in first.value}
    return attrs.evolve(chip, value=own | {"groups": attrs.evolve(groups, value=filled)})


def _refuse_unknown(groups: Node) -> None:
    """Refuse an override that leads into a group that there is not."""
    known = [name for name, group in groups.value.items() if not made_on_the_way(group)]
    there = f"there are: {', '.join(known)}" if known else "the chip has none"
    problems = []
    for name, group in groups.value.items():
        if name not in known:
            problems.append(group.problem(f"there is no group {name!r}; {there}{did_you_mean(name, known)}"))
    if problems:
        raise DescriptionError(problems)


def _filled(group: Node, common: dict[str, Node]) -> Node:
    """A group with every section: its own, or the chip's, some of whose keys it may change."""
    if not isinstance(group.value, dict):
        return group
    sections = common | group.value
    for section, shared in common.items():
        # What names a file that cannot be had changes nothing of the chip's.
        if changes_keys(sections[section]) and not sections[section].wrong:
            sections[section] = _changed(shared, sections[section])
    return attrs.evolve(group, value=sections)


def _changed(shared: Node, own: Node) -> Node:
    """A tree with some of its values, however deep they are, replaced by those of another one."""
    if not isinstance(shared.value, dict) or not isinstance(own.value, dict):
        return own
    merged = dict(shared.value)
    for key, child in own.value.items():
        merged[key] = _changed(merged[key], child) if key in merged else child
    return attrs.evolve(shared, value=merged)


def _is_frozen(group: Node) -> bool:
    carries = group.value.get("carries") if isinstance(group.value, dict) else None
    return carries is not None and carries.value == "frozen"
