"""How far a run went: epochs that it did and was to do, and whether it was stopped."""

from __future__ import annotations

import re
from typing import Final

from chipsim.result import Result
from chipsim.wording import plural

__all__ = [
    "counts_samples",
    "epochs_of",
    "epochs_words",
    "marked",
    "of_epochs",
    "planned_epochs",
    "stopped_after",
]

_PHASE_EPOCHS: Final = re.compile(r"workload\.phases(?:\.\d+|\[[^\]]*\])\.epochs")
_EPOCH_SAMPLES: Final = re.compile(r"workload\.phases(?:\.\d+|\[[^\]]*\])\.epoch_samples")


def of_epochs(path: str) -> bool:
    """Whether a value's path is that of the epochs of one phase.

    Examples
    --------
    >>> of_epochs("workload.phases[name=train].epochs"), of_epochs("workload.batch")
    (True, False)
    """
    return _PHASE_EPOCHS.fullmatch(path) is not None


def _of_software(path: str) -> bool:
    """Whether a value is of how a phase trains in software."""
    return path.startswith("workload.phases") and ".software." in path


def planned_epochs(result: Result) -> int | None:
    """Epochs of all phases on the chip, of the workload as run; None when the result does not say."""
    paths = [value.path for value in result.values]
    in_software = {path.partition(".software")[0] for path in paths if _of_software(path)}
    said = [
        value.value
        for value in result.values
        if of_epochs(value.path) and value.path.removesuffix(".epochs") not in in_software
    ]
    # Values are kept as they were written, and what was written as 1e1 is no decimal.
    if not said or not all(map(str.isdecimal, said)):
        return None
    return sum(map(int, said))


def epochs_of(result: Result) -> int:
    """Epochs that were trained to their end, or timed where nothing was trained."""
    return result.summary.get("epochs_run") or 0


def counts_samples(result: Result) -> bool:
    """Whether an epoch of the run is a number of samples, and no pass over a dataset."""
    said = any(_EPOCH_SAMPLES.fullmatch(value.path) for value in result.values)
    return said and all(row.samples is not None for row in result.epochs)


def epochs_words(epochs: int) -> str:
    """Epochs as words have them.

    Examples
    --------
    >>> epochs_words(1), epochs_words(20)
    ('1 epoch', '20 epochs')
    """
    return f"{epochs:,} {plural('epoch', epochs)}"


def stopped_after(result: Result) -> str:
    """After what a run was stopped, such as ``3 of 20 epochs``; empty when it went to its end."""
    if result.summary.get("complete", True):
        return ""
    done, planned = epochs_of(result), planned_epochs(result)
    if planned is None:
        return epochs_words(done)
    return f"{done:,} of {epochs_words(planned)}"


def marked(label: str, result: Result) -> str:
    """A result's label, with a mark when it was stopped before its end."""
    return f"{label} (stopped)" if stopped_after(result) else label
