"""Descriptions to try a kind in: a chip that ships, or a small network, with the kind in its place."""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal, Union, get_args, get_origin

import attrs

from chipsim.errors import DescriptionError
from chipsim.spec import (
    Description,
    check_together,
    chip_from_document,
    load_chip,
    load_costs,
    load_workload,
    shipped_names,
    workload_from_document,
)
from chipsim.spec.chip import ChipSpec, parts_of
from chipsim.spec.kind import Kind
from chipsim.spec.kinds import PARTS, shipped_kind, shipped_kinds
from chipsim.spec.layer import Layer, Shape, WeightedLayer
from chipsim.spec.rules import of_chip_and_workload
from chipsim.spec.workload import WorkloadSpec
from chipsim.units import DIMENSIONS

__all__ = ["IMAGE", "hosts", "place_of", "section_of", "shape_for", "workload_for"]

IMAGE: Final = (6, 6, 2)
"""Shape of the images that layers are tried on."""
_FLAT: Final = (72,)
"""As many values in a row, for layers that take no images."""
_LEAST_ROWS: Final = 32
"""Rows of the tiles of chips that kinds are tried on."""
_NUMBERS: Final = (2, 1, 8, 100, 0.5, 0, 1000)
"""What is tried for a number that nothing else is known of, until its check is content."""


def place_of(kind: type[Kind]) -> str:
    """How a description names a class."""
    return f"{kind.__module__}:{kind.__qualname__}"


def section_of(kind: type[Kind]) -> dict[str, Any]:
    """A section of the kind: its class's `example`, what ships where keys agree, or else simple values.

    Parameters
    ----------
    kind
        Its class; a class attribute `example` holds keys and values as a description has them.
    """
    given = dict(getattr(kind, "example", {}))
    hints = typing.get_type_hints(kind)
    known = _shipped_values(kind.section)
    for field in attrs.fields(kind):
        if field.name in given or field.default is not attrs.NOTHING:
            continue
        # What ships comes first: it fits the other keys of the section, which no guess knows.
        hint = hints[field.name]
        shipped = next((value for value in known.get(field.name, ()) if _can_be(value, hint)), None)
        given[field.name] = shipped or _simple(hint, field)
    return {"kind": place_of(kind), **given}


@functools.cache
def _usual_first() -> tuple[str, ...]:
    """Names of the chips that ship, those on which a whole network can learn before others."""
    costs, digits = load_costs("cmos-32nm"), load_workload("mnist-5k")

    def teaches_one_layer(name: str) -> bool:
        try:
            check_together(load_chip(name), costs, digits)
        except DescriptionError:
            return True
        return False

    # The networks that kinds are tried on would take hundreds of tiles of a chip that is one small array.
    large = [name for name in shipped_names("architectures") if load_chip(name).spec.tile.rows >= _LEAST_ROWS]
    return tuple(sorted(large, key=teaches_one_layer))


def _can_be(value: Any, hint: Any) -> bool:
    """Whether what one kind takes under a key can be what another takes: a fraction is no whole number."""
    said = value.get("value") if isinstance(value, dict) else value
    return hint is not int or not isinstance(said, float) or said.is_integer()


def _shipped_values(section: str) -> dict[str, list[Any]]:
    """Keys of a section with what chips that ship say of them, the first that says so first."""
    found: dict[str, list[Any]] = {}
    for name in _usual_first():
        described = load_chip(name).document.get(section)
        for key, value in (described if isinstance(described, dict) else {}).items():
            found.setdefault(key, []).append(value)
    return found


def _simple(hint: Any, field: attrs.Attribute[Any]) -> Any:
    """A value of a type that its field's check is content with."""
    for value in _values(hint):
        read = DIMENSIONS[hint].read(value) if hint in DIMENSIONS else value
        # A mapping is checked as a whole, once it has become the class that it stands for.
        if field.validator is None or isinstance(read, dict):
            return value
        try:
            field.validator(None, field, read)
        except ValueError:
            continue
        return value
    return None


def _values(hint: Any) -> Iterator[Any]:
    if hint in DIMENSIONS:
        yield DIMENSIONS[hint].example
    elif attrs.has(hint):
        inner = typing.get_type_hints(hint)
        fields = [one for one in attrs.fields(hint) if one.default is attrs.NOTHING]
        yield {one.name: _simple(inner[one.name], one) for one in fields}
    elif get_origin(hint) is Literal:
        yield from get_args(hint)
    elif get_origin(hint) in (Union, types.UnionType):
        for option in get_args(hint):
            yield from _values(option)
    elif hint is bool:
        yield False
    elif hint is int:
        yield from (number for number in _NUMBERS if isinstance(number, int))
    elif hint is float:
        yield from (float(number) for number in _NUMBERS)
    elif hint is str:
        yield "example"


def hosts(kind: type[Kind], section: dict[str, Any]) -> tuple[list[Description[ChipSpec]], str]:
    """Chips that ship and take a section in the place of theirs; and what the first one has against it.

    Where none does, another part of them is exchanged for one that offers what the kind needs.

    Parameters
    ----------
    kind
        Its class.
    section
        As :func:`section_of` gives it.
    """
    if kind.section == "layer":
        # Layers are the same on all chips; this one rounds least, so that a wrong slope shows.
        return [load_chip("digital-fp32")], ""
    shipped = [load_chip(name) for name in _usual_first()]
    if kind.section == "interconnect":
        # A list of links names its tiles, which are as many as layers where each has one matrix.
        shipped = [chip for chip in shipped if len(chip.spec.rule.roles) == 1]
    found, against = _taking([_variants(chip.document) for chip in shipped], kind, section)
    if not found:
        found, _ = _taking([_with_others(chip, kind) for chip in shipped], kind, section)
    return found, against


def _taking(
    chips: Iterable[Iterable[dict[str, Any]]], kind: type[Kind], section: dict[str, Any]
) -> tuple[list[Description[ChipSpec]], str]:
    """The first variant of each chip that takes a section; and what the first of all has against it."""
    found, against = [], ""
    for variants in chips:
        for document in variants:
            try:
                found.append(chip_from_document(document | {kind.section: section}))
            except DescriptionError as error:
                against = against or str(error.problems[0])
            else:
                break
    return found, against


def _variants(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A chip as it ships; and one that never resets cells, for those that cannot be reset."""
    yield document
    update = document.get("update", {})
    if "recentre" in update:
        kept = {key: value for key, value in update.items() if key != "recentre"}
        yield document | {"update": kept}


def _with_others(chip: Description[ChipSpec], kind: type[Kind]) -> Iterator[dict[str, Any]]:
    """A chip with one other part in the place of its own: one that offers what a kind needs, or needs it."""
    parts = parts_of(chip.spec)
    offered = {word for part in parts if part.section != kind.section for word in part.offers}
    lacking = kind.needs - offered
    for section in PARTS:
        if section == kind.section:
            continue
        for word in shipped_kinds(section):
            other = shipped_kind(section, word)
            helps = lacking <= other.offers if lacking else bool(other.needs) and other.needs <= kind.offers
            if helps:
                yield from _variants(chip.document | {section: section_of(other)})


def shape_for(layer: Layer) -> Shape:
    """What a layer is given when it is tried: an image, or a row of values where it takes no images."""
    return next((shape for shape in (IMAGE, _FLAT) if not layer.problem(shape)), IMAGE)


def workload_for(kind: type[Kind], section: dict[str, Any], chip: ChipSpec) -> Description[WorkloadSpec]:
    """A small workload on images of noise, for a chip, with a layer of the kind where it is one.

    Raises
    ------
    DescriptionError
        When the layer cannot stand in it.
    """
    if kind.section != "layer":
        deep = _workload([list(IMAGE), 5, 3], chip)
        # Some chips teach their last layer alone.
        return _workload([list(IMAGE), 3], chip) if of_chip_and_workload(chip, deep.spec) else deep
    weighted = issubclass(kind, WeightedLayer)
    kernels = [] if weighted else [{"kind": "convolution", "kernels": 2, "size": 3}]
    try:
        return _workload([list(IMAGE), *kernels, section, 3], chip)
    except DescriptionError as error:
        units = [] if weighted else [8]
        try:
            return _workload([*_FLAT, *units, section, 3], chip)
        except DescriptionError:
            # It takes neither: what it has against images says more than what it has against a row.
            raise error from None


def _workload(layers: list[Any], chip: ChipSpec) -> Description[WorkloadSpec]:
    logistic = "numbers" not in chip.synapse.offers and "program" not in getattr(chip.device, "offers", ())
    document = load_workload("mnist-5k").document
    network = {
        "layers": layers, "activation": "logistic" if logistic else "relu", "loss": "cross-entropy",
        "initial_weights": 0.3,
    }  # fmt: skip
    phase = {"name": "train", "epochs": 2, "dataset": {"name": "noise", "train": 12, "test": 6}}
    rates = {"sgd": 0.5, "adam": 0.02}
    return workload_from_document(
        document | {"network": network, "batch": 4, "learning_rate": rates, "phases": [phase]}
    )
