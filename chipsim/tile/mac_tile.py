"""The digital tile: weights in SRAM beside an array of multiply-accumulate lanes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final

import numpy as np
import simpy
from numpy.typing import NDArray

from chipsim.device.randomness import generator
from chipsim.device.types import Floats, Indices
from chipsim.ledger import Ledger, Timed
from chipsim.losses import Loss
from chipsim.parts.leakage import Gated, Leakage, leaking
from chipsim.parts.part import Action, Joint, Part
from chipsim.parts.plan import Plan
from chipsim.parts.program import Operation, operation
from chipsim.spec.costs import CostSet, MemoryCost
from chipsim.spec.formats import word_bits
from chipsim.synapse.carrier import ArrayWear
from chipsim.synapse.digital import Digital
from chipsim.synapse.numbers import WeightBlock
from chipsim.tile.lane_tiles import LaneTiles
from chipsim.tile.tile import Change, Reading
from chipsim.units import Aj, Nm2, Ps

__all__ = ["MacTile"]

_WRITING: Final = ("update", "initialise", "write")
_ARITHMETIC: Final = ("forward", "backward", "update")
_ACTIONS: Final = ("forward", "backward", "update", "initialise", "read", "write")


class _Memory(Part):
    """The SRAM beside the lanes."""

    kind = "sram"
    gated: ClassVar[Gated] = "kept"

    def __init__(
        self, env: simpy.Environment, name: str, *, ledger: Ledger, bits: int, cost: MemoryCost
    ) -> None:
        super().__init__(env, name, ledger=ledger)
        self._bits = bits
        self._cost = cost

    @property
    def area(self) -> Nm2:
        """All bits."""
        return Nm2(self._bits * self._cost.area)

    @property
    def leakage(self) -> Leakage:
        """All bits."""
        return leaking(self._cost.leakage, self._bits, of="memories")

    @property
    def about(self) -> str:
        """Its size."""
        return f"{self._bits // 8192} KiB of weights"

    def access(self, action: str, *, reads: int, writes: int, busy: Ps) -> Timed:
        """What reads and writes, in bits, are charged that went on while the lanes worked."""
        energy = Aj(reads * self._cost.read + writes * self._cost.write)
        return self.charged(action, busy, energy=energy, bits=reads + writes)


class MacTile(Part):
    """A block of weights as words of a number format in memory, with lanes that work through them.

    The SRAM feeds every lane each cycle. With a lane for each column a pass takes ``ceil(columns / lanes)``
    cycles a row, and lanes without a column are idle; with lanes that take weights from anywhere in the block
    it takes ``ceil(weights / lanes)`` cycles. Inputs and errors of zero are multiplied like any others.

    Parameters
    ----------
    spec, synapse
        The tile as described, and the format of its weights.
    costs
        The cost set.
    shape
        Rows and columns in use.
    seed
        The run's seed; None builds a tile without weights, for timing only.
    """

    kind = "mac"
    pairs: tuple[str, ...] = ("weight",)
    count_bits = 0
    rounds_at_random = False
    rescales_inputs = False
    rescales = False

    remembers: ClassVar[tuple[str, ...]] = ("_weights",)

    def __init__(
        self,
        env: simpy.Environment,
        name: str,
        *,
        ledger: Ledger,
        spec: LaneTiles,
        synapse: Digital,
        costs: CostSet,
        shape: tuple[int, int],
        seed: int | None,
    ) -> None:
        super().__init__(env, name, ledger=ledger)
        self.spec, self.shape = spec, shape
        self._format = synapse.arithmetic
        self._word: int = word_bits(synapse.arithmetic)
        self._arithmetic, self._clock = costs.arithmetic[synapse.arithmetic], costs.clock
        self.input_bits: int = self._word
        self.output_bits: int = self._word
        self.error_bits: int = self._word
        self.returned_bits: int = self._word
        self.weight_bits: int = shape[0] * shape[1] * self._word
        bits = spec.rows * spec.columns * self._word
        self._memory = _Memory(env, f"{name}.sram", ledger=ledger, bits=bits, cost=costs.sram)
        rows, columns = shape
        # Lanes go over the whole block whatever the numbers are: each action is one operation for good.
        self._operations = {
            action: operation(name, action, rows=rows, columns=columns) for action in _ACTIONS
        }
        rng = generator(seed or 0, self._memory.name)
        # Timing asks for no number, and a block of a frozen layer may be too large to be kept for nothing.
        held = (0, 0) if seed is None else shape
        self._weights = WeightBlock(held, spec=synapse, rng=rng)
        self.evaluating = False

    def part(self) -> Part:
        """Itself."""
        return self

    def parts_inside(self) -> tuple[Part, ...]:
        """The SRAM."""
        return (self._memory,)

    def joints(self) -> Iterable[Joint]:
        """The SRAM feeds the lanes."""
        yield Joint(self, "link", self._memory, "link")

    @property
    def area(self) -> Nm2:
        """All lanes."""
        return Nm2(self.spec.lanes * self._arithmetic.area)

    @property
    def leakage(self) -> Leakage:
        """All lanes."""
        return leaking(self._arithmetic.leakage, self.spec.lanes, of=f"lanes of {self._format}")

    @property
    def about(self) -> str:
        """Lanes, and how much of the block is in use."""
        rows, columns = self.shape
        whole = f"{self.spec.rows} x {self.spec.columns}"
        used = f"{rows} x {columns} weights in use of {whole}"
        return f"{self.spec.lanes} multiply-accumulate lanes of {self._format}, {used}"

    def forward(self, x: Floats) -> Reading:
        """X (batch, rows) times the weights (batch, columns)."""
        return Reading(self._weights.forward(x), self._operations["forward"], ())

    def backward(self, d: Floats) -> Reading:
        """D (batch, columns) times the transposed weights (batch, rows)."""
        return Reading(self._weights.backward(d), self._operations["backward"], ())

    def read_rows(self, rows: Indices) -> Reading:
        """The weights of listed rows (rows, columns), fetched from memory; the operation of one row."""
        values = self._weights.values()[rows].astype(np.float32)
        return Reading(values, operation(self.name, "read", rows=1, columns=self.shape[1]), ())

    def update(self, x: Floats, d: Floats, *, rate: float, pair: int) -> Change:  # noqa: ARG002
        """Change the weights by minus `rate` times the outer product of x (rows,) and d (columns,)."""
        self._weights.update(x, d, rate=rate)
        return Change(self._operations["update"], ())

    def recentre(self, *, pair: int) -> Change | None:  # noqa: ARG002
        """Never needed."""
        return None

    def initialise(self, weights: Floats) -> Change:
        """Write initial weights (rows, columns)."""
        self._weights.write(weights)
        return Change(self._operations["initialise"], ())

    def subtract(self, step: Floats) -> Change:
        """Write all weights anew, less a step (rows, columns)."""
        self._weights.subtract(step)
        return Change(self._operations["write"], ())

    def typical(self, action: str, *, pair: int = 0) -> Operation:  # noqa: ARG002
        """The operation of any sample: all are alike."""
        return self._operations[action]

    def weights(self) -> NDArray[np.float64]:
        """The weights (rows, columns)."""
        return self._weights.values()

    def wear(self) -> tuple[ArrayWear, ...]:
        """Nothing wears."""
        return ()

    def first_writing(self) -> None:
        """Numbers come out as they are written."""
        return

    def written_levels(self) -> None:
        """None: weights are numbers."""

    def lost(self) -> tuple[Loss, ...]:
        """Changes of weights that a fixed-point format rounded to nothing."""
        return self._weights.lost(self.name)

    def actions(self) -> dict[str, Action]:
        """Multiply-accumulate in two directions, update, reading and writing."""
        passing = Action(self._pass_over, ("rows", "columns"))
        return dict.fromkeys(_ACTIONS, passing)

    def _cycles(self, rows: int, columns: int) -> int:
        """Cycles in which the lanes, or the words written, get once over the block."""
        lanes = self.spec.lanes
        # A lane that has finished its columns waits for the row to end: each row rounds up by itself.
        if self.spec.mapping == "columns":
            return rows * -(-columns // lanes)
        return -(-rows * columns // lanes)

    def _pass_over(self, op: Operation) -> Plan:
        """Go once over the weights: read them, or write them, or both."""
        rows, columns = op["rows"], op["columns"]
        weights = rows * columns
        macs = weights if op.action in _ARITHMETIC else 0
        energy = macs * (self._arithmetic.multiply + self._arithmetic.add)
        cycles = self._cycles(rows, columns)
        if op.action == "update":
            # Each input is multiplied with the learning rate once, before its row's products.
            energy += rows * self._arithmetic.multiply
            cycles += -(-rows // self.spec.lanes)
        time = Ps(cycles * self._clock)
        lanes = self.charged(op.action, time, energy=Aj(energy), count=macs)
        bits = weights * self._word
        reads = 0 if op.action in ("initialise", "write") else bits
        writes = bits if op.action in _WRITING else 0
        memory = self._memory.access(op.action, reads=reads, writes=writes, busy=time)
        return self.planned(*self.held(time, lanes, memory))
