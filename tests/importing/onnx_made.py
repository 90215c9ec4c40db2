"""Small networks as ONNX files, what they compute by the format's own evaluator, and what chipsim makes of them."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from chipsim.errors import DescriptionError
from chipsim.importing.onnx_file import import_onnx, read_onnx
from chipsim.run import prepare

onnx = pytest.importorskip("onnx", reason="chipsim[onnx] is not installed")

__all__ = ["Net", "computed", "evaluated", "images", "onnx", "refusal"]

F = np.float32


class Net:
    """A chain of nodes: each takes what the one before it gives, and constants of its own."""

    def __init__(self, *shape, batch="N", seed=0, opset=17):
        self.shape, self.batch, self.opset = shape, batch, opset
        self.draws = np.random.default_rng(seed)
        self.nodes, self.tensors = [], []
        self.last, self.outputs = "x", None

    def constant(self, values, name=None):
        """A tensor of the file."""
        name = name or f"w{len(self.tensors)}"
        self.tensors.append(onnx.numpy_helper.from_array(np.asarray(values), name))
        return name

    def drawn(self, *shape, scale=0.5):
        """Weights of single precision."""
        return self.draws.normal(0, scale, shape).astype(F)

    def node(self, op, *constants, name=None, takes=None, gives=1, **attributes):
        """One more node; of its constants arrays become tensors, and texts are names."""
        names = [one if isinstance(one, str) else self.constant(one) for one in constants]
        place = len(self.nodes) + 1
        outputs = [f"y{place}", *(f"y{place}_{more}" for more in range(1, gives))]
        taken = [takes or self.last, *names]
        self.nodes.append(onnx.helper.make_node(op, taken, outputs, name=name or f"n{place}", **attributes))
        self.last = outputs[0]
        return self

    def conv(self, kernels, channels, size=3, *, bias=True, **attributes):
        """A convolution."""
        height, width = (size, size) if isinstance(size, int) else size
        share = channels // attributes.get("group", 1)
        constants = [self.drawn(kernels, share, height, width)]
        if bias:
            constants.append(self.drawn(kernels))
        return self.node("Conv", *constants, **attributes)

    def dense(self, units, inputs, **attributes):
        """A product with a matrix that lies as PyTorch has it, and a bias."""
        return self.node("Gemm", self.drawn(units, inputs), self.drawn(units), transB=1, **attributes)

    def model(self):
        """The model as the format's library has it."""
        value = onnx.helper.make_tensor_value_info
        given = value("x", onnx.TensorProto.FLOAT, [self.batch, *self.shape])
        outputs = [value(name, onnx.TensorProto.FLOAT, None) for name in self.outputs or [self.last]]
        graph = onnx.helper.make_graph(self.nodes, "net", [given], outputs, self.tensors)
        opsets = [onnx.helper.make_opsetid("", self.opset)]
        return onnx.helper.make_model(graph, opset_imports=opsets, ir_version=8)

    def save(self, folder, name="net.onnx"):
        """The file."""
        path = folder / name
        path.write_bytes(self.model().SerializeToString())
        return path


def images(shape, count=3, seed=1):
    """Images from 0 to 1 as the file has them: channels first, or lists."""
    return np.random.default_rng(seed).random((count, *shape)).astype(F)


def evaluated(model, values):
    """What the format's own evaluator computes."""
    reference = pytest.importorskip("onnx.reference")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return reference.ReferenceEvaluator(model).run(None, {"x": values})[0]


def computed(path, folder, values, *, chip="digital-fp32", sets=(), **how):
    """What the network that is imported from a file computes on a chip, for images as chipsim has them."""
    made = import_onnx(path, folder / "net.yaml", **how)
    classes = read_onnx(path, input_shape=how.get("input_shape")).chain.layers[-1].sums.kernel.shape[-1]
    labels = np.arange(len(values) * classes) % classes
    many = np.repeat(values, classes, axis=0)
    np.savez(
        folder / "net-data.npz", train_images=many, train_labels=labels, test_images=many, test_labels=labels
    )
    setup = prepare(chip, made.workload, sets=["batch=1", *sets], seed=1)
    setup.rule.begin(seed=1)
    return setup.rule._forward(values.reshape(len(values), -1), training=False).outputs


def refusal(path, **how):
    """All that is said against a file, without its folder."""
    with pytest.raises(DescriptionError) as caught:
        read_onnx(path, **how)
    return str(caught.value).replace(f"{path.parent}/", "")
