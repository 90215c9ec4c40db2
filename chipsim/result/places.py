"""Where the arrays of a saved run stand: which tile and layer each belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np

from chipsim.result import Result
from chipsim.spec.kind import Kind
from chipsim.spec.kinds import shipped_kind, shipped_kinds
from chipsim.spec.layer import WeightedLayer

__all__ = [
    "ArrayPlace",
    "described",
    "described_in",
    "described_or_usual",
    "frozen_tiles",
    "groups_by_tile",
    "groups_in",
    "places_of",
    "shipped_class",
    "shipped_kind_of",
    "stated_in",
    "tile_of",
]


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
        # A value with a source is a mapping of both.
        while isinstance(here, Mapping) and "value" in here:
            here = here["value"]
    return [_whole(item) for item in here] if isinstance(here, list) else _whole(here)


def described_in(result: Result, group: str, *keys: str) -> Any:
    """What :func:`described` gives of a section that a group of tiles has, its own or the chip's.

    Parameters
    ----------
    result
        Of the run.
    group
        As a placed block names it; empty on a chip without groups.
    keys
        The section and what is in it.
    """
    section, *_ = keys
    own = described(result.chip, "groups", group, section) if group else None
    said = described(result.chip, "groups", group, *keys) if isinstance(own, Mapping) else None
    # A section without a kind is the chip's with these keys changed.
    if said is not None or (isinstance(own, Mapping) and "kind" in own):
        return said
    return described(result.chip, *keys)


def stated_in(result: Result, group: str, section: str) -> tuple[str, ...]:
    """Path of the section that a group of tiles has, its own or the chip's, in the description as run.

    Parameters
    ----------
    result
        Of the run.
    group
        As a placed block names it; empty on a chip without groups.
    section
        One that groups may have of their own.
    """
    own = described(result.chip, "groups", group, section) if group else None
    # Also where it only changes keys of the chip's: what is changed there concerns this group alone.
    return (section,) if own is None else ("groups", group, section)


def groups_in(result: Result) -> tuple[str, ...]:
    """The groups of tiles of a chip as run; one without a name where it has none.

    Examples
    --------
    >>> groups_in(simulate("bnn", "mnist-5k"))  # doctest: +SKIP
    ('',)
    """
    named = described(result.chip, "groups")
    return tuple(named) if isinstance(named, Mapping) and named else ("",)


def shipped_class(document: Mapping[str, Any], section: str) -> type[Kind] | None:
    """The class of a section of a chip as run; None for a kind that does not ship.

    Examples
    --------
    >>> shipped_class({"interconnect": {"kind": "mesh"}}, "interconnect").__name__
    'Mesh'
    """
    return shipped_kind_of(described(document, section, "kind"), section)


def shipped_kind_of(word: Any, section: str) -> type[Kind] | None:
    """The class that a word of a section stands for; None for one that does not ship."""
    # A result names kinds of its own by package and class: reading one must not run code of a stranger.
    return shipped_kind(section, word) if word in shipped_kinds(section) else None


def described_or_usual(document: Mapping[str, Any], section: str, key: str) -> Any:
    """A value of a section of a chip as run; where it does not say, what its kind takes, if that ships.

    Examples
    --------
    >>> described_or_usual({"selector": {"kind": "level-change"}}, "selector", "typical_share")
    0.01
    >>> described_or_usual({"selector": {"kind": "of-my-own"}}, "selector", "typical_share")
    """
    said, kind = described(document, section, key), shipped_class(document, section)
    if said is not None or kind is None:
        return said
    field = attrs.fields_dict(kind).get(key)
    return None if field is None or field.default is attrs.NOTHING else field.default


def _whole(value: Any) -> Any:
    # 1e6 is how people write a million, and a float to YAML.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def tile_of(array: str) -> str:
    """The tile that an array belongs to, from its name.

    Examples
    --------
    >>> tile_of("tile0.coarse+")
    'tile0'
    """
    return array.partition(".")[0]


def groups_by_tile(result: Result) -> dict[str, str]:
    """The group of every tile that carries a block; empty names on a chip without groups."""
    return {block.tile: block.group for block in result.placement}


def frozen_tiles(result: Result) -> frozenset[str]:
    """Tiles of layers that keep the weights that they are given, as the workload as run says."""
    layers = described(result.workload, "network", "layers")
    frozen: set[int] = set()
    count = 0
    for said in layers[1:] if isinstance(layers, list) else ():
        kind = described(said, "kind") if isinstance(said, Mapping) else None
        known = shipped_kind_of(kind or "dense", "layer")
        # Of a kind of the user's own it is not known here whether it has weights; nearly all of them have.
        if known is not None and not issubclass(known, WeightedLayer):
            continue
        count += 1
        if isinstance(said, Mapping) and described(said, "frozen"):
            frozen.add(count)
    if frozen and count != max((block.layer for block in result.placement), default=count):
        return _without_updates(result)
    return frozenset(block.tile for block in result.placement if block.layer in frozen)


def _without_updates(result: Result) -> frozenset[str]:
    """Tiles none of whose cells was ever updated."""
    updated = {tile_of(row.array) for row in result.arrays if row.epoch and row.updates}
    return frozenset(block.tile for block in result.placement if block.tile not in updated)


def places_of(result: Result) -> dict[str, ArrayPlace]:
    """Tile and layer of every array, by its name; empty when the result does not say where each stands.

    A weight may take several cells of a row, so an array may have more columns than its block has weights.
    """
    blocks = {block.tile: block for block in result.placement}
    found: dict[str, ArrayPlace] = {}
    for one in result.wear:
        block = blocks.get(tile_of(one.array))
        # Layers of which some array is missing would be told as if they were whole.
        if block is None:
            return {}
        lines = np.shape(one.pulses)[1] // block.columns
        column = block.column * lines
        found[one.array] = ArrayPlace(tile=block.tile, layer=block.layer, row=block.row, column=column)
    return found
