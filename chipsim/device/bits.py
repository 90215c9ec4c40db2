"""Bits of a word, counted and found by the processor's own instructions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from chipsim.device.types import inlined

__all__ = ["lowest", "ones"]


def _as_ones(typing: Any, word: Any) -> Any:  # noqa: ARG001
    """The instruction that counts bits that are one, for the compiler."""

    def build(context: Any, builder: Any, signature: Any, given: Any) -> Any:  # noqa: ARG001
        return builder.ctpop(given[0])

    return types.int64(types.uint64), build


def _as_lowest(typing: Any, word: Any) -> Any:  # noqa: ARG001
    """The instruction that counts zeros below the lowest one, for the compiler."""

    def build(context: Any, builder: Any, signature: Any, given: Any) -> Any:  # noqa: ARG001
        return builder.cttz(given[0], cgutils.false_bit)

    return types.int64(types.uint64), build


_ones: Any = intrinsic(_as_ones)
_lowest: Any = intrinsic(_as_lowest)


@inlined
def ones(word: np.uint64) -> int:
    """Bits of a word that are one; in kernels only."""
    count: int = _ones(word)
    return count


@inlined
def lowest(word: np.uint64) -> int:
    """Place of the lowest bit that is one, and 64 where none is; in kernels only."""
    place: int = _lowest(word)
    return place
