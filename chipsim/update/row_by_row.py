"""One row after another, each cell of it with pulses of its own."""

from __future__ import annotations

from typing import ClassVar

import attrs

from chipsim.update.update import PulsedUpdate

__all__ = ["RowByRow"]


@attrs.frozen(kw_only=True)
class RowByRow(PulsedUpdate):
    """A controller counts the pulses of each crossing; the cells of a row get theirs side by side."""

    kind: ClassVar[str] = "row-by-row"
    offers: ClassVar[frozenset[str]] = frozenset({"outer-product", "chosen-pulses", "counted-pulses"})
    visits: ClassVar[str] = "row"

    def typical(self, shape: tuple[int, int]) -> tuple[int, int]:
        """Every row once."""
        rows, _ = shape
        return rows, rows
