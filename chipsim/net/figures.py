"""The figures of batch normalisation on a chip: where they are kept, for which task, and their traffic."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from chipsim.chip.chip import Chip
from chipsim.device.types import Floats
from chipsim.net.normalise import fresh
from chipsim.parts.memory import Memory
from chipsim.parts.program import Program, series
from chipsim.spec.hidden import FIGURE_BITS
from chipsim.spec.workload import NetworkSpec

__all__ = ["Figures"]


class Figures:
    """Scales, offsets, running means and variances of every normalised layer, for one task or for each.

    They live in the digital unit's memory where it has one, and in the buffer otherwise.

    Parameters
    ----------
    chip
        The chip.
    network
        As described.
    """

    remembers: ClassVar[tuple[str, ...]] = ("task",)

    def __init__(self, chip: Chip, network: NetworkSpec) -> None:
        self._chip, self._network = chip, network
        self._memory: Memory = chip.digital.memory or chip.buffer
        self.task = ""
        """The task that is being trained."""
        columns = [stage.columns for stage in network.stages]
        self._columns = columns
        self._slopes = [np.zeros((2, units), np.float32) for units in columns]
        self.layers = tuple(index for index in range(len(columns)) if network.normalises(index))
        """Indices of the layers that are normalised."""

    def know_task(self, task: str) -> None:
        """Train a task from now on; it gets room when it is met for the first time."""
        self.task = task
        for index in self.layers:
            name = self.name(index)
            if name not in self._memory.names:
                self._memory.keep(name, fresh(self._columns[index]), bits=FIGURE_BITS)

    def name(self, index: int, task: str = "") -> str:
        """What a layer's figures are called in the memory, for a task or the one that is being trained."""
        how = self._network.normalisation
        if how is not None and how.state == "per-task":
            return f"layer{index}.normalisation.{task or self.task}"
        return f"layer{index}.normalisation"

    def of(self, index: int, task: str = "") -> Floats:
        """A layer's figures (4, units), for a task or the one that is being trained."""
        return self._memory[self.name(index, task)]

    def slopes(self, index: int) -> Floats:
        """Where a step puts the summed gradient of a layer's scales and offsets (2, units)."""
        return self._slopes[index]

    # --- traffic ---------------------------------------------------------------------------------

    def fetch(self, index: int, kinds: int) -> Program:
        """Bring so many figures of each unit of a layer to the lanes."""
        bits = self._bits(index, kinds)
        read = self._memory.read(bits)
        # The digital unit's own memory stands at its lanes; the buffer is a part of its own, links away.
        if self._memory is not self._chip.buffer:
            return read
        return series((read, self._chip.move(self._chip.buffer, self._chip.digital, bits)))

    def put(self, index: int, kinds: int) -> Program:
        """Keep so many new figures of each unit of a layer."""
        bits = self._bits(index, kinds)
        write = self._memory.write(bits)
        if self._memory is not self._chip.buffer:
            return write
        return series((self._chip.move(self._chip.digital, self._chip.buffer, bits), write))

    def _bits(self, index: int, kinds: int) -> int:
        return kinds * self._columns[index] * FIGURE_BITS
