"""Chopped Tiki-Taka: version 2, with signs of A's lines that change at random and cancel its offsets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import attrs
import numpy as np

from chipsim.device.randomness import generator
from chipsim.device.types import Flags, Floats, Indices
from chipsim.learn.tiki_taka_v2 import BufferedTransfer, TikiTakaV2
from chipsim.ledger import Charges
from chipsim.net.learner import Learnt
from chipsim.net.transfers import MovedLayer, Transfers
from chipsim.parts.program import Program
from chipsim.spec.fields import between
from chipsim.units import Share

__all__ = ["ChoppedTikiTaka"]


class _Chopped(BufferedTransfer):
    """Lines of A take their share of an outer product, and are read, with signs of their own."""

    remembers: ClassVar[tuple[str, ...]] = (*BufferedTransfer.remembers, "_signs", "_rng")

    def __init__(self, *args: Any, rule: ChoppedTikiTaka, **how: Any) -> None:
        super().__init__(*args, rule=rule, **how)
        self._chance = float(rule.chop_probability)
        self._rng = generator(0, "selector.signs")
        self._signs = {index: np.ones(self.lines_of(index), np.float32) for index in self.learning}

    def begin(self, *, seed: int) -> tuple[Program, tuple[Charges, ...]]:
        """With signs that the run's seed decides."""
        self._rng = generator(seed, "selector.signs")
        return super().begin(seed=seed)

    def learn(self, index: int, x: Floats, d: Floats) -> Learnt:
        """Inputs of rows, or errors of columns, with the signs of these."""
        if self.by == "rows":
            return super().learn(index, x * self._signs[index], d)
        return super().learn(index, x, d * self._signs[index])

    def take(self, index: int, lines: Indices, values: Floats) -> tuple[Program, tuple[Charges, ...]]:
        """What was read has the sign that it was gathered with; then some lines change theirs."""
        signs = self._signs[index]
        told = super().take(index, lines, values * signs[lines, np.newaxis])
        signs[lines[self._turned(1, lines.size)[0]]] *= -1
        return told

    def _turned(self, times: int, lines: int) -> Flags:
        """Whether lines that are read turn their signs, drawn time after time (times, lines)."""
        # A generator gives the same numbers one time after another as it does for all at once.
        return self._rng.random((times, lines)) < self._chance

    # --- in a compiled loop ----------------------------------------------------------------------

    @property
    def is_as_written(self) -> bool:
        """Whether it does what it does here, and no kind made of it something else."""
        return type(self) is _Chopped

    def between(self) -> Transfers | None:
        """With the signs of rows, which are drawn for all layers in turn."""
        found = super().between()
        if found is None:
            return None
        rows = sum(found.reads_of(layer) for layer in found.layers)
        return attrs.evolve(found, turned=lambda times: self._turned(times, rows))

    def moved_layer(self, index: int) -> MovedLayer:
        """With the signs of its rows."""
        return attrs.evolve(super().moved_layer(index), signs=self._signs[index])


@attrs.frozen(kw_only=True)
class ChoppedTikiTaka(TikiTakaV2):
    """Tiki-Taka v2 whose lines of A change sign at random: an offset of A's cells cancels in H.

    A line is gathered and read with a sign of its own, which may turn each time that it was read; what its
    cells are off their reference by then adds to H as often as it is taken away.

    References
    ----------
    M. J. Rasch et al., Nat. Commun. 15:7133 (2024): c-TTv2.
    """

    kind: ClassVar[str] = "chopped-tiki-taka"
    at_work: ClassVar[type[BufferedTransfer]] = _Chopped
    chop_probability: Share = attrs.field(default=Share(0.1), validator=between(0, 1))
    """Chance that a line turns its sign after it was read."""

    def idealised(self) -> Iterable[str]:
        """Signs and chances are free."""
        yield from super().idealised()
        yield "Signs of lines, and the random numbers that turn them, take no time and no energy."
