"""Runs: placing layers, executing programs, the epoch loop."""

from __future__ import annotations

from chipsim.run.datasets import check_data
from chipsim.run.options import Options
from chipsim.run.simulate import Setup, prepare, simulate

__all__ = ["Options", "Setup", "check_data", "prepare", "simulate"]
