"""Make every run of the plan that is not there yet: python reports/choi2021/run.py [FOLDER]."""

from __future__ import annotations

import sys
from pathlib import Path

from plan import MAIN, SWEEP_SEEDS, SWEEPS, sweep_scenario

from chipsim.study.scenarios import run_scenario


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "runs/choi2021")
    sweeps = [
        sweep_scenario(path, value, seed=seed)
        for seed in SWEEP_SEEDS
        for path, values in SWEEPS.values()
        for value in values
    ]
    for scenario in dict.fromkeys([*MAIN, *sweeps]):
        run_scenario(scenario, folder, say=lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
