"""Which code this is: a digest of what decides figures, and the commit of a working copy."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

import chipsim
from chipsim import version
from chipsim.run import simulate
from chipsim.version import Code, this_code
from tests.test_imports import MODULES, imported

GIT = shutil.which("git")
PACKAGE = Path(chipsim.__file__).parent


@pytest.fixture
def package(tmp_path):
    """A package of two files that decide figures and one that shows them."""
    for name, content in (("units.py", b"a"), ("run/execute.py", b"b"), ("report/page.py", b"c")):
        path = tmp_path / "chipsim" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "chipsim"


def test_digest_by_hand(package):
    """The digest is that of the digests of each name and content, by name; what only shows is left out."""
    parts = [b"run/execute.py", b"b", b"units.py", b"a"]
    whole = b"".join(hashlib.sha256(part).digest() for part in parts)
    assert version._digest(package) == hashlib.sha256(whole).hexdigest()


@pytest.mark.parametrize(
    ("name", "decides"),
    [
        ("units.py", True), ("run/execute.py", True), ("data/embedded/digits", True), ("new.py", True),
        ("report/page.py", False), ("cli/group.py", False), ("study/claims.py", False),
        ("result/labels.py", False), ("result/record.py", True),
        ("run/__pycache__/execute.pyc", False), ("shipped/workloads/mnist.yaml", False),
    ],
)  # fmt: skip
def test_what_the_digest_covers(package, name, decides):
    """Any change of what a run can reach changes it; pages, commands, studies and compiled files do not."""
    before = version._digest(package)
    (package / name).parent.mkdir(parents=True, exist_ok=True)
    (package / name).write_bytes(b"other")
    assert (version._digest(package) != before) == decides


def test_moving_a_byte_from_one_file_to_the_next_shows(tmp_path):
    """Contents are told apart by file, not only as one text."""
    made = []
    for first, second in ((b"ab", b"c"), (b"a", b"bc")):
        folder = tmp_path / str(len(made))
        folder.mkdir()
        (folder / "a.py").write_bytes(first)
        (folder / "b.py").write_bytes(second)
        made.append(version._digest(folder))
    assert made[0] != made[1]


def test_rooms_that_only_show_are_there():
    """A room or file that is renamed must be renamed here, or its changes would make every run anew."""
    assert all((PACKAGE / name).exists() for name in version._SHOWING)


def test_a_run_imports_nothing_that_only_shows():
    """What the digest leaves out, no module names that a run may load, directly or by another."""
    reached, waiting = set(), ["chipsim.run"]
    while waiting:
        name = waiting.pop()
        if name in MODULES and name not in reached:
            reached.add(name)
            waiting += [*imported(name), *(other for other in MODULES if other.startswith("chipsim.run."))]
    files = {MODULES[name].relative_to(PACKAGE).as_posix() for name in reached}
    left_out = {name for name in files if {name, name.partition("/")[0]} & set(version._SHOWING)}
    assert len(files) > 50
    assert not left_out


def commit_all(folder):
    """A working copy with one commit."""
    named = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "-q"], ["add", "."], [*named, "commit", "-q", "-m", "all"]):
        subprocess.run([GIT, *words], cwd=folder, check=True)


@pytest.mark.skipif(GIT is None, reason="git tells commits")
def test_the_commit_of_a_working_copy(package, monkeypatch):
    """Forty digits of the newest commit, and whether something has changed since."""
    folder = package.parent
    assert version._commit(folder) == (None, False)
    commit_all(folder)
    monkeypatch.setenv("GIT_DIR", os.devnull)
    commit, changed = version._commit(folder)
    assert (len(commit), changed) == (40, False)
    (package / "units.py").write_bytes(b"other")
    assert version._commit(folder) == (commit, True)


def test_a_package_that_is_no_working_copy(package, monkeypatch):
    """Without git, or where its folder is broken, the digest says which code it is all the same."""
    (package.parent / ".git").mkdir()
    assert version._commit(package.parent) == (None, False)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert version._commit(package.parent) == (None, False)


@pytest.mark.parametrize(
    ("commit", "changed", "said"),
    [
        (None, False, "0.1.0 (code aaaaaaaaaaaa)"),
        ("b" * 40, False, "0.1.0 (code aaaaaaaaaaaa, commit bbbbbbbbbbbb)"),
        ("b" * 40, True, "0.1.0 (code aaaaaaaaaaaa, commit bbbbbbbbbbbb with changes)"),
    ],
)
def test_how_code_is_told(commit, changed, said):
    """Version, twelve digits of the digest, and of the commit where there is one."""
    assert str(Code(version="0.1.0", sha256="a" * 64, commit=commit, changed=changed)) == said


def test_results_say_which_code_made_them():
    """Provenance names the code, beside the versions of packages."""
    few = ["phases.0.dataset.train=2", "phases.0.dataset.test=2"]
    said = simulate("digital-fp32", "mnist-5k", epochs=1, sets=few).provenance
    code = this_code()
    assert said["code"] == {"sha256": code.sha256, "commit": code.commit, "changed": code.changed}
    assert said["versions"] == version.versions()
    assert set(version.DECISIVE) <= set(said["versions"])
