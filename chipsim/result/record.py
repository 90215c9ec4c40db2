"""What a run leaves: accuracy curves, ledger, wear and provenance.

Saving to a folder and reading back live in :mod:`chipsim.result.files`; what each key and column
means stands in ``docs/results.md``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np

from chipsim.ledger import Record, Trace
from chipsim.result.arrays import Arrays
from chipsim.result.kept import KeptPrograms
from chipsim.result.kept_state import KeptState
from chipsim.result.leakage import LeakageRow
from chipsim.result.step import PartUse, PathPart
from chipsim.result.summary import Summary
from chipsim.result.waits import WaitRow
from chipsim.spec.provenance import Value as Valued

__all__ = [
    "IN_SOFTWARE",
    "ArrayEpoch",
    "ChipGraph",
    "EpochRow",
    "GraphEdge",
    "GraphNode",
    "LedgerRow",
    "LossEpoch",
    "PlacedBlock",
    "Result",
    "SoftwareEpoch",
    "TaskEpoch",
    "Valued",
    "Wear",
    "plain",
]

IN_SOFTWARE: Final = "software"
"""What takes the updates of an epoch in software, where epochs are told while a run goes on."""


def plain(value: Any) -> Any:
    """The same value in what JSON can hold: tuples become lists, NaN and infinity become None.

    Numpy scalars become Python numbers, keys become text, and anything else becomes its text.

    Examples
    --------
    >>> plain({"seed": np.int64(3), "layers": (784, 10), "loss": float("nan")})
    {'seed': 3, 'layers': [784, 10], 'loss': None}
    """
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    # JSON has no word for it, and other readers stop at the one that Python writes.
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


def _same(one: Any, other: Any) -> bool:
    """Whether two rows or cells are equal, where NaN (not measured) equals NaN."""
    kind = type(one)
    if attrs.has(kind) and kind is type(other):
        names = [field.name for field in attrs.fields(kind)]
        return all(_same(getattr(one, name), getattr(other, name)) for name in names)
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    return bool(one == other)


@attrs.frozen(kw_only=True)
class EpochRow:
    """One epoch of training."""

    epoch: int
    """Counted from 1 over all phases."""
    phase: str
    train_accuracy_percent: float
    """Share of training samples classified right, each before the update it caused."""
    test_accuracy_percent: float
    loss: float
    """Mean over the training samples."""
    simulated_time_ps: int
    """On-chip time from the start of training to the end of this epoch."""
    energy_aj: int
    """On-chip energy from the start of training to the end of this epoch."""
    target: str
    """Synapse pair that took the updates: ``coarse``, ``fine``, or ``pair``; ``none`` without any. To whoever
    watches a run an epoch outside the chip is told as one of ``software``; no table has it."""
    samples: int | None = None
    """Training samples from the start of training to the end of this epoch; None in results from before it
    was saved."""


@attrs.frozen(kw_only=True)
class SoftwareEpoch:
    """One epoch of training outside the chip, which nobody was charged for: what it took is not known."""

    epoch: int
    """Counted from 1 over all phases in software; epochs on the chip are counted by themselves."""
    phase: str
    trained_as: str
    """``numbers``, or ``device``: a model of the chip."""
    train_accuracy_percent: float
    test_accuracy_percent: float
    loss: float


@attrs.frozen(kw_only=True)
class TaskEpoch:
    """How one task fared after one epoch, trained on in that epoch or not."""

    epoch: int
    """As in :class:`EpochRow`."""
    task: str
    test_accuracy_percent: float
    trained: bool
    """Whether this epoch trained the task."""


@attrs.frozen(kw_only=True)
class ArrayEpoch:
    """What one array went through in one epoch."""

    epoch: int
    array: str
    """Such as ``tile0.coarse+``."""
    pulses: int
    resets: int
    updates: int
    """Update events: cells that got at least one pulse from one sample."""


@attrs.frozen(kw_only=True)
class LossEpoch:
    """What one part cut off, rounded to nothing or left unused in one epoch."""

    epoch: int
    """0 is the writing of initial weights; the epoch that a run was stopped in counts too."""
    part: str
    """Such as ``tile0.adc``, or ``tile0.coarse`` for two arrays that make a pair."""
    during: str
    """``training`` or ``testing``."""
    what: str
    """One of :data:`chipsim.losses.LOSSES`."""
    count: int
    of: int
    """How many there were in all: `count` is a share of it."""

    @property
    def share(self) -> float:
        """The lost share, from 0 to 1."""
        return self.count / self.of


@attrs.frozen(kw_only=True)
class LedgerRow:
    """Charges of one part for one action over the whole run."""

    part: str
    kind: str
    """Kind of part: ``adc``, ``dac``, ``array``, ``driver``, ``digital``, ``buffer``, ``selector``, ``link``,
    ``mac`` or ``sram``."""
    action: str
    """Such as ``forward``, ``backward``, ``update``, ``recentre``, ``transfer``."""
    count: int
    busy_ps: int
    energy_aj: int
    pulses: int
    bits: int


@attrs.frozen(kw_only=True, eq=False)
class Wear:
    """What every cell of one array has been through."""

    array: str
    pulses: Any
    """Small pulses, or SETs of multilevel cells: integer array, (rows, columns)."""
    resets: Any
    """Integer array, (rows, columns)."""
    programmings: Any = None
    """Times that each cell was programmed to a level, a RESET and a SET counted once: integer array, (rows,
    columns); None for cells that are not programmed to levels."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Wear):
            return NotImplemented
        # Arrays compare cell by cell, and a comparison of attrs would ask such an array for one truth.
        return (
            self.array == other.array
            and np.array_equal(self.pulses, other.pulses)
            and np.array_equal(self.resets, other.resets)
            and np.array_equal(self.programmings, other.programmings)
        )

    __hash__ = None  # type: ignore[assignment]  # it holds arrays


@attrs.frozen(kw_only=True)
class PlacedBlock:
    """What of a layer's weights one tile carries."""

    tile: str
    layer: int
    """Counted from 1, the layer next to the input."""
    row: int
    """Place of the block's first row among the rows (inputs) of its layer."""
    column: int
    """Place of its first column among the columns (outputs) of its layer."""
    rows: int
    columns: int
    role: str = "weight"
    """What the matrix is to the learning rule."""
    group: str = ""
    """The group of tiles that the tile belongs to; empty on a chip without groups."""


@attrs.frozen(kw_only=True)
class GraphNode:
    """A part as the report draws it."""

    name: str
    kind: str
    x: float
    y: float
    area_nm2: int
    about: str
    """One line of what it is, such as ``1024 x 256 cells``."""


@attrs.frozen(kw_only=True)
class GraphEdge:
    """Two parts joined, by a link (``bus``, ``link:a--b``) or inside a tile (empty)."""

    source: str
    target: str
    link: str


@attrs.frozen(kw_only=True)
class ChipGraph:
    """The chip as a graph with positions: a node a part, links and routers included."""

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]


@attrs.frozen(kw_only=True, eq=False)
class Result:
    """One run, whole: everything that tables and reports show.

    Two results are equal when all their rows and arrays are, and their descriptions say the same
    (as JSON would: a tuple equals a list, and a figure that is not a number equals None).
    """

    summary: Summary = attrs.field(converter=Summary)
    """Flat, with units in the key names; see ``docs/results.md``."""
    epochs: tuple[EpochRow, ...]
    """Accuracy, loss, time and energy after every epoch."""
    software: tuple[SoftwareEpoch, ...] = ()
    """Epochs in software, before the chip was given their weights: no other table, and no total, has them."""
    tasks: tuple[TaskEpoch, ...] = ()
    """Every task seen, after every epoch."""
    waits: tuple[WaitRow, ...] = ()
    """Every task seen, after each time that the trained chip waited."""
    arrays: tuple[ArrayEpoch, ...]
    """Pulses, resets and updates of every array in every epoch."""
    losses: tuple[LossEpoch, ...] = ()
    """What parts cut off, rounded to nothing or left unused, after every epoch."""
    ledger: tuple[LedgerRow, ...]
    """What every part did: counts, time and energy of each of its actions."""
    leakage: tuple[LeakageRow, ...] = ()
    """What every part leaked, in no total of the ledger; empty in results from before it was known."""
    wear: tuple[Wear, ...]
    """What every cell has been through, array by array."""
    timeline: tuple[Record, ...]
    """Who was busy when in the first step of the last epoch."""
    utilisation: tuple[PartUse, ...] = ()
    """How much of that step each part worked, was held and was waited for; empty in results from before it
    was saved, and of steps of too many operations."""
    critical_path: tuple[PathPart, ...] = ()
    """What that step's time hung on, part by part; empty likewise."""
    trace: Trace | None = None
    """Every operation of the run, when asked for."""
    trace_events: bytes = attrs.field(default=b"", repr=False)
    """Chosen steps of it as a timeline that Perfetto opens, see :mod:`~chipsim.result.trace_events`."""
    kept: KeptPrograms | None = None
    """What was executed, to be priced again; None in results from before it was kept, and where it is too
    much."""
    graph: ChipGraph
    """The chip's parts and what joins them, as they are drawn."""
    placement: tuple[PlacedBlock, ...] = ()
    """Where the weights of every layer stand; empty in results from before it was saved."""
    values: tuple[Valued, ...]
    """Every value of the descriptions, with where it comes from."""
    chip: dict[str, Any]
    """The chip description as run, overrides applied."""
    workload: dict[str, Any]
    """The workload description as run."""
    costs: dict[str, Any]
    """The cost set as run."""
    provenance: dict[str, Any]
    """Versions, seeds, command, platform, date, wall time."""
    weights: Arrays = attrs.field(factory=Arrays)
    """Weights that the chip ended with, by layer (inputs, outputs), as its cells hold them; empty for runs
    that were only timed, and in results from before they were saved."""
    cells: Arrays = attrs.field(factory=Arrays)
    """Conductance of every cell by array (rows, lines), S; likewise, and for chips without cells."""
    state: KeptState | None = None
    """What another run starts from; None where it was not kept."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Result):
            return NotImplemented
        names = [field.name for field in attrs.fields(Result)]
        return all(_equal_fields(getattr(self, name), getattr(other, name)) for name in names)

    __hash__ = None  # type: ignore[assignment]  # it holds dictionaries and arrays

    def frame(self, name: str) -> Any:
        """One of its tables, such as ``ledger``: a pandas DataFrame, or a pyarrow Table without pandas.

        Parameters
        ----------
        name
            ``epochs``, ``software``, ``tasks``, ``waits``, ``arrays``, ``losses``, ``ledger``, ``leakage``,
            ``timeline``, ``wear``, ``placement`` or ``values``.

        Raises
        ------
        OutputError
            When there is no such table.
        """
        return _called("chipsim.result.frames:frame_of")(self, name)

    def save(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """Write it into a folder of its own, whole or not at all; see :func:`chipsim.result.files.save`.

        Raises
        ------
        OutputError
            When something else is in the way, or the folder cannot be written.
        """
        saved: Path = _called("chipsim.result.files:save")(self, folder, overwrite=overwrite)
        return saved

    def report(self, file: str | Path, *, overwrite: bool = False) -> Path:
        """Write its page in place of a report that is there; see :func:`chipsim.report.write_report`.

        Raises
        ------
        OutputError
            When something else is in the way, or the file cannot be written.
        """
        written: Path = _called("chipsim.report:write_report")([self], file, overwrite=overwrite)
        return written

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return str(_called("chipsim.result.showing:shown_result")(self))


def _called(place: str) -> Any:
    """A function that saves or shows results.

    Such functions live in rooms above this one, which build on what is recorded here: found only when they
    are called, so that none of them has to be there for a result to be made, saved or read.
    """
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def _equal_fields(one: Any, other: Any) -> bool:
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_same_or_equal, one, other))
    if isinstance(one, dict):
        return bool(plain(one) == plain(other))
    return _same_or_equal(one, other)


def _same_or_equal(one: Any, other: Any) -> bool:
    # The usual comparison is quick, and fails rows that hold a NaN; wear holds integers only.
    return bool(one == other) or (not isinstance(one, Wear) and _same(one, other))
