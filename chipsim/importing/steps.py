"""What a node is to a chain of layers, and what flows from one to the next."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import attrs
from numpy.typing import NDArray

from chipsim.importing.node import Node
from chipsim.spec.layer import PassingLayer, Shape, WeightedLayer

__all__ = ["Active", "Flow", "Passed", "Refused", "Scaled", "Softmax", "Step", "Sums"]

Array: TypeAlias = NDArray[Any]


@attrs.frozen(kw_only=True)
class Flow:
    """What a tensor holds for one sample, as far as it is known."""

    shape: Shape | None = None
    """Height, width and channels of an image, rows and columns of a table, or how many values a list has;
    None where nobody knows."""
    order: Literal["first", "last"] = "first"
    """Where the channels of an image stand in the file."""
    image: Shape | None = None
    """The image that a list was made of, channel after channel; None of others."""

    @property
    def is_image(self) -> bool:
        """Whether it is known to be one."""
        return self.shape is not None and len(self.shape) == 3

    @property
    def is_table(self) -> bool:
        """Whether it is known to have rows and columns and no channels."""
        return self.shape is not None and len(self.shape) == 2

    @property
    def is_list(self) -> bool:
        """Whether it is known to be a list of values."""
        return self.shape is not None and len(self.shape) == 1


@attrs.frozen(kw_only=True, eq=False)
class Sums:
    """A layer of weights."""

    node: Node
    layer: WeightedLayer
    given: Shape | None
    """What it takes as chipsim has it: an image where a list is made of one."""
    kernel: Array
    """Its weights in chipsim's order, the units or kernels last."""
    factor: float = 1.0
    """What they are to be multiplied by."""
    bias: Array | None = None


@attrs.frozen(kw_only=True, eq=False)
class Scaled:
    """Sums of a layer multiplied and moved, each unit or channel by numbers of its own."""

    node: Node
    scale: Array | None = None
    offset: Array | None = None


@attrs.frozen(kw_only=True, eq=False)
class Active:
    """An activation, by chipsim's word for it."""

    node: Node
    word: str


@attrs.frozen(kw_only=True, eq=False)
class Passed:
    """A layer without weights."""

    node: Node
    layer: PassingLayer
    keeps_order: bool
    """Whether an activation, which never falls, gives the same before it and behind it."""


@attrs.frozen(kw_only=True, eq=False)
class Softmax:
    """What the loss of a workload has already."""

    node: Node


@attrs.frozen(kw_only=True, eq=False)
class Refused:
    """A node that cannot be mapped."""

    node: Node
    reason: str


Step: TypeAlias = Sums | Scaled | Active | Passed | Softmax | Refused
