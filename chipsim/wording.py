"""Words that depend on a number."""

from __future__ import annotations

__all__ = ["plural"]


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
