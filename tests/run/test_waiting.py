"""Chips that wait: their cells drift by the clock of the run and by idle time, and accuracy is tested again."""

from __future__ import annotations

import numpy as np
import pytest
from click.testing import CliRunner

import chipsim
from chipsim.cli import main
from chipsim.errors import OutputError
from chipsim.result.files import load
from chipsim.run import simulate, training
from chipsim.run.checkpoints import Checkpoints
from chipsim.run.sameness import is_same_run
from chipsim.run.simulate import prepare

SHORT = (
    "phases.0.dataset.train=150", "phases.0.dataset.test=100", "network.layers=[784, 9, 10]",
    "phases.0.epochs=2",
)  # fmt: skip
DRIFT = "device.drift={kind: power-law, exponent: 0.05, exponent_low: 0.08, spread: 20 %, begins: 1 s}"
WAITS = ["1 h", "1 year"]
WORKLOADS = {"multilevel-transfer": "mnist-5k-transfer", "set-reset-transfer": "mnist-5k-transfer"}
CHIPS = ("single-pair", "hybrid-synapse", "analog-sgd", "bnn", "plain-qnn", *WORKLOADS)
"""With synapses of all kinds: pairs, two pairs, cells with references of their own, levels."""


def run(*sets, chip="single-pair", **more):
    return simulate(chip, "mnist-5k", sets=[*SHORT, *sets], progress=False, **more)


def conductances(result):
    return dict(result.cells.items())


def test_a_chip_that_waits_is_tested_after_each_time():
    """In ascending order, each counted from the end of training, which is the same as without."""
    plain, waited = run(), run(DRIFT, wait=["1 year", "1 h", "3600 s"])
    hours = [row.wait_ns / 3.6e12 for row in waited.waits]
    assert hours == [1, 365 * 24]
    assert [row.task for row in waited.waits] == ["train", "train"]
    assert waited.summary["waited_s"] == 365 * 24 * 3600
    assert waited.summary["test_accuracy_after_wait_percent"] == waited.waits[-1].test_accuracy_percent
    # No second of training is long enough for any drift, and idle time is in no total.
    assert waited.epochs == plain.epochs
    assert waited.ledger == plain.ledger
    assert waited.summary["simulated_time_ps"] == plain.summary["simulated_time_ps"]
    assert waited.summary["energy_aJ"] == plain.summary["energy_aJ"]


def test_cells_are_what_the_law_makes_of_them():
    """At the end, as the result keeps them; exponents are those of states, with their spread."""
    plain = run(keep_weights=True)
    waited = run(DRIFT.replace("spread: 20 %, ", ""), wait="1 day")
    decades = 86400.0
    for name, before in conductances(plain).items():
        state = np.clip((before.astype(np.float64) - 2e-6) / 18e-6, 0, 1)
        exponent = 0.08 + (0.05 - 0.08) * state
        after = conductances(waited)[name]
        # What the run took before is a thousandth of the day.
        assert np.allclose(after, before * decades**-exponent, rtol=1e-4), name


def test_waiting_without_drift_is_said_to_change_nothing():
    """Accuracy stays, and so do cells."""
    result = run(wait=WAITS)
    shares = {row.test_accuracy_percent for row in result.waits}
    assert shares == {result.summary["test_accuracy_percent"]}
    assert "nothing changes while the chip waits: no device of it has a drift" in result.summary["warnings"]
    assert "nothing changes" not in " ".join(run(DRIFT, wait=WAITS).summary["warnings"])


def test_all_tasks_are_tested_after_waiting():
    """Those that were trained before the last one, too."""
    sets = ["phases[*].dataset.train=100", "phases[*].dataset.test=20", "phases[*].epochs=1", DRIFT]
    result = simulate("metaplastic-bnn", "mnist-5k-permuted", sets=sets, wait="1 h", progress=False)
    last = result.epochs[-1].epoch
    assert [row.task for row in result.waits] == [row.task for row in result.tasks if row.epoch == last]
    assert len(result.waits) > 1


def tile_of(chip):
    """The first tile, its initial weights written."""
    workload, layers = WORKLOADS.get(chip, "mnist-5k"), ["network.layers=[784, 9, 10]"]
    setup = prepare(chip, workload, sets=[*([] if chip in WORKLOADS else layers), DRIFT])
    setup.rule.begin(seed=0)
    return setup.chip.tiles[0]


@pytest.mark.parametrize("chip", CHIPS)
def test_lines_carry_what_drifted_cells_conduct(chip):
    """Sums of lines, and what weights read as, are those of the cells, on each kind of synapse."""
    tile = tile_of(chip)
    tile.drift_until(0)
    before = tile.weights().copy()
    sums = tile.carrier.row_sums.copy(), tile.carrier.column_sums.copy()
    tile.drift_until(10**15)
    after = tile.weights()
    assert not np.array_equal(before, after)
    conductance = sum(worn.conductance.sum(dtype=np.float64) for worn in tile.wear())
    lost = sums[0].sum() - tile.carrier.row_sums.sum()
    assert 0 < lost < sums[0].sum()
    # What stands beside the cells, out of use or a reference, stays as it was.
    assert tile.carrier.row_sums.sum() - conductance == pytest.approx(_beside(chip), rel=1e-6, abs=1e-12)
    x = np.eye(tile.shape[0], dtype=np.float32)[:5]
    out = np.zeros((5, tile.shape[1]), np.float32)
    tile.carrier.read(x, out)
    assert np.allclose(out * tile.carrier.weight_per_siemens, after[:5], atol=1e-5)


def _beside(chip):
    """What rows conduct beside their cells, before anything drifted."""
    tile = tile_of(chip)
    return tile.carrier.row_sums.sum() - sum(worn.conductance.sum(dtype=np.float64) for worn in tile.wear())


def test_loops_and_steps_drift_alike(monkeypatch):
    """Bit for bit, also where drift begins at once."""
    soon = DRIFT.replace("begins: 1 s", "begins: 10 us")
    looped = run(soon, wait=WAITS)
    monkeypatch.setattr(training, "loop_of", lambda *_, **__: None)
    stepped = run(soon, wait=WAITS)
    assert looped.epochs == stepped.epochs
    assert looped.waits == stepped.waits
    for name, one in conductances(looped).items():
        assert np.array_equal(one, conductances(stepped)[name])


def test_drift_that_is_worked_out_too_rarely_is_said():
    """With by how much cells may be off, and what helps."""
    said = " ".join(run(DRIFT.replace("begins: 1 s", "begins: 10 us")).summary["warnings"])
    assert "drift is worked out at the end of each epoch, and" in said
    assert "shorter epochs (epoch_samples) bring that down" in said
    assert "drift is worked out" not in " ".join(run(DRIFT).summary["warnings"])


def test_cells_that_nothing_wrote_are_as_old_as_the_run():
    """Those of a fine pair that never has its turn: by hand from when the run began, and told with their number."""
    law = "device.drift={kind: power-law, exponent: 0.05, begins: 1 s}"
    plain = run(chip="hybrid-synapse", keep_weights=True)
    waited = run(law, chip="hybrid-synapse", wait="1 day")
    fine = [name for name in conductances(plain) if ".fine" in name]
    assert len(fine) == 4
    age = 86400 + waited.summary["simulated_time_ps"] / 1e12
    for name in fine:
        before = conductances(plain)[name]
        # Nothing was written to it: all its cells are what they were made at.
        assert np.unique(before).size == 1
        assert np.allclose(conductances(waited)[name], before * age**-0.05, rtol=1e-5)
    (said,) = [text for text in waited.summary["warnings"] if "nothing ever wrote" in text]
    counts = {one.array: one for one in waited.wear}
    never = sum(int(np.count_nonzero(one.pulses == 0)) for one in counts.values())
    cells = sum(one.pulses.size for one in counts.values())
    assert said == (
        f"{never:,} of {cells:,} cells drifted though nothing ever wrote them: they count as written when the run "
        "began, to what they were made at"
    )


def test_nothing_is_said_of_unwritten_cells_before_they_drift():
    """As long as a run is shorter than what it takes."""
    assert "nothing ever wrote" not in " ".join(run(DRIFT, chip="hybrid-synapse").summary["warnings"])


def test_no_time_passes_before_the_first_writing():
    """Weights are written when the clock stands at zero, and it does not run backwards."""
    tile = tile_of("single-pair")
    assert {one.now for one in tile.aging} == {0}
    before = tile.weights()
    tile.drift_until(0)
    assert np.array_equal(tile.weights(), before)
    tile.drift_until(7)
    with pytest.raises(ValueError, match="time runs on: 5 ns is before 7 ns"):
        tile.drift_until(5)


def test_shorter_epochs_come_nearer():
    """Accuracy aside: cells of runs with many instants differ less from each other than from one with few."""
    soon = DRIFT.replace("begins: 1 s", "begins: 100 us")
    sets = ("phases.0.epochs=1",)
    few, some, many = (
        conductances(run(soon, "update.encoding=deterministic", *more))
        for more in (sets, ("phases.0.epochs=10", "phases.0.epoch_samples=15"),
                     ("phases.0.epochs=30", "phases.0.epoch_samples=5"))
    )  # fmt: skip

    def apart(one, other):
        return max(float(np.abs(one[name] - other[name]).mean()) for name in one)

    assert apart(some, many) < apart(few, many)


def test_a_run_that_was_stopped_ends_as_one_that_was_not(tmp_path, monkeypatch):
    """With cells as old as they are."""
    soon = DRIFT.replace("begins: 1 s", "begins: 10 us")
    whole = run(soon, wait=WAITS)

    class EnoughError(Exception):
        pass

    keep = Checkpoints.keep

    def keep_once(self, training):
        keep(self, training)
        raise EnoughError

    path = tmp_path / "checkpoint"
    monkeypatch.setattr(Checkpoints, "keep", keep_once)
    with pytest.raises(Exception):  # noqa: B017
        run(soon, wait=WAITS, checkpoint=path)
    monkeypatch.undo()
    again = run(soon, wait=WAITS, checkpoint=path, resume=True)
    assert again.epochs == whole.epochs
    assert again.waits == whole.waits
    assert again.summary["warnings"] == whole.summary["warnings"]


def test_a_run_from_drifted_cells_begins_with_them():
    """They are as old as they were, and go on drifting from there."""
    first = run(DRIFT, wait="1 h")
    second = run(DRIFT, start=first, wait="1 h")
    assert second.waits
    assert conductances(second).keys() == conductances(first).keys()


def test_drift_is_not_brought_to_a_chip_without():
    """Its cells would have an age that nobody asks for."""
    first = run(DRIFT)
    with pytest.raises(OutputError, match="its cells are of another chip, which differs in device"):
        run(start=first)


def test_results_keep_their_waits(tmp_path):
    """Saved, read back, as a frame, and in what decides the run."""
    result = run(DRIFT, wait=WAITS)
    result.save(tmp_path / "run")
    again = load(tmp_path / "run")
    assert again.waits == result.waits
    assert again == result
    assert len(again.frame("waits")) == 2
    given = {"sets": [*SHORT, DRIFT], "epochs": None}
    assert is_same_run(again, "single-pair", "mnist-5k", **given, options=chipsim.run.Options(wait=WAITS))
    assert not is_same_run(again, "single-pair", "mnist-5k", **given, options=chipsim.run.Options())


def call(words):
    return CliRunner().invoke(main, words)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--wait", "soon"], "Invalid value for '--wait': 'soon' is no duration; write a number and a unit, such as"),
        (["--wait", "-1 h"], "Invalid value for '--wait': must be more than 0, not '-1 h'"),
        (["--wait", "1 h", "--timing-only"], "a run that is only timed has no cells that change while it waits"),
    ],
)  # fmt: skip
def test_commands_refuse_what_is_no_wait(words, message):
    """Before anything is read."""
    result = call(["run", "single-pair", "mnist-5k", *words])
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.replace("│", " ").split())


def test_the_command_waits(tmp_path):
    """As often as it is told, and reports say so."""
    sets = [word for one in (*SHORT, DRIFT) for word in ("--set", one)]
    folder = str(tmp_path / "run")
    result = call(
        ["run", "single-pair", "mnist-5k", *sets, "--wait", "1 h", "--wait", "1 year", "-o", folder]
    )
    assert result.exit_code == 0, result.output
    assert len(load(tmp_path / "run").waits) == 2
