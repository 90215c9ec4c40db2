"""What a chip ended with is in its result: weights by layer, conductances by array."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from chipsim.errors import OutputError
from chipsim.net.network import Network
from chipsim.result.files import load, save
from chipsim.run import simulate
from chipsim.run.ended import names_of
from chipsim.spec import shipped_names
from tests.run.test_shipped import few

pytestmark = pytest.mark.filterwarnings("ignore::chipsim.errors.ChipsimWarning")

FEW = ["phases.0.dataset.train=20", "phases.0.dataset.test=5", "phases.0.epochs=1"]


def trained(architecture="hybrid-synapse", *sets, workload="mnist-5k", **options):
    """A result of a few samples."""
    return simulate(architecture, workload, sets=[*FEW, *sets], **options)


@pytest.fixture
def networks(monkeypatch):
    """Networks that were trained, in the order of their runs."""
    found = []
    begin = Network.begin

    def begun(network, *, seed):
        found.append(network)
        return begin(network, seed=seed)

    monkeypatch.setattr(Network, "begin", begun)
    return found


@pytest.mark.parametrize("architecture", shipped_names("architectures"))
def test_every_chip_says_its_weights_and_cells(architecture, networks):
    """Weights (inputs, outputs) and biases are those that its matrices hold; cells are as many as have worn."""
    sets, _ = few("mnist-5k", architecture)
    result = simulate(architecture, "mnist-5k", sets=sets, epochs=1)
    network = networks[-1]
    for number, matrix in enumerate(network.matrices, start=1):
        name = f"layer{number}"
        whole = matrix.weights().astype(np.float32)
        bias = network.stages[number - 1].bias
        inputs = whole.shape[0] - bias
        assert np.array_equal(result.weights[name], whole[:inputs])
        assert not bias or np.array_equal(result.weights[f"{name}.bias"], whole[inputs])
    assert {name: array.shape for name, array in result.cells.items()} == {
        one.array: np.shape(one.pulses) for one in result.wear
    }
    assert all((array >= 0).all() for array in result.cells.values())


def test_a_pair_of_arrays_makes_its_weights():
    """By hand: the difference of two conductances, in the unit that the widest weight has."""
    result = trained("single-pair")
    plus, minus = (result.cells[f"tile0.pair{sign}"].astype(float) for sign in "+-")
    whole = np.vstack([result.weights["layer1"], result.weights["layer1.bias"]])
    difference = plus - minus
    differ = difference != 0
    wanted = (whole[differ] / difference[differ]).mean()
    assert np.allclose(whole, difference * wanted, rtol=1e-4, atol=1e-6)


def test_convolutions_have_their_own_shape(networks):
    """Height, width, channels in and channels out, and what rows and columns hold."""
    sets = FEW
    result = simulate("digital-fp32", "mnist-5k-conv", sets=sets)
    network = networks[-1]
    for name, stage, matrix in zip(names_of(network.stages), network.stages, network.matrices, strict=True):
        array = result.weights[name]
        assert array.shape == stage.layer.weights_shape(stage.given)
        rows = stage.group_rows - stage.bias
        if stage.groups == 1:
            assert np.array_equal(array.reshape(rows, -1), matrix.weights()[:rows].astype(np.float32))


def test_weights_of_a_result_are_given_to_another_run(tmp_path, networks):
    """By the file as it is, to layers that are called alike; digital weights begin as the others ended."""
    first = trained("digital-fp32", "network.layers=[784, 12, 10]")
    save(first, tmp_path / "run")
    workload = tmp_path / "more.yaml"
    workload.write_text(
        """\
name: more
about: Begins with the weights of another run. For tests.
network:
  layers: [784, {kind: dense, units: 12, name: layer1}, {kind: dense, units: 10, name: layer2}]
  weights: run/weights.npz
learning_rate: 0.1
phases: [{dataset: {name: mnist-5k, train: 5, test: 5}, epochs: 1}]
""",
        encoding="utf-8",
    )
    seen = []
    begin = Network.begin_phase

    def begun(network, phase):
        seen.append([matrix.weights() for matrix in network.matrices])
        begin(network, phase)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Network, "begin_phase", begun)
        simulate("digital-fp32", workload)
    for name, whole in zip(("layer1", "layer2"), seen[0], strict=True):
        assert np.array_equal(first.weights[name], whole[:-1])
        assert np.array_equal(first.weights[f"{name}.bias"], whole[-1])


def test_they_are_read_by_numpy_alone(tmp_path):
    """In a process that knows nothing of chipsim; there they are what the result has."""
    result = trained("single-pair")
    save(result, tmp_path / "run")
    said = subprocess.run(
        [sys.executable, "-c", ("import numpy as np; w = np.load('weights.npz'); c = np.load('cells.npz'); print(w['layer1'].shape, "
         "w['layer1'].dtype, float(w['layer1'].sum()), c['tile0.pair+'].shape)")],
        cwd=tmp_path / "run", capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    weights = result.weights["layer1"]
    assert (
        said.split()
        == f"{weights.shape} float32 {float(weights.sum())} {result.cells['tile0.pair+'].shape}".split()
    )


def test_results_come_back_with_them(tmp_path):
    """Equal to what was saved, also when saved again from there; another weight is another result."""
    result = trained()
    save(result, tmp_path / "run")
    found = load(tmp_path / "run")
    assert found == result
    save(found, tmp_path / "again")
    assert load(tmp_path / "again") == result
    assert (tmp_path / "run/state.npz.zst").read_bytes() == (tmp_path / "again/state.npz.zst").read_bytes()
    found.weights["layer1"][0, 0] += 1
    assert found != result


def test_those_that_changed_since_are_refused(tmp_path):
    """When the result is read, and when the arrays are: they are looked at later."""
    save(trained(), tmp_path / "run")
    path = tmp_path / "run/weights.npz"
    found = load(tmp_path / "run")
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(
        OutputError, match=r"weights\.npz: changed since the result was read; put back what was saved"
    ):
        found.weights["layer1"]
    with pytest.raises(OutputError, match=r"weights\.npz: changed since it was saved"):
        load(tmp_path / "run")
    path.unlink()
    with pytest.raises(OutputError, match=r"weights\.npz missing"):
        load(tmp_path / "run")


def test_runs_that_were_only_timed_have_none(tmp_path):
    """Nor have results without them any less to say."""
    result = trained(timing_only=True)
    assert (len(result.weights), len(result.cells), result.state) == (0, 0, None)
    save(result, tmp_path / "run")
    assert not [path for path in (tmp_path / "run").iterdir() if "npz" in path.name]
    assert load(tmp_path / "run") == result


def test_the_state_can_be_left_out(tmp_path):
    """Of runs of which there are many, and from which none starts."""
    result = trained(keep_state=False)
    assert result.state is None
    assert len(result.weights)
    save(result, tmp_path / "run")
    assert not (tmp_path / "run/state.npz.zst").exists()
    assert load(tmp_path / "run") == result


def test_layers_without_a_name_are_called_by_their_number():
    """And never like another layer."""
    given = [None, "layer1", None]
    stages = [SimpleNamespace(layer=SimpleNamespace(name=name)) for name in given]
    assert names_of(stages) == ["layer1_", "layer1", "layer3"]
