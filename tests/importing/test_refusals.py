"""What chipsim has no layer for is refused by its node, with the reason, and all of it at once."""

import numpy as np
import pytest

from tests.importing.onnx_made import Net, onnx, refusal

F = np.float32
CHAIN = "and a workload's network is a chain without branches"


def conv(**attributes):
    """A small network whose first node is a convolution of eight by eight pixels and four channels."""
    net = Net(4, 8, 8).conv(4, 4, **attributes).node("Relu").node("GlobalAveragePool").node("Flatten")
    return net.dense(2, 4)


def pool(op="MaxPool", **attributes):
    """One whose third node is a pool of such an image."""
    net = Net(4, 8, 8).conv(4, 4, 1).node("Relu").node(op, **({"kernel_shape": [2, 2]} | attributes))
    return net.node("GlobalMaxPool").node("Flatten").dense(2, 4)


def behind(op, *constants, **attributes):
    """One whose second node is something behind a dense layer."""
    return Net(5).dense(4, 5).node(op, *constants, **attributes).node("Relu").dense(2, 4)


def ended(op, *constants, **attributes):
    """One with something behind its last layer."""
    return Net(5).dense(4, 5).node("Relu").dense(2, 4).node(op, *constants, **attributes)


@pytest.mark.parametrize(
    ("net", "said"),
    [
        (conv(dilations=[2, 2]), "node 1, Conv 'n1': is dilated by 2 x 2, and windows have no gaps"),
        (
            conv(group=2),
            "node 1, Conv 'n1': has 2 groups of 2 channels each; kernels take all channels, or one each (depthwise)",
        ),
        (
            conv(group=2, dilations=[1, 3], pads=[0, 1, 0, 0]),
            (
                "node 1, Conv 'n1': is dilated by 1 x 3, and windows have no gaps; has 2 groups of 2 channels each; kernels "
                "take all channels, or one each (depthwise); has uneven margins (pads), 1 left and 0 right, and those of a "
                "layer are alike on both sides"
            ),
        ),
        (
            conv(auto_pad="SAME_UPPER", strides=[2, 2]),
            (
                "node 1, Conv 'n1': has uneven margins (pads), 0 above and 1 below, 0 left and 1 right, and those of a "
                "layer are alike on both sides"
            ),
        ),
        (conv(auto_pad="SOME"), "node 1, Conv 'n1': has an auto_pad 'SOME', which is not known"),
        (
            conv(strides=[0, 1]),
            "node 1, Conv 'n1': has strides [0, 1] and pads [0, 0, 0, 0], which are those of no window on an image",
        ),
        (
            conv(strides=[1]),
            "node 1, Conv 'n1': has strides [1] and pads [0, 0, 0, 0], which are those of no window on an image",
        ),
        (conv(kernel_shape=[5, 5]), "node 1, Conv 'n1': has kernels of [3, 3] in 'w0', and says [5, 5]"),
        (
            conv(stride=[1, 1]),
            "node 1, Conv 'n1': has an attribute 'stride', which is not known; did you mean 'strides'?",
        ),
        (conv(strides=2), "node 1, Conv 'n1': its attribute 'strides' must be whole numbers"),
        (conv(size=(9, 3)), "node 1, Conv 'n1': convolution of 4 kernels of 9 x 3 is larger than what it is given, 8 x 8 x 4"),
        (pool(pads=[1, 1, 1, 1]), "node 3, MaxPool 'n3': begins 1 x 1 pixels outside of the image, and pools have no padding"),
        (
            pool(strides=[2, 2], kernel_shape=[3, 3], ceil_mode=1),
            "node 3, MaxPool 'n3': rounds the number of its windows up (ceil_mode), and windows lie whole in the image",
        ),
        (
            pool("AveragePool", pads=[0, 0, 1, 1]),
            (
                "node 3, AveragePool 'n3': has uneven margins (pads), 0 above and 1 below, 0 left and 1 right, and those "
                "of a layer are alike on both sides"
            ),
        ),
        (pool(dilations=[2, 2]), "node 3, MaxPool 'n3': is dilated by 2 x 2, and windows have no gaps"),
        (pool(kernel_shape=[2]), "node 3, MaxPool 'n3': has windows of the size [2], and those of images have 2"),
        (
            pool("LRN", size=3, kernel_shape=[2, 2]),
            (
                "node 3, LRN 'n3': is of an operator that cannot be mapped: no layer of chipsim's normalises over "
                "neighbouring channels"
            ),
        ),
        (
            behind("Clip", F(0), F(6)),
            (
                "node 2, Clip 'n2': is of an operator that cannot be mapped: no activation of chipsim's has an upper bound "
                "such as that of ReLU6"
            ),
        ),
        (behind("Mul", np.ones((5, 4), F)), "node 2, Mul 'n2': has a constant 'w2' of the shape [5, 4], which is not one number for each of 4 units or channels"),
        (behind("Div", F([1, 0, 1, 1])), "node 2, Div 'n2': divides by zeros in 'w2'"),
        (behind("Add", F([1, np.nan, 1, 1])), "node 2, Add 'n2': 'w2' has values that are no finite numbers"),
        (behind("Tanh"), "node 3, Relu 'n3': is a second activation, behind node 2, Tanh 'n2'"),
        (behind("Transpose", perm=[1, 0]), "node 2, Transpose 'n2': exchanges dimensions by [1, 0], and only channels are moved, first or last"),
        (behind("Reshape", np.array([-1, 2])), "node 2, Reshape 'n2': makes [-1, 2] of 4 values a sample"),
        (behind("Reshape", np.array([4, -1])), "node 2, Reshape 'n2': makes a tensor of [4, -1], and each sample keeps its place in a batch"),
        (behind("Flatten", axis=0), "node 2, Flatten 'n2': flattens from dimension 0 on, and each sample is a list: dimension 1"),
        (behind("Dropout", F(0.5), np.array(True)), "node 2, Dropout 'n2': leaves values out as in training; export the network for inference"),
        (
            behind("BatchNormalization", *[np.ones(4, F)] * 4, training_mode=1),
            "node 2, BatchNormalization 'n2': normalises by each batch as in training; export the network for inference",
        ),
        (
            behind("BatchNormalization", *[np.ones(4, F)] * 3, F([1, -1, 1, 1])),
            "node 2, BatchNormalization 'n2': has variances in 'w5' that are not above zero",
        ),
        (
            behind("BatchNormalization", *[np.ones(3, F)] * 4),
            "node 2, BatchNormalization 'n2': has 'w2' of the shape [3] for 4 channels",
        ),
        (
            ended("Relu"),
            "node 4, Relu 'n4': stands behind the last layer, whose sums a workload's loss takes as they are",
        ),
        (
            ended("Sigmoid"),
            (
                "node 4, Sigmoid 'n4': is at the end, where a workload has it only if hidden layers have it too, and they "
                "have Relu; leave it out of the file for a softmax"
            ),
        ),
        (ended("Softmax", axis=0), "node 4, Softmax 'n4': is over dimension 0, and that of classes is 1"),
        (ended("ArgMax").node("Identity"), "node 4, ArgMax 'n4': is of an operator that cannot be mapped: known are Conv, Gemm, MatMul, BatchNormalization, Add, Sub, Mul, Div, MaxPool, AveragePool, GlobalMaxPool, GlobalAveragePool, Relu, Tanh, Sigmoid, Flatten, Reshape, Transpose, Dropout, Identity, Softmax, LogSoftmax"),
        (
            ended("Softmax").node("Softmax"),
            "node 5, Softmax 'n5': stands behind node 4, Softmax 'n4', which has to be the last",
        ),
        (Net(5).dense(4, 6).node("Relu").dense(2, 4), "node 1, Gemm 'n1': takes 6 values, and is given 5"),
        (Net(5).node("Relu").dense(2, 5), "node 1, Relu 'n1': stands before the first layer that has weights, and nothing does there"),
        (Net(5).node("Softmax"), "node 1, Softmax 'n1': follows no layer"),
        (Net(5).node("Identity"), "has no layer that has weights"),
        (Net(3, 4, 4).conv(2, 3), "node 1, Conv 'n1': is the last layer that has weights, which must be a dense one, a unit for each class"),
        (Net(3, 4, 4).dense(2, 4), "node 1, Gemm 'n1': takes lists, and is given images: a Flatten before it is missing"),
        (Net(16).conv(2, 1), "node 1, Conv 'n1': takes images, and is given lists or tables of 16 values"),
        (Net(3, 4, 4).conv(2, 2), "node 1, Conv 'n1': takes 2 channels, and is given 3"),
        (
            Net(5).dense(4, 5).node("Relu").node("Mul", F(2)).node("Tanh").dense(2, 4),
            (
                "node 3, Mul 'n3': stands neither right behind a layer that has weights nor right before one\nnet.onnx: "
                "node 4, Tanh 'n4': is a second activation, behind node 2, Relu 'n2'"
            ),
        ),
        (
            Net(5).dense(4, 5).node("Relu").node("Mul", F(2)),
            (
                "node 2, Relu 'n2': stands behind the last layer, whose sums a workload's loss takes as they are\nnet.onnx: "
                "node 3, Mul 'n3': stands neither right behind a layer that has weights nor right before one"
            ),
        ),
        (
            Net(3, 4, 4).node("Add", F(1)).conv(2, 3, pads=[1, 1, 1, 1]).node("GlobalMaxPool").node("Flatten").dense(2, 2),
            (
                "node 2, Conv 'n2': node 1, Add 'n1' before it moves what a convolution with a margin takes, and zeros of "
                "the margin stay where they are"
            ),
        ),
        (
            Net(3, 4, 4).node("Add", F(1)).node("Mul", F(2)).conv(2, 3, pads=[1, 1, 1, 1]).node("GlobalMaxPool").node("Flatten").dense(2, 2),
            (
                "node 3, Conv 'n3': node 1, Add 'n1' before it moves what a convolution with a margin takes, and zeros of "
                "the margin stay where they are"
            ),
        ),
        (
            Net(4, 4, 3).node("Transpose", perm=[0, 3, 1, 2]).node("Transpose", perm=[0, 2, 3, 1]).conv(2, 3),
            "node 3, Conv 'n3': takes images with their channels first, and is given them with channels last",
        ),
        (Net(18).node("Reshape", np.array([-1, 2, 3, 3])).conv(1, 2), "node 1, Reshape 'n1': makes images of 2 channels of a list, channel after channel; images of a workload have the channels of a pixel beside each other: begin the network with images"),
        (Net(5).node("Gemm", np.ones((5, 2), F), np.ones((3,), F)), "node 1, Gemm 'n1': has a bias 'w1' of the shape [3] for 2 units"),
        (Net(5).node("Gemm", np.ones((5, 2), F), transA=1), "node 1, Gemm 'n1': turns what it is given round (transA), and rows of it are samples"),
        (Net(5).node("Gemm", np.ones((5, 2), np.int64)), "node 1, Gemm 'n1': 'w0' has values of type int64, not floats"),
        (Net(5).node("Gemm", np.full((5, 2), 3e38, F), alpha=10.0), "node 1, Gemm 'n1': has weights that are no finite numbers in single precision"),
        (Net(5).node("MatMul", np.ones((5, 2, 1), F)), "node 1, MatMul 'n1': has weights of 3 dimensions, not 2"),
        (Net(5).node("Gemm", "y1_1"), "node 1, Gemm 'n1': takes 'y1_1', which nothing gives"),
        (Net(2, 3, 3, 3).conv(2, 2), "its input 'x' has 5 dimensions; a batch of lists has 2, one of tables 3, and one of images 4: samples, channels, height, width"),
        (Net(1, 1900, 1900).conv(2, 1).node("Relu").node("Flatten").dense(2, 9), "node 1, Conv 'n1': must be at most 4,000,000 units, not 7,204,808"),
        (Net(3, 3000, 3000).conv(1, 3), "its input 'x' has 27,000,000 values a sample, and may have 4,000,000"),
        (Net(2**40).node("Sub", F(1)).node("Sub", F(1)).dense(2, 9), "its input 'x' has 1,099,511,627,776 values a sample, and may have 4,000,000"),
    ],
)  # fmt: skip
def test_one_node(tmp_path, net, said):
    """A node and its reason; nothing else is said against the file."""
    assert refusal(net.save(tmp_path)) == f"net.onnx: {said}"


def test_all_at_once(tmp_path):
    """Whatever can be known of layers behind the first that is refused is said in the same message."""
    net = Net(3, 8, 8).conv(4, 3, dilations=[2, 2]).node("LeakyRelu").conv(4, 4, group=2).node("Relu")
    net.node("Upsample").node("Flatten").dense(2, 4)
    assert [line.partition(": ")[2].partition(": ")[0] for line in refusal(net.save(tmp_path)).splitlines()] == [
        "node 1, Conv 'n1'", "node 2, LeakyRelu 'n2'", "node 3, Conv 'n3'", "node 5, Upsample 'n5'",
    ]  # fmt: skip


def test_what_stands_behind_something_refused(tmp_path):
    """Sizes that nobody knows there are not compared: only what is wrong by itself is told."""
    net = Net(5).dense(4, 5).node("Relu").node("Resize").node("Mul", np.ones((4,), F))
    net.node("MatMul", net.drawn(7, 3)).node("BatchNormalization", *[np.ones(2, F)] * 3, np.ones(3, F)).node(
        "Tanh"
    )
    resize, normalisation = refusal(net.save(tmp_path)).splitlines()
    assert resize.startswith("net.onnx: node 3, Resize 'n3': is of an operator that cannot be mapped: ")
    assert normalisation == (
        "net.onnx: node 6, BatchNormalization 'n6': has 'w4' of the shape [2] for 3 channels"
    )


def test_one_activation_for_all_hidden_layers(tmp_path):
    """Layers that differ from most are named, those without one, too."""
    net = (
        Net(5)
        .dense(4, 5)
        .node("Relu")
        .dense(4, 4)
        .node("Relu")
        .dense(4, 4)
        .dense(4, 4)
        .node("Tanh")
        .dense(2, 4)
    )
    rest = "unlike the rest (Relu behind 2 of the others), and all hidden layers of a workload have one activation"
    assert refusal(net.save(tmp_path)).splitlines() == [
        f"net.onnx: node 5, Gemm 'n5': has no activation behind it, {rest}",
        f"net.onnx: node 7, Tanh 'n7': is {rest}",
    ]


def branched(join, **attributes):
    net = Net(4, 6, 6).conv(4, 4, 1).node("Relu")
    fork = net.last
    net.conv(4, 4, 1).node("Relu")
    net.node(join, fork, **attributes)
    return net.node("GlobalAveragePool").node("Flatten")


def test_branches(tmp_path):
    """Where they join is named, and layers behind are looked at as well."""
    added = branched("Add").dense(2, 4).save(tmp_path)
    assert refusal(added) == f"net.onnx: node 5, Add 'n5': joins 'y4' and 'y2', {CHAIN}"
    beside = branched("Concat", axis=1).dense(2, 9).save(tmp_path)
    assert refusal(beside).splitlines() == [
        f"net.onnx: node 5, Concat 'n5': joins 'y4' and 'y2', {CHAIN}",
        "net.onnx: node 8, Gemm 'n8': takes 9 values, and is given 8",
    ]
    itself = Net(5).dense(4, 5)
    assert refusal(itself.node("Mul", itself.last).dense(2, 4).save(tmp_path)) == (
        f"net.onnx: node 2, Mul 'n2': joins 'y1' and 'y1', {CHAIN}"
    )


def test_several_outputs_and_inputs(tmp_path):
    """A network has one of each; those that nothing takes do not count."""
    net = Net(5).dense(4, 5).node("Relu").dense(2, 4)
    net.outputs = ["y3", "y1"]
    assert refusal(net.save(tmp_path)) == (
        "net.onnx: has 2 outputs: 'y3', 'y1'; a workload's network has one, its classes"
    )
    net = Net(5).node("Add", "other").dense(2, 5)
    model = net.model()
    model.graph.input.append(onnx.helper.make_tensor_value_info("other", onnx.TensorProto.FLOAT, ["N", 5]))
    path = tmp_path / "net.onnx"
    path.write_bytes(model.SerializeToString())
    assert refusal(path) == "net.onnx: has 2 inputs: 'x', 'other'; a workload's network has one"


def test_places_of_maxima(tmp_path):
    """A second result that something takes is refused; one that nothing takes is none."""
    net = Net(1, 8, 8).conv(1, 1).node("MaxPool", kernel_shape=[2, 2], gives=2)
    net.node("Identity", takes="y2_1").node("Flatten").dense(2, 25)
    assert refusal(net.save(tmp_path)).startswith(
        "net.onnx: node 2, MaxPool 'n2': gives 'y2_1' too, and a layer gives one result"
    )


@pytest.mark.parametrize(
    ("shape", "asked", "said"),
    [
        (("C", "H", "W"), None, "is ?x?x? without the batch: give the open sizes with --input, as 3x224x224"),
        ((3, "H", "W"), (4, 8, 8), "is 3x?x? without the batch, which 4x8x8 (--input) does not fit"),
        ((3, "H", "W"), (3, 64), "is 3x?x? without the batch, which 3x64 (--input) does not fit"),
        ((3, "H", 8), (3, 0, 8), "is 3x?x8 without the batch, which 3x0x8 (--input) does not fit"),
    ],
)
def test_sizes_that_the_file_leaves_open(tmp_path, shape, asked, said):
    """They have to be given, and to fit."""
    net = Net(*shape).conv(4, 3).node("Relu").node("GlobalAveragePool").node("Flatten").dense(2, 4)
    assert refusal(net.save(tmp_path), input_shape=asked) == f"net.onnx: its input 'x' {said}"
