"""Images in files of binary records, made for the tests, and CIFAR-10 where CHIPSIM_DATA has it."""

from __future__ import annotations

import gzip
import os

import numpy as np
import pytest

from chipsim.data import available, fetch, load, sizes
from chipsim.errors import DataError
from chipsim.run.datasets import check_data, data_of_phases
from chipsim.spec import load_workload, workload_from_document
from tests.spec.messages import fails

RECORD = 3_073
FILES = [*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin"]
HOME = "https://www.cs.toronto.edu/~kriz/cifar.html"


def records(*labels):
    """Records of these classes, each plane of one shade: its class, and ten and twenty more."""
    planes = [np.repeat(np.array([label, label + 10, label + 20], np.uint8), 32 * 32) for label in labels]
    return b"".join(bytes([label]) + plane.tobytes() for label, plane in zip(labels, planes, strict=True))


@pytest.fixture
def folder(tmp_path):
    """A small part: two images in each file to train on, the last packed, and three to test on."""
    place = tmp_path / "cifar10"
    place.mkdir()
    for number, file in enumerate(FILES[:5]):
        (place / file).write_bytes(records(number, number + 5))
    (place / FILES[4]).unlink()
    (place / f"{FILES[4]}.gz").write_bytes(gzip.compress(records(4, 9)))
    (place / FILES[5]).write_bytes(records(0, 3, 9))
    return tmp_path


def refusal(folder):
    with pytest.raises(DataError) as caught:
        load("cifar-10", folder=folder)
    return str(caught.value)


def test_as_many_records_as_files_are_long(folder):
    """In the order of files; channels of a pixel stand side by side."""
    images = load("cifar-10", folder=folder)
    assert images.train_labels.tolist() == [0, 5, 1, 6, 2, 7, 3, 8, 4, 9]
    assert images.test_labels.tolist() == [0, 3, 9]
    assert (images.shape, images.classes) == ((32, 32, 3), 10)
    assert (images.test_images.reshape(3, 32, 32, 3)[1] == [3, 13, 23]).all()
    assert images.origin == str(folder / "cifar10")


def test_rows_and_columns_of_a_plane(folder):
    """By hand: the value in row 2 and column 5 of the second plane is 1024 + 2 x 32 + 5 values in."""
    content = bytearray(records(0, 3, 9))
    content[RECORD + 1 + 1024 + 2 * 32 + 5] = 200
    (folder / "cifar10" / FILES[5]).write_bytes(content)
    image = load("cifar-10", folder=folder).test_images[1].reshape(32, 32, 3)
    assert np.argwhere(image == 200).tolist() == [[2, 5, 1]]


@pytest.mark.parametrize("name", ["cifar-10", "cifar-10-batches-bin", ""])
def test_folders_that_it_may_lie_in(folder, name):
    """As the archive is unpacked, or right in the folder of datasets."""
    for file in sorted((folder / "cifar10").iterdir()):
        place = folder / name / file.name
        place.parent.mkdir(exist_ok=True)
        file.rename(place)
    assert len(load("cifar-10", folder=folder).train_labels) == 10


def test_missing_files(folder):
    """All of them, where they were looked for, and where they are to be had."""
    (folder / "cifar10" / FILES[1]).unlink()
    (folder / "cifar10" / FILES[5]).unlink()
    assert refusal(folder) == (
        f"cifar-10: no data_batch_2.bin, test_batch.bin (plain or gzip) in {folder / 'cifar10'} or {folder}; it may not be "
        f"handed on, so there is nothing to fetch: put the binary version of {HOME} there, or name the folder that has it with "
        "--data or CHIPSIM_DATA"
    )


@pytest.mark.parametrize("length", [0, 1, 3_072, 6_145])
def test_a_file_cut_short(folder, length):
    """Its length is told, and that of a record."""
    path = folder / "cifar10" / FILES[2]
    path.write_bytes(records(1, 2)[:length])
    assert refusal(folder) == (
        f"{path}: has {length:,} bytes, which are no whole number of records of 3,073 (a class and 3 x 32 x 32 values); it is "
        "cut short, or no file of cifar-10"
    )


def test_another_file_of_the_right_length(folder):
    """By a class that there is none of."""
    path = folder / "cifar10" / FILES[5]
    path.write_bytes(records(0, 10, 99))
    assert refusal(folder) == (
        f"{path}: record 1 is of class 10, and classes are 0 to 9; it is no file of cifar-10"
    )


def test_a_damaged_archive(folder):
    """A gzip file without its end."""
    path = folder / "cifar10" / f"{FILES[4]}.gz"
    content = path.read_bytes()[:-9]
    path.write_bytes(content)
    assert refusal(folder).startswith(f"{path}: damaged gzip file of {len(content)} bytes")


def test_nothing_to_fetch(tmp_path):
    """It says where it is to be had and put, and nothing is made."""
    with pytest.raises(DataError) as caught:
        fetch("cifar-10", tmp_path)
    assert str(caught.value) == (
        "cifar-10 states no licence to be handed on under, so it is not fetched: put the binary version of "
        f"{HOME} into {tmp_path / 'cifar10'}"
    )
    assert not list(tmp_path.iterdir())


def row(folder):
    return next(one for one in available(folder) if one.name == "cifar-10")


def test_a_list_counts_what_is_there(folder):
    """By the lengths of files, packed ones too; what is not there is as large as it was published."""
    assert (row(folder).present, row(folder).samples) == (True, 13)
    assert row(folder).where == str(folder / "cifar10")
    (folder / "cifar10" / FILES[0]).write_bytes(b"")
    assert (row(folder).present, row(folder).samples) == (False, 60_000)


def test_sizes_as_published():
    """Known without a file, so that a network is held against them."""
    found = sizes("cifar-10")
    assert (found.train, found.test, found.features, found.classes) == (50_000, 10_000, 3_072, 10)
    assert found.of_classes([3, 5]).train == 10_000


def workload(**more):
    """Cats and dogs."""
    phase = {"name": "a", "epochs": 1, "dataset": {"name": "cifar-10", "classes": [3, 5]}}
    network = {"layers": [[32, 32, 3], 2]}
    return workload_from_document(
        load_workload("mnist-5k").document | {"network": network, "phases": [phase]} | more
    )


def test_some_classes(folder):
    """The cats and dogs among them, relabelled."""
    (folder / "cifar10" / FILES[5]).write_bytes(records(5, 3, 9))
    work = workload()
    check_data(work)
    ((_, data),) = data_of_phases(work, folder=folder)
    assert data.train_labels.tolist() == [1, 0]
    assert data.test_labels.tolist() == [1, 0]


def test_a_part_may_be_less_than_a_batch(folder):
    """Which only reading tells, and before anything is trained."""
    work = workload(batch=3)
    check_data(work)
    with pytest.raises(DataError) as caught:
        data_of_phases(work, folder=folder)
    assert str(caught.value) == (
        "cifar-10 (classes 3, 5) has 2 samples to train on, less than one batch of 3; lower batch (read from "
        f"{folder / 'cifar10'}; of classes 3, 5 alone)"
    )


def test_a_network_for_other_images():
    """Colours are asked for."""
    assert fails(check_data, workload(network={"layers": [[28, 28, 1], 2]})) == (
        "network.layers: must begin with 3072, the pixels of an image of cifar-10 (classes 3, 5), not 784"
    )


@pytest.mark.data
@pytest.mark.skipif(not os.environ.get("CHIPSIM_DATA"), reason="CHIPSIM_DATA names no folder of datasets")
def test_cifar():
    """As many of each class, and behind airplanes and ships there is more blue than behind frogs and deer."""
    if not row(None).present:
        pytest.skip("CHIPSIM_DATA has no CIFAR-10")
    images = load("cifar-10")
    counts = np.bincount(images.train_labels)
    assert (counts == counts[0]).all()
    means = [
        images.train_images[images.train_labels == label].reshape(-1, 32, 32, 3).mean(axis=(0, 1, 2))
        for label in range(10)
    ]
    blueness = [mean[2] - mean[0] for mean in means]
    assert set(np.argsort(blueness)[-2:]) == {0, 8}
