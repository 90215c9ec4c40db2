"""The range of an assumed value: how far it may be off, beside the reason for assuming it.

``{value: 5 pJ, assumed: why, between: [1 pJ, 20 pJ, five published tools]}``, or factors of the value, as in
``between: [x0.5, x2, half to double by convention]``, or ``between: none, for a reason``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from chipsim.errors import Problem
from chipsim.spec.factors import is_factor, multiplied
from chipsim.spec.nodes import Node, shown
from chipsim.spec.paths import Entry

__all__ = [
    "BETWEEN",
    "Range",
    "is_note",
    "is_nothing",
    "range_problems",
    "read_range",
    "takes_range",
    "with_ends",
]

BETWEEN: Final = "between"
"""The key of a range, beside ``assumed``."""
_WRITE: Final = "write [low, high, why], such as [x0.5, x2, half to double by convention]"


@attrs.frozen(kw_only=True)
class Range:
    """How far an assumed value may be off, as written."""

    ends: tuple[Node, ...] = ()
    """The lowest and the highest value, or factors; empty where there is a reason for having none."""
    why: str
    """Where the ends come from, or why there are none."""


def is_note(section: Mapping[str, Node]) -> bool:
    """Whether ``between`` in a mapping is the note of a value, and no key of a part that is called so.

    Parameters
    ----------
    section
        The mapping by its keys.
    """
    return BETWEEN in section and ("value" in section or "assumed" in section or "source" in section)


def read_range(node: Node, problems: list[Problem], *, covers: bool) -> Range | None:
    """A range as it stands in a description; None where it is none.

    Parameters
    ----------
    node
        What stands under ``between``, with its path.
    problems
        Gets what is wrong with it.
    covers
        Whether it stands beside several values, which only factors can hold for.
    """
    if isinstance(node.value, str):
        return _none(node, problems)
    if not isinstance(node.value, list):
        problems.append(node.problem(f"must be a list or text, not {shown(node)}; {_WRITE}"))
        return None
    if len(node.value) != 3:
        lacks = "; say where the ends come from" if len(node.value) == 2 else ""
        problems.append(node.problem(f"must have 3 items, not {len(node.value)}{lacks}; {_WRITE}"))
        return None
    *ends, why = node.value
    found = [
        node.problem(f"must be a number or a quantity, not {shown(end)}; {_WRITE}")
        for end in ends
        if isinstance(end.value, bool | dict | list) or end.value is None
    ]
    if not isinstance(why.value, str) or not why.value.strip():
        found.append(node.problem(f"ends with text that says where the ends come from, not {shown(why)}"))
    if covers and not found:
        found += [
            node.problem(f"covers several values, whose ends are factors such as x0.5, not {shown(end)}")
            for end in ends
            if not is_factor(end.value)
        ]
    problems += found
    return None if found else Range(ends=tuple(ends), why=" ".join(why.value.split()))


def _none(node: Node, problems: list[Problem]) -> Range | None:
    text = " ".join(node.value.split())
    first, _, why = text.partition(" ")
    if first.rstrip(",:;") == "none" and why:
        return Range(why=text)
    reason = "none, and why, such as 'none: a choice of the design'"
    problems.append(node.problem(f"{_WRITE}; or {reason}, not {shown(node)}"))
    return None


def takes_range(node: Node) -> bool:
    """Whether a value is a number, and not what an entry of a list is known by.

    Parameters
    ----------
    node
        A single value, with its path.

    Examples
    --------
    >>> [takes_range(Node(value=value)) for value in ("5 pJ", 8, 0, "auto", True)]
    [True, True, True, False, False]
    """
    if multiplied(node.value, "x1") is None:
        return False
    entry = node.path[-2] if len(node.path) > 1 else None
    return not (isinstance(entry, Entry) and entry.label.partition("=")[0] == node.path[-1])


def with_ends(leaf: Node, span: Range, at: Node) -> Node:
    """A value with both ends of its range, factors worked out.

    Parameters
    ----------
    leaf
        A value that takes a range.
    span
        The range.
    at
        Where it is written.
    """
    path = (*leaf.path, BETWEEN)
    ends = [attrs.evolve(at, value=_worked_out(leaf.value, end.value), path=path) for end in span.ends]
    return attrs.evolve(leaf, ends=tuple(ends))


def range_problems(leaf: Node, span: Range, at: Node) -> list[Problem]:
    """What is wrong with the range of one value that stands right beside it.

    Parameters
    ----------
    leaf
        The value.
    span
        Its range.
    at
        Where the range is written.
    """
    if not span.ends:
        return []
    if multiplied(leaf.value, "x1") is None:
        return [at.problem(f"is for numbers, and {shown(leaf)} is none; leave it out")]
    return []


def is_nothing(value: Any) -> bool:
    """Whether a number or a quantity is zero, so that no factor changes it.

    Examples
    --------
    >>> is_nothing(0), is_nothing("0 pJ"), is_nothing("0.5 pJ")
    (True, True, False)
    """
    return bool(multiplied(value, "x2") == multiplied(value, "x1"))


def _worked_out(value: Any, end: Any) -> Any:
    product = multiplied(value, end) if is_factor(end) else None
    return end if product is None else product
