"""Results priced anew in energy, leakage, time and area alone: many, of the same few runs."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from chipsim.result import Result
from chipsim.run.repricing import Pricing
from chipsim.spec.overrides import path_in
from chipsim.study.robustness import is_energy_price

__all__ = ["Quickly"]


class Quickly:
    """Prices results anew, each read and checked once; equal to `reprice` in energy, time and area.

    Examples
    --------
    >>> from chipsim.run import simulate
    >>> from chipsim.run.repricing import reprice
    >>> result = simulate("single-pair", "mnist-5k", epochs=1, sets=["phases.0.dataset.train=20"])
    >>> dearer = ["costs.sram.read=x3"]
    >>> quickly = Quickly()(result, dearer)
    >>> quickly.summary["energy_aJ"] == reprice(result, sets=dearer).summary["energy_aJ"]
    True
    """

    def __init__(self) -> None:
        # By identity, with the results themselves, for an identity is free again once its object is gone.
        self._known: dict[int, tuple[Result, Pricing]] = {}

    def __call__(self, result: Result, sets: Sequence[str]) -> Result:
        """A result whose summary has energy, leakage, time and area under other costs, else as it was.

        Parameters
        ----------
        result
            Of a run.
        sets
            Overrides of its costs.

        Raises
        ------
        DescriptionError
            When the costs cannot be used, or anything else than costs is to be changed.
        OutputError
            When the result does not hold what it takes.
        """
        if id(result) not in self._known:
            self._known[id(result)] = result, Pricing(result)
        _, pricing = self._known[id(result)]
        timed = not all(_takes_no_time(path_in(text)) for text in sets)
        return attrs.evolve(result, summary=pricing.summary_under(sets, timed=timed))


def _takes_no_time(path: str) -> bool:
    """Whether a price is one of energy or of leakage, which no time hangs on."""
    return is_energy_price(path) or path.rpartition(".")[2].startswith("leakage")
