"""In what two runs differ, by all that decides their figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

__all__ = ["differences", "in_words"]

_WORDS: Final = {
    "seed": "the seed",
    "timing_only": "timing only",
    "traced": "the trace",
    "code": "the code of chipsim",
    "outside": "the code of other packages",
    "weights": "the file of weights",
    "data": "the checksums of data",
    "start": "the run that it starts from",
    "wait": "what it waits (ns)",
}
"""What a part of the decision is called, where it is no description."""
_VERSIONS: Final = "versions"
_SHOWN: Final = 5
"""Differences of two runs that a message tells."""
_LONGEST: Final = 40
_LACKING: Final = object()


def differences(before: Any, now: Any) -> list[str]:
    """What one run said and another says, as :attr:`chipsim.run.identity.Deciding.said`, where they differ.

    Examples
    --------
    >>> differences(["Deciding", {"seed": 1, "data": ["a"]}], ["Deciding", {"seed": 2, "data": ["a"]}])
    ['the seed was 1, and is 2']
    >>> differences({"chip": ["spec.Ramp", {"bits": 8}]}, {"chip": ["spec.Sar", {"bits": 8}]})
    ['chip.kind was Ramp, and is Sar']
    """
    return list(_differing("", before, now))


def in_words(found: Sequence[str]) -> str:
    """Differences as a message tells them: the first few, and how many more.

    Examples
    --------
    >>> in_words(["the seed was 1, and is 2", "timing only was False, and is True"])
    'the seed was 1, and is 2; timing only was False, and is True'
    """
    told = list(found[:_SHOWN])
    if len(found) > _SHOWN:
        told.append(f"and {len(found) - _SHOWN} more")
    return "; ".join(told)


def _differing(path: str, before: Any, now: Any) -> Iterator[str]:
    if before == now:
        return
    was, has = _fields(before), _fields(now)
    if was is None or has is None:
        yield _told(path, before, now)
        return
    for key in dict.fromkeys([*was, *has]):
        inner = f"{path}.{key}" if path else str(key)
        # Values are looked into where they are descriptions; packages and checksums are told whole.
        if inner == _VERSIONS:
            # Packages by their names, which nobody would know by their place.
            yield from _differing("", dict(was.get(key, ())), dict(has.get(key, ())))
        elif inner in _WORDS:
            if was.get(key, _LACKING) != has.get(key, _LACKING):
                yield _told(_WORDS[inner], was.get(key, _LACKING), has.get(key, _LACKING))
        else:
            yield from _differing(inner, was.get(key, _LACKING), has.get(key, _LACKING))


def _fields(value: Any) -> dict[str, Any] | None:
    """What is inside a value by name; None where nothing is."""
    if isinstance(value, dict):
        return value
    # An object is a list of its class and its fields.
    if isinstance(value, list) and len(value) == 2 and isinstance(value[1], dict):
        of_class, fields = value
        return {"kind": of_class.rpartition(".")[-1], **fields}
    if isinstance(value, list):
        return {str(number): item for number, item in enumerate(value)}
    return None


def _told(path: str, before: Any, now: Any) -> str:
    return f"{path} was {_shown(before)}, and is {_shown(now)}"


def _shown(value: Any) -> str:
    if value == "":
        return "none"
    text = "not said" if value is _LACKING else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
