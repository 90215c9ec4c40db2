"""Whether the parts of a chip fit together: each says what it needs of others, and what it offers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.kinds import ROOMS, shipped_kind, shipped_kinds

__all__ = ["WORDS", "of_fit"]

WORDS: Final[Mapping[str, str]] = {
    "cells": "resistive cells in arrays",
    "level-changes": "a search for the weights whose level changed",
    "levels": "weights that stand at levels",
    "memory": "a memory for hidden weights",
    "numbers": "weights that are digital numbers",
    "outer-product": "updates by outer products",
    "pairs": "several pairs of cells to choose from",
    "program": "cells that are programmed to levels",
    "pulses": "weights that pulses move",
    "reprogramming": "weights brought to levels",
    "up": "cells that a pulse moves by a step",
}
"""What is needed and offered, in the words of a message; others stand for themselves."""
_OPTIONAL: Final = ("device", "memory")
"""Sections that a chip may do without."""


def of_fit(chip: ChipSpec) -> Iterator[Fault]:
    """What parts of a chip need and none offers, with kinds that would; and parts that nobody needs."""
    parts = _parts(chip)
    offered = {word for part in parts.values() for word in part.offers}
    needed: dict[str, list[str]] = {}
    for section, part in parts.items():
        for word in sorted(part.needs):
            needed.setdefault(word, []).append(f"{part.kind} ({section})")
    missing = [_missing(word, by, parts) for word, by in needed.items() if word not in offered]
    yield from missing
    wrong = {fault.path[0] for fault in missing if fault.path}
    for section in _OPTIONAL:
        part = parts.get(section)
        if part is not None and section not in wrong and not needed.keys() & part.offers:
            yield Fault((section,), f"no part of this chip needs its {section}; leave it out")


def _parts(chip: ChipSpec) -> dict[str, Any]:
    """The parts that say what they need or offer, by their sections."""
    sections = {field.name: getattr(chip, field.name) for field in attrs.fields(ChipSpec)}
    return {section: part for section, part in sections.items() if hasattr(part, "needs")}


def _missing(word: str, by: list[str], parts: Mapping[str, Any]) -> Fault:
    """What is said of something that is needed and not there, at the section whose kinds offer it."""
    offering = _offering(word)
    need = f"{' and '.join(by)} need{'s' * (len(by) == 1)} {WORDS.get(word, word)}"
    if len(offering) != 1:
        return Fault((), f"{need}, which no part of this chip offers")
    ((section, kinds),) = offering.items()
    known = f"{_either(kinds)} would do" if kinds else ""
    if section not in parts:
        return Fault((), f"missing key {section!r}: {need}{f'; {known}' if known else ''}")
    return Fault((section, "kind"), f"{need}, and {parts[section].kind} offers none; {known}")


def _either(kinds: list[str]) -> str:
    """Kinds as the beginning of a sentence."""
    *first, last = kinds
    return f"{', '.join(first)} or {last}" if first else last


def _offering(word: str) -> dict[str, list[str]]:
    """The kinds that ship and offer something, by their sections; memory is of no kind."""
    found: dict[str, list[str]] = {"memory": []} if word == "memory" else {}
    for section in ROOMS:
        kinds = [one for one in shipped_kinds(section) if word in shipped_kind(section, one).offers]
        found |= {section: kinds} if kinds else {}
    return found
