"""What is wrong with the runs of a study, told where it stands in the scenario, and once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import attrs

from chipsim.errors import DescriptionError, Problem
from chipsim.spec.nodes import Node
from chipsim.spec.study_file import Scenario
from chipsim.wording import plural

__all__ = ["Told"]

_FROM: Final = re.compile(r" \(from --set (?P<text>.*)\)$", re.DOTALL)
_LOST: Final = re.compile(
    r"^--set (?P<text>.*) is replaced by --set (?P<by>.*); give one of them$", re.DOTALL
)
_NAMED: Final = 3
"""Chips that one problem names."""


class Told:
    """Problems of many runs, each once, with the chips that have it.

    Parameters
    ----------
    scenario
        Where overrides stand.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._problems: dict[Problem, dict[str, None]] = {}
        self._places = _places(scenario.tree)

    def __bool__(self) -> bool:
        """Whether anything was told."""
        return bool(self._problems)

    def problem(self, problem: Problem) -> None:
        """Take a problem of the study as a whole."""
        self._problems.setdefault(problem, {})

    def of_point(self, problems: Sequence[Problem], *, chip: str, task: str) -> None:
        """Take what is wrong with one combination."""
        for problem in problems:
            self._problems.setdefault(self._moved(problem), {})[f"{chip} on {task}"] = None

    def _moved(self, problem: Problem) -> Problem:
        """A problem of an override, where the override stands in the scenario."""
        lost = _LOST.fullmatch(problem.message)
        if lost is not None:
            return self._lost(problem, lost["text"], by=lost["by"])
        found = _FROM.search(problem.message)
        place = self._place(found["text"]) if found else None
        if place is None:
            return problem
        message = f"{problem.path}: {problem.message}" if problem.path else problem.message
        return place.problem(message.replace("(from --set ", "(by "))

    def _lost(self, problem: Problem, text: str, *, by: str) -> Problem:
        """An override that another one replaces, where one of them stands: no --set was given."""
        place = self._place(text) or self._place(by)
        if place is None:
            return problem
        return place.problem(f"{text} is replaced by {by}; give one of them")

    def _place(self, text: str) -> Node | None:
        # Messages repeat no more than the beginning of a long override.
        start = text.removesuffix("...")
        for path, node in self._places.items():
            if start.startswith(f"{path}=") or (start != text and path.startswith(start)):
                return node
        return None

    def refuse(self) -> None:
        """Raise all that was told.

        Raises
        ------
        DescriptionError
            When anything was.
        """
        if not self._problems:
            return
        whole = len(self._scenario.spec.architectures) * len(self._scenario.spec.workloads)
        told = [_with(problem, list(pairs), whole) for problem, pairs in self._problems.items()]
        raise DescriptionError(sorted(told, key=lambda problem: (not problem.line, problem.line)))


def _with(problem: Problem, pairs: Sequence[str], whole: int) -> Problem:
    """The problem with those that have it, where not all do."""
    if not pairs or len(pairs) == whole:
        return problem
    named = [*pairs[:_NAMED]]
    left = len(pairs) - len(named)
    if left:
        named.append(f"{left} {plural('other', left)}")
    message = f"{problem.message} (for {', '.join(named)})"
    if problem.path.startswith("vary"):
        message = f"{message}; what is varied for some chips alone names them: only: [...]"
    return attrs.evolve(problem, message=message)


def _places(tree: Node) -> dict[str, Node]:
    """Paths of overrides, and where they stand: what is varied first, which is most likely meant."""
    places: dict[str, Node] = {}
    vary = tree.value.get("vary")
    if vary is not None:
        entries = vary.value if isinstance(vary.value, list) else [vary]
        for entry in entries:
            _add(places, entry)
    for key in ("architectures", "workloads"):
        for entry in tree.value[key].value:
            _add(places, entry.at("set") if isinstance(entry.value, dict) and "set" in entry.value else None)
    _add(places, tree.value.get("set"))
    return places


def _add(places: dict[str, Node], node: Node | None) -> None:
    if node is None:
        return
    if isinstance(node.value, dict):
        for path, child in node.value.items():
            places.setdefault(path, child)
        return
    for child in node.value:
        # A list of texts as `--set` takes them.
        places.setdefault(str(child.value).partition("=")[0].strip(), child)
