"""Published figures beside ours."""

from __future__ import annotations

from statistics import mean

from figures import Results, accuracy, forgotten, seeds, shares_of, sizes, sweep
from plan import SWEEPS, TIMED

from chipsim.result import Result
from chipsim.study.publishing import spread
from chipsim.study.scenarios import Claim

__all__ = ["PUBLISHED", "PUBLISHED_SHARES", "claims"]

PAPER = "D'Agostino 2023"
PUBLISHED = 97.47, 86.09
"""Accuracy of MNIST and Fashion-MNIST after both tasks, percent."""
PUBLISHED_SHARES = 76.12, 10.16
"""Cells with fewer than 25 programming operations, and with more than 50, percent."""
TIMES_LESS = 15, 30
"""Cells of the binarised network over those of this one, with one cell a weight and with two."""
ROUNDED = 0.03
"""Share by which a figure that is published as a round number may differ."""
MNIST_GOAL, FASHION_GOAL = 96.5, 85.0
PUBLISHED_SPREAD = 0.33
"""Standard deviation of the published accuracies, points."""
_SIZES = "units of both hidden layers"


def reached(values: list[float], goal: float) -> str:
    """Whether every seed reached a goal."""
    worst = min(values)
    return "reached by every seed" if worst >= goal else f"not reached: lowest {worst:.2f} %, wanted {goal} %"


def claims(results: Results) -> list[Claim]:
    """Published figures beside ours."""
    runs = seeds(results)
    digits, clothes = ([accuracy(run, task) for run in runs] for task in ("mnist", "fashion-mnist"))
    plain = results["plain-qnn"]
    return [
        Claim(
            what="MNIST after both tasks", published=f"{PUBLISHED[0]} ± {PUBLISHED_SPREAD} % (15 runs)",
            ours=f"{spread(digits)} ({len(runs)} runs)",
            verdict=f"goal {MNIST_GOAL} % {reached(digits, MNIST_GOAL)}; each test is told its task, whose normalisation it takes",
            source=PAPER,
        ),
        Claim(
            what="Fashion-MNIST after both tasks", published=f"{PUBLISHED[1]} ± {PUBLISHED_SPREAD} % (15 runs)",
            ours=f"{spread(clothes)} ({len(runs)} runs)",
            verdict=f"goal {FASHION_GOAL:.0f} % {reached(clothes, FASHION_GOAL)}", source=PAPER,
        ),
        Claim(
            what="without metaplasticity, MNIST after Fashion-MNIST", published="collapses towards chance",
            ours=f"{accuracy(plain, 'mnist'):.2f} %, {forgotten(plain):.2f} points lost (one run)",
            verdict=_collapse(accuracy(plain, "mnist")), source=PAPER,
        ),
        *_programming_claims(runs),
        _metaplasticity_claim(results),
        *_size_claims(results),
        _other_sizes_claim(results),
    ]  # fmt: skip


def _collapse(left: float) -> str:
    if left < 30:
        return "reached"
    return f"forgetting shows, a collapse to chance does not: {left:.2f} % are left"


def _programming_claims(runs: list[Result]) -> list[Claim]:
    rows = []
    for index, (what, published) in enumerate(
        zip(
            ("cells with fewer than 25 programming operations", "cells with more than 50"),
            PUBLISHED_SHARES,
            strict=True,
        )
    ):
        once, each = (
            [shares_of(run, count=count)[index] for run in runs] for count in ("programmings", "operations")
        )
        off = abs(mean(once) - published)
        verdict = "reached" if off < 5 else f"not reached: {off:.1f} points away"
        rows.append(
            Claim(
                what=what, published=f"{published} %",
                ours=f"{spread(once)} (a RESET and its SET count once); {spread(each)} if both count",
                verdict=f"{verdict}; depends on the first hidden weights, learning rate and batch, below", source=PAPER,
            )
        )  # fmt: skip
    return rows


def _metaplasticity_claim(results: Results) -> Claim:
    points = {m: sweep(results, "metaplasticity m", m) for m in SWEEPS["metaplasticity m"]}
    lost = {m: forgotten(run) for m, run in points.items()}
    second = {m: accuracy(run, "fashion-mnist") for m, run in points.items()}
    forgets = max(lost["0"], lost["1"]) > 2 * max(lost["3"], 0.5)
    suffers = second["5"] < second["3"] - PUBLISHED_SPREAD
    said = [
        "forgetting below 2 " + ("shows" if forgets else "does not show"),
        "the second task suffering above 4 " + ("shows" if suffers else "does not show") + " (one seed)",
    ]
    ours = "; ".join(f"m = {m}: lost {lost[m]:.2f} points, second task {second[m]:.2f} %" for m in points)
    return Claim(
        what="m: forgetting below 2, second task suffers above 4", published="best at 3", ours=ours,
        verdict=", ".join(said), source=PAPER,
    )  # fmt: skip


def _other_sizes_claim(results: Results) -> Claim:
    points = {units: sweep(results, _SIZES, units) for units in SWEEPS[_SIZES]}
    found = {
        units: tuple(accuracy(run, task) for task in ("mnist", "fashion-mnist"))
        for units, run in points.items()
    }
    off = max(
        abs(one - base) for pair in found.values() for one, base in zip(pair, found["512"], strict=True)
    )
    ours = "; ".join(f"{units} units: {one:.2f} and {other:.2f} %" for units, (one, other) in found.items())
    return Claim(
        what="smaller and larger networks keep both accuracies", published="within a point or two",
        ours=f"{ours} (short runs)",
        verdict="reached" if off <= 2 else f"not reached: up to {off:.2f} points apart", source=PAPER,
    )  # fmt: skip


def _size_claims(results: Results) -> list[Claim]:
    small, wide = sizes(results[TIMED[0].name]), sizes(results[TIMED[1].name])
    times_less = wide.weights / small.cells, wide.cells / small.cells
    met = all(abs(ours / theirs - 1) < ROUNDED for ours, theirs in zip(times_less, TIMES_LESS, strict=True))
    return [
        Claim(
            what="cells beside a binarised network of two 4096-unit layers",
            published="1.3e6 against 20e6 (1T1R) or 40e6 (2T2R): 15 and 30 times less",
            ours=(
                f"{small.cells:,} against {wide.weights:,} or {wide.cells:,}: {times_less[0]:.2f} and "
                f"{times_less[1]:.2f} times less, from the descriptions"
            ),
            verdict="reached" if met else "not reached", source=PAPER,
        ),
        Claim(
            what="hidden-weight memory beside that network", published="not given",
            ours=(
                f"{small.memory_bytes / 1e6:.2f} against {wide.memory_bytes / 1e6:.1f} MB: "
                f"{wide.memory_bytes / small.memory_bytes:.2f} times less, from the descriptions"
            ),
            verdict="no published figure", source="–",
        ),
    ]  # fmt: skip
