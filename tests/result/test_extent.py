"""How far runs went, and what runs that were only timed leave out."""

import attrs
import pytest

from chipsim.report.words import warnings_about
from chipsim.result import LedgerRow, Valued
from chipsim.result.extent import epochs_of, marked, planned_epochs, stopped_after
from chipsim.result.metrics import METRICS, metric_value
from chipsim.result.standing import best_of
from chipsim.result.timed import timed_words
from tests.report.programmed_made import programmed_result
from tests.results_made import made_result, seeds_of

METRIC = {metric.key: metric for metric in METRICS}
LEFT_OUT = (
    "energy leaves out what data sets (currents of cells in reads and writing, and write drivers); neither time nor "
    "energy has the writing of initial weights"
)
OF_PULSES = f"{LEFT_OUT}, recentring, or decisions between epochs"


def _made(*phases, **summary):
    made = made_result()
    epochs = [
        Valued(path=f"workload.phases.{place}.epochs", value=str(number), kind="set", text="made up")
        for place, number in enumerate(phases)
    ]
    return attrs.evolve(made, values=(*made.values, *epochs), summary={**made.summary, **summary})


def test_planned_epochs_are_those_of_all_phases():
    """Epochs of phases add up; without any, nothing is known."""
    assert planned_epochs(_made(2, 8, 10)) == 20
    assert planned_epochs(_made()) is None


def test_epochs_of_a_timed_run_are_those_timed():
    """A run without training has no epoch with an accuracy; those that it timed are its epochs."""
    timed = attrs.evolve(_made(2, 18, timing_only=True, epochs_run=20), epochs=())
    assert epochs_of(timed) == 20
    assert epochs_of(_made(20, epochs_run=3, complete=False)) == 3
    found = warnings_about([_made(20, epochs_run=20), timed])
    assert not [warning for warning in found if "number of epochs" in warning]


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (_made(20, epochs_run=20), ""),
        (_made(20, epochs_run=3, complete=False), "3 of 20 epochs"),
        (_made(1, epochs_run=0, complete=False), "0 of 1 epoch"),
        (_made(epochs_run=1, complete=False), "1 epoch"),
        (_made(20, epochs_run=2, steps=2_300, timing_only=True, complete=False), "2 of 20 epochs"),
    ],
)
def test_where_a_run_was_stopped(result, words):
    """The epochs done, of how many where that is known."""
    assert stopped_after(result) == words
    assert marked("a", result) == ("a (stopped)" if words else "a")


def test_warning_of_a_stopped_run():
    """A partial result is told to be one, with how far it went."""
    assert warnings_about([_made(20, epochs_run=3, complete=False)]) == [
        "hybrid-synapse was stopped after 3 of 20 epochs; its figures are partial."
    ]


@pytest.mark.parametrize(
    ("selector", "share"),
    [
        ({"typical_share": {"value": "2 %", "assumed": "so"}}, "2 %"),
        ({"typical_share": 0.005}, "0.5 %"),
        ({"typical_share": 1}, "100 %"),
        ({}, "1 %"),
    ],
)
def test_share_that_a_timed_run_takes_to_change(selector, share):
    """Chips whose weights stand at levels tell the share of their description, or the one it stands for."""
    writes = LedgerRow(
        part="tile0.driver",
        kind="driver",
        action="program",
        count=1,
        busy_ps=1,
        energy_aj=0,
        pulses=0,
        bits=0,
    )
    result = attrs.evolve(
        made_result(), chip={"selector": {"kind": "level-change", **selector}}, ledger=(writes,)
    )
    assert timed_words(result) == (
        f"{LEFT_OUT}; each step is taken to change {share} of the weights (selector.typical_share), and the time of "
        "writing rests on that"
    )


def test_timed_run_of_pulsed_cells():
    """Parallel updates take nothing for granted; serial ones are told to visit all."""
    assert timed_words(made_result()) == OF_PULSES
    for kind, visited in (("row-by-row", "row"), ("cell-by-cell", "cell")):
        assert timed_words(attrs.evolve(made_result(), chip={"update": {"kind": kind}})) == (
            f"{OF_PULSES}; each update is taken to visit every {visited} once, which few samples need, and the time of "
            "writing rests on that"
        )


def test_timed_run_of_gathered_gradients():
    """No sum is known to be worth a pulse; and a step that reads A now and then is timed as if it always did."""
    nothing = "no sum is taken to reach its threshold, so neither has the pulses that weights would get"
    often = (
        "each step is taken to read gathered gradients once at least, where 10 samples would come between "
        "(rule.transfer_every)"
    )
    for rule, told in (
        ({"kind": "tiki-taka-v1"}, []),
        ({"kind": "tiki-taka-v1", "transfer_every": 10}, [often]),
        ({"kind": "tiki-taka-v2", "transfer_every": 1}, [nothing]),
        ({"kind": "chopped-tiki-taka", "transfer_every": {"value": 10, "assumed": "so"}}, [nothing, often]),
        ({"kind": "mixed-precision"}, [nothing]),
        ({"kind": "outer-product-sgd"}, []),
    ):
        result = attrs.evolve(made_result(), chip={"rule": rule})
        assert timed_words(result) == "; ".join([OF_PULSES, *told])


def test_time_of_one_step_is_no_contest_where_it_varies():
    """Steps that take as long as what they happen to write are not ranked; those of other chips are."""
    step = METRIC["first_step_time_ps"]
    pulsed = [*seeds_of(made_result(), count=2), *seeds_of(made_result("single-pair"), count=2)]
    assert best_of(step, pulsed) == {2, 3}
    levels = [programmed_result(), made_result()]
    assert best_of(step, levels) == frozenset()
    for chip in ({"selector": {"kind": "level-change"}}, {"update": {"kind": "cell-by-cell"}}):
        assert best_of(step, [attrs.evolve(made_result(), chip=chip), *pulsed[2:]]) == frozenset()
    assert step.about.startswith("On-chip time of the first step of the last epoch.")


def test_time_of_one_epoch_by_hand():
    """The mean of epochs after the first, which wrote initial weights; of all where none was written."""
    made = made_result(epochs=3)
    times = (900_000, 1_000_000, 1_300_000)
    rows = tuple(
        attrs.evolve(row, simulated_time_ps=time) for row, time in zip(made.epochs, times, strict=True)
    )
    result = attrs.evolve(made, epochs=rows)
    epoch = METRIC["epoch_time_ps"]
    assert metric_value(epoch, result) == "200 ns"
    assert metric_value(epoch, attrs.evolve(result, epochs=rows[:1])) == "\N{EN DASH}"
    timed = attrs.evolve(_made(4, timing_only=True, epochs_run=4, simulated_time_ps=1_000_000), epochs=())
    assert metric_value(epoch, timed) == "250 ns"
    cut = attrs.evolve(timed, summary={**timed.summary, "epochs_run": 1, "complete": False})
    assert metric_value(epoch, cut) == "\N{EN DASH}"
    # One that was only timed leaves out what the other counts, so they are not compared.
    assert best_of(epoch, [result, timed]) == frozenset()
    faster = attrs.evolve(timed, summary={**timed.summary, "simulated_time_ps": 800_000, "cells": 0}, chip={})
    assert best_of(epoch, [attrs.evolve(timed, summary={**timed.summary, "cells": 0}), faster]) == {1}


def test_a_chip_of_levels_is_one_though_nothing_was_programmed():
    """A share of 0 % programs nothing, and the ledger has no line of it."""
    result = attrs.evolve(made_result(), chip={"selector": {"kind": "level-change", "typical_share": "0 %"}})
    assert "to change 0 % of the weights" in timed_words(result)
