"""What a batch keeps in the buffer: activations and errors of every sample, until its update reads them."""

from collections import Counter

from chipsim.parts.program import operations_of
from chipsim.run import prepare


def buffer_bits(batch):
    """Bits written to and read from the buffer in one step, for each sample."""
    rule = prepare("hybrid-synapse", "mnist-5k", sets=[f"batch={batch}"], seed=None).rule
    bits = Counter()
    for op, times in operations_of(rule.typical_step(batch)):
        if op.part == "buffer" and op.action in {"read", "write"}:
            bits[op.action] += op["bits"] * times
    return {action: total / batch for action, total in bits.items()}


def test_one_sample_stores_inputs_and_activations():
    """784 inputs and 250 activations are written; each layer's inputs are read forwards and for the update.

    The bias is a constant, which is read like an input and never written.
    """
    inputs = 785 + 251
    assert buffer_bits(1) == {"write": 8 * (784 + 250), "read": 8 * 2 * inputs}


def test_a_batch_stores_errors_too():
    """The errors of 10 outputs and 250 hidden units wait in the buffer, and are read by the updates."""
    inputs, errors = 785 + 251, (10 + 250) * 9  # 8 bits and a sign
    assert buffer_bits(8) == {"write": 8 * (784 + 250) + errors, "read": 8 * 2 * inputs + errors}
