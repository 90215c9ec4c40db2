"""Scenarios from Python as trees: what a file could hold, and what numpy and pathlib have in its place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import attrs

from chipsim.errors import DescriptionError, Problem
from chipsim.limits import DEPTH, VALUES
from chipsim.spec.nodes import Node, from_plain, shown
from chipsim.spec.paths import Key

__all__ = ["tree_of"]


def tree_of(document: Any) -> Node:
    """A mapping as the tree that its file would be read into, each node with its path.

    Parameters
    ----------
    document
        Numbers and arrays of numpy, ranges, series of pandas and paths are taken for what they hold.

    Raises
    ------
    DescriptionError
        With everything in it that no file could hold.

    Examples
    --------
    >>> import numpy as np
    >>> tree_of({"vary": {"device.states": np.arange(10, 30, 10)}, "seeds": np.int64(2)}).plain()
    {'vary': {'device.states': [10, 20]}, 'seeds': 2}
    """
    if not isinstance(document, Mapping):
        kind = type(document).__name__
        raise Node(value=None).error(f"must be the path of a scenario file or a mapping, not a {kind}")
    problems: list[Problem] = []
    # Messages say by the path where there are no lines.
    tree = _placed(from_plain(dict(document)), (), problems)
    if problems:
        raise DescriptionError(problems)
    return tree


def _placed(node: Node, path: tuple[Key, ...], problems: list[Problem]) -> Node:
    node = attrs.evolve(node, path=path)
    value = _held(node)
    if isinstance(value, dict) and len(path) <= DEPTH:
        value = {key: _placed(child, (*path, key), problems) for key, child in value.items()}
    elif isinstance(value, list) and len(path) <= DEPTH:
        value = [_placed(child, (*path, place), problems) for place, child in enumerate(value)]
    elif not (value is None or isinstance(value, bool | int | float | str)):
        kind = type(value).__name__
        allowed = "a number, a text, true, false, null, a list or a mapping"
        problems.append(node.problem(f"must be {allowed}, not {kind}"))
    return attrs.evolve(node, value=value)


def _held(node: Node) -> Any:
    """What a value holds as a file would say it: lists and mappings of nodes, or the value itself."""
    value = node.value
    if isinstance(value, range) and len(value) > VALUES:
        raise node.error(f"must have at most {VALUES:,} values, not {shown(str(value))}")
    if isinstance(value, range):
        value = list(value)
    elif isinstance(value, os.PathLike):
        value = os.fspath(value)
    elif isinstance(value, Mapping) and not isinstance(value, dict):
        value = dict(value)
    elif callable(getattr(value, "tolist", None)):
        # Numbers and arrays of numpy, series of pandas.
        value = value.tolist()
    return value if value is node.value else from_plain(value).value
