"""What a chip description says: frozen classes, one a section of the file."""

from __future__ import annotations

from typing import Literal

import attrs

from chipsim.spec.fields import between, more_than, sized_by
from chipsim.spec.groups import LOCAL, TileGroup, group_names
from chipsim.spec.kind import Kind
from chipsim.spec.kinds import PARTS, shipped_kind
from chipsim.spec.leakage import LeakageSpec
from chipsim.spec.learning import Learning
from chipsim.spec.levels import MemorySpec
from chipsim.spec.tiles import Tiles
from chipsim.units import Bits

__all__ = [
    "BufferSpec",
    "ChipSpec",
    "DigitalUnitSpec",
    "parts_of",
]


@attrs.frozen(kw_only=True)
class DigitalUnitSpec:
    """The shared digital unit: activations, errors, partial sums."""

    lanes: int = attrs.field(validator=between(1, 65_536), metadata=sized_by())
    """Operations in one cycle."""
    arithmetic: str = "fixed-16"
    """Number format, as the cost set names it: each activation and each error is rounded to it, and spans
    plus and minus one in fixed point; inside the formula that makes it, from the sums of all blocks on,
    numbers are wide. Hidden weights need ``float-32``."""


@attrs.frozen(kw_only=True)
class BufferSpec:
    """The on-chip memory for samples and activations."""

    size: Bits | Literal["auto"] = attrs.field(validator=more_than(0))
    """``auto`` builds as much as a batch of the workload needs, in whole KiB."""
    width: Bits = attrs.field(validator=more_than(0))
    """Bits of one access."""


def _in_place() -> Learning:
    # By its word, not its class: rules import what a chip is, so this module cannot import them.
    rule = shipped_kind("rule", "outer-product-sgd")()
    assert isinstance(rule, Learning)
    return rule


def _no_selection() -> Kind:
    return shipped_kind("selector", "fixed")()


@attrs.frozen(kw_only=True)
class ChipSpec:
    """One chip: its cells, how they carry a weight, its tiles, units and links.

    In Python, synapse, device, tile and update of a chip with groups of tiles are those of the first group on
    which layers learn.
    """

    name: str
    about: str
    paper: str | None = None
    synapse: Kind
    device: Kind | None = None
    """None for a chip without resistive cells."""
    tile: Tiles
    update: Kind
    selector: Kind = attrs.field(factory=_no_selection)
    digital: DigitalUnitSpec
    memory: MemorySpec | None = None
    """The digital unit's memory; None for a chip that keeps all its state in tiles."""
    buffer: BufferSpec
    interconnect: Kind
    rule: Learning = attrs.field(factory=_in_place)
    costs: str
    """Name of the cost set."""
    leakage: LeakageSpec = attrs.field(factory=LeakageSpec)
    """Whether parts that do nothing are switched off."""
    groups: dict[str, TileGroup] = attrs.field(factory=dict, validator=group_names)
    """Groups of tiles by their names, where not all tiles are alike. Synapse, device, tile and update beside
    them are for groups that have none of their own."""


def parts_of(chip: ChipSpec) -> list[Kind]:
    """The parts of a chip that are of a kind, in the order of their sections, group after group."""
    # A chip with groups has the sections of one of them as its own: they must not count twice.
    owners: list[TileGroup | ChipSpec] = [*chip.groups.values()] or [chip]
    parts = [getattr(owner, section) for owner in owners for section in LOCAL]
    parts += [getattr(chip, section) for section in PARTS if section not in LOCAL]
    return [part for part in parts if part is not None]
