"""Whether the parts of a chip fit together: each says what it needs of others, and what it offers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.groups import LOCAL
from chipsim.spec.kinds import PARTS, shipped_kind, shipped_kinds

__all__ = ["WORDS", "of_fit"]

WORDS: Final[Mapping[str, str]] = {
    "cells": "resistive cells in arrays",
    "chosen-pulses": "pulses on cells that are named one by one",
    "counted-pulses": "updates by counted pulses",
    "down": "cells that a pulse moves back by a step",
    "level-changes": "a search for the weights whose level changed",
    "levels": "weights that stand at levels",
    "memory": "a memory of the digital unit",
    "numbers": "weights that are digital numbers",
    "outer-product": "updates by outer products",
    "pairs": "several pairs of cells to choose from",
    "program": "cells that are programmed to levels",
    "pulses": "weights that pulses move",
    "reprogramming": "weights brought to levels",
    "set": "cells that one strong pulse takes to their highest conductance",
    "transfers": "logic that says when gathered gradients are read, and which weights move by them",
    "up": "cells that a pulse moves by a step",
}
"""What is needed and offered, in the words of a message; others stand for themselves."""
_OPTIONAL: Final = ("device", "memory")
"""Sections that a chip may do without."""


def of_fit(chip: ChipSpec, *, learns: bool = True, beside: frozenset[str] = frozenset()) -> Iterator[Fault]:
    """What parts of a chip need and none offers, with kinds that would; and parts that nobody needs.

    Parameters
    ----------
    chip
        The chip, as one group of its tiles sees it.
    learns
        Whether its rule trains layers on this group; otherwise only the group's own parts have to fit.
    beside
        What other groups offer to the selector, which is there for all of them.
    """
    parts = _parts(chip)
    # What rule and selector ask for is for training, which does not touch this group.
    if not learns:
        parts = {section: part for section, part in parts.items() if section in LOCAL}
    offered = {word for part in parts.values() for word in part.offers}
    needed = _needed(parts)
    missing = {word: by for word, by in needed.items() if word not in offered}
    # There is one selector for all groups: what it chooses from need not be in each of them.
    for word in beside.intersection(missing):
        missing[word] = [section for section in missing[word] if section != "selector"]
    missing = {word: by for word, by in missing.items() if by}
    for word, by in missing.items():
        yield _missing(word, by, parts)
    # While something is missing, the part that will offer it may be the one that needs these.
    for section in () if missing else _OPTIONAL:
        part = parts.get(section)
        # A chip that moves gathered gradients is run by several rules, of which some keep no sums.
        if section == "memory" and "transfers" in offered:
            continue
        if part is not None and not needed.keys() & part.offers:
            yield Fault((section,), _unneeded(section, grouped=bool(chip.groups)))


def _unneeded(section: str, *, grouped: bool) -> str:
    """What is said of a part that nobody needs; a group of tiles may have it from the chip."""
    if grouped and section in LOCAL:
        return f"no part of this group needs a {section}; give the group {section}: null, or leave it out"
    return f"no part of this chip needs its {section}; leave it out"


def _parts(chip: ChipSpec) -> dict[str, Any]:
    """The parts that say what they need or offer, by their sections."""
    sections = {field.name: getattr(chip, field.name) for field in attrs.fields(ChipSpec)}
    return {section: part for section, part in sections.items() if hasattr(part, "needs")}


def _needed(parts: Mapping[str, Any]) -> dict[str, list[str]]:
    """What is needed, with the sections that need it."""
    needed: dict[str, list[str]] = {}
    for section, part in parts.items():
        for word in sorted(part.needs):
            needed.setdefault(word, []).append(section)
    return needed


def _missing(word: str, by: Sequence[str], parts: Mapping[str, Any]) -> Fault:
    """What is said of something that is missing: at the part that needs it, if that could be another."""
    named = [f"{parts[section].kind} ({section})" for section in by]
    told = " and ".join(named)
    verb = "needs" if len(by) == 1 else "need"
    need = f"{told} {verb} {WORDS.get(word, word)}"
    offering = _offering(word)
    # Where kinds of several sections offer it, nobody knows which of them was meant to.
    if len(offering) != 1:
        return Fault((), f"{need}, which no part of this chip offers")
    ((section, kinds),) = offering.items()
    instead = _instead(by, parts)
    others = [f"{section} {_either(kinds)}"] if kinds else []
    ways = [*instead, *others]
    take = f"; take {', or '.join(ways)}" if ways else ""
    if section not in parts:
        return Fault((), f"missing key {section!r}: {need}{take}")
    at = by[0] if instead else section
    has = f"{parts[section].kind} ({section})"
    return Fault((at, "kind"), f"{need}, and {has} offers none{take}")


def _instead(by: Sequence[str], parts: Mapping[str, Any]) -> list[str]:
    """Kinds of the one section that needs something, all of whose needs the other parts meet."""
    # Of two that need it, exchanging one leaves the other in need.
    if len(by) != 1:
        return []
    (section,) = by
    offered = {word for other, part in parts.items() if other != section for word in part.offers}
    needed = {word for part in parts.values() for word in part.needs}
    kinds = []
    for word in shipped_kinds(section):
        kind = shipped_kind(section, word)
        # One that is there for what nobody asks for would fit, and be of no use.
        wanted = not kind.offers or section != "selector" or kind.offers & needed
        if kind.needs <= offered and wanted:
            kinds.append(word)
    return [f"{section} {_either(kinds)}"] if kinds else []


def _either(kinds: Sequence[str]) -> str:
    *first, last = kinds
    return f"{', '.join(first)} or {last}" if first else last


def _offering(word: str) -> dict[str, list[str]]:
    """The kinds that ship and offer something, by their sections; memory is of no kind."""
    found: dict[str, list[str]] = {"memory": []} if word == "memory" else {}
    for section in PARTS:
        kinds = [one for one in shipped_kinds(section) if word in shipped_kind(section, one).offers]
        found |= {section: kinds} if kinds else {}
    return found
