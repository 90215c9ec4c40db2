"""Which code this is: its version, a digest of the source that decides a run's figures, and its commit."""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import attrs

__all__ = ["DECISIVE", "Code", "this_code", "versions"]

DECISIVE: Final = ("chipsim", "numpy", "numba", "simpy", "networkx")
"""Packages whose version may change a figure of a run."""
_PACKAGES: Final = (*DECISIVE, "attrs", "cattrs")
_SHOWING: Final = (
    *("cli", "report", "study"),
    *(f"result/{name}.py" for name in ("activities", "chance", "endurance", "extent", "labels", "metrics")),
    *(f"result/{name}.py" for name in ("standing", "timed")),
)
"""Rooms and files that no run imports from: what they hold changes how figures are shown, and no figure."""
_DESCRIPTIONS: Final = "shipped"
"""In an installed package only; a run keeps the descriptions that it was made from."""
_COMPILED: Final = "__pycache__"
_PATIENCE_S: Final = 10
"""How long git may take to tell the commit."""
_DIGITS: Final = 12
"""Digits of a digest or a commit that are shown."""


@attrs.frozen(kw_only=True)
class Code:
    """The code that runs."""

    version: str
    sha256: str
    """Over all files of the package but descriptions, and those that only show what a run left."""
    commit: str | None
    """The newest commit of the working copy that this runs from; None for an installed package."""
    changed: bool
    """Whether the working copy has changes that are in no commit."""

    def __str__(self) -> str:
        told = f"code {self.sha256[:_DIGITS]}"
        if self.commit:
            told += f", commit {self.commit[:_DIGITS]}"
        if self.commit and self.changed:
            told += " with changes"
        return f"{self.version} ({told})"


def versions() -> dict[str, str]:
    """Versions of chipsim and of the packages that it runs on, by name.

    Examples
    --------
    >>> versions()["chipsim"]
    '0.1.0'
    """
    return {name: _version(name) for name in _PACKAGES}


# Looked for on the disk, for each result of a sweep.
@functools.cache
def _version(package: str) -> str:
    return version(package)


@functools.cache
def this_code() -> Code:
    """Which code this is, looked at once.

    Examples
    --------
    >>> len(this_code().sha256)
    64
    """
    package = Path(__file__).parent
    commit, changed = _commit(package.parent)
    return Code(version=version("chipsim"), sha256=_digest(package), commit=commit, changed=changed)


def _digest(package: Path) -> str:
    digest = hashlib.sha256()
    for path in _files(package):
        # Names and contents by their own digests, so that nothing can move from the one to the other.
        name = path.relative_to(package).as_posix().encode()
        digest.update(hashlib.sha256(name).digest())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files(package: Path) -> Iterator[Path]:
    left_out = {*_SHOWING, _DESCRIPTIONS}
    # Sorted, for every file system lists its files in an order of its own.
    for path in sorted(package.rglob("*")):
        inside = path.relative_to(package)
        shows = inside.parts[0] in left_out or inside.as_posix() in left_out
        # Compiled files come and go as modules are imported, and say nothing that their source does not.
        if path.is_file() and not shows and _COMPILED not in inside.parts:
            yield path


def _commit(folder: Path) -> tuple[str | None, bool]:
    """The commit that a working copy is at, and whether it has changes; None where there is none to tell."""
    git = shutil.which("git")
    if git is None or not (folder / ".git").exists():
        return None, False
    # Where git looks is the folder that this runs from, whatever the caller's environment says.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    how: dict[str, Any] = {"cwd": folder, "env": environment, "timeout": _PATIENCE_S, "text": True}

    def told(*words: str) -> str:
        # Without locks: git would refresh its index by the way, while somebody may be at work in the copy.
        command = [git, "--no-optional-locks", *words]
        done = subprocess.run(command, check=True, capture_output=True, **how)  # noqa: S603
        return str(done.stdout).strip()

    try:
        commit = told("rev-parse", "HEAD")
        status = told("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return None, False
    return commit, bool(status)
