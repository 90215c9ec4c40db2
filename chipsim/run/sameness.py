"""Whether a saved result is that of a run that is to be made, so that it need not be made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chipsim.result import Result
from chipsim.run.datasets import data_of_phases
from chipsim.run.options import Options
from chipsim.run.reading import read_all
from chipsim.spec import chip_from_document, costs_from_document, workload_from_document
from chipsim.version import DECISIVE, this_code, versions

__all__ = ["is_same_run"]


def is_same_run(
    kept: Result,
    architecture: str | Path,
    workload: str | Path,
    *,
    sets: Sequence[str],
    epochs: int | None,
    options: Options,
) -> bool:
    """Whether a result was made from the same descriptions and data, with the same seed, by the same code.

    Parameters
    ----------
    kept
        A result, whole or stopped.
    architecture, workload, sets, epochs, options
        What :func:`~chipsim.run.simulate.simulate` would be given.

    Raises
    ------
    ChipsimError
        When the descriptions or the data cannot be read.
    """
    summary, said = kept.summary, kept.provenance
    asked = (options.seed, options.timing_only, options.trace)
    if asked != (summary["seed"], summary["timing_only"], kept.trace is not None):
        return False
    if not _is_same_code(said):
        return False
    read = read_all(architecture, workload, sets=sets, epochs=epochs, datasets=options.datasets)
    # Specs, not documents: a source that was reworded changes no figure.
    if (
        chip_from_document(kept.chip).spec != read.architecture.spec
        or workload_from_document(kept.workload).spec != read.workload.spec
        or costs_from_document(kept.costs).spec != read.costs.spec
    ):
        return False
    phases = data_of_phases(read.workload.spec, folder=options.data, datasets=options.datasets)
    checksums = [data.checksum for data in dict.fromkeys(data for _, data in phases)]
    return checksums == [data.get("checksum") for data in said.get("datasets", [])]


def _is_same_code(said: Mapping[str, Any]) -> bool:
    """Whether a result comes from the code that runs now, on packages that make the same of it."""
    made_by, made_on = said.get("code", {}), said.get("versions", {})
    now = versions()
    same_packages = all(made_on.get(name) == now[name] for name in DECISIVE)
    return same_packages and made_by.get("sha256") == this_code().sha256
