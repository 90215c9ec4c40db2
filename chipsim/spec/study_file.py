"""Scenario files read: from YAML, or from the same mapping in Python, with every problem told at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, get_args, get_type_hints

import attrs

from chipsim.errors import DescriptionError, Problem, did_you_mean
from chipsim.spec.finding import is_path, read_text
from chipsim.spec.nodes import Node, parse_yaml, shown
from chipsim.spec.structure import structure
from chipsim.spec.study import Axis, ChipEntry, StudySpec, TaskEntry
from chipsim.spec.study_area import equal_area_of
from chipsim.spec.study_claims import claims_of
from chipsim.spec.study_plain import tree_of
from chipsim.spec.study_reading import Reading
from chipsim.spec.study_values import override, placed_device, value_text, values_of
from chipsim.spec.waits import waits_of_node

__all__ = ["Scenario", "names_study", "read_study", "study_from"]

_KEYS: Final = tuple(attrs.fields_dict(StudySpec))
_HINTS: Final = get_type_hints(StudySpec)
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
"""A name that any file system takes as that of a folder."""
_LONGEST: Final = 80
"""Characters of a label, which stands in every table and legend."""
_MARKED: Final = re.compile(r"^[ \t{\"']*(?:architectures|workloads)[\"']?[ \t]*:", re.MULTILINE)
"""Keys that no other description has."""


@attrs.frozen(kw_only=True)
class Scenario:
    """A scenario file as it was read: what it says, and where each override stands."""

    spec: StudySpec
    file: str
    """As the user would name it; empty for a mapping from Python."""
    tree: Node = attrs.field(repr=False, eq=False)
    document: dict[str, Any] = attrs.field(repr=False)
    """Plain data that reads back the same, beside the same file."""


def names_study(path: str | Path) -> bool:
    """Whether a file says keys that only scenarios have; not that it is right.

    Examples
    --------
    >>> names_study("architectures/single-pair.yaml")
    False
    """
    file = Path(path)
    try:
        text = read_text(file, shown_as=str(path)) if file.is_file() else ""
    except (DescriptionError, OSError, ValueError):
        return False
    return bool(_MARKED.search(text))


def read_study(path: str | Path) -> Scenario:
    """A scenario file.

    Parameters
    ----------
    path
        The file; paths in it are relative to its folder.

    Raises
    ------
    DescriptionError
        With all problems found.
    """
    file = str(path)
    shown_as = file if file.isprintable() else ascii(file)
    problems: list[Problem] = []
    root = parse_yaml(read_text(Path(path), shown_as=shown_as), problems, file=shown_as)
    return _read(root, base=Path(path).parent, problems=problems)


def study_from(document: Mapping[str, Any], *, folder: str | Path = ".") -> Scenario:
    """A scenario from the mapping that its file would hold.

    Parameters
    ----------
    document
        Keys and values as in a file; arrays of numpy, ranges and paths are taken, too.
    folder
        What paths in it are relative to.

    Raises
    ------
    DescriptionError
        With all problems found.

    Examples
    --------
    >>> scenario = study_from({"name": "states", "architectures": ["single-pair"], "workloads": ["mnist-5k"],
    ...     "vary": {"device.states": [10, 20]}, "seeds": 2})
    >>> scenario.spec.seeds, scenario.spec.vary[0].points
    ((0, 1), ((10,), (20,)))
    """
    return _read(tree_of(document), base=Path(folder), problems=[])


def _read(root: Node, *, base: Path, problems: list[Problem]) -> Scenario:
    if not isinstance(root.value, dict) or not root.value:
        raise root.error("must be a scenario, a mapping with the keys name, architectures and workloads")
    reading = Reading(base=base, problems=problems)
    given: Mapping[str, Node] = root.value
    _keys(reading, root, given)
    fields = _fields(reading, given)
    if not reading.problems:
        fields["claims"] = claims_of(reading, given.get("claims"), vary=fields["vary"])
    if reading.problems:
        found = dict.fromkeys(reading.problems)
        raise DescriptionError(sorted(found, key=lambda problem: (not problem.line, problem.line)))
    return Scenario(spec=StudySpec(**fields), file=root.file, tree=root, document=root.plain())


def _keys(reading: Reading, root: Node, given: Mapping[str, Node]) -> None:
    for key, child in given.items():
        if key not in _KEYS:
            known = f"{', '.join(_KEYS)}{did_you_mean(key, _KEYS)}"
            reading.problems.append(child.problem(f"unknown key {key!r}; known: {known}"))
    missing = [key for key in ("name", "architectures", "workloads") if key not in given]
    reading.problems += [root.problem(f"missing key {key!r}") for key in missing]


def _fields(reading: Reading, given: Mapping[str, Node]) -> dict[str, Any]:
    """Every field but the claims, which are held against the others."""
    kept = reading.kept
    fields: dict[str, Any] = {}
    for key in ("name", "about", "question"):
        if key in given:
            fields[key] = kept(lambda key=key: structure(given[key], str), "")  # type: ignore[misc]
    if "name" in given and fields["name"]:
        kept(lambda: _check_name(given["name"]), None)
    fields["architectures"] = _entries(reading, given.get("architectures"), ChipEntry, "architecture")
    fields["workloads"] = _entries(reading, given.get("workloads"), TaskEntry, "workload")
    fields["set"] = _sets(reading, given.get("set"))
    labels = tuple(entry.label for entry in fields["architectures"])
    fields["vary"] = _axes(reading, given.get("vary"), labels=labels)
    if "seeds" in given:
        fields["seeds"] = kept(lambda: _seeds(given["seeds"]), ())
    if "costs" in given:
        fields["costs"] = kept(lambda: _costs(given["costs"], reading.base), ())
    _take_out_costs(reading, given, fields)
    if "equal_area" in given:
        fields["equal_area"] = kept(lambda: equal_area_of(given["equal_area"], labels), "")
    _times(reading, given, fields)
    for key, otherwise in (("keep", "figures"), ("assumed_values", "as-they-are")):
        if key in given:
            fields[key] = kept(lambda key=key: _word(given[key], key), otherwise)  # type: ignore[misc]
    if "metrics" in given:
        fields["metrics"] = kept(lambda: _texts(given["metrics"]), ())
    return fields


def _times(reading: Reading, given: Mapping[str, Node], fields: dict[str, Any]) -> None:
    """Whether runs are only timed, and when their chips are tested once more."""
    if "timing_only" in given:
        read = given["timing_only"]
        fields["timing_only"] = reading.kept(lambda: structure(read, bool), otherwise=False)
    if "wait" in given:
        fields["wait"] = reading.kept(lambda: waits_of_node(given["wait"]), ())
        if fields.get("timing_only"):
            message = "chips that are only timed have no cells that change while they wait"
            reading.problems.append(given["wait"].problem(message))


def _word(node: Node, key: str) -> str:
    """One of the words that a key may have."""
    allowed = get_args(_HINTS[key])
    if node.value not in allowed:
        hint = did_you_mean(str(node.value), allowed)
        raise node.error(f"unknown value {shown(node)}; known: {', '.join(allowed)}{hint}")
    return str(node.value)


def _take_out_costs(reading: Reading, given: Mapping[str, Node], fields: dict[str, Any]) -> None:
    """Take cost sets that are varied like any path for what they are."""
    named = [axis for axis in fields["vary"] if "costs" in axis.paths]
    if not named:
        return
    alone = all(axis.paths == ("costs",) and not axis.only for axis in named)
    if not alone or "costs" in given:
        place = given["vary"]
        reading.problems.append(
            place.problem("cost sets go with everything else: name them under costs alone")
        )
        return
    values = [str(value) for point in named[0].points for value in point]
    fields["costs"] = tuple(_placed(value, reading.base) for value in values)
    fields["vary"] = tuple(axis for axis in fields["vary"] if axis is not named[0])


def _check_name(node: Node) -> None:
    if not _NAME.fullmatch(node.value):
        raise node.error(
            f"names a folder: letters, digits, '.', '-' and '_', 80 at most, a letter or digit first; "
            f"not {shown(node)}"
        )


def _check_label(node: Node, label: str) -> None:
    if len(label) > _LONGEST or not label.isprintable() or label != label.strip():
        raise node.error(
            f"must be printable text of {_LONGEST} characters at most, no space around it, not {shown(node)}"
        )


def _entries(reading: Reading, node: Node | None, spec: Any, key: str) -> tuple[Any, ...]:
    """Chips, or workloads: names alone, or mappings."""
    if node is None:
        return ()
    if not isinstance(node.value, list) or not node.value:
        reading.problems.append(node.problem(f"must be a list with one {key} at least, not {shown(node)}"))
        return ()
    entries: list[Any] = []
    for child in node.value:
        entry = reading.kept(lambda child=child: _entry(reading, child, spec, key), None)  # type: ignore[misc]
        if entry is None:
            continue
        if any(entry.label == other.label for other in entries):
            again = f"{entry.label!r} is there twice; give one of them another label"
            reading.problems.append(child.problem(again))
        entries.append(entry)
    return tuple(entries)


def _entry(reading: Reading, node: Node, spec: Any, key: str) -> Any:
    if isinstance(node.value, str):
        named = structure(node, str)
        label = Path(named).stem if is_path(named) else named
        _check_label(node, label)
        return spec(label=label, **{key: _placed(named, reading.base)})
    if not isinstance(node.value, dict):
        raise node.error(f"must be a name, a path, or a mapping with {key}, label and set, not {shown(node)}")
    known = (key, "label", "set")
    problems = []
    for name, child in node.value.items():
        if name not in known:
            hint = did_you_mean(name, known)
            problems.append(child.problem(f"unknown key {name!r}; known: {', '.join(known)}{hint}"))
    if key not in node.value:
        problems.append(node.problem(f"missing key {key!r}"))
    if problems:
        raise DescriptionError(problems)
    if not isinstance(node.value[key].value, str):
        raise node.value[key].error(f"must be a name or a path, not {shown(node.value[key])}")
    whole = _entry(reading, node.value[key], spec, key)
    if "label" in node.value:
        label = structure(node.value["label"], str)
        _check_label(node.value["label"], label)
        whole = attrs.evolve(whole, label=label)
    return attrs.evolve(whole, set=_sets(reading, node.value.get("set")))


def _placed(named: str, base: Path) -> str:
    """A name as it is, or a path from the folder of the scenario."""
    return str(base / named) if is_path(named) else named


def _sets(reading: Reading, node: Node | None) -> tuple[str, ...]:
    """Overrides, from a mapping of paths to values, or from a list of texts as ``--set`` takes them."""
    if node is None:
        return ()
    if isinstance(node.value, dict):
        plain = {path: child.plain() for path, child in node.value.items()}
        return tuple(override(path, placed_device(path, plain[path], reading.base)) for path in plain)
    if isinstance(node.value, list):
        return reading.kept(lambda: _texts(node), ())
    reading.problems.append(node.problem(f"must be a mapping of paths to values, not {shown(node)}"))
    return ()


def _texts(node: Node) -> tuple[str, ...]:
    texts = structure(node, tuple[str, ...])
    if len(set(texts)) < len(texts):
        twice = next(text for text in texts if texts.count(text) > 1)
        raise node.error(f"{twice!r} is given twice")
    return texts


def _costs(node: Node, base: Path) -> tuple[str, ...]:
    names = _texts(node)
    if not names:
        raise node.error("has no cost set; leave it out, and each chip has its own")
    return tuple(_placed(name, base) for name in names)


def _seeds(node: Node) -> tuple[int, ...]:
    """So many from 0 on, or those that are listed."""
    if not isinstance(node.value, list):
        many = structure(node, int)
        if not 1 <= many <= 10_000:
            raise node.error(f"must be between 1 and 10,000, or a list of seeds, not {many}")
        return tuple(range(many))
    seeds = structure(node, tuple[int, ...])
    if not seeds or min(seeds) < 0 or len(set(seeds)) < len(seeds):
        raise node.error(f"must be different whole numbers of at least 0, not {shown(node)}")
    return seeds


def _axes(reading: Reading, node: Node | None, *, labels: tuple[str, ...]) -> tuple[Axis, ...]:
    """What is varied: a mapping in which each path is an axis, or a list in which each entry is one."""
    if node is None:
        return ()
    pieces: list[tuple[dict[str, Node], Node, tuple[str, ...]]] = []
    if isinstance(node.value, dict):
        for path, child in node.value.items():
            pieces.append(({path: child}, child, ()))
    elif isinstance(node.value, list):
        for child in node.value:
            piece = reading.kept(lambda child=child: _axis_entry(child, labels), None)  # type: ignore[misc]
            if piece is not None:
                pieces.append((piece[0], child, piece[1]))
    else:
        wanted = "must be a mapping of paths to values, or a list of such"
        reading.problems.append(node.problem(f"{wanted}, not {shown(node)}"))
        return ()
    axes: list[Axis] = []
    seen: dict[str, Node] = {}
    for paths, place, only in pieces:
        for path, child in paths.items():
            if path in seen:
                reading.problems.append(child.problem(f"{path} is varied twice; put all its values together"))
            seen[path] = child
        axis = reading.kept(lambda: _axis(paths, place, only, first=len(seen)), None)  # noqa: B023
        if axis is not None:
            axes.append(_with_devices(axis, reading.base))
    return tuple(axes)


def _with_devices(axis: Axis, base: Path) -> Axis:
    """An axis whose device files are those that paths from a folder lead to."""
    points = []
    for point in axis.points:
        named = zip(axis.paths, point, strict=True)
        points.append(tuple(placed_device(path, value, base) for path, value in named))
    return attrs.evolve(axis, points=tuple(points))


def _axis_entry(node: Node, labels: tuple[str, ...]) -> tuple[dict[str, Node], tuple[str, ...]]:
    """Paths and their values of one entry, and the chips that it is for."""
    if not isinstance(node.value, dict):
        raise node.error(f"must be a mapping of paths to values, not {shown(node)}")
    paths = dict(node.value)
    only: tuple[str, ...] = ()
    if "only" in paths:
        chosen = paths.pop("only")
        only = _texts(chosen)
        for label in only:
            if label not in labels:
                known = f"{', '.join(labels)}{did_you_mean(label, labels)}"
                raise chosen.error(f"there is no chip {label!r}; known: {known}")
    if not paths:
        raise node.error("varies nothing; give a path and its values, such as device.states: [10, 20]")
    return paths, only


def _axis(paths: Mapping[str, Node], place: Node, only: tuple[str, ...], *, first: int) -> Axis:
    # Of values that go together one may come again: only what they make together has to differ.
    together = len(paths) > 1
    columns = [
        values_of(child, stream=first + number, again=together) for number, child in enumerate(paths.values())
    ]
    lengths = {len(column) for column in columns}
    if len(lengths) > 1:
        told = ", ".join(f"{path} {len(column)}" for path, column in zip(paths, columns, strict=True))
        raise place.error(f"paths that go together need as many values each, and there are: {told}")
    points = tuple(zip(*columns, strict=True))
    _refuse_twice(place, paths, points)
    return Axis(paths=tuple(paths), points=points, only=only)


def _refuse_twice(place: Node, paths: Iterable[str], points: Sequence[Sequence[Any]]) -> None:
    """Refuse values that go together where all of them are those of another point."""
    seen = set()
    for point in points:
        written = tuple(map(value_text, point))
        if written in seen:
            told = ", ".join(f"{path}: {text}" for path, text in zip(paths, written, strict=True))
            raise place.error(f"{told} is given twice")
        seen.add(written)
