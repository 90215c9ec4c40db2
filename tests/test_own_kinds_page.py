"""The example of the page on kinds of one's own is a kind that conforms."""

import re
import sys
from pathlib import Path

from chipsim.spec import trust
from chipsim.testing import conform

PAGE = (Path(__file__).parents[1] / "docs" / "own-kinds.md").read_text(encoding="utf-8")


def test_the_example_conforms(tmp_path, monkeypatch):
    """As it stands on the page, in a file of the folder that one works in."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "my_layers.py").write_text(code, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(trust, "_TRUSTED", set())
    try:
        found = conform("my_layers:Scale")
    finally:
        sys.modules.pop("my_layers", None)
    assert found.failures == ()
    assert len(found.findings) >= 9
