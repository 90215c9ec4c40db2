"""The exceptions that chipsim raises for its users: one small tree, one class a cause."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

import attrs

__all__ = [
    "ChipsimError",
    "ChipsimWarning",
    "DataError",
    "DescriptionError",
    "DivergedError",
    "LostError",
    "OutputError",
    "PlacementError",
    "Problem",
    "StarvedError",
    "UnverifiedWarning",
    "did_you_mean",
]


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """The closest known names as the end of a sentence, or an empty string.

    Parameters
    ----------
    given
        What the user wrote.
    known
        The names that would have been right.

    Examples
    --------
    >>> did_you_mean("hybrd", ["hybrid", "single-pair"])
    "; did you mean 'hybrid'?"
    >>> did_you_mean("x", ["hybrid"])
    ''
    """
    close = difflib.get_close_matches(str(given), list(known), n=2, cutoff=0.6)
    if not close:
        return ""
    names = " or ".join(repr(name) for name in close)
    return f"; did you mean {names}?"


@attrs.frozen(kw_only=True)
class Problem:
    """One thing wrong with one description: where it stands and what to do about it.

    Examples
    --------
    >>> print(Problem(file="chip.yaml", line=7, path="tile.rows", message="must be at least 1, not 0"))
    chip.yaml:7: tile.rows: must be at least 1, not 0
    """

    message: str
    """What was given and what is allowed."""
    file: str = ""
    """The file as the user named it; empty when the value came from elsewhere (``--set``)."""
    line: int = 0
    """Line in the file, counted from 1; 0 when unknown."""
    path: str = ""
    """Where in the description, keys joined by dots: ``tile.adc.bits``."""

    def __str__(self) -> str:
        # As compilers write it, so that editors jump to the line.
        where = f"{self.file}:{self.line}" if self.file and self.line else self.file
        parts = (where, self.path, self.message)
        return ": ".join(part for part in parts if part)


class ChipsimError(Exception):
    """Anything a user can mend; the base of all the others."""


class ChipsimWarning(UserWarning):
    """Something went another way than one would expect, and nothing is wrong with what comes out."""


class DescriptionError(ChipsimError):
    """A description cannot be used; holds every problem found, not only the first.

    Parameters
    ----------
    problems
        At least one problem, in the order of the file.

    Examples
    --------
    >>> raise DescriptionError([Problem(path="tile.rows", message="must be at least 1, not 0")])
    Traceback (most recent call last):
    ...
    chipsim.errors.DescriptionError: tile.rows: must be at least 1, not 0
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        assert problems, "an error without a problem"
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class PlacementError(DescriptionError):
    """A layer does not fit on the tiles that the chip has."""


class DataError(ChipsimError):
    """A dataset is missing, truncated, corrupted or holds values that are no numbers."""


class DivergedError(ChipsimError):
    """Training left the numbers that can be computed with; a lower learning rate keeps it among them."""

    result: Any = None
    """What was left, as of an interrupted run: a :class:`~chipsim.result.Result` with the finished epochs,
    marked as stopped; None when nothing was trained."""


class LostError(ChipsimError):
    """Training has finished epochs, and no result could be made of them."""

    remains: Any = None
    """What is left, as :func:`chipsim.result.remains.remains` makes it: `epochs`, `tasks`, `summary` and the
    traceback of the `cause`."""


class OutputError(ChipsimError):
    """Results cannot be written where they should go, or what lies there is not a result."""


class StarvedError(ChipsimError):
    """The event schedule ran dry before the program ended; the message lists who waits for what."""


class UnverifiedWarning(ChipsimWarning):
    """A saved result has no digests, so that nobody can tell whether its files are what was saved."""
