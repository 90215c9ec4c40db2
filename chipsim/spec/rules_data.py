"""Rules over what a phase makes of its dataset: asked before anybody knows the dataset itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chipsim.spec.fault import Fault
from chipsim.spec.workload import DatasetSpec, WorkloadSpec

__all__ = ["of_shapings", "shown_dataset"]


def of_shapings(workload: WorkloadSpec) -> Iterator[Fault]:
    """What is wrong with the choices and changes of datasets, whatever these are.

    Parameters
    ----------
    workload
        All its phases.
    """
    for index, phase in enumerate(workload.phases):
        path = ("phases", index, "dataset")
        said = phase.dataset
        if said.classes is not None:
            yield from _of_choice((*path, "classes"), said.classes, word="class")
            if len(said.classes) < 2:
                message = f"needs two classes or more to tell apart, not {list(said.classes)}"
                yield Fault((*path, "classes"), message)
        if said.features is not None:
            yield from _of_choice((*path, "features"), said.features, word="value")
            if not said.features:
                yield Fault((*path, "features"), "needs at least one value; leave it out to take all")
        if said.random_layer is not None and said.projection is not None:
            message = "images pass either a random_layer or a projection; leave one of them out"
            yield Fault((*path, "projection"), message)
        if said.projection is None and said.projection_number is not None:
            message = "nothing reads it: there is no projection; leave it out"
            yield Fault((*path, "projection_number"), message)


def _of_choice(path: tuple[str | int, ...], chosen: Sequence[int], *, word: str) -> Iterator[Fault]:
    """Numbers that count from 0, each of them once."""
    for place, number in enumerate(chosen):
        if number < 0:
            yield Fault((*path, place), f"must be at least 0, not {number}")
        elif number in chosen[:place]:
            yield Fault((*path, place), f"names {word} {number} again")


def shown_dataset(dataset: DatasetSpec) -> str:
    """A dataset in a few words.

    Parameters
    ----------
    dataset
        As a phase describes it.

    Examples
    --------
    >>> shown_dataset(DatasetSpec(name="mnist", classes=(0, 1), train=100, projection=16))
    'mnist, classes 0, 1 (100 to train), projected to 16 values'
    """
    counts = {"train": dataset.train, "test": dataset.test}
    sizes = [f"{count} to {part}" for part, count in counts.items() if count]
    words = dataset.name
    if dataset.classes is not None:
        words += f", classes {_listed(dataset.classes)}"
    if sizes:
        words += f" ({', '.join(sizes)})"
    if dataset.crop is not None:
        words += f", the inner {dataset.crop} x {dataset.crop} pixels"
    if dataset.swap_rows is not None:
        words += f" with {dataset.swap_rows} swapped pairs of rows"
    if dataset.permutation is not None:
        words += f" in permutation {dataset.permutation}"
    if dataset.random_layer is not None:
        words += f" through a random layer of {dataset.random_layer}"
    if dataset.projection is not None:
        number = f" by projection {dataset.projection_number}" if dataset.projection_number else ""
        words += f", projected to {dataset.projection} values{number}"
    if dataset.features is not None:
        words += f", values {_listed(dataset.features)}"
    return words


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))
