"""What parts leak: the power that they take while they are powered, whatever they do."""

from __future__ import annotations

from typing import Literal, TypeAlias

import attrs

from chipsim.units import Aw

__all__ = ["NO_LEAKAGE", "Gated", "Leakage", "leaking"]

Gated: TypeAlias = Literal["idle", "kept", "never"]
"""What may be done to a part that does nothing: switched off; held at a power that keeps what it holds, as
memories are; or nothing, where nobody knows when it works."""


@attrs.frozen(kw_only=True)
class Leakage:
    """What one part leaks.

    Examples
    --------
    >>> converters = leaking(Aw(200), 3, of="ADCs of 8 bits")
    >>> (converters + leaking(None, 24, of="sample-and-holds")).unknown
    ('sample-and-holds',)
    """

    power: Aw = attrs.field(default=Aw(0))
    """As far as it is known."""
    known: bool = False
    """Whether the power of anything of it is known, be it zero."""
    unknown: tuple[str, ...] = ()
    """What of it leaks a power that is not known."""

    def __add__(self, other: Leakage) -> Leakage:
        return Leakage(
            power=Aw(self.power + other.power),
            known=self.known or other.known,
            unknown=tuple(dict.fromkeys((*self.unknown, *other.unknown))),
        )


NO_LEAKAGE = Leakage()
"""Of what has no supply, such as resistive cells."""


def leaking(price: Aw | None, count: int, *, of: str) -> Leakage:
    """The leakage of several alike.

    Parameters
    ----------
    price
        Power of one, attowatts; None where it is not known.
    count
        How many there are; of none nothing is to be known.
    of
        What they are, for whoever is told that it is not known.
    """
    if not count:
        return NO_LEAKAGE
    if price is None:
        return Leakage(unknown=(of,))
    return Leakage(power=Aw(price * count), known=True)
