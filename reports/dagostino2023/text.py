"""The words and tables of this report, from results alone."""

from __future__ import annotations

from claims import PUBLISHED_SHARES, claims
from figures import (
    Results,
    accuracy,
    busy,
    cells_of,
    forgotten,
    learnt,
    memory_energy,
    moving,
    per_epoch,
    percent,
    programmed_in,
    seeds,
    shares_of,
    sizes,
    sweep,
)
from initials import chosen, counted, first_weights
from plan import FULL, MAIN, READINGS, SCENARIOS, SEEDS, SHIPPED, SWEEP_EPOCHS, SWEEPS, TIMED

from chipsim.result import Result
from chipsim.result.activities import activities
from chipsim.study.publishing import table
from chipsim.study.scenarios import claim_table
from chipsim.units import ENERGY, TIME, show

CURVE = (1, 5, 10, 11, 20, 50, 51, 52, 55, 60, 75, 100)
"""Epochs of the forgetting curve's table."""
_FULL_LENGTH = list(dict.fromkeys((*MAIN, *(scenario for its in READINGS.values() for scenario in its))))


# --- tables --------------------------------------------------------------------------------------


def outcomes(results: Results) -> str:
    """What each run of full length came to."""
    rows = []
    for scenario in _FULL_LENGTH:
        run = results[scenario.name]
        rows.append(
            [
                scenario.name, f"{learnt(run, 'mnist'):.2f} %", f"{accuracy(run, 'mnist'):.2f} %",
                f"{accuracy(run, 'fashion-mnist'):.2f} %",
                show(run.summary["simulated_time_ps"], TIME), show(run.summary["energy_aJ"], ENERGY),
                f"{run.summary['wall_time_s'] / 60:.1f} min",
            ]
        )  # fmt: skip
    header = [
        "run",
        "MNIST when learnt",
        "MNIST at the end",
        "Fashion-MNIST",
        "time on chip",
        "energy",
        "simulated in",
    ]
    return table(header, rows)


def wear(results: Results) -> str:
    """Programming of cells over both tasks."""
    rows = []
    for scenario in _FULL_LENGTH:
        run = results[scenario.name]
        once, each = cells_of(run), cells_of(run, count="operations")
        rows.append(
            [
                scenario.name, f"{once.all.mean:.2f}", f"{each.all.mean:.2f}",
                *(f"{share:.2f} %" for share in shares_of(run, count="programmings")),
                *(f"{share:.2f} %" for share in shares_of(run, count="operations")),
                percent(once.all.untouched / once.all.cells), f"{once.all.hottest:,}", f"{once.all.trainings:,}",
            ]
        )  # fmt: skip
    header = [
        "run", "programmings a cell", "SETs and RESETs a cell", "programmings: under 25", "over 50",
        "SETs and RESETs: under 25", "over 50", "never programmed", "hottest cell", "trainings until 1 % are worn out",
    ]  # fmt: skip
    return table(header, rows)


def layers(results: Results) -> str:
    """Programming of cells by layer, first seed."""
    rows = [
        [group.name, f"{group.cells:,}", f"{group.mean:.2f}", percent(group.under / group.cells),
         percent(group.over / group.cells), f"{group.hottest:,}"]
        for group in cells_of(seeds(results)[0]).by("layer")
    ]  # fmt: skip
    return table(["layer", "cells", "programmings a cell", "under 25", "over 50", "hottest"], rows)


def where(results: Results) -> str:
    """Shares of the energy by activity."""
    names = [scenario.name for scenario in (FULL[0], *MAIN[len(FULL) :])]
    found = {name: activities(results[name]) for name in names}
    kinds = list(dict.fromkeys(kind for one in found.values() for kind in one))
    rows = []
    for kind in kinds:
        row = [kind]
        for name in names:
            total = results[name].summary["energy_aJ"]
            row.append(percent(found[name][kind].energy_aj / total, digits=2) if kind in found[name] else "–")
        rows.append(row)
    return table(["energy", *names], rows)


def when(results: Results) -> str:
    """Shares of the time on chip for which units are busy."""
    names = [scenario.name for scenario in (FULL[0], *MAIN[len(FULL) :])]
    found = {name: busy(results[name]) for name in names}
    kinds = sorted({kind for one in found.values() for kind in one})
    rows = [[kind, *(f"{percent(found[name].get(kind, 0), digits=2)}" for name in names)] for kind in kinds]
    return table(["busy time", *names], rows)


def curve(results: Results) -> str:
    """Accuracy of both tasks through training."""
    rows = []
    names = [scenario.name for scenario in (FULL[0], *MAIN[len(FULL) :])]
    for epoch in CURVE:
        row = [str(epoch)]
        for name in names:
            tested = {t.task: t.test_accuracy_percent for t in results[name].tasks if t.epoch == epoch}
            row.append(" / ".join(f"{value:.2f}" for value in tested.values()) or "–")
        rows.append(row)
    return table(["epoch", *names], rows)


def sweeps(results: Results) -> str:
    """Every sweep as a table."""
    header = [
        "MNIST when learnt", "MNIST at the end", "Fashion-MNIST", "mean", "programmings: under 25", "over 50",
        "hidden memory", "memory energy", "time on chip", "energy",
    ]  # fmt: skip
    parts = []
    for name, values in SWEEPS.items():
        rows = [[value, *_sweep_row(sweep(results, name, value))] for value in values]
        parts.append(f"### {name[0].upper()}{name[1:]}\n\n{table([name, *header], rows)}")
    return "\n\n".join(parts)


def _sweep_row(run: Result) -> list[str]:
    first, second = accuracy(run, "mnist"), accuracy(run, "fashion-mnist")
    under, over = shares_of(run, count="programmings")
    return [
        f"{learnt(run, 'mnist'):.2f} %", f"{first:.2f} %", f"{second:.2f} %", f"{(first + second) / 2:.2f} %",
        f"{under:.1f} %", f"{over:.1f} %", f"{run.summary['hidden_memory_bytes'] / 2**20:.2f} MiB",
        show(memory_energy(run), ENERGY), show(run.summary["simulated_time_ps"], TIME), show(run.summary["energy_aJ"], ENERGY),
    ]  # fmt: skip


def wide(results: Results) -> str:
    """The quantised network beside a binarised one, timed without training."""
    rows = []
    for scenario in TIMED:
        run, size = results[scenario.name], sizes(results[scenario.name])
        epochs = len(run.workload["phases"])
        rows.append(
            [
                scenario.name, f"{size.weights:,}", f"{size.cells:,}", f"{size.memory_bytes / 2**20:.1f} MiB",
                show(run.summary["simulated_time_ps"] / epochs, TIME),
                show(run.summary["energy_aJ"] / epochs, ENERGY), f"{run.summary['area_mm2']:.0f} mm2",
            ]
        )  # fmt: skip
    header = [
        "run",
        "weights",
        "cells (two a weight)",
        "hidden memory",
        "time an epoch",
        "energy an epoch",
        "area",
    ]
    return table(header, rows)


def pace(results: Results) -> str:
    """How fast weights move in the runs that were trained, and what the timed runs take."""
    ours, theirs = (sweep(results, "levels", value) for value in ("17, m = 3", "2, m = 3"))
    warm, whole = moving(ours, phase="mnist-warm-up"), moving(ours)
    binary_warm, binary = moving(theirs, phase="mnist-warm-up"), moving(theirs)
    return f"""Timed without training, so the energy leaves out the currents of cells and the write drivers, and neither time nor energy
covers the writing of initial weights; the binarised network of 4096-unit layers was not trained here. A step is taken to move 1 % of
the weights, or none (still): writing sets the pace, so the comparison hangs on it. In short runs of 784-512-512-10, below, a step moves {percent(warm, digits=2)} of the
weights in the warm-up and {percent(whole, digits=3)} on average with 17 levels, and {percent(binary_warm, digits=2)} and {percent(binary, digits=3)} with two. Both
chips have as many lanes, banks and bus wires."""


# --- sentences -----------------------------------------------------------------------------------


def bottom_line(results: Results) -> str:
    """Where time and energy go, in one sentence backed by the ledger."""
    run = seeds(results)[0]
    total = run.summary["energy_aJ"]
    parts = sorted(activities(run).items(), key=lambda item: -item[1].energy_aj)[:3]
    energy = ", ".join(f"{kind} {percent(activity.energy_aj / total)}" for kind, activity in parts)
    shares = busy(run)
    digital = sum(share for kind, share in shares.items() if kind.startswith("digital"))
    analog = shares["tile forward"] + shares["tile backward"]
    warm, late = (per_epoch(run, phase=phase)[0] for phase in ("mnist-warm-up", "mnist"))
    each = run.summary["simulated_time_ps"] / len(run.epochs)
    steady = {
        "gradients take": each * shares["digital gradient"],
        "hidden weights and moments": each * shares["memory"],
        "the buffer": each * shares["buffer"],
    }
    parts_of_late = ", ".join(f"{what} {show(time, TIME)}" for what, time in steady.items())
    return (
        f"Energy goes to {energy}; analog reads take "
        f"{percent(sum(activities(run)[k].energy_aj for k in ('analog forward', 'analog backward')) / total, digits=2)} of it. "
        f"Over all epochs the busiest tile is written for {percent(shares['tile writing'])} of the time on chip, the digital "
        f"unit is busy for {percent(digital)} and the busiest tile is read for {percent(analog)}: reprogramming sets the pace "
        f"while weights move ({show(warm, TIME)} an epoch at the end of the warm-up), the digital unit with its "
        f"memory and buffer once they are consolidated ({show(late, TIME)} an epoch; in every epoch {parts_of_late}, partly side "
        "by side)."
    )


def warm_up(results: Results) -> str:
    """When cells are programmed."""
    run = seeds(results)[0]
    share = programmed_in(run, phase="mnist-warm-up")
    second = programmed_in(run, phase="fashion-mnist")
    return (
        f"Of the programmings after the initial writing, {percent(share)} fall into the ten epochs without metaplasticity and "
        f"{percent(second)} into the whole second task (first seed): how often cells are programmed is a matter of the "
        "learning rate, the batch and the epochs before consolidation begins."
    )


def changes(results: Results) -> str:
    """What 16-bit hidden weights and row-parallel writers change."""
    base = sweep(results, "writing", "serial")
    half = sweep(results, "hidden weights", "fixed-16, moments bfloat-16, stochastic")
    rows = sweep(results, "writing", "row-parallel")

    def of(run: Result, key: str) -> float:
        return float(run.summary[key])

    return (
        f"With hidden weights and moments of 16 bits the memory shrinks from "
        f"{of(base, 'hidden_memory_bytes') / 2**20:.2f} to {of(half, 'hidden_memory_bytes') / 2**20:.2f} MiB, its energy from "
        f"{show(memory_energy(base), ENERGY)} to {show(memory_energy(half), ENERGY)}, and the energy of the whole run from "
        f"{show(base.summary['energy_aJ'], ENERGY)} to {show(half.summary['energy_aJ'], ENERGY)}; the accuracies are "
        f"{accuracy(half, 'mnist'):.2f} and {accuracy(half, 'fashion-mnist'):.2f} % instead of "
        f"{accuracy(base, 'mnist'):.2f} and {accuracy(base, 'fashion-mnist'):.2f} %. With row-parallel writers the time on chip "
        f"falls from {show(base.summary['simulated_time_ps'], TIME)} to {show(rows.summary['simulated_time_ps'], TIME)}, and the "
        f"energy by no more than {show(base.summary['energy_aJ'] - rows.summary['energy_aJ'], ENERGY)} of "
        f"{show(base.summary['energy_aJ'], ENERGY)}, for drivers charge the line of a row less often; which cells are written "
        "does not change."
    )


def decided(results: Results) -> str:
    """What the assumed readings decide."""
    base, signed, shared = (sweep(results, "assumed reading", value) for value in SWEEPS["assumed reading"])
    return (
        f"Inputs from 0 to 1 and a normalisation per task belong together with the claim: with them the short run "
        f"loses {forgotten(base):.2f} points of MNIST; with inputs from -1 to 1, where the background is not zero, "
        f"{forgotten(signed):.2f}; with one normalisation for both tasks {forgotten(shared):.2f}. The paper says neither."
    )


def page(results: Results) -> str:
    """The whole report as Markdown."""
    run = seeds(results)[0]
    versions = ", ".join(f"{name} {version}" for name, version in run.provenance["versions"].items())
    commands = "\n".join(results[scenario.name].provenance["scenario"] for scenario in SCENARIOS)
    before, consolidated, second = SWEEP_EPOCHS
    return f"""# D'Agostino 2023: the metaplastic quantised network

784-512-512-10 with 17 levels on pairs of multilevel cells, full MNIST for 50 epochs (the first 10 without
metaplasticity), then full Fashion-MNIST for 50 on the same outputs; m = 3, level spread on, batches of 150, Adam at
{SHIPPED[1]}, seeds {", ".join(map(str, SEEDS))}. Made with `python reports/dagostino2023/make.py`, also part of `make verify`;
[report.html](report.html) shows one run of each chip with all curves, histograms and maps, `summaries/` holds the
summary of every run with its command.

{claim_table(claims(results))}

{chosen(results)}

{first_weights(results)}

Published are {PUBLISHED_SHARES[0]} % of the cells under 25 operations and {PUBLISHED_SHARES[1]} % over 50. What an operation is the
paper does not say; the shares could tell, if the reading of the first hidden weights were known:

{counted(results)}

## Two tasks

{outcomes(results)}

All runs train 100 epochs. Accuracy of the tasks seen so far, MNIST / Fashion-MNIST, in percent:

{curve(results)}

## Wear

{wear(results)}

A programming takes a cell to a level once: a RESET, a SET, or both. Shares are strict, and the initial writing counts.
Trainings: such trainings after which 1 % of the cells have had more than the 100,000 cycles that a cell stands, a SET and a
RESET each.

{warm_up(results)}

By layer, first seed:

{layers(results)}

## Where time and energy go

{bottom_line(results)}

{where(results)}

Busy time as a share of the time on chip; units work side by side, so shares may add up to more than one. Tiles are
shown by their busiest part: converters when they are read, cells and drivers when they are written.

{when(results)}

{changes(results)}

## Beside a binarised network of about the same accuracy

{pace(results)}

{wide(results)}

## Sweeps

One thing is changed at a time, seed 0, {before} epochs of MNIST without and {consolidated} with metaplasticity, then
{second} of Fashion-MNIST. Two levels are those of the chips `metaplastic-bnn` and `bnn`, which differ in nothing else.

{sweeps(results)}

Verified programming is exact here; the forward converters, which are charged for it, have steps of half a weight and
could not tell a level from the next. Rounding to nearest adds a consolidation of its own: near a level, steps of
hidden weights are smaller than half a step of the coarse formats.

{decided(results)}

## Assumptions that matter

- The paper gives no learning rate, batch size, input scaling, activation, loss or handling of the normalisation over
  two tasks. `chipsim describe metaplastic-qnn` and the workload's file list every value with its source or reason.
- The paper shows conductances and their spread as curves only: levels 15 uS apart with a standard deviation of 2.4 uS (0.03
  of a weight) are assumed. Hidden weights are held between the outermost levels.
- The paper simulates layers from measurements of one 16 kbit array, without converters; 8-bit converters, the digital
  unit, its memory, the bus and their costs are assumed, and every joule and second rests on them. Voltages and widths
  of SET and RESET are those of another chip of the same laboratory.
- Arithmetic of the digital unit is charged as single precision whatever the format of the hidden weights.

## Commands

```
{commands}
```

Versions: {versions}; Python {run.provenance["python"]}.
"""
