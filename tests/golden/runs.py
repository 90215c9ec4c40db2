"""Short runs of every shipped chip, and what each leaves, as hashes that name what changed.

``python -m tests.golden.runs`` takes the figures anew and writes them to ``figures.json`` beside this file. That is done
only in a commit of its own, which says what was wrong before and derives the right value in a test.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from pathlib import Path

import numpy as np

import chipsim
from chipsim.errors import ChipsimWarning

__all__ = ["FIGURES", "RUNS", "figures", "floats", "kept"]

FIGURES = Path(__file__).with_name("figures.json")

_DIGITS = ("phases[*].dataset.train=300", "phases[*].dataset.test=100", "phases[*].epochs=2")
_TASKS = ("phases[*].dataset.train=300", "phases[*].dataset.test=100", "phases[*].epochs=1")
_FOUR = (*_DIGITS[:2], "phases[*].epochs=4")
_SWITCHES = (*_FOUR, "selector.threshold=99 %")
_PULSES = ("update.encoding=stochastic", "network.loss=squared-error", "synapse.weight_range=1")
_RESETS = ("device.states=8", "update.recentre.every=5", "update.recentre.headroom=90 %")
_FIXED = ("synapse.weight_range=2", "synapse.sum_range=16")

RUNS = {
    "hybrid-synapse": ("hybrid-synapse", "mnist-5k", _DIGITS),
    "hybrid-synapse, both pairs": ("hybrid-synapse", "mnist-5k", _SWITCHES),
    "hybrid-synapse, trains and resets": (
        "hybrid-synapse", "mnist-5k", (*_SWITCHES, *_PULSES, *_RESETS, "device.step_spread=0.2", "device.range_spread=0.1"),
    ),
    "hybrid-synapse, small tiles and batches": (
        "hybrid-synapse", "mnist-5k",
        (*_DIGITS, "tile.rows=200", "tile.columns=100", "batch=7", "interconnect={kind: mesh, columns: 3, width: 64 bit, clock: 1 GHz, length: 1 mm}"),
    ),
    "hybrid-synapse, noisy converters": (
        "hybrid-synapse", "mnist-5k",
        (*_DIGITS, "tile.forward.adc.noise=0.3", "tile.backward.dac.lines_per_converter=4", "tile.unused_lines=cut-off"),
    ),
    "single-pair": ("single-pair", "mnist-5k", _DIGITS),
    "single-pair, trains and resets": ("single-pair", "mnist-5k", (*_DIGITS, *_PULSES, *_RESETS)),
    "single-pair-rowwise": ("single-pair-rowwise", "mnist-5k", _DIGITS),
    "single-pair-rowwise, stochastic": ("single-pair-rowwise", "mnist-5k", (*_DIGITS, *_PULSES, *_RESETS)),
    "single-pair-cellwise": ("single-pair-cellwise", "mnist-5k", _DIGITS),
    "digital-fp32": ("digital-fp32", "mnist-5k", _DIGITS),
    "digital-fp32, squared error in batches": (
        "digital-fp32", "mnist-5k", (*_DIGITS, "network.loss=squared-error", "batch=10"),
    ),
    "digital-fp32, 8 bits": (
        "digital-fp32", "mnist-5k",
        (*_DIGITS, "synapse.arithmetic=fixed-8", "digital.arithmetic=fixed-8", "synapse.rounding=stochastic", *_FIXED),
    ),
    "vgg16-chip": ("vgg16-chip", "mnist-5k-transfer", _DIGITS),
    "analog-pair-transfer": ("analog-pair-transfer", "mnist-5k-transfer", _DIGITS),
    "analog-pair-transfer, every stage and side by side": (
        "analog-pair-transfer", "mnist-5k-transfer",
        (*_DIGITS, "device.first_stage=1", "device.last_stage=3", "device.step_variation=0.3", "update.kind=column-by-column",
         "update.recentre={every: 50, headroom: 5 %}", "synapse.weight_range=0.3", "tile.rows=600"),
    ),
    "set-reset-transfer": ("set-reset-transfer", "mnist-5k-transfer", _DIGITS),
    "multilevel-transfer": ("multilevel-transfer", "mnist-5k-transfer", _DIGITS),
    "multilevel-transfer, one binary cell, rows at once": (
        "multilevel-transfer", "mnist-5k-transfer",
        (*_DIGITS, "synapse={kind: level-cell, levels: [0, 1], reference: low}", "update.writer=row-parallel"),
    ),
    "analog-sgd": ("analog-sgd", "mnist-5k", _DIGITS),
    "tiki-taka-v1": ("tiki-taka-v1", "mnist-5k", _DIGITS),
    "tiki-taka-v2": ("tiki-taka-v2", "mnist-5k", _DIGITS),
    "tiki-taka-v2, chopped, by columns and now and then": (
        "tiki-taka-v2", "mnist-5k",
        (*_DIGITS, "rule.kind=chopped-tiki-taka", "rule.transfer_lines=columns", "rule.transfer_every=3",
         "rule.reads_per_transfer=2", "memory.weights=fixed-12", "batch=7", "tile.rows=400"),
    ),
    "mixed-precision": ("mixed-precision", "mnist-5k", _DIGITS),
    "tiki-taka-8x4": ("tiki-taka-8x4", "reduced-mnist", ("phases[*].epochs=1",)),
    "digital-adam": ("digital-adam", "mnist-5k-permuted", _TASKS),
    "metaplastic-qnn": ("metaplastic-qnn", "mnist-5k-permuted", _TASKS),
    "metaplastic-qnn, short memory": (
        "metaplastic-qnn", "mnist-5k-permuted",
        (*_TASKS, "memory.weights=fixed-16", "memory.rounding=stochastic", "memory.moments=bfloat-16"),
    ),
    "metaplastic-qnn, verified": (
        "metaplastic-qnn", "mnist-5k-permuted", (*_TASKS, "update.verify={tolerance: 25 %, tries: 10}", "tile.rows=100"),
    ),
    "metaplastic-qnn, rows at once and around zero": (
        "metaplastic-qnn", "mnist-5k-permuted",
        (*_TASKS, "update.writer=row-parallel", "rule.initial=network", "network.initial_weights=0.1", "network.normalisation.state=shared"),
    ),
    "metaplastic-qnn, uneven levels": (
        "metaplastic-qnn", "mnist-5k-permuted",
        (*_TASKS, "synapse.levels=[-1.5, -0.9375, -0.1875, 0, 0.1875, 0.9375, 1.5]", "rule.initial=next-to-zero"),
    ),
    "plain-qnn": ("plain-qnn", "mnist-5k-permuted", _TASKS),
    "metaplastic-bnn": ("metaplastic-bnn", "mnist-5k-permuted", _TASKS),
    "bnn": ("bnn", "mnist-5k-permuted", _TASKS),
}  # fmt: skip
"""Chip, workload and overrides of each run; together they switch, reset, split layers, round and verify."""


def figures(name: str) -> dict[str, object]:
    """What a run leaves: a few totals to read, and a hash for each curve, ledger entry, array and timeline."""
    chip, workload, sets = RUNS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ChipsimWarning)  # runs this short learn little, and say so
        result = chipsim.simulate(chip, workload, sets=list(sets), seed=3)
    curves = {
        "epochs": [
            (row.loss, row.train_accuracy_percent, row.test_accuracy_percent) for row in result.epochs
        ],
        "tasks": [(row.epoch, row.task, row.test_accuracy_percent) for row in result.tasks],
        "arrays": [(row.epoch, row.array, row.pulses, row.resets, row.updates) for row in result.arrays],
        "losses": [(row.epoch, row.part, row.during, row.what, row.count, row.of) for row in result.losses],
        "timeline": [(row.start_ps, row.end_ps, row.part, row.action) for row in result.timeline],
    }
    ledger = {
        f"{row.part} {row.action}": (row.count, row.busy_ps, row.energy_aj, row.pulses, row.bits)
        for row in result.ledger
    }
    wear = {one.array: (one.pulses, one.resets, one.programmings) for one in result.wear}
    totals = ("simulated_time_ps", "energy_aJ", "test_accuracy_percent")
    return {
        "totals": {key: result.summary[key] for key in totals},
        "curves": {key: _hash_of(rows) for key, rows in curves.items()},
        "ledger": {key: _hash_of(entry) for key, entry in ledger.items()},
        "wear": {key: _hash_of(counts) for key, counts in wear.items()},
    }


def _hash_of(what: object) -> str:
    """The beginning of a digest that knows every digit of a number."""
    digest = hashlib.sha256()
    _feed(digest, what)
    return digest.hexdigest()[:16]


def _feed(digest: hashlib._Hash, what: object) -> None:
    if isinstance(what, np.ndarray):
        digest.update(f"{what.shape}".encode())
        digest.update(np.ascontiguousarray(what, dtype=np.int64).tobytes())
    elif isinstance(what, list | tuple):
        for item in what:
            _feed(digest, item)
        digest.update(b";")
    else:
        digest.update(f"{what!r},".encode())


def floats() -> str:
    """What this machine makes of products and functions of floats; others may differ in the last bit."""
    rng = np.random.default_rng(0)
    one, other = rng.standard_normal((100, 785)), rng.standard_normal((785, 250))
    found = [(one.astype(t) @ other.astype(t)).tobytes() for t in (np.float32, np.float64)]
    found += [
        np.exp(one.astype(t)).tobytes() + np.tanh(one.astype(t)).tobytes() for t in (np.float32, np.float64)
    ]
    return hashlib.sha256(b"".join(found)).hexdigest()[:16]


def kept() -> dict[str, object]:
    """The figures as they were taken."""
    figures_kept: dict[str, object] = json.loads(FIGURES.read_text(encoding="utf-8"))
    return figures_kept


def main() -> None:
    taken = {"floats": floats(), "runs": {name: figures(name) for name in RUNS}}
    FIGURES.write_text(json.dumps(taken, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
