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
    """Largest, difference, exponential, sum, quotient and target for 3 classes; 5 hidden units stay logistic."""
    rule = made.rule_on(made.mac_chip(), LAYERS, seed=None, loss="cross-entropy")
    done = digital(rule.typical_step(batch))
    hidden_slope = {"add": 5, "multiply": 10}
    outputs = {"compare": 3, "add": 9, "function": 6}
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
    assert set(done) == {"activation", "transfer"}
