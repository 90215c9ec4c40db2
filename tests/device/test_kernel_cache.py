"""Compiled kernels are kept where they can be, and what is damaged or old is compiled anew."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import pytest
from numba.core import config

from chipsim.device import kernel_cache
from chipsim.errors import ChipsimWarning

ROOT = Path(__file__).parents[2]

CALLED = """\
from chipsim.device.types import kernel

@kernel
def twice(x):
    return {factor} * x
"""
CALLER = """\
from chipsim.device.types import kernel
from {called} import twice

OFFSET = {offset}

@kernel
def line(x):
    return twice(x) + OFFSET
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder for two modules of kernels; no home, and temporary files in a folder of the test's own."""
    monkeypatch.setattr(config, "CACHE_DIR", "")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/dev/null")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setattr(kernel_cache, "_REFUSED", {})
    monkeypatch.setattr(kernel_cache, "_TOLD", set())
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def blocked(place):
    """Nothing can be kept beside the source: a file stands where the folder would be made."""
    (place / "__pycache__").write_bytes(b"")


def line_of(place, *, factor=2, offset=1):
    """The kernel 2 x + 1 from source as it would be after an upgrade, loaded as by another process."""
    kernel_cache._source_digest.cache_clear()
    for name, text in (
        ("called", CALLED.format(factor=factor)),
        ("caller", CALLER.format(called="called", offset=offset)),
    ):
        (place / f"{name}.py").write_text(text, encoding="utf-8")
        # Read from the source: what Python keeps of it goes by the second it was written in.
        spec = importlib.util.spec_from_file_location(name, place / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        exec(
            compile((place / f"{name}.py").read_text(encoding="utf-8"), place / f"{name}.py", "exec"),
            module.__dict__,
        )
    del sys.modules["called"], sys.modules["caller"]
    return module.line


def loaded(kernel):
    """How many of its forms came from a file."""
    return sum(kernel.stats.cache_hits.values())


def test_a_kernel_is_compiled_once(place):
    """Another process finds beside the source what the first compiled, and says nothing."""
    first, second = line_of(place), line_of(place)
    assert (first(3), loaded(first)) == (7, 0)
    assert (second(3), loaded(second)) == (7, 1)


@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: content[:-9] + bytes([content[-9] ^ 1]) + content[-8:],
        lambda content: b"\x80\x04\x8c" + content,
        lambda content: bytes(len(content)),
    ],
    ids=["empty", "half", "one-bit", "foreign", "zeros"],
)
def test_damaged_files_are_compiled_anew(place, *, suffix, damage):
    """A damaged index or data file is never run: the kernel is compiled, and kept whole again."""
    assert line_of(place)(3) == 7
    kept = sorted((place / "__pycache__").glob(f"*.{suffix}"))
    assert len(kept) == 1  # of the kernel that was called, which holds the code of the other one
    for path in kept:
        path.write_bytes(damage(path.read_bytes()))
    again, last = line_of(place), line_of(place)
    assert again(3) == 7
    assert (last(3), loaded(last)) == (7, 1)


def test_an_upgrade_of_a_called_kernel_is_seen(place):
    """A kernel holds the code of those that it calls, so it is compiled anew when one of them changes."""
    assert line_of(place)(3) == 7
    assert line_of(place, factor=5)(3) == 16  # 5 x 3 + 1


def test_a_constant_is_part_of_a_kernel(place):
    """So are the constants that it is written with."""
    assert line_of(place)(3) == 7
    assert line_of(place, offset=4)(3) == 10  # 2 x 3 + 4


def test_nothing_is_left_of_what_was_replaced(place):
    """One index and one data file a kernel stay, however often it changes."""
    for offset in range(3):
        line_of(place, offset=offset)(3)
    assert len(list((place / "__pycache__").glob("*.nbc"))) == 1


def test_temporary_files_take_what_no_usual_folder_does(place):
    """Where neither the source's folder nor the home can be written, one line says what is used instead."""
    blocked(place)
    with pytest.warns(ChipsimWarning) as caught:
        assert line_of(place)(3) == 7
    folder = kernel_cache.temporary_folder()
    assert [str(one.message).partition(" (")[0] for one in caught] == [
        f"compiled kernels are kept in {folder}"
    ]
    assert f"{place / '__pycache__'}: File exists" in str(caught[0].message)
    again = line_of(place)
    assert (again(3), loaded(again)) == (7, 1)


def test_no_folder_at_all(place, monkeypatch):
    """Without any folder kernels are compiled by every process, and one line says so."""
    blocked(place)
    monkeypatch.setattr(kernel_cache, "temporary_folder", lambda: None)
    with pytest.warns(ChipsimWarning) as caught:
        assert line_of(place)(3) == 7
    assert len(caught) == 1
    assert str(caught[0].message).startswith(
        "compiled kernels cannot be kept, so every command compiles what it needs anew ("
    )


def test_a_full_disk(place, monkeypatch):
    """A folder that can be made but not filled is passed over."""
    monkeypatch.setattr(config, "CACHE_DIR", str(place / "full"))
    blocked(place)
    written = kernel_cache._Kept._open_for_write

    def open_for_write(kept, path):
        if "full" in path:
            raise OSError(28, "No space left on device")
        return written(kept, path)

    monkeypatch.setattr(kernel_cache._Kept, "_open_for_write", open_for_write)
    with pytest.warns(ChipsimWarning, match=r"/full/.*: No space left on device; "):
        assert line_of(place)(3) == 7


def test_what_can_only_be_read_still_serves(place, monkeypatch):
    """An image that was warmed by its builder is used by whoever may not write into it."""
    assert line_of(place)(3) == 7
    monkeypatch.setattr(kernel_cache, "_REFUSED", {place / "__pycache__": "Read-only file system"})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = line_of(place)
        assert (again(3), loaded(again)) == (7, 1)


@pytest.mark.parametrize("mode", [0o777, 0o770])
def test_a_folder_that_others_can_write_is_not_used(place, mode):
    """Compiled code is run as it is found, so nobody else may have put it there."""
    folder = kernel_cache.temporary_folder()
    folder.chmod(mode)
    assert kernel_cache.temporary_folder() is None


def test_a_link_is_not_used(place):
    """A link among temporary files leads where somebody else wants it to."""
    folder = kernel_cache.temporary_folder()
    folder.rmdir()
    folder.symlink_to(place)
    assert kernel_cache.temporary_folder() is None


@pytest.mark.slow
def test_commands_without_a_writable_folder(tmp_path):
    """A read-only installation without a home trains, and says in one line where kernels are kept."""
    for name in ("chipsim", "architectures", "workloads"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in [path for path in (tmp_path / "chipsim").rglob("*") if path.is_dir()]:
        (folder / "__pycache__").write_bytes(b"")
    (tmp_path / "temporary").mkdir()
    env = {
        **{
            name: value
            for name, value in os.environ.items()
            if name not in ("XDG_CACHE_HOME", "NUMBA_CACHE_DIR")
        },
        "HOME": "/dev/null",
        "TMPDIR": str(tmp_path / "temporary"),
        "PYTHONPATH": str(tmp_path),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    line = "run digital-fp32 mnist-5k --epochs 1 --set phases.0.dataset.train=10 -o out"
    run = [
        subprocess.run(
            [sys.executable, "-m", "chipsim", *line.split(), "--overwrite"],
            capture_output=True, text=True, check=False, cwd=tmp_path, env=env,
        )
        for _ in range(2)
    ]  # fmt: skip
    assert [one.returncode for one in run] == [0, 0]
    notes = [[text for text in one.stderr.splitlines() if text.startswith("note:")] for one in run]
    assert [len(texts) for texts in notes] == [1, 0]
    assert notes[0][0].startswith(
        f"note: compiled kernels are kept in {tmp_path / 'temporary'}/chipsim-kernels-"
    )
