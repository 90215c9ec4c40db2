"""A weight as one digital number."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import ClassVar, Literal

import attrs

from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.fields import more_than, one_of
from chipsim.spec.formats import FIXED_STEPS, ROUNDING_IS_FREE, is_fixed
from chipsim.spec.hidden import no_weight_of
from chipsim.spec.views import learning_on, stages_on
from chipsim.spec.workload import WorkloadSpec
from chipsim.synapse.synapse import Synapse

__all__ = ["Digital", "digital_of"]


@attrs.frozen(kw_only=True)
class Digital(Synapse):
    """A weight as one digital number in the tile's own memory."""

    kind: ClassVar[str] = "digital"
    offers: ClassVar[frozenset[str]] = frozenset({"numbers"})
    arithmetic: str = "float-32"
    """Number format of weights, inputs, results and errors, as the cost set names it: it rounds the numbers,
    and sizes their words in memory and on links. Inside a pass products are added up without rounding."""
    weight_range: float | None = attrs.field(default=None, validator=more_than(0))
    """Largest weight of a fixed-point format; floating point needs none."""
    sum_range: float | None = attrs.field(default=None, validator=more_than(0))
    """Largest weighted sum of a fixed-point format, larger ones become it; inputs, and errors in both
    directions, span plus and minus one. Floating point needs none."""
    rounding: Literal["nearest", "stochastic"] = attrs.field(
        default="nearest", validator=one_of("nearest", "stochastic")
    )
    """How an updated weight gets into its format; steps below half a step of it are lost to ``nearest``."""

    @property
    def words(self) -> str:
        """Its format, and how far it reaches."""
        most = self.weight_range
        reach = f" from {-most:g} to {most:g}" if most else ""
        return f"one {self.arithmetic} number each{reach}"

    def largest_weight(self, chip: ChipSpec) -> float:  # noqa: ARG002
        """The end of a fixed-point format."""
        return self.weight_range or math.inf

    def idealised(self) -> Iterable[str]:
        """Random numbers are free."""
        if self.rounding == "stochastic":
            yield ROUNDING_IS_FREE

    def warnings(self, chip: ChipSpec, workload: WorkloadSpec) -> Iterable[str]:
        """Changes of weights that are always under half a step of their format."""
        steps, network = FIXED_STEPS.get(self.arithmetic), workload.network
        # Only logistic units under a bounded loss have errors that no training can exceed.
        if self.rounding != "nearest" or steps is None or network.activation != "logistic":
            return
        step = (self.weight_range or 1.0) / steps
        errors = network.largest_errors(self.largest_weight(chip), on=stages_on(chip, network))
        rate = chip.rule.highest_rate(workload) / workload.batch
        learning, half = learning_on(chip, network), step / 2
        dead = [layer for layer in learning if rate * errors[layer - 1] < half]
        if dead:
            most = max(rate * errors[layer - 1] for layer in dead)
            none = no_weight_of(dead, of=len(learning))
            asks = f"one sample asks for {most:.2g} at most, under half a step of {self.arithmetic}"
            yield (
                f"synapse.rounding: {none} can ever change: {asks}, {half:.2g}; raise the learning rate, use "
                "more bits, or rounding: stochastic"
            )

    def faults(self, chip: ChipSpec) -> Iterable[Fault]:
        """Ranges that the format lacks or has no use for, and a digital unit that cannot take its sums."""
        fixed, unit = is_fixed(self.arithmetic), chip.digital.arithmetic
        for name in ("weight_range", "sum_range"):
            given = getattr(self, name)
            if fixed and given is None:
                message = f"missing key {name!r}: numbers of {self.arithmetic} span a stated range"
                yield Fault((self.section,), message)
            if not fixed and given is not None:
                yield Fault(
                    (self.section, name), f"{self.arithmetic} has a range of its own; leave {name} out"
                )
        if self.arithmetic == "float-32" and self.rounding == "stochastic":
            why = "single precision is what is computed in, and nothing is rounded to it"
            yield Fault((self.section, "rounding"), f"{why}; leave rounding out")
        if is_fixed(unit) and not fixed:
            why = f"{unit} has no range for the weighted sums of {self.arithmetic} tiles"
            yield Fault(("digital", "arithmetic"), f"{why}; use a floating-point unit")


def digital_of(chip: ChipSpec) -> Digital:
    """The synapse of a described chip whose weights are numbers."""
    found = chip.synapse
    assert isinstance(found, Digital), "checked with the description"
    return found
