"""Device models: what one is to the arrays of a tile, and which class of description makes which."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from chipsim.device.cells import Cells
from chipsim.device.encoding import Hits
from chipsim.device.linear_step import LinearStep
from chipsim.device.types import Indices, Sums
from chipsim.errors import UnknownKindError
from chipsim.spec.chip import DeviceSpec, IdealCellSpec, LinearStepSpec

__all__ = ["MODELS", "DeviceModel", "device_model"]


class DeviceModel(Protocol):
    """What pulses do to cells: arithmetic on their state, without clock or ledger."""

    @property
    def step(self) -> float:
        """Mean step of conductance at a pulse, S."""

    def fresh(
        self,
        shape: tuple[int, int],
        *,
        rng: np.random.Generator,
        sums: tuple[Sums, Sums] | None = None,
        unused: tuple[int, int] = (0, 0),
    ) -> Cells:
        """New cells (rows, columns), all reset, and so many out of use on each row and on each column."""

    def pulse(self, cells: Cells, hits: Hits, *, rng: np.random.Generator) -> float:
        """Give cells their pulses, and return the sum of pulses times conductance, S."""

    def saturated(self, plus: Cells, minus: Cells, *, headroom: float) -> tuple[Indices, Indices]:
        """Rows and columns of pairs that ran out of range."""

    def reset(self, cells: Cells, rows: Indices, columns: Indices) -> float:
        """Reset cells with one strong pulse each, and return the conductance that was reset, S."""


def _linear_step(spec: LinearStepSpec | IdealCellSpec, gain: float) -> DeviceModel:
    return LinearStep(spec=spec, gain=gain)


MODELS: dict[type[Any], Callable[[Any, float], DeviceModel]] = {
    LinearStepSpec: _linear_step,
    IdealCellSpec: _linear_step,
}
"""How a model is made from a cell's description and how many times smaller the array's cells are."""


def device_model(spec: DeviceSpec, *, gain: float = 1.0) -> DeviceModel:
    """The model of a described cell.

    Parameters
    ----------
    spec
        The cell as described.
    gain
        How many times smaller than described the cells are.

    Raises
    ------
    UnknownKindError
        When no model is entered for them.
    """
    if type(spec) not in MODELS:
        known = ", ".join(sorted(one.kind for one in MODELS))
        raise UnknownKindError(f"no model steps the cells of {spec.kind!r}; known: {known}")
    return MODELS[type(spec)](spec, gain)
