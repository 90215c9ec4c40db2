"""The study of frozen layers: what cells hold of weights, beside plain numpy, and how it goes on and tells."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from chipsim.result.metrics import MISSING
from chipsim.spec import load_chip

DATA = Path(os.environ.get("CHIPSIM_DATA") or ".")


@pytest.fixture
def cells(tool):
    return tool("vgg16_cells")


@pytest.fixture
def study(tool):
    return tool("frozen_layers")


@pytest.fixture
def weights(tool, tmp_path):
    """A file of thirteen small layers, each with a few weights that are large."""
    rng = np.random.default_rng(4)
    found, channels = {}, 3
    for name in tool("vgg16_forward").LAYERS:
        found[name] = rng.standard_t(3, size=(3, 3, channels, 4)).astype(np.float32)
        found[f"{name}.bias"] = rng.normal(0, 5, 4).astype(np.float32)
        channels = 4
    np.savez(tmp_path / "weights.npz", **found)
    return tmp_path / "weights.npz"


# --- naive twins -------------------------------------------------------------------------------------


def made_by_cells(units):
    """What pairs of cells make of the nearest wanted difference; they conduct 5 uS a unit, and 0.5 uS for none."""
    conductances = [0.5, *(5.0 * unit for unit in units)]
    span = conductances[-1] - conductances[0]
    pairs = [(one - other) / span for one in conductances for other in conductances]
    wanted = sorted({(one - other) / units[-1] for one in (0, *units) for other in (0, *units)})
    return np.array(wanted), np.array([min(pairs, key=lambda pair: abs(pair - level)) for level in wanted])


def quantised(values, factor, units):
    """Each weight as the nearest level reads."""
    wanted, made = made_by_cells(units)
    nearest = np.abs(values.astype(np.float64)[..., None] / factor - wanted).argmin(axis=-1)
    return factor * made[nearest]


def through(image, kernels, bias):
    """Rectified sums of one layer of one image, by one product a place."""
    padded = np.pad(image.astype(np.float64), ((1, 1), (1, 1), (0, 0)))
    out = np.zeros((*image.shape[:2], kernels.shape[3]))
    flat = kernels.reshape(-1, kernels.shape[3])
    for row in range(image.shape[0]):
        for column in range(image.shape[1]):
            out[row, column] = padded[row : row + 3, column : column + 3].ravel() @ flat
    return np.maximum(out + bias, 0)


# --- what cells hold ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("levels", "units"), [("-1, 0, 1", (12,)), ("1 : 3 : 8", (1, 3, 8)), ("1 : 3 : 8 : 12", (1, 3, 8, 12))]
)
def test_cells_hold_the_nearest_levels(cells, weights, tmp_path, *, levels, units):
    """In the shapes of the file, and biases as they are; what was cut and what became zero is counted."""
    found = cells.held(cells.Cells(levels, "deviations", 2.0), weights, folder=tmp_path)
    with np.load(weights) as archive:
        given = dict(archive)
    for name in found.factors:
        factor = 2 * given[name].astype(np.float64).std()
        assert found.factors[name] == pytest.approx(factor, rel=1e-6)
        expected = quantised(given[name], factor, units)
        np.testing.assert_allclose(found.weights[name], expected, rtol=1e-5, atol=1e-7)
        np.testing.assert_array_equal(found.weights[f"{name}.bias"], given[f"{name}.bias"])
        assert found.clipped[name] == np.mean(np.abs(given[name]) > factor)
        assert found.zero[name] == pytest.approx(np.mean(expected == 0))
        assert sum(found.shares[name].values()) == pytest.approx(1)
        assert found.shares[name][0.0] == pytest.approx(np.mean(expected == 0))


def test_biases_in_cells_are_scaled_with_the_weights(cells, weights, tmp_path):
    """The largest of a layer may then be a bias, which makes all levels coarser."""
    digital, inside = (
        cells.held(cells.Cells("-1, 0, 1", "largest", biases=biases), weights, folder=tmp_path)
        for biases in ("digital", "cells")
    )
    with np.load(weights) as archive:
        given = dict(archive)
    for name in inside.factors:
        largest = max(np.abs(given[name]).max(), np.abs(given[f"{name}.bias"]).max())
        assert inside.factors[name] == pytest.approx(largest)
        assert digital.factors[name] == pytest.approx(np.abs(given[name]).max())
        expected = quantised(given[f"{name}.bias"], largest, (12,))
        np.testing.assert_allclose(inside.weights[f"{name}.bias"], expected, rtol=1e-6)


def test_spread_is_a_share_of_what_a_level_conducts(cells, weights, tmp_path):
    """Another draw gives other weights, and the same draw the same."""
    one, again, other = (
        cells.held(cells.Cells("-1, 0, 1", "least-squares", spread=0.2, draw=draw), weights, folder=tmp_path)
        for draw in (0, 0, 1)
    )
    ends = []
    for name, factor in one.factors.items():
        np.testing.assert_array_equal(one.weights[name], again.weights[name])
        assert not np.array_equal(one.weights[name], other.weights[name])
        shares = np.abs(one.weights[name]) / factor
        ends.append(shares[shares > 0.3])
    # 60 uS spread by 12 uS, of a difference of 59.5 uS; and 0.5 uS by 0.1 uS.
    assert np.concatenate(ends).mean() == pytest.approx(1, abs=0.03)
    assert np.concatenate(ends).std() == pytest.approx(12 / 59.5, rel=0.1)
    assert one.shares == {}


def test_every_configuration_is_a_chip(cells, study, tmp_path):
    """All levels of the grid can be made by their cells, and no two configurations share a folder."""
    names = [study.named(each) for each in (None, *study.grid())]
    assert len(set(names)) == len(names)
    for each in study.grid():
        file = tmp_path / "chip.yaml"
        file.write_text(json.dumps(cells._chip(each)), encoding="utf-8")
        frozen = load_chip(file).spec.groups["features"]
        means = tuple(frozen.device.means.tolist())
        assert frozen.synapse.made(means)[-1] == 1
        assert len(set(frozen.synapse.made(means))) == len(frozen.synapse.levels)


# --- the study ---------------------------------------------------------------------------------------


def test_what_is_missing_is_said(study, tmp_path, monkeypatch, capsys):
    """And nothing is made; that is no error."""
    monkeypatch.delenv("CHIPSIM_VGG16", raising=False)
    study.main(["--data", str(tmp_path), "--runs", str(tmp_path / "runs")])
    assert capsys.readouterr().out == (
        "left out: no vgg16-imagenet.npz, which tools/fetch_vgg16.py makes (--weights, or CHIPSIM_VGG16); no "
        f"{tmp_path}/flowers17/images224.npz, the photographs (--data, or CHIPSIM_DATA); no flowers17_vgg16_pool3.npz "
        f"in {tmp_path}, floating-point features (--data, or CHIPSIM_DATA)\n"
    )
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("each", ["3", "21", "0"])
def test_too_few_photographs(study, each, capsys):
    """Or more than there are."""
    with pytest.raises(SystemExit):
        study.main(["--each", each])
    assert (
        f"--each must be from 4 to 20, not {each}: fewer make no batch of 64, and there are 20 of a class to test on"
    ) in capsys.readouterr().err


@pytest.fixture
def given(study, tmp_path):
    """What a study is made of, as far as what it keeps hangs on it."""
    places = np.arange(2)
    nothing = np.zeros(0, np.uint8)
    return study.Given(
        weights=tmp_path, sha256="aa", photographs=tmp_path, data=tmp_path, train=places, test=places, labels=nothing,
        known=nothing, known_train=places,
    )  # fmt: skip


def test_what_is_done_is_not_made_again(study, given, tmp_path, monkeypatch):
    """Each half by itself; other photographs, or other weights, are another configuration."""
    made = []
    monkeypatch.setattr(study, "_through", lambda *_, **__: made.append("features") or {"cosine": 0.5})
    monkeypatch.setattr(study, "_trained", lambda *_: made.append("layers") or {"own": [1.0]})
    each = next(study.grid())
    folder = tmp_path / study.named(each)
    row = study.made(each, given, folder, images=list)
    assert (row["cosine"], row["own"], row["cells"]) == (0.5, [1.0], each)
    study.made(each, given, folder, images=list)
    assert made == ["features", "layers"]
    # Stopped between the two, or while the second was written.
    (folder / "accuracy.json").write_text('{"own": [', encoding="utf-8")
    study.made(each, given, folder, images=list)
    assert made == ["features", "layers", "layers"]
    study.made(each, study.attrs.evolve(given, sha256="bb"), folder, images=list)
    assert made[3:] == ["features", "layers"]


def row(study, cells, accuracy):
    """What a configuration came to, made up."""
    layers = study.LAYERS
    shares = dict.fromkeys(layers, 0.25)
    told = {
        "cells": cells,
        "cosine": 0.9,
        "silent": 0.5,
        "zero": shares,
        "clipped": shares,
        "factors": shares,
    }
    told |= {"weight_error": shares, "late": [[-1.0, 0.25], [0.0, 0.5], [1.0, 0.25]]}
    trained = {name: [accuracy, accuracy + 1, accuracy + 2] for name in study.TRAININGS}
    return told | trained | {f"{name} train": [100.0] * 3 for name in study.TRAININGS}


def test_it_is_told_between_its_marks(study, cells, tmp_path):
    """Tables with all configurations, a drawing, and a file of figures; prose stays."""
    text = "# Report\n\nProse.\n\n<!-- study frozen-layers -->\nold\n<!-- end frozen-layers -->\nMore.\n"
    (tmp_path / "README.md").write_text(text, encoding="utf-8")
    most = "1 : 3 : 8 : 12"
    rows = [
        row(study, None, 90.0),
        row(study, cells.Cells(most, "largest"), 50.0),
        row(study, cells.Cells(most, "least-squares"), 80.0),
        row(study, cells.Cells(most, "least-squares", spread=0.1), 70.0),
        row(study, cells.Cells(most, "least-squares", spread=0.1, draw=1), 60.0),
    ]
    study.tell(rows, tmp_path, each=8, late=study.LATE)
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "Prose." in text
    assert "More." in text
    assert "old" not in text
    assert "of 136 photographs" in text
    unknown = " | ".join(6 * [MISSING])
    assert f"| floating point | {unknown} | 1.000 | 91.0 ± 1.0 |" in text
    assert f"| {most} | 21 | least-squares | digital | 25 % | 25 % | 25 % | 0.900 | 81.0 ± 1.0 |" in text
    # Both draws of a spread, with all their seeds.
    assert f"| {most} | least-squares | 10 % | 2 | 25 % | 0.900 | 66.0 ± 5.5 |" in text
    assert "| least-squares | 0.2500 | 50 % | 0 % | 0 % | 0 % | 0 % | 50 % | 25 % |" in text
    figures = (tmp_path / "frozen-layers.csv").read_text(encoding="utf-8").splitlines()
    assert len(figures) == 6
    assert figures[2].startswith(f"{most},21,largest,0,0,digital,0.9,50,25,25,25,50,51,52,")


# --- the weights themselves --------------------------------------------------------------------------


@pytest.mark.data
@pytest.mark.parametrize(("levels", "units"), [("-1, 0, 1", (12,)), ("1 : 3 : 8 : 12", (1, 3, 8, 12))])
def test_one_photograph_through_two_layers(study, cells, tool, *, tmp_path, levels, units):
    """On the cells of a chip as by hand: features are the same, but for the order of sums."""
    file = study.weights_file(None, DATA)
    photographs = DATA / "flowers17" / "images224.npz"
    if file is None:
        pytest.skip(
            "no vgg16-imagenet.npz, which tools/fetch_vgg16.py makes, in CHIPSIM_DATA or by CHIPSIM_VGG16"
        )
    if not photographs.is_file():
        pytest.skip(f"no {photographs}")
    pytest.importorskip("PIL")
    forward = tool("vgg16_forward")
    image = forward.pictures(photographs, [700])
    held = cells.held(cells.Cells(levels, "deviations", 3.0), file, folder=tmp_path).weights
    with np.load(file) as archive:
        given = {name: archive[name] for name in ("block1_conv1", "block1_conv2")}
        biases = {name: archive[f"{name}.bias"] for name in given}
    found, expected = image, image[0]
    for name, kernels in given.items():
        found = np.maximum(forward.convolved(found, forward.turned(held[name])) + held[f"{name}.bias"], 0)
        twin = quantised(kernels, 3 * kernels.astype(np.float64).std(), units)
        expected = through(expected, twin, biases[name])
    assert expected.max() > 100
    np.testing.assert_allclose(found[0], expected, rtol=1e-3, atol=1e-4 * expected.max())
