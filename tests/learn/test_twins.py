"""Training on a chip gives, bit for bit, the weights of a naive loop that knows nothing of chips."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from chipsim.device.ideal import Ideal
from chipsim.spec.chip import (
    DigitalUnitSpec,
)
from chipsim.spec.workload import NormalisationSpec
from chipsim.synapse.digital import Digital
from chipsim.update.update import Recentre
from tests import made
from tests.twins import AdamTwin, CrossbarTwin, DigitalTwin

LAYERS = (6, 5, 3)
NORMALISED = NormalisationSpec(state="shared", momentum=0.25)
ODD = {"on_conductance": 20.3e-6, "off_conductance": 1.7e-6}
"""Conductances that no binary fraction holds, so that every rounding shows."""
EXACT = Ideal(states=4099, pulse_voltage=1.0, pulse_width=31, area=31, **ODD)
ROUNDING = made.update_by(kind="parallel-pulses", encoding="deterministic", slots=63)
TRAINS = made.update_by(kind="parallel-pulses", encoding="stochastic", slots=31)
RECENTRED = made.update_by(
    kind="parallel-pulses", encoding="stochastic", slots=31, recentre=Recentre(every=3, headroom=0.1)
)


def assert_same(run, twin):
    """Weights and accuracies are those of the twin, to the last bit."""
    for index, (ours, theirs) in enumerate(zip(run.weights, twin.weights(), strict=True)):
        np.testing.assert_array_equal(ours, theirs, err_msg=f"layer {index}")
    assert [row.train_accuracy_percent for row in run.training.epochs] == [
        100 * share for share in twin.accuracies
    ]


def both(spec, *, epochs=2, batch=1, twin=None, **how):
    """The same training on a chip and by its twin."""
    data = made.digits(LAYERS[0], LAYERS[-1])
    run = made.trained(spec, LAYERS, epochs=epochs, batch=batch, data=data, **how)
    mirror = twin or CrossbarTwin(LAYERS, spec=spec, **how)
    mirror.train(
        data, epochs=epochs, batch=batch, recentre_every=spec.update.recentred_every,
        threshold=getattr(spec.selector, "threshold", None),
    )  # fmt: skip
    assert_same(run, mirror)
    return run, mirror


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("batch", [1, 5])
def test_digital_chip_is_plain_gradient_descent(batch, bias):
    """Single-precision numbers in memory, over 72 samples, with a remainder of the last batch."""
    how = {"bias": bias, "seed": 3}
    both(made.mac_chip(), epochs=3, batch=batch, twin=DigitalTwin(LAYERS, **how), **how)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("batch", [1, 5])
def test_single_pair_of_ideal_cells(batch, bias):
    """Whole pulses, rounded to nearest, of exact steps."""
    both(made.chip(device=EXACT, update=ROUNDING), batch=batch, bias=bias)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("batch", [1, 5])
@pytest.mark.parametrize("synapse", ["digital", "single", "hybrid"])
def test_softmax_outputs_under_cross_entropy(synapse, batch, bias):
    """Logistic hidden units, a softmax of the last sums; with noisy cells and real converters where there are."""
    how = {"bias": bias, "loss": "cross-entropy"}
    if synapse == "digital":
        both(made.mac_chip(), epochs=3, batch=batch, twin=DigitalTwin(LAYERS, **how), **how)
        return
    tile = made.crossbar(
        forward=made.one_pass(ideal=False, reach=2.3),
        backward=made.one_pass(ideal=False, reach=1.1, scaling="maximum"),
    )
    make = made.chip if synapse == "single" else made.hybrid
    cells = made.finite(states=20, step_variation=0.34, **ODD)
    both(make(device=cells, update=ROUNDING, tile=tile), epochs=3, batch=batch, **how)


@pytest.mark.parametrize("kind", ["row-by-row", "column-by-column", "cell-by-cell"])
def test_serial_updates_change_the_same(kind):
    """Addressing rows or cells one after another changes the time, not the weights."""
    update = made.update_by(kind=kind, encoding="deterministic", slots=63)
    both(made.chip(device=EXACT, update=update))


BOTH_WAYS = made.both_ways(states=4099, asymmetry=0.73, **ODD)


@pytest.mark.parametrize("kind", ["parallel-pulses", "row-by-row", "cell-by-cell"])
@pytest.mark.parametrize("batch", [1, 5])
def test_single_cells_against_a_reference(batch, kind):
    """Cells of many states that step further up than down, in whole pulses of either polarity."""
    update = made.update_by(kind=kind, encoding="deterministic", slots=63)
    both(made.single(device=BOTH_WAYS, update=update), epochs=3, batch=batch, bias=True)


@pytest.mark.parametrize("loss", ["squared-error", "cross-entropy"])
def test_single_cells_of_few_states_at_real_converters(loss):
    """Trains on lines, bounds that clip at both ends, and numbers rounded on the way in and out."""
    tile = made.crossbar(
        forward=made.one_pass(ideal=False, reach=2.3),
        backward=made.one_pass(ideal=False, reach=1.1, scaling="maximum"),
    )
    cells = made.both_ways(states=21, asymmetry=0.73, **ODD)
    run, _ = both(made.single(device=cells, update=TRAINS, tile=tile), epochs=4, rate=2.0, loss=loss)
    ends = [np.abs(weights).max() for weights in run.weights]
    assert max(ends) == pytest.approx(1, rel=1e-6)


@pytest.mark.parametrize("kind", ["parallel-pulses", "row-by-row", "cell-by-cell"])
@pytest.mark.parametrize("asymmetry", [1, 0.73])
def test_cells_with_references_of_their_own(kind, asymmetry):
    """Soft bounds; symmetry points read by ideal converters, and references that are off."""
    update = made.update_by(kind=kind, encoding="deterministic", slots=63)
    cells = made.soft_bounds(states=211.3, asymmetry=asymmetry, **ODD)
    both(made.referred(device=cells, update=update, pairs=7, error=0.03), epochs=3, bias=True)


def test_references_that_converters_find():
    """Rounded readings, with noise, of few states; trains on lines."""
    tile = made.crossbar(
        forward=made.one_pass(ideal=False, reach=2.3, noise=0.4),
        backward=made.one_pass(ideal=False, reach=1.1, scaling="maximum"),
    )
    cells = made.soft_bounds(states=21.3, asymmetry=0.73, **ODD)
    both(made.referred(device=cells, update=TRAINS, tile=tile, error=0.1), epochs=4, rate=2.0)


@pytest.mark.parametrize(("pairs", "readings"), [(9, 2), (10, 5)])
def test_references_that_are_read_several_times(pairs, readings):
    """The mean of noisy readings after some pairs of pulses, or after each of the last half."""
    tile = made.crossbar(forward=made.one_pass(ideal=False, reach=2.3, noise=0.4))
    cells = made.soft_bounds(states=21.3, asymmetry=0.73, **ODD)
    spec = made.referred(device=cells, update=TRAINS, tile=tile, pairs=pairs, readings=readings, error=0.1)
    both(spec, epochs=2, rate=2.0)


def test_hybrid_switches_to_its_fine_pair():
    """A threshold that no gain reaches: the second epoch's end switches, the third trains the fine pair."""
    spec = made.hybrid(threshold=1.0, device=EXACT, update=ROUNDING)
    run, twin = both(spec, epochs=4)
    assert [row.target for row in run.training.epochs] == ["coarse", "coarse", "fine", "fine"]
    assert run.training.switch_epoch == 3
    assert twin.pair == 1
    assert any(array.pulses.any() for layer in twin.layers for array in layer.pairs[1])


@pytest.mark.parametrize("update", [ROUNDING, TRAINS], ids=["rounding", "trains"])
def test_hybrid_that_learns_its_fine_phase_more_slowly(update):
    """From the switch on the learning rate is multiplied; before it, it is what the workload says."""
    spec = made.hybrid(threshold=1.0, fine_rate=0.3, device=made.finite(states=20, **ODD), update=update)
    run, _ = both(spec, epochs=4, twin=CrossbarTwin(LAYERS, spec=spec, fine_rate=0.3))
    assert run.training.switch_epoch == 3
    faster, _ = both(attrs.evolve(spec, selector=attrs.evolve(spec.selector, fine_rate=1.0)), epochs=4)
    curves = [[row.loss for row in each.training.epochs] for each in (run, faster)]
    assert curves[0][:2] == curves[1][:2]
    assert curves[0][2:] != curves[1][2:]


def test_hybrid_that_never_switches():
    """A threshold below any loss keeps the fine pair untouched."""
    run, _ = both(made.hybrid(threshold=-1.0, device=EXACT, update=ROUNDING), epochs=3)
    assert run.training.switch_epoch is None
    assert not any(
        wear.pulses.any() for tile in run.chip.tiles for wear in tile.wear() if "fine" in wear.array
    )


@pytest.mark.parametrize("synapse", ["single", "hybrid"])
def test_coincidence_of_random_trains(synapse):
    """Trains of rows and columns drawn word by word overlap where the twin's, built slot by slot, do."""
    make = made.chip if synapse == "single" else made.hybrid
    both(make(device=EXACT, update=TRAINS), epochs=3)


@pytest.mark.parametrize("update", [ROUNDING, TRAINS], ids=["rounding", "trains"])
def test_noisy_bounded_cells(update):
    """Step variation draws one number a cell that is hit, in the order of rows; bounds clip."""
    both(made.chip(device=made.finite(states=20, step_variation=0.34, **ODD), update=update), epochs=3)


def test_recentring_resets_and_writes_back():
    """Every third sample, pairs that ran out of range are reset and pulsed back to their difference."""
    spec = made.chip(device=made.finite(states=6, step_variation=0.34, **ODD), update=RECENTRED)
    run, twin = both(spec, epochs=4, rate=2.0)
    for tile, layer in zip(run.chip.tiles, twin.layers, strict=True):
        for wear, array in zip(tile.wear(), layer.pairs[0], strict=True):
            assert np.array_equal(wear.pulses, array.pulses)
            assert np.array_equal(wear.resets, array.resets)
    assert sum(int(array.resets.sum()) for layer in twin.layers for array in layer.pairs[0]) > 0


@pytest.mark.parametrize("batch", [1, 5])
@pytest.mark.parametrize("noise", [0.0, 0.7])
def test_real_converters(batch, noise):
    """Quantised, clipped, noisy and rescaled on the way in and out, forwards and backwards."""
    tile = made.crossbar(
        forward=made.one_pass(ideal=False, reach=2.3, noise=noise),
        backward=made.one_pass(ideal=False, reach=1.1, noise=noise, scaling="maximum"),
    )
    both(made.chip(device=EXACT, update=ROUNDING, tile=tile), batch=batch, bias=True)


FORMATS = [
    Digital(arithmetic="fixed-8", weight_range=0.9, sum_range=3.0, rounding="stochastic"),
    Digital(arithmetic="fixed-16", weight_range=0.9, sum_range=3.0),
    Digital(arithmetic="fixed-16", weight_range=0.9, sum_range=3.0, rounding="stochastic"),
    Digital(arithmetic="fixed-32", weight_range=0.9, sum_range=3.0),
    Digital(arithmetic="float-16"),
    Digital(arithmetic="float-16", rounding="stochastic"),
]


@pytest.mark.parametrize("batch", [1, 5])
@pytest.mark.parametrize("synapse", FORMATS, ids=lambda synapse: f"{synapse.arithmetic}, {synapse.rounding}")
def test_number_formats_round_every_word(synapse, batch):
    """Weights, inputs, results and errors are words; products in between add up as they are."""
    how = {"bias": True, "seed": 3}
    spec = made.mac_chip(synapse=synapse)
    run, twin = both(spec, epochs=3, batch=batch, twin=DigitalTwin(LAYERS, synapse=synapse, **how), **how)
    plain = DigitalTwin(LAYERS, **how)
    assert not np.array_equal(twin.start[0], run.weights[0])
    assert not np.array_equal(plain.start[0], twin.weights()[0])


@pytest.mark.parametrize("unit", ["fixed-8", "fixed-16", "fixed-32", "float-16", "float-32"])
def test_digital_unit_rounds_activations_and_errors(unit):
    """Whatever the cells are: each activation and each error is a word of the unit's format."""
    spec = made.chip(device=EXACT, update=TRAINS, digital=DigitalUnitSpec(lanes=4, arithmetic=unit))
    both(spec, epochs=3, batch=5, bias=True)


NETWORKS = [
    {"activation": "relu", "loss": "cross-entropy"},
    {"activation": "relu", "loss": "squared-error", "bias": True},
    {"activation": "sign", "loss": "cross-entropy", "bias": True},
    {"activation": "tanh", "loss": "squared-error", "inputs": "minus-one-to-one"},
    {"activation": "identity", "loss": "cross-entropy"},
    {"activation": "logistic", "loss": "squared-error", "normalisation": NORMALISED},
    {"activation": "relu", "loss": "cross-entropy", "normalisation": attrs.evolve(NORMALISED, output=False)},
    {"activation": "sign", "loss": "cross-entropy", "normalisation": NORMALISED},
]


@pytest.mark.parametrize("net", NETWORKS)
@pytest.mark.parametrize("chip", ["digital", "pair", "real"])
def test_any_network_on_weights_that_change_in_place(chip, net):
    """Every activation, loss and normalisation, in batches with a remainder; numbers, ideal cells and real ones."""
    if chip == "digital":
        both(made.mac_chip(), epochs=3, batch=5, twin=DigitalTwin(LAYERS, **net), **net)
        return
    spec = made.chip(device=EXACT, update=ROUNDING, digital=made.unit("float-32"))
    if chip == "real":
        sides = {"forward": made.one_pass(ideal=False, reach=2.3, scaling="maximum")}
        tile = made.crossbar(backward=made.one_pass(ideal=False, reach=1.1, scaling="maximum"), **sides)
        cells = made.finite(states=20, step_variation=0.34, **ODD)
        spec = made.hybrid(device=cells, update=TRAINS, tile=tile, digital=made.unit("fixed-16"))
    both(spec, epochs=3, batch=5, **net)


@pytest.mark.parametrize("net", NETWORKS)
@pytest.mark.parametrize("batch", [1, 7])
def test_adam_on_digital_weights(batch, net):
    """Moments, their corrections and the step of every weight, scale and offset, with a remainder of the last batch."""
    if batch == 1 and "normalisation" in net:
        pytest.skip("a single sample has no variance")
    spec = made.adam_chip()
    run, _ = both(
        spec, epochs=3, batch=batch, rate=0.05, twin=AdamTwin(LAYERS, rule=spec.rule, rate=0.05, **net), **net
    )
    assert run.chip.digital.memory.used == spec.rule.memory_bits(spec, made.workload_of(LAYERS, **net))
