"""From a tree of nodes to frozen spec classes: strict types, units, tagged unions, all problems at once."""

from __future__ import annotations

import functools
import math
import re
import types
import typing
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin

import attrs
import cattrs

from chipsim.errors import DescriptionError, Problem, did_you_mean
from chipsim.spec.chip import ChipSpec
from chipsim.spec.device_file import DeviceSpec
from chipsim.spec.filling import with_groups
from chipsim.spec.groups import LOCAL, TileGroup, made_on_the_way
from chipsim.spec.kind import Kind
from chipsim.spec.kinds import PARTS, shipped_kind, shipped_kinds
from chipsim.spec.nodes import Node, shown
from chipsim.spec.outside import KindError, is_place, load_kind, offered_kinds
from chipsim.spec.paths import path_text
from chipsim.spec.provenance import CLAIMS
from chipsim.spec.ranges import BETWEEN
from chipsim.units import DIMENSIONS, UnitError

__all__ = ["structure"]

T = TypeVar("T")
Hook = Callable[[Node, Any], Any]

_LARGEST: Final = 2**63 - 1
_UNIT: Final = re.compile(r"\s*[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?\s*(?:%|[A-Za-z\u00b5\u03bc]+2?)\s*")
"""A number with a percent sign or a unit behind it."""


def structure(node: Node, spec: type[T]) -> T:
    """One spec from a tree without provenance.

    Parameters
    ----------
    node
        The tree; every node knows its path.
    spec
        An attrs class.

    Raises
    ------
    DescriptionError
        With every problem found, in the order of the tree.
    """
    return _CONVERTER.structure(with_groups(node) if spec is ChipSpec else node, spec)


def _whole(node: Node, _: Any) -> int:
    value = node.value
    if isinstance(value, float) and value.is_integer():  # 1e6 is as whole as 1000000
        value = int(value)
    # To Python true is a whole number.
    if isinstance(value, bool) or not isinstance(value, int):
        raise node.error(f"must be a whole number{_without_unit(node)}, not {shown(node)}")
    if abs(value) > _LARGEST:
        raise node.error(f"must be between -{_LARGEST} and {_LARGEST}, not {shown(node)}")
    return value


def _real(node: Node, _: Any) -> float:
    if isinstance(node.value, bool) or not isinstance(node.value, int | float):
        raise node.error(f"must be a number{_without_unit(node)}, not {shown(node)}")
    if isinstance(node.value, int) and abs(node.value) > _LARGEST:
        raise node.error(f"must be between -{_LARGEST} and {_LARGEST}, not {shown(node)}")
    if not math.isfinite(node.value):
        raise node.error(f"must be a finite number, not {node.value}")
    return float(node.value)


def _without_unit(node: Node) -> str:
    """Words for a number that was given a unit or a percent sign where it has none."""
    has_unit = isinstance(node.value, str) and _UNIT.fullmatch(node.value)
    return " without a unit" if has_unit else ""


def _truth(node: Node, _: Any) -> bool:
    if not isinstance(node.value, bool):
        raise node.error(f"must be true or false, not {shown(node)}")
    return node.value


def _text(node: Node, _: Any) -> str:
    if not isinstance(node.value, str):
        raise node.error(f"must be text, not {shown(node)}")
    if not node.value.strip():
        raise node.error("must not be empty")
    return node.value


def _quantity(node: Node, kind: Any) -> int | float:
    dimension = DIMENSIONS[kind]
    given = node.value
    if isinstance(given, dict | list | bool) or given is None:
        raise node.error(f"must be a {dimension.name}, not {shown(node)}")
    if dimension.bare is not None and not isinstance(given, str):
        # Percentages may be written as numbers; which of them, the dimension says.
        given = str(_real(node, kind))
    try:
        return dimension.read(given)
    except UnitError as error:
        raise node.error(str(error)) from None


def _choice(node: Node, kind: Any) -> Any:
    allowed = get_args(kind)
    if node.value not in allowed or isinstance(node.value, bool):
        words = [str(word) for word in allowed]
        known = f"{', '.join(words)}{did_you_mean(str(node.value), words)}"
        raise node.error(f"unknown value {shown(node)}; known: {known}")
    return node.value


def _union(node: Node, kind: Any) -> Any:
    """Something or null; or a number or one of a few words."""
    options = get_args(kind)
    if node.value is None and type(None) in options:
        return None
    literals = [option for option in options if get_origin(option) is Literal]
    words = tuple(word for literal in literals for word in get_args(literal))
    if isinstance(node.value, str) and node.value in words:
        return node.value
    rest = [option for option in options if option is not type(None) and option not in literals]
    only_lists = all(get_origin(option) is tuple for option in rest)
    if words and only_lists and not isinstance(node.value, list):
        lists = ", or a list" if rest else ""
        known = f"{', '.join(words)}{lists}{did_you_mean(str(node.value), words)}"
        raise node.error(f"unknown value {shown(node)}; known: {known}")
    chosen = _by_content(node, rest)
    try:
        return _CONVERTER.structure(node, chosen)
    except DescriptionError as error:
        if not words or isinstance(node.value, dict | list):
            raise
        # The check of the number does not know that a word would have done as well.
        allowed = "".join(f" or {word!r}" for word in words)
        told = []
        for bad in error.problems:
            message = bad.message.replace(", not", f"{allowed}, not")
            told.append(attrs.evolve(bad, message=message))
        raise DescriptionError(told) from None


def _by_content(node: Node, options: Sequence[Any]) -> Any:
    """The one option that a mapping, a list, or anything else may be."""
    mapped = [option for option in options if get_origin(option) is dict or _is_kind(option)]
    listed = [option for option in options if get_origin(option) is tuple]
    for content, fitting in ((dict, mapped), (list, listed)):
        if fitting and isinstance(node.value, content):
            first = fitting[0]
            return _kind_of(node, first.section) if _is_kind(first) else first
    single = [option for option in options if option not in mapped + listed]
    # Where nothing but a list or a mapping will do, it says so itself.
    if not single and _is_kind(options[0]):
        return _kind_of(node, options[0].section)
    return single[0] if single else options[0]


def _is_kind(option: Any) -> bool:
    """Whether it stands for any kind of a section."""
    return isinstance(option, type) and issubclass(option, Kind)


def _several(node: Node, kind: Any) -> tuple[Any, ...]:
    if not isinstance(node.value, list):
        raise node.error(f"must be a list, not {shown(node)}")
    options = get_args(kind)
    if options[-1] is Ellipsis:
        return tuple(_each((item, options[0]) for item in node.value))
    if len(node.value) != len(options):
        raise node.error(f"must have {len(options)} items, not {len(node.value)}")
    return tuple(_each(zip(node.value, options, strict=True)))


def _by_name(node: Node, kind: Any) -> dict[str, Any]:
    if not isinstance(node.value, dict):
        raise node.error(f"must be a mapping, not {shown(node)}")
    option = get_args(kind)[1]
    values = _each((item, option) for item in node.value.values())
    return dict(zip(node.value, values, strict=True))


def _each(items: Iterable[tuple[Node, Any]]) -> list[Any]:
    results, problems = [], list[Problem]()
    for node, kind in items:
        try:
            value = _CONVERTER.structure(node, kind)
            if node.ends:
                _check_range(node, value, _each((end, kind) for end in node.ends))
            results.append(value)
        except DescriptionError as error:
            problems.extend(error.problems)
    if problems:
        raise DescriptionError(problems)
    return results


# They are evaluated from text, which for every section of every run takes as long as all else here.
_hints = functools.lru_cache(maxsize=256)(typing.get_type_hints)


def _described(node: Node, spec: Any) -> Any:
    """An attrs class from a mapping: unknown and missing keys, each field, each field's own check."""
    if not isinstance(node.value, dict):
        raise node.error(f"must be a mapping with the keys {_known(spec)}, not {shown(node)}")
    given = dict(node.value)
    if hasattr(spec, "kind") and "kind" not in attrs.fields_dict(spec):
        given.pop("kind", None)
    problems = [*_of_changed_kind(node, spec, given), *_wrong_keys(node, spec, given)]
    hints = _hints(spec)
    fields: dict[str, Any] = {}
    for field in attrs.fields(spec):
        if field.name not in given:
            continue
        try:
            own = given[field.name]
            fields[field.name] = _field(own, field, hint=hints[field.name], spec=spec)
        except DescriptionError as error:
            problems.extend(error.problems)
    if problems:
        raise DescriptionError(problems)
    return spec(**fields)


def _field(node: Node, field: Any, *, hint: Any, spec: Any) -> Any:
    tagged = spec in (ChipSpec, TileGroup, DeviceSpec) and field.name in PARTS
    if tagged and not (node.value is None and type(None) in get_args(hint)):
        value = _CONVERTER.structure(node, _kind_of(node, field.name))
    else:
        _within_limits(node, field, hint=hint)
        value = _CONVERTER.structure(node, hint)
    _check(node, field, value)
    if node.ends:
        ends = _each((end, hint) for end in node.ends)
        for end, found in zip(node.ends, ends, strict=True):
            _check(end, field, found)
        _check_range(node, value, ends)
    return value


def _check_range(node: Node, value: Any, ends: Sequence[Any]) -> None:
    """Refuse the range of a value that is not in it, or a range that holds nothing else."""
    low, high = ends
    if low <= value <= high and low < high:
        return
    low_text, high_text = (shown(end) for end in node.ends)
    factors = "; any factor of 0 is 0" if not value and not high else ""
    raise node.ends[0].error(
        f"{low_text} to {high_text} must go from low to high, with the value, {shown(node)}, in it{factors}"
    )


def _check(node: Node, field: Any, value: Any) -> None:
    """A field's own check of a value that stands in a node."""
    if field.validator is None:
        return
    try:
        field.validator(None, field, value)
    except ValueError as error:
        is_quantity = isinstance(node.value, str) and not isinstance(value, str)
        written = f"; written as {node.value!r}" if is_quantity else ""
        # Of a list, the entry that is wrong.
        place = node.at(*getattr(error, "at", ()))
        raise place.error(f"{error}{written}") from None


def _within_limits(node: Node, field: Any, *, hint: Any) -> None:
    """Refuse a number beyond 64 bits with what its field allows, where that is less than 64 bits."""
    given = node.value
    is_number = isinstance(given, int | float) and -math.inf < given < math.inf
    if field.validator is None or not is_number or abs(given) <= _LARGEST:
        return
    options = get_args(hint) if _is_union(hint) else (hint,)
    if not {int, float}.intersection(options):
        return
    try:
        field.validator(None, field, _LARGEST if given > 0 else -_LARGEST)
    except ValueError as error:
        allowed = str(error).rpartition(", not ")[0]
        raise node.error(f"{allowed}, not {shown(node)}") from None


def _kind_of(node: Node, section: str) -> type[Any]:
    shipped, offered = shipped_kinds(section), offered_kinds(section)
    words = tuple(dict.fromkeys((*shipped, *sorted(offered))))
    known = f"known: {', '.join(words)}"
    if node.wrong:
        raise DescriptionError(node.wrong)
    if not isinstance(node.value, dict):
        raise node.error(f"must be a mapping with a 'kind' ({known}), not {shown(node)}")
    if "kind" not in node.value:
        if made_on_the_way(node):
            message = (
                f"there is no {path_text(node.path)} here; leave this out, or give all of it with a kind"
            )
            raise node.error(f"{message}; {known}")
        raise node.error(f"missing key 'kind'; {known}")
    tag = node.value["kind"]
    is_named = isinstance(tag.value, str) and (tag.value in words or is_place(tag.value))
    if not is_named:
        hint = did_you_mean(str(tag.value), words)
        raise tag.error(f"unknown kind {shown(tag)}; {known}{hint}")
    # Before those of other packages: none may take the place of a kind that ships.
    if tag.value in shipped:
        return shipped_kind(section, tag.value)
    try:
        return load_kind(section, offered.get(tag.value, tag.value))
    except KindError as error:
        raise tag.error(str(error)) from None


def _of_changed_kind(node: Node, spec: Any, given: dict[str, Node]) -> list[Problem]:
    """Keys of the kind that the file has, where an override has changed it; taken out of those given."""
    kind = node.value.get("kind")
    if kind is None or not kind.given:
        return []
    fields = attrs.fields_dict(spec)
    # One that was set by the name of a device file stands in that file, as do the keys beside it.
    left = [key for key, child in given.items() if key not in fields and not child.given]
    left = [key for key in left if not kind.file or given[key].file != kind.file]
    for key in left:
        del given[key]
    if not left:
        return []
    section, own = ".".join(map(str, node.path)), _known(spec)
    whole = f"{section}={{kind: {kind.value}{', ...' if own else ''}}}"
    keys = f"the keys {own}" if own else "no keys"
    belongs = "belongs" if len(left) == 1 else "belong"
    now = f"{section} is {kind.value} now, which has {keys}"
    others = f"{', '.join(left)} in the file {belongs} to another kind"
    return [kind.problem(f"{now}; {others}; give the whole section, such as --set '{whole}'")]


def _wrong_keys(node: Node, spec: Any, given: dict[str, Node]) -> list[Problem]:
    fields = attrs.fields_dict(spec)
    needed = [name for name, field in fields.items() if field.default is attrs.NOTHING]
    missing = [name for name in needed if name not in given]
    if spec is ChipSpec and "groups" in given:
        # What groups lack is told of each of them.
        missing = [name for name in missing if name not in LOCAL]
    problems = []
    for key, child in given.items():
        if key in fields:
            continue
        hint = did_you_mean(key, (*fields, *CLAIMS[:2], BETWEEN))
        # What a misspelt key was meant for does not lack besides.
        missing = [name for name in missing if repr(name) not in hint]
        known = f"known: {_known(spec)}" if fields else f"{spec.kind} has no keys of its own"
        problems.append(child.problem(f"unknown key {key!r}; {known}{hint}"))
    new = f", for there is no {path_text(node.path)} here" if made_on_the_way(node) else ""
    problems += [node.problem(f"missing key {name!r}{new}") for name in missing]
    return problems


def _known(spec: Any) -> str:
    """The keys of a section, without the one that tells its kind; empty where that says all."""
    return ", ".join(attrs.fields_dict(spec))


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType)


def _made_from(form: Any) -> Callable[[Any], bool]:
    """Whether a type is made from a form, as a tuple of numbers is from a tuple."""
    return lambda kind: get_origin(kind) is form


def _converter() -> cattrs.Converter:
    # Otherwise cattrs wraps what hooks raise in a group of its own, which nobody here would catch.
    converter = cattrs.Converter(detailed_validation=False)
    single: dict[type, Hook] = {int: _whole, float: _real, bool: _truth, str: _text}
    for kind, hook in single.items():
        converter.register_structure_hook(kind, hook)
    by_shape = converter.register_structure_hook_func
    by_shape(attrs.has, _described)
    by_shape(_is_union, _union)
    by_shape(_made_from(Literal), _choice)
    by_shape(_made_from(tuple), _several)
    by_shape(_made_from(dict), _by_name)
    by_shape(lambda kind: isinstance(kind, typing.NewType) and kind in DIMENSIONS, _quantity)
    return converter


_CONVERTER: Final = _converter()
