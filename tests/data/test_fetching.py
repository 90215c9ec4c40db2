"""Fetching, from a server on this machine that stands in for the public homes."""

import functools
import gzip
import http.server
import socket
import threading

import attrs
import pytest

from chipsim.data import fetch, load
from chipsim.data.published import PUBLISHED
from chipsim.errors import DataError
from tests.data.idx_made import tiny_published, write_files


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A file server that keeps its log to itself."""

    def log_message(self, *args):
        pass


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder, and the address that it is served at."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    folder = tmp_path / "home"
    folder.mkdir()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def nowhere(monkeypatch):
    """An address that nobody answers at."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/"


def known_as_mnist(monkeypatch, *homes):
    published = tiny_published(homes=homes)
    monkeypatch.setitem(PUBLISHED, "mnist", published)
    return published


def refusal(*args, **kwargs):
    with pytest.raises(DataError) as caught:
        fetch(*args, **kwargs)
    return str(caught.value)


def left_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_fetched_files_load(home, tmp_path, monkeypatch):
    """What was fetched is what load reads, and nothing else is left."""
    published = known_as_mnist(monkeypatch, home[1])
    write_files(home[0], published)
    place = fetch("mnist", tmp_path / "data")
    assert place == tmp_path / "data" / "mnist"
    assert left_in(place) == sorted(file.name for file in published.files)
    assert load("mnist", folder=tmp_path / "data").origin == str(place)


def test_progress_is_told(home, tmp_path, monkeypatch):
    """Progress names each file and ends at its size."""
    published = known_as_mnist(monkeypatch, home[1])
    paths = write_files(home[0], published)
    last = {}
    fetch("mnist", tmp_path / "data", progress=lambda name, done, total: last.update({name: (done, total)}))
    assert last == {path.name: (path.stat().st_size, path.stat().st_size) for path in paths}


def test_next_home_is_tried(home, nowhere, tmp_path, monkeypatch):
    """A home that cannot be reached is passed over."""
    published = known_as_mnist(monkeypatch, nowhere, home[1])
    write_files(home[0], published)
    assert len(left_in(fetch("mnist", tmp_path / "data"))) == 4


def test_right_files_are_left_alone(nowhere, tmp_path, monkeypatch):
    """Files that are there and right need no network."""
    published = known_as_mnist(monkeypatch, nowhere)
    write_files(tmp_path / "mnist", published)
    assert fetch("mnist", tmp_path) == tmp_path / "mnist"


def test_wrong_file_is_replaced(home, tmp_path, monkeypatch):
    """A file with another content may be somebody's own: it is fetched again only on request."""
    published = known_as_mnist(monkeypatch, home[1])
    write_files(home[0], published)
    damaged = write_files(tmp_path / "mnist", published)[0]
    damaged.write_bytes(b"cut")
    assert refusal("mnist", tmp_path) == (
        f"{damaged}: not the published file, damaged or somebody's own; "
        "move it, or ask to overwrite it (--overwrite)"
    )
    assert damaged.read_bytes() == b"cut"
    fetch("mnist", tmp_path, overwrite=True)
    assert damaged.read_bytes() == (home[0] / damaged.name).read_bytes()


def test_folder_from_the_environment(home, tmp_path, monkeypatch):
    """Without a folder, files go where load looks for them."""
    monkeypatch.setenv("CHIPSIM_DATA", str(tmp_path / "mine"))
    published = known_as_mnist(monkeypatch, home[1])
    write_files(home[0], published)
    assert fetch("mnist") == tmp_path / "mine" / "mnist"


def test_offline(nowhere, tmp_path, monkeypatch):
    """Offline, each home that was tried is named with its reason, and nothing is left."""
    known_as_mnist(monkeypatch, nowhere, f"{nowhere}second/")
    place = tmp_path / "mnist"
    name = "train-images-idx3-ubyte.gz"
    assert refusal("mnist", tmp_path) == (
        f"{place / name}: could not be fetched; check the network, or put the file there yourself\n"
        f"  {nowhere}{name}: Connection refused\n"
        f"  {nowhere}second/{name}: Connection refused"
    )
    assert left_in(place) == []


def test_file_not_at_home(home, tmp_path, monkeypatch):
    """A home that has no such file is named with its answer."""
    known_as_mnist(monkeypatch, home[1])
    name = "train-images-idx3-ubyte.gz"
    assert refusal("mnist", tmp_path) == (
        f"{tmp_path / 'mnist' / name}: could not be fetched; check the network, or put the file there yourself\n"
        f"  {home[1]}{name}: answered with status 404"
    )


def test_wrong_content_is_not_kept(home, tmp_path, monkeypatch):
    """A file that is not the published one is refused and leaves nothing behind."""
    published = known_as_mnist(monkeypatch, home[1])
    path = write_files(home[0], published)[0]
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[-1] ^= 1
    path.write_bytes(bytes(content))
    message = refusal("mnist", tmp_path)
    found = message.split("content is ")[1][:32]
    assert message == (
        f"{tmp_path / 'mnist' / path.name}: could not be fetched; check the network, or put the file there yourself\n"
        f"  {home[1]}{path.name}: {path.name}: MD5 of the uncompressed content is {found}, "
        f"expected {published.files[0].md5}"
    )
    assert left_in(tmp_path / "mnist") == []


def test_interruption_leaves_nothing(home, tmp_path, monkeypatch):
    """Ctrl-C in the middle of a file leaves nothing half-written."""
    published = known_as_mnist(monkeypatch, home[1])
    write_files(home[0], published)

    def interrupt(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch("mnist", tmp_path, progress=interrupt)
    assert left_in(tmp_path / "mnist") == []


def test_unwritable_folder(tiny, tmp_path):
    """A folder that cannot be made is named with the reason."""
    (tmp_path / "mnist").write_text("in the way")
    assert refusal("mnist", tmp_path) == (
        f"{tmp_path / 'mnist'}: cannot be written: File exists; name another folder"
    )


def test_unknown_name(tmp_path):
    """An unknown name is answered with those that can be fetched."""
    assert refusal("mnits", tmp_path) == (
        "no dataset 'mnits' to fetch; known: mnist, fashion-mnist; did you mean 'mnist'?"
    )


def test_embedded_digits_need_no_fetching(tmp_path):
    """The embedded digits are there already, and fetch says so."""
    assert refusal("mnist-5k", tmp_path) == "mnist-5k is embedded in chipsim; there is nothing to fetch"


def test_published_homes_are_folders():
    """Addresses end in a slash, for file names are put behind them."""
    homes = [home for published in PUBLISHED.values() for home in attrs.asdict(published)["homes"]]
    assert homes
    assert all(home.startswith("http") and home.endswith("/") for home in homes)
