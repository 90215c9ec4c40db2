"""``chipsim endurance``: tables by hand, and what it refuses."""

from fractions import Fraction
from types import SimpleNamespace

import attrs
import numpy as np
import pytest

from chipsim.report.endured import spread_sentence
from chipsim.result import Wear
from chipsim.result.files import save
from tests.results_made import balanced, made_result, one_tile_a_layer


def levels(endurance=50):
    """A made result of six cells with 12, 30, 0, 25, 50 and 51 programmings."""
    made = made_result("single-pair", epochs=3)
    wear = [
        ("tile0.cells", [[12, 30], [0, 25]]),
        ("tile1.cells", [[50, 51]]),
    ]
    return balanced(
        made,
        summary={**made.summary, "architecture": "made-levels"},
        wear=tuple(
            Wear(
                array=array,
                pulses=np.array(cells),
                resets=np.array(cells) // 2,
                programmings=np.array(cells),
            )
            for array, cells in wear
        ),
        placement=one_tile_a_layer((2, 1), (1, 2)),
        chip={"device": {"endurance": endurance}} if endurance else {},
    )


@pytest.fixture
def runs(folder):
    """A run with pulsed cells, one with cells programmed to levels, one without cells."""
    save(made_result(epochs=2), folder / "hybrid")
    save(made_result("digital-fp32"), folder / "digital")
    save(levels(), folder / "levels")
    return folder


def lines(text):
    """Tables and sentences, words apart by two blanks or more."""
    return [tuple(word.strip() for word in line.split("  ") if word.strip()) for line in text.splitlines()]


def test_levels_by_hand(call, runs):
    """Arrays, the total, the hottest cells and what they stand, of six cells."""
    result = call("endurance levels --share 33% --hottest 2")
    assert result.exit_code == 0
    heads = ("cells", "mean", "median", "99 %", "hottest", "never", "under 25", "over 50")
    assert [line for line in lines(result.stdout) if len(line) > 1] == [
        ("made-levels", *heads, "past endurance", "trainings"),
        ("tile0.cells", "4", "16.8", "12", "30", "30", "25.00 %", "50.00 %", "0.00 %", "0.00 %", "3"),
        ("tile1.cells", "2", "50.5", "50", "51", "51", "0.00 %", "0.00 %", "50.00 %", "50.00 %", "1"),
        ("all cells", "6", "28", "25", "51", "51", "16.67 %", "33.33 %", "16.67 %", "16.67 %", "2"),
        ("hottest cells", "row", "column", "programmings", "SETs", "RESETs"),
        ("tile1.cells", "0", "1", "51", "51", "25"),
        ("tile1.cells", "0", "0", "50", "50", "25"),
    ]
    assert result.stdout.endswith(
        "Counted are programmings: times that a cell was programmed to a level, a RESET and a SET to it "
        "counted once.\n"
        "33.33 % of 6 cells had fewer than 25 programmings, 16.67 % more than 50; the hottest cell had 51.\n"
        "A cell stands 50 cycles: 2 such trainings, this one included, take 33 % of the cells past "
        "that; 1 cell is now. A cycle is a SET and a RESET.\n\n"
    )


def test_operations_count_every_set_and_reset(call, runs):
    """With --count operations SETs and RESETs are added."""
    text = call("endurance levels --count operations --hottest 0 --under 18").stdout
    assert "hottest cells" not in text
    assert "50.00 % of 6 cells had fewer than 18" not in text
    # 12 + 6, 30 + 15, 0, 25 + 12, 50 + 25, 51 + 25: only the third is under 18, which 12 + 6 is not.
    assert "16.67 % of 6 cells had fewer than 18 SETs and RESETs, 33.33 % more than 50" in text
    assert "the hottest cell had 76." in text


def test_pulsed_runs_are_told_in_pulses(call, runs):
    """Cells that take pulses are told in pulses, and that their endurance is not known."""
    text = call("endurance hybrid --by tile").stdout
    assert "Counted are pulses: small pulses of a cell, or its SETs; no other pulses are counted." in text
    assert "How often a cell can be written is not known" in text
    assert [line[0] for line in lines(text)[2:5]] == ["tile0", "tile1", "all cells"]


def test_several_runs_end_with_a_table_of_all(call, runs, folder):
    """Several runs are told one by one, and then beside each other."""
    save(made_result("single-pair", epochs=2), folder / "single")
    text = call("endurance hybrid single levels").stdout
    last = [line for line in lines(text) if len(line) > 1][-4:]
    assert [line[:2] for line in last] == [
        ("all cells", "cells"),
        ("hybrid-synapse, pulses", "2,104"),
        ("single-pair, pulses", "1,052"),
        ("made-levels, programmings", "6"),
    ]


def test_run_without_wear(call, runs):
    """A run that wore nothing is refused, with why."""
    result = call("endurance digital")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "error: digital: nothing was worn in this run: 'digital-fp32' has no resistive cells; "
        "give a run that trained resistive cells\n"
    )


def test_several_runs_of_which_some_have_no_wear(call, runs):
    """Of several runs given, those that wore nothing are named and left out; the others are told."""
    result = call("endurance digital hybrid levels")
    assert result.exit_code == 0
    assert result.stdout.startswith("hybrid-synapse ")
    assert "made-levels, programmings" in result.stdout
    assert result.stderr == (
        "left out digital: nothing was worn in this run: 'digital-fp32' has no resistive cells\n"
    )


def test_several_runs_without_wear(call, runs):
    """When no run of several wore anything, that is an error."""
    save(made_result("digital-fp32", seed=2), runs / "digital-2")
    result = call("endurance digital digital-2")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "error: digital: nothing was worn in this run: 'digital-fp32' has no resistive cells; "
        "give a run that trained resistive cells\n"
    )


@pytest.mark.parametrize(
    ("share", "said"),
    [
        ("33%", "2 trainings stopped after 3 epochs, this one included, take 33 % of the cells past that"),
        ("16%", "this one training, stopped after 3 epochs, took 16 % of the cells or more past that"),
        (
            "100%",
            "100 % of the cells never get past that by trainings stopped after 3 epochs, for too few of them wear",
        ),
    ],
)
def test_stopped_runs(call, runs, share, said):
    """A run that was stopped is marked in every table, and told to be no whole training."""
    made = levels()
    cut = {**made.summary, "architecture": "cut", "complete": False}
    save(attrs.evolve(made, summary=cut), runs / "stopped")
    text = call(f"endurance levels stopped --share {share}").stdout
    names = [line[0] for line in lines(text) if len(line) > 1 and line[0].startswith(("made-levels", "cut"))]
    assert names == ["made-levels", "cut (stopped)"] * 2
    assert f"A cell stands 50 cycles: {said}; 1 cell is now. A cycle is a SET and a RESET.\n" in text


def test_comparison_with_a_run_without_wear(call, runs):
    """Of a folder of runs, those that wore nothing are named and left out; the others are told."""
    (runs / "both").mkdir()
    for name in ("digital", "hybrid"):
        (runs / name).rename(runs / "both" / name)
    result = call("endurance both")
    assert result.exit_code == 0
    assert result.stdout.startswith("hybrid-synapse ")
    assert result.stderr == (
        "left out both/digital: nothing was worn in this run: 'digital-fp32' has no resistive cells\n"
    )


def test_one_is_no_plural(call, runs):
    """A threshold, and an endurance, of one are told in the singular."""
    save(levels(endurance=1), runs / "weak")
    text = call("endurance weak --under 1").stdout
    assert "of 6 cells had fewer than 1 programming, " in text
    assert "A cell stands 1 cycle: " in text
    assert "had fewer than 1 SET or RESET, " in call("endurance weak --under 1 --count operations").stdout


def test_programmings_of_pulsed_cells(call, runs):
    """Cells that take pulses have no programmings to count."""
    result = call("endurance hybrid --count programmings")
    assert result.stderr == (
        "error: hybrid: the cells of 'hybrid-synapse' take pulses and are not programmed to levels, so "
        "there are no programmings to count; count pulses or operations\n"
    )


def test_unknown_layers(call, runs, folder):
    """Layers that a run does not tell cannot be shown."""
    save(attrs.evolve(made_result(epochs=2), placement=()), folder / "older")
    result = call("endurance older --by layer")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "error: older: its layers are not known, for an older chipsim saved it, which did not say where they "
        "stand; give --by array or --by tile\n"
    )


def test_unknown_layers_of_one_of_several(call, runs, folder):
    """A run whose layers are not known is named and left out; the others are told by theirs."""
    save(attrs.evolve(made_result(epochs=2), placement=()), folder / "older")
    save(levels(), folder / "known")
    result = call("endurance older known --by layer")
    assert result.exit_code == 0
    assert result.stderr == (
        "left out older: its layers are not known, for an older chipsim saved it, which did not say where they "
        "stand\n"
    )
    assert [line[0] for line in lines(result.stdout)[2:5]] == ["layer 1", "layer 2", "all cells"]


def test_no_run(call, runs):
    """A folder that holds no run is refused as elsewhere."""
    result = call("endurance nowhere")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: nowhere: ")


@pytest.mark.parametrize(
    ("share", "message"),
    [
        ("few", "'few' is no share; write a number or a percentage, such as '10 %'"),
        ("0", "must be more than 0 and at most 100 %, not '0'"),
        ("101%", "must be more than 0 and at most 100 %, not '101%'"),
    ],
)
def test_impossible_shares(call, runs, share, message):
    """A share is a number or a percentage of the cells, and some of them."""
    result = call("endurance hybrid --share", share)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == f"Error: Invalid value for '--share': {message}"


def test_thresholds_of_a_report(call, runs):
    """A page counts under and over what is asked, marks it in the histogram, and takes the share."""
    assert call("report levels --under 30 --over 49 --share 33%").exit_code == 0
    page = (runs / "levels" / "report.html").read_text()
    assert "50.00 % of 6 cells had fewer than 30 programmings, 33.33 % more than 49" in page
    assert "2 such trainings, this one included, take 33 % of the cells past that" in page
    assert '"under 30 "' in page
    assert '" over 49"' in page


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--share 0%", "must be more than 0 and at most 100 %, not '0%'"),
        ("--share some", "'--share'"),
        ("--under -1", "'--under'"),
        ("--over few", "'--over'"),
    ],
)
def test_report_refuses_thresholds(call, runs, options, said):
    """What is no share or no number of operations is refused before a page is written."""
    result = call(f"report levels {options}")
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (runs / "levels" / "report.html").exists()


@pytest.mark.parametrize(
    ("first", "share", "said"),
    [
        (1, 3, "have a cell past its own endurance after 1 such training; 1 % of the cells are past theirs after 3."),
        (2, 3, "have a cell past its own endurance after 2 such trainings; 1 % of the cells are past theirs after 3."),
        (None, None, "never have a cell past its own endurance, for too few of them wear; 1 % of the cells never are past theirs."),
    ],
)  # fmt: skip
def test_what_is_expected_is_told_in_singular_and_plural(first, share, said):
    """And where it never comes to it."""
    expected = SimpleNamespace(spreads=(0.5,), first=first, share=share)
    question = SimpleNamespace(share=Fraction(1, 100))
    assert f"half of all such chips {said}" in spread_sentence(
        SimpleNamespace(spread=expected, question=question)
    )


def test_spread_endurances_are_told_beside_the_described_one(call, folder):
    """Cells of their own endurances fail earlier: what is to be expected, by the product over five cells."""
    made = levels(endurance=2000)
    worn = {"device": {"endurance": 2000, "wear": {"spread": 0.5, "ends": "low"}}}
    save(balanced(made, chip=worn), folder / "spread")
    save(balanced(made, chip={"device": {"endurance": 2000, "wear": {"spread": 0}}}), folder / "alike")
    told = " ".join(call("endurance spread --share 33%").stdout.split())
    assert "take 33 % of the cells past that" in told
    assert "as device.wear spreads them (0.5 in their logarithm)" in told
    assert (
        "half of all such chips have a cell past its own endurance after 30 such trainings; 33 % of the"
        in told
    )
    assert "33 % of the cells are past theirs after" in told
    assert "device.wear" not in call("endurance alike").stdout
