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
    provenance = {key: value for key, value in result.provenance.items() if key != "scenario"}
    provenance["command"] = shlex.split(result.provenance["scenario"])
    provenance["datasets"] = [
        {"name": data["name"], "checksum": data["checksum"]} for data in result.provenance["datasets"]
    ]
    return attrs.evolve(result, summary={**result.summary, "architecture": name}, provenance=provenance)


def keep_summaries(results: Mapping[str, Result], folder: Path) -> None:
    """Write the summary of each run, with its command, versions and code, to a file of its name.

    Summaries of runs that the study no longer has go: beside the others they would be taken for its own.
    """
    folder.mkdir(exist_ok=True, parents=True)
    for file in folder.glob("*.json"):
        if file.stem not in results:
            file.unlink()
    for name, result in results.items():
        kept = {
            **result.summary,
            "command": result.provenance["scenario"],
            "versions": result.provenance["versions"],
            "code": result.provenance["code"],
        }
        (folder / f"{name}.json").write_text(json.dumps(plain(kept), indent=2) + "\n", encoding="utf-8")


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
