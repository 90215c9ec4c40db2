"""The environment of other tools: made once, apart from chipsim's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from chipsim.errors import ChipsimError

__all__ = ["NEEDED", "python_of", "ready"]

NEEDED: Final = {"aihwkit": "1.1.0", "torch": "2.10.0"}
_ASK: Final = (
    "import json, importlib.metadata as m; names = ('aihwkit', 'torch'); "
    "have = {d.metadata['Name'].lower(): d.version for d in m.distributions()}; "
    "print(json.dumps({n: have.get(n) for n in names}))"
)


def python_of(folder: Path) -> Path:
    """The interpreter of an environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def ready(folder: Path, *, ours: bool, say: Callable[[str], Any]) -> Path:
    """An environment with what is needed; returns its interpreter.

    Parameters
    ----------
    folder
        Where it is, or will be.
    ours
        Whether it may be made and changed; one that a user names is taken as it is.
    say
        Told what is done, before anything is downloaded.

    Raises
    ------
    ChipsimError
        When the environment cannot be made, or has other versions.
    """
    python = python_of(folder)
    if not python.exists():
        if not ours:
            raise ChipsimError(f"{folder}: is no virtual environment: it has no {python.relative_to(folder)}")
        say(f"making {folder}")
        venv.create(folder, with_pip=True)
    try:
        have = _versions(python)
    except ChipsimError as error:
        # Nobody is told to remove what they made themselves.
        remedy = f"remove {folder} and start again" if ours else "name another environment with --venv"
        raise ChipsimError(f"{error}; {remedy}") from error
    if have == NEEDED:
        return python
    if not ours:
        raise ChipsimError(f"{folder}: has {_listed(have)}; needed are {_listed(NEEDED)}")
    packages = [f"{name}=={version}" for name, version in NEEDED.items()]
    wanted = " and ".join(packages)
    say(
        f"installing {wanted} into {folder} from the package index. On x86_64 Linux this takes torch's CUDA "
        "build, which also runs without a GPU: about 3 GB to download and 7 GB on disk"
    )
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", *packages]
    done = subprocess.run(command, check=False)  # noqa: S603
    have = _versions(python)
    if done.returncode != 0 or have != NEEDED:
        which = f"Python {sys.version.split()[0]}"
        raise ChipsimError(f"{folder}: {wanted} could not be installed with {which}; pip says why above")
    return python


def _listed(versions: Mapping[str, str | None]) -> str:
    return " and ".join(f"{name} {version or 'not at all'}" for name, version in versions.items())


def _versions(python: Path) -> dict[str, str | None]:
    try:
        done = subprocess.run([str(python), "-c", _ASK], capture_output=True, check=True, text=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as error:
        raise ChipsimError(f"{python}: does not run: {_why(error)}") from error
    found: dict[str, str | None] = json.loads(done.stdout)
    return found


def _why(error: OSError | subprocess.CalledProcessError) -> str:
    if isinstance(error, OSError):
        return error.strerror or "no reason given"
    lines = [line.strip() for line in error.stderr.splitlines() if line.strip()]
    return lines[-1] if lines else f"exit code {error.returncode}"
