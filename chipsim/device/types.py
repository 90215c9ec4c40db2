"""Names for the arrays that kernels take, and the compiler's settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, cast

import numba
import numpy as np
from numba.core.cpu import CPUTargetOptions
from numpy.typing import NDArray

from chipsim.device.kernel_cache import KernelCache
from chipsim.device.nested import NESTS, KernelDispatcher

__all__ = [
    "Counts",
    "Flags",
    "Floats",
    "Indices",
    "Slots",
    "Sums",
    "Tally",
    "Words",
    "inlined",
    "kernel",
    "kernel_uncounted",
]

Floats: TypeAlias = NDArray[np.float32]
"""Activations, errors, conductances."""
Sums: TypeAlias = NDArray[np.float64]
"""Sums that energies follow from."""
Counts: TypeAlias = NDArray[np.int32]
"""Pulses, resets."""
Indices: TypeAlias = NDArray[np.int32]
Slots: TypeAlias = NDArray[np.int64]
"""Slots in which lines are driven: a first writing may give each cell half a million, and a line thousands
of cells."""
Words: TypeAlias = NDArray[np.uint64]
Tally: TypeAlias = NDArray[np.int64]
"""Counters that a kernel adds to."""
Flags: TypeAlias = NDArray[np.bool_]

_Function = TypeVar("_Function", bound=Callable[..., Any])


def kernel(function: _Function) -> _Function:
    """Compile a loop over arrays with numba, kept on disk between runs.

    No fast-math: every sum keeps the order in which it is written, so that a numpy twin agrees bit
    for bit. Divisions follow numpy's rules. In a kernel ``float(x)`` leaves a single-precision number
    single; write ``np.float64(x)`` where double is meant.
    """
    return _compiled(function)


def kernel_uncounted(function: _Function) -> _Function:
    """A kernel that makes no arrays: nobody counts who holds those that it is given.

    That is Python throughout. Counting takes four fifths of the time where pieces of a few lines work on a
    dozen arrays.
    """
    options = {"_nrt": False} if hasattr(CPUTargetOptions, "_nrt") else {}
    return _compiled(function, **options)


def _compiled(function: _Function, **options: bool) -> _Function:
    compile_it: Any = KernelDispatcher if NESTS else numba.njit
    compiled: Any = compile_it(function, error_model="numpy", **options)
    # What `cache=True` would set, with a cache that cannot fail. What a kernel is closed over is compiled in
    # and does not stand in its source: such a kernel is not kept.
    if function.__closure__ is None:
        compiled._cache = KernelCache(function)  # noqa: SLF001
    return cast("_Function", compiled)


def inlined(function: _Function) -> _Function:
    """A piece of a kernel: written into its callers before these are compiled, and never compiled by itself.

    A kernel that calls kernels is optimised with all of them in it, as each was by itself before: a piece
    takes its time again at every level above it. What has many callers is better a kernel, for pieces are
    copied into each.
    """
    compiled: Any = numba.njit(error_model="numpy", inline="always")(function)
    return cast("_Function", compiled)
