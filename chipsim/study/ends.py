"""Points of a study with one assumed value of a chip or a workload at an end of its range.

Each needs training of its own. All other values are as they are, at the first cost set and, where something
is varied, at the first point of it: a range is a question about a chip, not about every point of a sweep.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chipsim.run.collecting import used_values
from chipsim.run.reading import Described
from chipsim.spec.provenance import Value
from chipsim.study.plan import Untried
from chipsim.study.points import Point
from chipsim.study.settings import RangeEnd

__all__ = ["assumed_in", "bases_of", "ends_at", "remarks_on", "without_range"]


def bases_of(points: Iterable[Point]) -> list[Point]:
    """The first point of each chip on each workload, which the ends of ranges are held against.

    Parameters
    ----------
    points
        Of a study, in its order.
    """
    first: dict[tuple[str, str], Point] = {}
    for point in points:
        first.setdefault((point.chip.label, point.task.label), point)
    return list(first.values())


def assumed_in(read: Described) -> list[Value]:
    """The assumed values of a chip and its workload that the chip uses: what is set is none of them.

    Parameters
    ----------
    read
        The descriptions of a run. Prices are left out: no training hangs on them.

    Examples
    --------
    >>> from chipsim.run.reading import read_all
    >>> read = read_all("single-pair", "mnist-5k", sets=["tile.rows=512"], epochs=None, datasets={})
    >>> paths = [value.path for value in assumed_in(read)]
    >>> "tile.columns" in paths, "tile.rows" in paths, "workload.network.bias" in paths
    (True, False, True)
    """
    used = used_values(read.architecture, read.workload, read.costs)
    return [value for value in used if value.kind == "assumed" and not value.path.startswith("costs.")]


def ends_at(point: Point, values: Iterable[Value]) -> list[Point]:
    """A point with each value that has a range at its low and at its high end.

    Parameters
    ----------
    point
        One of the study's own.
    values
        Assumed values that it uses.
    """
    found = []
    for value in values:
        # An end that is the value itself is the point that there is.
        if value.low and value.low != value.value:
            low = RangeEnd(path=value.path, side="low", value=value.low, now=value.value)
            found.append(point.at_end(low))
        if value.high and value.high != value.value:
            high = RangeEnd(path=value.path, side="high", value=value.high, now=value.value)
            found.append(point.at_end(high))
    return found


def without_range(point: Point, values: Iterable[Value]) -> list[Untried]:
    """Assumed values that have no range, and so no ends.

    Parameters
    ----------
    point
        Whose values they are.
    values
        Assumed values that it uses.
    """
    chip = point.chip.label
    return [
        Untried(chip=chip, path=value.path, why=value.between or "no range")
        for value in values
        if not value.low
    ]


def remarks_on(ends: Sequence[Point], untried: Sequence[Untried], *, chips: int) -> list[str]:
    """What should be known of the ends of ranges before they are run.

    Parameters
    ----------
    ends
        Points with a value at an end.
    untried
        Values that are not put to one.
    chips
        How many the study has.
    """
    told = []
    refused = [one for one in untried if one.value]
    if refused:
        first = refused[0]
        many = len(refused)
        are = "1 end of a range is" if many == 1 else f"{many} ends of ranges are"
        told.append(f"{are} not tried, such as {first.path}={first.value} on {first.chip}: {first.why}")
    if not ends:
        told.append("assumed_values: no assumed value that these chips use has a range to try")
    elif chips < 2:
        told.append(
            "assumed_values: with one chip there is no order that an assumed value could turn; its runs at "
            "the ends of ranges are in the data set alone"
        )
    return told
