"""Notes that came along with a copied file and stand beside a value that was changed since.

Whoever copies a shipped description and changes a number has to touch its ``source`` or ``assumed`` too. A
note that is still word for word that of the shipped file was written for the shipped value, and for no other.
"""

from __future__ import annotations

import functools
import operator
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Final, TypeAlias

import attrs

from chipsim.spec.finding import Folder, find_shipped, read_text, shipped_names, ships
from chipsim.spec.nodes import parse_yaml
from chipsim.spec.paths import without_entries
from chipsim.spec.provenance import Value, take_out
from chipsim.units import DIMENSIONS, Dimension, UnitError

__all__ = ["with_borrowed_notes"]

_Written: TypeAlias = dict[str, dict[str, str]]
"""Files by value, by path: where a note stands, and beside what."""
_TOGETHER: Final[dict[Folder, tuple[Folder, ...]]] = {
    "architectures": ("architectures", "devices"),
    "devices": ("architectures", "devices"),
}
"""Kinds of description that say the same things: a device file is a section of a chip."""
_DIMENSIONS: Final[tuple[Dimension, ...]] = tuple(DIMENSIONS.values())


def with_borrowed_notes(values: Sequence[Value], folder: Folder, *, file: str = "") -> tuple[Value, ...]:
    """The values; those whose note was written for another value of a shipped file are of kind ``changed``.

    Parameters
    ----------
    values
        All values of one description.
    folder
        Which kind of description it is.
    file
        What each value stands in that was not inherited.

    Examples
    --------
    >>> note = "Choi 2021 (50 potentiation pulses, then one reset)"
    >>> value = Value(path="device.states", value="97", kind="source", text=note)
    >>> [changed] = with_borrowed_notes([value], "architectures")
    >>> changed.kind, changed.text[:53]
    ('changed', 'written for 50 in architectures/hybrid-synapse.yaml: ')
    """
    # A value that was set has no note, and one without a note none that could be for another.
    noted = ("source", "assumed")
    # Notes of shipped files are those that others are held against.
    theirs = {name: not ships(name) for name in {value.file or file for value in values}}
    judged = []
    for value in values:
        asked = value.kind in noted and theirs[value.file or file]
        judged.append(_judged(value, folder) if asked else value)
    return tuple(judged)


def _judged(value: Value, folder: Folder) -> Value:
    written = _notes(folder).get((without_entries(value.path), value.text))
    if written is None:
        return value
    # An entry that no shipped list has, such as of a renamed phase, may have the value of any other entry.
    there = written.get(value.path) or functools.reduce(operator.or_, written.values())
    if any(_same(value.value, shipped) for shipped in there):
        return value
    # One place is enough to look at; files are read by name, so it is the same one on every machine.
    shipped, file = next(iter(there.items()))
    beside = shipped if value.path in written else f"other entries, such as {shipped},"
    text = f"written for {beside} in {file}: {value.text}"
    # Nor was its range made for this value.
    return attrs.evolve(value, kind="changed", text=text, low="", high="", between="")


@functools.cache
def _notes(folder: Folder) -> dict[tuple[str, str], _Written]:
    """Every note of the shipped files, by path and words: beside which values of which files it stands."""
    notes: dict[tuple[str, str], _Written] = defaultdict(lambda: defaultdict(dict))
    places = [(kind, name) for kind in _TOGETHER.get(folder, (folder,)) for name in shipped_names(kind)]
    for kind, name in places:
        path, file = find_shipped(name, kind)
        _, values, _ = take_out(parse_yaml(read_text(path, shown_as=file), [], file=file))
        for value in values:
            noted = notes[without_entries(value.path), value.text]
            noted[value.path].setdefault(value.value, file)
    return dict(notes)


def _same(one: str, other: str) -> bool:
    """Whether two values say the same, such as ``0.1 ns`` and ``100 ps``."""
    if one.split() == other.split():
        return True
    try:
        return Decimal(one) == Decimal(other)
    except InvalidOperation:
        # These are texts, and only a spec would say which quantity is meant: the one that reads both is.
        return any(_same_in(dimension, one, other) for dimension in _DIMENSIONS)


def _same_in(dimension: Dimension, one: str, other: str) -> bool:
    try:
        return dimension.read(one) == dimension.read(other)
    except UnitError:
        return False
