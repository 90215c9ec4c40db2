"""Kinds of part that everything knows, and the places that have to know a new one before it may be used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Never

from chipsim.errors import UnknownKindError
from chipsim.spec.chip import (
    ChipSpec,
    CrossbarTileSpec,
    MacTileSpec,
)
from chipsim.spec.fault import Fault

__all__ = ["KNOWN", "PLACES", "of_kinds", "refuse_unknown", "unknown_kind"]

KNOWN: Final[dict[str, tuple[type[Any], ...]]] = {
    "tile": (CrossbarTileSpec, MacTileSpec),
}
"""Classes that are simulated, by section. A class is listed here when all its :data:`PLACES` know it; these
very classes and no others, for one derived from another would get the physics of that."""

PLACES: Final[dict[str, str]] = {
    "tile": "spec/rules_parts.py and chip/building.py",
}
"""Where a new kind of a section has to be entered, before it is entered in :data:`KNOWN`."""


def of_kinds(chip: ChipSpec) -> Iterator[Fault]:
    """Sections whose kind nothing simulates, with the places that have to know it."""
    for section, known in KNOWN.items():
        part = getattr(chip, section)
        if part is None or type(part) in known:
            continue
        message = f"nothing simulates {part.kind!r} ({type(part).__name__})"
        where = f"{PLACES[section]} have to know it, and then KNOWN in spec/known.py"
        yield Fault((section, "kind"), f"{message}: {where}")


def refuse_unknown(chip: ChipSpec) -> None:
    """Refuse a chip with a kind that nothing simulates, however it was made.

    Raises
    ------
    UnknownKindError
        With all of its unknown kinds.
    """
    told = []
    for fault in of_kinds(chip):
        path = ".".join(str(key) for key in fault.path)
        told.append(f"{path}: {fault.message}")
    if told:
        raise UnknownKindError("\n".join(told))


def unknown_kind(part: Never, *, place: str) -> UnknownKindError:
    """What ends a choice by kind that has to be complete: the type checker holds that it is never met.

    Parameters
    ----------
    part
        What was met nevertheless.
    place
        File that has to know it.
    """
    return UnknownKindError(f"{place} does not know {getattr(part, 'kind', part)!r} ({type(part).__name__})")
