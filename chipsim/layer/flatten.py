"""Images as plain lists of values."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import attrs

from chipsim.spec.layer import PassingLayer, Shape, Values

__all__ = ["Flatten"]


@attrs.frozen(kw_only=True)
class Flatten(PassingLayer):
    """An image as a list of its values; a dense layer takes an image as well without it."""

    kind: ClassVar[str] = "flatten"

    @property
    def words(self) -> str:
        """Its name."""
        return "flatten"

    def gives(self, given: Shape) -> Shape:
        """So many values."""
        return (math.prod(given),)

    def forward(self, values: Values, *, given: Shape) -> tuple[Values, Any]:  # noqa: ARG002
        """The same values."""
        # Images are kept row after row, the channels of a pixel in order: they lie in this order already.
        return values, None

    def backward(self, errors: Values, kept: Any, *, given: Shape) -> Values:  # noqa: ARG002
        """The same errors."""
        return errors
