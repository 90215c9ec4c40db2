"""One cell after another."""

from __future__ import annotations

from typing import ClassVar

import attrs

from chipsim.update.update import PulsedUpdate

__all__ = ["CellByCell"]


@attrs.frozen(kw_only=True)
class CellByCell(PulsedUpdate):
    """A controller counts the pulses of each crossing; cells get theirs one after another."""

    kind: ClassVar[str] = "cell-by-cell"
    offers: ClassVar[frozenset[str]] = frozenset({"outer-product", "chosen-pulses", "counted-pulses"})
    visits: ClassVar[str] = "cell"

    def typical(self, shape: tuple[int, int]) -> tuple[int, int]:
        """Every cell once."""
        rows, columns = shape
        return rows * columns, rows * columns

    def typical_phases(self, shape: tuple[int, int]) -> tuple[int, int, int]:
        """Every cell once: it goes one way or the other, and half of them each is as good a guess as any."""
        cells, visits = self.typical(shape)
        return cells - cells // 2, cells // 2, visits
