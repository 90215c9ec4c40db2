"""Files that are damaged, or made to do harm: told by file and node, before anything is written, and in little memory."""

import os
import re
import time
import tracemalloc

import numpy as np
import pytest

from chipsim.errors import ChipsimError, DescriptionError
from chipsim.importing import import_onnx
from chipsim.importing.onnx_file import read_onnx
from tests.importing.onnx_made import Net, onnx, refusal

F = np.float32
FLOAT = 1


def small():
    return Net(5).dense(4, 5).node("Relu").dense(2, 4)


def changed(folder, change):
    """A file of which something was changed behind the back of the format's own library."""
    model = small().model()
    change(model)
    path = folder / "net.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def external(tensor, **said):
    """Values of a tensor in another file."""
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in said.items():
        entry = tensor.external_data.add()
        entry.key, entry.value = key, str(value)


def first(model):
    """The first tensor, 4 x 5."""
    return model.graph.initializer[0]


def complaint(path):
    """What is said against a file; empty where it is imported."""
    try:
        import_onnx(path, path.parent / "out.yaml", overwrite=True)
    except ChipsimError as error:
        return str(error).replace("\n", " ")
    return ""


def test_every_truncation(tmp_path):
    """Cut off anywhere, a file is refused, or is a shorter one that hangs together; never anything else."""
    whole = small().model().SerializeToString()
    path = tmp_path / "net.onnx"
    for length in range(0, len(whole), 3):
        path.write_bytes(whole[:length])
        told = complaint(path)
        assert told == "" or told.startswith(f"{path}: ")
        assert bool(told) != (tmp_path / "out.yaml").exists()
        (tmp_path / "out.yaml").unlink(missing_ok=True)


def test_every_changed_byte(tmp_path):
    """One byte changed anywhere is told by a class of ours, or changes nothing that is wrong."""
    whole = small().model().SerializeToString()
    path = tmp_path / "net.onnx"
    draws = np.random.default_rng(3)
    for place in range(0, len(whole), 2):
        content = bytearray(whole)
        content[place] = draws.integers(256)
        path.write_bytes(content)
        assert complaint(path).isprintable()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no ONNX file of a network: it has no graph with nodes"),
        (b"\x08\x07", "is no ONNX file of a network: it has no graph with nodes"),
        (b"\xff" * 40, "is no ONNX file, or is damaged: "),
        (b"PK\x03\x04 not a model", "is no ONNX file, or is damaged: "),
    ],
)
def test_other_files(tmp_path, content, said):
    """What is no model at all."""
    path = tmp_path / "net.onnx"
    path.write_bytes(content)
    assert refusal(path).startswith(f"net.onnx: {said}")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m.opset_import[0].__setattr__("version", 999), "has operators of version 999 (opset), and those of 1 to "),
        (lambda m: m.opset_import[0].__setattr__("version", -1), "has operators of version -1 (opset), and those of 1 to "),
        (lambda m: m.ClearField("opset_import"), "must say one version of the standard's operators (opset_import)"),
        (lambda m: m.graph.node[1].__setattr__("domain", "com.example"), "node 2, com.example.Relu 'n2': is of an operator that cannot be mapped: "),
        (lambda m: first(m).dims.__setitem__(0, 5), "node 1, Gemm 'n1': 'w0' has the shape [5, 5], 100 bytes, and 80 bytes are there"),
        (lambda m: first(m).dims.__setitem__(0, 10**12), "node 1, Gemm 'n1': 'w0' has 5,000,000,000,000 values, and may have 190,000,000"),
        (lambda m: first(m).dims.__setitem__(0, -4), "node 1, Gemm 'n1': 'w0' has a negative size in its shape, [-4, 5]"),
        (lambda m: first(m).__setattr__("data_type", 8), "node 1, Gemm 'n1': 'w0' has values of type text; those of float32, float64 and float16 are read"),
        (lambda m: first(m).__setattr__("data_type", 77), "node 1, Gemm 'n1': 'w0' has values of type number 77; those of"),
        (lambda m: first(m).segment.__setattr__("begin", 1), "node 1, Gemm 'n1': 'w0' is a piece of a tensor, and tensors in pieces are not read"),
        (lambda m: first(m).ClearField("raw_data"), "node 1, Gemm 'n1': 'w0' has the shape [4, 5], 20 values, and 0 values are there"),
        (lambda m: first(m).__setattr__("raw_data", np.full(20, np.nan, F).tobytes()), "node 1, Gemm 'n1': 'w0' has values that are no finite numbers"),
        (lambda m: first(m).__setattr__("raw_data", np.full(20, -np.inf, F).tobytes()), "node 1, Gemm 'n1': 'w0' has values that are no finite numbers"),
        (lambda m: m.graph.node[1].input.__setitem__(0, "y3"), "node 2, Relu 'n2': takes 'y3' of node 3, Gemm 'n3', which does not stand before it: nodes have to stand in order, and not in a circle"),
        (lambda m: m.graph.node[1].input.__setitem__(0, "y2"), "node 2, Relu 'n2': takes 'y2' of node 2, Relu 'n2', which does not stand before it: "),
        (lambda m: m.graph.node[1].input.__setitem__(0, "gone"), "node 2, Relu 'n2': takes 'gone', which nothing gives"),
        (lambda m: m.graph.node[1].output.__setitem__(0, "y1"), "node 2, Relu 'n2': gives 'y1', which is there already"),
        (lambda m: m.graph.node[1].output.__setitem__(0, "x"), "node 2, Relu 'n2': gives 'x', which is there already"),
        (lambda m: m.graph.output[0].__setattr__("name", "gone"), "its output 'gone' is given by no node"),
        (lambda m: m.graph.ClearField("output"), "has 0 outputs; a workload's network has one, its classes"),
        (lambda m: m.graph.input[0].type.tensor_type.__setattr__("elem_type", 7), "its input 'x' must be floating-point numbers"),
        (lambda m: m.graph.input[0].ClearField("type"), "its input 'x' must be floating-point numbers"),
        (lambda m: m.graph.ClearField("input"), "node 1, Gemm 'n1': takes 'x', which nothing gives"),
        (lambda m: m.graph.node[0].ClearField("input"), "its output hangs on no input: every value of it is a constant"),
        (lambda m: m.graph.node[2].input.pop(1), "node 3, Gemm 'n3': has weights of 1 dimensions, not 2"),
        (lambda m: m.graph.node[1].ClearField("output"), "node 3, Gemm 'n3': takes 'y2', which nothing gives"),
        (lambda m: m.graph.node[0].input.__delitem__(slice(1, 3)), "node 1, Gemm 'n1': lacks an input that it needs"),
    ],
)  # fmt: skip
def test_what_was_changed(tmp_path, change, said):
    """Told with the node, and no name commands the terminal."""
    told = refusal(changed(tmp_path, change))
    assert told.startswith(f"net.onnx: {said}")


def test_names_that_command_the_terminal(tmp_path):
    """Control characters, and letters that turn the order of others, are spelt out; long names are cut."""

    def change(model):
        model.graph.node[0].name = "\x1b[31mred\u202e" + "a" * 1000
        first(model).dims[0] = 5

    told = refusal(changed(tmp_path, change))
    assert told.isprintable()
    assert told.startswith("net.onnx: node 1, Gemm '\\x1b[31mred\\u202eaaaa")
    assert len(told) < 300


def test_lists_without_end(tmp_path):
    """Of outputs, inputs and sizes the first eight are told, and how many more there are."""
    net = small()
    net.outputs = [f"o{place}" for place in range(5000)]
    told = refusal(net.save(tmp_path)).splitlines()[0]
    names = ", ".join(f"'o{place}'" for place in range(8))
    assert told == (
        f"net.onnx: has 5000 outputs: {names} and 4,992 more; a workload's network has one, its classes"
    )
    net = Net(1, 9, 9).conv(2, 1, dilations=[2] * 20).node("Flatten").dense(2, 1)
    twice = " x ".join("2" * 8)
    assert refusal(net.save(tmp_path)) == (
        f"net.onnx: node 1, Conv 'n1': is dilated by {twice} and 12 more, and windows have no gaps"
    )


def test_many_inputs(tmp_path):
    """Those that the output hangs on are told, eight of them."""

    def change(model):
        for place in range(100):
            given = model.graph.input.add()
            given.CopyFrom(model.graph.input[0])
            given.name = f"i{place}"
            model.graph.node[0].input.append(given.name)

    told = refusal(changed(tmp_path, change))
    assert told.startswith("net.onnx: has 101 inputs: 'x', 'i0', ")
    assert told.endswith("'i6' and 93 more; a workload's network has one")


def test_names_that_are_no_text(tmp_path):
    """Bytes that are no UTF-8 stand where names do."""
    path = tmp_path / "net.onnx"
    net = small()
    net.nodes[0].name = "ABCDEFGH"
    path.write_bytes(
        net.model().SerializeToString().replace(b"ABCDEFGH", b"\xff\xfe\xff\xfe\xff\xfe\xff\xfe")
    )
    assert refusal(path) == "net.onnx: is damaged: it holds names that are no text"


def test_a_constant_without_end(tmp_path):
    """Of a value that is repeated so often nothing is made, whoever asks for it."""
    for shape, said in (
        ([10**6, 10**6], "it would have 1,000,000,000,000 values"),
        ([-1, 5], "its shape must be a few sizes, none of them negative, not [-1, 5]"),
        ([2**62] * 3, "it would have 98,079"),
    ):
        net = Net(5)
        net.nodes.append(onnx.helper.make_node("ConstantOfShape", [net.constant(shape)], ["large"], name="c"))
        net.node("MatMul", "large")
        tracemalloc.start()
        told = refusal(net.save(tmp_path))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert told.startswith(
            f"net.onnx: node 2, MatMul 'n2': 'large' cannot be made by node 1, ConstantOfShape 'c': {said}"
        )
        assert most < 10_000_000


def test_one_tensor_for_many_layers(tmp_path):
    """A small file whose layers have more weights together than can be written."""
    net = Net(10_000)
    net.nodes.append(onnx.helper.make_node("ConstantOfShape", [net.constant([10_000, 10_000])], ["large"]))
    net.node("MatMul", "large").node("MatMul", "large")
    assert refusal(net.save(tmp_path)) == (
        "net.onnx: node 3, MatMul 'n3': with it the network has 200,000,000 weights, and may have 190,000,000"
    )


def test_many_factors_before_a_large_matrix(tmp_path):
    """All become one factor and one offset first; the matrix, which lies in no file, is gone through once."""
    net = Net(10_000)
    factor, offset = net.constant(F(1.5)), net.constant(F(0.25))
    for op in ("Mul", "Add", "Div", "Sub") * 750:
        net.node(op, factor if op in ("Mul", "Div") else offset)
    net.nodes.append(onnx.helper.make_node("ConstantOfShape", [net.constant([10_000, 1_000])], ["large"]))
    net.node("MatMul", "large")
    began = time.process_time()
    chain = read_onnx(net.save(tmp_path)).chain
    assert time.process_time() - began < 10
    assert len(chain.layers[0].folded) == 3000


def test_one_tensor_for_many_factors(tmp_path):
    """A small file whose nodes have more factors together than weights can be written."""
    net = Net(1_000_000)
    factor = net.constant(F(1.5))
    for _ in range(500):
        net.node("Mul", factor)
    told = refusal(net.dense(2, 1).save(tmp_path))
    assert told.startswith(
        "net.onnx: node 191, Mul 'n191': with it the network has 191,000,000 weights, and may have 190,000,000"
    )


def test_constants_made_of_one_another(tmp_path):
    """However long their row, Python's own stack is not what ends it."""
    net = Net(5)
    name = net.constant(net.drawn(5, 2))
    for place in range(2000):
        net.nodes.append(onnx.helper.make_node("Identity", [name], [f"c{place}"]))
        name = f"c{place}"
    net.node("MatMul", name)
    assert "is made by more than 50 nodes behind one another" in refusal(net.save(tmp_path))


def test_many_nodes_take_no_time(tmp_path):
    """A chain of thirty thousand is looked through in seconds."""
    net = Net(5).dense(4, 5)
    for _ in range(30_000):
        net.node("Identity")
    began = time.process_time()
    assert refusal(net.node("Elu").save(tmp_path)).startswith("net.onnx: node 30002, Elu 'n30002': ")
    assert time.process_time() - began < 20


def test_too_many_nodes(tmp_path, monkeypatch):
    """More than the limit are not looked at."""
    monkeypatch.setattr("chipsim.importing.graph.ONNX_NODES", 2)
    assert refusal(small().save(tmp_path)) == "net.onnx: has 3 nodes, and at most 2 are read"


def test_a_large_file(tmp_path):
    """A file beyond the limit is not read; that it has so many bytes is enough."""
    path = tmp_path / "net.onnx"
    with path.open("wb") as file:
        file.truncate(2**30 + 1)
    assert refusal(path) == (
        "net.onnx: cannot be read: has 1,073,741,825 bytes, and at most 1,073,741,824 are read"
    )


@pytest.mark.parametrize(
    ("path", "said"), [("gone.onnx", "No such file or directory"), ("/dev/zero", "is a device, not a file")]
)
def test_no_file(path, said):
    """Neither is read, nor waited for."""
    with pytest.raises(DescriptionError) as caught:
        import_onnx(path, "out.yaml")
    assert str(caught.value) == f"{path}: cannot be read: {said}"


# --- files beside ------------------------------------------------------------------------------------

OUTSIDE = "it lies outside of the model's folder"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("/etc/passwd", OUTSIDE),
        ("../secret.bin", OUTSIDE),
        ("inner/../../secret.bin", OUTSIDE),
        ("..\\secret.bin", OUTSIDE),
        ("a\0b", OUTSIDE),
        ("link.bin", "it is reached by a symbolic link"),
        ("linked/w.bin", "it is reached by a symbolic link"),
        ("inner", "it is no plain file"),
        ("pipe", "it is no plain file"),
        ("gone.bin", "No such file or directory"),
        ("inner/gone/w.bin", "No such file or directory"),
        ("w.bin/x", "Not a directory"),
    ],
)
def test_files_beside_that_are_refused(tmp_path, name, said):
    """Outside of the folder, behind a link, or none: nothing is read of them."""
    folder = tmp_path / "models"
    (folder / "inner").mkdir(parents=True)
    (tmp_path / "secret.bin").write_bytes(bytes(80))
    (folder / "w.bin").write_bytes(bytes(80))
    (folder / "link.bin").symlink_to(folder / "w.bin")
    (folder / "linked").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    told = refusal(changed(folder, lambda model: external(first(model), location=name)))
    shown = re.escape(repr(name)[1:-1].replace("\\\\", "\\"))
    assert re.fullmatch(
        rf"net\.onnx: node 1, Gemm 'n1': 'w0' its data in '{shown}' cannot be read: {re.escape(said)}", told
    )


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({}, "its data ends at byte 80 of 'w.bin', which has 60"),
        ({"offset": 10**15}, "its data ends at byte 1,000,000,000,000,080 of 'w.bin', which has 60"),
        ({"length": 60}, "has the shape [4, 5], 80 bytes, and 60 bytes are there"),
        ({"offset": -20}, "the offset of its data must be a whole number, not '-20'"),
        ({"length": "8_0"}, "the length of its data must be a whole number, not '8_0'"),
        ({"length": "9" * 5000}, "the length of its data must be a whole number, not '" + "9" * 80 + "...'"),
    ],
)
def test_files_beside_of_a_wrong_length(tmp_path, said, message):
    """As many bytes as the shape has, and where they are said to be."""
    (tmp_path / "w.bin").write_bytes(bytes(60))
    told = refusal(changed(tmp_path, lambda model: external(first(model), location="w.bin", **said)))
    assert told == f"net.onnx: node 1, Gemm 'n1': 'w0' {message}"


def test_a_file_beside_without_a_name(tmp_path):
    """Where values are has to be said."""
    told = refusal(changed(tmp_path, lambda model: external(first(model), offset=0)))
    assert told == "net.onnx: node 1, Gemm 'n1': 'w0' has its data in another file and does not say in which"


def test_files_beside_are_limited_together(tmp_path):
    """What they have is counted before it is read."""
    with (tmp_path / "w.bin").open("wb") as file:
        file.truncate(2**30 + 1)
    told = refusal(changed(tmp_path, lambda model: external(first(model), location="w.bin")))
    assert told.endswith(
        "cannot be read: it has 1,073,741,825 bytes, and files beside a model at most 1,073,741,824 together"
    )


def test_nothing_is_left_behind(tmp_path):
    """A file that is refused leaves the folder as it was."""
    path = changed(tmp_path, lambda model: first(model).dims.__setitem__(0, 5))
    with pytest.raises(DescriptionError):
        import_onnx(path, tmp_path / "out.yaml")
    assert [one.name for one in tmp_path.iterdir()] == ["net.onnx"]
