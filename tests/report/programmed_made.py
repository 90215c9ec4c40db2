"""A made result of a chip whose cells are programmed to levels, and that learnt two tasks."""

from __future__ import annotations

import itertools

import attrs
import numpy as np

from chipsim.result import LedgerRow, PlacedBlock, TaskEpoch, Wear
from tests.results_made import made_result

__all__ = ["programmed_result"]

KINDS = (
    *(
        ("tile0.dac", "dac", "forward"),
        ("tile0.adc", "adc", "backward"),
        ("tile0.driver", "driver", "program"),
    ),
    *(("tile0.driver", "driver", "verify"), ("tile0.driver", "driver", "retry")),
    *(("tile0.cells", "array", "initialise"), ("bus", "link", "transfer"), ("memory", "memory", "write")),
    *(
        ("digital", "digital", "normalise"),
        ("digital", "digital", "gradient"),
        ("selector", "selector", "compare"),
    ),
)


def programmed_result(architecture="made-levels", *, shape=(20, 12), side=1_000, endurance=100_000, seed=1):
    """Twelve epochs: two phases of the task mnist, then fashion, of a network with one hidden layer.

    Parameters
    ----------
    architecture
        What the chip is called.
    shape
        Inputs and outputs of each layer, so that 20 and 12 make 20-12-20.
    side
        Rows and weights side by side of a tile; layers that are larger take several.
    """
    rng = np.random.default_rng(seed)
    made = made_result("single-pair", epochs=12, seed=seed)
    layers = [shape[0], shape[1], shape[0]]
    placement = tuple(_blocks(layers, side))
    wear = tuple(_worn(rng, f"{block.tile}.cells", (block.rows, 2 * block.columns)) for block in placement)
    phases = ["free"] * 2 + ["consolidating"] * 4 + ["fashion"] * 6
    programmings = sum(int(one.programmings.sum()) for one in wear)
    cells = sum(one.programmings.size for one in wear)
    tasks = [
        TaskEpoch(epoch=epoch, task="mnist", test_accuracy_percent=97 + 0.1 * min(epoch, 12 - epoch), trained=epoch <= 6)
        for epoch in range(1, 13)
    ] + [
        TaskEpoch(epoch=epoch, task="fashion", test_accuracy_percent=78 + 0.5 * epoch, trained=True)
        for epoch in range(7, 13)
    ]  # fmt: skip
    return attrs.evolve(
        made,
        summary={
            **made.summary,
            "architecture": architecture,
            "cells": cells,
            "pulses": sum(int(one.pulses.sum()) for one in wear),
            "sets": sum(int(one.pulses.sum()) for one in wear),
            "resets": sum(int(one.resets.sum()) for one in wear),
            "programmings": programmings,
            "mean_programmings_per_cell": programmings / cells,
            "hidden_memory_bytes": 3_000_000,
            "hidden_memory_traffic_bytes": 5_000_000_000,
            "mean_task_accuracy_percent": 90.5,
            "forgetting_percent": 0.6,
        },
        epochs=tuple(attrs.evolve(row, phase=phase) for row, phase in zip(made.epochs, phases, strict=True)),
        tasks=tuple(sorted(tasks, key=lambda row: row.epoch)),
        arrays=tuple(attrs.evolve(row, array="tile0.cells") for row in made.arrays[:12]),
        wear=wear,
        ledger=tuple(
            LedgerRow(
                part=part, kind=kind, action=action, count=1, busy_ps=1_000 + place, energy_aj=10**12 * place + 1,
                pulses=0, bits=0,
            )
            for place, (part, kind, action) in enumerate(KINDS)
        ),
        placement=placement,
        chip={"tile": {"rows": side, "columns": side}, "device": {"endurance": endurance}},
        workload={"network": {"layers": layers, "bias": False}},
    )  # fmt: skip


def _blocks(layers, side):
    """The block of each tile: blocks of columns first, rows within them."""
    tiles = itertools.count()
    for layer, (inputs, outputs) in enumerate(itertools.pairwise(layers), start=1):
        for column in range(0, outputs, side):
            for row in range(0, inputs, side):
                yield PlacedBlock(
                    tile=f"tile{next(tiles)}", layer=layer, row=row, column=column,
                    rows=min(side, inputs - row), columns=min(side, outputs - column),
                )  # fmt: skip


def _worn(rng, name, size):
    programmings = rng.poisson(rng.gamma(0.8, 20, size)).astype(np.int32)
    return Wear(array=name, pulses=programmings, resets=programmings // 2, programmings=programmings)
