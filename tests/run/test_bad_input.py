"""What cannot be run is refused with one clear message, before anything is trained."""

from __future__ import annotations

import pytest

from chipsim.errors import DescriptionError, PlacementError
from chipsim.run import simulate

FEW = ("phases.0.dataset.train=4", "phases.0.dataset.test=4")


def refused(error, *sets, workload="mnist-5k", architecture="single-pair"):
    """The whole message."""
    with pytest.raises(error) as caught:
        simulate(architecture, workload, epochs=1, sets=[*FEW, *sets])
    return str(caught.value)


@pytest.mark.parametrize("inputs", [100, 783, 785, 2000])
def test_network_whose_inputs_are_not_the_images(inputs):
    """Inputs must be as many as an image has pixels: kernels write no pixel past the end of an array."""
    message = refused(DescriptionError, f"network.layers=[{inputs},20,10]")
    assert message == (
        f"network.layers: must begin with 784, the pixels of an image of mnist-5k, not {inputs} "
        f"(from --set network.layers=[{inputs},20,10])"
    )


def test_network_with_fewer_outputs_than_classes():
    """Every class needs an output, or its samples could never be right."""
    message = refused(DescriptionError, "network.layers=[784,20,9]")
    assert message == (
        "network.layers: must end with at least 10, the classes of mnist-5k, not 9 "
        "(from --set network.layers=[784,20,9])"
    )


@pytest.mark.parametrize("how", [{}, {"timing_only": True}])
def test_data_that_leave_a_last_batch_of_one_sample(how):
    """4,000 digits are 129 batches of 31 and one sample, known once they are loaded, whoever trains or times."""
    some = [f"phases.{phase}.dataset.train=null" for phase in range(3)]
    with pytest.raises(DescriptionError) as caught:
        simulate("metaplastic-qnn", "mnist-5k-permuted", sets=[*some, "batch=31"], **how)
    lines = str(caught.value).splitlines()
    said = (
        "dataset: 4000 samples in batches of 31 leave a last batch of 1 sample, and a single sample has no variance "
        "to be normalised by; set train to 3999, or take another batch"
    )
    assert [line.partition(".yaml:")[2].partition(": ")[2] for line in lines] == [
        f"phases[name={phase}].{said}" for phase in ("digits-warm-up", "digits", "permuted")
    ]


def test_network_that_needs_more_tiles_than_there_are():
    """The message says what each layer needs and what to change."""
    message = refused(PlacementError, "tile.count=2", "tile.rows=400")
    assert message == (
        "tile.count: the chip has 2 tiles of 400 x 256, the network needs 3: layer 1 (785 x 250) 2, "
        "layer 2 (251 x 10) 1; raise tile.count or set it to auto, or make tiles larger "
        "(from --set tile.count=2)"
    )
