"""Chips with groups of tiles from their file to the page: what runs, what is saved, and what is told."""

from __future__ import annotations

import numpy as np
import pytest
import yaml
from click.testing import CliRunner

from chipsim.cli import main
from chipsim.errors import PlacementError
from chipsim.report import write_report
from chipsim.report.curves import update_figure
from chipsim.report.worn import array_wear, level_wear, wear_figures
from chipsim.result.endurance import endurance
from chipsim.result.files import load, save
from chipsim.result.places import described_in, groups_in
from chipsim.run import prepare, simulate
from chipsim.spec import load_workload
from tests.spec.test_groups import mixed

WORKLOAD = load_workload("mnist-5k-conv").document


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A chip of two groups, a workload whose kernels are frozen, and their weights."""
    folder = tmp_path_factory.mktemp("groups")
    rng = np.random.default_rng(3)
    np.savez(folder / "weights.npz", kernels=rng.choice([-0.75, 0.0, 0.75], (5, 5, 1, 10)))
    (folder / "mixed.yaml").write_text(yaml.safe_dump(mixed()), encoding="utf-8")
    network = WORKLOAD["network"] | {"weights": "weights.npz"}
    image, kernels, *rest = WORKLOAD["network"]["layers"]
    network["layers"] = [image, kernels | {"name": "kernels", "frozen": True}, *rest]
    phase = WORKLOAD["phases"][0] | {"epochs": 1, "dataset": {"name": "mnist-5k", "train": 60, "test": 20}}
    document = WORKLOAD | {"network": network, "phases": [phase], "batch": 1}
    (folder / "frozen.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def result(files):
    """Sixty digits."""
    return simulate(str(files / "mixed.yaml"), str(files / "frozen.yaml"))


def test_each_layer_stands_on_its_group(result):
    """Kernels in multilevel cells, the rest in pairs."""
    placed = {(block.layer, block.group, block.role) for block in result.placement}
    assert placed == {(1, "features", "weight"), (2, "head", "weight")}
    arrays = {one.array.partition(".")[2] for one in result.wear}
    assert arrays == {"cells", "pair+", "pair-"}
    written = {(row.part, row.action) for row in result.ledger if row.pulses}
    assert ("tile0.cells", "initialise") in written
    assert {action for part, action in written if part == "tile0.cells"} == {"initialise"}
    assert ("tile1.pair+", "update") in written


def test_a_run_is_the_same_without_replay_and_again(files, result):
    """As of every chip: the ledger is the same to the attojoule, and a seed gives the same run."""
    again = simulate(str(files / "mixed.yaml"), str(files / "frozen.yaml"), replay=False)
    assert again.ledger == result.ledger
    assert [row.loss for row in again.epochs] == [row.loss for row in result.epochs]


def test_a_saved_run_says_what_stood_where(result, tmp_path):
    """Read back equal, with the cells of each group."""
    save(result, tmp_path / "run")
    assert load(tmp_path / "run") == result
    assert groups_in(result) == ("features", "head")
    assert described_in(result, "features", "device", "endurance") == 100_000
    assert described_in(result, "head", "device", "states") == 50


def test_cells_are_held_against_what_their_own_group_stands(result):
    """A multilevel cell that was programmed once stands 1e5 cycles; pulses of the pairs are of 1e11."""
    found = endurance(result)
    assert found.endurance is None
    by_array = {one.name: one for one in found.by("array")}
    assert by_array["tile0.cells"].trainings == 100_001
    most = max(by_array[name].hottest for name in by_array if name != "tile0.cells")
    assert by_array["tile0.cells"].past_endurance == 0
    assert found.all.trainings > 10**11 // most


def test_a_chip_of_groups_is_described(files):
    """Each group with its layers, tiles and weights; every number under the path that leads into its group."""
    line = ["describe", str(files / "mixed.yaml"), "-w", str(files / "frozen.yaml")]
    told = " ".join(CliRunner().invoke(main, line).output.split())
    assert (
        "Group features, layer 1 (frozen): 1 crossbar tile of 1024 x 512. Weights: two adjacent cells each"
        in told
    )
    assert "Group head, layer 2: 2 crossbar tiles of 1024 x 256. Weights: one pair of cells each." in told
    assert "groups.head.device: states 50" in told


def test_a_page_is_made(result, tmp_path):
    """Nothing on it needs a chip to be of one kind of tile."""
    save(result, tmp_path / "run")
    line = ["report", str(tmp_path / "run"), "--output", str(tmp_path / "page.html")]
    done = CliRunner().invoke(main, line)
    assert done.exit_code == 0, done.output
    assert "groups.features.device.endurance" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_page_tells_of_both_sorts_of_cells(result, tmp_path):
    """Of each its hottest cell, its arrays, its histograms and maps; updates are of the cells that learn."""
    page = write_report([result], tmp_path / "page.html").read_text(encoding="utf-8")
    levels = result.wear[0]
    assert (levels.array, int(levels.programmings.max())) == ("tile0.cells", 1)
    pulses = max(int(one.pulses.max()) for one in result.wear[1:])
    assert (
        f"The hottest of its cells that take pulses had {pulses} pulses, the hottest of those with levels was "
        "programmed 1 time."
    ) in page
    assert "Pulses and resets of every array whose cells take pulses, those" in page
    assert [(one.array, one.hottest, one.sets) for one in level_wear([result])] == [
        ("tile0.cells", 1, result.summary["sets"])
    ]
    assert {one.array for one in array_wear([result])} == {one.array for one in result.wear[1:]}
    assert "Programmings of every array whose cells are programmed to levels" in page
    (figures,) = wear_figures([result])
    names = {figure.name for figure in figures}
    assert {"pulses-0", "map-0", "programmings-0-levels", "pulses-0-levels", "map-0-levels"} <= names
    assert len(names) == len(figures)
    (line,) = update_figure([result]).data
    learning = sum(one.pulses.size for one in result.wear[1:])
    assert line["y"] == [100 * result.summary["updates"] / (learning * 60)]


def test_tiles_that_are_too_few_are_those_of_a_group(files):
    """The message stands where the group has its count."""
    sets = ["groups.head.tile.count=1"]
    with pytest.raises(PlacementError) as error:
        prepare(str(files / "mixed.yaml"), str(files / "frozen.yaml"), sets=sets)
    assert str(error.value) == (
        "groups.head.tile.count: group 'head' has 1 tile of 1024 x 256, the network needs 2: layer 2 (1441 x 10) 2; "
        "raise tile.count or set it to auto, or make tiles larger (from --set groups.head.tile.count=1)"
    )


def test_a_group_without_a_layer_is_told(files):
    """Of a workload that freezes nothing, nothing stands on the group for frozen layers."""
    sets = ["phases[*].dataset.train=20", "phases[*].dataset.test=10", "network.layers=[784, 10]"]
    told = simulate(str(files / "mixed.yaml"), "mnist-5k", sets=sets, epochs=1).summary["warnings"]
    assert "groups.features: carries no layer of 'mnist-5k'" in told


def test_pulses_and_programmings_are_told_apart(result):
    """Means and hottest cells are of those that took pulses, and of those that were programmed."""
    levels = [one for one in result.wear if one.programmings is not None]
    pulsed = [one for one in result.wear if one.programmings is None]
    assert (len(levels), len(pulsed)) == (1, 4)
    said = result.summary
    pulses = sum(int(one.pulses.sum()) for one in pulsed)
    assert said["pulses"] == pulses
    assert said["mean_pulses_per_cell"] == pulses / sum(one.pulses.size for one in pulsed)
    assert said["hottest_cell_pulses"] == max(int(one.pulses.max()) for one in pulsed)
    assert said["sets"] == int(levels[0].pulses.sum()) > 0
    assert said["mean_programmings_per_cell"] == said["programmings"] / levels[0].pulses.size
    assert said["cells"] == sum(one.pulses.size for one in result.wear)


def test_levels_are_counted_by_group(result):
    """The one group that has levels is told by its name, too."""
    said = result.summary
    assert said["levels_used.features"] == said["levels_used"] > 0
    assert "levels_used.head" not in said
