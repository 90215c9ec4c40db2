"""What saved JSON has to say before anybody computes with it: keys, and values of the right kind."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final, TypeVar

import attrs

__all__ = ["check_mapping", "is_number", "made_from", "read_object"]

T = TypeVar("T")

_KINDS: Final[Mapping[str, tuple[tuple[type, ...], str]]] = {
    "str": ((str,), "text"),
    "int": ((int,), "a whole number"),
    "float": ((int, float), "a number"),
}
"""What a field's annotation allows in JSON."""
_MOST_NAMED: Final = 3
"""Keys that one message names."""
_LONGEST: Final = 40
"""Characters of a value that a message shows."""
_DEEPEST: Final = 100
"""Levels of nesting; a description has about ten."""
_LARGEST: Final = sys.float_info.max
"""What is computed with is a float at some point, and a larger whole number would not fit one."""


def read_object(content: bytes) -> dict[str, Any]:
    """The object that a JSON file holds, of texts and numbers that can be written and computed with.

    Raises
    ------
    ValueError
        When it is no JSON, holds something else, names a key twice, or is nested too deeply.

    Examples
    --------
    >>> read_object(b'{"seed": 1, "seed": 2}')
    Traceback (most recent call last):
    ...
    ValueError: names 'seed' twice
    """
    try:
        value = json.loads(content.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except RecursionError:
        raise ValueError(f"is nested more than {_DEEPEST} levels deep") from None
    if not isinstance(value, dict):
        raise ValueError(f"holds a {type(value).__name__} where an object was expected")  # noqa: TRY004
    # A page writes descriptions out again: what cannot be written is better refused here, with its file.
    _check_leaves(value)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, unless a key stands twice: then nobody knows which value was meant."""
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise ValueError(f"names {key[:_LONGEST]!r} twice")
        made[key] = value
    return made


def _no_number(word: str) -> None:
    raise ValueError(f"holds {word}, which is no number")


def _check_leaves(value: Any) -> None:
    """Look at every key and value, without recursion, which depth could exhaust."""
    waiting = [(value, 0, "")]
    while waiting:
        item, depth, where = waiting.pop()
        if depth > _DEEPEST:
            raise ValueError(f"is nested more than {_DEEPEST} levels deep")
        if isinstance(item, dict):
            start = f"{where}." if where else ""
            for key in item:
                _check_leaf(key, where)
            waiting += [(inner, depth + 1, start + key) for key, inner in item.items()]
        elif isinstance(item, list):
            waiting += [(inner, depth + 1, f"{where}.{place}") for place, inner in enumerate(item)]
        else:
            _check_leaf(item, where)


def _check_leaf(value: Any, where: str) -> None:
    if isinstance(value, str):
        try:
            # Bytes of a path or a command line that are no UTF-8 are kept as Python keeps them.
            value.encode(errors="surrogateescape")
        except UnicodeEncodeError:
            raise ValueError(f"{where!r} holds half a character, which cannot be written") from None
    # Not "larger than", which is false of NaN.
    elif isinstance(value, int | float) and not abs(value) <= _LARGEST:
        raise ValueError(f"{where!r} must be at most {_LARGEST:.1e}, not {_shown(value)}")


def is_number(value: Any, *kinds: type) -> bool:
    """Whether it is a finite number, of one of these types where any are given.

    Examples
    --------
    >>> is_number(2.5), is_number(2.5, int), is_number(True)
    (True, False, False)
    """
    # What JSON writes as true is an integer to Python.
    if isinstance(value, bool) or not isinstance(value, kinds or (int, float)):
        return False
    return not isinstance(value, float) or math.isfinite(value)


def check_mapping(key: str, value: Any) -> None:
    """Refuse what is no mapping.

    Raises
    ------
    ValueError
        When `value`, which stands at `key`, is something else.
    """
    if not isinstance(value, dict):
        raise ValueError(f"{key!r} must be a mapping, not {_shown(value)}")  # noqa: TRY004  # damaged, not misused


def made_from(cls: type[T], rows: Sequence[Mapping[str, Any]], *, where: str) -> tuple[T, ...]:
    """An object of a class for each row, whose values are of the kinds that its fields say.

    Parameters
    ----------
    cls
        An attrs class of texts and numbers.
    rows
        Fields by name.
    where
        Where the rows stand, for messages.

    Raises
    ------
    ValueError
        When there are no rows, or a row has other fields or a value of another kind.

    Examples
    --------
    >>> from chipsim.result import GraphEdge
    >>> made_from(GraphEdge, [{"source": "a", "target": 5, "link": "bus"}], where="edges")
    Traceback (most recent call last):
    ...
    ValueError: 'edges.0.target' must be text, not 5
    """
    if not isinstance(rows, list):
        raise ValueError(f"'{where}' must be a list, not {_shown(rows)}")  # noqa: TRY004  # damaged, not misused
    fields = attrs.fields(cls)  # type: ignore[arg-type]
    names = {field.name for field in fields}
    # What has a default came later: results from before do not say it.
    needed = {field.name for field in fields if field.default is attrs.NOTHING}
    for place, row in enumerate(rows):
        _check_keys(f"{where}.{place}", row, names=names, needed=needed)
    made = tuple(cls(**row) for row in rows)
    for place, one in enumerate(made):
        for field in fields:
            kinds, word = _KINDS[str(field.type)]
            value = getattr(one, field.name)
            right = isinstance(value, str) if str in kinds else is_number(value, *kinds)
            if not right:
                key = f"{where}.{place}.{field.name}"
                raise ValueError(f"'{key}' must be {word}, not {_shown(value)}")
    return made


def _check_keys(where: str, row: Any, *, names: AbstractSet[str], needed: AbstractSet[str]) -> None:
    """Refuse a row that has other keys than a class has fields, or lacks one that is needed."""
    check_mapping(where, row)
    unknown = [name[:_LONGEST] for name in sorted(row.keys() - names)]
    wrong = [f"no {name!r}" for name in sorted(needed - row.keys())]
    wrong += [f"an unknown {name!r}" for name in unknown]
    if wrong:
        told = ", ".join(wrong[:_MOST_NAMED])
        raise ValueError(f"'{where}' has {told}")


def _shown(value: Any) -> str:
    # As it stands in the file, and not as Python writes it.
    return json.dumps(value)[:_LONGEST]
