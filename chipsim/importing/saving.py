"""A workload and the weights beside it, written both or neither."""

from __future__ import annotations

import contextlib
import os
import secrets
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from chipsim.errors import OutputError

__all__ = ["refuse_in_place_of", "refuse_what_is_there", "save"]

Arrays: TypeAlias = Iterable[tuple[str, NDArray[Any]]]
_DATE: Final = (1980, 1, 1, 0, 0, 0)


def refuse_what_is_there(path: Path, *, overwrite: bool, sources: Iterable[Path] = ()) -> None:
    """Refuse a place where something would be lost.

    Parameters
    ----------
    path
        Where a file is to be written.
    overwrite
        Whether one may be replaced.
    sources
        Files that are read, which never are.

    Raises
    ------
    OutputError
        When something is there that may not be replaced.
    """
    if not os.path.lexists(path):
        return
    if path.is_dir():
        raise OutputError(f"{path}: a folder is in the way; choose another file (-o)")
    if any(path.exists() and source.exists() and path.samefile(source) for source in sources):
        raise OutputError(f"{path}: is what is read, and is not replaced; choose another file (-o)")
    if not overwrite:
        raise OutputError(
            f"{path}: is there already; choose another file (-o), or ask to overwrite it (--overwrite)"
        )


def refuse_in_place_of(dataset: str | Path, places: Iterable[Path]) -> None:
    """Refuse to write where a dataset is, or is to come.

    Parameters
    ----------
    dataset
        Its file, there or not.
    places
        Where files are to be written.

    Raises
    ------
    OutputError
        When one of them would take its place, whatever may be overwritten.

    Examples
    --------
    >>> refuse_in_place_of("flowers.npz", [Path("vgg16.yaml"), Path("vgg16.npz")])
    """
    whole = os.path.realpath(dataset)
    for place in places:
        if os.path.realpath(place) == whole:
            raise OutputError(
                f"{place}: is the file of the dataset, and this import would write there; choose another "
                "file (-o): weights go beside the workload, under its name and .npz"
            )


def save(text: str, path: Path, *, weights: Path | None, arrays: Arrays, overwrite: bool) -> None:
    """Write a workload and its weights; neither is there before both are written whole.

    Parameters
    ----------
    text
        Of the workload.
    path, weights
        Where both go; None for no weights.
    arrays
        By name, made one after the other.
    overwrite
        Whether files that are there may be replaced.

    Raises
    ------
    OutputError
        When one of them cannot be written. What was there before is there still, unless the weights are in
        their place already and the workload, the last to be put there, cannot be.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as stack:
            ready = []
            if weights is not None:
                aside = stack.enter_context(_aside(weights))
                _write_arrays(aside, arrays)
                ready.append((aside, weights))
            aside = stack.enter_context(_aside(path))
            aside.write_text(text, encoding="utf-8")
            ready.append((aside, path))
            for _, place in ready:
                # Once more: writing may have taken a while.
                refuse_what_is_there(place, overwrite=overwrite)
            for done, place in ready:
                done.replace(place)
    except OSError as error:
        raise OutputError(f"{path}: cannot write here ({error.strerror or error})") from error


@contextlib.contextmanager
def _aside(path: Path) -> Iterator[Path]:
    """A file of this process's beside, gone when it was not put in its place."""
    # Nobody can guess its name, and have a link stand there beforehand.
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        yield aside
    finally:
        aside.unlink(missing_ok=True)


def _write_arrays(path: Path, arrays: Arrays) -> None:
    """An archive of arrays as numpy reads it, one array in memory at a time."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays:
            # Of one date, so that the same weights make the same file whenever they are written.
            member = zipfile.ZipInfo(f"{name}.npy", _DATE)
            with archive.open(member, "w", force_zip64=True) as inside:
                np.lib.format.write_array(inside, array, allow_pickle=False)
