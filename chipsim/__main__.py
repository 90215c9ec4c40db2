"""``python -m chipsim`` is the command ``chipsim``."""

from __future__ import annotations

from chipsim.cli import main

main(prog_name="chipsim")
