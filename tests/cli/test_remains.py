"""Whatever goes wrong once an epoch is finished, the epoch is kept, and it is said what is not."""

import json
import re
from pathlib import Path

import pytest

from chipsim.errors import LostError
from chipsim.run import simulate
from chipsim.run.training import Training

KEPT = re.compile(
    r"its figures and epochs, and the traceback to report, are in (\S+/remains\.json); the rest is lost$"
)
LINE = "run single-pair tiny -o out"


def kept(result):
    """What the file that the last line names holds."""
    assert result.exit_code == 2
    return json.loads(Path(KEPT.search(result.stderr)[1]).read_text(encoding="utf-8"))


@pytest.fixture
def breaks(monkeypatch):
    """Have something fail."""

    def at(place, error):
        def broken(*_, **__):
            raise error

        monkeypatch.setattr(place, broken)

    return at


def test_putting_the_result_together_fails(call, folder, breaks):
    """A float is at most 1.8e308; a time beyond it costs the tables, not the two epochs."""
    breaks("chipsim.run.collecting._summary", OverflowError("integer division result too large for a float"))
    result = call(LINE)
    left = kept(result)
    assert result.stderr.splitlines()[-1].startswith(
        "error: the run broke off after 2 finished epochs, while its result was put together "
        "(OverflowError: integer division result too large for a float); its figures"
    )
    assert [row["epoch"] for row in left["epochs"]] == [1, 2]
    assert left["summary"]["epochs_run"] == 2
    assert "OverflowError" in left["cause"]
    assert not (folder / "out").exists()


def test_a_table_that_cannot_be_written(call, folder, breaks):
    """Another place would not help, but the summary is whole and the epochs are there."""
    breaks("chipsim.result.writing.write_wear", ValueError("no column is as wide"))
    result = call(LINE)
    left = kept(result)
    assert "error: out: the result cannot be written (ValueError: no column is as wide); its" in result.stderr
    assert len(left["epochs"]) == left["summary"]["epochs_run"] == 2
    assert left["summary"]["energy_J"] > 0
    assert not (folder / "out").exists()


def test_training_breaks_off(call, monkeypatch):
    """A fault of ours in the second epoch leaves the first."""
    once = Training._train_once

    def twice(training, under_way, data, batch):
        if training.epochs:
            raise MemoryError
        return once(training, under_way, data, batch)

    monkeypatch.setattr(Training, "_train_once", twice)
    result = call(LINE)
    assert "broke off after 1 finished epoch, while it was training (MemoryError); its" in result.stderr
    assert [row["epoch"] for row in kept(result)["epochs"]] == [1]


def test_nothing_to_keep_is_an_error_as_before(call, breaks):
    """Before the first epoch has ended there is nothing to keep, and a fault of ours shows its traceback."""
    breaks("chipsim.run.training.Training.begin", ZeroDivisionError("ours"))
    assert isinstance(call(LINE).exception, ZeroDivisionError)


def test_from_python_the_error_has_the_epochs(breaks):
    """They are an attribute of the error, which names its cause."""
    breaks("chipsim.run.collecting._summary", OverflowError("too large"))
    sets = ["phases.0.dataset.train=20", "phases.0.dataset.test=20"]
    with pytest.raises(LostError, match=r"^the run broke off after 1 finished epoch, ") as caught:
        simulate("single-pair", "mnist-5k", epochs=1, sets=sets)
    assert caught.value.remains["epochs"][0]["epoch"] == 1
    assert isinstance(caught.value.__cause__, OverflowError)


def test_no_place_at_all(call, breaks):
    """Then it is lost, and it is said."""
    breaks("chipsim.result.writing.write_wear", ValueError("too wide"))
    breaks("chipsim.outputs.rescue.tempfile.mkdtemp", OSError("no space left"))
    result = call(LINE)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == (
        "error: out: the result cannot be written (ValueError: too wide); nothing could be written anywhere: "
        "it is lost"
    )
