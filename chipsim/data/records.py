"""Colour images in files of binary records, as CIFAR-10 is published: a byte for the class, then planes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.data.arrays import Bytes
from chipsim.data.idx import read_content
from chipsim.data.published import is_there
from chipsim.errors import DataError

__all__ = ["RECORDS", "RecordFiles"]

_PACKED: Final = b"\x1f\x8b"
_LENGTH_BYTES: Final = 4
"""At the end of a gzip file: how long its content is."""


@attrs.frozen(kw_only=True)
class RecordFiles:
    """A dataset in files of records, one byte for the class and the image plane by plane, row by row.

    How many records there are is taken from the length of the files: parts of the whole are handed round too,
    so that there is no checksum to hold them against.
    """

    name: str
    """Of the dataset."""
    licence: str
    folders: tuple[str, ...]
    """Names of folders that its files are looked for in, and right in the folder of all datasets."""
    train_files: tuple[str, ...]
    test_files: tuple[str, ...]
    shape: tuple[int, int, int]
    """Height, width and channels of an image."""
    classes: int
    train_each: int
    """Samples of each class to train on, of all that was published."""
    test_each: int
    """Likewise to test on."""
    home: str
    """Where whoever may have it finds it."""

    @property
    def features(self) -> int:
        """Values of an image."""
        height, width, channels = self.shape
        return height * width * channels

    def candidates(self, file: str, folder: Path) -> Iterator[Path]:
        """Where a file is looked for, plain or gzip."""
        for place in (*(folder / name for name in self.folders), folder):
            for suffix in (".gz", ""):
                yield place / f"{file}{suffix}"

    def find(self, folder: Path) -> dict[str, Path | None]:
        """Where each file lies; None for those that do not.

        Raises
        ------
        DataError
            When the folder may not be searched.
        """
        files = (*self.train_files, *self.test_files)
        return {
            file: next((path for path in self.candidates(file, folder) if is_there(path)), None)
            for file in files
        }

    def samples(self, folder: Path) -> int:
        """How many records lie there, as the lengths of files say; 0 where one is missing or damaged.

        Raises
        ------
        DataError
            When the folder may not be searched.
        """
        lengths = [_length(path) for path in self.find(folder).values()]
        each = 1 + self.features
        if not all(length and length % each == 0 for length in lengths):
            return 0
        return sum(lengths) // each

    def read(self, folder: Path) -> tuple[dict[str, NDArray[Any]], str]:
        """The four arrays of a dataset, images in rows of pixels with their channels, and where they lay.

        Raises
        ------
        DataError
            When a file is missing, damaged, truncated, or another than it should be.
        """
        found = self.find(folder)
        missing = [file for file, path in found.items() if path is None]
        if missing:
            raise DataError(
                f"{self.name}: no {', '.join(missing)} (plain or gzip) in {folder / self.folders[0]} or "
                f"{folder}; it may not be handed on, so there is nothing to fetch: put the binary version of "
                f"{self.home} there, or name the folder that has it with --data or CHIPSIM_DATA"
            )
        arrays: dict[str, NDArray[Any]] = {}
        for part, files in (("train", self.train_files), ("test", self.test_files)):
            read = [self._records(path) for path in map(found.get, files) if path is not None]
            records = np.concatenate(read)
            arrays[f"{part}_labels"] = np.ascontiguousarray(records[:, 0])
            arrays[f"{part}_images"] = self._images(records[:, 1:])
        first = found[self.train_files[0]]
        assert first is not None, "missing ones were told"
        return arrays, str(first.parent)

    def _records(self, path: Path) -> Bytes:
        """The records of a file (records, bytes)."""
        content = read_content(path)
        each = 1 + self.features
        if not content or len(content) % each:
            height, width, channels = self.shape
            raise DataError(
                f"{path}: has {len(content):,} bytes, which are no whole number of records of {each:,} (a "
                f"class and {channels} x {height} x {width} values); it is cut short, or no file of "
                f"{self.name}"
            )
        records = np.frombuffer(content, np.uint8).reshape(-1, each)
        wrong = np.flatnonzero(records[:, 0] >= self.classes)
        if wrong.size:
            raise DataError(
                f"{path}: record {wrong[0]} is of class {records[wrong[0], 0]}, and classes are 0 to "
                f"{self.classes - 1}; it is no file of {self.name}"
            )
        return records

    def _images(self, planes: Bytes) -> Bytes:
        """Images (samples, features) whose pixels have their channels side by side."""
        height, width, channels = self.shape
        images = planes.reshape(-1, channels, height, width).transpose(0, 2, 3, 1)
        return np.ascontiguousarray(images).reshape(len(planes), -1)


def _length(path: Path | None) -> int:
    """How many bytes are in a file once it is unpacked, as it says; 0 where nobody can tell."""
    if path is None or not path.is_file():
        return 0
    try:
        with path.open("rb") as file:
            if file.read(len(_PACKED)) != _PACKED:
                return path.stat().st_size
            file.seek(-_LENGTH_BYTES, 2)
            return int.from_bytes(file.read(), "little")
    except OSError:
        return 0


RECORDS: Final = {
    "cifar-10": RecordFiles(
        name="cifar-10",
        licence="none stated (Krizhevsky, 2009): for research",
        folders=("cifar10", "cifar-10", "cifar-10-batches-bin"),
        train_files=tuple(f"data_batch_{number}.bin" for number in range(1, 6)),
        test_files=("test_batch.bin",),
        shape=(32, 32, 3),
        classes=10,
        train_each=5_000,
        test_each=1_000,
        home="https://www.cs.toronto.edu/~kriz/cifar.html",
    )
}
"""Every dataset of binary records, by name."""
