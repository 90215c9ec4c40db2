"""docs/studies.md says what is so."""

from __future__ import annotations

import re
from pathlib import Path

import attrs
import yaml

from chipsim.spec.study import StudySpec
from chipsim.spec.study_file import study_from
from chipsim.study.planning import plan_study

PAGE = (Path(__file__).parents[2] / "docs" / "studies.md").read_text(encoding="utf-8")
BLOCKS = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]


def test_the_example_is_right():
    """The scenario of the page can be run."""
    plan = plan_study(study_from(BLOCKS[0]))
    assert len(plan.runs) == 2 * 3 * 3 * 2


def test_the_ways_to_vary_are_right():
    """Each block about what is varied, in the place of that of the example."""
    for block in BLOCKS[1:]:
        said = {**BLOCKS[0], **block, "claims": []}
        assert plan_study(study_from(said)).runs


def test_every_key_is_told():
    """The table has each key of a scenario."""
    table = re.findall(r"^\| (`[^|]*) \|", PAGE, re.MULTILINE)
    told = {key for row in table for key in re.findall(r"`(\w+)`", row)}
    assert told == {field.name for field in attrs.fields(StudySpec)}
