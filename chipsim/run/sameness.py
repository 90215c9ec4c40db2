"""Whether a saved result is that of a run that is to be made, so that it need not be made again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from chipsim.result import Result
from chipsim.run.differing import differences
from chipsim.run.identity import Deciding, checksums_of, deciding, what_decides
from chipsim.run.options import Options
from chipsim.run.reading import read_all
from chipsim.run.software_chips import chips_of_numbers
from chipsim.spec import chip_from_document, costs_from_document, workload_from_document
from chipsim.version import DECISIVE, this_code, versions

__all__ = ["decided", "differences_of", "is_same_run"]

_UNKNOWN: Final = "unknown"


def decided(kept: Result) -> Deciding:
    """What decided the figures of a result, as it says itself.

    Parameters
    ----------
    kept
        A result, whole or stopped.

    Raises
    ------
    ChipsimError
        When this chipsim cannot read its descriptions.

    Examples
    --------
    >>> from chipsim.run import simulate
    >>> result = simulate("single-pair", "mnist-5k", epochs=1, sets=["phases.0.dataset.train=20"], seed=3)
    >>> decided(result).seed
    3
    """
    said, summary = kept.provenance, kept.summary
    code, packages = _code_of(kept)
    workload = workload_from_document(kept.workload).spec
    return Deciding(
        seed=summary["seed"],
        timing_only=summary["timing_only"],
        traced=kept.trace is not None,
        code=code,
        versions=packages,
        chip=what_decides(chip_from_document(kept.chip).spec),
        workload=what_decides(workload),
        costs=what_decides(costs_from_document(kept.costs).spec),
        outside=tuple(said.get("outside", ())),
        weights=said.get("weights_sha256", ""),
        data=tuple(data.get("checksum") for data in said.get("datasets", ())),
        # As they ship now: what they were like then, no result says.
        software=tuple(what_decides(chip) for chip in chips_of_numbers(workload)),
        start=said.get("start", {}).get("state_sha256", ""),
        wait=tuple(dict.fromkeys(row.wait_ns for row in kept.waits)),
    )


def differences_of(
    kept: Result,
    architecture: str | Path,
    workload: str | Path,
    *,
    sets: Sequence[str],
    epochs: int | None,
    options: Options,
) -> list[str]:
    """In what a result is not that of a run that is to be made, in words; none where it is.

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
    code, packages = _code_of(kept)
    now = versions()
    # Before its descriptions, which other code may not even be able to read. By the digest of the source and
    # not by the commit, which an installed package does not have, and which changes with documentation alone.
    of_code = differences(
        {"code": code, "versions": packages},
        {"code": this_code().sha256, "versions": tuple((name, now[name]) for name in DECISIVE)},
    )
    if of_code:
        return of_code
    before = decided(kept)
    read = read_all(architecture, workload, sets=sets, epochs=epochs, datasets=options.datasets)
    asked = deciding(read, options=options, checksums=before.data)
    if kept.trace is not None and options.trace:
        # A result does not say which steps of its trace were chosen.
        asked = attrs.evolve(asked, traced=True)
    found = differences(before.said, asked.said)
    if found:
        return found
    # Last, for whole datasets have to be read for it.
    checksums = checksums_of(read.workload, folder=options.data, datasets=options.datasets)
    return differences(before.said, attrs.evolve(asked, data=checksums).said)


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

    Parameters and errors are those of :func:`differences_of`.
    """
    return not differences_of(kept, architecture, workload, sets=sets, epochs=epochs, options=options)


def _code_of(kept: Result) -> tuple[str, tuple[tuple[str, Any], ...]]:
    """The digest of the code that made a result, and the packages under it."""
    made_by, made_on = (kept.provenance.get(key) for key in ("code", "versions"))
    digest = str(made_by.get("sha256")) if isinstance(made_by, dict) else _UNKNOWN
    packages = made_on if isinstance(made_on, dict) else {}
    return digest, tuple((name, packages.get(name, _UNKNOWN)) for name in DECISIVE)
