"""What changes weights and what does not: costs, clocks and key order do not, seeds do."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys

import attrs
import numpy as np
import pytest

from chipsim.chip.mesh import Mesh
from chipsim.run import Options, simulate
from chipsim.spec import chip_from_document, load_chip
from chipsim.spec.chip import BufferSpec
from chipsim.update.update import Recentre
from tests import made

LAYERS = (5, 4, 3)
NOISY = made.finite(states=20, step_variation=0.34, step_spread=0.1, range_spread=0.1)
RECENTRED = made.update_by(
    kind="parallel-pulses", encoding="stochastic", slots=9, recentre=Recentre(every=2, headroom=0.0)
)
CONVERTED = made.crossbar(
    forward=made.one_pass(ideal=False, noise=0.5), backward=made.one_pass(ideal=False, scaling="maximum")
)
CHIPS = {
    "single": made.chip(device=NOISY, update=RECENTRED, tile=CONVERTED),
    "hybrid": made.hybrid(device=NOISY, update=RECENTRED, tile=CONVERTED, threshold=1.0),
    "digital": made.mac_chip(),
}
SLOWER = {
    "dac": (attrs.evolve(made.COSTS.dac[0], time=1009),),
    "adc": (attrs.evolve(made.COSTS.adc[0], time=1, energy=999),),
    "sample_hold": attrs.evolve(made.COSTS.sample_hold, time=4001),
    "write_driver": attrs.evolve(made.COSTS.write_driver, time=77),
    "sram": attrs.evolve(made.COSTS.sram, time=1013),
    "wire": attrs.evolve(made.COSTS.wire, time_per_mm=5003),
    "router": attrs.evolve(made.COSTS.router, time=1),
    "clock": 1019,
}

every_chip = pytest.mark.parametrize("name", CHIPS)


def run_of(name, *, seed=1, **how):
    """Two epochs of a chip."""
    return made.trained(CHIPS[name], LAYERS, epochs=2, bias=True, seed=seed, **how)


def same_weights(one, other):
    """Whether all weights are equal to the last bit."""
    return all(np.array_equal(a, b) for a, b in zip(one.weights, other.weights, strict=True))


def told(run):
    """What a run says of its learning, without time and energy."""
    return [
        (row.epoch, row.train_accuracy_percent, row.test_accuracy_percent, row.loss, row.target)
        for row in run.training.epochs
    ]


@every_chip
@pytest.mark.parametrize("cost", SLOWER)
def test_costs_change_time_and_no_weight(name, cost):
    """Each price in turn: the same weights, accuracies, pulses; another time."""
    plain, other = run_of(name), run_of(name, costs=attrs.evolve(made.COSTS, **{cost: SLOWER[cost]}))
    assert same_weights(plain, other)
    assert told(plain) == told(other)
    assert plain.training.arrays == other.training.arrays
    used = name != "digital" or cost not in ("dac", "adc", "sample_hold", "write_driver")
    assert (plain.executor.elapsed != other.executor.elapsed) == used


@every_chip
def test_clocks_and_widths_change_no_weight(name):
    """Lanes, widths, the interconnect and the settling time are about time alone."""
    spec = CHIPS[name]
    tile = attrs.evolve(spec.tile, lanes=1) if name == "digital" else attrs.evolve(spec.tile, read_time=7919)
    other = attrs.evolve(
        spec,
        tile=tile,
        digital=attrs.evolve(spec.digital, lanes=1),
        buffer=BufferSpec(size=2**20, width=64),
        interconnect=Mesh(width=3, clock=10**9, length=0),
    )
    plain, slow = run_of(name), made.trained(other, LAYERS, epochs=2, bias=True)
    assert same_weights(plain, slow)
    assert told(plain) == told(slow)
    assert plain.executor.elapsed != slow.executor.elapsed


@every_chip
def test_looking_changes_nothing(name):
    """Replay, trace and timing at all are about time alone."""
    plain = run_of(name)
    for how in ({"replay": False}, {"trace": True}, {"timed": False}):
        other = run_of(name, **how)
        assert same_weights(plain, other)
        assert told(plain) == told(other)


@every_chip
def test_same_seed_same_everything(name):
    """Weights, curves, books and clock, to the last bit."""
    one, other = run_of(name), run_of(name)
    assert same_weights(one, other)
    assert one.training.epochs == other.training.epochs
    assert one.training.arrays == other.training.arrays
    assert one.ledger == other.ledger
    assert one.executor.elapsed == other.executor.elapsed


@every_chip
def test_another_seed_trains_another_network(name):
    """Initial weights and the order of samples follow the seed."""
    assert not same_weights(run_of(name), run_of(name, seed=2))


def test_order_of_samples_is_the_same_for_every_chip():
    """What a chip draws for itself moves nobody else's data."""
    seen = {}
    for name, spec in CHIPS.items():
        rule = made.rule_on(spec, LAYERS)
        images = seen[name] = []
        step = rule.step

        def noted(batch, labels, *, images=images, step=step):
            images.append((batch.tobytes(), labels.tobytes()))
            return step(batch, labels)

        rule.step = noted
        training = made.Training(rule, None, seed=1)
        training.begin(seed=1)
        training.run_phase(made.phase(2), made.digits(5, 3), batch=5, epochs=2)
    assert seen["single"] == seen["hybrid"] == seen["digital"]
    half = len(seen["single"]) // 2
    assert seen["single"][:half] != seen["single"][half:]


@pytest.mark.parametrize("device", [made.IDEAL, NOISY], ids=lambda device: device.kind)
def test_update_schemes_give_the_same_weights(device):
    """With deterministic encoding every scheme gives every cell the same pulses; only the time differs."""
    runs = [
        made.trained(
            made.chip(device=device, update=made.update_by(kind=kind, encoding="deterministic", slots=31)),
            LAYERS,
            epochs=2,
        )
        for kind in ("parallel-pulses", "row-by-row", "cell-by-cell")
    ]
    assert same_weights(runs[0], runs[1])
    assert same_weights(runs[0], runs[2])
    # What the whole step takes may be the same, where drivers are done before the links are.
    assert len({run.ledger.by_part()["tile1.driver"].busy_ps for run in runs}) == 3
    assert len({run.ledger.total.pulses for run in runs}) == 1


def turned(document):
    """The same document with the keys of every mapping in the opposite order."""
    if isinstance(document, dict):
        return {key: turned(document[key]) for key in reversed(document)}
    return [turned(item) for item in document] if isinstance(document, list) else document


@pytest.mark.parametrize("name", ["hybrid-synapse", "digital-fp32"])
def test_key_order_changes_nothing(name):
    """A description written backwards is the same chip, and its run the same run."""
    document = load_chip(name).document
    assert list(turned(document)) == list(document)[::-1]
    small = made.digits(5, 3)
    costs = made.COSTS
    bits = (
        {}
        if name == "digital-fp32"
        else {
            table: tuple(attrs.evolve(getattr(costs, table)[0], bits=count) for count in (8, 10))
            for table in ("dac", "adc")
        }
    )
    runs = [
        made.trained(chip_from_document(written).spec, LAYERS, costs=attrs.evolve(costs, **bits), data=small)
        for written in (document, turned(document))
    ]
    assert runs[0].chip.parts.keys() == runs[1].chip.parts.keys()
    assert same_weights(*runs)
    assert runs[0].ledger == runs[1].ledger
    assert runs[0].executor.elapsed == runs[1].executor.elapsed


FINGERPRINT = """
import sys
from tests.run.test_invariance import fingerprint
print(fingerprint())
"""


def fingerprint():
    """A short run of a shipped chip, as one text: every number that it leaves except wall time."""
    sets = ["phases.0.dataset.train=30", "phases.0.dataset.test=20"]
    result = simulate("hybrid-synapse", "mnist-5k", epochs=1, sets=sets, options=Options(seed=5))
    passing = {"wall_time_s", "samples_per_wall_second"}
    summary = {key: value for key, value in result.summary.items() if key not in passing}
    wear = [
        hashlib.sha256(array.pulses.tobytes() + array.resets.tobytes()).hexdigest() for array in result.wear
    ]
    rows = [attrs.asdict(row) for row in (*result.epochs, *result.ledger, *result.timeline)]
    return json.dumps([summary, rows, wear])


def test_another_process_gives_the_same_result():
    """Nothing depends on hashes, addresses or the order of sets."""
    command = [sys.executable, "-c", FINGERPRINT]
    prints = [
        subprocess.run(
            command, check=True, capture_output=True, text=True, env=environment(seed)
        ).stdout.strip()
        for seed in ("1", "2")
    ]
    assert prints[0] == prints[1] == fingerprint()


def environment(hash_seed):
    """The environment of this process with another seed for hashes."""
    return os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def test_testing_more_changes_no_training():
    """Converter noise drawn while testing is not the noise of training, however many samples are tested."""
    noisy = ["tile.forward.adc.noise=1", "tile.backward.adc.noise=1", "phases.0.dataset.train=30"]
    few, many = (
        simulate("hybrid-synapse", "mnist-5k", epochs=2, sets=[*noisy, f"phases.0.dataset.test={tested}"])
        for tested in (5, 50)
    )
    assert few.wear == many.wear
    assert [row.loss for row in few.epochs] == [row.loss for row in many.epochs]
