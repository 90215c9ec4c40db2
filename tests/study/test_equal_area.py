"""Chips brought to one area: sums by hand, what is changed and told, and what cannot be done."""

from __future__ import annotations

import pytest

from chipsim.run.simulate import prepare
from chipsim.spec import load_chip, shipped_names
from chipsim.spec.fields import Hardware
from chipsim.study.equal_area import AreaError, Count, _Search, adjusted, counts_in, equal_areas, read_area

MM2 = 10**12
LANES = Count("lanes", 4, Hardware(False, 100))
SHARED = Count("shared", 8, Hardware(True, 100))


def area_of(values, lines=64):
    """Lanes of 10, and one converter of 100 for every few of some lines, and 50 beside them."""
    return 50 + 10 * values.get("lanes", 4) + 100 * -(-lines // values.get("shared", 8))


def found(goal, counts=(LANES, SHARED), area=area_of):
    """What a search finds, and the area of it."""
    values = _Search(counts, goal, area).found()
    return values, area(values)


def test_as_it_is_where_it_is_right():
    """50 + 40 + 800."""
    assert found(890) == ({"lanes": 4, "shared": 8}, 890)


@pytest.mark.parametrize("goal", [160, 200, 500, 880, 900, 950, 1340, 2000, 3333, 6500, 7450])
def test_what_can_be_reached_is_reached(goal):
    """From one lane and one converter, 160, to 100 lanes and 64, 7,450, lanes come within 5 of any area."""
    values, area = found(goal)
    assert abs(area - goal) <= 5
    assert 1 <= values["lanes"] <= 100
    assert 1 <= values["shared"] <= 100


@pytest.mark.parametrize(("goal", "area"), [(10, 160), (10_000, 7450)])
def test_beyond_all_counts_the_last_is_taken(goal, area):
    """Nothing is larger or smaller than the ends of its counts."""
    assert found(goal)[1] == area


def test_no_count_goes_further_than_it_has_an_effect():
    """One converter for all 64 lines: 65 or 100 that share it would be the same."""
    values, _ = found(10)
    assert values == {"lanes": 1, "shared": 64}


def test_what_is_not_allowed_is_not_taken():
    """A description may refuse what the bounds of a field allow."""
    values, area = found(2000, counts=(LANES,), area=lambda v: None if v["lanes"] > 20 else area_of(v))
    assert (values, area) == ({"lanes": 20}, 1050)


@pytest.mark.parametrize("name", shipped_names("architectures"))
def test_every_shipped_chip_says_which_counts_it_has(name):
    """A digital unit always, and the converters or lanes of its tiles."""
    paths = [count.path for count in counts_in(load_chip(name).spec)]
    assert "digital.lanes" in paths
    assert any(path.startswith(("tile.", "groups.")) for path in paths)


def test_the_overrides_make_the_area():
    """Read with the overrides that are told, a chip has the area that is told; the largest stays as it is."""
    chips = ["single-pair", "digital-fp32"]
    small, large = equal_areas(chips, "mnist-5k")
    assert large.changes == ()
    assert small.goal_nm2 == large.area_nm2 == prepare("digital-fp32", "mnist-5k", seed=None).chip.area
    assert prepare("single-pair", "mnist-5k", sets=small.sets, seed=None).chip.area == small.area_nm2
    assert abs(small.off) < 0.001
    before = {count.path: count.value for count in counts_in(load_chip("single-pair").spec)}
    assert all(change.before == before[change.path] != change.after for change in small.changes)


def test_what_the_user_set_stays():
    """Lanes that were set are no count to be changed."""
    found = adjusted("digital-fp32", "mnist-5k", sets=["tile.lanes=128"], goal=20 * MM2)
    assert [change.path for change in found.changes] == ["digital.lanes"]


def test_where_nothing_can_be_changed_it_is_said():
    """With all counts set, there is nothing left: 8.84059 is 342.03 % above 2. With one at its end, neither."""
    found = adjusted("digital-fp32", "mnist-5k", sets=["tile.lanes=256", "digital.lanes=16"], goal=2 * MM2)
    assert found.words == (
        "digital-fp32: 8.841 mm2 stays, 342.03 % above 2 mm2: its description has no count of hardware that is "
        "free to be changed"
    )
    assert not found.is_near
    small = adjusted("digital-fp32", "mnist-5k", goal=2 * MM2)
    again = adjusted("digital-fp32", "mnist-5k", sets=["tile.lanes=1"], goal=small.area_nm2 // 2)
    assert [change.path for change in again.changes] == ["digital.lanes"]


@pytest.mark.parametrize(
    "sets", [["digital.lanes=16"], ["chip.digital.lanes=16"], ["digital={lanes: 16, arithmetic: float-32}"]]
)
def test_what_is_set_in_any_way_is_no_count_to_be_changed(sets):
    """By its path, with the kind of description before it, or with all of its section."""
    found = adjusted("digital-fp32", "mnist-5k", sets=sets, goal=20 * MM2)
    assert [change.path for change in found.changes] == ["tile.lanes"]


def test_what_was_found_serves_where_areas_are_the_same(monkeypatch):
    """Another learning rate changes no area: nothing is searched for; other rows do."""
    first = adjusted("single-pair", "mnist-5k", goal=2 * MM2)
    searched = []
    found = _Search.found
    monkeypatch.setattr(_Search, "found", lambda self: searched.append(1) or found(self))
    other = adjusted("single-pair", "mnist-5k", sets=["learning_rate=0.3"], goal=2 * MM2, tried=[first])
    assert other == first
    assert not searched
    adjusted("single-pair", "mnist-5k", sets=["digital.lanes=20"], goal=2 * MM2, tried=[first])
    assert searched


def test_how_far_is_told_where_it_stays_far():
    """Memory cannot be taken away."""
    found = adjusted("digital-fp32", "mnist-5k", goal=2 * MM2)
    assert found.words == (
        "digital-fp32: 8.841 mm2 became 5.97 mm2, 198.52 % above 2 mm2: tile.lanes from 256 to 1; "
        "digital.lanes from 16 to 1"
    )


@pytest.mark.parametrize("text", ["2", "big", "-1mm2", "0 mm2", "2 mm", ""])
def test_an_area_has_a_unit(text):
    """What is no area is refused, with what would be."""
    with pytest.raises(AreaError, match=r"^equal area: "):
        read_area(text)


def test_an_area_is_read():
    """As everywhere else."""
    assert (read_area("2mm2"), read_area("largest")) == (2 * MM2, "largest")
    assert read_area("single-pair", ["single-pair"]) == "single-pair"


def test_the_area_of_a_chip_is_a_goal():
    """The other comes to it, and it stays."""
    small, large = equal_areas(["single-pair", "digital-fp32"], "mnist-5k", goal="single-pair")
    assert not small.changes
    assert large.goal_nm2 == small.area_nm2 == small.before_nm2
