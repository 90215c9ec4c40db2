"""A finished run of each chip of a study, for what its page tells beside figures."""

from __future__ import annotations

from chipsim.errors import OutputError
from chipsim.report.study_page import Examples
from chipsim.result import Result
from chipsim.study.kept import KeptStudy

__all__ = ["examples_of"]


def examples_of(study: KeptStudy) -> Examples:
    """The first finished run of each chip, and what cannot be shown.

    Parameters
    ----------
    study
        From its folder.
    """
    results: dict[str, Result] = {}
    left_out = [f"run {run.planned.id}, {run.why}" for run in study.runs if run.state == "damaged"]
    for run in study.done:
        if run.planned.chip in results:
            continue
        try:
            results[run.planned.chip] = study.result(run.planned.id)
        except OutputError as error:
            left_out.append(str(error))
    return Examples(results=results, left_out=left_out)
