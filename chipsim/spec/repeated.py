"""Problems in the order of their files; those that an override has with each entry of a list, told once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from chipsim.errors import Problem

__all__ = ["in_order", "told_once"]

_ENTRY: Final = re.compile(r"\[[^\]]*\]|\.[0-9]+(?=\.|$)")
"""An entry of a list in a path, chosen by a key or counted."""


def told_once(problems: Iterable[Problem]) -> list[Problem]:
    """The problems, those alike of an override of all entries once, in place of the first.

    Parameters
    ----------
    problems
        Problems of one description.

    Examples
    --------
    >>> said = "too few (from --set adc[*].bits=0)"
    >>> of_both = [Problem(path=f"adc[bits={bits}].bits", message=said) for bits in (4, 8)]
    >>> [str(problem) for problem in told_once(of_both)]
    ['adc[*].bits: too few (from --set adc[*].bits=0)']
    """
    alike: dict[tuple[str, str, str], list[Problem]] = {}
    for problem in problems:
        is_of_all = "[*]" in problem.message.rpartition("(from --set ")[2]
        path = _ENTRY.sub("[*]", problem.path) if is_of_all else problem.path
        where = f"{problem.file}:{problem.line}"
        alike.setdefault((where, path, problem.message), []).append(problem)
    told = []
    for (_, path, _), found in alike.items():
        first = found[0]
        # Where one entry alone is wrong, its own path says which: a star would hide it.
        told.append(attrs.evolve(first, path=path) if len(found) > 1 else first)
    return told


def in_order(problems: Sequence[Problem], *, first: str = "") -> list[Problem]:
    """In the order of the file; what has no line comes last, and once for all entries of a list.

    Parameters
    ----------
    problems
        In any order.
    first
        The file whose problems come first.
    """

    def place(problem: Problem) -> tuple[bool, bool, str, int]:
        # Lines of a base are those of another file: after all of the description's own.
        return not problem.line, problem.file != first, problem.file, problem.line

    return sorted(dict.fromkeys(told_once(problems)), key=place)
