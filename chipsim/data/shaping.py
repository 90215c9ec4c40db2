"""What is made of a dataset before a network is given it: a chain of choices and changes, in one order."""

from __future__ import annotations

from typing import Any

import attrs

from chipsim.data.choosing import cropped, most_swaps, of_classes, row_order, rows_swapped, with_features
from chipsim.data.dataset import Dataset, first_of, permuted
from chipsim.data.loading import Sizes
from chipsim.data.projection import projected
from chipsim.data.random_layer import widened

__all__ = ["Shaping"]


@attrs.frozen(kw_only=True)
class Shaping:
    """What is made of a dataset, in the order of its fields; None leaves each as it is.

    The first samples are counted among those of the chosen classes. Changes of pixels come before what sums
    them up, and the choice of values comes last, for it may choose among those sums.
    """

    classes: tuple[int, ...] | None = None
    """Classes alone that are kept; see :func:`~chipsim.data.choosing.of_classes`."""
    train: int | None = None
    """First samples to train on."""
    test: int | None = None
    """First samples to test on."""
    crop: int | None = None
    """Side of the square in the middle of images; see :func:`~chipsim.data.choosing.cropped`."""
    swap_rows: int | None = None
    """Pairs of rows that change places; see :func:`~chipsim.data.choosing.rows_swapped`."""
    permutation: int | None = None
    """Number of a permutation of the pixels; see :func:`~chipsim.data.permuted`."""
    random_layer: int | None = None
    """Units of a random layer; see :func:`~chipsim.data.widened`."""
    projection: int | None = None
    """Values of a random projection; see :func:`~chipsim.data.projection.projected`."""
    projection_number: int = 0
    """Which projection."""
    features: tuple[int, ...] | None = None
    """Places of values that are kept; see :func:`~chipsim.data.choosing.with_features`."""

    @property
    def needs_whole(self) -> bool:
        """Whether more of a dataset has to be known than its first samples."""
        return any(value is not None for value in (self.classes, self.random_layer, self.projection))

    def of(self, whole: Dataset) -> Dataset:
        """What is made of a dataset.

        Parameters
        ----------
        whole
            All of it; where :attr:`needs_whole` is false, its first samples are enough.

        Raises
        ------
        DataError
            When it has not what is asked of it.

        Examples
        --------
        >>> from chipsim.data import load
        >>> asked = Shaping(classes=(0, 1), train=500, projection=16, features=(3, 0, 5))
        >>> made = asked.of(load("mnist-5k"))
        >>> made.train_images.shape, made.test_images.shape, made.classes
        ((500, 3), (200, 3), 2)
        """
        made = whole if self.classes is None else of_classes(whole, self.classes)
        if (self.train, self.test) != (None, None):
            fields = attrs.asdict(made, recurse=False)
            taken: dict[str, Any] = dict(first_of(fields, name=made.name, train=self.train, test=self.test))
            made = attrs.evolve(made, **taken)
        made = self._arranged(made)
        if self.random_layer is not None:
            made = widened(made, self.random_layer, whole=self._arranged(whole))
        if self.projection is not None:
            number = self.projection_number
            made = projected(made, self.projection, number=number, whole=self._arranged(whole))
        return made if self.features is None else with_features(made, self.features)

    def _arranged(self, dataset: Dataset) -> Dataset:
        """The pixels of images that are kept, in another order."""
        if self.crop is not None:
            dataset = cropped(dataset, self.crop)
        if self.swap_rows is not None:
            dataset = rows_swapped(dataset, self.swap_rows)
        return dataset if self.permutation is None else permuted(dataset, self.permutation)

    def cut_of(self, there: Sizes) -> Sizes:
        """How large a dataset is whose images are cut, of which nothing else is changed.

        Parameters
        ----------
        there
            How large the dataset is; its images are as large as the square, or larger.

        Examples
        --------
        >>> from chipsim.data import sizes
        >>> Shaping(crop=20).cut_of(sizes("mnist-5k")).shape
        (20, 20, 1)
        """
        if self.crop is None:
            return there
        channels = there.shape[2]
        shape = self.crop, self.crop, channels
        return attrs.evolve(there, features=self.crop * self.crop * channels, shape=shape)

    def sizes_of(self, there: Sizes) -> Sizes:
        """How large what is made of a dataset is, its first samples aside.

        Parameters
        ----------
        there
            How large the dataset is.

        Examples
        --------
        >>> from chipsim.data import sizes
        >>> Shaping(classes=(0, 1), projection=16).sizes_of(sizes("mnist-5k"))
        Sizes(train=800, test=200, features=16, classes=2, shape=(16,))
        """
        made = self.cut_of(there if self.classes is None else there.of_classes(self.classes))
        chosen = None if self.features is None else len(self.features)
        for values in (self.random_layer, self.projection, chosen):
            if values is not None:
                made = attrs.evolve(made, features=values, shape=(values,))
        return made

    def swaps_in_vain(self, there: Sizes) -> bool:
        """Whether rows change places of which no value is kept.

        Parameters
        ----------
        there
            How large the dataset is; it has all that is asked of it.
        """
        mixed = (self.permutation, self.random_layer, self.projection)
        if self.swap_rows is None or self.features is None or mixed != (None, None, None):
            return False
        shape = self.cut_of(there).shape
        assert self.swap_rows <= most_swaps(shape), "refused by itself"
        order = row_order(shape, self.swap_rows)
        return all(order[place] == place for place in self.features)
