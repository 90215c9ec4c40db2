"""Datasets in files: what is read of them, what has to be stated, and what is refused before it is read."""

import io
import zipfile

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import chipsim
from chipsim.data.own_file import OwnFile, read_own
from chipsim.errors import DataError, DescriptionError
from chipsim.run import check_data
from chipsim.run.datasets import data_of_phases
from chipsim.spec import load_workload

SAMPLES, FEATURES = 40, 6


@pytest.fixture(name="arrays")
def _arrays():
    words = np.random.default_rng(1)
    images = words.integers(0, 200, (SAMPLES, FEATURES))
    labels = np.arange(SAMPLES) % 3
    return images, labels


@pytest.fixture(name="npz")
def _npz(tmp_path, arrays):
    images, labels = arrays
    path = tmp_path / "sensors.npz"
    np.savez(
        path,
        train_images=images[:30],
        train_labels=labels[:30],
        test_images=images[30:],
        test_labels=labels[30:],
    )
    return path


def workload(tmp_path, dataset, *, name="work.yaml", more=""):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        "name: work\nabout: Own data.\nlearning_rate: 0.1\n"
        f"network: {{layers: [{FEATURES}, 4, 3]{more}}}\nphases:\n  - {{epochs: 1, dataset: {dataset}}}\n",
        encoding="utf-8",
    )
    return path


def table(arrays, tmp_path, suffix):
    images, labels = arrays
    columns = {f"s{index}": images[:, index] for index in range(FEATURES)}
    made = pa.table({**columns, "class": labels})
    path = tmp_path / f"sensors{suffix}"
    if suffix == ".parquet":
        parquet.write_table(made, path)
    else:
        lines = [",".join(map(str, row.values())) for row in made.to_pylist()]
        path.write_text("\n".join([",".join(made.column_names), *lines]) + "\n", encoding="utf-8")
    return path


def refusal(path, **how):
    with pytest.raises(DataError) as caught:
        read_own(path, OwnFile(**how), name=path.name)
    return str(caught.value)


def test_arrays_of_an_archive(npz, arrays):
    """Scaled as stated: what stands for 0 is 0, and what stands for 1 is 1."""
    read = read_own(npz, OwnFile(scale=(0, 250)), name="mine")
    np.testing.assert_allclose(read.train_images, arrays[0][:30] / 250, rtol=1e-6)
    assert read.train_labels.tolist() == arrays[1][:30].tolist()
    assert (read.classes, read.features, len(read.test_labels)) == (3, FEATURES, 10)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_tables(tmp_path, arrays, suffix):
    """A column a feature, and the split that the seed decides: every sample once."""
    path = table(arrays, tmp_path, suffix)
    how = OwnFile(label="class", scale=(0, 250), test_share=0.25, split_seed=3)
    read = read_own(path, how, name="mine")
    assert (len(read.train_labels), len(read.test_labels)) == (30, 10)
    together = np.vstack([read.train_images, read.test_images])
    expected = (arrays[0] / 250).astype(np.float32)
    assert sorted(map(tuple, together.tolist())) == sorted(map(tuple, expected.tolist()))
    assert read_own(path, how, name="mine").checksum == read.checksum
    other = OwnFile(label="class", scale=(0, 250), test_share=0.25, split_seed=4)
    assert read_own(path, other, name="mine").checksum != read.checksum


def test_both_forms_of_a_table_are_the_same_data(tmp_path, arrays):
    """Whole numbers in a text, and in columns."""
    how = OwnFile(label="class", scale=(0, 250), test_share=0.25, split_seed=3)
    sums = {
        read_own(table(arrays, tmp_path, suffix), how, name="mine").checksum
        for suffix in (".csv", ".parquet")
    }
    assert len(sums) == 1


def test_a_workload_trains_on_a_file_beside_it(tmp_path, npz, monkeypatch):
    """Wherever it is run from, with the digest of the file in its provenance; signed inputs, too."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    path = workload(tmp_path, "{file: sensors.npz, scale: [-250, 250]}", more=", inputs: minus-one-to-one")
    result = chipsim.simulate("digital-fp32", path)
    assert result.summary["steps"] == 30
    (data,) = result.provenance["datasets"]
    assert data["name"] == "sensors.npz"
    assert "read from a file: " in data["origin"]
    assert "SHA-256 " in data["origin"]
    assert len(data["checksum"]) == 32


def test_an_inherited_file_stands_beside_its_base(tmp_path, npz):
    """Not beside the description that extends it."""
    workload(tmp_path, "{file: sensors.npz, scale: [0, 250]}")
    (tmp_path / "deep").mkdir()
    path = tmp_path / "deep" / "mine.yaml"
    path.write_text("extends: ../work.yaml\nname: mine\nabout: Mine.\n", encoding="utf-8")
    described = load_workload(path)
    check_data(described)
    ((_, data),) = data_of_phases(described, folder=None)
    assert len(data.whole().train_labels) == 30


def test_a_file_named_again_stands_beside_the_description_that_names_it(tmp_path, npz, arrays):
    """Though its base says the same name, which is another file there."""
    base = workload(tmp_path, "{file: sensors.npz, scale: [0, 250]}")
    base.write_text(
        base.read_text(encoding="utf-8").replace("{epochs", "{name: one, epochs")
        + "  - {name: two, epochs: 1, dataset: {file: sensors.npz, scale: [0, 250]}}\n",
        encoding="utf-8",
    )
    (tmp_path / "deep").mkdir()
    images, labels = arrays[0][::-1], arrays[1][::-1]
    own = tmp_path / "deep" / "sensors.npz"
    parts = {"train_images": images[:30], "train_labels": labels[:30]}
    np.savez(own, **parts, test_images=images[30:], test_labels=labels[30:])
    path = tmp_path / "deep" / "mine.yaml"
    path.write_text(
        "extends: ../work.yaml\nname: mine\nabout: Mine.\n"
        "phases[name=two].dataset: {file: sensors.npz, scale: [0, 250]}\n",
        encoding="utf-8",
    )
    check_data(load_workload(path))
    (_, first), (_, second) = data_of_phases(load_workload(path), folder=None)
    assert first.checksum != second.checksum
    assert second.train_labels.tolist() == labels[:30].tolist()
    assert str(own) in second.origin
    np.savez(own, **parts, test_images=images[20:], test_labels=labels[20:])
    with pytest.raises(
        DescriptionError, match="another file than that of a phase before, and of other sizes"
    ):
        check_data(load_workload(path))


def test_values_outside_the_scale_are_told_with_their_place(npz, arrays):
    """How many, and where the first one is."""
    told = refusal(npz, scale=(0, 100))
    count = int((arrays[0][:30] > 100).sum())
    assert (
        f"train_images: {count} of {30 * FEATURES} values are outside the scale [0, 100], the first " in told
    )
    assert "state what stands for 0 and 1 as scale" in refusal(npz)


def test_bytes_of_nothing_but_0_and_1_have_to_say_what_1_is(tmp_path):
    """As shares of 255 they would all but vanish, without a word."""
    path, parts = tmp_path / "bits.npz", {"test_share": 0.5, "split_seed": 0}
    bits = (np.arange(8).reshape(4, 2) % 2).astype(np.uint8)
    np.savez(path, x=bits, y=np.arange(4) % 2)
    told = refusal(path, **parts)
    assert "holds bytes of 0 and 1 only, and bytes count from 0 to 255" in told
    assert "scale: [0, 1]" in told
    ones = read_own(path, OwnFile(**parts, scale=(0, 1)), name="bits")
    assert ones.train_images.max() == 1
    shares = read_own(path, OwnFile(**parts, scale=(0, 255)), name="bits")
    assert shares.train_images.max() == np.float32(1 / 255)


@pytest.mark.parametrize("most", [0, 2, 255])
def test_other_bytes_are_shares_of_255(tmp_path, most):
    """Nothing has to be stated of images, nor of what is all nought."""
    path = tmp_path / "a.npz"
    np.savez(path, x=np.full((4, 2), most, np.uint8), y=np.arange(4) % 2)
    read = read_own(path, OwnFile(test_share=0.5, split_seed=0), name="a")
    assert (read.train_images.dtype, read.train_images.max()) == (np.uint8, most)


def test_missing_numbers_are_told(tmp_path):
    """NaN is within no scale."""
    images = np.full((4, 2), 0.5)
    images[2, 1] = np.nan
    np.savez(tmp_path / "a.npz", x=images, y=np.arange(4) % 2)
    assert "not finite, the first nan at" in refusal(
        tmp_path / "a.npz", test_share=0.5, split_seed=0, scale=(0, 1)
    )


PARTS = {"test_share": 0.5, "split_seed": 0}


def test_places_in_an_archive_are_those_of_the_file(tmp_path):
    """Not those after samples were parted, nor names of arrays that it does not have."""
    path = tmp_path / "a.npz"
    images, labels = np.full((40, 2), 0.5), np.arange(40) % 2
    images[17, 1] = 3
    np.savez(path, x=images, y=labels)
    assert refusal(path, **PARTS).startswith(
        f"{path}: x: 1 of 80 values is outside [0, 1], the first 3.0 at [17, 1]"
    )
    labels[31] = -1
    np.savez(path, x=images / 3, y=labels)
    assert refusal(path, **PARTS) == (
        f"{path}: y: 1 of 40 values is outside the classes 0 to 255, the first -1 at [31]"
    )


@pytest.mark.parametrize(
    ("suffix", "row"), [(".csv", "line 13"), (".parquet", "sample 11"), ("-spaced.csv", "sample 11")]
)
def test_places_in_a_table_are_columns_and_lines(tmp_path, arrays, suffix, row):
    """As an editor shows them; where lines are empty, samples are counted."""
    images, labels = arrays[0].copy(), arrays[1].copy()
    images[11, 4] = 999
    path = table((images, labels), tmp_path, f".{suffix.partition('.')[2]}")
    if suffix.startswith("-"):
        path.write_text(path.read_text(encoding="utf-8").replace("\n", "\n\n", 1), encoding="utf-8")
    how = {"label": "class", "scale": (0, 250), **PARTS}
    told = refusal(path, **how)
    assert told.startswith(f"{path}: 1 of 240 values is outside the scale [0, 250], the first 999")
    assert f" at {row}, column 's4'; " in told
    labels[11] = 256
    path = table((arrays[0], labels), tmp_path, path.suffix)
    assert "the first 256 at " in refusal(path, **how)
    assert refusal(path, **how).endswith(", column 'class'")


@pytest.mark.parametrize("suffix", [".npz", ".csv", ".parquet"])
def test_whole_labels_may_be_written_with_a_point(tmp_path, arrays, suffix):
    """As pandas writes whole numbers of a column in which one was missing once."""
    images, labels = arrays
    how = {"scale": (0, 250), **PARTS}
    if suffix == ".npz":
        path = tmp_path / "a.npz"
        np.savez(path, x=images, y=labels.astype(float))
    else:
        path, how["label"] = table((images, labels.astype(float)), tmp_path, suffix), "class"
    read = read_own(path, OwnFile(**how), name="a")
    assert read.train_labels.dtype == np.uint8
    together = [*read.train_labels.tolist(), *read.test_labels.tolist()]
    assert sorted(together) == sorted(labels.tolist())


@pytest.mark.parametrize(
    ("label", "said"),
    [
        (0.5, "y: 1 of 4 values is not whole, the first 0.5 at [3]; labels are whole numbers from 0"),
        (np.nan, "y: 1 of 4 values is not finite, the first nan at [3]"),
        (1e300, "y: 1 of 4 values is beyond any class, the first 1e+300 at [3]"),
        (-1.0, "y: 1 of 4 values is outside the classes 0 to 255, the first -1 at [3]"),
    ],
)
def test_labels_that_are_not_whole(tmp_path, label, said):
    """With the place in the file."""
    np.savez(tmp_path / "a.npz", x=np.zeros((4, 2)), y=np.array([0, 1, 0, label]))
    assert said in refusal(tmp_path / "a.npz", **PARTS)


def test_images_of_more_dimensions_are_refused(tmp_path):
    """Rather than laid out in a row without a word."""
    np.savez(tmp_path / "a.npz", x=np.zeros((4, 2, 2, 2, 2)), y=np.arange(4) % 2)
    told = refusal(tmp_path / "a.npz", **PARTS)
    assert "x: shape (4, 2, 2, 2, 2); needs (samples, features), (samples, height, width) or" in told


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({}, "does not say which samples are for tests; state test_share"),
        ({"test_share": 0.001, "split_seed": 0}, "leaves none"),
        ({"label": "y"}, "label names a column of a table"),
    ],
)
def test_what_has_to_be_stated(tmp_path, how, said):
    """Nothing is guessed."""
    np.savez(tmp_path / "a.npz", x=np.zeros((4, 2)), y=np.arange(4) % 2)
    assert said in refusal(tmp_path / "a.npz", **how)


def test_an_archive_with_its_own_tests_is_not_split(npz):
    """Two answers to one question."""
    assert "has its own test samples" in refusal(npz, test_share=0.2, scale=(0, 250))


@pytest.mark.parametrize(
    "member", ["../../etc/passwd.npy", "/x.npy", "trian_images.npy", "x", "x.npy\x1b[2J.npy"]
)
def test_members_by_other_names_are_refused(tmp_path, member):
    """Before anything is unpacked, and never shown as they are."""
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(member, b"")
    told = refusal(path)
    assert "has the member" in told
    assert told.isprintable()


def test_pickles_are_refused(tmp_path):
    """They could run any code."""
    np.savez(tmp_path / "a.npz", x=np.array([print, None], dtype=object), y=np.arange(2))
    assert "x: holds Python objects, which are not read" in refusal(tmp_path / "a.npz")


def test_archives_that_would_fill_the_memory_are_refused(tmp_path, monkeypatch):
    """By what their members say of themselves, and by what the head of an array asks for."""
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros((1000, 10)), y=np.zeros(1000, int))
    monkeypatch.setattr("chipsim.data.archive.OWN_DATA_BYTES", 50_000)
    assert "and at most 50,000 are read" in refusal(tmp_path / "a.npz")
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": "<f8", "fortran_order": False, "shape": (10**12, 10)}
    )
    with zipfile.ZipFile(tmp_path / "b.npz", "w") as packed:
        packed.writestr("x.npy", head.getvalue())
    assert "x: is damaged: it has not the bytes of shape" in refusal(tmp_path / "b.npz")


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_tables_that_would_fill_the_memory_are_refused(tmp_path, arrays, monkeypatch, suffix):
    """Before they are parsed."""
    path = table(arrays, tmp_path, suffix)
    monkeypatch.setattr("chipsim.data.columns.OWN_DATA_BYTES", 800)
    assert " values" in refusal(path, label="class")


@pytest.mark.parametrize(
    "case",
    [
        (".csv", "has more samples than the 20 that are read"),
        (".parquet", "has 40 samples, and at most 20 are read"),
        (".npz", "x: has 40 samples, and at most 20 are read"),
    ],
)
def test_files_of_too_many_samples_are_refused(tmp_path, arrays, monkeypatch, case):
    """A table of one column packs millions of them into a few bytes, and each takes its time."""
    suffix, said = case
    for module in ("own_file", "columns"):
        monkeypatch.setattr(f"chipsim.data.{module}.OWN_SAMPLES", 20)
    path, how = tmp_path / "a.npz", {"scale": (0, 250), **PARTS}
    if suffix == ".npz":
        np.savez(path, x=arrays[0], y=arrays[1])
    else:
        path, how["label"] = table(arrays, tmp_path, suffix), "class"
    assert said in refusal(path, **how)


@pytest.mark.parametrize(
    ("text", "how", "said"),
    [
        ("a,b\n1,2\n", {}, "state which column holds the labels with label; it has a, b"),
        (
            "a,klass\n1,2\n",
            {"label": "class"},
            "has no column 'class' of labels; it has a, klass; did you mean",
        ),
        ("a,b\n1,x\n2,y\n", {"label": "a"}, "column 'b' holds string, not numbers"),
        ("a,b\n1,0\n,1\n", {"label": "b"}, "column 'a': 1 of 2 values are missing, the first of sample 1"),
        ("1,2\n3,4\n", {"label": "1"}, "its first line has to name the columns"),
        ("a,a\n3,4\n", {"label": "a"}, "has the column 'a' twice"),
        ("a,b\n3,4,5\n", {"label": "a"}, "is no .csv file that can be read"),
        ("a\n3\n", {"label": "a"}, "has no column besides 'a'"),
        ("", {"label": "a"}, "is no .csv file that can be read"),
    ],
)
def test_tables_that_are_refused(tmp_path, text, how, said):
    """With the file, and what was expected."""
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    told = refusal(path, **how)
    assert told.startswith(str(path))
    assert said in told


def test_columns_of_text_in_parquet_are_not_unpacked(tmp_path):
    """Their size cannot be told before."""
    parquet.write_table(pa.table({"a": ["x" * 1000], "y": [0]}), tmp_path / "a.parquet")
    assert "column 'a' holds string, not numbers; drop it" in refusal(tmp_path / "a.parquet", label="y")


@pytest.mark.parametrize("name", ["a.npz", "a.parquet"])
def test_damaged_files(tmp_path, name):
    """A message, whatever the library says."""
    (tmp_path / name).write_bytes(b"PK\x03\x04 no such thing")
    assert "file" in refusal(tmp_path / name, label=None if name == "a.npz" else "y")
    assert "cannot be read: No such file" in refusal(tmp_path / f"b{name}")


@pytest.mark.parametrize(
    ("dataset", "said"),
    [
        ("{}", "phases[name=train].dataset: missing key 'name' of a dataset, or 'file' of one's own"),
        ("{name: mnist, scale: [0, 1]}", "dataset.scale: nothing reads it"),
        ("{name: mine, file: a.npz}", "dataset.name: a file is called by its own name"),
        (
            "{file: a.npz, scale: [1, 0]}",
            "dataset.scale: must be what stands for 0 and what for 1, the lower first",
        ),
        ("{file: a.npz, test_share: 2}", "test_share"),
        ("{file: a.npz}", "work.yaml:6: phases[name=train].dataset.file: "),
        ("{file: a.txt}", "must be a file that ends in .npz, .csv, .parquet"),
    ],
)
def test_what_a_workload_says_of_files(tmp_path, dataset, said):
    """Told with line and path, as everything else."""
    with pytest.raises(DescriptionError) as caught:
        check_data(load_workload(workload(tmp_path, dataset)))
    assert said in str(caught.value)
