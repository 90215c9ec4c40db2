"""Whether a saved result is that of a run that is to be made, so that it need not be made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from chipsim.result import Result
from chipsim.run.identity import checksums_of, what_decides
from chipsim.run.options import Options
from chipsim.run.reading import Described, read_all
from chipsim.run.weights import weights_digest
from chipsim.spec import chip_from_document, costs_from_document, workload_from_document
from chipsim.spec.outside import outside_of
from chipsim.version import DECISIVE, this_code, versions

__all__ = ["is_same_run", "why_another"]

_SHOWN: Final = 12
"""Digits of a digest that are told."""


def why_another(
    kept: Result,
    architecture: str | Path,
    workload: str | Path,
    *,
    sets: Sequence[str],
    epochs: int | None,
    options: Options,
) -> str:
    """Why a result is not that of a run that is to be made, in words that follow "it was"; empty when it is.

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
    summary = kept.summary
    asked = (options.seed, options.timing_only, options.trace)
    if asked != (summary["seed"], summary["timing_only"], kept.trace is not None):
        return "made with another seed, or timed or traced otherwise"
    # Before its descriptions, which other code may not even be able to read.
    code = _why_other_code(kept.provenance)
    if code:
        return code
    read = read_all(architecture, workload, sets=sets, epochs=epochs, datasets=options.datasets)
    others = _other_descriptions(kept, read)
    if others:
        return f"made from another {' and another '.join(others)}"
    outside = [attrs.asdict(one) for one in outside_of(read.architecture.spec, read.workload.spec)]
    if outside != kept.provenance.get("outside", []):
        return "made with other code of another package"
    start = "" if options.start is None else options.start.sha256
    said = kept.provenance
    # Those of a file, or those that another run ended with.
    began = said.get("weights_sha256", ""), said.get("start", {}).get("state_sha256", "")
    if began != (weights_digest(read.workload), start):
        return "begun with other weights"
    # Last, for whole datasets have to be read for it.
    checksums = [*checksums_of(read.workload, folder=options.data, datasets=options.datasets)]
    kept_checksums = [data.get("checksum") for data in kept.provenance.get("datasets", [])]
    return "" if checksums == kept_checksums else "trained on other data"


def _other_descriptions(kept: Result, read: Described) -> list[str]:
    """Which descriptions of a result say something else than those that were read."""
    chip = chip_from_document(kept.chip).spec, read.architecture.spec
    workload = workload_from_document(kept.workload).spec, read.workload.spec
    costs = costs_from_document(kept.costs).spec, read.costs.spec
    others = {
        "chip": what_decides(chip[0]) != what_decides(chip[1]),
        "workload": what_decides(workload[0]) != what_decides(workload[1]),
        "cost set": what_decides(costs[0]) != what_decides(costs[1]),
    }
    return [what for what, differs in others.items() if differs]


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

    Parameters and errors are those of :func:`why_another`.
    """
    return not why_another(kept, architecture, workload, sets=sets, epochs=epochs, options=options)


def _why_other_code(said: Mapping[str, Any]) -> str:
    """What of the code that runs now, or of the packages under it, made a result that may be another."""
    made_by, made_on = said.get("code"), said.get("versions")
    if not isinstance(made_by, dict) or not isinstance(made_on, dict):
        return "made by a chipsim that does not say which code it is"
    now = versions()
    others = [name for name in DECISIVE if made_on.get(name) != now[name]]
    if others:
        before = ", ".join(f"{name} {made_on.get(name)}" for name in others)
        instead = ", ".join(now[name] for name in others)
        return f"made with {before}, and this is {instead}"
    # By the digest of the source and not by the commit, which an installed package does not have, and which
    # changes when only a page of documentation does.
    digest, this = str(made_by.get("sha256")), this_code().sha256
    if digest == this:
        return ""
    return f"made by other code ({digest[:_SHOWN]}, and this is {this[:_SHOWN]})"
