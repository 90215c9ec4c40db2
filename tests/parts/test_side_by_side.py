"""Matrices side by side on one array: one at a time, one set of what drives and reads rows, one area."""

from __future__ import annotations

import attrs
import pytest

from chipsim.parts.program import operation, parallel
from chipsim.parts.transfer import Transfer
from chipsim.run import prepare
from chipsim.run.execute import execute
from chipsim.spec import rules
from chipsim.spec.kinds import shipped_kind
from chipsim.spec.levels import MemorySpec
from tests import made


def chip_of(*, beside=True, columns=2, kind="tiki-taka-v2", rows=8):
    """Gradients and weights of 8 x 2 on single cells."""
    tile = attrs.evolve(made.crossbar(rows, columns), side_by_side=beside)
    return made.single(
        tile=tile, selector=Transfer(), memory=MemorySpec(banks=2, width=made.WIDTH),
        rule=shipped_kind("rule", kind)(),
    )  # fmt: skip


def built(layers=(8, 2), **how):
    """The chip, built, with a network on it."""
    return made.rule_on(chip_of(**how), layers).chip


def areas(chip):
    """Area of each part inside tiles."""
    return {inner.name: inner.area for tile in chip.tiles for inner in tile.part().parts_inside()}


def test_one_matrix_at_a_time():
    """Read side by side two tiles take the time of one, on one array that of both; the ledger names each."""
    apart, beside = built(beside=False), built()
    both = parallel(operation(tile, "forward", rows=8, columns=2) for tile in ("tile0", "tile1"))
    one = execute(apart, operation("tile0", "forward", rows=8, columns=2)).elapsed
    assert execute(apart, both).elapsed == one
    timed = execute(beside, both)
    # The second is driven as soon as the first has been sampled, and converted by converters of its own.
    assert one < timed.elapsed <= 2 * one
    assert {name for name in timed.ledger.by_part() if name.endswith("cells")} == {
        "tile0.cells",
        "tile1.cells",
    }
    assert "tile1.dac" not in timed.ledger.by_part()


def test_rows_are_there_once():
    """DACs and drivers of rows, and what reads them, belong to the first; columns have their own."""
    apart, beside = areas(built(beside=False)), areas(built())
    gone = {"tile1.dac", "tile1.back-adc"}
    assert apart.keys() - beside.keys() == gone
    kept = {name: area for name, area in apart.items() if name not in gone and name != "tile1.driver"}
    assert {name: area for name, area in beside.items() if name != "tile1.driver"} == kept
    # Eight rows and two columns have a driver each; of the second array the columns alone.
    assert beside["tile1.driver"] * 5 == apart["tile1.driver"]


def test_cells_of_the_other_take_current():
    """A row of two weights feeds two cells of the other matrix, which are taken to conduct as fresh ones do."""
    device = made.both_ways(off_conductance=0.25)
    fields = attrs.evolve(chip_of(), device=device), attrs.evolve(chip_of(beside=False), device=device)
    beside, apart = (made.rule_on(spec, (8, 2)).chip.tiles[0] for spec in fields)
    assert (beside.unused, apart.unused) == ((2, 0), (0, 0))
    more = beside.carrier.row_sums - apart.carrier.row_sums
    assert more.tolist() == [[0.5] * 8]


@pytest.mark.parametrize("layers", [(8, 2), (11, 5, 3)])
def test_it_learns_what_tiles_apart_learn(layers):
    """Also where layers are cut into several tiles; the numbers are the same, and time is not."""
    data = made.digits(layers[0], layers[-1])
    beside, apart = (made.trained(chip_of(beside=one), layers, data=data) for one in (True, False))
    for ours, theirs in zip(beside.weights, apart.weights, strict=True):
        assert (ours == theirs).all()
    assert beside.training.epochs[-1].simulated_time_ps >= apart.training.epochs[-1].simulated_time_ps


def test_nothing_lies_beside_where_there_is_one_matrix():
    """A rule with one matrix for a layer, and groups that part them."""
    told = [fault.message for fault in rules.of_chip(chip_of(kind="outer-product-sgd"))]
    assert told == [
        "the matrices of a layer are one (outer-product-sgd): nothing lies beside another; leave side_by_side out"
    ]
    plain = chip_of()
    spec = made.grouped(plain, weights=(plain, "all", "weight"), gradients=(plain, "all", "gradient"))
    told = {fault.message for fault in rules.of_chip(spec)}
    assert any("stand on groups of their own" in message for message in told)


def test_the_array_of_the_paper():
    """Eight rows, two columns for each of two matrices."""
    chip = prepare("tiki-taka-8x4", "reduced-mnist").chip
    assert [tile.shape for tile in chip.tiles] == [(8, 2), (8, 2)]
    assert chip.tiles[1].server is chip.tiles[0].server
