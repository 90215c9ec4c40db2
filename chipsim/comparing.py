"""Runs side by side from Python: what the page of a comparison says, as an object."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

import attrs

from chipsim.errors import ChipsimError
from chipsim.report import write_report
from chipsim.report.verdicts import conclusion, undecided, verdicts
from chipsim.result import Result
from chipsim.result.extent import marked
from chipsim.result.files import is_run_folder, load
from chipsim.result.frames import arrow_or_pandas
from chipsim.result.labels import labels
from chipsim.result.metrics import metric_value, metrics_of, readable
from chipsim.run import simulate
from chipsim.spec.html_table import html_table

__all__ = ["Comparison", "compare"]


@attrs.frozen(kw_only=True, eq=False)
class Comparison:
    """Several runs side by side, and what they bear out."""

    results: tuple[Result, ...] = attrs.field(repr=False)
    """The runs, in the order of the rows."""
    rows: tuple[dict[str, str], ...]
    """A row a run: its label under ``Architecture``, then each figure as it is shown, under its title."""
    conclusion: str
    """The comparison in a few sentences."""
    verdicts: tuple[str, ...]
    """A sentence for each question that is decided, with who leads and by how much."""
    undecided: tuple[str, ...]
    """A sentence for each reason why the others are not."""

    def frame(self) -> Any:
        """Its rows: a pandas DataFrame, or a pyarrow Table without pandas."""
        keys = dict.fromkeys(key for row in self.rows for key in row)
        return arrow_or_pandas({key: [row.get(key, "") for row in self.rows] for key in keys})

    def report(self, file: str | Path, *, overwrite: bool = False) -> Path:
        """Write its page; see :func:`chipsim.report.write_report`.

        Parameters
        ----------
        file
            The page to write; a report that is there is replaced.
        overwrite
            Replace a page that is no report of chipsim, too.

        Raises
        ------
        OutputError
            When something else is in the way, or the file cannot be written.
        """
        return write_report(self.results, file, overwrite=overwrite)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        keys = list(self.rows[0])
        table = html_table([[row.get(key, "") for key in keys] for row in self.rows], heads=keys)
        told = "".join(f"<li>{escape(sentence)}</li>" for sentence in self.verdicts)
        return f"<div><p>{escape(self.conclusion)}</p>{table}<ul>{told}</ul></div>"


def compare(
    runs: Sequence[Result | str | Path], *, workload: str | Path | None = None, seeds: int = 1, **more: Any
) -> Comparison:
    """Compare runs, as the page of ``chipsim compare`` does.

    Parameters
    ----------
    runs
        Results, folders of saved ones, or chips by name or path, which are trained for it.
    workload
        What chips are trained on.
    seeds
        How many each chip is trained with, from `seed` on, which is 0 unless it is given.
    more
        How they are trained, as :func:`chipsim.simulate` takes it.

    Raises
    ------
    ChipsimError
        When there is nothing to compare, or something that was given cannot be used.

    Examples
    --------
    >>> told = compare(["single-pair", "digital-fp32"], workload="mnist-5k", epochs=1,
    ...     sets=["phases.0.dataset.train=20"])
    >>> [row["Architecture"] for row in told.rows], told.verdicts
    (['single-pair', 'digital-fp32'], ())
    """
    if isinstance(runs, str | Path | Result) or not runs:
        raise ChipsimError("give a list of results, folders of runs, or chips, at least one")
    results: list[Result] = []
    for run in runs:
        results += _results_of(run, workload, seeds=seeds, more=more)
    shown = readable(results)
    metrics = [metric for metric in metrics_of(shown) if metric.brief]
    rows = []
    for result, label in zip(shown, labels(shown), strict=True):
        figures = {metric.title: metric_value(metric, result) for metric in metrics}
        rows.append({"Architecture": marked(label, result), **figures})
    return Comparison(
        results=tuple(results),
        rows=tuple(rows),
        conclusion=conclusion(shown),
        verdicts=tuple(_sentences(shown)),
        undecided=tuple(undecided(shown)),
    )


def _sentences(results: Sequence[Result]) -> Iterator[str]:
    for verdict in verdicts(results):
        yield f"{verdict.question}: {verdict.winner}, {verdict.value}; {verdict.reason}"


def _results_of(
    run: Result | str | Path, workload: str | Path | None, *, seeds: int, more: dict[str, Any]
) -> list[Result]:
    """The results that one entry stands for."""
    if isinstance(run, Result):
        return [run]
    if is_run_folder(run):
        return [load(run)]
    if workload is None:
        raise ChipsimError(f"{run}: is no folder of a run; name the workload that it is trained on as a chip")
    if seeds < 1:
        raise ChipsimError(f"seeds must be at least 1, not {seeds}")
    if seeds == 1:
        return [simulate(run, workload, **more)]
    first = more.get("seed", 0)
    return [simulate(run, workload, **{**more, "seed": first + place}) for place in range(seeds)]
