"""Weights that a file gives to layers by their names."""

from __future__ import annotations

import hashlib
import io
import math
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import attrs
import numpy as np

from chipsim.device.randomness import generator
from chipsim.device.types import Floats
from chipsim.errors import DescriptionError, did_you_mean
from chipsim.files import read_limited
from chipsim.limits import TRAINED_WEIGHTS
from chipsim.run.layouts import BIAS, WEIGHT, Layout, layout_of
from chipsim.run.own_data import folder_of
from chipsim.spec import Description
from chipsim.spec.layer import shown_shape
from chipsim.spec.stages import Stage
from chipsim.spec.workload import NetworkSpec, WorkloadSpec

__all__ = ["SEED", "GivenWeights", "given_weights", "refuse_unknown", "weights_digest"]

SEED: Final = "{seed}"
"""Stands for the run's seed in the name of a file, so that each seed has weights of its own."""
_TOLD: Final = 8
"""Arrays that a message names."""
_MOST: Final = 16 * TRAINED_WEIGHTS
"""Bytes of a file: twice as many as the most weights take in double precision."""


@attrs.frozen(eq=False)
class GivenWeights:
    """Weights of a file, and which file it was; none without one."""

    layers: Mapping[int, Floats] = attrs.field(factory=dict)
    """Weights (rows, columns) by the indices of their layers of weights, as they are written."""
    wanted: Mapping[int, Floats] = attrs.field(factory=dict)
    """Those of the file, of layers that are written with an error."""
    sha256: str = ""


def given_weights(workload: Description[WorkloadSpec], *, seed: int | None = 0) -> GivenWeights:
    """Weights that a workload's file gives to its layers.

    Parameters
    ----------
    workload
        As it was read; its file is looked for beside its own description.
    seed
        The run's, for a file whose name has it. Without one, none of such files is read.

    Raises
    ------
    DescriptionError
        When the file cannot be read, lacks a layer, or has one of another shape or of no finite numbers.
    """
    network = workload.spec.network
    if network.weights is None or (seed is None and SEED in network.weights):
        return GivenWeights()
    node, named = workload.tree.at("network", "weights"), _named(workload, seed)
    try:
        # Read once, for the weights and for their digest: a file may be replaced between two readings.
        content = _content(workload, seed)
        arrays = _arrays(content)
    except Exception as error:  # noqa: BLE001
        # What is damaged shows in many ways: in the archive, in what is packed, or in an array's header.
        raise node.error(f"{named}: cannot be read: {_said(error)}") from None
    found: dict[int, Floats] = {}
    unused = _unused(network.stages, arrays)
    problems = [node.problem(f"{named}: {text}") for text in unused]
    for index, stage in enumerate(network.stages):
        if stage.layer.name is None:
            continue
        layout = layout_of(stage, arrays, before=network.stages[index - 1] if index else None)
        wrong = [*_problems(stage, arrays, layout)]
        at = workload.tree.at("network", "layers", stage.place, "name")
        problems += [at.problem(f"{named}: {message}") for message in wrong]
        if not wrong:
            found[index] = _laid_out(stage, arrays, layout)
    if problems:
        raise DescriptionError(problems)
    written = found
    if network.weights_error and seed is not None:
        written = {index: _with_error(network, index, its, seed=seed) for index, its in found.items()}
    wanted = {index: its for index, its in found.items() if written[index] is not its}
    return GivenWeights(written, wanted, hashlib.sha256(content).hexdigest())


def _with_error(network: NetworkSpec, index: int, weights: Floats, *, seed: int) -> Floats:
    """Weights of a layer (rows, columns) with the error that they are written with."""
    if network.stages[index].frozen:
        return weights
    # A generator for each layer: what others are given, and what the chip draws, changes none of it.
    drawn = generator(seed, f"network.weights_error.{index}").standard_normal(weights.shape)
    error = float(network.weights_error) * float(np.abs(weights).max(initial=0))
    found: Floats = (weights + error * drawn).astype(np.float32)
    return found


def _said(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    said = " ".join(str(error).split())
    return f"it is no .npz file of plain arrays: {said or type(error).__name__}"


def _unused(stages: Sequence[Stage], arrays: Mapping[str, np.ndarray]) -> Iterator[str]:
    """Arrays that begin with a layer's name and belong to none; others may be of another network."""
    names = [stage.layer.name for stage in stages if stage.layer.name is not None]
    wanted = [key for name in names for key in (name, f"{name}{WEIGHT}", f"{name}{BIAS}")]
    for key in arrays:
        if key not in wanted and any(key.startswith(f"{name}.") for name in names):
            yield f"nothing reads {key!r}{did_you_mean(key, wanted)}"


def refuse_unknown(task: Description[WorkloadSpec], given: GivenWeights) -> None:
    """Refuse to train behind layers of which nobody says what they hold.

    Raises
    ------
    DescriptionError
        With each of them.
    """
    # What learns in software is given by it.
    if task.spec.learns_frozen:
        return
    layers = task.tree.at("network", "layers")
    problems = [
        layers.at(stage.place, "frozen").problem(
            "is frozen, and nothing gives its weights; name it, and give network.weights a file, or only "
            "time it (--timing-only)"
        )
        for index, stage in enumerate(task.spec.network.stages)
        if stage.frozen and index not in given.layers
    ]
    if problems:
        raise DescriptionError(problems)


def weights_digest(workload: Description[WorkloadSpec], *, seed: int | None = 0) -> str:
    """The SHA-256 of the file of given weights; empty without one.

    Parameters
    ----------
    workload, seed
        As :func:`given_weights` takes them.

    Raises
    ------
    DescriptionError
        When it cannot be read.
    """
    weights = workload.spec.network.weights
    # Nobody reads them where nothing is drawn either.
    if weights is None or (seed is None and SEED in weights):
        return ""
    try:
        content = _content(workload, seed)
    except (OSError, ValueError) as error:
        message = f"{_named(workload, seed)}: cannot be read: {_said(error)}"
        raise workload.tree.at("network", "weights").error(message) from None
    return hashlib.sha256(content).hexdigest()


def _named(workload: Description[WorkloadSpec], seed: int | None) -> str:
    """The file as the workload names it, for one seed."""
    return str(workload.spec.network.weights).replace(SEED, str(seed))


def _content(workload: Description[WorkloadSpec], seed: int | None) -> bytes:
    folder = folder_of(workload, "network", "weights")
    return read_limited(folder / _named(workload, seed), most=_MOST)


def _arrays(content: bytes) -> dict[str, np.ndarray]:
    archive = io.BytesIO(content)
    # Asked before anything is unpacked: a small archive may hold more than a machine's memory.
    with zipfile.ZipFile(archive) as packed:
        size = sum(one.file_size for one in packed.infolist())
    if size > _MOST:
        raise ValueError(f"unpacked it has {size:,} bytes, more than {_MOST:,}")
    archive.seek(0)
    # A pickled array could run any code.
    with np.load(archive, allow_pickle=False) as loaded:
        arrays = {name: loaded[name] for name in loaded.files}
    # numpy hands over members of an archive that are no arrays as bytes.
    wrong = [name for name, array in arrays.items() if not isinstance(array, np.ndarray)]
    if wrong:
        raise ValueError(f"{wrong[0]!r} is no array")
    return arrays


def _problems(stage: Stage, arrays: Mapping[str, np.ndarray], layout: Layout) -> Iterator[str]:
    """What is wrong with the arrays of a layer."""
    name, key = str(stage.layer.name), layout.key
    if key not in arrays:
        yield _missing(name, arrays)
        return
    if layout.is_turned and name in arrays:
        yield f"{name!r} and {key!r} both give its weights; leave one of them out"
        return
    problem = _problem(arrays[key], layout.shape)
    if problem:
        yield f"{key!r} has {problem}{_turned(name, arrays[key].shape, layout)}"
    biases = f"{name}{BIAS}"
    if biases not in arrays:
        return
    if not stage.bias:
        yield f"{biases!r} gives biases, and the network has none (network.bias)"
        return
    problem = _problem(arrays[biases], (stage.columns,))
    if problem:
        yield f"{biases!r} has {problem}"


def _missing(name: str, arrays: Mapping[str, np.ndarray]) -> str:
    there = ", ".join([*arrays][:_TOLD]) or "none"
    if len(arrays) > _TOLD:
        there = f"{there} and {len(arrays) - _TOLD} more"
    asked = f"{name}{WEIGHT}" if any(key.endswith(WEIGHT) for key in arrays) else name
    there += did_you_mean(asked, arrays)
    return f"has no array {name!r}, nor {name + WEIGHT!r} of PyTorch; it has: {there}"


def _turned(name: str, shape: tuple[int, ...], layout: Layout) -> str:
    """What to do about an array that lies in the other order; empty where it is just another shape."""
    if shape != layout.other or shape == layout.shape:
        return ""
    if layout.is_turned:
        return f"; did you mean the transposed? What lies in this order is called {name!r}"
    return f"; did you mean the transposed? What lies as in PyTorch is called {name + WEIGHT!r}"


def _problem(array: np.ndarray, shape: tuple[int, ...]) -> str:
    if array.shape != shape:
        given = f"the shape {shown_shape(array.shape)}" if array.shape else "a single value"
        return f"{given}, not {shown_shape(shape)}"
    if not np.issubdtype(array.dtype, np.floating):
        return f"values of type {array.dtype}, not floats"
    # Asked this way round, since no comparison with a NaN is true.
    within = np.abs(array) <= np.finfo(np.float32).max
    return "" if within.all() else "values that are no finite numbers in single precision"


def _laid_out(stage: Stage, arrays: Mapping[str, Any], layout: Layout) -> Floats:
    """Rows and columns as tiles hold them: each group of columns below the ones before it, its bias last."""
    name = str(stage.layer.name)
    rows = math.prod(stage.layer.weights_shape(stage.given)[:-1])
    flat = layout.ours(arrays[layout.key]).reshape(rows, stage.columns).astype(np.float32)
    # A file may leave biases out: they begin at zero.
    bias = arrays.get(f"{name}{BIAS}", np.zeros(stage.columns))
    bias = bias.astype(np.float32)
    # Between groups weights are zero: a channel of a depthwise layer has tiles of its own.
    out = np.zeros((stage.rows, stage.columns), np.float32)
    for group in range(stage.groups):
        top, left = group * stage.group_rows, group * stage.group_columns
        across = slice(left, left + stage.group_columns)
        out[top : top + rows, across] = flat[:, across]
        if stage.bias:
            out[top + rows, across] = bias[across]
    return out
