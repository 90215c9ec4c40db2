"""What a chip does about leakage: whether parts that do nothing are switched off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import attrs

from chipsim.spec.fault import Fault
from chipsim.spec.fields import between
from chipsim.spec.kind import Unread
from chipsim.units import Share

__all__ = ["LeakageSpec"]

_WAKING: str = (
    "Parts that do nothing are switched off, and are back at once and for nothing when they are needed."
)


@attrs.frozen(kw_only=True)
class LeakageSpec:
    """Whether parts that do nothing are switched off; what they leak, the cost set says."""

    gating: Literal["none", "idle-parts"] = "none"
    """``idle-parts``: a part leaks in full only while it is busy. Waking takes no time and no energy."""
    remains: Share | None = attrs.field(default=None, validator=between(0, 1))
    """Share of its leakage that a part keeps while it is switched off; needed with ``idle-parts``."""
    memory_remains: Share | None = attrs.field(default=None, validator=between(0, 1))
    """The same of memories and buffers, which have to keep what they hold; None lets them leak in full."""

    def faults(self) -> Iterator[Fault]:
        """A share that is needed and not there."""
        if self.gating == "idle-parts" and self.remains is None:
            message = "missing: gating idle-parts needs the share that switched-off parts leak, such as 5 %"
            yield Fault(("leakage", "remains"), message)

    def unread(self) -> Iterator[Unread]:
        """Shares of parts that are never switched off."""
        if self.gating == "none":
            for key in ("remains", "memory_remains"):
                why = "no part is switched off (leakage.gating)"
                yield Unread(("leakage", key), ("leakage", "gating"), why)

    def idealised(self) -> Iterator[str]:
        """Waking is free."""
        if self.gating == "idle-parts":
            yield _WAKING
