"""Laws by which pulses move cells in compiled loops, and what a table lists of cells of any law."""

from __future__ import annotations

__all__ = ["ALONG", "COLUMN_SUM", "CONDUCTANCE", "LAW", "LINEAR", "OF_THE_LAW", "ROW_SUM", "SOFT"]

LINEAR, SOFT, ALONG = range(3)
"""Steps that are alike, steps that shrink linearly towards bounds, and steps whose length follows a curve
along the range."""

LAW, CONDUCTANCE, ROW_SUM, COLUMN_SUM, OF_THE_LAW = range(5)
"""What is listed of cells of any law, counted from where they begin in a table: the law, what they conduct,
and the sums of their lines; behind them comes what the law needs."""
