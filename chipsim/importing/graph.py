"""The graph of a model: nodes in order, and what they hang on; refused where it does not hang together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from chipsim.errors import DescriptionError, Problem
from chipsim.importing.constants import Constants
from chipsim.importing.node import Node, listed, node_of, spelt, text
from chipsim.importing.tensors import Beside
from chipsim.limits import ONNX_NODES, UNITS

__all__ = ["Graph", "graph_of"]

_FLOATS: Final = (1, 10, 11)
"""The format's numbers of float32, float16 and float64."""


@attrs.frozen(kw_only=True, eq=False)
class Graph:
    """What lies between the input and the output of a network."""

    file: str
    nodes: tuple[Node, ...]
    """Those that hang on the input and that the output hangs on, in their order."""
    constants: Constants
    input: str
    shape: tuple[int, ...]
    """Sizes of the input, without the batch."""
    batch: int | None
    """Samples that the input has; None where that is open."""
    output: str
    opset: int
    beside: Beside

    def taken(self, node: Node) -> list[str]:
        """Inputs of a node that hang on the network's."""
        return [name for name in node.inputs if name and not self.constants.has(name)]


def graph_of(model: Any, *, file: str, folder: Path, newest: int, shape: Sequence[int] | None) -> Graph:
    """The graph of a model.

    Parameters
    ----------
    model
        As the format's own library reads it.
    file
        What it is called.
    folder
        Where files with its values may lie.
    newest
        The newest version of the standard's operators that is known.
    shape
        Sizes of the input without the batch, where the file leaves them open; None where it says them.

    Raises
    ------
    DescriptionError
        With all problems found.
    """
    opset = _opset(model, file, newest)
    graph = model.graph
    if len(graph.node) > ONNX_NODES:
        raise _wrong(file, f"has {len(graph.node):,} nodes, and at most {ONNX_NODES:,} are read")
    tensors = {text(one.name): one for one in graph.initializer}
    sparse = {text(one.values.name) for one in graph.sparse_initializer}
    nodes = [node_of(place, one) for place, one in enumerate(graph.node, start=1)]
    inputs = [one for one in graph.input if text(one.name) not in tensors]
    outputs = [text(one.name) for one in graph.output]
    known = {*tensors, *sparse, *(one.name for one in inputs)}
    problems = [*_unordered(nodes, known, file), *_of_outputs(nodes, outputs, file)]
    if problems:
        raise DescriptionError(problems)
    needed = _needed(nodes, outputs[0])
    wanted = {outputs[0], *(name for node in needed for name in node.inputs)}
    for name in sorted(sparse & wanted):
        raise _wrong(file, f"its tensor '{spelt(name)}' is a sparse one, and sparse tensors are not read")
    given = _input([one for one in inputs if one.name in wanted], file)
    beside = Beside(folder)
    makers = {name: node for node in nodes for name in node.outputs if name}
    batch, sizes = _sizes(given, file, shape)
    running = {node.place for node in _hanging_on(given.name, nodes)}
    return Graph(
        file=file, nodes=tuple(_hanging_on(given.name, needed)), input=given.name, shape=sizes, batch=batch,
        constants=Constants(tensors, makers, running=running, beside=beside), output=outputs[0], opset=opset,
        beside=beside,
    )  # fmt: skip


def _wrong(file: str, message: str) -> DescriptionError:
    return DescriptionError([Problem(file=file, message=message)])


def _opset(model: Any, file: str, newest: int) -> int:
    """The version of the standard's operators."""
    versions = [one.version for one in model.opset_import if one.domain in ("", "ai.onnx")]
    if not model.HasField("graph") or not len(model.graph.node):
        raise _wrong(file, "is no ONNX file of a network: it has no graph with nodes")
    if len(versions) != 1:
        raise _wrong(file, "must say one version of the standard's operators (opset_import)")
    if not 1 <= versions[0] <= newest:
        raise _wrong(
            file,
            f"has operators of version {versions[0]} (opset), and those of 1 to {newest} are known; "
            "a newer onnx may know them (pip install --upgrade onnx)",
        )
    return int(versions[0])


def _unordered(nodes: Sequence[Node], known: set[str], file: str) -> Iterator[Problem]:
    """Nodes that take what nobody gives, or what comes behind them, and names that two of them give."""
    makers: dict[str, Node] = {}
    for node in nodes:
        for name in filter(None, node.outputs):
            if name in makers or name in known:
                yield node.problem(file, f"gives '{spelt(name)}', which is there already")
            makers.setdefault(name, node)
    for node in nodes:
        for name in filter(None, node.inputs):
            maker = makers.get(name)
            if name in known or (maker is not None and maker.place < node.place):
                continue
            if maker is None:
                yield node.problem(file, f"takes '{spelt(name)}', which nothing gives")
            else:
                yield node.problem(
                    file,
                    f"takes '{spelt(name)}' of {maker.words}, which does not stand before it: "
                    "nodes have to stand in order, and not in a circle",
                )


def _of_outputs(nodes: Sequence[Node], outputs: Sequence[str], file: str) -> Iterator[Problem]:
    given = {name for node in nodes for name in node.outputs if name}
    if len(outputs) != 1:
        names = listed([f"'{spelt(name)}'" for name in outputs])
        told = f": {names}" if names else ""
        yield Problem(
            file=file,
            message=f"has {len(outputs)} outputs{told}; a workload's network has one, its classes",
        )
    for name in outputs:
        if name not in given:
            yield Problem(file=file, message=f"its output '{spelt(name)}' is given by no node")


def _needed(nodes: Sequence[Node], output: str) -> list[Node]:
    """Nodes that the output hangs on, in their order."""
    wanted, found = {output}, []
    for node in reversed(nodes):
        if wanted.intersection(node.outputs):
            found.append(node)
            wanted.update(filter(None, node.inputs))
    return found[::-1]


def _hanging_on(name: str, nodes: Sequence[Node]) -> Iterator[Node]:
    reached = {name}
    for node in nodes:
        # A shape is known beforehand, and so is what is made of it.
        if node.op != "Shape" and reached.intersection(node.inputs):
            reached.update(filter(None, node.outputs))
            yield node


def _input(inputs: Sequence[Any], file: str) -> Any:
    if not inputs:
        raise _wrong(file, "its output hangs on no input: every value of it is a constant")
    if len(inputs) > 1:
        names = listed([f"'{spelt(one.name)}'" for one in inputs])
        raise _wrong(file, f"has {len(inputs)} inputs: {names}; a workload's network has one")
    return inputs[0]


def _sizes(given: Any, file: str, asked: Sequence[int] | None) -> tuple[int | None, tuple[int, ...]]:
    """Samples, where the file says how many, and the sizes of one."""
    name = spelt(given.name)
    tensor = given.type.tensor_type
    if tensor.elem_type not in _FLOATS:
        raise _wrong(file, f"its input '{name}' must be floating-point numbers")
    dims = tensor.shape.dim
    open_ = [index for index, one in enumerate(dims) if not one.HasField("dim_value") or one.dim_value < 1]
    batch = None if 0 in open_ or not len(dims) else int(dims[0].dim_value)
    if len(dims) not in (2, 3, 4) and not (asked and not len(dims)):
        raise _wrong(
            file,
            f"its input '{name}' has {len(dims)} dimensions; a batch of lists has 2, one of tables 3, and "
            "one of images 4: samples, channels, height, width",
        )
    said = [None if index in open_ else int(one.dim_value) for index, one in enumerate(dims)][1:]
    sizes = _filled(said, asked, f"its input '{name}'", file)
    if math.prod(sizes) > UNITS:
        message = f"has {math.prod(sizes):,} values a sample, and may have {UNITS:,}"
        raise _wrong(file, f"its input '{name}' {message}")
    return batch, sizes


def _filled(said: Sequence[int | None], asked: Sequence[int] | None, what: str, file: str) -> tuple[int, ...]:
    """Sizes of a sample, those that are open as they are asked for."""
    shown = "x".join("?" if size is None else str(size) for size in said)
    if asked is None:
        sizes = tuple(size for size in said if size is not None)
        if len(sizes) < len(said):
            raise _wrong(
                file, f"{what} is {shown} without the batch: give the open sizes with --input, as 3x224x224"
            )
        return sizes
    fits = len(asked) in (1, 2, 3) and min(asked) >= 1
    if fits and said:
        fits = len(asked) == len(said) and all(
            one in (None, two) for one, two in zip(said, asked, strict=True)
        )
    if not fits:
        given = "x".join(map(str, asked))
        raise _wrong(
            file,
            f"{what} is {shown or 'of any shape'} without the batch, which {given} (--input) does not fit",
        )
    return tuple(asked)
