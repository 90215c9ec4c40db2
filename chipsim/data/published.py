"""The published datasets that chipsim knows: their files, sizes, checksums, licences and public homes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeAlias

import attrs
import pooch

from chipsim.data.idx import md5_of, parse_idx, read_content
from chipsim.errors import DataError

__all__ = ["EMBEDDED", "PUBLISHED", "DataFile", "Published", "data_folder", "is_there"]

EMBEDDED: Final = "mnist-5k"
"""The dataset that ships with chipsim."""

_VARIABLE = "CHIPSIM_DATA"


@attrs.frozen(kw_only=True)
class DataFile:
    """One IDX file of a dataset."""

    stem: str
    """Its name up to the part that varies: ``train-images``."""
    shape: tuple[int, ...]
    """Sizes it must have."""
    md5: str
    """Checksum of its uncompressed content: copies compressed by different tools share it."""

    @property
    def name(self) -> str:
        """Name that it is published under, and fetched to."""
        return f"{self.stem}-idx{len(self.shape)}-ubyte.gz"

    def candidates(self) -> Iterator[str]:
        """Names that it is found under, the published one first."""
        # Copies are handed round under both names, packed and unpacked.
        for separator in "-.":
            for suffix in (".gz", ""):
                yield f"{self.stem}{separator}idx{len(self.shape)}-ubyte{suffix}"

    def check_content(self, content: bytes, *, path: Path, remedy: str = "") -> None:
        """Refuse content that is not this file's.

        Raises
        ------
        DataError
            When kind, sizes or checksum differ.
        """
        end = f"; {remedy}" if remedy else ""
        found = parse_idx(content, path=path, dimensions=len(self.shape), remedy=remedy).shape
        if found != self.shape:
            raise DataError(f"{path}: holds {_shown(found)} values, expected {_shown(self.shape)}{end}")
        md5 = md5_of(content)
        if md5 != self.md5:
            raise DataError(f"{path}: MD5 of the uncompressed content is {md5}, expected {self.md5}{end}")


_Files: TypeAlias = tuple[DataFile, DataFile, DataFile, DataFile]


@attrs.frozen(kw_only=True)
class Published:
    """A published dataset of four IDX files."""

    name: str
    licence: str
    classes: int
    homes: tuple[str, ...]
    """Addresses of folders that hold the files, in the order they are tried."""
    files: _Files
    """Training images, training labels, test images, test labels."""
    train_each: tuple[int, ...]
    """Samples of each class to train on."""
    test_each: tuple[int, ...]
    """Likewise to test on."""

    def find(self, file: DataFile, folder: Path) -> Path | None:
        """Where a file lies: in a folder of the dataset's name, or right in `folder`; None if it does not.

        Raises
        ------
        DataError
            When the folder may not be searched, or its name is none.
        """
        for place in (folder / self.name, folder):
            for name in file.candidates():
                if is_there(place / name):
                    return place / name
        return None

    def present(self, folder: Path) -> bool:
        """Whether all four files lie there."""
        try:
            paths = [self.find(file, folder) for file in self.files]
            test_labels = paths[3]
            if test_labels is None or None in paths:
                return False
            # MNIST and Fashion-MNIST name their files alike. The smallest of the four tells which of the two
            # it is, without reading images.
            self.files[3].check_content(read_content(test_labels), path=test_labels)
        except DataError:
            return False
        return True


def data_folder(folder: str | Path | None = None) -> Path:
    """The folder that holds datasets: the one given, else CHIPSIM_DATA, else the user's cache.

    Raises
    ------
    DataError
        When it is in the home of a user whom the system does not know.
    """
    chosen = folder or os.environ.get(_VARIABLE)
    if chosen:
        try:
            return Path(chosen).expanduser()
        except RuntimeError:
            raise DataError(f"{chosen}: the system knows no home of that user; name another folder") from None
    cache = Path(pooch.os_cache("chipsim"))
    if not cache.is_absolute():
        # It would be made in the current folder, under the name of `~`.
        remedy = f"name a folder for datasets with --data or {_VARIABLE}"
        raise DataError(f"{cache}: the system knows no home of this user; {remedy}")
    return cache / "data"


def is_there(path: Path) -> bool:
    """Whether a file, or anything else, lies at a path.

    Raises
    ------
    DataError
        When the folder may not be searched, or its name is none.
    """
    try:
        return path.exists()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{path.parent}: cannot be searched for {path.name}: {reason}") from error


def _shown(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def _files(train_images: str, train_labels: str, test_images: str, test_labels: str) -> _Files:
    return (
        DataFile(stem="train-images", shape=(60_000, 28, 28), md5=train_images),
        DataFile(stem="train-labels", shape=(60_000,), md5=train_labels),
        DataFile(stem="t10k-images", shape=(10_000, 28, 28), md5=test_images),
        DataFile(stem="t10k-labels", shape=(10_000,), md5=test_labels),
    )


PUBLISHED: Final = {
    "mnist": Published(
        name="mnist",
        licence="CC BY-SA 3.0 (LeCun, Cortes, Burges)",
        classes=10,
        homes=(
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "http://yann.lecun.com/exdb/mnist/",
        ),
        files=_files(
            "6bbc9ace898e44ae57da46a324031adb",
            "a25bea736e30d166cdddb491f175f624",
            "2646ac647ad5339dbf082846283269ea",
            "27ae3e4e09519cfbb04c329615203637",
        ),
        train_each=(5_923, 6_742, 5_958, 6_131, 5_842, 5_421, 5_918, 6_265, 5_851, 5_949),
        test_each=(980, 1_135, 1_032, 1_010, 982, 892, 958, 1_028, 974, 1_009),
    ),
    "fashion-mnist": Published(
        name="fashion-mnist",
        licence="MIT (Zalando SE)",
        classes=10,
        homes=(
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
            "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        ),
        files=_files(
            "f4a8712d7a061bf5bd6d2ca38dc4d50a",
            "9018921c3c673c538a1fc5bad174d6f9",
            "8181f5470baa50b63fa0f6fddb340f0a",
            "15d484375f8d13e6eb1aabb0c3f46965",
        ),
        train_each=(6_000,) * 10,
        test_each=(1_000,) * 10,
    ),
}
"""Every dataset that is read from IDX files, by name."""
