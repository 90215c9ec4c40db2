"""Layers whose every unit takes every input."""

from __future__ import annotations

import math
from typing import ClassVar

import attrs

from chipsim.spec.fields import at_least
from chipsim.spec.layer import Shape, Values, WeightedLayer

__all__ = ["Dense"]


@attrs.frozen(kw_only=True)
class Dense(WeightedLayer):
    """Every unit takes every input; a number alone in the list of layers is one of so many units."""

    kind: ClassVar[str] = "dense"
    units: int = attrs.field(validator=at_least(1))
    """Weighted sums."""

    @property
    def words(self) -> str:
        """Its units."""
        return f"{self.units} units"

    def gives(self, given: Shape) -> Shape:  # noqa: ARG002
        """One value a unit."""
        return (self.units,)

    def group_rows(self, given: Shape) -> int:
        """All values."""
        return math.prod(given)

    def columns(self, given: Shape) -> int:  # noqa: ARG002
        """One for each unit."""
        return self.units

    @property
    def takes_as_given(self) -> bool:
        """All inputs, in their order."""
        # A kind that is made of this one may lay them out in another way.
        kind = type(self)
        return kind.gather is Dense.gather and kind.scatter is Dense.scatter

    def fan_out(self, given: Shape) -> int:  # noqa: ARG002
        """All units."""
        return self.units

    def gather(self, values: Values, out: Values, *, given: Shape, bias: int) -> None:  # noqa: ARG002
        """One vector a sample."""
        out[:, : values.shape[1]] = values

    def scatter(self, errors: Values, out: Values, *, given: Shape, bias: int) -> None:  # noqa: ARG002
        """Each input has one error."""
        # Behind them is the error of the bias, which nothing gave.
        out[:] = errors[:, : out.shape[1]]
