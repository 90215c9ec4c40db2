"""Make this report: python reports/dagostino2023/make.py [RUNS]; runs that are there already are kept.

RUNS is where run folders are kept, runs/dagostino2023 by default. Full MNIST and Fashion-MNIST are read from
CHIPSIM_DATA or from where ``chipsim data fetch`` puts them. Writes README.md, report.html and summaries/ beside
this file.
"""

from __future__ import annotations

import sys
from pathlib import Path

from plan import FULL, OTHERS, SCENARIOS
from text import page

from chipsim.report import write_report
from chipsim.study.publishing import keep_summaries, portable
from chipsim.study.scenarios import run_scenario

HERE = Path(__file__).parent


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "runs/dagostino2023")
    results = {
        scenario.name: run_scenario(scenario, folder, say=lambda line: print(line, flush=True))
        for scenario in SCENARIOS
    }
    shown = [FULL[0], *OTHERS]
    write_report(
        [portable(scenario.name, results[scenario.name]) for scenario in shown],
        HERE / "report.html",
        overwrite=True,
    )
    keep_summaries(results, HERE / "summaries")
    (HERE / "README.md").write_text(page(results), encoding="utf-8")
    print(f"report: {HERE / 'README.md'}")


if __name__ == "__main__":
    main()
