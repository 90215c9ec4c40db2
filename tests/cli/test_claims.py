"""Commands claim their folders, and lose nothing when a folder fails them."""

import os
import shutil

import pyarrow.parquet as pq
import pytest

from chipsim.result.files import claimed, load, save
from tests.results_made import made_result


@pytest.mark.parametrize(
    ("line", "folder_held"),
    [
        ("run digital-fp32 tiny -o out", "out"),
        ("compare digital-fp32 single-pair -w tiny -o out", "out"),
        ("compare digital-fp32 single-pair -w tiny -o out", "out/single-pair"),
    ],
)
def test_a_folder_in_use_is_refused_before_training(call, folder, line, folder_held):
    """A second run or comparison ends at once and leaves the first one's folder alone."""
    with claimed(folder / folder_held):
        before = sorted(folder.rglob("*"))
        result = call(line, "--overwrite")
        assert sorted(folder.rglob("*")) == before
    assert result.exit_code == 2
    assert result.stderr.startswith(
        f"error: {folder_held}: another run writes its results here (process {os.getpid()} on "
    )


def test_a_result_that_cannot_be_saved_is_rescued(call, folder, monkeypatch):
    """A disk that is full after training costs no result: the error says where it is, and the exit code is 2."""
    write, left = pq.ParquetWriter, [1]

    def full_once(*given, **more):
        left[0] -= 1
        if left[0] >= 0:
            raise OSError(28, "No space left on device")
        return write(*given, **more)

    monkeypatch.setattr(pq, "ParquetWriter", full_once)
    result = call("run digital-fp32 tiny --epochs 1 -o out")
    (beside,) = folder.glob("out--rescued-*")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == (
        "error: out: cannot write results here (No space left on device); "
        f"the result is saved in {beside} instead"
    )
    assert load(beside).summary["complete"]
    assert not (folder / "out").exists()


def test_leftovers_are_no_runs(call, folder):
    """Hidden folders beside runs, as a save that was killed leaves them, are in no report."""
    whole = save(made_result(), folder / "out" / "whole")
    for name in (".whole.12ab34cd.part", ".whole.12ab34cd.old"):
        shutil.copytree(whole, folder / "out" / name)
    (folder / "out" / "new" / ".saving").mkdir(parents=True)
    (folder / "out" / "new" / ".saving" / "description.json").write_text("{}")
    assert call("report out").stdout == "report: out/report.html\n"
    assert "hybrid-synapse on mnist-5k" in (folder / "out" / "report.html").read_text(encoding="utf-8")
    assert call("endurance out").stdout.count("Counted are") == 1
