"""Digests of a result's files, written last: what is read back is what was saved, or it is refused.

``digests.json`` holds size and SHA-256 of every other file of the result, and a SHA-256 of that list. Only
one text says the same list, so that a changed byte of any file shows, in this one too.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from chipsim.errors import OutputError

__all__ = ["DIGESTS_FILE", "LaterFile", "SavedFiles", "read_regular", "read_saved", "write_digests"]

DIGESTS_FILE: Final = "digests.json"
"""Name of the list of digests in the folder of a result."""

_FORMAT: Final = "chipsim-digests"
_LIST_LIMIT: Final = 2**20
"""Bytes that a list of digests has at most; one of ten files has two thousand."""
_UNVERIFIED_LIMIT: Final = 2**25
"""Bytes of a file that is read without knowing its digest: damage may have made it longer."""
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_SHOWN: Final = 12
"""Digits of a digest that a message shows."""
_AGAIN: Final = "put back what was saved, or run it again"


@attrs.frozen(kw_only=True)
class SavedFiles:
    """The files of a result, each read once."""

    contents: Mapping[str, bytes]
    """What each file holds, by its name."""
    verified: bool
    """Whether each was held against the digest that was saved with it."""
    later: Mapping[str, LaterFile] = attrs.field(factory=dict)
    """Files that were held against theirs and not kept."""


@attrs.frozen(kw_only=True)
class _Digest:
    size: int
    sha256: str


@attrs.frozen
class LaterFile:
    """A file that is read when it is asked for, and held against its digest once more."""

    path: Path
    digest: _Digest

    def read(self) -> bytes:
        """What it holds.

        Raises
        ------
        OutputError
            When it has changed since, or cannot be read.
        """
        content = read_regular(self.path, limit=self.digest.size)
        if _digest_of(content) != self.digest:
            raise OutputError(f"{self.path}: changed since the result was read; {_AGAIN}")
        return content


def write_digests(folder: Path, names: Iterable[str]) -> None:
    """Write the digests of files that have just been written.

    Parameters
    ----------
    folder
        The folder of the result.
    names
        Its files.

    Raises
    ------
    OSError
        When a file cannot be read, or the list not be written.
    """
    digests = {name: _digest_of((folder / name).read_bytes()) for name in names}
    (folder / DIGESTS_FILE).write_text(_text(digests), encoding="utf-8")


def read_saved(folder: Path, names: Iterable[str], *, later: Collection[str] = ()) -> SavedFiles:
    """Read the files of a result, held against their digests where there are any.

    Parameters
    ----------
    folder
        The folder of the result.
    names
        Files that a result may have.
    later
        Those of them that are not kept in memory.

    Raises
    ------
    OutputError
        When a file is not what was saved, is missing, is of another result, or cannot be read.
    """
    # By `lexists`, here and below: a link that leads nowhere is there, and to be refused by name.
    if not os.path.lexists(folder / DIGESTS_FILE):
        there = [name for name in names if os.path.lexists(folder / name)]
        contents = {name: read_regular(folder / name, limit=_UNVERIFIED_LIMIT) for name in there}
        return SavedFiles(contents=contents, verified=False)
    digests = _read_digests(folder / DIGESTS_FILE)
    missing = [name for name in digests if not os.path.lexists(folder / name)]
    if missing:
        raise OutputError(
            f"{folder}: {', '.join(missing)} missing; the result is incomplete, so run it again"
        )
    # A table of another run, put beside these, would be taken for this run's own.
    unlisted = [name for name in names if name not in digests]
    foreign = [name for name in unlisted if os.path.lexists(folder / name)]
    if foreign:
        raise OutputError(
            f"{folder}: {', '.join(foreign)} not of this result, for {DIGESTS_FILE} does not list it; "
            f"take it away, or run it again"
        )
    waiting = {name: LaterFile(folder / name, digests[name]) for name in later if name in digests}
    contents = _verified(folder, digests, later=waiting)
    return SavedFiles(contents=contents, verified=True, later=waiting)


def read_regular(path: Path, *, limit: int) -> bytes:
    """What a file holds; pipes and devices, which may never end, are refused.

    Raises
    ------
    OutputError
        When it is no file, holds more than `limit` bytes, or cannot be read.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise OutputError(f"{path}: is {_named_kind(found.st_mode)} and no file; {_AGAIN}")
        size = found.st_size
        if size > limit:
            raise OutputError(f"{path}: holds {size:,} bytes, where at most {limit:,} can be; {_AGAIN}")
        with path.open("rb") as file:
            # It may have grown since it was looked at.
            return file.read(limit)
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be read ({error.strerror or error}); see to it that you may read it"
        ) from error


def _named_kind(mode: int) -> str:
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
    return kinds.get(stat.S_IFMT(mode), "a device")


def _digest_of(content: bytes) -> _Digest:
    return _Digest(size=len(content), sha256=hashlib.sha256(content).hexdigest())


def _text(digests: Mapping[str, _Digest]) -> str:
    """The one text that says these digests."""
    # Sorted, or one list could be written in many ways, and a change of the order would not show.
    files = {name: attrs.asdict(digests[name]) for name in sorted(digests)}
    seal = hashlib.sha256(json.dumps(files).encode()).hexdigest()
    return json.dumps({"format": _FORMAT, "files": files, "sha256": seal}, indent=2) + "\n"


def _read_digests(path: Path) -> dict[str, _Digest]:
    content = read_regular(path, limit=_LIST_LIMIT)
    try:
        digests = _digests_in(json.loads(content))
    except (ValueError, RecursionError):
        digests = {}
    # Whatever reads like a list but is no list of ours, to the last byte, was changed.
    if not digests or _text(digests).encode() != content:
        raise OutputError(f"{path}: changed since it was saved, so nothing here can be verified; {_AGAIN}")
    return digests


def _digests_in(said: Any) -> dict[str, _Digest]:
    """The digests of files, empty for what is no list of them."""
    files = said.get("files") if isinstance(said, dict) else None
    if not isinstance(files, dict):
        return {}
    if not all(_is_entry(name, entry) for name, entry in files.items()):
        return {}
    return {name: _Digest(**entry) for name, entry in files.items()}


def _is_entry(name: str, entry: Any) -> bool:
    if not isinstance(entry, dict) or entry.keys() != {"size", "sha256"}:
        return False
    # A name with folders in it could lead out of the folder of the result.
    if Path(name).name != name or name == DIGESTS_FILE:
        return False
    size, sha256 = entry["size"], entry["sha256"]
    if type(size) is not int or not isinstance(sha256, str):
        return False
    return _SHA256.fullmatch(sha256) is not None


def _verified(folder: Path, digests: Mapping[str, _Digest], *, later: Collection[str]) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    changed: dict[str, str] = {}
    for name, saved in digests.items():
        size = _size(folder / name)
        # Before it is read: damage may have made it as large as the disk.
        if size not in (None, saved.size):
            changed[name] = f"it has {size:,} bytes, {saved.size:,} were saved"
            continue
        content = read_regular(folder / name, limit=saved.size)
        found = _digest_of(content)
        # A hundred results are read for one page, and arrays of them would fill the memory.
        if name not in later:
            contents[name] = content
        if found != saved:
            digest, wanted = found.sha256[:_SHOWN], saved.sha256[:_SHOWN]
            changed[name] = f"its SHA-256 is {digest}…, {wanted}… was saved"
    if len(changed) == 1:
        [(name, how)] = changed.items()
        raise OutputError(f"{folder / name}: changed since it was saved ({how}); {_AGAIN}")
    if changed:
        names = ", ".join(changed)
        raise OutputError(
            f"{folder}: {names} changed since they were saved, as {DIGESTS_FILE} tells; {_AGAIN}"
        )
    return contents


def _size(path: Path) -> int | None:
    """Bytes of a file; None for what is none, which reading will refuse by name."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None
