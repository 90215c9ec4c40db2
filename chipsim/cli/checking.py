"""``chipsim check``."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

import attrs
import click

from chipsim.bars import TERMINAL, is_terminal
from chipsim.cli.areas import tell_areas
from chipsim.data.loading import SIZED
from chipsim.errors import DescriptionError, Problem
from chipsim.learn.cannot_learn import learning_warnings
from chipsim.run import check_data, prepare
from chipsim.spec import Description, check_file, check_together, costs_of
from chipsim.spec.chip import ChipSpec
from chipsim.spec.device_file import DeviceSpec
from chipsim.spec.provenance import Value
from chipsim.spec.study_file import names_study, read_study
from chipsim.spec.workload import WorkloadSpec
from chipsim.study.barred import checked_bar
from chipsim.study.planning import plan_study
from chipsim.wording import joined, plural

__all__ = ["check_all"]

_WORDS: Final[dict[type, str]] = {ChipSpec: "chip", WorkloadSpec: "workload", DeviceSpec: "device"}


def check_all(given: Sequence[str]) -> None:
    """Say of each description that it is right, or what is wrong with it; then of each chip and workload.

    Parameters
    ----------
    given
        Names and files.

    Raises
    ------
    DescriptionError
        With all problems of all of them.
    """
    problems: list[Problem] = []
    right: dict[type, list[Description[Any]]] = {spec: [] for spec in _WORDS}
    for name in dict.fromkeys(given):
        try:
            if names_study(name):
                _check_study(name)
                continue
            described = check_file(name)
            _check_alone(described)
        except DescriptionError as error:
            problems += error.problems
        else:
            spec = described.spec
            word = _WORDS.get(type(spec), "cost set")
            click.echo(f"{name}: {word} {spec.name!r} is right{_open_values(described)}")
            for warning in _borrowed_notes(described):
                click.echo(warning)
            right.setdefault(type(spec), []).append(described)
    chips, workloads = right[ChipSpec], right[WorkloadSpec]
    # In a folder of many chips and many workloads most pairs were never meant for each other.
    if min(len(chips), len(workloads)) <= 1:
        problems += _check_pairs(chips, workloads)
    else:
        click.echo("several chips and several workloads: give one of either to hold them against each other")
    if problems:
        raise DescriptionError(problems)


def _check_study(name: str) -> None:
    """Plan every run of a scenario, and say how many there are."""
    scenario = read_study(name)
    with checked_bar(scenario.spec.name, place=TERMINAL if is_terminal() else "") as progress:
        plan = plan_study(scenario, progress=progress)
    many = len(plan.runs)
    ends = f", {plan.at_ends:,} of them with an assumed value at an end of its range" if plan.at_ends else ""
    click.echo(f"{name}: study {plan.study.name!r} is right; {many:,} {plural('run', many)}{ends}")
    tell_areas(plan.areas)
    for remark in plan.remarks:
        click.echo(f"warning: {remark}", err=True)


def _check_alone(described: Description[Any]) -> None:
    """A chip also has to agree with the cost set that it names, and a workload with its datasets."""
    if isinstance(described.spec, WorkloadSpec):
        check_data(described)
    if not isinstance(described.spec, ChipSpec):
        return
    check_together(described, costs_of(described))


def _check_pairs(
    chips: Sequence[Description[ChipSpec]], workloads: Sequence[Description[WorkloadSpec]]
) -> list[Problem]:
    """Place each workload on each chip; what is wrong, each problem once, with those that have it."""
    found: dict[Problem, dict[str, None]] = {}
    for chip, workload in itertools.product(chips, workloads):
        try:
            # Without a seed nothing is drawn and no state is made: only whether they fit is asked.
            prepare(chip, workload, seed=None)
        except DescriptionError as error:
            for problem in error.problems:
                partner = workload.spec.name if problem.file == chip.file else chip.spec.name
                found.setdefault(problem, {})[partner] = None
        else:
            can = "train" if _is_known(workload.spec) else "time"
            click.echo(f"chip {chip.spec.name!r} can {can} workload {workload.spec.name!r}")
            pair = f"{chip.spec.name} on {workload.spec.name}"
            for text in learning_warnings(chip.spec, workload.spec):
                click.echo(f"warning: {pair}: {text}", err=True)
    several = len(chips) * len(workloads) > 1
    return [_with(problem, partners) if several else problem for problem, partners in found.items()]


def _is_known(workload: WorkloadSpec) -> bool:
    """Whether its data can be had, and what its frozen layers hold: otherwise it can only be timed."""
    layers = all(stage.layer.name or not stage.frozen for stage in workload.network.stages)
    return layers and not any(phase.dataset.name in SIZED for phase in workload.phases)


def _with(problem: Problem, partners: Iterable[str]) -> Problem:
    return attrs.evolve(problem, message=f"{problem.message} (with {', '.join(partners)})")


def _borrowed_notes(described: Description[Any]) -> list[str]:
    """A line for each value beside a note that came along with a copied file, or changed without one."""
    told = []
    for value in described.values:
        if value.kind == "changed":
            why = value.text.partition(": ")[0]
            stands = f"stands beside a note {why}" if _is_borrowed(value) else f"is {why}"
            told.append(f"  {value.path}: {value.value} {stands}; say where it comes from")
    return told


def _is_borrowed(value: Value) -> bool:
    """Whether a value stands beside a note that came along with a copied file."""
    return value.kind == "changed" and value.text.startswith("written for")


def _open_values(described: Description[Any]) -> str:
    """How many of the values rest on assumptions, or on nothing."""
    kinds = Counter("borrowed" if _is_borrowed(value) else value.kind for value in described.values)
    words = {
        "assumed": "assumed",
        "none": "without a source",
        "borrowed": "beside a note for another value",
        "changed": "changed without a source",
    }
    ranged = sum(bool(value.low) for value in described.values)
    if ranged:
        words["assumed"] = f"assumed ({ranged} with a range)"
    said = [f"{kinds[kind]} {word}" for kind, word in words.items() if kinds[kind]]
    return f"; of {kinds.total()} values {joined(said)}" if said else ""
