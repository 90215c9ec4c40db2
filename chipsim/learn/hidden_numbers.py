"""The numbers of training with hidden weights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import attrs

from chipsim.learn.rule import Rule
from chipsim.spec.fields import between, more_than
from chipsim.spec.kind import Unread
from chipsim.units import Share

__all__ = ["HiddenNumbers"]


@attrs.frozen(kw_only=True)
class HiddenNumbers(Rule):
    """Optimiser, consolidation, and where hidden weights begin."""

    optimiser: Literal["adam", "sgd"] = "adam"
    metaplasticity: float = attrs.field(default=0.0, validator=between(0, 100))
    """m: how strongly a hidden weight resists leaving the neighbourhood of its level; 0 for not at all."""
    beta1: float = attrs.field(default=0.9, validator=between(0, 0.999999))
    """Decay of Adam's first moment."""
    beta2: float = attrs.field(default=0.999, validator=between(0, 0.999999))
    """Decay of Adam's second moment."""
    epsilon: float = attrs.field(default=1e-8, validator=more_than(0, up_to=1))
    """Added to the root of Adam's second moment."""
    initial: Literal["between-levels", "next-to-zero", "network"] = "between-levels"
    """``between-levels``: Gaussians centred between two adjacent levels, every gap as likely as the others;
    ``next-to-zero``: the same, but only of the gaps that zero lies in or borders on; ``network``: the
    workload's initial weights."""
    initial_spread: Share = attrs.field(default=Share(0.25), validator=between(0, 10))
    """Standard deviation of these Gaussians over the distance of the two levels."""

    @property
    def descends_by(self) -> str:
        """As described."""
        return self.optimiser

    @property
    def moments(self) -> tuple[str, ...]:
        """Names of the numbers that the optimiser keeps beside each one that it trains."""
        return ("first", "second") if self.optimiser == "adam" else ()

    @property
    def draws_hidden_weights(self) -> bool:
        """Unless the network's are taken."""
        return self.initial != "network"

    def unread(self) -> Iterator[Unread]:
        """Numbers of an optimiser, and of a draw, that there is not."""
        if not self.moments:
            decides, why = (self.section, "optimiser"), "plain gradient descent (sgd) has no moments"
            for key in ("beta1", "beta2", "epsilon"):
                yield Unread((self.section, key), decides, why)
            yield Unread(("memory", "moments"), decides, why)
        if not self.draws_hidden_weights:
            why = "the network's own initial weights are taken"
            yield Unread((self.section, "initial_spread"), (self.section, "initial"), why)
