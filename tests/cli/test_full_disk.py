"""A disk that is full in truth: a small file system, what stays on it, and that all goes on once there is room."""

import hashlib
import json
import shutil
import subprocess

import pytest
from click.testing import CliRunner

from chipsim.cli import main
from chipsim.result.files import load
from tests.resumed import WALL, differing
from tests.study.made import SMALL

LENGTH = tuple(word for path in SMALL[1:] for word in ("--set", path))
SWEEP = ("sweep", "single-pair", "mnist-5k", "--vary", "device.states=10,20,30", "--seeds", 2, *LENGTH)
SWEEP = (*SWEEP, "--epochs", 1)
RUN = ("run", "single-pair", "mnist-5k", "--epochs", 3, "--checkpoint-every", 1, *LENGTH)


def chipsim(*args):
    return CliRunner().invoke(main, list(map(str, args)))


def mounted(*words):
    """What is wrong with a call of mount; empty where nothing is."""
    if shutil.which("mount") is None:
        return "there is no mount"
    done = subprocess.run(("mount", *map(str, words)), check=False, capture_output=True, text=True)
    return done.stderr.strip() if done.returncode else ""


@pytest.fixture
def disk(tmp_path):
    """A function that gives a folder on a file system of so many KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mine = []

    def of_size(kib):
        words = ("-t", "tmpfs", "-o", f"size={kib}k", "chipsim-test", folder)
        if wrong := mounted(*words):
            pytest.skip(f"no small file system can be mounted here ({wrong}), as it can by root")
        mine.append(folder)
        return folder

    yield of_size
    for place in mine:
        subprocess.run(("umount", str(place)), check=True)


def more_room(folder):
    assert mounted("-o", "remount,size=64m", folder) == ""


def said(file, folder):
    """What a file of a study says but when and how fast it was made, and the digests and sizes of that."""
    if file.suffix != ".json":
        return hashlib.sha256(file.read_bytes()).hexdigest()
    content = json.loads(file.read_bytes())
    for apart in (*WALL, "date", "summary_sha256", "sha256"):
        content.pop(apart, None)
        content.get("figures", {}).pop(apart, None)
    if "files" in content:
        content["files"] = sorted(content["files"])
    return content


def of_study(folder):
    """All that stands in the folder of a study, by name; its page and its table show wall times too."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    shown = ("report.html", "results.parquet", "digests.json")
    return {str(file.relative_to(folder)): "" if file.name in shown else said(file, folder) for file in files}


def test_a_study_on_a_full_disk(tmp_path, disk):
    """It stops in words, keeps whole runs and nothing else, and after --resume equals the undisturbed one."""
    small, whole = disk(1100) / "study", tmp_path / "whole"
    assert chipsim(*SWEEP, "-o", whole).exit_code == 0
    stopped = chipsim(*SWEEP, "-o", small)
    assert stopped.exit_code == 2
    assert stopped.output.splitlines()[-1] == (
        f"error: {small}: no run can be saved there (No space left on device); make room, and the same command "
        f"with --resume goes on"
    )
    undisturbed, before = of_study(whole), of_study(small)
    kept = [name for name in before if name.startswith("rows/")]
    assert 1 < len(kept) < 6
    assert {name: undisturbed[name] for name in before} == before
    more_room(small.parent)
    again = chipsim(*SWEEP, "-o", small, "--resume")
    assert again.exit_code == 0, again.output
    assert f"{6 - len(kept)} runs made, {len(kept)} kept" in again.output
    assert of_study(small) == undisturbed


@pytest.mark.parametrize(
    ("left_kib", "message"),
    [
        (
            0,
            "{small}: cannot write results here (No space left on device); choose another folder with -o, or",
        ),
        (4, "{small}/study.json: cannot be written (No space left on device); make room, or choose another"),
        (12, "{small}: no run can be saved there (No space left on device); make room, and the same command"),
    ],
)
def test_a_disk_that_is_full_from_the_start(disk, left_kib, message):
    """Wherever a study comes to its end, the message says what would help, and nothing is left half-written."""
    folder = disk(200)
    (folder / "filler").write_bytes(bytes((200 - left_kib) * 1024))
    small = folder / "study"
    stopped = chipsim(*SWEEP, "-o", small)
    assert stopped.exit_code == 2
    assert f"error: {message.format(small=small)}" in stopped.output
    assert [file.name for file in small.rglob("*") if file.is_file()] == ["study.json"] * (left_kib == 12)
    (folder / "filler").unlink()


def test_a_page_that_finds_no_room(tmp_path, disk):
    """All runs are there, the message says which file was not written, and --resume writes it."""
    small = disk(3000) / "study"
    stopped = chipsim(*SWEEP, "-o", small)
    assert stopped.exit_code == 2
    assert stopped.output.splitlines()[-1] == (
        f"error: {small}/report.html: cannot write the page here (No space left on device); make room, or choose "
        f"a file elsewhere"
    )
    assert not list(small.glob(".*"))
    more_room(small.parent)
    again = chipsim(*SWEEP, "-o", small, "--resume")
    assert "0 runs made, 6 kept" in again.output
    assert (small / "report.html").is_file()


def test_a_run_on_a_full_disk(tmp_path, disk, monkeypatch):
    """Its first checkpoint stays whole, it trains to its end, its result is saved elsewhere, and it can go on."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    small, whole = disk(11_000) / "run", tmp_path / "whole"
    assert chipsim(*RUN, "-o", whole).exit_code == 0
    ended = chipsim(*RUN, "-o", small)
    assert ended.exit_code == 2
    told = f"{small}/checkpoint.npz: no checkpoint can be written (No space left on device); the run goes on"
    assert told in ended.output
    last = ended.output.splitlines()[-1]
    assert last.startswith(
        f"error: {small}: cannot write results here (No space left on device); the result is "
    )
    rescued = last.split(" saved in ")[1].removesuffix(" instead")
    assert differing(load(whole), load(rescued)) == []
    assert [file.name for file in small.iterdir()] == ["checkpoint.npz"]
    more_room(small.parent)
    again = chipsim(*RUN, "-o", small, "--resume")
    assert again.exit_code == 0, again.output
    assert differing(load(whole), load(small)) == []
