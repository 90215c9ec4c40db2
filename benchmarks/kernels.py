"""How much of a loop's time is spent in compiled kernels."""

from __future__ import annotations

import contextlib
import functools
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from numba.core.dispatcher import Dispatcher

__all__ = ["Watch", "watched_kernels"]


class Watch:
    """Seconds spent in kernels; the cost of entering compiled code is among them."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.calls = 0

    def around(self, kernel: Dispatcher) -> Callable[..., Any]:
        """The kernel with a clock before and after it."""
        clock = time.perf_counter

        @functools.wraps(kernel.py_func)
        def timed(*values: Any, **named: Any) -> Any:
            start = clock()
            result = kernel(*values, **named)
            self.seconds += clock() - start
            self.calls += 1
            return result

        return timed


@contextlib.contextmanager
def watched_kernels(package: str = "chipsim") -> Iterator[Watch]:
    """Every kernel that modules of a package hold by name, or in a dictionary or a class, under a watch.

    Kernels must be compiled before: a kernel that calls others finds their watches when it is compiled now.
    What was built before holds its kernels without a watch, so build anew what is run inside; so does a
    `functools.partial` of a kernel, so let a function look it up by its name.

    Parameters
    ----------
    package
        The package whose modules are looked through.
    """
    watch = Watch()
    watches: dict[int, Callable[..., Any]] = {}
    undo: list[tuple[Callable[[Any, Any], None], Any, Any]] = []
    for put, key, kernel in list(_kernels(package)):
        undo.append((put, key, kernel))
        put(key, watches.setdefault(id(kernel), watch.around(kernel)))
    try:
        yield watch
    finally:
        for put, key, kernel in undo:
            put(key, kernel)


def _kernels(package: str) -> Iterator[tuple[Callable[[Any, Any], None], Any, Dispatcher]]:
    """Each place that holds a kernel: how something is put there, under which key, and the kernel."""
    modules = [
        module for name, module in sys.modules.items() if name == package or name.startswith(f"{package}.")
    ]
    for module in modules:
        yield from _held(functools.partial(setattr, module), vars(module))
        for value in vars(module).values():
            if isinstance(value, dict):
                yield from _held(value.__setitem__, value)
            elif isinstance(value, type) and value.__module__ == module.__name__:
                yield from _held(functools.partial(setattr, value), vars(value))


def _held(
    put: Callable[[Any, Any], None], places: Any
) -> Iterator[tuple[Callable[[Any, Any], None], Any, Dispatcher]]:
    for key, value in list(places.items()):
        if isinstance(value, Dispatcher):
            yield put, key, value
