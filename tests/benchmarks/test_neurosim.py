"""A simulator that a user has built, here a script that prints what it would."""

import sys

import pytest

from benchmarks.peers.neurosim import PUBLISHED, check, measured, settings_of
from chipsim.errors import ChipsimError

PARAM = """\
Param::Param() {
\tnumMnistTestImages = 10000;\t// # of testing images in MNIST
\tnumTrainImagesPerEpoch = 8000;\t// # of training images per epoch
    numTrainImagesPerBatch = 100;   // It is 1 for SGD
\ttotalNumEpochs = 125;\t// Total number of epochs
\tinterNumEpochs = 1;\t\t// Internal number of epochs
\t// nInput = 5;
\tnInput = 400;     // # of neurons in input layer
\tnHide = 100;      // # of neurons in hidden layer
\tnOutput = 10;     // # of neurons in output layer
\toptimization_type = "Adam";
}
"""
LINES = """\
import os, time
print("Total area=1.0e-8 m^2")
assert os.path.exists("Param.cpp")
assert not os.isatty(0) and os.environ["OMP_NUM_THREADS"] == "1"
for epoch in range(1, {epochs} + 1):
    time.sleep(0.2)
    print(f"Accuracy at {{epoch}} epochs is : {{70 + epoch}}.25%")
    print("\\tRead latency=1.0e-3 s")
time.sleep({rest})
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs a pseudo-terminal")


@pytest.fixture
def built(tmp_path):
    def build(*, epochs=5, rest=0, param=PARAM):
        (tmp_path / "Param.cpp").write_text(param)
        program = tmp_path / "main"
        program.write_text(f"#!{sys.executable}\n" + LINES.format(epochs=epochs, rest=rest))
        program.chmod(0o755)
        return program

    return build


def test_time_between_two_accuracies(built):
    """In its own folder, in one thread, ended when enough is known."""
    found = measured(built(rest=60), patience_s=20)
    assert found.samples == 8000
    assert 0.15 < found.seconds < 5
    assert found.accuracy_percent == 72.25
    told = str(found)
    assert "400-100-10, batch 100, Adam; 8,000 samples in" in told
    assert "the test of 10,000 images after each 8,000 among them; accuracy 72.25 %" in told


def test_settings_are_those_of_its_source(built):
    """Lines that are commented out count for nothing."""
    found = settings_of(built())
    assert (found.inputs, found.hidden, found.outputs) == (400, 100, 10)
    assert (found.samples, found.epochs, found.optimiser) == (8000, 125, "Adam")


def test_too_few_accuracies(built):
    """What was printed, and what is needed."""
    program = built(epochs=1)
    with pytest.raises(ChipsimError) as caught:
        measured(program, patience_s=20)
    told = "printed 1 accuracies; two are needed, for what lies between them is measured"
    assert str(caught.value) == f"{program}: {told}"


def test_silence(built):
    """Nobody waits for ever."""
    program = built(epochs=1, rest=60)
    with pytest.raises(ChipsimError) as caught:
        measured(program, patience_s=1)
    assert str(caught.value) == f"{program}: said nothing for 1 s"


def test_setting_that_is_missing(built):
    """Which one, and in which file."""
    program = built(param=PARAM.replace("nHide = 100", "nHide = hidden"))
    with pytest.raises(ChipsimError) as caught:
        check(program)
    path = program.parent / "Param.cpp"
    assert (
        str(caught.value) == f"{path}: nHide: is not set to a plain value, as the simulator's own file has it"
    )


def test_no_program(tmp_path):
    """A folder is none, and what is wanted is said."""
    with pytest.raises(ChipsimError) as caught:
        check(tmp_path)
    told = "is no program that can be run; NEUROSIM takes the `main` that make built"
    assert str(caught.value) == f"{tmp_path}: {told}"


def test_published_figure_is_said_as_such():
    """With its source, and what is derived from it: 12 h over 256 epochs of 50,000 images are 3.4 ms each."""
    assert "published and not measured here" in PUBLISHED
    assert "https://github.com/neurosim/DNN_NeuroSim_V2.1" in PUBLISHED
    assert round(12 * 3600 / (256 * 50_000) * 1e3, 1) == 3.4
