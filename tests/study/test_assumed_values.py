"""Orders of chips with assumed values at the ends of their ranges, by hand: what holds, turns and fades."""

from __future__ import annotations

import pytest

from chipsim.report.study_values import value_sentences
from chipsim.study.assumed_values import Lost, ranged_metrics, under_values
from chipsim.study.plan import Untried
from chipsim.study.settings import RangeEnd
from tests.study.kept_made import made_gathered, made_study

STEP, TIME, RATE = "device.step", "tile.read_time", "workload.learning_rate"
BASE = {"a": (10, 10.2, 10.4), "b": (20, 20.3, 20.4)}
"""Energies of two chips; each difference is beyond what seeds explain."""


def end(path=STEP, side="high", value="2", now="1"):
    return RangeEnd(path=path, side=side, value=value, now=now)


def chips(*ends, base=BASE, figure="energy_aJ", states=None, **more):
    """A study of chips as they are, and of those with a value at an end: chip, end, and values by seed."""
    rows = [({"chip": chip}, {figure: its}) for chip, its in base.items()]
    rows += [({"chip": chip, "end": at}, {figure: its}) for chip, at, its in ends]
    study = made_study(tuple(base), assumed_values="both-ends", **more)
    return made_gathered(rows, study=study, states=states)


def orders(gathered):
    return under_values(gathered, ranged_metrics(gathered)).orders


def lost(gathered):
    [order] = orders(gathered)
    return [(one.end.path, one.end.value, one.chips, one.turns, one.alone) for one in order.lost]


def test_an_order_that_holds():
    """At 12 against 20, and 10 against 15, the first still has less."""
    found = chips(("a", end(), (12, 12.3, 12.4)), ("b", end(side="low", value="0"), (15, 15.2, 15.5)))
    [order] = orders(found)
    assert (order.metric.key, order.less, order.more, order.lost) == ("energy_aJ", "a", "b", ())
    assert order.task == "digits"


def test_an_order_that_turns():
    """At 30 against 20 the other has less: seeds tell it."""
    found = chips(("a", end(), (30, 30.2, 30.3)))
    assert lost(found) == [(STEP, "2", ("a",), True, False)]
    [order] = orders(found)
    assert order.lost == (Lost(end=end(), chips=("a",), turns=True, alone=False),)


def test_an_order_that_is_no_longer_told_apart():
    """On the right side or on the wrong one, and equal: seeds cross, so that none of it is a turn."""
    sides = [(18, 21, 20), (21, 19, 21.5), BASE["b"]]
    for values in sides:
        assert lost(chips(("a", end(), values))) == [(STEP, "2", ("a",), False, False)]


def test_a_value_that_both_have_is_moved_in_one_and_in_both():
    """At 30 the first has more than the other as it is, and less than the other at 40 for the same value."""
    found = chips(("a", end(), (30, 30.2, 30.3)), ("b", end(), (40, 40.3, 40.4)))
    assert lost(found) == [(STEP, "2", ("a",), True, True)]
    other = chips(("a", end(), (30, 30.2, 30.3)), ("b", end(value="3"), (40, 40.3, 40.4)))
    assert lost(other) == [(STEP, "2", ("a",), True, False)]


def test_an_order_that_only_both_turn():
    """Each alone leaves it: 19 against 20, and 10 against 11; together 19 is more than 11."""
    found = chips(("a", end(), (19, 19.2, 19.3)), ("b", end(), (11, 11.3, 11.4)))
    assert lost(found) == [(STEP, "2", ("a", "b"), True, False)]


def test_a_value_of_the_workload_is_moved_for_all():
    """Alone it would turn; under the equal conditions that a study compares under it does not."""
    at = end(path=RATE)
    found = chips(("a", at, (30, 30.2, 30.3)), ("b", at, (40, 40.3, 40.4)))
    assert lost(found) == []
    # One whose rule does not read it has no run of its own.
    assert lost(chips(("a", at, (30, 30.2, 30.3)))) == [(RATE, "2", ("a",), True, False)]


def test_turns_are_corrected_for_their_number_and_what_holds_is_not():
    """Differences 2, 3 and 4.2 tell one turn alone, and not among ten; ten of them on the right side all hold."""
    base = {"a": (10, 10, 10), "b": (20, 20, 20)}
    turned = (22, 23, 24.2)
    ends = [("a", end(path=f"device.{place}"), turned) for place in range(10)]
    assert [one[3] for one in lost(chips(ends[0], base=base))] == [True]
    assert [one[3] for one in lost(chips(*ends, base=base))] == [False] * 10
    kept = [("a", at, (18, 17, 15.8)) for _, at, _ in ends]
    assert lost(chips(*kept, base=base)) == []


def test_an_order_that_seeds_do_not_tell_as_values_are():
    """It neither holds nor turns, whatever is done at the ends."""
    base = {"a": (10, 12, 11), "b": (11, 10, 12)}
    found = chips(("a", end(), (30, 30.2, 30.3)), base=base)
    under = under_values(found, ranged_metrics(found))
    assert under.orders == ()
    assert [(metric.key, task) for metric, task in under.alike] == [("energy_aJ", "digits")]


def test_one_seed_tells_only_what_no_seed_moves():
    """Energy of one seed has no order; area has, and turns."""
    one = {"a": (1,), "b": (2,)}
    assert orders(chips(("a", end(), (3,)), base=one)) == ()
    assert lost(chips(("a", end(), (3,)), base=one, figure="area_mm2")) == [(STEP, "2", ("a",), True, False)]


@pytest.mark.parametrize("failed", [("run6", "run7", "run8"), ("run8",)])
def test_an_end_that_lacks_a_seed_loses_no_order(failed):
    """With two seeds of three it might be told apart no longer for want of the third."""
    ends = [("a", end(), (30, 30.2, 30.3)), ("b", end(path=TIME), (5, 5.2, 5.3))]
    found = chips(*ends, states=dict.fromkeys(failed, ("failed", "it broke")))
    assert [one[0] for one in lost(found)] == [TIME]
    under = under_values(found, ranged_metrics(found))
    assert [run.id for run in under.unfinished] == list(failed)


def test_no_end_that_has_all_seeds():
    """Nothing holds that nobody tried."""
    found = chips(("a", end(), (12, 12.3, 12.4)), states={"run6": ("missing", "was not made yet")})
    assert orders(found) == ()
    assert value_sentences(found)[2:] == [
        "1 run at an end is not made yet.",
        "An end that lacks a seed which chips as they are have is in none of this.",
    ]


def test_tasks_are_apart():
    """Chips are held against each other on one task, at ends of that task."""
    rows = [
        ({"chip": chip, "task": task}, {"energy_aJ": its})
        for task in ("x", "y")
        for chip, its in BASE.items()
    ]
    rows.append(({"chip": "a", "task": "y", "end": end()}, {"energy_aJ": (30, 30.2, 30.3)}))
    study = made_study(("a", "b"), tasks=("x", "y"), assumed_values="both-ends")
    found = made_gathered(rows, study=study)
    assert [(order.task, bool(order.lost)) for order in orders(found)] == [("x", False), ("y", True)]
    assert "on y, energy: the order of 0 of 1 pair of chips holds at both ends of every range." in (
        value_sentences(found)
    )


def test_figures_that_orders_are_told_of():
    """Those that the page leads with, and accuracy, energy, time and area; not what nobody says is better."""
    figures = {
        "test_accuracy_percent": (1,),
        "energy_aJ": (1,),
        "area_mm2": (1,),
        "hottest_cell_pulses": (1,),
    }
    usual = made_gathered([({}, {**figures, "cells": (1,)})])
    asked = made_gathered(
        [({}, {**figures, "cells": (1,)})], study=made_study(("a",), metrics=("hottest_cell_pulses", "cells"))
    )
    for found in (usual, asked):
        assert {metric.key for metric in ranged_metrics(found)} == set(figures)
    energy = made_gathered([({}, figures)], study=made_study(("a",), metrics=("energy_aJ",)))
    assert {metric.key for metric in ranged_metrics(energy)} == set(figures) - {"hottest_cell_pulses"}


METHOD = (
    "A value is moved in one chip and, where the other has the same with the same end, in both; a value of the "
    "workload in all. An order holds where it is told apart over seeds at every end."
)


def test_sentences_of_what_holds_turns_and_fades():
    """Each end has its value, whose it is, and what it was assumed to be."""
    found = chips(
        ("a", end(), (30, 30.2, 30.3)),
        ("a", end(side="low", value="0"), (18, 21, 20)),
        ("b", end(path=TIME, value="9 ns", now="5 ns"), (25, 25.2, 25.4)),
    )
    assert value_sentences(found) == [
        (
            "2 assumed values of chips and workloads were put to both ends of the range, one at a time, each in "
            "training of its own: 9 runs."
        ),
        METHOD,
        "energy: the order of 0 of 1 pair of chips holds at both ends of every range.",
        (
            "energy: a is below b; it turns with device.step of a at 2 (assumed 1); it is no longer told apart "
            "with device.step of a at 0 (assumed 1); it hinges on device.step alone."
        ),
    ]


def test_sentences_of_what_only_one_chip_alone_turns():
    """What is moved in both leaves the order as it is, and is counted beside what holds."""
    found = chips(("a", end(), (30, 30.2, 30.3)), ("b", end(), (40, 40.3, 40.4)))
    assert value_sentences(found)[2:] == [
        (
            "energy: the order of 0 of 1 pair of chips holds at both ends of every range, and of 1 more where both "
            "chips that have a value are moved."
        ),
        (
            "energy: a is below b; moved in one chip alone, it turns with device.step of a at 2 (assumed 1); "
            "moved in both, it holds; it hinges on device.step alone."
        ),
    ]


def test_sentences_name_six_values_and_count_the_others():
    """Of one order, both ends of a value together; a page of a hundred ends says no more."""
    ends = [
        ("a", end(path=f"device.{place}", value=value), (30, 30.2, 30.3))
        for place in range(8)
        for value in ("2", "3")
    ]
    told = value_sentences(chips(*ends))[-1]
    assert told.startswith(
        "energy: a is below b; it turns with device.0 of a at 2 and 3 (assumed 1), device.1"
    )
    assert told.endswith("device.5 of a at 2 and 3 (assumed 1) and 2 more.")


def test_sentences_name_eight_orders_that_are_lost():
    """The values by which others are lost are named."""
    base = {f"c{place}": (10.0 * place, 10.0 * place + 0.2, 10.0 * place + 0.3) for place in range(1, 6)}
    found = chips(("c1", end(), (90, 90.2, 90.3)), ("c2", end(path=TIME), (91, 91.1, 91.3)), base=base)
    assert sum("is below" in told for told in value_sentences(found)) == 7
    more = chips(
        ("c1", end(), (90, 90.2, 90.3)),
        ("c2", end(path=TIME), (91, 91.1, 91.3)),
        ("c5", end(path="tile.rows"), (1, 1.1, 1.3)),
        base=base,
    )
    assert "1 more is lost, by tile.rows." in value_sentences(more)


def test_sentences_of_what_was_not_tried():
    """No range, refused, failed, and not made yet."""
    ends = [("a", end(), (12, 12.3, 12.4)), ("b", end(), (21, 21.3, 21.4))]
    states = {"run6": ("failed", "it broke"), "run9": ("missing", "was not made yet")}
    untried = (
        Untried(chip="a", path="tile.count", why="no range"),
        Untried(chip="b", path="tile.count", why="no range"),
        Untried(chip="b", path="tile.rows", value="0", why="must be at least 1, not 0"),
    )
    found = chips(*ends, states=states)
    object.__setattr__(found, "untried", untried)
    assert value_sentences(found)[2:] == [
        "1 run at an end failed: a on digits, device.step=2, seed 0 (it broke).",
        "1 run at an end is not made yet.",
        "An end that lacks a seed which chips as they are have is in none of this.",
        "Not tried, for they have no range: tile.count.",
        "Not tried: tile.rows of b at 0 (must be at least 1, not 0).",
    ]


def test_sentences_of_nothing_to_compare():
    """A study that does not ask, one with nothing to try, and one of a single chip."""
    assert value_sentences(made_gathered([({}, {"energy_aJ": (1,)})])) == []
    assert value_sentences(chips()) == [
        "No assumed value of chips and workloads was put to an end of its range."
    ]
    alone = value_sentences(chips(("a", end(), (1, 2, 3)), base={"a": (1, 2, 3)}))
    assert alone[1:] == ["With one chip there is no order that they could turn."]


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ({"costs": "cmos"}, "3 runs at the costs of cmos."),
        ({"varied": (("p", "1"),)}, "3 runs, at the first point of what is varied."),
    ],
)
def test_sentences_say_where_ends_were_tried(what, words):
    """Of several cost sets and of what is varied only the first."""
    rows = []
    for chip, its in BASE.items():
        rows.append(({"chip": chip, **what}, {"energy_aJ": its}))
    other = {"costs": "isaac"} if "costs" in what else {"varied": (("p", "2"),)}
    rows.append(({"chip": "a", **other}, {"energy_aJ": (99, 99.1, 99.3)}))
    rows.append(({"chip": "a", "end": end(), **what}, {"energy_aJ": (12, 12.3, 12.4)}))
    costs = ("cmos", "isaac") if "costs" in what else ()
    found = made_gathered(rows, study=made_study(("a", "b"), costs=costs, assumed_values="both-ends"))
    assert value_sentences(found)[0].endswith(words)
    assert "energy: the order of 1 of 1 pair of chips holds at both ends of every range: a below b." in (
        value_sentences(found)
    )
