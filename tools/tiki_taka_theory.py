"""Tiki-Taka v2 against theory, as a table in Markdown: what is expected, what was counted, and whether that agrees.

Usage: python tools/tiki_taka_theory.py

What is expected is in tiki_taka_laws.py. What is counted are pulses of cells and sums in the memory of the chip tiki-taka-v2 as
it ships, or of its cells with less noise where a law needs it, which the table says. An interval is three standard errors to
either side, derived as well, or what single precision may round.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray
from tiki_taka_laws import (
    AtRandom,
    Cells,
    moments_of_update,
    pulses_by_hand,
    rounding_of_sums,
    signs_added_up,
    spread_of_points,
)

from chipsim import load
from chipsim.chip.building import build
from chipsim.learn.rule import learner_of
from chipsim.net.figures import Figures
from chipsim.net.placing import place
from chipsim.spec.buffer import buffer_bits
from chipsim.spec.chip import ChipSpec
from chipsim.spec.kinds import shipped_kind
from chipsim.spec.reading import load_costs, load_device
from chipsim.spec.workload import DatasetSpec, NetworkSpec, PhaseSpec, WorkloadSpec

__all__ = [
    "FITS", "Finding", "Layer", "drift", "findings", "offsets", "pulses_of_updates", "symmetry_points", "table",
    "transfers",
]  # fmt: skip

ERRORS = 3
"""Standard errors to either side."""
FITS = ("reram-array-om", "reram-array-hfo2")
_QUIET = (
    "step_variation",
    "step_spread",
    "upper_spread",
    "lower_spread",
    "asymmetry_spread",
    "write_noise",
    "corrupt_cells",
)
"""What cells that are all alike, and exact, have none of."""

Array = NDArray[np.float64]


@attrs.frozen
class Finding:
    """One row of the table."""

    quantity: str
    theory: float
    counted: float
    interval: float
    """To either side of what theory says; zero where it is exact."""

    @property
    def agrees(self) -> bool:
        """Whether what was counted is inside."""
        return abs(self.counted - self.theory) <= self.interval

    @property
    def row(self) -> str:
        """In Markdown."""
        around = f"± {self.interval:.2g}" if self.interval else "exact"
        told = "yes" if self.agrees else "**no**"
        return f"| {self.quantity} | {self.theory:,.5g} | {self.counted:,.5g} | {around} | {told} |"


class Layer:
    """One layer on a chip, with its first weights near zero, and every reading of A and pulse of C written down.

    Parameters
    ----------
    spec
        The chip.
    shape
        Rows and columns.
    seed
        Of the run.
    """

    def __init__(self, spec: ChipSpec, shape: tuple[int, int], *, seed: int = 1) -> None:
        network = NetworkSpec(layers=shape, bias=False, initial_weights=1e-6)
        phases = (PhaseSpec(name="train", dataset=DatasetSpec(name="mnist-5k"), epochs=1),)
        workload = WorkloadSpec(
            name="layer", about="One layer.", network=network, learning_rate=0.1, phases=phases
        )
        placement = place(network, spec)
        self.chip = build(
            spec, load_costs(spec.costs).spec, shapes=placement.tile_shapes, groups=placement.tile_groups, seed=seed,
            beside=placement.beside, memory_bits=spec.rule.memory_bits(spec, workload),
            buffer_bits=buffer_bits(spec, workload),
        )  # fmt: skip
        matrices, figures = placement.matrices(self.chip, {}), Figures(self.chip, network)
        self.learner: Any = learner_of(spec, workload, chip=self.chip, matrices=matrices, figures=figures)
        self.learner.begin(seed=seed)
        self.matrix: Any = matrices[0]
        self.readings: list[tuple[NDArray[np.int32], Array]] = []
        self.signed = np.zeros(shape)
        self.before = self.tile("weight").carrier.cells.pulses.astype(int)
        self._record()

    def _record(self) -> None:
        """Look on when A is read and C is pulsed."""
        if not hasattr(self.learner, "integrals"):
            return
        take, integral = self.learner.take, self.learner.integrals[0]
        add = integral.add

        def taken(index: int, lines: NDArray[np.int32], values: NDArray[np.float32]) -> Any:
            self.readings.append((lines.copy(), values.astype(float)))
            return take(index, lines, values)

        def added(*args: Any, **how: Any) -> Any:
            rows, columns, counts = due = add(*args, **how)
            self.signed[rows, columns] += counts
            return due

        self.learner.take, integral.add = taken, added

    def tile(self, role: str) -> Any:
        """The only tile of a matrix."""
        matrix = self.matrix if role == "weight" else self.matrix.roles[role]
        return matrix.blocks[0].tile

    @property
    def pulses(self) -> Array:
        """Of C since it began, of either sign."""
        found: Array = (self.tile("weight").carrier.cells.pulses - self.before).astype(float)
        return found

    @property
    def sums(self) -> Array:
        """H."""
        found: Array = self.chip.digital.memory["layer0.sums"].astype(float)  # type: ignore[index]
        return found

    def sample(self, x: Array, d: Array) -> None:
        """Learn from one sample."""
        for_row, for_column = (np.asarray(values, np.float32)[np.newaxis] for values in (x, d))
        self.learner.learn(0, for_row, for_column)
        self.learner.end_step(1)


def _chip(shape: tuple[int, int], *, exact: bool = False, **parts: Any) -> ChipSpec:
    """The chip that ships, on tiles of a shape; where it is to be exact, with converters that do not round."""
    spec = load("tiki-taka-v2").spec
    tile = attrs.evolve(spec.tile, rows=shape[0], columns=shape[1])
    if exact:
        sides = {}
        for name in ("forward", "backward"):
            side = getattr(tile, name)
            dac, adc = attrs.evolve(side.dac, ideal=True), attrs.evolve(side.adc, ideal=True)
            sides[name] = attrs.evolve(side, dac=dac, adc=adc)
        tile = attrs.evolve(tile, **sides)
    return attrs.evolve(spec, tile=tile, **parts)


def _alike(**changes: Any) -> Any:
    """Cells of the optimised array, all alike and without noise."""
    return attrs.evolve(
        load_device(FITS[0]).spec.device, **(dict.fromkeys(_QUIET, 0.0) | {"corrupt_range": None} | changes)
    )


# --- what is compared ------------------------------------------------------------------------------


def pulses_of_updates(*, samples: int = 1000, shape: tuple[int, int] = (64, 32)) -> Iterator[Finding]:
    """Coincidences on A, at the chip's own learning rate, and at one whose probabilities are clipped."""
    slots = load("tiki-taka-v2").spec.update.slots
    for rate in (None, 10.0):
        spec = _chip(shape)
        spec = spec if rate is None else attrs.evolve(spec, rule=attrs.evolve(spec.rule, learning_rate=rate))
        layer, rng = Layer(spec, shape), np.random.default_rng(8)
        tile, steps = layer.tile("gradient"), spec.rule.learning_rate * spec.device.states / 2
        before, mean, spread = int(tile.carrier.cells.pulses.sum()), 0.0, 0.0
        for _ in range(samples):
            x, d = rng.uniform(0, 1, shape[0]), rng.uniform(-1, 1, shape[1])
            layer.sample(x, d)
            words = tile.input_words(np.float32(x[np.newaxis])), tile.error_words(np.float32(d[np.newaxis]))
            more, wider = moments_of_update(
                words[0][0].astype(float), words[1][0].astype(float), steps, slots=slots
            )
            mean, spread = mean + more.sum(), spread + wider
        counted = int(tile.carrier.cells.pulses.sum()) - before
        error = ERRORS * np.sqrt(spread) / samples
        told = f"Pulses on A per update, {shape[0]} x {shape[1]}, learning rate {spec.rule.learning_rate:g}"
        yield Finding(told, mean / samples, counted / samples, error)


def symmetry_points(name: str, *, side: int = 300, seed: int = 3) -> Iterator[Finding]:
    """Of an array's cells: true ones by its fit, found ones by the law of each cell, and the figures of all."""
    shape, device = (side, side), load_device(name).spec.device
    spec = _chip(shape, exact=True, device=device)
    # Of a single reading: what is left of its blur after several is derived where these are tested.
    synapse = attrs.evolve(spec.synapse, reference_error=0.0, reference_readings=1)
    spec = attrs.evolve(spec, synapse=synapse)
    tile, pairs = Layer(spec, shape, seed=seed).tile("weight"), spec.synapse.alternating_pulses
    cells = tile.carrier.cells
    law = Cells(cells, device)
    yield from _true_points(name, law, device)
    half = (device.on_conductance - device.off_conductance) / 2
    found = (tile.carrier.references.astype(float) - cells.zero) / half
    mean, variance, free = law.found(pairs)
    yield from _moments(
        f"{name}: found, cells that keep off their bounds", found[free], mean[free], variance[free]
    )
    count, total, squares = tile.first_writing().points
    walked = np.concatenate([law.walked(pairs, rng=np.random.default_rng(4)), found[~law.moves]])
    error = ERRORS * float(np.sqrt(2 / count) * walked.std())
    # Of one distribution whose tails are no wider than those of a normal one.
    spread = float(np.sqrt(squares / count - (total / count) ** 2))
    yield Finding(
        f"{name}: symmetry_point_mean, all cells, beside a walk by hand",
        float(walked.mean()),
        total / count,
        error,
    )
    yield Finding(f"{name}: symmetry_point_spread, likewise", float(walked.std()), spread, error)


def _true_points(name: str, law: Cells, device: Any) -> Iterator[Finding]:
    points = law.points
    wanted, left_out = spread_of_points(device)
    error = float(np.std(points**2) / np.sqrt(points.size) / (2 * points.std()))
    told = f"{name}: spread of true symmetry points, by the fit's numbers"
    yield Finding(told, wanted, float(points.std()), ERRORS * error + left_out * wanted)


def _moments(told: str, found: Array, mean: Array, variance: Array) -> Iterator[Finding]:
    """Mean of what was found, and its deviation from the mean of each cell."""
    error = ERRORS * float(np.sqrt(variance.mean() / found.size))
    yield Finding(f"{told}: mean", float(mean.mean()), float(found.mean()), error)
    squares = float(np.sqrt(np.mean((found - mean) ** 2)))
    # Squares of a normal number have a variance of two.
    error = ERRORS * float(np.sqrt(np.sum(2 * variance**2)) / found.size / (2 * np.sqrt(variance.mean())))
    yield Finding(f"{told}: blur", float(np.sqrt(variance.mean())), squares, error)


def transfers(*, samples: int = 4000, shape: tuple[int, int] = (16, 10)) -> Iterator[Finding]:
    """Pulses on C against a loop by hand over what was read of A, and what came against what is there."""
    spec = _chip(shape)
    layer, rng = Layer(spec, shape), np.random.default_rng(7)
    for _ in range(samples):
        layer.sample(rng.uniform(0, 1, shape[0]), rng.uniform(-0.3, 0.3, shape[1]))
    rule, gain = spec.rule, spec.rule.transfer_learning_rate * spec.device.states / 2
    largest = gain * max(float(np.abs(values).max()) for _, values in layer.readings)
    rounding = rounding_of_sums(samples / shape[0], largest)
    found = pulses_by_hand(layer.readings, shape, gain=gain, threshold=rule.threshold, rounding=rounding)
    told, sure = f"{samples:,} samples on {shape[0]} x {shape[1]}", found.near == 0
    pulses, near = layer.pulses, 2 * float(found.near.sum())
    yield Finding(f"Pulses on C, {told}, noise and all", float(found.given.sum()), float(pulses.sum()), near)
    differing = float((found.given != pulses)[sure].sum())
    told = f"Of {int(sure.sum())} weights that rounding decides nothing of, with other pulses than the integral by hand"
    yield Finding(told, 0.0, differing, 0.0)
    left = np.abs(found.added - rule.threshold * layer.signed - layer.sums).max()
    yield Finding("Largest of: added, less threshold x pulses, less H", 0.0, float(left), rounding)


def drift(*, cells: int = 4000, samples: int = 200) -> Iterator[Finding]:
    """Errors either way by chance: plain descent, and Tiki-Taka v2, on cells of steps down half as long."""
    device = _alike(asymmetry=0.5)
    law = AtRandom(2 / device.states, 1 / device.states)
    errors = np.random.default_rng(3).choice([-1.0, 1.0], (samples, cells))
    # A product of one is one pulse, and a step that is read of A is a step of C.
    update = shipped_kind("update", "row-by-row")(encoding="deterministic", slots=31)
    spec = _chip((1, cells), exact=True, device=device, update=update)
    # Of a single reading: what is left of its blur after several is derived where these are tested.
    synapse = attrs.evolve(spec.synapse, reference_error=0.0, reference_readings=1)
    spec = attrs.evolve(spec, synapse=synapse)
    single, rules = shipped_kind("synapse", "single-cell")(weight_range=1), {}
    for kind, more in (("outer-product-sgd", {}), ("tiki-taka-v2", {"transfer_learning_rate": law.up})):
        rules[kind] = shipped_kind("rule", kind)(learning_rate=law.up, **more)
    plain = Layer(attrs.evolve(spec, synapse=single, rule=rules["outer-product-sgd"]), (1, cells))
    gathers = Layer(attrs.evolve(spec, rule=rules["tiki-taka-v2"]), (1, cells))
    start = float(gathers.tile("gradient").weights().mean())
    for d in errors:
        plain.sample(np.ones(1), d)
        gathers.sample(np.ones(1), d)
    mean, spread = law.drift(-law.point, pulses=samples)
    told = f"{samples} pulses without a gradient"
    yield from _spread(f"Plain descent, {told}, weights", plain.matrix.weights(), law.point + mean, spread)
    came = gathers.signed + gathers.sums
    mean, spread = law.integral(start, readings=samples)
    yield from _spread(f"Tiki-Taka v2, {told}, pulses on C with H", came, mean, spread)
    moved = gathers.matrix.weights()
    error = law.even * (ERRORS * spread / float(np.sqrt(cells)) + 1 + abs(mean))
    yield Finding(
        "Tiki-Taka v2, likewise, weights: mean, within what these pulses add up to",
        0.0,
        float(moved.mean()),
        error,
    )


def _spread(told: str, found: Array, mean: float, spread: float) -> Iterator[Finding]:
    """Mean and spread of cells that have nothing to do with each other."""
    error = ERRORS * spread / float(np.sqrt(found.size))
    yield Finding(f"{told}: mean", mean, float(found.mean()), error)
    yield Finding(f"{told}: spread", spread, float(found.std()), error / float(np.sqrt(2)))


def offsets(*, lines: int = 1000, samples: int = 200, chance: float = 0.1) -> Iterator[Finding]:
    """References of A off by the error that the chip has, and no gradient: with choppers and without."""
    shape, rate = (lines, 2), 0.02
    spec = _chip(shape, exact=True, device=_alike())
    numbers = {"transfer_learning_rate": rate, "reads_per_transfer": lines}
    layers, gain = [], rate * spec.device.states / 2
    for kind, more in (("tiki-taka-v2", {}), ("chopped-tiki-taka", {"chop_probability": chance})):
        rule = shipped_kind("rule", kind)(learning_rate=0.1, **numbers, **more)
        layer = Layer(attrs.evolve(spec, rule=rule), shape)
        off = gain * layer.tile("gradient").weights()
        for _ in range(samples):
            layer.sample(np.zeros(lines), np.zeros(2))
        layers.append((layer, off))
    layer, off = layers[0]
    whole = np.abs(np.trunc(samples * off)).sum()
    # A product that is whole but for rounding may be a pulse more or less.
    near = float(np.sum(np.abs(samples * off - np.rint(samples * off)) < 1e-4))
    yield Finding(
        f"Pulses on C by offsets of A in {samples} readings of {2 * lines:,} weights",
        whole,
        layer.pulses.sum(),
        near,
    )
    layer, off = layers[1]
    summed = ((layer.signed + layer.sums) / off)[:, 0]
    mean, variance = signs_added_up(chance, samples)
    told = f"With choppers of {chance:g}: offsets added up, of {samples}"
    yield from _spread(told, summed, mean, float(np.sqrt(variance)))
    yield Finding("Pulses with choppers over those without", *_fewer(layers, variance + mean**2, samples))


def _fewer(layers: list[tuple[Layer, Array]], square: float, samples: int) -> tuple[float, float, float]:
    """Net pulses of the root mean square: what theory says, what was counted, and its interval."""
    of_each = [float(np.sqrt(np.mean((layer.signed + layer.sums) ** 2))) for layer, _ in layers]
    wanted = float(np.sqrt(square)) / samples
    lines = layers[0][1].shape[0]
    # Squares of offsets and of sums vary from line to line, each as that of a normal number.
    return wanted, of_each[1] / of_each[0], ERRORS * wanted * float(np.sqrt(8 / lines)) / 2


# --- the table -------------------------------------------------------------------------------------


def findings() -> Iterator[Finding]:
    """All that is compared."""
    yield from pulses_of_updates()
    for name in FITS:
        yield from symmetry_points(name)
    yield from transfers()
    yield from drift()
    yield from offsets()


def table(rows: Iterator[Finding] | list[Finding]) -> str:
    """What was found, in Markdown."""
    head = ("| Quantity | Theory | Counted | Interval | Agrees |", "| --- | --- | --- | --- | --- |")
    return "\n".join((*head, *(each.row for each in rows)))


if __name__ == "__main__":
    print(table(findings()))
