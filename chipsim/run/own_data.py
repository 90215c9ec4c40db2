"""Datasets of the user's own that a phase names: in files, or made by code of packages that are trusted."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

from chipsim.data import Dataset, Sizes
from chipsim.data.own_file import OwnFile
from chipsim.errors import ChipsimError, DataError
from chipsim.run.own_files import dataset_in, sizes_in
from chipsim.spec import Description
from chipsim.spec.outside import KindError, is_place, load_object, offered_kinds
from chipsim.spec.workload import DatasetSpec, WorkloadSpec

__all__ = [
    "folder_of",
    "from_file",
    "made_by_code",
    "path_of_file",
    "place_of_dataset",
    "problems_of_code",
    "read_files",
]


def from_file(workload: Description[WorkloadSpec], index: int) -> Dataset:
    """The whole dataset in the file that a phase names.

    Parameters
    ----------
    workload
        As it was read; the file is looked for beside the description that names it.
    index
        Which phase, from 0.

    Raises
    ------
    DataError
        When it cannot be read, or is not what was stated.
    """
    said = workload.spec.phases[index].dataset
    return dataset_in(path_of_file(workload, index), _how(said), name=said.name)


def _how(said: DatasetSpec) -> OwnFile:
    return OwnFile(label=said.label, scale=said.scale, test_share=said.test_share, split_seed=said.split_seed)


def path_of_file(workload: Description[WorkloadSpec], index: int) -> Path:
    """The file that a phase names, where :func:`folder_of` looks for it.

    Parameters
    ----------
    workload
        As it was read.
    index
        Which phase, from 0.
    """
    folder = folder_of(workload, "phases", index, "dataset", "file")
    return folder / str(workload.spec.phases[index].dataset.file)


def folder_of(workload: Description[WorkloadSpec], *path: str | int) -> Path:
    """What a file that a workload names is relative to: the folder of the description that names it.

    That may be one that the workload extends. A file that is set on the command line, maybe for a workload
    that ships, is meant as the shell means it: from the folder at hand.

    Parameters
    ----------
    workload
        As it was read.
    path
        The key that names the file.
    """
    node = workload.tree.at(*path)
    return Path() if node.given else Path(node.file or workload.file).parent


def read_files(workload: Description[WorkloadSpec]) -> tuple[dict[str, Sizes], dict[str, str]]:
    """Sizes of datasets in files that a workload names, and what is wrong with those that cannot be had."""
    read: dict[str, Sizes] = {}
    wrong: dict[str, str] = {}
    seen: dict[Path, str] = {}
    for index, phase in enumerate(workload.spec.phases):
        name = phase.dataset.name
        if phase.dataset.file is None or name in wrong or path_of_file(workload, index) in seen:
            continue
        path = path_of_file(workload, index)
        seen[path] = name
        try:
            sizes = sizes_in(path, _how(phase.dataset), name=name)
        except DataError as error:
            wrong[name] = str(error)
            continue
        # Networks and phases are held against sizes by name, so two files of one name need the same.
        if name in read and read[name] != sizes:
            wrong[name] = (
                f"{path}: is another file than that of a phase before, and of other sizes; rename one"
            )
        read[name] = sizes
    return {name: sizes for name, sizes in read.items() if name not in wrong}, wrong


def place_of_dataset(name: str) -> str:
    """Where the code is that makes a dataset of a name; empty for one that ships or that the caller gives.

    Examples
    --------
    >>> place_of_dataset("mnist"), place_of_dataset("my_data:spirals")
    ('', 'my_data:spirals')
    """
    return name if is_place(name) else offered_kinds("dataset").get(name, "")


def made_by_code(workload: WorkloadSpec) -> dict[str, Dataset]:
    """Datasets that packages make for a workload, by the names that its phases call them.

    Parameters
    ----------
    workload
        One of which :func:`problems_of_code` finds none, or some of whose datasets are left out.
    """
    return {name: _made(place) for name, place in _places(workload).items() if not _problem(place)}


def problems_of_code(workload: WorkloadSpec) -> Mapping[str, str]:
    """What keeps datasets of other packages from being had, by their names."""
    problems = {name: _problem(place) for name, place in _places(workload).items()}
    return {name: problem for name, problem in problems.items() if problem}


def _places(workload: WorkloadSpec) -> dict[str, str]:
    places = {}
    for phase in workload.phases:
        place = place_of_dataset(phase.dataset.name)
        if place and phase.dataset.file is None:
            places[phase.dataset.name] = place
    return places


def _problem(place: str) -> str:
    try:
        _made(place)
    except (KindError, ChipsimError) as error:
        return str(error)
    return ""


# What makes a dataset may take its time, and both the checks and the run ask it for one.
@functools.lru_cache(maxsize=8)
def _made(place: str) -> Dataset:
    """Made once a process; what could not be made is tried again."""
    # Chipsim itself is always trusted, so a description could have any function of it called.
    if place.partition(".")[0] == "chipsim":
        raise KindError(f"{place} makes no dataset: those that ship are named by their words")
    maker = load_object(place)
    if not callable(maker):
        raise KindError(
            f"{place} makes no dataset: it must be a function or class that gives a chipsim.data.Dataset"
        )
    try:
        made = maker()
    except (Exception, SystemExit) as error:  # noqa: BLE001
        # Whatever another package does when it is called is told as its own failure.
        raise KindError(f"{place} fails to make a dataset: {type(error).__name__}: {error}") from None
    if not isinstance(made, Dataset):
        raise KindError(
            f"{place} gives {type(made).__name__}, not a Dataset such as chipsim.data.from_arrays makes"
        )
    return made
