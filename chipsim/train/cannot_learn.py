"""What a description says of runs that cannot learn: told before they run, and run all the same.

They are warnings, not errors: time and energy of such a chip are as right as any other's, and whoever looks
for the place where learning ends has to be able to step over it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

import attrs

from chipsim.device.device import PulsedDevice
from chipsim.parts.selector import policy_of
from chipsim.spec.chip import ChipSpec, CrossbarTileSpec
from chipsim.spec.formats import FIXED_STEPS
from chipsim.spec.hidden import levels_of
from chipsim.spec.levels import grid_step
from chipsim.spec.workload import NetworkSpec, WorkloadSpec
from chipsim.synapse.digital import Digital
from chipsim.synapse.synapse import PulsedSynapse, synapse_of
from chipsim.tile.update import PulsedUpdate
from chipsim.train.adam_steps import slow_phases
from chipsim.train.hidden_weights import HiddenWeights
from chipsim.train.rule_kind import rule_of

__all__ = ["learning_warnings"]

_LOGISTIC_SQUARED: Final = 4 / 27
"""Largest magnitude of (y - t) y (1 - y), which is y y (1 - y) at y = 2/3 for t = 0."""
_LOGISTIC_SLOPE: Final = 0.25
"""Largest slope of the logistic function."""
_FARTHEST: Final = 5.0
"""Standard deviations that hardly any of a million Gaussian weights lies beyond."""
_BFLOAT_HALF: Final = 2**-9
"""Half the distance of bfloat16 numbers below a power of two, over that power: a smaller share is lost."""


@attrs.frozen
class _Pair:
    """One pair of a synapse: its name for a sentence, the weight that a step is, and its learning rate."""

    name: str
    step: float
    rate: float


def learning_warnings(chip: ChipSpec, workload: WorkloadSpec) -> list[str]:
    """What a chip cannot learn of a workload, as far as follows from their descriptions alone.

    Parameters
    ----------
    chip, workload
        Descriptions that fit each other.

    Returns
    -------
    list
        One sentence each, beginning with the key to look at.

    Examples
    --------
    >>> from chipsim.spec import load_chip, load_workload
    >>> sets = ["selector.threshold=-100 %"]
    >>> chip = load_chip("hybrid-synapse", sets=sets).spec
    >>> learning_warnings(chip, load_workload("mnist-5k").spec)[0].partition(":")[0]
    'selector.threshold'
    """
    rules = (
        _of_pulses,
        _of_digital,
        _of_initial_weights,
        _of_converters,
        _of_selector,
        _of_moments,
        _of_hidden_steps,
        _of_adam_steps,
    )
    return [message for rule in rules for message in rule(chip, workload)]


# --- bounds ------------------------------------------------------------------------------------------


def _rate(chip: ChipSpec, workload: WorkloadSpec) -> float:
    """The largest learning rate of any phase."""
    general = rule_of(chip).learning_rate or workload.learning_rate
    return max(phase.learning_rate or general for phase in workload.phases)


def _last_error(network: NetworkSpec) -> float:
    """Largest error that the last layer's sums can have; infinite where there is no bound."""
    if network.loss == "cross-entropy":
        return 1.0
    return _LOGISTIC_SQUARED if network.activation == "logistic" else math.inf


def _errors(chip: ChipSpec, network: NetworkSpec) -> list[float]:
    """Largest error that each layer's sums can have, the first layer first, for logistic hidden units."""
    weight = synapse_of(chip).largest_weight(chip)
    errors = [_last_error(network)]
    for units in reversed(network.layers[2:]):
        errors.insert(0, _LOGISTIC_SLOPE * units * weight * errors[0])
    return errors


def _pairs(chip: ChipSpec, workload: WorkloadSpec) -> list[_Pair]:
    """The pairs that pulses go to, the first one first."""
    synapse, device, policy = chip.synapse, chip.device, policy_of(chip)
    if not isinstance(synapse, PulsedSynapse) or not isinstance(device, PulsedDevice):
        return []
    step, rate = synapse.weight_range / device.states, _rate(chip, workload)
    return [
        _Pair(name if name.endswith("pair") else f"{name} pair", step / gain, rate * policy.rate(place))
        for place, (name, gain) in enumerate(synapse.gains.items())
    ]


# --- rules -------------------------------------------------------------------------------------------


def _of_pulses(chip: ChipSpec, workload: WorkloadSpec) -> Iterator[str]:
    """Updates that can never become a pulse."""
    update = chip.update
    if not isinstance(update, PulsedUpdate) or workload.network.activation != "logistic":
        return
    errors = _errors(chip, workload.network)
    least, why = update.least_pulses
    for pair in _pairs(chip, workload):
        largest = [pair.rate * error / pair.step for error in errors]
        dead = [layer for layer, pulses in enumerate(largest, start=1) if pulses < least]
        if dead:
            most = max(largest[layer - 1] for layer in dead)
            yield (
                f"update.encoding: {_of_layers(dead, of=len(errors))} of the {pair.name} can ever change: "
                f"one sample asks for {most:.2g} pulses at most, and {why}; raise the learning rate or "
                "device.states"
            )


def _of_digital(chip: ChipSpec, workload: WorkloadSpec) -> Iterator[str]:
    """Changes of digital weights that are always under half a step of their format."""
    synapse = chip.synapse
    if not isinstance(synapse, Digital) or synapse.rounding != "nearest":
        return
    steps = FIXED_STEPS.get(synapse.arithmetic)
    if steps is None or workload.network.activation != "logistic":
        return
    step = (synapse.weight_range or 1.0) / steps
    errors = _errors(chip, workload.network)
    rate = _rate(chip, workload)
    dead = [layer for layer, error in enumerate(errors, start=1) if rate * error < step / 2]
    if dead:
        most = max(rate * errors[layer - 1] for layer in dead)
        yield (
            f"synapse.rounding: {_of_layers(dead, of=len(errors))} can ever change: one sample asks for "
            f"{most:.2g} at most, under half a step of {synapse.arithmetic}, {step / 2:.2g}; raise the "
            "learning rate, use more bits, or rounding: stochastic"
        )


def _of_layers(layers: Sequence[int], *, of: int) -> str:
    if len(layers) == of:
        return "no weight"
    return f"no weight of layer {', '.join(map(str, layers))}"


def _of_initial_weights(chip: ChipSpec, workload: WorkloadSpec) -> Iterator[str]:
    """Hidden units that all begin alike, and get the same errors."""
    network, rule = workload.network, chip.rule
    if len(network.layers) == 2 or isinstance(rule, HiddenWeights):
        return
    spread, pairs = network.initial_weights, _pairs(chip, workload)
    half = pairs[0].step / 2 if pairs else 0.0
    if not spread or _FARTHEST * spread < half:
        under = f", under half a step of {half:.2g}" if half else ""
        yield (
            f"network.initial_weights: all weights begin at zero, drawn with {spread:g}{under}: hidden units "
            "begin alike and get the same errors, so only chance can part them; raise it"
            f"{' or device.states' if half else ''}"
        )


def _of_converters(chip: ChipSpec, workload: WorkloadSpec) -> Iterator[str]:
    """Converters through which nothing but zero can come."""
    tile, network = chip.tile, workload.network
    if not isinstance(tile, CrossbarTileSpec):
        return
    error, weight = _last_error(network), synapse_of(chip).largest_weight(chip)
    back, hidden = tile.backward, len(network.layers) > 2
    levels = 2**back.dac.bits - 1
    fixed = back.scaling == "fixed"
    plain = network.normalisation is None
    if plain and fixed and not back.dac.ideal and error * levels < 0.5:
        yield (
            f"tile.backward.dac.bits: errors of the last layer, {error:.2g} at most, are under half a step "
            f"of {1 / levels:.2g} and become zero, and updates are made of the same words: no weight ever "
            "changes; use more bits, or scaling: maximum"
        )
    sides = {"forward": network.layers[0] + network.bias, "backward": network.layers[-1]}
    for side, lines in sides.items():
        adc = getattr(tile, side).adc
        half = adc.range / max(2 ** (adc.bits - 1) - 1, 1) / 2
        most = lines * weight
        if not adc.ideal and not adc.noise and most < half and (hidden or side == "forward"):
            yield (
                f"tile.{side}.adc.range: results of {lines} lines, {most:.3g} at most, are under half a step "
                f"of the converter, {half:.3g}, and become zero; lower it, or use more bits"
            )


def _of_selector(chip: ChipSpec, workload: WorkloadSpec) -> Iterator[str]:
    yield from chip.selector.warnings(chip, workload)


def _of_moments(chip: ChipSpec, workload: WorkloadSpec) -> Iterator[str]:  # noqa: ARG001
    """Moments that grow and never fall again."""
    memory, rule = chip.memory, chip.rule
    if memory is None or not isinstance(rule, HiddenWeights) or rule.optimiser != "adam":
        return
    if memory.moments != "bfloat-16" or memory.rounding != "nearest":
        return
    for name in ("beta1", "beta2"):
        decay = 1 - getattr(rule, name)
        if decay < _BFLOAT_HALF:
            yield (
                f"memory.rounding: a moment that decays by {decay:.2g} a step (rule.{name}) grows and never "
                "falls again when bfloat-16 is rounded to nearest; take rounding: stochastic"
            )


def _of_hidden_steps(chip: ChipSpec, workload: WorkloadSpec) -> Iterator[str]:
    """Steps of plain gradient descent that always round to nothing in the last layer."""
    memory, rule, levels, network = chip.memory, chip.rule, levels_of(chip), workload.network
    if memory is None or not isinstance(rule, HiddenWeights) or not levels:
        return
    bounded = rule.optimiser == "sgd" and memory.rounding == "nearest" and network.activation != "relu"
    if not bounded or network.normalises(len(network.layers) - 2):
        return
    half = grid_step(levels, memory.weights) / 2
    most = _rate(chip, workload) * _last_error(network)
    if most < half:
        yield (
            f"memory.rounding: no hidden weight of the last layer can ever change: a step is {most:.2g} at "
            f"most, under half a step of {memory.weights}, {half:.2g}, and is rounded to nothing; raise the "
            "learning rate, use more bits, or rounding: stochastic"
        )


def _of_adam_steps(chip: ChipSpec, workload: WorkloadSpec) -> Iterator[str]:
    """Steps of Adam of one rate, as gradients that go on make them, that round to nothing."""
    memory = chip.memory
    for slow in slow_phases(chip, workload):
        assert memory is not None, "only its rounding makes a phase slow"
        if not slow.still:
            yield (
                f"memory.rounding: in phase {slow.phase!r} the learning rate, {slow.rate:.4g}, is under half "
                f"a step of {memory.weights}, {slow.half:.4g}: to the nearest, only steps of Adam beyond "
                f"{slow.half / slow.rate:.3g} rates, as after a pause of a weight's gradients, move it; use "
                "more bits, or rounding: stochastic"
            )
