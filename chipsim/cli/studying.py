"""``chipsim study`` and ``chipsim sweep``."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import click
from rich.text import Text

from chipsim.bars import TERMINAL, is_terminal
from chipsim.cli.areas import tell_areas
from chipsim.cli.folders import sweep_name
from chipsim.cli.running import RUNS, called
from chipsim.cli.screen import put, screen, table
from chipsim.cli.stopping import StopNow, Stopping
from chipsim.cli.studies_shown import StudyBar
from chipsim.cli.terminal import printable
from chipsim.report.study_assumed import price_sentences
from chipsim.report.study_page import Examples, caveats, examples_of, write_study_page
from chipsim.report.study_values import value_sentences
from chipsim.report.study_verdicts import conclude
from chipsim.spec.study_file import Scenario, read_study, study_from
from chipsim.spec.study_values import vary_of
from chipsim.spec.trust import trusted
from chipsim.study.barred import checked_bar
from chipsim.study.engine import Outcome, Workers, carry_out
from chipsim.study.gathering import TABLE, gathered_again, write_csv
from chipsim.study.kept import KeptStudy
from chipsim.study.place import PAGE, begin, claimed_study
from chipsim.study.plan import Plan
from chipsim.study.planning import plan_study
from chipsim.study.quickly import Quickly
from chipsim.study.slurm import script_of, write_script
from chipsim.study.statistics import gather_kept
from chipsim.study.store import FAILED
from chipsim.study.store import RUNS as RUN_FOLDERS
from chipsim.study.words import leading_rows
from chipsim.wording import plural

__all__ = ["Asked", "run_study", "run_sweep", "write_slurm"]

_FAILED: Final = 3
"""Exit code where some runs could not be made."""
_TOLD: Final = 10
"""Failed runs that are told one by one."""


@attrs.frozen(kw_only=True)
class Asked:
    """What the command line says beside the study."""

    workers: Workers
    output: Path | None
    resume: bool
    overwrite: bool
    data: Path | None
    csv: Path | None = None
    flips: bool = False
    """Whether to work out at which prices an order in energy turns round."""


def run_study(file: Path, asked: Asked) -> None:
    """Check a scenario file, make its runs, and show what they came to.

    Raises
    ------
    ChipsimError
        When the scenario cannot be carried out, or results cannot be written.
    """
    _carry_out(read_study(file), base=file.parent, asked=asked)


def write_slurm(file: Path, script: Path, *, output: Path | None, data: Path | None) -> None:
    """Check a scenario file, and write the script that carries it out on a SLURM cluster.

    Raises
    ------
    ChipsimError
        When the scenario cannot be carried out, or the script cannot be written.
    """
    plan = plan_study(read_study(file), data=data)
    folder = output or RUNS / plan.study.name
    write_script(script_of(file, script=script, folder=folder, data=data, trusted=trusted()), script)
    many = len(plan.runs)
    click.echo(f"{script}: {many:,} {plural('run', many)} into {folder}; see JOBS and JOB at its top")


def run_sweep(arch: str, workload: str, *, said: Mapping[str, Any], asked: Asked) -> None:
    """Make the runs of one chip on one workload with values varied, and show what they came to.

    Parameters
    ----------
    arch, workload
        Names or paths.
    said
        ``vary`` and ``sets`` as texts, ``seeds``, ``epochs``, ``equal_area``, ``timing_only`` and ``wait``.
    asked
        The rest of the command line.

    Raises
    ------
    ChipsimError
        When something that was given cannot be used, or results cannot be written.
    """
    sets = [*said["sets"]]
    if said["epochs"] is not None:
        sets.append(f"phases[*].epochs={said['epochs']}")
    vary = vary_of(said["vary"])
    document: dict[str, Any] = {
        "name": sweep_name(called(arch), called(workload), vary),
        "architectures": [arch],
        "workloads": [workload],
        "set": sets,
        "vary": vary,
        "seeds": said["seeds"],
        "timing_only": said["timing_only"],
    }
    if said["equal_area"] is not None:
        document["equal_area"] = said["equal_area"]
    if said["wait"]:
        document["wait"] = list(said["wait"])
    _carry_out(study_from(document), base=Path(), asked=asked)


def _carry_out(scenario: Scenario, *, base: Path, asked: Asked) -> None:
    asked.workers.begin()
    with checked_bar(scenario.spec.name, place=TERMINAL if is_terminal() else "") as progress:
        plan = plan_study(scenario, data=asked.data, progress=progress)
    for remark in plan.remarks:
        click.echo(f"warning: {remark}", err=True)
    tell_areas(plan.areas)
    folder = asked.output or RUNS / plan.study.name
    claim = claimed_study(folder, resume=asked.resume, overwrite=asked.overwrite)
    with Stopping() as stopping, claim as place:
        if left := begin(plan, place, base=base.resolve()):
            click.echo(f"warning: {left}", err=True)
        try:
            outcome = _made(plan, folder, asked)
        except StopNow:
            click.echo(f"{stopping.word}; {_how_to_go_on(folder)}", err=True)
            gathered_again(folder)
            raise
    study = gathered_again(folder)
    _show(study, asked=asked)
    _end(outcome, folder)


def _made(plan: Plan, folder: Path, asked: Asked) -> Outcome:
    with StudyBar(plan.study.name) as bar:
        return carry_out(plan, folder, workers=asked.workers, data=asked.data, watched=bar)


def _show(study: KeptStudy, *, asked: Asked) -> None:
    """Print the table, what it shows and what to know before believing it, and write the page."""
    if asked.csv is not None:
        write_csv(study, asked.csv)
    gathered = gather_kept(study)
    if not study.done:
        return
    metrics, rows = leading_rows(gathered)
    columns = ("", "Seeds", *(metric.title for metric in metrics))
    put(screen(), table(*columns, rows=rows, right=range(1, len(columns))))
    for sentence in conclude(gathered, metrics).sentences:
        screen().print(Text(sentence))
    examples = _examples(study, flips=asked.flips)
    for sentence in (*price_sentences(gathered, examples.ranges), *value_sentences(gathered)):
        screen().print(Text(printable(sentence)))
    for caveat in caveats(gathered, examples):
        screen().print(Text(printable(f"note: {caveat}")))
    # Our own from an earlier call is replaced, and nothing else.
    page = write_study_page(gathered, study.folder / PAGE, examples=examples, runs=RUN_FOLDERS)
    click.echo(f"page: {page}")


def _examples(study: KeptStudy, *, flips: bool) -> Examples:
    if flips:
        click.echo("working out what other prices do to the order of chips ...", err=True)
    return examples_of(study, reprice=Quickly() if flips else None)


def _end(outcome: Outcome, folder: Path) -> None:
    """Say what there is and what failed; leave with an exit code that says so."""
    kept = f", {outcome.kept:,} kept" if outcome.kept else ""
    click.echo(f"{folder}: {outcome.made:,} {plural('run', outcome.made)} made{kept}; figures in {TABLE}")
    failed = outcome.failed
    if not failed:
        return
    click.echo(f"{len(failed):,} {plural('run', len(failed))} failed:", err=True)
    for planned, error in failed[:_TOLD]:
        click.echo(f"  {planned.id}: {error}\n    {planned.command}", err=True)
    if len(failed) > _TOLD:
        click.echo(f"  and {len(failed) - _TOLD:,} more; see {folder / FAILED}", err=True)
    click.get_current_context().exit(_FAILED)


def _how_to_go_on(folder: Path) -> str:
    again = f"the same command with --resume -o {shlex.quote(str(folder))} goes on"
    return f"what is done is kept in {folder}; {again}"
