"""A coarse and a fine pair of cells a weight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs

from chipsim.spec.fields import between
from chipsim.synapse.synapse import PulsedSynapse

__all__ = ["Hybrid"]


@attrs.frozen(kw_only=True)
class Hybrid(PulsedSynapse):
    """A weight as a coarse and a fine pair, the fine one `gain` times smaller.

    Source: Choi et al., Front. Neurosci. 15:690418 (2021).
    """

    kind: ClassVar[str] = "hybrid"
    offers: ClassVar[frozenset[str]] = frozenset({"cells", "pulses", "pairs"})
    gain: float = attrs.field(validator=between(1, 1e6))
    """k: conductance of a coarse cell over that of a fine cell in the same state."""

    @property
    def gains(self) -> Mapping[str, float]:
        """Coarse cells as described, fine ones smaller."""
        # The order is that in which training goes through them: it begins with the coarse pair.
        return {"coarse": 1.0, "fine": self.gain}

    @property
    def words(self) -> str:
        """Both pairs, and what is between them."""
        return f"a coarse and a fine pair of cells each, gain {self.gain:g}"
