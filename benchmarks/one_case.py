"""One case in a process of its own, so that its memory is its own: figures as a line of JSON."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any, Final

from benchmarks.cases import Case, chosen
from benchmarks.machine import pinned
from benchmarks.measuring import Figures, measure
from chipsim.errors import ChipsimError, ChipsimWarning

__all__ = ["ROOT", "measured_apart"]

ROOT: Final = Path(__file__).resolve().parents[1]
"""Where `benchmarks` is found."""
_TOLD: Final = 3
"""Last lines of what a process said that are told when it fails."""


def measured_apart(case: Case, *, samples: int, turns: int) -> Figures:
    """The figures of a case, measured by a process of its own on one core.

    Parameters
    ----------
    case, samples, turns
        As :func:`benchmarks.measuring.measure` takes them.

    Raises
    ------
    ChipsimError
        When the process fails; the message has the last that it said.
    """
    command = [sys.executable, "-m", "benchmarks.one_case", case.name, str(samples), str(turns)]
    how: dict[str, Any] = {"cwd": ROOT, "env": pinned(os.environ), "text": True, "encoding": "utf-8"}
    done = subprocess.run(command, capture_output=True, check=False, **how)  # noqa: S603
    if done.returncode != 0:
        said = " / ".join(done.stderr.splitlines()[-_TOLD:])
        raise ChipsimError(f"{case.name}: its process ended with {done.returncode}: {said}")
    figures: Figures = json.loads(done.stdout)
    return figures


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("samples", type=int)
    parser.add_argument("turns", type=int)
    given = parser.parse_args()
    # Remarks that little is learnt are true of a few digits, and no concern of a clock.
    warnings.simplefilter("ignore", ChipsimWarning)
    (case,) = chosen([given.name])
    # Whatever a library prints must not stand among the figures.
    with contextlib.redirect_stdout(sys.stderr):
        figures = measure(case, samples=given.samples, turns=given.turns)
    print(json.dumps(figures))


if __name__ == "__main__":
    _main()
