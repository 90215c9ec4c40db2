"""What a report keeps of a study's runs: summaries, and results without the machine that made them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean, stdev

import attrs

from chipsim.result import Result, plain

__all__ = ["keep_summaries", "portable", "spread", "table"]


def portable(name: str, result: Result) -> Result:
    """A scenario's result without the paths of the machine that made it, under the name of its scenario.

    Parameters
    ----------
    name
        What tables and figures call the run.
    result
        Made by :func:`~chipsim.study.scenarios.run_scenario`.
    """
    provenance = dict(result.provenance)
    provenance["command"] = shlex.split(provenance.pop("scenario"))
    # The folder that data came from is of that machine alone; its checksum says all that matters.
    datasets = provenance["datasets"]
    provenance["datasets"] = [{"name": data["name"], "checksum": data["checksum"]} for data in datasets]
    summary = {**result.summary, "architecture": name}
    return attrs.evolve(result, summary=summary, provenance=provenance)


def keep_summaries(results: Mapping[str, Result], folder: Path) -> None:
    """Write the summary of each run, with its command, versions and code, to a file of its name.

    Summaries of runs that the study no longer has go.
    """
    folder.mkdir(exist_ok=True, parents=True)
    # Beside the others they would be taken for the study's own.
    for file in folder.glob("*.json"):
        if file.stem not in results:
            file.unlink()
    for name, result in results.items():
        provenance = result.provenance
        kept = {
            **result.summary,
            "command": provenance["scenario"],
            "versions": provenance["versions"],
            "code": provenance["code"],
        }
        text = json.dumps(plain(kept), indent=2)
        (folder / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")


def spread(percents: Sequence[float]) -> str:
    """Mean and standard deviation over seeds, in percent.

    Examples
    --------
    >>> spread([97.0, 98.0]), spread([97.0])
    ('97.50 ± 0.71 %', '97.00 % (one seed)')
    """
    if len(percents) == 1:
        return f"{percents[0]:.2f} % (one seed)"
    return f"{mean(percents):.2f} ± {stdev(percents):.2f} %"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table.

    Examples
    --------
    >>> print(table(["run", "energy"], [["hybrid", "2 mJ"]]))
    | run | energy |
    | --- | --- |
    | hybrid | 2 mJ |
    """
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
