"""Layers that keep the weights they are given, and those that only begin with them."""

from __future__ import annotations

import hashlib
import io
import zipfile

import attrs
import numpy as np
import pytest

from chipsim.errors import DescriptionError
from chipsim.layer.convolution import Convolution
from chipsim.layer.dense import Dense
from chipsim.layer.max_pool import MaxPool
from chipsim.learn.hidden_weights import HiddenWeights
from chipsim.parts.program import operations_of
from chipsim.run import Options, prepare, simulate
from chipsim.run.progress import Watcher
from chipsim.run.sameness import differences_of
from chipsim.run.weights import given_weights, weights_digest
from chipsim.spec import load_workload, workload_from_document
from chipsim.spec.workload import NormalisationSpec
from tests import hidden_made, made
from tests.learn.test_convolution import EXACT, TILE, same
from tests.spec.messages import fails
from tests.twins import AdamTwin, CrossbarTwin, DigitalTwin

LAYERS = (
    (6, 6, 1),
    Convolution(kernels=3, size=3, name="kernels", frozen=True),
    MaxPool(size=2),
    Dense(units=4),
    3,
)
NET = {"activation": "relu", "loss": "cross-entropy", "bias": True, "weights": "x.npz"}
RNG = np.random.default_rng(4)
GIVEN = {0: (RNG.integers(-60, 61, (10, 3)) / 64).astype(np.float32)}
NORMALISED = NormalisationSpec(state="shared", momentum=0.25)


def digits():
    """A few images."""
    return made.digits(36, 3, train=10, test=4)


@pytest.mark.parametrize("normalisation", [None, NORMALISED])
@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("chip", ["digital", "adam", "cells"])
def test_a_frozen_layer_beside_those_that_learn(chip, batch, normalisation):
    """The rest learns as the twin's does; the frozen layer keeps its weights, and is not normalised."""
    if normalisation and batch == 1:
        pytest.skip("a single sample has no variance")
    net, data = NET | {"normalisation": normalisation, "given": GIVEN}, digits()
    update = made.update_by(kind="parallel-pulses", encoding="deterministic", slots=63)
    specs = {
        "digital": made.mac_chip(rows=40), "adam": made.adam_chip(rows=40),
        "cells": made.chip(device=EXACT, update=update, tile=TILE, digital=made.unit("float-32")),
    }  # fmt: skip
    spec = specs[chip]
    twin = {
        "digital": lambda: DigitalTwin(LAYERS, **net),
        "adam": lambda: AdamTwin(LAYERS, rule=spec.rule, **net),
        "cells": lambda: CrossbarTwin(LAYERS, spec=spec, **net),
    }[chip]()
    run = made.trained(spec, LAYERS, epochs=2, batch=batch, data=data, **net)
    same(run, twin, batch=batch, data=data)
    step = made.IDEAL.on_conductance / 4099 if chip == "cells" else 0
    np.testing.assert_allclose(run.weights[0], GIVEN[0], atol=step)
    assert not np.array_equal(run.weights[1], twin.start[1])


def test_hidden_weights_keep_none_for_a_frozen_layer():
    """It stands at the nearest levels, and takes no place in the memory."""
    spec = hidden_made.chip(rule=HiddenWeights(), tile=TILE)
    net = hidden_made.network(LAYERS, normalisation=None, bias=True, weights="x.npz")
    phases = [(hidden_made.phase("first", epochs=2), digits())]
    run = hidden_made.trained(spec, net, phases, batch=4, seed=3, given=GIVEN)
    memory = run.rule.chip.digital.memory
    assert [name for name in memory.names if name.startswith("layer0")] == []
    workload = attrs.evolve(made.workload_of((2, 2)), network=net)
    assert memory.used == spec.rule.memory_bits(spec, workload)
    levels = np.array(spec.synapse.levels)
    nearest = levels[np.abs(GIVEN[0][:, :, None] - levels).argmin(axis=2)]
    np.testing.assert_allclose(run.rule.matrices[0].weights(), nearest, atol=0.2)


def test_no_error_is_computed_for_what_nobody_learns_from():
    """Behind the first layer that learns nothing goes backwards, and a frozen layer is never changed."""
    layers = (
        36,
        Dense(units=5, name="a", frozen=True),
        Dense(units=4, name="b", frozen=True),
        Dense(units=4),
        3,
    )
    net = NET | {"given": {}}
    for batch in (1, 4):
        program = made.rule_on(made.mac_chip(rows=40), layers, seed=None, **net).typical_step(batch)
        done = {(op.part, op.action) for op, _ in operations_of(program) if not op.target}
        assert {action for part, action in done if part in ("tile0", "tile1")} == {"forward"}
        assert {action for part, action in done if part == "tile2"} == {"forward", "update"}
        assert {action for part, action in done if part == "tile3"} == {"forward", "backward", "update"}


def test_no_winner_and_no_error_waits_for_a_frozen_layer():
    """Where maxima stood is not kept before the first layer that learns; errors wait for tiles that change only."""
    net = NET | {"given": {}}
    learning = (LAYERS[0], attrs.evolve(LAYERS[1], frozen=False, name=None), *LAYERS[2:])
    written = {}
    for name, layers in (("frozen", LAYERS), ("learning", learning)):
        program = made.rule_on(made.mac_chip(rows=40), layers, seed=None, **net).typical_step(1)
        written[name] = sum(
            times * op["bits"]
            for op, times in operations_of(program)
            if (op.part, op.action) == ("buffer", "write")
        )
    # Twelve windows of two bits each, and the errors of 48 sums.
    assert written["learning"] - written["frozen"] == 12 * 2 + 48 * 32


# --- files -------------------------------------------------------------------------------------------

DOCUMENT = load_workload("mnist-5k").document


def workload(folder, arrays=None, *, layers=None, name="weights.npz", content=None, **net):
    """A workload in a file, with given weights beside it."""
    network = {
        "layers": layers or [[28, 28, 1], {"kind": "convolution", "kernels": 2, "size": 3, "name": "k", "frozen": True}, 10],
        "weights": name, "activation": "relu", "loss": "cross-entropy", "initial_weights": 0.1,
    } | net  # fmt: skip
    if arrays is not None:
        np.savez(folder / "weights.npz", **arrays)
    if content is not None:
        (folder / "weights.npz").write_bytes(content)
    return workload_from_document(DOCUMENT | {"network": network}, file=str(folder / "mine.yaml"))


KERNELS = np.arange(18, dtype=np.float64).reshape(3, 3, 1, 2) / 18


def test_weights_come_from_a_file(tmp_path):
    """Kernels by their window, biases in the last row; trained once, and kept."""
    work = workload(tmp_path, {"k": KERNELS, "k.bias": np.array([0.25, -0.5])})
    setup = prepare("digital-fp32", work, sets=["phases.0.dataset.train=10"], seed=1)
    given = setup.rule.matrices[0].given
    np.testing.assert_array_equal(given[:-1], KERNELS.reshape(9, 2).astype(np.float32))
    assert given[-1].tolist() == [0.25, -0.5]
    result = simulate("digital-fp32", work, sets=["phases.0.dataset.train=10"], epochs=1)
    assert result.summary["steps"] == 10


def test_a_named_layer_that_is_not_frozen_learns_on(tmp_path):
    """Its given weights are where it begins."""
    layers = [784, {"kind": "dense", "units": 5, "name": "first"}, 10]
    given = np.full((784, 5), 0.125)
    work = workload(tmp_path, {"first": given}, layers=layers)
    setup = prepare("digital-fp32", work, seed=1)
    setup.rule.begin(seed=1)
    np.testing.assert_array_equal(setup.rule.matrices[0].weights()[:-1], given)
    assert not setup.rule.matrices[0].frozen


@pytest.mark.parametrize("said", ["given.npz", "{value: given.npz, source: trained elsewhere}"])
@pytest.mark.parametrize(
    ("more", "begins_with"),
    [
        ("network: {initial_weights: 0.2}", 0.25),
        ("network: {weights: given.npz}", 0.5),
        ("network.weights: ./given.npz", 0.5),
        ("network.weights: base/given.npz", 0.25),
    ],
)
def test_a_file_of_weights_is_looked_for_beside_the_description_that_names_it(
    tmp_path, said, more, begins_with
):
    """Beside the base where the child does not name it; beside the child where it does, by whatever name."""
    (tmp_path / "base").mkdir()
    np.savez(tmp_path / "base" / "given.npz", first=np.full((784, 5), 0.25))
    np.savez(tmp_path / "given.npz", first=np.full((784, 5), 0.5))
    layers = "[784, {kind: dense, units: 5, name: first}, 10]"
    (tmp_path / "base" / "base.yaml").write_text(
        f"extends: mnist-5k\nname: base\nabout: For tests.\nnetwork: {{layers: {layers}, weights: {said}}}\n"
    )
    path = tmp_path / "mine.yaml"
    path.write_text(f"extends: base/base.yaml\nname: mine\nabout: For tests.\n{more}\n")
    given = given_weights(load_workload(path))
    assert given.layers[0][0, 0] == begins_with
    assert given.sha256 == weights_digest(load_workload(path))


def test_a_file_that_is_set_is_looked_for_where_the_command_is_given(tmp_path, monkeypatch):
    """Not beside the workload, which may ship; told as it was set where there is none."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    np.savez(tmp_path / "runs" / "kernels.npz", k=np.ones((5, 5, 1, 10)))
    sets = ["network.layers[kind=convolution].name=k", "network.weights=runs/kernels.npz"]
    workload = load_workload("mnist-5k-conv", sets=sets)
    assert given_weights(workload).layers[0][0, 0] == 1
    # What a result keeps of it still says that it was set.
    again = workload_from_document(workload.document, file=workload.file)
    assert weights_digest(again) == weights_digest(workload) != ""
    sets[1] = "network.weights=kernels.npz"
    with pytest.raises(
        DescriptionError, match=r"weights: kernels.npz: cannot be read: No such file"
    ) as caught:
        given_weights(load_workload("mnist-5k-conv", sets=sets))
    assert str(caught.value).endswith("(from --set network.weights=kernels.npz)")


def test_each_seed_may_have_a_file_of_its_own(tmp_path):
    """By its place in the name; a check that knows no seed reads none of them."""
    for seed in (0, 7):
        np.savez(tmp_path / f"k-{seed}.npz", k=np.full_like(KERNELS, seed))
    work = workload(tmp_path, name="k-{seed}.npz")
    read = {seed: given_weights(work, seed=seed).layers[0][0, 0] for seed in (0, 7)}
    assert read == {0: 0, 7: 7}
    names = {weights_digest(work, seed=seed) for seed in (0, 7)}
    assert names == {hashlib.sha256((tmp_path / f"k-{seed}.npz").read_bytes()).hexdigest() for seed in (0, 7)}
    assert prepare("digital-fp32", work, seed=7).rule.matrices[0].given[0, 0] == 7
    assert prepare("digital-fp32", work, seed=None).weights.sha256 == ""
    with pytest.raises(DescriptionError, match=r"network.weights: k-3.npz: cannot be read: No such file"):
        prepare("digital-fp32", work, seed=3)


def test_a_seed_is_kept_by_the_digest_of_its_own_file(tmp_path):
    """A run of another seed is another run, and a run again is the same."""
    for seed in (0, 7):
        np.savez(tmp_path / f"k-{seed}.npz", k=KERNELS + seed / 100)
    work = workload(tmp_path, name="k-{seed}.npz")
    sets = ["phases.0.dataset.train=5"]
    kept = simulate("digital-fp32", work, sets=sets, epochs=1, seed=7)
    said = hashlib.sha256((tmp_path / "k-7.npz").read_bytes()).hexdigest()
    assert kept.provenance["weights_sha256"] == said
    how = {"sets": sets, "epochs": 1}
    assert differences_of(kept, "digital-fp32", work, **how, options=Options(seed=7)) == []
    assert differences_of(kept, "digital-fp32", work, **how, options=Options(seed=0))


def test_other_weights_are_another_run(tmp_path):
    """The file is known by its content, not by its name; arrays of other layers are left alone."""
    work = workload(tmp_path, {"k": KERNELS, "of-another": np.zeros(3)})
    how = {"sets": ["phases.0.dataset.train=5"], "epochs": 1}
    kept = simulate("digital-fp32", work, **how)
    again = {**how, "options": Options(seed=0)}
    assert differences_of(kept, "digital-fp32", work, **again) == []
    np.savez(tmp_path / "weights.npz", k=KERNELS / 2)
    [said] = differences_of(kept, "digital-fp32", work, **again)
    assert said.startswith("the file of weights was ")


@pytest.mark.parametrize("interrupted", [False, True])
def test_a_file_of_weights_that_is_gone_before_the_end(tmp_path, interrupted):
    """What was read is told, and nothing that was trained is lost."""
    work = workload(tmp_path, {"k": KERNELS})
    content = (tmp_path / "weights.npz").read_bytes()

    class Meanwhile(Watcher):
        def epoch_ends(self, row, *, tasks):
            (tmp_path / "weights.npz").unlink()
            if interrupted:
                raise KeyboardInterrupt

    result = simulate("digital-fp32", work, sets=["phases.0.dataset.train=5"], epochs=1, progress=Meanwhile())
    assert not (tmp_path / "weights.npz").exists()
    assert result.summary["complete"] is not interrupted
    assert result.provenance["weights_sha256"] == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("damage", ["member", "deflate", "flag"])
def test_a_damaged_file_of_weights(tmp_path, damage):
    """However it is damaged, the key that names it is told."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, k=KERNELS)
    content = bytearray(buffer.getvalue())
    if damage == "member":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as packed:
            packed.writestr("k", b"no array")
        content = bytearray(buffer.getvalue())
    elif damage == "deflate":
        content[60:80] = b"x" * 20
    else:
        content[6] |= 1
        content[content.rindex(b"PK\x01\x02") + 8] |= 1
    work = workload(tmp_path, content=bytes(content))
    with pytest.raises(
        DescriptionError, match=r"network.weights: weights.npz: cannot be read: it is no .npz file"
    ):
        prepare("digital-fp32", work, seed=None)


def test_nobody_wonders_at_weights_that_are_to_stay(tmp_path):
    """That the frozen layer stands still is no remark; that the others do would be."""
    work = workload(tmp_path, {"k": KERNELS})
    result = simulate("digital-fp32", work, sets=["phases.0.dataset.train=10"], epochs=1)
    assert not [text for text in result.summary["warnings"] if "changed" in text]
    still = simulate(
        "hybrid-synapse", work, sets=["phases.0.dataset.train=2", "learning_rate=1e-6"], epochs=1
    )
    assert [text for text in still.summary["warnings"] if text == "no weight changed in epoch 1"]


@pytest.mark.parametrize(
    ("arrays", "net", "message"),
    [
        ({"kk": KERNELS}, {}, "layers.1.name: weights.npz: has no array 'k', nor 'k.weight' of PyTorch; it has: kk; did you mean 'kk'?"),
        ({}, {}, "layers.1.name: weights.npz: has no array 'k', nor 'k.weight' of PyTorch; it has: none"),
        ({"k": KERNELS[:2]}, {}, "layers.1.name: weights.npz: 'k' has the shape 2 x 3 x 1 x 2, not 3 x 3 x 1 x 2"),
        ({"k": KERNELS, "k.bias": np.zeros(3)}, {}, "layers.1.name: weights.npz: 'k.bias' has the shape 3, not 2"),
        ({"k": KERNELS, "k.bias": np.zeros(2)}, {"bias": False},
         "layers.1.name: weights.npz: 'k.bias' gives biases, and the network has none (network.bias)"),
        ({"k": KERNELS, "k.biases": np.zeros(2)}, {}, "weights: weights.npz: nothing reads 'k.biases'; did you mean 'k.bias'?"),
        ({"k": np.full_like(KERNELS, 1e300)}, {},
         "layers.1.name: weights.npz: 'k' has values that are no finite numbers in single precision"),
        ({"k": KERNELS.astype(int)}, {}, "layers.1.name: weights.npz: 'k' has values of type int64, not floats"),
        ({"k": np.full_like(KERNELS, np.inf)}, {}, "layers.1.name: weights.npz: 'k' has values that are no finite numbers in single precision"),
        ({"k": np.array([None])}, {}, "weights: weights.npz: cannot be read: it is no .npz file of plain arrays: "),
    ],
)  # fmt: skip
def test_what_is_wrong_with_given_weights(tmp_path, arrays, net, message):
    """Told at the layer, with both shapes."""
    work = workload(tmp_path, arrays, **net)
    with pytest.raises(DescriptionError) as caught:
        prepare("digital-fp32", work, seed=None)
    assert f"network.{message}" in str(caught.value.problems[0])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"no zip at all", "cannot be read: it is no .npz file"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path, content, message):
    """Told at the key that names it."""
    work = workload(tmp_path, content=content)
    with pytest.raises(DescriptionError, match=r"network.weights: weights.npz: ") as caught:
        prepare("digital-fp32", work, seed=None)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        ("[784, {kind: dense, units: 9, name: a}, 10]",
         "network.layers.1.name: nothing reads it: network.weights names no file; leave name out"),
    ],
)  # fmt: skip
def test_what_does_not_go_together(sets, message):
    """In the description alone."""
    said = fails(load_workload, "mnist-5k", sets=[f"network.layers={sets}"])
    assert message in said.partition(" (from --set")[0]


def test_names_are_given_once_and_files_for_somebody():
    """Two layers of one name; a file that no layer is named in."""
    two = "[784, {kind: dense, units: 9, name: a}, {kind: dense, units: 10, name: a}]"
    said = fails(load_workload, "mnist-5k", sets=[f"network.layers={two}", "network.weights=x.npz"])
    assert said.count("layers must have different names, not 'a' again") == 2
    assert "network.weights: nothing reads it: no layer has a name; leave weights out" in fails(
        load_workload, "mnist-5k", sets=["network.weights=x.npz"]
    )
