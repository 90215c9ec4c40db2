"""Runs that were stopped and go on from a checkpoint end as if nothing had come between, to the bit."""

from __future__ import annotations

import os
import re

import pytest

from chipsim.errors import ChipsimWarning, DivergedError, OutputError
from chipsim.outputs.checkpoint import forget
from chipsim.run import Options, simulate
from chipsim.run import checkpoints as module
from chipsim.run.saving_times import Every
from chipsim.spec import load_workload, shipped_names
from chipsim.synapse.numbers import WeightBlock
from tests.resumed import Counted, StopAfter, differing
from tests.run.test_shipped import PAIRS, few

pytestmark = pytest.mark.filterwarnings("ignore::chipsim.errors.ChipsimWarning")

SMALL = ("phases.0.dataset.train=300", "phases.0.dataset.test=20", "phases.0.epochs=2")


def resumed(architecture, workload, path, *, after, sets, **options):
    """A run that was stopped after some steps or loops and went on, and what it had done when it was stopped."""
    how = {"sets": sets, "checkpoint": path, **options}
    part = simulate(architecture, workload, progress=StopAfter(after), **how)
    assert not part.summary["complete"]
    return simulate(architecture, workload, resume=True, **how), part


@pytest.mark.parametrize("architecture", shipped_names("architectures"))
def test_every_chip_goes_on_in_the_midst_of_an_epoch(architecture, tmp_path):
    """Ledger, wear, curves, losses, remarks, timeline and summary, and in its second epoch."""
    sets, _ = few("mnist-5k", architecture)
    sets += ["phases.0.epochs=2", "phases.0.dataset.test=10"]
    told = Counted()
    whole = simulate(architecture, "mnist-5k", sets=sets, progress=told)
    # Compiled loops take all twenty samples at once: those are stopped between two epochs.
    after = min(told.times, 27)
    found, part = resumed(architecture, "mnist-5k", tmp_path / "state", after=after, sets=sets)
    assert part.summary["steps"] in (27, 40)
    assert differing(whole, found) == []


@pytest.mark.slow
@pytest.mark.parametrize(("architecture", "workload"), PAIRS)
@pytest.mark.parametrize("after", [1, 7])
def test_every_chip_goes_on_with_every_workload(architecture, workload, after, tmp_path):
    """Of several phases, tasks and batches, with state saved at every step."""
    sets, _ = few(workload, architecture)
    sets += [f"phases.{index}.epochs=2" for index, _ in enumerate(load_workload(workload).spec.phases)]
    whole = simulate(architecture, workload, sets=sets)
    path = tmp_path / "state"
    how = {"sets": sets, "checkpoint": path, "checkpoint_every": Every(seconds=1e-9)}
    simulate(architecture, workload, progress=StopAfter(after), **how)
    assert differing(whole, simulate(architecture, workload, resume=True, **how)) == []


@pytest.mark.parametrize("after", [1, 2, 3, 4, 5])
def test_compiled_loops_go_on_from_where_they_were(after, tmp_path):
    """Within an epoch of three loops, at its end, and in the one that follows it."""
    whole = simulate("hybrid-synapse", "mnist-5k", sets=SMALL)
    found, _ = resumed("hybrid-synapse", "mnist-5k", tmp_path / "state", after=after, sets=SMALL)
    assert differing(whole, found) == []


@pytest.mark.parametrize("options", [{"replay": False}, {"trace": True}, {"seed": 3}])
def test_options_are_those_of_the_run(options, tmp_path):
    """What is simulated event by event, traced or drawn from another seed goes on as well."""
    sets = ["phases.0.dataset.train=12", "phases.0.dataset.test=5", "phases.0.epochs=2"]
    whole = simulate("single-pair-rowwise", "mnist-5k", sets=sets, **options)
    after = 1 if options.get("replay") is False or "seed" in options else 15
    found, _ = resumed(
        "single-pair-rowwise", "mnist-5k", tmp_path / "state", after=after, sets=sets, **options
    )
    assert differing(whole, found) == []


def test_a_run_may_be_stopped_again_and_again(tmp_path, monkeypatch):
    """Each part goes on from the one before it, and wall times add up from checkpoint to checkpoint."""
    walls, write = [], module._write

    def noted(path, said):
        walls.append(said["wall_time_s"])
        write(path, said)

    monkeypatch.setattr(module, "_write", noted)
    how = {"sets": SMALL, "checkpoint": tmp_path / "state"}
    simulate("hybrid-synapse", "mnist-5k", progress=StopAfter(1), **how)
    for _ in range(6):
        before = walls[-1]
        # Told once of what was done before, and stopped after one more.
        part = simulate("hybrid-synapse", "mnist-5k", resume=True, progress=StopAfter(2), **how)
        # What a part did after its last checkpoint was done for nothing, and is in no later time.
        assert before < walls[-1] <= part.summary["wall_time_s"]
    found = simulate("hybrid-synapse", "mnist-5k", resume=True, **how)
    assert walls == sorted(walls)
    assert differing(simulate("hybrid-synapse", "mnist-5k", sets=SMALL), found) == []


def test_a_finished_run_ends_at_once(tmp_path):
    """Its last checkpoint is that of its end."""
    how = {"sets": SMALL, "checkpoint": tmp_path / "state"}
    whole = simulate("hybrid-synapse", "mnist-5k", **how)
    watched = StopAfter(1)
    found = simulate("hybrid-synapse", "mnist-5k", resume=True, progress=watched, **how)
    assert (differing(whole, found), watched.left) == ([], 1)


def test_state_is_saved_after_so_many_epochs_or_so_much_time(tmp_path, monkeypatch):
    """By epochs only where one has ended; by time between loops too, which end where the chip recentres its pairs."""
    kept = []
    monkeypatch.setattr(module, "_write", lambda path, said: kept.append(said["state"]["books"]["samples"]))
    how = {"sets": [*SMALL[:2], "phases.0.epochs=5"], "checkpoint": tmp_path / "state"}
    simulate("hybrid-synapse", "mnist-5k", checkpoint_every=2, **how)
    assert kept == [600, 1200]
    kept.clear()
    simulate("hybrid-synapse", "mnist-5k", epochs=1, checkpoint_every=Every(seconds=1e-9), **how)
    assert kept == [100, 200, 300, 300]


def test_without_a_checkpoint_it_begins_anew_and_says_so(tmp_path):
    """A run that was killed before the first was written has lost nothing else."""
    path = tmp_path / "state"
    with pytest.warns(ChipsimWarning) as told:
        found = simulate("hybrid-synapse", "mnist-5k", sets=SMALL, checkpoint=path, resume=True)
    words = [str(one.message) for one in told if "anew" in str(one.message)]
    assert words == [f"{path}: there is no checkpoint; the run begins anew"]
    assert found.summary["complete"]


def test_one_of_another_run_is_refused(tmp_path):
    """With what differs, and what to do."""
    path = tmp_path / "state"
    simulate("hybrid-synapse", "mnist-5k", sets=SMALL, checkpoint=path)

    def refused(*sets, architecture="hybrid-synapse", **options):
        with pytest.raises(OutputError) as caught:
            simulate(architecture, "mnist-5k", sets=[*SMALL, *sets], checkpoint=path, resume=True, **options)
        words = str(caught.value)
        start = f"{path}: is the checkpoint of another run: "
        end = "; give what that run was given, or begin it anew (--overwrite; in Python without resume)"
        assert words.startswith(start)
        assert words.endswith(end)
        return words.removeprefix(start).removesuffix(end)

    assert refused(seed=4) == "the seed was 0, and is 4"
    assert refused("device.states=11") == "chip.device.states was 50, and is 11"
    assert refused("phases.0.epochs=3") == "workload.phases.0.epochs was 2, and is 3"
    assert refused(replay=False) == "it ran with replay, and this one without"
    assert "chip.name was hybrid-synapse, and is single-pair" in refused(architecture="single-pair")


def test_one_of_other_code_is_refused(tmp_path, monkeypatch):
    """Its figures would be neither those of the one nor of the other."""
    path = tmp_path / "state"
    simulate("hybrid-synapse", "mnist-5k", sets=SMALL, checkpoint=path)
    now = module.Checkpoints.saved.__globals__["differences"]
    monkeypatch.setattr(
        module, "differences", lambda was, has: now(was, [has[0], {**has[1], "code": "b" * 64}])
    )
    with pytest.raises(
        OutputError, match=r"another run: the code of chipsim was [0-9a-f]{40}…, and is b{40}…; give"
    ):
        simulate("hybrid-synapse", "mnist-5k", sets=SMALL, checkpoint=path, resume=True)


@pytest.mark.parametrize(("make", "said"), [(os.mkfifo, "a pipe"), (os.mkdir, "a folder")])
def test_what_is_no_file_is_refused(tmp_path, make, said):
    """A pipe would be waited for without end."""
    make(tmp_path / "state")
    with pytest.raises(OutputError, match=rf"state: is {said} and no file"):
        simulate(
            "digital-fp32",
            "mnist-5k",
            sets=["phases.0.dataset.train=20"],
            checkpoint=tmp_path / "state",
            resume=True,
        )


def test_damaged_ones_are_refused(tmp_path):
    """Cut off, changed in any byte, empty, or something else."""
    path = tmp_path / "state"
    how = {"sets": SMALL, "checkpoint": path}
    simulate("digital-fp32", "mnist-5k", **how)
    content = path.read_bytes()
    middle = len(content) // 2
    changed = bytes([*content[:middle], content[middle] ^ 1, *content[middle + 1 :]])
    for damaged in (content[:middle], content[:-1], changed, b"", b"nothing of the kind" * 9):
        path.write_bytes(damaged)
        words = re.escape(
            f"{path}: is damaged or cut off, or no checkpoint; put back what was saved, or begin"
        )
        with pytest.raises(OutputError, match=words):
            simulate("digital-fp32", "mnist-5k", resume=True, **how)


def test_one_of_another_version_is_refused(tmp_path, monkeypatch):
    """Whole, and yet not to be read here."""
    path = tmp_path / "state"
    how = {"sets": SMALL, "checkpoint": path}
    monkeypatch.setattr(module, "_VERSION", 2)
    simulate("digital-fp32", "mnist-5k", **how)
    monkeypatch.undo()
    with pytest.raises(OutputError, match="is no checkpoint of this version; begin it anew"):
        simulate("digital-fp32", "mnist-5k", resume=True, **how)


def test_a_disk_that_is_full_ends_no_run(tmp_path, monkeypatch):
    """It is said once, and the old checkpoint stays."""
    path = tmp_path / "state"
    how = {"sets": SMALL, "checkpoint": path}
    simulate("digital-fp32", "mnist-5k", progress=StopAfter(200), **how)
    before = path.read_bytes()

    def full(file, said, *, kinds):
        file.write(b"half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "write_packed", full)
    with pytest.warns(ChipsimWarning) as told:
        assert simulate("digital-fp32", "mnist-5k", **how).summary["complete"]
    words = [str(one.message) for one in told if "checkpoint" in str(one.message)]
    assert words == [
        f"{path}: no checkpoint can be written (No space left on device); the run goes on without"
    ]
    assert (path.read_bytes(), [*tmp_path.iterdir()]) == (before, [path])


def test_training_that_diverges_keeps_the_state_before(tmp_path, monkeypatch):
    """What ended it is in no checkpoint: the last is that of the epoch before."""
    path = tmp_path / "state"
    kept = []
    write = module._write
    monkeypatch.setattr(
        module,
        "_write",
        lambda path, said: (kept.append(len(said["state"]["books"]["epochs"])), write(path, said)),
    )
    update = WeightBlock.update
    trained = []

    def diverging(block, x, d, *, rate):
        trained.append(block)
        update(block, x, d, rate=1e38 if len(trained) > 1000 else rate)

    monkeypatch.setattr(WeightBlock, "update", diverging)
    with pytest.raises(DivergedError) as caught:
        simulate("digital-fp32", "mnist-5k", sets=[*SMALL[:2], "phases.0.epochs=5"], checkpoint=path)
    assert kept == [*range(1, caught.value.result.summary["epochs_run"] + 1)]
    assert kept


def test_what_is_left_of_a_checkpoint_is_taken_away(tmp_path):
    """And one that is not there is no concern."""
    path = tmp_path / "state"
    path.write_bytes(b"whole")
    (tmp_path / ".state.partial").write_bytes(b"half")
    forget(path)
    forget(path)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"resume": True}, "resume needs a checkpoint: the file that the run goes on from"),
        ({"checkpoint": "a", "timing_only": True}, "a run that is only timed takes seconds, and has no checkpoint"),
        ({"checkpoint": 5}, "checkpoint must be a file, or None, not 5"),
        ({"checkpoint_every": "soon"}, "checkpoint_every must be a number of epochs, such as 1, or a time, such as 30s, 10min or 2h, not 'soon'"),
        ({"checkpoint_every": 0}, "checkpoint_every must be more than nothing, not 0"),
        ({"checkpoint_every": True}, "checkpoint_every must be a number of epochs, such as 1, or a time, such as 30s, 10min or 2h, not a value of type bool"),
        ({"checkpoint_every": "-1s"}, "checkpoint_every must be a number of epochs, such as 1, or a time, such as 30s, 10min or 2h, not '-1s'"),
    ],
)  # fmt: skip
def test_options_that_make_no_sense_are_refused(options, message):
    """Whole messages."""
    with pytest.raises((TypeError, ValueError)) as caught:
        Options(**options)
    assert str(caught.value) == message
