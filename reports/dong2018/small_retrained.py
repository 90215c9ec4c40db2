"""Train the small networks that the scenario file maps to cells, as small_network.py does."""

from __future__ import annotations

import runpy
from pathlib import Path

if __name__ == "__main__":
    runpy.run_path(str(Path(__file__).with_name("small_network.py")), run_name="__main__")
