"""Which kinds of part make a chip together: cells, tile, update, selector, memory and learning rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from chipsim.spec.chip import (
    AccuracyPlateauSpec,
    ChipSpec,
    CrossbarTileSpec,
    DigitalSynapseSpec,
    HybridSpec,
    LevelSynapseSpec,
    PulsedSynapseSpec,
)
from chipsim.spec.fault import Fault
from chipsim.spec.kinds import unknown_kind
from chipsim.spec.levels import LevelChangeSpec
from chipsim.units import VOLTAGE, Volts, show

__all__ = ["of_parts", "of_read_voltage"]


@attrs.frozen(kw_only=True)
class _Family:
    """The kinds of part that go with one family of synapses."""

    tile: str
    devices: tuple[str, ...]
    updates: tuple[str, ...]
    rule: str


_PULSED: Final = _Family(
    tile="crossbar",
    devices=("linear-step", "ideal"),
    updates=("parallel-pulses", "row-by-row", "cell-by-cell"),
    rule="outer-product-sgd",
)
_LEVELS: Final = _Family(
    tile="crossbar", devices=("multilevel",), updates=("reprogram",), rule="hidden-weights"
)
_DIGITAL: Final = _Family(tile="mac", devices=(), updates=("digital",), rule="outer-product-sgd")


def of_parts(chip: ChipSpec) -> Iterator[Fault]:
    """Kinds of part that do not go with the chip's synapse."""
    family = _family(chip)
    synapse = f"a {chip.synapse.kind} synapse"
    if chip.tile.kind != family.tile:
        yield Fault(("tile", "kind"), f"{synapse} needs a {family.tile} tile, not {chip.tile.kind}")
    if chip.update.kind not in family.updates:
        wanted = _either(family.updates)
        yield Fault(("update", "kind"), f"{synapse} is updated by {wanted}, not {chip.update.kind}")
    if chip.rule.kind != family.rule:
        yield Fault(("rule", "kind"), f"{synapse} is trained by {family.rule}, not {chip.rule.kind}")
    yield from _of_device(chip, family)
    yield from _of_selector(chip)
    yield from _of_memory(chip)


def _family(chip: ChipSpec) -> _Family:
    synapse = chip.synapse
    if isinstance(synapse, DigitalSynapseSpec):
        return _DIGITAL
    if isinstance(synapse, LevelSynapseSpec):
        return _LEVELS
    if isinstance(synapse, PulsedSynapseSpec):
        return _PULSED
    raise unknown_kind(synapse, place=__name__)


def _either(kinds: tuple[str, ...]) -> str:
    """Kinds as the end of a sentence."""
    return " or ".join([", ".join(kinds[:-1]), kinds[-1]] if len(kinds) > 1 else kinds)


def _of_device(chip: ChipSpec, family: _Family) -> Iterator[Fault]:
    synapse, device = f"a {chip.synapse.kind} synapse", chip.device
    if device is None and family.devices:
        yield Fault((), f"missing key 'device': {synapse} is made of resistive cells")
    elif device is not None and not family.devices:
        yield Fault(("device",), f"{synapse} has no resistive cells; leave the device out")
    elif device is not None and device.kind not in family.devices:
        wanted = _either(family.devices)
        yield Fault(("device", "kind"), f"{synapse} is made of {wanted} cells, not {device.kind}")


def _of_selector(chip: ChipSpec) -> Iterator[Fault]:
    path, kind = ("selector", "kind"), chip.synapse.kind
    levels = isinstance(chip.synapse, LevelSynapseSpec)
    if isinstance(chip.selector, AccuracyPlateauSpec) and not isinstance(chip.synapse, HybridSpec):
        use = "level-change" if levels else "fixed"
        message = f"accuracy-plateau chooses between the pairs of a hybrid synapse, and this one is {kind}"
        yield Fault(path, f"{message}; use {use}")
    elif isinstance(chip.selector, LevelChangeSpec) and not levels:
        yield Fault(
            path, f"level-change needs a synapse that stands at levels, and this one is {kind}; use fixed"
        )
    elif levels and not isinstance(chip.selector, LevelChangeSpec):
        message = f"{chip.selector.kind} does not find the weights to reprogram, as a {kind} synapse needs"
        yield Fault(path, f"{message}; use level-change")


def _of_memory(chip: ChipSpec) -> Iterator[Fault]:
    synapse = f"a {chip.synapse.kind} synapse"
    if isinstance(chip.synapse, LevelSynapseSpec) and chip.memory is None:
        yield Fault((), f"missing key 'memory': {synapse} has its hidden weights in the digital unit")
    if not isinstance(chip.synapse, LevelSynapseSpec) and chip.memory is not None:
        yield Fault(("memory",), f"{synapse} has no hidden weights to keep; leave the memory out")


def of_read_voltage(chip: ChipSpec, programming: Mapping[str, Volts]) -> Iterator[Fault]:
    """Reading must not program: the tile's voltage stays below each of the cell's, given by their names."""
    if not isinstance(chip.tile, CrossbarTileSpec):
        return
    for name, voltage in programming.items():
        if chip.tile.read_voltage >= voltage:
            read, limit = show(chip.tile.read_voltage, VOLTAGE), show(voltage, VOLTAGE)
            message = f"must be less than the device's {name}, {limit}, or reading would program; not {read}"
            yield Fault(("tile", "read_voltage"), message)
