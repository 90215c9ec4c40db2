"""What a run cut off, rounded to nothing or left unused, in sentences: only where it matters.

The thresholds stand in ``docs/results.md`` with their reasons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from chipsim.result import LossEpoch, Result
from chipsim.result.places import groups_by_tile, stated_in, tile_of

__all__ = ["THRESHOLDS", "loss_sentences", "losses_told"]

THRESHOLDS: Final[Mapping[str, float]] = {
    "results-clipped": 0.05,
    "inputs-clipped": 0.05,
    "values-clipped": 0.05,
    "codes-unused": 15 / 16,
    "results-rounded-to-zero": 0.5,
    "inputs-rounded-to-zero": 0.5,
    "pulses-cut": 0.1,
    "pulses-rounded-to-zero": 0.5,
    "updates-without-pulses": 1.0,
    "pulsings-without-effect": 0.1,
    "pairs-saturated": 0.1,
    "pairs-stuck": 0.01,
    "cells-worn-out": 0.0001,
    "windows-narrowed": 0.0001,
    "initial-weights-clipped": 0.05,
    "initial-weights-rounded-to-zero": 0.5,
    "initial-weights-off": 0.01,
    "cells-off-level": 0.01,
    "steps-rounded-away": 0.5,
    "steps-held": 0.5,
}
"""The share in one epoch from which a loss is told, by what was lost, in the order of telling."""

_SENTENCES: Final[Mapping[str, str]] = {
    "results-clipped": "{part} cut {share} of its results off at the end of its range{when}; raise "
    "{tile}.{side}.adc.range",
    "inputs-clipped": "{part} cut {share} of its inputs off at full scale{when}; set "
    "{tile}.{side}.scaling to maximum",
    "values-clipped": "{part} cut {share} of the activations and errors off at the end of its number format"
    "{when}; give digital.arithmetic more range, or take units with a bound",
    "codes-unused": "{part} gave {left} of its {of} codes{when}; lower {tile}.{side}.adc.range",
    "results-rounded-to-zero": "{part} rounded {share} of its results to zero{when}; lower "
    "{tile}.{side}.adc.range, or give the converter more bits",
    "inputs-rounded-to-zero": "{part} rounded {share} of its inputs to zero{when}; give "
    "{tile}.{side}.dac more bits, or set {tile}.{side}.scaling to maximum",
    "pulses-cut": "{part} could not give {share} of the pulses that training asked for{when}, more than a "
    "train has; lower the learning rate or {device}.states, or raise {update}.slots",
    "pulses-rounded-to-zero": "{part} rounded {share} of the change that training asked for to no pulse"
    "{when}; raise the learning rate or {device}.states, or take {update}.encoding: stochastic",
    "updates-without-pulses": "{part} gave no pulse{when}, though all of its {of} updates asked for a change",
    "pulsings-without-effect": "{share} of the pulsed cells of {part} stood at a bound of their range and "
    "stayed there{when}",
    "pairs-saturated": "{share} of the pairs of {part} had a cell at its upper bound{at}",
    "pairs-stuck": "{share} of the pairs of {part} had both cells at their upper bounds{at}: no pulse moves "
    "them",
    "cells-worn-out": "{share} of the cells of {part} had all the pulses or cycles that they "
    "stand{at}, and move no more",
    "windows-narrowed": "{share} of the cells of {part} were past their endurance{at}, and have less than "
    "their whole windows left",
    "initial-weights-clipped": "{share} of the initial weights of {part} lay beyond the synapse's range",
    "initial-weights-rounded-to-zero": "{share} of the initial weights of {part} were under half a step and "
    "became zero: units that begin alike may stay alike",
    "initial-weights-off": "{share} of the verified initial weights of {part} were off by more than "
    "{update}.verify_tolerance when rounds were exhausted",
    "cells-off-level": "{share} of the cells that {part} programmed were further from their level than the "
    "tolerance when tries were exhausted{when}",
    "steps-rounded-away": "{share} of the steps of weights in {part} were too small to change "
    "them{when}; raise the learning rate, or take more bits or stochastic rounding",
    "steps-held": "{share} of the steps of hidden weights in {part} led beyond their outer levels{when}",
}
_SECTIONS: Final = ("tile", "device", "update")
"""Sections that advice is about and a group of tiles may have of its own."""
_FEWEST: Final = 100
"""Cases below which a share says little."""
_A_CODE: Final = 10
"""Results for each code of a converter below which it may be chance that codes are missing."""


@attrs.frozen(kw_only=True)
class _Worst:
    """The part that lost the largest share of one kind in one epoch."""

    row: LossEpoch
    others: int
    """Other parts of its group of tiles of which the same is to be told."""


def loss_sentences(result: Result) -> list[str]:
    """One sentence for each kind of loss that matters, about the part that lost the largest share of it.

    On a chip with groups of tiles there is one for each group, which may take advice of its own.

    Parameters
    ----------
    result
        A result; those that were only timed, and older ones, counted nothing, and nothing is said of them.

    Examples
    --------
    >>> loss_sentences(result)  # doctest: +SKIP
    ['tile0.adc gave 3 of its 255 codes (epoch 1); lower tile.forward.adc.range']
    """
    return list(losses_told(result).values())


def losses_told(result: Result) -> dict[tuple[str, str], str]:
    """The same by what was lost, one of :data:`THRESHOLDS`, and the group of tiles, if there are any."""
    by_tile = groups_by_tile(result)
    rows: dict[str, list[LossEpoch]] = {}
    for row in result.losses:
        # What is on no tile, such as the digital unit, belongs to no group.
        rows.setdefault(by_tile.get(tile_of(row.part), ""), []).append(row)
    told: dict[tuple[str, str], str] = {}
    for what in THRESHOLDS:
        for group, its in rows.items():
            worst = _worst(its, what)
            if worst is not None:
                told[what, group] = _sentence(worst, keys=_keys(result, group))
    return told


def _keys(result: Result, group: str) -> dict[str, str]:
    """Where a group of tiles has the sections that advice is about."""
    return {section: ".".join(stated_in(result, group, section)) for section in _SECTIONS}


def _worst(rows: Sequence[LossEpoch], what: str) -> _Worst | None:
    """Of losses in training before those in testing."""
    for during in ("training", "testing"):
        mine = [row for row in rows if row.what == what and row.during == during]
        much = [row for row in mine if row.share >= THRESHOLDS[what]]
        told = [row for row in much if _says_something(row, rows)]
        if told:
            # Of equal shares, `max` keeps the first, in the order in which parts were counted.
            worst = max(told, key=lambda row: row.share)
            return _Worst(row=worst, others=len({row.part for row in told}) - 1)
    return None


def _says_something(row: LossEpoch, rows: Sequence[LossEpoch]) -> bool:
    """Whether the share is no chance, and no other sentence says the same better."""
    if row.what != "codes-unused":
        return row.of >= _FEWEST
    # How many results were converted stands with those that were clipped; the codes' own row counts codes.
    clipped = _clipped(row, rows)
    if clipped is None or clipped.of < _A_CODE * row.of:
        return False
    if row.of - row.count <= 1:
        # A single code is that of zero: nothing else came, or it was rounded, which has its own sentence.
        return False
    # Whoever clips much needs more range, not less: the advice to lower it would be wrong.
    return clipped.share < THRESHOLDS["results-clipped"]


def _clipped(row: LossEpoch, rows: Sequence[LossEpoch]) -> LossEpoch | None:
    """What the converter of a row clipped in the same epoch and stage."""
    wanted = (row.epoch, row.part, row.during)
    for one in rows:
        if one.what == "results-clipped" and (one.epoch, one.part, one.during) == wanted:
            return one
    return None


def _sentence(worst: _Worst, *, keys: Mapping[str, str]) -> str:
    row = worst.row
    part = row.part
    if worst.others:
        part += f", the worst of {worst.others + 1} parts,"
    stage = " in testing" if row.during == "testing" else ""
    left = row.of - row.count
    # The key that would help is that of the direction: converters have one for the way there and one back.
    side = "backward" if ".back-" in row.part else "forward"
    return _SENTENCES[row.what].format(
        part=part,
        share=_percent(row.share),
        left=f"{left:,}",
        of=f"{row.of:,}",
        side=side,
        when=f"{stage} (epoch {row.epoch})",
        at=f" at the end of epoch {row.epoch}",
        **keys,
    )


def _percent(share: float) -> str:
    """A share in percent, of which only all is called 100.

    Examples
    --------
    >>> _percent(0.99999), _percent(1.0), _percent(0.0712)
    ('over 99.9 %', '100 %', '7.1 %')
    """
    if share == 1:
        return "100 %"
    return f"{100 * share:.1f} %" if share <= 0.999 else "over 99.9 %"
