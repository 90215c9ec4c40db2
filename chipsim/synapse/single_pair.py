"""One pair of cells a weight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs

from chipsim.synapse.synapse import PulsedSynapse

__all__ = ["SinglePair"]


@attrs.frozen(kw_only=True)
class SinglePair(PulsedSynapse):
    """A weight as the difference of two cells, each on its own array."""

    kind: ClassVar[str] = "single-pair"

    @property
    def gains(self) -> Mapping[str, float]:
        """One pair, of cells as described."""
        return {"pair": 1.0}

    @property
    def words(self) -> str:
        """Nothing but the pair."""
        return "one pair of cells each"
