"""Tiles of digital lanes, as described."""

from __future__ import annotations

from typing import Literal

import attrs

from chipsim.spec.fields import between, one_of, sized_by
from chipsim.tile.tile_kind import TileKind

__all__ = ["LaneTiles"]


@attrs.frozen(kw_only=True)
class LaneTiles(TileKind):
    """How many lanes work side by side, and on what."""

    lanes: int = attrs.field(validator=between(1, 65_536), metadata=sized_by())
    """Multiply-accumulate operations in one cycle."""
    mapping: Literal["columns", "block"] = attrs.field(
        default="columns", validator=one_of("columns", "block")
    )
    """``columns``: a lane works on one column at a time, and lanes beyond the columns are idle, so a pass
    takes rows x ceil(columns / lanes) cycles. ``block``: lanes take weights of any rows and columns, and a
    pass takes ceil(weights / lanes) cycles; wires that bring any word to any lane are not charged."""
