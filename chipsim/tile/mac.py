"""The digital tile: what it asks of a chip, and how it is built."""

from __future__ import annotations

from typing import ClassVar

import attrs

from chipsim.synapse.digital import digital_of
from chipsim.tile.lane_tiles import LaneTiles
from chipsim.tile.mac_tile import MacTile
from chipsim.tile.tile import Tile
from chipsim.tile.tile_kind import Site

__all__ = ["Mac"]


@attrs.frozen(kw_only=True)
class Mac(LaneTiles):
    """A digital tile: weights in SRAM beside an array of multiply-accumulate lanes."""

    kind: ClassVar[str] = "mac"
    needs: ClassVar[frozenset[str]] = frozenset({"numbers"})

    def build(self, site: Site, name: str, *, shape: tuple[int, int], seed: int | None) -> Tile:
        """Lanes beside a memory of words in the synapse's format."""
        synapse = digital_of(site.spec)
        return MacTile(
            site.env, name, ledger=site.ledger, spec=self, costs=site.costs, shape=shape, synapse=synapse,
            seed=seed,
        )  # fmt: skip
