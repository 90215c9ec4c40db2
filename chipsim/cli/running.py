"""``chipsim run``, and what it shares with ``chipsim compare``."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import attrs
import click
from rich.text import Text

from chipsim.cli.asking import check_sets
from chipsim.cli.folders import file_name
from chipsim.cli.how import How
from chipsim.cli.resuming import finished_before
from chipsim.cli.screen import put, screen
from chipsim.cli.stopping import StopNow, Stopping
from chipsim.cli.tasks import task_table
from chipsim.cli.telling import sentences_of
from chipsim.cli.watching import Watch
from chipsim.device.compiling import compiled
from chipsim.errors import (
    ChipsimError,
    DescriptionError,
    DivergedError,
    LostError,
    OutputError,
    Problem,
)
from chipsim.outputs.checkpoint import CHECKPOINT, forget
from chipsim.outputs.claims import ClaimedFolder
from chipsim.report import comparison_table
from chipsim.result import Result
from chipsim.result.extent import marked, stopped_after
from chipsim.result.files import claimed, claimed_anew, save
from chipsim.result.labels import labels
from chipsim.result.remains import keep_remains
from chipsim.result.timed import timed_words
from chipsim.run import prepare, simulate
from chipsim.spec import unread_together
from chipsim.units import DURATION, show

__all__ = ["RUNS", "called", "check_all_before", "end", "run_one", "show_results", "trained"]

RUNS: Final = Path("runs")
"""Where results go that have no folder given."""


def run_one(arch: str, how: How, *, output: Path | None, overwrite: bool) -> None:
    """Train one chip, save what it left, and print it.

    Raises
    ------
    ChipsimError
        When something that the user gave cannot be used; then nothing is left behind. When training diverged,
        its finished epochs are saved; when a result could not be saved in its folder, it is elsewhere, and
        the message says where.
    """
    check_all_before([arch], how)
    if how.resume and output is not None and (before := finished_before(output, arch, how)):
        show_results([before])
        click.echo(f"finished before, and saved in {output}; nothing is left to go on with")
        return
    name = called(arch)
    stem = f"{name}--{called(how.workload)}"
    with Stopping() as stopping:
        place = claimed(output, overwrite=overwrite or how.resume) if output else claimed_anew(RUNS, stem)
        try:
            with place as claim:
                result, failure = trained(arch, name, how=how, place=claim, stopping=stopping)
        except StopNow:
            kept = "nothing was saved but its last checkpoint" if how.saves_state else "nothing was saved"
            click.echo(f"{stopping.word}; {kept}", err=True)
            raise
    folder = claim.named
    show_results([result])
    if failure:
        raise failure
    if result.summary["complete"]:
        # As a shell takes it, whatever blanks the folder's name has.
        command = shlex.join(["chipsim", "report", str(folder)])
        click.echo(f"saved in {folder}; {command} makes its page")
    end(result, folder, stopping=stopping)


def trained(
    arch: str, name: str, *, how: How, place: ClaimedFolder, stopping: Stopping
) -> tuple[Result, ChipsimError | None]:
    """The result of one chip, saved; and what went wrong: training diverged, or it had to be saved elsewhere.

    Parameters
    ----------
    arch, name
        The chip as the user gave it, and what it is called.
    how
        What else the command line says.
    place
        Where the result goes.
    stopping
        Takes the signals; a run that it ends leaves a partial result.
    """
    diverged = None
    with Watch(name, stopping, learns=not how.timing_only) as watch:
        try:
            result = simulate(
                arch,
                how.workload,
                sets=how.sets,
                epochs=how.epochs,
                options=how.options(place.named),
                progress=watch,
            )
        except DivergedError as error:
            if error.result is None:
                raise
            result, diverged = error.result, error
        except LostError as error:
            # One more signal must not take what little is left.
            stopping.save()
            raise LostError(f"{error}; {keep_remains(error.remains, place.target)}") from error
        stopping.save()
        try:
            save(result, place)
        except OutputError as error:
            # Handed back and not raised: the figures are shown before it is told where they are saved.
            return result, _diverged(diverged, str(error)) if diverged else error
        # Until here whoever is killed while the result is saved still has it.
        if result.summary["complete"]:
            forget(place.target / CHECKPOINT)
    return result, _diverged(diverged, _partial(result, place.named)) if diverged else None


def _diverged(error: DivergedError, saved: str) -> DivergedError:
    """What made training diverge, and where its finished epochs are."""
    told = DivergedError(f"{error}; {saved}")
    told.result = error.result
    return told


def _partial(result: Result, folder: Path) -> str:
    return f"partial result, marked as such, in {folder} ({stopped_after(result)} done)"


def show_results(results: Sequence[Result]) -> None:
    """Print what the runs came to, and what became of their tasks where there were several."""
    put(screen(), comparison_table(results))
    timed = [result for result in results if result.summary["timing_only"]]
    for words in dict.fromkeys(map(timed_words, timed)):
        click.echo(f"timed only: {words}")
    names = list(map(marked, labels(results), results))
    tasks = task_table(results, names=names)
    if tasks is not None:
        click.echo()
        put(screen(), tasks, keys=2)
    for name, result in zip(names, results, strict=True):
        for wait in result.waits:
            # What was right at the end of training is not what a chip does that has waited.
            waited = show(wait.wait_ns, DURATION, 3)
            told = f"after {waited}: {wait.test_accuracy_percent:.2f} % of {wait.task} right in test"
            screen().print(Text(f"{name}, {told}"))
    for sentence in sentences_of(results):
        screen().print(Text(sentence))


def end(result: Result, folder: Path, *, stopping: Stopping) -> None:
    """Say what was compiled, and when a run was interrupted; then leave with the exit code for it."""
    # Only the first run on a machine waits for the compiler, and should not be taken for what a run costs.
    if done := compiled():
        click.echo(done.words, err=True)
    if not result.summary["complete"]:
        goes_on = "; --resume goes on from there" if (folder / CHECKPOINT).exists() else ""
        click.echo(f"{stopping.word}: {_partial(result, folder)}{goes_on}", err=True)
    if stopping.signal is not None:
        click.get_current_context().exit(stopping.code)


def check_all_before(archs: Sequence[str], how: How) -> None:
    """Check everything about all chips that can be checked before training.

    Raises
    ------
    DescriptionError
        With the problems of all chips; those that are not in a file say which chip they concern.
    """
    check_sets(how.sets, epochs=how.epochs)
    found: dict[str, tuple[Problem, ...]] = {}
    unread: dict[str, list[Problem]] = {}
    for arch in archs:
        try:
            # All of them before any: the last of ten chips is found wrong before the first is trained.
            setup = prepare(arch, how.workload, sets=how.sets, epochs=how.epochs, seed=None)
        except DescriptionError as error:
            found[arch] = error.problems
        else:
            unread[arch] = unread_together(setup.architecture, setup.workload, setup.costs)
    if not found:
        found = _unread_by_all(unread)
    if found:
        raise DescriptionError(_told_once(found, of=len(set(archs))))


def _unread_by_all(unread: Mapping[str, Sequence[Problem]]) -> dict[str, tuple[Problem, ...]]:
    """What was set and no chip reads; what one of them reads is no fault."""
    paths = [{problem.path for problem in problems} for problems in unread.values()]
    nobodys = set.intersection(*paths)
    found = {}
    for arch, problems in unread.items():
        left = tuple(problem for problem in problems if problem.path in nobodys)
        if left:
            found[arch] = left
    return found


def _told_once(found: Mapping[str, Sequence[Problem]], *, of: int) -> list[Problem]:
    """The problems of several chips; one that all have is told once, others say whose they are."""
    having = Counter(problem for problems in found.values() for problem in dict.fromkeys(problems))
    told: dict[Problem, None] = {}
    for arch, problems in found.items():
        for problem in problems:
            # One in a file has its place already, and one without a path is no fault of a chip.
            known = problem.file or not problem.path or having[problem] == of
            told[problem if known else attrs.evolve(problem, file=arch)] = None
    return list(told)


def called(given: str) -> str:
    """What the user calls a description: its name, or that of its file."""
    return file_name(Path(given).name.removesuffix(".yaml").removesuffix(".yml"))
