"""Kernels that kernels call are compiled once, and give the same wherever they are called from."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from numba.core.caching import NullCache
from numba.core.errors import TypingError

from chipsim.device import nested, types
from tests.device.test_kernel_cache import line_of, place  # noqa: F401

pytestmark = pytest.mark.skipif(not nested.NESTS, reason=f"not tried with numba {numba.__version__}")


@pytest.fixture(autouse=True)
def _nothing_kept(request, monkeypatch):
    """Kernels of the functions below are compiled anew each time."""
    if "place" not in request.fixturenames:
        monkeypatch.setattr(types, "KernelCache", lambda function: NullCache())


def chain():
    """Three kernels, each of which calls the one before, none of them compiled."""

    @types.kernel
    def root(x):
        if x < 0:
            raise ValueError("no root")
        return np.sqrt(x)

    @types.kernel
    def sum_of_roots(values):
        total = 0.0
        for value in values:
            total += root(value)
        return total

    @types.kernel
    def mean(values):
        return sum_of_roots(values) / values.size

    return root, sum_of_roots, mean


def test_only_versions_that_were_tried_nest(monkeypatch):
    """Those that were are built as is taken for granted; the next one may have anything of its own inside."""
    assert nested.nests("0.68.1")
    assert not nested.nests("0.69.0")
    monkeypatch.delattr(nested.JITCPUCodegen, "_library_class")
    assert not nested.nests("0.68.1")


def test_inner_kernels_are_linked_only():
    """Only the kernel that Python calls gets machine code of its own."""
    forms = chain()
    assert forms[-1](np.array([4.0, 9.0])) == 2.5
    callable_ones = [[nested.is_callable(one) for one in kernel.overloads.values()] for kernel in forms]
    assert callable_ones == [[False], [False], [True]]


@pytest.mark.parametrize("inner_first", [False, True])
def test_inner_kernels_can_be_called(inner_first):
    """Before they are met in others and afterwards, with the same number to the bit."""
    root, sum_of_roots, mean = chain()
    values = np.array([2.0, 3.0, 5.0])
    calls = [lambda: mean(values), lambda: sum_of_roots(values) / 3, lambda: sum(map(root, values)) / 3]
    found = [call() for call in (reversed(calls) if inner_first else calls)]
    assert found[0] == found[1] == found[2]
    assert [len(kernel.overloads) for kernel in (root, sum_of_roots, mean)] == [1, 1, 1]


def test_a_kernel_made_callable_is_linked_on():
    """What was linked, then called from Python, is linked into a kernel that is compiled after that."""
    root, sum_of_roots, mean = chain()
    assert mean(np.array([16.0])) == 4.0
    assert sum_of_roots(np.array([16.0])) == 4.0

    @types.kernel
    def twice(values):
        return 2 * sum_of_roots(values) + root(values[0])

    assert twice(np.array([16.0])) == 12.0


def test_errors_of_inner_kernels_are_raised():
    """However deep they lie."""
    _, _, mean = chain()
    with pytest.raises(ValueError, match="no root"):
        mean(np.array([-1.0]))


def test_functions_of_others_call_inner_kernels():
    """One that numba compiles by itself, too."""
    root, _, mean = chain()
    assert mean(np.array([16.0])) == 4.0
    assert numba.njit(lambda x: root(x) + 1)(16.0) == 5.0


def test_functions_of_others_are_called_in_kernels():
    """One that numba compiles by itself stays callable, with its errors, when a kernel was the first to call it."""

    @numba.njit
    def inverse(x):
        if x == 0:
            raise ZeroDivisionError("of nothing")
        return 1 / x

    @types.kernel
    def less_one(x):
        return inverse(x) - 1

    assert less_one(0.25) == 3.0
    assert inverse(0.25) == 4.0
    with pytest.raises(ZeroDivisionError, match="of nothing"):
        inverse(0.0)
    assert less_one(0.5) == 1.0
    assert numba.njit(lambda x: np.zeros(2) + inverse(x))(0.5).tolist() == [2.0, 2.0]


def test_a_kernel_that_cannot_be_compiled_leaves_no_trace():
    """The next kernel is an outermost one."""

    @types.kernel
    def broken(x):
        return x.nothing

    with pytest.raises(TypingError):
        broken(1.0)
    _, _, mean = chain()
    assert mean(np.array([4.0])) == 2.0


def test_a_numba_that_differs_compiles_kernels_by_itself(monkeypatch):
    """They are compiled as they were, with the same results."""
    monkeypatch.setattr(types, "NESTS", False)
    forms = chain()
    assert forms[-1](np.array([4.0, 9.0])) == 2.5
    assert not any(isinstance(kernel, nested.KernelDispatcher) for kernel in forms)


def test_a_linked_kernel_that_python_calls_is_kept(place):  # noqa: F811
    """The form that was made callable is found by the next process."""
    line = line_of(place)
    assert line(3) == 7
    assert line.py_func.__globals__["twice"](3) == 6
    again = line_of(place).py_func.__globals__["twice"]
    assert again(3) == 6
    assert sum(again.stats.cache_hits.values()) == 1


def test_a_kernel_that_is_kept_is_linked(place):  # noqa: F811
    """One that Python called in an earlier process is loaded while its caller is compiled."""
    assert line_of(place).py_func.__globals__["twice"](3) == 6
    line = line_of(place)
    assert line(3) == 7
    twice = line.py_func.__globals__["twice"]
    assert twice(3) == 6
    assert sum(twice.stats.cache_hits.values()) == 1


def test_kernels_closed_over_other_numbers_are_others(place):  # noqa: F811
    """What is compiled into a kernel and does not stand in its source is not taken from the disk."""

    def by(factor):
        @types.kernel
        def times(x):
            return factor * x

        return times

    assert [by(factor)(1.0) for factor in (2.0, 3.0)] == [2.0, 3.0]
