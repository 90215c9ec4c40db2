"""Kept programs carried out again: their time and energy on a chip, epoch by epoch."""

from __future__ import annotations

from typing import Final

import attrs
import numpy as np

from chipsim.chip.chip import Chip
from chipsim.errors import OutputError
from chipsim.ledger import Charges, Ledger
from chipsim.parts.patterns import program_from
from chipsim.parts.program import Alike, Operation, Program, UnknownCountError, operations_of
from chipsim.result.kept import DataCharge, KeptItems, KeptPrograms
from chipsim.run.execute import Executor
from chipsim.tile.driver import DriverBank

__all__ = ["Repeated", "priced", "repeated"]

_MANY: Final = 8
"""Items of a pattern from which on it pays to look for how all of them are timed at once."""


@attrs.frozen(kw_only=True, eq=False)
class Repeated:
    """What kept programs take on a chip."""

    elapsed_ps: tuple[int, ...]
    """From the start of training to the end of each epoch, that of initial writing first."""
    energy_aj: tuple[int, ...]
    """Likewise."""
    ledger: Ledger
    """Of the whole run."""
    charges: tuple[DataCharge, ...]
    """What data charged, with driven lines priced by this chip."""
    first_step: Program | None
    """Of the last epoch."""
    first_step_ps: int | None
    executor: Executor
    """Of the chip, at rest again."""


def repeated(kept: KeptPrograms, chip: Chip) -> Repeated:
    """Carry out kept programs on a chip that may be without state.

    Parameters
    ----------
    kept
        Of a run on a chip of this description; its costs may have been others.
    chip
        At rest.

    Raises
    ------
    OutputError
        When the programs are none that this chip carries out, or parts were charged what nobody can price.
    """
    executor = Executor(chip, replay=True)
    charges = tuple(priced(charge, chip) for charge in kept.charges)
    elapsed, energy = [], []
    data = Ledger()
    for epoch in range(_last_epoch(kept) + 1):
        for items in kept.items:
            if items.epoch == epoch:
                _carry_out(items, executor)
        for charge in charges:
            if charge.epoch == epoch:
                row = ((charge.part, charge.action),)
                data.charge_data([Charges(row, [charge.energy_aj], [charge.pulses])])
        elapsed.append(int(executor.elapsed))
        energy.append(executor.settle().total.energy_aj + data.total.energy_aj)
    total = Ledger()
    total.add(executor.settle())
    total.add(data)
    step = _program(kept.first_step) if kept.first_step else None
    return Repeated(
        charges=charges,
        elapsed_ps=tuple(elapsed),
        energy_aj=tuple(energy),
        ledger=total,
        first_step=step,
        executor=executor,
        first_step_ps=None if step is None else int(executor.took(step)),
    )


def _last_epoch(kept: KeptPrograms) -> int:
    epochs = [items.epoch for items in kept.items] + [charge.epoch for charge in kept.charges]
    return max(epochs, default=0)


def _program(pattern: str, numbers: tuple[int, ...] = ()) -> Program:
    try:
        return program_from(pattern, numbers)
    except ValueError as error:
        raise OutputError(f"programs.parquet {error}; the result is damaged, so run it again") from None


def _carry_out(items: KeptItems, executor: Executor) -> None:
    """Execute items of a pattern as often as they were."""
    try:
        alike = _alike(items) if len(items.times) >= _MANY else None
        if alike is not None and executor.is_quick(alike):
            executor.run_alike(alike)
            return
        for numbers, times in zip(items.counts.tolist(), items.times.tolist(), strict=True):
            executor.run(_program(items.pattern, tuple(numbers)), times)
    except (UnknownCountError, KeyError) as error:
        raise OutputError(
            f"programs.parquet: holds what this chip does not carry out ({error}); run it again"
        ) from error


def _alike(items: KeptItems) -> Alike | None:
    """Items as programs that are alike; None where something else than counts of operations varies."""
    width = items.counts.shape[1]
    # Numbers that no count has show which of them vary.
    marked = _program(items.pattern, tuple(range(-1, -1 - width, -1)))
    varied = [op for op, _ in operations_of(marked) if any(value < 0 for _, value in op.counts)]
    places = {value: name for op in varied for name, value in op.counts if value < 0}
    names = tuple(sorted(set(places.values())))
    if len(places) < width or not all(set(names) <= set(op.names) for op in varied):
        return None
    first = items.counts[0]
    counts = np.zeros((len(items.times), len(varied), len(names)), np.int64)
    for row, op in enumerate(varied):
        for column, name in enumerate(names):
            value = op[name]
            counts[:, row, column] = items.counts[:, -1 - value] if value < 0 else value
    pattern = _program(items.pattern, tuple(first.tolist()))
    ops = tuple(_of_first(op, first.tolist()) for op in varied)
    # One of them may be the same as another one by chance, and then cannot be told from it.
    if len(set(ops)) < len(ops):
        return None
    return Alike(pattern, ops, names, np.repeat(counts, items.times, axis=0))


def _of_first(op: Operation, first: list[int]) -> Operation:
    """An operation with numbers of the first item in the place of marks."""
    counts = tuple((name, first[-1 - value] if value < 0 else value) for name, value in op.counts)
    return attrs.evolve(op, counts=counts)


def priced(charge: DataCharge, chip: Chip) -> DataCharge:
    """What data charged, with driven lines priced by this chip.

    Raises
    ------
    OutputError
        When the part has no price of such lines.
    """
    part = chip.parts.get(charge.part)
    if isinstance(part, DriverBank):
        return attrs.evolve(charge, energy_aj=int(part.energy(rows=charge.rows, columns=charge.columns)))
    if charge.rows or charge.columns or part is None:
        raise OutputError(f"charges.parquet: {charge.part} of this chip drives no lines; run it again")
    return charge
