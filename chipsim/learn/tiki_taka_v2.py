"""Tiki-Taka v2: gradients gathered in A, added up in H, and given to C in single pulses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import attrs
import numpy as np

from chipsim.chip.chip import Chip
from chipsim.device.types import Floats, Indices
from chipsim.learn.gathering import Gathering
from chipsim.learn.integral import Integral, begin_integrals, integrals_of
from chipsim.learn.transfer_numbers import TransferNumbers, steps_by_group, sum_bits
from chipsim.ledger import Charges
from chipsim.net.between import Moved
from chipsim.net.chosen import places_program, pulse_places
from chipsim.net.figures import Figures
from chipsim.net.learner import Learner
from chipsim.net.matrix import Matrix
from chipsim.net.transfers import MovedLayer, Transfers
from chipsim.parts.program import Program, series
from chipsim.spec.chip import ChipSpec
from chipsim.spec.fields import between
from chipsim.spec.workload import WorkloadSpec
from chipsim.units import Bits

__all__ = ["BufferedTransfer", "TikiTakaV2"]


class BufferedTransfer(Gathering):
    """What is read of A is added to H; where that passes the threshold, C gets one pulse.

    Parameters
    ----------
    rule
        Its numbers.
    integrals
        H of each layer that learns, by its index.
    gains
        Steps of C's cells for a weight that is read of A, by index.
    how
        As :class:`Gathering` has the rest.
    """

    remembers: ClassVar[tuple[str, ...]] = (*Gathering.remembers, "integrals")

    def __init__(
        self,
        *args: Any,
        rule: TikiTakaV2,
        integrals: dict[int, Integral],
        gains: dict[int, np.float32],
        **how: Any,
    ) -> None:
        reads, by = rule.reads_per_transfer, rule.transfer_lines
        super().__init__(*args, every=rule.transfer_every, reads=reads, by=by, **how)
        self.rule, self.integrals, self._gains = rule, integrals, gains

    def begin(self, *, seed: int) -> tuple[Program, tuple[Charges, ...]]:
        """Initial weights to C, zeros to A and H."""
        begin_integrals(self.integrals, self.chip.digital.memory, seed=seed)
        return super().begin(seed=seed)

    def take(self, index: int, lines: Indices, values: Floats) -> tuple[Program, tuple[Charges, ...]]:
        """Add to H, and pulse C where that is due."""
        integral = self.integrals[index]
        due = integral.add(values * self._gains[index], lines, by=self.by)
        rows, columns, counts = due
        pulses, charges = pulse_places(self.weight(index), rows, columns, counts=counts, pair=0)
        return series(
            (integral.program(values.size), self.chip.selector.compare(values.size), pulses)
        ), charges

    # --- in a compiled loop ----------------------------------------------------------------------

    def between(self) -> Transfers | None:
        """Sums of single precision; none for fixed-point sums, and kinds of one's own."""
        integrals = [self.integrals[index] for index in self.learning]
        if not (self.is_as_written and all(type(one) is Integral and one.is_plain for one in integrals)):
            return None
        layers = [self.moved_layer(index) for index in self.learning]
        return self.transfers(layers, forgets=self.rule.forget)

    @property
    def is_as_written(self) -> bool:
        """Whether it does what it does here, and no kind made of it something else."""
        return type(self) is BufferedTransfer

    def moved_layer(self, index: int) -> MovedLayer:
        """What loops have to know of a layer."""
        integral = self.integrals[index]
        threshold, most = integral.limits
        return MovedLayer(
            index=index, shape=self.matrices[index].shape, gain=float(self._gains[index]),
            sums=integral.sums, threshold=threshold, most=most,
        )  # fmt: skip

    def taken(self, one: Moved) -> Program:
        """Sums added to, compared, and pulsed."""
        sums = min(self.reads, self.lines_of(one.index)) * self.matrices[one.index].shape[1]
        pulses = places_program(self.weight(one.index), one.pulsed)
        added, compared = self.integrals[one.index].program(sums), self.chip.selector.compare(sums)
        return series((added, compared, pulses))

    def typical_take(self, index: int) -> Program:
        """As if no weight were due: nobody knows which is."""
        rows, columns = self.matrices[index].shape
        reads = min(self.reads, self.lines_of(index))
        sums = reads * (columns if self.by == "rows" else rows)
        return series((self.integrals[index].program(sums), self.chip.selector.compare(sums)))


@attrs.frozen(kw_only=True)
class TikiTakaV2(TransferNumbers):
    """Gradients are gathered in A; H adds up what is read of it; C gets single pulses.

    Passes go through C. A takes each sample's outer product at the rule's learning rate, around its symmetry
    point; lines of it are read in turn and added, times `transfer_learning_rate`, to H in the digital unit's
    memory. Where a sum of H passes the threshold, C gets one pulse its way, and the sum is reduced by the
    threshold.

    References
    ----------
    T. Gokmen, Front. Artif. Intell. 4:699148 (2021); the chip: Athena 2024.
    """

    kind: ClassVar[str] = "tiki-taka-v2"
    needs: ClassVar[frozenset[str]] = frozenset(
        {"outer-product", "cells", "chosen-pulses", "memory", "transfers"}
    )
    at_work: ClassVar[type[BufferedTransfer]] = BufferedTransfer
    threshold: float = attrs.field(default=1.0, validator=between(1e-6, 1e6))
    """Sum of H at which a weight gets a pulse, in steps of C's cells."""
    forget: bool = False
    """Whether a sum begins anew from zero after a pulse, instead of keeping what is beyond the threshold."""

    @property
    def words(self) -> str:
        """A, H and C, and how often A is read."""
        lines, every = self.transfer_lines, self.transfer_every
        return (
            f"{self.kind}, gradients gathered on tiles of their own (A), {self.reads_per_transfer} of their "
            f"{lines} read every {every} samples, added up in the memory (H), pulsed to the weights (C)"
        )

    def learner(
        self,
        spec: ChipSpec,
        workload: WorkloadSpec,
        *,
        chip: Chip,
        matrices: Sequence[Matrix[Any]],
        figures: Figures,
    ) -> Learner:
        """With H in the memory of the chip's digital unit."""
        assert spec.memory is not None, "checked with the description"
        integrals = integrals_of(
            chip.digital, matrices, spec.memory, threshold=self.threshold, most=1, forget=self.forget
        )
        steps, gains = steps_by_group(spec), {}
        for index in integrals:
            gains[index] = np.float32(self.transfer_learning_rate / steps[matrices[index].group])
        rate = self.general_rate(workload) or self.highest_rate(workload)
        return self.at_work(
            chip, matrices, network=workload.network, figures=figures, learning_rate=rate, rule=self,
            integrals=integrals, gains=gains,
        )  # fmt: skip

    def memory_bits(self, chip: ChipSpec, workload: WorkloadSpec) -> Bits:
        """A sum for each weight."""
        return sum_bits(chip, workload)
