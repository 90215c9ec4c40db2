"""One broken rule of a description."""

from __future__ import annotations

import attrs

from chipsim.spec.paths import Key

__all__ = ["Fault"]


@attrs.frozen
class Fault:
    """One broken rule: the path that it is reported at, and what is wrong."""

    path: tuple[Key, ...]
    message: str
