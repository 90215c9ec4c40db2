"""What a chip is taken to do better, or for less, than one could: said where conclusions stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from chipsim.report.words import joined
from chipsim.result import Result
from chipsim.result.places import described
from chipsim.result.standing import groups_of
from chipsim.result.timed import VISITED
from chipsim.spec.chip import UpdateSpec

__all__ = ["idealised", "idealised_by_group"]

_FREE: Final = "Random numbers that {} with take no time and no energy."


def idealised(chip: Mapping[str, Any]) -> tuple[str, ...]:
    """What a chip is taken to do that none could, or not at that price, a sentence each.

    Parameters
    ----------
    chip
        Its description as run.

    Examples
    --------
    >>> from chipsim.spec import load_chip
    >>> idealised(load_chip("single-pair-rowwise", sets=["update.encoding=stochastic"]).document)
    ('Random numbers that pulse numbers are rounded with take no time and no energy.',)
    """
    return (*_pulses(chip), *_rounding(chip), *_converters(chip))


def idealised_by_group(results: Sequence[Result]) -> list[tuple[str, list[str]]]:
    """The same for several runs: chips with their sentences, those of which the same is to be said together.

    Parameters
    ----------
    results
        Runs of one chip with several seeds have one description.
    """
    having: dict[tuple[str, ...], list[str]] = {}
    for group in groups_of(results):
        having.setdefault(idealised(group.results[0].chip), []).append(group.label)
    return [(joined(labels), list(sentences)) for sentences, labels in having.items() if sentences]


def _pulses(chip: Mapping[str, Any]) -> Iterator[str]:
    """What encoding numbers in pulses leaves out."""
    kind = described(chip, "update", "kind")
    encoding = described(chip, "update", "encoding") or attrs.fields(UpdateSpec).encoding.default
    if kind == "parallel-pulses" and encoding == "deterministic":
        yield (
            "Pulse numbers are rounded for each crossing by itself, which trains on rows and columns cannot "
            "do; the energy of half-selected cells is a lower bound."
        )
    elif kind == "parallel-pulses":
        yield _FREE.format("pulse trains are drawn")
    elif kind in VISITED and encoding == "stochastic":
        yield _FREE.format("pulse numbers are rounded")


def _rounding(chip: Mapping[str, Any]) -> Iterator[str]:
    """Weights, or hidden weights, that are rounded by chance."""
    if "stochastic" in (described(chip, "synapse", "rounding"), described(chip, "memory", "rounding")):
        yield _FREE.format("weights are rounded")


def _converters(chip: Mapping[str, Any]) -> Iterator[str]:
    """Converters through which numbers pass unchanged."""
    named = [
        f"tile.{side}.{kind}"
        for side in ("forward", "backward")
        for kind in ("dac", "adc")
        if described(chip, "tile", side, kind, "ideal")
    ]
    if named:
        yield f"Numbers pass {joined(named)} unchanged, at the price of the bits that are told."
