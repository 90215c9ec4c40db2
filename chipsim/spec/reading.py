"""Descriptions read whole: found, parsed, overridden, checked, with every problem reported at once."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import attrs

from chipsim.errors import DescriptionError, Problem
from chipsim.spec import rules
from chipsim.spec.borrowed import with_borrowed_notes
from chipsim.spec.chip import ChipSpec
from chipsim.spec.costs import CostSet
from chipsim.spec.device_file import DeviceSpec
from chipsim.spec.extending import EXTENDS, with_bases
from chipsim.spec.finding import Folder, find, find_any, find_shipped, read_text, shipped_names
from chipsim.spec.groups import of_group_names, where_it_stands
from chipsim.spec.named_devices import find_device
from chipsim.spec.nodes import Node, from_plain, parse_yaml, shown
from chipsim.spec.overrides import KINDS, apply, split_sets
from chipsim.spec.provenance import Value, take_out
from chipsim.spec.recognising import NAMES, AnySpec, kind_of, meant_as_device
from chipsim.spec.repeated import in_order
from chipsim.spec.rules_unread import of_unread, of_unread_together
from chipsim.spec.rules_unread_set import of_unread_costs, of_unread_frozen, of_unread_levels
from chipsim.spec.showing import shown_description
from chipsim.spec.structure import structure
from chipsim.spec.workload import WorkloadSpec

__all__ = [
    "Description",
    "check_file",
    "check_together",
    "chip_from_document",
    "costs_from_document",
    "costs_of",
    "device_from_document",
    "load_chip",
    "load_costs",
    "load_device",
    "load_workload",
    "overridden",
    "problem_of",
    "read_once",
    "shipped_names",
    "split_sets",
    "unread_together",
    "workload_from_document",
]

S = TypeVar("S", bound=AnySpec)

_REMEMBERED: Final = 64
"""Descriptions that are remembered where each is read once: those of the points that are read next."""


@attrs.frozen(kw_only=True)
class Description(Generic[S]):
    """A chip, workload, cost set or device as it was read: its spec, and where each value comes from.

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

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return shown_description(self.spec, self.values, NAMES[type(self.spec)])


_FOLDERS: Final[dict[type, Folder]] = {
    ChipSpec: "architectures",
    WorkloadSpec: "workloads",
    CostSet: "costs",
    DeviceSpec: "devices",
}


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


def load_device(name_or_path: str | Path, *, sets: Sequence[str] = ()) -> Description[DeviceSpec]:
    """A device file by name or path; see :func:`load_chip`.

    Raises
    ------
    DescriptionError
        With all problems found.

    Examples
    --------
    >>> load_device("reram-array-om").spec.device.kind
    'soft-bounds'
    """
    return _load(name_or_path, DeviceSpec, folder="devices", sets=sets)


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


def device_from_document(document: dict[str, Any], *, file: str = "") -> Description[DeviceSpec]:
    """A device description from plain data; see :func:`chip_from_document`."""
    return _described(from_plain(document, file=file), DeviceSpec)


def check_file(name_or_path: str | Path) -> Description[Any]:
    """The description by a name or in a file, whichever kind it is, told by its keys.

    Raises
    ------
    DescriptionError
        With all problems found.
    """
    problems: list[Problem] = []
    path, file = find_any(name_or_path)
    root = parse_yaml(read_text(path, shown_as=file), problems, file=file)
    root = with_bases(root, path, problems)
    spec = kind_of(root)
    if spec is None:
        message = f"is neither a chip, nor a workload, nor a cost set, nor a device, but {_content(root)}"
        raise root.error(message)
    return _described(root, spec, problems)


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
    problems = in_order([problem_of(chip.tree, fault) for fault in faults], first=chip.file)
    problems += in_order(asked, first=workload.file if workload else "")
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


@contextlib.contextmanager
def read_once() -> Iterator[None]:
    """While this lasts, a file is read once with the same overrides, however often it is asked for.

    A study reads hundreds of points, most of which share a workload and a cost set. What is wrong is read
    again, and told again.

    Examples
    --------
    >>> with read_once():
    ...     load_chip("hybrid-synapse") is load_chip("hybrid-synapse")
    True
    """
    before = _LOADING.set(functools.lru_cache(_REMEMBERED)(_loaded))
    try:
        yield
    finally:
        _LOADING.reset(before)


def _load(name_or_path: str | Path, spec: type[S], *, folder: Folder, sets: Sequence[str]) -> Description[S]:
    read: Description[S] = _LOADING.get()(name_or_path, spec, folder=folder, sets=tuple(sets))
    return read


def _loaded(
    name_or_path: str | Path, spec: type[S], *, folder: Folder, sets: Sequence[str]
) -> Description[S]:
    is_device = folder == "devices"
    path, file = find_device(name_or_path, Path()) if is_device else find(name_or_path, folder)
    problems: list[Problem] = []
    root = parse_yaml(read_text(path, shown_as=file), problems, file=file)
    root = with_bases(root, path, problems, folder=folder)
    return _described(apply(root, sets, problems, kind=KINDS[spec]), spec, problems)


def _described(root: Node, spec: type[S], problems: Sequence[Problem] = ()) -> Description[S]:
    """The description in a tree; `problems` were found when it was parsed."""
    actual = kind_of(root)
    if isinstance(root.value, dict) and EXTENDS in root.value:
        # Of plain data, such as that of a result: it came from no file that a path could count from.
        raise root.at(EXTENDS).error("'extends' is read in files only; this has to be whole")
    if not isinstance(root.value, dict) or not root.value:
        raise root.error(f"must be a {NAMES[spec]}, a mapping of keys to values, not {_content(root)}")
    passes = spec is DeviceSpec and meant_as_device(root)
    if actual not in (None, spec) and not passes:
        raise root.error(f"is a {NAMES[actual]}, not a {NAMES[spec]}")
    named = of_group_names(root) if spec is ChipSpec else []
    if named:
        raise DescriptionError(in_order([*problems, *named], first=root.file))
    tree, values, bare = take_out(root)
    found = [*problems, *bare]
    try:
        built = structure(tree, spec)
    except DescriptionError as error:
        raise DescriptionError(in_order([*found, *error.problems], first=root.file)) from None
    # Only now: a rule may look at any field, so it can be asked of nothing that lacks one.
    faults = rules.of_one(built)
    if isinstance(built, ChipSpec):
        faults += of_unread(built, tree)
    if isinstance(built, DeviceSpec):
        faults += rules.of_device(built, _a_chip())
    found += [problem_of(tree, fault) for fault in faults]
    if found:
        raise DescriptionError(in_order(found, first=root.file))
    values = with_borrowed_notes(values, _FOLDERS[spec], file=root.file)
    return Description(spec=built, file=root.file, document=root.plain(), values=values, tree=tree)


@functools.cache
def _a_chip() -> ChipSpec:
    """One that devices are put into, to be asked what is wrong with them."""
    path, file = find_shipped("hybrid-synapse", "architectures")
    return _described(parse_yaml(read_text(path, shown_as=file), [], file=file), ChipSpec).spec


_LOADING: Final[ContextVar[Callable[..., Description[Any]]]] = ContextVar("loading", default=_loaded)
"""Reads a file, or knows what was read."""


def problem_of(tree: Node, fault: rules.Fault) -> Problem:
    """A fault with the place where it stands in a description, as that was read."""
    wanted = where_it_stands(tree, fault.path)
    # From the nodes: a rule counts entries of lists, and nodes know by what these are called.
    known = [node.path[-1] for node in tree.along(*wanted)]
    path = (*known, *wanted[len(known) :])
    return attrs.evolve(tree.at(*wanted), path=path).problem(fault.message)


def _content(root: Node) -> str:
    return "an empty file" if root.value is None else shown(root)
