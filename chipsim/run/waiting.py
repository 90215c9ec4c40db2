"""Time that passes for cells: by the clock of the run, and while the chip waits for its questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from chipsim.chip.chip import Chip
from chipsim.result import WaitRow
from chipsim.state import State
from chipsim.tile.drifting import Drifting, Drifts
from chipsim.units import DURATION, Ns, Ps, UnitError, show

__all__ = ["Cells", "figures_of_waits", "waits_of"]

_PS_PER_NS: Final = 1000
_TOLD: Final = 0.01
"""Share by which cells may be off before it is said."""


class Cells:
    """The cells of a chip, and the time by their clock: that of the run, and what the chip has waited.

    Parameters
    ----------
    chip
        Whose tiles are told what time it is.
    """

    def __init__(self, chip: Chip) -> None:
        self._chip = chip
        self.waited = Ns(0)
        """Idle time until now. Nothing is charged for it here: it is known to whoever settles the run."""
        self.longest = 0
        """Longest time between two instants of training at which drift was worked out, ns."""
        self._before = 0

    def at(self, elapsed: Ps) -> None:
        """Bring cells to what they conduct when the run has taken so long."""
        now = elapsed // _PS_PER_NS + self.waited
        # Of training alone: nothing is written while a chip waits, so waiting is exact however long it is.
        if not self.waited:
            self.longest = max(self.longest, now - self._before)
            self._before = now
        for tile in self._chip.tiles:
            if isinstance(tile, Drifting):
                tile.drift_until(Ns(now))

    @property
    def drift(self) -> bool:
        """Whether time changes any of them."""
        return any(isinstance(tile, Drifting) and tile.drifts for tile in self._chip.tiles)

    @property
    def missed_words(self) -> str:
        """What to say where drift was worked out so rarely that cells may be off by more than a hundredth."""
        tiles = [tile for tile in self._chip.tiles if isinstance(tile, Drifting)]
        missed = max((tile.missed(self.longest) for tile in tiles), default=0.0)
        if missed <= _TOLD:
            return ""
        apart = show(self.longest, DURATION, 3)
        return (
            f"drift is worked out at the end of each epoch, and {apart} lie between "
            f"two of them: a cell that was written once meanwhile may be off by {100 * missed:.2g} % of what "
            "it conducts, and one that was written often by that for each time; shorter epochs "
            "(epoch_samples) bring that down"
        )

    @property
    def unwritten_words(self) -> str:
        """What to say where cells drifted that nothing ever wrote."""
        found = [tile.unwritten(share=_TOLD) for tile in self._chip.tiles if isinstance(tile, Drifts)]
        count, cells = (sum(numbers) for numbers in zip(*found, strict=True)) if found else (0, 0)
        if not count:
            return ""
        return (
            f"{count:,} of {cells:,} cells drifted though nothing ever wrote them: they count as written "
            "when the run began, to what they were made at"
        )

    def began_anew(self) -> None:
        """Be told that cells come from another run, whose clock was another."""
        for tile in self._chip.tiles:
            if isinstance(tile, Drifting):
                tile.restart_time()

    def state(self) -> State:
        """What it goes on from."""
        return {"longest": self.longest, "before": self._before}

    def restore(self, state: State) -> None:
        """Go on from a state; tiles are restored by themselves."""
        self.longest, self._before = state["longest"], state["before"]


def waits_of(given: Any) -> tuple[Ns, ...]:
    """Waiting times, ascending and each once.

    Parameters
    ----------
    given
        Texts such as ``"1 h"``, or one of them.

    Raises
    ------
    TypeError
        When it is neither.
    ValueError
        When one is no time, or not more than none.

    Examples
    --------
    >>> waits_of(["1 h", "90 s"])
    (90000000000, 3600000000000)
    >>> waits_of("-1 h")
    Traceback (most recent call last):
    ...
    ValueError: wait must be more than 0, not '-1 h'
    """
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list | tuple) or not all(isinstance(one, str | int) for one in texts):
        raise TypeError(f"wait must be times such as ['1 h', '1 day'], not of type {type(given).__name__}")
    found = []
    for text in texts:
        try:
            # Whole nanoseconds are what this has made of texts.
            time = text if isinstance(text, int) else DURATION.read(text)
        except UnitError as error:
            raise ValueError(f"wait: {error}") from None
        # Training ends in the test of its last epoch: waiting for nothing is that one.
        if time <= 0:
            raise ValueError(f"wait must be more than 0, not {text!r}")
        found.append(Ns(int(time)))
    return tuple(sorted(set(found)))


def figures_of_waits(rows: Sequence[WaitRow], *, trained: str) -> dict[str, Any]:
    """How long the chip waited in all, and what it got right then of the task that it trained last."""
    if not rows:
        return {}
    last = [row for row in rows if row.wait_ns == rows[-1].wait_ns]
    after = next((row.test_accuracy_percent for row in last if row.task == trained), None)
    return {"waited_s": rows[-1].wait_ns / 1e9, "test_accuracy_after_wait_percent": after}
