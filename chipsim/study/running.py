"""Studies from Python: carried out with one call, and read back."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from chipsim.bars import where
from chipsim.errors import ChipsimWarning
from chipsim.spec.study_file import Scenario, read_study, study_from
from chipsim.study.barred import RunsBar, checked_bar
from chipsim.study.engine import Watched, Workers, carry_out
from chipsim.study.gathering import gathered_again
from chipsim.study.kept import KeptStudy
from chipsim.study.place import begin, claimed_study
from chipsim.study.plan import Planned
from chipsim.study.planning import plan_study

__all__ = ["run"]


class _Unwatched:
    """Nobody looks."""

    def begins(self, *, total: int, kept: int) -> None:
        """Nothing."""

    def one_ended(
        self, planned: Planned, *, state: str, error: str, seconds: float, left_s: float | None
    ) -> None:
        """Nothing."""


def run(
    study: str | Path | Mapping[str, Any],
    *,
    folder: str | Path | None = None,
    jobs: int = 1,
    scheduler: str = "",
    data: str | Path | None = None,
    watched: Watched | bool | None = None,
) -> KeptStudy:
    """Carry out a study; what is done in its folder is not done again.

    Parameters
    ----------
    study
        A scenario file, or the mapping that one would hold.
    folder
        Where it goes [``runs/NAME``].
    jobs
        Processes that make runs. In a script they begin by importing it, so what it does stands below
        ``if __name__ == "__main__":``.
    scheduler
        Address of a Dask scheduler, whose workers make the runs.
    data
        Folder with datasets; None takes the usual one.
    watched
        Told how far the study is. None shows a bar in a notebook and where standard error is a terminal;
        False shows none.

    Returns
    -------
    KeptStudy
        Runs that failed are among its `left_out`.

    Raises
    ------
    DescriptionError
        With every problem of the study, before anything is run.
    OutputError
        When something else is in the folder, or another study; or nothing can be written there.

    Examples
    --------
    >>> short = {"phases[*].epochs": 1, "phases[*].dataset.train": 50}
    >>> study = {"name": "states", "architectures": ["single-pair"], "workloads": ["mnist-5k"],
    ...     "set": short, "vary": {"device.states": [10, 20]}}
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     kept = run(study, folder=f"{folder}/out")
    >>> len(kept.done)
    2
    """
    workers = Workers(jobs=jobs, scheduler=scheduler)
    workers.begin()
    scenario, base = _read(study)
    place_of_bar = where() if watched is None or watched is True else ""
    with checked_bar(scenario.spec.name, place=place_of_bar) as progress:
        plan = plan_study(scenario, data=data, progress=progress)
    place = Path(folder) if folder is not None else Path("runs", plan.study.name)
    with claimed_study(place, resume=True) as ours:
        if left := begin(plan, ours, base=base.resolve()):
            warnings.warn(left, ChipsimWarning, stacklevel=2)
        with _watching(plan.study.name, watched=watched, place=place_of_bar) as looking:
            carry_out(
                plan,
                ours,
                workers=workers,
                data=None if data is None else Path(data),
                watched=looking,
            )
    return gathered_again(place)


@contextlib.contextmanager
def _watching(name: str, *, watched: Watched | bool | None, place: str) -> Iterator[Watched]:
    """Whoever the user gave, a bar where it is seen, or nobody."""
    if watched is not None and not isinstance(watched, bool):
        yield watched
    elif place:
        bar = RunsBar(name, place=place)
        try:
            yield bar
        finally:
            bar.end()
    else:
        yield _Unwatched()


def _read(study: str | Path | Mapping[str, Any]) -> tuple[Scenario, Path]:
    if isinstance(study, str | os.PathLike):
        return read_study(study), Path(study).parent
    return study_from(study), Path()
