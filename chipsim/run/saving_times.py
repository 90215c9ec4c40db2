"""When the state of a run is saved: after so many epochs, or after so much time."""

from __future__ import annotations

import re
from typing import Any, Final

import attrs

__all__ = ["Every", "every"]

_SECONDS: Final = {"s": 1, "min": 60, "h": 3600}
_TIME: Final = re.compile(r"(\d+(?:\.\d+)?) *(s|min|h)")
_ALLOWED: Final = "a number of epochs, such as 1, or a time, such as 30s, 10min or 2h"


@attrs.frozen
class Every:
    """A number of epochs, or a time by the clock on the wall."""

    epochs: int | None = None
    seconds: float | None = None


def every(given: Any) -> Every:
    """What somebody gave as epochs or as a time.

    Raises
    ------
    TypeError, ValueError
        When it is neither.

    Examples
    --------
    >>> every("10min")
    Every(epochs=None, seconds=600.0)
    >>> every(2)
    Every(epochs=2, seconds=None)
    """
    if isinstance(given, Every):
        return given
    if isinstance(given, bool) or not isinstance(given, int | str):
        raise TypeError(f"checkpoint_every must be {_ALLOWED}, not a value of type {type(given).__name__}")
    text = str(given).strip()
    time = _TIME.fullmatch(text)
    if time:
        number, unit = time.groups()
        seconds = float(number) * _SECONDS[unit]
        found = Every(seconds=seconds)
    elif text.isdecimal():
        found = Every(epochs=int(text))
    else:
        raise ValueError(f"checkpoint_every must be {_ALLOWED}, not {given!r}")
    if not (found.epochs or found.seconds):
        raise ValueError(f"checkpoint_every must be more than nothing, not {given!r}")
    return found
