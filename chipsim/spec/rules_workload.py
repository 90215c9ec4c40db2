"""Rules over several fields of a workload: phases, their tasks and data, and what is to be tested."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from chipsim.errors import did_you_mean
from chipsim.spec.fault import Fault
from chipsim.spec.workload import DatasetSpec, PhaseSpec, WorkloadSpec

__all__ = ["of_workload"]


def of_workload(workload: WorkloadSpec) -> list[Fault]:
    """The rules that a workload breaks."""
    return [*_of_phases(workload), *_of_tasks(workload), *_of_evaluate(workload)]


def _of_phases(workload: WorkloadSpec) -> Iterator[Fault]:
    names = Counter(phase.name for phase in workload.phases)
    for index, phase in enumerate(workload.phases):
        if names[phase.name] > 1:
            message = f"phases must have different names, not {phase.name!r} again"
            yield Fault(("phases", index, "name"), message)
        train = phase.dataset.train
        if train is not None and train < workload.batch:
            message = f"must be at least one batch of {workload.batch} samples, not {train}"
            yield Fault(("phases", index, "dataset", "train"), message)


def _of_tasks(workload: WorkloadSpec) -> Iterator[Fault]:
    first: dict[str, PhaseSpec] = {}
    for index, phase in enumerate(workload.phases):
        task = phase.name if phase.task is None else phase.task
        if not re.fullmatch(r"[A-Za-z0-9_-]+", task):
            key = "name" if phase.task is None else "task"
            message = f"task {task!r}; a task's name is letters, digits, '-' and '_', for it names results"
            yield Fault(("phases", index, key), message)
        begun = first.setdefault(phase.task_name, phase)
        if begun.dataset != phase.dataset:
            message = (
                f"{_shown(phase.dataset)} is not what phase {begun.name!r} trains task {task!r} on, "
                f"{_shown(begun.dataset)}; the phases of a task have the same dataset"
            )
            yield Fault(("phases", index, "dataset"), message)


def _of_evaluate(workload: WorkloadSpec) -> Iterator[Fault]:
    if workload.evaluate is None:
        return
    tasks = list(dict.fromkeys(phase.task_name for phase in workload.phases))
    if not workload.evaluate:
        message = f"needs at least one task; leave it out to test all: {', '.join(tasks)}"
        yield Fault(("evaluate",), message)
    for index, task in enumerate(workload.evaluate):
        if task not in tasks:
            known = f"{', '.join(tasks)}{did_you_mean(task, tasks)}"
            yield Fault(("evaluate", index), f"no phase trains task {task!r}; known: {known}")
        elif task in workload.evaluate[:index]:
            yield Fault(("evaluate", index), f"names task {task!r} again")


def _shown(dataset: DatasetSpec) -> str:
    """A dataset in a few words."""
    sizes = [f"{count} to {part}" for part in ("train", "test") if (count := getattr(dataset, part))]
    taken = f" ({', '.join(sizes)})" if sizes else ""
    order = "" if dataset.permutation is None else f" in permutation {dataset.permutation}"
    return f"{dataset.name}{taken}{order}"
