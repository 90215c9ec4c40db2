"""``chipsim run`` and ``chipsim compare``."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import attrs
import click
from rich.text import Text

from chipsim.cli.asking import check_sets
from chipsim.cli.folders import claimed, claimed_anew, file_name
from chipsim.cli.group import INTERRUPTED
from chipsim.cli.screen import put, screen
from chipsim.cli.tasks import task_table
from chipsim.cli.telling import sentences_of
from chipsim.cli.watching import Watch
from chipsim.errors import DescriptionError, OutputError, Problem
from chipsim.report import comparison_table, write_report
from chipsim.report.extent import marked, stopped_after
from chipsim.report.naming import labels
from chipsim.report.timed import timed_words
from chipsim.result import Result
from chipsim.result_files import save
from chipsim.run import Options, prepare, simulate
from chipsim.spec import unread_together

__all__ = ["How", "compare_all", "run_one"]

_RUNS = Path("runs")


@attrs.frozen(kw_only=True)
class How:
    """What the command line says of a run, apart from its chip."""

    workload: str
    sets: tuple[str, ...] = ()
    epochs: int | None = None
    seed: int = 0
    data: Path | None = None
    no_replay: bool = False
    trace: bool = False
    timing_only: bool = False

    def options(self) -> Options:
        """The same for the simulator."""
        return Options(
            seed=self.seed,
            replay=not self.no_replay,
            trace=self.trace,
            timing_only=self.timing_only,
            data=self.data,
        )


def run_one(arch: str, how: How, *, output: Path | None, overwrite: bool) -> None:
    """Train one chip, save what it left, and print it.

    Raises
    ------
    ChipsimError
        When something that the user gave cannot be used; then nothing is left behind.
    """
    _check([arch], how)
    name = _called(arch)
    stem = f"{name}--{_called(how.workload)}"
    place = claimed(output, overwrite=overwrite) if output else claimed_anew(_RUNS, stem)
    with place as folder:
        result, stopped = _trained(arch, name, how=how, folder=folder)
    _show([result])
    if result.summary["complete"]:
        click.echo(f"saved in {folder}; {shlex.join(['chipsim', 'report', str(folder)])} makes its page")
    _end(result, folder, stopped=stopped)


def compare_all(archs: Sequence[str], how: How, *, output: Path | None, overwrite: bool) -> None:
    """Train several chips alike, save what each left, print the comparison and write its report.

    Raises
    ------
    ChipsimError
        When something that the user gave cannot be used; then nothing is left behind.
    """
    _check(archs, how)
    names = _told_apart([_called(arch) for arch in archs])
    results: list[Result] = []
    with ExitStack() as held:
        base = output or held.enter_context(claimed_anew(_RUNS, f"compare--{_called(how.workload)}"))
        page = base / "report.html"
        if page.exists() and not overwrite:
            raise OutputError(
                f"{page}: there is a report already; choose another folder, or give --overwrite"
            )
        places = [claimed(base / name, overwrite=overwrite) for name in names]
        folders = [held.enter_context(place) for place in places]
        for arch, name, folder in zip(archs, names, folders, strict=True):
            result, stopped = _trained(arch, name, how=how, folder=folder)
            results.append(result)
            if stopped:
                break
    _show(results)
    click.echo(f"report: {write_report(results, page)}")
    if stopped and len(results) < len(archs):
        click.echo(f"interrupted after {len(results)} of {len(archs)} chips", err=True)
    _end(results[-1], folders[len(results) - 1], stopped=stopped)


def _show(results: Sequence[Result]) -> None:
    """Print what the runs came to, and what became of their tasks where there were several."""
    put(screen(), comparison_table(results))
    for words in dict.fromkeys(timed_words(result) for result in results if result.summary["timing_only"]):
        click.echo(f"timed only: {words}")
    names = [marked(name, result) for name, result in zip(labels(results), results, strict=True)]
    tasks = task_table(results, names=names)
    if tasks is not None:
        click.echo()
        put(screen(), tasks, keys=2)
    for sentence in sentences_of(results):
        screen().print(Text(sentence))


def _end(result: Result, folder: Path, *, stopped: bool) -> None:
    """Say it when a run was interrupted, and leave with the exit code for it."""
    if not result.summary["complete"]:
        click.echo(
            f"interrupted: partial result, marked as such, in {folder} ({stopped_after(result)} done)",
            err=True,
        )
    if stopped:
        click.get_current_context().exit(INTERRUPTED)


def _check(archs: Sequence[str], how: How) -> None:
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
            setup = prepare(arch, how.workload, sets=how.sets, epochs=how.epochs, seed=None)
        except DescriptionError as error:
            found[arch] = error.problems
        else:
            unread[arch] = unread_together(setup.architecture, setup.workload)
    if not found and all(unread.values()):
        found = {arch: tuple(problems) for arch, problems in unread.items()}
    if found:
        raise DescriptionError(_told_once(found, of=len(set(archs))))


def _told_once(found: Mapping[str, Sequence[Problem]], *, of: int) -> list[Problem]:
    """The problems of several chips; one that all have is told once, others say whose they are."""
    having = Counter(problem for problems in found.values() for problem in dict.fromkeys(problems))
    told = [
        problem
        if having[problem] == of or problem.file or not problem.path
        else attrs.evolve(problem, file=arch)
        for arch, problems in found.items()
        for problem in problems
    ]
    return list(dict.fromkeys(told))


def _called(given: str) -> str:
    """What the user calls a description: its name, or that of its file."""
    return file_name(Path(given).name.removesuffix(".yaml").removesuffix(".yml"))


def _told_apart(names: Sequence[str]) -> list[str]:
    """Names with a number where several chips have the same."""
    seen: Counter[str] = Counter()
    told = []
    for name in names:
        seen[name] += 1
        told.append(f"{name}-{seen[name]}" if names.count(name) > 1 else name)
    return told


def _trained(arch: str, name: str, *, how: How, folder: Path) -> tuple[Result, bool]:
    """The result of one chip, saved, and whether the user asked to stop."""
    with Watch(name, learns=not how.timing_only) as watch:
        result = simulate(
            arch, how.workload, sets=how.sets, epochs=how.epochs, options=how.options(), progress=watch
        )
        # Whatever may not be overwritten was refused when the folder was claimed.
        save(result, folder, overwrite=True)
    return result, watch.stopped or not result.summary["complete"]
