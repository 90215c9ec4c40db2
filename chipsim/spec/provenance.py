"""Where each number of a description comes from: a source, an assumption with its reason, or ``--set``."""

from __future__ import annotations

from typing import Any, Final

import attrs

from chipsim.errors import Problem, did_you_mean
from chipsim.spec.entries import labels
from chipsim.spec.nodes import Node, shown
from chipsim.spec.paths import Entry, Key, path_text
from chipsim.spec.ranges import (
    BETWEEN,
    Range,
    is_note,
    is_nothing,
    range_problems,
    read_range,
    takes_range,
    with_ends,
)

__all__ = ["CLAIMS", "LABELS", "SETTING", "WRITTEN_IN", "Value", "as_written", "take_out"]

CLAIMS: Final = ("source", "assumed", "set", "changed")
"""Keys that say where a value comes from. ``set`` and ``changed`` are written by chipsim when it saves what
was run: a value that was set, and one that differs from that of the extended description without a note."""
WRITTEN_IN: Final = "written_in"
"""Stands beside a value that was inherited, and names the file; written by chipsim, too."""

SETTING: Final = "--set "
"""What the note of a value that was set begins with; the override itself comes after it."""

LABELS: Final = frozenset(
    {"name", "about", "paper", "node", "kind", "costs", "arithmetic", "links", "task", "evaluate"}
)
"""Keys of what names or explains something, which needs no source."""


@attrs.frozen(kw_only=True)
class Value:
    """One number of the descriptions, and where it comes from."""

    path: str
    """Such as ``device.states`` or ``adc[bits=8].energy``; ``--set`` takes it as it stands."""
    value: str
    """As written."""
    kind: str
    """``source``, ``assumed``, ``set`` (on the command line), ``none``, or ``changed``: its note was
    written for another value, or stands in the extended description, beside another value."""
    text: str
    """The source, or the reason for assuming."""
    file: str = ""
    """The extended description that it was inherited from; empty for one of the description's own."""
    low: str = ""
    """The lowest that an assumed value may be, as a description would have it; empty without a range."""
    high: str = ""
    """The highest."""
    between: str = ""
    """Where the ends come from, or why there are none; empty where nothing is said of a range."""


@attrs.frozen
class _Claim:
    kind: str = "none"
    text: str = ""
    file: str = ""
    span: Range | None = None
    """How far an assumed value may be off."""
    at: Node | None = None
    """Where that is written."""
    beside: bool = False
    """Whether it stands beside a single value, and not above several."""


def take_out(node: Node) -> tuple[Node, tuple[Value, ...], list[Problem]]:
    """A tree without its provenance, every value with its provenance, and what is wrong with it.

    A value may be written ``{value: 50, source: ...}`` or ``{value: 50, assumed: ..., between: ...}``; a
    mapping with a ``source`` or ``assumed`` of its own passes it on to all below it that have none.

    Parameters
    ----------
    node
        A whole description.
    """
    walk = _Walk()
    stripped = walk.node(node, (), cover=_Claim())
    return stripped, tuple(walk.values), walk.problems


class _Walk:
    """One pass over a tree; keeps the values and the problems that it meets."""

    def __init__(self) -> None:
        self.values: list[Value] = []
        self.problems: list[Problem] = []

    def node(self, node: Node, path: tuple[Key, ...], *, cover: _Claim) -> Node:
        """The node without provenance; `cover` is the claim that holds unless a closer one is made."""
        here = attrs.evolve(node, path=path)
        if cover.kind == "set" and not node.given:
            # Of a description that was saved: what was set then counts as set when it is read again.
            here = attrs.evolve(here, given=cover.text.removeprefix(SETTING))
        if isinstance(node.value, dict):
            return self._mapping(here, cover)
        if isinstance(node.value, list):
            return self._list(here, cover)
        return self._leaf(here, cover)

    def _list(self, here: Node, cover: _Claim) -> Node:
        if any(isinstance(item.value, dict | list) for item in here.value):
            known = enumerate(labels(here.value, here.path))
            steps = [Entry(index, label) if label else index for index, label in known]
            places = [(*here.path, step) for step in steps]
            pairs = zip(here.value, places, strict=True)
            items = [self.node(item, place, cover=cover) for item, place in pairs]
        else:
            # A list of single values is one value: its items have no provenance of their own.
            self._leaf(here, cover)
            numbered = enumerate(here.value)
            items = [attrs.evolve(item, path=(*here.path, index)) for index, item in numbered]
        return attrs.evolve(here, value=items)

    def _mapping(self, here: Node, cover: _Claim) -> Node:
        claim = self._claim(here) or cover
        notes = (*CLAIMS, BETWEEN) if is_note(here.value) else CLAIMS
        rest = {key: child for key, child in here.value.items() if key not in notes}
        if "value" in rest:
            inside = rest["value"]
            if WRITTEN_IN in rest:
                file = str(rest.pop(WRITTEN_IN).value)
                claim = attrs.evolve(claim, file=file)
                # Of a description that was saved: messages name the file that the value was read from then.
                inside = inside if inside.file == file else attrs.evolve(inside, file=file, line=0)
            self._beside_value(here, rest, inherited=bool(claim.file))
            return self.node(inside, here.path, cover=claim)
        children = {}
        for key, child in rest.items():
            children[key] = self.node(child, (*here.path, key), cover=claim)
        return attrs.evolve(here, value=children)

    def _beside_value(self, here: Node, rest: dict[str, Node], *, inherited: bool) -> None:
        extra = [key for key in rest if key != "value"]
        for key in extra:
            place = attrs.evolve(rest[key], path=(*here.path, key))
            known = (*CLAIMS[:2], BETWEEN)
            # A range is called one everywhere but here, where that is a key of converters.
            hint = f"; did you mean '{BETWEEN}'?" if key == "range" else did_you_mean(key, known)
            self.problems.append(
                place.problem(f"unknown key {key!r} beside 'value'; known: {', '.join(known)}{hint}")
            )
        noted = inherited or any(key in here.value for key in CLAIMS)
        if not extra and not noted:
            self.problems.append(here.problem("needs a 'source' or an 'assumed' beside its 'value'"))

    def _claim(self, here: Node) -> _Claim | None:
        made = [(kind, here.value[kind]) for kind in CLAIMS if kind in here.value]
        at = self._range_of(here)
        if not made:
            return None
        if len(made) > 1:
            kinds = " and ".join(f"'{kind}'" for kind, _ in made)
            self.problems.append(here.problem(f"has {kinds} at once; a value has one or the other"))
        for kind, node in made:
            self._check_text(kind, attrs.evolve(node, path=(*here.path, kind)))
        kind, node = made[0]
        inside = here.value.get("value")
        beside = inside is not None and not _is_table(inside)
        span = read_range(at, self.problems, covers=not beside) if at is not None else None
        # YAML folds a long note over several lines, and where it is folded means nothing.
        text = " ".join(str(node.value).split())
        return _Claim(kind, text, span=span, at=at, beside=beside)

    def _range_of(self, here: Node) -> Node | None:
        """The range in a mapping with its path; None where there is none, or none may be."""
        if not is_note(here.value):
            return None
        at: Node = attrs.evolve(here.value[BETWEEN], path=(*here.path, BETWEEN))
        if "assumed" in here.value:
            return at
        if "source" in here.value:
            self.problems.append(at.problem("goes with 'assumed' only; what has a source is not assumed"))
        return None

    def _check_text(self, kind: str, node: Node) -> None:
        wanted = {"source": "say where the value comes from", "assumed": "give the reason for assuming it"}
        advice = wanted.get(kind, "say what set it")
        if not isinstance(node.value, str) and node.value is not None:
            message = f"must be text, not {shown(node)}; {advice}"
            self.problems.append(node.problem(message))
        elif not (node.value or "").strip():
            self.problems.append(node.problem(f"is empty; {advice}"))

    def _leaf(self, here: Node, claim: _Claim) -> Node:
        """The value with the ends of its range."""
        ranged = self._ranged(here, claim)
        names = [key for key in here.path if isinstance(key, str)]
        # A label that was set is told: it is one more way in which this run differs from the file.
        if names and names[-1] in LABELS and claim.kind != "set":
            return ranged
        path, text = path_text(here.path), as_written(here.plain())
        low, high = [as_written(end.value) for end in ranged.ends] or ["", ""]
        no_range = claim.span is not None and not claim.span.ends
        between = claim.span.why if claim.span is not None and (ranged.ends or no_range) else ""
        self.values.append(
            Value(
                path=path,
                value=text,
                kind=claim.kind,
                text=claim.text,
                file=claim.file,
                low=low,
                high=high,
                between=between,
            )
        )
        return ranged

    def _ranged(self, here: Node, claim: _Claim) -> Node:
        """A value with both ends of the range that its claim gives it."""
        if claim.span is None or claim.at is None or not claim.span.ends:
            return here
        if claim.beside:
            wrong = range_problems(here, claim.span, claim.at)
            self.problems += wrong
            if wrong:
                return here
        # Of what a section covers, words and nothings have no range that a factor could give.
        if not takes_range(here) or (not claim.beside and is_nothing(here.value)):
            return here
        return with_ends(here, claim.span, claim.at)


def _is_table(node: Node) -> bool:
    """Whether a node is several values: a mapping, or a list of more than single values."""
    items = node.value if isinstance(node.value, list) else [node]
    return any(isinstance(item.value, dict | list) for item in items)


def as_written(value: Any) -> str:
    """A value as text, the way a description would have it.

    Parameters
    ----------
    value
        Plain data.

    Examples
    --------
    >>> as_written([784, 10]), as_written("10 ns"), as_written(None)
    ('[784, 10]', '10 ns', 'null')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return f"[{', '.join(as_written(item) for item in value)}]"
    return shown(value)
