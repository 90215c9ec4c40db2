"""Samples trained in compiled loops leave what samples trained step by step leave, to the bit."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from chipsim.data import load
from chipsim.device.encoding import Encoder, Hits
from chipsim.device.linear_step import LinearStep
from chipsim.device.randomness import generator
from chipsim.errors import DivergedError
from chipsim.net import loop
from chipsim.net.loop import loop_of
from chipsim.net.network import Network
from chipsim.run import simulate, training
from chipsim.run.execute import Executor
from chipsim.run.simulate import prepare
from chipsim.run.training import Training
from chipsim.spec.reading import load_workload, workload_from_document
from chipsim.testing.looping import differing
from chipsim.tile.looped import list_resistive
from chipsim.tile.resistive_tile import ResistiveTile

SHORT = (
    "phases.0.dataset.train=150",
    "phases.0.dataset.test=30",
    "network.layers=[784, 9, 10]",
    "phases.0.epochs=2",
)
TRAINS = ("update.encoding=stochastic", "network.loss=squared-error", "synapse.weight_range=1")
RESETS = ("device.states=8", "update.recentre.every=7", "update.recentre.headroom=50 %")
SPREAD = ("device.step_spread=0.2", "device.range_spread=0.1", "device.step_variation=0.3")

IDEAL = (
    *TRAINS,
    "update.recentre=null",
    "device={kind: ideal, states: 500, on_conductance: 100 uS, pulse_voltage: 1 V, pulse_width: 10 ns, area: 0.01 um2}",
)
NEVER = "update.recentre=null"
TWO_WAYS = (
    "on_conductance: 20 uS, off_conductance: 2 uS, pulse_voltage: 2 V, pulse_width: 100 ns, "
    "down_voltage: 1 V, down_width: 80 ns, area: 0.04 um2"
)
MEASURED = (
    "step_variation: 41.58 %, step_spread: 78.29 %, upper_spread: 34.99 %, lower_spread: 56.95 %, "
    "asymmetry_spread: 1 %, write_noise: 141.13 %, corrupt_cells: 13.5 %"
)


def soft(*more, states=200):
    """A device of cells with soft bounds, with more keys."""
    return f"device={{{', '.join((f'kind: soft-bounds, states: {states}', TWO_WAYS, *more))}}}"


def exponential(*more, states=200):
    """A device of cells that follow exponential curves, with more keys."""
    labels = "nonlinearity_up: 2.4, nonlinearity_down: -4.88"
    return f"device={{{', '.join((f'kind: exponential-step, states: {states}', labels, TWO_WAYS, *more))}}}"


def single(device, *more):
    """Such cells, a weight each."""
    return (*TRAINS[:2], "synapse={kind: single-cell, weight_range: 1}", NEVER, device, *more)


BEGUN = "fresh_share: 50 %"
RAISED = (
    "device={kind: exponential-step, states: 20, decay_up: 12, on_conductance: 20 uS, off_conductance: 2 uS, "
    "pulse_voltage: 2 V, pulse_width: 100 ns, reset_voltage: 3 V, reset_width: 100 ns, area: 0.04 um2, "
    "step_variation: 30 %, step_spread: 20 %, corrupt_cells: 10 %, write_noise: 40 %}"
)
STEPS = f"device={{kind: bidirectional-step, states: 20, {TWO_WAYS}}}"
SPREAD_STEPS = STEPS.replace(
    "}", ", asymmetry: 0.7, step_variation: 30 %, step_spread: 20 %, range_spread: 10 %}"
)
COUNTED = "update={kind: row-by-row, encoding: deterministic, slots: 31}"
COUNTED_AT_RANDOM = "update={kind: cell-by-cell, encoding: stochastic, slots: 31}"
ROUNDED = "update.encoding=deterministic"

DOCUMENT = load_workload("mnist-5k").document

CASES = {
    "as it ships": ("hybrid-synapse", ()),
    "trains": ("hybrid-synapse", TRAINS),
    "both pairs, resets and spreads": (
        "hybrid-synapse", (*TRAINS, *RESETS, *SPREAD, "selector.threshold=99 %", "phases.0.epochs=4"),
    ),
    "single pair": ("single-pair", TRAINS),
    "ideal cells": ("single-pair", IDEAL),
    "row by row": ("single-pair-rowwise", ()),
    "cell by cell": ("single-pair-cellwise", ()),
    "row by row at random": ("single-pair-rowwise", (*TRAINS, *RESETS)),
    "cell by cell at random": ("single-pair-cellwise", TRAINS),
    "tiles smaller than layers": ("hybrid-synapse", (*TRAINS, "tile.rows=200", "tile.columns=4")),
    "noisy converters": (
        "hybrid-synapse", (*TRAINS, "tile.forward.adc.noise=0.3", "tile.backward.adc.noise=0.2"),
    ),
    "cells that fluctuate": (
        "hybrid-synapse",
        (
            *TRAINS, "device.read_noise={kind: white, share: 3 %, floor: 0.1 uS}", "selector.threshold=99 %",
            "tile.backward.adc.noise=0.2", "phases.0.epochs=4",
        ),
    ),
    "cells that fluctuate, on small tiles": (
        "single-pair",
        (
            *TRAINS, "tile.rows=200", "tile.columns=4", "tile.forward.scaling=maximum",
            "device.read_noise={kind: one-over-f, share: 2 %, longest: 1 s}",
        ),
    ),
    "single cells that fluctuate": (
        "single-pair", single(STEPS, "device.read_noise={kind: white, share: 3 %}"),
    ),
    "cells and references that fluctuate": ("analog-sgd", ("device.read_noise={kind: white, share: 3 %}",)),
    "ideal converters": (
        "single-pair",
        (*TRAINS, "tile.forward.dac.ideal=true", "tile.forward.adc.ideal=true", "tile.backward.adc.ideal=true"),
    ),
    "inputs of either sign": ("hybrid-synapse", (*TRAINS, "network.inputs=minus-one-to-one")),
    "inputs and errors by their largest": (
        "hybrid-synapse", (*TRAINS, "tile.forward.scaling=maximum", "tile.backward.scaling=fixed"),
    ),
    "three layers that are no logistic ones": (
        "hybrid-synapse", ("network.layers=[784, 9, 8, 10]", "network.activation=tanh", *TRAINS[:1]),
    ),
    "rectified": ("hybrid-synapse", ("network.activation=relu", *TRAINS[:1])),
    "single precision in the digital unit": ("hybrid-synapse", (*TRAINS, "digital.arithmetic=float-32")),
    "soft bounds on pairs": ("single-pair", (*TRAINS, NEVER, soft(MEASURED, states=20))),
    "soft bounds on two pairs": (
        "hybrid-synapse", (*TRAINS, NEVER, soft(MEASURED), "selector.threshold=99 %", "phases.0.epochs=4"),
    ),
    "soft bounds": ("single-pair", single(soft(MEASURED, BEGUN, states=20))),
    "soft bounds, many pulses": (
        "single-pair", single(soft(MEASURED, BEGUN, states=2000), "learning_rate.sgd=1"),
    ),
    "soft bounds, all alike": ("single-pair", single(soft(BEGUN, "asymmetry: 0.5"))),
    "soft bounds, steps that vary": (
        "single-pair", single(soft(BEGUN, "step_variation: 300 %", "step_spread: 20 %", states=9)),
    ),
    "soft bounds, write noise": ("single-pair", single(soft(BEGUN, "write_noise: 100 %", "corrupt_cells: 50 %"))),
    "soft bounds, row by row": ("single-pair", single(soft(MEASURED, BEGUN), COUNTED)),
    "soft bounds, inputs of either sign, noise": (
        "single-pair",
        single(soft(MEASURED, BEGUN), "network.inputs=minus-one-to-one", "tile.backward.adc.noise=0.2"),
    ),
    "soft bounds, three layers on small tiles": (
        "single-pair",
        single(
            soft(MEASURED, BEGUN), "network.layers=[784, 9, 8, 10]", "tile.rows=200", "tile.columns=4",
            "tile.backward.scaling=maximum",
        ),
    ),
    "exponential steps on pairs": ("single-pair", (*TRAINS, NEVER, exponential(MEASURED, states=20))),
    "exponential steps": ("single-pair", single(exponential(MEASURED, BEGUN, states=20))),
    "exponential steps, many pulses": (
        "single-pair", single(exponential(MEASURED, BEGUN, states=2000), "learning_rate.sgd=1"),
    ),
    "exponential steps, all alike": ("single-pair", single(exponential(BEGUN, "asymmetry: 0.5"))),
    "exponential steps, in proportion": (
        "single-pair", single(exponential(BEGUN, "step_variation: 300 %", "variation_form: proportional", states=9)),
    ),
    "exponential steps, log-normal, many pulses": (
        "single-pair",
        single(
            exponential(BEGUN, "step_variation: 90 %", "variation_form: log-normal", "corrupt_cells: 20 %", "write_noise: 50 %"),
            "learning_rate.sgd=1",
        ),
    ),
    "piecewise": (
        "single-pair",
        single(
            soft(MEASURED, BEGUN, "steps_up: [1.6, 1, 0.4]", states=40).replace("soft-bounds", "piecewise"),
            "learning_rate.sgd=1",
        ),
    ),
    "powers": (
        "single-pair",
        single(
            soft(MEASURED, BEGUN, "gamma_up: 1.7, gamma_down: 0.5", states=40).replace("soft-bounds", "power-step"),
            "learning_rate.sgd=1",
        ),
    ),
    "table": (
        "single-pair",
        single(
            f"device={{kind: step-table, states: 60, {TWO_WAYS}, {BEGUN}, step_spread: 30 %, "
            "up: [{conductance: 2 uS, change: 0.5 uS, deviation: 0.2 uS}, {conductance: 9 uS, change: 0.4 uS}, "
            "{conductance: 20 uS, change: 0.1 uS}], "
            "down: [{conductance: 2 uS, change: -0.1 uS}, {conductance: 20 uS, change: -0.5 uS, deviation: 0.1 uS}]}",
            "learning_rate.sgd=1",
        ),
    ),
    "exponential steps that only a reset takes back": ("single-pair", (*TRAINS, RAISED, *RESETS[1:])),
    "cells beside references of their own": ("analog-sgd", ()),
    "cells beside references of their own, many pulses": (
        "analog-sgd", ("device.states=400", "learning_rate.sgd=1", "tile.columns=4", "tile.backward.adc.noise=0.2"),
    ),
    "single cells that are all alike": ("single-pair", single(STEPS)),
    "single cells with spreads": ("single-pair", single(SPREAD_STEPS)),
    "single cells, rounded": ("single-pair", single(SPREAD_STEPS, ROUNDED, "learning_rate.sgd=1")),
    "single cells, row by row": ("single-pair", single(SPREAD_STEPS, COUNTED, "learning_rate.sgd=1")),
    "single cells, cell by cell at random": ("single-pair", single(SPREAD_STEPS, COUNTED_AT_RANDOM)),
}  # fmt: skip
"""Chip and overrides; together they take every way through the loop."""


def trained(monkeypatch, chip, sets, *, loops, workload="mnist-5k"):
    """What a run leaves, how many epochs of it were trained by loops, and the network's state."""
    taken, networks = [], []

    def counted(network, *, most):
        loop = loop_of(network, most=most) if loops else None
        taken.append(loop is not None)
        networks.append(network)
        return loop

    monkeypatch.setattr(training, "loop_of", counted)
    result = simulate(chip, workload, sets=list(sets))
    return result, sum(taken), networks[-1].state() if networks else {}


def assert_equal(monkeypatch, *given, by_loops_at_all=True, **named):
    """Curves, ledger, wear, losses, warnings and the whole state are the same; every epoch was trained by loops."""
    by_steps, none, state = trained(monkeypatch, *given, loops=False, **named)
    by_loops, epochs, looped = trained(monkeypatch, *given, loops=True, **named)
    assert (none, epochs) == (0, len(by_loops.epochs) if by_loops_at_all else 0)
    for name in ("epochs", "tasks", "arrays", "losses", "ledger"):
        assert getattr(by_loops, name) == getattr(by_steps, name), name
    assert by_loops.summary["warnings"] == by_steps.summary["warnings"]
    for one, other in zip(by_loops.wear, by_steps.wear, strict=True):
        assert np.array_equal(one.pulses, other.pulses)
        assert np.array_equal(one.resets, other.resets)
    assert differing(state, looped) == []


@pytest.mark.parametrize("case", CASES)
def test_loops_leave_what_steps_leave(monkeypatch, case):
    """Whatever the synapse, the converters, the layers and the digital unit are."""
    chip, sets = CASES[case]
    assert_equal(monkeypatch, chip, [*SHORT, *sets])


def test_frozen_layers_are_read_and_not_pulsed(monkeypatch, tmp_path):
    """Errors end at the first layer that learns, and nothing is charged before it but reads."""
    weights = np.random.default_rng(0).normal(0, 0.1, (784, 9))
    np.savez(tmp_path / "weights.npz", first=weights)
    layers = [784, {"kind": "dense", "units": 9, "name": "first", "frozen": True}, 8, 10]
    network = DOCUMENT["network"] | {"layers": layers, "weights": "weights.npz"}
    work = workload_from_document(DOCUMENT | {"network": network}, file=str(tmp_path / "mine.yaml"))
    sets = [one for one in (*SHORT, *TRAINS) if not one.startswith("network.layers")]
    assert_equal(monkeypatch, "hybrid-synapse", sets, workload=work)


def late_pixel(data):
    """The pixel that is lit later than all others in the order of seed 0, and the sample that lights it."""
    order = generator(0, "data").permutation(len(data.train_labels))
    lit = data.train_images[order] != 0
    first = np.where(lit.any(axis=0), lit.argmax(axis=0), -1)
    return int(first.argmax()), int(first.max())


def ends(monkeypatch, *, loops, row, also=()):
    """How training ends where a row of the first tile conducts no number, and what it leaves of the books."""
    monkeypatch.setattr(training, "_AT_ONCE", 64)
    monkeypatch.setattr(training, "loop_of", loop_of if loops else lambda *_, **__: None)
    setup = prepare("single-pair", "mnist-5k", sets=[*SHORT, *CASES["ideal converters"][1], *also])
    run = Training(setup.rule, Executor(setup.chip), seed=0)
    run.begin(seed=0)
    data = load("mnist-5k", train=150, test=1)
    # Ideal converters pass on what is no number.
    setup.chip.tiles[0].carrier.pairs[0].cells[0].conductance[row] = np.nan
    with pytest.raises(DivergedError) as caught, np.errstate(all="ignore"):
        run.run_phase(setup.workload.spec.phases[0], data, batch=1, epochs=1)
    return str(caught.value), run.steps, list(run.ledger())


def test_a_tile_that_cannot_be_driven_ends_both_in_the_middle_of_a_sample(monkeypatch):
    """The first layer gives no number in the second loop, and the second layer's tile refuses it."""
    pixel, sample = late_pixel(load("mnist-5k", train=150, test=1))
    by_steps = ends(monkeypatch, loops=False, row=pixel)
    by_loops = ends(monkeypatch, loops=True, row=pixel)
    assert by_loops == by_steps
    assert by_loops[0].startswith("tile1: what the forward pass drives it with is no finite number")
    assert by_loops[1] == sample > 64


@pytest.mark.parametrize("every", [50, 1])
def test_a_loss_that_is_none_ends_both_after_its_sample(monkeypatch, every):
    """With a single layer nothing is driven backwards: the cells have had their pulses, which are charged.

    Pairs are brought back into range after that sample as after any other.
    """
    sets = ["device.states=8", f"update.recentre.every={every}", "update.recentre.headroom=0 %"]
    pixel, sample = late_pixel(load("mnist-5k", train=150, test=1))
    by_steps, by_loops = (
        ends(monkeypatch, loops=loops, row=pixel, also=["network.layers=[784, 10]", *sets])
        for loops in (False, True)
    )
    assert by_loops == by_steps
    assert by_loops[0].startswith(
        f"epoch 1, step {sample + 1}: weights of tile0 are no finite numbers any more"
    )
    assert by_loops[1] == sample + 1 > 64


RECENTRED = ("device.states=8", "update.recentre.every=1", "update.recentre.headroom=0 %", "learning_rate=1")


def recentred(monkeypatch, *, loops):
    """A run that looks after its cells at every sample: its first step, its resets, and its pulses."""
    monkeypatch.setattr(training, "loop_of", loop_of if loops else lambda *_, **__: None)
    setup = prepare("single-pair", "mnist-5k", sets=[*SHORT, *TRAINS, *RECENTRED])
    run = Training(setup.rule, Executor(setup.chip), seed=0)
    run.begin(seed=0)
    data = load("mnist-5k", train=60, test=1)
    run.run_phase(setup.workload.spec.phases[0], data, batch=1, epochs=1)
    resets = [int(worn.resets.sum()) for tile in setup.chip.tiles for worn in tile.wear()]
    return run.first_step, resets, list(run.ledger())


def test_the_first_step_has_what_came_after_its_sample(monkeypatch):
    """Pairs that are brought back into range after the very first sample belong to its step."""
    by_steps, by_loops = (recentred(monkeypatch, loops=loops) for loops in (False, True))
    assert by_loops == by_steps
    assert sum(by_loops[1]) > 0


class OwnCell(LinearStep):
    """Pulses that half of the time do nothing."""

    def pulse(self, cells, hits, *, rng):
        """Every other hit."""
        return super().pulse(cells, Hits(hits.rows[::2], hits.columns[::2], hits.counts[::2]), rng=rng)


class OwnEncoder(Encoder):
    """Rounds as ever, and is asked as ever."""


class OwnTile(ResistiveTile):
    """Reads as ever, and is asked as ever."""


class ListedTile(ResistiveTile):
    """Reads as ever, and says so."""

    def listed(self, table, use):
        """As a shipped tile."""
        return list_resistive(self, table, use)


def test_a_tile_of_ones_own_is_taken_where_it_says_how():
    """Loops ask what a tile can say, not which tile it is."""
    setup = prepare("single-pair", "mnist-5k", sets=SHORT)
    setup.rule.begin(seed=0)
    before = setup.rule.state()
    for kind, taken in ((OwnTile, False), (ListedTile, True)):
        setup.chip.tiles[1].__class__ = kind
        assert (loop_of(setup.rule, most=64) is not None) == taken
    assert differing(before, setup.rule.state()) == []


@pytest.mark.parametrize("own", ["cell", "encoder", "network", "rule"])
def test_what_is_made_of_shipped_parts_is_asked_for_every_sample(monkeypatch, own):
    """It may act in another way, which the compiled loop would not know."""
    setup = prepare("single-pair", "mnist-5k", sets=SHORT)
    tile, network = setup.chip.tiles[0], setup.rule
    network.begin(seed=0)
    assert loop_of(network, most=64) is not None
    if own == "cell":
        pair = tile.carrier.pairs[0]
        pair.device = OwnCell(**attrs.asdict(pair.device))
    elif own == "encoder":
        tile.changes._encoder.__class__ = OwnEncoder
    elif own == "network":
        network.__class__ = type("OwnNetwork", (Network,), {})
    else:
        network.learner.__class__ = type("OwnRule", (type(network.learner),), {})
    assert loop_of(network, most=64) is None


def noisy():
    """A network that was begun on a chip with noisy converters."""
    sets = [*SHORT, *CASES["noisy converters"][1], *SPREAD]
    setup = prepare("hybrid-synapse", "mnist-5k", sets=sets)
    setup.rule.begin(seed=0)
    setup.rule.begin_phase(setup.workload.spec.phases[0])
    return setup.rule


def asked(network, train, *, ask):
    """What samples leave that are trained twenty by twenty: losses, what was lost where that is asked, the state."""
    data = load("mnist-5k", train=60, test=1)
    losses, lost = [], []
    for start in range(0, 60, 20):
        chosen = slice(start, start + 20)
        losses += train(data.train_images[chosen], data.train_labels[chosen])
        lost += network.chip.lost() if ask else []
    return losses, lost, network.state()


@pytest.mark.parametrize("ask", [False, True])
def test_a_loop_stays_good_when_another_is_made_and_when_somebody_asks_what_was_lost(ask):
    """Its noise is its own, and it counts in the arrays that are asked."""
    by_steps, by_loops = noisy(), noisy()
    loop = loop_of(by_loops, most=20)
    assert loop_of(by_loops, most=20) is not loop

    def steps(images, labels):
        each = [slice(place, place + 1) for place in range(len(labels))]
        return [by_steps.step(images[one], labels[one]).loss for one in each]

    expected = asked(by_steps, steps, ask=ask)
    found = asked(by_loops, lambda images, labels: loop.train(images, labels).losses, ask=ask)
    assert found[:2] == expected[:2]
    # The rule counts its samples where they are charged.
    assert differing(expected[2]["chip"], found[2]["chip"]) == []


@pytest.mark.parametrize(
    "why",
    [
        ("hybrid-synapse", "batch=5"),
        ("digital-fp32", "batch=1"),
        ("hybrid-synapse", "digital.arithmetic=float-16"),
    ],
)
def test_who_cannot_loop_is_trained_step_by_step(monkeypatch, why):
    """Batches, digital lanes, formats that round in another way."""
    chip, also = why
    _, epochs, _ = trained(monkeypatch, chip, [*SHORT, also], loops=True)
    assert epochs == 0


@pytest.mark.parametrize(("energy", "loops"), [("0.013579 nJ", True), ("1.0000000001 uJ", False)])
def test_drivers_take_what_they_take_in_steps(monkeypatch, energy, loops):
    """Up to what a double has exactly, in loops; where it would be rounded, step by step."""
    sets = [*SHORT, *TRAINS, f"costs.write_driver.energy={energy}", "costs.write_driver.line_cells=7"]
    by_loops, epochs = trained(monkeypatch, "single-pair", sets, loops=True)[:2]
    by_steps = trained(monkeypatch, "single-pair", sets, loops=False)[0]
    assert (epochs > 0) == loops
    assert by_loops.ledger == by_steps.ledger


def test_a_large_network_takes_fewer_samples_at_once(monkeypatch):
    """As many weights as a loop may take in all make it one sample; half of them, two."""
    network = prepare("single-pair", "mnist-5k", sets=SHORT).rule
    network.begin(seed=0)
    weights = 785 * 9 + 10 * 10
    for work, samples in ((weights - 1, 1), (2 * weights, 2), (10 * weights, 4)):
        monkeypatch.setattr(loop, "_WORK", work)
        assert loop_of(network, most=4).samples_at_once() == samples
