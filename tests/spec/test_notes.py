"""A shipped note belongs to one value, or to one entry of a list, so that no value is changed without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chipsim.spec import shipped_names
from chipsim.spec.nodes import from_plain, parse_yaml
from chipsim.spec.paths import path_text
from chipsim.spec.provenance import CLAIMS

FOLDERS = {
    "architectures": "architectures",
    "workloads": "workloads",
    "costs": "architectures/costs",
    "devices": "architectures/devices",
}
SHIPPED = [f"{FOLDERS[kind]}/{name}.yaml" for kind in FOLDERS for name in shipped_names(kind)]


def wide(node, path=(), *, is_entry=False):
    """Places of the notes that cover more than one value or one entry of a list."""
    found = [path_text(path)] if noted(node) and not narrow(node, is_entry=is_entry) else []
    for key, child in node.children():
        found += wide(child, (*path, key), is_entry=isinstance(node.value, list))
    return found


def noted(node):
    """Whether a mapping has a note of its own."""
    return isinstance(node.value, dict) and any(key in CLAIMS for key in node.value)


def narrow(node, *, is_entry):
    """Whether the note of a mapping covers one value, or the single values of an entry."""
    if "value" in node.value:
        return single(node.value["value"])
    rest = [child for key, child in node.value.items() if key not in CLAIMS]
    return is_entry and all(single(child) or noted(child) for child in rest)


def single(node):
    """Whether a node is one value; a list of plain values, such as sizes of layers, is one too."""
    items = node.value if isinstance(node.value, list) else [node]
    return not any(isinstance(item.value, dict | list) for item in items)


@pytest.mark.parametrize("file", SHIPPED)
def test_no_note_covers_a_block(file):
    """A number of a shipped file cannot be changed without touching the line or the entry of its note."""
    assert wide(parse_yaml(Path(file).read_text(encoding="utf-8"), [], file=file)) == []


@pytest.mark.parametrize(
    ("document", "places"),
    [
        ({"tile": {"rows": {"value": 4, "assumed": "why"}}}, []),
        ({"layers": {"value": [784, 10], "source": "a paper"}}, []),
        ({"adc": [{"bits": 4, "area": {"value": "1 um2", "source": "b"}, "source": "a"}]}, []),
        ({"tile": {"rows": 4, "columns": 2, "assumed": "why"}}, ["tile"]),
        ({"tile": {"rows": 4, "assumed": "why"}}, ["tile"]),
        ({"adc": {"value": [{"bits": 4}, {"bits": 5}], "source": "a"}}, ["adc"]),
        ({"tile": {"value": {"rows": 4, "columns": 2}, "assumed": "why"}}, ["tile"]),
        ({"phases": [{"name": "a", "dataset": {"train": 4}, "assumed": "why"}]}, ["phases.0"]),
        ({"phases": [{"name": "a", "dataset": {"train": 4, "assumed": "why"}}]}, ["phases.0.dataset"]),
    ],
)
def test_a_note_of_a_block_is_found(document, places):
    """One value and one entry may have a note; a section, a table and what lies inside an entry may not."""
    assert wide(from_plain(document)) == places
