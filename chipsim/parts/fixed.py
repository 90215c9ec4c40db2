"""No selection at all."""

from __future__ import annotations

from typing import ClassVar

import attrs

from chipsim.parts.selector import Policy

__all__ = ["Fixed"]


@attrs.frozen(kw_only=True)
class Fixed(Policy):
    """No selection: every update goes to the first pair."""

    kind: ClassVar[str] = "fixed"
    selects: ClassVar[bool] = False
