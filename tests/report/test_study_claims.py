"""Claims in words, the same on a study's page and in a report's README."""

from __future__ import annotations

import attrs
import pytest

from chipsim.report.study_claims import claimed
from chipsim.spec.study import ClaimSpec, RunsOf
from chipsim.study.held import hold_all
from tests.report.test_study_page import swept


def told(gathered, *, metric="test_accuracy_percent", **said):
    claim = ClaimSpec(claim="c", metric=metric, of=RunsOf(chip="a"), published=90.0, source="s", **said)
    gathered = attrs.evolve(gathered, study=attrs.evolve(gathered.study, claims=(claim,)))
    (held,) = hold_all(gathered)
    return claimed(held, gathered)


@pytest.mark.parametrize(
    ("said", "published"),
    [
        ({}, "90 %"),
        ({"relation": "at-least", "tolerance": 0.5}, "at least 90 % ± 0.5 %"),
        ({"relation": "at-most"}, "at most 90 %"),
        ({"compare": "ratio", "against": RunsOf(chip="b")}, "90"),
        ({"compare": "difference", "against": RunsOf(chip="b")}, "90.00 points"),
    ],
)
def test_what_was_published(said, published):
    """With its relation, its tolerance and the unit of what is compared."""
    assert told(swept(["1"]), **said).published == published


def test_what_was_measured():
    """The mean of both seeds, and how far it may lie; all seeds have it."""
    one = told(swept(["1"]))
    assert one.measured == "90.5 %"
    # Student's t for one degree of freedom is 12.706; the deviation of two seeds a point apart is 0.7071.
    assert one.range == "84.15 % to 96.85 %"
    assert one.missing == ""


def test_a_seed_without_the_figure_is_told():
    """A switch that never came is no figure, and must not be passed over."""
    gathered = swept(["1"])
    study = attrs.evolve(gathered.study, seeds=(0, 1, 2))
    assert told(attrs.evolve(gathered, study=study)).missing == "measured in 2 of 3 seeds"


def test_an_accuracy_of_one_task_is_one_as_well():
    """Percent of it, and points of a difference."""
    metric = "test_accuracy_percent.digits"
    assert told(swept(["1"]), metric=metric).published == "90 %"
    against = {"compare": "difference", "against": RunsOf(chip="b")}
    assert told(swept(["1"]), metric=metric, **against).published == "90.00 points"
