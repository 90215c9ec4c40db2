"""What tests of tools share: tools are scripts that stand beside each other, and in no package."""

import importlib
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / "tools"


@pytest.fixture
def tool(monkeypatch):
    """A function that gives a script by its name."""
    monkeypatch.syspath_prepend(str(TOOLS))
    return importlib.import_module
