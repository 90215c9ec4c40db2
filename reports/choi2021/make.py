"""Make this report: python reports/choi2021/make.py [RUNS]; runs that are there already are kept.

RUNS is where run folders are kept, runs/choi2021 by default. Full MNIST is read from CHIPSIM_DATA or from where
``chipsim data fetch mnist`` puts it. Writes README.md, report.html and summaries/ beside this file.
"""

from __future__ import annotations

import sys
from pathlib import Path

from plan import SCENARIOS, SHOWN
from text import page

from chipsim.report import write_report
from chipsim.study.publishing import keep_summaries, portable
from chipsim.study.scenarios import run_scenario

HERE = Path(__file__).parent


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "runs/choi2021")
    results = {
        scenario.name: run_scenario(scenario, folder, say=lambda line: print(line, flush=True))
        for scenario in SCENARIOS
    }
    write_report(
        [portable(scenario.name, results[scenario.name]) for scenario in SHOWN],
        HERE / "report.html",
        overwrite=True,
    )
    keep_summaries(results, HERE / "summaries")
    (HERE / "README.md").write_text(page(results), encoding="utf-8")
    print(f"report: {HERE / 'README.md'}")


if __name__ == "__main__":
    main()
