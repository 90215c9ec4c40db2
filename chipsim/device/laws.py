"""Laws by which pulses move cells in compiled loops, and what a table lists of cells of any law."""

from __future__ import annotations

__all__ = ["COLUMN_SUM", "CONDUCTANCE", "LAW", "LINEAR", "OF_THE_LAW", "ROW_SUM", "SOFT"]

LINEAR, SOFT = range(2)
"""Steps that are alike, and steps that shrink towards bounds."""

LAW, CONDUCTANCE, ROW_SUM, COLUMN_SUM, OF_THE_LAW = range(5)
"""What is listed of cells of any law, counted from where they begin in a table: the law, what they conduct,
and the sums of their lines; behind them comes what the law needs."""
