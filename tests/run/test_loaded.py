"""Descriptions that were loaded before are simulated like names, overrides and epochs included."""

import pytest

import chipsim
from chipsim.errors import DescriptionError
from chipsim.run import prepare
from chipsim.spec import load_chip, load_workload


def test_sets_reach_descriptions_that_were_loaded_before():
    """A value set for a loaded chip and workload is the value that is run, and marked as set."""
    setup = prepare(
        load_chip("hybrid-synapse"),
        load_workload("mnist-5k"),
        sets=["device.states=10", "learning_rate=0.2"],
        epochs=3,
        seed=None,
    )
    assert setup.architecture.spec.device.states == 10
    assert setup.workload.spec.learning_rate == 0.2
    assert [phase.epochs for phase in setup.workload.spec.phases] == [3]
    assert [value.kind for value in setup.architecture.values if value.path == "device.states"] == ["set"]


def test_earlier_overrides_are_kept():
    """What was set at loading stays set when more is set later."""
    loaded = chipsim.load("hybrid-synapse", sets=["device.states=10"])
    setup = prepare(loaded, "mnist-5k", sets=["synapse.gain=100"], seed=None)
    assert (setup.architecture.spec.device.states, setup.architecture.spec.synapse.gain) == (10, 100)


def test_epochs_out_of_range_are_refused():
    """The number of epochs is checked like any other value, and the message says where it came from."""
    with pytest.raises(
        DescriptionError, match=r"phases\[name=train\]\.epochs: .*must be between 1 and 100000, not 0"
    ):
        prepare("hybrid-synapse", load_workload("mnist-5k"), epochs=0, seed=None)
