"""Files of a result that are each right and do not go together."""

import attrs
import numpy as np
import pytest

from chipsim.errors import OutputError
from chipsim.ledger import Record, Trace
from chipsim.result.files import load, save
from tests.results_made import ARCHITECTURES, balanced, made_result

MADE = made_result("single-pair", epochs=2, samples=20, shapes=((3, 2), (3, 1)))
SUM = MADE.summary
LAST = MADE.epochs[-1]


def evolved(rows, place, **changes):
    """Rows of which one is different."""
    return (*rows[:place], attrs.evolve(rows[place], **changes), *rows[place + 1 :])


def summary(**changes):
    """The summary with other figures."""
    return {"summary": SUM | changes}


def worn(**changes):
    """The wear with another first array."""
    return {"wear": evolved(MADE.wear, 0, **changes)}


ENERGY = SUM["energy_aJ"]
PULSES = int(MADE.wear[0].pulses.sum())
OTHER = MADE.wear[0].pulses.copy()
OTHER[0, 0] += 1

CASES = {
    "energy": (
        summary(energy_aJ=ENERGY + 1),
        (
            f"summary.json: 'energy_aJ' is {ENERGY + 1}, but ledger.parquet adds up to {ENERGY}; "
            f"summary.json: 'energy_aJ' is {ENERGY + 1}, but the last row of epochs.parquet says {ENERGY}"
        ),
    ),
    "energy as a float": (
        summary(energy_J=1.0),
        f"summary.json: 'energy_J' is 1.0, but 'energy_aJ' makes it {ENERGY * 1e-18}",
    ),
    "pulses": (
        summary(pulses=7),
        f"summary.json: 'pulses' is 7, but wear.parquet adds up to {SUM['pulses']}",
    ),
    "a cell": (
        worn(pulses=OTHER),
        (
            f"summary.json: 'pulses' is {SUM['pulses']}, but wear.parquet adds up to {SUM['pulses'] + 1}; "
            f"ledger.parquet: pulses of tile0.pair+ are {PULSES}, but wear.parquet adds up to {PULSES + 1}; "
            f"arrays.parquet: pulses of tile0.pair+ add up to {PULSES}, but wear.parquet to {PULSES + 1}"
        ),
    ),
    "cells": (summary(cells=19), "summary.json: 'cells' is 19, but wear.parquet has 18"),
    "hottest": (
        summary(hottest_cell_pulses=10**6),
        f"summary.json: 'hottest_cell_pulses' is 1000000, but wear.parquet has {SUM['hottest_cell_pulses']}",
    ),
    "accuracy": (
        summary(test_accuracy_percent=99.0),
        (
            f"summary.json: 'test_accuracy_percent' is 99.0, but the last row of epochs.parquet says "
            f"{LAST.test_accuracy_percent}"
        ),
    ),
    "best accuracy": (
        summary(best_test_accuracy_percent=99.0),
        (
            f"summary.json: 'best_test_accuracy_percent' is 99.0, but the best of epochs.parquet is "
            f"{LAST.test_accuracy_percent}"
        ),
    ),
    "epochs run": (summary(epochs_run=3), "summary.json: 'epochs_run' is 3, but epochs.parquet has 2"),
    "epochs that do not follow": (
        {"epochs": evolved(MADE.epochs, 1, epoch=3)},
        "epochs.parquet: row 1: epoch is 3, and should be 2",
    ),
    "time that runs back": (
        {"epochs": evolved(MADE.epochs, 0, simulated_time_ps=LAST.simulated_time_ps + 1)},
        (
            f"epochs.parquet: row 1: simulated_time_ps is {LAST.simulated_time_ps}, less than "
            f"{LAST.simulated_time_ps + 1} the epoch before"
        ),
    ),
    "a line of the ledger twice": (
        {"ledger": (*MADE.ledger, attrs.evolve(MADE.ledger[1], energy_aj=0, pulses=0))},
        f"ledger.parquet: row {len(MADE.ledger)}: tile0.dac, backward is there already",
    ),
    "a part of two kinds": (
        {"ledger": evolved(MADE.ledger, 1, kind="adc")},
        "ledger.parquet: row 1: kind of tile0.dac is adc, and dac above",
    ),
    "an array twice": (
        {"arrays": evolved(MADE.arrays, 1, epoch=2, pulses=MADE.arrays[1].pulses)},
        "arrays.parquet: row 2: 2, tile0.pair+ is there already",
    ),
    "an array of another chip": (
        {"arrays": evolved(MADE.arrays, 0, array="tile9.pair+", pulses=0, resets=0)},
        "arrays.parquet: row 0: array tile9.pair+ is not in wear.parquet",
    ),
    "a row of an array missing": (
        {"arrays": MADE.arrays[:1] + MADE.arrays[2:]},
        "arrays.parquet: has 11 rows, where 4 arrays, 2 epochs and the initial writing make 12",
    ),
    "a record after the step": (
        {"timeline": (*MADE.timeline, Record(10**9, 10**10, "bus", "transfer"))},
        (
            f"timeline.parquet: row {len(MADE.timeline)}: ends at 10000000000, after the step, at "
            f"{SUM['first_step_time_ps']}"
        ),
    ),
    "a record that ends before it starts": (
        {"timeline": (Record(5, 4, "bus", "transfer"),)},
        "timeline.parquet: row 0: goes from 5 to 4, after one that starts at 0",
    ),
    "a program that is not there": (
        {"trace": Trace(programs=((),), executed=(0, 1))},
        "executed.parquet: row 1: program is 1, where trace.parquet has 1",
    ),
    "a program that never ran": (
        {"trace": Trace(programs=((), ()), executed=(0,))},
        "executed.parquet: never has program 1, which trace.parquet has",
    ),
    "the description of another chip": (
        {"chip": {"name": "other"}},
        "description.json: the architecture is 'other', but summary.json says 'single-pair'",
    ),
    "a tile placed twice": (
        {"placement": (MADE.placement[0], *MADE.placement)},
        "description.json: placement: row 1: tile0 is there already",
    ),
    "no block of a layer": (
        {"placement": evolved(MADE.placement, 0, layer=0)},
        "description.json: placement: row 0: is no block of a layer",
    ),
    "a tile placed nowhere": (
        {"placement": MADE.placement[:1]},
        "description.json: placement: says nothing of tile1, which wear.parquet has",
    ),
    "a block of another size": (
        {"placement": (attrs.evolve(MADE.placement[0], rows=4), MADE.placement[1])},
        "description.json: placement: tile0 carries 4 x 2, but tile0.pair+ is 3 x 2",
    ),
    "the record of another run": (
        {"provenance": MADE.provenance | {"seed": 5}},
        "provenance.json: 'seed' is 5, but summary.json says 1",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_files_that_do_not_agree(tmp_path, case):
    """Each figure that stands in two places is compared, and both are told with their files."""
    changes, said = CASES[case]
    run = save(attrs.evolve(MADE, **changes), tmp_path / "run")
    with pytest.raises(OutputError) as error:
        load(run)
    message = str(error.value)
    start, end = f"{run}: its files do not agree (", "); the result is damaged, so run it again"
    assert message.startswith(start)
    assert message.endswith(end)
    assert said in message.removeprefix(start).removesuffix(end)


def test_a_few_of_many_disagreements_are_told(tmp_path):
    """Three are told whole, the others are counted."""
    run = save(attrs.evolve(MADE, ledger=(), epochs=()), tmp_path / "run")
    with pytest.raises(OutputError, match=r"; and \d+ more\); the result is damaged, so run it again$"):
        load(run)


def test_a_stopped_run_may_have_done_more_than_its_epochs(tmp_path):
    """Pulses and energy of the epoch under way are in the totals, not in the tables by epoch."""
    more = MADE.wear[0].pulses.copy()
    more += 1
    wear = evolved(MADE.wear, 0, pulses=more)
    whole = balanced(MADE, wear=wear, ledger=evolved(MADE.ledger, 0, energy_aj=10**15))
    stopped = attrs.evolve(
        whole, summary={**whole.summary, "complete": False}, epochs=MADE.epochs, arrays=MADE.arrays
    )
    stopped = attrs.evolve(stopped, summary=stopped.summary | {"updates": SUM["updates"]})
    assert load(save(stopped, tmp_path / "run")) == stopped
    finished = attrs.evolve(stopped, summary=stopped.summary | {"complete": True})
    with pytest.raises(OutputError, match=r"arrays\.parquet: pulses of tile0\.pair\+ add up to"):
        load(save(finished, tmp_path / "finished"))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_made_results_agree(architecture, tmp_path):
    """What other tests are made with could have been left by a run."""
    made = made_result(architecture)
    assert load(save(made, tmp_path / "run")) == made
    assert np.sum(made.summary["pulses"]) == sum(row.pulses for row in made.ledger)
