"""What a layer of a network is to the rest of a description: the shapes it takes and gives, its numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar, TypeAlias

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.spec.fields import more_than
from chipsim.spec.kind import Kind

__all__ = ["Layer", "PassingLayer", "Shape", "WeightedLayer", "shown_shape"]

Shape: TypeAlias = tuple[int, ...]
"""What a layer takes or gives for one sample: height, width and channels, or so many values."""
Values: TypeAlias = NDArray[np.float32]
Arithmetic: TypeAlias = Mapping[str, int]


def shown_shape(shape: Shape) -> str:
    """A shape for a sentence.

    Examples
    --------
    >>> shown_shape((28, 28, 1)), shown_shape((250,))
    ('28 x 28 x 1', '250')
    """
    return " x ".join(map(str, shape))


def _plain_name(_spec: Any, _field: Any, value: Any) -> None:
    """A check that a name is one that an array of a file can have beside its bias; None passes."""
    if value is None:
        return
    if not re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*", value):
        raise ValueError(f"must be letters, digits, '-' and '_', with dots between them, not {value!r}")
    if value.endswith((".weight", ".bias")):
        layer = value.rpartition(".")[0]
        raise ValueError(f"is that of an array; the layer is called {layer!r}, not {value!r}")


@attrs.frozen(kw_only=True)
class Layer(Kind):
    """One layer of a network.

    Values of a sample lie row after row of an image, the channels of a pixel beside each other.
    """

    section: ClassVar[str] = "layer"

    @property
    def words(self) -> str:
        """What it is, in a few words."""
        raise NotImplementedError

    def problem(self, given: Shape) -> str:  # noqa: ARG002
        """What is wrong with it behind a layer that gives such a shape; empty when nothing is."""
        return ""

    def gives(self, given: Shape) -> Shape:
        """The shape of what it gives for what it is given."""
        raise NotImplementedError


@attrs.frozen(kw_only=True)
class WeightedLayer(Layer):
    """A layer whose weights stand on tiles: a sample drives them by one vector, or by one for each patch."""

    name: str | None = attrs.field(default=None, validator=_plain_name)
    """What it is called in the file of ``network.weights``, which then gives its first weights: the name of
    an array, or that of a module of PyTorch, such as ``fc1`` or ``features.0``."""
    frozen: bool = False
    """Whether it keeps the weights that it is given: it learns nothing, is not normalised, and no errors are
    computed for layers before the first one that learns. Where all layers are frozen the network is only
    read: an epoch passes the training samples through it, and tests."""

    rate_factor: float = attrs.field(default=1.0, validator=more_than(0, up_to=1e6))
    """Factor on the learning rate in this layer alone, for networks whose layers learn at rates of their own.
    Rules that change weights in place sample by sample have it; others refuse any but 1."""

    def weights_shape(self, given: Shape) -> Shape:
        """The shape of its weights in a file, without biases; as many values as group rows times columns."""
        return (self.group_rows(given), self.columns(given))

    def group_rows(self, given: Shape) -> int:
        """Inputs of each weighted sum, without the bias."""
        raise NotImplementedError

    def columns(self, given: Shape) -> int:
        """Weighted sums of one vector, those of all groups."""
        raise NotImplementedError

    def groups_of(self, given: Shape) -> int:  # noqa: ARG002
        """Groups of columns that have inputs of their own."""
        return 1

    def patches(self, given: Shape) -> int:  # noqa: ARG002
        """Vectors of one sample."""
        return 1

    @property
    def takes_as_given(self) -> bool:
        """Whether its one vector a sample is what it is given, in the same order.

        Neither :meth:`gather` nor :meth:`scatter` need then be asked.
        """
        return False

    def fan_out(self, given: Shape) -> int:
        """Weighted sums of a sample that one of its inputs is part of, at most."""
        raise NotImplementedError

    def gather(self, values: Values, out: Values, *, given: Shape, bias: int) -> None:
        """Put the vectors of a batch into an array; a bias in it stays as it is.

        Parameters
        ----------
        values
            What the layer is given (batch, values).
        out
            Overwritten (batch x patches, rows): group after group, each with its bias behind its inputs.
        given
            Shape of what it is given.
        bias
            Rows of a bias in each group, 0 or 1.
        """
        raise NotImplementedError

    def scatter(self, errors: Values, out: Values, *, given: Shape, bias: int) -> None:
        """Add the errors of all vectors' inputs up to errors of what the layer was given.

        Parameters
        ----------
        errors
            Errors of the inputs (batch x patches, rows), as :meth:`gather` laid them out.
        out
            Overwritten (batch, values).
        given, bias
            As :meth:`gather` has them.
        """
        raise NotImplementedError


@attrs.frozen(kw_only=True)
class PassingLayer(Layer):
    """A layer without weights behind one that has some, computed in the digital unit."""

    straight_through: ClassVar[bool] = False
    """Whether its errors are on purpose not the slope of what it gives, as of a quantiser."""

    def forward(self, values: Values, *, given: Shape) -> tuple[Values, Any]:
        """What it gives for values (batch, values), and what the way back needs."""
        raise NotImplementedError

    def backward(self, errors: Values, kept: Any, *, given: Shape) -> Values:
        """Errors of what it was given (batch, values), from those of what it gave and what was kept."""
        raise NotImplementedError

    def forward_arithmetic(self, given: Shape) -> Arithmetic:  # noqa: ARG002
        """Operations of a lane for one sample; none where only the order of values changes."""
        return {}

    def backward_arithmetic(self, given: Shape) -> Arithmetic:  # noqa: ARG002
        """Operations of a lane for the errors of one sample."""
        return {}

    def works(self, given: Shape) -> bool:
        """Whether it does anything: one that only says how values lie takes no time and no room."""
        return bool(self.forward_arithmetic(given) or self.kept_bits(given))

    def kept_bits(self, given: Shape) -> int:  # noqa: ARG002
        """Bits of one sample that wait in the buffer for the way back."""
        return 0
