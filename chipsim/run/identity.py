"""What decides the figures of a run, and its name made of that: the same run has the same name everywhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import attrs

from chipsim.data import Dataset
from chipsim.run.datasets import NO_DATASETS, data_of_phases
from chipsim.run.options import Options
from chipsim.run.reading import Described
from chipsim.run.software_chips import chips_of_numbers
from chipsim.run.weights import weights_digest
from chipsim.spec import Description
from chipsim.spec.chip import ChipSpec
from chipsim.spec.costs import CostSet
from chipsim.spec.outside import outside_of
from chipsim.spec.workload import WorkloadSpec
from chipsim.version import DECISIVE, this_code, versions

__all__ = ["DIGITS", "Deciding", "checksums_of", "deciding", "run_name", "what_decides"]

Spec = TypeVar("Spec", ChipSpec, WorkloadSpec, CostSet)
DIGITS: Final = 20
"""Hexadecimal digits of a run's name: of a billion runs no two share one by chance."""


@attrs.frozen(kw_only=True)
class Deciding:
    """All that decides a run's figures: what has none of it changed would give the same again."""

    seed: int
    timing_only: bool
    traced: bool | str
    """Whether, and of which steps if these were chosen."""
    code: str
    """Digest of chipsim's own source."""
    versions: tuple[tuple[str, str], ...]
    """Of the packages that figures depend on."""
    chip: Any
    workload: Any
    costs: Any
    outside: tuple[dict[str, Any], ...]
    """Code of other packages that descriptions name."""
    weights: str
    """Digest of the file of given weights; empty without one."""
    data: tuple[str, ...]
    """Checksums of the datasets, in the order of phases."""
    software: tuple[Any, ...] = ()
    """Chips of numbers that phases in software train by."""
    wait: tuple[int, ...] = ()
    """Times after which the trained chip is tested, ns."""
    start: str = ""
    """Digest of what another run ended with, which it starts from; empty where it begins anew."""

    @property
    def said(self) -> Any:
        """All of it in what JSON can hold, equal for equal runs and for no others."""
        return _canonical(self)

    @property
    def name(self) -> str:
        """The name of the run."""
        text = json.dumps(self.said, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def deciding(read: Described, *, options: Options, checksums: Sequence[str]) -> Deciding:
    """What decides a run.

    Parameters
    ----------
    read
        Its descriptions, overrides applied.
    options
        How it is run.
    checksums
        Of its datasets, in the order of phases; equal ones once.

    Raises
    ------
    DescriptionError
        When the file of given weights cannot be read.
    """
    now = versions()
    outside = outside_of(read.architecture.spec, read.workload.spec)
    return Deciding(
        seed=options.seed,
        timing_only=options.timing_only,
        traced=str(options.trace_steps) if options.trace and options.trace_steps else options.trace,
        code=this_code().sha256,
        versions=tuple((package, now[package]) for package in DECISIVE),
        chip=what_decides(read.architecture.spec),
        workload=what_decides(read.workload.spec),
        costs=what_decides(read.costs.spec),
        outside=tuple(attrs.asdict(one) for one in outside),
        weights=weights_digest(read.workload, seed=None if options.timing_only else options.seed),
        data=tuple(checksums),
        software=tuple(what_decides(chip) for chip in chips_of_numbers(read.workload.spec)),
        start="" if options.start is None else options.start.sha256,
        wait=options.wait,
    )


def what_decides(spec: Spec) -> Spec:
    """What a description says without the sentence that tells people what it is.

    Parameters
    ----------
    spec
        Of a chip, a workload or a cost set. It is no document: a source that was reworded changes no figure
        either.

    Examples
    --------
    >>> from chipsim.spec import load_costs
    >>> one = load_costs("cmos-32nm").spec
    >>> what_decides(one) == what_decides(attrs.evolve(one, about="In other words."))
    True
    """
    return attrs.evolve(spec, about="")


def checksums_of(
    workload: Description[WorkloadSpec],
    *,
    folder: str | Path | None,
    datasets: Mapping[str, Dataset] = NO_DATASETS,
) -> tuple[str, ...]:
    """Checksums of a workload's datasets, in the order of phases, equal ones once.

    Parameters
    ----------
    workload
        What names them.
    folder
        Folder with datasets; None takes the usual one.
    datasets
        Those of the caller by name.

    Raises
    ------
    DataError
        When a dataset is not in the folder, or not what it should be.
    """
    phases = data_of_phases(workload, folder=folder, datasets=datasets)
    read = dict.fromkeys(data for _, data in phases)
    return tuple(data.checksum for data in read)


def run_name(read: Described, *, options: Options, checksums: Sequence[str]) -> str:
    """The name of a run, a digest of all that decides it; see :func:`deciding` for parameters and errors."""
    return deciding(read, options=options, checksums=checksums).name


def _canonical(value: Any) -> Any:
    """The value in what JSON can hold, with the class of every spec: equal if and only if the values are."""
    kind = type(value)
    if attrs.has(kind):
        said = {
            field.name: _canonical(getattr(value, field.name)) for field in attrs.fields(kind) if field.eq
        }
        return [f"{kind.__module__}.{kind.__qualname__}", said]
    if isinstance(value, Mapping):
        return {str(key): _canonical(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_canonical(item) for item in value]
    # 1 and 1.0 are equal, and so are the figures that they give.
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    assert value is None or isinstance(value, bool | int | float | str), f"{kind.__name__} has no name yet"
    return value
