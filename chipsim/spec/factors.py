"""Overrides that multiply what stands there: ``costs.adc[*].energy=x0.1``."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from typing import Any, Final

from chipsim.units import DIMENSIONS, Dimension

__all__ = ["is_factor", "multiplied"]

_FACTOR: Final = re.compile(r"x\s*((?:[0-9]{1,30}\.?[0-9]{0,30}|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,2})?)")
_AMOUNT: Final = re.compile(
    r"\s*([+-]?[0-9]{0,30}\.?[0-9]{0,30}(?:[eE][+-]?[0-9]{1,2})?)\s*([^0-9\s.].*?)?\s*"
)
# Wide enough that no product is rounded on the way.
_EXACT: Final = Context(prec=200)


def multiplied(value: Any, by: str) -> Any:
    """A number or a quantity times a factor; None where one of them is none.

    Parameters
    ----------
    value
        As a description has it.
    by
        What an override sets it to, such as ``x0.1``.

    Notes
    -----
    Times, energies and areas are kept in whole picoseconds, attojoules and square nanometres, and so is their
    product: it is rounded to the nearest, halves to even.

    Examples
    --------
    >>> multiplied("1.714 pJ", "x0.1"), multiplied(8, "x2"), multiplied("0.97 fJ", "x0.0123")
    ('0.1714 pJ', 16, '12 aJ')
    >>> multiplied("tanh", "x2"), multiplied("1 ns", "2 ns")
    (None, None)
    """
    factor = _FACTOR.fullmatch(by.strip())
    if factor is None or isinstance(value, bool):
        return None
    with localcontext(_EXACT):
        times = Decimal(factor[1])
        if isinstance(value, float) and not math.isfinite(value):
            return None
        if isinstance(value, int | float):
            return _number(Decimal(str(value)) * times)
        found = _AMOUNT.fullmatch(value) if isinstance(value, str) else None
        if found is None or not found[1].strip("+-.eE"):
            return None
        return _quantity(Decimal(found[1]) * times, found[2] or "")


def is_factor(value: Any) -> bool:
    """Whether a value multiplies another one, such as ``x0.1``.

    Examples
    --------
    >>> is_factor("x0.1"), is_factor("0.1"), is_factor(2)
    (True, False, False)
    """
    return isinstance(value, str) and _FACTOR.fullmatch(value.strip()) is not None


def _number(product: Decimal) -> int | float:
    return int(product) if product == product.to_integral_value() else float(product)


def _quantity(product: Decimal, unit: str) -> Any:
    if not unit:
        return _number(product)
    dimension = _dimension_of(unit)
    if dimension is not None and dimension.whole:
        in_base = product * dimension.units[unit]
        if in_base != in_base.to_integral_value():
            product, unit = in_base.to_integral_value(ROUND_HALF_EVEN), dimension.base
    written = f"{product:f}"
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return f"{written} {unit}"


def _dimension_of(unit: str) -> Dimension | None:
    known = unit.replace("\N{GREEK SMALL LETTER MU}", "\N{MICRO SIGN}")
    return next((one for one in DIMENSIONS.values() if known in one.units), None)
