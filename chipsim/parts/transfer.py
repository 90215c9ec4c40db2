"""Moving what was gathered: when gathered gradients are read, and which weights get a pulse for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import attrs

from chipsim.parts.selector import Policy
from chipsim.spec.fields import between
from chipsim.spec.paths import Step
from chipsim.wording import plural

__all__ = ["Transfer"]


@attrs.frozen(kw_only=True)
class Transfer(Policy):
    """Count samples until gathered gradients are to be read, and compare their sums with a threshold.

    How often they are read, and the threshold, are the rule's.
    """

    kind: ClassVar[str] = "transfer"
    offers: ClassVar[frozenset[str]] = frozenset({"transfers"})
    lanes: int = attrs.field(default=1, validator=between(1, 65_536))
    """Sums compared with the threshold in one cycle."""

    @property
    def width(self) -> int:
        """As many as there are lanes."""
        return self.lanes

    @property
    def about(self) -> str:
        """How many sums it compares at once."""
        return f"{self.kind}, {self.lanes} {plural('lane', self.lanes)}"

    def reads(self, price: Sequence[Step]) -> bool:
        """Both prices: samples are counted by adding, and sums are compared."""
        section, *_ = price
        return section == self.section
