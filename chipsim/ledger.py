"""What a run cost: counts, busy time, energy, pulses and bits, by part and by action.

Every amount is an integer, so totals do not depend on the order of charging, and a program that is
repeated can be charged by multiplication.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import attrs

from chipsim.units import Aj, Ps

__all__ = ["Charges", "DataLedger", "Entry", "Ledger", "Record", "Timed", "Trace"]


@attrs.define(slots=True)
class Entry:
    """What one part was charged for one action."""

    count: int = 0
    """How many times the action was done."""
    busy_ps: int = 0
    """Time for which the part was held, summed over its servers, in picoseconds."""
    energy_aj: int = 0
    """Energy in attojoules."""
    pulses: int = 0
    """Programming pulses that fired on cells."""
    bits: int = 0
    """Bits moved, read or written."""

    def add(self, other: Entry, times: int = 1) -> None:
        """Add another entry's amounts, `times` over."""
        self.count += other.count * times
        self.busy_ps += other.busy_ps * times
        self.energy_aj += other.energy_aj * times
        self.pulses += other.pulses * times
        self.bits += other.bits * times


@attrs.frozen(slots=True)
class Charges:
    """What one operation is charged beside its time: amounts that its data set.

    They never decide how long anything takes, so they stay outside the program.
    """

    rows: tuple[tuple[str, str], ...]
    """Part and action of each amount."""
    energies_aj: Sequence[int]
    """One a row, in attojoules."""
    pulses: Sequence[int] = ()
    """One a row, or empty for none."""
    lines: Sequence[tuple[int, int, int]] = ()
    """Of each amount that is nothing but the price of driven lines: the place of its row, rows of cells that
    were driven, and columns. Another cost set prices the same lines otherwise."""


# A tuple, for a plan makes a dozen of them, and nearly every serial update has a plan of its own.
class Timed(NamedTuple):
    """What one part is charged when a time has passed."""

    row: tuple[str, str]
    """Part and action."""
    ago: Ps
    """How long ago it began."""
    busy: Ps
    """Time for which the part was held since then."""
    energy: Aj
    count: int  # type: ignore[assignment]  # nobody counts in it as in other tuples
    bits: int


@attrs.frozen(slots=True)
class Record:
    """One flat line of a trace: who was busy with what, from when to when (ps from the step's start)."""

    start_ps: int
    end_ps: int
    part: str
    action: str


@attrs.frozen(kw_only=True)
class Trace:
    """Every operation of a run: the distinct programs' records, and which program ran when."""

    programs: tuple[tuple[Record, ...], ...]
    """Records of each distinct program, from its own start."""
    executed: tuple[int, ...]
    """Index of each program executed, in order; each starts when the one before it has ended."""
    steps: tuple[int, ...] = ()
    """Step that each belongs to: 0 for initial weights, and what ends an epoch counts to its last step; empty
    in traces from before it was kept."""


class Ledger:
    """Charges by part and action.

    Examples
    --------
    >>> ledger = Ledger()
    >>> ledger.charge("tile0.adc", "forward", busy=Ps(10_000), energy=Aj(1_714_000))
    >>> ledger.total.energy_aj
    1714000
    >>> ledger.by_part()["tile0.adc"].count
    1
    """

    def __init__(self) -> None:
        self._entries: defaultdict[tuple[str, str], Entry] = defaultdict(Entry)
        self.trace: list[Record] | None = None
        """Collects a record for each timed charge when it is a list; nothing is kept when None."""

    def charge(
        self,
        part: str,
        action: str,
        *,
        busy: Ps = Ps(0),
        energy: Aj = Aj(0),
        count: int = 1,
        pulses: int = 0,
        bits: int = 0,
        start: Ps | None = None,
    ) -> None:
        """Charge one part for one action; with `start`, the trace shows it from then on for `busy`."""
        entry = self._entries[part, action]
        entry.count += count
        entry.busy_ps += busy
        entry.energy_aj += energy
        entry.pulses += pulses
        entry.bits += bits
        if self.trace is not None and start is not None:
            self.trace.append(Record(start, start + busy, part, action))

    def charge_timed(self, charges: Iterable[Timed], now: int | None = None, *, times: int = 1) -> None:
        """Charge what was done `times` over.

        Parameters
        ----------
        charges
            What parts are charged.
        now
            When it ended, ps, for the trace; None leaves that alone.
        times
            How often it was done.
        """
        entries, trace = self._entries, self.trace
        for each in charges:
            entry = entries[each.row]
            entry.count += each.count * times
            entry.busy_ps += each.busy * times
            entry.energy_aj += each.energy * times
            entry.bits += each.bits * times
            if trace is not None and now is not None:
                start = now - each.ago
                trace.append(Record(start, start + each.busy, *each.row))

    def charge_data(self, charges: Iterable[Charges]) -> None:
        """Add what the data set: energies and pulses of actions that are timed elsewhere."""
        # Every step comes by here: plain loops over a few integers.
        entries = self._entries
        for charge in charges:
            if not charge.pulses:
                for row, energy in zip(charge.rows, charge.energies_aj, strict=True):
                    entries[row].energy_aj += energy
                continue
            for row, energy, pulses in zip(charge.rows, charge.energies_aj, charge.pulses, strict=True):
                entry = entries[row]
                entry.energy_aj += energy
                entry.pulses += pulses

    @property
    def rows(self) -> list[list[Any]]:
        """Part, action and the amounts of each entry, in words and numbers alone."""
        # Spelt out: a saved state has thousands of them.
        return [
            [part, action, entry.count, entry.busy_ps, entry.energy_aj, entry.pulses, entry.bits]
            for part, action, entry in self
        ]

    @classmethod
    def of(cls, rows: Iterable[Sequence[Any]]) -> Ledger:
        """A ledger by its rows.

        Examples
        --------
        >>> ledger = Ledger()
        >>> ledger.charge("tile0.adc", "forward", bits=8)
        >>> Ledger.of(ledger.rows) == ledger
        True
        """
        ledger = cls()
        for part, action, *amounts in rows:
            ledger._entries[part, action] = Entry(*amounts)
        return ledger

    def add(self, other: Ledger, times: int = 1) -> None:
        """Add all of another ledger, `times` over; traces are left alone."""
        for key, entry in other._entries.items():
            self._entries[key].add(entry, times)

    def take(self) -> Ledger:
        """Hand over everything charged so far, and start anew."""
        taken = Ledger()
        taken._entries, self._entries = self._entries, taken._entries
        return taken

    def __iter__(self) -> Iterator[tuple[str, str, Entry]]:
        # Sorted: which part was charged first depends on the program, and tables should not.
        for (part, action), entry in sorted(self._entries.items()):
            yield part, action, entry

    def __len__(self) -> int:
        return len(self._entries)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Ledger):
            return NotImplemented
        return dict(self._entries) == dict(other._entries)

    __hash__ = None  # type: ignore[assignment]  # it changes

    def by_part(self) -> Mapping[str, Entry]:
        """Totals of each part over all its actions."""
        return self._grouped(0)

    def by_action(self) -> Mapping[str, Entry]:
        """Totals of each action over all parts."""
        return self._grouped(1)

    def _grouped(self, index: int) -> Mapping[str, Entry]:
        groups: defaultdict[str, Entry] = defaultdict(Entry)
        for key, entry in sorted(self._entries.items()):
            groups[key[index]].add(entry)
        return dict(groups)

    @property
    def total(self) -> Entry:
        """Totals over everything."""
        total = Entry()
        for entry in self._entries.values():
            total.add(entry)
        return total


class DataLedger(Ledger):
    """Charges that data set, and how many lines each part drove for them.

    Examples
    --------
    >>> ledger = DataLedger()
    >>> driven = Charges((("tile0.driver", "update"),), [70], lines=[(0, 3, 4)])
    >>> ledger.charge_data([driven, driven])
    >>> ledger.total.energy_aj, ledger.lines["tile0.driver", "update"]
    (140, (6, 8))
    """

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[tuple[str, str], tuple[int, int]] = {}
        """Rows and columns that were driven, by part and action."""

    def charge_data(self, charges: Iterable[Charges]) -> None:
        """Add what the data set, and count the lines."""
        charges = tuple(charges)
        super().charge_data(charges)
        for charge in charges:
            for place, rows, columns in charge.lines:
                row = charge.rows[place]
                had = self.lines.get(row, (0, 0))
                self.lines[row] = had[0] + rows, had[1] + columns

    def state(self) -> list[list[Any]]:
        """All of it in words and numbers alone: each row, and the lines that it drove."""
        return [[*row, *self.lines.get((row[0], row[1]), (0, 0))] for row in self.rows]

    @classmethod
    def restored(cls, state: Iterable[Sequence[Any]]) -> DataLedger:
        """The ledger that has this state."""
        ledger = cls()
        for part, action, *amounts, rows, columns in state:
            ledger._entries[part, action] = Entry(*amounts)
            if rows or columns:
                ledger.lines[part, action] = rows, columns
        return ledger
