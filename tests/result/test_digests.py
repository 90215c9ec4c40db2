"""Whatever changes in the folder of a saved result after saving is noticed and named."""

import json
import os
import random
import subprocess
import sys

import pytest

from chipsim.errors import OutputError, UnverifiedWarning
from chipsim.result.files import load, save
from tests.results_made import made_result, without_digests

SMALL = {"epochs": 2, "samples": 20, "shapes": ((3, 2), (3, 1))}


@pytest.fixture
def run(tmp_path):
    return save(made_result(**SMALL), tmp_path / "run")


def says(run):
    """What reading a result says that it cannot."""
    with pytest.raises(OutputError) as error:
        load(run)
    return str(error.value)


def test_any_flipped_bit_is_noticed(run):
    """In every file, the list of digests too, one flipped bit is refused, and the file is named."""
    draw = random.Random(5)
    for path in sorted(run.iterdir()):
        content = path.read_bytes()
        for _ in range(40):
            place = draw.randrange(len(content))
            flipped = content[place] ^ 1 << draw.randrange(8)
            path.write_bytes(content[:place] + bytes([flipped]) + content[place + 1 :])
            assert says(run).startswith(f"{path}: changed since it was saved"), place
        path.write_bytes(content)
    assert load(run) == made_result(**SMALL)


def test_every_bit_of_the_list_of_digests_counts(run):
    """No byte of the list may change without being noticed: there is one text that says it."""
    path = run / "digests.json"
    content = path.read_bytes()
    for place in range(0, len(content), 7):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert says(run) == (
            f"{path}: changed since it was saved, so nothing here can be verified; "
            "put back what was saved, or run it again"
        )
    path.write_bytes(content + b"\n")
    assert says(run).startswith(f"{path}: changed since it was saved")


def test_an_edited_label(run):
    """A summary that was edited by hand is refused by name, with both digests."""
    path = run / "summary.json"
    path.write_text(path.read_text().replace("hybrid-synapse", "hybrid_synapse"))
    said = says(run)
    assert said.startswith(f"{path}: changed since it was saved (its SHA-256 is ")
    assert said.endswith("… was saved); put back what was saved, or run it again")


def test_a_shortened_file(run):
    """Of a file that is shorter than it was both sizes are told."""
    path = run / "wear.parquet"
    content = path.read_bytes()
    path.write_bytes(content[:100])
    assert says(run) == (
        f"{path}: changed since it was saved (it has 100 bytes, {len(content):,} were saved); "
        "put back what was saved, or run it again"
    )


def test_several_changed_files_are_named_together(tmp_path, run):
    """Tables of another run of the same chip are all named at once."""
    other = save(made_result(**SMALL, seed=2), tmp_path / "other")
    for name in ("epochs.parquet", "ledger.parquet"):
        (run / name).write_bytes((other / name).read_bytes())
    assert says(run) == (
        f"{run}: epochs.parquet, ledger.parquet changed since they were saved, as digests.json tells; "
        "put back what was saved, or run it again"
    )


def test_a_table_that_the_run_did_not_leave(run):
    """A table of tasks in the folder of a run that had none is not taken for its own."""
    (run / "tasks.parquet").write_bytes((run / "epochs.parquet").read_bytes())
    assert says(run) == (
        f"{run}: tasks.parquet not of this result, for digests.json does not list it; "
        "take it away, or run it again"
    )


def test_files_of_ones_own_may_lie_beside(run):
    """A page and notes in the folder are nobody's business."""
    (run / "report.html").write_text("mine")
    assert load(run) == made_result(**SMALL)


def test_digests_that_are_gone(run):
    """A result of today without its digests is incomplete, and not an old one."""
    (run / "digests.json").unlink()
    assert says(run) == f"{run}: digests.json missing; the result is incomplete, so run it again"


def test_a_file_that_is_gone(run):
    """A file that the list names and that is not there is missing."""
    (run / "wear.parquet").unlink()
    assert says(run) == f"{run}: wear.parquet missing; the result is incomplete, so run it again"


@pytest.mark.parametrize("digests", [True, False])
def test_a_pipe_in_place_of_a_file(run, digests):
    """A pipe, which nobody may ever write into, is refused and not waited for."""
    if not digests:
        without_digests(run)
    path = run / "wear.parquet"
    path.unlink()
    os.mkfifo(path)
    assert says(run) == f"{path}: is a pipe and no file; put back what was saved, or run it again"


@pytest.mark.parametrize("name", ["description.json", "digests.json", "epochs.parquet"])
def test_a_folder_in_place_of_a_file(run, name):
    """Something else under a file's name is told as what it is."""
    (run / name).unlink()
    (run / name).mkdir()
    assert says(run) == f"{run / name}: is a folder and no file; put back what was saved, or run it again"


def test_links_to_files_are_files(run, tmp_path):
    """What a link leads to is read, as in folders whose files are kept elsewhere."""
    (run / "wear.parquet").rename(tmp_path / "kept")
    (run / "wear.parquet").symlink_to(tmp_path / "kept")
    assert load(run) == made_result(**SMALL)
    (tmp_path / "kept").unlink()
    assert says(run) == (
        f"{run / 'wear.parquet'}: cannot be read (No such file or directory); see to it that you may read it"
    )


def test_results_without_digests_open_with_a_word(run):
    """A result of the version before opens; that nobody can tell whether it changed is said."""
    without_digests(run)
    with pytest.warns(UnverifiedWarning) as warned:
        assert load(run) == made_result(**SMALL)
    assert [str(one.message) for one in warned] == [
        (
            f"{run}: was saved without digests, by an older chipsim, so nobody can tell whether it has changed "
            "since; run it again to be sure"
        )
    ]
    assert warned[0].filename == __file__


def test_saving_again_writes_digests_again(run):
    """A replaced result has the digests of the new one."""
    save(made_result(**SMALL, seed=2), run, overwrite=True)
    assert load(run) == made_result(**SMALL, seed=2)
    said = json.loads((run / "digests.json").read_text())
    assert set(said["files"]) == {path.name for path in run.iterdir()} - {"digests.json"}


THREADS = """
import os, sys
import pyarrow.parquet
from chipsim.result.files import load
before = len(os.listdir("/proc/self/task"))
load(sys.argv[1])
assert len(os.listdir("/proc/self/task")) == before, "reading left threads behind"
"""


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="tells threads as Linux does")  # noqa: PTH112
def test_reading_starts_no_threads(run):
    """Reading tables starts no threads, one of which could take the process with it when it ends."""
    done = subprocess.run([sys.executable, "-c", THREADS, run], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
