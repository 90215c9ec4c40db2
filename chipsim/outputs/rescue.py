"""Somewhere else to put what was computed, when the place that was meant for it fails."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

__all__ = ["rescued"]


def rescued(write: Callable[[Path], None], target: Path) -> Path | None:
    """Write to the first other place that takes it: beside the target, the temporary folder, the home folder.

    Parameters
    ----------
    write
        Writes into the empty folder that it is given.
    target
        The folder that could not be written.

    Returns
    -------
    Path or None
        Where it is now; None when every place failed.
    """
    for place in _others(target):
        try:
            write(place)
        except OSError:
            shutil.rmtree(place, ignore_errors=True)
        else:
            return place
    return None


def _others(target: Path) -> Iterator[Path]:
    """Fresh folders in the places there are, each made when it is asked for."""
    # The likeliest to be found comes first. Names are fresh ones, so that nothing there can be in the way.
    beside = f"{target.name or 'result'}--rescued-"
    with contextlib.suppress(OSError):
        yield Path(tempfile.mkdtemp(prefix=beside, dir=target.parent))
    with contextlib.suppress(OSError):
        yield Path(tempfile.mkdtemp(prefix=f"chipsim-{beside}"))
    with contextlib.suppress(OSError, RuntimeError):
        yield Path(tempfile.mkdtemp(prefix=f"chipsim-{beside}", dir=Path.home()))
