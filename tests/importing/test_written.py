"""What an import writes: a workload that says of each value where it is from, its weights beside it, both or neither."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import numpy as np
import pytest

import chipsim
from chipsim.errors import ChipsimError, DescriptionError, OutputError
from chipsim.importing import constants, import_onnx, mapping
from chipsim.run import check_data
from chipsim.spec import load_workload
from tests.importing.onnx_made import Net, computed, evaluated, images, onnx

F = np.float32


def digits(classes=10):
    """A small network for digits."""
    net = Net(1, 28, 28).conv(2, 1, 5, strides=[3, 3], name="first").node("Relu")
    net.node("MaxPool", kernel_shape=[2, 2], strides=[2, 2]).node("Flatten")
    return net.dense(6, 2 * 16).node("Relu").dense(classes, 6).node("Softmax")


def test_the_workload(tmp_path):
    """Each value with where it is from: the file by name and digest, or an assumption."""
    path = digits().save(tmp_path, "digits.onnx")
    made = import_onnx(path, tmp_path / "mine.yaml")
    work = load_workload(made.workload)
    check_data(work)
    network = work.spec.network
    assert (
        network.words
        == "28 x 28 x 1, convolution of 2 kernels of 5 x 5, max-pool of 2 x 2, 6 units, 10 units"
    )
    assert (network.activation, network.loss, network.weights) == ("relu", "cross-entropy", "mine.npz")
    assert work.spec.phases[0].dataset.name == made.dataset == "mnist-5k"
    assert [stage.frozen for stage in network.stages] == [True, True, False]
    assert [value.path for value in work.values if value.kind not in ("source", "assumed")] == []
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    sources = {value.text for value in work.values if value.kind == "source"}
    assert sources == {f"digits.onnx (SHA-256 {digest})"}
    assert {value.path for value in work.values if value.kind == "source"} >= {
        "network.layers.1.kernels", "network.layers.2.size", "network.activation", "network.weights", "network.bias",
    }  # fmt: skip
    text = made.workload.read_text(encoding="utf-8")
    assert "# node 1, Conv 'first'\n" in text
    assert (made.layers, made.count) == (3, 2 * 25 + 2 + 32 * 6 + 6 + 60 + 10)
    assert made.left_out == ("node 8, Softmax 'n8'",)


def test_the_weights(tmp_path):
    """In single precision, in chipsim's order, by the names of layers."""
    net = digits()
    made = import_onnx(net.save(tmp_path), tmp_path / "mine.yaml")
    with np.load(made.weights) as weights:
        arrays = dict(weights)
    given = [onnx.numpy_helper.to_array(one) for one in net.tensors]
    assert [*arrays] == ["conv1", "conv1.bias", "dense1", "dense1.bias", "dense2", "dense2.bias"]
    np.testing.assert_array_equal(arrays["conv1"], given[0].transpose(2, 3, 1, 0))
    # Two channels of 4 x 4 pixels: the second value of the first pixel is the 17th of the file.
    np.testing.assert_array_equal(arrays["dense1"][1], given[2][:, 16])
    np.testing.assert_array_equal(arrays["dense2"], given[4].T)
    assert {array.dtype for array in arrays.values()} == {np.dtype(F)}


def test_it_runs_as_a_workload(tmp_path):
    """From Python: imported, and the last layer trained on it."""
    made = chipsim.import_onnx(digits().save(tmp_path), tmp_path / "mine.yaml")
    sets = ["phases.0.dataset.train=64", "phases.0.dataset.test=64"]
    result = chipsim.simulate("digital-fp32", made.workload, sets=sets, epochs=1)
    assert result.summary["steps"] == 1


def test_the_same_file_makes_the_same_files(tmp_path):
    """Whenever and wherever it is imported."""
    path = digits().save(tmp_path)
    contents = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        made = import_onnx(path, tmp_path / name / "mine.yaml")
        contents.append((made.workload.read_bytes(), made.weights.read_bytes()))
    assert contents[0] == contents[1]


def test_all_layers_learn(tmp_path):
    """With frozen="none" each begins with the file's weights and goes on."""
    made = import_onnx(digits().save(tmp_path), tmp_path / "mine.yaml", frozen="none")
    stages = load_workload(made.workload).spec.network.stages
    assert [(stage.frozen, stage.layer.name) for stage in stages] == [
        (False, "conv1"), (False, "dense1"), (False, "dense2"),
    ]  # fmt: skip


def test_a_new_last_layer(tmp_path):
    """Of as many units as there are classes; the file's last weights are not written."""
    made = import_onnx(digits(1000).save(tmp_path), tmp_path / "mine.yaml", classes=10, dataset="mnist")
    network = load_workload(made.workload).spec.network
    assert (network.classes, network.stages[-1].layer.name) == (10, None)
    with np.load(made.weights) as weights:
        assert [*weights] == ["conv1", "conv1.bias", "dense1", "dense1.bias"]


def test_a_dataset_of_ones_own(tmp_path):
    """Counted from the workload's folder; without one that fits the name of one to come is written."""
    (tmp_path / "deep").mkdir()
    path = digits(7).save(tmp_path)
    made = import_onnx(path, tmp_path / "deep" / "mine.yaml", dataset=str(tmp_path / "my.npz"))
    assert load_workload(made.workload).spec.phases[0].dataset.file == "../my.npz"
    made = import_onnx(path, tmp_path / "other.yaml")
    assert load_workload(made.workload).spec.phases[0].dataset.file == made.dataset == "other-data.npz"


def test_sizes_that_are_given(tmp_path):
    """Where the file leaves them open, in its order."""
    net = Net(2, "H", "W").conv(3, 2).node("Relu").node("GlobalAveragePool").node("Flatten").dense(2, 3)
    given = images((2, 6, 5))
    found = computed(net.save(tmp_path), tmp_path, given.transpose(0, 2, 3, 1), input_shape=(2, 6, 5))
    np.testing.assert_allclose(found, evaluated(net.model(), given), rtol=1e-5, atol=1e-5)


def test_weights_in_files_beside(tmp_path):
    """Read as they lie, the digest of each file said."""
    net = digits()
    path = tmp_path / "net.onnx"
    onnx.save_model(
        net.model(), path, save_as_external_data=True, location="net.data", size_threshold=0,
        convert_attribute=False,
    )  # fmt: skip
    inside = digits().save(tmp_path, "inside.onnx")
    one = import_onnx(path, tmp_path / "one.yaml")
    other = import_onnx(inside, tmp_path / "other.yaml")
    assert one.weights.read_bytes() == other.weights.read_bytes()
    digest = hashlib.sha256((tmp_path / "net.data").read_bytes()).hexdigest()
    assert f"and net.data (SHA-256 {digest})" in one.workload.read_text(encoding="utf-8")


def test_no_weights(tmp_path):
    """Layers alone have neither names nor a file, and what is larger than may be written can be timed."""
    made = import_onnx(digits().save(tmp_path), tmp_path / "mine.yaml", with_weights=False, frozen="none")
    network = load_workload(made.workload).spec.network
    assert made.weights is network.weights is None
    assert not (tmp_path / "mine.npz").exists()


def test_names_become_those_of_descriptions(tmp_path, monkeypatch):
    """Of the file's name what no description may be called is left out."""
    monkeypatch.chdir(tmp_path)
    made = import_onnx(digits().save(tmp_path, "mein nètz (2).onnx"))
    assert [one.name for one in (made.workload, made.weights)] == ["mein-n-tz-2.yaml", "mein-n-tz-2.npz"]
    assert load_workload("mein-n-tz-2").spec.name == "mein-n-tz-2"


def test_names_that_would_end_a_line(tmp_path):
    """A name of a node cannot put a key of its own into the workload."""
    net = digits()
    net.nodes[0].name = 'a"\nbatch: 7 #\x85batch: 8'
    made = import_onnx(net.save(tmp_path), tmp_path / "mine.yaml")
    assert load_workload(made.workload).spec.batch == 64
    assert "# node 1, Conv 'a\"\\nbatch: 7 #\\x85batch: 8'\n" in made.workload.read_text(encoding="utf-8")


def test_many_nodes_folded_into_one(tmp_path):
    """Eight are named in the comment, and how many more there are."""
    net = Net(784).dense(10, 784)
    for _ in range(300):
        net.node("Add", F(0.5))
    made = import_onnx(net.save(tmp_path), tmp_path / "mine.yaml")
    text = made.workload.read_text(encoding="utf-8")
    assert "# node 1, Gemm 'n1'; with node 2, Add 'n2'; with node 3, Add 'n3'; with" in text
    assert "node 9, Add 'n9' and 292 more\n" in text
    assert max(map(len, text.splitlines())) < 500


def test_the_page_names_every_operator():
    """docs/importing.md has each that is mapped, and each that makes constants."""
    page = (Path(__file__).parents[2] / "docs" / "importing.md").read_text(encoding="utf-8")
    assert [op for op in (*mapping._KNOWN, *constants._MAKERS, "Shape") if f"`{op}`" not in page] == []


# --- refused -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"frozen": "al-but-last"}, "frozen must be all-but-last or none, not 'al-but-last'; did you mean 'all-but-last'?"),
        ({"classes": 0}, "classes must be at least 1, not 0"),
        ({"dataset": "mnst"}, "dataset: unknown dataset 'mnst'; known: "),
        ({"classes": 4, "dataset": "mnist"}, "dataset: mnist has 10 classes, and the network 4; --classes 10 begins a new last layer"),
        ({"dataset": "flowers17-vgg"}, "dataset: flowers17-vgg has images of 4608, and the network takes 28 x 28 x 1\ndataset: flowers17-vgg has 17 classes, and the network 10; --classes 17 begins a new last layer"),
    ],
)  # fmt: skip
def test_wrong_arguments(tmp_path, how, said):
    """Told before anything is written."""
    path = digits().save(tmp_path)
    with pytest.raises(DescriptionError) as caught:
        import_onnx(path, tmp_path / "mine.yaml", **how)
    assert str(caught.value).startswith(said)
    assert [one.name for one in tmp_path.iterdir()] == ["net.onnx"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("mine.txt", "mine.txt: a workload's file ends in .yaml, and its weights stand beside it in .npz"),
        ("mnist-5k.yaml", "mnist-5k.yaml: 'mnist-5k' is the name of a workload that ships; choose another"),
    ],
)
def test_wrong_outputs(tmp_path, name, said):
    """Neither another kind of file nor a name that ships."""
    path = digits().save(tmp_path)
    with pytest.raises(DescriptionError) as caught:
        import_onnx(path, tmp_path / name)
    assert str(caught.value) == f"{tmp_path}/{said}"


@pytest.mark.parametrize("there", ["mine.yaml", "mine.npz"])
def test_nothing_is_replaced_unasked(tmp_path, there):
    """Neither of both, and the other one is not written either; --overwrite replaces both."""
    path = digits().save(tmp_path)
    (tmp_path / there).write_text("precious", encoding="utf-8")
    with pytest.raises(OutputError) as caught:
        import_onnx(path, tmp_path / "mine.yaml")
    assert str(caught.value) == (
        f"{tmp_path / there}: is there already; choose another file (-o), or ask to overwrite it (--overwrite)"
    )
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted([there, "net.onnx"])
    assert (tmp_path / there).read_text(encoding="utf-8") == "precious"
    import_onnx(path, tmp_path / "mine.yaml", overwrite=True)
    assert load_workload(tmp_path / "mine.yaml").spec.name == "mine"


def test_what_is_read_is_not_replaced(tmp_path):
    """Weights of the model that lie where those of the workload would go stay, whatever is asked."""
    path = tmp_path / "net.onnx"
    onnx.save_model(
        digits().model(), path, save_as_external_data=True, location="net.npz", size_threshold=0,
        convert_attribute=False,
    )  # fmt: skip
    before = (tmp_path / "net.npz").read_bytes()
    with pytest.raises(OutputError) as caught:
        import_onnx(path, tmp_path / "net.yaml", overwrite=True)
    assert str(caught.value) == (
        f"{tmp_path}/net.npz: is what is read, and is not replaced; choose another file (-o)"
    )
    assert (tmp_path / "net.npz").read_bytes() == before


@pytest.mark.parametrize("is_there", [True, False])
@pytest.mark.parametrize("asked", ["flowers.npz", "sub/../flowers.npz", "link.npz"])
def test_the_dataset_is_not_replaced(tmp_path, monkeypatch, asked, is_there):
    """Weights that would go where the dataset is, or is to come, are not written, whatever may be overwritten."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    (tmp_path / "link.npz").symlink_to("flowers.npz")
    path = digits().save(tmp_path)
    if is_there:
        (tmp_path / "flowers.npz").write_text("precious", encoding="utf-8")
    before = sorted(one.name for one in tmp_path.iterdir())
    with pytest.raises(OutputError) as caught:
        import_onnx(path, "flowers.yaml", dataset=asked, overwrite=True)
    assert str(caught.value) == (
        "flowers.npz: is the file of the dataset, and this import would write there; choose another file (-o): "
        "weights go beside the workload, under its name and .npz"
    )
    assert sorted(one.name for one in tmp_path.iterdir()) == before
    if is_there:
        assert (tmp_path / "flowers.npz").read_text(encoding="utf-8") == "precious"
    made = import_onnx(path, "flowers.yaml", dataset=asked, with_weights=False)
    assert load_workload(made.workload).spec.phases[0].dataset.file == asked.removeprefix("sub/../")


def test_a_folder_in_the_way(tmp_path):
    """A folder is never replaced."""
    (tmp_path / "mine.npz").mkdir()
    with pytest.raises(OutputError, match=r"mine\.npz: a folder is in the way; choose another file \(-o\)"):
        import_onnx(digits().save(tmp_path), tmp_path / "mine.yaml", overwrite=True)


def test_a_full_disk(tmp_path, monkeypatch):
    """What cannot be written leaves nothing behind, and what was there stays."""
    path = digits().save(tmp_path)
    import_onnx(path, tmp_path / "mine.yaml")
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir()}

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np.lib.format, "write_array", full)
    with pytest.raises(OutputError) as caught:
        import_onnx(path, tmp_path / "mine.yaml", overwrite=True)
    assert str(caught.value) == f"{tmp_path}/mine.yaml: cannot write here (No space left on device)"
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == before


def test_a_place_that_is_no_folder(tmp_path):
    """A file stands where a folder would have to be."""
    path = digits().save(tmp_path)
    with pytest.raises(OutputError, match="cannot write here"):
        import_onnx(path, path / "mine.yaml")


def test_without_the_library(tmp_path, monkeypatch):
    """What to install is said, whatever else is wrong."""
    path = digits().save(tmp_path)
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ChipsimError) as caught:
        import_onnx(path, tmp_path / "mine.yaml")
    assert str(caught.value) == (
        "ONNX files are read by onnx, which is not installed; pip install 'chipsim[onnx]'"
    )


def test_windows_that_are_too_many(tmp_path):
    """What a workload refuses is told of the node that it comes from."""
    net = (
        Net(64, 250, 250)
        .conv(1, 64, 7, bias=False)
        .node("Relu")
        .node("GlobalMaxPool")
        .node("Flatten")
        .dense(2, 1)
    )
    with pytest.raises(DescriptionError) as caught:
        import_onnx(net.save(tmp_path), tmp_path / "mine.yaml")
    # 244 x 244 places of 7 x 7 x 64 values and a bias
    assert str(caught.value) == (
        f"{tmp_path}/net.onnx: node 1, Conv 'n1': its windows have 186,764,432 values a sample, and may have 50,000,000 "
        "together"
    )
    assert [one.name for one in tmp_path.iterdir()] == ["net.onnx"]
