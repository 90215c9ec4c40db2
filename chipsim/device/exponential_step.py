"""The cell whose conductance follows an exponential curve over pulses: A and B, or a label for them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

import attrs
import numpy as np

from chipsim.device.curve import Curve
from chipsim.device.curved import CurvedDevice, VariedCurve
from chipsim.device.nonlinearity import LARGEST_LABEL, decay_of_label
from chipsim.spec.fault import Fault
from chipsim.spec.fields import between

__all__ = ["ExponentialStep"]

_MOST_DECAYS: Final = 60.0
"""Decays along a curve, beyond which nothing is left of a step in double precision."""


def _not_zero(_spec: Any, _field: Any, value: float | None) -> None:
    if value is not None and not (math.isfinite(value) and value):
        raise ValueError(f"must be a finite number other than 0, not {value:g}")


@attrs.frozen(kw_only=True)
class ExponentialStep(VariedCurve):
    """A cell that conducts `G_min + B (1 - exp(-P / A))` after P pulses up, and the like mirrored down.

    A is `decay_up`, or `decay_down`: pulses in which steps shrink by e. B is such that `states` pulses lead
    from the lowest to the highest conductance, and `states` over `asymmetry` back. As a law of where a cell
    stands, each pulse takes a constant share of the way to a virtual bound beyond the range: steps are linear
    in the conductance, and end at the described bounds.

    In the place of A may stand its label of nonlinearity, as NeuroSim numbers them. That of steps down has
    the sign that NeuroSim gives it: negative for steps that shrink on the way down. `states`, and `states`
    over `asymmetry`, are the levels of either direction there.

    Updates and first writings count in described steps, the range over `states`.

    References
    ----------
    P.-Y. Chen, X. Peng, S. Yu, "NeuroSim+: an integrated device-to-algorithm framework for benchmarking
    synaptic devices and array architectures", IEDM 2017, 6.1; MLP+NeuroSim V3.0 manual (2019).

    Examples
    --------
    >>> from chipsim.device.encoding import Hits
    >>> from chipsim.device.randomness import generator
    >>> cell = ExponentialStep(states=50, decay_up=25, decay_down=50, on_conductance=21e-6,
    ...     off_conductance=1e-6, pulse_voltage=2.0, pulse_width=100_000, down_voltage=1.5, down_width=50_000,
    ...     area=40_000)
    >>> cells = cell.fresh((1, 1), rng=generator(1, "array"))
    >>> hits = Hits(*(np.array([count], np.int32) for count in (0, 0, 25)))
    >>> _ = cell.pulse(cells, hits, rng=generator(1, "array"))
    >>> round(1e9 * float(cells.conductance[0, 0])), round(1e9 * (1e-6 + 20e-6 / (1 + np.exp(-1))))
    (15621, 15621)
    """

    kind: ClassVar[str] = "exponential-step"
    example: ClassVar[Mapping[str, Any]] = {
        **CurvedDevice.example, "nonlinearity_up": 2, "nonlinearity_down": -3,
    }  # fmt: skip
    decay_up: float | None = attrs.field(default=None, validator=_not_zero)
    """Pulses in which steps up shrink by e, A in the field; negative where steps grow. None where its label
    stands in its place."""
    decay_down: float | None = attrs.field(default=None, validator=_not_zero)
    """Pulses in which steps down shrink by e on the way down; negative where they grow on it."""
    nonlinearity_up: float | None = attrs.field(
        default=None, validator=between(-LARGEST_LABEL, LARGEST_LABEL)
    )
    """Label of steps up as NeuroSim numbers them: 0 for steps alike, positive for those that shrink."""
    nonlinearity_down: float | None = attrs.field(
        default=None, validator=between(-LARGEST_LABEL, LARGEST_LABEL)
    )
    """Label of steps down as NeuroSim numbers them: 0 for steps alike, negative for those that shrink on the
    way down."""

    def keys_of(self, *, down: bool) -> tuple[str, ...]:
        """A, or its label."""
        way = "down" if down else "up"
        keys = (f"decay_{way}", f"nonlinearity_{way}")
        return keys if getattr(self, keys[1]) is None else keys[::-1]

    def of_curve(self, *, down: bool) -> Iterator[Fault]:
        """Curves that are said twice or not at all, and those of all."""
        way = "down" if down else "up"
        decay, label = (getattr(self, f"{name}_{way}") for name in ("decay", "nonlinearity"))
        if decay is not None and label is not None:
            message = f"is given beside decay_{way}, which says the same curve; leave one of the two out"
            yield Fault((self.section, f"nonlinearity_{way}"), message)
        elif decay is None and label is None:
            message = (
                f"needs decay_{way} or nonlinearity_{way}, for its steps {way}; nonlinearity_{way}: 0 has "
                "them all alike"
            )
            yield Fault((self.section, "kind"), message)
        else:
            yield from self._of_last_step(down=down)
            yield from super().of_curve(down=down)

    def _of_last_step(self, *, down: bool) -> Iterator[Fault]:
        """Steps at the very end of the curve that lead nowhere."""
        key, *_ = self.keys_of(down=down)
        way, bound = ("down", "lowest") if down else ("up", "highest")
        step = float(self.curve(down=down).lengths[-1]) / self.described_states[down]
        if step <= self.resolved:
            message = (
                f"cells cannot reach their {bound} conductance: the last step {way} is {step:.2g} of the "
                "range, and leads nowhere; take a curve that is less steep"
            )
            yield Fault((self.section, key), message)

    def _decays(self, *, down: bool) -> float:
        """How many times steps shrink by e along the whole curve."""
        states, way = self.described_states[down], "down" if down else "up"
        decay, label = (getattr(self, f"{name}_{way}") for name in ("decay", "nonlinearity"))
        if label is not None:
            decay = states * decay_of_label(-label if down else label)
        found = 0.0 if decay is None else states / decay
        return min(max(found, -_MOST_DECAYS), _MOST_DECAYS)

    def curve(self, *, down: bool) -> Curve:
        """A step at either end: the share of the way to the virtual bound."""
        states, decays = self.described_states[down], self._decays(down=down)
        if decays == 0:
            lengths = np.ones(2)
        else:
            share = -math.expm1(-decays / states)
            # From the first place, and from the last, to the virtual bound, over the range.
            ways = np.array([-1 / math.expm1(-decays), 1 / math.expm1(decays)])
            lengths = states * share * ways
        return Curve(lengths=lengths, states=states, deviations=self.deviating(lengths, down=down))
