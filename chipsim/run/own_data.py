"""Datasets that code of other packages makes: named by a phase, and made only where they are trusted."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from chipsim.data import Dataset
from chipsim.errors import ChipsimError
from chipsim.spec.outside import KindError, is_place, load_object, offered_kinds
from chipsim.spec.workload import WorkloadSpec

__all__ = ["made_by_code", "place_of_dataset", "problems_of_code"]


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
        if place:
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
