"""Whether what a study keeps of a run is what was saved: figures, their digest, and files of the run."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

__all__ = ["changed_file", "check_figures", "files_of", "is_sealed", "sealed"]

_SEAL: Final = "sha256"
_SHARES: Final = (
    "test_accuracy_percent", "train_accuracy_percent", "best_test_accuracy_percent",
    "late_test_accuracy_percent", "late_train_accuracy_percent", "mean_task_accuracy_percent",
    "test_accuracy_after_wait_percent",
)  # fmt: skip
"""Beginnings of figures between 0 and 100 %."""
_COUNTS: Final = ("test_samples", "train_samples")


def sealed(said: Mapping[str, Any]) -> dict[str, Any]:
    """Figures of a run with a digest of their own.

    Examples
    --------
    >>> is_sealed(sealed({"cells": 5})), is_sealed({**sealed({"cells": 5}), "cells": 6})
    (True, False)
    """
    return {**said, _SEAL: _digest(said)}


def is_sealed(said: Mapping[str, Any]) -> bool:
    """Whether figures are those that were sealed; what an earlier chipsim wrote has no seal and passes."""
    return _SEAL not in said or said[_SEAL] == _digest(said)


def _digest(said: Mapping[str, Any]) -> str:
    content = {key: value for key, value in said.items() if key != _SEAL}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def check_figures(said: Any) -> dict[str, float]:
    """Figures that can be worked with.

    Raises
    ------
    TypeError
        When they are no mapping, or one is no number.
    ValueError
        When one is not finite, or cannot be what its name says.

    Examples
    --------
    >>> check_figures({"test_accuracy_percent.digits": 150})
    Traceback (most recent call last):
    ...
    ValueError: test_accuracy_percent.digits cannot be 150
    """
    if not isinstance(said, dict):
        raise TypeError("figures are no mapping")
    for key, value in said.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(f"{key} is no number")
        if not _is_finite(value):
            raise ValueError(f"{key} is not finite, or beyond what a number can be")
        is_share = key.startswith(_SHARES)
        if (key in _COUNTS and value < 0) or (is_share and not 0 <= value <= 100):
            raise ValueError(f"{key} cannot be {value}")
    return said


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def files_of(run: Path) -> dict[str, int]:
    """Files of a run's result with their sizes, in bytes.

    Raises
    ------
    OSError
        When the folder cannot be looked into.
    """
    names = sorted(file.name for file in run.iterdir() if file.is_file() and not file.name.startswith("."))
    return {name: (run / name).stat().st_size for name in names}


def changed_file(run: Path, files: Any) -> str:
    """What is wrong with the files of a run, in words; empty where nothing is.

    Parameters
    ----------
    run
        The folder of the run.
    files
        What `files_of` gave when it was saved; what was put there since is nobody's business.

    Raises
    ------
    OSError
        When the folder cannot be looked into.
    """
    for name, size in dict(files).items():
        file = run / Path(name).name
        if not file.is_file():
            return f"{file} is missing"
        if file.stat().st_size != size:
            return f"{file} has another size than was saved"
    return ""
