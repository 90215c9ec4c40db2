"""What an imported network is to be trained on: its file says nothing of that."""

from __future__ import annotations

import os
from pathlib import Path

from chipsim.data import names, sizes
from chipsim.errors import DescriptionError, Problem, did_you_mean
from chipsim.spec.layer import Shape

__all__ = ["chosen_dataset"]


def chosen_dataset(asked: str | None, *, beside: Path, given: Shape, classes: int) -> dict[str, str]:
    """The key, the value and the reason of a workload's dataset.

    Parameters
    ----------
    asked
        A name, or an ``.npz`` file; None takes one that chipsim knows, or the name of a file to come.
    beside
        The workload's file.
    given
        What the network takes.
    classes
        Its outputs.

    Raises
    ------
    DescriptionError
        When it is not known, or the network cannot be trained on it.
    """
    if asked is None:
        found = next((name for name in names() if _fits(name, given, classes)), None)
        if found is not None:
            return {
                "key": "name",
                "value": found,
                "why": "of those that chipsim knows the first whose sizes fit",
            }
        shape = " x ".join(map(str, given))
        why = f"none that chipsim knows has images of {shape} and {classes} classes; put one of yours there"
        return {"key": "file", "value": f"{beside.stem}-data.npz", "why": why}
    if not asked.isprintable():
        shown = ascii(asked)[1:-1]
        raise DescriptionError([Problem(path="dataset", message=f"{shown}: is no name of letters")])
    if asked.endswith(".npz"):
        value = os.path.relpath(asked, beside.parent)
        return {"key": "file", "value": value, "why": "chosen when the network was imported"}
    _refuse_dataset(asked, given, classes)
    return {"key": "name", "value": asked, "why": "chosen when the network was imported"}


def _fits(name: str, given: Shape, classes: int) -> bool:
    there = sizes(name)
    if there is None or there.classes != classes:
        return False
    return given in (there.shape, (there.features,))


def _refuse_dataset(name: str, given: Shape, classes: int) -> None:
    """Refuse a dataset that the network cannot be trained on; those of code are looked at by ``check``."""
    if ":" in name:
        return
    there = sizes(name)
    if there is None:
        known = ", ".join(names())
        message = f"unknown dataset {name!r}; known: {known}{did_you_mean(name, names())}"
        raise DescriptionError([Problem(path="dataset", message=f"{message}; or an .npz file of yours")])
    problems = []
    if given not in (there.shape, (there.features,)):
        has, takes = (" x ".join(map(str, shape)) for shape in (there.shape, given))
        problems.append(f"{name} has images of {has}, and the network takes {takes}")
    if classes != there.classes:
        problems.append(
            f"{name} has {there.classes} classes, and the network {classes}; --classes {there.classes} "
            "begins a new last layer"
        )
    if problems:
        raise DescriptionError([Problem(path="dataset", message=message) for message in problems])
