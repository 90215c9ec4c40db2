"""What a description inherits from the one that it extends, value by value, each with its own note.

A ``source`` or ``assumed`` speaks of the value that it was written for. So notes that cover whole sections
are first spread to each value of them, and a value that is then changed does not keep that of the old one.
"""

from __future__ import annotations

from typing import TypeAlias

import attrs

from chipsim.spec.kinds import PARTS, WITHIN, shipped_kind, shipped_kinds
from chipsim.spec.nodes import Node
from chipsim.spec.outside import KindError, load_kind, offered_kinds
from chipsim.spec.provenance import CLAIMS, LABELS, WRITTEN_IN, as_written
from chipsim.spec.ranges import BETWEEN, is_note, is_nothing, takes_range

__all__ = ["merged", "spread"]

_Notes: TypeAlias = dict[str, Node]
"""What stands beside a value, by its keys."""


def spread(node: Node, *, file: str = "", key: str = "") -> Node:
    """A tree in which every value has its own note; sections have none any more.

    Parameters
    ----------
    node
        A description, or part of one, provenance included.
    file
        What each value is said to be written in, unless it says so itself; empty for nothing.
    key
        The key that it stands under.
    """
    written = {WRITTEN_IN: Node(value=file)} if file else {}
    return _spread(node, key, written)


def _spread(node: Node, key: str, cover: _Notes) -> Node:
    if isinstance(node.value, dict):
        return _spread_mapping(node, key, cover)
    if isinstance(node.value, list) and any(isinstance(item.value, dict | list) for item in node.value):
        return attrs.evolve(node, value=[_spread(item, "", cover) for item in node.value])
    # What names or explains something has no note, except that it was set.
    if not cover or (key in LABELS and "set" not in cover):
        return node
    return attrs.evolve(node, value={"value": node, **cover})


def _for_one(node: Node, cover: _Notes) -> _Notes:
    """The notes that cover a value, without a range that is for the numbers beside it."""
    is_section = isinstance(node.value, dict)
    if BETWEEN not in cover or is_section or (takes_range(node) and not is_nothing(node.value)):
        return cover
    return {note: child for note, child in cover.items() if note != BETWEEN}


def _spread_mapping(node: Node, key: str, cover: _Notes) -> Node:
    known = (*CLAIMS, BETWEEN) if is_note(node.value) else CLAIMS
    notes = {note: child for note, child in node.value.items() if note in known}
    rest = {note: child for note, child in node.value.items() if note not in (*known, WRITTEN_IN)}
    if "value" in rest and (len(rest) > 1 or not (notes or WRITTEN_IN in node.value)):
        # It lacks a note or has too much: told where provenance is taken out.
        return node
    if notes:
        where = {note: child for note, child in cover.items() if note == WRITTEN_IN}
        cover = {**notes, **where}
    if WRITTEN_IN in node.value:
        cover = {**cover, WRITTEN_IN: node.value[WRITTEN_IN]}
    if "value" in rest:
        return _spread(rest["value"], key, cover)
    children = {name: _spread(child, name, _for_one(child, cover)) for name, child in rest.items()}
    return attrs.evolve(node, value=children)


def merged(base: Node, own: Node, *, key: str = "") -> Node:
    """A base with changes: mappings are merged, all else replaces what was there.

    Parameters
    ----------
    base, own
        Trees whose notes were spread.
    key
        The key that they stand under.
    """
    if own.replaces:
        return own
    # Of a file that cannot be had, changes are no section by themselves.
    if base.wrong:
        return base if _is_section(own) else own
    if _is_section(base) and _is_section(own):
        return _merged_sections(base, own, key)
    if _is_section(own) or key in LABELS:
        return own
    return _noted(base, own)


def _is_section(node: Node) -> bool:
    return isinstance(node.value, dict) and "value" not in node.value


def _merged_sections(base: Node, own: Node, key: str) -> Node:
    children = _still_known(base, own, key)
    for name, child in own.value.items():
        children[name] = merged(children[name], child, key=name) if name in children else child
    # Where it stands is where it was changed: what it lacks or has too much was left so by its own file.
    return attrs.evolve(own, value=children)


def _still_known(base: Node, own: Node, key: str) -> dict[str, Node]:
    """What a section inherits: under another kind, only the fields that this one has as well."""
    if "kind" not in own.value or "kind" not in base.value:
        return dict(base.value)
    word = own.value["kind"].plain()
    if word == base.value["kind"].plain():
        return dict(base.value)
    fields = _fields_of(key, word)
    return {name: child for name, child in base.value.items() if name in fields}


def _fields_of(section: str, word: object) -> frozenset[str]:
    """The fields of a kind of a section; none where it is none, or its code may not be run."""
    if section not in (*PARTS, *WITHIN) or not isinstance(word, str):
        return frozenset()
    if word in shipped_kinds(section):
        return frozenset(attrs.fields_dict(shipped_kind(section, word)))
    try:
        return frozenset(attrs.fields_dict(load_kind(section, offered_kinds(section).get(word, word))))
    except KindError:
        return frozenset()


def _noted(base: Node, own: Node) -> Node:
    """A changed value with its own note; without one it says what it was changed from."""
    if isinstance(own.value, dict) or not isinstance(base.value, dict) or "value" not in base.value:
        return own
    if own.plain() == base.value["value"].plain():
        # With the base's note, and yet where it was written again: a path counts from the file that says it.
        kept = {note: child for note, child in base.value.items() if note != WRITTEN_IN}
        return attrs.evolve(base, value={**kept, "value": own}) if len(kept) > 1 else own
    if not any(note in base.value for note in CLAIMS):
        return own
    file = base.value[WRITTEN_IN].value if WRITTEN_IN in base.value else base.file
    was = as_written(base.value["value"].plain())
    note = attrs.evolve(own, value=f"changed without a source; {was} in {file}")
    return attrs.evolve(own, value={"value": own, "changed": note})
