"""A layer larger than a tile is split; on an ideal chip that changes time and traffic, not numbers."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from chipsim.learn.outer_products import OuterProducts
from chipsim.net.placing import place
from chipsim.parts.program import operations_of
from chipsim.run import simulate
from chipsim.run.execute import execute
from chipsim.spec.costs import ConverterCost
from chipsim.spec.workload import NetworkSpec
from chipsim.tile.passes import Adc, Dac, Pass
from tests import made
from tests.made import ADC, BITS, CLOCK, CYCLE, DAC, HOP, READ, SAMPLE, SRAM

F = np.float32
SIZES = (7, 5)
TILES = [(7, 5), (4, 5), (7, 3), (3, 2), (1, 1), (64, 64)]


def dyadic(shape, *, seed=0):
    """Multiples of 1/8 up to one: their products with weights in 64ths, and all sums of them, are exact."""
    return (np.random.default_rng(seed).integers(-8, 9, shape) / 8).astype(F)


def one_layer(spec, sizes=SIZES):
    """A layer with its initial weights written."""
    return made.begun(spec, sizes, spread=0.4).matrices[0]


def resistive(rows, columns):
    """A chip of ideal cells with tiles of this size."""
    return made.chip(tile=made.crossbar(rows, columns))


def digital(rows, columns):
    """A digital chip with tiles of this size."""
    return made.mac_chip(rows=rows, columns=columns)


def test_a_result_says_where_blocks_stand():
    """Columns first, rows within them: what each tile carries, counted in weights, the bias with its layer."""
    sets = ["network.layers=[784, 3, 10]", "tile.rows=500", "tile.columns=6", "phases.0.dataset.train=2"]
    result = simulate("digital-fp32", "mnist-5k", sets=sets, epochs=1, timing_only=True)
    placed = [attrs.astuple(block)[:6] for block in result.placement]
    assert {(block.role, block.group) for block in result.placement} == {("weight", "")}
    assert placed == [
        ("tile0", 1, 0, 0, 500, 3), ("tile1", 1, 500, 0, 285, 3), ("tile2", 2, 0, 0, 4, 6), ("tile3", 2, 0, 6, 4, 4)
    ]  # fmt: skip


@pytest.mark.parametrize("tile", TILES)
def test_split_layers_read_the_same(tile):
    """With exact sums the order of adding does not matter: forward and backward agree to the last bit."""
    whole, split = one_layer(resistive(64, 64)), one_layer(resistive(*tile))
    assert len(split.blocks) == -(-SIZES[0] // tile[0]) * -(-SIZES[1] // tile[1])
    assert np.array_equal(whole.weights(), split.weights())
    x, d = dyadic((3, SIZES[0])), dyadic((3, SIZES[1]))
    assert np.array_equal(whole.forward(x)[0], split.forward(x)[0])
    assert np.array_equal(whole.backward(d)[0], split.backward(d)[0])
    assert np.allclose(whole.forward(x)[0], x @ whole.weights(), rtol=0, atol=1e-6)
    assert np.allclose(whole.backward(d)[0], d @ whole.weights().T, rtol=0, atol=1e-6)


@pytest.mark.parametrize("tile", TILES)
@pytest.mark.parametrize("kind", ["parallel-pulses", "row-by-row", "cell-by-cell"])
def test_split_layers_are_updated_the_same(tile, kind):
    """A crossing's pulses depend on its own input and error only, wherever its cell sits."""
    update = made.update_by(kind=kind, encoding="deterministic", slots=63)
    layers = [one_layer(made.chip(tile=made.crossbar(*size), update=update)) for size in ((64, 64), tile)]
    for step in range(5):
        x, d = dyadic(SIZES[0], seed=step), dyadic(SIZES[1], seed=step + 100)
        for layer in layers:
            OuterProducts(layer).update(x, d, rate=0.3)
    assert np.array_equal(layers[0].weights(), layers[1].weights())


@pytest.mark.parametrize("tile", TILES)
def test_split_digital_layers_are_the_same(tile):
    """Weights and updates of a split layer in memory; sums agree up to the order of adding.

    Adding m numbers of magnitude below s in another order differs by at most m x 2^-23 x m s.
    """
    whole, split = one_layer(digital(64, 64)), one_layer(digital(*tile))
    x, d = dyadic((1, SIZES[0])), dyadic((1, SIZES[1]))
    for layer in (whole, split):
        OuterProducts(layer).update(x[0], d[0], rate=0.3)
    assert np.array_equal(whole.weights(), split.weights())
    bound = SIZES[0] ** 2 * 2.0**-23 * np.abs(whole.weights()).max()
    assert np.abs(whole.forward(x)[0] - split.forward(x)[0]).max() <= bound
    assert np.abs(whole.backward(d)[0] - split.backward(d)[0]).max() <= bound


def test_partial_sums_and_traffic_are_charged():
    """7 x 5 on tiles of 4 x 3: four blocks, their traffic, and one addition an output and an input."""
    layer = one_layer(resistive(4, 3))
    assert [block.tile.shape for block in layer.blocks] == [(4, 3), (3, 3), (4, 2), (3, 2)]
    forward = execute(layer.chip, layer.typical("forward")).ledger
    backward = execute(layer.chip, layer.typical("backward")).ledger
    # Inputs go to the tiles of both column blocks, results of both row blocks come back.
    assert forward.by_part()["bus"].bits == (2 * 7 + 2 * 5) * BITS
    assert forward.by_part()["bus"].count == 8
    assert forward.by_part()["buffer"].bits == 7 * BITS
    assert forward.by_action()["partial-sums"].count == 5
    assert forward.by_action()["partial-sums"].energy_aj == 5 * 11
    # Errors have a sign.
    assert backward.by_part()["bus"].bits == 2 * 5 * (BITS + 1) + 2 * 7 * BITS
    assert backward.by_action()["partial-sums"].count == 7


def test_scaled_errors_are_scaled_back_block_by_block():
    """7 x 5 on tiles of 4 x 3: two blocks of columns, each scaled by its own maximum and back on all rows."""
    spec = made.chip(tile=made.crossbar(4, 3, backward=made.one_pass(scaling="maximum")))
    backward = execute((layer := one_layer(spec)).chip, layer.typical("backward")).ledger
    # Five errors are compared and scaled; each of the two blocks scales seven results back.
    assert backward.by_action()["scale"].count == 2 * 5 + 2 * 7


def test_bits_on_links_are_those_of_the_direction():
    """Converters of 4 bits forwards and 7 and 5 backwards: each direction moves words of its own, errors a sign."""
    wide = Pass(dac=Dac(bits=7, ideal=True), adc=Adc(bits=5, range=8.0, ideal=True))
    more = [ConverterCost(bits=bits, time=1, energy=1, area=1) for bits in (4, 5, 7)]
    costs = attrs.evolve(made.COSTS, dac=tuple(more), adc=tuple(more))
    spec = made.chip(tile=made.crossbar(8, 8, backward=wide))
    layer = made.rule_on(spec, SIZES, costs=costs).matrices[0]

    def moved(program):
        return execute(layer.chip, program).ledger.by_part()["bus"].bits

    assert moved(layer.typical("forward")) == 7 * BITS + 5 * BITS
    assert moved(layer.typical("backward")) == 5 * (7 + 1) + 7 * 5
    assert moved(OuterProducts(layer).typical()) == 7 * BITS + 5 * (7 + 1)


def test_time_of_a_split_forward_pass():
    """Two row blocks on a bus: inputs one after the other, reads overlap, results one after the other.

    4 and 3 inputs of 4 bits are two cycles each, 5 results three. The second tile starts one transfer
    later, and its result waits for nothing: the bus has been free since the first result passed.
    """
    layer = one_layer(resistive(4, 8))
    there, back = HOP + 2 * CYCLE, HOP + 3 * CYCLE
    read = DAC + READ + SAMPLE + ADC
    fetch = -(-7 * BITS // 8) * SRAM
    adds = 2 * CLOCK  # five additions on four lanes
    first_back = there + read + back
    second_back = max(2 * there + read, first_back) + back
    assert execute(layer.chip, layer.typical("forward")).elapsed == fetch + second_back + adds


def test_unsplit_layers_need_no_partial_sums():
    """No addition is charged where one tile holds the layer."""
    layer = one_layer(resistive(8, 8))
    for action in ("forward", "backward"):
        actions = {op.action for op, _ in operations_of(layer.typical(action))}
        assert "partial-sums" not in actions


def test_tiles_that_are_split_train_like_whole_ones():
    """A digital network of one output column a tile: forward sums are not cut, so all agrees to the bit.

    Rows are not cut, so each weighted sum keeps its order; only the second layer's backward sums are cut
    into single columns, and adding one column after another from zero is the order of the whole tile.
    """
    whole, split = (made.trained(digital(64, columns), (6, 4, 3), epochs=2) for columns in (64, 1))
    for one, other in zip(whole.weights, split.weights, strict=True):
        assert np.array_equal(one, other)


def test_random_trains_of_split_layers_differ():
    """Each tile draws its own trains: split and whole are different chips when updates are random."""
    update = made.update_by(kind="parallel-pulses", encoding="stochastic", slots=31)
    whole, split = (
        made.trained(made.chip(tile=made.crossbar(rows, 8), update=update), (6, 3)).weights[0]
        for rows in (8, 3)
    )
    assert not np.array_equal(whole, split)


@pytest.mark.parametrize(
    ("rows", "columns", "count"), [(3, 2, 3 * 3 + 2 * 1), (7, 5, 1 + 1), (1, 1, 35 + 10)]
)
def test_blocks_cover_each_layer_once(rows, columns, count):
    """Every weight lies in exactly one block, and no block is larger than a tile."""
    chip = made.chip(tile=made.crossbar(rows, columns))
    placement = place(NetworkSpec(layers=(7, 5, 2), bias=False), chip)
    assert len(placement.cuts) == count
    for index, stage in enumerate(placement.stages):
        covered = np.zeros((stage.rows, stage.columns), int)
        for cut in placement.cuts:
            if cut.seat.layer == index:
                covered[cut.rows, cut.columns] += 1
        assert (covered == 1).all()
    assert all(height <= rows and width <= columns for height, width in placement.tile_shapes)
