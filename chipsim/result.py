"""What a run leaves: accuracy curves, ledger, wear and provenance; saved to one folder and read back."""

from __future__ import annotations

from typing import Any

import attrs

from chipsim.ledger import Record

__all__ = ["ArrayEpoch", "ChipGraph", "EpochRow", "GraphEdge", "GraphNode", "LedgerRow", "Result", "Valued", "Wear"]


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
    """Synapse pair that took the updates: ``coarse``, ``fine``, or ``pair``."""


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
class LedgerRow:
    """Charges of one part for one action over the whole run."""

    part: str
    kind: str
    """Kind of part: ``adc``, ``dac``, ``array``, ``driver``, ``digital``, ``buffer``, ``selector``, ``link``."""
    action: str
    """Such as ``forward``, ``backward``, ``update``, ``recentre``, ``transfer``."""
    count: int
    busy_ps: int
    energy_aj: int
    pulses: int
    bits: int


@attrs.frozen(kw_only=True, eq=False)
class Wear:
    """Pulses and resets that every cell of one array has had."""

    array: str
    pulses: Any
    """Integer array, (rows, columns)."""
    resets: Any
    """Integer array, (rows, columns)."""


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
    """The chip as a graph with positions."""

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]


@attrs.frozen(kw_only=True)
class Valued:
    """One number of the descriptions, and where it comes from."""

    path: str
    """Such as ``device.states`` or ``costs.adc.4.energy``."""
    value: str
    """As written."""
    kind: str
    """``source``, ``assumed``, ``set`` (on the command line) or ``none``."""
    text: str
    """The source, or the reason for assuming."""


@attrs.frozen(kw_only=True)
class Result:
    """One run, whole: everything that tables and reports show."""

    summary: dict[str, Any]
    """Flat, with units in the key names; see ``docs/results.md``."""
    epochs: tuple[EpochRow, ...]
    arrays: tuple[ArrayEpoch, ...]
    ledger: tuple[LedgerRow, ...]
    wear: tuple[Wear, ...]
    timeline: tuple[Record, ...]
    """Who was busy when in the first step of the last epoch."""
    graph: ChipGraph
    values: tuple[Valued, ...]
    chip: dict[str, Any]
    """The chip description as run, overrides applied."""
    workload: dict[str, Any]
    costs: dict[str, Any]
    provenance: dict[str, Any]
    """Versions, seeds, command, platform, date, wall time."""
