"""The page of a study: question, verdict with caveats, one table, its plots, and the rest folded."""

from __future__ import annotations

import contextlib
import urllib.parse
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs
from markupsafe import Markup

from chipsim.errors import OutputError
from chipsim.outputs.files import ClaimedPage, claim_and_write, generator
from chipsim.report.bearing import assumed_sentence
from chipsim.report.differing import Differing, differing
from chipsim.report.figure import Figure
from chipsim.report.idealised import idealised_by_group
from chipsim.report.pareto import pareto_figures
from chipsim.report.steadfast import Robustness, robustness
from chipsim.report.study_assumed import price_sentences
from chipsim.report.study_axes import VariedAxis, axes_of
from chipsim.report.study_claims import claimed
from chipsim.report.study_figures import metric_figures, study_looks
from chipsim.report.study_values import value_sentences
from chipsim.report.study_verdicts import Conclusions, conclude, statistics_words
from chipsim.report.study_waiting import study_waiting
from chipsim.report.templating import scripts, template
from chipsim.report.unused import lost_by_group, unused_by_group
from chipsim.report.words import own_warnings, timed_together, warnings_of
from chipsim.result import Result
from chipsim.result.metrics import MISSING, Metric, readable
from chipsim.study.adjusted import AdjustedPoint, area_sentences, far_sentences
from chipsim.study.assumed import Order, UnderRanges, orders_told, under_ranges
from chipsim.study.held import hold_all
from chipsim.study.kept import KeptStudy
from chipsim.study.robustness import Flip, Reprice, energy_flips
from chipsim.study.statistics import DONE, Gathered, Setting, gather_kept, setting_of
from chipsim.study.words import AREA_KEY, amount_of, leading
from chipsim.wording import joined

__all__ = [
    "STUDY",
    "Examples",
    "caveats",
    "examples_of",
    "study_figures",
    "write_study_page",
]

STUDY: Final = "page of a study"
_FAILED: Final = ("failed", "stopped")
"""States of runs that were tried; a run that is not made yet has not failed."""
_MOST_TOLD: Final = 12
"""Failures that the page tells one by one before it folds the rest."""


@attrs.frozen(kw_only=True, eq=False)
class Examples:
    """What the page tells of chips beside the figures of its table; all of it may be missing."""

    results: Mapping[str, Result] = attrs.field(factory=dict)
    """A finished run of each chip, for what differs, what was never used and what is assumed."""
    flips: Sequence[Flip] = ()
    """Prices at which an ordering in energy turns round, the nearest first."""
    ranges: Sequence[UnderRanges] = ()
    """What orderings do under the range of every assumed price; one for runs that can be compared."""
    areas: Sequence[AdjustedPoint] = ()
    """What was changed to bring all chips to one area, at each point."""
    left_out: Sequence[str] = ()
    """What was asked for and cannot be shown, each with the reason."""


def write_study_page(
    gathered: Gathered,
    path: str | Path | ClaimedPage,
    *,
    examples: Examples | None = None,
    runs: str = "runs",
    overwrite: bool = False,
) -> Path:
    """Write one HTML page that shows a study; it needs no network to be opened.

    Parameters
    ----------
    gathered
        What was measured, seeds together.
    path
        The file to write, or one that is claimed.
    examples
        What is told of chips beside the figures.
    runs
        The folder of the runs, as it is called from the page's own.
    overwrite
        Replace a page that is no page of a study. What is no page is never replaced.

    Raises
    ------
    OutputError
        When the study has no runs, something else is in the way, or the file cannot be written.
    """
    if not gathered.runs:
        raise OutputError(f"{gathered.study.name}: a page of a study needs at least one run")
    content = _content(gathered, examples or Examples(), link=_linked(runs))
    return claim_and_write(content, path, kind=STUDY, overwrite=overwrite)


def examples_of(kept: KeptStudy, *, reprice: Reprice | None = None) -> Examples:
    """A finished run of each chip, for what the table does not tell; none where all are damaged.

    Parameters
    ----------
    kept
        The study.
    reprice
        Gives a result under other costs, for the prices at which an order turns round and for the ranges of
        assumed prices; None leaves these out.
    """
    results: dict[str, Result] = {}
    settings: dict[str, Setting] = {}
    compared = [run for run in kept.runs if run.planned.end is None]
    left_out = [f"{_what(run.planned)} ({run.why})" for run in compared if run.state == "damaged"]
    for run in kept.done:
        planned = run.planned
        # One of each: a page is made of the table, and the whole results of a large study fit no memory.
        # With a value at an end of its range it is not the chip that is shown.
        if planned.chip in results or planned.end is not None:
            continue
        try:
            results[planned.chip] = kept.result(planned.id)
            settings[planned.chip] = setting_of(planned, kept.plan.study)
        except OutputError as error:
            left_out.append(f"{_what(planned)}: its figures are shown, its folder cannot be read ({error})")
    found = Examples(results=results, left_out=tuple(left_out), areas=kept.plan.areas)
    if reprice is None:
        return found
    told = orders_told(gather_kept(kept), settings)
    flips, ranges = _repriced(results, reprice, told=told)
    if kept.plan.study.equal_area:
        ranges = tuple(map(_without_area, ranges))
    return attrs.evolve(found, flips=flips, ranges=ranges)


def _without_area(under: UnderRanges) -> UnderRanges:
    """What ranges do to all but area: areas that were made equal have no order to lose."""
    return attrs.evolve(
        under,
        holding=tuple(order for order in under.holding if order[0] != AREA_KEY),
        turns=tuple(turn for turn in under.turns if turn.figure != AREA_KEY),
        alike=tuple(order for order in under.alike if order[0] != AREA_KEY),
    )


def _repriced(
    results: Mapping[str, Result], reprice: Reprice, *, told: Collection[Order]
) -> tuple[tuple[Flip, ...], tuple[UnderRanges, ...]]:
    """What other prices do to the order of chips, of runs that can be compared and priced anew."""
    by_what: dict[tuple[Any, ...], dict[str, Result]] = {}
    for name, result in results.items():
        what = (result.costs.get("name"), result.summary.workload, result.summary.seed)
        by_what.setdefault(what, {})[name] = result
    flips: list[Flip] = []
    ranges: list[UnderRanges] = []
    for its in by_what.values():
        # Results of an earlier version do not hold what it takes, and the page is whole without it.
        with contextlib.suppress(OutputError):
            flips += energy_flips(its, reprice)
            # One chip alone has no order that a price could change.
            ranges += [under_ranges(its, reprice, told=told)] if len(its) > 1 else []
    return tuple(flips), tuple(ranges)


def _linked(runs: str) -> Callable[[str], str]:
    def link(run: str) -> str:
        # Quoted whole, a colon too: a name that looks like an address stays a folder beside the page.
        return f"./{urllib.parse.quote(runs, safe='/.')}/{urllib.parse.quote(run, safe='')}/"

    return link


def study_figures(gathered: Gathered, *, link: Callable[[str], str] = str) -> dict[str, list[Figure]]:
    """The figures of a study's page, by its sections.

    Parameters
    ----------
    gathered
        What was measured.
    link
        Where a run of a given id is found from the page.
    """
    return {
        "measured": [*metric_figures(gathered, leading(gathered)), *study_waiting(gathered)],
        "pareto": pareto_figures(gathered, link=link),
    }


def _content(gathered: Gathered, examples: Examples, *, link: Callable[[str], str]) -> str:
    study = gathered.study
    metrics = leading(gathered)
    others = [gathered.metric(key) for key in gathered.metrics if key not in {one.key for one in metrics}]
    conclusions = conclude(gathered, metrics)
    sections = study_figures(gathered, link=link)
    chips = {label: result.chip for label, result in examples.results.items()}
    return template("study.html").render(
        generator=Markup(generator(STUDY)),  # noqa: S704  # our own words
        title=study.name,
        study=study,
        conclusions=conclusions,
        statistics=statistics_words(gathered, conclusions),
        caveats=caveats(gathered, examples),
        stars_among=_stars_among(gathered),
        metrics=metrics,
        heads=_heads(gathered),
        rows=_rows(gathered, metrics, conclusions, link=link),
        others=others,
        all_rows=_rows(gathered, others, conclusions, link=link),
        several_chips=len({one.chip for one in gathered.settings}) > 1,
        looks=study_looks(gathered),
        sections=sections,
        many_axes=len(axes_of(gathered)) > 2,
        claims=[claimed(held, gathered) for held in hold_all(gathered)],
        robust=_robust(gathered, metrics, examples),
        prices=price_sentences(gathered, examples.ranges),
        values=value_sentences(gathered),
        chips=list(chips),
        differing=_differing(chips, examples.areas),
        areas=area_sentences(examples.areas),
        told=_told_of_chips(examples),
        failed=[(run, _what(run.planned)) for run in gathered.runs if run.state != DONE],
        runs=gathered.runs,
        what=_what,
        link=link,
        most_told=_MOST_TOLD,
        **scripts([figure for group in sections.values() for figure in group]),
    )


@attrs.frozen(kw_only=True)
class _Row:
    """One setting in a table."""

    setting: Setting
    words: tuple[tuple[str, float | str], ...]
    """What is told of it beside the chip, and what that is sorted by: task, cost set, and what is varied."""
    seeds: int
    planned: int
    cells: tuple[tuple[str, float, bool], ...]
    """What is shown, what it is sorted by, and whether it is starred."""
    links: tuple[tuple[int, str], ...]
    """Seed and place of each run."""


def _rows(
    gathered: Gathered, metrics: Sequence[Metric], conclusions: Conclusions, *, link: Callable[[str], str]
) -> list[_Row]:
    best = {metric.key: conclusions.best(metric.key) for metric in metrics}
    names, axes = _aside(gathered), axes_of(gathered)
    rows = []
    for setting in gathered.settings:
        cells = []
        for metric in metrics:
            sample = gathered.sample(setting, metric.key)
            mean = sample.mean if sample else float("-inf")
            cells.append((amount_of(gathered, setting, metric), mean, setting in best[metric.key]))
        runs = gathered.runs_of(setting)
        done = [run for run in runs if run.state == DONE]
        row = _Row(
            setting=setting,
            words=_words(setting, names, axes),
            seeds=len(done),
            planned=len(runs),
            cells=tuple(cells),
            links=tuple((run.planned.seed, link(run.id)) for run in done),
        )
        rows.append(row)
    return rows


def _heads(gathered: Gathered) -> list[str]:
    """What tells settings apart beside the chip."""
    return [_ASIDE[name] for name in _aside(gathered)] + [axis.title for axis in axes_of(gathered)]


def _aside(gathered: Gathered) -> list[str]:
    return [name for name in _ASIDE if len({getattr(one, name) for one in gathered.settings}) > 1]


def _words(
    setting: Setting, names: Sequence[str], axes: Sequence[VariedAxis]
) -> tuple[tuple[str, float | str], ...]:
    words = [getattr(setting, name) or MISSING for name in names]
    told: list[tuple[str, float | str]] = [(word, word) for word in words]
    for axis in axes:
        place = axis.place(setting)
        told.append((axis.text(setting) or MISSING, "" if place is None else place))
    return tuple(told)


_ASIDE: Final = {"task": "Task", "costs": "Costs"}


def caveats(gathered: Gathered, examples: Examples) -> list[str]:
    """What a reader has to know before believing the verdict, on the page and wherever else that is told.

    Parameters
    ----------
    gathered
        What was measured.
    examples
        A finished run of each chip, whose warnings and assumed values are among what is told.
    """
    told = []
    undone = [run for run in gathered.runs if run.state != DONE]
    if undone:
        failed = sum(run.state in _FAILED for run in undone)
        failures = f"; {failed} failed" if failed else ""
        told.append(
            f"{len(gathered.runs) - len(undone)} of {len(gathered.runs)} runs are done"
            f"{failures}: what is missing is in no figure."
        )
    told += [f"Left out: {one}." for one in examples.left_out]
    told += [f"{sentence}." for sentence in far_sentences(examples.areas)]
    if gathered.study.timing_only:
        told += timed_together(examples.results)
    own = sorted({run.planned.costs for run in gathered.runs})
    if len(gathered.study.costs) < 2 and len(own) > 1:
        told.append(f"Chips are compared at different cost sets: {joined(own)}.")
    priced = sum(run.priced for run in gathered.runs)
    if priced:
        told.append(
            f"{priced} of {len(gathered.runs)} runs were not trained but priced from one that differs in "
            "costs alone: what was learnt, wear and wall time are that one's."
        )
    unequal = {len(gathered.seeds_of(one)) for one in gathered.settings}
    if len(unequal) > 1:
        told.append("Settings differ in the number of seeds that are done.")
    if examples.results:
        results = readable(list(examples.results.values()))
        # By the names that the study has for its chips, which the table and the verdict call them by.
        for label, result in zip(examples.results, results, strict=True):
            timed = gathered.study.timing_only
            told += own_warnings(result, label=label) if timed else warnings_of(result, label=label)
        told.append(assumed_sentence([value for result in results for value in result.values]))
    return told


def _stars_among(gathered: Gathered) -> str:
    """Which rows a star is given among, where these are not all."""
    tasks = {one.task for one in gathered.settings}
    costs = list(dict.fromkeys(one.costs for one in gathered.settings))
    words = []
    if len(tasks) > 1:
        words.append("rows of one task are judged together")
    if len(costs) > 1:
        words.append(f"of several cost sets only rows at {costs[0]} are judged here")
    return f" ({'; '.join(words)})" if words else ""


def _told_of_chips(examples: Examples) -> list[tuple[str, list[tuple[str, list[str]]]]]:
    """What chips never used, cut off, and are taken to do better than they could."""
    groups = [
        ("What was there and never used", unused_by_group),
        ("What was cut off, rounded away or held at a bound", lost_by_group),
        ("What is taken to be better than a chip could do it", idealised_by_group),
    ]
    told = [(title, _of_each(examples, tell)) for title, tell in groups]
    return [(title, found) for title, found in told if found]


def _of_each(
    examples: Examples, tell: Callable[[Sequence[Result]], list[tuple[str, list[str]]]]
) -> list[tuple[str, list[str]]]:
    """What is told of each chip, under the names that the study has for those of which the same is told."""
    having: dict[tuple[str, ...], list[str]] = {}
    for label, result in zip(examples.results, readable(list(examples.results.values())), strict=True):
        for _, sentences in tell([result]):
            having.setdefault(tuple(sentences), []).append(label)
    return [(joined(labels), list(sentences)) for sentences, labels in having.items()]


def _differing(chips: Mapping[str, Mapping[str, Any]], areas: Sequence[AdjustedPoint]) -> list[Differing]:
    if len(chips) < 2:
        return []
    # Of the first point of each chip, as the descriptions are.
    firsts = {one.chip: one.adjusted.changes for one in reversed(areas)}
    return differing(chips, changes=firsts)


def _robust(gathered: Gathered, metrics: Sequence[Metric], examples: Examples) -> Robustness | None:
    found = robustness(gathered, metrics, flips=examples.flips)
    return found if found.costs or found.flips else None


def _what(planned: Any) -> str:
    """What a run was, in a line."""
    words = [planned.chip, planned.task, *(f"{path} = {value}" for path, value in planned.varied)]
    words += [planned.costs, f"seed {planned.seed}"]
    return ", ".join(word for word in words if word)
