"""First weights that are verified on whole chips: what is told of them, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.errors import DescriptionError
from chipsim.learn.cannot_learn import learning_warnings
from chipsim.report.lost import loss_sentences
from chipsim.run import simulate
from chipsim.run.first_writing import figures_of_tiles
from chipsim.spec import load_chip, load_workload
from chipsim.tile.tile import FirstWriting
from tests.resumed import StopAfter, differing

SMALL = ("phases.0.epochs=2", "phases.0.dataset={name: mnist-5k, train: 20, test: 10}")
VERIFY = ("update.first_writing=verify", "update.verify_tolerance=5 %", "update.verify_rounds=4")
FINE = ("tile.forward.adc.range=2", "tile.forward.adc.bits=8")
STILL = ("learning_rate=1e-9", "device.states=400", "tile.forward.adc.ideal=true")
SPREAD = ("device.step_spread=30 %", "device.step_variation=0")

pytestmark = pytest.mark.filterwarnings("ignore::chipsim.errors.ChipsimWarning")


def test_the_tail_is_told(tmp_path):
    """Weights by the rounds that they took, and those that never were right, of all; resumed too."""
    sets = (*VERIFY, *FINE, "device.step_spread=30 %", "device.step_variation=30 %", *SMALL)
    whole = simulate("single-pair", "mnist-5k", sets=sets)
    told = whole.summary["initial_weights_by_rounds"]
    off = whole.summary["initial_weights_off"]
    assert 1 < len(told) <= 5
    assert sum(told) + off == whole.summary["learnt_weights"]
    lost = [row.count for row in whole.losses if row.what == "initial-weights-off"]
    assert sum(lost) == off
    how = {"sets": sets, "checkpoint": tmp_path / "state"}
    part = simulate("single-pair", "mnist-5k", progress=StopAfter(2), **how)
    assert not part.summary["complete"]
    assert differing(whole, simulate("single-pair", "mnist-5k", resume=True, **how)) == []


def test_verified_weights_are_nearer():
    """Of cells whose steps differ by a third, against those whose steps do not."""
    found = []
    for more in (("device.step_spread=0",), (), (*VERIFY, "update.verify_tolerance=1 %")):
        sets = (*STILL, *SPREAD, *more, *SMALL)
        result = simulate("single-pair", "mnist-5k", sets=sets, keep_weights=True)
        found.append(np.concatenate([np.ravel(one) for one in result.weights.values()]))
    wanted, *others = found
    open_loop, verified = (np.sqrt(np.mean((one - wanted) ** 2)) for one in others)
    assert verified < 0.5 * open_loop


def test_weights_that_never_get_there_are_told_in_words():
    """Cells that are stuck: the loss, its share, and the key to look at."""
    device = (
        "device={kind: soft-bounds, states: 200, on_conductance: 20 uS, off_conductance: 2 uS, "
        "pulse_voltage: 2 V, pulse_width: 100 ns, down_voltage: 1 V, down_width: 80 ns, area: 0.04 um2, "
        "fresh_share: 50 %, corrupt_cells: 20 %}"
    )
    single = ("synapse={kind: single-cell, weight_range: 1}", "update.recentre=null", device)
    result = simulate("single-pair", "mnist-5k", sets=(*single, *VERIFY, *FINE, *SMALL))
    (said,) = [one for one in loss_sentences(result) if "verify" in one]
    assert "of the verified initial weights of tile" in said
    assert "were off by more than update.verify_tolerance when rounds were exhausted" in said
    off = result.summary["initial_weights_off"] / result.summary["learnt_weights"]
    # Stuck anywhere in the range, a few stand within a twentieth of what they were to be.
    assert off == pytest.approx(0.2 * 0.95, abs=0.01)


def test_groups_of_other_rounds_are_added_up():
    """Two tiles, one of at most one round, one of three; of a chip that nobody verified nothing is told."""

    class Written:
        def __init__(self, told):
            self.first_writing = lambda: told

    def rounds(*counts):
        return Written(FirstWriting(rounds=np.array(counts, np.int64)))

    tiles = [rounds(5, 2, 1), rounds(3, 1, 1, 0, 2), Written(None)]
    assert figures_of_tiles(tiles) == {"initial_weights_by_rounds": [8, 3, 1], "initial_weights_off": 3}
    assert figures_of_tiles([Written(None)]) == {}


def test_moments_are_those_of_all_tiles():
    """One at 1 and one at 3, and two at 2: a mean of 2, and half the square of one."""

    class Written:
        def __init__(self, *values):
            found = np.array(values)
            self.told = np.array([found.size, found.sum(), (found**2).sum()])

        def first_writing(self):
            return FirstWriting(points=self.told)

    found = figures_of_tiles([Written(1.0, 3.0), Written(2.0, 2.0)])
    assert found == {"symmetry_point_mean": 2.0, "symmetry_point_spread": pytest.approx(np.sqrt(0.5))}


def test_words_say_that_weights_are_verified():
    """In `describe`, behind the encoding."""
    chip = load_chip("single-pair", sets=VERIFY).spec
    assert chip.update.words.endswith("first weights verified to 5 % in at most 4 rounds")
    assert "verified" not in load_chip("single-pair").spec.update.words


# --- what is warned of ----------------------------------------------------------------------------------


def warned(*sets):
    """What is said of verifying on a single pair that is changed like this."""
    chip = load_chip("single-pair", sets=(*VERIFY, *sets)).spec
    said = learning_warnings(chip, load_workload("mnist-5k").spec)
    return [one for one in said if one.startswith("update.verify")]


def test_a_tolerance_under_what_converters_tell():
    """Eight bits over +-64 are steps of 0.5, half of which is more than 5 % of one."""
    reach = load_chip("single-pair").spec.synapse.weight_range
    sets = ("tile.forward.adc.range=64", "tile.forward.adc.bits=8", "device.states=100")
    (said,) = warned(*sets)
    assert said == (
        f"update.verify_tolerance: {0.05 * reach:.2g} of a weight is less than half a step of the forward "
        "converters, 0.25: weights that are right are read as wrong and pulsed again; raise it, or lower "
        "tile.forward.adc.range"
    )


def test_a_tolerance_under_what_a_pulse_does():
    """Of four states a pulse is a quarter of the range, and half of that more than 5 %."""
    reach = load_chip("single-pair").spec.synapse.weight_range
    (said,) = warned("device.states=4", "tile.forward.adc.ideal=true")
    assert said == (
        f"update.verify_tolerance: {0.05 * reach:.2g} of a weight is less than half of what a pulse moves it "
        f"by, {reach / 4:.2g}: pulses lead over it and back; raise it, or device.states"
    )
    assert warned("device.states=100", "tile.forward.adc.ideal=true") == []


# --- what is refused ------------------------------------------------------------------------------------


def refused(*sets):
    """What is said of a single pair that is changed like this, by path."""
    with pytest.raises(DescriptionError) as caught:
        load_chip("single-pair", sets=sets)
    said = [(problem.path, problem.message.partition(" (from --set")[0]) for problem in caught.value.problems]
    return [(path, message.partition("; written as")[0]) for path, message in said]


def test_verifying_needs_a_measure_and_an_end():
    """Both are told at once, each with an example."""
    needed = "is needed where first_writing is verify, such as {}; or take open-loop"
    assert refused("update.first_writing=verify") == [
        ("update.verify_tolerance", needed.format("5 %")),
        ("update.verify_rounds", needed.format("20")),
    ]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("verify_tolerance", "0", "must be more than 0, not 0"),
        ("verify_tolerance", "150 %", "must be at most 1, not 1.5"),
        ("verify_tolerance", ".nan", "must be a finite number, not nan"),
        ("verify_rounds", "0", "must be between 1 and 1000, not 0"),
        ("verify_rounds", "2.5", "must be a whole number, not 2.5"),
        ("first_writing", "verfy", "unknown value 'verfy'; known: open-loop, verify; did you mean 'verify'?"),
    ],
)
def test_values_by_which_nothing_is_verified(key, value, message):
    """Each by its path, before anything runs."""
    assert (f"update.{key}", message) in refused(*VERIFY, f"update.{key}={value}")


def test_keys_that_nothing_reads():
    """A tolerance for weights that nobody looks at."""
    ((path, message),) = refused("update.verify_tolerance=5 %")
    assert path == "update.verify_tolerance"
    assert "first weights are written without a look" in message
