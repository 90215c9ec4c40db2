"""Files of few bytes that would take much memory once they are parsed: counted before, and refused."""

import pytest

from tests.importing.onnx_made import onnx, refusal


def varied(value):
    """A whole number, seven bits a byte."""
    own = bytearray()
    while value > 0x7F:
        own.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*own, value])


def framed(number, content):
    """A field of so many bytes as protobuf has it."""
    return varied(number << 3 | 2) + varied(len(content)) + content


MODEL, GRAPH_NODE, NODE_ATTRIBUTE, ATTRIBUTE_GRAPH, TENSOR_INT64 = 7, 1, 5, 6, 7


@pytest.mark.parametrize(
    ("wrapped", "field"),
    [
        ((MODEL,), GRAPH_NODE),
        ((MODEL,), 5),  # initializers
        ((MODEL,), 11),  # inputs
        ((MODEL,), 12),  # outputs
        ((MODEL,), 13),  # sizes of values
        ((MODEL, GRAPH_NODE), 1),  # names of what a node takes
        ((MODEL, GRAPH_NODE), NODE_ATTRIBUTE),
        ((MODEL, GRAPH_NODE, NODE_ATTRIBUTE, ATTRIBUTE_GRAPH), GRAPH_NODE),
        ((), 8),  # versions of operators
        ((), 25),  # functions
    ],
)
def test_many_empty_entries(tmp_path, monkeypatch, wrapped, field):
    """Two bytes each, which parsed would be far more: refused before anything is parsed, wherever they stand."""
    monkeypatch.setattr(onnx.ModelProto, "ParseFromString", None, raising=False)
    content = framed(field, b"") * 1_000_001
    for number in reversed(wrapped):
        content = framed(number, content)
    path = tmp_path / "net.onnx"
    path.write_bytes(content)
    assert refusal(path) == (
        "net.onnx: has more than 1,000,000 entries, such as nodes, names and sizes, and no more are read"
    )


def test_short_whole_numbers(tmp_path, monkeypatch):
    """A byte each in the file, and eight once they are parsed."""
    monkeypatch.setattr("chipsim.importing.wire.ONNX_BYTES", 8_000)
    path = tmp_path / "net.onnx"
    for count, said in (
        (1_000, "has no graph"),
        (1_001, "has whole numbers that take more than 8,000 bytes"),
    ):
        path.write_bytes(framed(MODEL, framed(5, framed(TENSOR_INT64, bytes(count)))))
        assert said in refusal(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (framed(MODEL, b"")[:1], "a number in it does not end"),
        (b"\x3a\x05\x0a", "it ends too early"),
        (b"\x3a\x02\x0a\x05abcde", "it ends too early"),
        (b"\x0d\x00", "it ends too early"),
        (b"\x0b\x0c", "it has an entry of the type 3"),
        (b"\x08" + b"\x80" * 11, "a number in it does not end"),
    ],
)
def test_entries_that_do_not_fit(tmp_path, content, said):
    """Entries that reach beyond what holds them, and numbers without end."""
    path = tmp_path / "net.onnx"
    path.write_bytes(content)
    assert refusal(path) == f"net.onnx: is no ONNX file, or is damaged: {said}"
