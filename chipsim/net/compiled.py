"""Training sample by sample in one compiled loop: what :meth:`Network.step` does, with no Python in between.

The loop is made of the same compiled pieces as the step, which remains as its twin: weights, draws, losses
and books come out equal to the bit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chipsim.device.formats import onto_unit_grid
from chipsim.device.table import Places, floats_at, places_at, sums_at, tally_at
from chipsim.device.types import Floats, Tally, inlined, kernel
from chipsim.net.activations import activate, slope_at
from chipsim.net.adding import add_gradient
from chipsim.net.block import ARRAYS, END_COLUMN, END_ROW, FIRST_COLUMN, FIRST_ROW, TILE
from chipsim.net.losses import lose
from chipsim.net.transferring import signed, transfer_rows
from chipsim.tile.compiled import back_sample, read_sample, say_inputs, update_sample

__all__ = ["BACK", "BLOCK", "SAMPLE", "WHERE", "train_samples"]

SAMPLE, BLOCK, BACK = range(3)
"""Where a loop is: the sample; and, where it failed, the block and whether that was on the way back."""
WHERE = 3
"""Numbers that say where a loop is."""

(
    _OPTIONS, _BLOCKS, _LAYERS, _RATES, _UPDATES, _BEYOND, _INPUTS, _SUMS, _ERRORS, _ERRORS_BACK,
    _LEARNING, _LOSSES, _CORRECT, _ENERGIES, _PULSES, _VISITED,
) = range(16)  # fmt: skip
"""Arrays of a network, counted from where they begin in a table; the books of a loop are the last five."""
(_FIRST_LEARNING, _LOSS, _STEPS, _TRANSFERS, _GRADIENTS) = range(5)
"""Options: the first layer that learns, the loss, steps of the digital unit from zero to one, and where a
table lists what moves from tiles that gather to those that hold the weights, and gradients that are added up
outside of the cells; below zero for nothing."""
(_FIRST, _END, _ACTIVATION, _ROUNDS) = range(4)
"""What there is to know of a layer: its first block, and the first after it; its non-linearity, and whether
the digital unit computes one."""


@inlined
def _round(places: Places, network: int, values: Floats) -> None:
    steps = places_at(places, network + _OPTIONS)[_STEPS]
    if steps > 0:
        onto_unit_grid(values, steps, places_at(places, network + _BEYOND))


@kernel
def _matrix_at(places: Places, kind: int, layer: int) -> Floats:
    """Values of one layer (1, values), of a kind that is given by where a table lists their places."""
    return floats_at(places, places_at(places, kind)[layer])


@inlined
def _add_block(values: Floats, out: Floats, first: int, alone: bool) -> None:  # noqa: FBT001
    """Results of one block into those of its matrix from `first` on, added to them unless it is alone."""
    for j in range(values.size):
        # Where there is nothing to add to, nothing is added: minus zero would become zero.
        out[first + j] = values[j] if alone else out[first + j] + values[j]


@inlined
def _read_layer(places: Places, network: int, index: int, x: Floats, at: Tally) -> bool:
    """Weighted sums of one sample x (rows,) on a layer; whether its tiles conducted finite numbers."""
    blocks, layer = tally_at(places, network + _BLOCKS), tally_at(places, network + _LAYERS)[index]
    energies = sums_at(places, network + _ENERGIES)
    out = _matrix_at(places, network + _SUMS, index)[0]
    out[:] = 0
    for place in range(layer[_FIRST], layer[_END]):
        block = blocks[place]
        mine = energies[at[SAMPLE] * blocks.shape[0] + place]
        x_mine = x[block[FIRST_ROW] : block[END_ROW]]
        finite, values = read_sample(places, block[TILE], x_mine, at[SAMPLE], mine)
        if not finite:
            at[BLOCK], at[BACK] = place, 0
            return False
        _add_block(values, out, block[FIRST_COLUMN], layer[_END] - layer[_FIRST] == 1)
    return True


@inlined
def _read_layer_back(places: Places, network: int, index: int, at: Tally) -> bool:
    """Errors of a layer's inputs from those of its sums; see :func:`_read_layer`."""
    blocks, layer = tally_at(places, network + _BLOCKS), tally_at(places, network + _LAYERS)[index]
    energies = sums_at(places, network + _ENERGIES)
    d = _matrix_at(places, network + _ERRORS, index)[0]
    out = _matrix_at(places, network + _ERRORS_BACK, index)[0]
    out[:] = 0
    for place in range(layer[_FIRST], layer[_END]):
        block = blocks[place]
        mine = energies[at[SAMPLE] * blocks.shape[0] + place]
        d_mine = d[block[FIRST_COLUMN] : block[END_COLUMN]]
        finite, values = back_sample(places, block[TILE], d_mine, at[SAMPLE], mine[block[ARRAYS] :])
        if not finite:
            at[BLOCK], at[BACK] = place, 1
            return False
        _add_block(values, out, block[FIRST_ROW], layer[_END] - layer[_FIRST] == 1)
    return True


@inlined
def _forward(places: Places, network: int, x: Floats, at: Tally) -> bool:
    """Pass one sample x (rows,) through all layers; whether tiles conducted finite numbers."""
    layers = tally_at(places, network + _LAYERS)
    for index in range(layers.shape[0]):
        inputs = x if index == 0 else _matrix_at(places, network + _INPUTS, index - 1)[0]
        if not _read_layer(places, network, index, inputs, at):
            return False
        values = _matrix_at(places, network + _INPUTS, index)
        activate(layers[index, _ACTIVATION], _matrix_at(places, network + _SUMS, index), values)
        if layers[index, _ROUNDS]:
            _round(places, network, values)
    return True


@inlined
def _backward(places: Places, network: int, at: Tally) -> bool:
    """Pass the errors of the outputs back to the first layer that learns; see :func:`_forward`."""
    layers = tally_at(places, network + _LAYERS)
    first_learning = places_at(places, network + _OPTIONS)[_FIRST_LEARNING]
    for index in range(layers.shape[0] - 1, first_learning - 1, -1):
        d = _matrix_at(places, network + _ERRORS, index)
        if index + 1 < layers.shape[0]:
            if not _read_layer_back(places, network, index + 1, at):
                return False
            back = _matrix_at(places, network + _ERRORS_BACK, index + 1)
            # The bias has no error to pass on; and an assignment of slices takes long to compile.
            for j in range(d.shape[1]):
                d[0, j] = back[0, j]
        sums, values = (
            _matrix_at(places, network + _SUMS, index),
            _matrix_at(places, network + _INPUTS, index),
        )
        slope_at(layers[index, _ACTIVATION], sums, values, d)
        _round(places, network, d)
    return True


@inlined
def _update(places: Places, network: int, x: Floats, at: Tally) -> None:
    """Change the weights for one sample x (rows,), the last layer first."""
    blocks, updates = tally_at(places, network + _BLOCKS), tally_at(places, network + _UPDATES)
    rates, energies = sums_at(places, network + _RATES)[0], sums_at(places, network + _ENERGIES)
    pulses, visited = tally_at(places, network + _PULSES), tally_at(places, network + _VISITED)
    transfers = places_at(places, network + _OPTIONS)[_TRANSFERS]
    for update in range(updates.shape[0]):
        index, place = updates[update, 0], updates[update, 1]
        block, row = blocks[place], at[SAMPLE] * blocks.shape[0] + place
        inputs = x if index == 0 else _matrix_at(places, network + _INPUTS, index - 1)[0]
        x_mine = inputs[block[FIRST_ROW] : block[END_ROW]]
        d_mine = _matrix_at(places, network + _ERRORS, index)[0, block[FIRST_COLUMN] : block[END_COLUMN]]
        mine = energies[row, 2 * block[ARRAYS] :]
        if transfers >= 0:
            x_mine = signed(places, transfers, updates[update, 2], block[FIRST_ROW], x_mine)
            say_inputs(places, block[TILE], x_mine)
        update_sample(places, block[TILE], x_mine, d_mine, rates[index], mine, pulses[place], visited[row])


@inlined
def _add_gradients(places: Places, network: int, x: Floats, at: Tally) -> None:
    """Add the gradient of one sample x (rows,) to sums outside of the cells, the last layer first."""
    gradients, layers = (
        places_at(places, network + _OPTIONS)[_GRADIENTS], places_at(places, network + _LEARNING)
    )  # fmt: skip
    if gradients < 0:
        return
    blocks, pulses = tally_at(places, network + _BLOCKS), tally_at(places, network + _PULSES)
    first = at[SAMPLE] * blocks.shape[0]
    energies = sums_at(places, network + _ENERGIES)[first : first + blocks.shape[0]]
    visited = tally_at(places, network + _VISITED)[first : first + blocks.shape[0]]
    for layer in range(layers.size - 1, -1, -1):
        index = layers[layer]
        inputs = x if index == 0 else _matrix_at(places, network + _INPUTS, index - 1)[0]
        d = _matrix_at(places, network + _ERRORS, index)[0]
        add_gradient(places, gradients, layer, inputs, d, blocks, energies, pulses, visited)


@inlined
def _transfer(places: Places, network: int, before: Tally, at: Tally) -> bool:
    """What comes between two samples, where tiles gather; whether they conducted finite numbers."""
    transfers = places_at(places, network + _OPTIONS)[_TRANSFERS]
    if transfers < 0:
        return True
    blocks, pulses = tally_at(places, network + _BLOCKS), tally_at(places, network + _PULSES)
    first = at[SAMPLE] * blocks.shape[0]
    energies = sums_at(places, network + _ENERGIES)[first : first + blocks.shape[0]]
    visited = tally_at(places, network + _VISITED)[first : first + blocks.shape[0]]
    if transfer_rows(places, transfers, blocks, energies, pulses, visited, at):
        return True
    # A sample that ends in the middle is in no books.
    for place in range(pulses.shape[0]):
        pulses[place, 0], pulses[place, 1] = before[place, 0], before[place, 1]
    return False


@inlined
def _pass_through(places: Places, network: int, x: Floats, labels: NDArray[np.uint8], at: Tally) -> bool:
    """One sample forward, its loss, and its errors back; whether tiles conducted finite numbers."""
    sample, loss_place = at[SAMPLE], places_at(places, network + _OPTIONS)[_LOSS]
    if not _forward(places, network, x, at):
        return False
    last = tally_at(places, network + _LAYERS).shape[0] - 1
    outputs, d = _matrix_at(places, network + _INPUTS, last), _matrix_at(places, network + _ERRORS, last)
    loss, correct = lose(loss_place, outputs, labels[sample : sample + 1], d)
    sums_at(places, network + _LOSSES)[0, sample] = loss
    places_at(places, network + _CORRECT)[sample] = correct
    return _backward(places, network, at)


@kernel
def train_samples(places: Places, network: int, images: Floats, labels: NDArray[np.uint8], at: Tally) -> bool:
    """Train on one sample after another; False where a tile conducts no finite number in the middle of one.

    A sample whose loss is no finite number is the last one.

    Parameters
    ----------
    places, network
        A table, and where it lists the network, its tiles, and books with a row for each sample.
    images
        Inputs of the first layer, bias included (samples, rows).
    labels
        Right classes (samples,).
    at
        Where it is afterwards (:data:`WHERE`,); :data:`SAMPLE` then counts the samples that are done.
    """
    losses = sums_at(places, network + _LOSSES)[0]
    for sample in range(labels.size):
        at[SAMPLE] = sample
        x = images[sample]
        if not _pass_through(places, network, x, labels, at):
            return False
        before = tally_at(places, network + _PULSES).copy()
        _update(places, network, x, at)
        _add_gradients(places, network, x, at)
        if not _transfer(places, network, before, at):
            return False
        at[SAMPLE] = sample + 1
        if not np.isfinite(losses[sample]):
            break
    return True
