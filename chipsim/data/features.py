"""Published features: what a trained network makes of photographs, in an NPZ file with their labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.data.archive import content_of, read_archive
from chipsim.data.idx import md5_of
from chipsim.data.published import is_there
from chipsim.errors import DataError

__all__ = ["FEATURES", "FeatureFile", "Split"]

_FOLDER: Final = "flowers17"
_ARRAYS: Final = ("features", "labels", "image")


@attrs.frozen(kw_only=True)
class Split:
    """Places of samples to train on and to test on."""

    train: NDArray[np.int64]
    test: NDArray[np.int64]


@attrs.frozen(kw_only=True)
class FeatureFile:
    """Features of images of several classes, as many of each, in one NPZ file.

    It has the arrays ``features`` (samples, features), from zero up, ``labels`` (samples,), and ``image``
    (samples,), the number that each image was published under.
    """

    name: str
    """Of the dataset."""
    file: str
    md5: str
    """Checksum of the file."""
    licence: str
    made_by: str
    """What made them, in a few words."""
    samples: int
    features: int
    classes: int
    largest: float
    """The largest of all features: it stands for 1, and zero for 0."""
    test_each: int
    """Samples of each class that are kept for tests."""
    same_pixels: tuple[tuple[int, int], ...]
    """Numbers of images that are the same photograph: both are trained on, for a test should be new."""

    def candidates(self, folder: Path) -> tuple[Path, Path]:
        """Where it is looked for: in the folder of its images, or right in `folder`."""
        return folder / _FOLDER / self.file, folder / self.file

    def find(self, folder: Path) -> Path | None:
        """Where it lies; None if it does not.

        Raises
        ------
        DataError
            When the folder may not be searched.
        """
        return next((path for path in self.candidates(folder) if is_there(path)), None)

    def read(self, folder: Path) -> tuple[dict[str, NDArray[Any]], str]:
        """The four arrays of a dataset, and where they were read from.

        Raises
        ------
        DataError
            When the file is not there, or not what was published.
        """
        path = self.find(folder)
        if path is None:
            place, direct = self.candidates(folder)
            raise DataError(
                f"{self.name}: no {self.file} in {place.parent} or {direct.parent}; it has no public home "
                f"({self.made_by}): name the folder that has it with --data or CHIPSIM_DATA"
            )
        arrays = self._checked(path)
        features = arrays["features"].astype(np.float32) / np.float32(self.largest)
        split = self.split(arrays["labels"], arrays["image"])
        parts = {}
        for part, places in (("train", split.train), ("test", split.test)):
            parts[f"{part}_images"] = np.ascontiguousarray(features[places])
            parts[f"{part}_labels"] = np.ascontiguousarray(arrays["labels"][places])
        return parts, str(path)

    def _checked(self, path: Path) -> dict[str, NDArray[Any]]:
        content = content_of(path)
        md5 = md5_of(content)
        if md5 != self.md5:
            raise DataError(f"{path}: MD5 is {md5}, expected {self.md5}; it is not the file of {self.name}")
        return read_archive(content, where=str(path), names=_ARRAYS)

    def split(self, labels: NDArray[Any], images: NDArray[Any]) -> Split:
        """Which samples are for tests: as many of each class, the same in every run.

        Parameters
        ----------
        labels, images
            Class and number of each sample (samples,).

        Returns
        -------
        Both parts in an order that is drawn too: samples of a class stand together in the file, and whoever
        takes the first so many takes some of each class.
        """
        # Sorted raw words, which numpy promises for good, and not its own permutation.
        words = np.random.PCG64DXSM(np.random.SeedSequence(0)).random_raw(len(labels))
        order = np.argsort(words, kind="stable")
        twins = np.isin(images, np.array(self.same_pixels).ravel())
        test = np.zeros(len(labels), np.bool_)
        for label in range(self.classes):
            free = [place for place in order if labels[place] == label and not twins[place]]
            test[free[: self.test_each]] = True
        return Split(train=order[~test[order]], test=order[test[order]])


_FLOWERS: Final = "Oxford 17-category flowers (Nilsback and Zisserman, CVPR 2006): for research"
_SAME: Final = ((413, 456), (422, 469), (424, 443), (1152, 1171))

FEATURES: Final = {
    "flowers17-vgg": FeatureFile(
        name="flowers17-vgg",
        file="flowers17_vgg16_pool3.npz",
        md5="735870cc077804ec147c4404a7a9c4b6",
        licence=_FLOWERS,
        made_by="maxima of 3 x 3 places of the last pooling of VGG-16, pre-trained on ImageNet",
        samples=1_360,
        features=4_608,
        classes=17,
        largest=399.75,
        test_each=20,
        same_pixels=_SAME,
    ),
    "flowers17": FeatureFile(
        name="flowers17",
        file="features.npz",
        md5="9c1b50c43858bff3db68f53723a646e1",
        licence=_FLOWERS,
        made_by="the pooled features of EfficientNet-Lite0, pre-trained on ImageNet",
        samples=1_360,
        features=1_280,
        classes=17,
        largest=5.63671875,
        test_each=20,
        same_pixels=_SAME,
    ),
}
"""Every dataset of features, by name."""
