"""What the frozen layers of VGG-16 lose on cells of a few levels, and what a last layer that learns on the chip wins back.

Usage: python tools/frozen_layers.py [--weights FILE] [--data FOLDER] [--runs FOLDER] [--each N] [--only WORDS] [--tell]

For every way of a grid to hold the 13 convolutions on cells it takes what chipsim's tiles hold of the published weights, sends a
share of the 1,360 photographs of flowers through them, and trains the last layer by `chipsim` on the features: on those of this
chip, on floating-point features of the same photographs, and on floating-point features of all photographs. Every accuracy is that
on the features of the chip, of photographs that no layer was trained on.

What is done is kept in runs/dong2018/frozen-layers and not made again, so a call that was stopped goes on. Where weights or
photographs are not there it says so and ends without an error. At the end it writes reports/dong2018/frozen-layers.csv and
frozen-layers.svg, and its tables into the README.md there.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import yaml
from frozen_layers_told import tell
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from vgg16_cells import LEVEL_SETS, Cells, held
from vgg16_forward import LAYERS, features_of, pictures

from chipsim import simulate
from chipsim.data.features import FEATURES
from chipsim.errors import DataError

ROOT = Path(__file__).parents[1]
RUNS = Path("runs") / "dong2018" / "frozen-layers"
DATASET = "flowers17-vgg"
FLOATING = "floating point"
SEEDS = range(3)
"""Of the last layer."""
LATE = "block5_conv2"
EACH = 8
"""Photographs of each class to train on, and to test on, of the study that the report tells."""
"""The layer whose levels are told one by one, as in the paper."""
TRAININGS = ("own", "floating", "floating-all")
"""What the last layer is trained on."""


# --- the grid ----------------------------------------------------------------------------------------


def grid() -> Iterator[Cells]:
    """All ways to hold the frozen layers, what is most to be known first."""
    most, fewer = "1 : 3 : 8 : 12", "1 : 3 : 8"
    for levels in (most, fewer, "-1, 0, 1", "5 even", "7 even", "11 even"):
        yield Cells(levels, "least-squares")
    yield from (Cells(levels, "largest") for levels in (most, fewer))
    yield from (Cells(most, "least-squares", spread=spread) for spread in (0.1, 0.2, 0.5))
    yield from (Cells(most, "deviations", times) for times in (3.0, 12.0))
    yield Cells(most, "largest", biases="cells")
    yield from (Cells(levels, "deviations", 6.0) for levels in (most, fewer, "11 even", "7 even"))
    yield from (Cells(most, "deviations", 12.0, spread=spread) for spread in (0.1, 0.5, 0.2))
    yield Cells(fewer, "deviations", 12.0)
    yield Cells("11 even", "largest")
    yield Cells("7 even", "deviations", 3.0)
    yield from (Cells(most, "deviations", 12.0, spread=spread) for spread in (0.05, 0.3))
    yield Cells("11 even", "deviations", 3.0)
    yield Cells("5 even", "deviations", 6.0)
    yield from (Cells(most, "deviations", 12.0, spread=spread, draw=1) for spread in (0.1, 0.2))
    yield Cells(most, "deviations", 12.0, biases="cells")
    yield Cells(most, "deviations", 24.0)
    yield from (Cells(levels, "least-squares") for levels in ("-1, 1", "0, 1"))


def named(cells: Cells | None) -> str:
    """The folder of a configuration."""
    if cells is None:
        return "floating-point"
    levels = cells.levels.replace("-1", "minus-1").replace(" : ", "-").replace(", ", "-")
    words = [levels, cells.scaled, f"spread-{100 * cells.spread:g}", f"draw-{cells.draw}"]
    if cells.biases != "digital":
        words.append(f"biases-{cells.biases}")
    plain = "_".join(words)
    return re.sub(r"[^A-Za-z0-9_.-]", "-", plain)


# --- photographs and weights -------------------------------------------------------------------------


@attrs.frozen(kw_only=True, eq=False)
class Given:
    """What the study is made of."""

    weights: Path
    sha256: str
    """Of the file of weights."""
    photographs: Path
    data: Path
    train: NDArray[np.int64]
    """Places of the photographs that the last layer is trained on, class after class."""
    test: NDArray[np.int64]
    labels: NDArray[np.uint8]
    """Of all photographs."""
    known: NDArray[np.float16]
    """Published floating-point features of all of them."""
    known_train: NDArray[np.int64]
    """Places of all photographs that are for training."""


def found(asked: argparse.Namespace) -> Given | None:
    """What is there; None, once it is said what is missing."""
    data = Path(asked.data or os.environ.get("CHIPSIM_DATA") or ".")
    weights = weights_file(asked.weights, data)
    photographs = data / "flowers17" / "images224.npz"
    features = FEATURES[DATASET]
    missing = []
    if weights is None:
        missing.append("vgg16-imagenet.npz, which tools/fetch_vgg16.py makes (--weights, or CHIPSIM_VGG16)")
    if not photographs.is_file():
        missing.append(f"{photographs}, the photographs (--data, or CHIPSIM_DATA)")
    known = features.find(data)
    if known is None:
        missing.append(f"{features.file} in {data}, floating-point features (--data, or CHIPSIM_DATA)")
    if weights is None or known is None or missing:
        print(f"left out: no {'; no '.join(missing)}")
        return None
    with np.load(known, allow_pickle=False) as archive:
        labels, images, values = archive["labels"], archive["image"], archive["features"]
    split = features.split(labels, images)
    return Given(
        weights=weights,
        sha256=hashlib.sha256(weights.read_bytes()).hexdigest(),
        photographs=photographs,
        data=data,
        train=_some(split.train, labels, asked.each),
        test=_some(split.test, labels, asked.each),
        labels=labels,
        known=values,
        known_train=split.train,
    )


def weights_file(given: str | None, data: Path) -> Path | None:
    """The file of the convolutions' weights: as given, as the environment names it, or in the data folder."""
    named = given or os.environ.get("CHIPSIM_VGG16")
    places = (
        [Path(named)] if named else [data / "vgg16-imagenet.npz", data / "flowers17" / "vgg16-imagenet.npz"]
    )
    return next((place for place in places if place.is_file()), None)


def _some(places: NDArray[np.int64], labels: NDArray[np.uint8], each: int) -> NDArray[np.int64]:
    """So many of each class, the first of an order that is the same in every run."""
    return np.concatenate([places[labels[places] == label][:each] for label in range(17)])


# --- one configuration -------------------------------------------------------------------------------


def made(cells: Cells | None, given: Given, folder: Path, *, images: Any) -> dict[str, Any]:
    """What a configuration came to; what is there already is not made again."""
    folder.mkdir(parents=True, exist_ok=True)
    identity = _identity(cells, given)
    told = _kept(folder / "features.json", identity)
    if told is None:
        told = _through(cells, given, folder, images=images()) | {"identity": identity}
        _write(folder / "features.json", told)
    accuracies = _kept(folder / "accuracy.json", identity)
    if accuracies is None:
        accuracies = _trained(given, folder) | {"identity": identity}
        _write(folder / "accuracy.json", accuracies)
    return {**told, **accuracies, "cells": cells}


def is_done(cells: Cells | None, given: Given, folder: Path) -> bool:
    """Whether all figures of a configuration are there, of these photographs and weights."""
    identity = _identity(cells, given)
    return all(_kept(folder / name, identity) is not None for name in ("features.json", "accuracy.json"))


def _identity(cells: Cells | None, given: Given) -> str:
    """All that a configuration's figures hang on, but for the code."""
    said = None if cells is None else [attrs.asdict(cells), attrs.asdict(LEVEL_SETS[cells.levels])]
    which = [given.sha256, given.train.tolist(), given.test.tolist(), said, list(SEEDS)]
    return hashlib.sha256(json.dumps(which).encode()).hexdigest()


def _kept(file: Path, identity: str) -> dict[str, Any] | None:
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return kept if kept.get("identity") == identity else None


def _write(file: Path, said: Mapping[str, Any]) -> None:
    """Whole or not at all."""
    beside = file.with_suffix(".part")
    beside.write_text(json.dumps(said, indent=1), encoding="utf-8")
    beside.replace(file)


def _through(cells: Cells | None, given: Given, folder: Path, *, images: Any) -> dict[str, Any]:
    """Send the photographs through the layers as cells hold them, and keep the features."""
    begun = time.monotonic()
    with np.load(given.weights, allow_pickle=False) as archive:
        exact = {name: archive[name] for name in archive.files}
    on = None if cells is None else held(cells, given.weights, folder=folder)
    features = features_of(images, exact if on is None else on.weights)
    known = given.known[np.concatenate([given.train, given.test])].astype(np.float64)
    told = {
        "cosine": float(_cosines(features, known).mean()),
        "silent": float((features == 0).mean()),
        "largest": float(features.max()),
    }
    if on is not None:
        told |= {"zero": on.zero, "clipped": on.clipped, "factors": on.factors}
        told["weight_error"] = {name: _error(on.weights[name], exact[name]) for name in LAYERS}
        told["late"] = list(on.shares.get(LATE, {}).items())
    # As shares of the largest: halves of single precision then keep three digits of all that matters.
    scaled = (features / (features.max() or 1.0)).astype(np.float16)
    np.savez(folder / "features.npz", features=scaled)
    return told | {"seconds": time.monotonic() - begun}


def _cosines(features: NDArray[Any], known: NDArray[Any]) -> NDArray[np.float64]:
    """Of the angle between the features of each image and those in floating point; zero where all are zero."""
    values = features.astype(np.float64)
    sizes = np.linalg.norm(values, axis=1) * np.linalg.norm(known, axis=1)
    cosines: NDArray[np.float64] = (values * known).sum(axis=1) / np.maximum(sizes, 1e-300)
    return cosines


def _error(values: NDArray[Any], exact: NDArray[Any]) -> float:
    """Root of the squared error, as a share of the root of the squares."""
    return float(np.linalg.norm(values.astype(np.float64) - exact) / np.linalg.norm(exact.astype(np.float64)))


def _trained(given: Given, folder: Path) -> dict[str, Any]:
    """Accuracies of last layers, in percent, of new photographs and of those that they were trained on."""
    with np.load(folder / "features.npz", allow_pickle=False) as archive:
        own = archive["features"]
    count = len(given.train)
    sets = {
        "own": (own[:count], given.train),
        "floating": (given.known[given.train], given.train),
        "floating-all": (given.known[given.known_train], given.known_train),
    }
    found: dict[str, Any] = {}
    for name in TRAININGS:
        values, places = sets[name]
        task = _task(folder, name, (values, given.labels[places]), (own[count:], given.labels[given.test]))
        ends = [simulate("multilevel-transfer", task, seed=seed, progress=False).summary for seed in SEEDS]
        found[name] = [end["test_accuracy_percent"] for end in ends]
        found[f"{name} train"] = [end["train_accuracy_percent"] for end in ends]
    return found


def _task(folder: Path, name: str, train: tuple[Any, Any], test: tuple[Any, Any]) -> Path:
    """A workload file beside its file of features, each part as shares of its own largest feature."""
    arrays = {}
    for part, (values, labels) in (("train", train), ("test", test)):
        # A layer without biases classifies a photograph alike, whatever all its features are multiplied by.
        arrays[f"{part}_images"] = values / (values.max() or values.dtype.type(1))
        arrays[f"{part}_labels"] = labels
    file = folder / f"{name}.npz"
    np.savez(file, **arrays)
    phase = {"name": "flowers", "dataset": {"file": file.name}, "epochs": 30}
    said = {"extends": DATASET, "name": f"frozen-layers-{name}", "phases": [phase]}
    task = folder / f"{name}.yaml"
    task.write_text(yaml.safe_dump(said, sort_keys=False), encoding="utf-8")
    return task


# --- all of them -------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> None:
    """Carry out the grid, and tell what it came to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--weights", help="file that tools/fetch_vgg16.py made [CHIPSIM_VGG16, or in the data folder]"
    )
    parser.add_argument("--data", help="folder with flowers17/ [CHIPSIM_DATA]")
    parser.add_argument("--runs", type=Path, default=RUNS, help=f"folder that all is kept in [{RUNS}]")
    parser.add_argument(
        "--each", type=int, default=EACH, help="photographs of each class to train on, and to test on [8]"
    )
    parser.add_argument("--only", default="", help="words that the name of a configuration has to have")
    parser.add_argument("--tell", action="store_true", help="only write the report of what is there")
    asked = parser.parse_args(arguments)
    if not 4 <= asked.each <= 20:
        why = "fewer make no batch of 64, and there are 20 of a class to test on"
        parser.error(f"--each must be from 4 to 20, not {asked.each}: {why}")
    given = found(asked)
    if given is None:
        return
    with threadpool_limits(1):
        rows = list(carried_out(given, asked))
    if not asked.only and asked.each == EACH:
        tell(rows, ROOT / "reports" / "dong2018", each=asked.each, late=LATE)


def carried_out(given: Given, asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """What every configuration came to, floating point first."""
    decoded: list[Any] = []

    def images() -> Any:
        # Decoded where something is left to be made.
        if not decoded:
            places = np.concatenate([given.train, given.test])
            decoded.append(pictures(given.photographs, places.tolist()))
        return decoded[0]

    for cells in [None, *grid()]:
        name = named(cells)
        # Another share of the photographs is another study, whose runs lie apart.
        folder = asked.runs / (name if asked.each == EACH else f"{name}_each-{asked.each}")
        if asked.only not in name:
            continue
        if asked.tell and not is_done(cells, given, folder):
            continue
        row = made(cells, given, folder, images=images)
        own, floating = np.mean(row["own"]), np.mean(row["floating-all"])
        print(
            f"{name}: {own:.1f} % trained on its own features, {floating:.1f} % on floating point", flush=True
        )
        yield row


if __name__ == "__main__":
    try:
        main()
    except DataError as error:
        sys.exit(f"error: {error}")
