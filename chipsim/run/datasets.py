"""What a workload asks of its datasets: names, numbers of samples, and the ends of the network."""

from __future__ import annotations

from collections.abc import Iterator

from chipsim.data import names, sizes
from chipsim.errors import DescriptionError, Problem, did_you_mean
from chipsim.spec import Description
from chipsim.spec.rules_workload import of_remainder
from chipsim.spec.workload import WorkloadSpec

__all__ = ["check_data"]


def check_data(workload: Description[WorkloadSpec]) -> None:
    """Check a workload against the datasets that it names, which need not be there for it.

    Kernels trust the sizes of arrays, so a network has to have the sizes of its data. A last batch of one
    sample, which cannot be normalised, is refused too.

    Raises
    ------
    DescriptionError
        With all problems found, in the order of the file.

    Examples
    --------
    >>> from chipsim.spec import load_workload
    >>> check_data(load_workload("mnist-5k", sets=["phases.0.dataset.train=5000"]))
    Traceback (most recent call last):
    ...
    chipsim.errors.DescriptionError: phases.0.dataset.train: must be at most 4000, all that mnist-5k has to \
train on, not 5000 (from --set phases.0.dataset.train=5000)
    """
    problems = [*_of_network(workload), *_of_phases(workload)]
    if problems:
        told = dict.fromkeys(problems)
        raise DescriptionError(sorted(told, key=lambda problem: (not problem.line, problem.line)))


def _of_network(workload: Description[WorkloadSpec]) -> Iterator[Problem]:
    node = workload.tree.at("network", "layers")
    inputs, outputs = workload.spec.network.layers[0], workload.spec.network.layers[-1]
    for name in dict.fromkeys(phase.dataset.name for phase in workload.spec.phases):
        there = sizes(name)
        if there and there.features != inputs:
            yield node.problem(
                f"must begin with {there.features}, the pixels of an image of {name}, not {inputs}"
            )
        if there and there.classes > outputs:
            yield node.problem(
                f"must end with at least {there.classes}, the classes of {name}, not {outputs}"
            )


def _of_phases(workload: Description[WorkloadSpec]) -> Iterator[Problem]:
    for index, phase in enumerate(workload.spec.phases):
        node, said = workload.tree.at("phases", index, "dataset"), phase.dataset
        there = sizes(said.name)
        if there is None:
            known = f"{', '.join(names())}{did_you_mean(said.name, names())}"
            yield node.at("name").problem(f"unknown dataset {said.name!r}; known: {known}")
            continue
        for part in ("train", "test"):
            asked, most = getattr(said, part), getattr(there, part)
            if asked is not None and asked > most:
                message = f"must be at most {most}, all that {said.name} has to {part} on, not {asked}"
                yield node.at(part).problem(message)
        # Where a description says how many samples there are, it was checked on its own.
        message = of_remainder(workload.spec, there.train) if said.train is None else ""
        if message:
            yield node.problem(message)
