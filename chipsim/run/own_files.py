"""Data files of the user's that were checked a moment ago: a run that comes next need not read them again."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.data import Dataset, Sizes
from chipsim.data.own_file import OwnFile, read_own
from chipsim.limits import DATA_BYTES

__all__ = ["dataset_in", "sizes_in", "sizes_of"]

_MOST_KNOWN: Final = 256
"""Files whose sizes are remembered."""


@attrs.frozen
class _File:
    """A file as it was at one moment, and how it is read: another time or length makes it another."""

    path: Path
    inode: int
    length: int
    changed_ns: int
    how: OwnFile
    name: str


_sizes: Final[dict[_File, Sizes]] = {}
_held: Final[dict[_File, Dataset]] = {}
"""Datasets that nobody has asked for yet, the oldest first; small ones, for some are only checked."""


def sizes_of(data: Dataset) -> Sizes:
    """How large a dataset is."""
    return Sizes(
        train=len(data.train_labels),
        test=len(data.test_labels),
        features=data.features,
        classes=data.classes,
        shape=data.shape,
        train_each=_each(data.train_labels, data.classes),
        test_each=_each(data.test_labels, data.classes),
    )


def _each(labels: NDArray[np.uint8], classes: int) -> tuple[int, ...]:
    """How many samples there are of each class."""
    return tuple(np.bincount(labels, minlength=classes).tolist())


def sizes_in(path: Path, how: OwnFile, *, name: str) -> Sizes:
    """How large the dataset in a file is; read, and held for :func:`dataset_in`, unless that is known.

    Parameters
    ----------
    path, how, name
        As :func:`~chipsim.data.own_file.read_own` takes them.

    Raises
    ------
    DataError
        When it cannot be read, or is not what was stated.
    """
    file = _file(path, how, name)
    if file is None or file not in _sizes:
        data = read_own(path, how, name=name)
        if file is None:
            return sizes_of(data)
        _remember(file, data)
        _hold(file, data)
    return _sizes[file]


def dataset_in(path: Path, how: OwnFile, *, name: str) -> Dataset:
    """The dataset in a file: the one that was checked, if the file is as it was; it is held no longer then.

    Parameters and errors are those of :func:`sizes_in`.
    """
    file = _file(path, how, name)
    if file is None:
        return read_own(path, how, name=name)
    data = _held.pop(file, None)
    if data is None:
        data = read_own(path, how, name=name)
        _remember(file, data)
    return data


def _file(path: Path, how: OwnFile, name: str) -> _File | None:
    """A file as it is now; None where there is none, which reading it tells in words."""
    # Before it is read: one that is changed meanwhile is another from then on.
    try:
        said = path.stat()
    except (OSError, ValueError):
        return None
    return _File(path.absolute(), said.st_ino, said.st_size, said.st_mtime_ns, how, name)


def _remember(file: _File, data: Dataset) -> None:
    while len(_sizes) >= _MOST_KNOWN:
        del _sizes[next(iter(_sizes))]
    _sizes[file] = sizes_of(data)


def _hold(file: _File, data: Dataset) -> None:
    _held[file] = data
    while sum(map(_bytes, _held.values())) > DATA_BYTES:
        del _held[next(iter(_held))]


def _bytes(data: Dataset) -> int:
    arrays = (data.train_images, data.train_labels, data.test_images, data.test_labels)
    return sum(array.nbytes for array in arrays)
