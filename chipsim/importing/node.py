"""One node of a network's graph: what it is called, takes and gives, and its attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from chipsim.errors import Problem, did_you_mean

__all__ = ["WHOLES", "Node", "RefusedError", "listed", "node_of", "spelt", "text"]

_MOST_WHOLES: Final = 64
"""Numbers of an attribute, such as sizes."""
_LONGEST: Final = 80
"""Characters of a name in a message."""
_TOLD: Final = 8
"""Entries of a list that are told one by one."""
_FLOAT, _INT, _STRING, _TENSOR, _FLOATS, WHOLES = 1, 2, 3, 4, 6, 7
"""Types of attributes, by the numbers of the format."""
_FIELDS: Final = {_FLOAT: "f", _INT: "i", _STRING: "s", _TENSOR: "t", _FLOATS: "floats", WHOLES: "ints"}


class RefusedError(Exception):
    """Something in a file that cannot be mapped or read; the message says why."""


def text(given: str | bytes) -> str:
    """A name out of a file.

    Raises
    ------
    RefusedError
        When it is no text: the format's library then gives its bytes.
    """
    if isinstance(given, bytes):
        raise RefusedError("is damaged: it holds names that are no text")
    return given


def spelt(name: str) -> str:
    r"""A name out of a file as a message or a comment shows it: one line, and not too long.

    Examples
    --------
    >>> spelt("conv1"), spelt("a\x1b[31m")
    ('conv1', 'a\\x1b[31m')
    """
    shown = name if name.isprintable() else ascii(name)[1:-1]
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}..."


def listed(entries: Sequence[object], *, between: str = ", ") -> str:
    """The first few of a list, and how many more there are.

    Parameters
    ----------
    entries
        Of the list.
    between
        What stands between two of them.

    Examples
    --------
    >>> listed([3, 224, 224]), listed(range(12))
    ('3, 224, 224', '0, 1, 2, 3, 4, 5, 6, 7 and 4 more')
    """
    told = between.join(map(str, entries[:_TOLD]))
    more = len(entries) - _TOLD
    return f"{told} and {more:,} more" if more > 0 else told


@attrs.frozen(kw_only=True, eq=False)
class Node:
    """One operation of a graph."""

    place: int
    """Where it stands in the file, from 1."""
    op: str
    """What it does, such as ``Conv``; with its domain in front where that is not the standard's."""
    name: str
    """What it is called, or else the first that it gives."""
    inputs: tuple[str, ...]
    """Names of what it takes; empty ones are left out by the file."""
    outputs: tuple[str, ...]
    attributes: Mapping[str, tuple[int, Any]]
    """Type and value by name."""

    @property
    def words(self) -> str:
        """Place, operator and name for a sentence."""
        return f"node {self.place}, {spelt(self.op)} '{spelt(self.name)}'"

    def problem(self, file: str, message: str) -> Problem:
        """What is wrong with it."""
        return Problem(file=file, path=self.words, message=message)

    def input(self, index: int) -> str:
        """The name of an input; empty where it is left out."""
        return self.inputs[index] if index < len(self.inputs) else ""

    def knows(self, *names: str) -> None:
        """Refuse attributes of other names: what they ask for would silently not be done.

        Raises
        ------
        RefusedError
            When there is one.
        """
        for name in self.attributes:
            if name not in names:
                hint = did_you_mean(spelt(name), names)
                raise RefusedError(f"has an attribute {spelt(name)!r}, which is not known{hint}")

    def number(self, name: str, otherwise: float) -> float:
        """A number among its attributes."""
        return float(self._value(name, _FLOAT, "a number", otherwise))

    def whole(self, name: str, otherwise: int) -> int:
        """A whole number among its attributes."""
        return int(self._value(name, _INT, "a whole number", otherwise))

    def wholes(self, name: str, otherwise: tuple[int, ...] | None = None) -> tuple[int, ...] | None:
        """Whole numbers among its attributes."""
        found = self._value(name, WHOLES, "whole numbers", otherwise)
        if found is None:
            return None
        if len(found) > _MOST_WHOLES:
            raise RefusedError(f"its attribute {name!r} has {len(found):,} numbers")
        return tuple(map(int, found))

    def word(self, name: str, otherwise: str) -> str:
        """A word among its attributes."""
        found = self._value(name, _STRING, "a word", otherwise)
        return found if isinstance(found, str) else found.decode("utf-8", errors="backslashreplace")

    def tensor(self, name: str) -> Any:
        """A tensor among its attributes; None without."""
        return self._value(name, _TENSOR, "a tensor", None)

    def _value(self, name: str, kind: int, words: str, otherwise: Any) -> Any:
        if name not in self.attributes:
            return otherwise
        found, value = self.attributes[name]
        if found != kind:
            raise RefusedError(f"its attribute {name!r} must be {words}")
        return value


def node_of(place: int, given: Any) -> Node:
    """A node out of a file.

    Parameters
    ----------
    place
        From 1.
    given
        As the format's own library reads it.
    """
    domain, op = text(given.domain), text(given.op_type)
    outputs = tuple(map(text, given.output))
    attributes = {text(one.name): (one.type, _plain(one)) for one in given.attribute}
    return Node(
        place=place,
        op=op if domain in ("", "ai.onnx") else f"{domain}.{op}",
        name=text(given.name) or next(iter(outputs), ""),
        inputs=tuple(map(text, given.input)),
        outputs=outputs,
        attributes=attributes,
    )


def _plain(attribute: Any) -> Any:
    field = _FIELDS.get(attribute.type)
    # Of other types, such as graphs, only that they are there is asked.
    return None if field is None else getattr(attribute, field)
