"""Figures of short runs of every shipped chip, held to the bit while the code behind them is reorganised."""
