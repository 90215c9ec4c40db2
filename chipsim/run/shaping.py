"""What a phase makes of a dataset, held against what the dataset has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chipsim.data import Sizes
from chipsim.data.choosing import largest_crop, most_swaps
from chipsim.data.shaping import Shaping
from chipsim.spec.fault import Fault
from chipsim.spec.workload import DatasetSpec

__all__ = ["called", "of_classes", "shaping_of", "unshapable"]


def shaping_of(said: DatasetSpec) -> Shaping:
    """What a phase makes of its dataset.

    Parameters
    ----------
    said
        As described.
    """
    return Shaping(
        classes=said.classes,
        train=said.train,
        test=said.test,
        crop=said.crop,
        swap_rows=said.swap_rows,
        permutation=said.permutation,
        random_layer=said.random_layer,
        projection=said.projection,
        projection_number=said.projection_number or 0,
        features=said.features,
    )


def called(said: DatasetSpec) -> str:
    """What messages call that which a phase makes of its dataset.

    Parameters
    ----------
    said
        As described.

    Examples
    --------
    >>> called(DatasetSpec(name="mnist", classes=(0, 1), projection=16))
    'mnist (classes 0, 1) behind its projection'
    """
    words = of_classes(said)
    if said.crop is not None:
        words += f" cropped to {said.crop} x {said.crop}"
    behind = {"random layer": said.random_layer, "projection": said.projection}
    for layer, values in behind.items():
        if values is not None:
            words += f" behind its {layer}"
    return words


def of_classes(said: DatasetSpec) -> str:
    """A dataset with the classes of it that are kept, as messages call it.

    Parameters
    ----------
    said
        As described.
    """
    if said.classes is None:
        return said.name
    return f"{said.name} (classes {', '.join(map(str, said.classes))})"


def unshapable(said: DatasetSpec, there: Sizes, *, inputs: int | None = None) -> Iterator[Fault]:
    """What a phase asks of a dataset that it has not; paths are the dataset's.

    Parameters
    ----------
    said
        As described, every rule of descriptions kept.
    there
        How large the dataset is.
    inputs
        How many a network takes; None where that is not asked.
    """
    yield from _of_classes(said, there)
    cuts = [*_of_crop(said, there)]
    yield from cuts
    if cuts:
        # What else is asked of images that nobody can cut, nobody knows.
        return
    there = shaping_of(said).cut_of(there)
    swaps = [*_of_swaps(said, there)]
    yield from swaps
    if said.features is not None:
        yield from _of_features(said, there, inputs=inputs, swaps=bool(swaps))


def _of_features(said: DatasetSpec, there: Sizes, *, inputs: int | None, swaps: bool) -> Iterator[Fault]:
    """Values that are not there, not as many as a network takes, or none of those that were moved."""
    assert said.features is not None, "asked before"
    values = said.projection or said.random_layer or there.features
    whose = "the " + ("pixels of an image" if len(there.shape) == 3 else "values of a sample")
    for layer, key in (("random layer", "random_layer"), ("projection", "projection")):
        if getattr(said, key) is not None:
            whose = f"its {layer}'s values"
    beyond = [place for place, number in enumerate(said.features) if number >= values]
    for place in beyond:
        message = f"must be at most {values - 1}, the last of {whose}, not {said.features[place]}"
        yield Fault(("features", place), message)
    if inputs is not None and len(said.features) != inputs:
        message = f"must name {inputs} values, the inputs of the network, not {len(said.features)}"
        yield Fault(("features",), message)
    if not swaps and not beyond and shaping_of(said).swaps_in_vain(there):
        message = "changes nothing: no value that features names is in a row that is swapped"
        yield Fault(("swap_rows",), message)


def _of_classes(said: DatasetSpec, there: Sizes) -> Iterator[Fault]:
    if said.classes is None:
        return
    if not there.train_each:
        message = f"nobody knows which samples of {said.name} are of which class: only its sizes are known"
        yield Fault(("classes",), message)
        return
    missing = [place for place, label in enumerate(said.classes) if label >= there.classes]
    for place in missing:
        message = f"{said.name} has no class {said.classes[place]}; its classes are 0 to {there.classes - 1}"
        yield Fault(("classes", place), message)
    if not missing:
        left = there.of_classes(said.classes)
        yield from _of_nothing(said.classes, (left.train_each, left.test_each))


def _of_nothing(classes: Sequence[int], each: Sequence[Sequence[int]]) -> Iterator[Fault]:
    """Classes of which there is no sample at all: numbers that a dataset leaves out."""
    for place, label in enumerate(classes):
        if not any(counts[place] for counts in each):
            yield Fault(("classes", place), f"no sample is of class {label}")


def _of_crop(said: DatasetSpec, there: Sizes) -> Iterator[Fault]:
    if said.crop is None:
        return
    most = largest_crop(there.shape)
    if said.crop <= most:
        return
    if most == 0:
        message = f"samples of {said.name} are {there.features} values without rows; leave it out"
    else:
        height, width, *_ = there.shape
        pixels = f"{height} x {width} pixels"
        message = f"must be at most {most}, for images of {said.name} have {pixels}, not {said.crop}"
    yield Fault(("crop",), message)


def _of_swaps(said: DatasetSpec, there: Sizes) -> Iterator[Fault]:
    if said.swap_rows is None:
        return
    most = most_swaps(there.shape)
    if said.swap_rows <= most:
        return
    if len(there.shape) != 3:
        message = f"samples of {said.name} are {there.features} values without rows; leave it out"
    elif most == 0:
        message = f"images of {said.name} have too few rows to swap any, {there.shape[0]}; leave it out"
    else:
        rows = there.shape[0]
        message = f"must be at most {most}, a quarter of the {rows} rows of an image, not {said.swap_rows}"
    yield Fault(("swap_rows",), message)
