"""Layers of a description: what does not chain is told at its place, with both shapes."""

from __future__ import annotations

import pytest

from chipsim.errors import DescriptionError, PlacementError
from chipsim.run import prepare
from chipsim.spec import load_workload, workload_from_document
from chipsim.spec.hidden import weight_count

CONV = "{kind: convolution, kernels: 3, size: 5}"
NO_IMAGE = (
    "convolution of 3 kernels of 5 x 5 takes an image, height x width x channels, and is given {} values; begin "
    "network.layers with the shape of the images, such as [28, 28, 1]"
)


def complaint(layers):
    """What is said of the layers of a network."""
    with pytest.raises(DescriptionError) as caught:
        load_workload("mnist-5k", sets=[f"network.layers={layers}"])
    (problem,) = caught.value.problems
    return problem.path, problem.message.partition(" (from --set ")[0]


@pytest.mark.parametrize(
    ("layers", "place", "message"),
    [
        ("[[28, 28, 1], {kind: convolutoin, kernels: 3, size: 5}, 10]", (1, "kind"),
         "unknown kind 'convolutoin'; known: average-pool, convolution, dense, flatten, max-pool; did you mean 'convolution'?"),
        ("[[28, 28, 1], {kernels: 3, size: 5}, 10]", (1,),
         "missing key 'kind'; known: average-pool, convolution, dense, flatten, max-pool"),
        ("[[28, 28, 1], {kind: convolution, kernels: 3, size: 29}, 10]", (1,),
         "convolution of 3 kernels of 29 x 29 is larger than what it is given, 28 x 28 x 1"),
        ("[[28, 28, 1], {kind: convolution, kernels: 3, size: 33, padding: [2, 1]}, 10]", (1,),
         "convolution of 3 kernels of 33 x 33 is larger than what it is given, 28 x 28 x 1 and a padding of 2 x 1"),
        (f"[784, {CONV}, 10]", (1,),
         NO_IMAGE.format(784)),
        (f"[[28, 28, 1], 20, {CONV}, 10]", (2,),
         NO_IMAGE.format(20)),
        (f"[[28, 28, 1], {CONV}, {{kind: max-pool, size: 25}}, 10]", (2,),
         "max-pool of 25 x 25 is larger than what it is given, 24 x 24 x 3"),
        ("[[28, 28, 1], {kind: max-pool, size: 2}, 10]", (1,),
         "max-pool of 2 x 2 has no weights, and stands behind a layer that has some"),
        ("[[28, 28, 1], {kind: convolution, size: 5}, 10]", (1,), "missing key 'kernels'"),
        (f"[[28, 28, 1], {CONV}, {{kind: convolution, kernels: 4, size: 2, groups: depthwise}}, 10]", (2,),
         "depthwise convolution of 4 kernels of 2 x 2: 4 kernels cannot be shared out among 3 channels"),
        (f"[[28, 28, 1], {CONV}]", (1,), "must be a dense layer, a unit for each class, not one that gives 24 x 24 x 3"),
        ("[784, 10, {kind: flatten}]", (2,), "must be a dense layer, a unit for each class, not flatten"),
        ("[[28, 28], 10]", (0,), "must be height, width and channels, such as [28, 28, 1], not [28, 28]"),
        ("[[28, 0, 1], 10]", (0,), "sizes must be at least 1, not 0"),
        ("[{kind: dense, units: 3}, 10]", (0,),
         "must be the inputs of the network, such as 784 or [28, 28, 1], not a layer"),
        ("[784, [3, 3, 3], 10]", (1,), "must be a number of units or a layer, not [3, 3, 3]"),
        ("[784, -3, 10]", (1,), "sizes must be at least 1, not -3"),
        ("[784]", (), "needs at least two sizes, inputs and outputs, not [784]"),
        ("[[28, 28, 1], {kind: flatten, size: 3}, 10]", (1, "size"),
         "unknown key 'size'; flatten has no keys of its own"),
        ("[[28, 28, 1], {kind: convolution, kernels: 3, size: [5, 0]}, 10]", (1, "size"), "must be at least 1, not 0"),
        ("[[28, 28, 1], {kind: convolution, kernels: 3, size: 5, padding: -1}, 10]", (1, "padding"),
         "must be at least 0, not -1"),
        ("[[28, 28, 1], {kind: convolution, kernels: 3, size: 5, stride: 70000}, 10]", (1, "stride"),
         "must be at most 65536, not 70000"),
        ("[[28, 28, 1], {kind: convolution, kernels: 3, size: 5, groups: two}, 10]", (1, "groups"),
         "unknown value 'two'; known: one, depthwise"),
        ("[[28, 28, 1], {kind: convolution, kernels: 1, size: 400, padding: 500}, 10]", (1,),
         "its windows have 63,302,955,641 values a sample, and may have 50,000,000 together"),
        ("[[28, 28, 1], {kind: convolution, kernels: 8000, size: 5}, 10]", (1,),
         "must be at most 4,000,000 units, not 4,608,000"),
    ],
)  # fmt: skip
def test_layers_that_do_not_chain(layers, place, message):
    """Each at its own place in the list."""
    path, said = complaint(layers)
    assert (path, said) == (".".join(map(str, ("network", "layers", *place))), message)


def test_a_layer_in_a_file_is_told_with_its_line():
    """Of a document, all problems at once."""
    document = load_workload("mnist-5k").document
    layers = [[28, 28, 1], {"kind": "convolution", "size": 0, "kernels": 0}, {"kind": "max-pool"}, 10]
    with pytest.raises(DescriptionError) as caught:
        workload_from_document(document | {"network": document["network"] | {"layers": layers}})
    assert sorted(str(problem).partition("network.")[2] for problem in caught.value.problems) == [
        "layers.1.kernels: must be between 1 and 1000000, not 0",
        "layers.1.size: must be at least 1, not 0",
        "layers.2: missing key 'size'",
    ]


def test_one_key_of_a_layer_can_be_set():
    """By its position, the inputs being 0, or by its kind."""
    base = [f"network.layers=[[28, 28, 1], {CONV}, 10]"]
    work = workload_from_document(load_workload("mnist-5k", sets=base).document)
    assert weight_count(work.spec.network) == 26 * 3 + (24 * 24 * 3 + 1) * 10
    for key in ("network.layers.1.kernels", "network.layers[kind=convolution].kernels"):
        more = workload_from_document(work.document)
        assert (
            prepare("digital-fp32", more, sets=[f"{key}=4"], seed=None)
            .workload.spec.network.stages[0]
            .columns
            == 4
        )


def test_a_wrong_image_is_told_by_the_dataset():
    """Pixels count, whatever their shape."""
    with pytest.raises(
        DescriptionError, match="must begin with 784, the pixels of an image of mnist-5k, not 392"
    ):
        prepare("digital-fp32", "mnist-5k", sets=["network.layers=[[14, 28, 1], 10]"], seed=None)


def test_too_few_tiles_for_a_convolution():
    """Rows and columns of each layer, one of them the bias."""
    sets = [f"network.layers=[[28, 28, 1], {CONV}, 10]", "tile.count=1"]
    message = "the network needs 4: layer 1 (26 x 3) 1, layer 2 (1729 x 10) "
    with pytest.raises(PlacementError) as caught:
        prepare("hybrid-synapse", "mnist-5k", sets=sets, seed=None)
    assert message.replace("4", "3") in str(caught.value)
