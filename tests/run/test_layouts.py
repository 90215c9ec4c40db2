"""Files of weights that lie as a state dict of PyTorch does: recognised by names, turned, and told when wrong."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.data import from_arrays
from chipsim.errors import DescriptionError
from chipsim.run import prepare, simulate
from chipsim.run.weights import given_weights
from chipsim.spec import load_workload
from tests.spec.messages import fails

RNG = np.random.default_rng(6)
CONV = RNG.normal(size=(3, 2, 3, 3))
KERNEL_BIAS = RNG.normal(size=3)
DENSE = RNG.normal(size=(4, 3 * 2 * 2))
DENSE_BIAS = RNG.normal(size=4)
STATE = {
    "conv.weight": CONV, "conv.bias": KERNEL_BIAS, "features.0.weight": DENSE, "features.0.bias": DENSE_BIAS,
}  # fmt: skip
NET = (
    "[[6, 6, 2], {kind: convolution, kernels: 3, size: 3, name: conv}, {kind: max-pool, size: 2}, "
    "{kind: flatten}, {kind: dense, units: 4, name: features.0}]"
)
MLP = "[784, {kind: dense, units: 30, name: fc1}, {kind: dense, units: 10, name: fc2}]"


@pytest.fixture
def sets(tmp_path, monkeypatch):
    """Overrides of a network, with weights in a file."""
    monkeypatch.chdir(tmp_path)

    def made(layers, arrays, *more):
        np.savez(tmp_path / "w.npz", **arrays)
        return [f"network.layers={layers}", "network.weights=w.npz", *more]

    return made


def laid_out(sets):
    return given_weights(load_workload("mnist-5k", sets=sets)).layers


def by_hand(images):
    """What PyTorch makes of images (samples, channels, height, width), before its matrix: written out."""
    out = []
    for image in images:
        maps = np.zeros((3, 4, 4))
        for kernel in range(3):
            for row in range(4):
                for column in range(4):
                    window = image[:, row : row + 3, column : column + 3]
                    maps[kernel, row, column] = (window * CONV[kernel]).sum() + KERNEL_BIAS[kernel]
        maps = np.maximum(maps, 0)
        pooled = maps.reshape(3, 2, 2, 2, 2).max(axis=(2, 4))
        out.append(pooled.ravel())
    return np.array(out)


def test_a_network_of_pytorch_classifies_as_it_does_there(sets):
    """Kernels, channels after the pooling, and the matrix behind them are turned; nothing is written wrongly."""
    images = np.random.default_rng(0).random((60, 6, 6, 2))
    features = by_hand(images.transpose(0, 3, 1, 2))
    # So that no class is named more often than the others.
    biases = -DENSE @ features.mean(axis=0)
    labels = (features @ DENSE.T + biases).argmax(axis=1)
    assert np.bincount(labels).min() >= 5
    mine = from_arrays("mine", train=(images, labels), test=(images, labels))
    frozen = NET.replace("name: ", "frozen: true, name: ")
    how = sets(
        frozen,
        {**STATE, "features.0.bias": biases},
        "network.activation=relu",
        "network.loss=cross-entropy",
        "phases.0.dataset={name: mine}",
    )
    result = simulate("digital-fp32", "mnist-5k", sets=how, datasets={"mine": mine}, epochs=1)
    assert result.summary["test_accuracy_percent"] == 100


def test_axes_are_turned(sets):
    """Outputs first become last; biases are the last row."""
    arrays = {
        "fc1.weight": RNG.normal(size=(30, 784)),
        "fc1.bias": RNG.normal(size=30),
        "fc2.weight": np.ones((10, 30)),
    }
    found = laid_out(sets(MLP, arrays))
    np.testing.assert_array_equal(found[0][:-1], arrays["fc1.weight"].T.astype(np.float32))
    np.testing.assert_array_equal(found[0][-1], arrays["fc1.bias"].astype(np.float32))
    assert not found[1][-1].any()


@pytest.mark.parametrize("name", ["a", "a.weight"])
def test_a_square_matrix_lies_as_its_name_says(sets, name):
    """Its shape would tell nothing."""
    square = RNG.normal(size=(10, 10))
    data = "phases.0.dataset.random_layer=10"
    found = laid_out(sets("[10, {kind: dense, units: 10, name: a}]", {name: square}, data))
    wanted = square.T if name == "a.weight" else square
    np.testing.assert_array_equal(found[0][:-1], wanted.astype(np.float32))


def test_channels_of_an_image_without_flatten(sets):
    """A dense layer on an image: PyTorch lists channel after channel, and here pixels keep theirs together."""
    weight = RNG.normal(size=(2, 2 * 3 * 2))
    found = laid_out(sets("[[3, 2, 2], {kind: dense, units: 2, name: a}]", {"a.weight": weight}))
    wanted = weight.reshape(2, 2, 3, 2).transpose(2, 3, 1, 0).reshape(12, 2)
    np.testing.assert_array_equal(found[0][:-1], wanted.astype(np.float32))


def test_channels_of_their_own(sets):
    """A depthwise layer has kernels of one channel in either order."""
    weight = RNG.normal(size=(2, 1, 3, 3))
    layers = "[[6, 6, 2], {kind: convolution, size: 3, groups: depthwise, name: a}, 10]"
    ours = {"a": weight.transpose(2, 3, 1, 0)}
    np.testing.assert_array_equal(
        laid_out(sets(layers, {"a.weight": weight}))[0], laid_out(sets(layers, ours))[0]
    )


def test_other_arrays_of_a_state_dict_are_left_alone(sets):
    """Layers that nobody names, and whole numbers of theirs."""
    arrays = {**STATE, "bn.num_batches_tracked": np.array(3), "features.3.weight": np.zeros((7, 7))}
    assert set(laid_out(sets(NET, arrays))) == {0, 1}


def test_an_error_is_one_of_weights_from_outside_as_well(sets):
    """Turned first, then written with it."""
    arrays = {"fc1.weight": RNG.uniform(-1, 1, (30, 784)), "fc2.weight": np.ones((10, 30))}
    given = given_weights(
        load_workload("mnist-5k", sets=sets(MLP, arrays, "network.weights_error=5 %")), seed=3
    )
    np.testing.assert_array_equal(given.wanted[0][:-1], arrays["fc1.weight"].T.astype(np.float32))
    assert (given.layers[0] - given.wanted[0]).std() == pytest.approx(0.05, rel=0.05)


GOOD = {"fc1.weight": np.zeros((30, 784)), "fc2.weight": np.zeros((10, 30))}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fc2.weight": None},
         ("layers.2.name: w.npz: has no array 'fc2', nor 'fc2.weight' of PyTorch; it has: fc1.weight; "
         "did you mean 'fc1.weight'?")),
        ({"fc1.weight": None, "module.fc1.weight": np.zeros((30, 784))},
         ("layers.1.name: w.npz: has no array 'fc1', nor 'fc1.weight' of PyTorch; it has: fc2.weight, "
         "module.fc1.weight; did you mean 'fc2.weight' or 'module.fc1.weight'?")),
        ({"fc1.weight": None} | {f"z{number}": np.zeros(1) for number in range(10)},
         "it has: fc2.weight, z0, z1, z2, z3, z4, z5, z6 and 3 more"),
        ({"fc1.weight": np.zeros((784, 30))},
         ("layers.1.name: w.npz: 'fc1.weight' has the shape 784 x 30, not 30 x 784; did you mean the transposed? "
         "What lies in this order is called 'fc1'")),
        ({"fc1.weight": None, "fc1": np.zeros((30, 784))},
         ("layers.1.name: w.npz: 'fc1' has the shape 30 x 784, not 784 x 30; did you mean the transposed? "
         "What lies as in PyTorch is called 'fc1.weight'")),
        ({"fc1.weight": np.zeros((30, 783))},
         "layers.1.name: w.npz: 'fc1.weight' has the shape 30 x 783, not 30 x 784"),
        ({"fc1.weight": np.full((30, 784), np.nan)},
         "layers.1.name: w.npz: 'fc1.weight' has values that are no finite numbers in single precision"),
        ({"fc1.weight": np.float32(3)}, "layers.1.name: w.npz: 'fc1.weight' has a single value, not 30 x 784"),
        ({"fc1.bias": np.full(30, np.nan)},
         "layers.1.name: w.npz: 'fc1.bias' has values that are no finite numbers in single precision"),
        ({"fc1.weight": np.zeros((30, 784), int)},
         "layers.1.name: w.npz: 'fc1.weight' has values of type int64, not floats"),
        ({"fc1": np.zeros((784, 30))},
         "layers.1.name: w.npz: 'fc1' and 'fc1.weight' both give its weights; leave one of them out"),
        ({"fc1.weight_orig": np.zeros((30, 784))},
         "weights: w.npz: nothing reads 'fc1.weight_orig'; did you mean 'fc1.weight'"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_state_dict(sets, changes, message):
    """Told at the layer before anything runs, with what would be right."""
    arrays = {key: array for key, array in {**GOOD, **changes}.items() if array is not None}
    with pytest.raises(DescriptionError) as caught:
        simulate("digital-fp32", "mnist-5k", sets=sets(MLP, arrays))
    assert f"network.{message}" in str(caught.value) or message in str(caught.value)


def test_a_bias_for_a_network_without_one(sets):
    """Refused, as of arrays in the other order."""
    arrays = {**GOOD, "fc1.bias": np.zeros(30)}
    with pytest.raises(DescriptionError) as caught:
        prepare("digital-fp32", "mnist-5k", sets=sets(MLP, arrays, "network.bias=false"))
    said = "network.layers.1.name: w.npz: 'fc1.bias' gives biases, and the network has none (network.bias)"
    assert said in str(caught.value)


def test_all_that_is_wrong_is_told_at_once(sets):
    """Of each layer."""
    arrays = {"fc1.weight": np.zeros((784, 30)), "fc2.weight": np.full((10, 30), np.inf)}
    with pytest.raises(DescriptionError) as caught:
        prepare("digital-fp32", "mnist-5k", sets=sets(MLP, arrays))
    assert len(caught.value.problems) == 2


def test_a_kernel_that_is_turned_is_told(sets):
    """Height, width, channels and kernels under PyTorch's name."""
    arrays = {**STATE, "conv.weight": CONV.transpose(2, 3, 1, 0)}
    with pytest.raises(DescriptionError) as caught:
        laid_out(sets(NET, arrays))
    assert "'conv.weight' has the shape 3 x 3 x 2 x 3, not 3 x 2 x 3 x 3; did you mean" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("fc1.weight", "name: is that of an array; the layer is called 'fc1', not 'fc1.weight'"),
        ("a..b", "name: must be letters, digits, '-' and '_', with dots between them, not 'a..b'"),
    ],
)
def test_names_that_no_layer_has(name, message):
    """Those of arrays, and those with nothing between dots."""
    layers = f"[784, {{kind: dense, units: 30, name: {name}}}, 10]"
    assert message in fails(
        load_workload, "mnist-5k", sets=[f"network.layers={layers}", "network.weights=w.npz"]
    )
