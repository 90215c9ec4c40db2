"""How kinds are found: each is one class in one file, in the room of its section, named as its word is."""

from __future__ import annotations

import functools
import pkgutil
import re
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final

from chipsim.spec.kind import Kind

__all__ = ["PARTS", "ROOMS", "WITHIN", "room_of", "shipped_kind", "shipped_kinds"]

ROOMS: Final = {
    "synapse": "synapse",
    "device": "device",
    "tile": "tile",
    "update": "update",
    "selector": "parts",
    "interconnect": "chip",
    "rule": "learn",
    "layer": "layer",
}
"""The room in which the kinds of a section live, each in a file of its own."""
WITHIN: Final = {"read_noise": "noise", "drift": "drift"}
"""Likewise of sections that stand within a section of a chip."""
PARTS: Final = tuple(section for section in ROOMS if section != "layer")
"""Sections of a chip; layers are those of a network."""
# Searched for in the text: loading every kind would load the compiler, only to list their words.
_WORD: Final = re.compile(r'^    kind: ClassVar\[str\] = "([a-z0-9-]+)"$', re.MULTILINE)
"""The line by which a file says which kind it holds."""
_PACKAGE: Final = Path(__file__).parent.parent


def room_of(section: str) -> str:
    """The room in which the kinds of a section live.

    Examples
    --------
    >>> room_of("interconnect"), room_of("read_noise")
    ('chip', 'noise')
    """
    return ROOMS[section] if section in ROOMS else WITHIN[section]


@functools.cache
def shipped_kinds(section: str) -> tuple[str, ...]:
    """The words of the kinds of a section that ship, sorted; their files are searched, not loaded.

    Examples
    --------
    >>> shipped_kinds("interconnect")
    ('bus', 'links', 'mesh')
    """
    # Editors and file systems leave files beside ours whose names are no modules.
    room = _PACKAGE / room_of(section)
    sources = [path for path in room.glob("*.py") if path.stem.isidentifier()]
    if not sources:
        return _loaded_kinds(section)
    words = []
    for path in sources:
        found = _WORD.search(path.read_text(encoding="utf-8"))
        # A kind is loaded from the file of its name: what is in another, such as a copy, cannot be had.
        if found is not None and found[1] == path.stem.replace("_", "-"):
            words.append(found[1])
    return tuple(sorted(words))


def _loaded_kinds(section: str) -> tuple[str, ...]:
    """The same where only compiled files were installed: each module is loaded and asked."""
    words = []
    for module in pkgutil.iter_modules([str(_PACKAGE / room_of(section))]):
        kinds = _kinds_in(import_module(f"chipsim.{room_of(section)}.{module.name}"))
        word = module.name.replace("_", "-")
        words += [word for one in kinds if getattr(one, "kind", "") == word]
    return tuple(sorted(set(words)))


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
    file = word.replace("-", "_")
    module = import_module(f"chipsim.{room_of(section)}.{file}")
    # A module also has in it the classes that it extends, which others define.
    own = [one for one in _kinds_in(module) if one.__module__ == module.__name__]
    (found,) = (one for one in own if one.kind == word)
    return found


def _kinds_in(module: ModuleType) -> list[type[Kind]]:
    """The classes of kinds in a module, those that it imports included."""
    return [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, Kind)]
