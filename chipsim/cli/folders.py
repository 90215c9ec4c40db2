"""Folders for results: what they are called, and how that of a comparison is claimed."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from chipsim.outputs.claims import ClaimedFolder, claimed_folder
from chipsim.result.files import claimed_anew

__all__ = ["claimed_group", "file_name", "sweep_name"]

_LONGEST: Final = 80
"""Characters of a study's name."""


def file_name(text: str) -> str:
    """A description's name as a file may be called.

    Examples
    --------
    >>> file_name("gain 10/k")
    'gain-10-k'
    """
    # A dot in front would hide the folder, and a dash would make it an option of the next command.
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip(".-") or "unnamed"


def sweep_name(arch: str, workload: str, paths: Iterable[str]) -> str:
    """What a sweep is called, and its folder: sweeps over other values of one chip get folders of their own.

    Parameters
    ----------
    arch, workload
        As :func:`file_name` gives them.
    paths
        What is varied.

    Examples
    --------
    >>> sweep_name("single-pair", "mnist-5k", ["device.states", "costs.adc[bits=8].energy"])
    'single-pair--mnist-5k--device.states--costs.adc-bits-8.energy'
    """
    words = [arch, workload, *(file_name(path).replace("-.", ".") for path in paths)]
    name = "--".join(words)
    # A study's name begins with a letter or digit, whatever the file of the chip begins with.
    begun = name.lstrip("_.-") or "unnamed"
    if len(begun) <= _LONGEST:
        return begun
    # Cut off alone, two long names could be one.
    digest = hashlib.sha256(name.encode("utf-8")).hexdigest()[:8]
    return f"{begun[: _LONGEST - len(digest) - 2].rstrip('-.')}--{digest}"


@contextlib.contextmanager
def claimed_group(
    output: Path | None, *, runs: Path, stem: str, check: Callable[[Path], None]
) -> Iterator[ClaimedFolder]:
    """The folder of a comparison, which holds those of its runs: no other comparison mixes its own with them.

    Parameters
    ----------
    output
        The folder that was asked for; None makes one.
    runs, stem
        Where one is made, the first free of ``stem--1``, ``stem--2`` and so on.
    check
        Raises an error of its own when what is in the folder is in the way.

    Raises
    ------
    OutputError
        When another process has claimed it, or nothing can be written there.
    """
    place = claimed_anew(runs, stem) if output is None else claimed_folder(output, check=check, tidy=_leave)
    with place as group:
        yield group


def _leave(_folder: Path) -> None:
    """Nothing is saved in the folder itself."""
