"""The datasets of a run's phases: what is told of them, and their images while these are wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np

from chipsim.data import Dataset, Sizes
from chipsim.data import load as load_data
from chipsim.errors import DataError
from chipsim.spec.workload import DatasetSpec, PhaseSpec

__all__ = ["PhaseData", "SizedData", "epoch_samples_of", "there_is_data"]


class PhaseData:
    """The dataset of a phase: what is told of it, and its images only where they are wanted.

    All of MNIST takes 55 MB, more than the weights that are trained on it. It is read when a run begins, so
    that a file that is missing or damaged is told before anything is trained, and again when its phase comes.

    Parameters
    ----------
    read
        Gives the dataset, the same each time.
    """

    def __init__(self, read: Callable[[], Dataset]) -> None:
        self._read = read
        data = read()
        self._held: Dataset | None = data
        self.name, self.origin, self.checksum = data.name, data.origin, data.checksum
        self.classes, self.features = data.classes, data.features
        self.train_labels, self.test_labels = data.train_labels, data.test_labels

    def whole(self) -> Dataset:
        """The dataset, images and all, held until it is released.

        Raises
        ------
        DataError
            When it cannot be read any more, or is another one now.
        """
        if self._held is None:
            data = self._read()
            if data.checksum != self.checksum:
                raise DataError(f"{self.name}: is another dataset than when the run began ({data.origin})")
            self._held = data
        return self._held

    def release(self) -> None:
        """Hold its images no longer."""
        self._held = None


class SizedData(PhaseData):
    """Data of which nothing but the sizes is known: what is timed alone needs no more.

    Parameters
    ----------
    said
        As described.
    there
        How much of it there is.
    """

    def __init__(self, said: DatasetSpec, there: Sizes) -> None:
        self._read, self._held = partial(load_data, said.name), None
        self.name, self.origin, self.checksum = said.name, "only its sizes are known", "sizes"
        self.classes, self.features = there.classes, there.features
        # Nobody looks at labels that are not there; how many there would be is asked.
        self.train_labels = np.broadcast_to(np.uint8(0), (said.train or there.train,))
        self.test_labels = np.broadcast_to(np.uint8(0), (said.test or there.test,))


def epoch_samples_of(phase: PhaseSpec, data: PhaseData) -> int:
    """Training samples of each epoch of a phase."""
    return phase.samples_of_epoch(len(data.train_labels))


def there_is_data(data: Iterable[PhaseData]) -> None:
    """Refuse to train on data of which only the sizes are known.

    Raises
    ------
    DataError
        Before anything is trained on the data of other phases.
    """
    for one in data:
        if isinstance(one, SizedData):
            one.whole()
