"""Files come into a folder all together, whenever the process is killed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from chipsim.errors import OutputError
from chipsim.outputs.staging import LEFTOVERS, is_cut_off, settle, write_together
from chipsim.result.files import could_be_run, load

OWN = ("a", "b", "mark", "extra")

KILLED = """
import json, os, shutil, signal, sys
from pathlib import Path
from chipsim.outputs.staging import is_cut_off, settle, write_together

OWN = ("a", "b", "mark", "extra")
TOUCHING = ("rename", "replace", "unlink", "mkdir", "rmdir", "fsync")

def write(folder):
    for name in ("a", "b", "mark"):
        (folder / name).write_text("new")

def killed_at(step, *, after):
    left = [step]
    def watched(touch):
        def run(*given, **more):
            left[0] -= 1
            if left[0] < 0 and not after:
                os.kill(os.getpid(), signal.SIGKILL)
            made = touch(*given, **more)
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return made
        return run
    for name in TOUCHING:
        setattr(os, name, watched(getattr(os, name)))

def seen(folder):
    return {path.name: path.read_text() for path in folder.iterdir() if path.is_file()}

base, found = Path(sys.argv[1]), []
for old in ({}, {"a": "old", "mark": "old", "extra": "old"}):
    for after in (False, True):
        for step in range(1000):
            folder = base / f"{bool(old)}-{after}-{step}"
            folder.mkdir()
            (folder / "theirs").write_text("kept")
            for name, text in old.items():
                (folder / name).write_text(text)
            child = os.fork()
            if not child:
                killed_at(step, after=after)
                write_together(write, folder, replaced=OWN, last="mark")
                os._exit(0)
            _, status = os.waitpid(child, 0)
            cut = is_cut_off(folder)
            before = seen(folder)
            settle(folder, replaced=OWN, last="mark")
            found.append([bool(old), cut, before, seen(folder), sorted(p.name for p in folder.iterdir())])
            if status == 0:
                break
print(json.dumps(found))
"""


def test_a_kill_at_any_point_leaves_the_old_or_the_new(tmp_path):
    """Killed before or after each thing that it does to the disk, a save leaves old files or, once tidied, new ones."""
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)], capture_output=True, text=True, check=True, timeout=60
    )
    found = json.loads(ended.stdout)
    kept = {"theirs": "kept"}
    new = {"a": "new", "b": "new", "mark": "new", **kept}
    old = {"a": "old", "mark": "old", "extra": "old", **kept}
    for had, cut, before, after, names in found:
        assert after == (new if cut or before == new else (old if had else kept))
        assert before.get("mark") != "new" or before == new, "the mark stands before other files do"
        assert names == sorted(after), "something is left"
    states = {(cut, after == new) for _, cut, _, after, _ in found}
    assert states == {(False, False), (True, True), (False, True)}
    assert len(found) > 60


def test_a_failure_while_writing_leaves_what_was_there(tmp_path):
    """An error midway takes away what was written, and only that."""
    (tmp_path / "a").write_text("old")

    def fails(folder):
        (folder / "a").write_text("new")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_together(fails, tmp_path, replaced=OWN, last="mark")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a", "old")]


def test_a_folder_in_the_place_of_a_file(tmp_path):
    """A folder of a file's name is found before anything is touched."""
    (tmp_path / "a").write_text("old")
    (tmp_path / "mark").mkdir()
    with pytest.raises(IsADirectoryError, match="mark is a folder"):
        write_together(lambda folder: (folder / "a").write_text("new"), tmp_path, replaced=OWN, last="mark")
    assert (tmp_path / "a").read_text() == "old"
    assert not is_cut_off(tmp_path)


def test_nothing_to_settle(tmp_path):
    """A folder in order stays as it is."""
    (tmp_path / "a").write_text("old")
    settle(tmp_path, replaced=OWN, last="mark")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert not set(LEFTOVERS) & set(OWN)


def test_a_folder_that_nobody_can_look_into():
    """What the system refuses is no folder in the middle of a move; whoever reads it tells why."""
    assert not is_cut_off(Path("x" * 300))
    assert not could_be_run("x" * 300)
    with pytest.raises(OutputError, match="File name too long"):
        load("x" * 300)
