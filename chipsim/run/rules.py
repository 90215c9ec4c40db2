"""Learning rules by the class of their description: the place where a new one is entered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chipsim.chip.chip import Chip
from chipsim.run.placing import Placement
from chipsim.spec.chip import ChipSpec, OuterProductSpec
from chipsim.spec.workload import WorkloadSpec
from chipsim.train.pulsed import PulsedLayer
from chipsim.train.rule import LearningRule
from chipsim.train.sgd import OuterProductSgd

__all__ = ["RULES"]


def _outer_product(spec: ChipSpec, workload: WorkloadSpec, chip: Chip, placement: Placement) -> LearningRule:
    recentre = spec.update.recentre
    return OuterProductSgd(
        chip,
        placement.layers(chip, PulsedLayer),
        network=workload.network,
        learning_rate=spec.rule.learning_rate or workload.learning_rate,
        recentre_every=recentre.every if recentre else 0,
    )


RULES: dict[type[Any], Callable[[ChipSpec, WorkloadSpec, Chip, Placement], LearningRule]] = {
    OuterProductSpec: _outer_product,
}
"""How each rule is made from a chip, a workload, and where its layers were placed."""
