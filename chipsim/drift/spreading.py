"""Cells that relax to either side after they were written: the mean stays until some reach zero."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.drift.drift import Drift, along_states, check_inside, stated
from chipsim.spec.fields import between, more_than
from chipsim.units import Ns, Share

__all__ = ["Spreading"]


@attrs.frozen(kw_only=True)
class Spreading(Drift):
    """``G(t) = G(begins) (1 + z per_decade log10(t / begins))``, z a Gaussian number of each cell.

    No cell goes below nothing, so that the mean of states which spread far rises: by 1 % where the standard
    deviation has grown to 59 % of what they conduct, and by 8 % where it is 100 %. What cells differ by grows
    with the decades, and adds to what they differed by when they were written as independent errors do. Oxide
    cells relax so after they were verified.

    Examples
    --------
    >>> law = Spreading(per_decade=Share(0.02), begins=Ns(1_000_000_000))
    >>> [round(float(one), 4) for one in law.kept(np.array([1e12, 1e12]), np.array([0.02, -0.02]))]
    [1.06, 0.94]
    """

    kind: ClassVar[str] = "spreading"
    per_decade: Share = attrs.field(validator=between(0, 1))
    """Standard deviation that each tenfold of time adds, over the conductance, of cells that were written to
    their highest one."""
    per_decade_low: Share | None = attrs.field(default=None, validator=between(0, 1))
    """Likewise of those that were written to their lowest; in between it is interpolated. None (null) where
    all states spread alike."""
    per_decade_between: tuple[Share, ...] | None = attrs.field(default=None, validator=check_inside)
    """Likewise of those in between at equal distances, the low ones first, without both ends. None (null)
    where they lie on the line between the ends."""
    begins: Ns = attrs.field(validator=more_than(0))
    """Time after writing at which a cell conducts what it was written to; nothing is seen before."""

    def rates(self, state: NDArray[np.float64]) -> NDArray[np.float64]:
        """Standard deviations of a decade."""
        low, inside = self.per_decade_low, self.per_decade_between
        return along_states(state, low=low, inside=inside, high=self.per_decade)

    def apart(self, shape: tuple[int, int], *, rng: np.random.Generator) -> NDArray[np.float32]:
        """To either side."""
        return rng.standard_normal(shape, dtype=np.float32)

    def kept(self, age: NDArray[np.float64], rate: NDArray[np.float64]) -> NDArray[np.float64]:
        """By the decades."""
        decades = np.log10(np.maximum(age, self.begins) / self.begins)
        # No cell conducts less than nothing, and one that came to it stays there.
        return np.maximum(1 + rate * decades, 0.0)

    @property
    def quiet(self) -> float:
        """As described."""
        return float(self.begins)

    def missed(self, interval: float) -> float:
        """By the largest of the standard deviations."""
        largest = max(stated(low=self.per_decade_low, inside=self.per_decade_between, high=self.per_decade))
        return float(min(largest * np.log10(1 + interval / self.begins), 1.0))

    def idealised(self) -> Iterable[str]:
        """That a cell has one way for life."""
        yield from super().idealised()
        yield (
            "No cell relaxes below nothing: where cells of a state differ by half of what they conduct and "
            "more, their mean rises."
        )
        yield "A cell relaxes to the same side each time that it is written, where hardware draws anew."
