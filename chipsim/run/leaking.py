"""What a run's leakage comes to: power of each part times the time for which it was powered.

It is settled once, when the time of a run and what its parts were busy for are known: no event, no program
and no entry of the ledger has a part in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import Final

from chipsim.chip.chip import Chip
from chipsim.parts.part import Part
from chipsim.result import LedgerRow
from chipsim.result.leakage import LeakageRow
from chipsim.spec.leakage import LeakageSpec

__all__ = ["leakage_rows"]

_PS_PER_S: Final = 10**12


def leakage_rows(
    chip: Chip, spec: LeakageSpec, *, ledger: Iterable[LedgerRow], elapsed_ps: int
) -> tuple[LeakageRow, ...]:
    """What each part of a chip leaked, in name order; without parts that have nothing to leak.

    Parameters
    ----------
    chip
        At the prices of its cost set; it may be without state.
    spec
        What it does with parts that do nothing.
    ledger
        What its parts did, of which their busy time counts.
    elapsed_ps
        Time of the run.
    """
    busy: Counter[str] = Counter()
    for row in ledger:
        busy[row.part] += row.busy_ps
    rows = []
    for name, part in chip.parts.items():
        leakage = part.leakage
        if not (leakage.known or leakage.unknown):
            continue
        powered = _powered(part, spec, busy_ps=busy[name], elapsed_ps=elapsed_ps)
        rows.append(
            LeakageRow(
                part=name,
                kind=part.kind,
                power_aw=leakage.power,
                busy_ps=busy[name],
                energy_aj=_half_up(leakage.power * powered / _PS_PER_S),
                known=leakage.known,
                unknown=", ".join(leakage.unknown),
            )
        )
    return tuple(rows)


def _powered(part: Part, spec: LeakageSpec, *, busy_ps: int, elapsed_ps: int) -> Fraction:
    """For how long a part leaks, ps; time in which it is switched off counts by what remains."""
    share = {"idle": spec.remains, "kept": spec.memory_remains, "never": None}[part.gated]
    if spec.gating == "none" or share is None:
        return Fraction(elapsed_ps)
    # Each of several servers is switched by itself.
    working = Fraction(busy_ps, int(part.server.capacity))
    # By its digits: the float nearest to 0.05 is another number.
    return working + Fraction(str(share)) * (elapsed_ps - working)


def _half_up(energy: Fraction) -> int:
    return (2 * energy.numerator + energy.denominator) // (2 * energy.denominator)
