"""Where compiled kernels are kept between runs: a folder that can be written, or none."""

from __future__ import annotations

import contextlib
import functools
import glob
import hashlib
import os
import stat
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType
from typing import Any, Final

from numba.core import config
from numba.core.caching import (
    CompileResultCacheImpl,
    IndexDataCacheFile,
    InTreeCacheLocator,
    NullCache,
    UserWideCacheLocator,
)
from numba.core.dispatcher import Dispatcher

from chipsim.device.compiling import note_compiled
from chipsim.device.nested import is_callable
from chipsim.errors import ChipsimWarning

__all__ = ["KernelCache", "temporary_folder"]

_REFUSED: Final[dict[Path, str]] = {}
"""Folders that could not be written in this process, and why."""
_TOLD: Final[set[str]] = set()


class KernelCache(NullCache):
    """The compiled forms of one kernel, as numba's dispatcher asks for them.

    Numba's own cache raises where no folder can be written, where the disk is full and where a file in it is
    damaged. Here each of these only means that a kernel is compiled anew. Folders are tried in turn:
    NUMBA_CACHE_DIR, beside the source, the user's cache, a folder of the user's own among temporary files. A
    folder that can only be read still serves what was compiled into it before.

    Parameters
    ----------
    function
        The kernel, not compiled.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._packing = _Packing()
        self._counted: set[Any] = set()

    @property
    def cache_path(self) -> str:
        """The first folder that is tried."""
        return str(next(_folders(self._function)))

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """What was compiled for a signature before; None where nothing whole is kept."""
        target_context.refresh()
        key = self._key(sig, target_context.codegen())
        for folder in _folders(self._function):
            # A damaged file can raise anything; whatever it is, compiling anew mends it.
            with contextlib.suppress(Exception):
                kept = self._file(folder, key).load(key)
                if kept is not None:
                    return self._packing.rebuild(target_context, kept)
        return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep what was compiled in the first folder that takes it; say so where that is no usual one."""
        if not is_callable(data):
            # It lies in its callers, which are kept.
            self._note(sig, None)
            return
        key = self._key(sig, data.codegen)
        packed = self._packing.reduce(data)
        for folder in _folders(self._function):
            if folder in _REFUSED:
                continue
            try:
                folder.mkdir(parents=True, exist_ok=True)
                self._file(folder, key).save(key, packed)
            except OSError as error:
                _REFUSED[folder] = error.strerror or str(error)
                continue
            self._note(sig, folder)
            if folder == temporary_folder():
                _tell(f"compiled kernels are kept in {folder}")
            return
        self._note(sig, None)
        _tell("compiled kernels cannot be kept, so every command compiles what it needs anew")

    def _note(self, sig: Any, folder: Path | None) -> None:
        """Count what was compiled; once, also where Python calls later what kernels have called before."""
        note_compiled(folder, again=sig in self._counted)
        self._counted.add(sig)

    def _key(self, sig: Any, codegen: Any) -> tuple[Any, ...]:
        return (sig, codegen.magic_tuple(), hashlib.sha256(self._function.__code__.co_code).hexdigest())

    def _file(self, folder: Path, key: tuple[Any, ...]) -> _Kept:
        """One index a signature: two processes that compile different ones at once do not meet."""
        digest = hashlib.sha256(repr(key[:2]).encode())
        signature = digest.hexdigest()[:16]
        # What one Python packed, another cannot unpack.
        python = f"py{sys.version_info.major}{sys.version_info.minor}"
        name = f"{self._function.__module__}.{self._function.__qualname__}"
        base = f"{name}-{signature}.{python}"
        return _Kept(cache_path=str(folder), filename_base=base, source_stamp=_stamp(self._function))


class _Packing(CompileResultCacheImpl):
    """How numba packs what it compiled; where to is decided here."""

    def __init__(self) -> None:
        """Nothing of numba's own search for a folder."""


class _Kept(IndexDataCacheFile):
    """Numba's index and data file, the data named by its digest: a damaged file is never run."""

    def load(self, key: Any) -> Any:
        """The data of a key, or None."""
        name = self._load_index().get(key)
        if name is None or not self._is_whole(name):
            return None
        return self._load_data(name)

    def save(self, key: Any, data: Any) -> None:
        """Write data first, then the index that names it, and take away what was kept before."""
        packed = self._dump(data)
        # In this order: a process that is killed in between leaves an index that names what there is.
        name = self._data_name(_digest(packed))
        with self._open_for_write(self._data_path(name)) as file:
            file.write(packed)
        self._save_index({key: name})
        index = Path(self._index_path)
        for other in index.parent.glob(f"{glob.escape(index.stem)}.*.nbc"):
            if other.name != name:
                other.unlink(missing_ok=True)

    def _data_name(self, number: int) -> str:
        return f"{Path(self._index_path).stem}.{number:032x}.nbc"

    def _is_whole(self, name: str) -> bool:
        return name == self._data_name(_digest(Path(self._data_path(name)).read_bytes()))


def temporary_folder() -> Path | None:
    """The user's own folder among temporary files; None where another user could write to it.

    Compiled code is run as it is found, so nobody else may have put it there.
    """
    user = os.getuid() if hasattr(os, "getuid") else 0
    try:
        folder = Path(tempfile.gettempdir()) / f"chipsim-kernels-{user}"
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    shared = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    # Somebody else may have made a folder, or a link, of that name before us; Windows knows no owners.
    mine = not hasattr(os, "getuid") or found.st_uid == user
    own = stat.S_ISDIR(found.st_mode) and mine
    return folder if own and not shared else None


def _folders(function: Callable[..., Any]) -> Iterator[Path]:
    source = function.__code__.co_filename
    inside = UserWideCacheLocator.get_suitable_cache_subpath(source)
    if config.CACHE_DIR:
        yield Path(config.CACHE_DIR) / inside
    yield Path(InTreeCacheLocator(function, source).get_cache_path())
    users = Path(UserWideCacheLocator(function, source).get_cache_path())
    # Without a home it is called `~`, and would be made in the current folder.
    if users.is_absolute():
        yield users
    last = temporary_folder()
    if last is not None:
        yield last


def _stamp(function: Callable[..., Any]) -> tuple[tuple[str, str], ...]:
    """Digests of the source of a kernel, of the kernels that it calls, and of the constants in them.

    Numba inlines both, but looks only at the file of the kernel itself: after an upgrade that changed another
    file it would go on with the old code.
    """
    found: dict[str, str] = {}
    todo = [function]
    while todo:
        one = todo.pop()
        name = f"{one.__module__}.{one.__qualname__}"
        if name in found:
            continue
        scope, code = one.__globals__, one.__code__
        used = [(word, scope[word]) for word in code.co_names if word in scope]
        plain = bool | int | float | str
        constants = [(word, value) for word, value in used if isinstance(value, plain)]
        found[name] = f"{_source_digest(code.co_filename)} {constants!r}"
        todo += [value.py_func for _, value in used if isinstance(value, Dispatcher)]
        # What the compiler was taught to write into kernels.
        todo += [value for _, value in used if isinstance(value, FunctionType)]
    return tuple(sorted(found.items()))


@functools.cache
def _source_digest(file: str) -> str:
    return f"{_digest(Path(file).read_bytes()):032x}"


def _digest(content: bytes) -> int:
    return int.from_bytes(hashlib.sha256(content).digest()[:16], "big")


def _tell(what: str) -> None:
    """One line a process."""
    if _TOLD:
        return
    _TOLD.add(what)
    reasons = [f"{folder}: {why}" for folder, why in _REFUSED.items()]
    refused = "; ".join(reasons)
    warnings.warn(f"{what} ({refused}); NUMBA_CACHE_DIR names another folder", ChipsimWarning, stacklevel=2)
