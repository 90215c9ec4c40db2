"""How far Adam steps, against its own recursion, and what follows for weights that are rounded."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim.learn.adam_steps import adam_reach, slow_phases
from chipsim.learn.cannot_learn import learning_warnings
from chipsim.spec import load_chip, load_workload

USUAL = (0.9, 0.999)


def longest(gradients, *, beta1, beta2):
    """The longest step of these gradients, in rates, as Adam has it: moments corrected for their start."""
    first = second = 0.0
    found = [0.0]
    for number, gradient in enumerate(gradients, start=1):
        first = beta1 * first + (1 - beta1) * gradient
        second = beta2 * second + (1 - beta2) * gradient**2
        if second:
            mean, square = first / (1 - beta1**number), second / (1 - beta2**number)
            found.append(abs(mean) / math.sqrt(square))
    return max(found)


def test_a_gradient_that_goes_on_steps_one_rate():
    """Both moments are then the gradient and its square."""
    assert longest([3.0] * 50, beta1=0.9, beta2=0.999) == pytest.approx(1)


def test_a_lone_gradient_steps_three_rates():
    """After a long pause it is 0.1 of the first moment and 0.001 of the second: 0.1 / sqrt(0.001)."""
    gradients = [0.0] * 20_000 + [1.0]
    assert longest(gradients, beta1=0.9, beta2=0.999) == pytest.approx(0.1 / math.sqrt(0.001))


def test_a_growing_gradient_steps_seven():
    """Growing by 0.999 / 0.9 a step after a pause: the root of 0.01 / 0.001 times 1 / (1 - 0.81 / 0.999)."""
    gradients = np.concatenate([np.zeros(20_000), (0.999 / 0.9) ** np.arange(100)])
    most = math.sqrt(0.01 / 0.001 / (1 - 0.81 / 0.999))
    assert longest(gradients, beta1=0.9, beta2=0.999) == pytest.approx(most)
    assert adam_reach(*USUAL) == pytest.approx(most)


@given(
    gradients=st.lists(st.floats(-1e3, 1e3).map(lambda value: round(value, 3)), max_size=60),
    beta1=st.floats(0, 0.99),
    beta2=st.floats(0.01, 0.9999),
)
def test_no_gradients_step_further(gradients, beta1, beta2):
    """The bound is one, whatever comes, from the first step on."""
    assert longest(gradients, beta1=beta1, beta2=beta2) <= adam_reach(beta1, beta2) * (1 + 1e-6)


def test_decays_without_a_bound():
    """Where the square of the first is the second or more, older gradients count more and more."""
    assert adam_reach(0.9, 0.81) == math.inf
    assert adam_reach(0.5, 0) == math.inf


def warned(*sets):
    """What is told of rounding, of a chip whose hidden weights have 8 bits, so that half a step is 0.005906."""
    chip = load_chip("metaplastic-qnn", sets=["memory={width: 256 bit, weights: fixed-8}", *sets]).spec
    work = load_workload("mnist-then-fashion", sets=["learning_rate=0.005"]).spec
    told = [text for text in learning_warnings(chip, work) if text.startswith("memory.rounding")]
    return told, list(slow_phases(chip, work))


def test_a_rate_under_half_a_step_is_a_warning():
    """A rate of 0.005 moves a weight where a step is 1.18 rates, which some are."""
    told, _ = warned()
    assert "\n".join(told) == (
        "memory.rounding: in phase 'mnist-warm-up' the learning rate, 0.005, is under half a step of fixed-8, "
        "0.005906: to the nearest, only steps of Adam beyond 1.18 rates, as after a pause of a weight's gradients, "
        "move it; use more bits, or rounding: stochastic"
    )


@pytest.mark.parametrize(
    "sets", [["memory.rounding=stochastic"], ["rule.optimiser=sgd"], ["rule.learning_rate=0.00591"]]
)
def test_others_are_not_slow(sets):
    """Stochastic rounding lets small steps through, plain descent has no such step, a larger rate moves weights."""
    assert warned(*sets)[1] == []


def test_short_moments_are_never_certain_to_stand_still():
    """Moments of bfloat-16 are off by more than the bound allows for, so a tiny rate is a warning, too."""
    assert warned("rule.learning_rate=0.0008")[1][0].still
    told, slow = warned("rule.learning_rate=0.0008", "memory.moments=bfloat-16")
    assert not slow[0].still
    assert any("only steps of Adam beyond 7.38 rates" in text for text in told)
