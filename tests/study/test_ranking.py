"""Which settings are told apart among many: Holm's correction, leads and duels by hand."""

import numpy as np
import pytest

from chipsim.study.ranking import contrasts, duels, rank
from chipsim.study.statistics import metric_named
from tests.study.kept_made import made_gathered

ENERGY = metric_named("energy_aJ")


def ranked(**chips):
    found = made_gathered([({"chip": chip}, {"energy_aJ": values}) for chip, values in chips.items()])
    return rank(ENERGY, {one: found.sample(one, "energy_aJ") for one in found.settings})


def test_a_difference_that_counts_alone_may_be_chance_among_many():
    """Below one in twenty, and above it beside three others: 2 x 0.05 / 3 = 0.033."""
    # Differences 2, 3, 4.2: mean 3.067, deviation 1.102, t = 4.822; two degrees: 1 - t / sqrt(2 + t**2) = 0.0404.
    alone = ranked(a=(10, 10, 10), b=(12, 13, 14.2))
    assert [one.chip for one in alone.best] == ["a"]
    assert alone.contrasts[alone.samples[1][0]].compared.chance == pytest.approx(0.0404, abs=1e-4)
    among = ranked(a=(10, 10, 10), b=(12, 13, 14.2), c=(12, 13.1, 14.2), d=(12, 12.9, 14.2))
    assert (among.best, among.why) == ((), "many")
    assert (among.judged, among.told_apart) == (3, 0)


def test_settings_that_are_ruled_out_leave_those_that_may_be_the_best():
    """B crosses a; c crosses b and not a: it is ruled out by a, whatever it is beside b."""
    found = ranked(a=(10, 10, 10), b=(9, 12, 12), c=(12, 12.1, 12.2))
    assert sorted(one.chip for one in found.best) == ["a", "b"]
    assert (found.reference.chip, found.told_apart, found.why) == ("a", 1, "")


def test_what_nobody_repeated_is_no_reference():
    """The best of one seed is held against nothing, and the best of the others rules out the rest."""
    found = ranked(lucky=(1,), a=(10, 11, 12), b=(20, 21, 22))
    assert found.reference.chip == "a"
    assert sorted(one.chip for one in found.best) == ["a", "lucky"]


def test_a_seed_that_one_lacks_does_not_turn_the_order_round():
    """By means b takes less, by both seeds that it has a does: neither leads."""
    found = ranked(a=(100, 200, 900), b=(101, 201))
    assert (found.reference.chip, found.best, found.why) == ("b", (), "spread")


def test_the_best_is_seldom_ruled_out_by_chance():
    """Ten settings that do not differ, three seeds each: one of them, picked beforehand, falls in under 5 %."""
    rng = np.random.default_rng(0)
    ruled_out = 0
    for _ in range(400):
        drawn = rng.normal(size=(10, 3)) * np.linspace(0.2, 2, 10)[:, None]
        found = ranked(**{f"c{place}": tuple(values) for place, values in enumerate(drawn)})
        ruled_out += any(not each.why for one, each in found.contrasts.items() if one.chip == "c0")
    assert ruled_out <= 0.05 * 400


def test_equal_differences_of_every_seed_lead_however_many_are_compared():
    """Nothing spreads, so nothing explains the difference."""
    found = ranked(a=(1, 2, 3), b=(11, 12, 13), c=(21, 22, 23))
    assert [one.chip for one in found.best] == ["a"]
    assert found.told_apart == 2


def test_one_seed_tells_nothing_apart():
    """However far apart, and no comparison was judged."""
    found = ranked(a=(1,), b=(10**6,))
    assert (found.best, found.why, found.judged) == ((), "one seed", 0)


def test_two_that_are_alike_share_the_lead():
    """Both are told apart from the third."""
    found = ranked(a=(1.0, 2.0, 3.0), b=(2.0, 1.0, 3.1), c=(101.0, 102.0, 103.0))
    assert sorted(one.chip for one in found.best) == ["a", "b"]


def test_contrasts_are_the_same_either_way_round():
    """Turned round, the difference has the other sign, and counts or does not count as before."""
    found = made_gathered([({"chip": chip}, {"energy_aJ": (n, n + 1)}) for chip, n in (("a", 1), ("b", 5))])
    one, other = found.settings
    made = contrasts([(one, other)], {each: found.sample(each, "energy_aJ") for each in found.settings})
    assert made[one, other].compared.difference == -made[other, one].compared.difference == -4
    assert made[one, other].why == made[other, one].why == ""


def test_duels_go_point_by_point():
    """At 5 a takes less, at 7 it takes more, at 9 they are not told apart: lower energy is better."""
    # Differences -2, 1, 1 have no mean.
    points = {"5": ((1, 2, 3), (11, 12, 13)), "7": ((11, 12, 13), (1, 2, 3)), "9": ((1, 2, 3), (3, 1, 2))}
    settings = []
    for value, sides in points.items():
        for chip, values in zip("ab", sides, strict=True):
            settings.append(({"chip": chip, "varied": (("p", value),)}, {"energy_aJ": values}))
    found = made_gathered(settings)
    (duel,) = duels(found, ENERGY, found.settings)
    assert (duel.one, duel.other, duel.better, duel.worse, duel.open, duel.why) == (
        "a",
        "b",
        1,
        1,
        1,
        ("spread",),
    )


def test_a_chip_that_is_not_varied_stands_at_every_point():
    """One digital chip against two points of the other."""
    settings = [({"chip": "a", "varied": (("p", value),)}, {"energy_aJ": (1, 2)}) for value in "57"]
    found = made_gathered([*settings, ({"chip": "b"}, {"energy_aJ": (11, 12)})])
    (duel,) = duels(found, ENERGY, found.settings)
    assert (duel.better, duel.worse, duel.open) == (2, 0, 0)
