"""A kind on a chip that takes it, with a small workload of noise."""

from __future__ import annotations

import functools
from typing import Any, Final

import attrs
import numpy as np

from chipsim.data import Dataset, from_arrays
from chipsim.result import Result
from chipsim.run import prepare, simulate
from chipsim.spec import Description
from chipsim.spec.chip import ChipSpec
from chipsim.spec.kind import Kind
from chipsim.spec.workload import WorkloadSpec
from chipsim.testing.examples import IMAGE

__all__ = ["DATA", "Trial"]


def _noise() -> Dataset:
    """Images of noise in three classes."""
    # Nothing can be learnt of it, so no check can pass or fail by what a chip happens to reach.
    rng = np.random.default_rng(7)
    pixels = int(np.prod(IMAGE))
    images = rng.integers(0, 256, (18, pixels)).astype(np.uint8)
    labels = np.arange(18).astype(np.uint8) % 3
    train, test = (images[:12], labels[:12]), (images[12:], labels[12:])
    return from_arrays("noise", train=train, test=test)


DATA: Final = {"noise": _noise()}


@attrs.frozen(kw_only=True)
class Trial:
    """A kind on a chip that takes it, with a small workload."""

    kind: type[Kind]
    chip: Description[ChipSpec]
    workload: Description[WorkloadSpec]

    @property
    def part(self) -> Any:
        """The kind as described."""
        if self.kind.section == "layer":
            layers = self.workload.spec.network.layers
            return next(layer for layer in layers if isinstance(layer, self.kind))
        return getattr(self.chip.spec, self.kind.section)

    @functools.cached_property
    def trained(self) -> Result:
        """Trained with seed 1, once for all checks that only look at the result."""
        return self.run()

    def run(self, **options: Any) -> Result:
        """Trained anew, with seed 1 unless told otherwise."""
        how: dict[str, Any] = {"datasets": DATA, "seed": 1, "progress": False} | options
        return simulate(self.chip, self.workload, **how)

    def network(self, *, seed: int | None) -> Any:
        """A network on the chip, which has begun its first phase where it is trained."""
        setup = prepare(self.chip, self.workload, seed=seed, datasets=DATA)
        if seed is not None:
            setup.rule.begin(seed=seed)
            setup.rule.begin_phase(setup.workload.spec.phases[0])
        return setup.rule
