"""The kit's algorithms on cells of its ReRamArrayOM fit: descriptions of tiles.

Nothing of chipsim is imported here.
"""

# mypy: ignore-errors
# The environment that is checked has neither torch nor aihwkit.

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from aihwkit.simulator.configs import DigitalRankUpdateRPUConfig, SingleRPUConfig, UnitCellRPUConfig
from aihwkit.simulator.configs.compounds import (
    BufferedTransferCompound,
    ChoppedTransferCompound,
    MixedPrecisionCompound,
    TransferCompound,
)
from aihwkit.simulator.parameters import IOParameters, UpdateParameters
from aihwkit.simulator.parameters.enums import BoundManagementType, NoiseManagementType
from aihwkit.simulator.presets.devices import ReRamArrayOMPresetDevice

from benchmarks.peers.algorithms import KIT

__all__ = ["array_configurations"]

_STUCK: Final = 0.135
"""Share of the cells that do not switch, as the fit has it; the kit's preset leaves it out."""
_FAST: Final = 5.0
"""Rate of the fast array, with which the kit learns; at 0.3 it stayed at 20 %."""
_STEPS: Final = 1 / 254
"""Of a converter of eight bits, over its range."""


def array_configurations() -> Mapping[str, Callable[[], Any]]:
    """What makes the description of a layer's tile, by the network's name."""
    makes = {
        "SGD": _sgd,
        "Tiki-Taka v1": _tiki_taka_v1,
        "Tiki-Taka v2": _tiki_taka_v2,
        "c-TTv2": _chopped,
        "mixed precision": _mixed_precision,
    }
    return {f"{KIT}{name}": make for name, make in makes.items()}


def _cell() -> ReRamArrayOMPresetDevice:
    return ReRamArrayOMPresetDevice(corrupt_devices_prob=_STUCK)


def _read() -> IOParameters:
    """Converters as chipsim's: eight bits and no noise."""
    return IOParameters(inp_res=_STEPS, out_res=_STEPS, out_noise=0.0)


def _read_of_a_line() -> IOParameters:
    """The same for one line of the fast array, whose inputs are one and nothing, and need no scaling."""
    unmanaged = {
        "noise_management": NoiseManagementType.NONE,
        "bound_management": BoundManagementType.NONE,
    }
    return IOParameters(inp_res=_STEPS, out_res=_STEPS, out_noise=0.0, **unmanaged)


def _one_pulse() -> UpdateParameters:
    """Of what is over the threshold, one pulse in its direction."""
    return UpdateParameters(desired_bl=1, update_bl_management=False, update_management=False)


def _sgd() -> SingleRPUConfig:
    return SingleRPUConfig(device=_cell(), forward=_read(), backward=_read())


def _two_arrays(compound: Any, **settings: Any) -> UnitCellRPUConfig:
    """A fast array that a line is read of after each sample, and a slow one that is the weight."""
    device = compound(
        unit_cell_devices=[_cell(), _cell()],
        transfer_every=1,
        units_in_mbatch=False,
        transfer_forward=_read_of_a_line(),
        **settings,
    )
    return UnitCellRPUConfig(device=device, forward=_read(), backward=_read())


def _tiki_taka_v1() -> UnitCellRPUConfig:
    return _two_arrays(TransferCompound, fast_lr=_FAST, transfer_lr=0.3)


def _tiki_taka_v2() -> UnitCellRPUConfig:
    # What is over the threshold stays, as in the Athena paper; by default the kit forgets it.
    return _two_arrays(
        BufferedTransferCompound,
        fast_lr=_FAST,
        transfer_lr=0.8,
        forget_buffer=False,
        momentum=0.0,
        transfer_update=_one_pulse(),
    )


def _chopped() -> UnitCellRPUConfig:
    return _two_arrays(
        ChoppedTransferCompound,
        fast_lr=_FAST,
        transfer_lr=0.8,
        forget_buffer=False,
        momentum=0.0,
        in_chop_prob=0.01,
        transfer_update=_one_pulse(),
    )


def _mixed_precision() -> DigitalRankUpdateRPUConfig:
    device = MixedPrecisionCompound(device=_cell(), transfer_every=1)
    return DigitalRankUpdateRPUConfig(device=device, forward=_read(), backward=_read())
