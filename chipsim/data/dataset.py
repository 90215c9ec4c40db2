"""A dataset in memory, made of checked arrays."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import ArrayLike, NDArray

from chipsim.data.arrays import Bytes, as_array, check_images, check_labels
from chipsim.data.images import Images, alike, flat, shape_of
from chipsim.data.remarks import tell_first_class, tell_untrained
from chipsim.errors import DataError
from chipsim.wording import plural

__all__ = ["MOST_CLASSES", "Dataset", "first_of", "from_arrays", "permuted"]

MOST_CLASSES: Final = 256
"""Classes that labels in bytes can tell apart."""
_LONG = 10**15
"""Whole numbers from which a message says only how long they are."""


@attrs.frozen(kw_only=True, eq=False)
class Dataset:
    """Images and labels to train on and to test on: images as unsigned bytes, or as numbers from 0 to 1.

    Raises
    ------
    DataError
        When an array has the wrong type or shape, images and labels differ in number, or a label is no class.
    """

    name: str
    train_images: Images = attrs.field(repr=False)
    """Pixels from 0 to 255, or float32 from 0 to 1, (samples, features), row-major."""
    train_labels: Bytes = attrs.field(repr=False)
    """Classes counted from 0, (samples,)."""
    test_images: Images = attrs.field(repr=False)
    """Likewise, of the same type."""
    test_labels: Bytes = attrs.field(repr=False)
    """Classes counted from 0, (samples,)."""
    classes: int
    """How many classes there are."""
    origin: str
    """Where it was read from."""
    shape: tuple[int, ...] = ()
    """Height, width and channels of an image; the number of its values alone where no more is known."""
    checksum: str = attrs.field(init=False)
    """MD5 over the bytes of the four arrays, in the order of their fields."""

    def __attrs_post_init__(self) -> None:
        _class_count(self.classes, name=self.name)
        _check_part(self, "train", self.train_images, self.train_labels)
        _check_part(self, "test", self.test_images, self.test_labels)
        in_training, in_tests = self.train_images.shape[1], self.test_images.shape[1]
        if in_training != in_tests:
            raise DataError(
                f"{self.name}: training images have {in_training} features, test images {in_tests}; "
                "both need the same"
            )
        if self.train_images.dtype != self.test_images.dtype:
            one, other = self.train_images.dtype, self.test_images.dtype
            raise DataError(
                f"{self.name}: training images are {one}, test images {other}; both need the same"
            )
        if not self.shape:
            object.__setattr__(self, "shape", (self.features,))
        elif math.prod(self.shape) != self.features:
            said = " x ".join(map(str, self.shape))
            raise DataError(f"{self.name}: images of {said} have not {self.features} values")
        # A checksum to tell data apart by, which protects nothing: systems that forbid MD5 allow it for that.
        digest = hashlib.md5(usedforsecurity=False)
        for array in (self.train_images, self.train_labels, self.test_images, self.test_labels):
            digest.update(array.data)
        object.__setattr__(self, "checksum", digest.hexdigest())

    @property
    def features(self) -> int:
        """Values of one image: the inputs that a network needs."""
        return int(self.train_images.shape[1])


def from_arrays(
    name: str,
    *,
    train: tuple[ArrayLike, ArrayLike],
    test: tuple[ArrayLike, ArrayLike],
    classes: int | None = None,
    origin: str = "arrays",
) -> Dataset:
    """A dataset of the user's own arrays, which :func:`chipsim.simulate` trains on as one of its `datasets`.

    Parameters
    ----------
    name
        What to call it in results.
    train, test
        Images and labels. Images are (samples, features), (samples, height, width) or (samples, height,
        width, channels): unsigned bytes, or floats in [0, 1], which are kept in single precision. Labels are
        whole numbers from 0.
    classes
        How many classes there are, 256 at most; None takes the highest label plus one.
    origin
        Where they came from, for the provenance of results.

    Raises
    ------
    DataError
        When values are no numbers, masked or out of range, rows differ in length, shapes do not fit, or a
        label is no class.

    Warns
    -----
    ChipsimWarning
        When class 0 never occurs, as with labels that are counted from 1, or when a class occurs in the test
        set only.

    Examples
    --------
    >>> import numpy as np
    >>> images, labels = np.array([[0.0, 1.0], [1.0, 0.5]]), np.array([1, 0])
    >>> mine = from_arrays("mine", train=(images, labels), test=(images, labels))
    >>> mine.train_images.tolist(), mine.classes
    ([[0.0, 1.0], [1.0, 0.5]], 2)
    """
    if not isinstance(name, str) or not name.strip():
        raise DataError(f"the name of a dataset must be text, not {name!r}")
    given = {"train": train, "test": test}
    for part, pair in given.items():
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise DataError(f"{name}: {part} must be a pair, images and labels, such as (images, labels)")
    most = MOST_CLASSES if classes is None else _class_count(classes, name=name)
    images, labels = {}, {}
    for part, pair in given.items():
        where = f"{name}: {part}"
        images[part] = as_array(pair[0], where=f"{where} images")
        labels[part] = as_array(pair[1], where=f"{where} labels")
        check_images(images[part], where=f"{where} images")
        check_labels(labels[part], where=f"{where} labels", samples=len(images[part]), classes=most)
    known = most
    if classes is None:
        known = 1 + max(int(some.max()) for some in labels.values())
    tell_first_class(name, [labels["train"], labels["test"]], classes=known)
    tell_untrained(name, labels["train"], labels["test"])
    train_images, test_images = alike(flat(images["train"]), flat(images["test"]))
    # Bytes only now that all labels are known to be classes: made one unchecked, 999 would become 231.
    train_labels = np.ascontiguousarray(labels["train"], dtype=np.uint8)
    test_labels = np.ascontiguousarray(labels["test"], dtype=np.uint8)
    return Dataset(
        name=name,
        train_images=train_images,
        train_labels=train_labels,
        test_images=test_images,
        test_labels=test_labels,
        classes=known,
        origin=origin,
        shape=shape_of(images["train"], images["test"], name=name),
    )


def _class_count(classes: object, *, name: str) -> int:
    """The number of classes that a user gives."""
    # To Python True is a whole number.
    if isinstance(classes, int | np.integer) and not isinstance(classes, bool):
        count = int(classes)
        if 1 <= count <= MOST_CLASSES:
            return count
        # Python refuses to write out numbers of thousands of digits.
        given = str(count) if abs(count) < _LONG else f"a number of {count.bit_length()} bits"
    else:
        given = repr(classes)
    allowed = f"a whole number from 1 to {MOST_CLASSES}, as labels are kept in bytes"
    raise DataError(f"{name}: classes must be {allowed}, not {given}")


def first_of(
    arrays: Mapping[str, Bytes], *, name: str, train: int | None, test: int | None
) -> dict[str, Bytes]:
    """The first samples of a dataset's four arrays, by the names of their fields.

    Parameters
    ----------
    arrays
        Images and labels, (samples, ...) each.
    name
        What the dataset is called, for messages.
    train, test
        How many samples; None takes all.

    Raises
    ------
    DataError
        When there are not so many.
    """
    taken = {}
    for part, count in (("train", train), ("test", test)):
        for key in (f"{part}_images", f"{part}_labels"):
            array = arrays[key]
            if count is not None and not 1 <= count <= len(array):
                raise DataError(f"{name}: {part}: {count} samples asked for; allowed: 1 to {len(array)}")
            taken[key] = array[:count]
    return taken


def permuted(dataset: Dataset, number: int) -> Dataset:
    """The same images with their pixels in another order: another task of the same difficulty.

    Source: the permuted digits of Goodfellow et al., "An empirical investigation of catastrophic forgetting",
    2013.

    Parameters
    ----------
    dataset
        Its training and test images are permuted alike; labels stay.
    number
        Which permutation. It alone seeds the order, so it is the same in every run and on every machine.

    Raises
    ------
    DataError
        When the number is negative.

    Examples
    --------
    >>> image = np.arange(6, dtype=np.uint8).reshape(1, 6)
    >>> tiny = from_arrays("tiny", train=(image, [0]), test=(image, [0]))
    >>> permuted(tiny, 1).test_images.tolist()
    [[0, 1, 5, 4, 2, 3]]
    """
    if number < 0:
        raise DataError(f"{dataset.name}: permutation {number}; allowed: whole numbers from 0")
    order = _pixel_order(dataset.features, number)
    # take() keeps rows whole; images[:, order] would lay them out column by column.
    return attrs.evolve(
        dataset,
        train_images=np.take(dataset.train_images, order, axis=1),
        test_images=np.take(dataset.test_images, order, axis=1),
        origin=f"{dataset.origin}; pixels in permutation {number}",
    )


def _pixel_order(features: int, number: int) -> NDArray[np.intp]:
    """Which old pixel stands at each new place."""
    # Sorted raw words instead of the generator's own permutation: numpy promises the words for good, but not
    # what it draws from them.
    words = np.random.PCG64DXSM(np.random.SeedSequence(number)).random_raw(features)
    return np.argsort(words, kind="stable")


def _check_part(dataset: Dataset, part: str, images: Images, labels: Bytes) -> None:
    where = f"{dataset.name}: {part}"
    _check_layout(images, where=f"{where} images", kinds=(np.uint8, np.float32), dimensions=2)
    _check_layout(labels, where=f"{where} labels", kinds=(np.uint8,), dimensions=1)
    check_images(images, where=f"{where} images")
    check_labels(labels, where=f"{where} labels", samples=len(images), classes=dataset.classes)


def _check_layout(
    array: NDArray[Any], *, where: str, kinds: tuple[type[np.generic], ...], dimensions: int
) -> None:
    # The checksum is taken of bytes as they lie there, and the same data has to give the same one.
    if array.dtype in kinds and array.ndim == dimensions and array.flags.c_contiguous:
        return
    named = " or ".join(np.dtype(kind).name for kind in kinds)
    wanted = f"row-major {named} in {dimensions} {plural('dimension', dimensions)}"
    raise DataError(
        f"{where}: {array.dtype} of shape {array.shape}; needs {wanted}; "
        "from_arrays makes them of other arrays"
    )
