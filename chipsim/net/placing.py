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
from chipsim.spec.chip import ChipSpec
from chipsim.spec.stages import Stage
from chipsim.spec.tiles import Tiles
from chipsim.spec.views import Seat, seats, views
from chipsim.spec.workload import NetworkSpec
from chipsim.wording import plural

__all__ = ["Placement", "place"]


_NONE_GIVEN: Final[Mapping[int, Floats]] = MappingProxyType({})


@attrs.frozen(kw_only=True)
class _Cut:
    """One block before there are tiles."""

    seat: Seat
    rows: slice
    columns: slice
    side_by_side: bool = False
    """Whether matrices of one layer lie side by side on its tile."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows.stop - self.rows.start, self.columns.stop - self.columns.start


@attrs.frozen(kw_only=True)
class Placement:
    """Where every block of every layer goes; block i goes to tile i."""

    stages: tuple[Stage, ...]
    """The layers of weights."""
    cuts: tuple[_Cut, ...]

    @property
    def tile_shapes(self) -> list[tuple[int, int]]:
        """Rows and columns in use of each tile."""
        return [cut.shape for cut in self.cuts]

    @property
    def tile_groups(self) -> list[str]:
        """The group that each tile belongs to; without a name on a chip without groups."""
        return [cut.seat.group for cut in self.cuts]

    @property
    def beside(self) -> list[int | None]:
        """Place of the tile that each shares its rows with; empty where none shares any."""
        found: list[int | None] = []
        first: dict[tuple[int, str, int, int], int] = {}
        for place, cut in enumerate(self.cuts):
            at = (cut.seat.layer, cut.seat.group, cut.rows.start, cut.columns.start)
            known = first.setdefault(at, place)
            found.append(known if cut.side_by_side and known != place else None)
        return found if any(one is not None for one in found) else []

    def matrices(
        self,
        chip: Chip,
        given: Mapping[int, Floats] = _NONE_GIVEN,
        *,
        wanted: Mapping[int, Floats] = _NONE_GIVEN,
    ) -> list[Matrix[Any]]:
        """The matrices of all layers on a chip whose tiles were built for this placement.

        Those that passes go through; a layer's other ones are in its `roles`.

        Parameters
        ----------
        chip
            The chip.
        given
            Weights that layers begin with (rows, columns), by their indices.
        wanted
            What these should be, where they have an error.
        """
        blocks: dict[Seat, list[Block[Any]]] = {}
        for tile, cut in zip(chip.tiles, self.cuts, strict=True):
            block = Block(tile=tile, rows=cut.rows, columns=cut.columns)
            blocks.setdefault(cut.seat, []).append(block)
        # The first role of a layer is the one that passes go through; `seats` has it first.
        placed: dict[int, Matrix[Any]] = {}
        for seat, its in blocks.items():
            said = {"given": given.get(seat.layer), "wanted": wanted.get(seat.layer)}
            matrix = self._matrix(chip, seat, its, **said)
            placed.setdefault(seat.layer, matrix).roles[seat.role] = matrix
        return [placed[layer] for layer in range(len(self.stages))]

    def _matrix(
        self,
        chip: Chip,
        seat: Seat,
        blocks: Sequence[Block[Any]],
        *,
        given: Floats | None,
        wanted: Floats | None,
    ) -> Matrix[Any]:
        stage = self.stages[seat.layer]
        return Matrix(
            chip, blocks, shape=(stage.rows, stage.columns), patches=stage.patches, given=given,
            wanted=wanted, frozen=stage.frozen, group=seat.group, factor=_factor(blocks[0], given),
        )  # fmt: skip


def _factor(block: Block[Any], given: Floats | None) -> float | None:
    """What the weights of a layer's tiles are multiplied by, by those that it is given; None for nothing."""
    # By what it has, not by its class: tiles of one's own may have no synapse at all.
    synapse: Any = getattr(block.tile, "synapse", None)
    scale = getattr(synapse, "scale", None)
    if scale is None:
        return None
    # Without weights it is only timed, and what the product takes does not hang on its factor.
    return 1.0 if given is None else float(scale.factor(given, levels=synapse.levels))


def place(network: NetworkSpec, chip: ChipSpec) -> Placement:
    """Cut each layer into blocks that fit a tile, columns first, rows within them; one block a tile.

    Columns that have rows of their own, as those of a depthwise convolution, are cut group by group.

    Raises
    ------
    PlacementError
        When the chip has a fixed number of tiles and the network needs more.

    Examples
    --------
    >>> from chipsim.spec import load_chip
    >>> chip = load_chip("digital-fp32", sets=["tile.rows=4", "tile.columns=4"]).spec
    >>> place(NetworkSpec(layers=(5, 4, 2)), chip).tile_shapes
    [(4, 4), (2, 4), (4, 2), (1, 2)]
    """
    tiles = {view.name: view.chip.tile for view in views(chip)}
    cuts: list[_Cut] = []
    for seat in seats(chip, network):
        cuts += _cut(network.stages[seat.layer], seat, tiles[seat.group])
    problems = [
        _too_many(network, [cut for cut in cuts if cut.seat.group == name], tile, name)
        for name, tile in tiles.items()
        if tile.count != "auto" and sum(cut.seat.group == name for cut in cuts) > tile.count
    ]
    if problems:
        raise PlacementError(problems)
    return Placement(stages=network.stages, cuts=tuple(cuts))


def _cut(stage: Stage, seat: Seat, tile: Tiles) -> list[_Cut]:
    """The blocks of one layer."""
    return [
        _Cut(seat=seat, rows=rows, columns=columns, side_by_side=bool(getattr(tile, "side_by_side", None)))
        for group in range(stage.groups)
        for columns in _pieces(stage.group_columns, tile.columns, start=group * stage.group_columns)
        for rows in _pieces(stage.group_rows, tile.rows, start=group * stage.group_rows)
    ]


def _pieces(size: int, most: int, *, start: int) -> list[slice]:
    end = start + size
    return [slice(first, min(first + most, end)) for first in range(start, end, most)]


def _too_many(network: NetworkSpec, cuts: Sequence[_Cut], tile: Tiles, group: str) -> Problem:
    stages = network.stages
    needs = ", ".join(
        f"layer {layer + 1} ({stages[layer].rows} x {stages[layer].columns}) "
        f"{sum(cut.seat.layer == layer for cut in cuts)}"
        for layer in dict.fromkeys(cut.seat.layer for cut in cuts)
    )
    count = f"{tile.count} {plural('tile', int(tile.count))}"
    owner = f"group {group!r}" if group else "the chip"
    message = (
        f"{owner} has {count} of {tile.rows} x {tile.columns}, "
        f"the network needs {len(cuts)}: {needs}; "
        "raise tile.count or set it to auto, or make tiles larger"
    )
    return Problem(path=f"groups.{group}.tile.count" if group else "tile.count", message=message)
