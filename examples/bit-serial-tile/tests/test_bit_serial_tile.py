"""The tile keeps what every tile owes to its chip, and adds up what its bits say."""

import numpy as np
from bit_serial_tile import BitSerial

import chipsim
from chipsim.run import prepare
from chipsim.spec import load_chip
from chipsim.testing import conform

chipsim.trust("bit_serial_tile")
FILE = "examples/bit-serial-tile/bit-serial.yaml"


def tile(*sets):
    """The first tile of the chip, with initial weights."""
    setup = prepare(load_chip(FILE, sets=sets), "mnist-5k", seed=1)
    setup.rule.begin(seed=1)
    return setup.chip.tiles[0]


def test_it_conforms():
    """Numbers, time, energy, wear, seeds, state and words."""
    assert conform(BitSerial, chips=3).failures == ()


def test_ideal_converters_give_the_words_of_the_inputs():
    """Bits of a word, each read exactly and shifted, are the word."""
    exact = tile("tile.forward.adc.ideal=true")
    x = np.random.default_rng(1).uniform(-1, 1, (5, 785)).astype(np.float32)
    words = np.rint(x * 255) / 255
    np.testing.assert_allclose(exact.forward(x).values, words @ exact.weights(), rtol=1e-4, atol=1e-4)


def test_a_pass_takes_a_cycle_for_each_bit():
    """Eight bits take twice as long as four, and drive the rows with as many of them."""
    took = {}
    for bits in (4, 8):
        setup = prepare(load_chip(FILE, sets=[f"tile.input_bits={bits}"]), "mnist-5k", seed=None)
        env, one = setup.chip.env, setup.chip.tiles[0]
        env.run(until=env.process(setup.chip.serve(one.typical("forward"))))
        took[bits] = env.now
    assert took[8] == 2 * took[4]
