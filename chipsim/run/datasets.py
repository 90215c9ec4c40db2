"""What a workload asks of its datasets, those that ship and those of the caller: names, sizes, and arrays."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.data import Dataset, Sizes, names, sizes
from chipsim.data import load as load_data
from chipsim.data.features import FEATURES
from chipsim.data.loading import SIZED
from chipsim.data.published import PUBLISHED
from chipsim.data.records import RECORDS
from chipsim.data.remarks import untrained
from chipsim.errors import DataError, DescriptionError, Problem, did_you_mean
from chipsim.run.own_data import (
    from_file,
    made_by_code,
    path_of_file,
    place_of_dataset,
    problems_of_code,
    read_files,
)
from chipsim.run.own_files import sizes_of
from chipsim.run.phase_data import PhaseData, SizedData
from chipsim.run.shaping import called, of_classes, shaping_of, unshapable
from chipsim.spec import Description
from chipsim.spec.rules_workload import of_datasets, of_remainder
from chipsim.spec.workload import DatasetSpec, PhaseSpec, WorkloadSpec

__all__ = [
    "NO_DATASETS",
    "batches",
    "check_data",
    "check_folder",
    "data_of_phases",
    "left_untrained",
]

NO_DATASETS: Final[Mapping[str, Dataset]] = MappingProxyType({})
"""Of a caller who gives no dataset."""


def check_data(workload: Description[WorkloadSpec], *, datasets: Mapping[str, Dataset] = NO_DATASETS) -> None:
    """Check a workload against the datasets that it names; those that ship need not be there for it.

    Kernels trust the sizes of arrays, so a network has to have the sizes of its data. A last batch of one
    sample, which cannot be normalised, is refused too.

    Parameters
    ----------
    workload
        What names them.
    datasets
        Those of the caller by name; they go before those that ship.

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
    chipsim.errors.DescriptionError: phases[name=train].dataset.train: must be at most 4000, all that \
mnist-5k has to train on, not 5000 (from --set phases.0.dataset.train=5000)
    """
    files, wrong = read_files(workload)
    made = {name: sizes_of(data) for name, data in made_by_code(workload.spec).items()}
    given = {name: sizes_of(data) for name, data in datasets.items()}
    known = _known({**made, **files, **given})
    problems = [*_of_network(workload, known)]
    problems += _of_phases(workload, known, unread=wrong)
    problems += _of_unused(workload, datasets)
    if problems:
        # Once each: phases that name the same dataset make the same mistake.
        told = dict.fromkeys(problems)
        # What stands in no file, such as a dataset of the caller's, has no line and goes last.
        raise DescriptionError(sorted(told, key=lambda problem: (not problem.line, problem.line)))


def _known(own: Mapping[str, Sizes]) -> dict[str, Sizes]:
    """The sizes of all datasets that a phase may name, with those of one's own, which go first."""
    known = dict(own)
    for name in names():
        shipped = sizes(name)
        if shipped is not None and name not in known:
            known[name] = shipped
    return known


def _of_network(workload: Description[WorkloadSpec], known: Mapping[str, Sizes]) -> Iterator[Problem]:
    node, network = workload.tree.at("network", "layers"), workload.spec.network
    inputs, outputs = network.stages[0].inputs, network.classes
    given = network.stages[0].given
    present = _present(workload.spec, known)
    told = len(present) == len({called(phase.dataset) for phase in workload.spec.phases})
    for name, there in present.items():
        if there.features != inputs:
            yield node.problem(
                f"must begin with {there.features}, the {_values_of(there)} of {name}, not {inputs}"
            )
        # Where either is a plain list of values, nobody said how its pixels lie.
        elif len(given) == len(there.shape) == 3 and given != there.shape:
            found, wanted = list(given), list(there.shape)
            yield node.problem(f"must begin with {wanted}, the shape of an image of {name}, not {found}")
        if there.classes > outputs:
            yield node.problem(
                f"must end with at least {there.classes}, the classes of {name}, not {outputs}"
            )
    most = max((there.classes for there in present.values()), default=outputs)
    # Where a phase is wrong in itself, it may be the one whose samples are of these classes.
    if most < outputs and told:
        widest = next(name for name, there in present.items() if there.classes == most)
        last = outputs - 1
        spare = f"{most}" if most == last else f"{most} to {last}"
        yield node.problem(
            f"must end with {most}, the classes of {widest}, not {outputs}: no sample is of class {spare}"
        )


def _present(workload: WorkloadSpec, known: Mapping[str, Sizes]) -> dict[str, Sizes]:
    """Sizes of datasets that phases train on, as the network is given them, by what messages call them."""
    present = {}
    for phase in workload.phases:
        said = phase.dataset
        if said.name not in known:
            continue
        there = known[said.name]
        # What a phase asks of a dataset that has it not is told by itself.
        if not [*unshapable(said, there, inputs=workload.network.stages[0].inputs)]:
            present[called(said)] = shaping_of(said).sizes_of(there)
    return present


def _values_of(there: Sizes) -> str:
    """What the values of a sample are: pixels of an image, or features."""
    return "pixels of an image" if len(there.shape) == 3 else "features of a sample"


def _of_phases(
    workload: Description[WorkloadSpec], known: Mapping[str, Sizes], *, unread: Mapping[str, str]
) -> Iterator[Problem]:
    wrong: set[int] = set()
    for index, phase in enumerate(workload.spec.phases):
        problems = [*_of_name_and_numbers(workload, index, known, unread=unread)]
        if problems:
            wrong.add(index)
            yield from problems
        elif phase.dataset.train is None:
            # Where a description says how many samples there are, it was checked on its own.
            there = shaping_of(phase.dataset).sizes_of(known[phase.dataset.name])
            yield from _of_batches(workload, index, there.train)
    # A dataset that cannot be had at all is not held against those of other phases besides.
    for fault in of_datasets(workload.spec, wrong=wrong):
        yield workload.tree.at(*fault.path).problem(fault.message)


def _of_name_and_numbers(
    workload: Description[WorkloadSpec], index: int, known: Mapping[str, Sizes], *, unread: Mapping[str, str]
) -> Iterator[Problem]:
    """What is wrong with the dataset of a phase, whatever other phases say."""
    node = workload.tree.at("phases", index, "dataset")
    said = workload.spec.phases[index].dataset
    there = known.get(said.name)
    if there is None and said.file is not None:
        yield node.at("file").problem(unread[said.name])
        return
    if there is None and place_of_dataset(said.name):
        yield node.at("name").problem(problems_of_code(workload.spec)[said.name])
        return
    if there is None:
        choice = f"{', '.join(known)}{did_you_mean(said.name, known)}"
        yield node.at("name").problem(f"unknown dataset {said.name!r}; known: {choice}")
        return
    faults = [*unshapable(said, there, inputs=workload.spec.network.stages[0].inputs)]
    for fault in faults:
        yield node.at(*fault.path).problem(fault.message)
    if any(fault.path[0] == "classes" for fault in faults):
        return
    left = there if said.classes is None else there.of_classes(said.classes)
    for part in ("train", "test"):
        asked, most = getattr(said, part), getattr(left, part)
        if asked is not None and asked > most:
            has = f"all that {of_classes(said)} has to {part} on"
            yield node.at(part).problem(f"must be at most {most}, {has}, not {asked}")


def _of_batches(workload: Description[WorkloadSpec], index: int, samples: int) -> Iterator[Problem]:
    """What is wrong with batches of all the samples of a phase's dataset."""
    message = _misfit(workload.spec, workload.spec.phases[index], samples)
    if message:
        yield workload.tree.at("phases", index, "dataset").problem(message)


def _misfit(workload: WorkloadSpec, phase: PhaseSpec, samples: int) -> str:
    """What is wrong with batches of so many samples; empty when nothing is."""
    if samples >= workload.batch:
        # An epoch of its own length was looked at before anybody knew the dataset.
        return of_remainder(workload, samples) if phase.epoch_samples is None else ""
    has = f"{of_classes(phase.dataset)} has {samples} samples to train on"
    return f"{has}, less than one batch of {workload.batch}; lower batch"


def _of_unused(workload: Description[WorkloadSpec], datasets: Mapping[str, Dataset]) -> Iterator[Problem]:
    named = list(dict.fromkeys(phase.dataset.name for phase in workload.spec.phases))
    for name in datasets:
        if name not in named:
            hint = did_you_mean(name, named)
            message = f"no phase trains on {name!r}; the phases train on {', '.join(named)}{hint}"
            yield Problem(path="datasets", message=message)


def check_folder(
    workload: WorkloadSpec, folder: str | Path | None, *, datasets: Mapping[str, Dataset] = NO_DATASETS
) -> None:
    """Refuse a folder of datasets that nothing would be read from.

    Parameters
    ----------
    workload
        What names them.
    folder
        As the user gave it; None passes.
    datasets
        Those of the caller by name, which are read from no folder.

    Raises
    ------
    DescriptionError
        When no phase names a dataset that is read from files.
    """
    named = dict.fromkeys(phase.dataset.name for phase in workload.phases)
    from_files = {*PUBLISHED, *RECORDS, *FEATURES}
    read_from_files = [name for name in named if name in from_files and name not in datasets]
    if folder is None or read_from_files:
        return
    files = {phase.dataset.file for phase in workload.phases}
    reasons = " and ".join(f"{name} is {_from_elsewhere(name, datasets, files)}" for name in named)
    message = f"nothing is read from {folder}, for {reasons}; leave it out"
    raise DescriptionError([Problem(path="data", message=message)])


def _from_elsewhere(name: str, datasets: Mapping[str, Dataset], files: Collection[str | None]) -> str:
    if name in datasets:
        return "given by the caller"
    if name in files:
        return "looked for beside the description"
    return "made by code" if place_of_dataset(name) else "embedded"


def data_of_phases(
    workload: Description[WorkloadSpec],
    *,
    folder: str | Path | None,
    datasets: Mapping[str, Dataset] = NO_DATASETS,
) -> list[tuple[PhaseSpec, PhaseData]]:
    """Every phase with its data; phases on the same data share it, and only that of the first is held.

    Parameters
    ----------
    workload
        Checked by :func:`check_data`.
    folder
        Folder with datasets that ship; None takes the usual one.
    datasets
        Those of the caller by name; they go before those that ship.

    Raises
    ------
    DataError
        When a dataset is not in the folder, or not what it should be.
    """
    made = made_by_code(workload.spec)
    loaded: dict[tuple[DatasetSpec, Path | None], PhaseData] = {}
    of_phases = []
    for index, phase in enumerate(workload.spec.phases):
        said = phase.dataset
        # A name counts from the description that says it, so one name may be two files.
        place = said, path_of_file(workload, index) if said.file is not None else None
        of_phases.append(place)
        if place in loaded:
            continue
        if said.file is not None and said.name not in datasets:
            data = PhaseData(partial(_dataset_in_file, workload, index))
        elif said.name in SIZED and said.name not in {**datasets, **made}:
            data = SizedData(said, shaping_of(said).sizes_of(SIZED[said.name]))
        else:
            data = PhaseData(partial(_dataset_of, said, folder=folder, datasets=datasets, made=made))
        # Sizes that are known without reading are those of all that was published, and a part may be at hand.
        message = _misfit(workload.spec, phase, len(data.train_labels))
        if message:
            raise DataError(f"{message} (read from {data.origin})")
        if loaded:
            data.release()
        loaded[place] = data
    return [(phase, loaded[place]) for phase, place in zip(workload.spec.phases, of_phases, strict=True)]


def _dataset_in_file(workload: Description[WorkloadSpec], index: int) -> Dataset:
    said = workload.spec.phases[index].dataset
    return _own(said, from_file(workload, index), origin="read from a file")


def _dataset_of(
    said: DatasetSpec,
    *,
    folder: str | Path | None,
    datasets: Mapping[str, Dataset],
    made: Mapping[str, Dataset],
) -> Dataset:
    if said.name in datasets:
        return _own(said, datasets[said.name], origin="given by the caller")
    if said.name in made:
        return _own(said, made[said.name], origin=f"made by {place_of_dataset(said.name)}")
    shaping = shaping_of(said)
    if shaping.needs_whole:
        return shaping.of(load_data(said.name, folder=folder))
    # The checksum of all of MNIST takes longer than to train on a few of its images.
    return shaping.of(load_data(said.name, folder=folder, train=said.train, test=said.test))


def left_untrained(phases: Sequence[tuple[PhaseSpec, Dataset | PhaseData]]) -> list[str]:
    """Classes that phases of the first samples of a dataset test and that no phase of their task trains.

    Parameters
    ----------
    phases
        Each with its data. Of whole datasets their maker was told.
    """
    # By task and not by phase: what one phase leaves out, another phase of the same task may show.
    shown: dict[str, list[NDArray[np.uint8]]] = {}
    for phase, data in phases:
        shown.setdefault(phase.task_name, []).append(data.train_labels)
    told = []
    for phase, data in phases:
        if phase.dataset.train is None:
            continue
        words = untrained(np.concatenate(shown[phase.task_name]), data.test_labels)
        if words:
            told.append(f"phases[name={phase.name}].dataset.train: {words}")
    return told


def _own(said: DatasetSpec, given: Dataset, *, origin: str) -> Dataset:
    """What a phase asks of a dataset of the caller."""
    # A dataset of its own, whose checksum is taken now: the caller may have changed the arrays since.
    own = attrs.evolve(given, name=said.name, origin=f"{origin}: {given.origin}")
    return shaping_of(said).of(own)


def batches(
    data: Dataset, order: NDArray[np.int64], batch: int
) -> Iterator[tuple[NDArray[Any], NDArray[np.uint8]]]:
    """Training samples with their labels, in an order (samples,), so many at a time."""
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        yield data.train_images[chosen], data.train_labels[chosen]
