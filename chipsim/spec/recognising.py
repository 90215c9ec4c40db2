"""Which kind of description a file holds, or was meant to hold: told by its keys."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final, TypeAlias

import attrs

from chipsim.spec.chip import ChipSpec
from chipsim.spec.costs import CostSet
from chipsim.spec.device_file import DeviceSpec
from chipsim.spec.groups import LOCAL
from chipsim.spec.nodes import Node
from chipsim.spec.workload import WorkloadSpec

__all__ = ["NAMES", "AnySpec", "kind_of", "meant_as_device", "resembled", "resembles"]

AnySpec: TypeAlias = ChipSpec | WorkloadSpec | CostSet | DeviceSpec
NAMES: Final[dict[type, str]] = {
    ChipSpec: "chip",
    WorkloadSpec: "workload",
    CostSet: "cost set",
    DeviceSpec: "device",
}
"""What messages call each kind."""


_WHOLE: Final = tuple(spec for spec in NAMES if spec is not DeviceSpec)
"""Those of which no other one is a part: a device file is a section of a chip, with a name."""
_OF_DEVICE: Final = frozenset(attrs.fields_dict(DeviceSpec))


def _marks_of(spec: type) -> frozenset[str]:
    """Keys that no other kind of description has, that of a device aside."""
    others = [attrs.fields_dict(other) for other in _WHOLE if other is not spec]
    return frozenset(attrs.fields_dict(spec)).difference(*others)


_MARKS: Final[dict[type, frozenset[str]]] = {spec: _marks_of(spec) for spec in _WHOLE}
_MARK: Final = "|".join(sorted(frozenset[str]().union(*_MARKS.values())))
_REQUIRED: Final[dict[type, frozenset[str]]] = {
    spec: frozenset(field.name for field in attrs.fields(spec) if field.default is attrs.NOTHING)
    for spec in _WHOLE
}
_ALL_OF_DEVICE: Final = frozenset({"name", "about", "device"})
"""Keys of every device file: by one of them alone, files of other trades would be taken for one."""
_ENOUGH: Final = 0.75
"""Share of the keys that a kind of description must have by which one with mistakes is still known."""
_MOSTLY: Final = 0.5
"""Share of the keys that a chip must have by which a file is one, and no device with a few keys too many."""
_TOP_KEY: Final = re.compile(r"^[\"']?(\w+)[\"']?[ \t]*:", re.MULTILINE)
_EXTENDS: Final = re.compile(r"^extends[ \t]*:", re.MULTILINE)
# Behind a brace or a comma too: all of a description may stand in one line.
_MARKED: Final = re.compile(rf"(?:^|[{{,])[ \t\"']*(?:{_MARK})[\"']?\s*:", re.MULTILINE)


def resembles(text: str) -> bool:
    """Whether a text has a key that only descriptions have; quick, for it is searched and not parsed.

    Examples
    --------
    >>> resembles("synapse: {kind: digital}"), resembles("services: [web, database]")
    (True, False)
    """
    return bool(_MARKED.search(text) or _EXTENDS.search(text))


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
    if "extends" in keys:
        # What it lacks is in its base: any key that is no other kind's tells.
        said = {spec: len(marks & keys) for spec, marks in _MARKS.items()}
        most = max(said, key=lambda spec: said[spec])
        return most if said[most] else None
    if _is_of_device(keys) and keys >= _ALL_OF_DEVICE:
        return DeviceSpec
    shares = {spec: _share_of(spec, keys) for spec in _WHOLE}
    likely = max(shares, key=lambda spec: shares[spec])
    return likely if shares[likely] >= _ENOUGH else None


def meant_as_device(root: Node) -> bool:
    """Whether a tree is a device, though it may have some keys of a chip that it should not.

    Parameters
    ----------
    root
        A whole description, as it is written.
    """
    if not isinstance(root.value, dict) or "device" not in root.value:
        return False
    kind = kind_of(root)
    is_chip = _share_of(ChipSpec, root.value) >= _MOSTLY
    return kind is DeviceSpec or (kind is ChipSpec and not is_chip)


def _share_of(spec: type, keys: Collection[str]) -> float:
    """The share of the keys that a kind of description must have which are there."""
    required = _REQUIRED[spec]
    return len(required.intersection(keys)) / len(required)


def _is_of_device(keys: frozenset[str]) -> bool:
    """Whether of all that only descriptions have there is nothing but a device."""
    return "device" in keys and not keys & frozenset().union(*_MARKS.values()) - _OF_DEVICE


def kind_of(root: Node) -> type[AnySpec] | None:
    """The kind of description that a tree has most keys of; None for one without any."""
    if not isinstance(root.value, dict):
        return None
    keys = frozenset(root.value)
    if _is_of_device(keys):
        return DeviceSpec
    score = {spec: len(marks & keys) for spec, marks in _MARKS.items()}
    best = max(score, key=lambda spec: score[spec])
    return best if score[best] else None
