"""The cell whose steps are given at equidistant conductances, and are linear in between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import attrs
import numpy as np

from chipsim.device.curve import Curve
from chipsim.device.curved import CurvedDevice, VariedCurve

__all__ = ["Piecewise"]

_MOST: Final = 1_000


def _lengths(_spec: Any, _field: Any, value: tuple[float, ...] | None) -> None:
    if value is None:
        return
    if not 2 <= len(value) <= _MOST:
        allowed = f"2 to {_MOST:,} lengths, from one end of the range to the other"
        raise ValueError(f"must have {allowed}, not {len(value)}")
    for place, length in enumerate(value):
        if not 0 <= length < np.inf:
            # Told at the entry, for nobody finds one of a hundred by its value.
            error = ValueError(f"must be a finite number of at least 0, not {length:g}")
            error.at = (place,)  # type: ignore[attr-defined]
            raise error


@attrs.frozen(kw_only=True)
class Piecewise(VariedCurve):
    """A cell whose steps are given at equidistant conductances from the lowest to the highest.

    Between these, a step is as long as the line through both neighbours says, by where the cell stands in
    its own range. Lengths are over the described step, the range over `states`, in which updates count; down,
    over that times `asymmetry`.

    Examples
    --------
    >>> from chipsim.device.encoding import Hits
    >>> from chipsim.device.randomness import generator
    >>> cell = Piecewise(states=50, steps_up=(1.5, 1, 0.5), steps_down=(0, 1, 2), on_conductance=21e-6,
    ...     off_conductance=1e-6, pulse_voltage=2.0, pulse_width=100_000, down_voltage=1.5, down_width=50_000,
    ...     area=40_000)
    >>> cells = cell.fresh((1, 1), rng=generator(1, "array"))
    >>> once = Hits(*(np.array([count], np.int32) for count in (0, 0, 1)))
    >>> _ = cell.pulse(cells, once, rng=generator(1, "array"))
    >>> round(1e9 * float(cells.conductance[0, 0]))
    1600
    """

    kind: ClassVar[str] = "piecewise"
    example: ClassVar[Mapping[str, Any]] = {**CurvedDevice.example, "steps_up": [1.5, 1, 0.5]}
    steps_up: tuple[float, ...] = attrs.field(validator=_lengths)
    """Lengths of a step up at equidistant conductances, from the lowest to the highest, over the described
    step; 0 at the highest alone."""
    steps_down: tuple[float, ...] | None = attrs.field(default=None, validator=_lengths)
    """Lengths of a step down, likewise from the lowest to the highest; 0 at the lowest alone. None for those
    of steps up, mirrored."""

    def keys_of(self, *, down: bool) -> tuple[str, ...]:
        """The list of a direction; that of steps up, where steps down are these mirrored."""
        if down and self.steps_down is None and not self.is_one_way:
            return ("steps_up",)
        return ("steps_down",) if down else ("steps_up",)

    def curve(self, *, down: bool) -> Curve:
        """As given, from where pulses begin."""
        given = self.steps_up
        if down and self.steps_down is not None:
            given = self.steps_down[::-1]
        lengths = np.array(given, np.float64)
        return Curve(
            lengths=lengths, states=self.described_states[down], deviations=self.deviating(lengths, down=down)
        )
