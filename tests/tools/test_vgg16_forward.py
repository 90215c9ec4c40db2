"""Convolutions by the fast algorithm, and pools, beside loops that are written as they are defined."""

import io

import numpy as np
import pytest


@pytest.fixture
def forward(tool):
    return tool("vgg16_forward")


def convolved_by_definition(images, kernels):
    """Every sum of products by itself."""
    padded = np.pad(images.astype(np.float64), ((0, 0), (1, 1), (1, 1), (0, 0)))
    out = np.zeros((*images.shape[:3], kernels.shape[3]))
    for row in range(images.shape[1]):
        for column in range(images.shape[2]):
            window = padded[:, row : row + 3, column : column + 3]
            out[:, row, column] = np.tensordot(window, kernels.astype(np.float64), 3)
    return out


@pytest.mark.parametrize("size", [(1, 1), (4, 4), (7, 10), (14, 13), (58, 3)])
def test_convolution_is_what_it_is_defined_as(forward, size):
    """Whatever the size: windows of four places need not go into an image."""
    rng = np.random.default_rng(1)
    images = rng.normal(size=(2, *size, 5)).astype(np.float32)
    kernels = rng.normal(size=(3, 3, 5, 7)).astype(np.float32)
    found = forward.convolved(images, forward.turned(kernels))
    np.testing.assert_allclose(found, convolved_by_definition(images, kernels), atol=3e-4)


def test_pieces_change_nothing(forward, monkeypatch):
    """An image in one piece and in many gives the same."""
    rng = np.random.default_rng(2)
    images = rng.normal(size=(3, 21, 18, 2)).astype(np.float32)
    kernels = forward.turned(rng.normal(size=(3, 3, 2, 4)))
    whole = forward.convolved(images, kernels)
    monkeypatch.setattr(forward, "_TILES", 1)
    np.testing.assert_allclose(forward.convolved(images, kernels), whole, rtol=1e-4, atol=1e-5)


def test_pooling_by_hand(forward):
    """The largest of four; a line that is left over is dropped."""
    image = np.arange(15, dtype=np.float32).reshape(1, 3, 5, 1)
    np.testing.assert_array_equal(forward.pooled(image)[0, :, :, 0], [[6, 8]])


def test_photographs_are_blue_green_red_less_their_means(forward, tmp_path):
    """Of a file of JPEGs, by their places."""
    image = pytest.importorskip("PIL.Image")
    content = []
    for colour in ((10, 20, 200), (90, 90, 90)):
        file = io.BytesIO()
        image.new("RGB", (8, 8), colour).save(file, "JPEG", quality=95)
        content.append(file.getvalue())
    offset = np.cumsum([0, *map(len, content)])
    np.savez(tmp_path / "jpegs.npz", jpeg=np.frombuffer(b"".join(content), np.uint8), offset=offset)
    found = forward.pictures(tmp_path / "jpegs.npz", [1, 0])
    assert found.shape == (2, 8, 8, 3)
    np.testing.assert_allclose(found[0, 0, 0], [90 - 103.939, 90 - 116.779, 90 - 123.68], atol=2)
    np.testing.assert_allclose(found[1, 0, 0], [200 - 103.939, 20 - 116.779, 10 - 123.68], atol=4)


def test_without_pillow(forward, tmp_path, monkeypatch):
    """It says what to install."""
    monkeypatch.setitem(__import__("sys").modules, "PIL", None)
    with pytest.raises(SystemExit) as ended:
        forward.pictures(tmp_path / "none.npz", [0])
    assert ended.value.code == "photographs are decoded by Pillow, which is not here: pip install pillow"
