"""The text of a workload made of a network, with where each value is from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs
import yaml

from chipsim.errors import DescriptionError, Problem
from chipsim.importing.chain import Chain, Weighted
from chipsim.importing.node import Node, listed, spelt
from chipsim.spec import workload_from_document
from chipsim.wording import joined

__all__ = ["ALL_BUT_LAST", "FROZEN", "Asked", "Source", "layer_names", "workload_text"]

ALL_BUT_LAST: Final = "all-but-last"
FROZEN: Final = (ALL_BUT_LAST, "none")
"""Which layers keep the weights that they are given."""
_KEPT: Final = "transfer learning: the last layer alone learns"
_LAYER: Final = re.compile(r"network\.layers\.(\d+)")
_RANGE: Final = (
    "the file does not say what its images were scaled to; where that was another range, the weights of the "
    "first layer are not those for this one"
)
_ORDINARY: Final = "usual; not in the file, which holds a network and nothing of its training"


@attrs.frozen(kw_only=True)
class Source:
    """Where a network is from."""

    shown: str
    """The file as a message calls it."""
    file: str
    """Name of the file, without its folder."""
    sha256: str
    beside: Mapping[str, str]
    """SHA-256 of files that hold its weights, by name."""

    @property
    def words(self) -> str:
        """Files and digests, for a note."""
        files = {self.file: self.sha256, **self.beside}
        return joined([f"{spelt(name)} (SHA-256 {digest})" for name, digest in files.items()])


@attrs.frozen(kw_only=True)
class Asked:
    """What a user decides that the file does not say."""

    name: str
    """What the workload is called."""
    frozen: str
    classes: int | None
    """Units of a new last layer; None keeps the one of the file."""
    weights: str
    """The file of weights beside it; empty for none."""
    dataset: Mapping[str, str]
    """Its name or file, and why."""


def layer_names(chain: Chain, asked: Asked) -> list[str]:
    """What each layer of weights is called in the file of weights; empty for one that begins anew.

    Parameters
    ----------
    chain
        The network.
    asked
        What the user decides.
    """
    counts: dict[str, int] = {}
    names = []
    for layer in chain.layers:
        word = "dense" if layer.sums.layer.kind == "dense" else "conv"
        counts[word] = counts.get(word, 0) + 1
        names.append(f"{word}{counts[word]}")
    if not asked.weights:
        return [""] * len(names)
    return [*names[:-1], ""] if asked.classes is not None else names


def workload_text(chain: Chain, asked: Asked, source: Source) -> str:
    """The text of the workload, read once to see that it is right.

    Parameters
    ----------
    chain
        The network.
    asked
        What the user decides.
    source
        Where the network is from.

    Raises
    ------
    DescriptionError
        When the network is larger than allowed, or cannot be a workload; by its nodes.
    """
    places: list[Node | None] = [None]
    layers = [*_layers(chain, asked, source, places)]
    text = "\n".join([*_head(asked, source), *layers, *_network(chain, asked), *_training(asked), ""])
    try:
        workload_from_document(yaml.safe_load(text))
    except DescriptionError as error:
        problems = [_placed(one, places, source.shown) for one in error.problems]
        raise DescriptionError(problems) from None
    return text


def _placed(problem: Problem, places: list[Node | None], file: str) -> Problem:
    """A problem of the workload, told of the node that it comes from."""
    found = _LAYER.match(problem.path)
    node = places[int(found[1])] if found else None
    if node is None:
        return attrs.evolve(problem, file=file, line=0)
    return node.problem(file, problem.message)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _head(asked: Asked, source: Source) -> Iterator[str]:
    yield f"name: {_quoted(asked.name)}"
    about = f"The network of {spelt(source.file)}, layer by layer."
    yield f"about: {_quoted(about)}"
    yield ""
    yield "network:"
    yield "  layers:"


def _layers(chain: Chain, asked: Asked, source: Source, places: list[Node | None]) -> Iterator[str]:
    """A line each, the inputs first; the node of each is added to a list."""
    given = [*chain.given] if len(chain.given) > 1 else chain.given[0]
    yield f"    - {{value: {given}, source: &file {_quoted(source.words)}}}"
    names = layer_names(chain, asked)
    for index, layer in enumerate(chain.layers):
        places.append(layer.node)
        is_last = index == len(chain.layers) - 1
        if is_last and asked.classes is not None:
            yield _new_last(asked.classes, layer)
            continue
        fields = _fields(layer.sums.layer)
        if names[index]:
            fields["name"] = names[index]
        if asked.frozen == ALL_BUT_LAST and not is_last:
            # The reason stands where it is first needed, and is pointed to from then on.
            why = "*frozen" if index else "&frozen " + _quoted(_KEPT)
            fields["frozen"] = f"{{value: true, assumed: {why}}}"
        folded = listed([one.words for one in layer.folded], between="; with ")
        yield _entry(fields, f"{layer.node.words}; with {folded}" if folded else layer.node.words)
        for passed in layer.passing:
            places.append(passed.node)
            yield _entry(_fields(passed.layer), passed.node.words)


def _fields(layer: Any) -> dict[str, Any]:
    """What a description says of a layer: its kind, and all that is not as when it is left out."""
    said = {"kind": layer.kind}
    for field in attrs.fields(type(layer)):
        value = getattr(layer, field.name)
        if value != field.default:
            said[field.name] = [*value] if isinstance(value, tuple) else value
    return said


def _entry(fields: Mapping[str, Any], comment: str) -> str:
    said = ", ".join(f"{key}: {value}" for key, value in fields.items())
    return f"    - {{{said}, source: *file}}  # {comment}"


def _new_last(classes: int, layer: Weighted) -> str:
    why = _quoted(f"a new layer in the place of {layer.node.words}, a unit for each class")
    return f"    - {{value: {classes}, assumed: {why}}}"


def _network(chain: Chain, asked: Asked) -> Iterator[str]:
    is_said = len(chain.layers) > 1 or chain.activation
    noted = "source: *file" if is_said else f"assumed: {_quoted('no layer is hidden')}"
    yield f"  activation: {{value: {chain.activation or 'relu'}, {noted}}}"
    why = "of a softmax over the sums of the last layer; usual for classes"
    if chain.loss == "squared-error":
        why = "the outputs are logistic"
    yield f"  loss: {{value: {chain.loss}, assumed: {_quoted(why)}}}"
    yield f"  bias: {{value: {str(chain.bias).lower()}, source: *file}}"
    yield f"  inputs: {{value: zero-to-one, assumed: {_quoted(_RANGE)}}}"
    if any(layer_names(chain, asked)):
        yield f"  weights: {{value: {_quoted(asked.weights)}, source: *file}}"
    yield f"  initial_weights: {{value: 0.1, assumed: {_quoted('of layers that are given none')}}}"


def _training(asked: Asked) -> Iterator[str]:
    key, value, why = asked.dataset["key"], asked.dataset["value"], asked.dataset["why"]
    yield from (
        "",
        f"batch: {{value: 64, assumed: &usual {_quoted(_ORDINARY)}}}",
        "",
        "learning_rate:",
        "  sgd: {value: 0.01, assumed: *usual}",
        "  adam: {value: 0.001, assumed: *usual}",
        "",
        "phases:",
        "  - name: train",
        f"    dataset: {{{key}: {_quoted(value)}, assumed: {_quoted(why)}}}",
        "    rule:",
        '      metaplasticity: {value: 0, assumed: "one task has nothing to be held against another"}',
        "    epochs: {value: 10, assumed: *usual}",
    )
