"""Which keys of a kind its source says nothing of."""

from __future__ import annotations

import ast
import inspect
import textwrap

import attrs

from chipsim.spec.kind import Kind

__all__ = ["undocumented_keys"]


def undocumented_keys(kind: type[Kind]) -> list[str]:
    """Keys of the class's own without a docstring under them; none where there is no source."""
    # Python drops a text that stands under a field: only the source still has it.
    try:
        (node,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    except (OSError, TypeError, SyntaxError):
        return []
    assert isinstance(node, ast.ClassDef)
    own = {field.name for field in attrs.fields(kind) if field.init and not field.inherited}
    followed = dict(zip(node.body, node.body[1:], strict=False))
    undocumented = []
    for one in node.body:
        name = _key_in(one)
        if name in own and not _is_text(followed.get(one)):
            undocumented.append(name)
    return undocumented


def _key_in(node: ast.stmt) -> str:
    """The name that a statement gives a type; empty for any other statement."""
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id
    return ""


def _is_text(node: ast.stmt | None) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
