"""Published figures beside what was measured: verdicts by hand."""

import attrs
import pytest

from chipsim.spec.study import ClaimSpec, RunsOf
from chipsim.study.held import hold, hold_all, verdict
from chipsim.study.meant import Partners
from chipsim.study.planning import plan_study
from chipsim.study.settings import Setting
from chipsim.study.statistics import StudyRun, gather
from tests.study.kept_made import made_gathered, made_study, made_table
from tests.study.made import small

CLAIM = ClaimSpec(
    claim="it is good",
    metric="test_accuracy_percent",
    published=90.0,
    tolerance=1.0,
    source="a paper",
    of=RunsOf(),
)


def with_claim(settings, **changes):
    claim = attrs.evolve(CLAIM, **changes)
    return hold(claim, made_gathered(settings))


@pytest.mark.parametrize(
    ("relation", "low", "high", "said"),
    [
        ("equals", 89.0, 91.0, "met"),
        ("equals", 88.9, 91.0, "inside the spread"),
        ("equals", 85.0, 95.0, "inside the spread"),
        ("equals", 91.1, 95.0, "not met"),
        ("equals", 80.0, 88.9, "not met"),
        ("at-least", 89.0, 99.0, "met"),
        ("at-least", 88.0, 99.0, "inside the spread"),
        ("at-least", 80.0, 88.9, "not met"),
        ("at-most", 10.0, 91.0, "met"),
        ("at-most", 10.0, 92.0, "inside the spread"),
        ("at-most", 91.1, 92.0, "not met"),
    ],
)
def test_verdicts_by_hand(relation, low, high, said):
    """The published figure is 90 with a tolerance of 1 on the side that the relation leaves open."""
    assert verdict(attrs.evolve(CLAIM, relation=relation), low, high) == said


def test_the_range_is_that_of_the_mean_over_seeds():
    """89.9, 90.0, 90.1: mean 90, deviation 0.1, reach 4.303 x 0.1 / sqrt(3) = 0.248."""
    (held,) = with_claim([({}, {"test_accuracy_percent": (89.9, 90.0, 90.1)})])
    assert held.verdict == "met"
    assert (held.low, held.high) == (pytest.approx(89.752, abs=1e-3), pytest.approx(90.248, abs=1e-3))


def test_one_seed_says_that_it_is_one():
    """There is no range, and the verdict rests on that run."""
    (held,) = with_claim([({}, {"test_accuracy_percent": (90.5,)})])
    assert (held.verdict, held.low, held.high) == ("met", 90.5, 90.5)
    assert held.why == "one seed: another may say otherwise"


def test_differences_and_ratios_are_taken_seed_by_seed():
    """5, 6, 7 less 4, 4, 4; and a ratio of the seeds that both have."""
    settings = [
        ({"chip": "a"}, {"test_accuracy_percent": (95.0, 96.0, 97.0)}),
        ({"chip": "b"}, {"test_accuracy_percent": (91.0, 92.0)}),
    ]
    of, against = RunsOf(chip="a"), RunsOf(chip="b")
    (held,) = with_claim(
        settings, of=of, against=against, compare="difference", published=4, relation="at-least"
    )
    assert (held.values, held.verdict) == ((4.0, 4.0), "met")
    (ratio,) = with_claim(settings, of=of, against=against, compare="ratio", published=1.0)
    assert ratio.values == (95 / 91, 96 / 92)


def test_the_other_side_is_alike_in_what_the_claim_leaves_open():
    """Each point of a sweep is held against the other chip at the same point."""
    settings = [
        ({"chip": chip, "varied": (("p", value),)}, {"test_accuracy_percent": (base + float(value),) * 2})
        for chip, base in (("a", 90.0), ("b", 80.0))
        for value in ("1", "2")
    ]
    found = with_claim(
        settings, of=RunsOf(chip="a"), against=RunsOf(chip="b"), compare="difference", published=10
    )
    assert [held.values for held in found] == [(10.0, 10.0), (10.0, 10.0)]


def test_a_claim_may_name_the_one_cost_set():
    """Settings of such a study do not say their costs, for all have the same; the claim is held all the same."""
    settings = [({"costs": "cmos"}, {"test_accuracy_percent": (90.0, 90.0)})]
    (held,) = with_claim(settings, of=RunsOf(costs="cmos"))
    assert held.verdict == "met"
    (other,) = with_claim(settings, of=RunsOf(costs="other"))
    assert other.why == "no run of the study is what it is of"


def test_a_claim_on_a_thousand_points_is_held_at_once():
    """Each finds its other side without a look at all the others."""
    settings = [
        Setting(chip=chip, task="t", varied=(("p", str(value)), ("q", str(value % 7))))
        for chip in "ab"
        for value in range(20_000)
    ]
    partners = Partners(RunsOf(chip="b"), settings)
    assert [partners.of(one) for one in settings[:20_000]] == [[one] for one in settings[20_000:]]


def test_what_cannot_be_held_says_why():
    """No run, no figure, several partners, a ratio to nothing."""
    settings = [({"chip": chip}, {"test_accuracy_percent": (0.0, 0.0)}) for chip in "ab"]
    cases = {
        "no run of the study is what it is of": {"of": RunsOf(chip="c")},
        "pulses was not measured": {"metric": "pulses", "of": RunsOf(chip="a")},
        "no run is what it is held against": {"of": RunsOf(chip="a"), "against": RunsOf(chip="c")},
        "no seed was run of both, or the other side is zero": {
            "of": RunsOf(chip="a"), "against": RunsOf(chip="b"), "compare": "ratio",
        },
    }  # fmt: skip
    for why, changes in cases.items():
        (held,) = with_claim(settings, **changes)
        assert (held.verdict, held.why) == ("not measured", why)
    varied = [
        ({"chip": "b", "varied": (("p", value),)}, {"test_accuracy_percent": (1.0, 2.0)}) for value in "12"
    ]
    (held,) = with_claim(
        [settings[0], *varied], of=RunsOf(chip="a"), against=RunsOf(chip="b"), compare="ratio"
    )
    assert held.why == "several runs are what it is held against"


def test_every_claim_is_held():
    """In the order of the study."""
    study = made_study(("a",), claims=(CLAIM, attrs.evolve(CLAIM, metric="pulses")))
    found = hold_all(made_gathered([({}, {"test_accuracy_percent": (90.0, 90.0)})], study=study))
    assert [held.verdict for held in found] == ["met", "not measured"]


@pytest.mark.parametrize("costs", [["cmos-32nm"], ["cmos-32nm", "isaac-32nm"]])
def test_a_claim_may_name_a_cost_set_even_where_there_is_one(costs):
    """What is right before the first run is held after the last, on that side and the other."""
    claim = {
        "claim": "half of it", "metric": "energy_aJ", "published": 0.5, "source": "s", "compare": "ratio",
        "of": {"chip": "single-pair", "costs": "cmos-32nm"},
        "against": {"chip": "hybrid-synapse", "costs": "cmos-32nm"},
    }  # fmt: skip
    asked = small(architectures=["single-pair", "hybrid-synapse"], costs=costs, claims=[claim])
    plan = plan_study(asked)
    runs = [StudyRun(id=one.id, planned=one) for one in plan.runs]
    energy = {"single-pair": 5.0, "hybrid-synapse": 10.0}
    table = made_table([(run.id, "energy_aJ", energy[run.planned.chip]) for run in runs])
    (held,) = hold_all(gather(plan.study, runs, table))
    assert (held.verdict, held.values) == ("met", (0.5,))
    assert held.setting.chip == "single-pair"
