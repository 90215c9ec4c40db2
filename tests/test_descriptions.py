"""The page of all keys says what the classes say that read descriptions."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import attrs
import pytest

from chipsim.spec import chip, costs, levels, software, workload
from chipsim.spec.kinds import ROOMS, WITHIN, shipped_kind, shipped_kinds

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


@pytest.mark.parametrize("module", [chip, levels, software, workload, costs])
def test_every_class_and_key_has_its_line(module):
    """Whatever a file may say is on the page."""
    for name in module.__all__:
        described = getattr(module, name)
        if isinstance(described, type) and attrs.has(described):
            assert_on_page(described)


@pytest.mark.parametrize("section", [*ROOMS, *WITHIN])
def test_every_kind_and_key_has_its_line(section):
    """Kinds too, with the keys that all of a section have."""
    for word in shipped_kinds(section):
        assert_on_page(shipped_kind(section, word))


def assert_on_page(described):
    """The class has a heading, and each of its keys a line under it."""
    _, _, section = PAGE.partition(f"### {described.__name__}\n")
    section = section.partition("\n### ")[0]
    assert section, described
    for field in attrs.fields(described):
        assert f"| `{field.name}` |" in section, f"{described.__name__}.{field.name}"
