"""Commands on terminals, pipes and folders that are not as one would wish."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chipsim.data import read_idx
from chipsim.errors import DataError
from chipsim.spec.nodes import parse_yaml

RUN = "run digital-fp32 tiny --epochs 1 -o out"
FULL = "error: what is printed, or saved, cannot be written: No space left on device\n"


@pytest.fixture
def command(folder):
    """Start a command line in a process of its own, with the environment changed."""

    def start(line, *, env=None, **more):
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more
        changed = {**os.environ, "CHIPSIM_DATA": str(folder / "data"), **(env or {})}
        words = [sys.executable, "-m", "chipsim", *line.split()]
        return subprocess.run(words, cwd=folder, check=False, timeout=100, env=changed, **streams)

    return start


@pytest.mark.parametrize("line", ["data list", "check digital-fp32", "--help"])
def test_full_output(command, line):
    """Where no more can be written the command says so, and ends."""
    with Path("/dev/full").open("w") as full:
        done = command(line, stdout=full)
    assert (done.returncode, done.stderr.decode()) == (2, FULL)


def test_a_run_whose_notes_nobody_takes(command, folder):
    """A run goes on when standard error is full, and saves what it trained."""
    with Path("/dev/full").open("w") as full:
        done = command(RUN, stderr=full)
    assert done.returncode == 0
    assert (folder / "out" / "summary.json").is_file()


def test_a_pipe_that_ends_early(command, folder):
    """A run goes on when what reads its notes has ended, as `2>&1 | head` does."""
    source, target = os.pipe()
    os.close(source)
    done = command(RUN, stderr=target)
    os.close(target)
    assert done.returncode == 0
    assert (folder / "out" / "summary.json").is_file()


def test_output_into_a_pipe_that_ends_early(command):
    """A listing that nobody reads to its end ends without a word."""
    source, target = os.pipe()
    os.close(source)
    done = command("data list", stdout=target)
    os.close(target)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize("closed", ["1", "2"])
def test_closed_streams(closed):
    """A closed standard output or error takes everything and shows nothing."""
    words = [sys.executable, "-m", "chipsim", "describe", "digital-fp32"]
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}>&-', "sh", *words], capture_output=True, check=False, timeout=100
    )
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1"])
def test_few_letters(command, encoding):
    """Letters that a terminal does not have are written with those that it has."""
    done = command("describe digital-fp32", env={"PYTHONIOENCODING": encoding, "COLUMNS": "100"})
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode(encoding)
    assert "+-----" in text  # corners and lines of the drawing
    assert "?" not in text


def test_a_locale_without_letters(command):
    """So it is in the locale C, where Python would not help itself."""
    env = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = command(RUN, env=env)
    assert done.returncode == 0
    assert "?" not in done.stdout.decode("ascii")


def test_a_folder_that_is_gone(call, folder, monkeypatch):
    """Where the current folder was deleted, what needs one says so."""
    gone = folder / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    for line in ("list", RUN.replace("tiny", "mnist-5k")):
        result = call(line)
        assert (result.exit_code, result.stderr.partition(" (")[0]) == (
            2,
            "error: the current folder is gone, or may not be searched",
        )
    monkeypatch.chdir(folder)


@pytest.mark.parametrize("line", ["data list", "run digital-fp32 mnist"])
def test_the_home_of_nobody(call, line):
    """A user whom the system does not know has no home to keep datasets in."""
    result = call(f"{line} --data ~nobody-of-that-name/data")
    assert result.stderr == (
        "error: ~nobody-of-that-name/data: the system knows no home of that user; name another folder\n"
    )
    assert result.exit_code == 2


@pytest.mark.parametrize(
    "line", ["report loop", "check loop/x.yaml", "run digital-fp32 tiny -o loop/x", "endurance loop"]
)
def test_links_in_a_circle(call, folder, line):
    """Links that lead to one another lead nowhere."""
    (folder / "loop").symlink_to("loop")
    result = call(line)
    assert (result.exit_code, result.stderr.partition(":")[0]) == (2, "error")
    assert "loop" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "line",
    ["report", "check", "endurance", "describe", "run digital-fp32 mnist --data", "run digital-fp32 tiny -o"],
)
def test_names_that_are_too_long(call, line):
    """A name that no file system takes is no traceback."""
    result = call(line, "x" * 300)
    assert (result.exit_code, result.stderr.partition(":")[0]) == (2, "error")
    assert "x" * 300 in result.stderr


def test_listing_beside_links_in_a_circle(call, folder):
    """A link that leads nowhere is no description."""
    (folder / "loop.yaml").symlink_to("loop.yaml")
    assert call("list").exit_code == 0


@pytest.mark.parametrize("text", [r'"red\e[31m"', r'"\x07"', r'"\u202Eabc"', r'"a\x85b"'])
def test_control_characters_are_refused(text):
    """A name may command no terminal, nor turn the order of its letters; lines and tabs are text."""
    problems = []
    parse_yaml(f"about: |\n  two\n  lines\nname: {text}\n", problems, file="it.yaml")
    assert [str(problem).rpartition(" ")[0] for problem in problems] == [
        "it.yaml:4: name: holds the control character"
    ]
    assert str(problems[0]).isprintable()


def test_control_characters_in_keys_are_spelt_out():
    """A message names a key by what it holds, and commands nothing."""
    problems = []
    parse_yaml('"a\\e[31m": 1\n"a\\e[31m": 2\n', problems, file="it.yaml")
    assert [str(problem) for problem in problems] == [
        r"it.yaml:2: a\x1b[31m: key 'a\x1b[31m' is given twice, first on line 1"
    ]


def test_control_characters_on_the_command_line(call):
    """What is typed, or read from a result, is told with its control characters spelt out."""
    result = call("check", "red\x1b[31m\x07")
    assert "\x1b" not in result.stderr
    assert r"'red\x1b[31m\x07'" in result.stderr


def test_a_file_that_may_not_be_read(call, folder, monkeypatch):
    """A permission that is missing is no damage."""

    def refused(*_args, **_more):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("chipsim.data.idx.read_limited", refused)
    with pytest.raises(DataError) as caught:
        read_idx(folder / "images", dimensions=3, remedy="fetch it again")
    assert str(caught.value) == f"{folder}/images: may not be read: Permission denied"
