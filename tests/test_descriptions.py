"""The page of all keys says what the classes say that read descriptions."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import attrs
import pytest

from chipsim.spec import chip, costs, levels, workload

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "descriptions.md").read_text(encoding="utf-8")


def written():
    """The page as its tool would write it now."""
    place = ROOT / "tools" / "make_descriptions.py"
    found = importlib.util.spec_from_file_location("make_descriptions", place)
    tool = importlib.util.module_from_spec(found)
    found.loader.exec_module(tool)
    return tool.page()


def test_page_is_up_to_date():
    """Run tools/make_descriptions.py after a change of chipsim/spec."""
    assert written() == PAGE


@pytest.mark.parametrize("module", [chip, levels, workload, costs])
def test_every_class_and_key_has_its_line(module):
    """Whatever a file may say is on the page."""
    for name in module.__all__:
        described = getattr(module, name)
        if not (isinstance(described, type) and attrs.has(described)):
            continue
        _, _, section = PAGE.partition(f"### {name}\n")
        section = section.partition("\n### ")[0]
        assert section, name
        for field in attrs.fields(described):
            assert f"| `{field.name}` |" in section, f"{name}.{field.name}"
