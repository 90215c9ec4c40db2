"""Datasets in memory, and arrays that users bring."""

import hashlib
import re

import numpy as np
import pytest

from chipsim.data import Dataset, check_images, check_labels, from_arrays, permuted
from chipsim.errors import ChipsimWarning, DataError

IMAGES = np.array([[0, 255], [7, 8], [9, 10]], dtype=np.uint8)
LABELS = np.array([0, 1, 2], dtype=np.uint8)


def made(**changes):
    fields = {
        "name": "mine",
        "train_images": IMAGES,
        "train_labels": LABELS,
        "test_images": IMAGES,
        "test_labels": LABELS,
        "classes": 3,
        "origin": "here",
    }
    return Dataset(**(fields | changes))


def refusal(call, *args, **kwargs):
    with pytest.raises(DataError) as caught:
        call(*args, **kwargs)
    return str(caught.value)


def test_checksum_is_that_of_the_bytes():
    """The checksum is the MD5 over the four arrays in order."""
    content = IMAGES.tobytes() + LABELS.tobytes() + IMAGES.tobytes() + LABELS.tobytes()
    assert made().checksum == hashlib.md5(content).hexdigest()


def test_floats_stay_floats():
    """Numbers in [0, 1] are kept in single precision, also those between the shades of a byte."""
    images = np.array([[0.0, 0.5 / 255 - 1e-6], [0.5, 1.0]])
    dataset = from_arrays("mine", train=(images, [0, 1]), test=(images, [1, 0]))
    assert dataset.train_images.dtype == np.float32
    assert dataset.train_images.tolist() == images.astype(np.float32).tolist()


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_each_float_type_is_kept_in_single_precision(kind):
    """Half precision exactly, double precision rounded."""
    images = (np.arange(256).reshape(2, 128) / 255).astype(kind)
    kept = from_arrays("mine", train=(images, [0, 1]), test=(images, [0, 1])).test_images
    assert kept.dtype == np.float32
    assert kept.tolist() == images.astype(np.float32).tolist()


def test_bytes_beside_floats_become_floats():
    """As the network would take them: a byte is its share of 255."""
    floats = IMAGES / np.float32(255)
    dataset = from_arrays("mine", train=(floats, LABELS), test=(IMAGES, LABELS))
    assert dataset.test_images.tolist() == dataset.train_images.tolist()


def test_images_keep_their_shape():
    """Height, width and channels; what has none is so many values; a permutation changes none of it."""
    shapes = {(4,): (4,), (2, 3): (2, 3, 1), (2, 3, 5): (2, 3, 5), (2, 2, 2, 2): (16,)}
    for given, shape in shapes.items():
        images = np.zeros((2, *given), np.uint8)
        dataset = from_arrays("mine", train=(images, [0, 1]), test=(images, [0, 1]))
        assert (dataset.shape, permuted(dataset, 3).shape) == (shape, shape)
    wide, tall = np.zeros((2, 3, 4), np.uint8), np.zeros((2, 4, 3), np.uint8)
    assert refusal(from_arrays, "mine", train=(wide, [0, 1]), test=(tall, [0, 1])) == (
        "mine: training images are 3 x 4, test images 4 x 3; both need the same"
    )
    assert refusal(made, shape=(3, 1)) == "mine: images of 3 x 1 have not 2 values"


def test_large_arrays_are_kept_whole():
    """No sample is left out."""
    images = np.linspace(0, 1, 5_000)[:, None]
    dataset = from_arrays("mine", train=(images, np.zeros(5_000, int)), test=(images[:1], [0]), classes=2)
    np.testing.assert_array_equal(dataset.train_images, images.astype(np.float32))


def test_images_of_rows_and_columns_are_flattened():
    """Images may have rows and columns; a sample's pixels then follow each other row by row."""
    images = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    dataset = from_arrays("mine", train=(images, [0, 1]), test=(images, [0, 1]))
    assert dataset.features == 6
    assert dataset.train_images[1].tolist() == [6, 7, 8, 9, 10, 11]


def test_column_major_arrays_are_laid_out_anew():
    """What is kept is row-major, however it came."""
    dataset = from_arrays("mine", train=(np.asfortranarray(IMAGES), LABELS), test=(IMAGES, LABELS))
    assert dataset.train_images.flags.c_contiguous


@pytest.mark.parametrize("pair", [IMAGES, (IMAGES,), (IMAGES, LABELS, LABELS), None])
def test_images_without_labels_are_refused(pair):
    """A part of a dataset is a pair."""
    assert refusal(from_arrays, "mine", train=(IMAGES, LABELS), test=pair) == (
        "mine: test must be a pair, images and labels, such as (images, labels)"
    )


def test_nan_is_counted_and_placed():
    """Values that are no numbers are counted, and the first is named with its index."""
    images = np.full((2, 3), 0.5)
    images[0, 2] = images[1, 0] = np.nan
    assert refusal(from_arrays, "mine", train=(images, [0, 1]), test=(images, [0, 1])) == (
        "mine: train images: 2 of 6 values are not finite, the first nan at [0, 2]; replace or drop it"
    )


def test_infinity_is_refused():
    """Infinite values are no pixels either."""
    assert refusal(check_images, np.array([[0.0, np.inf]]), where="mine") == (
        "mine: 1 of 2 values is not finite, the first inf at [0, 1]; replace or drop it"
    )


def test_floats_up_to_255_are_refused():
    """Floats that were not divided by 255 are told what to do."""
    assert refusal(check_images, np.array([[0.0, 255.0], [12.0, 0.0]]), where="mine") == (
        "mine: 2 of 4 values are outside [0, 1], the first 255.0 at [0, 1]; rescale, or give uint8 from 0 to 255"
    )


def test_wide_integers_are_refused():
    """Integers other than bytes are ambiguous and refused."""
    assert refusal(check_images, np.array([[1, 2]]), where="mine") == (
        "mine: values of type int64; allowed: uint8 from 0 to 255, or floats from 0 to 1"
    )


@pytest.mark.parametrize("shape", [(4,), (0, 3), (3, 0)])
def test_flat_or_empty_images_are_refused(shape):
    """Images need samples and features."""
    assert refusal(check_images, np.zeros(shape), where="mine") == (
        f"mine: shape {shape}; needs (samples, features) or (samples, rows, columns), none of them zero"
    )


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.array([0, 3, 9]), "mine: 2 of 3 values are outside the classes 0 to 2, the first 3 at [1]"),
        (np.array([0, -1, 1]), "mine: 1 of 3 values is outside the classes 0 to 2, the first -1 at [1]"),
        (np.array([0, 1]), "mine: 2 labels for 3 images; needs one a sample"),
        (np.array([0.0, 1.0, 2.0]), "mine: values of type float64; allowed: whole numbers from 0 to 2"),
        (np.eye(3, dtype=int), "mine: shape (3, 3); needs one label a sample, (3,)"),
    ],
    ids=["too-high", "negative", "too-few", "floats", "one-hot"],
)
def test_labels_that_are_no_classes(labels, message):
    """Labels are one whole number in range for each image."""
    assert refusal(check_labels, labels, where="mine", samples=3, classes=3) == message


def test_a_label_beyond_the_classes_is_refused_at_construction():
    """A dataset cannot be made with labels that its classes do not cover."""
    assert refusal(made, classes=2) == (
        "mine: train labels: 1 of 3 values is outside the classes 0 to 1, the first 2 at [2]"
    )


def test_other_types_are_refused_at_construction():
    """A dataset keeps bytes or single precision; others go through from_arrays."""
    assert refusal(made, test_images=IMAGES / 255) == (
        "mine: test images: float64 of shape (3, 2); needs row-major uint8 or float32 in 2 dimensions; "
        "from_arrays makes them of other arrays"
    )
    assert refusal(made, test_images=(IMAGES / 255).astype(np.float32)) == (
        "mine: training images are uint8, test images float32; both need the same"
    )


def test_train_and_test_of_different_width_are_refused():
    """Training and test images must be of one size."""
    assert refusal(made, test_images=np.ascontiguousarray(IMAGES[:, :1])) == (
        "mine: training images have 2 features, test images 1; both need the same"
    )


@pytest.mark.parametrize(
    ("classes", "shown"),
    [
        (0, "0"),
        (-3, "-3"),
        (257, "257"),
        (10**30, "a number of 100 bits"),  # 2**99 < 10**30 < 2**100
        (2.5, "2.5"),
        (3.0, "3.0"),
        (True, "True"),
        ("3", "'3'"),
        (np.float64(3), "np.float64(3.0)"),
    ],
)
def test_impossible_numbers_of_classes(classes, shown):
    """Classes are a whole number that labels in bytes can tell apart, given to either way of making a dataset."""
    message = f"mine: classes must be a whole number from 1 to 256, as labels are kept in bytes, not {shown}"
    assert (
        refusal(from_arrays, "mine", train=(IMAGES, LABELS), test=(IMAGES, LABELS), classes=classes)
        == message
    )
    assert refusal(made, classes=classes) == message


@pytest.mark.parametrize("classes", [3, np.int64(3), np.uint8(3), 256])
def test_numbers_of_classes(classes):
    """Whole numbers of any type will do."""
    dataset = from_arrays("mine", train=(IMAGES, LABELS), test=(IMAGES, LABELS), classes=classes)
    assert (dataset.classes, type(dataset.classes)) == (int(classes), int)


@pytest.mark.parametrize("classes", [None, 256])
def test_labels_beyond_a_byte_do_not_wrap(classes):
    """999 is no class that a byte holds; as one it would be 231."""
    labels = np.array([0, 999, 2])
    assert refusal(from_arrays, "mine", train=(IMAGES, labels), test=(IMAGES, LABELS), classes=classes) == (
        "mine: train labels: 1 of 3 values is outside the classes 0 to 255, the first 999 at [1]"
    )


@pytest.mark.parametrize("wrap", [lambda array: array, list], ids=["array", "list of rows"])
def test_masked_values_are_refused(wrap):
    """A mask says that values do not count, and would be lost."""
    images = np.ma.masked_equal(IMAGES / 255, 1.0)
    assert refusal(from_arrays, "mine", train=(wrap(images), LABELS), test=(IMAGES, LABELS)) == (
        "mine: train images: 1 values are masked, and no mask is kept; fill or drop them"
    )


def test_masked_labels_are_refused():
    """So are masked labels; a mask of nothing is none."""
    labels = np.ma.masked_equal(LABELS, 1)
    assert refusal(from_arrays, "mine", train=(IMAGES, LABELS), test=(IMAGES, labels)) == (
        "mine: test labels: 1 values are masked, and no mask is kept; fill or drop them"
    )
    unmasked = np.ma.asarray(IMAGES)
    assert from_arrays("mine", train=(unmasked, LABELS), test=(IMAGES, LABELS)).features == 2


@pytest.mark.parametrize("images", [[[0.0, 1.0], [0.5]], [[[0.0], [1.0]], [[0.5]]]])
def test_ragged_lists_are_refused(images):
    """Rows of different length are no array."""
    assert refusal(from_arrays, "mine", train=(images, [0, 1]), test=(IMAGES, LABELS)) == (
        "mine: train images: lists that differ in length make no array; give each row as many values"
    )


def test_arrays_that_say_no():
    """An array of another library may refuse to be copied; its own words say why."""

    class OnDevice:
        def __array__(self, dtype=None, copy=None):
            raise RuntimeError("call .cpu() first")

    assert refusal(from_arrays, "mine", train=(OnDevice(), LABELS), test=(IMAGES, LABELS)) == (
        "mine: train images: can be made no array: call .cpu() first"
    )


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (IMAGES.astype(object), "values of type object; allowed: uint8 from 0 to 255, or floats from 0 to 1"),
        (IMAGES.astype(complex), "values of type complex128; allowed: uint8 from 0 to 255, or floats from 0 to 1"),
        (IMAGES > 7, "values of type bool; allowed: uint8 from 0 to 255, or floats from 0 to 1"),
        ([["0", "1"]] * 3, "values of type <U1; allowed: uint8 from 0 to 255, or floats from 0 to 1"),
        (-(IMAGES / 255), "5 of 6 values are outside [0, 1], the first -1.0 at [0, 1]; rescale, or give uint8 from 0 to 255"),
        (5, "shape (); needs (samples, features) or (samples, rows, columns), none of them zero"),
        (np.zeros((0, 2)), "shape (0, 2); needs (samples, features) or (samples, rows, columns), none of them zero"),
    ],
    ids=["objects", "complex", "truth", "text", "negative", "one number", "no samples"],
)  # fmt: skip
def test_images_of_other_kinds(images, message):
    """What is no image is told by its type, shape or range."""
    assert (
        refusal(from_arrays, "mine", train=(images, LABELS), test=(IMAGES, LABELS))
        == f"mine: train images: {message}"
    )


@pytest.mark.parametrize("kind", [">f4", ">f8", "<f8", ">f2"])
def test_byte_orders_and_layouts(kind):
    """Values count, not how they lie in memory: other byte orders, columns first, backwards, read-only."""
    images = np.asfortranarray(IMAGES[::-1].astype(kind) / 255)[::-1]
    images.flags.writeable = False
    labels = LABELS.astype(">i4")[::-1][::-1]
    labels.flags.writeable = False
    dataset = from_arrays("mine", train=(images, labels), test=(IMAGES, LABELS))
    plain = from_arrays("mine", train=(images.astype(np.float32), LABELS), test=(IMAGES, LABELS))
    assert dataset.train_labels.tolist() == LABELS.tolist()
    np.testing.assert_array_equal(dataset.train_images, plain.train_images)


def test_labels_from_one():
    """Labels that count from 1 leave class 0 without a sample, and one line says so."""
    with pytest.warns(ChipsimWarning) as caught:
        dataset = from_arrays("mine", train=(IMAGES, LABELS + 1), test=(IMAGES, LABELS + 1))
    assert [str(one.message) for one in caught] == [
        ("mine: class 0 never occurs, the lowest label is 1; labels count from 0, so subtract 1 if these count "
         "from 1")
    ]  # fmt: skip
    assert dataset.classes == 4


@pytest.mark.parametrize("name", ["", " ", None, 3])
def test_a_dataset_has_a_name(name):
    """Results and phases call a dataset by its name."""
    assert refusal(from_arrays, name, train=(IMAGES, LABELS), test=(IMAGES, LABELS)) == (
        f"the name of a dataset must be text, not {name!r}"
    )


@pytest.mark.parametrize(
    ("train", "test", "told"),
    [
        (np.arange(20) % 4, np.arange(20) % 5, "class 4 occurs in the test set only, in 4 of its 20 samples"),
        (
            np.zeros(20, int),
            np.arange(20) % 3,
            "classes 1, 2 occur in the test set only, in 13 of its 20 samples",
        ),
        (
            np.zeros(20, int),
            np.arange(20) % 15,
            "classes 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 4 more occur in the test set only, in 18 of its 20 samples",
        ),
    ],
)
def test_a_class_that_is_only_tested(train, test, told):
    """What training never shows is told where the dataset is made; a class that is only trained is none of it."""
    images = np.ones((20, 2))
    message = f"mine: {told}; what no training sample shows cannot be learnt"
    with pytest.warns(ChipsimWarning, match=f"^{re.escape(message)}$") as caught:
        from_arrays("mine", train=(images, train), test=(images, test))
    assert [warning.filename for warning in caught] == [__file__]
    from_arrays("mine", train=(images, test), test=(images, train))
