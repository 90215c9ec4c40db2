"""Inference as a question of its own: how long, how many, how much energy, and how many operations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

import attrs

from chipsim.chip.chip import Chip
from chipsim.ledger import Ledger
from chipsim.net.network import Network
from chipsim.parts.program import operation_count
from chipsim.result import LedgerRow
from chipsim.result.kept import KeptPrograms
from chipsim.run.execute import execute
from chipsim.run.steady import steady

__all__ = ["Inference", "cell_currents", "inference_on", "ledger_rows"]

_MOST_OPERATIONS: Final = 300
"""Of a sample that is streamed in passing, within some hundredths of a second."""
_MOST_STREAMED: Final = 50_000
"""Of a sample that is streamed where somebody asks for it, within a minute."""


@attrs.frozen(kw_only=True)
class Inference:
    """What it takes a chip to classify samples."""

    latency_ps: int
    """Of one sample that has the chip to itself."""
    interval_ps: Fraction | None
    """Between two samples that stream through it; None where nobody had the patience to look."""
    exact: bool
    """Whether they came out evenly; else the interval is a mean."""
    under_way: int
    """Samples on the chip at once at most."""
    rows: tuple[LedgerRow, ...]
    """Of one sample, by part and action."""
    cells_aj: Mapping[str, float] | None
    """Energy of cell currents of one sample by array, on average over the training samples of the last epoch;
    None where no run tells it."""
    operations: int
    """Two for each product of an input and a weight that is added up, biases included, in layers of weights;
    nothing else counts."""
    area_mm2: float
    busiest: tuple[str, int] = ("", 0)
    """The part with one server that is busy for longest with one sample, and for how long, ps: samples come
    out no faster."""

    too_long: bool = False
    """Whether the pace is not known for the operations that one sample takes."""
    frozen_ps: int | None = None
    """Of the latency, until the sample is through the frozen layers that come first; None without any."""
    frozen_aj: int | None = None
    """Of the energy, without cell currents, likewise."""

    @property
    def energy_aj(self) -> float:
        """Of one sample, with cell currents where they are known."""
        cells = sum(self.cells_aj.values()) if self.cells_aj else 0.0
        return sum(row.energy_aj for row in self.rows) + cells

    @property
    def samples_per_s(self) -> float | None:
        """When samples stream."""
        return None if self.interval_ps is None else float(Fraction(10**12) / self.interval_ps)

    @property
    def tops(self) -> float | None:
        """10^12 operations a second when samples stream."""
        rate = self.samples_per_s
        return None if rate is None else self.operations * rate / 1e12

    @property
    def tops_per_watt(self) -> float | None:
        """10^12 operations a joule; None where a sample costs nothing."""
        # An attojoule is 1e-18 J, so an operation an attojoule is 10^18 a joule.
        return self.operations / self.energy_aj * 1e6 if self.energy_aj else None

    @property
    def tops_per_mm2(self) -> float | None:
        """Operations a second by the area of the whole chip."""
        return None if self.tops is None or not self.area_mm2 else self.tops / self.area_mm2

    def figures(self) -> dict[str, Any]:
        """Of the summary of a run."""
        return {
            "inference_time_ps": self.latency_ps,
            "inference_interval_ps": None if self.interval_ps is None else float(self.interval_ps),
            "inference_samples_per_s": self.samples_per_s,
            "inference_energy_J": self.energy_aj / 1e18,
            "inference_frozen_time_ps": self.frozen_ps,
            "inference_frozen_energy_J": None if self.frozen_aj is None else self.frozen_aj / 1e18,
            "inference_operations": self.operations,
            "inference_TOPS": self.tops,
            "inference_TOPS_per_W": self.tops_per_watt,
            "inference_TOPS_per_mm2": self.tops_per_mm2,
        }


def inference_on(
    chip: Chip, rule: Network, *, cells_aj: Mapping[str, float] | None = None, patient: bool = True
) -> Inference:
    """Inference on a chip with a network placed on it.

    Parameters
    ----------
    chip
        At rest; it may be without state.
    rule
        The network on it, or on one of the same description.
    cells_aj
        Energy of cell currents of one sample by array, where it is known.
    patient
        Whether samples are streamed also where one takes many operations, and streaming takes seconds; not
        where it would take minutes.
    """
    program, stages = rule.inference(), rule.network.stages
    # Twice as many as there are layers fill each tile and its converters; more would only wait.
    under_way = 2 * len(stages) + 4
    alone = execute(chip, program)
    most = _MOST_STREAMED if patient else _MOST_OPERATIONS
    streams = operation_count(program) <= most
    pace = steady(chip, program, under_way=under_way) if streams else None
    rows = ledger_rows(chip, alone.ledger)
    frozen = rule.frozen()
    first = None if frozen is None else execute(chip, frozen)
    return Inference(
        latency_ps=int(alone.elapsed),
        interval_ps=None if pace is None else pace.interval_ps,
        exact=pace is None or pace.exact,
        under_way=under_way,
        rows=rows,
        cells_aj=cells_aj,
        operations=sum(2 * stage.weights * stage.patches for stage in stages),
        area_mm2=chip.area / 1e12,
        busiest=_busiest(chip, rows),
        too_long=not streams,
        frozen_ps=None if first is None else int(first.elapsed),
        frozen_aj=None if first is None else first.ledger.total.energy_aj,
    )


def _busiest(chip: Chip, rows: Sequence[LedgerRow]) -> tuple[str, int]:
    busy: Counter[str] = Counter()
    for row in rows:
        if chip.parts[row.part].server.capacity == 1:
            busy[row.part] += row.busy_ps
    return min(busy.items(), key=lambda item: (-item[1], item[0]), default=("", 0))


def cell_currents(kept: KeptPrograms | None, *, epochs: int, samples: int | None) -> dict[str, float] | None:
    """Cell currents of a forward pass by array, attojoules a sample; None where they are not known.

    Parameters
    ----------
    kept
        Of the run.
    epochs
        Finished epochs, of which the last one tells.
    samples
        Training samples of that epoch.
    """
    if kept is None or not epochs or not samples:
        return None
    return {
        charge.part: charge.energy_aj / samples
        for charge in kept.charges
        if charge.epoch == epochs and charge.action == "forward"
    }


def ledger_rows(chip: Chip, ledger: Ledger) -> tuple[LedgerRow, ...]:
    """A ledger as a result holds it."""
    return tuple(
        LedgerRow(part=part, kind=chip.parts[part].kind, action=action, **attrs.asdict(entry))
        for part, action, entry in ledger
    )
