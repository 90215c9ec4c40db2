"""``device: reram-array-om``: sections of a chip that name a file of their own, and what may stand in one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import attrs

from chipsim.errors import DescriptionError, Problem, did_you_mean
from chipsim.limits import EXTENDED
from chipsim.spec.chip import ChipSpec
from chipsim.spec.device_file import DeviceSpec
from chipsim.spec.finding import Folder, find, find_any, find_base, find_shipped, is_path, read_text
from chipsim.spec.nodes import Node, parse_yaml, shown
from chipsim.spec.paths import Step, steps_in
from chipsim.spec.recognising import NAMES, AnySpec, kind_of, meant_as_device

__all__ = [
    "Named",
    "device_names",
    "find_device",
    "is_device",
    "kind_in",
    "named_in",
    "names_device",
    "of_device_file",
    "refuse_others",
    "with_each_device",
]

_DEVICES: Final[Folder] = "devices"
_DEVICE: Final = "device"
_EXTENDS: Final = "extends"
_KEYS: Final = tuple(attrs.fields_dict(DeviceSpec))


@attrs.frozen(kw_only=True)
class Named:
    """A section that takes what a device file says, and changes some of it."""

    place: Node
    """The name or path, where it stands."""
    changes: Node
    """What differs from the file: a section, which may be empty."""
    note: Node | None
    """What set it, where that was an override."""


def named_in(section: Node) -> Named | None:
    """The device file that a section names; None for a section that says all itself.

    Parameters
    ----------
    section
        What stands under ``device``, provenance included.

    Raises
    ------
    DescriptionError
        When there is a note beside the name.
    """
    inner, note = section, None
    if isinstance(section.value, dict) and "value" in section.value:
        inner, note = section.value["value"], section.value.get("set")
    nothing = attrs.evolve(inner, value={})
    if isinstance(inner.value, str):
        if inner is not section and note is None:
            message = "names a device file, each value of which has a note of its own; leave this one out"
            raise section.error(message)
        return Named(place=inner, changes=nothing, note=note)
    if not isinstance(inner.value, dict) or _EXTENDS not in inner.value:
        return None
    place = inner.value[_EXTENDS]
    if isinstance(place.value, dict):
        # Set by itself, above a section that is whole already: nobody could say what is changed of which.
        inside: Node = place.value.get("value") or place
        raise inside.error("cannot be set alone; set the whole section, such as device=reram-array-om")
    own = {key: child for key, child in inner.value.items() if key != _EXTENDS}
    changes = attrs.evolve(inner, value=own)
    if note is not None:
        changes = attrs.evolve(section, value={"value": changes, "set": note})
    return Named(place=place, changes=changes if own else nothing, note=note)


def names_device(path: str) -> bool:
    """Whether a path leads to a whole section for cells, which may name a device file.

    Examples
    --------
    >>> names_device("chip.device"), names_device("groups.frozen.device"), names_device("device.states")
    (True, True, False)
    """
    try:
        return _is_section(tuple(steps_in(path.removeprefix("chip."))))
    except ValueError:
        return False


def _is_section(steps: tuple[Step, ...]) -> bool:
    of_group = len(steps) == 3 and steps[0] == "groups" and steps[2] == _DEVICE
    return steps == (_DEVICE,) or of_group


def with_each_device(root: Node, change: Callable[[Node], Node]) -> Node:
    """A chip with every section for cells changed: its own, and those of groups of tiles.

    Parameters
    ----------
    root
        A whole description, as it is written: keys may be paths.
    change
        Gives what stands in the place of a section.
    """
    return _walked(root, (), change)


def device_names(root: Node) -> list[str]:
    """The names and paths of device files in a chip that is right, as it is written."""
    found: list[str] = []

    def noted(section: Node) -> Node:
        named = named_in(section)
        if named is not None:
            found.append(str(named.place.value))
        return section

    with_each_device(root, noted)
    return found


def _walked(node: Node, steps: tuple[Step, ...], change: Callable[[Node], Node]) -> Node:
    if _is_section(steps):
        return change(node)
    if not isinstance(node.value, dict) or len(steps) > 2 or (steps and steps[0] != "groups"):
        return node
    if "value" in node.value and "set" in node.value:
        # All groups may have been set at once.
        inside = _walked(node.value["value"], steps, change)
        return attrs.evolve(node, value={**node.value, "value": inside})
    children = {}
    for key, child in node.value.items():
        try:
            led = (*steps, *steps_in(key))
        except ValueError:
            # Told where paths are followed.
            children[key] = child
        else:
            children[key] = _walked(child, led, change)
    return attrs.evolve(node, value=children)


def find_device(name: str | Path, beside: Path) -> tuple[Path, str]:
    """The file of a device, and what to call it in messages.

    Parameters
    ----------
    name
        A path, which counts from the folder of the file that has it; or a name, which is looked up in that
        folder, then in the user's, then among those that ship.
    beside
        The file that names it.

    Raises
    ------
    DescriptionError
        When there is none, or two files of the user's have that name.

    Examples
    --------
    >>> find_device("reram-array-om", Path())[1]
    'architectures/devices/reram-array-om.yaml'
    """
    if is_path(name):
        near = beside.parent / name
        # A control character in a name would command the terminal that a message is printed on.
        written = near.as_posix()
        return near, written if written.isprintable() else ascii(written)
    shipped, file = find_shipped(str(name), _DEVICES)
    own = [path for path in _near(str(name), beside, shipped) if kind_in(path) in (DeviceSpec, None)]
    if len(own) > 1:
        told = " and ".join(path.as_posix() for path in own)
        message = f"there are two devices {str(name)!r}, {told}; write the path of one of them"
        raise DescriptionError([Problem(message=message)])
    if own:
        return own[0], own[0].as_posix()
    if name and _is_file(shipped):
        return shipped, file
    return find(name, _DEVICES)


def _near(name: str, beside: Path, shipped: Path) -> Iterator[Path]:
    """Files of the user's that have a name, each once."""
    seen = {shipped.resolve(), beside.resolve()}
    for folder in (beside.parent, Path(), Path("architectures", "devices")):
        path = folder / f"{name}.yaml"
        if _is_file(path) and path.resolve() not in seen:
            seen.add(path.resolve())
            yield path


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    # Systems refuse to look up a name that is too long, and Python one with a zero byte.
    except (OSError, ValueError):
        return False


def is_device(name_or_path: str) -> bool:
    """Whether a name or path is that of a device, and of no other description.

    Examples
    --------
    >>> is_device("reram-array-om"), is_device("hybrid-synapse"), is_device("no-such")
    (True, False, False)
    """
    try:
        path, _ = find_any(name_or_path)
    except DescriptionError:
        return False
    return kind_in(path) is DeviceSpec


def kind_in(path: Path, *, left: int = EXTENDED) -> type[AnySpec] | None:
    """What a file describes, itself or by what it extends; None where that is not clear.

    Parameters
    ----------
    path
        The file.
    left
        How many more files are looked into.
    """
    try:
        root = parse_yaml(read_text(path, shown_as=path.name), [])
        if isinstance(root.value, dict) and _EXTENDS in root.value and left:
            base, _ = find_base(str(root.value[_EXTENDS].value), path)
            return kind_in(base, left=left - 1)
    except DescriptionError:
        # What is wrong with it is told where it is read.
        return None
    return kind_of(root)


def refuse_others(base: Node, place: Node) -> None:
    """Refuse a file that describes something else than a device.

    Parameters
    ----------
    base
        What stands in the file, whole.
    place
        Where it is named.

    Raises
    ------
    DescriptionError
        When it does.
    """
    kind = kind_of(base)
    if meant_as_device(base):
        return
    if kind in (None, DeviceSpec):
        raise place.error(f"{place.value} is no device: it has no section {_DEVICE!r}")
    raise place.error(f"{place.value} is a {NAMES[kind]}, not a device")


def of_device_file(base: Node) -> Iterator[Problem]:
    """Keys that a device file has too many, or lacks; what is wrong inside its section is told elsewhere."""
    known = f"a device file has {', '.join(_KEYS)}"
    for key, child in base.value.items():
        if key in _KEYS:
            continue
        is_chips = key in attrs.fields_dict(ChipSpec)
        hint = f"; {key!r} belongs to a chip" if is_chips else did_you_mean(key, _KEYS)
        yield attrs.evolve(child, path=(key,)).problem(f"unknown key {key!r}; {known}{hint}")
    for key in ("name", "about"):
        if key not in base.value:
            yield base.problem(f"missing key {key!r}; {known}")
    section = base.value[_DEVICE]
    if not isinstance(section.value, dict) and not section.wrong:
        yield section.problem(f"must be a mapping with a 'kind', not {shown(section)}")
