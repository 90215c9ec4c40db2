"""``chipsim reach``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click

from chipsim.cli.reporting import end_incomplete, load_runs
from chipsim.cli.screen import put, screen, table
from chipsim.errors import OutputError
from chipsim.result import Result
from chipsim.result.extent import epochs_words
from chipsim.result.reaching import Group, Reached, grouped
from chipsim.units import ENERGY, RATIO, TIME, UnitError, show

__all__ = ["show_reached"]

_HEADS = ("chip", "reached", "best", "epochs", "time", "energy", "pulses a cell", "samples")


def show_reached(folders: Sequence[Path], *, accuracy: str) -> None:
    """Print what it took saved runs to reach an accuracy.

    Raises
    ------
    click.BadParameter
        When the accuracy is none.
    OutputError
        When no folder holds a result that can be read, or none of the runs trained.
    """
    percent = _percent(accuracy)
    loaded = load_runs(folders)
    trained = [result for _, result in loaded.runs if result.epochs]
    left = len(loaded.runs) - len(trained)
    if not trained:
        raise OutputError("none of the runs trained an epoch, so that no accuracy is known")
    groups = grouped(trained, percent)
    rows = [_row(group) for group in groups]
    put(screen(), table(*_HEADS, rows=rows, right=range(1, len(_HEADS))))
    click.echo(
        f"\nreached is a test accuracy of {percent:g} % or more after an epoch; by epoch, none between"
    )
    if left:
        click.echo(f"left out {left} of {len(loaded.runs)} runs, which trained no epoch")
    for group in groups:
        for told in _beside(group, percent):
            click.echo(f"{group.name}: {told}")
    end_incomplete(loaded)


def _beside(group: Group, percent: float) -> Iterator[str]:
    """What a row does not say of its runs."""
    if any(result.software for result in group.results):
        yield "weights come from software, which is not counted: epochs and samples are those on the chip"
    if early := sum(_had_before(result, percent) for result in group.results):
        yield f"{early} of {len(group.results)} had it after the transfer, before any epoch on the chip"
    if any(len({row.phase for row in result.epochs}) > 1 for result in group.results):
        yield (
            "several phases, all counted from the first on; samples_to_reach and its like in studies count "
            "the last phase alone"
        )
    if group.repeated:
        one = group.repeated == 1
        runs, have = ("run", "has") if one else ("runs", "have")
        yield f"left out {group.repeated} {runs}, which {have} the seed of another one"
    for epochs in sorted(group.stopped):
        yield f"a seed was stopped after {epochs_words(epochs)}, and might have reached it later"


def _had_before(result: Result, percent: float) -> bool:
    """Whether a run had an accuracy when its chip was given the weights of software."""
    given = result.summary.transferred_test_accuracy_percent
    return given is not None and given >= percent


def _percent(text: str) -> float:
    try:
        share = float(RATIO.read(text))
    except UnitError as error:
        raise click.BadParameter(str(error), param_hint="'--accuracy'") from None
    if not 0 < share <= 1:
        raise click.BadParameter(
            f"must be more than 0 and at most 100 %, not {text!r}", param_hint="'--accuracy'"
        )
    # As it is written: 0.95 times 100 is not 95 to a computer.
    return round(100 * share, 9)


def _row(group: Group) -> list[str]:
    best = "-" if group.best_percent is None else f"{group.best_percent:.2f} %"
    count, of = len(group.reached), len(group.results)
    seeds = f"{count} of {of} {'seed' if of == 1 else 'seeds'}" if count else f"no, 0 of {of}"

    def figure(value: Callable[[Reached], float | None], shown: Callable[[float], str]) -> str:
        found = group.spread(value)
        if found is None:
            return "-"
        mean, spread = found
        return shown(mean) if spread is None else f"{shown(mean)} ± {shown(spread)}"

    return [
        group.name,
        seeds,
        best,
        figure(lambda one: one.epoch, lambda value: f"{value:.3g}"),
        figure(lambda one: one.simulated_time_ps, lambda value: show(round(value), TIME)),
        figure(lambda one: one.energy_aj, lambda value: show(round(value), ENERGY)),
        figure(lambda one: one.pulses_per_cell, lambda value: f"{value:.4g}"),
        figure(lambda one: one.samples, lambda value: f"{value:,.0f}"),
    ]
