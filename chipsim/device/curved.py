"""What devices share whose steps follow a curve along their range, both ways or with a reset back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final, Literal

import attrs
import numpy as np

from chipsim.device.cells import Cells
from chipsim.device.curve import Curve, repelling_share, settling, stable_share
from chipsim.device.device import PulseShape
from chipsim.device.linear import reset_listed
from chipsim.device.table import Table
from chipsim.device.types import Indices, Sums
from chipsim.device.uneven import UnevenCells, UnevenDevice
from chipsim.device.uneven_cells import Steps
from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.fields import between, more_than
from chipsim.spec.kind import Unread
from chipsim.units import Ps, Share, Volts

__all__ = ["CurvedDevice", "VariedCurve"]

_RESOLVED: Final = 2.0**-25
"""Half of what single precision tells a conductance from, over it: a step below that leads nowhere."""
_NEAR: Final = 0.9
"""Part of the way to a bound that steps have to be resolved on, where they shrink to nothing."""


class _Offered:
    """What cells do for others: of a class all that they can, of a described cell what it has pulses for."""

    def __get__(self, device: CurvedDevice | None, kind: type[CurvedDevice]) -> frozenset[str]:
        if device is None:
            return frozenset({"up", "down", "reset"})
        words = {"up": True, "down": device.down_pulse, "reset": device.reset_pulse}
        return frozenset(word for word, there in words.items() if there)


@attrs.frozen(kw_only=True)
class CurvedDevice(UnevenDevice):
    """A device whose steps follow a curve along its range: up, and down or with a strong pulse back.

    Where a cell stands in its own range says how long its step is, over the cell's own step. A kind gives the
    curve of either direction.
    """

    offers = _Offered()
    down_voltage: Volts | None = attrs.field(default=None, validator=more_than(0))  # type: ignore[assignment]
    """Of a small pulse that lowers the conductance, without its sign; None where pulses only raise it."""
    down_width: Ps | None = attrs.field(default=None, validator=more_than(0))  # type: ignore[assignment]
    """Of the same pulse."""
    reset_voltage: Volts | None = attrs.field(default=None, validator=more_than(0))
    """Of a strong pulse that takes a cell back to its lowest conductance; None where nothing does at once."""
    reset_width: Ps | None = attrs.field(default=None, validator=more_than(0))
    """Of the same pulse."""

    # --- what it is ------------------------------------------------------------------------------

    def curve(self, *, down: bool) -> Curve:
        """How long steps of one direction are."""
        raise NotImplementedError

    def keys_of(self, *, down: bool) -> tuple[str, ...]:
        """Keys by which a description may say the curve of a direction; the one that does comes first."""
        raise NotImplementedError

    @property
    def varying(self) -> tuple[float, float]:
        """Standard deviation of a step over its own length, and of its logarithm where it is log-normal."""
        return 0.0, 0.0

    @property
    def is_one_way(self) -> bool:
        """Whether small pulses only raise it."""
        return self.down_pulse is None

    @property
    def programming_voltages(self) -> Mapping[str, Volts]:
        """Those of the pulses that it has."""
        named = {"pulse_voltage": self.pulse_voltage, "down_voltage": self.down_voltage}
        named |= {"reset_voltage": self.reset_voltage}
        return {name: volts for name, volts in named.items() if volts is not None}

    @property
    def down_pulse(self) -> PulseShape | None:  # type: ignore[override]
        """As described."""
        return _shape(self.down_voltage, self.down_width)

    @property
    def reset_pulse(self) -> PulseShape | None:
        """As described."""
        return _shape(self.reset_voltage, self.reset_width)

    def faults(self, chip: ChipSpec) -> Iterable[Fault]:
        """Pulses that are half described, cells with no way back, curves that end early, and those of all."""
        yield from self._of_pulses()
        for down in (False, True)[: 1 if self.is_one_way else 2]:
            yield from self.of_curve(down=down)
        yield from super().faults(chip)

    def _of_pulses(self) -> Iterator[Fault]:
        for way in ("down", "reset"):
            both = (f"{way}_voltage", f"{way}_width")
            missing = [name for name in both if getattr(self, name) is None]
            if len(missing) == 1:
                (lacking,) = missing
                (given,) = (name for name in both if name != lacking)
                yield Fault((self.section, given), f"needs {lacking} beside it, or neither is given")
        if self.down_voltage is None and self.reset_voltage is None:
            message = (
                "pulses only raise it, and nothing brings it back; give down_voltage and down_width, for "
                "small pulses down, or reset_voltage and reset_width, for a strong pulse back"
            )
            yield Fault((self.section, "kind"), message)

    def of_curve(self, *, down: bool) -> Iterator[Fault]:
        """What is wrong with a direction: steps that go too far, and places that none leads past."""
        curve, (key, *_) = self.curve(down=down), self.keys_of(down=down)
        way, bound = ("down", "lowest") if down else ("up", "highest")
        longest = float(curve.lengths.max()) / curve.states
        if longest > 1:
            yield Fault(
                (self.section, key),
                f"makes a step {way} of {longest:.3g} times the whole range, of {self.states:g} states; "
                "take more states, or a curve that is less steep",
            )
        # At the very end steps may shrink to nothing: that is a bound which cells only come near to. Just
        # before, they may get too short to be resolved, as long as there are any.
        steps = curve.lengths[:-1] / curve.states
        places = np.arange(steps.size) / steps.size
        (stuck,) = ((steps <= self.resolved) & ((steps == 0) | (places < _NEAR))).nonzero()
        if stuck.size:
            place = places[stuck[0]]
            share = 100 * (1 - place if down else place)
            yield Fault(
                (self.section, key),
                f"cells cannot reach their {bound} conductance: at {share:.3g} % of the range a step {way} "
                f"is {steps[stuck[0]]:.2g} of it, and leads nowhere",
            )

    @property
    def resolved(self) -> float:
        """What a step has to be more than to lead anywhere, over the range."""
        return _RESOLVED * self.on_conductance / self.span(1.0)

    def unread(self) -> Iterable[Unread]:
        """What is said of pulses down, of cells that have none."""
        yield from super().unread()
        if self.is_one_way:
            why = "pulses only raise it, for it has no down_voltage"
            decides = ("device", "down_voltage")
            yield Unread(("device", "asymmetry"), decides, why)
            for key in self.keys_of(down=True):
                yield Unread(("device", key), decides, why)

    def idealised(self) -> Iterable[str]:
        """Resets that always arrive."""
        yield from super().idealised()
        if self.reset_pulse is not None:
            yield "A reset takes a cell to its lowest conductance at once, without noise, wherever it stood."

    # --- where pulses lead -----------------------------------------------------------------------

    @property
    def described_states(self) -> tuple[float, float]:
        """Range over the described step up, and over that down."""
        return self.states, self.states / self.asymmetry

    @cached_property
    def curves(self) -> tuple[Curve, Curve]:
        """Those of steps up and of steps down; of cells that are only raised, nobody asks for the latter."""
        up = self.curve(down=False)
        return up, up if self.is_one_way else self.curve(down=True)

    def pulses_for(self, steps: Sums, *, begin: Sums | float | None = None) -> Sums:
        """By the curve of a cell without spread, to half a step before a bound that no pulse reaches."""
        start = np.asarray(self.fresh_share if begin is None else begin, np.float64)
        aim = start + steps / self.states
        up, down = self.curves
        pulses = np.maximum(up.pulses(aim) - up.pulses(start), 0)
        # A train has pulses of one direction: of both counts, one is always zero.
        if not self.is_one_way:
            pulses = pulses - np.maximum(down.pulses(1 - aim) - down.pulses(1 - start), 0)
        found: Sums = pulses
        return found

    def pulses_across(self, *, down: bool) -> float:
        """By its curve."""
        return self.curves[down].across

    @property
    def symmetry_share(self) -> float:
        """Where steps up are as long as steps down."""
        return 0.5 if self.is_one_way else stable_share(*self.curves)

    @property
    def repelling_share(self) -> float | None:
        """Where steps are as long either way and grow, each towards the bound that it leads to."""
        return None if self.is_one_way else repelling_share(*self.curves)

    def unsettled(self, pairs: int) -> float:
        """By how steps change around the symmetry point."""
        return 0.0 if self.is_one_way else settling(*self.curves) ** pairs

    # --- what cells do ---------------------------------------------------------------------------

    @cached_property
    def _pieces(self) -> tuple[Sums, Sums]:
        up, down = self.curves
        return up.pieces(down=False), down.pieces(down=not self.is_one_way)

    def steps_of(self, cells: UnevenCells) -> Steps:
        """Steps along its curves."""
        own, logs = self.varying
        # By the pieces and not by a key: a table says itself whether its steps vary.
        measured = any(pieces[:, 2:].any() for pieces in self._pieces)
        varies = 1.0 if own or measured else 0.0
        written = self.write_noise * cells.described_step
        return Steps(variation=varies, written=written, pieces=self._pieces, own=own, logs=logs)

    def reset(self, cells: Cells, rows: Indices, columns: Indices) -> float:
        """Back to the lowest conductance; cells that no pulse moves stay where they are."""
        assert isinstance(cells, UnevenCells), "made by this device"
        moves = cells.step[rows, columns] != 0
        stuck = cells.conductance[rows[~moves], columns[~moves]]
        # The strong pulse wears them all the same.
        np.add.at(cells.resets, (rows[~moves], columns[~moves]), 1)
        rows, columns = rows[moves], columns[moves]
        met = reset_listed(cells, rows, columns)
        if cells.lasting is not None:
            cells.lasting[rows, columns] = cells.low[rows, columns]
        return met + float(stuck.sum(dtype=np.float64))

    def listed(self, table: Table, cells: Cells) -> int | None:
        """Steps along its curves; none where a kind made of this one pulses or resets in another way."""
        mine = type(self)
        as_shipped = mine.reset is CurvedDevice.reset and mine.steps_of is CurvedDevice.steps_of
        return super().listed(table, cells) if as_shipped else None


def _shape(volts: Volts | None, width: Ps | None) -> PulseShape | None:
    return None if volts is None or width is None else PulseShape(voltage=volts, width=width)


@attrs.frozen(kw_only=True)
class VariedCurve(CurvedDevice):
    """A curve in a few numbers, with a variation that is said beside it."""

    step_variation: Share = attrs.field(default=Share(0.0), validator=between(0, 10))
    """Standard deviation of one step, drawn anew at each pulse; `variation_form` says over what."""
    variation_form: Literal["constant", "proportional", "log-normal"] = "constant"
    """How steps vary. `constant`: by as much wherever the cell stands, over the described step of that
    direction; one that is given over the whole range is times `states` up, and times `states` over
    `asymmetry` down. `proportional`: over the step where the cell stands. `log-normal`: by a factor of mean
    one, whose standard deviation it is."""

    variation_down: Share | None = attrs.field(default=None, validator=between(0, 10))
    """That of a step down, over the described step down, where it differs and is constant; None for
    `step_variation`. One that is given over the whole range is times `states` over `asymmetry`."""

    def unread(self) -> Iterable[Unread]:
        """How steps vary, when they do not, and in which direction, where that makes no difference."""
        yield from super().unread()
        if not self.step_variation and not self.variation_down:
            why = "steps do not vary"
            yield Unread(("device", "variation_form"), ("device", "step_variation"), why)
        if self.is_one_way:
            why = "pulses only raise it, for it has no down_voltage"
            yield Unread(("device", "variation_down"), ("device", "down_voltage"), why)
        elif self.variation_form != "constant":
            # What is in proportion to a step is read once for both directions.
            why = f"variation that is {self.variation_form} is the same of both directions"
            yield Unread(("device", "variation_down"), ("device", "variation_form"), why)

    @property
    def varying(self) -> tuple[float, float]:
        """By the form of the variation."""
        if self.variation_form == "log-normal":
            return (1.0, math.sqrt(math.log1p(self.step_variation**2))) if self.step_variation else (0.0, 0.0)
        return (self.step_variation if self.variation_form == "proportional" else 0.0), 0.0

    def deviating(self, lengths: Sums, *, down: bool) -> Sums | None:
        """Standard deviations of steps of such lengths, beside what is in proportion to these."""
        own = self.variation_down if down and self.variation_down is not None else self.step_variation
        return np.full_like(lengths, own) if self.variation_form == "constant" and own else None
