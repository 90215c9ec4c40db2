"""The fixed random projection, and the whole chain of what is made of a dataset."""

import numpy as np
import pytest

from chipsim.data import from_arrays, load, sizes
from chipsim.data.choosing import cropped, of_classes, rows_swapped, with_features
from chipsim.data.dataset import permuted
from chipsim.data.projection import projected
from chipsim.data.shaping import Shaping
from chipsim.errors import DataError


def signs_by_hand(features, values, number):
    """The highest bits of a generator's words, value after value."""
    words = np.random.PCG64DXSM(np.random.SeedSequence((features, number)))
    return [[1 if int(words.random_raw()) >> 63 else -1 for _ in range(features)] for _ in range(values)]


def by_hand(dataset, values, number):
    """Whole sums of all pixels, each value between its lowest and its highest of all images."""
    images = np.concatenate([dataset.train_images, dataset.test_images])
    signs = signs_by_hand(images.shape[1], values, number)
    sums = np.array([
        [sum(sign * int(pixel) for sign, pixel in zip(row, image, strict=True)) for row in signs]
        for image in images
    ])  # fmt: skip
    low, high = sums.min(axis=0), sums.max(axis=0)
    return ((sums - low) / (high - low)).astype(np.float32)


@pytest.mark.parametrize("number", [0, 3])
def test_a_projection_by_hand(number):
    """Every value of every image, the lowest 0 and the highest 1."""
    digits = load("mnist-5k", train=5, test=3)
    made = projected(digits, 7, number=number)
    found = np.concatenate([made.train_images, made.test_images])
    np.testing.assert_array_equal(found, by_hand(digits, 7, number))
    assert found.min(axis=0).tolist() == [0] * 7
    assert found.max(axis=0).tolist() == [1] * 7
    assert (made.shape, made.features) == ((7,), 7)
    assert made.origin == f"{digits.origin}; projected to 7 values by projection {number}"


def test_more_values_leave_the_first_as_they_are():
    """Each has ends of its own."""
    digits = load("mnist-5k", train=20, test=10)
    few, many = projected(digits, 4), projected(digits, 600)
    np.testing.assert_array_equal(few.train_images, many.train_images[:, :4])


def test_a_part_is_projected_as_the_whole_is():
    """How many images are taken, and of which classes, changes none of them."""
    digits = load("mnist-5k")
    whole = projected(digits, 5)
    pair = Shaping(classes=(0, 1), train=9, projection=5).of(digits)
    expected = of_classes(whole, [0, 1])
    np.testing.assert_array_equal(pair.train_images, expected.train_images[:9])
    np.testing.assert_array_equal(pair.test_images, expected.test_images)


def test_a_value_that_is_always_the_same_is_zero():
    """By hand: images of one pixel and its twin, whose signs in projection 0 are plus and minus somewhere."""
    images = np.repeat(np.array([[0], [10], [20]], np.uint8), 2, axis=1)
    made = projected(from_arrays("twins", train=(images, [0, 1, 1]), test=(images, [0, 1, 1])), 8)
    for value, (one, other) in enumerate(signs_by_hand(2, 8, 0)):
        expected = {2: [0, 0.5, 1], 0: [0, 0, 0], -2: [1, 0.5, 0]}[one + other]
        assert made.train_images[:, value].tolist() == expected
    assert 0 in [sum(signs) for signs in signs_by_hand(2, 8, 0)]


def test_images_that_are_all_the_same():
    """Nothing lies between the lowest and the highest."""
    images = np.ones((2, 4), np.uint8)
    with pytest.raises(DataError, match=r"^flat: projection: all images give the same values$"):
        projected(from_arrays("flat", train=(images, [0, 1]), test=(images, [0, 1])), 3)


def test_a_projection_too_wide():
    """With what it would take, and how many values there may be."""
    with pytest.raises(DataError) as caught:
        projected(load("mnist-5k", train=500, test=500), 200_000)
    assert str(caught.value) == (
        "mnist-5k: projection: 1000 images of 200000 values take 800,000,000 bytes, and at most 268,435,456 are made of "
        "them; take 67108 values at most, or fewer images"
    )


@pytest.mark.parametrize("features", [range(8), range(8, 16), (0, 1, 2, 3, 4, 8, 9, 10)])
def test_half_the_values_tell_zeros_from_ones(features):
    """Least squares of eight of sixteen values, without a constant, are right in more than nine of ten tests."""
    made = Shaping(classes=(0, 1), projection=16, features=tuple(features)).of(load("mnist-5k"))
    wanted = np.where(made.train_labels == 1, 1.0, -1.0)
    weights, *_ = np.linalg.lstsq(made.train_images.astype(float), wanted, rcond=None)
    right = (made.test_images @ weights > 0) == (made.test_labels == 1)
    assert right.mean() > 0.94


# --- the chain ---------------------------------------------------------------------------------------


def test_a_chain_in_its_order():
    """Step by step: classes, first samples, rows, permutation, projection of the whole, values."""
    digits = load("mnist-5k")
    asked = Shaping(
        classes=(4, 2), train=50, test=20, crop=24, swap_rows=2, permutation=1, projection=6,
        projection_number=2, features=(5, 0),
    )  # fmt: skip
    whole = permuted(rows_swapped(cropped(digits, 24), 2), 1)
    expected = with_features(of_classes(projected(whole, 6, number=2), [4, 2]), [5, 0])
    made = asked.of(digits)
    np.testing.assert_array_equal(made.train_images, expected.train_images[:50])
    np.testing.assert_array_equal(made.train_labels, expected.train_labels[:50])
    np.testing.assert_array_equal(made.test_images, expected.test_images[:20])
    assert made.origin == (
        f"{digits.origin}; of classes 4, 2 alone; the inner 24 x 24 pixels; 2 pairs of rows swapped; pixels in permutation 1; projected to 6 values "
        "by projection 2; of its values 5, 0"
    )


def test_nothing_asked_is_nothing_done():
    """The dataset as it is, to the checksum."""
    digits = load("mnist-5k", train=5, test=5)
    assert Shaping().of(digits) is digits
    assert not Shaping(train=5, swap_rows=1, permutation=2, features=(1,)).needs_whole


@pytest.mark.parametrize(
    "asked",
    [
        Shaping(),
        Shaping(classes=(0, 9)),
        Shaping(classes=(3, 1, 2), random_layer=20, features=(1, 19)),
        Shaping(projection=16, swap_rows=1),
        Shaping(features=(7, 300, 5)),
        Shaping(crop=20),
        Shaping(crop=1, classes=(1, 7)),
        Shaping(crop=20, swap_rows=5, features=(399, 0)),
        Shaping(crop=10, random_layer=7),
    ],
)
def test_sizes_are_known_before_anything_is_made(asked):
    """As many samples, values and classes as there turn out to be."""
    told, made = asked.sizes_of(sizes("mnist-5k")), asked.of(load("mnist-5k"))
    assert (told.train, told.test) == (len(made.train_labels), len(made.test_labels))
    assert (told.features, told.classes, told.shape) == (made.features, made.classes, made.shape)


@pytest.mark.parametrize(
    ("asked", "vain"),
    [
        ({"features": (0, 195)}, True),
        ({"features": (0, 196)}, False),
        ({"features": (418,)}, False),
        ({"features": (420,)}, True),
        ({"features": (0,), "permutation": 1}, False),
        ({"features": (99,), "crop": 20}, True),
        ({"features": (100,), "crop": 20}, False),
        ({"features": (0,), "projection": 2}, False),
        ({}, False),
    ],
)
def test_rows_that_nobody_looks_at(asked, vain):
    """Rows 7 and 14 are pixels 196 to 223 and 392 to 419; of 20 rows, 5 and 10 are 100 to 119 and 200 to 219."""
    assert Shaping(swap_rows=1, **asked).swaps_in_vain(sizes("mnist-5k")) is vain


def test_more_samples_than_the_classes_have():
    """Counted among those of the classes."""
    with pytest.raises(DataError, match="mnist-5k: train: 801 samples asked for; allowed: 1 to 800"):
        Shaping(classes=(0, 1), train=801).of(load("mnist-5k"))
