"""Words that depend on a number, and words in a row."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["joined", "plural"]


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
