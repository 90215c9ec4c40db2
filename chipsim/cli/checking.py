"""``chipsim check``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

from chipsim.errors import DescriptionError, Problem
from chipsim.spec import Description, check_file, check_together, load_costs
from chipsim.spec.chip import ChipSpec
from chipsim.spec.workload import WorkloadSpec

__all__ = ["check_all"]

_WORDS: Final[dict[type, str]] = {ChipSpec: "chip", WorkloadSpec: "workload"}


def check_all(files: Sequence[Path]) -> None:
    """Say of each file that it is right, or what is wrong with it.

    Raises
    ------
    DescriptionError
        With all problems of all files.
    """
    problems: list[Problem] = []
    for file in files:
        try:
            described = check_file(file)
            _check_with_costs(described)
        except DescriptionError as error:
            problems += error.problems
        else:
            word = _WORDS.get(type(described.spec), "cost set")
            click.echo(f"{file}: {word} {described.spec.name!r} is right{_open_values(described)}")
    if problems:
        raise DescriptionError(problems)


def _check_with_costs(described: Description[Any]) -> None:
    """A chip also has to agree with the cost set that it names."""
    if not isinstance(described.spec, ChipSpec):
        return
    try:
        costs = load_costs(described.spec.costs)
    except DescriptionError as error:
        if any(problem.file for problem in error.problems):
            raise
        raise described.tree.at("costs").error(error.problems[0].message) from None
    check_together(described, costs)


def _open_values(described: Description[Any]) -> str:
    """How many of the values rest on assumptions, or on nothing."""
    kinds = [value.kind for value in described.values]
    counts = {"assumed": kinds.count("assumed"), "without a source": kinds.count("none")}
    said = [f"{count} {word}" for word, count in counts.items() if count]
    return f"; of {len(kinds)} values {' and '.join(said)}" if said else ""
