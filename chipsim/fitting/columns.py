"""Which column of a table holds what, by its usual names or by what the user says, and in which unit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from chipsim.errors import Problem, did_you_mean
from chipsim.units import CONDUCTANCE, CURRENT, VOLTAGE, Dimension
from chipsim.wording import joined

__all__ = ["CONSTANT_WAYS", "ROWS", "Columns", "Found", "find_columns", "way_of"]

ROWS: Final = "rows"
"""In the place of a column of pulse numbers: each row is one pulse after the one before."""
_USUAL: Final[Mapping[str, tuple[str, ...]]] = {
    "pulse": ("pulse", "pulses", "pulsenumber", "pulseno", "pulsenr", "pulseindex", "pulsecount", "npulse",
              "npulses", "n", "number", "p"),
    "conductance": ("conductance", "g", "cond", "gread"),
    "current": ("current", "i", "iread", "readcurrent"),
    "voltage": ("voltage", "v", "vread", "readvoltage"),
    "direction": ("direction", "dir", "polarity", "sign", "branch", "way"),
    "cell": ("cell", "cellid", "cellnumber", "device", "deviceid", "dut"),
    "cycle": ("cycle", "cycleid", "cyclenumber", "cycles", "repeat", "repetition"),
}  # fmt: skip
"""Names of columns without their units, blanks and capitals, by what they hold."""
_WORDS: Final = {
    "pulse": "the pulse number",
    "conductance": "the conductance",
    "current": "the current",
    "voltage": "the voltage",
    "direction": "the direction of the pulses",
    "cell": "the cell",
    "cycle": "the cycle",
}
_UPWARD: Final = ("up", "u", "+", "+1", "1", "1.0", "ltp", "potentiation", "pot", "set", "p", "increase")
_DOWNWARD: Final = ("down", "d", "-", "-1", "-1.0", "ltd", "depression", "dep", "reset", "decrease")
CONSTANT_WAYS: Final = ("up", "down")
"""In the place of a column of directions: all pulses lead this way."""
_IN_BRACKETS: Final = re.compile(r"(.*?)\s*[\(\[]\s*([^()\[\]]*?)\s*[\)\]]\s*")
_BEHIND: Final = re.compile(r"(.*?)\s*[_/ ]\s*([a-zA-Zµμ]+)")
_MOST_TOLD: Final = 12
_DIMENSIONS: Final = {"conductance": CONDUCTANCE, "current": CURRENT, "voltage": VOLTAGE}


@attrs.frozen(kw_only=True)
class Columns:
    """What the user says of columns; None for what is to be found by its usual names."""

    pulse: str | None = None
    conductance: str | None = None
    current: str | None = None
    voltage: str | None = None
    direction: str | None = None
    cell: str | None = None
    cycle: str | None = None
    unit: str | None = None
    """Of the conductance, or of the current, where the head of its column does not say."""


@attrs.frozen(kw_only=True)
class Found:
    """Which column holds what."""

    names: Mapping[str, str]
    """Name of the column by what it holds; what there is no column for is missing."""
    sizes: Mapping[str, float]
    """What one in the column is in siemens, amperes or volts."""
    notes: tuple[str, ...] = ()
    """What was taken for granted."""


def way_of(text: str) -> bool | None:
    """Whether a word stands for pulses that raise, or that lower; None for any other word.

    Examples
    --------
    >>> way_of("LTP"), way_of("-1"), way_of("left")
    (True, False, None)
    """
    word = text.strip().lower()
    if word in _UPWARD:
        return True
    return False if word in _DOWNWARD else None


def find_columns(names: Sequence[str], said: Columns, *, file: str) -> tuple[Found, list[Problem]]:
    """The columns of a curve, and everything that is wrong with them.

    Parameters
    ----------
    names
        All columns of the table, as they are written.
    said
        What the user says of them.
    file
        For messages.

    Examples
    --------
    >>> found, problems = find_columns(["Pulse", "G (uS)", "direction"], Columns(), file="curve.csv")
    >>> found.names["conductance"], found.sizes["conductance"], problems
    ('G (uS)', 1e-06, [])
    """
    problems: list[Problem] = []
    found: dict[str, str] = {}
    for role in _USUAL:
        name = _column_of(role, names, said, problems, file=file)
        if name is not None:
            found[role] = name
    _refuse_missing(found, names, problems, file=file)
    sizes, notes = _sizes(found, said, problems, file=file)
    return Found(names=found, sizes=sizes, notes=tuple(notes)), problems


def _column_of(
    role: str, names: Sequence[str], said: Columns, problems: list[Problem], *, file: str
) -> str | None:
    given: str | None = getattr(said, role)
    if given is not None:
        if (role == "pulse" and given == ROWS) or (role == "direction" and given in CONSTANT_WAYS):
            return given
        if given in names:
            return given
        message = f"has no column {given!r} (--{role}); it has {_listed(names)}{did_you_mean(given, names)}"
        problems.append(Problem(file=file, message=message))
        return None
    # Whoever named none means what everybody calls it; two such names are nobody's guess.
    usual = [name for name in names if _plain(_parted(name)[0]) in _USUAL[role]]
    if len(usual) > 1:
        told = joined([repr(name) for name in usual])
        message = f"{told} may each be {_WORDS[role]}; say which (--{role})"
        problems.append(Problem(file=file, message=message))
    return usual[0] if usual else None


def _refuse_missing(
    found: dict[str, str], names: Sequence[str], problems: list[Problem], *, file: str
) -> None:
    """Refuse a table without pulses, conductances or directions, unless something worse is wrong with it."""
    if problems:
        return
    # A name that is misspelt on the command line is told alone: what lacks then may be that very column.
    it_has = f"it has {_listed(names)}"
    if "pulse" not in found:
        advice = f"name one (--pulse), or say --pulse {ROWS} where each row is one pulse"
        message = f"has no column of the pulse number; {it_has}; {advice}{_meant('pulse', names)}"
        problems.append(Problem(file=file, message=message))
    if "conductance" not in found and not {"current", "voltage"} <= found.keys():
        advice = "name one (--conductance), or those of current and voltage (--current, --voltage)"
        message = f"has no column of the conductance; {it_has}; {advice}{_meant('conductance', names)}"
        problems.append(Problem(file=file, message=message))
    if "direction" not in found:
        advice = "name one (--direction), or say --direction up or --direction down where all lead one way"
        message = (
            f"has no column of the direction of the pulses; {it_has}; {advice}{_meant('direction', names)}"
        )
        problems.append(Problem(file=file, message=message))


def _meant(role: str, names: Sequence[str]) -> str:
    """A column whose name is nearly a usual one."""
    for name in names:
        if did_you_mean(_plain(_parted(name)[0]), _USUAL[role][:1]):
            return f"; did you mean {name!r}?"
    return ""


def _sizes(
    found: Mapping[str, str], said: Columns, problems: list[Problem], *, file: str
) -> tuple[dict[str, float], list[str]]:
    """What one is in each column of a quantity, and what was taken for granted."""
    sizes: dict[str, float] = {}
    notes: list[str] = []
    wanted = ["conductance"] if "conductance" in found else ["current", "voltage"]
    for role in wanted:
        if role not in found:
            continue
        dimension, written = _DIMENSIONS[role], _parted(found[role])[1]
        given = said.unit if role != "voltage" else None
        if given is None and not written and role == "voltage":
            notes.append(f"The voltages of column {found[role]!r} say no unit and are taken for volts.")
            given = "V"
        size = _size_of(found[role], (written, given), dimension, problems=problems, file=file)
        if size is not None:
            sizes[role] = size
    return sizes, notes


def _size_of(
    name: str,
    units: tuple[str, str | None],
    dimension: Dimension,
    *,
    problems: list[Problem],
    file: str,
) -> float | None:
    """What one in a column is in base units: by its head, or by what the user says."""
    written, given = units
    # Keyboards have both the micro sign and the Greek letter.
    unit = (given or written).replace("\N{GREEK SMALL LETTER MU}", "\N{MICRO SIGN}")
    known = ", ".join(dimension.units)
    if not unit:
        message = (
            f"column {name!r} says no unit; write '{name} ({_example(dimension)})', "
            f"or give it (--unit {_example(dimension)})"
        )
    elif unit not in dimension.units:
        message = f"column {name!r}: {unit!r} is no unit of {dimension.name}; known: {known}"
    elif given and written and dimension.units.get(written) not in (None, dimension.units[unit]):
        message = f"column {name!r} is in {written}, and --unit says {given}; leave one out"
    else:
        return float(dimension.units[unit])
    problems.append(Problem(file=file, message=message))
    return None


def _example(dimension: Dimension) -> str:
    return dimension.example.rpartition(" ")[2]


def _parted(name: str) -> tuple[str, str]:
    """The name of a column without its unit, and the unit; empty where it has none."""
    # Brackets hold a unit, right or wrong; a word behind a blank or stroke only if it is one.
    inside = _IN_BRACKETS.fullmatch(name)
    if inside:
        return inside[1], inside[2]
    behind = _BEHIND.fullmatch(name)
    if behind and any(behind[2] in dimension.units for dimension in _DIMENSIONS.values()):
        return behind[1], behind[2]
    return name, ""


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_TOLD} more" if len(names) > _MOST_TOLD else ""
    return ", ".join(repr(name[:60]) for name in names[:_MOST_TOLD]) + more
