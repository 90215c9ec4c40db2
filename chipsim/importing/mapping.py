"""Node after node of a graph as steps of a chain, or why it is none."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final, Literal

import attrs

from chipsim.importing.constants import BATCH
from chipsim.importing.graph import Graph
from chipsim.importing.node import WHOLES, Node, RefusedError, spelt
from chipsim.importing.shapes import TO_FIRST, flattened, reshaped, sizes_in_file, transposed
from chipsim.importing.steps import Active, Flow, Refused, Scaled, Softmax, Step, Sums
from chipsim.importing.sums import gemm, matmul, moved, normalised
from chipsim.importing.windows import convolution, global_pool, pool
from chipsim.limits import GIVEN_WEIGHTS, UNITS
from chipsim.wording import joined

__all__ = ["Mapped", "mapped"]

_ACTIVATIONS: Final = {"Relu": "relu", "Tanh": "tanh", "Sigmoid": "logistic"}
_MAPS: Final[dict[str, Callable[..., tuple[Any, Flow]]]] = {
    "Conv": convolution,
    "Gemm": gemm,
    "MatMul": matmul,
    "BatchNormalization": normalised,
    "Add": moved,
    "Sub": moved,
    "Mul": moved,
    "Div": moved,
    "MaxPool": pool,
    "AveragePool": pool,
    "GlobalMaxPool": global_pool,
    "GlobalAveragePool": global_pool,
}
_WEIGHTED: Final = ("Conv", "Gemm", "MatMul")
_LAYOUT: Final = ("Flatten", "Reshape", "Transpose")
_LEFT_OUT: Final = ("Dropout", "Identity")
_SOFTMAX: Final = ("Softmax", "LogSoftmax")
_KNOWN: Final = (*_MAPS, *_ACTIVATIONS, *_LAYOUT, *_LEFT_OUT, *_SOFTMAX)
_LAID: Final = ("Transpose", "Conv", "BatchNormalization", "MaxPool", "AveragePool", "Flatten")
"""Operators to which it matters where the channels of images stand."""
_TOLD: Final = 8
"""Branches that a message names."""
_ADDING: Final = ("Add", "Sum", "Mul", "Sub", "Max", "Min", "Mean")
_KEEPING: Final = (
    "LRN",
    "LeakyRelu",
    "PRelu",
    "Elu",
    "Selu",
    "Clip",
    "HardSigmoid",
    "Softplus",
    "Softsign",
    "Sign",
)
"""Operators that are not known, of which what they give has the shape of what they are given."""
_WHY: Final = {
    "LRN": "no layer of chipsim's normalises over neighbouring channels",
    "Clip": "no activation of chipsim's has an upper bound such as that of ReLU6",
    "LeakyRelu": "no activation of chipsim's has a slope below zero",
    "PRelu": "no activation of chipsim's has a slope below zero",
}


@attrs.frozen(kw_only=True)
class Mapped:
    """A graph as steps."""

    steps: tuple[Step, ...]
    left_out: tuple[Node, ...]
    """Nodes that do nothing once a network was trained."""
    is_chain: bool
    """Whether each step takes what the one before it gives, and nothing else."""


def mapped(graph: Graph) -> Mapped:
    """The steps of a graph, those that cannot be mapped among them.

    Parameters
    ----------
    graph
        Its nodes stand in order.
    """
    walk = _Walk(graph)
    steps = tuple(step for node in graph.nodes for step in walk.step(node))
    takers = Counter(name for node in graph.nodes for name in graph.taken(node))
    is_chain = not walk.has_joined and all(count == 1 for count in takers.values())
    return Mapped(steps=steps, left_out=tuple(walk.left_out), is_chain=is_chain)


class _Walk:
    """Goes from node to node and keeps what flows between them."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._order: Literal["first", "last"] = "last" if _turns(graph) else "first"
        """Where channels stand in images that come in."""
        self._flows = {graph.input: _begun(graph.shape, self._order)}
        self.left_out: list[Node] = []
        self.has_joined = False
        self._used = {name for node in graph.nodes for name in node.inputs} | {graph.output}
        self._weights = 0
        graph.constants.shape_of = self._sizes

    def step(self, node: Node) -> Iterator[Step]:
        """What a node is; nothing where it only says how values lie, or does nothing."""
        taken = self._graph.taken(node)
        given = self._flows.get(taken[0], Flow())
        behind = given if node.op in _KEEPING else Flow()
        try:
            if len(taken) > 1:
                self.has_joined, behind = True, self._behind_join(node, taken)
            self._refuse_branches(node, taken)
            found, given = self._mapped(node, given)
            behind = _limited(given)
            if found is not None:
                self._count(found)
                yield found
        except RefusedError as error:
            yield Refused(node=node, reason=str(error))
        if node.outputs:
            self._flows[node.outputs[0]] = behind

    def _sizes(self, name: str) -> list[int] | None:
        """Sizes of a tensor, the batch first."""
        flow = self._flows.get(name, Flow())
        if flow.shape is None:
            return None
        return [BATCH if self._graph.batch is None else self._graph.batch, *sizes_in_file(flow)]

    def _behind_join(self, node: Node, taken: list[str]) -> Flow:
        """What a node that joins branches gives, so that layers behind it are looked at, too."""
        flows = [self._flows.get(name, Flow()) for name in taken]
        first = flows[0]
        if node.op in _ADDING and all(one == first for one in flows):
            return first
        is_stack = node.op == "Concat" and all(one.is_image and one.order == "first" for one in flows)
        if not is_stack or node.whole("axis", 1) != 1 or first.shape is None:
            return Flow()
        channels = sum(one.shape[2] for one in flows if one.shape is not None)
        return Flow(shape=(*first.shape[:2], channels))

    def _refuse_branches(self, node: Node, taken: list[str]) -> None:
        """Refuse several inputs, and a second output, such as the places of maxima, that something takes."""
        if len(taken) > 1:
            names = joined([f"'{spelt(name)}'" for name in taken[:_TOLD]])
            names += f" and {len(taken) - _TOLD} more" if len(taken) > _TOLD else ""
            raise RefusedError(f"joins {names}, and a workload's network is a chain without branches")
        for name in node.outputs[1:]:
            if name in self._used:
                raise RefusedError(f"gives '{spelt(name)}' too, and a layer gives one result")

    def _mapped(self, node: Node, given: Flow) -> tuple[Step | None, Flow]:
        if node.op in _LAYOUT:
            return None, self._laid_out(node, given)
        if node.op in _LEFT_OUT:
            self._leave_out(node)
            return None, given
        if node.op in _ACTIVATIONS:
            node.knows("consumed_inputs")
            return Active(node=node, word=_ACTIVATIONS[node.op]), given
        if node.op in _SOFTMAX:
            return self._softmax(node, given), given
        if node.op not in _MAPS:
            why = _WHY.get(node.op, f"known are {', '.join(_KNOWN)}")
            raise RefusedError(f"is of an operator that cannot be mapped: {why}")
        constants = self._graph.constants
        if node.op in _WEIGHTED and constants.has(node.input(0)):
            raise RefusedError("multiplies a constant with what it is given; its weights have to come second")
        return _MAPS[node.op](node, given, constants)

    def _count(self, found: Step) -> None:
        """Refuse what has more weights than can be written: a tensor may be those of many layers.

        Factors and offsets count, too, for each node keeps its own until all are folded.
        """
        if isinstance(found, Sums):
            self._weights += found.kernel.size
        elif isinstance(found, Scaled):
            arrays = (found.scale, found.offset)
            self._weights += sum(array.size for array in arrays if array is not None)
        if self._weights > GIVEN_WEIGHTS:
            raise RefusedError(
                f"with it the network has {self._weights:,} weights, and may have {GIVEN_WEIGHTS:,}"
            )

    def _laid_out(self, node: Node, given: Flow) -> Flow:
        if node.op == "Transpose":
            return transposed(node, given)
        if node.op == "Flatten":
            return flattened(node, given)
        return reshaped(node, given, self._graph.constants, batch=self._graph.batch, order=self._order)

    def _softmax(self, node: Node, given: Flow) -> Softmax:
        node.knows("axis")
        axis = node.whole("axis", 1 if self._graph.opset < 13 else -1)
        if given.is_list and axis not in (1, -1):
            raise RefusedError(f"is over dimension {axis}, and that of classes is 1")
        return Softmax(node=node)

    def _leave_out(self, node: Node) -> None:
        """Note a node that does nothing at inference."""
        node.knows("ratio", "seed", "is_test", "training_mode", "consumed_inputs")
        asked = bool(self._graph.constants.array(node.input(2)).any()) if node.input(2) else False
        if node.op == "Dropout" and (asked or not node.whole("is_test", 1)):
            raise RefusedError("leaves values out as in training; export the network for inference")
        self.left_out.append(node)


def _limited(behind: Flow) -> Flow:
    """The same, if it has no more values than a layer may give: of each of them something may be kept."""
    count = 0 if behind.shape is None else math.prod(behind.shape)
    if count > UNITS:
        raise RefusedError(f"must be at most {UNITS:,} units, not {count:,}")
    return behind


def _turns(graph: Graph) -> bool:
    """Whether the first node that minds where channels stand puts them first: they come in last then."""
    for node in graph.nodes:
        if node.op in _LAID:
            kind, order = node.attributes.get("perm", (0, ()))
            return node.op == "Transpose" and kind == WHOLES and list(order) == [*TO_FIRST]
    return False


def _begun(shape: tuple[int, ...], order: Literal["first", "last"]) -> Flow:
    """The input; of images the channels are last here."""
    if len(shape) < 3 or order == "last":
        return Flow(shape=shape, order=order)
    channels, height, width = shape
    return Flow(shape=(height, width, channels))
