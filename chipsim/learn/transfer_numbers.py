"""The numbers of rules that gather gradients on tiles of their own, and what these ask of a chip."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar, Literal

import attrs

from chipsim.device.device import device_of
from chipsim.learn.gathering import GRADIENT, WEIGHT
from chipsim.learn.rule import Rule
from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.fields import HIGHEST_RATE, at_least, more_than, one_of
from chipsim.spec.hidden import figure_bits, weight_count
from chipsim.spec.levels import FORMAT_BITS
from chipsim.spec.views import views
from chipsim.spec.workload import WorkloadSpec
from chipsim.synapse.synapse import synapse_of
from chipsim.units import Bits

__all__ = ["TransferNumbers", "faults_of_pairs", "steps_by_group", "sum_bits"]


@attrs.frozen(kw_only=True)
class TransferNumbers(Rule):
    """Outer products go to A, of which lines are read in turn, and C moves by them.

    The learning rate is that of A. Tiles that A and C stand on may be of one group, or of one for each role:
    ``gradient`` and ``weight``.
    """

    roles: ClassVar[tuple[str, ...]] = (WEIGHT, GRADIENT)
    transfer_every: int = attrs.field(default=1, validator=at_least(1))
    """Samples from one reading of A to the next."""
    reads_per_transfer: int = attrs.field(default=1, validator=at_least(1))
    """Lines of A that are read each time, in turn."""
    transfer_lines: Literal["rows", "columns"] = attrs.field(
        default="rows", validator=one_of("rows", "columns")
    )
    """Which lines are read: ``rows``, driven by inputs one by one and read on the columns, or ``columns``,
    driven as errors are."""
    transfer_learning_rate: float = attrs.field(default=1.0, validator=more_than(0, up_to=HIGHEST_RATE))
    """What C is to move by, over what is read of A: the gain of a transfer."""

    def faults_of_samples(self, samples: int) -> Iterable[Fault]:
        """A first reading of A that comes after the end."""
        if self.transfer_every > samples:
            message = (
                f"is {self.transfer_every}, and the run trains on {samples} samples in all: A would never be "
                "read, and no weight would change; lower it, or train longer"
            )
            yield Fault((self.section, "transfer_every"), message)

    def idealised(self) -> Iterable[str]:
        """What is left out of a transfer."""
        yield "The selector steps through the lines of A; addressing them takes no time and no energy."

    def warnings(self, chip: ChipSpec, workload: WorkloadSpec) -> Iterable[str]:
        """Converters that do not see what few pulses of A's cells do; asked as each group sees the chip."""
        yield from super().warnings(chip, workload)
        step = steps_by_group(chip)
        if not (step and self._gathers(chip)):
            return
        of_cells, of_converters = next(iter(step.values())), chip.tile.reading_step
        # Columns are read by converters of their own, whose noise and steps are as easily too coarse.
        if self.transfer_lines == "columns":
            adc = chip.tile.backward.adc if hasattr(chip.tile, "backward") else None
            of_converters = 0.0 if adc is None or adc.ideal else adc.step
        if of_converters > 2 * of_cells:
            side = "forward" if self.transfer_lines == "rows" else "backward"
            unseen = of_converters / of_cells / 2
            yield (
                f"tile.{side}.adc.range: A is read in steps of {of_converters:.3g}, a step of its cells is "
                f"{of_cells:.3g}: what is under {unseen:.3g} of them is read as nothing; lower it, or use "
                "more bits"
            )

    def _gathers(self, chip: ChipSpec) -> bool:
        """Whether A stands on the tiles of a chip as one group sees it."""
        group = next(iter(chip.groups.values()), None) if len(chip.groups) == 1 else None
        return group is None or group.role in (None, GRADIENT)

    def faults(self, chip: ChipSpec) -> Iterable[Fault]:
        """Pairs that nobody chooses from; a side without converters that lines are to be read on."""
        yield from super().faults(chip)
        yield from faults_of_pairs(self, chip)
        backward = getattr(chip.tile, "backward", None)
        by_columns = self.transfer_lines == "columns" and self._gathers(chip)
        if by_columns and backward is not None and backward.adc is None:
            message = "is columns, which are read on the rows, and tile.backward has no adc; take rows"
            yield Fault((self.section, "transfer_lines"), message)


def faults_of_pairs(rule: Rule, chip: ChipSpec) -> Iterator[Fault]:
    """Synapses of several pairs, and pairs that are to be brought back into range."""
    pairs = synapse_of(chip).pair_names
    if len(pairs) > 1:
        message = f"has the pairs {' and '.join(pairs)}, and {rule.kind} (rule) pulses one alone"
        yield Fault(("synapse", "kind"), message)
    if getattr(chip.update, "recentre", None) is not None:
        message = f"{rule.kind} (rule) never looks for pairs that ran out of range; leave recentre out"
        yield Fault(("update", "recentre"), message)


def steps_by_group(chip: ChipSpec) -> dict[str, float]:
    """The weight that a step of the cells is, on each group of tiles that carries weights by pulses."""
    found = {}
    for view in views(chip):
        described = view.chip.device is not None
        steps = synapse_of(view.chip).weight_steps(device_of(view.chip)) if described else {}
        if steps:
            found[view.name] = next(iter(steps.values()))
    return found


def sum_bits(chip: ChipSpec, workload: WorkloadSpec) -> Bits:
    """Bits of a sum for every weight that learns, and of normalisation, which the memory keeps as well."""
    if chip.memory is None:
        return Bits(0)
    sums = weight_count(workload.network, learning=True) * FORMAT_BITS[chip.memory.weights]
    return Bits(sums + figure_bits(workload))
