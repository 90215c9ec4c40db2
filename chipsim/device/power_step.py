"""The cell whose steps shrink by a power of the way that is left to its bound."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final

import attrs
import numpy as np

from chipsim.device.curve import Curve
from chipsim.device.curved import CurvedDevice, VariedCurve
from chipsim.spec.fields import between

__all__ = ["PowerStep"]

_PIECES: Final = 512
"""Pieces that a power is read in."""
_TOLD: Final = 1e-3
"""Share of a step by which reading in pieces may be off without being told."""


@attrs.frozen(kw_only=True)
class PowerStep(VariedCurve):
    """A cell whose step is a power of the way that is left to its bound.

    A pulse up adds `step * ((G_max - G) / (G_max - G_min)) ** gamma_up`, one down takes the like mirrored.
    `step` is the range over `states`: the longest there is, from the bound where pulses of a direction begin.
    Of a gamma of zero steps are alike, of one they shrink linearly, and more shrinks them sooner. A cell
    has bounds of its own.

    Powers are read in 512 pieces, with lines between. Of a gamma from 2 on a length is off by less than
    gamma (gamma - 1) / 2,000,000 of `step`; below that by more, next to the bound: by 1.1 % within the last
    512th of the range for a gamma of 1/2.

    Updates and first writings count in described steps, the range over `states`.

    Examples
    --------
    >>> from chipsim.device.encoding import Hits
    >>> from chipsim.device.randomness import generator
    >>> cell = PowerStep(states=50, gamma_up=2, gamma_down=1, fresh_share=0.5, on_conductance=21e-6,
    ...     off_conductance=1e-6, pulse_voltage=2.0, pulse_width=100_000, down_voltage=1.5, down_width=50_000,
    ...     area=40_000)
    >>> cells = cell.fresh((1, 1), rng=generator(1, "array"))
    >>> once = Hits(*(np.array([count], np.int32) for count in (0, 0, 1)))
    >>> _ = cell.pulse(cells, once, rng=generator(1, "array"))
    >>> round(1e9 * float(cells.conductance[0, 0]))
    11100
    """

    kind: ClassVar[str] = "power-step"
    example: ClassVar[Mapping[str, Any]] = {**CurvedDevice.example, "gamma_up": 2, "gamma_down": 0.7}
    gamma_up: float = attrs.field(validator=between(0, 10))
    """Power by which steps up shrink with the way that is left."""
    gamma_down: float | None = attrs.field(default=None, validator=between(0, 10))
    """The same of steps down; None for that of steps up."""

    def keys_of(self, *, down: bool) -> tuple[str, ...]:
        """The power of a direction; that of steps up, where it stands for both."""
        is_own = self.gamma_down is not None or self.is_one_way
        return ("gamma_down",) if down and is_own else ("gamma_up",)

    def curve(self, *, down: bool) -> Curve:
        """The power in equidistant places."""
        left, states = np.linspace(1, 0, _PIECES + 1), self.described_states[down]
        lengths = left ** self._gamma(down=down)
        return Curve(lengths=lengths, states=states, deviations=self.deviating(lengths, down=down))

    def _gamma(self, *, down: bool) -> float:
        return self.gamma_down if down and self.gamma_down is not None else self.gamma_up

    def idealised(self) -> Iterable[str]:
        """Powers that lines between pieces miss."""
        yield from super().idealised()
        ways = ((False, "up"), (True, "down"))
        for down, way in ways[: 1 if self.is_one_way else 2]:
            off = _off(self._gamma(down=down))
            if off > _TOLD:
                yield (
                    f"Steps {way} follow their power in {_PIECES} pieces, which next to the bound are off by "
                    f"up to {100 * off:.2g} % of a described step."
                )


def _off(gamma: float) -> float:
    """How far the line of the last piece is below its power at most, over the described step."""
    if gamma in (0, 1):
        return 0.0
    # Of x ** gamma from 0 to 1: where the power is as steep as its line.
    place = gamma ** (1 / (1 - gamma))
    return float(abs(place**gamma - place) / _PIECES**gamma)
