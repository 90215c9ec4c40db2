"""Folders for output, claimed by one process at a time before anything is computed for them."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import attrs

from chipsim.errors import OutputError
from chipsim.outputs.locks import TakenError, locked
from chipsim.outputs.staging import LEFTOVERS, is_cut_off

__all__ = ["CLAIM", "ClaimedFolder", "claimed_folder", "claimed_new_folder", "things_in"]

CLAIM: Final = ".claim"
"""Name of the file, in a folder, that its process holds."""
_HARMLESS: Final = ("lost+found",)
"""What every fresh disk has."""


@attrs.frozen(kw_only=True)
class ClaimedFolder:
    """A folder that is ours to write to until it is given back."""

    named: Path
    """As the user calls it."""
    target: Path
    """The same, absolute, links followed."""
    overwrite: bool = False
    """Whether what is there may be replaced."""


def things_in(folder: Path) -> list[Path]:
    """What is in a folder, without what belongs to claiming and saving.

    Raises
    ------
    OSError
        When nobody may look.
    """
    hidden = {CLAIM, *LEFTOVERS, *_HARMLESS}
    return [path for path in folder.iterdir() if path.name not in hidden]


@contextlib.contextmanager
def claimed_folder(
    folder: str | Path,
    *,
    check: Callable[[Path], None],
    tidy: Callable[[Path], None],
    overwrite: bool = False,
) -> Iterator[ClaimedFolder]:
    """A folder that this process alone may write to; made now, and taken away again if it is left empty.

    Parameters
    ----------
    folder
        The folder.
    check
        Raises an error of its own when what is in the folder may not be replaced; asked before anything is
        touched, and once more when the folder is ours.
    tidy
        Puts in order what a process that was killed may have left in the folder.
    overwrite
        Whether what is there may be replaced.

    Raises
    ------
    OutputError
        When another process has claimed it, or nothing can be written there.
    """
    named = Path(folder)
    check(named)
    target = named.resolve()
    # Looked up before any is made: only folders that were not there are taken away again.
    made = [place for place in (target, *target.parents) if not place.exists()]
    with contextlib.ExitStack() as held:
        # What is entered last ends first: by the time that folders are given back, the claim is out of them.
        held.callback(_give_back, made)
        with _writable(named):
            held.enter_context(_held(target))
            tidy(target)
        # Until the folder was ours, another process may have saved something in it, or cut off a save that
        # was put in order only now.
        check(named)
        yield ClaimedFolder(named=named, target=target, overwrite=overwrite)


@contextlib.contextmanager
def claimed_new_folder(parent: Path, stem: str, *, tidy: Callable[[Path], None]) -> Iterator[ClaimedFolder]:
    """A folder that holds nothing yet: the first free of ``stem--1``, ``stem--2`` and so on.

    Parameters
    ----------
    parent, stem
        The folder that it is made in, and what its name begins with.
    tidy
        Puts in order what a process that was killed may have left in the folder.

    Raises
    ------
    OutputError
        When nothing can be written there.
    """
    top = parent.resolve()
    made = [place for place in (top, *top.parents) if not place.exists()]
    with contextlib.ExitStack() as held:
        held.callback(_give_back, made)
        with _writable(parent):
            parent.mkdir(parents=True, exist_ok=True)
            folder = _first_free(parent, stem, held)
            tidy(folder)
        yield ClaimedFolder(named=folder, target=folder.resolve())


def _first_free(parent: Path, stem: str, held: contextlib.ExitStack) -> Path:
    for number in itertools.count(1):
        folder = parent / f"{stem}--{number}"
        if not _is_new(folder):
            continue
        held.callback(_give_back, [folder.resolve()])
        with contextlib.suppress(TakenError):
            held.enter_context(_held(folder.resolve()))
            return folder
    raise AssertionError("numbers do not end")


def _is_new(folder: Path) -> bool:
    """Whether the folder is made now, or was by a process that left nothing but its claim."""
    # Made rather than looked for: of two processes that try one number at once, only one makes it.
    try:
        folder.mkdir()
    except FileExistsError:
        return (folder / CLAIM).is_file() and not is_cut_off(folder) and not things_in(folder)
    return True


@contextlib.contextmanager
def _held(target: Path) -> Iterator[None]:
    """Hold the folder by a file in it."""
    with contextlib.ExitStack() as held:
        while True:
            target.mkdir(parents=True, exist_ok=True)
            # Whoever made the folder and left it empty may take it away before we have our file in it.
            with contextlib.suppress(FileNotFoundError):
                held.enter_context(locked(target / CLAIM))
                break
        yield


@contextlib.contextmanager
def _writable(named: Path) -> Iterator[None]:
    try:
        yield
    except TakenError as error:
        who = f" ({error.holder})" if error.holder else ""
        raise OutputError(
            f"{named}: another run writes its results here{who}; "
            f"choose another folder, or wait until it has ended"
        ) from None
    except OSError as error:
        raise OutputError(
            f"{named}: cannot write results here ({error.strerror or error}); "
            f"choose another folder with -o, or make room for this one"
        ) from error


def _give_back(made: list[Path]) -> None:
    """Remove those that are empty; `made` has the deepest first."""
    # Not looked into first: the system itself removes no folder that something is in.
    for place in made:
        with contextlib.suppress(OSError):
            place.rmdir()
