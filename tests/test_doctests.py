"""The examples in docstrings are run, and show what happens."""

from __future__ import annotations

import doctest
import importlib

import pytest

from tests.test_imports import MODULES

WITH_EXAMPLES = [name for name, path in MODULES.items() if ">>> " in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples(name, monkeypatch, tmp_path):
    """Every example of a module gives what its docstring shows; files that it writes go to a spare folder."""
    monkeypatch.chdir(tmp_path)
    outcome = doctest.testmod(importlib.import_module(name))
    assert outcome.failed == 0


def test_modules_with_examples_are_found():
    """The test above looks at something."""
    assert len(WITH_EXAMPLES) > 10
