"""What chipsim's network computes is what the file's network computes, for each mapping."""

import numpy as np
import pytest

from tests.importing.onnx_made import Net, computed, evaluated, images, onnx

F = np.float32


def softmax(sums):
    powers = np.exp(sums - sums.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def plain():
    net = Net(2, 6, 5).conv(4, 2).node("Relu").node("Flatten")
    return net.dense(3, 4 * 4 * 3)


def two_pools():
    net = Net(1, 12, 12).conv(3, 1, pads=[1, 1, 1, 1]).node("Relu")
    net.node("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
    net.conv(5, 3, (3, 2), strides=[1, 2]).node("Relu")
    net.node("AveragePool", kernel_shape=[2, 2], strides=[1, 1], count_include_pad=1)
    return net.node("Flatten").dense(4, 5 * 3 * 2)


def lists_only():
    return Net(7).dense(5, 7).node("Tanh").dense(3, 5)


def logistic():
    return Net(7).dense(5, 7).node("Sigmoid").dense(3, 5).node("Sigmoid")


def with_softmax():
    return Net(7).dense(5, 7).node("Relu").dense(3, 5).node("Softmax", axis=-1)


def linear():
    return Net(7).dense(5, 7).dense(3, 5)


def image_first_flattened():
    return Net(3, 4, 2).node("Flatten").dense(5, 24).node("Relu").dense(2, 5)


def alpha_and_beta():
    net = Net(7)
    net.node("Gemm", net.drawn(7, 5), net.drawn(1, 5), alpha=0.5, beta=-2.0).node("Relu")
    return net.node("Gemm", net.drawn(5, 3), F(0.25), alpha=2.0)


def matmul_and_add():
    net = Net(7)
    net.node("MatMul", net.drawn(7, 5)).node("Add", net.drawn(5)).node("Relu")
    net.node("MatMul", net.drawn(5, 3))
    net.nodes.append(onnx.helper.make_node("Add", [net.constant(net.drawn(1, 3)), net.last], ["z"]))
    net.last = "z"
    return net


def normalised():
    net = Net(2, 6, 6).conv(4, 2, bias=False)
    variance = net.draws.uniform(0.1, 2, 4).astype(F)
    net.node(
        "BatchNormalization", net.drawn(4), net.drawn(4), net.drawn(4), variance, epsilon=1e-3, momentum=0.9
    )
    net.node("Relu").node("Flatten").dense(3, 4 * 16)
    variance = net.draws.uniform(0.1, 2, 3).astype(F)
    return net.node("BatchNormalization", net.drawn(3), net.drawn(3), net.drawn(3), variance)


def scaled():
    net = Net(2, 6, 6).conv(4, 2)
    net.node("Mul", net.drawn(4, 1, 1)).node("Add", net.drawn(1, 4, 1, 1)).node("Sub", F(0.25))
    net.node("Div", F([2, 3, 4, 5]).reshape(4, 1, 1))
    return net.node("Relu").node("Flatten").dense(3, 4 * 16)


def depthwise():
    net = Net(3, 7, 7).conv(6, 3, group=3).node("Relu").conv(4, 6, 1).node("Relu")
    net.node("GlobalAveragePool").node("Flatten")
    return net.dense(3, 4)


def global_maximum():
    net = Net(3, 7, 5).conv(6, 3).node("GlobalMaxPool").node("Relu").node("Reshape", np.array([0, -1]))
    return net.dense(3, 6)


def same_margins():
    net = Net(2, 7, 6).conv(4, 2, (3, 5), auto_pad="SAME_UPPER").node("Relu")
    net.conv(4, 4, 3, auto_pad="SAME_LOWER", strides=[2, 1]).node("Relu")
    return net.node("Flatten").dense(3, 4 * 4 * 6)


def margin_that_no_window_reaches():
    # Of 8 + 1 + 0 pixels windows of 3 by steps of 2 begin at 4 places, as with a margin on both sides.
    net = Net(1, 8, 8).conv(3, 1, 3, pads=[1, 1, 0, 0], strides=[2, 2]).node("Relu")
    return net.node("Flatten").dense(2, 3 * 16)


def whole_windows():
    net = Net(1, 8, 8).conv(3, 1, 3).node("Relu")
    net.node("MaxPool", kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)
    return net.node("Flatten").dense(2, 27)


def activation_behind_a_pool():
    net = (
        Net(1, 8, 8)
        .conv(3, 1, 3)
        .node("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
        .node("Relu")
        .node("Relu")
    )
    return net.node("Flatten").dense(2, 27)


def left_out():
    net = Net(7).dense(5, 7).node("Relu").node("Identity").node("Dropout", gives=2)
    return net.node("Dropout", F(0.5), np.array(False)).dense(3, 5)


def reshaped():
    net = Net(2, 6, 5, batch=3).conv(4, 2).node("Relu").node("Reshape", np.array([3, -1]))
    return net.dense(3, 48).node("Reshape", np.array([-1, 3]))


def list_as_image():
    net = Net(20).node("Reshape", np.array([-1, 1, 4, 5])).conv(2, 1).node("Relu")
    return net.node("Flatten", axis=-3).dense(2, 12)


def channels_last_inside():
    net = Net(2, 6, 5).conv(4, 2).node("Relu").node("Transpose", perm=[0, 2, 3, 1])
    return net.node("Reshape", np.array([-1, 48])).dense(3, 48)


def channels_last():
    net = Net(6, 5, 2).node("Transpose", perm=[0, 3, 1, 2]).conv(4, 2).node("Relu")
    net.node("Transpose", perm=[0, 2, 3, 1]).node("Transpose", perm=[0, 3, 1, 2])
    return net.node("Flatten").dense(3, 48)


def made_constants():
    net = Net(1, 4, 4)
    half = onnx.helper.make_tensor("v", onnx.TensorProto.FLOAT, [1], [0.5])

    def node(op, takes, gives, **attributes):
        net.nodes.append(onnx.helper.make_node(op, takes, [gives], **attributes))
        return gives

    sizes = node("Constant", [], "sizes", value_ints=[2, 1, 2, 2])
    kernel = node("ConstantOfShape", [sizes], "kernel", value=half)
    net.node("Conv", kernel, node("Constant", [], "c", value_floats=[0.5, -1.0])).node("Relu").node("Flatten")
    lies = node("Transpose", [net.constant(net.drawn(3, 18))], "turned", perm=[1, 0])
    again = node("Reshape", [lies, node("Constant", [], "s", value_ints=[0, 3])], "again")
    net.node("MatMul", node("Identity", [again], "same"))
    added = node(
        "Squeeze",
        [node("Unsqueeze", [net.constant(net.drawn(3)), net.constant([0])], "u"), net.constant([0])],
        "q",
    )
    return net.node("Add", added)


def shape_looked_up(**batch):
    """As PyTorch writes x.view(x.size(0), -1)."""
    net = Net(2, 6, 5, **batch).conv(4, 2).node("Relu")
    images = net.last
    net.node("Shape").node("Gather", np.array(0), axis=0).node("Unsqueeze", np.array([0]))
    net.node("Concat", np.array([-1]), axis=0)
    net.node("Reshape", net.last, takes=images)
    return net.dense(3, 48)


def shape_looked_up_of_one_batch():
    return shape_looked_up(batch=3)


def shape_cut_and_cast():
    """As tf2onnx writes a Flatten."""
    net = Net(2, 6, 5).conv(4, 2).node("Relu").node("Transpose", perm=[0, 2, 3, 1])
    images = net.last
    net.node("Shape").node("Cast", to=6).node("Slice", np.array([0], np.int32), np.array([1], np.int32))
    net.node("Concat", np.array([-1], np.int32), axis=0).node("Cast", to=7)
    net.node("Reshape", net.last, takes=images)
    return net.dense(3, 48)


def scaled_before_dense():
    """Normalised behind an activation, as images and as lists of them."""
    net = Net(2, 6, 5).conv(4, 2).node("Relu")
    variance = net.draws.uniform(0.1, 2, 4).astype(F)
    net.node("BatchNormalization", net.drawn(4), net.drawn(4), net.drawn(4), variance)
    net.node("Mul", net.drawn(4, 1, 1)).node("Flatten").node("Add", net.drawn(48)).node("Mul", net.drawn(48))
    net.dense(5, 48, alpha=0.5).node("Relu").node("Mul", net.drawn(5)).node("Sub", net.drawn(5))
    return net.node("MatMul", net.drawn(5, 3)).node("Add", net.drawn(3))


def scaled_before_convolutions():
    """Of all channels and of each by itself; a factor alone may stand before a margin."""
    net = Net(3, 9, 9).node("Sub", net_means()).node("Div", F([2, 3, 4]).reshape(3, 1, 1))
    net.conv(4, 3).node("Relu").node("Add", net.drawn(4, 1, 1)).node("Mul", net.drawn(4, 1, 1))
    net.conv(8, 4, group=4, bias=False).node("Relu").node("Mul", net.drawn(8, 1, 1))
    net.conv(6, 8, pads=[1, 1, 1, 1]).node("Relu")
    net.node("MaxPool", kernel_shape=[2, 2], strides=[2, 2]).node("Mul", net.drawn(6, 1, 1)).node("Flatten")
    return net.dense(3, 24)


def offsets_that_cancel():
    """What is added and taken off again moves no margin."""
    net = Net(3, 9, 9).node("Add", F(0.5)).node("Mul", F(2)).node("Sub", F(1))
    return net.conv(4, 3, pads=[1, 1, 1, 1]).node("Relu").node("Flatten").dense(3, 4 * 81)


def net_means():
    return F([0.5, 0.25, 0.75]).reshape(1, 3, 1, 1)


def scaled_behind_a_flatten():
    """Values of a list by themselves, which are more than the kernels before it."""
    net = Net(2, 6, 5).conv(4, 2).node("Flatten").node("Add", net_row(48)).node("Mul", net_row(48))
    return net.dense(3, 48)


def net_row(count):
    return np.linspace(-1, 1, count).astype(F)


def channels_last_and_scaled():
    """As Keras writes a network that scales its images itself."""
    net = Net(6, 5, 2).node("Mul", F([2.0, 0.5])).node("Add", F(-0.25)).node("Transpose", perm=[0, 3, 1, 2])
    return net.conv(4, 2).node("Relu").node("Flatten").dense(3, 48)


def table():
    """Images without channels, of which there is one."""
    return Net(4, 5).node("Sub", F(0.5)).node("Flatten").dense(6, 20).node("Relu").dense(3, 6)


def table_as_images():
    net = Net(4, 5).node("Reshape", np.array([-1, 4, 5, 1])).node("Transpose", perm=[0, 3, 1, 2])
    return net.conv(2, 1).node("Relu").node("Flatten").dense(3, 12)


def table_as_images_of_pytorch():
    net = Net(4, 5).node("Reshape", np.array([0, 1, 4, 5])).conv(2, 1).node("Relu").node("Flatten")
    return net.dense(3, 12)


NETS = [
    plain, two_pools, lists_only, logistic, with_softmax, linear, image_first_flattened, alpha_and_beta, matmul_and_add,
    normalised, scaled, depthwise, global_maximum, same_margins, margin_that_no_window_reaches, whole_windows,
    activation_behind_a_pool, left_out, reshaped, list_as_image, channels_last_inside, channels_last, made_constants,
    scaled_behind_a_flatten, channels_last_and_scaled, table, table_as_images, table_as_images_of_pytorch,
    scaled_before_dense, scaled_before_convolutions, shape_cut_and_cast, shape_looked_up, shape_looked_up_of_one_batch,
    offsets_that_cancel,
]  # fmt: skip
LAST = {channels_last, channels_last_and_scaled}
"""Those whose file has images with their channels last, as chipsim has them."""


@pytest.mark.parametrize("make", NETS, ids=lambda make: make.__name__)
def test_it_computes_the_same(tmp_path, make):
    """Within single precision, for a few random images and random weights, biases among them."""
    net = make()
    given = images(net.shape)
    wanted = evaluated(net.model(), given)
    is_image = given.ndim == 4 and make not in LAST
    found = computed(net.save(tmp_path), tmp_path, given.transpose(0, 2, 3, 1) if is_image else given)
    assert wanted.std() > 0.01
    if make is with_softmax:
        found = softmax(found)
    np.testing.assert_allclose(found, wanted, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("kind", [np.float16, np.float64])
def test_weights_of_other_precisions(tmp_path, kind):
    """They become single precision; the reference is given them so."""
    net, other = Net(7), Net(7)
    for one, cast in ((net, F), (other, kind)):
        weights = [one.drawn(7, 5).astype(kind), one.drawn(5).astype(kind), one.drawn(5, 3).astype(kind)]
        first, bias, last = (array.astype(cast) for array in weights)
        one.node("Gemm", first, bias).node("Relu").node("MatMul", last)
    given = images((7,))
    found = computed(other.save(tmp_path), tmp_path, given)
    np.testing.assert_allclose(found, evaluated(net.model(), given), rtol=1e-5, atol=1e-5)
