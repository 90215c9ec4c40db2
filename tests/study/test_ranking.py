"""Which settings are told apart among many: Holm's correction, leads and duels by hand."""

import pytest

from chipsim.study.ranking import contrasts, duels, rank
from chipsim.study.statistics import metric_named
from tests.study.kept_made import made_gathered

ENERGY = metric_named("energy_aJ")


def ranked(**chips):
    found = made_gathered([({"chip": chip}, {"energy_aJ": values}) for chip, values in chips.items()])
    return rank(ENERGY, {one: found.sample(one, "energy_aJ") for one in found.settings})


def test_a_difference_that_counts_alone_may_be_chance_among_many():
    """Below one in twenty, and above the third of it that the smallest of three has to pass."""
    # Differences 2, 3, 4.2: mean 3.067, deviation 1.102, t = 4.822; two degrees: 1 - t / sqrt(2 + t**2) = 0.0404.
    alone = ranked(a=(10, 10, 10), b=(12, 13, 14.2))
    assert [one.chip for one in alone.best] == ["a"]
    assert alone.contrasts[alone.best[0], alone.samples[1][0]].compared.chance == pytest.approx(
        0.0404, abs=1e-4
    )
    # The third is 3, 3.2, 4.9 away: mean 3.7, deviation 1.044, t = 6.137, p = 0.0255.
    among = ranked(a=(10, 10, 10), b=(12, 13, 14.2), c=(13, 13.2, 14.9))
    assert (among.best, among.why) == ((), "many")
    assert (among.judged, among.told_apart(among.samples[0][0])) == (3, 0)


def test_equal_differences_of_every_seed_lead_however_many_are_compared():
    """Nothing spreads, so nothing explains the difference."""
    found = ranked(a=(1, 2, 3), b=(11, 12, 13), c=(21, 22, 23))
    assert [one.chip for one in found.best] == ["a"]
    assert found.told_apart(found.best[0]) == 2


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
