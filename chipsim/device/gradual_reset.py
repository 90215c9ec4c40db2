"""The cell that is SET at once and lowered by small RESET pulses, in stages of unlike steps."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, ClassVar, Final

import attrs
import numpy as np

from chipsim.device.cells import Cells
from chipsim.device.device import PulsedDevice, PulseShape
from chipsim.device.encoding import Hits
from chipsim.device.linear import same_everywhere, set_listed, spread_around_one
from chipsim.device.staged import lower_in_stages
from chipsim.device.types import Indices, Sums
from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.fields import at_least, between, more_than
from chipsim.units import Ps, Share, Volts

__all__ = ["GradualReset", "ResetStage"]

_TOGETHER: Final = 1e-9
"""How far shares that are to add up to one may be off, being written as decimals."""


@attrs.frozen(kw_only=True)
class ResetStage:
    """One stretch of the curve of a RESET in small pulses, within which all steps are alike."""

    pulses: Share = attrs.field(validator=more_than(0, up_to=1))
    """Share of the pulses of the whole curve."""
    range: Share = attrs.field(validator=more_than(0, up_to=1))
    """Share of the whole range of conductance."""


@attrs.frozen(kw_only=True)
class GradualReset(PulsedDevice):
    """A cell whose RESET is gradual and whose SET is abrupt: small pulses only lower it.

    A fresh cell was SET when it was made, and conducts `on_conductance`. `states` small pulses bring it to
    `off_conductance`, in stages whose steps differ; one strong pulse SETs it again. Where weights are kept in
    some of the stages only, cells move between the ends of these: pulses that would lead beyond are cut, as
    at a bound.

    References
    ----------
    Dong 2018: an analog RESET of some hundreds of states in three stages, and a SET that is abrupt.

    Examples
    --------
    >>> from chipsim.device.randomness import generator
    >>> stages = (ResetStage(pulses=0.25, range=0.5), ResetStage(pulses=0.75, range=0.5))
    >>> cell = GradualReset(states=200, on_conductance=21e-6, off_conductance=1e-6, pulse_voltage=1.2,
    ...     pulse_width=100_000, set_voltage=1.44, set_width=100_000, stages=stages, area=40_000)
    >>> cells = cell.fresh((1, 1), rng=generator(1, "array"))
    >>> hits = Hits(*(np.array([count], np.int32) for count in (0, 0, 60)))
    >>> _ = cell.pulse_down(cells, hits, rng=generator(1, "array"))
    >>> round(1e9 * float(cells.conductance[0, 0]))
    10333
    """

    kind: ClassVar[str] = "gradual-reset"
    offers: ClassVar[frozenset[str]] = frozenset({"down", "set"})
    fresh_share: ClassVar[float] = 1.0
    example: ClassVar[Mapping[str, Any]] = {"set_voltage": "2 V", "set_width": "100 ns"}
    stages: tuple[ResetStage, ...] = ()
    """From the highest conductance down; none for steps that are all alike."""
    first_stage: int = attrs.field(default=1, validator=at_least(1))
    """The first stage that weights are kept in, counted from 1."""
    last_stage: int | None = attrs.field(default=None, validator=at_least(1))
    """The last one of them; None for the last that there is."""
    step_variation: Share = attrs.field(default=Share(0.0), validator=between(0, 10))
    """Standard deviation of one step over its mean, drawn anew at each pulse."""
    step_spread: Share = attrs.field(default=Share(0.0), validator=between(0, 1))
    """Device-to-device standard deviation of a cell's steps, over their mean."""
    range_spread: Share = attrs.field(default=Share(0.0), validator=between(0, 1))
    """Device-to-device standard deviation of the highest conductance's distance from the lowest."""
    set_voltage: Volts = attrs.field(validator=more_than(0))
    """Of the strong pulse that SETs a cell."""
    set_width: Ps = attrs.field(validator=more_than(0))
    """Of the same pulse."""
    endurance: int | None = attrs.field(default=None, validator=at_least(1))
    """Small pulses that a cell stands; None when unknown."""

    # --- what it is ------------------------------------------------------------------------------

    @property
    def programming_voltages(self) -> Mapping[str, Volts]:
        """Those of a small pulse and of the SET."""
        return {"pulse_voltage": self.pulse_voltage, "set_voltage": self.set_voltage}

    @property
    def down_pulse(self) -> PulseShape:
        """The small pulse."""
        return PulseShape(voltage=self.pulse_voltage, width=self.pulse_width)

    @property
    def reset_pulse(self) -> PulseShape:
        """The SET, which brings a cell back to where it began."""
        return PulseShape(voltage=self.set_voltage, width=self.set_width)

    @property
    def steps_alike(self) -> bool:
        """Within one stage."""
        return len(self.used) == 1

    @property
    def bounded(self) -> bool:
        """Where the range does not differ from cell to cell."""
        return not self.range_spread

    def faults(self, chip: ChipSpec) -> Iterable[Fault]:
        """Stages that do not make up the curve, or are not there."""
        yield from _of_stages(self)
        yield from super().faults(chip)

    def idealised(self) -> Iterable[str]:
        """Cells that stop where nothing stops them."""
        if self.last_stage is not None and self.last_stage < len(self.stages):
            yield (
                "Cells are kept in the stages of their RESET that are in use without being read: a pulse "
                "that would lead further down is taken to do nothing more."
            )

    # --- the stages that weights are kept in -----------------------------------------------------

    @property
    def used(self) -> tuple[ResetStage, ...]:
        """The stages that weights are kept in, the highest first."""
        whole = self.stages or (ResetStage(pulses=Share(1.0), range=Share(1.0)),)
        return whole[self.first_stage - 1 : self.last_stage]

    @property
    def used_states(self) -> float:
        """Pulses from one end of these stages to the other."""
        return self.states * math.fsum(stage.pulses for stage in self.used)

    def low(self, gain: float) -> float:
        """Conductance at the end of the last stage in use, of a cell that is `gain` times smaller, S."""
        beyond = math.fsum(stage.range for stage in self.stages[self.first_stage - 1 + len(self.used) :])
        return super().low(gain) + beyond * super().span(gain)

    def span(self, gain: float) -> float:
        """Distance of the two ends of the stages in use, S."""
        return super().span(gain) * math.fsum(stage.range for stage in self.used)

    def step(self, gain: float) -> float:
        """Mean step of a pulse downwards over the stages in use, S."""
        return self.span(gain) / self.used_states

    # --- what cells do ---------------------------------------------------------------------------

    def fresh(
        self,
        shape: tuple[int, int],
        *,
        rng: np.random.Generator,
        gain: float = 1.0,
        sums: tuple[Sums, Sums] | None = None,
        unused: tuple[int, int] = (0, 0),
    ) -> Cells:
        """Cells at the top of the stages in use, whose range and whose steps differ by their spreads.

        Cells out of use stay as they were made, RESET as far as it goes.
        """
        lowest, span = np.float32(self.low(gain)), np.float32(self.span(gain))
        # The range before the steps: the order of draws is part of what a seed means.
        ranges = spread_around_one(self.range_spread, shape, rng=rng)
        slopes = spread_around_one(self.step_spread, shape, rng=rng)
        high = same_everywhere(lowest + span * ranges, shape)
        cells = Cells.at_low(
            low=same_everywhere(lowest, shape),
            high=high,
            step=same_everywhere(np.float32(0), shape),
            step_down=same_everywhere(-np.float32(self.step(gain)) * slopes, shape),
            unused_low=super().low(gain),
            sums=sums,
            unused=unused,
            rng=rng,
        )
        cells.conductance[:] = high
        cells.sum_up()
        return cells

    def pulse_down(self, cells: Cells, hits: Hits, *, rng: np.random.Generator) -> float:  # noqa: ARG002
        """One step a pulse, as long as those of the stage that the cell is in then."""
        return lower_in_stages(
            cells, hits, edges=self._edges, steps=self._steps, variation=self.step_variation
        )

    def reset(self, cells: Cells, rows: Indices, columns: Indices) -> float:
        """SET to the top of the stages in use."""
        return set_listed(cells, rows, columns)

    # Asked for at every update, and always the same.
    @cached_property
    def _edges(self) -> Sums:
        """Lower ends of the stages in use, as shares of their range above its end (stages,)."""
        ranges = [stage.range for stage in self.used]
        below = [math.fsum(ranges[place + 1 :]) for place in range(len(ranges))]
        return np.array(below) / math.fsum(ranges)

    @cached_property
    def _steps(self) -> Sums:
        """Steps within each stage in use, over the mean step of all (stages,)."""
        ranges = math.fsum(stage.range for stage in self.used)
        pulses = math.fsum(stage.pulses for stage in self.used)
        return np.array([(stage.range / ranges) / (stage.pulses / pulses) for stage in self.used])


def _of_stages(device: GradualReset) -> Iterator[Fault]:
    """Shares that do not add up, and stages in use that there are not."""
    stages = device.stages
    for name in ("pulses", "range"):
        total = math.fsum(getattr(stage, name) for stage in stages)
        if stages and abs(total - 1) > _TOGETHER:
            yield Fault(
                ("device", "stages"),
                f"must share out the whole of '{name}', 100 %, and make up {100 * total:g} %",
            )
    many = len(stages) or 1
    last = device.last_stage or many
    for name, value in (("first_stage", device.first_stage), ("last_stage", last)):
        if value > many:
            there = f"there are {many}" if many > 1 else "there is one"
            yield Fault(("device", name), f"must be a stage, and {there}, not {value}")
    if device.first_stage > last and last <= many and device.first_stage <= many:
        yield Fault(("device", "last_stage"), f"must not come before first_stage, {device.first_stage}")
