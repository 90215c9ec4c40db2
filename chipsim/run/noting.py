"""Chosen steps of a run, as a timeline: what each part did, held and waited for, and what it was charged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import attrs

from chipsim.chip.chip import Chip
from chipsim.errors import DescriptionError, Problem
from chipsim.ledger import Charges, Entry, Ledger
from chipsim.parts.program import Program
from chipsim.result.step_numbers import ENDS, StepNumbers
from chipsim.result.trace_events import Timeline
from chipsim.run.observed import Observed, Served, observe
from chipsim.state import State

__all__ = ["MOST_DRAWN", "Noted", "check_steps", "written"]

MOST_DRAWN: Final = 500_000
"""Operations of a step that is drawn: as events they take about 10 MB of the file."""


@attrs.frozen
class _Executed:
    """A program that was executed as a step, or for one."""

    number: int
    program: Program
    of_data: Ledger
    """What the data add to its charges."""
    began_ps: int


def check_steps(wanted: StepNumbers | None, *, steps: int) -> None:
    """Refuse steps that a run will not have, of which its timeline would say nothing.

    Parameters
    ----------
    wanted
        Chosen steps; None passes. A range may go on beyond the last step, and not begin there.
    steps
        How many steps the run has.

    Raises
    ------
    DescriptionError
        When steps are beyond the last one.
    """
    beyond = StepNumbers(()) if wanted is None else wanted.beyond(steps)
    if beyond.ranges:
        message = f"{beyond} is beyond the run, whose last step is {steps:,}"
        raise DescriptionError([Problem(path="trace_steps", message=message)])


class Noted:
    """Notes of which program belonged to which step, with all that is known of the chosen ones.

    Parameters
    ----------
    wanted
        Chosen steps; None for the first and the last few.
    """

    def __init__(self, wanted: StepNumbers | None = None) -> None:
        self._wanted = wanted
        self.numbers: list[int] = []
        """The step of each program executed: 0 for initial weights, and what ends an epoch counts to its last
        step."""
        self.kept: list[_Executed] = []
        """The chosen ones."""

    def note(self, number: int, program: Program, charges: Sequence[Charges], *, began: int) -> None:
        """Note a program that is executed, and what the data add to its charges.

        Parameters
        ----------
        number
            Of its step.
        program, charges
            What is done.
        began
            When, ps.
        """
        self.numbers.append(number)
        if self._wanted is None:
            self.kept = [one for one in self.kept if one.number <= ENDS or one.number > number - ENDS]
        elif number not in self._wanted:
            return
        of_data = Ledger()
        of_data.charge_data(charges)
        self.kept.append(_Executed(number, program, of_data, began))

    def note_equal(self, number: int, program: Program, times: int, *, took: int, ended: int) -> None:
        """Note equal programs, each a step, that were executed one after another.

        Parameters
        ----------
        number
            Of the first step.
        program, times
            What is done, and how often.
        took, ended
            How long each took, and when the last ended, ps.
        """
        for place in range(times):
            self.note(number + place, program, (), began=ended - took * (times - place))

    def state(self) -> State:
        """All notes, in lists of programs, numbers and entries."""
        kept = [(one.number, one.program, one.of_data.rows, one.began_ps) for one in self.kept]
        return {"numbers": self.numbers, "kept": kept}

    def restore(self, state: State) -> None:
        """Go on with the notes of another run that was noted alike."""
        self.numbers = state["numbers"]
        self.kept = [
            _Executed(number, program, Ledger.of(rows), began)
            for number, program, rows, began in state["kept"]
        ]


def written(noted: Noted, chip: Chip, *, title: str) -> bytes:
    """The chosen steps as a file for Perfetto.

    Parameters
    ----------
    noted
        What was noted.
    chip
        At rest; what is carried out on it again is charged to nobody.
    title
        What the run is called.
    """
    timeline = Timeline(title)
    before = None
    for executed in noted.kept:
        observed = observe(chip, executed.program, most=MOST_DRAWN)
        name = f"step {executed.number}" if executed.number else "initial weights"
        _add(timeline, executed, observed, name=f"after {name}" if executed.number == before else name)
        before = executed.number
    return timeline.compressed()


def _add(timeline: Timeline, executed: _Executed, observed: Observed | None, *, name: str) -> None:
    began = executed.began_ps
    if observed is None:
        timeline.step(name, began, began, left_out=f"more than {MOST_DRAWN:,} operations")
        return
    end = began + observed.elapsed_ps
    # Most epochs end without a program, and would stand as a step without length.
    if observed.operations:
        timeline.step(name, began, end, operations=len(observed.operations))
    timeline.energy(began, 0)
    for served in observed.operations:
        _add_operation(timeline, served, began)
    # What data set has no time of its own: it stands where the step ends, once for each part and action.
    for part, action, entry in executed.of_data:
        timeline.moment(part, action, end, **_amounts(entry))
        timeline.energy(end, entry.energy_aj)


def _add_operation(timeline: Timeline, served: Served, began: int) -> None:
    op = served.op
    said = {"operation": f"{op.part} {op.action}", **dict(op.counts)}
    if op.target:
        said["operation"] = f"{op.part} to {op.target}"
    for one in served.charges:
        amounts = _amounts(one.entry)
        timeline.energy(began + one.end_ps, one.entry.energy_aj)
        if one.end_ps > one.start_ps:
            start, end = began + one.start_ps, began + one.end_ps
            timeline.span(one.part, one.action, start, end, sort="work", **said, **amounts)
        else:
            timeline.moment(one.part, one.action, began + one.end_ps, **said, **amounts)
    worked = {one.part for one in served.charges}
    for held in served.holds:
        # What a part was charged says already that it was held.
        if held.part not in worked:
            start, end = began + held.start_ps, began + held.end_ps
            timeline.span(held.part, op.action, start, end, sort="held", **said)
    for wait in served.waits:
        start, end = began + wait.start_ps, began + wait.end_ps
        if wait.holding:
            timeline.span(wait.holding, f"waits for {wait.part}", start, end, sort="waiting")
        else:
            timeline.queue(wait.part, start, end)


def _amounts(entry: Entry) -> dict[str, Any]:
    """What was charged, under names that no count of an operation has; nothing of what is nothing."""
    amounts = {
        "charged_count": entry.count,
        "busy_ps": entry.busy_ps,
        "energy_aJ": entry.energy_aj,
        "charged_pulses": entry.pulses,
        "charged_bits": entry.bits,
    }
    return {name: amount for name, amount in amounts.items() if amount}
