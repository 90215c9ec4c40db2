"""Self-contained HTML pages from saved results: the report, and the page of one chip."""

from __future__ import annotations

import contextlib
import json
import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs
from markupsafe import Markup

from chipsim.errors import OutputError
from chipsim.outputs.files import ClaimedPage, claim_and_write, claimed_page, generator
from chipsim.report.areas import area_rows
from chipsim.report.bearing import assumed_sentence, bearing
from chipsim.report.curves import accuracy_figures, update_figure
from chipsim.report.drawing import graph_figure, timeline_figure
from chipsim.report.endured import endured, seeds_sentence
from chipsim.report.figure import Figure, Look, looks
from chipsim.report.forgetting import forgetting_figures, task_tables
from chipsim.report.idealised import idealised_by_group
from chipsim.report.leaking import leakage_figure, leakage_sentences
from chipsim.report.racing import race
from chipsim.report.shares import part_figures, share_figures, spending
from chipsim.report.software import software_tables
from chipsim.report.stepping import step_tables
from chipsim.report.templating import scripts, template
from chipsim.report.unused import lost_by_group, unused_by_group
from chipsim.report.verdicts import conclusion, group_value, verdicts
from chipsim.report.words import warnings_about
from chipsim.report.worn import array_wear, level_wear, wear_figures
from chipsim.result import ChipGraph, Result, Valued, plain
from chipsim.result.activities import ACTIVITIES
from chipsim.result.endurance import EnduranceQuestion
from chipsim.result.labels import runs_named
from chipsim.result.metrics import is_number, metrics_of, readable, show_number
from chipsim.result.standing import best_of, groups_of
from chipsim.units import AREA, show
from chipsim.wording import joined

__all__ = [
    "claimed_chip_page",
    "claimed_report",
    "figures_of",
    "scripts",
    "sources_of",
    "template",
    "write_chip_page",
    "write_report",
]

_REPORT: Final = "report"
_CHIP: Final = "page of a chip"

_KINDS: Final = {
    "changed": "beside a note written for another value",
    "assumed": "assumed",
    "none": "without a source",
    "set": "set by the user",
    "source": "from a source",
}


@attrs.frozen(kw_only=True)
class _ValueRow:
    """One line of the table of sources."""

    path: str
    value: str
    kind: str
    text: str
    chips: str
    bears: str
    """What an assumed value bears on; empty for the others."""
    between: str
    """Its range, or why it has none; empty where nothing is said of it."""


def write_report(
    results: Sequence[Result],
    path: str | Path | ClaimedPage,
    *,
    question: EnduranceQuestion | None = None,
    left_out: Sequence[str] = (),
    overwrite: bool = False,
) -> Path:
    """Write one HTML page that shows one result, or compares several; it needs no network to be opened.

    Parameters
    ----------
    results
        At least one, in the order in which tables and legends show them.
    path
        The file to write, or one that is claimed. A report that is there is replaced, and only by a whole
        page.
    question
        Thresholds of wear; None takes the defaults.
    left_out
        Runs that were asked for and cannot be shown, each with the reason.
    overwrite
        Replace a page that is no report of chipsim. What is no page is never replaced.

    Raises
    ------
    OutputError
        When there is no result, something else is in the way, or the file cannot be written.

    Examples
    --------
    >>> write_report([load("runs/hybrid"), load("runs/single")], "report.html")  # doctest: +SKIP
    PosixPath('report.html')
    """
    if not results:
        raise OutputError("a report needs at least one result; give a run folder")
    # Templates know None as what was not measured, and would print a NaN as a number.
    results = readable(results)
    groups = groups_of(results)
    # Of runs that differ in their seed alone, what fills a page is shown of the first.
    firsts = [group.results[0] for group in groups]
    sections = _sections(results, question, firsts=firsts)
    metrics = metrics_of(results)
    named = looks(results)
    # A group has the colour of its first run, and a name that does not tell that run's seed.
    leading = [attrs.evolve(named[group.places[0]], label=group.label) for group in groups]
    over_seeds = {}
    for look, group in zip(looks(firsts), groups, strict=True):
        over_seeds[look.label] = seeds_sentence(group.results, question)
    values = [value for result in results for value in result.values]
    content = template("report.html").render(
        title=_title(results),
        looks=named,
        groups=list(zip(leading, groups, strict=True)),
        repeated=len(groups) < len(results),
        results=results,
        unused=unused_by_group(results),
        lost=lost_by_group(results),
        idealised=idealised_by_group(results),
        conclusion=conclusion(results),
        verdicts=verdicts(results),
        generator=Markup(generator(_REPORT)),  # noqa: S704  # our own words
        warnings=[*(f"Left out: {one}." for one in left_out), *warnings_about(results)],
        race=race(results),
        metrics=metrics,
        group_value=group_value,
        best={metric.key: best_of(metric, results) for metric in metrics},
        tasks=task_tables(results),
        software=software_tables(results),
        steps=step_tables(firsts),
        areas=area_rows(firsts),
        spending=_spent(leading, firsts),
        leaking=leakage_sentences(results),
        activities=ACTIVITIES,
        endured=endured(firsts, question),
        over_seeds=over_seeds,
        sections=sections,
        wear=array_wear(firsts),
        levelled=level_wear(firsts),
        number=show_number,
        provenance=_origins(named, results),
        **_sources(values, rows=_value_rows(results)),
        **scripts([figure for group in sections.values() for figure in group]),
    )
    return claim_and_write(content, path, kind=_REPORT, overwrite=overwrite)


def _title(results: Sequence[Result]) -> str:
    workloads = dict.fromkeys(str(result.summary.get("workload")) for result in results)
    return f"{joined(runs_named(results))} on {joined(list(workloads))}"


def _spent(leading: Sequence[Look], firsts: Sequence[Result]) -> list[tuple[Look, str]]:
    """Where energy and time of each chip went, in words, for those that charged anything."""
    told = [(look, spending(result)) for look, result in zip(leading, firsts, strict=True)]
    return [(look, words) for look, words in told if words]


def _origins(
    named: Sequence[Look], results: Sequence[Result]
) -> list[tuple[Look, list[tuple[str, str]], str]]:
    """How each result came to be, as terms and as the descriptions that were run."""
    return [
        (look, _flat(result.provenance), _described(result))
        for look, result in zip(named, results, strict=True)
    ]


def write_chip_page(
    graph: ChipGraph,
    path: str | Path | ClaimedPage,
    *,
    title: str,
    about: str = "",
    values: Sequence[Valued] = (),
    overwrite: bool = False,
) -> Path:
    """Write one HTML page that draws a chip and lists its parts and the values of its description.

    Parameters
    ----------
    graph
        The chip's parts with positions.
    path
        The file to write, or one that is claimed. The page of a chip that is there is replaced.
    title
        Name of the chip.
    about
        What it is, in a sentence or two.
    values
        The numbers of its description with their sources.
    overwrite
        Replace a page that is no page of a chip. What is no page is never replaced.

    Raises
    ------
    OutputError
        When something else is in the way, or the file cannot be written.
    """
    figure = graph_figure(graph, name="chip", title="The chip as a graph")
    nodes = sorted(graph.nodes, key=lambda node: node.name)
    kinds = Counter(node.kind for node in nodes)
    content = template("chip.html").render(
        generator=Markup(generator(_CHIP)),  # noqa: S704  # our own words
        title=title,
        about=about,
        figure=figure,
        nodes=nodes,
        area=_area,
        total_area=sum(node.area_nm2 for node in nodes),
        kinds=sorted(kinds.items()),
        **sources_of(values),
        **scripts([figure]),
    )
    return claim_and_write(content, path, kind=_CHIP, overwrite=overwrite)


def _area(value: int) -> str:
    return show(value, AREA).replace("m2", "m²")


def _sections(
    results: Sequence[Result], question: EnduranceQuestion | None, *, firsts: Sequence[Result]
) -> dict[str, list[Figure]]:
    """All figures, by the section of the page that shows them."""
    updates = update_figure(firsts)
    chips = []
    for place, (result, look) in enumerate(zip(firsts, looks(firsts), strict=True)):
        label = look.label
        if result.graph.nodes:
            chips.append(graph_figure(result.graph, name=f"chip-{place}", title=f"{label}: the chip"))
        step = timeline_figure(result.timeline, name=f"step-{place}", title=f"{label}: one step")
        if step:
            chips.append(step)
    accuracy = []
    # Of accuracy every seed is drawn: how far apart they lie is what a reader has to see.
    if any(is_number(row.test_accuracy_percent) for result in results for row in result.epochs):
        accuracy = [*accuracy_figures(results), *forgetting_figures(results)]
    parts: list[Figure] = []
    for result, its in zip(firsts, part_figures(firsts), strict=True):
        if result.ledger:
            parts += its
    shares = share_figures(firsts) if any(result.ledger for result in firsts) else []
    leaked = leakage_figure(firsts)
    shares += [leaked] if leaked else []
    wear = [figure for its in wear_figures(firsts, question=question) for figure in its]
    # A section without figures is left out, with its line in the contents.
    return {
        "accuracy": accuracy,
        "shares": shares,
        "parts": parts,
        "updates": [updates] if updates else [],
        "wear": wear,
        "chips": chips,
    }


def figures_of(results: Sequence[Result], question: EnduranceQuestion | None = None) -> list[Figure]:
    """Every figure of a report, in the order of the page.

    Parameters
    ----------
    results
        At least one.
    question
        Thresholds of wear; None takes the defaults.
    """
    results = readable(results)
    firsts = [group.results[0] for group in groups_of(results)]
    return [figure for its in _sections(results, question, firsts=firsts).values() for figure in its]


def _value_rows(results: Sequence[Result]) -> list[_ValueRow]:
    """The values of all results, equal ones told once with the chips that have them."""
    having: dict[Valued, list[str]] = {}
    for result, look in zip(results, looks(results), strict=True):
        for value in dict.fromkeys(result.values):
            having.setdefault(value, []).append(look.label)
    rows = []
    for value, chips in having.items():
        who = "all" if len(chips) == len(results) > 1 else ", ".join(chips)
        rows.append(_value_row(value, chips=who))
    return rows


def _value_row(value: Valued, *, chips: str) -> _ValueRow:
    # What has a source needs no doubt; of what has none, a reader asks which conclusions it could change.
    doubtful = value.kind in ("assumed", "changed")
    return _ValueRow(
        path=value.path,
        value=value.value,
        kind=value.kind,
        text=value.text,
        chips=chips,
        bears=", ".join(bearing(value.path)) if doubtful else "",
        between=f"{value.low} to {value.high}: {value.between}" if value.low else value.between,
    )


def sources_of(values: Sequence[Valued]) -> dict[str, Any]:
    """What the page of one description shows of its values: all of them, and how many come from where.

    Parameters
    ----------
    values
        Each with its source.
    """
    return _sources(values, rows=[_value_row(one, chips="") for one in values])


def _sources(values: Sequence[Valued], *, rows: Sequence[_ValueRow]) -> dict[str, Any]:
    counts = Counter(row.kind for row in rows)
    # Kinds that nobody here knows are told behind the others: no value is left out.
    kinds = [kind for kind in _KINDS if counts[kind]] + sorted(set(counts) - set(_KINDS))

    def doubtful_first(row: _ValueRow) -> tuple[int, bool, str]:
        # Costs come last, for they are many: the chip's own values would be lost among them.
        return kinds.index(row.kind), row.path.startswith("costs."), row.path

    return {
        "values": sorted(rows, key=doubtful_first),
        "value_counts": [(kind, _KINDS.get(kind, kind), counts[kind]) for kind in kinds],
        "assumed": assumed_sentence(values),
    }


def _flat(value: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Nested keys joined by dots, for a list of terms."""
    found: list[tuple[str, str]] = []
    for key, item in value.items():
        name = f"{prefix}{key}"
        items = item if isinstance(item, list | tuple) else ()
        if isinstance(item, Mapping):
            found += _flat(item, f"{name}.")
        elif any(isinstance(one, Mapping) for one in items):
            numbered = {str(place): one for place, one in enumerate(items)}
            found += _flat(numbered, f"{name}.")
        elif isinstance(item, list | tuple):
            words = list(map(str, items))
            # Whoever repeats a run copies its command, which a shell has to take whole.
            said = shlex.join(words) if key == "command" else ", ".join(words)
            found.append((name, said))
        else:
            found.append((name, str(item)))
    return found


def _described(result: Result) -> str:
    """The descriptions as run, for reading."""
    said = {"chip": result.chip, "workload": result.workload, "costs": result.costs}
    return json.dumps(plain(said), indent=2, ensure_ascii=False)


def claimed_report(
    path: str | Path, *, overwrite: bool = False
) -> contextlib.AbstractContextManager[ClaimedPage]:
    """A file for a report, checked and held before there are results; see :func:`write_report`.

    Raises
    ------
    OutputError
        When entered: when something else is in the way, or nothing can be written there.
    """
    return claimed_page(path, kind=_REPORT, overwrite=overwrite)


def claimed_chip_page(
    path: str | Path, *, overwrite: bool = False
) -> contextlib.AbstractContextManager[ClaimedPage]:
    """A file for the page of a chip, checked and held; see :func:`write_chip_page`.

    Raises
    ------
    OutputError
        When entered: when something else is in the way, or nothing can be written there.
    """
    return claimed_page(path, kind=_CHIP, overwrite=overwrite)
