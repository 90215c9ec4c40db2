"""Chips whose cells have references of their own: what runs, what is told of it, and what is refused."""

from __future__ import annotations

import pytest

from chipsim.errors import DescriptionError
from chipsim.learn.cannot_learn import learning_warnings
from chipsim.run import simulate
from chipsim.spec import load_chip, load_workload
from chipsim.tile.idealised import idealised
from tests.resumed import StopAfter, differing

CELL = (
    "kind: soft-bounds, states: 40, on_conductance: 20 uS, off_conductance: 2 uS, pulse_voltage: 2 V, "
    "pulse_width: 100 ns, down_voltage: 1 V, down_width: 80 ns, area: 0.04 um2, fresh_share: 50 %"
)
EVEN = (
    "kind: bidirectional-step, states: 41, on_conductance: 20 uS, off_conductance: 2 uS, pulse_voltage: 2 V, "
    "pulse_width: 100 ns, down_voltage: 1 V, down_width: 80 ns, area: 0.04 um2"
)
MEASURED = (
    "step_variation: 41.58 %, step_spread: 78.29 %, upper_spread: 34.99 %, lower_spread: 56.95 %, "
    "asymmetry_spread: 1 %, write_noise: 141.13 %, corrupt_cells: 13.5 %"
)
SMALL = ("phases.0.epochs=2", "phases.0.dataset={name: mnist-5k, train: 20, test: 10}")
NEVER = "update.recentre=null"


def device(*more, cell=CELL):
    """A device of such cells, with more keys."""
    return f"device={{{', '.join((cell, *more))}}}"


def synapse(**keys):
    """The synapse with keys of its own."""
    given = {"weight_range": 1, "alternating_pulses": 20} | keys
    listed = ", ".join(f"{key}: {value}" for key, value in given.items())
    return f"synapse={{kind: cell-and-reference, {listed}}}"


# --- what runs ------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::chipsim.errors.ChipsimWarning")
@pytest.mark.parametrize(
    "sets",
    [
        (device(MEASURED), "update.encoding=stochastic"),
        (device(), "update={kind: row-by-row}"),
        (device("step_spread: 20 %, step_variation: 30 %", cell=EVEN),),
    ],
    ids=["measured", "row by row", "even steps"],
)
def test_runs_go_on_where_they_were_stopped(sets, tmp_path):
    """References, noise and figures of the first writing are as if nothing had come between."""
    sets = (*sets, synapse(reference_error="2 %"), NEVER, *SMALL)
    whole = simulate("single-pair", "mnist-5k", sets=sets)
    how = {"sets": sets, "checkpoint": tmp_path / "state"}
    part = simulate("single-pair", "mnist-5k", progress=StopAfter(2), **how)
    assert not part.summary["complete"]
    assert differing(whole, simulate("single-pair", "mnist-5k", resume=True, **how)) == []
    assert whole.summary["reference_error_spread"] > 0.03


def test_what_was_found_is_told():
    """With ideal converters a reference is off by its error alone: 2 % of the range is 4 % of a weight."""
    sets = (
        device("asymmetry: 0.5"), synapse(reference_error="2 %", alternating_pulses=100), NEVER, *SMALL,
        "tile.forward.adc.ideal=true", "tile.forward.dac.ideal=true",
    )  # fmt: skip
    summary = simulate("single-pair", "mnist-5k", sets=sets).summary
    assert summary["symmetry_point_mean"] == pytest.approx(0.5 / (1.5 - 0.5 / 20), abs=1e-4)
    assert summary["symmetry_point_spread"] == pytest.approx(0, abs=1e-4)
    assert summary["reference_error_mean"] == pytest.approx(0, abs=1e-3)
    assert summary["reference_error_spread"] == pytest.approx(0.04, rel=0.01)
    assert "initial_weights_off" not in summary


def test_centring_is_a_part_of_initial_writing():
    """Its time and energy stand under an action of their own, before any step."""
    sets = (device(), synapse(), NEVER, *SMALL, "tile.forward.adc.ideal=true")
    result = simulate("single-pair", "mnist-5k", sets=sets)
    centring = [row for row in result.ledger if row.action == "centre"]
    assert {row.part.partition(".")[2] for row in centring} == {"adc", "cells", "dac", "driver", "references"}
    pulses = {row.part: row.pulses for row in centring}
    worn = {one.array: one for one in result.wear}
    assert pulses["tile0.cells"] == 2 * 20 * worn["tile0.cells"].pulses.size
    assert pulses["tile0.references"] == 10 * worn["tile0.references"].pulses.size
    assert (worn["tile0.references"].pulses == 10).all()


# --- what is warned of ----------------------------------------------------------------------------------


def warned(*sets):
    """What is said of a chip that is changed like this."""
    chip = load_chip("single-pair", sets=(*sets, NEVER)).spec
    return learning_warnings(chip, load_workload("mnist-5k").spec)


def test_too_few_pulses_are_told():
    """(1 - 1/20)^(2 n) of the distance is left: 35.8 % after ten pairs, under 5 % after thirty."""
    ideal = "tile.forward.adc.ideal=true"
    (said,) = [one for one in warned(device(), synapse(alternating_pulses=10), ideal) if "synapse" in one]
    assert said == (
        "synapse.alternating_pulses: cells keep 35.8 % of their distance from their symmetry points after 10 "
        "pulses up and down; give more of them"
    )
    assert not [one for one in warned(device(), synapse(alternating_pulses=30), ideal) if "synapse" in one]


def test_readings_before_cells_have_arrived_are_told():
    """Of 20 pairs, after 12, 14, 16, 18 and 20: (1 - 1/20)^24 to (1 - 1/20)^40 is left, 20 % on average."""
    given = synapse(alternating_pulses=20, reference_readings=5)
    (said,) = [one for one in warned(device(), given, "tile.forward.adc.ideal=true") if "synapse" in one]
    left = sum(0.95 ** (2 * pairs) for pairs in (12, 14, 16, 18, 20)) / 5
    assert said == (
        f"synapse.alternating_pulses: cells keep {100 * left:.3g} % of their distance from their symmetry points "
        "after 20 pulses up and down, in 5 readings from 12 on; give more of them"
    )


def test_converters_that_cannot_tell_cells_apart_are_told():
    """Eight bits over +-64 are steps of 0.5: half of that is five times what a pulse does."""
    coarse = ("tile.forward.adc.range=64", "tile.forward.adc.bits=8")
    (said,) = [one for one in warned(device(), synapse(alternating_pulses=50), *coarse) if "forward" in one]
    assert said == (
        "tile.forward.adc: a reading of one cell is off by up to 0.25 of a weight, half a step of the "
        "converter, and a pulse moves a weight by 0.05: references come no nearer to symmetry points than "
        "that; use more bits, or lower the range"
    )
    fine = ("tile.forward.adc.range=1", "tile.forward.adc.bits=8")
    assert not [one for one in warned(device(), synapse(alternating_pulses=50), *fine) if "a reading" in one]


def test_what_is_taken_for_granted_is_said():
    """How references come to what they conduct, and switches between arrays."""
    said = idealised(load_chip("single-pair", sets=(device(), synapse(), NEVER)).spec)
    assert any(
        sentence.startswith("Reference cells stand in the middle of the described range") for sentence in said
    )
    assert any("switches cut off those of the other" in sentence for sentence in said)


# --- what is refused ------------------------------------------------------------------------------------


def refused(*sets):
    """What is said of a single pair that is changed like this, by path."""
    with pytest.raises(DescriptionError) as caught:
        load_chip("single-pair", sets=(*sets, NEVER))
    said = [(problem.path, problem.message.partition(" (from --set")[0]) for problem in caught.value.problems]
    return [(path, message.partition("; written as")[0]) for path, message in said]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("alternating_pulses", "0", "must be between 1 and 1000000, not 0"),
        ("alternating_pulses", "2.5", "must be a whole number, not 2.5"),
        ("reference_error", "-1 %", "must be between 0 and 1, not -0.01"),
        ("reference_error", ".nan", "must be a finite number, not nan"),
        ("reference_rounds", "0", "must be between 1 and 1000, not 0"),
        ("reference_readings", "0", "must be between 1 and 10000, not 0"),
        ("reference_readings", "2.5", "must be a whole number, not 2.5"),
        (
            "reference_readings",
            "11",
            (
                "must be at most 10, one after each pair of the last half of alternating_pulses (20), not 11; "
                "give at least 21 of these"
            ),
        ),
        ("weight_range", "0", "must be more than 0, not 0"),
    ],
)
def test_values_that_find_no_reference(key, value, message):
    """Each by its path, before anything runs."""
    assert refused(device(), synapse(**{key: value})) == [(f"synapse.{key}", message)]


def test_all_problems_are_told_at_once():
    """Two of the synapse and one of the device."""
    found = refused(device("write_noise: -1"), synapse(alternating_pulses=0, reference_error=2))
    assert {path for path, _ in found} == {
        "device.write_noise", "synapse.alternating_pulses", "synapse.reference_error",
    }  # fmt: skip


def test_a_device_that_only_rises():
    """The device is named, and those that would do."""
    ((path, message),) = refused(synapse())
    assert path == "synapse.kind"
    assert "needs cells that a pulse moves back by a step, and linear-step (device) offers none" in message


@pytest.mark.parametrize(("asymmetry", "bound"), [(0.5, "upper"), (2, "lower")])
def test_even_steps_of_two_lengths_have_no_symmetry_point(asymmetry, bound):
    """Alternating pulses lead such cells to a bound, where there is nothing to refer to."""
    ((path, message),) = refused(device(f"asymmetry: {asymmetry}", cell=EVEN), synapse())
    assert path == "device.kind"
    assert message == (
        "has no symmetry point between its bounds, which cell-and-reference looks for: under alternating "
        f"pulses its longer steps lead all cells to the {bound} bound; take steps that are equally long both "
        "ways (device.asymmetry: 1), or that shrink towards their bounds (soft-bounds)"
    )


@pytest.mark.parametrize("sets", [(), ("device.asymmetry=1",)])
def test_steps_that_grow_lead_away_from_where_they_are_alike(sets):
    """Steps of one length only move that place, so it is not advised."""
    with pytest.raises(DescriptionError) as caught:
        load_chip("analog-sgd", sets=("device=gst-pcm", *sets))
    (problem,) = caught.value.problems
    assert problem.path == "device.kind"
    assert (
        "steps down are longer below and steps up above, so that alternating pulses lead" in problem.message
    )
    assert "or a synapse without references of their own (single-cell)" in problem.message
    assert "asymmetry" not in problem.message
    load_chip("analog-sgd", sets=("device=gst-pcm", *sets, "synapse={kind: single-cell, weight_range: 1}"))


def test_no_pair_to_recentre():
    """Pulses bring a cell back from either bound."""
    with pytest.raises(DescriptionError, match="a weight of kind cell-and-reference has no pair of cells"):
        load_chip("single-pair", sets=(device(), synapse()))


def test_a_misspelt_key_is_guessed():
    """As of any section."""
    ((path, message),) = refused(device(), synapse(alternating_pulse=3))
    assert path == "synapse.alternating_pulse"
    assert "did you mean 'alternating_pulses'?" in message
