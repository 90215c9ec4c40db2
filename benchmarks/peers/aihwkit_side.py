"""The IBM analog hardware acceleration kit at work for the comparison; runs in an environment of its own.

Nothing of chipsim is imported here.
"""

# mypy: ignore-errors
# The environment that is checked has neither torch nor aihwkit.

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any, Final

import numpy as np
import torch
from aihwkit.nn import AnalogLinear, AnalogSequential
from aihwkit.optim import AnalogSGD
from aihwkit.simulator.configs import SingleRPUConfig
from aihwkit.simulator.configs.devices import LinearStepDevice, SoftBoundsDevice
from aihwkit.simulator.presets.configs import (
    MixedPrecisionReRamSBPreset,
    TTv2EcRamPreset,
    TTv2ReRamSBPreset,
)

from benchmarks.peers.aihwkit_array import array_configurations
from benchmarks.peers.worker import Digits, Sides, main

__all__ = ["KitSide", "sides"]

_RATE: Final = 0.1
_LARGEST: Final = 1024
"""Lines of a tile: by default 512, and the 784 inputs would be split over two."""


class KitSide:
    """A network of analog layers under training.

    Parameters
    ----------
    configuration
        Makes the description of a layer's tile.
    digits
        What it trains on.
    """

    def __init__(self, configuration: Callable[[], Any], digits: Digits) -> None:
        torch.set_num_threads(1)
        torch.manual_seed(0)
        self._digits = digits
        self._model = AnalogSequential(
            AnalogLinear(784, 250, bias=True, rpu_config=configuration()),
            torch.nn.Sigmoid(),
            AnalogLinear(250, 10, bias=True, rpu_config=configuration()),
            torch.nn.Sigmoid(),
        )
        self._optimiser = AnalogSGD(self._model.parameters(), lr=_RATE)
        self._optimiser.regroup_param_groups(self._model)

    def warm_up(self, turns: int) -> None:
        """Train on the first turns."""
        for turn in range(turns):
            self.train(turn)

    def train(self, turn: int) -> float:
        """Train once on the digits of a turn, which are tensors before the clock starts."""
        images, labels = self._digits.turn(turn)
        inputs = torch.tensor(images.astype(np.float32) / np.float32(255))
        targets = torch.tensor(np.eye(10, dtype=np.float32)[labels])
        model, optimiser = self._model, self._optimiser
        model.train()
        start = time.perf_counter()
        for number in range(len(inputs)):
            one = slice(number, number + 1)
            optimiser.zero_grad()
            error = model(inputs[one]) - targets[one]
            loss = 0.5 * (error * error).sum()
            loss.backward()
            optimiser.step()
        return time.perf_counter() - start

    def tell(self) -> dict[str, float]:
        """How many digits it classifies right: accuracy and loss are what there is to tell."""
        images, labels = self._digits.images, self._digits.labels
        self._model.eval()
        with torch.no_grad():
            outputs = self._model(torch.tensor(images.astype(np.float32) / np.float32(255)))
        classes = outputs.argmax(dim=1).numpy()
        return {"right_percent": 100 * float(np.mean(classes == labels))}


def _largest_tile(configuration: Any) -> Any:
    configuration.mapping.max_input_size = _LARGEST
    configuration.mapping.max_output_size = _LARGEST
    return configuration


def _one_device(device: Callable[[], Any]) -> Any:
    return _largest_tile(SingleRPUConfig(device=device()))


def _preset(preset: Callable[[], Any]) -> Any:
    return _largest_tile(preset())


def _same_cell() -> LinearStepDevice:
    """As a pair of chipsim's cells: fifty steps from nothing to the largest weight, 34 % noise, no spread."""
    return LinearStepDevice(
        dw_min=0.02,
        dw_min_std=0.34,
        w_max=1.0,
        w_min=-1.0,
        dw_min_dtod=0.0,
        up_down_dtod=0.0,
        w_max_dtod=0.0,
        w_min_dtod=0.0,
        gamma_up_dtod=0.0,
        gamma_down_dtod=0.0,
    )


def sides() -> tuple[Sides, Mapping[str, str]]:
    """Networks of each device, and the versions of what they run on."""
    configurations = {
        "aihwkit, linear step": functools.partial(_one_device, LinearStepDevice),
        "aihwkit, linear step, cell as chipsim's": functools.partial(_one_device, _same_cell),
        "aihwkit, soft bounds": functools.partial(_one_device, SoftBoundsDevice),
        "aihwkit, Tiki-Taka v2, EcRam": functools.partial(_preset, TTv2EcRamPreset),
        "aihwkit, Tiki-Taka v2, ReRamSB": functools.partial(_preset, TTv2ReRamSBPreset),
        "aihwkit, mixed precision, ReRamSB": functools.partial(_preset, MixedPrecisionReRamSBPreset),
        **{name: functools.partial(_preset, make) for name, make in array_configurations().items()},
    }
    built = {name: functools.partial(KitSide, made) for name, made in configurations.items()}
    return built, {name: version(name) for name in ("aihwkit", "torch", "numpy")}


if __name__ == "__main__":
    main(sides)
