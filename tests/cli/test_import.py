"""``chipsim import``: what it says and writes, and how it is refused."""

import sys

import numpy as np
import pytest

from tests.importing.onnx_made import Net


@pytest.fixture(name="digits")
def _digits(folder):
    """A network for digits, as digits.onnx in the folder of one's own."""
    net = (
        Net(1, 28, 28)
        .conv(2, 1, 5, strides=[3, 3])
        .node("Relu")
        .node("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
    )
    net.node("Flatten").dense(6, 32).node("Relu").node("Dropout").dense(10, 6).node("Softmax")
    return net.save(folder, "digits.onnx")


def names(folder):
    return sorted(one.name for one in folder.iterdir())


def test_what_it_says(digits, call):
    """What was written, what was left out, what it trains on, and what to do next; and it is so."""
    told = call("import digits.onnx")
    assert (told.exit_code, told.output.splitlines()) == (
        0,
        [
            "digits.yaml: 3 layers; 320 weights in digits.npz",
            "left out: node 7, Dropout 'n7', node 9, Softmax 'n9'",
            "trains on mnist-5k; learning rates, batch and epochs are assumed: change them",
            "then 'chipsim check CHIP digits.yaml'",
        ],
    )
    for chip in ("digital-fp32", "hybrid-synapse", "metaplastic-qnn", "analog-pair-transfer"):
        checked = call(f"check {chip} digits.yaml")
        assert checked.exit_code == 0, checked.output
        assert "can train workload 'digits'" in checked.output
        assert "without a source" not in checked.output


def test_the_options(digits, call, folder):
    """Another file, all layers learning, a new last layer, and a dataset."""
    told = call(
        "import digits.onnx -o sub/mine.yml --frozen none --classes 4 --dataset four.npz --input 1x28x28"
    )
    assert told.exit_code == 0, told.output
    text = (folder / "sub" / "mine.yml").read_text(encoding="utf-8")
    assert 'file: "../four.npz"' in text
    assert "{value: 4, assumed: " in text
    assert "frozen" not in text
    assert "sub/mine.npz" in told.output
    images, labels = np.zeros((8, 28, 28), np.uint8), np.arange(8) % 4
    images[:, 0, 0] = 255
    np.savez("four.npz", train_images=images, train_labels=labels, test_images=images, test_labels=labels)
    checked = call("check sub/mine.yml")
    assert "less than one batch of 64" in checked.output


def test_no_weights(digits, call, folder):
    """Frozen layers alone can be timed, and nothing else is said of them."""
    told = call("import digits.onnx --no-weights")
    assert [line for line in told.output.splitlines() if not line.startswith(("left", "then"))] == [
        "digits.yaml: 3 layers; 320 weights, which are not written: it can be timed (--timing-only)",
        "is timed on mnist-5k; learning rates, batch and epochs are assumed: change them",
    ]
    assert names(folder) == ["digits.onnx", "digits.yaml", "tiny.yaml"]
    run = "run digital-fp32 digits.yaml --epochs 1 --set phases.0.dataset.train=64 --set phases.0.dataset.test=9"
    assert call(f"{run} -o trained").exit_code == 2
    timed = call(f"{run} --timing-only -o timed")
    assert timed.exit_code == 0, timed.output


@pytest.mark.parametrize(
    ("options", "count"),
    [("--no-weights --frozen none", 320), ("--no-weights --frozen none --classes 4 --dataset d.npz", 278)],
)
def test_no_weights_and_nothing_frozen(digits, call, options, count):
    """All layers can learn from what is drawn at random; a last layer that is thrown away is not counted."""
    told = call(f"import digits.onnx {options}")
    assert told.output.splitlines()[0] == (
        f"digits.yaml: 3 layers; {count} weights, drawn at random when it is trained: none are written"
    )
    assert "\ntrains on " in told.output


def test_a_single_layer_that_begins_anew(call, folder):
    """Nothing of the file's weights remains, and nothing is frozen: it trains."""
    Net(784).dense(10, 784).save(folder, "one.onnx")
    told = call("import one.onnx --classes 4 --dataset four.npz")
    assert told.output.splitlines()[:2] == [
        "one.yaml: 1 layer; 3,140 weights, drawn at random when it is trained: none are written",
        "trains on four.npz; learning rates, batch and epochs are assumed: change them",
    ]
    assert not (folder / "one.npz").exists()
    images, labels = np.arange(8 * 784).reshape(8, 28, 28).astype(np.uint8), np.arange(8) % 4
    np.savez("four.npz", train_images=images, train_labels=labels, test_images=images, test_labels=labels)
    trained = call("run digital-fp32 one.yaml --epochs 1 --set batch=4 -o trained")
    assert trained.exit_code == 0, trained.output


@pytest.mark.parametrize(("options", "gives"), [("", True), ("--no-weights", False)])
def test_a_dataset_known_by_its_sizes(call, folder, options, gives):
    """Nothing trains on it; what to give in its place is said where that would be enough."""
    net = Net(3, 224, 224).conv(2, 3, 7, strides=[7, 7]).node("Relu").node("GlobalAveragePool")
    net.node("Flatten").dense(1000, 2).save(folder, "net.onnx")
    told = call(f"import net.onnx {options}")
    said = "is timed on imagenet, of which only the sizes are known; give --dataset FILE.npz to train"
    assert "\nis timed on imagenet" in told.output
    assert (said in told.output) is gives


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("import", "Missing argument 'FILE'."),
        ("import gone.onnx", "error: gone.onnx: cannot be read: No such file or directory"),
        ("import tiny.yaml", "error: tiny.yaml: is what is read, and is not replaced; choose another file (-o)"),
        ("import tiny.yaml -o mine.yaml", "error: tiny.yaml: is no ONNX file, or is damaged: "),
        ("import .", "error: .: cannot be read: Is a directory"),
        ("import digits.onnx -o out.txt", "error: out.txt: a workload's file ends in .yaml"),
        ("import digits.onnx -o mnist.yaml", "error: mnist.yaml: 'mnist' is the name of a workload that ships"),
        ("import digits.onnx --frozen last", "error: frozen must be all-but-last or none, not 'last'"),
        ("import digits.onnx --input 28,28", "error: digits.onnx: its input 'x' is 1x28x28 without the batch, which 28x28 (--input) does not fit"),
        ("import digits.onnx --input 1x28x", "'1x28x' is no size such as 784 or 3x224x224"),
        ("import digits.onnx --input 1x1x1x1x1", "'1x1x1x1x1' is no size such as 784 or 3x224x224"),
        ("import digits.onnx --input 9999999999", "'9999999999' is no size such as 784 or 3x224x224"),
        ("import digits.onnx --classes 0", "0 is not in the range x>=1"),
        ("import digits.onnx --dataset fashon-mnist", "did you mean 'fashion-mnist'"),
        ("import digits.onnx --dataset mnist --classes 3", "error: dataset: mnist has 10 classes, and the network 3; --classes 10 begins a new last layer"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("digits")
def test_refusals(call, folder, line, said):
    """Told in a line, with exit code 2, and nothing is written."""
    told = call(line)
    assert (told.exit_code, said in told.output) == (2, True), told.output
    assert names(folder) == ["digits.onnx", "tiny.yaml"]


def test_nothing_is_replaced_unasked(digits, call, folder):
    """Until --overwrite."""
    (folder / "digits.npz").write_text("precious", encoding="utf-8")
    told = call("import digits.onnx")
    assert told.exit_code == 2
    assert (
        "digits.npz: is there already; choose another file (-o), or ask to overwrite it (--overwrite)"
        in told.output
    )
    assert not (folder / "digits.yaml").exists()
    assert call("import digits.onnx --overwrite").exit_code == 0


def test_all_problems_at_once(call, folder):
    """A line each, the names of nodes spelt out where they would command the terminal."""
    net = (
        Net(3, 8, 8)
        .conv(4, 3, dilations=[2, 2], name="\x1b[2J")
        .node("Elu", name="b")
        .node("Flatten")
        .dense(2, 4)
    )
    net.save(folder, "other.onnx")
    told = call("import other.onnx")
    assert told.exit_code == 2
    assert told.output.splitlines()[0] == (
        "error: other.onnx: node 1, Conv '\\x1b[2J': is dilated by 2 x 2, and windows have no gaps"
    )
    assert told.output.splitlines()[1].startswith(
        "error: other.onnx: node 2, Elu 'b': is of an operator that "
    )
    assert len(told.output.splitlines()) == 2


def test_many_problems(call, folder):
    """A hundred are listed, and the number of the others."""
    net = Net(5).dense(4, 5)
    for _ in range(150):
        net.node("Elu")
    net.save(folder, "other.onnx")
    told = call("import other.onnx")
    assert told.output.splitlines()[-1] == "and 50 more problems"


def test_without_the_extra(digits, call, monkeypatch):
    """What to install is said."""
    monkeypatch.setitem(sys.modules, "onnx", None)
    told = call("import digits.onnx")
    assert (told.exit_code, told.output) == (
        2, "error: ONNX files are read by onnx, which is not installed; pip install 'chipsim[onnx]'\n",
    )  # fmt: skip


def test_help_needs_no_library(call, monkeypatch):
    """Nor does any other command."""
    monkeypatch.setitem(sys.modules, "onnx", None)
    told = call("import --help")
    assert told.exit_code == 0
    assert "pip install" in told.output
