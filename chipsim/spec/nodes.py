"""Descriptions as trees in which every value knows its file, line and path; read from YAML or plain data.

Only a small, unsurprising part of YAML is meant: mappings, lists, text, numbers, ``true``, ``false`` and
``null``. ``on`` and ``12:30`` are text, ``1e-9`` is a number.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import attrs
import yaml

from chipsim.errors import DescriptionError, Problem
from chipsim.limits import DEPTH, VALUES
from chipsim.spec.paths import Key, path_text

__all__ = ["Node", "from_plain", "parse_yaml", "shown"]

_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What would command a terminal or turn the order of its letters; text may have tabs and lines."""
_TAG: Final = "tag:yaml.org,2002:"
_TOO_MANY: Final = f"holds more than {VALUES:,} values, counting those that its aliases repeat"
_TOO_DEEP: Final = f"is nested more than {DEPTH} deep"


@attrs.frozen(kw_only=True)
class Node:
    """One value of a description and where it stands.

    Examples
    --------
    >>> print(parse_yaml("tile: {rows: 0}", [], file="a.yaml").at("tile", "rows").problem("too few"))
    a.yaml:1: tile.rows: too few
    """

    value: Any
    """Text, number, bool or None, or a dict or list of nodes."""
    file: str = ""
    """The file as the user named it."""
    line: int = 0
    """Line of the value's key in its file, from 1; 0 when unknown."""
    given: str = ""
    """The ``--set`` that the value came from; empty when it stands in the file."""
    path: tuple[Key, ...] = ()
    """Where it stands in the description once provenance is taken out."""
    ends: tuple[Node, ...] = ()
    """The lowest and the highest that an assumed value may be, once provenance is taken out."""
    replaces: bool = False
    """Whether it stands in the place of what an extended description has there, and is not merged with it."""
    wrong: tuple[Problem, ...] = ()
    """What is wrong with the file that it names, for whoever reads what should stand in it."""

    def problem(self, message: str) -> Problem:
        """A problem at this place."""
        path = _spelt(path_text(self.path))
        if self.given:
            # As it was written: without its prefix the path of a cost set is none that may be given.
            path = f"costs.{path}" if path and self.given.startswith("costs.") else path
            return Problem(path=path, message=f"{message} (from --set {self.given})")
        return Problem(file=self.file, line=self.line, path=path, message=message)

    def error(self, message: str) -> DescriptionError:
        """One problem at this place, ready to be raised."""
        return DescriptionError([self.problem(message)])

    def children(self) -> Iterator[tuple[Key, Node]]:
        """Keys (or indices) and the nodes under them; nothing for a single value."""
        if isinstance(self.value, dict):
            yield from self.value.items()
        elif isinstance(self.value, list):
            yield from enumerate(self.value)

    def at(self, *path: Key) -> Node:
        """The node at a path, or the closest one above it that is there."""
        return [self, *self.along(*path)][-1]

    def along(self, *path: Key) -> list[Node]:
        """The nodes on a path below this one, as far as they are there."""
        nodes: list[Node] = []
        for key in path:
            child = dict((nodes[-1] if nodes else self).children()).get(key)
            if child is None:
                break
            nodes.append(child)
        return nodes

    def plain(self) -> Any:
        """The value and all below it as plain dicts, lists and scalars."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value


def _spelt(key: str) -> str:
    """A key as a message shows it."""
    return key if key.isprintable() else ascii(key)[1:-1]


def from_plain(value: Any, *, file: str = "", given: str = "") -> Node:
    """Plain data as a tree of nodes; keys become text.

    Raises
    ------
    DescriptionError
        When there is more of it than a description may have.
    """
    left = VALUES

    def node(value: Any, depth: int) -> Node:
        nonlocal left
        # Counted as met and not as kept: lists that hold one another twice double with every level.
        left -= 1
        if depth > DEPTH or left < 0:
            message = _TOO_DEEP if depth > DEPTH else _TOO_MANY
            raise Node(value=None, file=file, given=given).error(message)
        if isinstance(value, dict):
            value = {str(key): node(child, depth + 1) for key, child in value.items()}
        elif isinstance(value, list | tuple):
            value = [node(child, depth + 1) for child in value]
        return Node(value=value, file=file, given=given)

    return node(value, 0)


def shown(value: Any) -> str:
    """A value as a message shows it.

    Examples
    --------
    >>> shown(True), shown(None), shown("10 ns"), shown([784, 10])
    ('true', 'null', "'10 ns'", '[784, 10]')
    """
    if isinstance(value, Node):
        value = value.plain()
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list):
        return f"[{', '.join(shown(item) for item in value)}]"
    text = repr(value)
    if len(text) <= 80:
        return text
    return f"{text[:60]}... ({len(text)} characters)"


_SHORT: Final = 32_000
"""Characters of a document that is kept as it was composed."""


class _Loader(yaml.SafeLoader):
    """YAML's grammar with the scalars of YAML 1.2: no octals, sexagesimals, dates, or ``yes`` and ``on``."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  # PyYAML's own way of sharing them

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = self._count = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """One node, as long as there are not too many of them, nor one in another too often."""
        # PyYAML composes by recursion, and keeps what it has: what is too much has to be refused on the way.
        mark = self.peek_event().start_mark
        self._count += 1
        if self._count > 2 * VALUES:  # a key counts as a node, too
            raise yaml.composer.ComposerError(None, None, _TOO_MANY, mark)
        if self._depth > DEPTH:
            raise yaml.composer.ComposerError(None, None, _TOO_DEEP, mark)
        self._depth += 1
        composed = super().compose_node(parent, index)
        self._depth -= 1
        return composed


# YAML 1.1 takes 1e6 for text, `no` for false, 010 for eight and 1:30 for ninety.
_SCALARS: Final = (
    ("bool", r"true|false", "tf"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("float", r"[-+]?[0-9]+[eE][-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", "-+."),
    ("null", r"~|null|", ["~", "n", ""]),
)
_PLAIN: Final[dict[str, Callable[[str], Any]]] = {
    "str": str,
    "bool": lambda text: text == "true",
    "int": int,
    "float": lambda text: float(text.lower().replace(".inf", "inf").replace(".nan", "nan")),
    "null": lambda _: None,
}
for _name, _pattern, _first in _SCALARS:
    # PyYAML tries only the patterns that are listed under the first character of a scalar.
    _whole = re.compile(f"^(?:{_pattern})$")
    _Loader.add_implicit_resolver(_TAG + _name, _whole, list(_first))


def parse_yaml(
    text: str, problems: list[Problem], *, file: str = "", given: str = "", path: tuple[Key, ...] = ()
) -> Node:
    """The tree of one YAML document.

    Parameters
    ----------
    text
        The document.
    problems
        Gets what is wrong with single keys and values, so that the rest can be checked as well.
    file
        The file it came from, as the user named it.
    given
        The ``--set`` it came from.
    path
        Where in a description it stands.

    Raises
    ------
    DescriptionError
        When it is no YAML.
    """
    read = _read if len(text) <= _SHORT else _read.__wrapped__
    node, found = read(text, Node(value=None, file=file, given=given, path=path))
    problems += found
    return node


# A sweep reads the same few files for every run, and that took longer than all else before training. Only
# short texts are kept, for a node takes a hundred times the room of its text. Nobody changes a tree.
@functools.lru_cache(maxsize=32)
def _read(text: str, where: Node) -> tuple[Node, tuple[Problem, ...]]:
    """The tree of a document that stands at a place, and what is wrong with single keys and values."""
    problems: list[Problem] = []
    try:
        composed = _composed(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        what = " ".join(part for part in (error.problem, error.context) if part)
        # What we refuse ourselves is YAML all the same.
        if what in (_TOO_MANY, _TOO_DEEP):
            raise attrs.evolve(where, line=line).error(what) from None
        raise attrs.evolve(where, line=line).error(f"cannot be read as YAML: {what}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        what = f"character #x{ord(text[error.position]):04x} is not allowed"
        raise attrs.evolve(where, line=line).error(f"cannot be read as YAML: {what}") from None
    node = _Reading(where, problems).node(composed, where) if composed is not None else where
    return node, tuple(problems)


def _composed(text: str) -> yaml.Node | None:
    loader = _Loader(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


class _Reading:
    """One pass over a composed document; collects what is wrong with it."""

    def __init__(self, where: Node, problems: list[Problem]) -> None:
        self._where = where
        self._open: list[yaml.Node] = []
        self._seen = 0
        self.problems = problems

    def node(self, raw: yaml.Node, place: Node) -> Node:
        """One node and all below it; `place` has its line and path."""
        # An alias is read anew wherever it stands: a short text of aliases may be millions of values.
        self._seen += 1
        # Only an alias leads back to a node that is still being read.
        if any(raw is parent for parent in self._open):
            self.problems.append(place.problem("refers to itself by an alias"))
            return place
        if self._seen > VALUES:
            raise self._where.error(_TOO_MANY)
        if len(self._open) > DEPTH:
            raise place.error(_TOO_DEEP)
        self._open.append(raw)
        try:
            return attrs.evolve(place, value=self._value(raw, place))
        finally:
            self._open.pop()

    def _value(self, raw: yaml.Node, place: Node) -> Any:
        if isinstance(raw, yaml.MappingNode) and raw.tag == _TAG + "map":
            return self._mapping(raw, place)
        if isinstance(raw, yaml.SequenceNode) and raw.tag == _TAG + "seq":
            return self._items(raw.value, place)
        name = raw.tag.removeprefix(_TAG)
        if isinstance(raw, yaml.ScalarNode) and name in _PLAIN:
            return self._scalar(name, raw.value, place)
        self.problems.append(place.problem(f"tag {raw.tag!r} is not used in descriptions"))
        return None

    def _items(self, raws: Sequence[yaml.Node], place: Node) -> list[Node]:
        nodes = []
        for index, raw in enumerate(raws):
            spot = attrs.evolve(place, line=self._line(raw), path=(*place.path, index))
            nodes.append(self.node(raw, spot))
        return nodes

    def _mapping(self, raw: yaml.MappingNode, place: Node) -> dict[str, Node]:
        children: dict[str, Node] = {}
        for key, value in raw.value:
            spot = attrs.evolve(place, line=self._line(key))
            if not isinstance(key, yaml.ScalarNode):
                self.problems.append(spot.problem("a key must be a word, not a list or mapping"))
                continue
            spot = attrs.evolve(spot, path=(*place.path, key.value))
            # PyYAML itself would keep the last one without a word.
            if key.value in children:
                first = f", first on line {children[key.value].line}" if spot.line else ""
                self.problems.append(spot.problem(f"key {key.value!r} is given twice{first}"))
                continue
            children[key.value] = self.node(value, spot)
        return children

    def _scalar(self, name: str, text: str, place: Node) -> Any:
        control = _CONTROLS.search(text)
        if control:
            self.problems.append(place.problem(f"holds the control character {control[0]!a}"))
        try:
            return _PLAIN[name](text)
        except ValueError:
            self.problems.append(place.problem(f"{shown(text)} is not a number that can be read"))
            return None

    def _line(self, raw: yaml.Node) -> int:
        # Lines of an override are those of a command, and would be looked for in the file.
        return 0 if self._where.given else raw.start_mark.line + 1
