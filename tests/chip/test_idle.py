"""Tiles that a chip has and a network does not need."""

from chipsim.run import prepare


def test_idle_tiles_take_area_and_a_place_but_change_no_time():
    """Ten tiles are on the chip when ten are described, though the network fills two."""
    two, ten = (prepare("hybrid-synapse", "mnist-5k", sets=[f"tile.count={n}"], seed=None) for n in (2, 10))
    tile = [name for name in ten.chip.parts if name.startswith("tile9.")]
    assert len(tile) == 9  # four arrays, two banks of DACs and of ADCs, drivers
    one_tile = sum(ten.chip.parts[name].area for name in [*tile, "tile9"])
    assert ten.chip.area - two.chip.area == 8 * one_tile
    assert "tile9" in ten.chip.graph
    assert ten.rule.typical_step(1) == two.rule.typical_step(1)
