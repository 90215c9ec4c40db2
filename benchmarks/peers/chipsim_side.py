"""chipsim at work for the comparison: its chips, with all reported and without."""

from __future__ import annotations

import functools
import time
import warnings
from collections.abc import Mapping, Sequence
from typing import Final

import attrs
import numpy as np

from benchmarks.cases import AT_ONCE, HYBRID, NEVER, SQUARED, TRAINS
from benchmarks.loops import ALL, NO_TIMING, ChipLoop, Mode, executor_of
from benchmarks.peers.algorithms import ALGORITHMS, UNTIMED
from benchmarks.peers.worker import Digits, Sides, arguments, main
from chipsim.data import Dataset
from chipsim.errors import ChipsimWarning
from chipsim.run.simulate import prepare
from chipsim.run.training import Training
from chipsim.spec import shipped_names
from chipsim.version import versions

__all__ = ["ChipSide", "chips", "sides"]

_CHIPS: Final = {
    "hybrid, coarse": ChipLoop(architecture="hybrid-synapse", sets=(*HYBRID, NEVER)),
    "hybrid, fine": ChipLoop(architecture="hybrid-synapse", sets=(*HYBRID, AT_ONCE)),
    "single pair": ChipLoop(architecture="single-pair", sets=TRAINS),
}


class ChipSide:
    """A chip under training.

    Parameters
    ----------
    what
        The chip and its settings.
    mode
        With timing and ledger, or without.
    digits
        What it trains on. It orders them itself, as the orders of `digits` have it.
    """

    def __init__(self, what: ChipLoop, mode: Mode, digits: Digits) -> None:
        setup = prepare(what.architecture, what.workload, epochs=1, sets=what.sets)
        self._spec = setup.workload.spec
        self._executor = executor_of(setup, mode)
        self._training = Training(setup.rule, self._executor, seed=0)
        self._training.begin(seed=0)
        self._samples = 0
        self._data = Dataset(
            name="mnist-5k",
            train_images=digits.images,
            train_labels=digits.labels,
            # One sample to test on: what is timed is training.
            test_images=digits.images[:1],
            test_labels=digits.labels[:1],
            classes=10,
            origin="as given",
        )

    def warm_up(self, turns: int) -> None:
        """Train so many epochs."""
        # In one go: a selector compares no epoch with one before, and would never leave its pair.
        self._train(turns)

    @property
    def pair(self) -> str:
        """The pair that updates go to."""
        return self._training.rule.target

    def train(self, turn: int) -> float:
        """Train once; turns come in their order."""
        assert turn == len(self._training.epochs), "the order of samples is drawn turn by turn"
        start = time.perf_counter()
        self._train(1)
        return time.perf_counter() - start

    def _train(self, epochs: int) -> None:
        (phase,) = self._spec.phases
        one = attrs.evolve(phase, epochs=epochs)
        self._training.run_phase(one, self._data, batch=self._spec.batch, epochs=epochs)
        self._samples += epochs * len(self._data.train_labels)

    def tell(self) -> dict[str, float]:
        """How many it classifies right; with timing also what a sample took of time, energy and pulses."""
        rule = self._training.rule
        (phase,) = self._spec.phases
        classes = rule.classify(self._data.train_images, task=phase.task_name)
        right = float(np.mean(classes == self._data.train_labels))
        told = {"right_percent": 100 * right}
        if self._executor is None:
            return told
        worn = [each for tile in rule.chip.tiles for each in tile.wear()]
        pulses = sum(int(each.pulses.sum(dtype=np.int64)) for each in worn)
        return {
            **told,
            "time_us": self._executor.elapsed / 1e6 / self._samples,
            "energy_nJ": self._training.ledger().total.energy_aj / 1e9 / self._samples,
            "pulses": pulses / self._samples,
            "most_pulses_of_a_cell": float(max(each.pulses.max() for each in worn)),
        }


def chips(more: Sequence[str] = ()) -> dict[str, ChipLoop]:
    """What is trained, by name: pairs, each chip that ships for the array, and others.

    Parameters
    ----------
    more
        Names or files of other chips, which train as they are, but for the loss of all sides.
    """
    shipped = shipped_names("architectures")
    array = {
        each.ours: ChipLoop(architecture=each.chip, sets=(*SQUARED, *each.sets))
        for each in ALGORITHMS
        if each.chip in shipped
    }
    others = {name: ChipLoop(architecture=name, sets=SQUARED) for name in more}
    return {**_CHIPS, **array, **others}


def sides(more: Sequence[str] = ()) -> tuple[Sides, Mapping[str, str]]:
    """Each chip in both modes, and the versions of what it runs on."""
    warnings.simplefilter("ignore", ChipsimWarning)
    built = {}
    for name, what in chips(more).items():
        for mode, ending in ((ALL, ""), (NO_TIMING, UNTIMED)):
            built[f"{name}{ending}"] = _Building(what, mode)
    known = versions()
    return built, {name: known[name] for name in ("chipsim", "numpy", "numba")}


@attrs.frozen
class _Building:
    """Builds a chip when it is its turn."""

    what: ChipLoop
    mode: Mode

    def __call__(self, digits: Digits) -> ChipSide:
        return ChipSide(self.what, self.mode, digits)


if __name__ == "__main__":
    _parser = arguments()
    _parser.add_argument("--chip", action="append", default=[], help="another chip, by name or file")
    _given = _parser.parse_args()
    main(functools.partial(sides, _given.chip), core=_given.core)
