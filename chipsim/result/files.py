"""Results on disk: one folder a run, claimed before training, written whole or not at all, and read back.

What each file, key and column means stands in ``docs/results.md``.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from pathlib import Path

from chipsim.errors import OutputError
from chipsim.outputs.checkpoint import CHECKPOINT_FILES
from chipsim.outputs.claims import ClaimedFolder, claimed_folder, claimed_new_folder, things_in
from chipsim.outputs.rescue import rescued
from chipsim.outputs.staging import is_cut_off, write_together
from chipsim.result import Result
from chipsim.result.reading import could_be_run, is_run_folder, load, settle_result
from chipsim.result.remains import cause_words, keep_remains, remains_of
from chipsim.result.writing import LAST, OURS, write_result

__all__ = [
    "check_free",
    "claimed",
    "claimed_anew",
    "could_be_run",
    "is_run_folder",
    "load",
    "save",
    "write_whole",
]


def save(result: Result, folder: str | Path | ClaimedFolder, *, overwrite: bool = False) -> Path:
    """Write a result into a folder of its own, whole or not at all.

    Parameters
    ----------
    result
        What a run left; a partial one is saved the same way.
    folder
        The run folder to make, its parents with it; or one that :func:`claimed` keeps for it.
    overwrite
        Replace the result that is there. Other files in that folder are kept.

    Returns
    -------
    Path
        The folder, as given.

    Raises
    ------
    OutputError
        When something else is in the way or another run writes there; or when the folder cannot be written:
        then the result is saved elsewhere, and the message says where.

    Examples
    --------
    >>> save(result, "runs/hybrid")  # doctest: +SKIP
    PosixPath('runs/hybrid')
    """
    if isinstance(folder, ClaimedFolder):
        return _save(result, folder)
    with claimed(folder, overwrite=overwrite) as place:
        return _save(result, place)


@contextlib.contextmanager
def claimed(folder: str | Path, *, overwrite: bool = False) -> Iterator[ClaimedFolder]:
    """A folder that results can be saved in by this process alone; taken away again if it is left empty.

    Claim it before a run begins, and what is wrong with the folder is told before hours have gone into it.

    Raises
    ------
    OutputError
        When something is in the way, another run has claimed it, or nothing can be written there.

    Examples
    --------
    >>> with claimed("runs/hybrid") as place:  # doctest: +SKIP
    ...     save(simulate("hybrid-synapse", "mnist-5k"), place)
    """
    check = functools.partial(check_free, overwrite=overwrite)
    with claimed_folder(folder, check=check, tidy=settle_result, overwrite=overwrite) as place:
        yield place


@contextlib.contextmanager
def claimed_anew(parent: Path, stem: str) -> Iterator[ClaimedFolder]:
    """A folder that was not there before: the first free of ``stem--1``, ``stem--2`` and so on.

    Raises
    ------
    OutputError
        When nothing can be written there.
    """
    with claimed_new_folder(parent, stem, tidy=settle_result) as place:
        yield place


def _save(result: Result, place: ClaimedFolder) -> Path:
    """Write a result where it should go, or else where it can."""
    write = functools.partial(write_whole, result)
    try:
        _check_still_free(place)
        write(place.target)
    except (OutputError, OSError) as error:
        # Hours of training are worth more than the place that was asked for: any that takes them will do.
        cause = error if isinstance(error, OutputError) else _unwritable(place.named, error)
        saved = rescued(write, place.target)
        where = f"; the result is saved in {saved} instead" if saved else ", nor anywhere else: it is lost"
        raise OutputError(f"{cause}{where}") from error
    except Exception as error:
        # No place is to blame, but what is in the result, which would be lost for one table of many.
        where = keep_remains(remains_of(result, error), place.target)
        raise OutputError(
            f"{place.named}: the result cannot be written {cause_words(error)}; {where}"
        ) from error
    return place.named


def _check_still_free(place: ClaimedFolder) -> None:
    """Refuse to replace what somebody who knows nothing of claims has put there since this one was made."""
    there = [name for name in OURS if (place.target / name).exists()]
    if there and not place.overwrite:
        raise OutputError(f"{place.named}: {there[0]} has come to be there since the run began")


def _unwritable(named: Path, error: OSError) -> OutputError:
    return OutputError(f"{named}: cannot write results here ({error.strerror or error})")


def write_whole(result: Result, folder: Path) -> None:
    """Write a result into a folder that is claimed, whole or not at all, and nowhere else.

    Parameters
    ----------
    result
        What a run left.
    folder
        Replaces a result that is there.

    Raises
    ------
    OSError
        When it cannot be written; what was there before is there still.
    """
    write_together(functools.partial(write_result, result), folder, replaced=OURS, last=LAST)


def check_free(folder: str | Path, *, overwrite: bool = False) -> None:
    """Refuse a folder in which something else is in the way of a result; return quietly for a free one.

    Raises
    ------
    OutputError
        When a file, another folder, or a result that may not be overwritten is there.
    """
    named = Path(folder)
    # A link stays a link: what it leads to is looked at, and is what a result is written into.
    target = named.resolve()
    try:
        if not target.exists():
            return
        if not target.is_dir():
            raise OutputError(f"{named}: a file is in the way; choose another folder, or move the file")
        # A folder in which nothing is seen may hold a result on its way, in hidden folders.
        things = {path.name for path in things_in(target)}
        if not is_cut_off(target) and not things:
            return
    except OSError as error:
        raise OutputError(
            f"{named}: cannot look into this folder ({error.strerror or error}); choose another"
        ) from error
    if things <= {*CHECKPOINT_FILES}:
        _check_checkpoint(named, overwrite=overwrite)
        return
    # A damaged result is ours too: it could not be made again in its place otherwise.
    if not could_be_run(target):
        raise OutputError(
            f"{named}: the folder is not empty and holds no result of chipsim; choose another, or empty it"
        )
    if not overwrite:
        raise OutputError(
            f"{named}: there is a result already; choose another folder, or ask to overwrite it (--overwrite)"
        )


def _check_checkpoint(named: Path, *, overwrite: bool) -> None:
    if not overwrite:
        raise OutputError(
            f"{named}: there is the checkpoint of a run that was stopped; go on with it (--resume), choose "
            f"another folder, or ask to begin anew (--overwrite)"
        )
