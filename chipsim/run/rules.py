"""Learning rules by the class of their description: the place where a new one is entered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chipsim.chip.chip import Chip
from chipsim.run.placing import Placement
from chipsim.spec.chip import ChipSpec, OuterProductSpec
from chipsim.spec.levels import HiddenWeightSpec
from chipsim.spec.workload import WorkloadSpec
from chipsim.tile.update import update_of
from chipsim.train.hidden import HiddenWeights
from chipsim.train.programmed import ProgrammedLayer
from chipsim.train.pulsed import PulsedLayer
from chipsim.train.rule import LearningRule
from chipsim.train.sgd import OuterProductSgd

__all__ = ["RULES"]


def _outer_product(spec: ChipSpec, workload: WorkloadSpec, chip: Chip, placement: Placement) -> LearningRule:
    return OuterProductSgd(
        chip,
        placement.layers(chip, PulsedLayer),
        network=workload.network,
        learning_rate=spec.rule.learning_rate or workload.learning_rate,
        recentre_every=update_of(spec).recentred_every,
    )


def _hidden_weights(spec: ChipSpec, workload: WorkloadSpec, chip: Chip, placement: Placement) -> LearningRule:
    assert isinstance(spec.rule, HiddenWeightSpec), spec.rule
    assert spec.memory is not None, "checked with the description"
    return HiddenWeights(
        chip,
        placement.layers(chip, ProgrammedLayer),
        network=workload.network,
        memory=spec.memory,
        rule=spec.rule,
        learning_rate=workload.learning_rate,
    )


RULES: dict[type[Any], Callable[[ChipSpec, WorkloadSpec, Chip, Placement], LearningRule]] = {
    OuterProductSpec: _outer_product,
    HiddenWeightSpec: _hidden_weights,
}
"""How each rule is made from a chip, a workload, and where its layers were placed."""
