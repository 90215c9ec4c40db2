"""The words and tables of this report, from results alone."""

from __future__ import annotations

from statistics import mean

from claims import CLAIMS, claim_table, met
from figures import (
    LAST,
    Results,
    busy,
    error,
    gap,
    late,
    late_train,
    pair,
    runs_of,
    share,
    swept,
    updates,
)
from plan import (
    CHIPS,
    EPOCHS,
    OPEN,
    READINGS,
    RECENTRING,
    SERIAL,
    SERIAL_EPOCHS,
    SHOWN,
    SWEEP_EPOCHS,
    SWEEP_SAMPLES,
    SWEEP_SEEDS,
    SWEEPS,
    SWEPT,
    VARIED,
    full,
    open_value,
    recentring,
    varied,
)

from chipsim.result import Result
from chipsim.spec import load_chip, load_workload
from chipsim.study.publishing import spread, table
from chipsim.units import ENERGY, TIME, show

ACTIONS = ("update", "recentre", "forward", "backward", "read", "write", "transfer")
PICKED = (1, 2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 30, 40)
"""Epochs of the table of curves."""
_MAIN = [scenario.name for scenario in SHOWN]
_TOLD = [*_MAIN, *(scenario.name for scenario in SERIAL)]


# --- tables --------------------------------------------------------------------------------------


def figures(results: Results) -> str:
    """What each chip took."""
    head = [
        "run", "epochs", "test", "train", "switch", "time on chip", "a sample", "energy", "a sample", "pulses",
        "hottest cell", "simulated in",
    ]  # fmt: skip
    return table(head, [_took(name, results[name]) for name in _TOLD])


def _took(name: str, result: Result) -> list[str]:
    s = result.summary
    samples = s["epochs_run"] * s["train_samples"]
    return [
        name,
        str(s["epochs_run"]),
        f"{s['test_accuracy_percent']:.2f} %",
        f"{s['train_accuracy_percent']:.2f} %",
        "–" if s["switch_epoch"] is None else str(s["switch_epoch"]),
        show(s["simulated_time_ps"], TIME),
        show(s["simulated_time_ps"] / samples, TIME),
        show(s["energy_aJ"], ENERGY),
        show(s["energy_aJ"] / samples, ENERGY),
        f"{s['pulses']:.3g}",
        f"{s['hottest_cell_pulses'] or 0:,}",
        f"{s['wall_time_s']:.0f} s",
    ]


def shares(results: Results) -> str:
    """Where energy and time go, by operation."""
    timed = ("update", "recentre", "forward")
    rows = []
    for name in _TOLD:
        result = results[name]
        elapsed = result.summary["simulated_time_ps"]
        energy = [f"{100 * share(result, action):.1f} %" for action in ACTIONS]
        time = [f"{100 * busy(result, action) / elapsed:.1f} %" for action in timed]
        rows.append([name, *energy, *time])
    head = ["run", *(f"energy: {action}" for action in ACTIONS), *(f"time: {action}" for action in timed)]
    return table(head, rows)


def curves(results: Results) -> str:
    """Test accuracy and update events through training."""
    hybrids = [name for name in _MAIN if name.startswith("hybrid")]
    events = {name: updates(results[name]) for name in hybrids}
    rows = []
    for epoch in PICKED:
        tests = [f"{results[name].epochs[epoch - 1].test_accuracy_percent:.2f}" for name in _MAIN]
        counts = [f"{events[name][epoch - 1] / 1e6:.2f}" for name in hybrids]
        rows.append([str(epoch), *tests, *counts])
    return table(["epoch", *_MAIN, *(f"updates, {name} [1e6]" for name in hybrids)], rows)


def sweeps(results: Results) -> str:
    """Test error of each point of each sweep."""
    seeds = [f"seed {seed} [%]" for seed in SWEEP_SEEDS]
    parts = []
    for name, (path, values) in SWEEPS.items():
        rows = []
        for value in values:
            runs = swept(results, path, value)
            errors = [error(run) for run in runs]
            switches = ", ".join(str(run.summary["switch_epoch"]) for run in runs)
            rows.append([f"{value:g}", *(f"{e:.2f}" for e in errors), f"{mean(errors):.2f}", switches])
        parts.append(table([name, *seeds, "mean test error [%]", "switch epochs"], rows))
    return "\n\n".join(parts)


def left_open(results: Results) -> str:
    """Test error of both chips over the numbers that the paper does not give."""
    parts = []
    for name, values in OPEN.items():
        rows = []
        for value, sets in values.items():
            errors = {
                chip: [error(results[open_value(chip, sets, seed=seed).name]) for seed in SWEEP_SEEDS]
                for chip in CHIPS
            }
            between = mean(errors["single"]) - mean(errors["hybrid"])
            rows.append(
                [
                    value,
                    *(f"{mean(found):.2f} ({pair(found)})" for found in errors.values()),
                    f"{between:+.2f}",
                ]
            )
        parts.append(table([name, "hybrid [%]", "single pair [%]", "between the means [points]"], rows))
    return "\n\n".join(parts)


def variations(results: Results) -> str:
    """Late test accuracy over the variation of a step, under every reading."""
    rows = []
    for reading in READINGS:
        runs = [full("hybrid", reading, seed=0), *(varied(reading, variation) for variation in VARIED)]
        rows.append([reading.name, *(f"{late(results[run.name]):.2f} %" for run in runs)])
    return table(["reading", *(f"sigma/mu {value:g}" for value in (0.34, *VARIED))], rows)


def resets(results: Results) -> str:
    """What the occasional reset comes to, by when the chip looks and what it resets."""
    rows = []
    for reading in RECENTRING:
        runs = [results[recentring(reading, seed=seed).name] for seed in SWEEP_SEEDS]
        first = runs[0]
        samples = first.summary["epochs_run"] * first.summary["train_samples"]
        times = [run.summary["simulated_time_ps"] / samples for run in runs]
        energies = [run.summary["energy_aJ"] / samples for run in runs]
        recentred = [100 * busy(run, "recentre") / run.summary["simulated_time_ps"] for run in runs]
        spent = [100 * share(run, "recentre") for run in runs]
        rows.append(
            [
                reading,
                pair([error(run) for run in runs]),
                ", ".join(f"{run.summary['resets']:,}" for run in runs),
                show(mean(times), TIME),
                f"{mean(recentred):.0f} %",
                show(mean(energies), ENERGY),
                f"{mean(spent):.0f} %",
            ]
        )
    head = [
        "the chip looks", "test error [%]", "resets", "time a sample", "of it resets", "energy a sample",
        "of it resets",
    ]  # fmt: skip
    return table(head, rows)


# --- sentences -----------------------------------------------------------------------------------


def hangs(results: Results) -> str:
    """How far the verdict on time and energy hangs on the occasional reset."""
    points = {
        reading: [results[recentring(reading, seed=seed).name] for seed in SWEEP_SEEDS]
        for reading in RECENTRING
    }
    times = [mean(run.summary["simulated_time_ps"] for run in runs) for runs in points.values()]
    energies = [mean(run.summary["energy_aJ"] for run in runs) for runs in points.values()]
    hybrid = runs_of(results, "hybrid", SWEPT)[0]
    taken = 100 * busy(hybrid, "recentre") / hybrid.summary["simulated_time_ps"]
    return (
        f"**The verdict on time and energy hangs on the occasional reset.** It takes {taken:.0f} % of the hybrid's time on chip and "
        f"{100 * share(hybrid, 'recentre'):.0f} % of its energy, and follows from two numbers that are assumed: how often the chip "
        f"looks for pairs that ran out of range, and how far the lower cell of such a pair must have risen. Over the readings of "
        f"these two [below](#the-occasional-reset) the same training takes times that differ by a factor of "
        f"{max(times) / min(times):.1f}, and energies by one of {max(energies) / min(energies):.1f}."
    )


def default(results: Results) -> str:
    """Which reading meets most claims, in words computed from the runs."""
    counts = {reading.name: met(results, reading) for reading in READINGS}
    best = max(counts.values())
    winners = [name for name, count in counts.items() if count == best]
    told = ", ".join(f"*{name}* {count}" for name, count in counts.items())
    which = f"*{winners[0]}* meets most" if len(winners) == 1 else f"{' and '.join(winners)} meet as many"
    return f"Of {len(CLAIMS)} claims {told}: {which}. {_shipped()}"


def _shipped() -> str:
    """Which of the readings the shipped descriptions take."""
    chip, work = load_chip("hybrid-synapse").spec, load_workload("mnist").spec
    taken = {
        "loss": work.network.loss,
        "encoding": chip.update.encoding,
        "gain": chip.synapse.gain,
        "weight_range": chip.synapse.weight_range,
        "adc_range": chip.tile.forward.adc.range,
        "adc_bits": chip.tile.forward.adc.bits,
    }
    for reading in READINGS:
        if all(getattr(reading, key) == value for key, value in taken.items()):
            return f"The shipped descriptions take *{reading.name}*."
    return "The shipped descriptions take none of them."


def readings(results: Results) -> str:
    """What each reading reproduces."""
    lines = []
    for reading in READINGS:
        hybrids, found = runs_of(results, "hybrid", reading), gap(results, reading)
        singles = [late(run) for run in runs_of(results, "single", reading)]
        between = f"{found.points:+.2f} points" if found.sure else "a difference within the spread over seeds"
        lines.append(
            f"- *{reading.name}* ({reading.about}; {len(reading.seeds)} seeds): hybrid {spread([late(run) for run in hybrids])} in the "
            f"test and {spread([late_train(run) for run in hybrids])} in training, single pair {spread(singles)} in the test; hybrid "
            f"less single pair {between}."
        )
    return "\n".join(lines)


def page(results: Results) -> str:
    """The whole report as Markdown."""
    hybrid = runs_of(results, "hybrid", SWEPT)[0]
    versions = ", ".join(f"{name} {version}" for name, version in hybrid.provenance["versions"].items())
    commands = "\n".join(result.provenance["scenario"] for result in results.values())
    return f"""# Choi 2021: the hybrid synapse

{hangs(results)}

Full MNIST, 784-250-10, one sample a batch, learning rate 0.1, {EPOCHS} epochs; accuracies are means of the last {LAST} epochs,
with their standard deviation over seeds. Made with `python reports/choi2021/make.py`, also part of `make verify`;
[report.html](report.html) shows the main runs of the first seed with all curves and histograms, `summaries/` holds the
summary of every run with its command.

## Readings of the paper

The paper leaves open how pulse trains encode numbers, which units and loss it trains with, how large a weight a pair
carries, and how its sums are converted. Readings side by side, beside published 97.00 % in the test and 99.66 % in training:

{readings(results)}

{claim_table(results)}

{default(results)} A claim of accuracy is met when the mean over seeds is no more than a tenth of a point (half a point in
training) below the published figure; that the single pair ends below, when the seeds carry it: no run of one is as good as any
of the other, and Student's t is beyond its 95 % range; several points are two. Order and distance are counted as two claims.

## What each chip took

{figures(results)}

The serial chips ran {SERIAL_EPOCHS} epochs; figures a sample are over all epochs of a run. Time and energy include
the writing of initial weights and the occasional resets, and exclude evaluation. One seed each: pulses, energy and the
hottest cell differ from seed to seed.

## Where it goes

Shares of the energy by operation, and of the time on chip for which the first layer's tile is busy with one.

{shares(results)}

## The occasional reset

A fine pair spans a {SWEPT.gain}th of the weight range, runs out of it again and again, and is read, reset and written back
row by row. How often that is depends on when the chip is taken to look, and on the headroom: the share of the range above
which the lower cell of a saturated pair must stand to be reset. Both are assumed. Reading *{SWEPT.name}*,
{SWEEP_EPOCHS} epochs of {SWEEP_SAMPLES:,} samples, seeds {", ".join(map(str, SWEEP_SEEDS))}:

{resets(results)}

## Through training

Test accuracy in percent, first seed. Update events are cells that got at least one pulse from a sample, summed over samples.

{curves(results)}

## Trends

Hybrid synapse under *{SWEPT.name}*, {SWEEP_EPOCHS} epochs of the first {SWEEP_SAMPLES:,} training samples, tested on
all 10,000; error is the mean of the last three epochs. One parameter is changed at a time. A difference smaller than
that between the seeds is no difference.

{sweeps(results)}

What the paper gives no number for, for both chips under *{SWEPT.name}*: mean test error, and that of each seed. A difference
between the chips that another value turns round is no finding about hybrid synapses.

{left_open(results)}

Variation of a step under every reading, {EPOCHS} epochs of all samples, one seed, test accuracy:

{variations(results)}

## Readings and assumptions

- Biases, initial weights (Gaussian, 0.1) and all converters are assumed. `chipsim describe hybrid-synapse` lists every value
  with its source or reason.
- Train accuracy is taken while training, each sample before its own update, which is what the selector sees; the paper's
  may be taken after an epoch, and is then higher.
- Under the softmax readings the converters of sums span 128 instead of 8, with 10 bits instead of 8. When pulse numbers are rounded
  to nearest, only the error of the right class is large enough to move output weights, so that all of them drift up together.
  A softmax does not mind; but sums that leave the converters' range all look alike, and with a range of 8 training ends at chance
  within an epoch. Eight bits of a range of 128 are steps of one, too coarse for the sums of logistic units.
- Pulse numbers rounded to nearest are rounded crossing by crossing, which row and column trains alone could not do; their
  half-selected energy is a lower bound.
- Cells of a tile that carry no weight stand on grounded lines and take energy wherever a driven line crosses them
  (`tile.unused_lines`), which is assumed; with lines cut off at the layer's edge they take none.
- What goes over links is charged with 8 bits a word, while updates are computed from unrounded activations and errors.

## Commands

```
{commands}
```

Versions: {versions}; Python {hybrid.provenance["python"]}.
"""
