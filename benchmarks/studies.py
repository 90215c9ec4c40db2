"""What studies cost beside their runs, and how much faster two processes make them.

python -m benchmarks.studies [--runs 200] [--samples 4000] [--rounds 3]

Bare runs, the same shared out to two bare processes that know nothing of each other, a study in one process
and the same study in two take turns. What two bare processes gain is the most that the machine can give. It
should have nothing else to do.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from pyarrow.parquet import write_table

import chipsim
from chipsim.report.study_page import examples_of, write_study_page
from chipsim.result.files import save
from chipsim.run import Options, simulate
from chipsim.spec.study_file import study_from
from chipsim.study.kept import load_study
from chipsim.study.planning import plan_study
from chipsim.study.statistics import gather_kept


def scenario(runs: int, samples: int) -> dict[str, Any]:
    """So many runs that differ in the states of a cell."""
    return {
        "name": "short",
        "architectures": ["single-pair"],
        "workloads": ["mnist-5k"],
        "set": {"phases[*].epochs": 1, "phases[*].dataset.train": samples},
        "vary": {"device.states": {"from": 20, "to": 19 + runs, "step": 1}},
    }


def bare(runs: Iterable[int], samples: int, folder: Path) -> float:
    """Seconds that the same runs take one after another, made and saved by hand."""
    began = time.perf_counter()
    # As studies keep their runs: figures, and no arrays of the weights.
    options = Options(keep_weights=False, keep_state=False)
    for run in runs:
        sets = ["phases[*].epochs=1", f"phases[*].dataset.train={samples}", f"device.states={20 + run}"]
        save(simulate("single-pair", "mnist-5k", sets=sets, options=options), folder / str(run))
    return time.perf_counter() - began


def bare_by_two(runs: int, samples: int, folder: Path) -> float:
    """Seconds that the same runs take in two processes, each of which makes every second one.

    Both have made a run before: what it takes to begin them does not count here, as it does for a study.
    """
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(_shared_out, [(2, samples, folder / f"warm-{half}", 0, 1) for half in range(2)]))
        began = time.perf_counter()
        list(pool.map(_shared_out, [(runs, samples, folder / str(half), half, 2) for half in range(2)]))
        return time.perf_counter() - began


def _shared_out(share: tuple[int, int, Path, int, int]) -> float:
    runs, samples, folder, first, step = share
    return bare(range(first, runs, step), samples, folder)


def studied(runs: int, samples: int, folder: Path, *, jobs: int) -> float:
    """Seconds that the study takes, its plan and its data set included."""
    began = time.perf_counter()
    chipsim.study.run(scenario(runs, samples), folder=folder, jobs=jobs)
    return time.perf_counter() - began


def kept_of(folder: Path) -> str:
    """What a study takes on the disk, and how long it takes to read it back and to make its page."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    megabytes = sum(file.stat().st_size for file in files) / 1e6
    began = time.perf_counter()
    study = load_study(folder)
    read = time.perf_counter() - began
    began = time.perf_counter()
    write_table(study.table(), folder / "again.parquet")
    tabled = time.perf_counter() - began
    kilobytes = (folder / "again.parquet").stat().st_size / 1e3
    began = time.perf_counter()
    write_study_page(gather_kept(study), folder / "again.html", examples=examples_of(study))
    drawn = time.perf_counter() - began
    return (
        f"{len(files):,} files, {megabytes:.1f} MB; read back in {read:.2f} s, "
        f"its table of {kilobytes:.0f} kB in {tabled:.2f} s, its page in {drawn:.2f} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--samples", type=int, default=4000, help="digits of each run, 4,000 at most")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    began = time.perf_counter()
    plan_study(study_from(scenario(asked.runs, asked.samples)))
    print(f"checking {asked.runs:,} points: {time.perf_counter() - began:.2f} s")
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        # Kernels are compiled, or fetched, by whoever comes first.
        bare(range(2), asked.samples, folder / "first")
        for turn in range(asked.rounds):
            alone = bare(range(asked.runs), asked.samples, folder / f"bare-{turn}")
            shared = bare_by_two(asked.runs, asked.samples, folder / f"shared-{turn}")
            one = studied(asked.runs, asked.samples, folder / f"one-{turn}", jobs=1)
            two = studied(asked.runs, asked.samples, folder / f"two-{turn}", jobs=2)
            most, gained, over = alone / shared, one / two, 100 * (one / alone - 1)
            print(
                f"bare {alone:.1f} s, by two bare processes {shared:.1f} s ({most:.2f} times faster); ",
                end="",
            )
            print(
                f"study {one:.1f} s ({over:+.1f} %), in two processes {two:.1f} s ({gained:.2f} times faster)"
            )
        print(kept_of(folder / "one-0"))


if __name__ == "__main__":
    main()
