"""Words that depend on a number, words in a row, and words in a field of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

__all__ = ["as_field", "joined", "plural"]

_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")


def as_field(text: str) -> str:
    """A text as a field of a CSV, whose apostrophe keeps it from being worked out as a formula.

    Examples
    --------
    >>> as_field("=1+1"), as_field("single-pair")
    ("'=1+1", 'single-pair')
    """
    return f"'{text}" if text.startswith(_FORMULAS) else text


def joined(words: Sequence[str], *, last: str = "and") -> str:
    """Words in a row as a sentence has them.

    Examples
    --------
    >>> joined(["a", "b", "c"])
    'a, b and c'
    """
    if len(words) < 2:
        return "".join(words)
    *others, final = words
    return f"{', '.join(others)} {last} {final}"


def plural(word: str, count: int) -> str:
    """A noun for so many.

    Parameters
    ----------
    word
        For one; more of them end in ``s``.
    count
        How many there are.

    Examples
    --------
    >>> plural("tile", 1), plural("tile", 0)
    ('tile', 'tiles')
    """
    return word if count == 1 else f"{word}s"
