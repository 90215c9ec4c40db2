"""A chip trained again and again: events stepped over exactly, and what is refused."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from chipsim.errors import ChipsimError
from chipsim.run import lifetime as module
from chipsim.run.lifetime import lifetime

FEW = (
    "network.layers=[784, 4, 10]", "phases[*].dataset={name: mnist-5k, train: 60, test: 40}", "phases[*].epochs=1",
    "learning_rate.sgd=1",
)  # fmt: skip
WEARS = ("device.endurance=45", "device.wear={spread: 0.1}")


def told(found):
    """Of each training that was simulated."""
    return [(one.number, one.test_accuracy_percent, one.worn_cells) for one in found.trainings]


@pytest.mark.parametrize("ends", ["where-it-stands", "high"])
def test_what_is_stepped_over_is_what_trainings_would_be(monkeypatch, ends):
    """Cell by cell: every training simulated gives the same, and those in between are the one before again."""
    sets = [*FEW, "device.endurance=900", f"device.wear={{spread: 0.1, ends: {ends}}}"]
    stepped = lifetime("single-pair", "mnist-5k", sets=sets, below=1, step=0, most=4)
    last = stepped.trainings[-1].number
    assert last > 4, "something was stepped over"
    assert stepped.trainings[-1].worn_cells > stepped.trainings[1].worn_cells > 0
    monkeypatch.setattr(module, "_trainings_left", lambda *_, **__: 0)
    each = {
        one[0]: one[1:] for one in told(lifetime("single-pair", "mnist-5k", sets=sets, below=1, most=last))
    }
    simulated = {one[0]: one[1:] for one in told(stepped)}
    now = None
    for number in range(1, last + 1):
        now = simulated.get(number, now)
        assert each[number] == now, number


def test_it_ends_with_the_first_training_that_falls_below():
    """Cells that end at the top cost accuracy; what is survived is one less."""
    sets = [
        *FEW,
        "device.endurance=600",
        "device.wear={spread: 0.3, ends: high}",
        "phases[*].dataset={name: mnist-5k, train: 600, test: 200}",
        "learning_rate.sgd=0.2",
    ]
    found = lifetime("single-pair", "mnist-5k", sets=sets, below=80, step=0.002)
    first, last = found.trainings[0], found.trainings[-1]
    assert last.test_accuracy_percent < 0.8 * first.test_accuracy_percent
    assert all(one.test_accuracy_percent >= 0.8 * first.test_accuracy_percent for one in found.trainings[:-1])
    assert found.survived == last.number - 1
    assert found.time_ps > 0


def test_it_goes_on_to_the_last_living_cells():
    """Where fewer are left than may fail between two trainings, they are waited for all the same."""
    sets = [*FEW, "device.endurance=60", "device.wear={spread: 0.5, ends: low}"]
    coarse = lifetime("single-pair", "mnist-5k", sets=sets, below=1, step=0.9, most=3)
    pulsed = coarse.trainings[-1].worn_cells
    assert pulsed > coarse.trainings[0].worn_cells


def test_arrays_that_nothing_wrote_are_in_no_share():
    """A fine pair that waits for its turn halves neither the table, nor steps, nor windows."""
    wear = "device.wear={spread: 0.3, narrows: {upper: 1}}"
    sets = [*FEW, "device.endurance=60", wear]
    alone = lifetime("single-pair", "mnist-5k", sets=sets, below=1, most=1)
    waits = lifetime("hybrid-synapse", "mnist-5k", sets=[*sets, "selector.threshold=100 %"], below=1, most=1)
    assert waits.trainings[0].cells == alone.trainings[0].cells == 2 * (785 * 4 + 5 * 10)


def test_arrays_that_were_written_once_count_on():
    """One that is written in a later training joins, and leaves no more."""
    life = module._Life("hybrid-synapse", "mnist-5k", seed=0, sets=[*FEW, *WEARS], data=None, progress=None)
    made = {
        name: attrs.evolve(one, counted=np.zeros_like(one.counted))
        for name, one in module._wearing(life._prepared()).items()
    }
    first, *others = made
    assert others
    assert len(life._written(made)) == len(made)
    made[first].counted[0, 0] = 3
    assert life._written(made) == [made[first]]
    life._spend(made, times=2)
    made[first].counted[:] = 0
    assert life._written(made) == [made[first]]


def test_cells_drift_in_every_training():
    """The first is timed, and the others have a clock all the same: without a failed cell they are alike."""
    drift = "device.drift={kind: stretched-exponential, level: 2 uS, time_constant: 100 us}"
    sets = [*FEW, "device.endurance=900", "device.wear={}", drift, "phases[*].dataset.train=200"]
    life = module._Life("single-pair", "mnist-5k", seed=0, sets=sets, data=None, progress=None)
    assert life._train(timed=True)[0] == life._train(timed=False)[0]


def test_cells_that_never_fail_are_trained_once():
    """Of those that get no pulse there is nothing to wait for."""
    found = lifetime("single-pair", "mnist-5k", sets=[*FEW, *WEARS, "device.endurance=1000000000000"], most=1)
    assert told(found)[0][0] == 1
    assert found.survived is None


@pytest.mark.parametrize(
    ("chip", "sets", "error", "said"),
    [
        (
            "single-pair",
            FEW,
            ChipsimError,
            "single-pair: none of its cells wears out; say how they fail, in device.wear",
        ),
        ("digital-fp32", FEW, ChipsimError, "none of its cells wears out"),
    ],
)
def test_chips_that_never_wear_are_refused(chip, sets, error, said):
    """Before anything is trained."""
    with pytest.raises(error, match="none of its cells wears out") as found:
        lifetime(chip, "mnist-5k", sets=list(sets))
    assert said in str(found.value)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"below": 0}, "below must be more than 0 and at most 100 %, not 0"),
        ({"below": 101}, "not 101"),
        ({"step": 1}, "step must be at least 0 and less than 1, not 1"),
        ({"most": 0}, "most must be at least 1, not 0"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(how, said):
    """Before anything is read."""
    with pytest.raises(ValueError, match="must be") as found:
        lifetime("nowhere", "nothing", **how)
    assert said in str(found.value)


def test_phases_in_software_wear_nothing_and_are_refused():
    """The chip would be trained by what is not on it."""
    phase = "{name: first, dataset: {name: mnist-5k, train: 20, test: 10}, epochs: 1}"
    soft = "{name: before, dataset: {name: mnist-5k, train: 20, test: 10}, epochs: 1, software: {trained_as: numbers}}"
    sets = [FEW[0], *WEARS, f"phases=[{soft}, {phase}]"]
    with pytest.raises(ChipsimError, match="phase 'before' trains in software, and wears nothing"):
        lifetime("single-pair", "mnist-5k", sets=sets)
