"""Which differences count: the rule by hand, and that no other rule can get in between."""

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim.report import comparison_table
from chipsim.report.verdicts import group_value, verdicts
from chipsim.result.alongside import Alongside
from chipsim.result.compared import compared
from chipsim.result.metrics import METRICS
from chipsim.result.standing import (
    Sample,
    best_of,
    groups_of,
    sample_of,
    standing,
    why_alike,
)
from chipsim.run import simulate
from tests.report.programmed_made import programmed_result
from tests.results_made import made_result, seeds_of

METRIC = {metric.key: metric for metric in METRICS}
FEW = ["phases.0.dataset={name: mnist-5k, train: 30, test: 20}"]
SMALL = made_result(epochs=1, shapes=((3, 2),))


def drawn(*values):
    return Sample(values=values, exact=False)


def with_summary(result, **summary):
    return attrs.evolve(result, summary={**result.summary, **summary})


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        # Means 2 and 6, variances 1: standard error 0.816, four degrees of freedom, limit 2.776 x 0.816 = 2.27.
        (drawn(1, 2, 3), drawn(5, 6, 7), ""),
        (drawn(1, 2, 3), drawn(3.2, 4.2, 5.2), "spread"),
        (drawn(1, 2, 3), drawn(3.3, 4.3, 5.3), ""),
        # Whatever the means, one run that is as good as one of the other's is no difference.
        (drawn(1, 1, 1, 9), drawn(8, 8, 8, 8), "spread"),
        # Against an exact figure, the one sample's own: 0.1 / sqrt(3) x 4.303 = 0.248, two degrees of freedom.
        (Sample(values=(5.9,), exact=True), drawn(6.0, 6.1, 6.2), "spread"),
        (Sample(values=(5.8,), exact=True), drawn(6.0, 6.1, 6.2), ""),
        # Of two seeds each, limit 4.303 x 1 for equal spreads: 3 apart are not told apart, 5 apart are.
        (drawn(0, 2**0.5), drawn(3, 3 + 2**0.5), "spread"),
        (drawn(0, 2**0.5), drawn(5, 5 + 2**0.5), ""),
        (drawn(1), drawn(5, 6, 7), "one seed"),
        (drawn(1), Sample(values=(9.0,), exact=True), "one seed"),
        (Sample(values=(1,), exact=True), Sample(values=(2,), exact=True), ""),
        (Sample(values=(2,), exact=True), Sample(values=(2,), exact=True), "equal"),
        (drawn(4, 4), drawn(4, 4), "equal"),
        # Counts spread by what nothing lies between, 1/12 each: t = 1 / sqrt(1/12) = 3.46 and 4 / 0.289 = 13.9 of
        # two degrees of freedom, whose limit is 4.303.
        (drawn(9, 9), drawn(10, 10), "spread"),
        (drawn(9, 9), drawn(13, 13), ""),
        # An error of 1 of each: two standard errors of the difference are 2.83.
        (
            Sample(values=(1, 1), exact=False, error=1),
            Sample(values=(3.8, 3.8), exact=False, error=1),
            "chance",
        ),
        (Sample(values=(1, 1), exact=False, error=1), Sample(values=(3.9, 3.9), exact=False, error=1), ""),
    ],
)
def test_why_two_figures_are_not_told_apart(one, other, why):
    """By hand, either way round."""
    assert (why_alike(one, other), why_alike(other, one)) == (why, why)


@given(st.lists(st.integers(1, 10**6), min_size=2, max_size=5, unique=True))
def test_nothing_that_was_drawn_is_best_with_one_seed(values):
    """However far apart single runs lie."""
    runs = [with_summary(SMALL, architecture=str(value), energy_aJ=value) for value in values]
    assert best_of(METRIC["energy_aJ"], runs) == frozenset()
    assert verdicts(runs) == []


def test_runs_that_differ_in_their_seed_are_one_group():
    """Another value, another number of epochs, or another chip makes another group; its name has no seed."""
    made, other = made_result(), made_result("single-pair")
    changed = attrs.evolve(made, chip={**made.chip, "device": {"states": 10}})
    groups = groups_of([*seeds_of(made, count=2), changed, other, made_result(epochs=4)])
    assert [group.places for group in groups] == [(0, 1), (2,), (3,), (4,)]
    assert (groups[0].seeds, groups[2].label) == ((0, 1), "single-pair")
    assert "seed" not in groups[0].label
    assert len({group.label for group in groups}) == 4


def test_a_seed_that_was_run_twice_counts_once():
    """Two runs of the same seed show no spread."""
    made = made_result()
    (group,) = groups_of([made, made])
    assert sample_of(METRIC["energy_aJ"], group).values == (made.summary["energy_aJ"],)
    runs = [made, made, *seeds_of(made_result("single-pair"), count=2)]
    assert best_of(METRIC["energy_aJ"], runs) == frozenset()


def test_stopped_and_timed_runs_are_not_compared():
    """A run that was stopped took less because it did less; one only timed leaves out what others count."""
    one, other = seeds_of(made_result(), count=2), seeds_of(made_result("single-pair"), count=2)
    cut = [with_summary(run, complete=False) for run in other]
    timed = [with_summary(run, timing_only=True) for run in other]
    assert best_of(METRIC["energy_aJ"], [*one, *other]) == {2, 3}
    assert best_of(METRIC["energy_aJ"], [*one, *cut]) == frozenset()
    assert best_of(METRIC["energy_aJ"], [*one, *timed]) == frozenset()


def test_a_lead_over_some_is_none_where_others_lie_between():
    """The best of three is not starred when the second is not told apart from the third either."""
    third = with_summary(made_result(), architecture="third")
    # Differences to the next are 3, 1, 2 and 1, 3, 2: t = 2 / (1 / sqrt(3)) = 3.46, below 4.303. From the first
    # to the third they are 4 of every seed.
    runs = [
        *seeds_of(made_result(), energy_aJ=(10, 11, 12)),
        *seeds_of(made_result("single-pair"), energy_aJ=(13, 12, 14)),
        *seeds_of(third, energy_aJ=(14, 15, 16)),
    ]
    found = standing(METRIC["energy_aJ"], groups_of(runs))
    assert (found.best, found.why) == ((), "spread")


def test_a_seed_that_one_lacks_does_not_turn_the_order_round():
    """By means the second takes less, by both seeds that it has the first does: nothing is best."""
    runs = [
        *seeds_of(made_result(), energy_aJ=(100, 200, 900)),
        *seeds_of(made_result("single-pair"), energy_aJ=(101, 201)),
    ]
    found = standing(METRIC["energy_aJ"], groups_of(runs))
    assert (found.best, found.why) == ((), "spread")
    assert best_of(METRIC["energy_aJ"], runs) == frozenset()


def seeded(*values, seeds=None, **more):
    return Sample(values=values, seeds=tuple(seeds or range(len(values))), exact=False, **more)


def test_a_difference_that_each_seed_shows_counts_however_far_seeds_lie_apart():
    """Seeds move both chips by points, and the difference by a tenth: paired it counts, by means it does not."""
    one, other = (97.0, 95.0, 96.0), (96.5, 94.4, 95.6)
    found = compared(seeded(*one), seeded(*other))
    # Differences 0.5, 0.6, 0.4: mean 0.5, deviation 0.1, t = 0.5 / (0.1 / sqrt(3)) = 8.66 with two degrees of
    # freedom, of which 1 - t / sqrt(2 + t**2) = 0.0131 lies beyond.
    assert (found.why, found.by, found.seeds, found.agreeing) == ("", "paired", 3, 3)
    assert (found.difference, found.deviation) == (pytest.approx(0.5), pytest.approx(0.1))
    assert found.chance == pytest.approx(1 - 75**0.5 / 77**0.5)
    # Means 96 and 95.5, variances 1 and 1.24: t = 0.5 / sqrt(2.24 / 3) = 0.579, far below 3.182 of three degrees.
    unpaired = compared(drawn(*one), drawn(*other))
    assert (unpaired.why, unpaired.by, unpaired.seeds) == ("spread", "unpaired", 0)


def test_a_difference_that_only_means_show_does_not_count():
    """Values apart that move against each other: by means they differ, seed by seed not certainly."""
    one, other = (1, 2, 3), (7, 6, 4)
    # Means 2 and 5.667, variances 1 and 2.333: t = 3.667 / sqrt(3.333 / 3) = 3.479 beyond 3.182 of three degrees.
    assert why_alike(drawn(*one), drawn(*other)) == ""
    # Differences -6, -4, -1: mean -3.667, deviation 2.517, t = 2.524, below 4.303 of two degrees.
    assert why_alike(seeded(*one), seeded(*other)) == "spread"


def test_seeds_that_only_one_of_them_has_are_left_out_of_pairs():
    """Of four seeds two are shared; the others have no partner and say nothing of a difference."""
    one = seeded(5.0, 6.0, 9.0, seeds=(3, 4, 7))
    other = seeded(1.0, 2.5, 40.0, seeds=(4, 3, 8))
    found = compared(one, other)
    # 5 - 2.5 and 6 - 1.
    assert (found.by, found.seeds, found.difference) == ("paired", 2, 3.75)
    alone = compared(one, seeded(1.0, 2.5, seeds=(3, 9)))
    assert (alone.by, alone.seeds) == ("unpaired", 0)


def test_the_same_difference_of_every_seed_counts_and_none_is_equal():
    """Nothing spreads, so nothing explains a difference; where every seed agrees, figures are equal."""
    assert why_alike(seeded(1.5, 2.5), seeded(2.5, 3.5)) == ""
    assert why_alike(seeded(1.0, 2.0), seeded(1.0, 2.0)) == "equal"


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        # Differences of two counts spread by 1/6 at least: t = d / sqrt(1/6 / 2) = 3.46 d, limit 12.7 of two seeds.
        ((9, 10), (10, 11), "spread"),
        ((9, 10), (12, 13), "spread"),
        ((9, 10), (13, 14), ""),
        # Of three seeds t = d / sqrt(1/6 / 3) = 4.24 d, limit 4.303.
        ((9, 10, 12), (10, 11, 13), "spread"),
        ((9, 10, 12), (11, 12, 14), ""),
        # What is no count says by itself how finely it is told.
        ((9.25, 10.5), (10.25, 11.5), ""),
    ],
)
def test_a_few_counts_agree_by_being_whole(one, other, why):
    """By hand, and the same many at once."""
    samples = [seeded(*one), seeded(*other)]
    assert compared(*samples).why == why
    assert Alongside(samples).judged(np.array([0]), np.array([1])).one(0).why == why


def test_two_seeds_of_small_counts_that_do_not_differ_seldom_have_a_winner():
    """Both drawn from 9 to 12: with no least spread, one study of ten would name a winner."""
    rng = np.random.default_rng(0)
    drawn_twice = rng.integers(9, 13, size=(2000, 2, 2))
    told = [compared(seeded(*one), seeded(*other)).why for one, other in drawn_twice.tolist()]
    assert told.count("") <= 0.05 * 2000


def test_chance_in_test_samples_remains_when_seeds_are_paired():
    """Every seed shows 1 point, and two accuracies of an error of 1 each differ by 2.83 in chance alone."""
    pair = seeded(91.0, 92.0, error=1.0), seeded(90.0, 91.0, error=1.0)
    assert why_alike(*pair) == "chance"


def test_some_seeds_that_disagree_are_told():
    """Four of five seeds agree: t = 0.78 / (0.4919 / sqrt(5)) = 3.546, beyond 2.776 of four degrees."""
    found = compared(seeded(1.0, 1.0, 1.0, 1.0, -0.1), seeded(0.0, 0.0, 0.0, 0.0, 0.0))
    assert (found.why, found.agreeing, found.seeds) == ("", 4, 5)


def test_means_and_spreads_are_shown():
    """A group shows the mean over its seeds, and from where to where they lie; one run its own value."""
    (group,) = groups_of(seeds_of(made_result(), energy_aJ=(10**15, 2 * 10**15, 3 * 10**15)))
    assert group_value(METRIC["energy_aJ"], group) == ("2 mJ", "1 mJ to 3 mJ")
    (alone,) = groups_of([made_result()])
    assert group_value(METRIC["area_mm2"], alone) == ("1.9 mm²", "")
    (levels,) = groups_of([programmed_result()])
    assert group_value(METRIC["hottest_cell_pulses"], levels) == ("\N{EN DASH}", "")


def test_the_terminal_marks_what_the_page_stars():
    """Bold in the table of the terminal are the places that the rule calls best, and no others."""
    runs = [*seeds_of(made_result(), count=2), *seeds_of(made_result("single-pair"), count=2)]
    for column, key in zip(
        comparison_table(runs).columns[1:], ("test_accuracy_percent", "simulated_time_ps"), strict=False
    ):
        marked = {place for place, cell in enumerate(column.cells) if "bold" in str(cell.style)}
        assert marked == best_of(METRIC[key], runs) == ({0, 1} if key == "test_accuracy_percent" else {2, 3})
    single = comparison_table(runs[::2])
    assert not any("bold" in str(cell.style) for column in single.columns[1:6] for cell in column.cells)


@pytest.mark.parametrize(
    ("architecture", "timing_only", "moving"),
    [
        ("digital-fp32", False, {"test_accuracy_percent"}),
        ("single-pair", True, set()),
        ("single-pair", False, {"energy_aJ", "pulses"}),
    ],
)
def test_what_is_called_exact_is_exact(architecture, timing_only, moving):
    """Figures that the rule takes for exact come out the same with another seed; these others do not."""
    runs = [
        simulate(architecture, "mnist-5k", epochs=1, sets=FEW, seed=seed, timing_only=timing_only)
        for seed in (0, 1)
    ]
    (group,) = groups_of(runs)
    samples = {metric.key: sample for metric in METRICS if (sample := sample_of(metric, group))}
    exact = {key for key, sample in samples.items() if sample.exact}
    assert {key for key in exact if len(set(samples[key].values)) > 1} == set()
    assert {"area_mm2", "inference_time_ps"} <= exact
    assert ("energy_aJ" in exact) == ("energy_aJ" not in moving)
    assert {key for key in moving if len(set(samples[key].values)) == 1} == set()
