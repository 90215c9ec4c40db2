"""A crossbar with resistive wires, solved node by node: what fast approximations are held against."""

from __future__ import annotations

from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.errors import ChipsimError
from chipsim.spec.fields import at_least, more_than

__all__ = ["Grid", "Solved", "solve"]

_Sums = NDArray[np.float64]

_DENSE: Final = 4_200
"""Nodes that are solved for without scipy: their matrix then takes 141 MB."""


@attrs.frozen(kw_only=True, eq=False)
class Grid:
    """One crossbar: cells, and the wires between them.

    Rows begin beside column 0, and columns end below the last row.
    """

    cells: _Sums
    """Conductance of each cell (rows, columns), S."""
    row: float = attrs.field(validator=more_than(0))
    """Resistance of a row's wire from one cell to the next, Ohm."""
    column: float = attrs.field(validator=more_than(0))
    """The same of a column's, Ohm."""
    end: float = attrs.field(default=0.0, validator=at_least(0))
    """What lies between the last segment of any line and where its potential is held, Ohm."""


@attrs.frozen(kw_only=True, eq=False)
class Solved:
    """Currents at the ends of lines and voltages over cells, for each of several samples."""

    into_rows: _Sums
    """What flows into the rows where they begin (samples, rows), A."""
    out_of_columns: _Sums
    """What flows out of the columns where they end (samples, columns), A."""
    over_cells: _Sums
    """Voltage of each cell (samples, rows, columns), V."""


def solve(grid: Grid, rows: _Sums, columns: _Sums | None = None) -> Solved:
    """Solve Kirchhoff's equations of all nodes, two for each cell.

    Parameters
    ----------
    grid
        The crossbar.
    rows
        Potential at which each row is held (samples, rows), V.
    columns
        The same of columns (samples, columns), V; None for the virtual ground of a converter.

    Raises
    ------
    ChipsimError
        When there are more nodes than can be solved for without scipy, and it is not installed.

    Examples
    --------
    A cell of 1 kOhm behind wires of 100 and 400 Ohm:

    >>> import numpy as np
    >>> one = Grid(cells=np.array([[1e-3]]), row=100.0, column=400.0)
    >>> solved = solve(one, np.array([[3.0]]))
    >>> round(float(solved.out_of_columns[0, 0]) * 1e3, 9), round(float(solved.over_cells[0, 0, 0]), 9)
    (2.0, 2.0)
    """
    shape = grid.cells.shape
    held = np.zeros((len(rows), shape[1])) if columns is None else columns
    upper = np.arange(grid.cells.size).reshape(shape)
    lower = upper + grid.cells.size
    into_row, out_of_column = 1 / (grid.row + grid.end), 1 / (grid.column + grid.end)
    given = np.zeros((2 * grid.cells.size, len(rows)))
    given[upper[:, 0]] = into_row * rows.T
    given[lower[-1]] = out_of_column * held.T
    ends = np.zeros(2 * grid.cells.size)
    ends[upper[:, 0]] = into_row
    ends[lower[-1]] = out_of_column
    branches = (
        (upper, lower, grid.cells),
        (upper[:, :-1], upper[:, 1:], np.full((shape[0], shape[1] - 1), 1 / grid.row)),
        (lower[:-1], lower[1:], np.full((shape[0] - 1, shape[1]), 1 / grid.column)),
    )
    potentials = _potentials(branches, ends, given).T
    at_rows, at_columns = (potentials[:, nodes] for nodes in (upper, lower))
    return Solved(
        into_rows=into_row * (rows - at_rows[:, :, 0]),
        out_of_columns=out_of_column * (at_columns[:, -1, :] - held),
        over_cells=at_rows - at_columns,
    )


def _potentials(branches: tuple[tuple[Any, Any, _Sums], ...], ends: _Sums, given: _Sums) -> _Sums:
    """Potential of each node (nodes, samples), V.

    Parameters
    ----------
    branches
        Nodes on either side of each branch, and its conductance, S.
    ends
        Conductance from each node to where a potential is held (nodes,), S.
    given
        Current into each node from there if it were at zero (nodes, samples), A.
    """
    one, other, siemens = (
        np.concatenate([np.ravel(branch[part]) for branch in branches]) for part in range(3)
    )
    nodes = np.arange(ends.size)
    at = np.concatenate([one, other, one, other, nodes])
    of = np.concatenate([one, other, other, one, nodes])
    values = np.concatenate([siemens, siemens, -siemens, -siemens, ends])
    sparse = _sparse()
    if sparse is not None:
        matrix = sparse.csc_matrix((values, (at, of)), shape=(ends.size, ends.size))
        found: _Sums = sparse.linalg.splu(matrix).solve(given)
        return found
    if ends.size > _DENSE:
        raise ChipsimError(
            f"{ends.size:,} nodes take scipy to solve for, at most {_DENSE:,} do without: pip install scipy"
        )
    dense = np.zeros((ends.size, ends.size))
    np.add.at(dense, (at, of), values)
    return np.asarray(np.linalg.solve(dense, given), np.float64)


def _sparse() -> Any:
    """Sparse matrices of scipy, where it is installed."""
    try:
        import scipy.sparse.linalg  # noqa: PLC0415 - an extra
    except ImportError:
        return None
    return scipy.sparse
