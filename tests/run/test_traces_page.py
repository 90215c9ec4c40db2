"""docs/traces.md says what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chipsim.run.noting import MOST_DRAWN
from chipsim.run.observed import MOST_OPERATIONS

PAGE = (Path(__file__).parents[2] / "docs" / "traces.md").read_text(encoding="utf-8")
LIMITS = (Path(__file__).parents[2] / "docs" / "limits.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL))
def test_its_examples_run(code, capsys):
    """Each as it stands."""
    exec(compile(code, "docs/traces.md", "exec"), {})
    assert capsys.readouterr().out


def test_its_limits_are_those_of_the_code():
    """And those of the page of limits."""
    for text in (PAGE, LIMITS):
        assert f"{MOST_OPERATIONS:,}" in text
        assert f"{MOST_DRAWN:,}" in text
