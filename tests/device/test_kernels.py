"""What compiled loops must not do."""

from __future__ import annotations

import ast

import pytest

from tests.test_imports import TREES

KERNELS = [
    (name, node)
    for name, tree in TREES.items()
    for node in ast.walk(tree)
    if isinstance(node, ast.FunctionDef)
    and any(ast.unparse(decorator).startswith("kernel") for decorator in node.decorator_list)
]


@pytest.mark.parametrize(("module", "kernel"), KERNELS, ids=lambda given: getattr(given, "name", given))
def test_kernels_name_the_precision(module, kernel):
    """`float` of a single-precision number stays single when compiled, unlike in Python; np.float64 does not."""
    calls = [node.func for node in ast.walk(kernel) if isinstance(node, ast.Call)]
    assert "float" not in [call.id for call in calls if isinstance(call, ast.Name)]


def test_kernels_are_found():
    """The check above looks at something."""
    assert len(KERNELS) > 10
