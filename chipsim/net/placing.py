"""Placing a network's layers on tiles: which block of which weight matrix sits where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import attrs

from chipsim.chip.chip import Chip
from chipsim.device.types import Floats
from chipsim.errors import PlacementError, Problem
from chipsim.net.matrix import Block, Matrix
from chipsim.spec.tiles import Tiles
from chipsim.spec.workload import NetworkSpec
from chipsim.wording import plural

__all__ = ["Placement", "place"]


_NONE_GIVEN: Final[Mapping[int, Floats]] = MappingProxyType({})


@attrs.frozen(kw_only=True)
class _Cut:
    """One block before there are tiles."""

    layer: int
    rows: slice
    columns: slice


@attrs.frozen(kw_only=True)
class Placement:
    """Where every block of every layer goes; block i goes to tile i."""

    shapes: tuple[tuple[int, int], ...]
    """Rows (inputs, the bias included) and columns of each layer."""
    patches: tuple[int, ...]
    """Vectors that one sample drives each layer by."""
    cuts: tuple[_Cut, ...]

    @property
    def tile_shapes(self) -> list[tuple[int, int]]:
        """Rows and columns in use of each tile."""
        return [(cut.rows.stop - cut.rows.start, cut.columns.stop - cut.columns.start) for cut in self.cuts]

    frozen: tuple[bool, ...]
    """Whether each layer keeps its weights."""

    def matrices(self, chip: Chip, given: Mapping[int, Floats] = _NONE_GIVEN) -> list[Matrix[Any]]:
        """The matrices of all layers on a chip whose tiles were built for this placement.

        Parameters
        ----------
        chip
            The chip.
        given
            Weights that layers begin with (rows, columns), by their indices.
        """
        placed = []
        for index, (shape, patches) in enumerate(zip(self.shapes, self.patches, strict=True)):
            blocks = [
                Block(tile=tile, rows=cut.rows, columns=cut.columns)
                for tile, cut in zip(chip.tiles, self.cuts, strict=True)
                if cut.layer == index
            ]
            placed.append(
                Matrix(
                    chip,
                    blocks,
                    shape=shape,
                    patches=patches,
                    given=given.get(index),
                    frozen=self.frozen[index],
                )
            )
        return placed


def place(network: NetworkSpec, tile: Tiles) -> Placement:
    """Cut each layer into blocks that fit a tile, columns first, rows within them; one block a tile.

    Columns that have rows of their own, as those of a depthwise convolution, are cut group by group.

    Raises
    ------
    PlacementError
        When the chip has a fixed number of tiles and the network needs more.

    Examples
    --------
    >>> from chipsim.tile.mac import Mac
    >>> network = NetworkSpec(layers=(5, 4, 2))
    >>> place(network, Mac(rows=4, columns=4, lanes=1)).tile_shapes
    [(4, 4), (2, 4), (4, 2), (1, 2)]
    """
    shapes = tuple((stage.rows, stage.columns) for stage in network.stages)
    cuts = tuple(
        _Cut(layer=index, rows=rows, columns=columns)
        for index, stage in enumerate(network.stages)
        for group in range(stage.groups)
        for columns in _pieces(stage.group_columns, tile.columns, start=group * stage.group_columns)
        for rows in _pieces(stage.group_rows, tile.rows, start=group * stage.group_rows)
    )
    if tile.count != "auto" and len(cuts) > tile.count:
        raise PlacementError([_too_many(shapes, cuts, tile)])
    patches = tuple(stage.patches for stage in network.stages)
    frozen = tuple(stage.frozen for stage in network.stages)
    return Placement(shapes=shapes, patches=patches, cuts=cuts, frozen=frozen)


def _pieces(size: int, most: int, *, start: int) -> list[slice]:
    end = start + size
    return [slice(first, min(first + most, end)) for first in range(start, end, most)]


def _too_many(shapes: Sequence[tuple[int, int]], cuts: Sequence[_Cut], tile: Tiles) -> Problem:
    needs = ", ".join(
        f"layer {index} ({rows} x {columns}) {sum(cut.layer == index for cut in cuts)}"
        for index, (rows, columns) in enumerate(shapes)
    )
    count = f"{tile.count} {plural('tile', int(tile.count))}"
    message = (
        f"the chip has {count} of {tile.rows} x {tile.columns}, "
        f"the network needs {len(cuts)}: {needs}; "
        "raise tile.count or set it to auto, or make tiles larger"
    )
    return Problem(path="tile.count", message=message)
