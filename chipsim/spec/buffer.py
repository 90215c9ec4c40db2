"""How much the buffer has to hold, and whether it can."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chipsim.spec.chip import ChipSpec
from chipsim.spec.fault import Fault
from chipsim.spec.formats import FORMATS
from chipsim.spec.hidden import figure_bits
from chipsim.spec.used import arithmetic_in
from chipsim.spec.views import working_views
from chipsim.spec.workload import WorkloadSpec
from chipsim.units import BITS, Bits, show

__all__ = ["buffer_bits", "of_buffer"]

_KIBIBYTE: Final = 8192


def buffer_bits(chip: ChipSpec, workload: WorkloadSpec) -> Bits:
    """Bits of the buffer: as described, or for ``auto`` what a workload needs, in whole KiB."""
    if chip.buffer.size != "auto":
        return chip.buffer.size
    kept = _figure_bits(chip, workload) + _kept_bits(workload)
    # One access at least: a buffer that is smaller than its port cannot be built.
    needed = max(_batch_bits(chip, workload) + kept, chip.buffer.width)
    return Bits(-(-needed // _KIBIBYTE) * _KIBIBYTE)


def of_buffer(chip: ChipSpec, workload: WorkloadSpec) -> Iterator[Fault]:
    """A batch must fit, and the figures of normalisation where no other memory keeps them."""
    size = chip.buffer.size
    batch, figures = _batch_bits(chip, workload), _figure_bits(chip, workload)
    pools = _kept_bits(workload)
    if size == "auto" or batch + figures + pools <= size:
        return
    values, alone, word = _values(chip, workload), _alone(chip, workload), _word(chip, workload)
    kept = f", and {show(Bits(figures), BITS)} of normalisation" if figures else ""
    kept += f", and {show(Bits(pools), BITS)} that pools keep for the way back" if pools else ""
    among = f" and {alone} of one sample in frozen layers" if alone else ""
    needed = f"{workload.batch} x {values} values{among} of {word} bits are {show(Bits(batch), BITS)}{kept}"
    refused = f"{show(size, BITS)} cannot hold a batch of {workload.name!r}"
    yield Fault(("buffer", "size"), f"{refused}: {needed}; give it as much, or auto")


def _batch_bits(chip: ChipSpec, workload: WorkloadSpec) -> int:
    values = workload.batch * _values(chip, workload) + _alone(chip, workload)
    return values * _word(chip, workload)


def _waits_for_batch(chip: ChipSpec, workload: WorkloadSpec) -> bool:
    """Whether a whole batch is through a layer before the next begins, and all its sums have to be kept."""
    network = workload.network
    # Where nothing learns nothing waits: samples go through one after another, whatever the rule.
    if network.first_learning == len(network.stages):
        return False
    return chip.rule.keeps_sums or network.normalisation is not None


def _alone(chip: ChipSpec, workload: WorkloadSpec) -> int:
    """Values of the one sample in the frozen layers that a batch is waited for behind: the most at once."""
    frozen = workload.network.stages[: workload.network.first_learning]
    if not _waits_for_batch(chip, workload):
        return 0
    return max((max(stage.inputs, stage.leaves) + stage.units for stage in frozen), default=0)


def _values(chip: ChipSpec, workload: WorkloadSpec) -> int:
    """Values of one sample: inputs and activations, and where a batch is waited for, more.

    These are weighted sums on the way forward, errors in their place on the way back, and what one hidden
    layer at a time gets back from the tiles until it has become those errors.
    """
    stages = workload.network.stages
    hidden = stages[:-1]
    if _waits_for_batch(chip, workload):
        learning = stages[workload.network.first_learning :]
        values = learning[0].inputs + sum(stage.kept_values for stage in learning)
        returned = max((stage.leaves for stage in learning[:-1]), default=0)
        return values + sum(stage.units for stage in learning[:-1]) + returned
    values = stages[0].inputs + sum(stage.kept_values for stage in stages)
    # Errors of several samples wait beside their activations, those of the outputs in their place; and so do
    # those of a sample that come patch by patch.
    learning = hidden[workload.network.first_learning :]
    several = workload.batch > 1
    waiting = [stage for stage in learning if (several and not stage.frozen) or stage.in_pieces]
    return values + sum(stage.units for stage in waiting)


def _kept_bits(workload: WorkloadSpec) -> int:
    """Bits that layers without weights keep for the way back, such as where each maximum stood."""
    learning = workload.network.stages[workload.network.first_learning :]
    return workload.batch * sum(stage.kept_bits for stage in learning)


def _word(chip: ChipSpec, workload: WorkloadSpec) -> int:
    """Bits of a value: each has the place of the widest, of the tiles that values go to and come from."""
    sums = _waits_for_batch(chip, workload)
    return max(_word_of(view.chip, sums=sums) for view in working_views(chip, workload.network))


def _word_of(chip: ChipSpec, *, sums: bool) -> int:
    # A synapse that names no format we know may have numbers of any width: they get the widest place.
    own = arithmetic_in(chip).get("synapse", "")
    return chip.tile.word_bits(sums=sums) or FORMATS.get(own, max(FORMATS.values()))


def _figure_bits(chip: ChipSpec, workload: WorkloadSpec) -> int:
    """Scales, offsets, means and variances that the buffer keeps where there is no other memory."""
    return 0 if chip.memory is not None else figure_bits(workload)
