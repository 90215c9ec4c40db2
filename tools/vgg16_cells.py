"""The frozen layers of VGG-16 on cells of a few levels: what chipsim's own tiles hold of the published weights.

A chip is described with a group of tiles for the frozen layers, chipsim places the 13 convolutions on it, chooses each layer's
factor, programs the cells with their spread, and says what weights they hold. Nothing of that is computed here.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import yaml
from numpy.typing import NDArray
from vgg16_forward import BLOCKS, LAYERS

from chipsim.data import from_arrays
from chipsim.errors import ChipsimWarning
from chipsim.run import prepare
from chipsim.run.weights import GivenWeights, given_weights
from chipsim.spec import load_workload

__all__ = ["LEVEL_SETS", "Cells", "Held", "LevelSet", "held", "workload_of"]

_UNIT = 5.0
"""Conductance of one unit of 1 : 3 : 8 : 12, uS, as of the chip that ships."""
_LOW, _TOP = 0.5, 60.0
"""What a cell for zero conducts, and the highest level, uS."""
_SIDE = 64
"""Height and width of the images that the network is placed for: weights do not depend on it."""


@attrs.frozen
class LevelSet:
    """Weights that a synapse can stand for, and the cells that make them."""

    levels: tuple[float, ...]
    kind: str = "level-difference"
    middle: tuple[float, ...] = ()
    """Conductance of the levels between the lowest and the highest, uS."""
    top: float = _TOP
    reference: str | None = None

    def synapse(self, scale: Mapping[str, Any]) -> dict[str, Any]:
        """The section of a description."""
        said = {"kind": self.kind, "levels": list(self.levels), "scale": dict(scale)}
        return said if self.reference is None else {**said, "reference": self.reference}

    def device(self, spread: float) -> dict[str, Any]:
        """The section of a description; every level spreads by the same share of what it conducts."""
        # Between the published RESETs, as far apart as goes; voltages bear on energy alone.
        voltages = np.linspace(1.66, 1.5, max(len(self.middle), 1))
        middle = [
            {**_level(conductance, spread), "reset_voltage": f"{voltage:.4f} V"}
            for conductance, voltage in zip(self.middle, voltages, strict=False)
        ]
        return {"low": _level(_LOW, spread), "middle": middle, "top": _level(self.top, spread)}


def _level(conductance: float, spread: float) -> dict[str, Any]:
    return {"conductance": f"{conductance:.9g} uS", "spread": f"{spread * conductance:.9g} uS"}


def _even(count: int) -> LevelSet:
    """So many weights evenly apart, of pairs of which one cell stands low."""
    each = count // 2
    levels = tuple(round(one / each, 9) for one in range(-each, each + 1))
    middle = tuple(_LOW + (_TOP - _LOW) * one / each for one in range(1, each))
    return LevelSet(levels, kind="level-pair", middle=middle)


def _differences(*units: float) -> LevelSet:
    """All differences of two cells at so many units, or at zero."""
    ends = (0.0, *units)
    found = sorted({(plus - minus) / units[-1] for plus in ends for minus in ends})
    levels = tuple(round(one, 9) for one in found)
    return LevelSet(levels, middle=tuple(_UNIT * one for one in units[:-1]), top=_UNIT * units[-1])


LEVEL_SETS: Mapping[str, LevelSet] = {
    "0, 1": LevelSet((0.0, 1.0), kind="level-cell", reference="low"),
    "-1, 1": LevelSet((-1.0, 1.0), kind="level-cell", reference="middle"),
    "-1, 0, 1": LevelSet((-1.0, 0.0, 1.0)),
    **{f"{count} even": _even(count) for count in (5, 7, 9, 11)},
    "1 : 3 : 8": _differences(1, 3, 8),
    "1 : 3 : 8 : 12": _differences(1, 3, 8, 12),
}
"""Sets of weights by what tables call them; even ones are counted, with zero."""


@attrs.frozen
class Cells:
    """How the frozen layers stand on cells."""

    levels: str
    """A name of :data:`LEVEL_SETS`."""
    by: str
    """What decides each layer's factor, as ``synapse.scale`` says it."""
    deviations: float | None = None
    spread: float = 0.0
    """Standard deviation of every level, as a share of what it conducts."""
    draw: int = 0
    """The seed of the spread."""
    biases: str = "digital"
    """``digital``: the digital unit adds them, exact; ``cells``: they stand in the crossbar, in a row."""

    @property
    def scale(self) -> dict[str, Any]:
        """The key of a description."""
        return {"by": self.by} if self.deviations is None else {"by": self.by, "deviations": self.deviations}

    @property
    def scaled(self) -> str:
        """How it is scaled, in a few words."""
        return self.by if self.deviations is None else f"{self.deviations:g} deviations"


@attrs.frozen(eq=False)
class Held:
    """What the cells hold."""

    weights: Mapping[str, NDArray[np.float32]]
    """By the names of layers, and their biases by ``NAME.bias``."""
    factors: Mapping[str, float]
    """What the outermost level of each layer stands for."""
    zero: Mapping[str, float]
    """Share of the weights of each layer that was rounded to zero."""
    clipped: Mapping[str, float]
    """Share of them that lay beyond the outermost level."""
    shares: Mapping[str, Mapping[float, float]]
    """Share of the weights of each layer at each level; only of cells without spread."""


def workload_of(weights: Path, *, shapes: Mapping[str, tuple[int, ...]], bias: bool) -> dict[str, Any]:
    """The workload of the network: 13 frozen convolutions, and a last layer that learns.

    Parameters
    ----------
    weights
        The file of the convolutions' weights.
    shapes
        Of the kernels, by the names of layers.
    bias
        Whether cells hold the biases.
    """
    layers: list[Any] = [[_SIDE, _SIDE, 3]]
    names = iter(LAYERS)
    for count in BLOCKS:
        for _ in range(count):
            name = next(names)
            kernels = {"kernels": int(shapes[name][3]), "size": 3, "padding": 1}
            layers.append({"kind": "convolution", "name": name, **kernels, "frozen": True})
        layers.append({"kind": "max-pool", "size": 2})
    # The maxima of 2 x 2 places, as the features of flowers17-vgg are made.
    layers += [{"kind": "max-pool", "size": 2}, {"kind": "flatten"}, 17]
    network = {"layers": layers, "activation": "relu", "loss": "cross-entropy", "initial_weights": 0}
    network |= {"bias": bias, "weights": str(weights.resolve())}
    phase = {"dataset": {"name": "none"}, "epochs": 1}
    about = "The convolutions of VGG-16, frozen, and a layer that learns 17 classes."
    said = {"name": "frozen-vgg16", "about": about, "network": network}
    return said | {"batch": 1, "learning_rate": 1, "phases": [phase]}


def held(cells: Cells, weights: Path, *, folder: Path) -> Held:
    """What the cells of a chip hold of the weights of a file.

    Parameters
    ----------
    cells
        How they stand on them.
    weights
        As ``tools/fetch_vgg16.py`` writes it.
    folder
        Where the descriptions of chip and workload are written.
    """
    with np.load(weights, allow_pickle=False) as archive:
        given = {name: archive[name] for name in archive.files}
    shapes = {name: given[name].shape for name in LAYERS}
    chip = folder / "chip.yaml"
    chip.write_text(yaml.safe_dump(_chip(cells), sort_keys=False), encoding="utf-8")
    # Files lay biases out too; a chip that keeps them elsewhere gets the rows above them.
    whole = _written(folder / "weights.yaml", workload_of(weights, shapes=shapes, bias=True))
    laid_out = given_weights(load_workload(whole))
    task, layers = whole, laid_out.layers
    if cells.biases == "digital":
        task = _written(folder / "workload.yaml", workload_of(weights, shapes=shapes, bias=False))
        layers = {index: matrix[:-1] for index, matrix in layers.items()}
    setup = _prepared(chip, task, given=GivenWeights(layers, sha256=laid_out.sha256), seed=cells.draw)
    return _read_back(setup.rule.matrices, given, cells)


def _written(file: Path, said: dict[str, Any]) -> Path:
    file.write_text(yaml.safe_dump(said, sort_keys=False), encoding="utf-8")
    return file


def _chip(cells: Cells) -> dict[str, Any]:
    """The chip that ships, with tiles of their own for the frozen layers."""
    which = LEVEL_SETS[cells.levels]
    frozen = {
        "carries": "frozen",
        "synapse": which.synapse(cells.scale),
        "device": which.device(cells.spread),
        "tile": {"rows": 512, "columns": 512},
    }
    groups = {"features": frozen, "head": {"carries": "learning"}}
    return {"extends": "multilevel-transfer", "name": "frozen-layers", "groups": groups}


def _prepared(chip: Path, task: Path, *, given: GivenWeights, seed: int) -> Any:
    """The chip with the weights written to its cells."""
    labels = np.arange(17, dtype=np.uint8)
    # Nothing is trained here, and chipsim asks for data of the right shape before it builds anything.
    blank = np.zeros((17, _SIDE, _SIDE, 3), np.uint8)
    none = from_arrays("none", train=(blank, labels), test=(blank, labels))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ChipsimWarning)
        setup = prepare(chip, task, datasets={"none": none}, weights=given, seed=seed)
    setup.rule.begin(seed=seed)
    return setup


def _read_back(matrices: Any, given: Mapping[str, Any], cells: Cells) -> Held:
    """The weights that cells hold, in the shapes of the file, and what was lost in writing them."""
    found: dict[str, NDArray[np.float32]] = {}
    factors: dict[str, float] = {}
    zero: dict[str, float] = {}
    clipped: dict[str, float] = {}
    shares: dict[str, Mapping[float, float]] = {}
    for name, matrix in zip(LAYERS, matrices, strict=False):
        weights = matrix.weights()
        factors[name] = matrix.factor
        # Asked once: a tile tells what it lost since it was asked last.
        lost = dict(_lost(matrix))
        zero[name] = lost.get("initial-weights-rounded-to-zero", 0) / weights.size
        clipped[name] = lost.get("initial-weights-clipped", 0) / weights.size
        if not cells.spread:
            shares[name] = _shares(weights / matrix.factor, LEVEL_SETS[cells.levels].levels)
        bias = given[f"{name}.bias"]
        if cells.biases == "cells":
            weights, bias = weights[:-1], weights[-1]
        found[name] = weights.reshape(given[name].shape).astype(np.float32)
        found[f"{name}.bias"] = np.asarray(bias, np.float32)
    return Held(found, factors, zero, clipped, shares)


def _lost(matrix: Any) -> Iterator[tuple[str, int]]:
    """What all tiles of a matrix lost, by kind."""
    counts: dict[str, int] = {}
    for block in matrix.blocks:
        for loss in block.tile.lost():
            counts[loss.what] = counts.get(loss.what, 0) + loss.count
    yield from counts.items()


def _shares(weights: NDArray[Any], levels: tuple[float, ...]) -> Mapping[float, float]:
    """Share of weights nearest to each level."""
    middles = (np.array(levels[1:]) + np.array(levels[:-1])) / 2
    counts = np.bincount(np.searchsorted(middles, weights.ravel()), minlength=len(levels))
    return dict(zip(levels, (counts / weights.size).tolist(), strict=True))
