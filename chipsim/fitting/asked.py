"""What a curve cannot say of a device, and its user may: its pulses, and its area."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from chipsim.errors import DescriptionError, Problem
from chipsim.fitting.said import Said
from chipsim.units import AREA, TIME, VOLTAGE, Dimension, UnitError

__all__ = ["Asked", "pulses_and_area"]

_PULSE: Final = (
    "a curve does not say by which pulses it was measured. A TaOx/HfOx cell steps by pulses of 1.6 V and "
    "50 ns either way (Wu et al., VLSI 2018)"
)
_AREA: Final = (
    "a curve does not say how large a cell is: a pitch of 200 nm, as that of a cell with a transistor for a "
    "current of tens of microamperes"
)
_VOLTAGES: Final = '[0.9 V, 2 V, "the AlOx/HfO2 cell of Woo et al., EDL 2016, to ISAAC in CiMLoop"]'
_WIDTHS: Final = '[40 ns, 100 us, "ISAAC in CiMLoop, to the AlOx/HfO2 cell of Woo et al., EDL 2016"]'
_AREAS: Final = '[0.0036 um2, 0.16 um2, "a pitch of 60 nm, to one of 400 nm, by convention"]'


@attrs.frozen(kw_only=True)
class Asked:
    """What a user says of a device that is fitted, as they write it; None for what is assumed."""

    name: str = "fitted"
    """What the device is called."""
    pulse_voltage: str | None = None
    pulse_width: str | None = None
    down_voltage: str | None = None
    down_width: str | None = None
    area: str | None = None


@attrs.frozen
class _Place:
    key: str
    dimension: Dimension
    usual: str
    why: str
    between: str


_PLACES: Final = (
    _Place("pulse_voltage", VOLTAGE, "1.6 V", _PULSE, _VOLTAGES),
    _Place("pulse_width", TIME, "50 ns", _PULSE, _WIDTHS),
    _Place("down_voltage", VOLTAGE, "1.6 V", _PULSE, _VOLTAGES),
    _Place("down_width", TIME, "50 ns", _PULSE, _WIDTHS),
    _Place("area", AREA, "0.04 um2", _AREA, _AREAS),
)


def pulses_and_area(asked: Asked) -> list[Said]:
    """The values of a description that no curve says.

    Parameters
    ----------
    asked
        What the user says of them.

    Raises
    ------
    DescriptionError
        With every text that is no quantity.

    Examples
    --------
    >>> said = pulses_and_area(Asked(pulse_voltage="1.2 V"))
    >>> [(one.key, one.value) for one in said if not one.is_assumed]
    [('pulse_voltage', '1.2 V'), ('down_voltage', '1.2 V')]
    """
    problems: list[Problem] = []
    found = [*_each(asked, problems)]
    if problems:
        raise DescriptionError(problems)
    return found


def _each(asked: Asked, problems: list[Problem]) -> Iterator[Said]:
    for place in _PLACES:
        given = getattr(asked, place.key)
        note = "said when the curve was fitted"
        is_copied = given is None and place.key.startswith("down_")
        if is_copied:
            # Whoever says how pulses up are means those down, too, unless they say otherwise.
            given = getattr(asked, place.key.replace("down_", "pulse_"))
            note = "said of pulses up when the curve was fitted, and taken for those down as well"
        if given is None:
            yield Said(
                key=place.key, value=place.usual, note=place.why, is_assumed=True, between=place.between
            )
            continue
        wrong = _wrong(place.dimension, given)
        if wrong and is_copied:
            # Told of the pulses up, which it was given for.
            continue
        if wrong:
            option = place.key.replace("_", "-")
            problems.append(Problem(message=f"{wrong} (from --{option} {given})"))
            continue
        yield Said(key=place.key, value=given, note=note)


def _wrong(dimension: Dimension, given: str) -> str:
    """What is wrong with a quantity; empty where nothing is."""
    try:
        value = dimension.read(given)
    except UnitError as error:
        return str(error)
    return "" if value > 0 else f"must be more than 0, not {given}"
