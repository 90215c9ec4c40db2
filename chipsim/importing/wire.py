"""What the bytes of a model hold, counted before they are parsed into a hundred times as many."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import attrs
import numpy as np

from chipsim.importing.node import RefusedError
from chipsim.limits import ONNX_BYTES, ONNX_ENTRIES

__all__ = ["refuse_swelling"]

_VARIED, _EIGHT, _FRAMED, _FOUR = 0, 1, 2, 5
"""How the value of an entry lies: a number of varied length, eight bytes, so many bytes, or four bytes."""
_WHOLES: Final = (3, 4, 5, 8, 13, 14, 17, 18)
"""Types of whole numbers of varied length, by the numbers of protobuf."""
_PARSED: Final = 8
"""Bytes of such a number once it is parsed."""
_LONGEST: Final = 10
"""Bytes of a number of varied length."""


@attrs.frozen(kw_only=True)
class _Field:
    message: str
    """Name of the message that it holds; empty for values."""
    is_whole: bool


Kinds: TypeAlias = dict[str, dict[int, _Field]]


def refuse_swelling(content: bytes, kind: Any) -> None:
    """Refuse a message that would take far more memory than it has bytes.

    Parameters
    ----------
    content
        The message as it lies in a file.
    kind
        Its descriptor, as protobuf has it.

    Raises
    ------
    RefusedError
        When it has too many entries, in messages within it as well, or is damaged.
    """
    kinds = _kinds(kind)
    # Messages that hold the place that is read, the innermost last, with where each ends.
    inside = [(kinds[kind.full_name], len(content))]
    place, entries, wholes = 0, 0, 0
    while inside:
        fields, end = inside[-1]
        if place == end:
            inside.pop()
            continue
        entries += 1
        if entries > ONNX_ENTRIES or wholes * _PARSED > ONNX_BYTES:
            raise RefusedError(_too_many(entries))
        tag, place = _number(content, place, end)
        if tag & 7 != _FRAMED:
            place = _behind(content, place, end, lies=tag & 7)
            continue
        length, place = _number(content, place, end)
        if length > end - place:
            raise _damaged("it ends too early")
        field = fields.get(tag >> 3)
        if field is not None and field.message:
            inside.append((kinds[field.message], place + length))
            continue
        if field is not None and field.is_whole:
            wholes += _count(content, place, length)
        place += length
    if wholes * _PARSED > ONNX_BYTES:
        raise RefusedError(_too_many(entries))


def _too_many(entries: int) -> str:
    if entries > ONNX_ENTRIES:
        return f"has more than {ONNX_ENTRIES:,} entries, such as nodes, names and sizes, and no more are read"
    return f"has whole numbers that take more than {ONNX_BYTES:,} bytes"


def _damaged(how: str) -> RefusedError:
    return RefusedError(f"is no ONNX file, or is damaged: {how}")


def _kinds(kind: Any) -> Kinds:
    """Fields by number of a message and of all that it may hold, by name."""
    kinds: Kinds = {}
    waiting = [kind]
    while waiting:
        one = waiting.pop()
        if one.full_name in kinds:
            continue
        kinds[one.full_name] = {}
        for field in one.fields:
            inner = field.message_type
            name = "" if inner is None else inner.full_name
            kinds[one.full_name][field.number] = _Field(message=name, is_whole=field.type in _WHOLES)
            if inner is not None:
                waiting.append(inner)
    return kinds


def _number(content: bytes, place: int, end: int) -> tuple[int, int]:
    """A number of varied length, seven bits a byte, and the place behind it."""
    value = 0
    for index, byte in enumerate(content[place : min(end, place + _LONGEST)]):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, place + index + 1
    raise _damaged("a number in it does not end")


def _behind(content: bytes, place: int, end: int, *, lies: int) -> int:
    """The place behind a value."""
    if lies == _VARIED:
        return _number(content, place, end)[1]
    sizes = {_EIGHT: 8, _FOUR: 4}
    if lies not in sizes:
        raise _damaged(f"it has an entry of the type {lies}")
    if sizes[lies] > end - place:
        raise _damaged("it ends too early")
    return place + sizes[lies]


def _count(content: bytes, place: int, length: int) -> int:
    """Numbers of varied length that lie one behind the other."""
    return int(np.count_nonzero(np.frombuffer(content, np.uint8, length, place) < 0x80))
