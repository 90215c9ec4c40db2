"""Gradient descent by outer products, in place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final

import attrs

from chipsim.chip.chip import Chip
from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.workload import WorkloadSpec
from chipsim.tile.update import update_of
from chipsim.train.placing import Placement
from chipsim.train.pulsed import PulsedLayer
from chipsim.train.rule import LearningRule
from chipsim.train.rule_kind import Rule
from chipsim.train.sgd import OuterProductSgd

__all__ = ["OuterProducts"]

_KNOWN: Final = {"inputs": "zero-to-one", "activation": "logistic"}
"""What a network has to be."""
_INSTEAD: Final = "use a chip trained by hidden-weights"


@attrs.frozen(kw_only=True)
class OuterProducts(Rule):
    """Stochastic gradient descent, each sample's outer product applied to the weights in place."""

    kind: ClassVar[str] = "outer-product-sgd"
    needs: ClassVar[frozenset[str]] = frozenset({"outer-product"})

    def learner(
        self, spec: ChipSpec, workload: WorkloadSpec, chip: Chip, placement: Placement
    ) -> LearningRule:
        """With the rate of the chip, or else that of the workload."""
        return OuterProductSgd(
            chip,
            placement.layers(chip, PulsedLayer),
            network=workload.network,
            learning_rate=self.learning_rate or workload.learning_rate,
            recentre_every=update_of(spec).recentred_every,
        )

    def workload_faults(self, chip: ChipSpec, workload: WorkloadSpec) -> Iterable[Fault]:
        """Networks that it does not know."""
        network = workload.network
        for name, known in _KNOWN.items():
            given = getattr(network, name)
            if given != known:
                message = f"{self.kind} knows {known} only, not {given}; {_INSTEAD}"
                yield Fault(("network", name), message)
        if network.normalisation is not None:
            message = f"{self.kind} knows no normalisation; leave it out, or {_INSTEAD}"
            yield Fault(("network", "normalisation"), message)
        yield from super().workload_faults(chip, workload)
