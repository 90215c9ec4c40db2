"""Published features, in files made for the tests and in those of CHIPSIM_DATA; and the fixed random layer."""

from __future__ import annotations

import io
import os

import attrs
import numpy as np
import pytest

from chipsim.data import available, fetch, from_arrays, load, sizes, widened
from chipsim.data.features import FEATURES
from chipsim.data.idx import md5_of
from chipsim.errors import DataError
from chipsim.limits import WIDENED_BYTES

TINY = attrs.evolve(
    FEATURES["flowers17"], samples=12, features=3, classes=3, largest=8.0, test_each=1, same_pixels=((2, 3),)
)
"""Four images of each of three classes; those numbered 2 and 3 are one photograph."""


def arrays():
    """Features that tell their sample, and labels class by class."""
    features = np.arange(36, dtype=np.float16).reshape(12, 3) / 36 * 8
    return {"features": features, "labels": np.repeat(np.arange(3, dtype=np.uint8), 4),
            "image": np.arange(1, 13, dtype=np.int32)}  # fmt: skip


def packed(**given):
    """An NPZ file."""
    stream = io.BytesIO()
    np.savez(stream, **given)
    return stream.getvalue()


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """The file of a tiny set in its folder, known under the name of a published one."""
    content = packed(**arrays())
    path = tmp_path / "flowers17" / TINY.file
    path.parent.mkdir()
    path.write_bytes(content)
    monkeypatch.setitem(FEATURES, "flowers17", attrs.evolve(TINY, md5=md5_of(content)))
    return path


def test_values_are_shares_of_the_largest(tiny, tmp_path):
    """Every sample is there once, divided by what stands for one, with its label."""
    dataset = load("flowers17", folder=tmp_path)
    images = np.concatenate([dataset.train_images, dataset.test_images])
    labels = np.concatenate([dataset.train_labels, dataset.test_labels])
    order = np.argsort(images[:, 0])
    expected = arrays()
    np.testing.assert_array_equal(images[order], expected["features"].astype(np.float32) / np.float32(8))
    np.testing.assert_array_equal(labels[order], expected["labels"])
    assert dataset.train_images.dtype == np.float32
    assert dataset.origin == str(tiny)


def test_a_test_has_as_many_of_each_class(tiny, tmp_path):
    """One of each class is kept for tests, of which the first has none but those that are there once."""
    dataset = load("flowers17", folder=tmp_path)
    assert np.bincount(dataset.test_labels).tolist() == [1, 1, 1]
    assert np.bincount(dataset.train_labels).tolist() == [3, 3, 3]
    trained = set(dataset.train_images[:, 0].tolist())
    # Images 2 and 3 are the second and the third sample.
    assert {float(value) for value in arrays()["features"][1:3, 0].astype(np.float32) / 8} <= trained


def test_a_split_is_the_same_for_good():
    """By hand: sorted words of a generator, and of each class the first that are no twins."""
    labels, images = arrays()["labels"], arrays()["image"]
    words = np.random.PCG64DXSM(np.random.SeedSequence(0))
    order = [place for _, place in sorted((int(words.random_raw()), place) for place in range(12))]
    free = [place for place in order if images[place] not in (2, 3)]
    test = {next(place for place in free if labels[place] == label) for label in range(3)}
    split = TINY.split(labels, images)
    assert split.test.tolist() == [place for place in order if place in test]
    assert split.train.tolist() == [place for place in order if place not in test]


def test_a_file_may_lie_right_in_the_folder(tiny, tmp_path):
    """As those of images may."""
    tiny.rename(tmp_path / tiny.name)
    assert load("flowers17", folder=tmp_path).origin == str(tmp_path / tiny.name)


def refusal(**how):
    """What is said of a dataset that cannot be had."""
    with pytest.raises(DataError) as caught:
        load("flowers17", **how)
    return str(caught.value)


def test_no_file(tmp_path):
    """What it is, that nobody has it to fetch, and where it was looked for."""
    assert refusal(folder=tmp_path) == (
        f"flowers17: no features.npz in {tmp_path / 'flowers17'} or {tmp_path}; it has no public home (the pooled "
        "features of EfficientNet-Lite0, pre-trained on ImageNet): name the folder that has it with --data or "
        "CHIPSIM_DATA"
    )


def test_another_file(tiny, tmp_path):
    """By its checksum."""
    content = packed(**(arrays() | {"labels": np.zeros(12, np.uint8)}))
    tiny.write_bytes(content)
    assert refusal(folder=tmp_path) == (
        f"{tiny}: MD5 is {md5_of(content)}, expected {FEATURES['flowers17'].md5}; it is not the file of flowers17"
    )


def test_a_folder_by_the_name_of_the_file(tiny, tmp_path):
    """Which cannot be read."""
    tiny.unlink()
    tiny.mkdir()
    assert refusal(folder=tmp_path) == f"{tiny}: cannot be read: Is a directory"


def test_nothing_to_fetch(tmp_path):
    """And nothing is made."""
    with pytest.raises(
        DataError, match=r"flowers17-vgg has no public home to be fetched from; it is maxima of"
    ):
        fetch("flowers17-vgg", tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_list_says_whether_it_is_there(tiny, tmp_path):
    """With its folder."""
    rows = {row.name: row for row in available(tmp_path)}
    assert rows["flowers17"].present
    assert not rows["flowers17-vgg"].present
    assert rows["flowers17"].where == str(tiny.parent)
    assert rows["flowers17-vgg"].samples == 1_360


def test_sizes_are_known_without_the_file():
    """So that a network is held against them."""
    found = sizes("flowers17-vgg")
    assert (found.train, found.test, found.features, found.classes) == (1_020, 340, 4_608, 17)


# --- the random layer --------------------------------------------------------------------------------


def by_hand(images, units):
    """Sums with signs of the highest bits of words, unit after unit, those above zero."""
    features = images.shape[1]
    words = np.random.PCG64DXSM(np.random.SeedSequence(features))
    signs = [[1 if int(words.random_raw()) >> 63 else -1 for _ in range(features)] for _ in range(units)]
    return np.array([
        [max(0, sum(sign * int(value) for sign, value in zip(row, image, strict=True))) for row in signs]
        for image in images
    ])  # fmt: skip


def test_a_random_layer_by_hand():
    """Every unit of every image, of bytes; one stands for the largest of all."""
    digits = load("mnist-5k", train=5, test=3)
    wide = widened(digits, 7)
    expected = by_hand(np.concatenate([digits.train_images, digits.test_images]), 7)
    found = np.concatenate([wide.train_images, wide.test_images])
    np.testing.assert_array_equal(found, (expected / expected.max()).astype(np.float32))
    assert found.max() == 1
    assert (wide.shape, wide.features) == ((7,), 7)
    assert wide.origin == f"{digits.origin}; through a random layer of 7 units"


def test_numbers_pass_as_shares_of_a_billion():
    """Rounded to a grid on which all sums are exact, so that they are the same on every machine."""
    rng = np.random.default_rng(1)
    images = rng.random((4, 9), np.float32)
    wide = widened(from_arrays("mine", train=(images[:2], [0, 1]), test=(images[2:], [0, 1])), 5)
    expected = by_hand(np.rint(images.astype(np.float64) * 2**30).astype(np.int64), 5)
    found = np.concatenate([wide.train_images, wide.test_images])
    np.testing.assert_array_equal(found, (expected / expected.max()).astype(np.float32))


def test_more_units_leave_the_first_as_they_are():
    """But for what stands for one."""
    digits = load("mnist-5k", train=5, test=3)
    few, many = widened(digits, 4).train_images, widened(digits, 9).train_images[:, :4]
    np.testing.assert_allclose(few / few.max(), many / many.max(), rtol=1e-6)


def test_a_layer_too_wide():
    """With what it would take, and how many units there may be."""
    digits = load("mnist-5k", train=500, test=500)
    with pytest.raises(DataError) as caught:
        widened(digits, 200_000)
    assert str(caught.value) == (
        "mnist-5k: random_layer: 1000 images of 200000 values take 800,000,000 bytes, and at most 268,435,456 are "
        "made of them; take 67108 units at most, or fewer images"
    )
    assert WIDENED_BYTES == 268_435_456


def test_a_part_is_widened_as_the_whole_is():
    """How many images are taken changes none of them: neither those to train on nor those to test on."""
    whole = widened(load("mnist-5k"), 6)
    few = widened(load("mnist-5k", train=3, test=2), 6, whole=load("mnist-5k"))
    np.testing.assert_array_equal(few.train_images, whole.train_images[:3])
    np.testing.assert_array_equal(few.test_images, whole.test_images[:2])


def test_units_that_are_drawn_block_by_block():
    """Of 600, more than are there at once, the last ones are by hand too."""
    digits = load("mnist-5k", train=2, test=1)
    wide = widened(digits, 600)
    expected = by_hand(np.concatenate([digits.train_images, digits.test_images]), 600)
    found = np.concatenate([wide.train_images, wide.test_images])
    np.testing.assert_array_equal(found, (expected / expected.max()).astype(np.float32))


def test_empty_images():
    """Nothing can be a share of nothing."""
    nothing = np.zeros((2, 4), np.uint8)
    with pytest.raises(DataError, match="empty: random_layer: no unit gives anything: all images are empty"):
        widened(from_arrays("empty", train=(nothing, [0, 1]), test=(nothing, [0, 1])), 3)


# --- the files themselves ----------------------------------------------------------------------------


@pytest.mark.data
@pytest.mark.skipif(not os.environ.get("CHIPSIM_DATA"), reason="CHIPSIM_DATA names no folder of datasets")
@pytest.mark.parametrize(("name", "features"), [("flowers17-vgg", 4_608), ("flowers17", 1_280)])
def test_flowers(name, features):
    """Sixty of each kind to train on, twenty for tests, no photograph in both, and the largest is one."""
    flowers = load(name)
    assert flowers.train_images.shape == (1_020, features)
    assert np.bincount(flowers.train_labels).tolist() == [60] * 17
    assert np.bincount(flowers.test_labels).tolist() == [20] * 17
    assert max(flowers.train_images.max(), flowers.test_images.max()) == 1
    trained = {image.tobytes() for image in flowers.train_images}
    assert not any(image.tobytes() in trained for image in flowers.test_images)
