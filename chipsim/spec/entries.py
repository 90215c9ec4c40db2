"""What tells the entries of a description's lists apart, and which of them an override means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from chipsim.errors import did_you_mean
from chipsim.spec.nodes import Node, shown
from chipsim.spec.paths import ALL, Chosen, Key, Step, path_text

__all__ = ["labels", "meant", "tells_apart"]

_KEYS: Final[dict[tuple[Key, ...], str]] = {
    ("adc",): "bits",
    ("dac",): "bits",
    ("device", "high"): "level",
    ("phases",): "name",
    ("interconnect", "links"): "ends",
    ("synapse", "levels"): "weight",
}
"""Lists of descriptions, and what their entries are known by."""
_NUMBERED: Final = frozenset({"bits", "level", "weight"})
"""What is a number, so that nobody can tell it from a position."""
_UNNAMED: Final = {"name": "train"}
"""What entries are called that do not say it."""
_MOST_TOLD: Final = 12
"""Entries that a message lists."""


def labels(items: Sequence[Node], path: tuple[Key | Step, ...]) -> list[str]:
    """What stands in brackets for each entry of a list; empty where nothing tells it from the others.

    Parameters
    ----------
    items
        The entries.
    path
        Where in its description the list stands.

    Examples
    --------
    >>> from chipsim.spec.nodes import from_plain
    >>> labels(from_plain([{"bits": 4}, {"bits": 8}]).value, ("adc",))
    ['bits=4', 'bits=8']
    """
    key = _key(path)
    known = [_identity(item, index, key) for index, item in enumerate(items)]
    counts = Counter(known)
    return [_label(key, text) if _is_clear(text) and counts[text] == 1 else "" for text in known]


def tells_apart(path: tuple[Key | Step, ...]) -> bool:
    """Whether a path leads to what an entry of a list is known by.

    Examples
    --------
    >>> tells_apart(("adc", "0", "bits")), tells_apart(("adc", "0", "energy")), tells_apart(("tile", "bits"))
    (True, False, False)
    """
    return len(path) > 2 and path[-1] == _key(path[:-2])


def _is_clear(text: str) -> bool:
    """Whether a text can stand in brackets."""
    # A bracket inside would end the step of the path in its middle.
    return bool(text) and not set(text) & set("[]")


def _label(key: str, text: str) -> str:
    return text if key == "ends" else f"{key}={text}"


def _identity(item: Node, index: int, key: str) -> str:
    """What an entry is known by, as text; empty for one that does not say it."""
    if key == "level":
        # A cell's low level is level 0, so the first of the high ones is level 1.
        return str(index + 1)
    inside = _inside(item).value
    if key == "ends" and isinstance(inside, list):
        return "-".join(_text(end) for end in inside)
    if not isinstance(inside, dict):
        return ""
    return _text(inside[key]) if key in inside else _UNNAMED.get(key, "")


def _inside(node: Node) -> Node:
    """A node without the mapping that says where it comes from."""
    while isinstance(node.value, dict) and "value" in node.value:
        node = node.value["value"]
    return node


def _text(node: Node) -> str:
    """A single value as it is written, or nothing for a mapping or list."""
    value = _inside(node).value
    if isinstance(value, str):
        return " ".join(value.split())
    return "" if isinstance(value, dict | list) else shown(value)


def meant(
    items: Sequence[Node],
    step: Step,
    *,
    before: tuple[Step, ...],
    after: Sequence[Step],
    prefix: str = "",
) -> list[int]:
    """The indices of the entries that a step of an override's path chooses; never none.

    Parameters
    ----------
    items
        The entries of the list.
    step
        A position, or what stands in brackets.
    before
        The steps to the list.
    after
        The steps after this one, for messages.
    prefix
        What stood before the path, such as ``costs.``, for messages.

    Raises
    ------
    ValueError
        When there is no such entry, or a position could be mistaken for something else.
    """
    known = labels(items, before)
    if isinstance(step, Chosen) and not step.key and step.value.isdecimal():
        step = step.value  # [3] is a position as much as .3 is
    if not isinstance(step, Chosen):
        if step.isdecimal():
            return [_position(items, step, before=before, after=after, prefix=prefix)]
        fitting = [text for text in known if text.endswith(f"={step}")]
        hint = _hint(fitting, before, after, prefix)
        raise ValueError(f"leads nowhere: {step!r} is no entry of a list that has {_told(known)}{hint}")
    if step == Chosen("", ALL):
        chosen = [*range(len(items))]
    else:
        chosen = [index for index, item in enumerate(items) if _fits(item, known[index], step)]
    if not chosen:
        near = did_you_mean(str(step), [f"[{text}]" for text in known if text])
        raise ValueError(f"leads nowhere: no entry is {step} in a list that has {_told(known)}{near}")
    return chosen


def _fits(item: Node, label: str, step: Chosen) -> bool:
    """Whether an entry is the one in brackets: by its label, or by any other of its keys."""
    # Blanks mean nothing between the words of a YAML text, so they tell no entries apart.
    value = " ".join(step.value.split())
    if label and not step.key:
        return value in (label, label.partition("=")[2])
    if label and label == f"{step.key}={value}":
        return True
    inside = _inside(item).value
    if not isinstance(inside, dict) or step.key not in inside:
        return False
    return _text(inside[step.key]) == value


def _position(
    items: Sequence[Node], step: str, *, before: tuple[Step, ...], after: Sequence[Step], prefix: str
) -> int:
    index, key, known = int(step), _key(before), labels(items, before)
    if key == "weight":
        # One level alone could not be set in any case: they have to stay symmetric around zero.
        weights = ", ".join(map(_text, items))
        whole = f"{prefix}{path_text(before)}=[{weights}]"
        raise ValueError(f"{step!r} may be a position or a weight; give the whole list, such as {whole}")
    here = known[index] if index < len(items) else ""
    labelled = (f"{key}={step}", f"name={step}")
    named = next((text for text in known if text in labelled), "")
    # Either meaning leads to a value, so that nothing would show which was taken.
    if (key in _NUMBERED and (named or here)) or named not in ("", here):
        forms = [_form(named, before, after, prefix)] if named else []
        if here and here != named:
            forms.append(f"{_form(here, before, after, prefix)} (the entry at position {index})")
        raise ValueError(f"{step!r} may be a position or the {key}; did you mean {' or '.join(forms)}?")
    if not items:
        raise ValueError(f"leads nowhere: {step!r} is no position in an empty list")
    if index >= len(items):
        raise ValueError(f"leads nowhere: {step!r} is no position in a list that has 0 to {len(items) - 1}")
    return index


def _key(path: tuple[Key | Step, ...]) -> str:
    """What the entries of a list are known by; empty where that is their position."""
    # A group of tiles has the sections that a chip without groups has itself.
    inside = path[2:] if path[:1] == ("groups",) else path
    return next((key for known, key in _KEYS.items() if known == inside), "")


def _form(label: str, before: tuple[Step, ...], after: Sequence[Step], prefix: str) -> str:
    """The path that means the entry of a label."""
    return prefix + path_text((*before, Chosen("", label), *after))


def _hint(fitting: Sequence[str], before: tuple[Step, ...], after: Sequence[Step], prefix: str) -> str:
    forms = [_form(label, before, after, prefix) for label in fitting]
    return f"; did you mean {' or '.join(forms)}?" if forms else ""


def _told(known: Sequence[str]) -> str:
    """The entries that there are, in brackets."""
    if not known:
        return "none"
    shown_known = known[:_MOST_TOLD]
    told = ", ".join(f"[{text}]" if text else str(index) for index, text in enumerate(shown_known))
    more = len(known) - _MOST_TOLD
    return f"{told} and {more} more" if more > 0 else told
