"""The commands: list, check, describe, run, compare, report, endurance and data."""

from __future__ import annotations

from chipsim.cli.commands import main

__all__ = ["main"]
