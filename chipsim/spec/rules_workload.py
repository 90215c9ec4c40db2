"""Rules over several fields of a workload: phases, their tasks and data, and what is to be tested."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator

from chipsim.errors import did_you_mean
from chipsim.spec.fault import Fault
from chipsim.spec.rules_data import of_shapings, shown_dataset
from chipsim.spec.rules_size import of_network_size
from chipsim.spec.rules_software import of_software
from chipsim.spec.workload import PhaseSpec, WorkloadSpec

__all__ = ["of_datasets", "of_remainder", "of_workload"]


def of_workload(workload: WorkloadSpec) -> list[Fault]:
    """The rules that a workload breaks."""
    of_phases = (_of_named_data, of_shapings, _of_phases, _of_normalisation, _of_tasks, _of_evaluate)
    rules = (of_network_size, _of_given_weights, *of_phases, of_software)
    return [fault for rule in rules for fault in rule(workload)]


def of_remainder(workload: WorkloadSpec, samples: int, *, key: str = "train") -> str:
    """What is wrong with the last batch of so many samples; empty when nothing is.

    Parameters
    ----------
    workload
        Has the batch.
    samples
        Of an epoch.
    key
        Which key of a phase says how many.

    Examples
    --------
    >>> from chipsim.spec import load_workload
    >>> workload = load_workload("mnist-5k-permuted").spec
    >>> of_remainder(workload, 4000), of_remainder(workload, 4001).partition(",")[0]
    ('', '4001 samples in batches of 100 leave a last batch of 1 sample')
    """
    batch = workload.batch
    # Fewer samples than a batch are refused by themselves.
    if workload.network.normalisation is None or samples <= batch or samples % batch != 1:
        return ""
    return (
        f"{samples} samples in batches of {batch} leave a last batch of 1 sample, and a single sample has no "
        f"variance to be normalised by; set {key} to {samples - 1}, or take another batch"
    )


def _of_given_weights(workload: WorkloadSpec) -> Iterator[Fault]:
    """Layers whose weights nobody gives, names that two of them have, and a file for none of them."""
    network = workload.network
    names = Counter(stage.layer.name for stage in network.stages if stage.layer.name is not None)
    for stage in network.stages:
        path, name = ("network", "layers", stage.place), stage.layer.name
        if name is not None and names[name] > 1:
            yield Fault((*path, "name"), f"layers must have different names, not {name!r} again")
        if name is not None and network.weights is None:
            yield Fault((*path, "name"), "nothing reads it: network.weights names no file; leave name out")
    if network.weights is not None and not names:
        yield Fault(("network", "weights"), "nothing reads it: no layer has a name; leave weights out")
    if network.weights_error and network.weights is None:
        message = "nothing reads it: network.weights names no file; leave it out"
        yield Fault(("network", "weights_error"), message)
    elif network.weights_error and all(
        stage.frozen for stage in network.stages if stage.layer.name is not None
    ):
        message = "nothing reads it: no layer that learns is given weights; leave it out"
        yield Fault(("network", "weights_error"), message)


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
        epoch = phase.epoch_samples
        if epoch is not None and epoch < workload.batch:
            message = f"must be at least one batch of {workload.batch} samples, not {epoch}"
            yield Fault(("phases", index, "epoch_samples"), message)


def _of_named_data(workload: WorkloadSpec) -> Iterator[Fault]:
    """Datasets that are neither named nor in a file, or of which a file is read in two ways."""
    first: dict[str, PhaseSpec] = {}
    for index, phase in enumerate(workload.phases):
        said, path = phase.dataset, ("phases", index, "dataset")
        of_files = {key: getattr(said, key) for key in ("label", "scale", "test_share", "split_seed")}
        if not said.name:
            yield Fault(path, "missing key 'name' of a dataset, or 'file' of one's own")
        elif said.file is None:
            for key in (key for key, value in of_files.items() if value is not None):
                yield Fault((*path, key), "nothing reads it: it says how a file is read; leave it out")
        elif said.name != said.file:
            yield Fault((*path, "name"), "a file is called by its own name; leave name out")
        if said.scale is not None and not said.scale[0] < said.scale[1]:
            low, high = said.scale
            message = f"must be what stands for 0 and what for 1, the lower first, not [{low:g}, {high:g}]"
            yield Fault((*path, "scale"), message)
        before = first.setdefault(said.name, phase) if said.file else phase
        if any(getattr(before.dataset, key) != value for key, value in of_files.items()):
            message = f"phase {before.name!r} reads {said.file} in another way; read it alike in all phases"
            yield Fault((*path, "file"), message)


def _of_normalisation(workload: WorkloadSpec) -> Iterator[Fault]:
    """Means and variances of a batch need more than one sample."""
    network = workload.network
    if network.normalisation is None:
        return
    if network.first_learning == len(network.stages):
        message = "nothing reads it: frozen layers are not normalised, and all are frozen; leave it out"
        yield Fault(("network", "normalisation"), message)
    if workload.batch == 1:
        message = (
            "must be at least 2 with network.normalisation, not 1: a single sample has no variance to be "
            "normalised by; use a larger batch, or leave the normalisation out"
        )
        yield Fault(("batch",), message)
    for index, phase in enumerate(workload.phases):
        # How many samples a whole dataset has is known when it is read, and asked again then.
        where: tuple[str, ...] = ("dataset", "train")
        samples = phase.dataset.train or 0
        if phase.epoch_samples is not None:
            where, samples = ("epoch_samples",), phase.epoch_samples
        message = of_remainder(workload, samples, key=where[-1])
        if message:
            yield Fault(("phases", index, *where), message)


def of_datasets(workload: WorkloadSpec, *, wrong: Collection[int] = ()) -> Iterator[Fault]:
    """Phases that go on with a task on another dataset than the phases before them.

    No rule of a workload alone: where a name is misspelt or a number too large, which only those know who
    know the datasets, that is the fault, and the other phases of the task are right.

    Parameters
    ----------
    workload
        All its phases.
    wrong
        Positions of phases whose dataset is wrong in itself; nothing is compared with theirs.
    """
    first: dict[str, PhaseSpec] = {}
    for index, phase in enumerate(workload.phases):
        if index in wrong:
            continue
        begun = first.setdefault(phase.task_name, phase)
        if begun.dataset != phase.dataset:
            given, before = shown_dataset(phase.dataset), shown_dataset(begun.dataset)
            differs = f"{given} is not what phase {begun.name!r} trains task {phase.task_name!r} on, {before}"
            message = f"{differs}; the phases of a task have the same dataset"
            yield Fault(("phases", index, "dataset"), message)


def _of_tasks(workload: WorkloadSpec) -> Iterator[Fault]:
    for index, phase in enumerate(workload.phases):
        task = phase.name if phase.task is None else phase.task
        if not re.fullmatch(r"[A-Za-z0-9_-]+", task):
            key = "name" if phase.task is None else "task"
            message = f"task {task!r}; a task's name is letters, digits, '-' and '_', for it names results"
            yield Fault(("phases", index, key), message)


def _of_evaluate(workload: WorkloadSpec) -> Iterator[Fault]:
    if workload.evaluate is None:
        return
    # Without any on the chip that is told by itself.
    on_chip = [phase for phase in workload.phases if phase.software is None] or workload.phases
    tasks = list(dict.fromkeys(phase.task_name for phase in on_chip))
    in_software = {phase.task_name for phase in workload.in_software}
    if not workload.evaluate:
        message = f"needs at least one task; leave it out to test all: {', '.join(tasks)}"
        yield Fault(("evaluate",), message)
    for index, task in enumerate(workload.evaluate):
        if task not in tasks and task in in_software:
            message = f"task {task!r} trains in software alone; on the chip train {', '.join(tasks)}"
            yield Fault(("evaluate", index), message)
        elif task not in tasks:
            known = f"{', '.join(tasks)}{did_you_mean(task, tasks)}"
            yield Fault(("evaluate", index), f"no phase trains task {task!r}; known: {known}")
        elif task in workload.evaluate[:index]:
            yield Fault(("evaluate", index), f"names task {task!r} again")
