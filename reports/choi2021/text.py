"""The words and tables of this report, from results alone."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import mean

from plan import EPOCHS, MAIN, SERIAL_EPOCHS, SWEEP_EPOCHS, SWEEP_SAMPLES, SWEEP_SEEDS, SWEEPS, sweep_scenario

from chipsim.result import Result
from chipsim.study.publishing import table
from chipsim.study.scenarios import Claim, claim_table
from chipsim.units import ENERGY, TIME, show

Results = Mapping[str, Result]

PAPER = "Choi 2021"
LAST = 10
"""Epochs that late accuracies are averaged over."""


def test(result: Result) -> float:
    """Test accuracy of the last epoch, percent."""
    return float(result.summary["test_accuracy_percent"])


def late(result: Result) -> float:
    """Mean test accuracy of the last epochs, percent."""
    return mean(row.test_accuracy_percent for row in result.epochs[-LAST:])


def around_switch(result: Result) -> tuple[float, float] | None:
    """Test accuracy of the last epoch before the switch, and of the first after it."""
    epoch = result.summary["switch_epoch"]
    if epoch is None or epoch > len(result.epochs):
        return None
    return result.epochs[epoch - 2].test_accuracy_percent, result.epochs[epoch - 1].test_accuracy_percent


def at_least(value: float, goal: float) -> str:
    """Whether a goal was reached."""
    return "reached" if value >= goal else f"not reached: measured {value:.2f} %, wanted {goal} %"


def claims(results: Results) -> list[Claim]:
    """Published figures beside ours."""
    digital, hybrid, single = (results[n] for n in ("digital-fp32", "hybrid-stochastic", "single-stochastic"))
    hybrid_d, single_d = results["hybrid-deterministic"], results["single-deterministic"]
    gap, gap_d = late(hybrid) - late(single), late(hybrid_d) - late(single_d)
    rise = around_switch(hybrid_d)
    rise_s = around_switch(hybrid)
    return [
        Claim(
            what="floating-point network, test accuracy",
            published="97.92 %",
            ours=f"{test(digital):.2f} % (train {digital.summary['train_accuracy_percent']:.2f} %)",
            verdict=at_least(test(digital), 97.8),
            source=PAPER,
        ),
        Claim(
            what="hybrid, 50 states, sigma/mu 0.34, k = 10, test accuracy",
            published="97.00 % (train 99.66 %)",
            ours=(
                f"stochastic {test(hybrid):.2f} % (mean of the last {LAST} epochs {late(hybrid):.2f} %, best "
                f"{hybrid.summary['best_test_accuracy_percent']:.2f} %, "
                f"train {hybrid.summary['train_accuracy_percent']:.2f} %); deterministic {test(hybrid_d):.2f} %"
            ),
            verdict=at_least(test(hybrid), 96.9) + " at the last epoch, with stochastic trains",
            source=PAPER,
        ),
        Claim(
            what="single pair saturates several points below the hybrid",
            published="several points",
            ours=f"deterministic {gap_d:.2f} points, stochastic {gap:.2f} points (means of the last {LAST} epochs)",
            verdict="reached with deterministic rounding" if gap_d > 2 else "not reached",
            source=PAPER,
        ),
        Claim(
            what="accuracy rises again after the switch",
            published="shown as curves",
            ours="; ".join(
                f"{name} {pair[0]:.2f} % to {pair[1]:.2f} %"
                for name, pair in (("deterministic", rise), ("stochastic", rise_s))
                if pair
            ),
            verdict="reached"
            if all(pair and pair[1] > pair[0] for pair in (rise, rise_s))
            else "not reached",
            source=PAPER,
        ),
    ]


def figures(results: Results) -> str:
    """What each chip took."""
    rows = []
    for name in [*(scenario.name for scenario in MAIN), "rowwise", "cellwise"]:
        result = results[name]
        s = result.summary
        samples = s["epochs_run"] * s["train_samples"]
        rows.append(
            [
                name,
                str(s["epochs_run"]),
                f"{s['test_accuracy_percent']:.2f} %",
                "–" if s["switch_epoch"] is None else str(s["switch_epoch"]),
                show(s["simulated_time_ps"], TIME),
                show(s["simulated_time_ps"] / samples, TIME),
                show(s["energy_aJ"], ENERGY),
                show(s["energy_aJ"] / samples, ENERGY),
                f"{s['pulses']:.3g}",
                f"{s['hottest_cell_pulses'] or 0:,}",
                f"{s['wall_time_s']:.0f} s",
            ]
        )
    head = [
        "run", "epochs", "test", "switch", "time on chip", "a sample", "energy", "a sample", "pulses",
        "hottest cell", "simulated in",
    ]  # fmt: skip
    return table(head, rows)


ACTIONS = ("update", "recentre", "forward", "backward", "read", "write", "transfer")


def shares(results: Results) -> str:
    """Where energy and time go, by operation."""
    rows = []
    for name in [*(scenario.name for scenario in MAIN), "rowwise", "cellwise"]:
        result = results[name]
        total = result.summary["energy_aJ"]
        energy = [
            f"{100 * sum(row.energy_aj for row in result.ledger if row.action == action) / total:.1f} %"
            for action in ACTIONS
        ]
        elapsed = result.summary["simulated_time_ps"]
        time = [
            f"{100 * busy(result, action) / elapsed:.1f} %" for action in ("update", "recentre", "forward")
        ]
        rows.append([name, *energy, *time])
    head = [
        "run",
        *(f"energy: {action}" for action in ACTIONS),
        "time: update",
        "time: recentre",
        "time: forward",
    ]
    return table(head, rows)


def busy(result: Result, action: str) -> int:
    """Time for which the first layer's cells or lanes, or its converters, do an action."""
    parts = {row.part: row.busy_ps for row in result.ledger if row.action == action}
    return max((time for part, time in parts.items() if part.startswith("tile0")), default=0)


def curves(results: Results) -> str:
    """Test accuracy and update events through training."""
    picked = [1, 2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 30, 40]
    names = [scenario.name for scenario in MAIN]
    rows = []
    for epoch in picked:
        tests = [f"{results[name].epochs[epoch - 1].test_accuracy_percent:.2f}" for name in names]
        updates = [
            f"{sum(a.updates for a in results[name].arrays if a.epoch == epoch) / 1e6:.2f}"
            for name in ("hybrid-stochastic", "hybrid-deterministic")
        ]
        rows.append([str(epoch), *tests, *updates])
    head = ["epoch", *names, "updates, hybrid-stochastic [1e6]", "updates, hybrid-deterministic [1e6]"]
    return table(head, rows)


def sweeps(results: Results) -> str:
    """Test error of each point of each sweep."""
    parts = []
    for name, (path, values) in SWEEPS.items():
        rows = []
        for value in values:
            points = [results[sweep_scenario(path, value, seed=seed).name] for seed in SWEEP_SEEDS]
            errors = [100 - mean(row.test_accuracy_percent for row in p.epochs[-3:]) for p in points]
            switches = [str(p.summary["switch_epoch"]) for p in points]
            rows.append(
                [f"{value:g}", *(f"{e:.2f}" for e in errors), f"{mean(errors):.2f}", ", ".join(switches)]
            )
        seeds = [f"seed {seed} [%]" for seed in SWEEP_SEEDS]
        parts.append(table([name, *seeds, "mean test error [%]", "switch epochs"], rows))
    return "\n\n".join(parts)


def commands(results: Results) -> str:
    """The commands of the main runs."""
    return "\n".join(result.provenance["scenario"] for result in results.values())


def reading(results: Results) -> str:
    """Which of the two encodings shows the paper's comparison, in words computed from the runs."""
    hybrid, single = late(results["hybrid-stochastic"]), late(results["single-stochastic"])
    hybrid_d, single_d = late(results["hybrid-deterministic"]), late(results["single-deterministic"])
    shows = [
        name
        for name, gap in (
            ("deterministic rounding", hybrid_d - single_d),
            ("stochastic trains", hybrid - single),
        )
        if gap > 2
    ]
    order = "above" if single > hybrid else "below"
    return f"""Only with {" and ".join(shows) or "neither encoding"}. The paper does not say how pulse trains encode numbers; all
figures here are means of the last {LAST} epochs. When pulse numbers are rounded to nearest (deterministic), changes below
half a step are lost: the single pair stalls at {single_d:.2f} %, and the hybrid, with its finer step, climbs to
{hybrid_d:.2f} % after the switch. That is the published ordering, but both stay below the published accuracies. When random
trains coincide (stochastic), small changes survive on average: the hybrid reaches {hybrid:.2f} %, about the published
97.00 %, but the single pair ends {order} it, at {single:.2f} %. It goes on moving over its whole range for all epochs,
while the hybrid's coarse pair is frozen at the switch and its fine pair moves weights by a tenth of the range at most.
No one reading gives both the published accuracy and the published ordering."""


def page(results: Results) -> str:
    """The whole report as Markdown."""
    hybrid = results["hybrid-stochastic"]
    versions = ", ".join(f"{name} {version}" for name, version in hybrid.provenance["versions"].items())
    return f"""# Choi 2021: the hybrid synapse

Full MNIST, 784-250-10, one sample a batch, learning rate 0.1, {EPOCHS} epochs, seed 0. Made with
`python reports/choi2021/make.py`, also part of `make verify`; [report.html](report.html) shows the five main runs
with all curves and histograms, `summaries/` holds the summary of every run with its command.

{claim_table(claims(results))}

**Which reading reproduces the published ordering.** {reading(results)}

## What each chip took

{figures(results)}

The serial chips ran {SERIAL_EPOCHS} epochs; figures a sample are over all epochs of a run. Time and energy include
the writing of initial weights and the occasional resets, and exclude evaluation.

## Where it goes

Shares of the energy by operation, and of the time on chip for which the first layer's tile is busy with one.

{shares(results)}

Resets are not occasional in the fine phase: a fine pair spans a tenth of the weight range, runs out of it again and
again, and is read, reset and written back row by row. That follows from when the chip is taken to look (every 100
samples) and from the headroom (10 %). Both are assumed, and decide most of this chip's time and much of its energy.

## Through training

Test accuracy in percent. Update events are cells that got at least one pulse from a sample, summed over samples; they
fall, jump when the selector switches, and fall again where the reading lets them.

{curves(results)}

## Trends

Hybrid synapse with stochastic trains, {SWEEP_EPOCHS} epochs of the first {SWEEP_SAMPLES:,} training samples, tested on
all 10,000; error is the mean of the last three epochs. One parameter is changed at a time.

{sweeps(results)}

## Readings and assumptions

- The learning is as the paper states it; logistic units with squared error, biases, initial weights (Gaussian, 0.1),
  the weight range of a pair (1) and all converters are assumed. `chipsim describe hybrid-synapse` lists every value
  with its source or reason.
- Train accuracy is taken while training, each sample before its own update, which is what the selector sees; the paper's
  may be taken after an epoch, and is then higher.
- The occasional reset looks at the trained pair every 100 samples.
- Deterministic pulse numbers are rounded crossing by crossing, which row and column trains alone could not do; their
  half-selected energy is a lower bound.
- What goes over links is charged with 8 bits a word, while updates are computed from unrounded activations and errors.

## Commands

```
{commands(results)}
```

Versions: {versions}; Python {hybrid.provenance["python"]}.
"""
