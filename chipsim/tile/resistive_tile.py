"""The resistive tile: arrays that are read from the rows or the columns, and changed as an update says."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import ClassVar

import numpy as np
import simpy
from numpy.typing import NDArray

from chipsim.device.device import Device
from chipsim.device.table import Table
from chipsim.device.types import Floats, Sums
from chipsim.errors import DivergedError
from chipsim.ledger import Charges, Ledger, Timed
from chipsim.losses import Loss
from chipsim.parts.part import Action, Joint, Part, Port, Serving
from chipsim.parts.plan import Claim, Free, Plan, PlanStep, Wait
from chipsim.parts.program import Operation, operation
from chipsim.spec.costs import CostSet
from chipsim.synapse.carrier import ArrayWear, Carrier
from chipsim.synapse.synapse import Synapse
from chipsim.synapse.wired import Wired
from chipsim.tile.alone import ReadsAlone
from chipsim.tile.array import Array
from chipsim.tile.array_tiles import ArrayTiles
from chipsim.tile.changer import Changer
from chipsim.tile.changes import Changeable
from chipsim.tile.converters import Bank
from chipsim.tile.drifting import Drifts
from chipsim.tile.driver import DriverBank
from chipsim.tile.fluctuation import fluctuation_of
from chipsim.tile.looped import Looped, Use, list_resistive
from chipsim.tile.passes import Pass
from chipsim.tile.side import Side
from chipsim.tile.side_by_side import NO_OTHERS, Beside, shared
from chipsim.tile.source import Source
from chipsim.tile.tile import Reading
from chipsim.units import Ps, charge_factor

__all__ = ["ResistiveTile"]


class ResistiveTile(Changeable, ReadsAlone, Drifts, Part):
    """Arrays of cells with converters of their own for either direction, and write drivers.

    What the cells are and what weights read as, the synapse says (`carrier`); what changes them, the update
    (`changes`). The tile is the hardware around both.

    Parameters
    ----------
    spec
        The tile as described.
    synapse, device, update
        How cells carry a weight, what they are, and how they change.
    costs
        The cost set.
    shape
        Rows and columns of weights in use.
    seed
        The run's seed; None builds a tile without state, for timing only.
    beside
        What lies on the same rows: its cells are taken to conduct as cells out of use do.

    Notes
    -----
    Lines run through the whole tile, in use or not. `unused` says how many cells out of use take current on
    each line in use when it is driven; what drives and reads lines out of use stands still.
    """

    kind = "tile"
    ports = (Port("link", "data"),)
    carrier: Carrier
    """The cells; a tile without state has none."""
    wired: Wired
    """The cells between wires that have a resistance; a tile without such wires has none."""

    remembers: ClassVar[tuple[str, ...]] = ("_rows", "_columns", "carrier", "wired", "changes", "aging")

    def __init__(  # noqa: PLR0913 - what a tile is made of
        self,
        env: simpy.Environment,
        name: str,
        *,
        ledger: Ledger,
        spec: ArrayTiles,
        synapse: Synapse,
        device: Device,
        update: Changer,
        costs: CostSet,
        shape: tuple[int, int],
        seed: int | None,
        beside: Beside = NO_OTHERS,
    ) -> None:
        super().__init__(env, name, ledger=ledger)
        self.beside = beside
        if beside.first is not None:
            # One matrix of an array at a time: they share what drives and reads their rows.
            self.server = beside.first.server
        self.spec, self.shape, self.costs, self.seed = spec, shape, costs, seed
        self.synapse, self.device = synapse, device
        across, along = spec.unused(shape)
        self.unused = across + beside.columns, along
        """Cells out of use, weights wide, on each row and on each column that take current with it."""
        self.input_bits, self.output_bits = spec.forward.dac.bits, spec.forward.result_bits
        # An error has a sign, which drives a line the other way round, beside the bits of its converter.
        self.error_bits = spec.backward.dac.bits + 1
        self.returned_bits = spec.backward.result_bits
        self.rescales_inputs = spec.forward.scaling == "maximum"
        self.rescales = spec.backward.scaling == "maximum"
        self._build_hardware()
        self._build_operations()
        if seed is not None:
            self._build_state(seed)
        # Last of all: changes look at everything else that the tile has.
        self.take(update.changes(self))

    def _build_hardware(self) -> None:
        spec, layout = self.spec, self.synapse.layout
        rows, columns = self.shape
        programmed = spec.columns * layout.cells
        lines = programmed + layout.references
        own = self._bank("", spec.forward, driven=spec.rows, read=spec.columns)
        self._forward = shared(own, self.beside, "forward")
        self._backward: Bank | None = None
        if spec.backward.adc is not None:
            own = self._bank("back-", spec.backward, driven=lines, read=spec.rows)
            self._backward = shared(own, self.beside, "backward")
        size, area = (spec.rows, lines), self.device.area
        env, ledger = self.env, self.ledger
        self.arrays = tuple(
            Array(env, f"{self.name}.{array}", ledger=ledger, shape=size, cell_area=area)
            for array in layout.arrays
        )
        # A line ends with the tile, or with the last cell in use where the rest is cut off. Reference lines
        # have no driver: nothing ever writes them.
        driven = programmed * len(self.arrays) + (0 if self.beside.first else spec.rows)
        row_cells = (columns + self.unused[0]) * layout.cells + layout.references
        column_cells = rows + self.unused[1]
        self.driver = DriverBank(
            self.env, f"{self.name}.driver", ledger=self.ledger, lines=driven, row_cells=row_cells,
            column_cells=column_cells, cost=self.costs.write_driver,
        )  # fmt: skip

    def _bank(self, side: str, spec: Pass, *, driven: int, read: int) -> Bank:
        prefix, costs = f"{self.name}.{side}", self.costs
        return Bank.of(self.env, prefix, ledger=self.ledger, spec=spec, driven=driven, read=read, costs=costs)

    def _build_operations(self) -> None:
        rows, columns = self.shape
        layout = self.synapse.layout
        # A charge of every sample names its arrays: the names are put together once.
        names = [array.name for array in self.arrays]
        self._rows_of: dict[str, tuple[tuple[str, str], ...]] = {}
        for action in ("forward", "backward", "recentre", "centre", "initialise"):
            self._rows_of[action] = tuple((array, action) for array in names)
        self.read_factor = charge_factor(volts=self.spec.read_voltage, time=self.spec.read_time)
        """Attojoules that a siemens takes of a read at full scale."""
        self._forward_operation = operation(self.name, "forward", rows=rows, columns=columns)
        row = operation(self.name, "forward", rows=1, columns=columns)
        driven = columns * layout.cells + layout.references
        self._backward_operation = operation(self.name, "backward", rows=rows, columns=driven)
        # One column alone, and the references beside it.
        alone = layout.cells + layout.references
        column = operation(self.name, "backward", rows=rows, columns=alone)
        self.alone = {"read-rows": row, "read-columns": column}

    def _build_state(self, seed: int) -> None:
        carrier = self.synapse.carrier(
            self.name, self.device, shape=self.shape, seed=seed, unused=self.unused
        )
        self.carrier = carrier
        self.begin_aging(seed)
        sides: list[Source] = [
            Source(carrier.read, carrier.row_sums),
            Source(carrier.read_back, carrier.column_sums),
        ]
        if self.spec.wires is not None:
            self.wired = Wired(carrier, self.spec.wires.resistances, before=self.beside.before)
            sides = [Source(way.read, way.line_sums, way) for way in self.wired.ways]
        self._rows = self._side("", self.spec.forward, sides[0], seed=seed)
        self._columns = self._side("back-", self.spec.backward, sides[1], seed=seed)

    def _side(self, way: str, spec: Pass, source: Source, *, seed: int) -> Side:
        left = None if self.spec.wires is None else self.wired.factors
        fluctuation = fluctuation_of(
            self.device.read_noise, self.carrier, seed=seed, name=f"{self.name}.{way}adc",
            read_time=self.spec.read_time, columns=self.shape[1], by_rows=spec is self.spec.forward,
            left=left,
        )  # fmt: skip
        scale = self.carrier.weight_per_siemens
        return Side.of(
            self.name, spec, source, way=way, weight_per_siemens=scale, seed=seed, fluctuation=fluctuation
        )

    def part(self) -> Part:
        """Itself."""
        return self

    def parts_inside(self) -> tuple[Part, ...]:
        """Arrays, converters of both directions where there are any, drivers."""
        converters = [part for bank in self._banks for part in (bank.dac, bank.adc)]
        # Those of shared rows belong to the tile that was there first.
        own = [part for part in converters if part.name.startswith(f"{self.name}.")]
        return (*self.arrays, *own, self.driver)

    def bank(self, action: str) -> Bank:
        """The converters of a direction, ``forward`` or ``backward``."""
        found = self._forward if action == "forward" else self._backward
        assert found is not None, "what asks for errors was checked with the workload"
        return found

    @property
    def _banks(self) -> tuple[Bank, ...]:
        return tuple(bank for bank in (self._forward, self._backward) if bank is not None)

    def joints(self) -> Iterable[Joint]:
        """DACs and drivers feed rows (and columns), ADCs listen on the other side."""
        for array in self.arrays:
            yield Joint(self._forward.dac, "out", array, "rows")
            yield Joint(self._forward.adc, "in", array, "columns")
            if self._backward is not None:
                yield Joint(self._backward.dac, "out", array, "columns")
                yield Joint(self._backward.adc, "in", array, "rows")
            yield Joint(self.driver, "out", array, "rows")
            yield Joint(self.driver, "out", array, "columns")
        for bank in self._banks:
            yield Joint(self, "link", bank.dac, "in")
            yield Joint(bank.adc, "out", self, "link")
        yield Joint(self, "link", self.driver, "in")

    @property
    def about(self) -> str:
        """What it holds and how much of it is in use."""
        rows, columns = self.shape
        used = f"{rows} x {columns} weights in use" if rows else "idle"
        whole = (self.spec.rows, self.spec.columns)
        rest = f", rest {self.spec.unused_lines}" if rows and self.shape != whole else ""
        first = self.beside.first
        of_other = f", on the rows of {first.name}" if first else ""
        return f"{used} of {whole[0]} x {whole[1]}{rest}{of_other}"

    # --- numbers ---------------------------------------------------------------------------------

    @property
    def evaluating(self) -> bool:
        """Whether the network is only tested; converters then draw noise from generators of their own."""
        return self._rows.evaluating

    @evaluating.setter
    def evaluating(self, value: bool) -> None:
        self._rows.evaluating = self._columns.evaluating = value

    def input_words(self, x: Floats) -> Floats:
        """Inputs x (batch, rows) as words of `input_bits` say them, with one factor a sample where scaled."""
        return self._rows.words(x)

    def error_words(self, d: Floats) -> Floats:
        """Errors d (batch, columns) as words of `error_bits` say them, likewise."""
        return self._columns.words(d)

    @property
    def sides(self) -> tuple[Side, Side]:
        """The arithmetic of the forward and of the backward pass."""
        return self._rows, self._columns

    def listed(self, table: Table, use: Use) -> Looped | None:
        """For compiled loops; None where a kind made of this one may read in another way."""
        return list_resistive(self, table, use) if type(self) is ResistiveTile else None

    def forward(self, x: Floats) -> Reading:
        """Drive the rows with x (batch, rows) and read the columns (batch, columns).

        Raises
        ------
        DivergedError
            When inputs are no finite numbers.
        """
        values, conductance = self._rows.run(x, self.shape[1])
        return Reading(values, self._forward_operation, self.read_charges("forward", conductance))

    def backward(self, d: Floats) -> Reading:
        """Drive the columns with d (batch, columns) and read the rows (batch, rows).

        Raises
        ------
        DivergedError
            When errors are no finite numbers.
        """
        values, conductance = self._columns.run(d, self.shape[0])
        # References are no columns: only the carrier knows what they were driven with.
        if self.carrier.reference_siemens:
            conductance += self.carrier.reference_siemens
        return Reading(values, self._backward_operation, self.read_charges("backward", conductance))

    def read_charges(self, action: str, conductance: Sums) -> tuple[Charges, ...]:
        """What a reading takes of each array.

        Parameters
        ----------
        action
            What it is charged as.
        conductance
            Squared input times conductance, summed for each array (arrays,), S.
        """
        factor = self.read_factor
        energies = [factor * siemens for siemens in conductance.tolist()]
        # Looked for here, where every reading comes by: rounding an infinity would raise without a name.
        if not all(map(math.isfinite, energies)):
            raise self.fault_of(action)
        return (Charges(self._rows_of[action], [round(energy) for energy in energies]),)

    def fault_of(self, action: str) -> DivergedError:
        """What to say of a pass in which its cells conducted no finite number, and what is to blame."""
        side = self._rows if action == "forward" else self._columns
        # Cells that conduct a number were driven with none, and the other way round: the cure differs.
        if side.conducts:
            return DivergedError(
                f"{self.name}: what the {action} pass drives it with is no finite number: training diverged; "
                "lower the learning rate"
            )
        return DivergedError(f"{self.name}: its cells conduct no finite number: {self.changes.blame}")

    def typical(self, action: str, *, pair: int = 0) -> Operation:
        """The operation of a sample that nobody computed."""
        passes = {"forward": self._forward_operation, "backward": self._backward_operation, **self.alone}
        return passes[action] if action in passes else self.changes.typical(action, pair=pair)

    def weights(self) -> NDArray[np.float64]:
        """The weights that the cells hold (rows, columns)."""
        return self.carrier.weights()

    def wear(self) -> tuple[ArrayWear, ...]:
        """What each array has been through."""
        return self.carrier.wear()

    def lost(self) -> tuple[Loss, ...]:
        """What converters, changes and cells lost since this was asked last."""
        read = [*self._rows.lost(), *self._columns.lost()]
        return (*read, *self.changes.lost(), *self.carrier.lost())

    # --- events ----------------------------------------------------------------------------------

    def actions(self) -> dict[str, Action]:
        """Reading in two directions, and whatever changes the cells."""
        reading = Action(self._read, ("rows", "columns"))
        return {"forward": reading, "backward": reading, **self.changes.actions()}

    def _read(self, op: Operation) -> Serving | Plan:
        """Hold the arrays while lines are driven and currents settle; free them once they are sampled.

        The arrays stay held until the ADCs can take the sample, since there is one sample-and-hold a
        line; from then on the next sample may be driven while this one is converted.
        """
        forward = op.action == "forward"
        bank = self.bank(op.action)
        rows, columns = op["rows"], op["columns"]
        driven, read = (rows, columns) if forward else (columns, rows)
        driving, settling = bank.dac.time(driven), self.spec.read_time
        sampling = bank.adc.sampling
        return self.planned(
            Claim(self.server),
            Wait(driving, (bank.dac.converted(op.action, driven),)),
            Wait(settling, self.occupied(op.action, self.arrays, Ps(driving + settling))),
            # Asked for while the arrays are held: a sample that nobody converts yet would be lost.
            Claim(bank.adc.server),
            Wait(sampling),
            Free(self.server),
            # The sampling itself passed while the lines stood; the bank was busy with it all the same.
            Wait(Ps(bank.adc.time(read) - sampling), (bank.adc.converted(op.action, read),)),
            Free(bank.adc.server),
        )

    def occupied(self, action: str, arrays: Iterable[Part], time: Ps) -> tuple[Timed, ...]:
        """What arrays are charged that were held for so long."""
        return tuple(array.charged(action, time) for array in arrays)

    def verify(self, action: str, count: int, *, columns: int) -> tuple[PlanStep, ...]:
        """Steps that read one row after another by the forward converters, on arrays that are held already.

        Parameters
        ----------
        action
            What it is charged as.
        count
            Readings, of a row or a part of one each.
        columns
            Columns that are converted of each.
        """
        dac, adc = self._forward.dac, self._forward.adc
        # Nothing overlaps: whoever verifies has to know the result before the next row is touched.
        time = Ps(count * (dac.time(1) + self.spec.read_time + adc.time(columns)))
        return adc.held(
            time,
            dac.converted(action, 1, times=count, ago=time),
            adc.converted(action, columns, times=count, ago=time),
            *self.occupied(action, self.arrays, time),
        )
