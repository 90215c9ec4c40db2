"""Descriptions read whole: found, parsed, overridden, checked, with every problem reported at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Generic, TypeAlias, TypeVar

import attrs

from chipsim.errors import DescriptionError, Problem
from chipsim.spec import rules
from chipsim.spec.borrowed import with_borrowed_notes
from chipsim.spec.chip import ChipSpec
from chipsim.spec.costs import CostSet
from chipsim.spec.finding import Folder, find, find_any, read_text, shipped_names, ships
from chipsim.spec.groups import LOCAL, of_group_names, where_it_stands
from chipsim.spec.nodes import Node, from_plain, parse_yaml, shown
from chipsim.spec.overrides import KINDS, apply, split_sets
from chipsim.spec.provenance import Value, take_out
from chipsim.spec.repeated import told_once
from chipsim.spec.rules_unread import of_unread, of_unread_together
from chipsim.spec.rules_unread_set import of_unread_costs, of_unread_frozen, of_unread_levels
from chipsim.spec.structure import structure
from chipsim.spec.workload import WorkloadSpec

__all__ = [
    "Description",
    "check_file",
    "check_together",
    "chip_from_document",
    "costs_from_document",
    "costs_of",
    "load_chip",
    "load_costs",
    "load_workload",
    "overridden",
    "problem_of",
    "resembled",
    "resembles",
    "shipped_names",
    "split_sets",
    "unread_together",
    "workload_from_document",
]

AnySpec: TypeAlias = ChipSpec | WorkloadSpec | CostSet
S = TypeVar("S", bound=AnySpec)


@attrs.frozen(kw_only=True)
class Description(Generic[S]):
    """A chip, workload or cost set as it was read: its spec, and where each value comes from.

    Examples
    --------
    >>> chip = load_chip("hybrid-synapse", sets=["device.states=10"])
    >>> chip.spec.device.states
    10
    >>> [value.kind for value in chip.values if value.path == "device.states"]
    ['set']
    """

    spec: S
    file: str
    """The file as the user would name it; empty for a document that came from elsewhere."""
    document: dict[str, Any]
    """Plain data as run: overrides applied, ``source``, ``assumed`` and ``set`` kept. Reads back the same."""
    values: tuple[Value, ...]
    """Every value that is written, in the order of the file, with where it comes from."""
    tree: Node = attrs.field(repr=False, eq=False)
    """The values with the lines they stand on, for messages."""


_FOLDERS: Final[dict[type, Folder]] = {
    ChipSpec: "architectures",
    WorkloadSpec: "workloads",
    CostSet: "costs",
}
_NAMES: Final[dict[type, str]] = {ChipSpec: "chip", WorkloadSpec: "workload", CostSet: "cost set"}


def _marks_of(spec: type) -> frozenset[str]:
    """Keys that no other kind of description has."""
    others = [attrs.fields_dict(other) for other in _NAMES if other is not spec]
    return frozenset(attrs.fields_dict(spec)).difference(*others)


_MARKS: Final[dict[type, frozenset[str]]] = {spec: _marks_of(spec) for spec in _NAMES}
_MARK: Final = "|".join(sorted(frozenset[str]().union(*_MARKS.values())))
_REQUIRED: Final[dict[type, frozenset[str]]] = {
    spec: frozenset(field.name for field in attrs.fields(spec) if field.default is attrs.NOTHING)
    for spec in _NAMES
}
_ENOUGH: Final = 0.75
"""Share of the keys that a kind of description must have by which one with mistakes is still known."""
_TOP_KEY: Final = re.compile(r"^[\"']?(\w+)[\"']?[ \t]*:", re.MULTILINE)
# Behind a brace or a comma too: all of a description may stand in one line.
_MARKED: Final = re.compile(rf"(?:^|[{{,])[ \t\"']*(?:{_MARK})[\"']?\s*:", re.MULTILINE)


def load_chip(name_or_path: str | Path, *, sets: Sequence[str] = ()) -> Description[ChipSpec]:
    """A chip description by name or path.

    Parameters
    ----------
    name_or_path
        A name, looked up in the user's folder first, or a path to a file.
    sets
        Overrides such as ``tile.rows=64``.

    Raises
    ------
    DescriptionError
        With all problems found.

    Examples
    --------
    >>> load_chip("hybrid-synapse").spec.synapse.gain
    5.0
    """
    return _load(name_or_path, ChipSpec, folder="architectures", sets=sets)


def load_workload(name_or_path: str | Path, *, sets: Sequence[str] = ()) -> Description[WorkloadSpec]:
    """A workload description by name or path; see :func:`load_chip`.

    Raises
    ------
    DescriptionError
        With all problems found.

    Examples
    --------
    >>> load_workload("mnist-5k").spec.network.layers
    (784, 250, 10)
    """
    return _load(name_or_path, WorkloadSpec, folder="workloads", sets=sets)


def load_costs(name_or_path: str | Path, *, sets: Sequence[str] = ()) -> Description[CostSet]:
    """A cost set by name or path; see :func:`load_chip`.

    Raises
    ------
    DescriptionError
        With all problems found.

    Examples
    --------
    >>> load_costs("cmos-32nm").spec.node
    '32 nm'
    """
    return _load(name_or_path, CostSet, folder="costs", sets=sets)


def costs_of(chip: Description[ChipSpec], *, sets: Sequence[str] = ()) -> Description[CostSet]:
    """The cost set that a chip names.

    Raises
    ------
    DescriptionError
        With all problems found; that there is no such set is told where the chip names it.

    Examples
    --------
    >>> costs_of(load_chip("hybrid-synapse")).spec.name
    'cmos-32nm'
    """
    try:
        return load_costs(chip.spec.costs, sets=sets)
    except DescriptionError as error:
        # What has a place is wrong inside of the set, and is told there.
        if any(problem.file or problem.path for problem in error.problems):
            raise
        raise chip.tree.at("costs").error(error.problems[0].message) from None


def chip_from_document(document: dict[str, Any], *, file: str = "") -> Description[ChipSpec]:
    """A chip description from plain data, such as a saved result holds.

    Raises
    ------
    DescriptionError
        With all problems found.
    """
    return _described(from_plain(document, file=file), ChipSpec)


def workload_from_document(document: dict[str, Any], *, file: str = "") -> Description[WorkloadSpec]:
    """A workload description from plain data.

    Raises
    ------
    DescriptionError
        With all problems found.
    """
    return _described(from_plain(document, file=file), WorkloadSpec)


def costs_from_document(document: dict[str, Any], *, file: str = "") -> Description[CostSet]:
    """A cost set from plain data.

    Raises
    ------
    DescriptionError
        With all problems found.
    """
    return _described(from_plain(document, file=file), CostSet)


def check_file(
    name_or_path: str | Path,
) -> Description[ChipSpec] | Description[WorkloadSpec] | Description[CostSet]:
    """The description by a name or in a file, whichever of the three it is, told by its keys.

    Raises
    ------
    DescriptionError
        With all problems found.
    """
    problems: list[Problem] = []
    path, file = find_any(name_or_path)
    root = parse_yaml(read_text(path, shown_as=file), problems, file=file)
    spec = _kind_of(root)
    if spec is ChipSpec:
        return _described(root, ChipSpec, problems)
    if spec is WorkloadSpec:
        return _described(root, WorkloadSpec, problems)
    if spec is CostSet:
        return _described(root, CostSet, problems)
    raise root.error(f"is neither a chip, nor a workload, nor a cost set, but {_content(root)}")


def resembles(text: str) -> bool:
    """Whether a text has a key that only descriptions have; quick, for it is searched and not parsed.

    Examples
    --------
    >>> resembles("synapse: {kind: digital}"), resembles("services: [web, database]")
    (True, False)
    """
    return bool(_MARKED.search(text))


def resembled(text: str) -> type[AnySpec] | None:
    r"""The kind of description that a text was most likely meant to be, mistakes and all.

    It is searched for keys at the beginning of a line, not parsed: it may be no YAML. A text that
    has a key or two of a description by chance is none.

    Examples
    --------
    >>> resembled("name: a\nabout: b\nnetwork: {layers: [2, 2]}\nphasse: []\nlearning_rate: 1").__name__
    'WorkloadSpec'
    >>> resembled("name: a\nnetwork: host")
    """
    keys = frozenset(_TOP_KEY.findall(text))
    # Groups may have all of these themselves, and the chip around them then has none.
    if "groups" in keys:
        keys |= frozenset(LOCAL)
    shares: dict[type, float] = {}
    for spec, required in _REQUIRED.items():
        shares[spec] = len(keys & required) / len(required)
    likely = max(shares, key=lambda spec: shares[spec])
    return likely if shares[likely] >= _ENOUGH else None


def check_together(
    chip: Description[ChipSpec],
    costs: Description[CostSet],
    workload: Description[WorkloadSpec] | None = None,
) -> None:
    """Check what a chip, its costs and a workload have to agree on.

    Raises
    ------
    DescriptionError
        With all problems found.
    """
    faults, asked = rules.of_chip_and_costs(chip.spec, costs.spec), []
    if workload is not None:
        faults += rules.of_chip_and_workload(chip.spec, workload.spec)
        asked = [
            problem_of(workload.tree, fault) for fault in rules.of_workload_on_chip(workload.spec, chip.spec)
        ]
    # Apart, for lines of two files cannot be put in one order.
    problems = _in_order([problem_of(chip.tree, fault) for fault in faults])
    problems += _in_order(asked)
    if problems:
        raise DescriptionError(problems)


def unread_together(
    chip: Description[ChipSpec], workload: Description[WorkloadSpec], costs: Description[CostSet]
) -> list[Problem]:
    """What was set and this chip does not read; another chip may."""
    faults = of_unread_together(chip.spec, workload.spec, workload.tree)
    asked = [problem_of(workload.tree, fault) for fault in faults]
    levels = of_unread_levels(chip.spec, chip.values)
    frozen = of_unread_frozen(chip.spec, workload.spec, chip.values)
    return [*asked, *levels, *frozen, *of_unread_costs(chip.spec, costs.values)]


def overridden(description: Description[S], sets: Sequence[str]) -> Description[S]:
    """A description that was read before, with values set as on the command line.

    Raises
    ------
    DescriptionError
        With all problems found.

    Examples
    --------
    >>> overridden(load_chip("hybrid-synapse"), ["device.states=10"]).spec.device.states
    10
    """
    if not sets:
        return description
    # Read anew as a whole: what is set may break a rule over anything else that the description says.
    problems: list[Problem] = []
    spec = type(description.spec)
    root = apply(from_plain(description.document, file=description.file), sets, problems, kind=KINDS[spec])
    return _described(root, spec, problems)


def _load(name_or_path: str | Path, spec: type[S], *, folder: Folder, sets: Sequence[str]) -> Description[S]:
    path, file = find(name_or_path, folder)
    problems: list[Problem] = []
    root = parse_yaml(read_text(path, shown_as=file), problems, file=file)
    return _described(apply(root, sets, problems, kind=KINDS[spec]), spec, problems)


def _described(root: Node, spec: type[S], problems: Sequence[Problem] = ()) -> Description[S]:
    """The description in a tree; `problems` were found when it was parsed."""
    actual = _kind_of(root)
    if not isinstance(root.value, dict) or not root.value:
        raise root.error(f"must be a {_NAMES[spec]}, a mapping of keys to values, not {_content(root)}")
    if actual is not None and actual is not spec:
        raise root.error(f"is a {_NAMES[actual]}, not a {_NAMES[spec]}")
    named = of_group_names(root) if spec is ChipSpec else []
    if named:
        raise DescriptionError(_in_order([*problems, *named]))
    tree, values, bare = take_out(root)
    found = [*problems, *bare]
    try:
        built = structure(tree, spec)
    except DescriptionError as error:
        raise DescriptionError(_in_order([*found, *error.problems])) from None
    # Only now: a rule may look at any field, so it can be asked of nothing that lacks one.
    faults = rules.of_one(built)
    if isinstance(built, ChipSpec):
        faults += of_unread(built, tree)
    found += [problem_of(tree, fault) for fault in faults]
    if found:
        raise DescriptionError(_in_order(found))
    # Notes of shipped files are those that others are held against.
    if not ships(root.file):
        values = with_borrowed_notes(values, _FOLDERS[spec])
    return Description(spec=built, file=root.file, document=root.plain(), values=values, tree=tree)


def problem_of(tree: Node, fault: rules.Fault) -> Problem:
    """A fault with the place where it stands in a description, as that was read."""
    wanted = where_it_stands(tree, fault.path)
    # From the nodes: a rule counts entries of lists, and nodes know by what these are called.
    known = [node.path[-1] for node in tree.along(*wanted)]
    path = (*known, *wanted[len(known) :])
    return attrs.evolve(tree.at(*wanted), path=path).problem(fault.message)


def _in_order(problems: Sequence[Problem]) -> list[Problem]:
    """In the order of the file; what has no line comes last, and once for all entries of a list."""
    return sorted(dict.fromkeys(told_once(problems)), key=lambda problem: (not problem.line, problem.line))


def _kind_of(root: Node) -> type | None:
    if not isinstance(root.value, dict):
        return None
    keys = frozenset(root.value)
    score = {spec: len(marks & keys) for spec, marks in _MARKS.items()}
    best = max(score, key=lambda spec: score[spec])
    return best if score[best] else None


def _content(root: Node) -> str:
    return "an empty file" if root.value is None else shown(root)
