"""What is too large, or never ends, is refused with its limit, at once and in little memory."""

from __future__ import annotations

import gzip
import os
import re
import time
from pathlib import Path

import pytest

from chipsim import limits
from chipsim.cli.listing import _described_here
from chipsim.data import read_idx
from chipsim.errors import ChipsimWarning, DataError, DescriptionError
from chipsim.run import prepare
from chipsim.spec import load_chip
from chipsim.spec.nodes import from_plain, parse_yaml
from chipsim.units import TIME, UnitError
from tests.data.idx_made import idx_bytes, tiny_arrays

ROOT = Path(__file__).parents[1]


def refusal(call, *args, error=DescriptionError, **kwargs):
    with pytest.raises(error) as caught:
        call(*args, **kwargs)
    return str(caught.value)


def test_the_page_says_the_numbers():
    """docs/limits.md names each limit as it is."""
    page = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
    told = {int(number.replace(",", "")) for number in re.findall(r"\b\d[\d,]*\b", page)}
    assert {getattr(limits, name) for name in limits.__all__} <= told


def test_a_long_quantity():
    """Digits without end are no quantity; to look at ten thousand of them takes no time."""
    began = time.process_time()
    assert refusal(TIME.read, "1" * 10_000, error=UnitError) == (
        "10000 characters are no time; write a number and a unit, such as '10 ns'"
    )
    assert refusal(TIME.read, "1 " * 101, error=UnitError).startswith("202 characters are no time")
    assert TIME.read("10 ns".rjust(200)) == 10_000
    assert time.process_time() - began < 0.1


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("{a: ", "}")])
def test_nesting(opening, closing):
    """Twenty lists in one another are read, and one more is refused at its line."""
    assert parse_yaml(f"\n{opening * 20}1{closing * 20}", [], file="it.yaml").value
    assert refusal(parse_yaml, f"\n{opening * 21}1{closing * 21}", [], file="it.yaml") == (
        "it.yaml:2: is nested more than 20 deep"
    )


def test_nesting_by_aliases():
    """Aliases that each hold the one before nest, too; where the deepest stands is said."""
    lines = ["a0: &a0 [1]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 30))]
    found = refusal(parse_yaml, "\n".join(lines), [], file="it.yaml")
    assert re.fullmatch(r"it\.yaml:1: a\d+(\.0)+: is nested more than 20 deep", found)


def test_nesting_of_plain_data():
    """So is what a saved result describes."""
    data = 1
    for _ in range(21):
        data = [data]
    assert refusal(from_plain, data, file="chip.json") == "chip.json: is nested more than 20 deep"


def test_many_values():
    """Twenty thousand values are read, and no more; the line is that of the first too many."""
    text = "\n".join(f"- {number}" for number in range(19_999))
    assert len(parse_yaml(text, [], file="it.yaml").value) == 19_999
    assert refusal(parse_yaml, f"{text}\n- 1", [], file="it.yaml") == (
        "it.yaml: holds more than 20,000 values, counting those that its aliases repeat"
    )


def test_a_deep_override():
    """A path has as many keys as a description is deep."""
    path = ".".join(["tile"] * 10_000)
    assert refusal(load_chip, "hybrid-synapse", sets=[f"{path}=1"]).endswith(
        "a path has at most 20 keys, not 10,000 (from --set " + path[:72] + "...)"
    )


def test_a_large_description(tmp_path):
    """A file that is no description by its size is not read."""
    path = tmp_path / "big.yaml"
    path.write_bytes(b"#" * 1_000_001)
    assert refusal(load_chip, path) == (
        f"{path}: cannot be read: has 1,000,001 bytes, and at most 1,000,000 are read"
    )


def test_a_device_as_description():
    """A device has no end, or waits for somebody who types."""
    assert refusal(load_chip, Path("/dev/zero")) == "/dev/zero: cannot be read: is a device, not a file"


def test_a_pipe_that_nobody_writes_to(tmp_path, monkeypatch):
    """A pipe is waited for, and not for ever."""
    monkeypatch.setattr("chipsim.files.SILENCE_S", 0.1)
    os.mkfifo(tmp_path / "pipe.yaml")
    assert refusal(load_chip, tmp_path / "pipe.yaml") == (
        f"{tmp_path}/pipe.yaml: cannot be read: is a pipe that nothing came from for 0.1 s"
    )


def test_a_pipe_is_read():
    """What a shell pipes into a descriptor is a description like any other."""
    source, target = os.pipe()
    content = (ROOT / "architectures" / "digital-fp32.yaml").read_bytes()
    os.write(target, content)
    os.close(target)
    assert load_chip(Path(f"/dev/fd/{source}")).spec.name == "digital-fp32"
    os.close(source)


def test_listing_looks_at_descriptions_only(tmp_path, monkeypatch):
    """A pipe, a large file and one of another program in the folder cost nothing."""
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.yaml")
    Path("big.yaml").write_bytes(b"synapse: 1\n" + b"#" * 2_000_000)
    Path("foreign.yaml").write_text("services:\n" + "  - [1, 2, 3]\n" * 60_000, encoding="utf-8")
    Path("mine.yaml").write_bytes((ROOT / "architectures" / "digital-fp32.yaml").read_bytes())
    began = time.process_time()
    assert list(_described_here()) == ["mine"]
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        (
            ["network.layers=[784,1000000000000,10]"],
            (
                "network.layers.1: must be at most 4,000,000 units, not 1,000,000,000,000 "
                "(from --set network.layers=[784,1000000000000,10])"
            ),
        ),
        (
            ["tile.count=1000000"],
            "tile.count: must be at most 4,096 tiles, not 1,000,000 (from --set tile.count=1000000)",
        ),
        (
            ["interconnect={kind: mesh, width: 8 bit, clock: 1 GHz, length: 1 mm, columns: 5000}"],
            (
                "interconnect.columns: must be at most 4,096 routers in a row, not 5,000 "
                "(from --set interconnect={kind: mesh, width: 8 bit, clock: 1 GHz, length: 1 mm, colu...)"
            ),
        ),
        (
            # 785 rows times 250 columns, and 251 times 10
            ["tile={kind: mac, rows: 1, columns: 1, lanes: 1}"],
            (
                "tile: the network needs 198,760 tiles of 1 x 1; at most 4,096 can be built: make tiles larger "
                "(from --set tile={kind: mac, rows: 1, columns: 1, lanes: 1})"
            ),
        ),
    ],
)
def test_sizes(sets, message):
    """What would fill the memory is refused before anything is built."""
    began = time.process_time()
    assert refusal(prepare, "digital-fp32", "mnist-5k", sets=sets) == message
    assert time.process_time() - began < 5


def test_trained_weights():
    """More weights than a memory holds are timed and not trained: 785 x 64,000 and 64,001 x 10."""
    sets = ["network.layers=[784,64000,10]", "buffer.size=1 GiB"]
    assert refusal(prepare, "digital-fp32", "mnist-5k", sets=sets) == (
        "network.layers: 50,880,010 weights are more than can be trained, 50,000,000; timing alone "
        "(--timing-only, in Python timing_only=True) keeps none of them (from --set network.layers=[784,64000,10])"
    )
    assert len(prepare("digital-fp32", "mnist-5k", sets=sets, seed=None).chip.tiles) > 1


def test_many_tiles_are_told():
    """Where each row has a tile, a run says what would make it faster."""
    with pytest.warns(ChipsimWarning) as caught:
        prepare("digital-fp32", "mnist-5k", sets=["tile={kind: mac, rows: 1, columns: 250, lanes: 1}"])
    # 785 rows of the first layer and 251 of the second
    assert [str(one.message) for one in caught] == [
        (
            "the network falls into 1,036 tiles, and each is computed by itself at every step; with larger tiles the "
            "run is faster"
        )
    ]


def test_a_gzip_bomb(tmp_path):
    """A small file that unfolds to gigabytes is read no further than the limit."""
    path = tmp_path / "images.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(140):
            file.write(bytes(1_000_000))
    assert path.stat().st_size < 1_000_000
    assert refusal(read_idx, path, dimensions=3, error=DataError) == (
        f"{path}: holds more than 134,217,728 bytes once decompressed, and no more are read"
    )


def test_data_devices_and_pipes(tmp_path, monkeypatch):
    """Data comes from files, too, or from a pipe that has some."""
    monkeypatch.setattr("chipsim.files.SILENCE_S", 0.1)
    os.mkfifo(tmp_path / "pipe")
    pipe = refusal(read_idx, tmp_path / "pipe", dimensions=1, error=DataError)
    assert pipe == f"{tmp_path}/pipe: cannot be read: is a pipe that nothing came from for 0.1 s"
    zeros = refusal(read_idx, Path("/dev/zero"), dimensions=1, error=DataError)
    assert zeros == "/dev/zero: cannot be read: is a device, not a file"


def test_a_wrong_header_takes_no_memory(tmp_path):
    """Sizes of a header are believed only when the file has as many bytes."""
    images = bytearray(idx_bytes(tiny_arrays()[0]))
    images[4:8] = b"\xff\xff\xff\xff"
    (tmp_path / "images").write_bytes(images)
    assert refusal(read_idx, tmp_path / "images", dimensions=3, error=DataError) == (
        f"{tmp_path}/images: truncated: 36 bytes of values, expected 25769803770 from its header (4294967295 x 2 x 3)"
    )
