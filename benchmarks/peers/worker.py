"""What a process at work for the comparison does: one line of JSON for each line that it is asked.

Only the standard library and numpy are used here, for it runs in the environment of another tool, too.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, TextIO

import numpy as np
from numpy.typing import NDArray

__all__ = ["Digits", "Side", "Sides", "arguments", "main", "serve"]

Bytes = NDArray[np.uint8]


class Digits:
    """The digits that all train on, in the order of each turn.

    Parameters
    ----------
    path
        A file with ``images`` (samples, pixels) from 0 to 255, ``labels`` (samples,) and ``orders``
        (turns, samples).
    """

    def __init__(self, path: str | Path) -> None:
        # Without pickles: the file is arrays.
        with np.load(path, allow_pickle=False) as held:
            self.images: Bytes = held["images"]
            self.labels: Bytes = held["labels"]
            self._orders: NDArray[np.int64] = held["orders"]

    def turn(self, number: int) -> tuple[Bytes, Bytes]:
        """Images and labels in the order of a turn."""
        order = self._orders[number]
        return self.images[order], self.labels[order]


class Side(Protocol):
    """One network under training."""

    def warm_up(self, turns: int) -> None:
        """Train on the digits in the orders of the first turns, before any is timed."""

    def train(self, turn: int) -> float:
        """Train once on the digits in the order of a turn, and return the seconds that it took."""

    def tell(self) -> dict[str, float]:
        """What it can tell of its training, by name with unit."""


Sides = Mapping[str, Callable[[Digits], Side]]
"""How each network of a process is built."""


def serve(sides: Sides, versions: Mapping[str, str], *, asked: TextIO, answers: TextIO) -> None:
    """Answer each line that is asked, until there is none.

    The first line that is written says which versions and networks there are. Questions are objects:

    - ``{"do": "prepare", "name": ..., "digits": path, "turns": number}`` builds a network and trains it so
      many turns of warm-up;
    - ``{"do": "train", "name": ..., "turn": number}`` is answered with seconds;
    - ``{"do": "tell", "name": ...}`` with what it can tell.

    What goes wrong is answered as ``{"error": ...}``.

    Parameters
    ----------
    sides
        The networks.
    versions
        Of what they run on, by name.
    asked, answers
        Where questions come from and answers go.
    """
    at_work: dict[str, Side] = {}

    def put(answer: Mapping[str, Any]) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    put({"versions": {"python": platform.python_version(), **versions}, "names": list(sides)})
    for line in asked:
        # Whatever it is, the driver must know which network failed, and may go on with the others.
        try:
            put(_answer(json.loads(line), sides, at_work))
        except Exception as error:  # noqa: BLE001
            traceback.print_exc()
            put({"error": f"{type(error).__name__}: {error}"})


def _answer(question: Mapping[str, Any], sides: Sides, at_work: dict[str, Side]) -> dict[str, Any]:
    name, what = question["name"], question["do"]
    if what == "prepare":
        at_work[name] = sides[name](Digits(question["digits"]))
        at_work[name].warm_up(question["turns"])
        return {"prepared": name}
    side = at_work[name]
    if what == "train":
        return {"seconds": side.train(question["turn"])}
    assert what == "tell", what
    return {"told": side.tell()}


def arguments() -> argparse.ArgumentParser:
    """What every process at work takes on its command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--core", type=int, default=-1, help="the core to stay on; -1 leaves it open")
    return parser


def main(make: Callable[[], tuple[Sides, Mapping[str, str]]], *, core: int | None = None) -> None:
    """Serve on standard input and output, on one core.

    Parameters
    ----------
    make
        Imports what is measured, and returns its networks and versions. It is called once the core is set.
    core
        The core to stay on, or -1 for any; what the command line says where it is not given.
    """
    if core is None:
        core = arguments().parse_args().core
    if core >= 0 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    # Libraries print what they like: their lines go to standard error, answers where output went before.
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        serve(*make(), asked=sys.stdin, answers=answers)
