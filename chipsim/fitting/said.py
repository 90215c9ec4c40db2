"""A value of a description that is made, and what is said of it."""

from __future__ import annotations

import attrs

from chipsim.fitting.estimates import Estimate
from chipsim.units import CONDUCTANCE, show

__all__ = ["Said", "conductance", "number", "share"]


@attrs.frozen(kw_only=True)
class Said:
    """One value with its note."""

    key: str
    value: str
    """As a description has it."""
    note: str
    """Its source, or the reason why it is assumed."""
    is_assumed: bool = False
    between: str = ""
    """How far an assumed value may be off, as a description has it; empty where nothing is said of that."""
    fitted: Estimate | None = None
    """What was fitted, with its interval; None of what was not."""


def conductance(value: float) -> str:
    """A conductance as a description has it.

    Examples
    --------
    >>> conductance(2.0451e-05)
    '20.451 uS'
    """
    return show(max(value, 0.0), CONDUCTANCE, 5).replace("\N{MICRO SIGN}", "u")


def number(value: float) -> str:
    """A number as a description has it.

    Examples
    --------
    >>> number(21.0712345), number(2e6)
    ('21.0712', '2.0e+06')
    """
    text = f"{value:.6g}"
    # Without a point YAML takes a power of ten for a word.
    return text.replace("e", ".0e") if "e" in text and "." not in text else text


def share(value: float) -> str:
    """A share as a description has it.

    Examples
    --------
    >>> share(0.2174), share(0)
    ('21.74 %', '0 %')
    """
    return f"{100 * value:.4g} %"
