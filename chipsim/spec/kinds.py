"""How kinds are found: each is one class in one file, in the room of its section, named as its word is."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Never

from chipsim.errors import UnknownKindError
from chipsim.spec.chip import (
    AccuracyPlateauSpec,
    ChipSpec,
    CrossbarTileSpec,
    DigitalSynapseSpec,
    FixedSelectorSpec,
    HybridSpec,
    IdealCellSpec,
    LinearStepSpec,
    MacTileSpec,
    OuterProductSpec,
    SinglePairSpec,
    UpdateSpec,
)
from chipsim.spec.fault import Fault
from chipsim.spec.kind import Kind
from chipsim.spec.levels import (
    HiddenWeightSpec,
    LevelCellSpec,
    LevelChangeSpec,
    LevelPairSpec,
    MultilevelSpec,
    ReprogramSpec,
)

__all__ = [
    "KNOWN",
    "PLACES",
    "ROOMS",
    "is_open",
    "of_kinds",
    "refuse_unknown",
    "shipped_kind",
    "shipped_kinds",
    "unknown_kind",
]

ROOMS: Final = {"interconnect": "chip"}
"""The room in which the kinds of a section live, each in a file of its own."""
_WORD: Final = re.compile(r'^    kind: ClassVar\[str\] = "([a-z0-9-]+)"$', re.MULTILINE)
"""The line by which a file says which kind it holds."""
_PACKAGE: Final = Path(__file__).parent.parent


@functools.cache
def shipped_kinds(section: str) -> tuple[str, ...]:
    """The words of the kinds of a section that ship, sorted; their files are searched, not loaded.

    Examples
    --------
    >>> shipped_kinds("interconnect")
    ('bus', 'links', 'mesh')
    """
    words = []
    for path in (_PACKAGE / ROOMS[section]).glob("*.py"):
        found = _WORD.search(path.read_text(encoding="utf-8"))
        if found is not None and found[1] == path.stem.replace("_", "-"):
            words.append(found[1])
    return tuple(sorted(words))


def is_open(section: str) -> bool:
    """Whether the kinds of a section are found by their files."""
    return section in ROOMS


def shipped_kind(section: str, word: str) -> type[Kind]:
    """The class of a kind that ships, loaded when it is first asked for.

    Parameters
    ----------
    section, word
        Of a kind that :func:`shipped_kinds` names.

    Examples
    --------
    >>> shipped_kind("interconnect", "mesh").__name__
    'Mesh'
    """
    module = import_module(f"chipsim.{ROOMS[section]}.{word.replace('-', '_')}")
    classes = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, Kind)]
    (found,) = (one for one in classes if one.__module__ == module.__name__ and one.kind == word)
    return found


KNOWN: Final[dict[str, tuple[type[Any], ...]]] = {
    "synapse": (SinglePairSpec, HybridSpec, LevelPairSpec, LevelCellSpec, DigitalSynapseSpec),
    "device": (LinearStepSpec, IdealCellSpec, MultilevelSpec),
    "tile": (CrossbarTileSpec, MacTileSpec),
    "update": (UpdateSpec, ReprogramSpec),
    "selector": (AccuracyPlateauSpec, LevelChangeSpec, FixedSelectorSpec),
    "rule": (OuterProductSpec, HiddenWeightSpec),
}
"""Classes that are simulated, by section. A class is listed here when all its :data:`PLACES` know it; these
very classes and no others, for one derived from another would get the physics of that."""

PLACES: Final[dict[str, str]] = {
    "synapse": "spec/rules_parts.py, spec/hidden.py, parts/array.py, chip/building.py and cli/describing.py",
    "device": "device/models.py or parts/levels.py, spec/rules_parts.py and chip/building.py",
    "tile": "spec/rules_parts.py and chip/building.py",
    "update": "spec/rules_parts.py, device/encoding.py or parts/writer.py, and cli/describing.py",
    "selector": "spec/rules_parts.py and parts/digital.py",
    "rule": "spec/rules_parts.py, spec/rules_levels.py and run/rules.py",
}
"""Where a new kind of a section has to be entered, before it is entered in :data:`KNOWN`."""


def of_kinds(chip: ChipSpec) -> Iterator[Fault]:
    """Sections whose kind nothing simulates, with the places that have to know it."""
    for section, known in KNOWN.items():
        part = getattr(chip, section)
        if part is None or type(part) in known:
            continue
        message = f"nothing simulates {part.kind!r} ({type(part).__name__})"
        where = f"{PLACES[section]} have to know it, and then KNOWN in spec/kinds.py"
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
