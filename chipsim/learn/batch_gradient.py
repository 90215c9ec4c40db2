"""What a digital unit does to add up the gradient of a batch, whatever a rule makes of it."""

from __future__ import annotations

from typing import Any

from chipsim.chip.chip import Chip
from chipsim.net.matrix import Matrix
from chipsim.parts.program import Program

__all__ = ["gradient_of_batch"]


def gradient_of_batch(chip: Chip, matrix: Matrix[Any], *, batch: int) -> tuple[Program, Program, Program]:
    """A layer's operands read from the buffer and moved to the digital unit, and the products added up there.

    Parameters
    ----------
    chip, matrix
        Where, and of which layer.
    batch
        Samples.
    """
    vectors = batch * matrix.patches
    # Fetched once for all weights: the digital unit is taken to hold a batch's inputs and errors.
    inputs, errors = matrix.shape[0] * matrix.input_bits, matrix.shape[1] * matrix.error_bits
    operands = vectors * (inputs + errors)
    # Gradients are added up weight by weight, so they need no memory of their own. Zeros are multiplied like
    # any others, though the simulator skips them.
    products = vectors * matrix.weights_in_use
    added = chip.digital.compute("gradient", add=products, multiply=products)
    return chip.buffer.read(operands), chip.move(chip.buffer, chip.digital, operands), added
