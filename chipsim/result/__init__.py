"""What a run leaves, saved and read back, and what follows from it.

:mod:`chipsim.result.files` saves a result to a folder and loads it; what each key and column means stands in
``docs/results.md``.
"""

from __future__ import annotations

from chipsim.result.outcomes import TaskOutcome, task_outcomes
from chipsim.result.record import (
    IN_SOFTWARE,
    ArrayEpoch,
    ChipGraph,
    EpochRow,
    GraphEdge,
    GraphNode,
    LedgerRow,
    LossEpoch,
    PlacedBlock,
    Result,
    SoftwareEpoch,
    TaskEpoch,
    Valued,
    Wear,
    plain,
)
from chipsim.result.waits import WaitRow

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
    "TaskOutcome",
    "Valued",
    "WaitRow",
    "Wear",
    "plain",
    "task_outcomes",
]
