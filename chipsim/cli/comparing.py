"""``chipsim compare``."""

from __future__ import annotations

import functools
import shlex
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import attrs
import click

from chipsim.cli.areas import HEAD
from chipsim.cli.folders import claimed_group
from chipsim.cli.how import How
from chipsim.cli.running import RUNS, called, check_all_before, end, show_results, trained
from chipsim.cli.stopping import Stopping
from chipsim.errors import DivergedError, OutputError
from chipsim.outputs.claims import ClaimedFolder
from chipsim.report import claimed_report, write_report
from chipsim.result import Result
from chipsim.result.files import claimed, is_run_folder, load
from chipsim.run.sameness import is_same_run
from chipsim.study.equal_area import equal_areas, read_area

__all__ = ["compare_all"]

_PAGE: Final = "report.html"


@attrs.frozen(kw_only=True)
class _Entry:
    """One chip of a comparison, with the folder that is claimed for its result."""

    arch: str
    name: str
    how: How
    """With the seed of this run."""
    place: ClaimedFolder
    kept: Result | None
    """The same run, finished by an earlier call; None for one that has to be made."""


def compare_all(
    archs: Sequence[str],
    how: How,
    *,
    seeds: int = 1,
    equal_area: str | None = None,
    output: Path | None,
    overwrite: bool,
) -> None:
    """Train several chips alike, save what each left, print the comparison and write its report.

    Chips that an earlier call has finished in the same folder are not trained again; whatever ends the
    comparison early, the report shows those that are there.

    Parameters
    ----------
    archs
        What is compared.
    how
        How each is run; its seed is the first.
    seeds
        How many each chip is trained with: all chips with the first, then all with the next.
    equal_area
        The area that all chips are brought to: one with its unit, that of a chip by its name, or ``largest``;
        None leaves each as it is.
    output, overwrite
        Where results and report go, and whether they may replace what is there.

    Raises
    ------
    ChipsimError
        When something that the user gave cannot be used, or a result could not be saved in its folder.
    """
    check_all_before(archs, how)
    hows = [how] * len(archs) if equal_area is None else _of_equal_area(archs, how, equal_area)
    planned = _planned(archs, hows, seeds=seeds)
    names = [name for _, name, _ in planned]
    with Stopping() as stopping, ExitStack() as held:
        check = functools.partial(_check_others, names=names)
        stem = f"compare--{called(how.workload)}"
        base = held.enter_context(claimed_group(output, runs=RUNS, stem=stem, check=check)).named
        with claimed_report(base / _PAGE, overwrite=overwrite):
            pass  # hours of training must not end at a page that cannot be written; it is claimed again then
        # All folders are claimed before the first run: hours later another process may sit in the last.
        entries = []
        for arch, name, own in planned:
            entry = _entry(arch, name, base / name, how=own, overwrite=overwrite, held=held)
            entries.append(entry)
        results: list[Result] = []
        try:
            _run_all(entries, results=results, stopping=stopping)
        finally:
            # Whatever ended it, what is there by now has cost hours and is shown.
            told = _side_by_side(results, chips=len(archs))
            whole = f"{len(entries)} {'chips' if seeds == 1 else 'runs'}"
            _tell(
                told, base, missing=len(told) < len(entries), of=whole, stopping=stopping, overwrite=overwrite
            )
    last = entries[len(results) - 1]
    end(results[-1], last.place.named, stopping=stopping)


def _of_equal_area(archs: Sequence[str], how: How, equal_area: str) -> list[How]:
    """How each chip is run, with the overrides that bring all to one area; what they are is told."""
    named = {called(arch): arch for arch in archs}
    goal = read_area(equal_area, [*named])
    if isinstance(goal, str):
        goal = named.get(goal, goal)
    found = equal_areas(archs, how.workload, sets=how.sets, goal=goal)
    click.echo(HEAD)
    for one in found:
        click.echo(f"  {one.words}")
    return [attrs.evolve(how, sets=(*how.sets, *one.sets)) for one in found]


def _planned(archs: Sequence[str], hows: Sequence[How], *, seeds: int) -> list[tuple[str, str, How]]:
    """Each run of a comparison: the chip, the name of its folder, and how it is run."""
    names = _told_apart([called(arch) for arch in archs])
    planned = []
    # Seed by seed: one that is stopped early has compared all chips, if with fewer seeds.
    for more in range(seeds):
        for arch, name, how in zip(archs, names, hows, strict=True):
            seed = how.seed + more
            folder = name if seeds == 1 else f"{name}--seed-{seed}"
            planned.append((arch, folder, attrs.evolve(how, seed=seed)))
    return planned


def _side_by_side(results: Sequence[Result], *, chips: int) -> list[Result]:
    """The results with runs of one chip together; they were made chip after chip, once for each seed."""
    ordered: list[Result] = []
    for place in range(chips):
        ordered += results[place::chips]
    return ordered


def _run_all(entries: Sequence[_Entry], *, results: list[Result], stopping: Stopping) -> None:
    """Add each chip's result as soon as it is there, until all are or the user asks to stop.

    A chip whose training diverges keeps no other from its turn: it would diverge again in every new try.

    Raises
    ------
    ChipsimError
        At the end, naming the chips that diverged; at once, when a result could not be saved in its folder.
    """
    diverged: list[str] = []
    for entry in entries:
        if entry.kept is not None:
            click.echo(f"{entry.name}: kept from {entry.place.named}, the same run", err=True)
            results.append(entry.kept)
            continue
        result, failure = trained(entry.arch, entry.name, how=entry.how, place=entry.place, stopping=stopping)
        results.append(result)
        if isinstance(failure, DivergedError):
            diverged.append(f"{entry.name}: {failure}")
        elif failure:
            raise failure
        if stopping.signal is not None:
            break
    if diverged:
        raise DivergedError("\n".join(diverged))


def _tell(
    results: Sequence[Result], base: Path, *, missing: bool, of: str, stopping: Stopping, overwrite: bool
) -> None:
    """Show and report what there is, and say what there is not."""
    if results:
        show_results(results)
        click.echo(f"report: {write_report(results, base / _PAGE, overwrite=overwrite)}")
    cause = stopping.word if stopping.signal is not None else "ended"
    again = f"the same command with -o {shlex.quote(str(base))}"
    if not results:
        click.echo(f"{cause}; nothing was saved", err=True)
    elif missing:
        done = f"{cause} after {len(results)} of {of}"
        click.echo(f"{done}; {again} goes on with the rest", err=True)
    elif stopping.signal is not None and not all(result.summary["complete"] for result in results):
        click.echo(f"{cause} in the last chip; {again} makes it whole", err=True)


def _entry(arch: str, name: str, folder: Path, *, how: How, overwrite: bool, held: ExitStack) -> _Entry:
    """A chip with its folder claimed; what the same run has left there is kept, or made whole."""
    found = None if overwrite else _same(arch, folder, how=how)
    # The same run may take the place of its own stopped beginning, whether overwriting was asked for or not.
    place = held.enter_context(claimed(folder, overwrite=overwrite or found is not None))
    whole = found is not None and found.summary["complete"]
    return _Entry(arch=arch, name=name, how=how, place=place, kept=found if whole else None)


def _same(arch: str, folder: Path, *, how: How) -> Result | None:
    """The result of the same run, whole or stopped; None when there is none."""
    if not is_run_folder(folder):
        return None
    found = load(folder)
    same = is_same_run(found, arch, how.workload, sets=how.sets, epochs=how.epochs, options=how.options())
    return found if same else None


def _check_others(base: Path, *, names: Sequence[str]) -> None:
    """Refuse a folder that holds runs of another comparison, with which these would be mixed."""
    if not base.is_dir():
        return
    others = []
    for path in base.iterdir():
        # Hidden folders are what a save that was killed has left, and in no report.
        own = path.name in names or path.name.startswith(".")
        if not own and is_run_folder(path):
            others.append(path.name)
    if others:
        raise OutputError(
            f"{base}: holds other runs ({', '.join(sorted(others))}), and a report of the folder would mix "
            f"them with these; choose another folder"
        )


def _told_apart(names: Sequence[str]) -> list[str]:
    """Names with a number where several chips have the same."""
    seen: Counter[str] = Counter()
    told = []
    for name in names:
        seen[name] += 1
        # Files of one name in two folders are two chips, and one file given twice is two runs.
        several = names.count(name) > 1
        told.append(f"{name}-{seen[name]}" if several else name)
    return told
