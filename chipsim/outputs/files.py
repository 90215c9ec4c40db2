"""Pages: files that replace what is of their kind and nothing else, and go into devices and pipes."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs

from chipsim.errors import OutputError
from chipsim.outputs.locks import TakenError, locked

__all__ = ["ClaimedPage", "claim_and_write", "claimed_page", "generator", "write_page"]

_HTML: Final = (b"<!doctype html", b"<html")
_HEAD_BYTES: Final = 2048
"""Bytes at the beginning of a page in which its generator stands."""
_LONGEST_NAME: Final = 200
"""Bytes of a name that leave room for a prefix and a suffix in the 255 that most file systems take."""
_SPECIAL: Final = ("/dev/", "/proc/")
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT)


def generator(kind: str) -> str:
    """What a page of ours says of its generator, by which it is known when it is to be replaced.

    Parameters
    ----------
    kind
        What the page is, such as ``report``.

    Examples
    --------
    >>> generator("report")
    '<meta name="generator" content="chipsim report">'
    """
    return f'<meta name="generator" content="chipsim {kind}">'


@attrs.frozen(kw_only=True)
class ClaimedPage:
    """A file that a page may be written to, by this process alone."""

    named: Path
    """As the user calls it."""
    target: Path
    """The same with links followed."""
    kind: str
    overwrite: bool
    is_stream: bool
    """Whether it is a device or a pipe, which is written to and never replaced."""


@contextlib.contextmanager
def claimed_page(path: str | Path, *, kind: str, overwrite: bool = False) -> Iterator[ClaimedPage]:
    """A file for a page, held until the page is written.

    A page of the same kind is replaced when the new one is there, another page only on request, and whatever
    is no page never.

    Parameters
    ----------
    path
        The file; folders above it are made.
    kind
        What the page is, as its :func:`generator` says.
    overwrite
        Whether another page may be replaced.

    Raises
    ------
    OutputError
        When something is in the way, another process writes the page, or nothing can be written there.
    """
    named = Path(path)
    with contextlib.ExitStack() as held:
        with _told(named):
            # A link stays one: what it leads to is replaced.
            target = Path(os.path.realpath(named))
            is_stream = _is_stream(named)
            place = ClaimedPage(
                named=named, target=target, kind=kind, overwrite=overwrite, is_stream=is_stream
            )
            _check(place)
            if not place.is_stream:
                _hold(place.target, held)
        yield place


def write_page(content: str, place: ClaimedPage) -> Path:
    """Write a page, whole or not at all where the place allows it.

    Parameters
    ----------
    content
        The page; halves of surrogate pairs, as bytes of paths that are no UTF-8 become, are spelt out.
    place
        Where it goes.

    Returns
    -------
    Path
        The file as the user calls it.

    Raises
    ------
    OutputError
        When something else has come to be there, or the file cannot be written.
    """
    encoded = content.encode("utf-8", errors="backslashreplace")
    with _told(place.named):
        if place.is_stream:
            # Appended, for /dev/stdout may lead to a file that has something in it already.
            with place.named.open("ab") as stream:
                stream.write(encoded)
            return place.named
        # Once more: a run may have trained for hours since the page was claimed.
        _check(place)
        fresh = _beside(place.target, "part")
        try:
            fresh.write_bytes(encoded)
            # A file takes another's name at once, so that whoever reads finds the old page or the new one.
            fresh.replace(place.target)
        except OSError:
            # A single file that is mounted can be written, and nothing be made beside it or put in its place.
            if not place.target.is_file():
                raise
            place.target.write_bytes(encoded)
        finally:
            with contextlib.suppress(OSError):
                fresh.unlink()
    return place.named


def claim_and_write(content: str, path: str | Path | ClaimedPage, *, kind: str, overwrite: bool) -> Path:
    """Write a page to a place that is claimed already, or claim the file for it alone.

    Parameters
    ----------
    content
        The page.
    path
        The file, or one that is claimed.
    kind, overwrite
        As :func:`claimed_page` takes them; of a place that is claimed they were said before.

    Returns
    -------
    Path
        The file as the user calls it.

    Raises
    ------
    OutputError
        When something else is in the way, or the file cannot be written.
    """
    if isinstance(path, ClaimedPage):
        return write_page(content, path)
    with claimed_page(path, kind=kind, overwrite=overwrite) as place:
        return write_page(content, place)


def _is_stream(named: Path) -> bool:
    """Whether there is a device or a pipe, or a file that the process was given by a name of the system."""
    if str(named).startswith(_SPECIAL):
        return True
    try:
        mode = named.stat().st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _check(place: ClaimedPage) -> None:
    """Refuse a place where something else is."""
    named = place.named
    if named.is_dir():
        raise OutputError(
            f"{named}: a folder is in the way; give the name of a file, such as {named / 'report.html'}"
        )
    if place.is_stream or not named.exists():
        return
    with named.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    # An empty file holds nothing that could be lost.
    if not head or generator(place.kind).encode() in head:
        return
    # Editors may begin a file with a mark that says it is UTF-8.
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text.lower().startswith(_HTML):
        raise OutputError(f"{named}: is no page, so a page never replaces it; choose another file")
    if not place.overwrite:
        raise OutputError(
            f"{named}: there is another page, no {place.kind} of chipsim; "
            f"choose another file, or ask to overwrite it (--overwrite)"
        )


def _hold(target: Path, held: contextlib.ExitStack) -> None:
    """Make the folders above, and hold the file by one beside it."""
    made = [place for place in target.parents if not place.exists()]
    held.callback(_give_back, made)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        held.enter_context(locked(_beside(target, "claim")))
    except OSError:
        # A single file that is mounted, or that alone may be written, has to do without.
        if not os.access(target, os.W_OK):
            raise


def _beside(target: Path, suffix: str) -> Path:
    """The name of a hidden file beside; the same each time, so that what a killed process left is reused."""
    name = target.name
    if len(os.fsencode(name)) > _LONGEST_NAME:
        name = hashlib.sha256(os.fsencode(name)).hexdigest()
    return target.with_name(f".{name}.{suffix}")


def _give_back(made: list[Path]) -> None:
    for place in made:
        with contextlib.suppress(OSError):
            place.rmdir()


@contextlib.contextmanager
def _told(named: Path) -> Iterator[None]:
    """What the system says, told with the page that it concerns."""
    try:
        yield
    except TakenError as error:
        who = f" ({error.holder})" if error.holder else ""
        raise OutputError(
            f"{named}: another process writes this page{who}; choose another file, or wait until it has ended"
        ) from None
    except OSError as error:
        file = next((place for place in named.parents if _is_other(place)), None)
        if file is not None:
            raise OutputError(
                f"{named}: cannot write the page here ({file} is a file, not a folder); choose another folder"
            ) from error
        what = (
            "make room, or choose a file elsewhere"
            if error.errno in _NO_ROOM
            else "choose a file that can be written"
        )
        raise OutputError(
            f"{named}: cannot write the page here ({error.strerror or error}); {what}"
        ) from error


def _is_other(place: Path) -> bool:
    """Whether something is there that is no folder; False where nobody can tell."""
    try:
        return place.exists() and not place.is_dir()
    except OSError:
        return False
