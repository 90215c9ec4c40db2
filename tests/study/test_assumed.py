"""Orderings under the range of every assumed price: which hold, which turn, and what was not tried."""

from __future__ import annotations

import attrs
import pytest

from chipsim.report.study_assumed import range_sentences
from chipsim.result import Valued
from chipsim.result.summary import Summary
from chipsim.run import simulate
from chipsim.run.repricing import reprice
from chipsim.study.assumed import FIGURES, Turn, UnderRanges, under_ranges
from tests.results_made import made_result

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


def _doubled(result):
    figures = {figure: 2 * result.summary[figure] for figure in FIGURES}
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
    assert told == [
        "energy: the order of 0 of 1 pair of chips holds over every range.",
        "time: the order of 1 of 1 pair of chips holds over every range.",
        "a has less energy than b; that turns when costs.sram.read is 20 aJ (assumed 5 aJ).",
        "Not tried, for they have no range: costs.write_driver.area.",
        "Not tried either: 1 assumed value of chips and workloads, which may change training.",
    ]
    assert range_sentences(UnderRanges()) == []


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
    assert len(found.holding) + len({(turn.figure, turn.less, turn.more) for turn in found.turns}) == 3
