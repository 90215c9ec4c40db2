"""Small, plausible results made without running a simulation: for tests of saving and of the report."""

from __future__ import annotations

import json
import math

import attrs
import numpy as np

from chipsim.ledger import Record
from chipsim.result import (
    ArrayEpoch,
    ChipGraph,
    EpochRow,
    GraphEdge,
    GraphNode,
    LedgerRow,
    PlacedBlock,
    Result,
    Valued,
    Wear,
)
from chipsim.result.digests import DIGESTS_FILE, write_digests

__all__ = [
    "ARCHITECTURES",
    "balanced",
    "made_result",
    "one_tile_a_layer",
    "sealed",
    "seeds_of",
    "without_digests",
]

ARCHITECTURES = ("hybrid-synapse", "single-pair", "digital-fp32")

_LOOKS = {
    # final error in percent, step time in ns, step energy in pJ, pairs
    "hybrid-synapse": (3.0, 1_450, 41_000, ("coarse", "fine")),
    "single-pair": (8.5, 1_310, 37_000, ("pair",)),
    "digital-fp32": (2.2, 7_900, 2_950_000, ()),
}


def made_result(
    architecture="hybrid-synapse",
    *,
    epochs=8,
    samples=4_000,
    seed=1,
    shapes=((33, 12), (13, 10)),
    complete=True,
):
    """A result of one of `ARCHITECTURES`; full-size arrays come with ``shapes=((785, 250), (251, 10))``."""
    rng = np.random.default_rng(seed)
    error, step_ns, step_pj, pairs = _LOOKS[architecture]
    switch = 4 if len(pairs) > 1 and epochs > 4 else None
    tiles = tuple((f"tile{index}", shape) for index, shape in enumerate(shapes))
    rows = _epochs(
        rng, error=error, pairs=pairs, switch=switch, epochs=epochs, steps=samples, cost=(step_ns, step_pj)
    )
    names = [f"{tile}.{pair}{sign}" for tile, _ in tiles for pair in pairs for sign in "+-"]
    wear = tuple(_worn(rng, name, dict(tiles)[name.split(".")[0]], fine="fine" in name) for name in names)
    arrays = _arrays(wear, rows)
    ledger = _ledger(tiles, wear, pairs=pairs, last=rows[-1], steps=samples * epochs)
    return Result(
        summary=_summary(
            architecture, rows, wear, arrays, switch=switch, samples=samples, complete=complete, seed=seed
        ),
        epochs=rows,
        arrays=arrays,
        ledger=ledger,
        wear=wear,
        timeline=_timeline(tiles, step_ns * 1_000),
        graph=_graph(tiles, pairs),
        placement=one_tile_a_layer(*shapes),
        values=_values(pairs),
        chip={"name": architecture, "about": f"The {architecture} chip, made up.", "costs": "isaac-32nm"},
        workload={"name": "mnist-5k", "network": {"layers": [784, 250, 10]}, "learning_rate": 0.1},
        costs={"name": "isaac-32nm", "about": "Made up.", "node": "32 nm", "clock": "1 ns"},
        provenance={
            "chipsim": "0.1.0",
            "python": "3.11.2",
            "command": f"chipsim run {architecture} mnist-5k",
            "date": "2026-01-01T12:00:00+00:00",
            "seed": seed,
            "packages": {"numpy": "2.4.0", "simpy": "4.1.2"},
        },
    )


def one_tile_a_layer(*shapes):
    """Each layer whole on a tile of its own, as its rows and columns of weights say."""
    return tuple(
        PlacedBlock(tile=f"tile{index}", layer=index + 1, row=0, column=0, rows=rows, columns=columns)
        for index, (rows, columns) in enumerate(shapes)
    )


def seeds_of(result, *, count=3, **figures):
    """The same run with several seeds.

    Parameters
    ----------
    result
        The run of which all else is taken.
    count
        How many seeds, where no figure says it.
    figures
        Figures of the summary by their key: what each seed came to.
    """
    count = len(next(iter(figures.values()))) if figures else count
    drawn = [{key: values[place] for key, values in figures.items()} for place in range(count)]
    return [
        attrs.evolve(result, summary={**result.summary, "seed": seed, **own})
        for seed, own in enumerate(drawn)
    ]


def _epochs(rng, *, error, pairs, switch, epochs, steps, cost):
    rows = []
    for epoch in range(1, epochs + 1):
        miss = error + 22 * math.exp(-epoch / 1.6) + rng.normal(0, 0.15)
        if switch and epoch <= switch:
            miss = max(miss, 11 + rng.normal(0, 0.3))
        fine = bool(switch and epoch > switch)
        rows.append(
            EpochRow(
                epoch=epoch,
                phase="train",
                train_accuracy_percent=round(100 - 0.8 * miss, 3),
                test_accuracy_percent=round(100 - miss, 2),
                loss=round(0.02 * miss, 5),
                simulated_time_ps=epoch * steps * cost[0] * 1_000,
                energy_aj=epoch * steps * cost[1] * 1_000_000 + epoch,
                target=("fine" if fine else "coarse") if len(pairs) > 1 else "pair",
            )
        )
    return tuple(rows)


def _worn(rng, name, shape, *, fine):
    pulses = rng.poisson(rng.gamma(0.6, 60 if fine else 30, shape)).astype(np.int32)
    pulses[rng.random(shape) < 0.4] = 0
    return Wear(array=name, pulses=pulses, resets=(pulses // 50).astype(np.int32))


def _arrays(wear, epochs):
    """What each array went through by epoch; the writing of initial weights, epoch 0, takes the rest."""
    rows = []
    for one in wear:
        mine = [row.epoch for row in epochs if f".{row.target}" in one.array]
        later = []
        for row in epochs:
            share = 1 / len(mine) if row.epoch in mine else 0
            pulses = int(one.pulses.sum() * share * 1.3 ** -(row.epoch % 4))
            later.append(
                ArrayEpoch(
                    epoch=row.epoch,
                    array=one.array,
                    pulses=pulses,
                    resets=int(one.resets.sum() * share),
                    updates=int(pulses * 0.8),
                )
            )
        rows += [_written(one, later), *later]
    return tuple(rows)


def _written(one, later):
    return ArrayEpoch(
        epoch=0,
        array=one.array,
        pulses=int(one.pulses.sum()) - sum(row.pulses for row in later),
        resets=int(one.resets.sum()) - sum(row.resets for row in later),
        updates=0,
    )


def _ledger(tiles, wear, *, pairs, last, steps):
    shares = []
    for tile, (rows, columns) in tiles:
        big = rows * columns
        kinds = (("dac", 1), ("array", 0.4), ("adc", 6)) if pairs else (("digital", 30), ("buffer", 50))
        for kind, weight in kinds:
            shares += [(f"{tile}.{kind}", kind, action, weight * big) for action in ("forward", "backward")]
        if pairs:
            shares += [
                (f"{tile}.drivers", "driver", "update", 2 * big),
                (f"{tile}.drivers", "driver", "recentre", 0.02 * big),
            ]
            shares += [(one.array, "array", "update", big) for one in wear if one.array.startswith(tile)]
        else:
            shares.append((f"{tile}.digital", "digital", "update", 40 * big))
    total = sum(share for *_, share in shares)
    shares += [("digital", "digital", "activation", total * 0.08), ("bus", "link", "transfer", total * 0.05)]
    shares += [("buffer", "buffer", "read", total * 0.04), ("selector", "selector", "select", total * 1e-6)]
    total = sum(share for *_, share in shares)
    pulses = {one.array: int(one.pulses.sum()) for one in wear}
    rows = [
        LedgerRow(
            part=part,
            kind=kind,
            action=action,
            count=steps,
            busy_ps=int(last.simulated_time_ps * min(0.9, share / total)),
            energy_aj=int(last.energy_aj * share / total),
            pulses=pulses.get(part, 0),
            bits=8 * steps if kind in {"link", "buffer"} else 0,
        )
        for part, kind, action, share in shares
    ]
    # Shares are rounded down; what is left over goes to the first line, so that all add up.
    rest = last.energy_aj - sum(row.energy_aj for row in rows)
    return (attrs.evolve(rows[0], energy_aj=rows[0].energy_aj + rest), *rows[1:])


def _timeline(tiles, step_ps):
    records, now = [], 0
    passes = [("forward", tiles), ("backward", tiles[::-1]), ("update", tiles)]
    lanes = {"forward": ("dac", "adc"), "backward": ("dac", "adc"), "update": ("drivers",)}
    slice_ps = step_ps // 14
    for action, order in passes:
        for tile, _ in order:
            for lane in lanes[action]:
                records.append(Record(now, now + slice_ps, f"{tile}.{lane}", action))
                now += slice_ps
            records.append(Record(now - slice_ps // 3, now, "bus", "transfer"))
            if action == "forward":
                records.append(Record(now, now + slice_ps // 2, "digital", "activation"))
    return tuple(records)


def _graph(tiles, pairs):
    nodes = [
        GraphNode(name="bus", kind="link", x=0.5, y=0, area_nm2=40_000_000, about="256 bit at 1 GHz"),
        GraphNode(
            name="digital", kind="digital", x=0, y=-1, area_nm2=90_000_000_000, about="64 lanes, fixed-16"
        ),
        GraphNode(
            name="buffer", kind="buffer", x=1, y=-1, area_nm2=300_000_000_000, about="64 KiB, 256 bit wide"
        ),
    ]
    edges = [GraphEdge(source=name, target="bus", link="bus") for name in ("digital", "buffer")]
    if len(pairs) > 1:
        nodes.append(
            GraphNode(
                name="selector", kind="selector", x=2, y=-1, area_nm2=1_000_000, about="accuracy-plateau"
            )
        )
        edges.append(GraphEdge(source="selector", target="bus", link="bus"))
    for index, (tile, (rows, columns)) in enumerate(tiles):
        inner = (
            ["dac", "drivers", "adc", *(f"{pair}{sign}" for pair in pairs for sign in "+-")]
            if pairs
            else ["mac", "sram"]
        )
        kinds = {"drivers": "driver", "mac": "digital", "sram": "buffer"}
        for place, name in enumerate(inner):
            kind = kinds.get(name, name if name in {"dac", "adc"} else "array")
            about = f"{rows} x {columns} cells" if kind == "array" else f"{kind} of {tile}"
            nodes.append(
                GraphNode(
                    name=f"{tile}.{name}",
                    kind=kind,
                    x=index * 2 + place % 3 * 0.5 - 0.5,
                    y=1 + place // 3 * 0.5,
                    area_nm2=rows * columns * 40_000,
                    about=about,
                )
            )
            link = "bus" if place == 0 else ""
            target = "bus" if place == 0 else f"{tile}.{inner[0]}"
            edges.append(GraphEdge(source=f"{tile}.{name}", target=target, link=link))
    return ChipGraph(nodes=tuple(nodes), edges=tuple(edges))


def _values(pairs):
    common = [
        Valued(
            path="costs.adc[bits=8].energy",
            value="1.714 pJ",
            kind="source",
            text="Accelergy-ADC, survey fit, 32 nm",
        ),
        Valued(path="costs.sram.read", value="7 fJ", kind="source", text="CACTI-like table, 32 nm"),
        Valued(
            path="digital.lanes",
            value="64",
            kind="assumed",
            text="the paper gives none; keeps up with the tiles",
        ),
        Valued(path="workload.seed", value="1", kind="set", text="on the command line"),
    ]
    if not pairs:
        return tuple(common)
    return (
        Valued(path="device.states", value="50", kind="source", text="Choi 2021, Fig. 4"),
        Valued(
            path="device.on_conductance", value="20 uS", kind="assumed", text="comparable interface-type RRAM"
        ),
        Valued(path="tile.read_time", value="10 ns", kind="assumed", text="settling of a 1024-row array"),
        *common,
    )


def _summary(architecture, rows, wear, arrays, *, switch, samples, complete, seed):
    cells = sum(one.pulses.size for one in wear)
    pulses = sum(int(one.pulses.sum()) for one in wear)
    last = rows[-1]
    return {
        "architecture": architecture,
        "workload": "mnist-5k",
        "seed": seed,
        "complete": complete,
        "epochs_run": len(rows),
        "train_samples": samples,
        "test_samples": 1_000,
        "steps": samples * len(rows),
        "test_accuracy_percent": last.test_accuracy_percent,
        "best_test_accuracy_percent": max(row.test_accuracy_percent for row in rows),
        "train_accuracy_percent": last.train_accuracy_percent,
        "simulated_time_s": last.simulated_time_ps * 1e-12,
        "simulated_time_ps": last.simulated_time_ps,
        "energy_J": last.energy_aj * 1e-18,
        "energy_aJ": last.energy_aj,
        "pulses": pulses,
        "resets": sum(int(one.resets.sum()) for one in wear),
        "updates": sum(row.updates for row in arrays),
        "cells": cells,
        "mean_pulses_per_cell": pulses / cells if cells else 0.0,
        "hottest_cell_pulses": max((int(one.pulses.max()) for one in wear), default=0),
        "area_mm2": 1.9 if wear else 3.4,
        "switch_epoch": switch,
        "first_step_time_ps": last.simulated_time_ps // (samples * len(rows)),
        "inference_time_ps": last.simulated_time_ps // (samples * len(rows)) // 3,
        "distinct_programs": 3,
        "replay": True,
        "timing_only": False,
        "wall_time_s": 2.5,
        "samples_per_wall_second": samples * len(rows) / 2.5,
    }


def balanced(result, **changes):
    """The same result with books that agree: made from its epochs, tasks, energies of its ledger and wear.

    `changes` are put in first.
    """
    if "wear" in changes:
        changes = {"placement": (), **changes}  # where other arrays stand is not known
    result = attrs.evolve(result, **changes)
    ledger = _with_pulses(result.ledger, result.wear)
    energy = sum(row.energy_aj for row in ledger)
    trained = {row.epoch: row.test_accuracy_percent for row in result.tasks if row.trained}
    epochs = tuple(
        attrs.evolve(row, test_accuracy_percent=trained.get(row.epoch, row.test_accuracy_percent))
        for row in result.epochs
    )
    if epochs:
        epochs = (
            *(attrs.evolve(row, energy_aj=min(row.energy_aj, energy)) for row in epochs[:-1]),
            attrs.evolve(epochs[-1], energy_aj=energy),
        )
    arrays = tuple(
        _written(one, [])
        if epoch == 0
        else ArrayEpoch(epoch=epoch, array=one.array, pulses=0, resets=0, updates=0)
        for epoch in range(len(epochs) + 1)
        for one in result.wear
    )
    again = attrs.evolve(result, ledger=ledger, epochs=epochs, arrays=arrays)
    return attrs.evolve(again, summary={**result.summary, **_figures(again)})


def _with_pulses(ledger, wear):
    """The ledger's lines with no pulses but those of the wear."""
    rows = [attrs.evolve(row, pulses=0) for row in ledger if row.action != "worn"]
    worn = [
        LedgerRow(
            part=one.array, kind="array", action="worn", count=1, busy_ps=0, energy_aj=0,
            pulses=int(one.pulses.sum()), bits=0,
        )
        for one in wear
    ]  # fmt: skip
    return (*rows, *worn)


def _figures(result):
    """Those figures of a summary that stand in the tables, too."""
    wear, epochs = result.wear, result.epochs
    # Beside cells with levels, pulses are those of the others alone.
    small = [one for one in wear if one.programmings is None and one.pulses.size] or wear
    pulses = sum(int(one.pulses.sum()) for one in small)
    cells, taken = (sum(one.pulses.size for one in some) for some in (wear, small))
    energy = sum(row.energy_aj for row in result.ledger)
    figures = {
        "energy_aJ": energy, "energy_J": energy * 1e-18, "pulses": pulses, "cells": cells, "updates": 0,
        "resets": sum(int(one.resets.sum()) for one in wear), "epochs_run": len(epochs),
        "hottest_cell_pulses": max((int(one.pulses.max(initial=0)) for one in small), default=None),
        "mean_pulses_per_cell": pulses / taken if taken else None,
    }  # fmt: skip
    if epochs:
        last = epochs[-1]
        time = last.simulated_time_ps
        figures |= {"simulated_time_ps": time, "simulated_time_s": time * 1e-12}
        figures |= {key: getattr(last, key) for key in ("test_accuracy_percent", "train_accuracy_percent")}
        figures["best_test_accuracy_percent"] = max(row.test_accuracy_percent for row in epochs)
    return figures


def sealed(folder):
    """Write the digests of a result anew, as if its files had been saved as they are now."""
    names = json.loads((folder / DIGESTS_FILE).read_text())["files"]
    write_digests(folder, names)
    return folder


def without_digests(folder):
    """Make a saved result one of the first version, which had no digests; hands back the folder."""
    path = folder / "description.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format_version": 1}))
    (folder / DIGESTS_FILE).unlink()
    return folder
