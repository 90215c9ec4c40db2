"""What a serial update sends over the links: the count of every crossing, not inputs and errors."""

from chipsim.parts.program import operations_of
from chipsim.run import prepare


def transfers(architecture):
    """Bits of every transfer to a tile in the update of the first layer, by where they come from."""
    rule = prepare(architecture, "mnist-5k", seed=None).rule
    program = rule.learner.typical(0, 1).tiles
    return {(op.part, op.target): op["bits"] for op, _ in operations_of(program) if op.action == "transfer"}


def test_trains_need_inputs_and_errors_at_the_tile():
    """785 inputs of 8 bits, and 250 errors of 8 bits and a sign."""
    assert transfers("single-pair") == {("buffer", "tile0"): 785 * 8, ("digital", "tile0"): 250 * 9}


def test_counted_pulses_are_sent_crossing_by_crossing():
    """Up to 31 pulses are 5 bits, and one more says which array: 6 bits for each of 785 x 250 crossings."""
    expected = {("buffer", "digital"): 785 * 8, ("digital", "tile0"): 785 * 250 * 6}
    assert transfers("single-pair-rowwise") == transfers("single-pair-cellwise") == expected
