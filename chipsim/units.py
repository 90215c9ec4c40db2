"""Exact quantities: integer picoseconds and attojoules, and the reading and printing of "10 ns".

Time, energy, area and data are integers in one fixed base unit each, so that sums do not depend on
their order. A quantity that the base unit cannot hold exactly is refused, not rounded, and so is one
that nothing on a chip has.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from decimal import Context, Decimal, localcontext
from typing import Any, Final, NewType

import attrs

from chipsim.limits import QUANTITY_LENGTH

__all__ = [
    "AREA",
    "BITS",
    "CONDUCTANCE",
    "CURRENT",
    "DIMENSIONS",
    "DURATION",
    "ENERGY",
    "FREQUENCY",
    "LEAKAGE",
    "LENGTH",
    "POINTS",
    "POWER",
    "RATIO",
    "RESISTANCE",
    "TIME",
    "VOLTAGE",
    "Aj",
    "Amperes",
    "Aw",
    "Bits",
    "Dimension",
    "Hertz",
    "Nm",
    "Nm2",
    "Ns",
    "Ohms",
    "Points",
    "Ps",
    "Share",
    "Siemens",
    "UnitError",
    "Volts",
    "charge_factor",
    "show",
]

Ps = NewType("Ps", int)
"""Time in whole picoseconds."""
Aj = NewType("Aj", int)
"""Energy in whole attojoules."""
Aw = NewType("Aw", int)
"""Power in whole attowatts: an attowatt for a second is an attojoule."""
Ns = NewType("Ns", int)
"""Long times, of waiting and of what changes by itself, in whole nanoseconds."""
Nm2 = NewType("Nm2", int)
"""Area in whole square nanometres."""

Bits = NewType("Bits", int)
"""A number of bits."""
Hertz = NewType("Hertz", int)
"""Frequency in whole hertz."""
Nm = NewType("Nm", int)
"""Length in whole nanometres."""
Volts = NewType("Volts", float)
"""Voltage."""
Siemens = NewType("Siemens", float)
"""Conductance."""
Amperes = NewType("Amperes", float)
"""Current."""
Ohms = NewType("Ohms", float)
"""Resistance."""
Share = NewType("Share", float)
"""A ratio, written with a percent sign, or as a number that is at most one."""
Points = NewType("Points", float)
"""A difference of two accuracies, written with a percent sign: 0.5 % is half a percentage point."""

_QUANTITY: Final = re.compile(
    r"\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*([^0-9\s].*?)?\s*",
)
_MOST_DIGITS: Final = 60
# Wide enough for the longest number times the size of any unit, so that nothing is rounded on the way.
_EXACT: Final = Context(prec=4 * _MOST_DIGITS)


class UnitError(ValueError):
    """A text is no quantity of the wanted dimension."""


_LIKE_A_FACTOR: Final = re.compile(r"\s*x\s*[-+.0-9]")
_ABOUT_FACTORS: Final = (
    "; a factor is x and a number without a sign, with an exponent of two digits at most, such as x0.1, and "
    "multiplies a value only by --set"
)


@attrs.frozen(kw_only=True)
class Dimension:
    """One kind of quantity: its base unit, and the units it may be written in.

    Examples
    --------
    >>> TIME.read("10 ns")
    10000
    >>> ENERGY.read("1.714 pJ")
    1714000
    >>> TIME.read("0.5 ps")
    Traceback (most recent call last):
    ...
    chipsim.units.UnitError: '0.5 ps' is not a whole number of ps, the smallest time kept
    """

    name: str
    """The word for it in messages."""
    base: str
    """The unit that values are held in."""
    units: dict[str, Decimal]
    """Size of each unit in base units, smallest first."""
    example: str
    """A usual value, for messages."""
    whole: bool
    """Whether values are integers of the base unit (exact), or floats."""
    most: Decimal
    """Largest magnitude that anything on a chip has, in base units."""
    least: Decimal = Decimal(0)
    """Smallest magnitude above zero that anything on a chip has, in base units."""
    bare: Decimal | None = None
    """Largest magnitude that is read without a unit, or None where a unit is always needed."""

    def read(self, text: object) -> int | float:
        """The quantity in base units.

        Raises
        ------
        UnitError
            When the text is no number with a unit of this dimension, is not finite, or is not exact.
        """
        if isinstance(text, str) and len(text) > QUANTITY_LENGTH:
            raise UnitError(f"{len(text)} characters are no {self.name}; write {self._example()}")
        match = _QUANTITY.fullmatch(text) if isinstance(text, str) else None
        if match is None or (match[2] is None and self.bare is None):
            factor = _ABOUT_FACTORS if isinstance(text, str) and _LIKE_A_FACTOR.match(text) else ""
            raise UnitError(f"{text!r} is no {self.name}; write {self._example()}{factor}")
        number, unit = match[1], match[2] or ""
        # Keyboards have both the micro sign and the Greek letter.
        unit = unit.replace("\N{GREEK SMALL LETTER MU}", "\N{MICRO SIGN}")
        if unit not in self.units:
            known = ", ".join(unit for unit in self.units if unit)
            raise UnitError(f"{text!r} has no unit of {self.name}; known: {known}{_meant(unit, self.units)}")
        return self._scaled(number, unit, text=str(text))

    def _scaled(self, number: str, unit: str, *, text: str) -> int | float:
        # Before it is scaled: 1e999999 is short to write, and a million digits long as a whole number. An
        # exponent of more digits than are kept need not be read to its end.
        mantissa, _, written_exponent = number.lower().partition("e")
        exponent = int(written_exponent[:_MOST_DIGITS] or 0)
        if len(mantissa) > _MOST_DIGITS or abs(exponent) > _MOST_DIGITS:
            raise UnitError(f"{text!r} has more digits than can be kept, {_MOST_DIGITS}")
        with localcontext(_EXACT):
            value = Decimal(number) * self.units[unit]
        if self.bare is not None and not unit and abs(value) > self.bare:
            raise UnitError(self._two_readings(value))
        if abs(value) > self.most:
            raise UnitError(f"{text!r} is beyond any {self.name} on a chip; at most {self._limit(self.most)}")
        if self.whole and value != value.to_integral_value():
            raise UnitError(f"{text!r} is not a whole number of {self.base}, the smallest {self.name} kept")
        if 0 < abs(value) < self.least:
            raise UnitError(f"{text!r} is below any {self.name} on a chip; 0 or {self._limit(self.least)}")
        return int(value) if self.whole else float(value)

    def _two_readings(self, value: Decimal) -> str:
        """What is said of a bare number where percent may have been meant."""
        plain = _rounded(value, _MOST_DIGITS)
        hundredfold = _rounded(100 * value, _MOST_DIGITS)
        return (
            f"{plain} as a {self.name} may mean {plain} % or {hundredfold} %: "
            f"write '{plain} %' or '{hundredfold} %'"
        )

    def _limit(self, value: Decimal) -> str:
        return self.show(int(value) if self.whole else float(value))

    def _example(self) -> str:
        kind = "a number and a unit"
        if self.bare is not None:
            kind = "a number or a percentage" if self.bare else "a percentage"
        return f"{kind}, such as {self.example!r}"

    def show(self, value: float, digits: int = 4) -> str:
        """The quantity as people write it, in the largest unit that keeps it at or above one."""
        if not value:
            return f"0 {self.base}".strip()
        if isinstance(value, float) and not math.isfinite(value):
            return f"{value} {self.base}".strip()
        # By its shortest digits: the float nearest to 0.1 has fifty-five of them, which nobody wrote.
        exact = Decimal(str(value))
        visible = [unit for unit in self.units if unit not in self._hidden]
        unit = visible[0]
        for larger in visible[1:]:
            if self.units[larger] <= abs(exact):
                unit = larger
        with localcontext(_EXACT):
            scaled = exact / self.units[unit]
        return f"{_rounded(scaled, digits)} {unit}".strip()

    # Read, but not written: other spellings of the same, or units that people do not give such quantities in.
    @property
    def _hidden(self) -> frozenset[str]:
        other_spellings = {"", "B", "bit/s", "us", "uJ", "uW", "uV", "uS", "uA", "um", "um2", "days", "years"}
        return frozenset({*other_spellings, "cm", "m"})


def _meant(unit: str, known: Iterable[str]) -> str:
    """The units that differ from one in the size of letters alone, as the end of a message."""
    # A unit of something else is no slip of letters: ns are no nS, nor is a bit a byte.
    if len(unit) == 1 or any(unit in dimension.units for dimension in DIMENSIONS.values()):
        return ""
    alike = [repr(other) for other in known if other.lower() == unit.lower()]
    return f"; did you mean {' or '.join(alike)}?" if alike else ""


def _rounded(value: Decimal, digits: int) -> str:
    """At most `digits` significant digits, without trailing zeros; an exponent only where it is shorter."""
    short = value.normalize(Context(prec=digits))
    few_zeros = abs(short.adjusted()) <= digits + 2
    return f"{short:f}" if few_zeros else f"{short:e}"


def _scale(base: str, steps: str, *, exponent: int, power: int = 1) -> dict[str, Decimal]:
    """Units from SI prefixes; `exponent` is that of the base unit, `power` 2 for areas."""
    small = {"a": -18, "f": -15, "p": -12, "n": -9, "u": -6, "µ": -6, "m": -3}
    prefixes = small | {"": 0, "k": 3, "M": 6, "G": 9}
    # The metre's letter is a prefix as well, and nothing would be left of it.
    symbol = base.lstrip("afpnuµmkMG") or base[-1]
    suffix = "2" if power > 1 else ""
    units = {}
    for step in steps.split():
        prefix = step.replace("_", "")
        # By exponents, for a power of ten is exact in decimals.
        size = Decimal(10) ** (prefixes[prefix] * power - exponent)
        units[f"{prefix}{symbol}{suffix}"] = size
    return units


def _dimension(
    name: str,
    base: str,
    units: dict[str, Decimal],
    *,
    example: str,
    most: str,
    least: str = "",
    bare: int | None = None,
) -> Dimension:
    """A dimension from texts; one with a smallest value is held in floats, the others in integers."""
    return Dimension(
        name=name,
        base=base,
        units=units,
        example=example,
        whole=not least,
        most=_in_base(most, units),
        least=_in_base(least, units) if least else Decimal(0),
        bare=None if bare is None else Decimal(bare),
    )


def _in_base(text: str, units: dict[str, Decimal]) -> Decimal:
    number, _, unit = text.partition(" ")
    return Decimal(number) * units[unit]


# The limits are far from what is built: a description beyond them has a slip of the unit in it.
TIME: Final = _dimension("time", "ps", _scale("s", "p n u µ m _", exponent=-12), example="10 ns", most="1 s")
_LONG: Final = {
    "min": Decimal(60 * 10**9),
    "h": Decimal(3600 * 10**9),
    "day": Decimal(24 * 3600 * 10**9),
    "days": Decimal(24 * 3600 * 10**9),
    "year": Decimal(365 * 24 * 3600 * 10**9),
    "years": Decimal(365 * 24 * 3600 * 10**9),
}
# Programs are timed in picoseconds, and in 64 bits of these there is no year.
DURATION: Final = _dimension(
    "duration", "ns", _scale("s", "n u µ m _", exponent=-9) | _LONG, example="1 h", most="100 year"
)
ENERGY: Final = _dimension(
    "energy", "aJ", _scale("J", "a f p n u µ m _", exponent=-18), example="1.5 pJ", most="1 mJ"
)
POWER: Final = _dimension(
    "power", "W", _scale("W", "p n u µ m _", exponent=0), example="2 mW", most="1000 W", least="1e-6 pW"
)
LEAKAGE: Final = _dimension(
    "power", "aW", _scale("W", "a f p n u µ m _", exponent=-18), example="2 uW", most="100 mW"
)
VOLTAGE: Final = _dimension(
    "voltage", "V", _scale("V", "u µ m _", exponent=0), example="0.2 V", most="100 V", least="1e-3 uV"
)
CONDUCTANCE: Final = _dimension(
    "conductance", "S", _scale("S", "p n u µ m _", exponent=0), example="20 uS", most="1 S", least="1e-3 pS"
)
RESISTANCE: Final = _dimension(
    "resistance",
    "Ohm",
    _scale("Ohm", "m _ k M", exponent=0),
    example="1 Ohm",
    most="1 MOhm",
    least="1e-6 mOhm",
)
CURRENT: Final = _dimension(
    "current", "A", _scale("A", "p n u µ m _", exponent=0), example="20 uA", most="1 A", least="1e-3 pA"
)
FREQUENCY: Final = _dimension(
    "frequency", "Hz", _scale("Hz", "_ k M G", exponent=0), example="1 GHz", most="1000 GHz"
)
LENGTH: Final = _dimension("length", "nm", _scale("m", "n u µ m _", exponent=-9), example="1 mm", most="1 m")
AREA: Final = _dimension(
    "area", "nm2", _scale("m", "n u µ m", exponent=-18, power=2), example="0.04 um2", most="100000 mm2"
)
BITS: Final = _dimension(
    "data size",
    "bit",
    {
        "bit": Decimal(1),
        "B": Decimal(8),
        "KiB": Decimal(8 * 1024),
        "MiB": Decimal(8 * 1024**2),
        "GiB": Decimal(8 * 1024**3),
    },
    example="256 bit",
    most="1024 GiB",
)
_PERCENT: Final = {"%": Decimal("0.01"), "": Decimal(1)}
# No share of a device is known to so many digits: one below the least has a slip in its exponent.
RATIO: Final = _dimension("share", "", _PERCENT, example="10 %", most="1e6 %", least="1e-30 %", bare=1)
POINTS: Final = _dimension(
    "gain in accuracy", "", _PERCENT, example="0.5 %", most="1e6 %", least="1e-30 %", bare=0
)

DIMENSIONS: Final[dict[Any, Dimension]] = {
    Ps: TIME,
    Ns: DURATION,
    Aj: ENERGY,
    Aw: LEAKAGE,
    Nm2: AREA,
    Nm: LENGTH,
    Bits: BITS,
    Hertz: FREQUENCY,
    Volts: VOLTAGE,
    Siemens: CONDUCTANCE,
    Amperes: CURRENT,
    Ohms: RESISTANCE,
    Share: RATIO,
    Points: POINTS,
}
"""The dimension of each annotated type, for whoever reads descriptions."""


def show(value: float, dimension: Dimension, digits: int = 4) -> str:
    """A quantity as people write it.

    Examples
    --------
    >>> show(10_000, TIME)
    '10 ns'
    >>> show(1_714_000, ENERGY)
    '1.714 pJ'
    """
    return dimension.show(value, digits)


def charge_factor(*, volts: float, time: Ps) -> float:
    """Attojoules that one siemens takes at a voltage over a time, for physics to multiply and round once.

    Examples
    --------
    >>> round(charge_factor(volts=2.0, time=Ps(100_000)) * 20e-6)
    8000000
    """
    return volts**2 * time * 1e6
