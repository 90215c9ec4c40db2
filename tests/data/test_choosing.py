"""Classes, rows and values of a dataset that are chosen or change places."""

import numpy as np
import pytest

from chipsim.data import from_arrays, load
from chipsim.data.choosing import (
    cropped,
    largest_crop,
    most_swaps,
    of_classes,
    row_order,
    rows_swapped,
    with_features,
)
from chipsim.errors import DataError


@pytest.fixture(scope="module")
def digits():
    return load("mnist-5k", train=200, test=100)


def numbered(shape):
    """Images that count their values from 0, one of each of three classes, and one more to test on."""
    image = np.arange(np.prod(shape), dtype=np.uint8).reshape(1, *shape)
    return from_arrays("numbered", train=(np.repeat(image, 3, axis=0), [0, 1, 2]), test=(image, [1]))


# --- classes -----------------------------------------------------------------------------------------


def test_classes_are_relabelled_in_the_order_given(digits):
    """By hand: 7 becomes 0 and 1 becomes 1, images keep their order, and all others are gone."""
    pair = of_classes(digits, [7, 1])
    kept = [place for place, label in enumerate(digits.train_labels) if label in (7, 1)]
    np.testing.assert_array_equal(pair.train_images, digits.train_images[kept])
    assert pair.train_labels.tolist() == [[7, 1].index(digits.train_labels[place]) for place in kept]
    assert pair.test_labels.tolist() == [
        [7, 1].index(label) for label in digits.test_labels if label in (7, 1)
    ]
    assert (pair.classes, pair.shape, pair.name) == (2, (28, 28, 1), "mnist-5k")
    assert pair.origin == f"{digits.origin}; of classes 7, 1 alone"


def test_another_order_of_classes_is_another_dataset(digits):
    """The same images under other labels."""
    one, other = of_classes(digits, [0, 1]), of_classes(digits, [1, 0])
    np.testing.assert_array_equal(one.train_images, other.train_images)
    assert (one.train_labels == 1 - other.train_labels).all()
    assert one.checksum != other.checksum


@pytest.mark.parametrize("classes", [[3, 10], [3, 3], [3], [], [-1, 0]])
def test_classes_that_make_no_choice(digits, classes):
    """Unknown ones, one twice, and fewer than two."""
    with pytest.raises(DataError) as caught:
        of_classes(digits, classes)
    assert str(caught.value) == f"mnist-5k: classes {classes}; allowed: two or more of 0 to 9, each once"


def test_classes_without_a_test():
    """The only image to test on is of class 1."""
    with pytest.raises(DataError) as caught:
        of_classes(numbered((2, 2)), [0, 2])
    assert str(caught.value) == "numbered: none of the test samples is of classes 0, 2"


# --- the middle ----------------------------------------------------------------------------------------


def test_the_middle_of_an_image_by_hand():
    """Of five rows of four pixels, two each: the second row and the third, the second pixel and the third."""
    made = cropped(numbered((5, 4)), 2)
    assert made.train_images.tolist() == [[5, 6, 9, 10]] * 3
    assert made.test_images.tolist() == [[5, 6, 9, 10]]
    assert made.train_labels.tolist() == [0, 1, 2]
    assert made.shape == (2, 2, 1)
    assert made.origin == "arrays; the inner 2 x 2 pixels"


def test_a_pixel_has_all_its_channels():
    """In colour they stay together, in their order."""
    made = cropped(numbered((3, 3, 2)), 1)
    assert made.test_images.tolist() == [[8, 9]]
    assert made.shape == (1, 1, 2)


def test_the_whole_square_is_the_image_as_it_is(digits):
    """To the checksum."""
    assert cropped(digits, 28).checksum == digits.checksum


def test_some_of_the_digits_is_outside_of_the_inner_twenty_pixels():
    """They fill a box of twenty, which MNIST shifts until their mass is in the middle: 3.2 % stick out."""
    digits = load("mnist-5k")
    images = digits.train_images.reshape(-1, 28, 28).astype(np.int64)
    kept = int(cropped(digits, 20).train_images.sum(dtype=np.int64))
    assert kept == images[:, 4:24, 4:24].sum()
    assert 1 - kept / images.sum() == pytest.approx(0.032, abs=0.001)


@pytest.mark.parametrize("side", [0, -1, 29])
def test_squares_that_images_have_not(digits, side):
    """With what is allowed."""
    with pytest.raises(DataError) as caught:
        cropped(digits, side)
    assert str(caught.value) == f"mnist-5k: crop {side}; allowed: 1 to 28"


def test_samples_that_are_no_images():
    """They have no middle."""
    assert largest_crop((1280,)) == 0
    with pytest.raises(DataError) as caught:
        cropped(with_features(numbered((2, 2)), [0, 1]), 1)
    assert str(caught.value) == "numbered: crop 1; allowed: none, for its samples have no rows"


# --- rows --------------------------------------------------------------------------------------------


def test_rows_a_quarter_of_the_height_apart():
    """By hand: of eight rows 2 and 4 change places first, then 3 and 5."""
    image = np.arange(16, dtype=np.uint8).reshape(1, 8, 2)
    tiny = from_arrays("tiny", train=(image, [0]), test=(image, [0]))
    rows = [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9], [10, 11], [12, 13], [14, 15]]
    once = [rows[place] for place in (0, 1, 4, 3, 2, 5, 6, 7)]
    twice = [rows[place] for place in (0, 1, 4, 5, 2, 3, 6, 7)]
    assert rows_swapped(tiny, 1).test_images.reshape(8, 2).tolist() == once
    assert rows_swapped(tiny, 2).train_images.reshape(8, 2).tolist() == twice
    assert rows_swapped(tiny, 1).origin == "arrays; 1 pair of rows swapped"
    assert rows_swapped(tiny, 2).origin == "arrays; 2 pairs of rows swapped"


def test_a_row_has_all_its_channels():
    """Of an image in colour they move together."""
    colours = numbered((4, 2, 3))
    found = rows_swapped(colours, 1).test_images.reshape(4, 6)
    expected = colours.test_images.reshape(4, 6)[[0, 2, 1, 3]]
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("pairs", range(8))
def test_rows_change_places_and_nothing_is_lost(pairs):
    """Swapped once more, every pixel is where it was, and twice as many rows have moved as there are pairs."""
    order = row_order((28, 28, 1), pairs)
    assert (order[order] == np.arange(784)).all()
    assert len(set((order // 28)[order != np.arange(784)])) == 2 * pairs


def test_swapped_rows_are_where_digits_are(digits):
    """In rows 7 to 20 there is more ink than in all others together, and each pair differs in most images."""
    images = digits.train_images.reshape(-1, 28, 28).astype(int)
    assert images[:, 7:21].sum() > images.sum() / 2
    for upper, lower in zip(range(7, 14), range(14, 21), strict=True):
        assert (images[:, upper] != images[:, lower]).any(axis=1).mean() > 0.98


@pytest.mark.parametrize(("shape", "most"), [((28, 28, 1), 7), ((32, 32, 3), 8), ((3, 9, 1), 0), ((784,), 0)])
def test_how_many_pairs_there_are(shape, most):
    """A quarter of the rows, and none of what has no rows."""
    assert most_swaps(shape) == most


@pytest.mark.parametrize(
    ("shape", "pairs", "allowed"),
    [
        ((8, 1), 3, "1 to 2"),
        ((8, 1), 0, "1 to 2"),
        ((8,), 1, "none, for its samples have not the rows for it"),
        ((3, 2), 1, "none, for its samples have not the rows for it"),
    ],
)
def test_more_pairs_than_there_are(shape, pairs, allowed):
    """With how many there may be."""
    with pytest.raises(DataError) as caught:
        rows_swapped(numbered(shape), pairs)
    assert str(caught.value) == f"numbered: swap_rows {pairs}; allowed: {allowed}"


# --- values ------------------------------------------------------------------------------------------


def test_values_in_the_order_given(digits):
    """Each is the column of that number; no more is known of how pixels lie."""
    some = with_features(digits, [400, 13, 200])
    np.testing.assert_array_equal(some.test_images, digits.test_images[:, [400, 13, 200]])
    np.testing.assert_array_equal(some.train_labels, digits.train_labels)
    assert (some.features, some.shape) == (3, (3,))
    assert some.origin == f"{digits.origin}; of its values 400, 13, 200"


@pytest.mark.parametrize("features", [[], [4], [0, 0], [-1]])
def test_values_that_make_no_choice(features):
    """None, one that is not there, one twice."""
    with pytest.raises(DataError) as caught:
        with_features(numbered((2, 2)), features)
    assert str(caught.value) == f"numbered: features {features}; allowed: some of 0 to 3, each once"
