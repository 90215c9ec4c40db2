"""Many samples in one compiled loop: who can be trained so, and what comes of it as programs and charges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, Final, Protocol, runtime_checkable

import attrs
import numpy as np
from numpy.typing import NDArray

from chipsim.device.listed import Listed, UnlistedError, as_floats, as_sums, as_tally
from chipsim.device.table import Table
from chipsim.errors import DivergedError
from chipsim.ledger import Charges
from chipsim.net.activations import ACTIVATIONS
from chipsim.net.compiled import BACK, BLOCK, SAMPLE, WHERE, train_samples
from chipsim.net.learner import Learnt
from chipsim.net.losses import LOSSES
from chipsim.net.matrix import Block, Matrix
from chipsim.net.network import NOTHING, Network
from chipsim.net.transferring import COUNTED, DUE
from chipsim.net.transfers import After, Between, Transfers
from chipsim.parts.program import Alike, Operation, Program
from chipsim.tile.compiled import AMOUNTS_OF_UPDATE, LINES_OF_UPDATE
from chipsim.tile.looped import Loopable, Looped, Use

__all__ = ["InPlaceLearner", "Loop", "Trained", "loop_of"]

_VARIED: Final = ("slots", "visits", "down_slots")
"""Counts of an update that a loop finds; the last is of those that have two phases."""

_EXACT: Final = float(2**53)
"""Up to which sums of whole numbers in double precision are exact."""

_WORK: Final = 2**25
"""Weights times samples of a loop at most: fractions of a second, in which nobody is told how far it is."""


@runtime_checkable
class InPlaceLearner(Protocol):
    """A rule that changes each layer by the outer product of each sample, and so can learn in a loop."""

    def loops(self) -> bool:
        """Whether it learns as it was written, and no kind of one's own made of it learns in another way."""

    def pair_of(self, index: int) -> int:
        """The pair of a layer's tiles that takes the updates now."""

    def rate_of(self, index: int) -> float:
        """Change of a layer's weights per unit of input times error, for one sample."""

    def learnt_of(self, index: int, ops: tuple[Operation, ...]) -> Learnt:
        """What an update of a layer takes, by the operation of each block."""

    def samples_until_due(self) -> int:
        """Samples after which it looks after its weights; zero for never."""

    def pulsed(self, matrix: Matrix[Any]) -> Matrix[Any]:
        """The matrix that takes a layer's outer products: that of the passes, or one that gathers."""

    def transfers(self) -> Transfers | None:
        """What comes after samples where others gather, done in the loop; None where nothing is."""

    def end_loop(self, samples: int) -> tuple[Program | None, tuple[Charges, ...]]:
        """What comes after a loop over so many samples: what `end_step` does, but for what the loop did."""


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


@attrs.frozen(kw_only=True, eq=False)
class _Placed:
    """A block of a network in a loop, with what its amounts are charged as."""

    looped: Looped
    """Its tile."""
    index: int
    """Of its layer."""
    rows: tuple[tuple[str, str], ...]
    """Part and action of each amount of its readings."""
    amounts: tuple[int, ...]
    """Places of these among all amounts of a block."""
    pulsed: tuple[tuple[str, str], ...]
    """Part and action of each amount of its pulses; empty where it gets none."""
    told: int | None
    """What has to be counted for readings, or pulses, to be charged; None where each sample has them."""

    @property
    def update(self) -> Operation | None:
        """Of which slots and visits follow from the data; None where it takes no outer products."""
        return self.looped.update

    @property
    def learns(self) -> bool:
        return self.update is not None


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

    def __init__(self, network: Network, table: Table, blocks: Sequence[_Placed], *, most: int) -> None:
        learner = network.learner
        assert isinstance(learner, InPlaceLearner), "no loop is made for others"
        self._network, self._table, self._blocks, self._learner = network, table, blocks, learner
        self._most = most
        self._matrices, self._taking = network.matrices, _taking(network, learner)
        self._forward = tuple(matrix.typical("forward") for matrix in network.matrices)
        self._backward = tuple(matrix.typical("backward") for matrix in network.matrices[1:])
        self._spans = _spans((*network.matrices, *self._taking.values()))
        transfers = learner.transfers()
        self._between = None if transfers is None else self._list_between(transfers)
        self._images = np.ones((most, network.stages[0].rows), np.float32)
        self._losses, self._correct = np.zeros(most), np.zeros(most, np.int64)
        of_update = AMOUNTS_OF_UPDATE + LINES_OF_UPDATE
        widest = max(2 * block.looped.arrays + of_update for block in blocks)
        self._energies = np.zeros((most, len(blocks), widest))
        self._pulses = np.zeros((len(blocks), 2), np.int64)
        self._visited = np.zeros((most, len(blocks), COUNTED), np.int64)
        self._place = self._list_network()
        self._learning = np.array([place for place, block in enumerate(blocks) if block.learns], np.intp)
        self._updated = tuple(block.update for block in blocks if block.update is not None)
        self._varied = _names_of(self._updated[0]) if self._updated else _VARIED[:2]
        self._pattern = self._build_pattern()

    def _list_network(self) -> int:
        network, table, blocks = self._network, self._table, self._blocks
        options = [network.network.first_learning, list(LOSSES).index(network.network.loss)]
        options.append(network.chip.digital.grid_steps or 0)
        options.append(-1 if self._between is None else self._between.place)
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
            as_sums(np.array(rates, np.float64)), _integers(self._updates(), 2),
            as_tally(network.chip.digital.beyond, 2), *map(_integers, (inputs, sums, errors, back)),
            as_sums(self._losses), as_tally(self._correct), as_sums(self._energies.reshape(of_samples, -1)),
            as_tally(self._pulses), as_tally(self._visited.reshape(of_samples, -1)),
        )  # fmt: skip

    def _list_between(self, transfers: Transfers) -> Between:
        """Layers that learn, whose blocks that gather stand behind those of all layers, in order."""
        layers, gathering = len(self._matrices), list(self._taking)
        spans = [
            (self._spans[layers + gathering.index(layer.index)], self._spans[layer.index])
            for layer in transfers.layers
        ]
        looped = [block.looped for block in self._blocks]
        bits = [part.tile.place_bits for part in self._parts()]
        return Between(transfers, self._table, blocks=looped, spans=spans, place_bits=bits)

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

    def _updates(self) -> list[list[int]]:
        """Layer and block, in the order of updates."""
        learning = [[block.index, place] for place, block in enumerate(self._blocks) if block.learns]
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
            self._between.begin()
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
        network = self._network
        learnt = []
        for index, matrix in enumerate(network.matrices):
            if matrix.frozen:
                learnt.append(NOTHING)
                continue
            ops = tuple(op for block in self._blocks if block.index == index and (op := block.update))
            learnt.append(self._learner.learnt_of(index, ops))
        return network.schedule.step(1, forward=self._forward, backward=self._backward, learnt=learnt)

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
                yield self._pulse_charges(place, amounts[first : first + AMOUNTS_OF_UPDATE + LINES_OF_UPDATE])

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
    placed: list[_Placed] = []
    taking = _taking(network, learner)
    uses: list[tuple[int, Matrix[Any], Use]] = []
    for index, matrix in enumerate(network.matrices):
        # A layer before all that learn passes no errors back.
        back, pair = index > network.network.first_learning, None if matrix.frozen else learner.pair_of(index)
        uses.append((index, matrix, Use(samples=most, back=back, pair=pair, chosen=index in taking)))
    for index, matrix in taking.items():
        use = Use(samples=most, back=False, pair=learner.pair_of(index), gathers=True)
        uses.append((index, matrix, use))
    for index, matrix, use in uses:
        for block in matrix.blocks:
            # Digital lanes, and most tiles of one's own, cannot be asked.
            found = block.tile.listed(table, use) if isinstance(block.tile, Loopable) else None
            if found is None:
                return None
            placed.append(_placed(found, use, index=index))
    # Tiles of one's own may have phases where others have none.
    if len({_names_of(block.update) for block in placed if block.update is not None}) > 1:
        return None
    return Loop(network, table, placed, most=most)


def _names_of(update: Operation) -> tuple[str, ...]:
    """Counts of an update that follow from the data."""
    there = {name for name, _ in update.counts}
    return tuple(name for name in _VARIED if name in there)


def _taking(network: Network, learner: InPlaceLearner) -> dict[int, Matrix[Any]]:
    """Matrices that outer products go to, of layers where they do not go to that of the passes."""
    found = {index: learner.pulsed(one) for index, one in enumerate(network.matrices) if not one.frozen}
    return {index: one for index, one in found.items() if one is not network.matrices[index]}


def _spans(matrices: Sequence[Matrix[Any]]) -> list[range]:
    """Places of the blocks of each matrix among those of all, one after another."""
    ends = list(accumulate(len(matrix.blocks) for matrix in matrices))
    return [range(first, end) for first, end in zip([0, *ends], ends, strict=False)]


def _placed(looped: Looped, use: Use, *, index: int) -> _Placed:
    arrays = looped.arrays
    rows, amounts = list(looped.charged_as["forward"]), list(range(arrays))
    if use.back:
        rows += looped.charged_as["backward"]
        amounts += range(arrays, 2 * arrays)
    action = "pulse" if use.chosen else "update"
    return _Placed(
        looped=looped,
        index=index,
        rows=tuple(rows),
        amounts=tuple(amounts),
        pulsed=looped.charged_as.get(action, ()),
        told=DUE if use.chosen or use.gathers else None,
    )
