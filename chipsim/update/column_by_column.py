"""One column after another, each cell of it with pulses of its own."""

from __future__ import annotations

from typing import ClassVar

import attrs

from chipsim.update.update import PulsedUpdate

__all__ = ["ColumnByColumn"]


@attrs.frozen(kw_only=True)
class ColumnByColumn(PulsedUpdate):
    """A controller counts the pulses of each crossing; the cells of a column get theirs side by side."""

    kind: ClassVar[str] = "column-by-column"
    offers: ClassVar[frozenset[str]] = frozenset({"outer-product", "chosen-pulses", "counted-pulses"})
    visits: ClassVar[str] = "column"

    def typical(self, shape: tuple[int, int]) -> tuple[int, int]:
        """Every column once."""
        _, columns = shape
        return columns, columns
