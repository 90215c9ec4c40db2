"""Benches that were saved: written, read back, and held against a new one."""

from __future__ import annotations

import json
import math
import os
import tempfile
from pathlib import Path
from typing import Any, Final

import attrs

from benchmarks.measuring import Figures
from chipsim.errors import ChipsimError
from chipsim.files import read_limited

__all__ = ["Bench", "Change", "changes", "check_writable", "differences", "read_bench", "save_bench"]

_FORMAT: Final = "chipsim bench 1"
_MOST_BYTES: Final = 2**20
_RATE: Final = "_per_s"
"""The end of names of figures of which more is better."""
_NUMPY: Final = ("numpy-sgd", "numpy-adam")
"""Cases that no change of chipsim makes faster or slower."""
_SECTIONS: Final = ("machine", "software", "settings", "figures")
_NOT_TEXT: Final = "it is not text; make bench --save writes JSON"


@attrs.frozen(kw_only=True)
class Bench:
    """What was measured, where, with what, and when."""

    date: str
    machine: dict[str, Any]
    software: dict[str, Any]
    settings: dict[str, Any]
    """Samples and turns."""
    figures: dict[str, Figures]
    """Figures of each case."""


@attrs.frozen(kw_only=True)
class Change:
    """One figure beside the one that was saved."""

    case: str
    figure: str
    before: float
    now: float
    tolerance: float
    """Share by which it may be slower, from 0 to 1."""

    @property
    def share(self) -> float:
        """By what part of the saved one it is larger; below 0, smaller."""
        return self.now / self.before - 1 if self.before else 0.0

    @property
    def slower(self) -> bool:
        """Whether it is a speed, and lower by more than is tolerated."""
        return self.figure.endswith(_RATE) and self.now < self.before * (1 - self.tolerance)


def save_bench(bench: Bench, path: Path) -> None:
    """Write a bench, whole or not at all.

    Raises
    ------
    ChipsimError
        When it cannot be written.
    """
    text = json.dumps({"format": _FORMAT, **attrs.asdict(bench)}, indent=2) + "\n"
    try:
        # Beside its place and then moved there: a full disk leaves what was saved before.
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            file.write(text)
        # Temporary files are their owner's alone; what is saved is read by whoever may read its folder.
        Path(file.name).chmod(0o644)
        Path(file.name).replace(path)
    except OSError as error:
        raise ChipsimError(f"{path}: cannot be written: {error.strerror}") from error


def check_writable(path: Path) -> None:
    """Refuse a place for a bench where it could not be written, or that holds something else.

    Raises
    ------
    ChipsimError
        With what is allowed.
    """
    if path.exists():
        read_bench(path)
    if not path.parent.is_dir():
        raise ChipsimError(
            f"{path}: there is no folder {path.parent}; --save takes a file in one that is there"
        )
    if not os.access(path.parent, os.W_OK):
        raise ChipsimError(f"{path}: nothing can be written to {path.parent}; name another folder")


def read_bench(path: Path) -> Bench:
    """A saved bench.

    Raises
    ------
    ChipsimError
        When the file cannot be read, or is no saved bench; the message says what is there.
    """
    try:
        found = json.loads(read_limited(path, most=_MOST_BYTES).decode("utf-8"))
    except OSError as error:
        raise ChipsimError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ChipsimError(f"{path}: is no saved bench: {_NOT_TEXT}") from error
    except ValueError as error:
        raise ChipsimError(f"{path}: is no saved bench: {error}") from error
    if not isinstance(found, dict) or found.get("format") != _FORMAT:
        given = found.get("format") if isinstance(found, dict) else None
        told = f"its format is {given!r}" if given else "it names no format"
        raise ChipsimError(f"{path}: is no saved bench: {told}; make bench --save writes {_FORMAT!r}")
    sections = {name: _section(found, name, path) for name in _SECTIONS}
    for case, figures in sections["figures"].items():
        _check_figures(figures, f"{path}: figures.{case}")
    return Bench(date=str(found.get("date", "unknown date")), **sections)


def _section(found: dict[str, Any], name: str, path: Path) -> dict[str, Any]:
    section = found.get(name)
    if not isinstance(section, dict):
        given = "missing" if section is None else f"{type(section).__name__} {section!r:.40}"
        raise ChipsimError(f"{path}: {name}: must be an object, not {given}")
    return section


def _check_figures(figures: Any, where: str) -> None:
    if not isinstance(figures, dict):
        raise ChipsimError(f"{where}: must be an object of numbers, not {figures!r:.40}")
    for name, value in figures.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not (number and math.isfinite(value) and value >= 0):
            raise ChipsimError(f"{where}.{name}: must be a number of 0 or more, not {value!r:.40}")


def differences(saved: Bench, new: Bench, *, tolerance: float) -> list[str]:
    """What else differs than chipsim, a sentence each: machine, versions, turns, or load.

    Parameters
    ----------
    saved, new
        The benches.
    tolerance
        Share by which numpy's own loop may differ, from 0 to 1.
    """
    told = []
    if saved.machine != new.machine:
        before, now = _listed(saved.machine), _listed(new.machine)
        told.append(f"another machine: {before} then, {now} now; what is slower may be the machine")
    for name, now in new.software.items():
        before = saved.software.get(name, "unknown")
        # Code is what is compared; its version is shown with it.
        if name not in ("chipsim", "code") and before != now:
            told.append(f"another {name}: {before} then, {now} now")
    turns_then, turns = saved.settings.get("turns"), new.settings.get("turns")
    if turns_then != turns:
        fastest = f"the fastest of {turns_then} turns then, of {turns} now"
        told.append(f"{fastest}; of more turns, the fastest is faster by itself")
    for change in changes(saved, new, tolerance=tolerance):
        numpys = change.case in _NUMPY and change.figure.endswith(_RATE)
        if numpys and abs(change.share) > tolerance:
            differs = f"{change.case} itself differs by {100 * change.share:+.0f} %"
            told.append(
                f"{differs}, without any of chipsim in it: the machine is under another load than then"
            )
    return told


def _listed(facts: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in facts.items())


def changes(saved: Bench, new: Bench, *, tolerance: float) -> list[Change]:
    """Each figure that both have, in the order of the new one.

    Parameters
    ----------
    saved, new
        The benches.
    tolerance
        Share by which a speed may be lower before it counts as slower, from 0 to 1.
    """
    return [
        Change(case=case, figure=figure, before=saved.figures[case][figure], now=now, tolerance=tolerance)
        for case, figures in new.figures.items()
        for figure, now in figures.items()
        if figure in saved.figures.get(case, {})
    ]
