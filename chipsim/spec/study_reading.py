"""One pass over a scenario file that collects everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import attrs

from chipsim.errors import DescriptionError, Problem

__all__ = ["Reading"]

T = TypeVar("T")
U = TypeVar("U")


@attrs.define(kw_only=True)
class Reading:
    """One pass over a scenario; collects what is wrong with it."""

    base: Path
    """What paths in the file are relative to."""
    problems: list[Problem] = attrs.field(factory=list)

    def kept(self, read: Callable[[], T], otherwise: U) -> T | U:
        """What a reader gives, or else something in its place, and the problems are noted."""
        try:
            return read()
        except DescriptionError as error:
            self.problems += error.problems
            return otherwise
