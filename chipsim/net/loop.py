"""Many samples in one compiled loop: who can be trained so, and what comes of it as programs and charges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.device.listed import Listed, UnlistedError, as_floats, as_sums, as_tally
from chipsim.device.table import Table
from chipsim.errors import DivergedError
from chipsim.ledger import Charges
from chipsim.net.activations import ACTIVATIONS
from chipsim.net.between import COUNTED, After, Between, BetweenSamples, LayerBetween
from chipsim.net.block import OF_PULSES
from chipsim.net.by_layer import ByLayer
from chipsim.net.compiled import BACK, BLOCK, SAMPLE, WHERE, train_samples
from chipsim.net.learner import NOTHING
from chipsim.net.losses import LOSSES
from chipsim.net.matrix import Block, Matrix
from chipsim.net.network import Network
from chipsim.net.placed import (
    VARIED,
    InPlaceLearner,
    Placed,
    names_of,
    placed_as,
    spans_of,
    taking_of,
)
from chipsim.parts.program import Alike, Program
from chipsim.tile.looped import Loopable, Use

__all__ = ["Loop", "Trained", "loop_of"]

_EXACT: Final = float(2**53)
"""Up to which sums of whole numbers in double precision are exact."""

_WORK: Final = 2**25
"""Weights times samples of a loop at most: fractions of a second, in which nobody is told how far it is."""


@attrs.frozen(eq=False)
class Trained:
    """What a loop over samples leaves."""

    programs: Alike
    """Of samples in order."""
    charges: tuple[Charges, ...]
    """What data set, of all samples."""
    losses: Sequence[float]
    """Of each sample."""
    correct: int
    fault: DivergedError | None
    """What ended the loop in the middle of a sample."""
    after: After | None = None
    """What came after each sample; None where nothing does."""


class Loop:
    """A network that is trained sample by sample in one compiled loop, on what its chip is now.

    It holds good until the selector sends updates to another pair, or the chip's state is restored. What
    changes the cells in between, such as resets, it finds changed; who asks what was lost leaves it as it is.

    Parameters
    ----------
    network
        The network.
    table
        Lists its tiles.
    blocks
        Its blocks, layer after layer.
    most
        Samples of one loop at most.
    """

    def __init__(self, network: Network, table: Table, blocks: Sequence[Placed], *, most: int) -> None:
        learner = network.learner
        assert isinstance(learner, InPlaceLearner), "no loop is made for others"
        self._network, self._table, self._blocks, self._learner = network, table, blocks, learner
        self._most = most
        self._matrices, self._taking = network.matrices, taking_of(network, learner)
        self._forward = tuple(matrix.typical("forward") for matrix in network.matrices)
        self._backward = tuple(matrix.typical("backward") for matrix in network.matrices[1:])
        self._spans = spans_of((*network.matrices, *self._taking.values()))
        between = learner.between()
        self._between = None if between is None else self._list_between(between)
        self._images = np.ones((most, network.stages[0].rows), np.float32)
        self._losses, self._correct = np.zeros(most), np.zeros(most, np.int64)
        widest = max(2 * block.looped.arrays + OF_PULSES for block in blocks)
        self._energies = np.zeros((most, len(blocks), widest))
        self._pulses = np.zeros((len(blocks), 2), np.int64)
        self._visited = np.zeros((most, len(blocks), COUNTED), np.int64)
        self._place = self._list_network()
        self._learning = np.array([place for place, block in enumerate(blocks) if block.learns], np.intp)
        self._updated = tuple(block.update for block in blocks if block.update is not None)
        self._varied = names_of(self._updated[0]) if self._updated else VARIED[:2]
        self._pattern = self._build_pattern()

    def _list_network(self) -> int:
        network, table, blocks = self._network, self._table, self._blocks
        options = [network.network.first_learning, list(LOSSES).index(network.network.loss)]
        options.append(network.chip.digital.grid_steps or 0)
        between = self._between
        options.append(-1 if between is None or between.whole else between.place)
        options.append(between.place if between is not None and between.whole else -1)
        spans = [
            [
                block.looped.place,
                part.rows.start,
                part.rows.stop,
                part.columns.start,
                part.columns.stop,
                block.looped.arrays,
            ]
            for block, part in zip(blocks, self._parts(), strict=True)
        ]
        rates = [
            0.0 if one.frozen else self._learner.rate_of(index) for index, one in enumerate(network.matrices)
        ]
        inputs = [self._room(stage.rows) for stage in network.stages[1:]]
        inputs.append(self._room(network.network.classes))
        sums, errors = ([self._room(stage.columns) for stage in network.stages] for _ in range(2))
        back = [self._room(stage.rows) for stage in network.stages]
        of_samples = self._most * len(blocks)
        return table.add(
            _integers(options), _integers(spans), _integers(self._layers()),
            as_sums(np.array(rates, np.float64)), _integers(self._updates(), 3),
            as_tally(network.chip.digital.beyond, 2), *map(_integers, (inputs, sums, errors, back)),
            _integers(self._indices()), as_sums(self._losses), as_tally(self._correct),
            as_sums(self._energies.reshape(of_samples, -1)),
            as_tally(self._pulses), as_tally(self._visited.reshape(of_samples, -1)),
        )  # fmt: skip

    def _list_between(self, between: BetweenSamples) -> Between:
        """Layers that learn, whose blocks that gather stand behind those of all layers, in order."""
        gathering = dict(zip(self._taking, self._spans[len(self._matrices) :], strict=True))
        layers = [
            LayerBetween(index=index, gathered=gathering.get(index, range(0)), weight=self._spans[index])
            for index in between.indices
        ]
        looped = [block.looped for block in self._blocks]
        bits = [part.tile.place_bits for part in self._parts()]
        return Between(
            between, self._table, blocks=looped, layers=layers, place_bits=bits, samples=self._most
        )

    def _parts(self) -> list[Block[Any]]:
        matrices = (*self._matrices, *self._taking.values())
        return [block for matrix in matrices for block in matrix.blocks]

    def _room(self, values: int) -> int:
        # Ones, for the last input of a layer with a bias stays one.
        return self._table.add(as_floats(np.ones((1, values), np.float32)))

    def _layers(self) -> list[list[int]]:
        layers = []
        for index, span in enumerate(self._spans[: len(self._matrices)]):
            name = self._network.network.activation_of(index)
            rounds = bool(ACTIVATIONS[name].forward)
            layers.append([span.start, span.stop, list(ACTIVATIONS).index(name), int(rounds)])
        return layers

    def _indices(self) -> list[int]:
        """The layers that learn."""
        return [index for index, matrix in enumerate(self._matrices) if not matrix.frozen]

    def _updates(self) -> list[list[int]]:
        """Layer, block, and the layer's place among those that learn, in the order of updates."""
        indices = self._indices()
        learning = [
            [block.index, place, indices.index(block.index)]
            for place, block in enumerate(self._blocks)
            if block.learns
        ]
        # The last layer first, and its blocks as they come.
        return sorted(learning, key=lambda update: -update[0])

    def samples_at_once(self) -> int:
        """Samples that can be trained in one loop from here."""
        due = self._learner.samples_until_due()
        return min(self._most, due) if due else self._most

    def train(self, images: NDArray[np.generic], labels: NDArray[np.uint8]) -> Trained:
        """Train on samples (samples, features) one after another, `samples_at_once` at most."""
        samples = len(labels)
        inputs = self._images[:samples]
        self._network.prepare(images, inputs)
        for block in self._blocks:
            block.looped.begin(samples)
        self._pulses[:] = 0
        if self._between is not None:
            self._between.begin(samples)
        at = np.zeros(WHERE, np.int64)
        finite = train_samples(self._table.places, self._place, inputs, labels, at)
        done = int(at[SAMPLE])
        return Trained(
            programs=self._programs(done),
            charges=tuple(self._charges(done)) if done else (),
            losses=self._losses[:done].tolist(),
            correct=int(self._correct[:done].sum()),
            fault=None if finite else self._fault(at),
            after=None if self._between is None else self._between.after(self._visited[:done]),
        )

    def end(self, samples: int) -> tuple[Program | None, tuple[Charges, ...]]:
        """What comes after a loop over so many samples, beside what came after each."""
        return self._learner.end_loop(samples)

    def _fault(self, at: NDArray[np.int64]) -> DivergedError:
        return self._blocks[int(at[BLOCK])].looped.fault_of("backward" if at[BACK] else "forward")

    def _programs(self, done: int) -> Alike:
        """Programs of samples in order, by what varies of each block that learns."""
        visited = self._visited[:done][:, self._learning, : len(self._varied)]
        return Alike(self._pattern, self._updated, self._varied, visited)

    def _build_pattern(self) -> Program:
        """The program of a sample whose updates are those that nobody computed."""
        network, schedule = self._network, self._network.schedule
        if self._between is not None and self._between.whole:
            assert isinstance(schedule, ByLayer), "such rules learn from whole batches"
            # What the sample teaches comes behind it, as a program of its own for each pattern.
            return schedule.reading(1, forward=self._forward, backward=self._backward)
        learnt = []
        for index, matrix in enumerate(network.matrices):
            if matrix.frozen:
                learnt.append(NOTHING)
                continue
            ops = tuple(op for block in self._blocks if block.index == index and (op := block.update))
            learnt.append(self._learner.learnt_of(index, ops))
        return schedule.step(1, forward=self._forward, backward=self._backward, learnt=learnt)

    def _charges(self, done: int) -> Iterator[Charges]:
        # All at once: numpy takes longer to be asked than to add up.
        sums, width = _summed(self._energies[:done].reshape(done, -1)), self._energies.shape[2]
        counted = self._visited[:done].sum(axis=0)
        for place, block in enumerate(self._blocks):
            amounts = sums[place * width : (place + 1) * width]
            told = block.told is None or counted[place, block.told]
            # What comes now and then is charged where it came, whatever it was.
            if told or not block.looped.alone:
                yield Charges(block.rows, [amounts[at] for at in block.amounts], [0] * len(block.rows))
            if block.pulsed and (told or block.learns):
                first = 2 * block.looped.arrays
                yield self._pulse_charges(place, amounts[first : first + OF_PULSES])

    def _pulse_charges(self, place: int, amounts: Sequence[int]) -> Charges:
        *energies, rows, columns = amounts
        pulses = [*self._pulses[place].tolist(), 0]
        # Write drivers are the last amount, and their lines stand behind it.
        return Charges(self._blocks[place].pulsed, energies, pulses, ((len(energies) - 1, rows, columns),))


def _integers(values: Sequence[int] | Sequence[Sequence[int]], *columns: int) -> Listed:
    """Integers as a table lists them, in rows of so many columns."""
    found = np.array(values, np.int64)
    return as_tally(found.reshape(-1, *columns) if columns else found)


def _summed(amounts: NDArray[np.float64]) -> list[int]:
    """Sums of whole numbers (samples, amounts), exact however large they are."""
    if amounts.size and amounts.max() * len(amounts) < _EXACT:
        return [int(total) for total in amounts.sum(axis=0)]
    return [sum(map(int, column)) for column in amounts.T.tolist()]


# --- who can ---------------------------------------------------------------------------------------


def loop_of(network: Network, *, most: int) -> Loop | None:
    """A compiled loop for a network as its chip is now; None for those that are trained step by step.

    Parameters
    ----------
    network
        Its weights have been written, and its phase has begun.
    most
        Samples of one loop at most; of a large network, it takes fewer.
    """
    learner = network.learner
    if not isinstance(learner, InPlaceLearner) or not learner.loops():
        return None
    # A kind made of the network may pass samples on in another way.
    if type(network) is not Network or not network.is_plain or network.chip.digital.grid_steps is None:
        return None
    try:
        return _loop(network, learner, most=max(1, min(most, _WORK // _weights(network))))
    # Arrays of kinds of one's own may be any that Python can compute with.
    except UnlistedError:
        return None


def _weights(network: Network) -> int:
    shapes = [matrix.shape for matrix in network.matrices]
    return sum(rows * columns for rows, columns in shapes)


def _loop(network: Network, learner: InPlaceLearner, *, most: int) -> Loop | None:
    table = Table()
    placed: list[Placed] = []
    taking, between = taking_of(network, learner), learner.between()
    indices, chosen = ((), False) if between is None else (between.indices, between.chosen)
    uses: list[tuple[int, Matrix[Any], Use]] = []
    for index, matrix in enumerate(network.matrices):
        # A layer before all that learn passes no errors back.
        back, pair = index > network.network.first_learning, None if matrix.frozen else learner.pair_of(index)
        use = Use(
            samples=most, back=back, pair=pair, between=index in indices, chosen=index in indices and chosen
        )
        uses.append((index, matrix, use))
    for index, matrix in taking.items():
        use = Use(samples=most, back=False, pair=learner.pair_of(index), gathers=True)
        uses.append((index, matrix, use))
    for index, matrix, use in uses:
        for block in matrix.blocks:
            # Digital lanes, and most tiles of one's own, cannot be asked.
            found = block.tile.listed(table, use) if isinstance(block.tile, Loopable) else None
            if found is None:
                return None
            placed.append(placed_as(found, use, index=index))
    # Tiles of one's own may have phases where others have none.
    if len({names_of(block.update) for block in placed if block.update is not None}) > 1:
        return None
    return Loop(network, table, placed, most=most)
