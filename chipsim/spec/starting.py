"""The text of a new description: one that extends another, or a copy of it, to go on from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from chipsim.errors import DescriptionError, Problem
from chipsim.spec.chip import ChipSpec
from chipsim.spec.costs import CostSet
from chipsim.spec.extending import EXTENDS
from chipsim.spec.finding import Folder, find_any, find_base, read_text, shipped_names
from chipsim.spec.named_devices import device_names, find_device
from chipsim.spec.nodes import parse_yaml
from chipsim.spec.provenance import Value
from chipsim.spec.reading import Description, check_file

__all__ = ["files_below", "new_description"]

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_NAME_LINE: Final = re.compile(r"^name:[ \t]*[A-Za-z0-9][A-Za-z0-9_.-]*[ \t]*$", re.MULTILINE)
_FOLDERS: Final[tuple[Folder, ...]] = ("architectures", "workloads", "costs", "devices")
_CHIP: Final = ("synapse", "device", "tile", "update", "interconnect", "rule")
"""Sections of a chip whose values are changed most."""
_NEEDS_QUOTES: Final = re.compile(r"[,\[\]{}:#&*!|>'\"%@`]|^(?:-(?!\d)|[?\s])")


class _Dumper(yaml.SafeDumper):
    """A writer that quotes every text: what is plain text to others may be a number to our reader."""


_Dumper.add_representer(
    str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')
)


def new_description(name: str, base: str, *, full: bool = False) -> str:
    """The text of a description that begins as another one.

    Parameters
    ----------
    name
        What it is called.
    base
        The name or path of a chip, workload, cost set or device.
    full
        Copy all of it, in place of extending it.

    Raises
    ------
    DescriptionError
        When the name cannot be one, or the base is not there or not right.

    Examples
    --------
    >>> new_description("mine", "hybrid-synapse").splitlines()[3:5]
    ['extends: hybrid-synapse', 'name: mine']
    """
    _check_name(name)
    described = check_file(base)
    if full:
        return _copied(name, described, base)
    told = described.spec.name
    about = _quoted(f"Begun from {told}; say here what differs.")
    head = [
        f"# What differs from {told}; all else is as there. Take the # from a line to change its value,",
        "# and say where the new one comes from, as in {value: 20, source: our measurement} or",
        "# {value: 20, assumed: why}.",
        f"{EXTENDS}: {_quoted(base)}",
        f"name: {name}",
        f"about: {about}",
        "",
    ]
    return "\n".join([*head, *_commented(described), ""])


def files_below(base: str) -> Iterator[Path]:
    """The file of a description that is right, and those of all that it extends or takes cells from.

    Parameters
    ----------
    base
        Its name or path.

    Examples
    --------
    >>> [path.name for path in files_below("hybrid-synapse")]
    ['hybrid-synapse.yaml']
    """
    left = [find_any(base)]
    while left:
        path, file = left.pop()
        yield path
        root = parse_yaml(read_text(path, shown_as=file), [], file=file)
        left += [find_device(named, path) for named in device_names(root)]
        if EXTENDS in root.value:
            left.append(find_base(root.value[EXTENDS].value, path, None))


def _check_name(name: str) -> None:
    problem = ""
    if not _NAME.fullmatch(name):
        allowed = "letters, digits, '-', '_' and '.', a letter or digit first, 100 at most"
        problem = f"a name has {allowed}, not {name!r}"
    elif any(name in shipped_names(folder) for folder in _FOLDERS):
        problem = f"{name!r} is the name of a description that ships; choose another"
    if problem:
        raise DescriptionError([Problem(message=problem)])


def _is_plain(text: str) -> bool:
    return text.isprintable() and not _NEEDS_QUOTES.search(text)


def _quoted(text: str) -> str:
    return text if _is_plain(text) else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _copied(name: str, described: Description[Any], base: str) -> str:
    """The whole text of a description under another name."""
    path, file = find_any(base)
    text = read_text(path, shown_as=file)
    extends = re.search(rf"^{EXTENDS}[ \t]*:", text, re.MULTILINE)
    # Also of a device file, whose path would count from another folder.
    inherits = extends or any(value.file for value in described.values)
    if not inherits and len(_NAME_LINE.findall(text)) == 1:
        return _NAME_LINE.sub(f"name: {name}", text)
    # What it inherits stands in other files: the copy is written anew, with the notes of all values.
    document = {**described.document, "name": name}
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def _commented(described: Description[Any]) -> Iterator[str]:
    """A line for each value that is often changed, as it is, behind a #."""
    section = ""
    for value in described.values:
        if not _is_often_changed(value, described):
            continue
        first = re.split(r"[.\[]", value.path, maxsplit=1)[0]
        if section and first != section:
            yield ""
        section = first
        yield f"# {value.path}: {_valued(value.value)}"


def _is_often_changed(value: Value, described: Description[Any]) -> bool:
    first = re.split(r"[.\[]", value.path, maxsplit=1)[0]
    if isinstance(described.spec, ChipSpec):
        return first in _CHIP
    if isinstance(described.spec, CostSet):
        # One converter shows how each of them is reached.
        return "[" not in value.path or "[bits=8]" in value.path
    return True


def _valued(written: str) -> str:
    """A value in YAML: a list as it is, a text quoted where it holds what means something there."""
    return written if written.startswith("[") else _quoted(written)
