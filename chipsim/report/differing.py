"""What differs between chips: the values and words of their descriptions that are not the same for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from chipsim.result.metrics import MISSING
from chipsim.study.adjusted import Change

__all__ = ["Differing", "differing", "flat"]

_UNSAID: Final = frozenset({"source", "assumed", "between", "set", "about", "paper", "name", "note"})
"""Keys that explain a value, or name a chip, and are none of its values."""
_TELLING: Final = ("bits", "level", "name", "group", "layers")
"""Keys that tell an entry of a list from the others."""


@attrs.frozen(kw_only=True)
class Differing:
    """One line: a path, and what each chip has there."""

    path: str
    values: tuple[str, ...]


def differing(
    chips: Mapping[str, Mapping[str, Any]], *, changes: Mapping[str, Sequence[Change]] | None = None
) -> list[Differing]:
    """What of several descriptions is not the same, in the order of the first that has it.

    Parameters
    ----------
    chips
        Descriptions as they were run, by the name of the chip.
    changes
        Counts that were changed to bring chips to one area, by the name of the chip: they are told where one
        has come to the count of another, too.

    Examples
    --------
    >>> one = {"device": {"states": {"value": 50, "source": "a paper"}, "kind": "linear-step"}}
    >>> differing({"a": one, "b": {"device": {"states": 10, "kind": "linear-step"}}})
    [Differing(path='device.states', values=('50', '10'))]
    """
    told = [_with_changes(flat(chip), (changes or {}).get(name, ())) for name, chip in chips.items()]
    rows = []
    for path in dict.fromkeys(path for each in told for path in each):
        values = tuple(each.get(path, MISSING) for each in told)
        if len(set(values)) > 1:
            rows.append(Differing(path=path, values=values))
    return rows


def _with_changes(values: dict[str, str], changes: Sequence[Change]) -> dict[str, str]:
    """Values with a note beside each that was changed for the sake of an equal area."""
    return values | {one.path: f"{one.after} (equal area; was {one.before})" for one in changes}


def flat(value: Any, path: str = "") -> dict[str, str]:
    """Every value of a description by its path, without sources and remarks.

    Examples
    --------
    >>> flat({"adc": [{"bits": 8, "time": "10 ns"}], "levels": [0, 1]})
    {'adc[bits=8].bits': '8', 'adc[bits=8].time': '10 ns', 'levels': '0, 1'}
    """
    if isinstance(value, Mapping) and "value" in value:
        return flat(value["value"], path)
    found: dict[str, str] = {}
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key not in _UNSAID:
                found |= flat(item, f"{path}.{key}" if path else str(key))
        return found
    if isinstance(value, list | tuple) and any(isinstance(item, Mapping) for item in value):
        for place, item in enumerate(value):
            found |= flat(item, f"{path}{_entry(item, place)}")
        return found
    return {path: _said(value)}


def _said(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_said, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return MISSING if value is None else str(value)


def _entry(item: Any, place: int) -> str:
    said = item if isinstance(item, Mapping) else {}
    key = next((key for key in _TELLING if isinstance(said.get(key), str | int)), None)
    return f".{place}" if key is None else f"[{key}={said[key]}]"
