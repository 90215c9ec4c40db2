"""Coarse cells first, fine cells when training accuracy stops rising."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

import attrs

from chipsim.parts.selector import Policy
from chipsim.spec.chip import ChipSpec, parts_of
from chipsim.spec.fields import between, more_than
from chipsim.spec.workload import WorkloadSpec
from chipsim.units import Points

__all__ = ["AccuracyPlateau"]


@attrs.frozen(kw_only=True)
class AccuracyPlateau(Policy):
    """Switch from the coarse to the fine pair when training accuracy stops rising.

    Source: Choi et al., Front. Neurosci. 15:690418 (2021), array-selection logic.

    Examples
    --------
    >>> policy = AccuracyPlateau(threshold=0.005)
    >>> policy.moves_on([0.90]), policy.moves_on([0.90, 0.93]), policy.moves_on([0.90, 0.93, 0.934])
    (False, False, True)
    """

    kind: ClassVar[str] = "accuracy-plateau"
    needs: ClassVar[frozenset[str]] = frozenset({"pairs"})
    asks_accuracy: ClassVar[bool] = True
    threshold: Points = attrs.field(validator=between(-1, 1))
    """Gain in training accuracy from one epoch to the next below which the selector switches, in percentage
    points: written with a percent sign, for 0.5 would be as likely half a point as 50."""
    fine_rate: float = attrs.field(default=1.0, validator=more_than(0, up_to=1))
    """Factor on the learning rate once the fine pair takes the updates. A smaller one makes a fine pair run
    out of its range less often, and be reset less often."""

    def warnings(self, chip: ChipSpec, workload: WorkloadSpec) -> Iterable[str]:
        """A selector that can never switch to the fine pair while there is an epoch left."""
        if not self.needs <= frozenset(word for part in parts_of(chip) for word in part.offers):
            return
        if self.threshold <= -1:
            never = "accuracy never falls by 100 points or more: the fine pair is never used"
            yield f"selector.threshold: {never}"
            return
        # Two epochs of one phase are compared, and the pair changes for what follows: a third epoch of the
        # phase, or another phase.
        *before, last = [phase.epochs for phase in workload.phases if phase.software is None]
        if last <= 2 and all(epochs < 2 for epochs in before):
            yield (
                "phases.epochs: the fine pair is never used: the selector compares two epochs of a phase and "
                "switches after the second, and no epoch follows; train for three at least"
            )

    def rate(self, pair: int) -> float:
        """A factor for the fine pair only."""
        return self.fine_rate if pair else 1.0

    def moves_on(self, accuracies: Sequence[float]) -> bool:
        """Whether training accuracy rose by less than the threshold in the last epoch."""
        if len(accuracies) < 2:
            return False
        return accuracies[-1] - accuracies[-2] < self.threshold
