"""Where the arrays of a saved run stand: which tile and layer each belongs to, read from its descriptions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import attrs
import numpy as np

from chipsim.result import Result
from chipsim.spec.workload import NetworkSpec

__all__ = ["ArrayPlace", "described", "places_of", "tile_of"]

_TILE: Final = "tile"


@attrs.frozen(kw_only=True)
class ArrayPlace:
    """Where one array stands in the network."""

    tile: str
    layer: int
    """Counted from 1, the layer next to the input."""
    row: int
    """Place of the array's first row among the rows (inputs) of its layer."""
    column: int
    """Place of the array's first column of cells among those of its layer."""


def described(document: Mapping[str, Any], *keys: str) -> Any:
    """A value of a description as run, without its source; None when it does not say.

    Whole numbers are int, however they were written.

    Examples
    --------
    >>> described({"device": {"endurance": {"value": 100_000, "source": "paper"}}}, "device", "endurance")
    100000
    >>> described({"device": {"endurance": 1e6}}, "device", "endurance")
    1000000
    >>> described({"device": {}}, "device", "endurance")
    """
    here: Any = document
    for key in keys:
        if not isinstance(here, Mapping):
            return None
        here = here.get(key)
        while isinstance(here, Mapping) and "value" in here:
            here = here["value"]
    return [_whole(item) for item in here] if isinstance(here, list) else _whole(here)


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def tile_of(array: str) -> str:
    """The tile that an array belongs to, from its name.

    Examples
    --------
    >>> tile_of("tile0.coarse+")
    'tile0'
    """
    return array.partition(".")[0]


def places_of(result: Result) -> dict[str, ArrayPlace]:
    """Tile and layer of every array, by its name.

    Tiles are filled in their order, layer by layer, blocks of columns first and rows within them. Empty
    when the result does not say the network and the size of its tiles, or its arrays do not fit them.
    """
    tiles = {tile_of(one.array) for one in result.wear}
    # No more than there are tiles: a network that a damaged description makes wide would have billions.
    first = itertools.islice(_blocks(result), len(tiles))
    blocks = {f"{_TILE}{number}": block for number, block in enumerate(first)}
    found: dict[str, ArrayPlace] = {}
    for one in result.wear:
        rows, columns = np.shape(one.pulses)
        block = blocks.get(tile_of(one.array))
        if block is None or rows != block.rows or columns % block.columns:
            return {}
        found[one.array] = ArrayPlace(
            tile=tile_of(one.array),
            layer=block.layer,
            row=block.row,
            column=block.column * (columns // block.columns),
        )
    return found


@attrs.frozen(kw_only=True)
class _Block:
    """What of a layer's weights one tile carries."""

    layer: int
    row: int
    column: int
    rows: int
    columns: int


def _blocks(result: Result) -> Iterator[_Block]:
    """The blocks that weights are cut into, in the order of their tiles."""
    sizes = described(result.workload, "network", "layers")
    bias = described(result.workload, "network", "bias")
    most = [described(result.chip, "tile", key) for key in ("rows", "columns")]
    whole = isinstance(sizes, Sequence) and all(isinstance(size, int) for size in [*sizes, *most])
    if not whole or min(most) < 1:
        return
    extra = int(bool(attrs.fields(NetworkSpec).bias.default if bias is None else bias))
    for layer, (inputs, outputs) in enumerate(itertools.pairwise(sizes), start=1):
        for column, columns in _pieces(outputs, most[1]):
            for row, rows in _pieces(inputs + extra, most[0]):
                yield _Block(layer=layer, row=row, column=column, rows=rows, columns=columns)


def _pieces(size: int, most: int) -> Iterator[tuple[int, int]]:
    """Start and length of each piece."""
    return ((start, min(most, size - start)) for start in range(0, size, most))
