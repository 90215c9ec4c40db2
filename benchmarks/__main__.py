"""How fast each shipped chip trains on one core, with and without timing and replay, beside plain numpy.

Every line trains on the embedded digits in a process of its own; the fastest of several turns counts, for
whatever else the machine does can only slow a turn down. The share in kernels includes the cost of entering
compiled code; memory is the most that the process held while everything was reported.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks.cases import GROUPS, Case, chosen
from benchmarks.machine import machine, now, software
from benchmarks.measuring import Figures
from benchmarks.one_case import measured_apart
from benchmarks.saved import Bench, changes, check_writable, differences, read_bench, save_bench
from benchmarks.screen import changes_table, figures_table
from chipsim.errors import ChipsimError
from chipsim.wording import plural

__all__ = ["main"]

_MOST_SAMPLES: Final = 4_000
_FEWEST_SAMPLES: Final = 100
_SLOWER, _REFUSED = 1, 2
"""What the process ends with."""


def main(words: Sequence[str] | None = None) -> int:
    """Measure, show, and hold against what was saved; returns the status to end with."""
    given = _parser().parse_args(words)
    try:
        return _run(given)
    except ChipsimError as error:
        print(f"bench: {error}", file=sys.stderr)
        return _REFUSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="a case or a group; may be repeated"
    )
    parser.add_argument("--samples", type=int, default=_MOST_SAMPLES, help="samples a turn, of 4,000")
    parser.add_argument("--turns", type=int, default=3, help="turns, of which the fastest counts")
    parser.add_argument("--quick", action="store_true", help="a tenth of the samples, and two turns")
    parser.add_argument("--save", type=Path, metavar="FILE", help="write the figures as JSON")
    parser.add_argument("--against", type=Path, metavar="FILE", help="show changes; fail where a speed fell")
    parser.add_argument(
        "--tolerance", type=float, default=10, metavar="PERCENT", help="what a speed may fall by"
    )
    return parser


def _run(given: argparse.Namespace) -> int:
    samples = _MOST_SAMPLES // 10 if given.quick else given.samples
    turns = 2 if given.quick else given.turns
    _check_numbers(samples, turns, given.tolerance)
    cases = chosen(given.only)
    saved = _read_against(given.against, samples, cases)
    if given.save:
        check_writable(given.save)
    console = Console()
    bench = Bench(
        date=now(),
        machine=machine(),
        software=software(),
        settings={"samples": samples, "turns": turns},
        figures=_measured(cases, samples=samples, turns=turns),
    )
    _show(console, cases, bench)
    slower = _compare(console, saved, bench, given) if saved else False
    _save(bench, given, slower=slower)
    return _SLOWER if slower else 0


def _check_numbers(samples: int, turns: int, tolerance: float) -> None:
    """Refuse what cannot be measured.

    Raises
    ------
    ChipsimError
        With the option, what was given and what is allowed.
    """
    if not _FEWEST_SAMPLES <= samples <= _MOST_SAMPLES:
        allowed = f"{_FEWEST_SAMPLES:,} to {_MOST_SAMPLES:,}"
        raise ChipsimError(f"--samples: must be {allowed}, not {samples:,}")
    if turns < 1:
        raise ChipsimError(f"--turns: must be at least 1, not {turns}")
    if not 0 <= tolerance < 100:
        raise ChipsimError(f"--tolerance: must be at least 0 and under 100 percent, not {tolerance:g}")


def _read_against(path: Path | None, samples: int, cases: Sequence[Case]) -> Bench | None:
    """What is compared with, read before anything is measured.

    Raises
    ------
    ChipsimError
        When it cannot be read, was measured with another number of samples, or has none of the cases.
    """
    if path is None:
        return None
    saved = read_bench(path)
    before = saved.settings.get("samples")
    if before != samples:
        raise ChipsimError(
            f"{path}: settings.samples: was measured with {before} samples a turn, and this would be with "
            f"{samples}; both need the same"
        )
    if not any(case.name in saved.figures for case in cases):
        names = ", ".join(saved.figures)
        raise ChipsimError(f"{path}: has no figure of what is to be measured; it has: {names or 'none'}")
    return saved


def _measured(cases: Sequence[Case], *, samples: int, turns: int) -> dict[str, Figures]:
    figures = {}
    for number, case in enumerate(cases, start=1):
        print(f"[{number}/{len(cases)}] {case.name}", file=sys.stderr, flush=True)
        figures[case.name] = measured_apart(case, samples=samples, turns=turns)
    return figures


def _show(console: Console, cases: Sequence[Case], bench: Bench) -> None:
    facts = {**bench.machine, **bench.software}
    console.print(", ".join(f"{name} {value}" for name, value in facts.items()), highlight=False)
    for group in GROUPS:
        rows = [(case, bench.figures[case.name]) for case in cases if case.group == group]
        if rows:
            console.print(figures_table(group, rows))


def _compare(console: Console, saved: Bench, bench: Bench, given: argparse.Namespace) -> bool:
    """Show what changed, and say whether something got slower."""
    found = changes(saved, bench, tolerance=given.tolerance / 100)
    for sentence in differences(saved, bench, tolerance=given.tolerance / 100):
        console.print(f"Note: {sentence}.", highlight=False)
    console.print(changes_table(found, since=saved.date))
    slower = sorted({change.case for change in found if change.slower})
    if not slower:
        console.print(f"Nothing is more than {given.tolerance:g} % slower than in {given.against}.")
        return False
    count = f"{len(slower)} {plural('case', len(slower))}"
    names = ", ".join(slower)
    console.print(f"Slower by more than {given.tolerance:g} % than in {given.against}: {count}: {names}.")
    return True


def _save(bench: Bench, given: argparse.Namespace, *, slower: bool) -> None:
    if given.save is None:
        return
    # Else the next comparison would be with what is slower, and show nothing.
    if slower and given.against.resolve() == given.save.resolve():
        print(f"{given.save} is left as it was, since something got slower.", file=sys.stderr)
        return
    save_bench(bench, given.save)
    print(f"Saved to {given.save}.", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
