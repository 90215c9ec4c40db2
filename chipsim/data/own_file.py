"""Datasets in files of the user's: NPZ archives of named arrays, and tables in CSV or Parquet.

Nothing is guessed: which values stand for 0 and for 1, which column holds labels and which samples are kept
for tests is stated, or the file is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np

from chipsim.data.archive import content_of, read_archive
from chipsim.data.arrays import Place, check_labels, check_shape, check_within, whole
from chipsim.data.columns import read_table
from chipsim.data.dataset import MOST_CLASSES, Dataset, from_arrays
from chipsim.errors import DataError
from chipsim.limits import OWN_SAMPLES

__all__ = ["SUFFIXES", "OwnFile", "read_own"]

SUFFIXES: Final = (".npz", ".csv", ".parquet")
"""What the names of such files end in."""
_PARTED: Final = ("train_images", "train_labels", "test_images", "test_labels")
_WHOLE: Final = ("x", "y")
_IMAGES_OF: Final = {"train_labels": "train_images", "test_labels": "test_images", "y": "x"}
_MOST_DIMENSIONS: Final = 4
_LABELS: Final = tuple(_IMAGES_OF)


@attrs.frozen(kw_only=True)
class OwnFile:
    """How a file of the user's is read."""

    label: str | None = None
    """The column of a table that holds labels."""
    scale: tuple[float, float] | None = None
    """What stands for 0 and for 1; None for bytes, 0 to 255, and for numbers that are within 0 to 1."""
    test_share: float | None = None
    """Share of samples that are kept for tests, of a file that does not part them itself."""
    split_seed: int | None = None
    """Which samples these are."""


def read_own(path: Path, how: OwnFile, *, name: str) -> Dataset:
    """The dataset in a file.

    Parameters
    ----------
    path
        An NPZ archive, or a table in CSV or Parquet, as the ending of its name says.
    how
        How it is read.
    name
        What to call it.

    Raises
    ------
    DataError
        When it cannot be read, is too large, or is not what was stated.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise DataError(f"{name}: must be a file that ends in {', '.join(SUFFIXES)}")
    # Read once, for the arrays and for the digest: a file may be replaced between two readings.
    content = content_of(path)
    where, place = str(path), None
    if suffix == ".npz":
        _refuse(how.label, f"{path}: label names a column of a table, and an archive has none; leave it out")
        arrays = read_archive(content, where=where, names=(*_PARTED, *_WHOLE))
    else:
        table = read_table(content, where=where, suffix=suffix, label=how.label)
        arrays, place = {"x": table.x, "y": table.y}, table.place
    _check_form(arrays, how, where=where)
    # As they stand in the file, whose names and places messages tell: parted, they would be others.
    checked = {key: _checked(key, arrays, how, where=where, place=place) for key in arrays}
    parts = _parted(checked, how)
    return from_arrays(
        name,
        train=(parts["train_images"], parts["train_labels"]),
        test=(parts["test_images"], parts["test_labels"]),
        origin=f"{path}, SHA-256 {hashlib.sha256(content).hexdigest()}",
    )


def _refuse(given: object, message: str) -> None:
    if given is not None:
        raise DataError(message)


def _check_form(arrays: Mapping[str, Any], how: OwnFile, *, where: str) -> None:
    """Refuse arrays that are not those of a dataset, and parts that are not stated or stated twice."""
    if set(arrays) == set(_PARTED):
        advice = "leave test_share and split_seed out"
        _refuse(how.test_share, f"{where}: has its own test samples; {advice}")
        _refuse(how.split_seed, f"{where}: has its own test samples; {advice}")
    elif set(arrays) != set(_WHOLE):
        found = ", ".join(sorted(arrays)) or "none"
        raise DataError(f"{where}: needs the arrays {', '.join(_PARTED)}, or x and y; it has {found}")
    elif how.test_share is None or how.split_seed is None:
        advice = "state test_share, such as 20 %, and split_seed, such as 0"
        raise DataError(f"{where}: does not say which samples are for tests; {advice}")
    else:
        _check_share(arrays["x"], arrays["y"], how.test_share, where=where)
    _refuse_unscaled_bits(arrays, how, where=where)


def _check_share(images: Any, labels: Any, share: float, *, where: str) -> None:
    """Refuse arrays that cannot be parted."""
    if not (images.ndim and labels.ndim and len(images) == len(labels)):
        found = f"x has the shape {images.shape}, y {labels.shape}"
        raise DataError(f"{where}: {found}; needs one label a sample")
    if not 0 < round(share * len(images)) < len(images):
        raise DataError(f"{where}: a test_share of {share:g} of {len(images)} samples leaves none")


def _parted(arrays: Mapping[str, Any], how: OwnFile) -> Mapping[str, Any]:
    """Images and labels to train and to test on, as the file parts them or as was stated."""
    if how.test_share is None or how.split_seed is None:
        return arrays
    images, labels = arrays["x"], arrays["y"]
    count = round(how.test_share * len(images))
    # Sorted raw words, which numpy promises for good, and not its own permutation.
    words = np.random.PCG64DXSM(np.random.SeedSequence(how.split_seed)).random_raw(len(images))
    order = np.argsort(words, kind="stable")
    train, test = order[count:], order[:count]
    taken = (images[train], labels[train], images[test], labels[test])
    return dict(zip(_PARTED, taken, strict=True))


def _refuse_unscaled_bits(arrays: Mapping[str, Any], how: OwnFile, *, where: str) -> None:
    """Ask what 1 stands for in bytes of 0 and 1, which would be next to nothing of 255."""
    images = [array for key, array in arrays.items() if key not in _LABELS and array.dtype == np.uint8]
    if how.scale is not None or max((int(some.max(initial=0)) for some in images), default=0) != 1:
        return
    advice = "state scale: [0, 1] where 1 stands for 1, and scale: [0, 255] where it does not"
    raise DataError(f"{where}: holds bytes of 0 and 1 only, and bytes count from 0 to 255; {advice}")


def _checked(key: str, arrays: Mapping[str, Any], how: OwnFile, *, where: str, place: Place | None) -> Any:
    """Images within 0 to 1, or bytes; labels as whole numbers."""
    at = f"{where}: {key}" if place is None else where
    if key not in _LABELS:
        return _scaled(arrays[key], how, where=at, place=place)
    labels = whole(arrays[key], where=at, place=place)
    images = arrays[_IMAGES_OF[key]]
    check_labels(labels, where=at, samples=len(images), classes=MOST_CLASSES, place=place)
    return labels


def _scaled(array: Any, how: OwnFile, *, where: str, place: Place | None) -> Any:
    check_shape(array, where=where)
    if len(array) > OWN_SAMPLES:
        raise DataError(f"{where}: has {len(array):,} samples, and at most {OWN_SAMPLES:,} are read")
    if array.ndim > _MOST_DIMENSIONS:
        forms = "(samples, features), (samples, height, width) or (samples, height, width, channels)"
        raise DataError(f"{where}: shape {array.shape}; needs {forms}")
    if how.scale is None and array.dtype == np.uint8:
        return array
    if array.dtype.kind not in "uif":
        raise DataError(f"{where}: values of type {array.dtype}; allowed: numbers")
    check_within(array, *(how.scale or (0, 1)), where=where, stated=how.scale is not None, place=place)
    if how.scale is None:
        return array.astype(np.float32)
    low, high = how.scale
    shares = (array.astype(np.float64) - low) / (high - low)
    return shares.astype(np.float32)
