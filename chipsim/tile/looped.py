"""What compiled loops over samples ask of a tile, and how a resistive tile answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol, TypeAlias, runtime_checkable

import attrs
import numpy as np

from chipsim.device.listed import as_sums, as_tally
from chipsim.device.table import Table
from chipsim.device.types import Floats
from chipsim.errors import DivergedError
from chipsim.parts.program import Operation
from chipsim.synapse.carrier import Carrier
from chipsim.synapse.wired import Wired
from chipsim.tile.array import Array
from chipsim.tile.changes import Changes, ListedChanges
from chipsim.tile.side import Side

__all__ = ["Loopable", "Looped", "Resistive", "Use", "list_resistive"]

Rows: TypeAlias = tuple[tuple[str, str], ...]
"""Part and action of each amount that is charged."""

_NOWHERE = -1
"""Place of what a loop does not need of a tile."""


@attrs.frozen(kw_only=True)
class Use:
    """What a loop does with a tile."""

    samples: int
    """Samples of a loop at most."""
    back: bool
    """Whether errors are read back through it."""
    pair: int | None
    """What takes pulses; None where it is only read."""
    gathers: bool = False
    """Whether outer products go to it and no pass through it; single rows of it are read in between."""
    between: bool = False
    """Whether it is pulsed between the passes of samples, now and then."""
    chosen: bool = False
    """Whether its pulses go to chosen cells, and no outer products to it."""


@attrs.frozen(kw_only=True, eq=False)
class Looped:
    """A tile in the table of a loop, with what a loop has to ask of it."""

    place: int
    """In the table, as :mod:`chipsim.tile.compiled` reads it."""
    arrays: int
    """Arrays whose energies a pass counts, each apart."""
    words: tuple[tuple[float, bool], tuple[float, bool]]
    """Of words that bring inputs, and errors: levels, and whether each is divided by its sample's largest."""
    charged_as: Mapping[str, Rows]
    """As what amounts are charged: ``forward``, ``backward``, and ``update`` or ``pulse``."""
    begin: Callable[[int], None]
    """Be told that so many samples come next: their noise is drawn."""
    update: Operation | None
    """The operation of an update, of which slots and visits follow from the data; None where none is."""
    pulse: Operation | None
    """Likewise of pulses on chosen cells."""
    alone: Operation | None
    """The operation of reading a single row; None where none is."""
    fault_of: Callable[[str], DivergedError]
    """What to say of a pass, ``forward`` or ``backward``, in which its cells conducted no finite number."""


@runtime_checkable
class Loopable(Protocol):
    """A tile that can be asked whether compiled loops may take it; any other is trained step by step."""

    def listed(self, table: Table, use: Use) -> Looped | None:
        """Add it to a table, as :mod:`chipsim.tile.compiled` takes it; None where it acts in another way.

        Raises
        ------
        UnlistedError
            When an array of its parts is not what kernels read it as, which means None as well.
        """


class Resistive(Protocol):
    """What is listed of a tile of arrays, converters and drivers."""

    shape: tuple[int, int]
    arrays: tuple[Array, ...]
    carrier: Carrier
    changes: Changes
    read_factor: float
    alone: dict[str, Operation]

    @property
    def sides(self) -> tuple[Side, Side]:
        """The arithmetic of the forward and of the backward pass."""

    def fault_of(self, action: str) -> DivergedError:
        """As :attr:`Looped.fault_of`."""


def list_resistive(tile: Resistive, table: Table, use: Use) -> Looped | None:
    """Add a resistive tile to a table; None where its cells or their changes are not those of a loop.

    Parameters
    ----------
    tile
        Reads and is pulsed as it ships.
    table
        Where to.
    use
        What the loop does with it.

    Raises
    ------
    UnlistedError
        As :meth:`Loopable.listed` raises it.
    """
    pairs = tile.carrier.listed(table, pulsed=use.pair)
    # A tile of one's own need not know of wires.
    wired: Wired | None = getattr(tile, "wired", None)
    changes = _changes(tile, table, use)
    if pairs is None or (changes is None and use.pair is not None):
        return None
    (rows, columns), count = tile.shape, len(tile.arrays)
    forward, backward = tile.sides
    # How often which row is read alone, nobody knows when noise is drawn.
    if use.gathers and not forward.is_quiet:
        return None
    ahead: list[tuple[Side, tuple[Floats, Floats]]] = []
    places = [_NOWHERE, _NOWHERE, pairs, _NOWHERE, _NOWHERE, _NOWHERE]
    places[0], noise = forward.listed(
        table, arrays=count, driven=rows, read=columns, samples=use.samples, pulsed=use.pair
    )
    ahead.append((forward, noise))
    # What is not read draws no noise, and counts nothing.
    if use.back:
        places[1], noise = backward.listed(
            table, arrays=count, driven=columns, read=rows, samples=use.samples, pulsed=use.pair
        )
        ahead.append((backward, noise))
    if wired is not None:
        places[5] = wired.listed(table, pulsed=use.pair)
    numbers = [tile.read_factor]
    if changes is not None:
        places[3:5] = changes.pair, changes.encoder
        numbers += changes.numbers
    place = table.add(
        as_tally(np.array(places, np.int64)),
        as_sums(np.array(numbers, np.float64)),
        as_sums(np.zeros((2, 2))),
    )
    return Looped(
        place=place,
        arrays=count,
        words=(forward.word_format, backward.word_format),
        charged_as=_charged_as(tile, use),
        begin=partial(_begin, ahead, changes),
        update=None if use.chosen else _typical(tile, "update", use),
        pulse=_typical(tile, "pulse", use) if use.chosen else None,
        alone=tile.alone["read-rows"] if use.gathers else None,
        fault_of=tile.fault_of,
    )


def _changes(tile: Resistive, table: Table, use: Use) -> ListedChanges | None:
    if use.pair is None:
        return None
    listed = tile.changes.listed_chosen if use.chosen else tile.changes.listed
    return listed(table, pair=use.pair)


def _typical(tile: Resistive, action: str, use: Use) -> Operation | None:
    return None if use.pair is None else tile.changes.typical(action, pair=use.pair)


def _charged_as(tile: Resistive, use: Use) -> dict[str, Rows]:
    names = [array.name for array in tile.arrays]
    found = {action: tuple((name, action) for name in names) for action in ("forward", "backward")}
    if use.pair is not None:
        action = "pulse" if use.chosen else "update"
        found[action] = tile.changes.charged_as(action, pair=use.pair)
    return found


def _begin(
    ahead: Sequence[tuple[Side, tuple[Floats, Floats]]], changes: ListedChanges | None, samples: int
) -> None:
    for side, rooms in ahead:
        side.draw_noise(rooms, samples)
    if changes is not None:
        changes.begin()
