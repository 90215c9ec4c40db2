"""Published networks as the onnx package carries them: of their true structure, with one value for all weights."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from chipsim.errors import DescriptionError
from chipsim.importing import import_onnx
from chipsim.importing.onnx_file import read_onnx
from chipsim.spec import load_workload
from tests.importing.onnx_made import onnx

LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
VGG19 = LIGHT / "light_vgg19.onnx"


def test_vgg19():
    """Its 16 convolutions and 3 dense layers, with 143,667,240 weights and biases, as published."""
    chain = read_onnx(VGG19).chain
    assert chain.given == (224, 224, 3)
    convolutions = [64] * 2 + [128] * 2 + [256] * 4 + [512] * 8
    assert [layer.sums.kernel.shape[-1] for layer in chain.layers] == [*convolutions, 4096, 4096, 1000]
    assert {layer.sums.kernel.shape[:2] for layer in chain.layers[:16]} == {(3, 3)}
    assert [index for index, layer in enumerate(chain.layers) if layer.passing] == [1, 3, 7, 11, 15]
    assert chain.layers[16].sums.given == (7, 7, 512)
    assert sum(layer.count for layer in chain.layers) == 143_667_240
    assert (chain.activation, chain.loss, chain.bias) == ("relu", "cross-entropy", True)


def test_vgg19_takes_no_memory():
    """Weights that repeat one value are kept as that value, the 411 MB of the first dense layer as well."""
    kernel = read_onnx(VGG19).chain.layers[16].weights()
    assert kernel.shape == (7 * 7 * 512, 4096)
    assert set(kernel.strides) == {0}


def test_vgg19_to_be_timed(tmp_path):
    """Without weights: a workload of 19 layers, which take no more room than their lines."""
    made = import_onnx(VGG19, tmp_path / "vgg19.yaml", with_weights=False, frozen="none")
    assert made.weights is None
    stages = load_workload(made.workload).spec.network.stages
    assert len(stages) == 19
    assert sum(stage.weights for stage in stages) == 143_667_240
    assert [one.name for one in tmp_path.iterdir()] == ["vgg19.yaml"]


@pytest.mark.slow
def test_vgg19_written_whole(tmp_path):
    """575 MB of weights, each the value that the file repeats."""
    made = import_onnx(VGG19, tmp_path / "vgg19.yaml")
    with np.load(made.weights) as weights:
        assert sum(weights[name].size for name in weights.files) == 143_667_240
        assert len(weights.files) == 2 * 19
        assert np.ptp(weights["dense2"]) == 0


def refused(name):
    """Operators that are refused, how often each."""
    with pytest.raises(DescriptionError) as caught:
        read_onnx(LIGHT / f"light_{name}.onnx")
    return Counter(re.match(r"node \d+, (\w+) '", problem.path)[1] for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("name", "operators"),
    [
        # Two normalisations, three convolutions of two groups, and a pool whose windows reach below the image.
        ("bvlc_alexnet", {"LRN": 2, "Conv": 3, "MaxPool": 1}),
        ("zfnet512", {"LRN": 2}),
        ("squeezenet", {"Concat": 8}),
        ("resnet50", {"Sum": 16, "MaxPool": 1}),
        # A pool in each of nine modules has a margin of one pixel, and the last one reaches below the image.
        ("inception_v1", {"LRN": 2, "Concat": 9, "MaxPool": 9, "AveragePool": 1}),
    ],
)
def test_others_are_refused_by_name(name, operators):
    """Every node that cannot be mapped is named, all at once."""
    assert refused(name) == operators


@pytest.mark.parametrize(
    ("name", "joins"),
    [
        ("densenet121", {"Concat": 58}),
        ("inception_v2", {"Concat": 10}),
        ("shufflenet", {"Sum": 13, "Concat": 3}),
    ],
)
def test_every_join_is_named(name, joins):
    """As many as the graph has, among all else that is refused."""
    found = refused(name)
    assert {op: found[op] for op in joins} == joins


def test_all_reasons_at_once():
    """AlexNet's, in the order of its nodes."""
    with pytest.raises(DescriptionError) as caught:
        read_onnx(LIGHT / "light_bvlc_alexnet.onnx")
    lrn = (
        "is of an operator that cannot be mapped: no layer of chipsim's normalises over neighbouring channels"
    )
    every = "kernels take all channels, or one each (depthwise)"
    assert [(problem.path, problem.message) for problem in caught.value.problems] == [
        ("node 19, LRN 'n2'", lrn),
        ("node 21, Conv 'n4'", f"has 2 groups of 48 channels each; {every}"),
        ("node 23, LRN 'n6'", lrn),
        ("node 27, Conv 'n10'", f"has 2 groups of 192 channels each; {every}"),
        ("node 29, Conv 'n12'", f"has 2 groups of 192 channels each; {every}"),
        (
            "node 31, MaxPool 'n14'",
            (
                "has uneven margins (pads), 0 above and 1 below, 0 left and 1 right, and those of a layer are alike on "
                "both sides"
            ),
        ),
    ]
