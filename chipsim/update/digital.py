"""Digital numbers that are changed where they are."""

from __future__ import annotations

from typing import ClassVar

import attrs

from chipsim.update.update import Update

__all__ = ["DigitalUpdate"]


@attrs.frozen(kw_only=True)
class DigitalUpdate(Update):
    """Outer products added to numbers in the tile's own memory, without pulses."""

    kind: ClassVar[str] = "digital"
    needs: ClassVar[frozenset[str]] = frozenset({"numbers"})
    offers: ClassVar[frozenset[str]] = frozenset({"outer-product"})
