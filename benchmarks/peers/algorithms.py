"""The algorithms that train on cells of one measured array, and how much faster chipsim is meant to be.

Only the standard library is used here, for it is read in the environment of another tool, too.
"""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["ALGORITHMS", "KIT", "UNTIMED", "Algorithm"]

KIT: Final = "aihwkit, ReRamArrayOM, "
"""The beginning of the names of the kit's networks on this array."""
UNTIMED: Final = ", no timing"
"""The end of the names of chips that are trained without timing and ledger."""


class Algorithm(NamedTuple):
    """One way to train, on both sides."""

    name: str
    chip: str
    """What ships with chipsim for it."""
    sets: tuple[str, ...] = ()
    """What is another than as the chip ships, as ``--set`` takes it."""
    goal: float | None = None
    """How many times as fast as the kit chipsim is to be, with everything reported; None for no goal."""

    @property
    def ours(self) -> str:
        """The name of chipsim's network.

        Examples
        --------
        >>> Algorithm("Tiki-Taka v1", "tiki-taka-v1").ours
        'chipsim, ReRamArrayOM, Tiki-Taka v1'
        """
        return f"chipsim, ReRamArrayOM, {self.name}"

    @property
    def theirs(self) -> str:
        """The name of the kit's."""
        return f"{KIT}{self.name}"


# Rates are the kit's: what ships is for a softmax, whose errors are larger than those of squared error here.
_FAST: Final = "rule.learning_rate=5"
_BUFFERED: Final = (_FAST, "rule.transfer_learning_rate=0.08")
_CHOPPED: Final = ("rule.kind=chopped-tiki-taka", "rule.chop_probability=1 %")

ALGORITHMS: Final = (
    Algorithm("SGD", "analog-sgd", goal=10),
    Algorithm("Tiki-Taka v1", "tiki-taka-v1", sets=(_FAST, "rule.transfer_learning_rate=0.03")),
    Algorithm("Tiki-Taka v2", "tiki-taka-v2", sets=_BUFFERED, goal=15),
    Algorithm("c-TTv2", "tiki-taka-v2", sets=(*_BUFFERED, *_CHOPPED)),
    Algorithm("mixed precision", "mixed-precision", goal=10),
)
