"""Cells that are programmed to levels, one after another or a row at a time."""

from __future__ import annotations

from typing import ClassVar, Literal

import attrs

from chipsim.spec.fields import between, more_than, one_of
from chipsim.tile.programming import Programming
from chipsim.tile.resistive_tile import ResistiveTile
from chipsim.units import Share
from chipsim.update.update import Update

__all__ = ["Reprogram", "Verify"]


@attrs.frozen(kw_only=True)
class Verify:
    """Reading a cell after programming, and programming it again when it missed its level.

    The reading is exact, though the forward ADC may be coarser: 8 bits over +-64 are steps of 0.50 of a
    weight, where levels stand 0.19 apart and a tolerance of 25 % is 0.047.
    """

    tolerance: Share = attrs.field(validator=more_than(0, up_to=1))
    """Error that is accepted, as a share of the distance from the level to the nearest other one."""
    tries: int = attrs.field(validator=between(1, 1_000))
    """Programmings of one cell at most, the first included."""


@attrs.frozen(kw_only=True)
class Reprogram(Update):
    """Cells whose level changed are programmed: a RESET where they were high, a SET where they get high."""

    kind: ClassVar[str] = "reprogram"
    needs: ClassVar[frozenset[str]] = frozenset({"levels"})
    offers: ClassVar[frozenset[str]] = frozenset({"reprogramming"})
    read_when_frozen: ClassVar[frozenset[str]] = frozenset({"writer", "verify"})
    writer: Literal["serial", "row-parallel"] = attrs.field(
        default="serial", validator=one_of("serial", "row-parallel")
    )
    """``serial``: one cell of a tile at a time. ``row-parallel``: all cells of a row that get the same pulse
    at once; the gate line that limits the current belongs to a row, so each level takes a SET of its own, or,
    of cells whose level a RESET chooses, a RESET."""
    verify: Verify | None = None
    """None: one programming, whatever it reaches."""

    @property
    def words(self) -> str:
        """Which cells, by which writer, and whether they are read again."""
        tries = "without verify" if self.verify is None else f"verified, at most {self.verify.tries} times"
        return f"weights whose level changed are reprogrammed, {self.writer}, {tries}"

    def changes(self, tile: ResistiveTile) -> Programming:
        """Programmings of its cells."""
        by_row = self.writer == "row-parallel"
        # Without a look there is no second try: what a pulse reached is taken for what was wanted.
        if self.verify is None:
            return Programming(tile, by_row=by_row, tolerance=None, tries=1)
        tolerance, tries = self.verify.tolerance, self.verify.tries
        return Programming(tile, by_row=by_row, tolerance=tolerance, tries=tries)
