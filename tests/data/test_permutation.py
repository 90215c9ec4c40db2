"""Fixed permutations of the pixels, which make further tasks of the same images."""

import numpy as np
import pytest

from chipsim.data import from_arrays, load, permuted
from chipsim.errors import DataError


def order_of(number, features):
    """Which old pixel stands at each new place, by sorting the generator's words one by one."""
    words = np.random.PCG64DXSM(np.random.SeedSequence(number))
    drawn = [(int(words.random_raw()), pixel) for pixel in range(features)]
    return [pixel for _, pixel in sorted(drawn)]


@pytest.fixture(scope="module")
def digits():
    return load("mnist-5k", train=60, test=40)


@pytest.mark.parametrize(
    ("number", "first"),
    [(0, (376, 377, 139, 87, 765)), (1, (517, 32, 705, 60, 559)), (2, (106, 520, 460, 119, 242))],
)
def test_an_order_is_fixed_by_its_number(number, first):
    """The first old pixels of an image of 784, for good: results of permuted tasks can be compared."""
    ramp = np.arange(784) // 4
    image = np.vstack([ramp, np.arange(784) % 4]).astype(np.uint8)
    both = permuted(from_arrays("ramp", train=(image, [0, 1]), test=(image, [0, 1])), number).test_images
    pixels = 4 * both[0].astype(int) + both[1]
    assert tuple(pixels[:5]) == first
    assert pixels.tolist() == order_of(number, 784)


def test_training_and_test_images_are_permuted_alike(digits):
    """Every pixel goes to the same place in all images, and labels stay."""
    other, order = load("mnist-5k", train=60, test=40, permutation=3), order_of(3, 784)
    assert other.train_images.tolist() == digits.train_images[:, order].tolist()
    assert other.test_images.tolist() == digits.test_images[:, order].tolist()
    assert other.train_labels.tolist() == digits.train_labels.tolist()
    assert other.test_labels.tolist() == digits.test_labels.tolist()


def test_provenance_tells_permutations_apart(digits):
    """The name stays; origin and checksum are those of the permuted images."""
    others = [load("mnist-5k", train=60, test=40, permutation=number) for number in (0, 1)]
    assert [other.name for other in others] == ["mnist-5k", "mnist-5k"]
    assert others[1].origin == f"{digits.origin}; pixels in permutation 1"
    assert len({digits.checksum, *(other.checksum for other in others)}) == 3


def test_samples_are_taken_before_pixels_are_permuted():
    """Fewer samples of a permuted task are the first of the whole permuted task."""
    few, whole = load("mnist-5k", train=5, permutation=1), load("mnist-5k", permutation=1)
    assert few.train_images.tolist() == whole.train_images[:5].tolist()


def test_negative_permutation(digits):
    """A permutation has a number from 0."""
    with pytest.raises(DataError) as caught:
        permuted(digits, -1)
    assert str(caught.value) == "mnist-5k: permutation -1; allowed: whole numbers from 0"
