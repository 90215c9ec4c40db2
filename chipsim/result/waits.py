"""How tasks fared once a trained chip had waited."""

from __future__ import annotations

import attrs

__all__ = ["WaitRow"]


@attrs.frozen(kw_only=True)
class WaitRow:
    """How one task fared once the trained chip had waited."""

    wait_ns: int
    """Time since the end of training, in which the chip was idle."""
    task: str
    test_accuracy_percent: float
