"""Orderings under the range of every assumed price: which hold, which turn, and what was not tried."""

from __future__ import annotations

import attrs
import pytest

from chipsim.report.study_assumed import range_sentences
from chipsim.result import Valued
from chipsim.result.summary import Summary
from chipsim.run import simulate
from chipsim.run.repricing import reprice
from chipsim.study.assumed import FIGURES, Turn, UnderRanges, orders_told, under_ranges
from tests.results_made import made_result
from tests.study.kept_made import made_gathered

READ, TIME, AREA = "costs.sram.read", "costs.router.time", "costs.write_driver.area"


def price(path, value, low="", high=""):
    """An assumed value with a range, or without one."""
    return Valued(
        path=path, value=value, kind="assumed", text="why", low=low, high=high, between="tools" if low else ""
    )


def run(values, *, energy, time, area):
    """A result of given figures that uses given values."""
    result = made_result("single-pair")
    figures = {"energy_aJ": energy, "simulated_time_ps": time, "area_mm2": area}
    return attrs.evolve(result, values=tuple(values), summary=Summary({**result.summary, **figures}))


def priced(effects):
    """What prices a result anew: the figures that each override gives, by its text."""

    def anew(result, sets):
        [text] = sets
        return attrs.evolve(result, summary=Summary({**result.summary, **effects.get(text, {})}))

    return anew


def two(*, other_values=()):
    """Two runs, the first with less of everything."""
    mine = [price(READ, "5 aJ", "1 aJ", "20 aJ"), price(AREA, "1 um2"), price("tile.rows", "8", "4", "16")]
    return {
        "a": run(mine, energy=100, time=10, area=1.0),
        "b": run(other_values, energy=120, time=20, area=1.0),
    }


def test_an_order_holds_or_turns_at_one_end_of_one_price():
    """By hand: 100 against 120; at 20 aJ the first takes 130, at 1 aJ 90. Areas are equal and have no order."""
    found = under_ranges(
        two(), priced({f"{READ}=20 aJ": {"energy_aJ": 130}, f"{READ}=1 aJ": {"energy_aJ": 90}})
    )
    turn = Turn(figure="energy_aJ", less="a", more="b", path=READ, now="5 aJ", end="20 aJ")
    assert found == UnderRanges(
        costs=made_result("single-pair").costs["name"],
        holding=(("simulated_time_ps", "a", "b"),),
        turns=(turn,),
        tried=(READ,),
        without=(AREA,),
        of_chips=("tile.rows",),
    )


def test_a_tie_at_an_end_is_no_order():
    """What is equal at one end of a range holds no longer."""
    found = under_ranges(two(), priced({f"{READ}=20 aJ": {"energy_aJ": 120}}))
    assert [turn.end for turn in found.turns] == ["20 aJ"]


def test_a_price_that_both_use_moves_both():
    """At 20 aJ both take more, and their order stays; each is priced for itself."""
    runs = two(other_values=[price(READ, "5 aJ", "1 aJ", "20 aJ")])
    found = under_ranges(runs, lambda result, sets: _doubled(result) if "20 aJ" in sets[0] else result)
    assert (found.turns, found.tried) == ((), (READ,))


def test_an_order_that_seeds_do_not_tell_neither_holds_nor_turns():
    """Energy would turn at 20 aJ and time would hold; only time is told, and the other way round."""
    effects = {f"{READ}=20 aJ": {"energy_aJ": 130}}
    found = under_ranges(two(), priced(effects), told=[("simulated_time_ps", "b", "a")])
    assert (found.holding, found.turns) == ((), ())
    assert found.alike == (("energy_aJ", "a", "b"), ("simulated_time_ps", "a", "b"))
    told = under_ranges(two(), priced(effects), told=[("energy_aJ", "a", "b")])
    assert [turn.end for turn in told.turns] == ["20 aJ"]
    assert told.alike == (("simulated_time_ps", "a", "b"),)


def measured(**energies):
    """The orders that are told of chips that took given energies, a seed each, all of one area."""
    rows = [({"chip": chip}, {"energy_aJ": its, "area_mm2": (1,)}) for chip, its in energies.items()]
    found = made_gathered(rows)
    return orders_told(found, {one.chip: one for one in found.settings})


def test_orders_are_told_as_the_verdicts_of_the_page_are():
    """Seeds that cross tell nothing, nor does one alone; differences 2, 3, 4.2 do alone and not among four."""
    assert measured(a=(10, 11, 12), b=(21, 22, 23)) == {("energy_aJ", "a", "b")}
    assert measured(b=(21, 22, 23), a=(10, 11, 12)) == {("energy_aJ", "a", "b")}
    assert measured(a=(10, 12, 11), b=(11, 10, 12)) == frozenset()
    assert measured(a=(10,), b=(20,)) == frozenset()
    several = {"a": (10, 10, 10), "b": (12, 13, 14.2)}
    assert measured(**several) == {("energy_aJ", "a", "b")}
    assert measured(**several, c=(12, 13.1, 14.2), d=(12, 12.9, 14.2)) == frozenset()


def test_orders_of_nothing_that_was_measured():
    """A table without these figures tells no order."""
    found = made_gathered([({"chip": chip}, {"cells": (1, 1)}) for chip in "ab"])
    assert orders_told(found, {one.chip: one for one in found.settings}) == frozenset()
    assert orders_told(found, {}) == frozenset()


def _doubled(result):
    figures = {figure: 2 * result.summary[figure] for figure in FIGURES if figure in result.summary}
    return attrs.evolve(result, summary=Summary({**result.summary, **figures}))


def test_sentences_tell_what_turns_and_what_was_not_tried():
    """Each order that turns has its price; values that take training are counted."""
    turn = Turn(figure="energy_aJ", less="a", more="b", path=READ, now="5 aJ", end="20 aJ")
    under = UnderRanges(
        costs="cmos-32nm",
        holding=(("simulated_time_ps", "a", "b"),),
        turns=(turn,),
        tried=(READ,),
        without=(AREA,),
        of_chips=("tile.rows",),
    )
    method, *told = range_sentences(under)
    assert method == (
        "At the costs of cmos-32nm, 1 assumed price that these chips use was put to both ends of the range, "
        "one at a time, and the first run of each chip priced anew: one seed, no spread."
    )
    untried = (
        "Not tried either: 1 assumed value of chips and workloads, which may change training; a study with "
        "assumed_values: both-ends tries those with a range."
    )
    assert told == [
        "energy: the order of 0 of 1 pair of chips holds over every range.",
        "time: the order of 1 of 1 pair of chips holds over every range: a below b.",
        "a has less energy than b; that turns when costs.sram.read is 20 aJ (assumed 5 aJ).",
        "Not tried, for they have no range: costs.write_driver.area.",
        untried,
    ]
    assert range_sentences(under, values_tried=True)[1:] == told[:-1]
    assert range_sentences(UnderRanges()) == []


def test_sentences_name_six_pairs_that_hold_and_count_those_that_seeds_do_not_tell():
    """Of each figure for itself."""
    pairs = [("area_mm2", f"a{place}", f"b{place}") for place in range(1, 9)]
    alike = (("energy_aJ", "a", "b"), ("area_mm2", "a", "b"), ("area_mm2", "a", "c"))
    first = "a1 below b1, a2 below b2, a3 below b3, a4 below b4, a5 below b5"
    cases = (
        (6, f"{first} and a6 below b6"),
        (7, f"{first}, a6 below b6 and 1 more"),
        (8, f"{first}, a6 below b6 and 2 more"),
    )
    for many, names in cases:
        under = UnderRanges(holding=tuple(pairs[:many]), tried=(READ,), alike=alike)
        assert range_sentences(under)[1:] == [
            "energy: 1 pair of chips is not counted, for seeds do not tell the order.",
            f"area: the order of {many} of {many} pairs of chips holds over every range: {names}.",
            "area: 2 pairs of chips are not counted, for seeds do not tell the order.",
        ]


@pytest.fixture(scope="module")
def trained():
    """Two chips, trained for a moment."""
    short = ["phases.0.dataset.train=10", "phases.0.dataset.test=10"]
    return {
        name: simulate(name, "mnist-5k", epochs=1, sets=short) for name in ("single-pair", "digital-fp32")
    }


def test_a_turn_is_one_when_it_is_run_again(trained):
    """Whatever turns at an end does so in a repriced run, and only prices that a chip uses are tried."""
    found = under_ranges(trained, lambda result, sets: reprice(result, sets=sets))
    used = {value.path for result in trained.values() for value in result.values}
    assert set(found.tried) <= used
    assert "costs.dac[bits=8].energy" in found.tried
    assert not any("bits=4" in path for path in found.tried)
    assert found.without == ("costs.write_driver.line_cells",)
    assert len(found.holding) + len({(turn.figure, turn.less, turn.more) for turn in found.turns}) == len(
        FIGURES
    )
