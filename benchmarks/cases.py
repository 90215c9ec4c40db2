"""What is measured: shipped chips as they ship, pairs under the same pulses, hidden weights, and numpy."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Final

import attrs

from benchmarks.floating import AdamNetwork, LogisticNetwork
from benchmarks.loops import ChipLoop
from chipsim.errors import ChipsimError, did_you_mean
from chipsim.spec import load_chip, shipped_names

__all__ = ["AT_ONCE", "GROUPS", "HYBRID", "NEVER", "SQUARED", "TRAINS", "Case", "all_cases", "chosen"]

SQUARED: Final = ("network.loss=squared-error",)
"""The loss of numpy's loop."""
TRAINS: Final = (
    *SQUARED,
    "update.encoding=stochastic",
    "synapse.weight_range=1",
    "tile.forward.adc.range=8",
    "tile.forward.adc.bits=8",
)
"""Pulses by coincidence of random trains, as other simulators give them, with the loss of numpy's loop.

What ships rounds, and gives few."""
HYBRID: Final = (*TRAINS, "synapse.gain=10")
NEVER: Final = "selector.threshold=-100 %"
"""A hybrid synapse never leaves its coarse pair."""
AT_ONCE: Final = "selector.threshold=100 %"
"""A hybrid synapse leaves its coarse pair after the second epoch."""
_PULSED: Final = frozenset({"outer-product", "chosen-pulses"})
"""What rules need that move weights by pulses, one sample after another."""
_WIDE: Final = (784, 512, 512, 10)
_BATCH: Final = 100
_TRANSFER_BATCH: Final = 64

GROUPS: Final = {
    "chips": "every shipped chip as it ships, on the shipped digits",
    "updates": "784-250-10, batch 1: pairs under random trains of pulses, one like the other",
    "hidden": f"784-512-512-10, batch {_BATCH}: hidden weights",
    "numpy": "the same networks in numpy, 32-bit floating point",
}
"""The groups of cases, and what each holds."""


@attrs.frozen(kw_only=True)
class Case:
    """One thing that is measured."""

    name: str
    group: str
    batch: int
    trains: type[LogisticNetwork | AdamNetwork] | ChipLoop
    """A chip's training, or a network in numpy."""


@functools.cache
def all_cases() -> tuple[Case, ...]:
    """Every case, in the order that they are measured and shown in."""
    return (*_chips(), *_updates(), *_hidden(), *_floating())


def _chips() -> list[Case]:
    cases = []
    for name in shipped_names("architectures"):
        chip = load_chip(name).spec
        in_place = not _PULSED.isdisjoint(chip.rule.needs)
        # A plateau may come in any turn, and pairs differ in speed.
        sets = (NEVER,) if chip.synapse.kind == "hybrid" else ()
        # Hidden weights are trained by batches, and the other digits' workload has one sample a step.
        what, batch = ChipLoop(architecture=name, workload="mnist-5k-permuted", phase=1), _BATCH
        if name.endswith("-transfer") or name == "vgg16-chip":
            # On these the last layer alone can learn.
            what, batch = ChipLoop(architecture=name, workload="mnist-5k-transfer"), _TRANSFER_BATCH
        elif name == "tiki-taka-8x4":
            what, batch = ChipLoop(architecture=name, workload="reduced-mnist"), 1
        elif in_place:
            what, batch = ChipLoop(architecture=name, sets=sets), 1
        cases.append(Case(name=name, group="chips", batch=batch, trains=what))
    return cases


def _updates() -> list[Case]:
    chips = {
        "hybrid-coarse": ChipLoop(architecture="hybrid-synapse", sets=(*HYBRID, NEVER)),
        "hybrid-fine": ChipLoop(architecture="hybrid-synapse", sets=(*HYBRID, AT_ONCE)),
        "pair-parallel": ChipLoop(architecture="single-pair", sets=TRAINS),
        "pair-rowwise": ChipLoop(architecture="single-pair-rowwise", sets=TRAINS),
        "pair-cellwise": ChipLoop(architecture="single-pair-cellwise", sets=TRAINS),
        "digital": ChipLoop(architecture="digital-fp32", sets=SQUARED),
    }
    return [Case(name=name, group="updates", batch=1, trains=chip) for name, chip in chips.items()]


def _hidden() -> list[Case]:
    sets = (f"network.layers={list(_WIDE)}",)
    chips = {
        f"metaplastic-m{strength}": ChipLoop(
            architecture="metaplastic-qnn", workload="mnist-5k-permuted", sets=sets, phase=phase
        )
        for phase, strength in enumerate((0, 3))
    }
    return [Case(name=name, group="hidden", batch=_BATCH, trains=chip) for name, chip in chips.items()]


def _floating() -> list[Case]:
    return [
        Case(name="numpy-sgd", group="numpy", batch=1, trains=LogisticNetwork),
        Case(name="numpy-adam", group="numpy", batch=_BATCH, trains=AdamNetwork),
    ]


def chosen(only: Sequence[str]) -> tuple[Case, ...]:
    """The cases of some names or groups; all of them where none is given.

    Raises
    ------
    ChipsimError
        When a name is neither a case nor a group.

    Examples
    --------
    >>> [case.name for case in chosen(["numpy"])]
    ['numpy-sgd', 'numpy-adam']
    """
    cases = all_cases()
    known = [*GROUPS, *(case.name for case in cases)]
    for given in only:
        if given not in known:
            allowed = "; known: " + ", ".join(known)
            near = did_you_mean(given, known) or allowed
            raise ChipsimError(f"--only: unknown case {given!r}{near}")
    return tuple(case for case in cases if not only or case.name in only or case.group in only)
