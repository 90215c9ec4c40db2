"""Gradient descent by outer products, in place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar, Final

import attrs

from chipsim.chip.chip import Chip
from chipsim.device.device import device_of
from chipsim.learn.in_place import InPlace
from chipsim.learn.rule import Rule
from chipsim.net.figures import Figures
from chipsim.net.learner import Learner
from chipsim.net.matrix import Matrix
from chipsim.parts.selector import policy_of
from chipsim.spec.chip import ChipSpec
from chipsim.spec.hidden import no_weight_of
from chipsim.spec.views import learning_on, stages_on, views
from chipsim.spec.workload import NetworkSpec, WorkloadSpec
from chipsim.synapse.synapse import synapse_of
from chipsim.update.update import update_of

__all__ = ["OuterProductSgd"]

_FARTHEST: Final = 5.0
"""Standard deviations that hardly any of a million Gaussian weights lies beyond."""


@attrs.frozen(kw_only=True)
class OuterProductSgd(Rule):
    """Stochastic gradient descent, each sample's outer product applied to the weights in place.

    Of a batch, each sample moves the weights by its share of the mean gradient.
    """

    kind: ClassVar[str] = "outer-product-sgd"
    needs: ClassVar[frozenset[str]] = frozenset({"outer-product"})
    layer_rates: ClassVar[bool] = True
    at_work: ClassVar[type[InPlace]] = InPlace
    """What it is on a chip."""
    asks: ClassVar[str] = "sample"
    """What asks for pulses at a time."""

    def learner(
        self,
        spec: ChipSpec,
        workload: WorkloadSpec,
        *,
        chip: Chip,
        matrices: Sequence[Matrix[Any]],
        figures: Figures,
    ) -> Learner:
        """With the rate of the chip, or else that of the workload."""
        rate = self.general_rate(workload) or self.highest_rate(workload)
        every = {view.name: update_of(view.chip).recentred_every for view in views(spec)}
        return self.at_work(
            chip,
            matrices,
            network=workload.network,
            figures=figures,
            learning_rate=rate,
            recentre_every=[every[matrix.group] for matrix in matrices],
        )

    def rate_of_update(self, workload: WorkloadSpec) -> float:
        """What an update moves weights by per unit of its errors and inputs.

        In place each sample of a batch is an update of its own, by its share of the mean.
        """
        return self.highest_rate(workload) / workload.batch

    def warnings(self, chip: ChipSpec, workload: WorkloadSpec) -> Iterable[str]:
        """Updates that can never become a pulse, and hidden units that all begin alike."""
        pairs = _pairs(chip, self.rate_of_update(workload))
        yield from _of_pulses(chip, workload.network, pairs, asks=self.asks)
        yield from _of_initial_weights(workload.network, pairs)


# --- what cannot be learnt ---------------------------------------------------------------------------


@attrs.frozen
class _Pair:
    """One pair of a synapse: its name for a sentence, the weight that a step is, and a sample's rate."""

    name: str
    step: float
    rate: float


def _pairs(chip: ChipSpec, rate: float) -> list[_Pair]:
    """The pairs that pulses go to, the first one first."""
    policy = policy_of(chip)
    steps = {} if chip.device is None else synapse_of(chip).weight_steps(device_of(chip))
    pairs = []
    for place, (name, step) in enumerate(steps.items()):
        called = name if name.endswith(("pair", "cells")) else f"{name} pair"
        # A pair that counts for less of the weight moves it by less with each pulse: its step is smaller.
        pairs.append(_Pair(called, step, rate * policy.rate(place)))
    return pairs


def _of_pulses(chip: ChipSpec, network: NetworkSpec, pairs: Sequence[_Pair], *, asks: str) -> Iterator[str]:
    """Updates that can never become a pulse."""
    # What bounds an error whatever is trained is the slope of a logistic unit, a quarter at most.
    if network.activation != "logistic":
        return
    # Errors come through the weights of later layers, which may stand on other groups of tiles.
    errors = network.largest_errors(synapse_of(chip).largest_weight(chip), on=stages_on(chip, network))
    learning = learning_on(chip, network)
    least, why = update_of(chip).least_pulses
    for pair in pairs:
        rates = [pair.rate * stage.rate_factor for stage in network.stages]
        largest = [rate * error / pair.step for rate, error in zip(rates, errors, strict=True)]
        dead = [layer for layer in learning if largest[layer - 1] < least]
        if dead:
            most = max(largest[layer - 1] for layer in dead)
            none = no_weight_of(dead, of=len(learning))
            yield (
                f"update.encoding: {none} of the {pair.name} can ever change: one {asks} asks for {most:.2g} "
                f"pulses at most, and {why}; raise the learning rate or device.states"
            )


def _of_initial_weights(network: NetworkSpec, pairs: Sequence[_Pair]) -> Iterator[str]:
    """Hidden units that all begin alike, and get the same errors."""
    if len(network.stages) == 1:
        return
    spread = network.initial_weights
    half = pairs[0].step / 2 if pairs else 0.0
    if not spread or _FARTHEST * spread < half:
        under = f", under half a step of {half:.2g}" if half else ""
        remedy = "raise it or device.states" if half else "raise it"
        yield (
            f"network.initial_weights: all weights begin at zero, drawn with {spread:g}{under}: hidden units "
            f"begin alike and get the same errors, so only chance can part them; {remedy}"
        )
