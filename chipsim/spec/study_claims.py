"""Claims of a scenario file: published figures, and which runs are held against them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs

from chipsim.errors import DescriptionError, did_you_mean
from chipsim.spec.nodes import Node, shown
from chipsim.spec.structure import structure
from chipsim.spec.study import Axis, ClaimSpec, Published, RunsOf
from chipsim.spec.study_reading import Reading
from chipsim.spec.study_values import value_text

__all__ = ["claims_of"]


def claims_of(reading: Reading, node: Node | None, *, vary: tuple[Axis, ...]) -> tuple[ClaimSpec, ...]:
    """Every claim of a scenario.

    Parameters
    ----------
    reading
        Gets what is wrong with them.
    node
        The section; None without one.
    vary
        What the scenario varies, which claims may name.
    """
    if node is None:
        return ()
    if not isinstance(node.value, list):
        reading.problems.append(node.problem(f"must be a list of claims, not {shown(node)}"))
        return ()
    paths = tuple(path for axis in vary for path in axis.paths)
    claims = []
    for child in node.value:
        claim = reading.kept(lambda child=child: _claim(child, paths), None)  # type: ignore[misc]
        if claim is not None:
            claims.append(claim)
    return tuple(claims)


def _claim(node: Node, paths: tuple[str, ...]) -> ClaimSpec:
    """One claim; which runs it means is read by itself, for it may name what is varied."""
    if not isinstance(node.value, dict):
        raise node.error(f"must be a mapping with claim, metric, of, published and source, not {shown(node)}")
    rest = {key: child for key, child in node.value.items() if key not in ("of", "against")}
    # Every problem of one claim at once: those of its runs beside those of its other keys.
    reading = Reading(base=Path())
    sides: dict[str, RunsOf] = {}
    for key in ("of", "against"):
        if key in node.value:
            side = reading.kept(lambda key=key: _runs_of(node.value[key], paths), None)  # type: ignore[misc]
            sides[key] = side or RunsOf()
    bare = reading.kept(lambda: structure(attrs.evolve(node, value=rest), Published), None)
    problems = reading.problems
    compare = bare.compare if bare else "value"
    if compare != "value" and "against" not in node.value:
        problems.append(node.problem(f"compare: {compare} needs the other side; add against"))
    if bare and compare == "value" and "against" in node.value:
        problems.append(node.value["against"].problem("goes with compare: difference or ratio"))
    if problems or bare is None:
        raise DescriptionError(problems)
    return ClaimSpec(**_fields_of(bare), of=sides.get("of", RunsOf()), against=sides.get("against"))


def _fields_of(figure: Published) -> dict[str, Any]:
    return {field.name: getattr(figure, field.name) for field in attrs.fields(Published)}


def _runs_of(node: Node, paths: tuple[str, ...]) -> RunsOf:
    if not isinstance(node.value, dict):
        raise node.error(f"must be a mapping such as {{chip: single-pair, task: mnist}}, not {shown(node)}")
    known = ("chip", "task", "costs", *paths)
    texts: dict[str, str] = {}
    varied = []
    problems = []
    for key, child in node.value.items():
        if key not in known:
            told = f"{', '.join(known)}{did_you_mean(key, known)}"
            problems.append(child.problem(f"unknown key {key!r}; known: {told}"))
        elif key in paths:
            varied.append((key, value_text(child.plain())))
        elif isinstance(child.value, str):
            texts[key] = child.value
        else:
            problems.append(child.problem(f"must be text, not {shown(child)}"))
    if problems:
        raise DescriptionError(problems)
    return RunsOf(**texts, varied=tuple(varied))
