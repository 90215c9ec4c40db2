"""The full published datasets, where CHIPSIM_DATA has them."""

import os
import time

import numpy as np
import pytest

from chipsim.data import available, load

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not os.environ.get("CHIPSIM_DATA"), reason="CHIPSIM_DATA names no folder of datasets"),
]


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_full_set_reads_within_a_second(name):
    """A full set passes its checks and is read in less than a second."""
    start = time.process_time()
    dataset = load(name)
    assert time.process_time() - start < 1
    assert dataset.train_images.shape == (60_000, 784)
    assert dataset.test_images.shape == (10_000, 784)
    assert np.bincount(dataset.test_labels).sum() == 10_000
    assert next(row for row in available() if row.name == name).present


def test_embedded_digits_are_training_images_of_mnist():
    """Each embedded digit is an image of the MNIST training set, with its label."""
    full, digits = load("mnist"), load("mnist-5k")
    known = {
        image.tobytes(): label for image, label in zip(full.train_images, full.train_labels, strict=True)
    }
    for images, labels in (
        (digits.train_images, digits.train_labels),
        (digits.test_images, digits.test_labels),
    ):
        assert [known.get(image.tobytes()) for image in images] == list(labels)
