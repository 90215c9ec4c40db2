"""How many samples a network classifies right, also before a phase has trained it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chipsim.net.network import Network
from chipsim.spec.workload import PhaseSpec

__all__ = ["figure_of_first_tests", "right_percent"]


def right_percent(rule: Network, images: NDArray[Any], labels: NDArray[np.uint8], *, task: str) -> float:
    """Share of the samples of a task that are classified right, in percent.

    Parameters
    ----------
    rule
        The network, as it is now.
    images, labels
        Of the samples.
    task
        By whose figures of normalisation.
    """
    classes = rule.classify(images, task=task)
    right = int(np.count_nonzero(classes == labels))
    return 100 * right / len(labels)


def figure_of_first_tests(phases: tuple[PhaseSpec, ...], tested: Mapping[str, float]) -> dict[str, float]:
    """What the last phase that was tested before it began was tested with; empty where none was."""
    names = [phase.name for phase in phases if phase.name in tested]
    return {"test_accuracy_before_percent": tested[names[-1]]} if names else {}
