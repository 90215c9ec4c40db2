"""What a study is going to do: each of its runs, before any is made."""

from __future__ import annotations

import shlex
from typing import Any

import attrs

from chipsim.spec.study import StudySpec
from chipsim.spec.waits import wait_words
from chipsim.study.adjusted import AdjustedPoint
from chipsim.study.settings import RangeEnd

__all__ = ["Plan", "Planned", "Untried"]


@attrs.frozen(kw_only=True)
class Planned:
    """One run of a study: everything that decides it, but for the code and the data that it will meet."""

    id: str
    """Name of the run, a digest of all that decides it (:mod:`chipsim.run.identity`): of its folder, too."""
    chip: str
    """What the study calls the chip; unique among its chips."""
    task: str
    """What the study calls the workload; unique among its workloads."""
    architecture: str
    """Name or path of the chip's description."""
    workload: str
    """Name or path of the workload's description."""
    sets: tuple[str, ...] = ()
    """Every override, in the order in which they are applied: those held equal, the chip's, the workload's,
    ``costs=NAME`` where the study names cost sets, those that are varied, those that bring it to the area of
    all, and an assumed value at an end."""
    varied: tuple[tuple[str, str], ...] = ()
    """Path and value (as YAML) of what is varied."""
    costs: str = ""
    """What the cost set is called, that of the chip's own where the study asks for none."""
    seed: int = 0
    timing_only: bool = False
    wait: tuple[int, ...] = ()
    """Times after which the trained chip is tested, ns."""
    keep: str = "figures"
    """What is kept of it beside its figures; see :class:`~chipsim.spec.study.StudySpec`."""
    end: RangeEnd | None = None
    """Where an assumed value is put to an end of its range; None of a run that the study compares."""

    @property
    def command(self) -> str:
        """The command that makes the same run."""
        words = ["chipsim", "run", self.architecture, self.workload]
        for override in self.sets:
            words += ["--set", override]
        if self.timing_only:
            words.append("--timing-only")
        for wait in self.wait:
            words += ["--wait", wait_words(wait)]
        return shlex.join([*words, "--seed", str(self.seed)])


@attrs.frozen(kw_only=True)
class Untried:
    """An assumed value of a chip or a workload that is not put to an end of its range, and why."""

    chip: str
    """What the study calls the chip."""
    path: str
    value: str = ""
    """What it would be put to; empty of one without a range."""
    why: str


@attrs.frozen(kw_only=True)
class Plan:
    """A whole study before it is begun: its description, checked, and every run it asks for."""

    study: StudySpec
    document: dict[str, Any]
    """Plain data that the study reads back from."""
    runs: tuple[Planned, ...]
    """Seed by seed: a study that is stopped early has compared everything, with fewer seeds. Those with an
    assumed value at an end of its range come last."""
    remarks: tuple[str, ...] = ()
    """What is no mistake and should be known: values that a chip does not read, runs that come out twice."""
    areas: tuple[AdjustedPoint, ...] = ()
    """What was changed to bring all chips to one area, point by point; empty where that is not asked for."""
    untried: tuple[Untried, ...] = ()
    """Assumed values that the study was to put to the ends of their ranges, and does not."""

    @property
    def at_ends(self) -> int:
        """How many runs have an assumed value at an end of its range."""
        return sum(run.end is not None for run in self.runs)
