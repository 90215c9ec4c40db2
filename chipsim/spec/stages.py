"""A network as a chip sees it: layers of weights, each with what passes between it and the next one."""

from __future__ import annotations

import math
from collections.abc import Sequence

import attrs

from chipsim.spec.kinds import shipped_kind
from chipsim.spec.layer import Layer, PassingLayer, Shape, WeightedLayer, shown_shape

__all__ = ["LayerError", "Stage", "stages_of"]


class LayerError(ValueError):
    """Layers that do not follow one another, with the place of the one that is wrong."""

    def __init__(self, index: int, message: str) -> None:
        super().__init__(message)
        self.at = (index,)
        """Where it stands in the list."""


@attrs.frozen(kw_only=True)
class Passed:
    """A layer without weights, where it stands."""

    layer: PassingLayer
    given: Shape
    """What it takes of a sample."""


@attrs.frozen(kw_only=True)
class Stage:
    """One layer of weights, with the layers without weights behind it."""

    layer: WeightedLayer
    given: Shape
    """What it takes of a sample."""
    bias: bool
    passing: tuple[Passed, ...] = ()
    place: int = 0
    """Where its layer stands in the list of the description, the inputs being 0."""

    @property
    def frozen(self) -> bool:
        """Whether it keeps the weights that it is given."""
        return self.layer.frozen

    @property
    def rate_factor(self) -> float:
        """Factor on the learning rate of all layers."""
        return self.layer.rate_factor

    @property
    def inputs(self) -> int:
        """Values that it takes of a sample."""
        return math.prod(self.given)

    @property
    def takes_as_given(self) -> bool:
        """Whether what it is given is, as it is, the inputs of its weights."""
        return self.layer.takes_as_given and self.patches == 1

    @property
    def rows(self) -> int:
        """Rows of its weights, one of a bias in each group included."""
        return self.groups * self.group_rows

    @property
    def group_rows(self) -> int:
        """Rows of the weights of one group, that of its bias included."""
        return self.layer.group_rows(self.given) + self.bias

    @property
    def columns(self) -> int:
        """Columns of its weights."""
        return self.layer.columns(self.given)

    @property
    def groups(self) -> int:
        """Groups of columns that have rows of their own."""
        return self.layer.groups_of(self.given)

    @property
    def group_columns(self) -> int:
        """Columns of one group."""
        return self.columns // self.groups

    @property
    def weights(self) -> int:
        """Weights, those of the biases included."""
        return self.group_rows * self.columns

    @property
    def patches(self) -> int:
        """Vectors of one sample that drive its rows."""
        return self.layer.patches(self.given)

    @property
    def units(self) -> int:
        """Weighted sums of one sample."""
        return self.patches * self.columns

    @property
    def leaves(self) -> int:
        """Values of a sample that leave it for the next layer of weights."""
        return math.prod(self.shape)

    @property
    def shape(self) -> Shape:
        """Shape of what leaves it."""
        shape = self.layer.gives(self.given)
        for one in self.passing:
            shape = one.layer.gives(one.given)
        return shape

    @property
    def in_pieces(self) -> bool:
        """Whether its values come patch by patch, or pass another layer: then they wait in the buffer."""
        return self.patches > 1 or bool(self.working)

    @property
    def working(self) -> tuple[Passed, ...]:
        """Layers without weights behind it that do more than say how values lie."""
        return tuple(one for one in self.passing if one.layer.works(one.given))

    @property
    def kept_bits(self) -> int:
        """Bits of a sample that these layers keep for the way back."""
        return sum(one.layer.kept_bits(one.given) for one in self.working)

    @property
    def kept_values(self) -> int:
        """Values of a sample that it and these layers give, each of which waits in the buffer."""
        passed = (math.prod(one.layer.gives(one.given)) for one in self.working)
        return self.units + sum(passed)


def stages_of(layers: Sequence[int | Shape | Layer], *, bias: bool) -> tuple[Stage, ...]:
    """The layers of weights of a network.

    Parameters
    ----------
    layers
        The shape of its inputs, or how many there are; then layers, dense ones as their units.
    bias
        Whether each weighted sum has a bias.

    Raises
    ------
    LayerError
        When a layer cannot follow the one before it.

    Examples
    --------
    >>> [(stage.rows, stage.columns) for stage in stages_of((784, 250, 10), bias=True)]
    [(785, 250), (251, 10)]
    """
    shape = _first(layers[0])
    stages: list[Stage] = []
    kinds = map(_kind_of, range(1, len(layers)), layers[1:])
    for index, layer in enumerate(kinds, start=1):
        problem = layer.problem(shape)
        if not problem and isinstance(layer, PassingLayer) and not stages:
            problem = f"{layer.words} has no weights, and stands behind a layer that has some"
        if problem:
            raise LayerError(index, problem)
        if isinstance(layer, PassingLayer):
            passed = Passed(layer=layer, given=shape)
            last = stages[-1]
            stages[-1] = attrs.evolve(last, passing=(*last.passing, passed))
        else:
            if not isinstance(layer, WeightedLayer):
                raise LayerError(index, f"{type(layer).__name__} must extend WeightedLayer or PassingLayer")
            stages.append(Stage(layer=layer, given=shape, bias=bias, place=index))
        shape = layer.gives(shape)
    _check_last(stages, len(layers) - 1)
    return tuple(stages)


def _first(given: int | Shape | Layer) -> Shape:
    if isinstance(given, Layer):
        raise LayerError(0, "must be the inputs of the network, such as 784 or [28, 28, 1], not a layer")
    shape = (given,) if isinstance(given, int) else given
    if len(shape) not in (1, 3):
        raise LayerError(0, f"must be height, width and channels, such as [28, 28, 1], not {list(shape)}")
    if min(shape) < 1:
        raise LayerError(0, f"sizes must be at least 1, not {min(shape)}")
    return shape


def _kind_of(index: int, given: int | Shape | Layer) -> Layer:
    if isinstance(given, Layer):
        return given
    if not isinstance(given, int):
        raise LayerError(index, f"must be a number of units or a layer, not {list(given)}")
    if given < 1:
        raise LayerError(index, f"sizes must be at least 1, not {given}")
    # By its word, not its class: layers import this room.
    dense = shipped_kind("layer", "dense")(units=given)  # type: ignore[call-arg]
    assert isinstance(dense, Layer)
    return dense


def _check_last(stages: Sequence[Stage], index: int) -> None:
    if not stages:
        raise LayerError(index, "needs at least one layer that has weights")
    last = stages[-1]
    wanted = "must be a dense layer, a unit for each class"
    # A loss compares one vector of a sample with its label.
    if last.in_pieces:
        raise LayerError(index, f"{wanted}, not one that gives {shown_shape(last.shape)}")
    if last.passing:
        raise LayerError(index, f"{wanted}, not {last.passing[-1].layer.words}")
