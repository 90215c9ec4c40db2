"""Comparing levels: only weights whose hidden weight has come nearer to another level are reprogrammed."""

from __future__ import annotations

from typing import ClassVar

import attrs

from chipsim.parts.selector import Policy
from chipsim.spec.fields import between
from chipsim.units import Share
from chipsim.wording import plural

__all__ = ["LevelChange"]


@attrs.frozen(kw_only=True)
class LevelChange(Policy):
    """Reprogram a weight only when its hidden weight has come nearer to another level."""

    kind: ClassVar[str] = "level-change"
    needs: ClassVar[frozenset[str]] = frozenset({"levels"})
    offers: ClassVar[frozenset[str]] = frozenset({"level-changes"})
    lanes: int = attrs.field(default=1, validator=between(1, 65_536))
    """Levels compared in one cycle."""
    typical_share: Share = attrs.field(default=Share(0.01), validator=between(0, 1))
    """Share of the weights that a step reprograms where nobody trains, for timing only."""

    @property
    def width(self) -> int:
        """As many as there are lanes."""
        return self.lanes

    @property
    def about(self) -> str:
        """How many levels it compares at once."""
        return f"{self.kind}, {self.lanes} {plural('lane', self.lanes)}"

    @property
    def typical_change(self) -> float:
        """As described."""
        return self.typical_share
