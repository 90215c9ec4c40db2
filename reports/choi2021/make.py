"""Make this report: python reports/choi2021/make.py [RUNS]; runs that are there already are kept.

RUNS is where run folders are kept, runs/choi2021 by default. Full MNIST is read from CHIPSIM_DATA or from where
``chipsim data fetch mnist`` puts it. Writes README.md, report.html and summaries/ beside this file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import attrs
from plan import MAIN, SERIAL, sweep_scenarios
from text import page

from chipsim.report import write_report
from chipsim.result import Result
from chipsim.study.scenarios import run_scenario

HERE = Path(__file__).parent


def _portable(name: str, result: Result) -> Result:
    """The result without the paths of the machine that made it, under the name of its scenario."""
    provenance = {key: value for key, value in result.provenance.items() if key != "scenario"}
    provenance["command"] = result.provenance["scenario"].split()
    provenance["datasets"] = [
        {"name": data["name"], "checksum": data["checksum"]} for data in result.provenance["datasets"]
    ]
    summary = {**result.summary, "architecture": name}
    return attrs.evolve(result, summary=summary, provenance=provenance)


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "runs/choi2021")
    results = {
        scenario.name: run_scenario(scenario, folder, say=lambda line: print(line, flush=True))
        for scenario in [*MAIN, *SERIAL, *sweep_scenarios()]
    }
    write_report(
        [_portable(scenario.name, results[scenario.name]) for scenario in MAIN], HERE / "report.html"
    )
    summaries = HERE / "summaries"
    summaries.mkdir(exist_ok=True)
    for name, result in results.items():
        kept = {
            **result.summary,
            "command": result.provenance["scenario"],
            "versions": result.provenance["versions"],
        }
        (summaries / f"{name}.json").write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    (HERE / "README.md").write_text(page(results), encoding="utf-8")
    print(f"report: {HERE / 'README.md'}")


if __name__ == "__main__":
    main()
