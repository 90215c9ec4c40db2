"""Pages replace pages of their kind and nothing else, and go into devices and pipes as they come."""

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from chipsim.errors import OutputError
from chipsim.outputs.files import claimed_page, generator, write_page

PAGE = f"<!DOCTYPE html>{generator('report')}<p>new"


def put(path, content=PAGE, *, kind="report", overwrite=False):
    with claimed_page(path, kind=kind, overwrite=overwrite) as place:
        return write_page(content, place)


def refused(path, **how):
    with pytest.raises(OutputError) as error:
        put(path, **how)
    return str(error.value)


def test_a_page_of_the_same_kind_is_replaced(tmp_path):
    """Without a word, for it can be made again; and nothing else is left in the folder."""
    path = tmp_path / "a.html"
    put(path, PAGE.replace("new", "old"))
    assert put(path) == path
    assert path.read_text() == PAGE
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "page",
    ["<!DOCTYPE html><p>mine", "\n<HTML>", "\ufeff<!doctype html>", f"<html>{generator('page of a chip')}"],
)
def test_another_page_is_replaced_on_request(tmp_path, page):
    """Somebody's page, or ours of another kind, stays unless it is to go."""
    path = tmp_path / "a.html"
    path.write_text(page, encoding="utf-8")
    assert refused(path) == (
        f"{path}: there is another page, no report of chipsim; choose another file, "
        "or ask to overwrite it (--overwrite)"
    )
    assert path.read_text(encoding="utf-8") == page
    put(path, overwrite=True)
    assert path.read_text() == PAGE


@pytest.mark.parametrize("content", [b"name: mine\n", b'{"seed": 1}', b"PAR1\x00\xff", b"# <!doctype html>"])
@pytest.mark.parametrize("overwrite", [False, True])
def test_what_is_no_page_is_never_replaced(tmp_path, content, overwrite):
    """A description, a result's file, anything: asked to overwrite or not."""
    path = tmp_path / "mine.yaml"
    path.write_bytes(content)
    assert refused(path, overwrite=overwrite) == (
        f"{path}: is no page, so a page never replaces it; choose another file"
    )
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_an_empty_file_is_free(tmp_path):
    """Nothing is lost with it, and it may have been made to hold the page."""
    path = tmp_path / "a.html"
    path.touch()
    put(path)
    assert path.read_text() == PAGE


def test_a_file_that_appears_meanwhile_is_kept(tmp_path):
    """What somebody writes there while the page is made is no page of ours either."""
    path = tmp_path / "a.html"
    with claimed_page(path, kind="report") as place:
        path.write_text("mine")
        with pytest.raises(OutputError, match="is no page"):
            write_page(PAGE, place)
    assert path.read_text() == "mine"


def test_a_page_is_written_by_one_at_a_time(tmp_path):
    """The second is refused and told who the first is."""
    path = tmp_path / "a.html"
    with claimed_page(path, kind="report"):
        said = refused(path)
    assert said.startswith(f"{path}: another process writes this page (process {os.getpid()} on ")
    assert said.endswith("; choose another file, or wait until it has ended")
    assert list(tmp_path.iterdir()) == []


def test_folders_made_for_a_page_that_never_came_are_removed(tmp_path):
    """A report that fails leaves no empty folders."""
    with pytest.raises(ZeroDivisionError), claimed_page(tmp_path / "a" / "b.html", kind="report"):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_link_stays_a_link(tmp_path):
    """The page goes to where the link leads."""
    link = tmp_path / "link.html"
    link.symlink_to("real.html")
    for _ in range(2):
        put(link)
    assert link.is_symlink()
    assert (tmp_path / "real.html").read_text() == PAGE


def test_a_device_stays_a_device(tmp_path):
    """What is written to it is written, and it is not replaced; root once lost the device."""
    assert str(put("/dev/null")) == "/dev/null"
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_pipe_gets_the_page(tmp_path):
    """Whoever reads from the pipe reads the page."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    put(pipe)
    reader.join(timeout=10)
    assert read == [PAGE]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_standard_output_gets_the_page(tmp_path):
    """Sent to a file by the shell, the file holds the page and what is said afterwards does not overwrite it."""
    script = (
        "from chipsim.outputs.files import claimed_page, write_page\n"
        "with claimed_page('/dev/stdout', kind='report') as place:\n"
        "    write_page('page', place)\n"
    )
    with (tmp_path / "out").open("wb") as file:
        subprocess.run([sys.executable, "-c", script], stdout=file, check=True, timeout=60)
    assert (tmp_path / "out").read_text() == "page"


def test_a_mounted_file_is_written_in_place(tmp_path, monkeypatch):
    """A single file that is mounted cannot be replaced, nor anything be made beside it."""
    path = tmp_path / "a.html"
    put(path, PAGE.replace("new", "old"))

    def busy(*_):
        raise OSError(16, "Device or resource busy")

    monkeypatch.setattr(os, "replace", busy)
    put(path)
    assert path.read_text() == PAGE
    assert list(tmp_path.iterdir()) == [path]


def test_bytes_that_are_no_text_are_spelt_out(tmp_path):
    """A name that is not UTF-8 does not cost the page."""
    path = put(tmp_path / os.fsdecode(b"\xff.html"), PAGE + os.fsdecode(b"caf\xe9"))
    assert path.read_text() == PAGE + "caf\\udce9"


def test_a_long_name(tmp_path):
    """A name that is as long as a name may be leaves room for the files beside it."""
    path = tmp_path / f"{'x' * 250}.html"
    put(path)
    assert path.read_text() == PAGE
