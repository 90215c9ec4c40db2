"""A study read back: its runs with what became of each, its figures as a table, its results one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs

from chipsim.errors import OutputError
from chipsim.result import Result
from chipsim.result.files import load
from chipsim.result.frames import as_frame
from chipsim.result.reach_metrics import reach_figure, reach_metric
from chipsim.spec.nodes import parse_yaml
from chipsim.study.plan import Plan, Planned
from chipsim.study.rows import unit_of
from chipsim.study.store import RUNS, Kept, epochs_kept, failure_of, kept_of, read_plan

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["KeptRun", "KeptStudy", "load_study"]

FIXED: Final = ("run", "chip", "task", "costs", "seed", "complete")
"""Columns of every study, before those of what is varied."""
ENDS: Final = {"assumed_value": "path", "range_end": "side", "end_value": "value"}
"""Columns of a study with assumed values at ends of their ranges, empty of all other runs, and what of the
end stands there."""


@attrs.frozen(kw_only=True)
class KeptRun:
    """One run of a study, and what is there of it."""

    planned: Planned
    state: Literal["done", "stopped", "failed", "damaged", "missing"]
    """``stopped``: what training left before it diverged."""
    why: str = ""
    """What went wrong, or what is damaged."""
    kept: Kept | None = None
    """Its figures; None where there are none."""


@attrs.frozen(kw_only=True)
class KeptStudy:
    """A study as it stands in its folder.

    Examples
    --------
    >>> study = load_study("runs/states-of-cells")  # doctest: +SKIP
    >>> study.table().to_pandas()  # doctest: +SKIP
    """

    folder: Path
    plan: Plan
    runs: tuple[KeptRun, ...]

    @property
    def done(self) -> tuple[KeptRun, ...]:
        """Runs that are there and whole."""
        return tuple(run for run in self.runs if run.state == "done")

    @property
    def left_out(self) -> tuple[KeptRun, ...]:
        """Runs that no figure is shown of."""
        return tuple(run for run in self.runs if run.state != "done")

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """What is varied, in the order of the scenario."""
        return tuple(path for axis in self.plan.study.vary for path in axis.paths)

    def results(self) -> Iterator[tuple[Planned, Result]]:
        """The whole results of the runs that are done, one after another: all at once would fill the memory.

        Raises
        ------
        OutputError
            When one cannot be read.
        """
        for run in self.done:
            yield run.planned, self.result(run.planned.id)

    def result(self, name: str) -> Result:
        """The whole result of a run.

        Raises
        ------
        OutputError
            When it is not there, or damaged.
        """
        return load(self.folder / RUNS / name)

    def frame(self) -> Any:
        """The same figures as a pandas DataFrame, or as a pyarrow Table where pandas is not installed."""
        return as_frame(self.table())

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        # By its name and only now: what shows a study is built on what is read back here.
        showing = import_module("chipsim.study.showing")
        return str(showing.shown_study(self))

    def _figures(self, run: KeptRun) -> dict[str, float]:
        """Its figures, with those of an accuracy to reach that the study asks for, which any may be."""
        study = self.plan.study
        asked = dict.fromkeys([*study.metrics, *(claim.metric for claim in study.claims)])
        to_reach = [key for key in asked if reach_metric(key) is not None]
        found = dict(run.kept.figures) if run.kept is not None else {}
        rows = epochs_kept(self.folder, run.planned.id) if to_reach else ()
        for key in to_reach:
            value = reach_figure(key, rows)
            if value is not None:
                found[key] = value
        return found

    def table(self) -> pa.Table:
        """All figures of runs that are done or stopped: a row a run and metric."""
        import pyarrow as pa  # noqa: PLC0415

        shown = [run for run in self.runs if run.kept is not None]
        each = [self._figures(run) for run in shown]
        counts = [len(figures) for figures in each]
        columns: dict[str, Any] = {}
        for name in FIXED:
            columns[name] = _repeated([_fixed(run, name) for run in shown], counts)
        for path in self.paths:
            values = [dict(run.planned.varied).get(path) for run in shown]
            columns[path] = _repeated(_typed(values), counts)
        ends = [run.planned.end for run in shown]
        if any(run.planned.end for run in self.runs):
            for name, what in ENDS.items():
                columns[name] = _repeated([end and getattr(end, what) for end in ends], counts)
        figures = [item for its in each for item in its.items()]
        columns["metric"] = [metric for metric, _ in figures]
        columns["value"] = [float(value) for _, value in figures]
        columns["unit"] = [unit_of(metric) for metric, _ in figures]
        types = {"run": pa.string(), "chip": pa.string(), "task": pa.string(), "costs": pa.string()}
        types |= {"seed": pa.int64(), "complete": pa.bool_(), "metric": pa.string(), "value": pa.float64()}
        types |= {"unit": pa.string()} | dict.fromkeys(ENDS, pa.string())
        arrays = {name: pa.array(column, type=types.get(name)) for name, column in columns.items()}
        return pa.table(arrays)


def load_study(folder: str | Path) -> KeptStudy:
    """A study from its folder.

    Parameters
    ----------
    folder
        That ``chipsim study`` or ``chipsim sweep`` wrote.

    Raises
    ------
    OutputError
        When it holds no study, or one of another version.
    """
    folder = Path(folder)
    try:
        plan = read_plan(folder)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be looked into ({error.strerror or error})") from error
    return KeptStudy(folder=folder, plan=plan, runs=tuple(_run(folder, planned) for planned in plan.runs))


def _run(folder: Path, planned: Planned) -> KeptRun:
    found = kept_of(folder, planned.id)
    failure = failure_of(folder, planned.id)
    if isinstance(found, Kept):
        if found.complete:
            return KeptRun(planned=planned, state="done", kept=found)
        why = failure["error"] if failure else "was stopped before its end"
        return KeptRun(planned=planned, state="stopped", why=why, kept=found)
    if failure is not None:
        return KeptRun(planned=planned, state="failed", why=failure["error"])
    if found:
        return KeptRun(planned=planned, state="damaged", why=found)
    return KeptRun(planned=planned, state="missing", why="was not made yet")


def _fixed(run: KeptRun, name: str) -> Any:
    if name == "run":
        return run.planned.id
    if name == "complete":
        return run.state == "done"
    return getattr(run.planned, name)


def _repeated(values: Sequence[Any], counts: Sequence[int]) -> list[Any]:
    """Each value as often as its run has figures."""
    repeated: list[Any] = []
    for value, count in zip(values, counts, strict=True):
        repeated += [value] * count
    return repeated


def _typed(texts: Sequence[str | None]) -> list[Any]:
    """Values as numbers where all are; else as the texts that overrides are written in."""
    values = [None if text is None else parse_yaml(text, []).plain() for text in texts]
    given = [value for value in values if value is not None]
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in given):
        return list(texts)
    # A column of Parquet holds whole numbers of 64 bits.
    if all(isinstance(value, int) and -(2**63) <= value < 2**63 for value in given):
        return values
    try:
        return [None if value is None else float(value) for value in values]
    except OverflowError:
        return list(texts)
