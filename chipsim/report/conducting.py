"""What pages of devices draw alike: conductances along pulses, and the band of simulated cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

__all__ = ["CONDUCTANCE", "band", "line", "micro"]

CONDUCTANCE: Final = "Conductance [µS]"
"""Title of an axis."""
_MICRO: Final = 1e6
_DIGITS: Final = 6
"""Decimals of a microsiemens: more would only make pages larger."""


def micro(values: Any) -> list[float]:
    """Conductances as figures have them.

    Parameters
    ----------
    values
        Any number of them, S.

    Examples
    --------
    >>> micro([2e-6, 3.25e-6])
    [2.0, 3.25]
    """
    found: list[float] = np.round(np.asarray(values, np.float64) * _MICRO, _DIGITS).tolist()
    return found


def line(name: str, pulses: Sequence[float], values: Any, **look: Any) -> dict[str, Any]:
    """A line along pulses, of conductances in siemens."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [*pulses],
        "name": name,
        "y": micro(values),
        "line": look,
    }


def band(name: str, pulses: Sequence[float], *, low: Any, high: Any) -> list[dict[str, Any]]:
    """The area between what 10 % and what 90 % of the cells stay below.

    Parameters
    ----------
    name
        Of it, for the legend.
    pulses
        Along which they were simulated.
    low, high
        Its edges, S.
    """
    lower, upper = (line(name, pulses, edge, width=0) | {"hoverinfo": "skip"} for edge in (low, high))
    # A figure fills from one line to the one that is drawn before it.
    return [
        lower | {"name": "10 %", "showlegend": False},
        upper | {"fill": "tonexty", "fillcolor": "@@edge"},
    ]
