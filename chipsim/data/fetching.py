"""Fetching published datasets from their public homes, checked before they are put in place."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import pooch

from chipsim.data.features import FEATURES
from chipsim.data.idx import read_content
from chipsim.data.loading import SIZED
from chipsim.data.published import EMBEDDED, PUBLISHED, DataFile, Published, data_folder
from chipsim.data.records import RECORDS
from chipsim.errors import DataError, did_you_mean

__all__ = ["Progress", "fetch"]

Progress: TypeAlias = Callable[[str, int, int], object]
"""Called with a file's name, the bytes that have come, and the bytes to come in all (0 when not told)."""

_TIMEOUT_S = 30


class _Meter:
    """What pooch reports to, in the shape that it asks for."""

    def __init__(self, name: str, report: Progress) -> None:
        self.total = 0
        self._name = name
        self._report = report
        self._done = 0

    def update(self, amount: int) -> None:
        self._done += amount
        if self.total:
            self._done = min(self._done, self.total)
        self._report(self._name, self._done, self.total)

    def reset(self) -> None:
        self._done = 0

    def close(self) -> None:
        """Pooch calls it at the end; there is nothing to close."""


def fetch(
    name: str,
    folder: str | Path | None = None,
    *,
    progress: Progress | None = None,
    overwrite: bool = False,
) -> Path:
    """Fetch a published dataset; files that are there and right are left alone.

    Each file is checked against its checksum before it is put in its place. Its homes are tried in turn.

    Parameters
    ----------
    name
        ``mnist`` or ``fashion-mnist``.
    folder
        They go to a folder of the dataset's name in it; None takes CHIPSIM_DATA, or else the user's cache.
    progress
        Called as bytes come in.
    overwrite
        Replace files of the same names with another content; they may be somebody's own.

    Returns
    -------
    Path
        The folder that the files are in.

    Raises
    ------
    DataError
        When the name is unknown, other files are in the way, no home could be reached or gave the right file,
        or the folder cannot be written.
    """
    if name == EMBEDDED:
        raise DataError(f"{name} is embedded in chipsim; there is nothing to fetch")
    if name in FEATURES:
        made = FEATURES[name]
        raise DataError(
            f"{name} has no public home to be fetched from; it is {made.made_by}, in {made.file}: name the "
            "folder that has it with --data or CHIPSIM_DATA"
        )
    if name in RECORDS:
        records = RECORDS[name]
        raise DataError(
            f"{name} states no licence to be handed on under, so it is not fetched: put the binary version "
            f"of {records.home} into {data_folder(folder) / records.folders[0]}"
        )
    if name in SIZED:
        raise DataError(f"{name}: only its sizes are known, for timing alone; there is nothing to fetch")
    if name not in PUBLISHED:
        known = ", ".join(PUBLISHED)
        raise DataError(f"no dataset {name!r} to fetch; known: {known}{did_you_mean(name, PUBLISHED)}")
    published = PUBLISHED[name]
    place = data_folder(folder) / name
    try:
        place.mkdir(parents=True, exist_ok=True)
        wanted = [file for file in published.files if not _is_right(published, file, place.parent)]
        if not overwrite:
            _refuse_others([place / file.name for file in wanted])
        for file in wanted:
            _fetch_file(published, file, place / file.name, progress=progress)
    except OSError as error:
        reason = error.strerror or error
        raise DataError(f"{place}: cannot be written: {reason}; name another folder") from error
    return place


def _refuse_others(paths: Sequence[Path]) -> None:
    """Refuse to replace files that are not those that were published."""
    there = [str(path) for path in paths if path.exists()]
    if there:
        raise DataError(
            f"{', '.join(there)}: not the published file, damaged or somebody's own; "
            f"move it, or ask to overwrite it (--overwrite)"
        )


def _is_right(published: Published, file: DataFile, folder: Path) -> bool:
    path = published.find(file, folder)
    if path is None:
        return False
    try:
        file.check_content(read_content(path), path=path)
    except DataError:
        return False
    return True


def _fetch_file(published: Published, file: DataFile, path: Path, *, progress: Progress | None) -> None:
    reasons = []
    # Beside its place, so that what has come moves there by renaming: an interrupted fetch leaves nothing
    # half-written, and across file systems a file cannot be renamed.
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=path.parent) as box:
        part = Path(box) / file.name
        for home in published.homes:
            reason = _try_home(home, file, part, progress=progress)
            if reason is None:
                part.replace(path)
                return
            reasons.append(f"\n  {home}{file.name}: {reason}")
    raise DataError(
        f"{path}: could not be fetched; check the network, or put the file there yourself{''.join(reasons)}"
    )


def _try_home(home: str, file: DataFile, part: Path, *, progress: Progress | None) -> str | None:
    """Fetch from one home; None when the right file came, otherwise why not."""
    meter = _Meter(file.name, progress) if progress else False
    try:
        with part.open("wb") as stream:
            pooch.HTTPDownloader(progressbar=meter, timeout=_TIMEOUT_S)(home + file.name, stream, None)
    except OSError as error:  # whatever requests raises is one
        return _reason(error)
    try:
        file.check_content(read_content(part), path=Path(file.name))
    except DataError as error:
        return str(error)
    return None


def _reason(error: OSError) -> str:
    """The innermost cause: requests wraps what the system said in three coats."""
    cause: BaseException = error
    while cause.__cause__ or cause.__context__:
        cause = cause.__cause__ or cause.__context__ or cause
    status = getattr(getattr(error, "response", None), "status_code", None)
    return f"answered with status {status}" if status else str(getattr(cause, "strerror", None) or cause)
