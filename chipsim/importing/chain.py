"""Steps folded into layers of a workload's network, in which all hidden layers have one activation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.errors import DescriptionError, Problem
from chipsim.importing.constants import own_values
from chipsim.importing.folding import folded_before
from chipsim.importing.mapping import Mapped
from chipsim.importing.node import Node
from chipsim.importing.steps import Active, Passed, Refused, Scaled, Softmax, Step, Sums
from chipsim.layer.dense import Dense
from chipsim.spec.layer import Shape

__all__ = ["Chain", "Weighted", "chained"]

Array = NDArray[Any]
_BEFORE: Final = "stands before the first layer that has weights, and nothing does there"
_SHOWN: Final = {"relu": "Relu", "tanh": "Tanh", "logistic": "Sigmoid", "": "none"}


@attrs.define(kw_only=True, eq=False)
class Weighted:
    """A layer of weights with all that is folded into it, and what passes behind it."""

    sums: Sums
    scale: Array | None = None
    """Of each unit or kernel; None for one."""
    bias: Array | None = None
    activation: str = ""
    active: Node | None = None
    """What gave it the activation."""
    passing: list[Passed] = attrs.field(factory=list)
    folded: list[Node] = attrs.field(factory=list)
    """Nodes whose factors and offsets are part of its weights."""

    @property
    def node(self) -> Node:
        """Where its weights come from."""
        return self.sums.node

    @property
    def count(self) -> int:
        """Weights, biases included."""
        return int(self.sums.kernel.size) + (0 if self.bias is None else int(self.bias.size))

    def weights(self) -> Array:
        """Its weights in single precision; one value kept for all where all are alike."""
        kernel = self.sums.kernel
        if self.scale is not None:
            kernel = kernel * self.scale
        return kernel.astype(np.float32, copy=False)

    def biases(self) -> Array | None:
        """Its biases in single precision."""
        return None if self.bias is None else np.asarray(self.bias, np.float32)


@attrs.frozen(kw_only=True, eq=False)
class Chain:
    """A network as a workload has it."""

    given: Shape
    """What its first layer takes."""
    layers: tuple[Weighted, ...]
    activation: str
    """Of hidden layers, by chipsim's word; empty where none is hidden."""
    loss: str
    left_out: tuple[Node, ...]
    """Nodes of which nothing remains."""

    @property
    def bias(self) -> bool:
        """Whether any layer has one."""
        return any(layer.bias is not None for layer in self.layers)

    def count_with(self, classes: int | None) -> int:
        """Weights and biases with a last layer of so many units; None for the one that it has."""
        count = sum(layer.count for layer in self.layers)
        if classes is None:
            return count
        last = self.layers[-1]
        rows = int(last.sums.kernel.shape[0])
        return count - last.count + (rows + self.bias) * classes


def chained(mapped: Mapped, file: str) -> Chain:
    """The layers of a chain of steps.

    Parameters
    ----------
    mapped
        The steps in their order.
    file
        What the model is called.

    Raises
    ------
    DescriptionError
        With all nodes that cannot be mapped, and all that do not go together.
    """
    found = [(one.node, one.reason) for one in mapped.steps if isinstance(one, Refused)]
    if not mapped.is_chain:
        # All else is asked of a chain alone.
        _refuse(found, file, otherwise="is no chain of layers: a result is taken twice")
    folding = _Folding()
    found += [(step.node, why) for step, why in folding.fold(mapped.steps)]
    layers = folding.layers
    if not folding.is_broken:
        found += _not_together(layers)
    _refuse(found, file, otherwise="" if layers else "has no layer that has weights")
    _refuse([*_unwritable(layers)], file)
    given = layers[0].sums.given
    assert given is not None
    hidden, last = layers[:-1], layers[-1]
    return Chain(
        given=given,
        layers=tuple(layers),
        activation=(hidden[0].activation or "identity") if hidden else last.activation,
        loss="squared-error" if last.activation else "cross-entropy",
        left_out=(*mapped.left_out, *folding.left_out),
    )


def _refuse(found: Sequence[tuple[Node, str]], file: str, *, otherwise: str = "") -> None:
    """Raise all that was found wrong, in the order of the nodes; or what is wrong with the whole."""
    if found:
        ordered = sorted(found, key=lambda one: one[0].place)
        raise DescriptionError([node.problem(file, why) for node, why in ordered])
    if otherwise:
        raise DescriptionError([Problem(file=file, message=otherwise)])


class _Folding:
    """Goes through steps and gathers them into layers."""

    def __init__(self) -> None:
        self.layers: list[Weighted] = []
        self.left_out: list[Node] = []
        self.is_broken = False
        """Whether something was refused, so that what stands beside it is not known."""
        self._ended: Softmax | None = None
        self._before: list[Scaled] = []
        """Factors and offsets that the next layer of weights takes in."""

    def fold(self, steps: Sequence[Step]) -> Iterator[tuple[Step, str]]:
        """Gather all; what does not go together, and why."""
        for step in steps:
            if isinstance(step, Refused):
                # Behind something that is refused nobody knows what a step belongs to.
                self.is_broken = True
                return
            yield from self._between(step)
            why = self._behind_the_end() or self._taken(step)
            if why:
                yield step, why
        yield from self._between(None)

    def _between(self, step: Step | None) -> Iterator[tuple[Step, str]]:
        """Factors and offsets that no layer of weights follows."""
        if isinstance(step, Sums | Scaled):
            return
        for one in self._before:
            yield one, "stands neither right behind a layer that has weights nor right before one"
        self._before = []

    def _behind_the_end(self) -> str:
        if self._ended is None:
            return ""
        return f"stands behind {self._ended.node.words}, which has to be the last"

    def _taken(self, step: Step) -> str:
        if isinstance(step, Sums):
            return self._begun(step)
        if isinstance(step, Scaled):
            self._scaled(step)
            return ""
        if isinstance(step, Softmax):
            self._ended = step
            self.left_out.append(step.node)
            return "follows no layer" if not self.layers else self._ended_by(self.layers[-1])
        if not self.layers:
            return _BEFORE
        last = self.layers[-1]
        if isinstance(step, Active):
            return self._activated(last, step)
        assert isinstance(step, Passed)
        last.passing.append(step)
        return ""

    def _begun(self, step: Sums) -> str:
        before, self._before = self._before, []
        sums, why = folded_before(step, before)
        layer = _layer_of(sums)
        layer.folded += [one.node for one in before]
        self.layers.append(layer)
        return why

    def _scaled(self, step: Scaled) -> None:
        last = self.layers[-1] if self.layers else None
        count = next(one.size for one in (step.scale, step.offset, np.zeros(0)) if one is not None)
        is_behind = last is not None and last.sums.kernel.shape[-1] == count
        if last is None or not is_behind or last.active is not None or last.passing or self._before:
            self._before.append(step)
        else:
            _fold_behind(last, step)

    def _ended_by(self, last: Weighted) -> str:
        if last.active is None:
            return ""
        return f"follows {last.active.words}, and the loss takes its softmax of sums"

    def _activated(self, last: Weighted, step: Active) -> str:
        if last.active is not None:
            if last.activation == step.word == "relu":
                self.left_out.append(step.node)
                return ""
            return f"is a second activation, behind {last.active.words}"
        blocking = [one for one in last.passing if not one.keeps_order]
        if blocking:
            return f"follows {blocking[0].node.words}, and an activation stands before a pool of means"
        last.activation, last.active = step.word, step.node
        return ""


def _layer_of(sums: Sums) -> Weighted:
    scale = None if sums.factor == 1.0 else np.full(sums.kernel.shape[-1], sums.factor)
    return Weighted(sums=sums, scale=scale, bias=sums.bias)


def _fold_behind(last: Weighted, step: Scaled) -> None:
    """Fold factors and offsets into the layer before them."""
    last.folded.append(step.node)
    if step.scale is not None:
        last.scale = step.scale if last.scale is None else last.scale * step.scale
        last.bias = None if last.bias is None else last.bias * step.scale
    if step.offset is not None:
        last.bias = step.offset if last.bias is None else last.bias + step.offset


def _not_together(layers: Sequence[Weighted]) -> Iterator[tuple[Node, str]]:
    """What the layers of a whole chain are not, and would have to be."""
    if not layers:
        return
    *hidden, last = layers
    words = Counter(layer.activation for layer in hidden)
    usual = words.most_common(1)[0][0] if words else last.activation
    for layer in hidden:
        if layer.activation != usual:
            yield layer.active or layer.node, _other_activation(layer, usual, words[usual])
    if last.sums.layer.kind != Dense.kind:
        yield (
            last.node,
            "is the last layer that has weights, which must be a dense one, a unit for each class",
        )
    elif last.passing:
        yield last.passing[0].node, "stands behind the last layer that has weights, a unit for each class"
    if last.activation and (last.activation != "logistic" or usual != "logistic"):
        assert last.active is not None
        yield last.active, _other_end(last, usual)


def _other_activation(layer: Weighted, usual: str, count: int) -> str:
    there = f"{_SHOWN[usual]} behind {count} of the others" if usual else f"{count} of the others have none"
    own = "is" if layer.active else "has no activation behind it,"
    return f"{own} unlike the rest ({there}), and all hidden layers of a workload have one activation"


def _other_end(last: Weighted, usual: str) -> str:
    if last.activation == "logistic":
        return (
            f"is at the end, where a workload has it only if hidden layers have it too, and they have "
            f"{_SHOWN[usual]}; leave it out of the file for a softmax"
        )
    return "stands behind the last layer, whose sums a workload's loss takes as they are"


def _unwritable(layers: Sequence[Weighted]) -> Iterator[tuple[Node, str]]:
    """Layers of which weights leave the numbers of single precision once all is folded."""
    for layer in layers:
        arrays = (layer.weights(), layer.biases())
        if not all(array is None or np.isfinite(own_values(array)).all() for array in arrays):
            yield layer.node, "has weights that are no finite numbers in single precision"
