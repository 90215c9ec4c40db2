"""Paths to values of descriptions: keys joined by dots, and entries of lists by what they are.

``costs.adc[bits=8].energy`` is the energy of the converter of 8 bits, wherever it stands in its list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Self, TypeAlias

import attrs

__all__ = ["ALL", "Chosen", "Entry", "Key", "Step", "path_text", "steps_in", "without_entries"]

Key: TypeAlias = str | int
"""One step of a path in a tree: a key of a mapping or an index of a list."""


class Entry(int):
    """The index of a list's entry, with what tells it from the others.

    Parameters
    ----------
    index
        Its place, from 0.
    label
        What stands in brackets, such as ``bits=8``.

    Examples
    --------
    >>> path_text(("adc", Entry(4, "bits=8"), "energy"))
    'adc[bits=8].energy'
    """

    label: str

    def __new__(cls, index: int, label: str) -> Self:
        """An index that knows its label."""
        # A whole number, so that lists are looked into by it; only messages ask for its label.
        entry = super().__new__(cls, index)
        entry.label = label
        return entry


ALL: Final = "*"
"""A step between dots, or what stands in brackets, that means every entry of a list."""


@attrs.frozen
class Chosen:
    """A step of a written path that chooses entries of a list.

    Examples
    --------
    >>> print(Chosen("bits", "8"), Chosen("", "*"))
    [bits=8] [*]
    """

    key: str
    """What is compared; empty where only a value stands in the brackets."""
    value: str
    """What it has to be; ``*`` without a key chooses all."""

    def __str__(self) -> str:
        inside = f"{self.key}={self.value}" if self.key else self.value
        return f"[{inside}]"


Step: TypeAlias = str | Chosen
"""One step of a path as it is written: a key, or what chooses entries of a list."""

_STEP: Final = re.compile(r"(?:^|\.)(?P<key>[^.\[\]]*)|\[(?P<chosen>[^\[\]]*)\]")
_CHOSEN: Final = re.compile(r"\[[^\[\]]*\]")


def path_text(path: Iterable[Key | Step]) -> str:
    """A path as it is written.

    Parameters
    ----------
    path
        Its steps.

    Examples
    --------
    >>> path_text(("phases", 0, "epochs")), path_text(("phases", Chosen("name", "train"), "epochs"))
    ('phases.0.epochs', 'phases[name=train].epochs')
    """
    steps = []
    for step in path:
        if isinstance(step, Entry):
            steps.append(f"[{step.label}]")
        elif isinstance(step, Chosen):
            steps.append(str(step))
        else:
            steps.append(f".{step}")
    return "".join(steps).removeprefix(".")


def steps_in(path: str) -> list[Step]:
    """The steps of a path as it is written.

    Parameters
    ----------
    path
        Keys joined by dots, and brackets behind the key of a list.

    Raises
    ------
    ValueError
        When something else than a dot or a bracket comes after a bracket, or brackets do not close.

    Examples
    --------
    >>> steps_in("device.high[level=3].spread")
    ['device', 'high', Chosen(key='level', value='3'), 'spread']
    """
    steps: list[Step] = []
    end = 0
    for match in _STEP.finditer(path):
        # A search leaves out what fits nothing: where there is a gap, it is no path any more.
        if match.start() != end:
            break
        end, chosen = match.end(), match["chosen"]
        steps.append(match["key"] if chosen is None else _chosen(chosen))
    if end != len(path):
        raise ValueError(f"cannot be read from {path[end:]!r} on; write keys[key=value].keys")
    return steps


def _chosen(text: str) -> Chosen:
    key, equals, value = text.partition("=")
    if not equals:
        return Chosen("", text.strip())
    return Chosen(key.strip(), value.strip())


def without_entries(path: str, *, mark: str = "") -> str:
    """A written path without what tells entries of lists apart, whether label or index.

    Parameters
    ----------
    path
        Keys joined by dots, with entries as ``[key=value]`` or as ``.3``.
    mark
        Put in the place of each.

    Examples
    --------
    >>> without_entries("costs.adc[bits=8].energy"), without_entries("phases.0.epochs", mark="[#]")
    ('costs.adc.energy', 'phases[#].epochs')
    """
    return re.sub(rf"{_CHOSEN.pattern}|\.(?:\d+|\*)(?=\.|$)", mark, path)
