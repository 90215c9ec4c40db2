"""chipsim beside aihwkit, numpy and NeuroSim: one network, the same digits in the same order, in turns.

Each side is warm and in a process of its own, all on one core; every round trains all of them once, and
ratios are of times of the same round. Results go to benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.cases import SQUARED
from benchmarks.machine import machine, now
from benchmarks.one_case import ROOT
from benchmarks.peers import environment, neurosim
from benchmarks.peers.algorithms import ALGORITHMS, Algorithm
from benchmarks.peers.chipsim_side import chips
from benchmarks.peers.colleague import Colleague
from benchmarks.peers.page import page_part, with_part, write_part
from benchmarks.peers.rounds import WARM_UP, Outcome, Party, in_turns
from chipsim.data import load
from chipsim.device.randomness import generator
from chipsim.errors import ChipsimError
from chipsim.run.simulate import prepare

__all__ = ["absent", "chosen", "main", "orders", "write_digits"]

PAGE: Final = ROOT / "benchmarks" / "README.md"
_FOLDER: Final = ROOT / ".venv-peers"
_MOST_SAMPLES: Final = 4_000
_REFUSED: Final = 2


def main(words: Sequence[str] | None = None) -> int:
    """Measure, show, and write the page; returns the status to end with."""
    given = _parser().parse_args(words)
    try:
        _run(given)
    except ChipsimError as error:
        print(f"bench-peers: {error}", file=sys.stderr)
        return _REFUSED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench-peers", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="rounds that are timed")
    parser.add_argument("--samples", type=int, default=4_000, help="digits of a turn, 4,000 at most")
    parser.add_argument("--core", type=int, help="the core that all stay on; the last one by default")
    parser.add_argument(
        "--venv", type=Path, help="an environment that has aihwkit and torch already, instead of .venv-peers"
    )
    parser.add_argument(
        "--chip",
        action="append",
        default=[],
        metavar="NAME",
        help="another chip of chipsim that trains along, by name or file; may be given several times",
    )
    parser.add_argument(
        "--only", metavar="WORDS", help="networks with these words in their name only; implies --show"
    )
    parser.add_argument(
        "--neurosim", type=Path, metavar="MAIN", help="a built MLP_NeuroSim: its program `main`"
    )
    parser.add_argument(
        "--show", action="store_true", help="show the tables, and leave benchmarks/README.md as it is"
    )
    return parser


def _run(given: argparse.Namespace) -> None:
    _check(given)
    core = _core(given.core)
    python = environment.ready(given.venv or _FOLDER, ours=given.venv is None, say=_say)
    for each in absent(given.only):
        _say(f"chipsim ships no chip {each.chip}: {each.name} is left out on its side")
    outcomes, versions = _outcomes(given, core, python)
    said = neurosim.PUBLISHED
    if given.neurosim:
        _say("NeuroSim's MLP simulator, until its second accuracy")
        said = str(neurosim.measured(given.neurosim, core=core))
    facts = {"date": now(), **machine(), **versions, "rounds": given.rounds, "samples a turn": given.samples}
    part = page_part(outcomes, facts=facts, neurosim=said)
    print(part)
    if not (given.show or given.only):
        write_part(PAGE, part)
        _say(f"written to {PAGE.relative_to(ROOT)}")


def _say(what: str) -> None:
    print(f"==> {what}", file=sys.stderr, flush=True)


def _check(given: argparse.Namespace) -> None:
    """Refuse what cannot be measured or written, before anything is installed.

    Raises
    ------
    ChipsimError
        With the option, what was given and what is allowed.
    """
    if given.rounds < 1:
        raise ChipsimError(f"--rounds: must be at least 1, not {given.rounds}")
    if not 1 <= given.samples <= _MOST_SAMPLES:
        raise ChipsimError(f"--samples: must be 1 to {_MOST_SAMPLES:,}, not {given.samples:,}")
    for name in given.chip:
        prepare(name, "mnist-5k", epochs=1, sets=SQUARED)
    if given.neurosim:
        neurosim.check(given.neurosim)
    if not (given.show or given.only):
        with_part(PAGE.read_text(encoding="utf-8"), "", where=str(PAGE))


def _core(given: int | None) -> int:
    """The core that all stay on; -1 where the system offers none."""
    if not hasattr(os, "sched_getaffinity"):
        return -1
    allowed = sorted(os.sched_getaffinity(0))
    if given is not None and given not in allowed:
        raise ChipsimError(f"--core: must be one of {', '.join(map(str, allowed))}, not {given}")
    # The first one serves the interrupts of many machines.
    return allowed[-1] if given is None else given


def orders(*, turns: int, samples: int) -> np.ndarray:
    """The orders that a chip draws for its epochs, (turns, samples)."""
    drawn = generator(0, "data")
    return np.array([drawn.permutation(samples) for _ in range(turns)])


def write_digits(path: Path, *, turns: int, samples: int) -> None:
    """Write the digits and the order of each turn, for all sides."""
    data = load("mnist-5k", train=samples, test=1)
    order = orders(turns=turns, samples=samples)
    np.savez(path, images=data.train_images, labels=data.train_labels, orders=order)


def _outcomes(given: argparse.Namespace, core: int, python: Path) -> tuple[list[Outcome], dict[str, str]]:
    """What every network did, and the versions of what they run on."""
    sides = {"chipsim": sys.executable, "numpy": sys.executable, "aihwkit": str(python)}
    with ExitStack() as at_work:
        folder = Path(at_work.enter_context(tempfile.TemporaryDirectory()))
        digits = folder / "digits.npz"
        write_digits(digits, turns=WARM_UP + given.rounds, samples=given.samples)
        commands = {name: _command(name, interpreter, core) for name, interpreter in sides.items()}
        for name in given.chip:
            commands["chipsim"] += ["--chip", name]
        colleagues = [
            at_work.enter_context(Colleague(name, command, folder=ROOT)) for name, command in commands.items()
        ]
        parties = chosen(colleagues, given.only)
        outcomes = in_turns(parties, digits=str(digits), samples=given.samples, rounds=given.rounds, say=_say)
        return outcomes, _versions(colleagues)


def absent(words: str | None = None) -> list[Algorithm]:
    """The algorithms on cells of the measured array, of those asked for, that no shipped chip trains by."""
    known = chips()
    return [each for each in ALGORITHMS if each.ours not in known and _has(each.ours, words)]


def chosen(colleagues: Sequence[Colleague], words: str | None) -> list[Party]:
    """Each network and the process that trains it, where words are given those alone that have them.

    Raises
    ------
    ChipsimError
        When no name has them.
    """
    parties = [(colleague, name) for colleague in colleagues for name in colleague.names]
    taken = [party for party in parties if _has(party[1], words)]
    if not taken:
        known = ", ".join(repr(name) for _, name in parties)
        raise ChipsimError(f"--only: no network has {words!r} in its name; there are {known}")
    return taken


def _has(name: str, words: str | None) -> bool:
    return words is None or words.casefold() in name.casefold()


def _command(name: str, interpreter: str, core: int) -> list[str]:
    return [interpreter, "-m", f"benchmarks.peers.{name}_side", "--core", str(core)]


def _versions(colleagues: Sequence[Colleague]) -> dict[str, str]:
    """Versions by name; where two sides have different ones, that of the first with the other's beside it."""
    found: dict[str, str] = {}
    for colleague in colleagues:
        for name, version in colleague.versions.items():
            if name not in found:
                found[name] = version
            elif version not in found[name]:
                found[name] += f" ({colleague.name}: {version})"
    return found


if __name__ == "__main__":
    sys.exit(main())
