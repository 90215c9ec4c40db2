"""Rules that gather gradients: bit for bit as naive loops, what a transfer takes, and what is refused."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from chipsim.data import from_arrays
from chipsim.device.randomness import generator
from chipsim.layer.convolution import Convolution
from chipsim.learn.cannot_learn import learning_warnings
from chipsim.learn.integral import Integral
from chipsim.parts.program import operations_of
from chipsim.parts.transfer import Transfer
from chipsim.spec import rules
from chipsim.spec.kinds import shipped_kind
from chipsim.spec.levels import MemorySpec
from chipsim.spec.workload import NormalisationSpec
from chipsim.update.update import Recentre
from tests import made
from tests.learn.test_twins import LAYERS, ODD, assert_same
from tests.twins import CrossbarTwin, SingleCells

F = np.float32
UPDATE = made.update_by(kind="row-by-row", encoding="deterministic", slots=63)
DEVICE = made.both_ways(states=4098, **ODD)
ROUGH = made.crossbar(
    forward=made.one_pass(ideal=False, reach=2.3),
    backward=made.one_pass(ideal=False, reach=1.1, scaling="maximum"),
)


def rule(kind="tiki-taka-v2", **numbers):
    """A rule of a kind."""
    return shipped_kind("rule", kind)(**numbers)


def gathering(kind="tiki-taka-v2", *, memory=None, parts=None, **numbers):
    """A chip of single cells that learns by a rule that gathers."""
    fields = {
        "device": DEVICE,
        "update": UPDATE,
        "selector": Transfer(lanes=4),
        "memory": memory or MemorySpec(banks=2, width=made.WIDTH),
        "rule": rule(kind, **numbers),
    }
    return made.single(**(fields | (parts or {})))


# --- twins ------------------------------------------------------------------------------------------


class TransferTwin(CrossbarTwin):
    """C and A on single cells, H in a table, one number after another."""

    def __init__(self, sizes, *, spec, seed=1, **how):
        super().__init__(sizes, spec=spec, seed=seed, **how)
        numbers = spec.rule
        self.numbers, self.spec, self.seen = numbers, spec, 0
        shapes = [start.shape for start in self.start]
        self.layers, self.gathered = [], []
        for index, shape in enumerate(shapes):
            zeros = np.zeros(shape, F)
            # Tiles are numbered layer by layer, C before A.
            self.layers.append(
                SingleCells(f"tile{2 * index}", shape, spec=spec, seed=seed, start=self.start[index])
            )
            self.gathered.append(
                SingleCells(f"tile{2 * index + 1}", shape, spec=spec, seed=seed, start=zeros)
            )
        self.sums = [np.zeros(shape, F) for shape in shapes]
        self.by_rows = numbers.transfer_lines == "rows"

    def learn(self, index, xs, ds, samples):
        for x, d in zip(xs, ds, strict=True):
            self.gathered[index].update(x, d, rate=self.rate / samples, pair=0)

    def step(self, images, labels):
        right = super().step(images, labels)
        every = self.numbers.transfer_every
        before, self.seen = self.seen // every, self.seen + len(images)
        for number in range(before, self.seen // every):
            for index in range(len(self.layers)):
                self.transfer(index, number)
        return right

    def transfer(self, index, number):
        """The lines whose turn it is, one after another: they are different ones."""
        gathered = self.gathered[index]
        lines = gathered.rows if self.by_rows else gathered.columns
        reads = min(self.numbers.reads_per_transfer, lines)
        for turn in range(reads):
            line = (number * reads + turn) % lines
            self.move(index, line, self.read(gathered, line, lines))

    def read(self, gathered, line, lines):
        """One line driven alone."""
        alone = [F(place == line) for place in range(lines)]
        (values,) = gathered.forward([alone]) if self.by_rows else gathered.backward([alone])
        return values

    def move(self, index, line, values):
        """Onto H, and a pulse for C where it passes the threshold."""
        weight, sums = self.layers[index], self.sums[index]
        gain = F(self.numbers.transfer_learning_rate / (weight.steps(0) * weight.unit))
        threshold = F(self.numbers.threshold)
        for place, value in enumerate(values):
            at = (line, place) if self.by_rows else (place, line)
            held = F(sums[at] + F(value * gain))
            count = 0
            if abs(held) >= threshold:
                count = 1 if held > 0 else -1
                held = F(0) if self.numbers.forget else F(held - F(count * threshold))
                weight._apply({at: count}, 0)
            sums[at] = held


class AtOnceTwin(TransferTwin):
    """The first version: C takes what was read as an outer product."""

    def move(self, index, line, values):
        weight = self.layers[index]
        alone = [F(place == line) for place in range(weight.rows if self.by_rows else weight.columns)]
        lowered = [F(-value) for value in values]
        x, d = (alone, lowered) if self.by_rows else (lowered, alone)
        weight.update(x, d, rate=self.numbers.transfer_learning_rate, pair=0)


class ChoppedTwin(TransferTwin):
    """Version 2 whose lines have signs."""

    def __init__(self, sizes, *, spec, seed=1, **how):
        super().__init__(sizes, spec=spec, seed=seed, **how)
        self.rng = generator(seed, "selector.signs")
        self.signs = [[1.0] * (each.rows if self.by_rows else each.columns) for each in self.gathered]

    def learn(self, index, xs, ds, samples):
        signs = self.signs[index]
        if self.by_rows:
            xs = [[F(value * sign) for value, sign in zip(x, signs, strict=True)] for x in xs]
        else:
            ds = [[F(value * sign) for value, sign in zip(d, signs, strict=True)] for d in ds]
        super().learn(index, xs, ds, samples)

    def transfer(self, index, number):
        """Signs turn once all lines of a transfer were read."""
        super().transfer(index, number)
        lines = len(self.signs[index])
        reads = min(self.numbers.reads_per_transfer, lines)
        for turn, chance in enumerate(self.rng.random(reads)):
            if chance < self.numbers.chop_probability:
                self.signs[index][(number * reads + turn) % lines] *= -1

    def move(self, index, line, values):
        super().move(index, line, [F(value * self.signs[index][line]) for value in values])


class MixedTwin(CrossbarTwin):
    """The gradient of a batch onto H, whole steps of it to the cells."""

    def __init__(self, sizes, *, spec, **how):
        super().__init__(sizes, spec=spec, **how)
        self.numbers = spec.rule
        self.sums = [np.zeros(start.shape, F) for start in self.start]

    def learn(self, index, xs, ds, samples):
        layer, sums = self.layers[index], self.sums[index]
        xs = [layer._words(x, layer.tile.forward) for x in xs]
        ds = [layer._words(d, layer.tile.backward) for d in ds]
        share = F(-self.rate / samples / (layer.steps(0) * layer.unit))
        threshold, most = F(self.numbers.threshold), self.numbers.pulses
        counts = {}
        for at in np.ndindex(layer.rows, layer.columns):
            total = F(0)
            for x, d in zip(xs, ds, strict=True):
                total = F(total + F(x[at[0]] * d[at[1]]))
            held = F(sums[at] + F(total * share))
            count = min(max(int(F(held / threshold)), -most), most)
            if count:
                counts[at] = count
            sums[at] = F(held - F(F(count) * threshold))
        layer._apply(counts, 0)


def both(spec, twin, *, epochs=2, batch=1, **how):
    """The same training on a chip and by its twin."""
    data = made.digits(LAYERS[0], LAYERS[-1])
    run = made.trained(spec, LAYERS, epochs=epochs, batch=batch, data=data, **how)
    mirror = twin(LAYERS, spec=spec, **how)
    mirror.train(data, epochs=epochs, batch=batch)
    assert_same(run, mirror)
    return run, mirror


@pytest.mark.parametrize("lines", ["rows", "columns"])
@pytest.mark.parametrize(("every", "reads", "batch"), [(1, 1, 1), (3, 2, 1), (2, 9, 5), (7, 1, 3)])
def test_the_second_version(every, reads, batch, lines):
    """Every sample or now and then, one line or more than there are; C moves, and H holds what is left."""
    numbers = {"transfer_every": every, "reads_per_transfer": reads, "transfer_lines": lines}
    spec = gathering(**numbers, transfer_learning_rate=0.5)
    run, mirror = both(spec, TransferTwin, batch=batch, rate=0.7)
    for index, sums in enumerate(mirror.sums):
        assert np.array_equal(run.chip.digital.memory[f"layer{index}.sums"], sums)
        assert np.array_equal(
            run.rule.matrices[index].roles["gradient"].weights(), mirror.gathered[index].weights()
        )
    assert any(np.any(sums) for sums in mirror.sums)


@pytest.mark.parametrize("bias", [False, True])
def test_real_converters_thresholds_and_forgetting(bias):
    """A is read in steps of its converters; sums begin anew after a pulse."""
    spec = gathering(parts={"tile": ROUGH}, threshold=2.5, forget=True, transfer_learning_rate=0.3)
    both(spec, TransferTwin, rate=0.9, bias=bias)


@pytest.mark.parametrize("lines", ["rows", "columns"])
def test_the_first_version(lines):
    """What is read goes to C at once, in whole steps."""
    spec = gathering("tiki-taka-v1", transfer_lines=lines, transfer_learning_rate=0.2, transfer_every=2)
    both(spec, AtOnceTwin, rate=0.7)


@pytest.mark.parametrize("lines", ["rows", "columns"])
def test_signs_that_turn(lines):
    """Half of all lines turn when they are read."""
    numbers = {"transfer_lines": lines, "chop_probability": 0.5, "reads_per_transfer": 2}
    spec = gathering("chopped-tiki-taka", **numbers, transfer_learning_rate=0.5)
    both(spec, ChoppedTwin, rate=0.7)


@pytest.mark.parametrize("batch", [1, 5])
def test_mixed_precision(batch):
    """The digital unit adds up what the cells get in whole steps; nothing is rounded away."""
    both(gathering("mixed-precision", threshold=1.5, pulses=3), MixedTwin, batch=batch, rate=0.7)


def test_without_turning_signs_chopped_is_the_second_version():
    """With a chance of zero both train alike."""
    data = made.digits(LAYERS[0], LAYERS[-1])
    plain = made.trained(gathering(), LAYERS, data=data)
    chopped = made.trained(gathering("chopped-tiki-taka", chop_probability=0), LAYERS, data=data)
    for ours, theirs in zip(chopped.weights, plain.weights, strict=True):
        assert np.array_equal(ours, theirs)


# --- the integral -----------------------------------------------------------------------------------


def integral(*, shape=(2, 3), threshold=1.0, most=1, forget=False, **memory):
    """H of one layer, at zero."""
    spec = gathering(memory=MemorySpec(banks=2, width=made.WIDTH, **memory))
    chip = made.rule_on(spec, (shape[0], shape[1])).chip
    held = Integral(
        chip.digital, "layer0", shape=shape, weights=shape[0] * shape[1], spec=spec.memory,
        threshold=threshold, most=most, forget=forget,
    )  # fmt: skip
    held.begin(generator(1, "digital.memory"))
    return held, chip


def test_pulses_are_the_integral_of_what_came():
    """0.4 a time: after n times floor(0.4 n) pulses were due, and the rest is held."""
    held, _ = integral()
    pulses = 0
    for number in range(1, 21):
        rows, _, counts = held.add(np.full((1, 3), F(0.4)), np.array([1], np.int32), by="rows")
        assert set(rows.tolist()) <= {1}
        pulses += int(counts.sum())
        # In single precision twenty times 0.4 is within 1e-6 of 8: off the edge, the floor is exact.
        assert pulses == 3 * int(0.4 * number + 1e-6)
    np.testing.assert_allclose(held.sums[1], 0, atol=1e-5)
    assert not held.sums[0].any()


def test_places_come_row_after_row_also_from_columns():
    """Cells are pulsed in the order in which a writer goes through rows."""
    held, _ = integral()
    changes = np.array([[1, -1], [1, 0]], F)
    rows, columns, counts = held.add(changes, np.array([2, 0], np.int32), by="columns")
    assert list(zip(rows.tolist(), columns.tolist(), counts.tolist(), strict=True)) == [
        (0, 0, 1), (0, 2, 1), (1, 2, -1),
    ]  # fmt: skip


def test_one_pulse_at_a_time_and_the_rest_is_kept():
    """3.5 thresholds at once: one pulse now, and without anything more another next time."""
    held, _ = integral()
    line = np.array([0], np.int32)
    given = [
        held.add(np.array([[change, 0, 0]], F), line, by="rows")[2].tolist() for change in (3.5, 0, 0, 0)
    ]
    assert given == [[1], [1], [1], []]
    assert held.sums[0, 0] == F(0.5)


def test_fixed_point_sums_are_rounded_and_clipped_and_that_is_told():
    """Eight bits over plus and minus four thresholds: steps of 4 / 127."""
    held, chip = integral(weights="fixed-8")
    line = np.array([0], np.int32)
    held.add(np.array([[0.5, 0.01, 9.0]], F), line, by="rows")
    grid = 4 / 127
    assert held.sums[0].tolist() == pytest.approx([grid * round(0.5 / grid), 0, 3.0])
    told = {loss.what: (loss.count, loss.of) for loss in chip.digital.memory.lost()}
    assert told == {"sums-clipped": (1, 3), "changes-rounded-away": (1, 3)}


# --- what it takes ----------------------------------------------------------------------------------


def steps_of(spec, layers=(4, 3), **how):
    """A network on a chip, and what comes after one sample that asks for nothing."""
    network = made.rule_on(spec, layers, **how)
    network.learner.begin(seed=1)
    program, charges = network.learner.end_step(1)
    return network, [op for op, _ in operations_of(program)], charges


def test_a_transfer_is_read_added_and_compared():
    """One row of A driven, three columns converted and sent; three sums of 32 bits; the selector counts and compares."""
    network, ops, charges = steps_of(gathering())
    told = [(op.part, op.action, dict(op.counts)) for op in ops if not op.part.startswith("link")]
    assert ("selector", "count", {"add": 1, "compare": 1}) in told
    assert ("tile1", "forward", {"rows": 1, "columns": 3}) in told
    assert ("digital.memory", "read", {"bits": 96}) in told
    assert ("digital.memory", "write", {"bits": 96}) in told
    assert ("digital", "integrate", {"add": 6, "multiply": 3}) in told
    assert ("selector", "compare", {"add": 0, "compare": 3}) in told
    assert not any(action == "pulse" for _, action, _ in told)
    assert {part for one in charges for part, _ in one.rows} == {"tile1.cells"}
    assert network.chip.digital.memory.used == 12 * 32


def test_a_column_takes_the_other_converters():
    """One column and the reference beside it driven, four rows converted."""
    _, ops, _ = steps_of(gathering(transfer_lines="columns"))
    read = next(op for op in ops if op.part == "tile1")
    assert (read.action, dict(read.counts)) == ("backward", {"rows": 4, "columns": 2})


def test_weights_that_are_due_are_sent_their_places():
    """A at one sixteenth in one cell, sixteen steps of C: one pulse, sent with its place."""
    network = made.rule_on(gathering(parts={"device": made.both_ways()}), (4, 3))
    network.learner.begin(seed=1)
    before = network.matrices[0].weights()
    gathered = network.matrices[0].roles["gradient"]
    gathered.blocks[0].tile.pulse_places(*(np.array([n], np.int32) for n in (0, 2, 2)), pair=0)
    program, _ = network.learner.end_step(1)
    (pulse,) = [op for op, _ in operations_of(program) if op.action == "pulse"]
    assert pulse.part == "tile0"
    moved = network.matrices[0].weights() - before
    assert moved[0, 2] == 2 / 64
    assert np.count_nonzero(moved) == 1
    # The integral keeps one of the two steps that A asked for.
    assert network.chip.digital.memory["layer0.sums"][0, 2] == 1


def test_timed_alone_as_many_transfers_as_come():
    """Of eight samples at once, a reading every four: two rows of three sums compared, and all samples counted."""
    run = made.timed(gathering(transfer_every=4), (4, 3), samples=8, batch=8)
    prices = made.COSTS.selector
    told = {action: entry.energy_aj for part, action, entry in run.ledger if part == "selector"}
    assert told == {"compare": 6 * prices.compare, "count": 8 * (prices.add + prices.compare)}


def test_replay_charges_what_every_event_does():
    """The ledger is the same to the last attojoule."""
    data = made.digits(LAYERS[0], LAYERS[-1])
    one, other = (made.trained(gathering(), LAYERS, data=data, replay=replay) for replay in (True, False))
    assert one.ledger == other.ledger
    assert one.training.epochs[-1].simulated_time_ps == other.training.epochs[-1].simulated_time_ps


def test_state_is_saved_and_restored():
    """H, A, the samples seen and signs: trained on from a copy as if nothing had come between."""
    data = made.digits(LAYERS[0], LAYERS[-1])
    spec = gathering("chopped-tiki-taka", chop_probability=0.5, transfer_every=3)
    run = made.trained(spec, LAYERS, data=data)
    other = made.rule_on(spec, LAYERS, seed=7)
    other.learner.begin(seed=7)
    other.restore(run.rule.state())
    x, d = np.full((1, 6), F(0.5)), np.full((1, 5), F(-0.5))
    for network in (run.rule, other):
        network.learner.learn(0, x, d)
        for _ in range(4):
            network.learner.end_step(1)
    for mine, theirs in zip(run.rule.matrices, other.matrices, strict=True):
        assert np.array_equal(mine.weights(), theirs.weights())
        assert np.array_equal(mine.roles["gradient"].weights(), theirs.roles["gradient"].weights())


@pytest.mark.parametrize("kind", ["tiki-taka-v1", "tiki-taka-v2"])
def test_two_groups_of_tiles(kind):
    """A on small tiles and C on large ones learn what they learn on tiles of one group, cells being exact."""
    data = made.digits(LAYERS[0], LAYERS[-1])
    plain = gathering(kind)
    small = attrs.evolve(plain, tile=made.crossbar(rows=3, columns=2))
    spec = made.grouped(plain, weights=(plain, "all", "weight"), gradients=(small, "all", "gradient"))
    assert rules.of_chip(spec) == []
    one, two = (made.trained(each, LAYERS, data=data) for each in (plain, spec))
    for ours, theirs in zip(two.weights, one.weights, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-3)
    assert len(two.chip.tiles) > len(one.chip.tiles)


# --- what is refused --------------------------------------------------------------------------------


def messages(spec):
    """What is said of a chip."""
    return [f"{'.'.join(map(str, fault.path))}: {fault.message}" for fault in rules.of_chip(spec)]


def test_without_memory_or_selector():
    """H has to be somewhere, and somebody has to say when A is read."""
    spec = attrs.evolve(gathering(), memory=None, selector=made.chip().selector)
    told = messages(spec)
    assert len(told) == 2
    assert any("tiki-taka-v2 (rule) needs a memory of the digital unit" in message for message in told)
    assert any("needs logic that says when gathered gradients are read" in message for message in told)


def test_pairs_to_choose_from_and_recentring():
    """Both told at once."""
    spec = made.hybrid(
        device=made.finite(), update=made.update_by(
            kind="row-by-row", encoding="deterministic", slots=6,
            recentre=Recentre(every=10, headroom=0.1),
        ),
        selector=Transfer(), rule=rule(), memory=MemorySpec(banks=2, width=made.WIDTH),
    )  # fmt: skip
    told = "\n".join(messages(spec))
    assert "synapse.kind: has the pairs coarse and fine, and tiki-taka-v2 (rule) pulses one alone" in told
    assert "update.recentre: tiki-taka-v2 (rule) never looks for pairs that ran out of range" in told


def test_columns_need_converters_behind():
    """Lines that are read on the rows, and nothing there to read them with."""
    tile = attrs.evolve(made.crossbar(), backward=attrs.evolve(made.one_pass(), adc=None))
    told = messages(gathering(transfer_lines="columns", parts={"tile": tile}))
    assert told == [
        "rule.transfer_lines: is columns, which are read on the rows, and tile.backward has no adc; take rows"
    ]


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"threshold": -1}, "between 1e-06 and"),
        ({"threshold": float("nan")}, "finite"),
        ({"transfer_every": 0}, "at least 1"),
        ({"reads_per_transfer": 0}, "at least 1"),
        ({"transfer_lines": "diagonals"}, "rows"),
        ({"transfer_learning_rate": 0}, "more than 0"),
        ({"chop_probability": 2}, "between 0 and 1"),
        ({"threshold": 0}, "between 1e-06 and"),
        # Nothing in single precision, by which sums would be divided.
        ({"threshold": 1e-46}, "between 1e-06 and"),
    ],
)
def test_numbers_that_make_no_sense(numbers, message):
    """Each is told with what is allowed."""
    with pytest.raises(ValueError, match=message):
        rule("chopped-tiki-taka", **numbers)


def test_a_rule_without_sums_may_stand_beside_a_memory():
    """One chip is run by several rules: what it keeps no sums by leaves the memory alone."""
    assert messages(gathering("tiki-taka-v1")) == []
    assert messages(gathering("outer-product-sgd")) == []


@pytest.mark.parametrize("kind", ["tiki-taka-v2", "chopped-tiki-taka", "mixed-precision"])
def test_a_memory_too_small_for_the_sums(kind):
    """Sums of 5 x 4 and 4 x 3 weights, with biases 6 x 4 and 5 x 3, of 32 bits each: 1,248; one bit less is refused."""
    workload = made.workload_of((5, 4, 3), bias=True)
    needed = (6 * 4 + 5 * 3) * 32
    for size, told in ((needed - 1, 1), (needed, 0), ("auto", 0)):
        spec = gathering(kind, memory=MemorySpec(banks=1, width=64, size=size))
        found = list(spec.rule.faults_with(spec, workload))
        assert len(found) == told
    small = gathering(kind, memory=MemorySpec(banks=1, width=64, size=1024))
    (fault,) = small.rule.faults_with(small, workload)
    assert fault.path == ("memory", "size")
    assert fault.message == (
        f"1024 bit cannot hold what {kind} keeps for 'w', 1248 bit; give it as much, or auto"
    )


def test_a_reading_that_never_comes():
    """Refused before anything runs, with how many samples there are."""
    rule_of_chip = rule(transfer_every=500)
    (fault,) = rule_of_chip.faults_of_samples(499)
    assert fault.path == ("rule", "transfer_every")
    assert "trains on 499 samples in all: A would never be read" in fault.message
    assert list(rule_of_chip.faults_of_samples(500)) == []


def test_a_sample_in_one_pass_is_what_a_product_is_weight_by_weight():
    """Also rows without input in which more was due than was given, and sums exactly at the threshold."""
    rng = np.random.default_rng(4)
    one, _ = integral(shape=(5, 4), most=2)
    two, _ = integral(shape=(5, 4), most=2)
    every = np.arange(5, dtype=np.int32)
    for number in range(60):
        x = np.where(rng.random(5) < 0.4, 0, rng.standard_normal(5)).astype(F)
        d = (rng.standard_normal(4) * (6 if number % 7 == 0 else 0.5)).astype(F)
        if number == 30:
            x, d = np.zeros(5, F), np.zeros(4, F)
        product = np.outer(x, d) * F(0.75)
        # A batch in between leaves more due than it gave, where the next sample has no input.
        mixed = number % 5 == 4
        at_once = one.add(product, every, by="rows") if mixed else one.add_sample(x, d, share=F(0.75))
        in_turn = two.add(product, every, by="rows")
        for ours, theirs in zip(at_once, in_turn, strict=True):
            assert ours.tolist() == theirs.tolist()
        assert np.array_equal(one.sums, two.sums)


# --- other networks, and what little can be seen ----------------------------------------------------


@pytest.mark.parametrize("kind", ["tiki-taka-v1", "tiki-taka-v2", "chopped-tiki-taka", "mixed-precision"])
def test_convolutions_and_normalised_layers(kind):
    """A vector of each place is gathered; lines are read after each sample, or each batch."""
    layers = ((4, 4, 1), Convolution(kernels=2, size=3), 3)
    images = np.random.default_rng(1).integers(0, 256, (24, 4, 4, 1)).astype(np.uint8)
    labels = (np.arange(24) % 3).astype(np.uint8)
    data = from_arrays("faces", train=(images, labels), test=(images[:6], labels[:6]), classes=3)
    parts = {"tile": made.crossbar(16, 8)}
    spec = gathering(kind, parts=parts)
    plain = made.trained(spec, layers, data=data, rate=2.0)
    normalised = made.trained(
        spec, layers, data=data, rate=2.0, batch=4, normalisation=NormalisationSpec(state="shared")
    )
    for run in (plain, normalised):
        start = made.rule_on(spec, layers)
        start.learner.begin(seed=1)
        moved = [
            not np.array_equal(ours, first.weights())
            for ours, first in zip(run.weights, start.matrices, strict=True)
        ]
        assert moved == [True, True]


def test_converters_that_see_no_step_of_a_cell():
    """Fifteen codes over plus and minus 2.1: steps of 0.3, beside cells of 1/32."""
    real = made.one_pass(ideal=False, reach=2.1)
    parts = {"device": made.both_ways(), "tile": made.crossbar(forward=real)}
    workload = made.workload_of(LAYERS)
    (told,) = [text for text in learning_warnings(gathering(parts=parts), workload) if "A is read" in text]
    assert told == (
        "tile.forward.adc.range: A is read in steps of 0.3, a step of its cells is 0.0312: what is under 4.8 of them "
        "is read as nothing; lower it, or use more bits"
    )
    by_columns = gathering(parts=parts, transfer_lines="columns")
    assert not any("A is read" in text for text in learning_warnings(by_columns, workload))


def test_no_more_pulses_at_a_time_than_drivers_give():
    """Ten steps at once, where an update of six gives no more than six: the rest is kept for the next batch."""
    few = {"update": made.update_by(kind="row-by-row", encoding="deterministic", slots=6)}
    network = made.rule_on(gathering("mixed-precision", parts=few, pulses=9), (4, 3))
    network.learner.begin(seed=1)
    held = network.learner.integrals[0]
    changes = np.zeros((4, 3), F)
    changes[1, 2] = 10
    given = [
        held.add(changes * first, np.arange(4, dtype=np.int32), by="rows")[2].tolist() for first in (1, 0, 0)
    ]
    assert given == [[6], [4], []]
