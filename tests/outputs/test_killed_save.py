"""A process that is killed while it replaces a result leaves a whole one: the old, or the new."""

import subprocess
import sys

import pytest

from chipsim.result.files import claimed, is_run_folder, load, save
from tests.results_made import made_result

KILLED = """
import os, signal, sys
from chipsim.result.files import save
from tests.results_made import made_result

touch, left = getattr(os, sys.argv[2]), [int(sys.argv[3])]

def killed(*given, **more):
    left[0] -= 1
    if left[0] < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return touch(*given, **more)

setattr(os, sys.argv[2], killed)
save(made_result(epochs=2), sys.argv[1], overwrite=True)
"""


@pytest.mark.parametrize(
    ("touch", "times", "epochs"),
    [
        ("fsync", 3, 8),
        ("rename", 0, 8),
        ("unlink", 2, 2),
        ("rename", 1, 2),
        ("replace", 0, 2),
        ("replace", 5, 2),
    ],
)
def test_a_killed_save(tmp_path, touch, times, epochs):
    """Killed before the new files are all there, the old result stands; killed later, the new one does."""
    folder = save(made_result(), tmp_path / "out" / "run")
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder), touch, str(times)], check=False, timeout=60
    )
    assert ended.returncode == -9
    assert [path.name for path in folder.parent.iterdir()] == ["run"]
    assert is_run_folder(folder)
    assert load(folder).summary["epochs_run"] == epochs
    with claimed(folder, overwrite=True):
        names = {path.name for path in folder.iterdir()}
    assert not names & {".saving", ".saved", ".moving"}
    save(made_result(epochs=3), folder, overwrite=True)
    assert load(folder).summary["epochs_run"] == 3
    assert not [path.name for path in folder.iterdir() if path.name.startswith(".")]
