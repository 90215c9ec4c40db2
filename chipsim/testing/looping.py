"""Whether a kind is trained in compiled loops as it is trained step by step."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeVar

import attrs
import numpy as np

from chipsim.errors import DescriptionError, DivergedError
from chipsim.ledger import Ledger
from chipsim.net.loop import Loop, loop_of
from chipsim.net.network import Network
from chipsim.parts.program import Program, Series
from chipsim.spec import Description, load_chip
from chipsim.spec.chip import ChipSpec
from chipsim.spec.reading import overridden
from chipsim.spec.workload import WorkloadSpec
from chipsim.testing.examples import section_of, workload_for
from chipsim.testing.trial import DATA, Trial

__all__ = ["differing", "loops_as_it_steps"]

_Spec = TypeVar("_Spec", ChipSpec, WorkloadSpec)

_HARD: Final = (
    # Few states and a high rate bring cells to their bounds, and a low bar has them reset.
    "device.states=4",
    "device.step_variation=0.3",
    "device.step_spread=0.2",
    "device.range_spread=0.1",
    "device.upper_spread=0.3",
    "device.write_noise=100 %",
    "device.corrupt_cells=10 %",
    "update.recentre={every: 3, headroom: 1 %}",
    "update.encoding=stochastic",
    "tile.forward.adc.noise=0.3",
    "tile.backward.adc.noise=0.3",
)
"""What brings out of a chip what it seldom does; each is set where a chip has it."""
_FAST: Final = ("learning_rate.sgd=3",)
"""Likewise of a workload."""
_MOST: Final = 4
"""Samples of a loop at most."""
_EPOCHS: Final = 3
"""A selector that compares two accuracies moves on before the last."""


def loops_as_it_steps(trial: Trial) -> str:
    """Where compiled loops take it, they leave what steps leave, to the bit."""
    for one in _ways(trial):
        by_loops, by_steps = one.network(seed=1), one.network(seed=1)
        problem = _problem(by_loops, by_steps)
        if problem:
            return problem
    return ""


def _ways(trial: Trial) -> Iterator[Trial]:
    """The kind on a chip as it ships, and on one that is worked hard."""
    try:
        first = _on_cells(trial) if trial.kind.section == "layer" else trial
    except DescriptionError:
        return
    yield first
    yield attrs.evolve(first, chip=_set(first.chip, _HARD), workload=_set(first.workload, _FAST))


def _on_cells(trial: Trial) -> Trial:
    """A layer on a chip that compiled loops take: what layers are tried on otherwise, they do not."""
    chip = load_chip("hybrid-synapse")
    workload = workload_for(trial.kind, section_of(trial.kind), chip.spec)
    return attrs.evolve(trial, chip=chip, workload=workload)


def _set(description: Description[_Spec], sets: Sequence[str]) -> Description[_Spec]:
    """With all that it takes of these."""
    for one in sets:
        try:
            description = overridden(description, [one])
        except DescriptionError:
            continue
    return description


def _problem(by_loops: Network, by_steps: Network) -> str:
    """What is not the same after some epochs; empty where all is, or no loop takes the network."""
    for _ in range(_EPOCHS):
        loop = loop_of(by_loops, most=_MOST)
        if loop is None:
            return ""
        looped, stepped = _Story(), _Story()
        _loop(loop, looped)
        _step(by_steps, stepped)
        what = next(iter(_other(looped, stepped)), "")
        if not what and not looped.ended:
            what = next(iter(differing(by_loops.state(), by_steps.state())), "")
        if what:
            why = "let `listed` answer None where it acts in a way of its own"
            return f"{what} is another after compiled loops than after steps: {why}"
        if looped.ended:
            return ""
        for network in (by_loops, by_steps):
            network.end_epoch(accuracy=0.5)
    return ""


@attrs.define
class _Story:
    """What training comes to, sample by sample."""

    losses: list[str] = attrs.field(factory=list)
    correct: int = 0
    programs: list[Program] = attrs.field(factory=list)
    ledger: Ledger = attrs.field(factory=Ledger)
    ended: str = ""
    """Why it ended early."""

    def take(self, losses: Sequence[float], correct: int, programs: Sequence[Program], charges: Any) -> bool:
        """Go on by some samples; whether the next can come."""
        # As words, in which what is no number is the same as itself.
        self.losses += map(repr, losses)
        self.correct += correct
        self.programs += programs
        self.ledger.charge_data(charges)
        if losses and not math.isfinite(losses[-1]):
            self.ended = "diverged"
        return not self.ended


def _other(one: _Story, other: _Story) -> Iterator[str]:
    """What two stories do not agree in."""
    if one.losses != other.losses:
        yield "the loss of a sample"
    if (one.correct, one.ended) != (other.correct, other.ended):
        yield "what is right or diverges"
    if one.programs != other.programs:
        yield "the program of a sample"
    if list(one.ledger) != list(other.ledger):
        yield "energy or pulses"


def _loop(loop: Loop, story: _Story) -> None:
    images, labels = DATA["noise"].train_images, DATA["noise"].train_labels
    start, goes_on = 0, True
    while goes_on and start < len(labels):
        chosen = slice(start, start + loop.samples_at_once())
        trained = loop.train(images[chosen], labels[chosen])
        alike = trained.programs
        programs: list[Program] = [alike.program(counts) for counts in alike.counts.tolist()]
        if trained.after is not None:
            programs = [Series((one, trained.after.program(at))) for at, one in enumerate(programs)]
        goes_on = story.take(trained.losses, trained.correct, programs, trained.charges)
        if trained.fault is not None:
            story.ended = str(trained.fault)
            return
        start += len(trained.losses)
        # A step has what comes after it in its own program.
        between, charges = loop.end(len(trained.losses))
        story.ledger.charge_data(charges)
        if between is not None:
            story.programs[-1] = Series((story.programs[-1], between))


def _step(network: Network, story: _Story) -> None:
    images, labels = DATA["noise"].train_images, DATA["noise"].train_labels
    for place in range(len(labels)):
        one = slice(place, place + 1)
        try:
            step = network.step(images[one], labels[one])
        except DivergedError as error:
            story.ended = str(error)
            return
        if not story.take([step.loss], step.correct, [step.program], step.charges):
            return


def differing(one: Any, other: Any, where: str = "state") -> list[str]:
    """Places in which two states, as :func:`chipsim.state.state_of` gives them, are not the same to the bit.

    Parameters
    ----------
    one, other
        The states, or parts of them.
    where
        What they are called.

    Examples
    --------
    >>> differing({"sums": [1, 2.0]}, {"sums": [1, 3.0]})
    ["state['sums'][1]"]
    """
    same = type(one) is type(other)
    if same and isinstance(one, dict):
        keys = one.keys() | other.keys()
        parts = {key: (one.get(key), other.get(key)) for key in sorted(keys)}
    elif same and isinstance(one, list) and len(one) == len(other):
        parts = dict(enumerate(zip(one, other, strict=True)))
    else:
        return [] if same and _is_same(one, other) else [where]
    return [
        found
        for key, (mine, theirs) in parts.items()
        for found in differing(mine, theirs, f"{where}[{key!r}]")
    ]


def _is_same(one: Any, other: Any) -> bool:
    if not isinstance(one, np.ndarray):
        return bool(one == other)
    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    return bool(one.tobytes() == other.tobytes())
