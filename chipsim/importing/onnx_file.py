"""ONNX files as workloads."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.errors import ChipsimError, DescriptionError, Problem, did_you_mean
from chipsim.files import read_limited
from chipsim.importing.chain import Chain, chained
from chipsim.importing.choosing import chosen_dataset
from chipsim.importing.document import ALL_BUT_LAST, FROZEN, Asked, Source, layer_names, workload_text
from chipsim.importing.graph import graph_of
from chipsim.importing.mapping import mapped
from chipsim.importing.node import RefusedError, spelt
from chipsim.importing.saving import refuse_in_place_of, refuse_what_is_there, save
from chipsim.importing.wire import refuse_swelling
from chipsim.limits import ONNX_BYTES
from chipsim.spec import shipped_names

__all__ = ["Imported", "import_onnx", "read_onnx"]

_UNFIT: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST: Final = 100


@attrs.frozen(kw_only=True)
class Imported:
    """What an import wrote."""

    workload: Path
    """The workload's file."""
    weights: Path | None
    """The file of its weights; None without."""
    layers: int
    """Layers that have weights."""
    count: int
    """Weights and biases in the file of weights, or in the network where none are written."""
    begins_anew: bool
    """Whether no layer is given weights, and none is frozen: it learns from ones drawn at random."""
    left_out: tuple[str, ...]
    """Nodes of which nothing remains, in words."""
    dataset: str
    """What it trains on, by name or file."""


@attrs.frozen(kw_only=True)
class _Read:
    chain: Chain
    source: Source
    files: tuple[Path, ...]
    """Those that were read."""


def import_onnx(
    path: str | Path,
    output: str | Path | None = None,
    *,
    frozen: str = ALL_BUT_LAST,
    input_shape: Sequence[int] | None = None,
    classes: int | None = None,
    dataset: str | None = None,
    with_weights: bool = True,
    overwrite: bool = False,
) -> Imported:
    """Make a workload of the network in an ONNX file, and a file of its weights beside it.

    Parameters
    ----------
    path
        The ONNX file.
    output
        The workload's file, ending in ``.yaml``; None takes the name of the ONNX file, in this folder.
    frozen
        ``all-but-last``: every layer but the last keeps the weights of the file; ``none``: all learn.
    input_shape
        Sizes of one sample in the file's order, such as (3, 224, 224), where the file leaves them open.
    classes
        Units of a new last layer in the place of the file's; None keeps that one.
    dataset
        The dataset to train on, a name or an ``.npz`` file; None takes one that chipsim knows and that fits.
    with_weights
        Whether the weights are written; without them a workload that has frozen layers can only be timed.
    overwrite
        Whether files that are there may be replaced.

    Raises
    ------
    DescriptionError
        When the file cannot be read, or layers of it cannot be mapped: with each of them, and why.
    ChipsimError
        When the library that reads ONNX files is not installed.
    OutputError
        When the files cannot be written.

    Examples
    --------
    >>> imported = import_onnx("lenet.onnx", dataset="mnist-5k")  # doctest: +SKIP
    >>> simulate("digital-fp32", imported.workload)  # doctest: +SKIP
    """
    path = Path(path)
    place = Path(f"{_plain(path.stem)}.yaml") if output is None else Path(output)
    _refuse_arguments(place, frozen=frozen, classes=classes, named=output is not None)
    weights = place.with_suffix(".npz") if with_weights else None
    written = [place] if weights is None else [place, weights]
    if dataset is not None:
        refuse_in_place_of(dataset, written)
    for one in written:
        refuse_what_is_there(one, overwrite=overwrite, sources=[path])
    read = read_onnx(path, input_shape=input_shape)
    for one in written:
        refuse_what_is_there(one, overwrite=overwrite, sources=read.files)
    chain = read.chain
    outputs = classes or chain.layers[-1].sums.kernel.shape[-1]
    asked = Asked(
        name=_plain(place.stem),
        frozen=frozen,
        classes=classes,
        weights="" if weights is None else weights.name,
        dataset=chosen_dataset(dataset, beside=place, given=chain.given, classes=outputs),
    )
    text = workload_text(chain, asked, read.source)
    names = layer_names(chain, asked)
    used = [layer for layer, name in zip(chain.layers, names, strict=True) if name]
    if not used:
        weights = None
    count = sum(layer.count for layer in used) if used else chain.count_with(classes)
    save(text, place, weights=weights, arrays=_arrays(chain, asked), overwrite=overwrite)
    return Imported(
        workload=place, weights=weights, layers=len(chain.layers), count=count,
        begins_anew=not used and (frozen != ALL_BUT_LAST or len(chain.layers) == 1),
        left_out=tuple(node.words for node in sorted(chain.left_out, key=lambda node: node.place)),
        dataset=asked.dataset["value"],
    )  # fmt: skip


def read_onnx(path: Path, *, input_shape: Sequence[int] | None = None) -> _Read:
    """The layers of the network in an ONNX file; nothing is written.

    Parameters
    ----------
    path
        The file.
    input_shape
        As :func:`import_onnx` takes it.

    Raises
    ------
    DescriptionError
        When it cannot be read or mapped.
    ChipsimError
        When the library that reads ONNX files is not installed.
    """
    file = str(path) if str(path).isprintable() else ascii(str(path))[1:-1]
    onnx = _library()
    try:
        content = read_limited(path, most=ONNX_BYTES)
    except (OSError, ValueError) as error:
        raise _wrong(file, f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    digest = hashlib.sha256(content).hexdigest()
    model = onnx.ModelProto()
    try:
        refuse_swelling(content, model.DESCRIPTOR)
    except RefusedError as error:
        raise _wrong(file, str(error)) from None
    try:
        model.ParseFromString(content)
    # What the library says of damaged files differs from version to version.
    except Exception as error:  # noqa: BLE001
        raise _wrong(file, f"is no ONNX file, or is damaged: {spelt(str(error))}") from None
    del content
    newest = onnx.defs.onnx_opset_version()
    try:
        # What leaves the numbers there are is found by looking at what comes out.
        with np.errstate(all="ignore"):
            graph = graph_of(model, file=file, folder=path.parent, newest=newest, shape=input_shape)
            chain = chained(mapped(graph), file)
    except RefusedError as error:
        raise _wrong(file, str(error)) from None
    beside = graph.beside.digests()
    source = Source(shown=file, file=path.name, sha256=digest, beside=beside)
    return _Read(chain=chain, source=source, files=(path, *(path.parent / name for name in beside)))


def _library() -> Any:
    try:
        import onnx  # noqa: PLC0415  # an extra, and slow to import
    except ImportError as error:
        raise ChipsimError(
            "ONNX files are read by onnx, which is not installed; pip install 'chipsim[onnx]'"
        ) from error
    return onnx


def _wrong(file: str, message: str) -> DescriptionError:
    return DescriptionError([Problem(file=file, message=message)])


def _plain(name: str) -> str:
    """A name of letters that every system takes."""
    return _UNFIT.sub("-", name).strip("-.")[:_LONGEST] or "network"


def _refuse_arguments(place: Path, *, frozen: str, classes: int | None, named: bool) -> None:
    if place.suffix not in (".yaml", ".yml"):
        raise _wrong("", f"{place}: a workload's file ends in .yaml, and its weights stand beside it in .npz")
    if not str(place).isprintable():
        raise _wrong("", f"{ascii(str(place))[1:-1]}: is no name of letters, which a workload's file has")
    if frozen not in FROZEN:
        raise _wrong(
            "", f"frozen must be {' or '.join(FROZEN)}, not {frozen!r}{did_you_mean(frozen, FROZEN)}"
        )
    if classes is not None and classes < 1:
        raise _wrong("", f"classes must be at least 1, not {classes}")
    if place.stem in shipped_names("workloads"):
        how = "choose another" if named else "choose another with -o"
        raise _wrong("", f"{place}: {place.stem!r} is the name of a workload that ships; {how}")


def _arrays(chain: Chain, asked: Asked) -> Iterator[tuple[str, NDArray[Any]]]:
    """Weights and biases by their names, one after the other."""
    for layer, name in zip(chain.layers, layer_names(chain, asked), strict=True):
        if not name:
            continue
        yield name, layer.weights()
        biases = layer.biases()
        if biases is not None:
            yield f"{name}.bias", biases
