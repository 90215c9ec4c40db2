"""What a step by outer products asks of the digital unit."""

from __future__ import annotations

import pytest

from chipsim.parts.program import operations_of
from tests import made

LAYERS = (6, 5, 3)


def digital(program):
    """Arithmetic by action, in program order; operations of the same name add up."""
    found = {}
    for op, times in operations_of(program):
        if op.part == "digital":
            counts = found.setdefault(op.action, {})
            for name, value in op.counts:
                counts[name] = counts.get(name, 0) + times * value
    return found


@pytest.mark.parametrize("batch", [1, 4])
def test_a_softmax_is_charged_as_what_it_is(batch):
    """A softmax of 3 classes; the 5 hidden units stay logistic.

    The largest takes 2 comparisons; 3 differences, 3 exponentials, 2 sums, 1 inverse, 3 quotients; and one is
    subtracted from the share of the label.
    """
    rule = made.rule_on(made.mac_chip(), LAYERS, seed=None, loss="cross-entropy")
    done = digital(rule.typical_step(batch))
    hidden_slope = {"add": 5, "multiply": 10}
    outputs = {"compare": 2, "add": 3 + 2 + 1, "function": 3 + 1, "multiply": 3}
    errors = {name: hidden_slope.get(name, 0) + outputs.get(name, 0) for name in (*hidden_slope, *outputs)}
    assert done["activation"] == {"function": 5 * batch}
    assert done["error"] == {name: batch * value for name, value in errors.items()}


def test_squared_error_needs_logistic_outputs():
    """Their non-linearity is computed; the error is a difference times its slope."""
    done = digital(made.rule_on(made.mac_chip(), LAYERS, seed=None).typical_step(1))
    assert done["activation"] == {"function": 5 + 3}
    assert done["error"] == {"add": 5 + 2 * 3, "multiply": 2 * 5 + 2 * 3}


@pytest.mark.parametrize(("loss", "functions"), [("squared-error", 8), ("cross-entropy", 5)])
def test_a_class_is_read_off_sums_or_outputs(loss, functions):
    """Inference takes no softmax: the largest sum is the most likely class."""
    done = digital(made.rule_on(made.mac_chip(), LAYERS, seed=None, loss=loss).inference())
    assert done["activation"] == {"function": functions}
    assert done["classify"] == {"compare": 2}
    assert set(done) == {"activation", "classify", "transfer"}


@pytest.mark.parametrize("batch", [1, 4])
def test_training_accuracy_is_counted_where_the_selector_goes_by_it(batch):
    """The largest of 3 outputs, held against the label, and a count; other selectors never ask."""
    done = digital(made.rule_on(made.hybrid(), LAYERS, seed=None).typical_step(batch))
    assert done["accuracy"] == {"compare": batch * (2 + 1), "add": batch}
    assert "accuracy" not in digital(made.rule_on(made.chip(), LAYERS, seed=None).typical_step(batch))


@pytest.mark.parametrize("encoding", ["stochastic", "deterministic"])
@pytest.mark.parametrize("kind", ["row-by-row", "cell-by-cell"])
def test_pulses_are_counted_crossing_by_crossing(kind, encoding):
    """Errors times steps per unit; times inputs, rounded, held under the most; a random fraction added to each."""
    update = made.update_by(kind=kind, encoding=encoding, slots=6)
    done = digital(made.rule_on(made.chip(update=update), LAYERS, seed=None).typical_step(1))
    crossings, errors = 6 * 5 + 5 * 3, 5 + 3
    wanted = {"multiply": crossings + errors, "compare": 2 * crossings}
    assert done["count-pulses"] == wanted | ({"add": crossings} if encoding == "stochastic" else {})


def test_errors_are_scaled_by_the_largest_of_each_tile():
    """3 errors on tiles of 2 columns: a largest of two and one of one, two inverses, 3 products; results back."""
    tile = made.crossbar(columns=2, backward=made.one_pass(scaling="maximum"))
    done = digital(made.rule_on(made.chip(tile=tile), LAYERS, seed=None).typical_step(1))
    back = 5 * 2
    assert done["scale"] == {"compare": 1, "function": 2, "multiply": 3 + back}
