"""A result under other costs, without training again: kept programs are timed and priced anew."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import attrs

from chipsim.errors import DescriptionError, OutputError, Problem
from chipsim.result import EpochRow, LedgerRow, Result
from chipsim.result.kept import KeptPrograms
from chipsim.result.last_epoch import samples_of_last
from chipsim.result.leakage import LeakageRow, leakage_figures
from chipsim.result.summary import Summary
from chipsim.run.collecting import changed_counts, looked_into, used_values
from chipsim.run.counted import Counted
from chipsim.run.drawing import draw
from chipsim.run.inference import Inference, cell_currents, inference_on, ledger_rows
from chipsim.run.leaking import leakage_rows
from chipsim.run.reading import Described
from chipsim.run.repeating import Repeated, repeated
from chipsim.run.setup import Setup, assembled
from chipsim.run.weights import GivenWeights
from chipsim.spec import (
    Description,
    check_together,
    costs_of,
    overridden,
)
from chipsim.spec.chip import ChipSpec
from chipsim.spec.costs import CostSet
from chipsim.spec.overrides import names_costs, path_in, renames, split_sets
from chipsim.spec.reading import chip_from_document, costs_from_document, workload_from_document
from chipsim.version import this_code, versions

__all__ = ["Pricing", "inference_of_run", "reprice"]

_AGAIN: Final = "run it again under these costs"
_MORE: Final = "changes more than costs, and takes a run of its own; only costs can be changed without one"
_NO_PRICE: Final = "is no price, but says what the entry prices; set its prices, or give the whole list"


def reprice(result: Result, *, costs: str = "", sets: Sequence[str] = ()) -> Result:
    """A result as the same run under other costs would have given it, to the attojoule and the picosecond.

    Nothing is trained. Programs that the run executed were kept with it; they are timed and priced on a chip
    with the new costs, each distinct one once. Accuracies, weights and wear are those of the run: no cost has
    a part in them. Wall time is that of the run.

    Parameters
    ----------
    result
        Of a run that was finished or stopped.
    costs
        Name or path of another cost set; empty for that of the result, with its own overrides.
    sets
        Overrides of costs, such as ``costs.adc[*].energy=x0.1`` or ``costs.sram.read=1 fJ``.

    Returns
    -------
    Result
        Without a trace; provenance says of which result it is, and what was changed.

    Raises
    ------
    DescriptionError
        When the costs cannot be used, or anything else than costs is to be changed.
    OutputError
        When the result does not hold what it takes.

    Examples
    --------
    >>> from chipsim.run import simulate
    >>> result = simulate("single-pair", "mnist-5k", epochs=1, sets=["phases.0.dataset.train=20"])
    >>> cheaper = reprice(result, sets=["costs.adc[*].energy=x0.1"])
    >>> cheaper.summary["energy_aJ"] < result.summary["energy_aJ"]
    True
    """
    pricing = Pricing(result)
    after = _with_costs(pricing.before, costs=costs, sets=sets)
    return pricing.under(after, sets=_said(costs, sets))


class Pricing:
    """A result whose programs can be priced under one set of costs after another.

    Parameters
    ----------
    result
        Of a run that was finished or stopped.

    Raises
    ------
    OutputError
        When the result does not hold what it takes.

    Examples
    --------
    >>> from chipsim.run import simulate
    >>> from chipsim.run.reading import read_all
    >>> short = ["phases.0.dataset.train=20"]
    >>> pricing = Pricing(simulate("single-pair", "mnist-5k", epochs=1, sets=short))
    >>> read = read_all("single-pair", "mnist-5k", sets=[*short, "costs=isaac-32nm"], epochs=1, datasets={})
    >>> pricing.under(read, sets=["costs=isaac-32nm"]).provenance["cost_set"]
    'isaac-32nm'
    """

    def __init__(self, result: Result) -> None:
        self._result, self._kept = result, _kept(result)
        self.before = _described(result)
        """What the run was described by."""
        self.run: str = result.provenance.get("run", "")
        """The name of the run; empty where it has none."""
        _refuse_own_kinds(result)
        self._checked = False
        self._counted: Counted | None = None

    def under(self, after: Described, *, sets: Sequence[str]) -> Result:
        """The result under other costs.

        Parameters
        ----------
        after
            What it is described by then; equal to `before` in all but costs.
        sets
            The overrides that say so, for provenance.

        Raises
        ------
        OutputError
            When the kept programs do not come to the result's own figures under its own costs.
        """
        self._check()
        setup = _setup(after)
        return _repriced(self._result, setup, repeated(self._kept, setup.chip), sets=list(sets))

    def summary_under(self, sets: Sequence[str], *, timed: bool = True) -> Summary:
        """The summary with energy, leakage, time and area under other costs, and all else as the run has it.

        Parameters
        ----------
        sets
            Overrides of costs.
        timed
            Whether time may change. Where only prices of energy do, energy is their sum times how often each
            is paid, and nothing is timed for it.

        Raises
        ------
        DescriptionError
            When the costs cannot be used, or anything else than costs is to be changed.
        OutputError
            When the kept programs do not come to the result's own figures under its own costs.
        """
        self._check()
        setup = _setup(_with_costs(self.before, costs="", sets=sets))
        said, rows = dict(self._result.summary), self._result.ledger
        if timed:
            found = repeated(self._kept, setup.chip)
            elapsed, energy = found.elapsed_ps[-1], found.energy_aj[-1]
            rows = ledger_rows(setup.chip, found.ledger)
        else:
            self._counted = self._counted or Counted(self._kept)
            elapsed, energy = said["simulated_time_ps"], self._counted.energy_aj(setup.chip)
        main = _main_figures(elapsed, energy, area_nm2=setup.chip.area)
        return Summary(
            said | main | leakage_figures(_leaked(setup, rows, elapsed_ps=elapsed), energy_aj=energy)
        )

    def _check(self) -> None:
        if not self._checked:
            # By the very figures of the run: another chipsim may time the same programs otherwise.
            _check_same(self._result, repeated(self._kept, _setup(self.before).chip))
            self._checked = True


def _kept(result: Result) -> KeptPrograms:
    if result.kept is None:
        why = "an older chipsim saved it, or there were too many that differ"
        raise OutputError(f"the result does not hold the programs of its run ({why}); {_AGAIN}")
    return result.kept


def _refuse_own_kinds(result: Result) -> None:
    """Refuse what may have been charged by kinds of one's own, of which nobody knows by which costs."""
    outside = result.provenance.get("outside") or ()
    if outside:
        raise OutputError(f"the run used kinds of one's own, whose charges may follow any costs; {_AGAIN}")


def _described(result: Result) -> Described:
    said = result.provenance
    return Described(
        architecture=chip_from_document(result.chip, file=said.get("architecture_file", "")),
        workload=workload_from_document(result.workload, file=said.get("workload_file", "")),
        costs=costs_from_document(result.costs, file=said.get("cost_set_file", "")),
    )


def _with_costs(read: Described, *, costs: str, sets: Sequence[str]) -> Described:
    """The descriptions with other costs; anything else that is set is refused."""
    chip_sets, workload_sets, cost_sets = split_sets(sets)
    named = list(filter(names_costs, chip_sets))
    others = [text for text in (*chip_sets, *workload_sets) if text not in named]
    problems = [_refusal(text, _MORE) for text in others]
    problems += [_refusal(text, _NO_PRICE) for text in cost_sets if renames(text, kind="costs")]
    if problems:
        raise DescriptionError(problems)
    if costs:
        named.append(f"costs={costs}")
    if not (named or cost_sets):
        raise DescriptionError([Problem(message="nothing is changed: name another cost set, or set a cost")])
    chip: Description[ChipSpec] = overridden(read.architecture, named)
    priced: Description[CostSet]
    priced = costs_of(chip, sets=cost_sets) if named else overridden(read.costs, cost_sets)
    check_together(chip, priced, read.workload)
    return Described(architecture=chip, workload=read.workload, costs=priced)


def _refusal(text: str, why: str) -> Problem:
    return Problem(path=path_in(text), message=f"--set {text} {why}")


def _setup(read: Described) -> Setup:
    # A chip without state times like one with it; weights that a file gave have no part in that.
    return assembled(read, seed=None, weights=GivenWeights())


def inference_of_run(result: Result) -> Inference:
    """Inference on the chip of a run, with the cell currents that its training samples found.

    Parameters
    ----------
    result
        A run; it need not be complete.

    Raises
    ------
    ChipsimError
        When its chip cannot be built any more.
    """
    return _inference(result, _setup(_described(result)))


def _inference(result: Result, setup: Setup, *, patient: bool = True) -> Inference:
    samples = samples_of_last(result.epochs)
    if samples is None:
        # Of an older run that was stopped nobody knows which of its datasets the last epoch was of.
        sizes = {said["train_samples"] for said in result.provenance.get("datasets") or ()}
        samples = result.summary.train_samples if result.summary.complete or len(sizes) == 1 else None
    cells = cell_currents(result.kept, epochs=len(result.epochs), samples=samples)
    return inference_on(setup.chip, setup.rule, cells_aj=cells, patient=patient)


def _check_same(result: Result, found: Repeated) -> None:
    """Refuse a result whose programs do not come to its own figures under its own costs."""
    said = result.summary
    energies = {row.epoch: row.energy_aj for row in result.epochs}
    times = {row.epoch: row.simulated_time_ps for row in result.epochs}
    same = (
        found.elapsed_ps[-1] == said.simulated_time_ps
        and found.energy_aj[-1] == said.energy_aJ
        and all(found.energy_aj[epoch] == energy for epoch, energy in energies.items())
        and all(found.elapsed_ps[epoch] == time for epoch, time in times.items())
    )
    if not same:
        raise OutputError(
            "under its own costs the programs of the run do not come to its time and energy with this "
            f"chipsim: another one made it, or it is damaged; {_AGAIN}"
        )


def _said(costs: str, sets: Sequence[str]) -> list[str]:
    return [*([f"costs={costs}"] if costs else []), *sets]


def _repriced(result: Result, setup: Setup, found: Repeated, *, sets: list[str]) -> Result:
    chip = setup.chip
    values = used_values(setup.architecture, setup.workload, setup.costs)
    total, elapsed = found.ledger.total.energy_aj, found.elapsed_ps[-1]
    rows = ledger_rows(chip, found.ledger)
    leaks = _leaked(setup, rows, elapsed_ps=elapsed)
    summary = {
        **_main_figures(elapsed, total, area_nm2=chip.area),
        **leakage_figures(leaks, energy_aj=total),
        "first_step_time_ps": found.first_step_ps,
        **_inference(result, setup, patient=False).figures(),
    }
    return attrs.evolve(
        result,
        summary=Summary({**result.summary, **summary}),
        epochs=tuple(_epoch(row, found) for row in result.epochs),
        ledger=rows,
        leakage=leaks,
        trace=None,
        trace_events=b"",
        **looked_into(found.executor, found.first_step),
        kept=attrs.evolve(_kept(result), charges=found.charges),
        graph=draw(chip),
        values=values,
        chip=setup.architecture.document,
        costs=setup.costs.document,
        # The name of a run says by which costs it was priced, so that the name of the one before is left out.
        provenance={
            **{key: said for key, said in result.provenance.items() if key != "run"},
            **changed_counts(values),
            "cost_set": setup.costs.spec.name,
            "cost_set_file": setup.costs.file,
            "repriced": _provenance(result, sets),
        },
    )


def _leaked(setup: Setup, rows: Sequence[LedgerRow], *, elapsed_ps: int) -> tuple[LeakageRow, ...]:
    """What the parts of a chip leak at its prices, by what they did in a run."""
    spec = setup.architecture.spec.leakage
    return leakage_rows(setup.chip, spec, ledger=rows, elapsed_ps=elapsed_ps)


def _main_figures(elapsed_ps: int, energy_aj: int, *, area_nm2: int) -> dict[str, Any]:
    return {
        "simulated_time_s": elapsed_ps / 1e12,
        "simulated_time_ps": elapsed_ps,
        "energy_J": energy_aj / 1e18,
        "energy_aJ": energy_aj,
        "area_mm2": area_nm2 / 1e12,
    }


def _epoch(row: EpochRow, found: Repeated) -> EpochRow:
    return attrs.evolve(
        row, simulated_time_ps=found.elapsed_ps[row.epoch], energy_aj=found.energy_aj[row.epoch]
    )


def _provenance(result: Result, sets: list[str]) -> dict[str, Any]:
    """Of what, by which code and when a result was priced again; earlier times come with it."""
    said: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "code": this_code().sha256,
        "versions": versions(),
        "command": [*sys.argv],
        "sets": sets,
    }
    if "repriced" in result.provenance:
        said["before"] = result.provenance["repriced"]
    return said
