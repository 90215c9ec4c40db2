"""Cells against references of their own, by hand: how symmetry points are found, and what that takes.

Cells conduct 0 to 1 S and weights reach from -1 to 1. A pulse takes an eighth of the way to the bound that it
leads to: from the middle one up leads to 9/16 S, and one down from there to (7/8) 9/16 S.
"""

from __future__ import annotations

import numpy as np
import pytest

from chipsim.device.alternating import Alternating
from chipsim.run.execute import execute
from chipsim.state import restore, state_of
from chipsim.synapse.carrier import Centring
from tests import made
from tests.made import ADC, DAC, READ, SAMPLE, SLOT

F = np.float32
DOWN_SLOT = made.DOWN + 5
UP_AJ, DOWN_AJ, READ_AJ = 1.0 * 31e6, 9.0 * made.DOWN * 1e6, 0.25 * READ * 1e6
"""Attojoules that a siemens takes of a pulse of either polarity, and of a read at full scale."""
A_READ = DAC + READ + SAMPLE + ADC
RISEN, FALLEN = 9 / 16, 63 / 128
"""What a cell conducts after a pulse up from the middle, and after one down from there."""


def a_tile(rows=1, columns=1, **changes):
    """A chip with one tile of such cells, and the tile."""
    fields = {"tile": made.crossbar(rows, columns), "pairs": 1, **changes}
    chip = made.rule_on(made.referred(**fields), (rows, columns)).chip
    return chip, chip.tiles[0]


def written(weights, **changes):
    """A tile after its first writing, and what that was."""
    wanted = np.array(weights, F)
    chip, tile = a_tile(*wanted.shape, **changes)
    return chip, tile, tile.initialise(wanted)


def charged(change, action):
    """Energies by part of all that is charged as an action."""
    found = {}
    for charges in change.charges:
        for (part, what), energy in zip(charges.rows, charges.energies_aj, strict=True):
            if what == action:
                found[part] = found.get(part, 0) + energy
    return found


# --- how symmetry points are found --------------------------------------------------------------------


@pytest.mark.parametrize("states", [16, 50.5, 200])
def test_each_pair_of_pulses_leaves_what_two_pulses_do_not_take(states):
    """(1 - s)^2 of the distance from where a cell ends after a pulse down: s / (2 - s) below its symmetry point.

    With w over half the range, up leads to w + s (1 - w) and down from v to v - s (1 + v), together to
    w (1 - s)^2 - s^2, of which w = -s / (2 - s) is the point that stays.
    """
    _, tile = a_tile(device=made.soft_bounds(states=states))
    cells, step = tile.carrier.cells, 2 / states
    cells.conductance[:] = 0.9
    stays = -step / (2 - step)
    for count in (1, 2, 5, 17):
        before = 2 * float(cells.conductance[0, 0]) - 1
        for _ in range(count):
            tile.carrier.pulse_all(1, down=False)
            tile.carrier.pulse_all(1, down=True)
        after = 2 * float(cells.conductance[0, 0]) - 1
        assert after - stays == pytest.approx((before - stays) * (1 - step) ** (2 * count), abs=1e-6)


def test_what_is_left_of_a_distance_is_told_of_the_device():
    """200 pairs on 200 states: 0.99^400."""
    assert made.soft_bounds(states=200).unsettled(200) == pytest.approx(0.99**400)
    assert made.soft_bounds(states=200, asymmetry=2).unsettled(10) == pytest.approx((0.99 * 0.98) ** 10)
    assert made.both_ways().unsettled(1) == 0


def test_cells_end_half_a_step_under_their_references():
    """Read after a pulse up, s / (2 - s), and after one down, minus that: the mean is the symmetry point."""
    _, tile, _ = written([[0.0, 0.0]], pairs=200)
    (worn, references) = tile.wear()
    assert references.conductance == pytest.approx(0.5, abs=1e-6)
    assert tile.weights() == pytest.approx(-(1 / 8) / (2 - 1 / 8), abs=1e-6)
    assert worn.conductance == pytest.approx(0.5 - 1 / 30, abs=1e-6)


def test_references_stand_where_steps_are_equal():
    """Steps down half as long as those up: near w = 1/3, of finite steps (1 - a) / (1 + a - a s) on average."""
    _, tile, _ = written([[0.0]], pairs=300, device=made.soft_bounds(asymmetry=0.5))
    references = tile.wear()[1].conductance
    assert 2 * float(references[0, 0]) - 1 == pytest.approx(0.5 / (1.5 - 0.5 / 8), abs=1e-6)


@pytest.mark.parametrize(("states", "variation"), [(16, 0.2), (21.07, 0.4158)])
def test_steps_that_vary_blur_symmetry_points(states, variation):
    """By v sqrt(s / 2): what is found is off by that, and the references with it.

    A pulse keeps 1 - s of a distance w and adds noise of v s, so w ends with a variance of v^2 s / (2 - s). After one
    pulse more its mean with what came before is ((2 - s) w + v s n) / 2, n of variance one: (2 - s) v^2 s + v^2 s^2
    over four, which is v^2 s / 2.
    """
    shape, step = (60, 60), 2 / states
    device = made.soft_bounds(states=states, step_variation=variation)
    _, tile, _ = written(np.zeros(shape), tile=made.crossbar(*shape), device=device, pairs=100)
    count, total, squares = tile.first_writing().points
    assert np.sqrt(squares / count) == pytest.approx(
        variation * np.sqrt(step / 2), rel=4 / np.sqrt(2 * count)
    )
    assert total / count == pytest.approx(0, abs=4 * variation * np.sqrt(step / 2 / count))
    # What converters without steps leave of it is nothing: references stand at what was found.
    assert tile.first_writing().errors[2] / count == pytest.approx(0, abs=1e-9)


def blur(pairs, readings, *, states=21.07, variation=0.4158, write_noise=1.4113):
    """Standard deviation of the mean of readings, as weights, of cells that do not differ, by hand.

    From pulse to pulse a distance keeps r = 1 - s, and its variance is V = v^2 s / (2 - s). Means of two readings,
    before and after a pulse, of which the first are L pulses apart, thus have a covariance of
    V / 4 (r^(L-1) + 2 r^L + r^(L+1)) = V (1 + r)^2 r^(L-1) / 4, and a variance of V (1 + r) / 2. Write noise is drawn
    for each reading apart.
    """
    step = 2 / states
    kept, variance = 1 - step, variation**2 * step / (2 - step)
    half = -(-pairs // 2)
    ends = [2 * (pairs - half * later // readings) for later in range(readings)]
    total = 0.0
    for one in ends:
        for other in ends:
            apart = abs(one - other)
            if apart:
                total += variance * (1 + kept) ** 2 * kept ** (apart - 1) / 4
            else:
                total += variance * (1 + kept) / 2
    return np.sqrt(total / readings**2 + (write_noise * step) ** 2 / (2 * readings))


@pytest.mark.parametrize(
    ("pairs", "readings", "wanted"),
    [(200, 1, 0.1311), (200, 20, 0.0364), (400, 20, 0.0314), (1000, 20, 0.0294)],
)
def test_several_readings_find_symmetry_points_better(pairs, readings, wanted):
    """Of the optimised array's steps and noise: 20 readings count as 9, 15 or 20 that know nothing of each other.

    Of one the blur is v sqrt(s / 2) = 0.0906 and write noise 1.4113 s / sqrt(2) = 0.0947; of twenty after 1,000 pairs,
    25 pairs apart, of which (1 - s)^50 = 0.7 % is kept, they are both over sqrt(20), and of 200 pairs, 5 apart, 37 % is.
    """
    assert blur(pairs, readings) == pytest.approx(wanted, abs=5e-5)
    shape = (60, 60)
    device = made.soft_bounds(
        states=21.07, step_variation=0.4158, write_noise=1.4113, on_conductance=3, off_conductance=1
    )
    _, tile, _ = written(
        np.zeros(shape), tile=made.crossbar(*shape), device=device, pairs=pairs, readings=readings
    )
    count, total, squares = tile.first_writing().points
    assert np.sqrt(squares / count) == pytest.approx(wanted, rel=4 / np.sqrt(2 * count))
    assert total / count == pytest.approx(0, abs=4 * wanted / np.sqrt(count))
    # The truth is zero, and this is what references stand at.
    references = tile.wear()[1].conductance.astype(float) - 2
    assert references.std() == pytest.approx(wanted, rel=4 / np.sqrt(2 * count))
    assert tile.first_writing().errors[2] / count == pytest.approx(0, abs=1e-9)


def test_several_readings_of_cells_that_differ():
    """Against the point that each cell's own bounds and steps have: where u (1 - w / M) is d (1 + w / m).

    Bounds and steps differ by a tenth, which moves points by less than readings of cells alike are off by.
    """
    spreads = dict.fromkeys(("step_spread", "upper_spread", "lower_spread", "asymmetry_spread"), 0.1)
    device = made.soft_bounds(
        states=21.07,
        step_variation=0.4158,
        write_noise=1.4113,
        on_conductance=3,
        off_conductance=1,
        **spreads,
    )
    found = []
    for readings in (1, 20):
        _, tile, _ = written(
            np.zeros((40, 40)), tile=made.crossbar(40, 40), device=device, pairs=400, readings=readings
        )
        cells = tile.carrier.cells
        up, down = cells.step.astype(float), -cells.step_down.astype(float)
        above, below = cells.high.astype(float) - 2, 2 - cells.low.astype(float)
        truth = (up - down) / (up / above + down / below)
        assert truth.std() > 0.05
        found.append((tile.wear()[1].conductance - 2 - truth).std())
    assert found[0] == pytest.approx(blur(400, 1), rel=0.15)
    assert found[1] == pytest.approx(blur(400, 20), rel=0.15)


@pytest.mark.parametrize(
    ("pairs", "readings", "after"),
    [
        (1, 1, (1,)),
        (7, 1, (7,)),
        (10, 5, (6, 7, 8, 9, 10)),
        (9, 5, (5, 6, 7, 8, 9)),
        (20, 3, (14, 17, 20)),
        (200, 20, tuple(range(105, 201, 5))),
    ],
)
def test_readings_lie_evenly_in_the_last_half(pairs, readings, after):
    """The last one always after the last pair."""
    assert Centring(pairs=pairs, readings=readings, rounds=1).read_after == after


def test_a_reference_is_the_mean_of_what_was_read():
    """After each of the last two of three pairs, before and after the pulse down; without noise, by hand."""
    _, tile, _ = written([[0.0]], pairs=3, readings=2)
    stood = []
    now = 0.5
    for pair in range(3):
        up = now + (1 - now) / 8
        now = up - up / 8
        if pair:
            stood += [up, now]
    assert float(tile.wear()[1].conductance[0, 0]) == pytest.approx(sum(stood) / 4, abs=1e-6)
    assert float(tile.wear()[0].conductance[0, 0]) == pytest.approx(now, abs=1e-6)
    point = tile.first_writing().points[1]
    assert point == pytest.approx(2 * sum(stood) / 4 - 1, abs=1e-6)


def test_cells_are_brought_to_the_middle_first():
    """Fresh at their lower bound, of 64 even steps: 32 pulses up, then one pair, which leads nowhere."""
    chip, tile, change = written([[0.25, -0.25]], device=made.both_ways())
    assert tile.weights().tolist() == [[0.25 - 1 / 64, -0.25 - 1 / 64]]
    worn, references = tile.wear()
    assert references.conductance.tolist() == [[0.5 + 1 / 128] * 2]
    assert worn.pulses.tolist() == [[32 + 2 + 8, 32 + 2 + 8]]
    assert change.operation["centre_up"] == 33
    assert execute(chip, change.operation).elapsed > 33 * SLOT


def test_corrupt_cells_have_references_too():
    """What never moves reads as zero: its reference is where it is stuck."""
    device = made.soft_bounds(corrupt_cells=1.0)
    _, tile, _ = written(np.full((5, 4), 0.5), tile=made.crossbar(5, 4), device=device)
    worn, references = tile.wear()
    np.testing.assert_array_equal(worn.conductance, references.conductance)
    assert np.unique(worn.conductance).size == 20
    assert not tile.weights().any()


def test_references_are_off_by_their_error():
    """A tenth of the range is a fifth of a weight; drawn once, by the array's own name."""
    shape = (60, 50)
    _, tile, _ = written(np.zeros(shape), tile=made.crossbar(*shape), error=0.1, pairs=200)
    told = tile.first_writing()
    count, total, squares = told.errors
    assert count == 3000
    assert total / count == pytest.approx(0, abs=0.2 * 4 / np.sqrt(3000))
    assert np.sqrt(squares / count) == pytest.approx(0.2, rel=0.06)
    assert told.points[2] / count == pytest.approx(0, abs=1e-9)
    _, again, _ = written(np.zeros(shape), tile=made.crossbar(*shape), error=0.1, pairs=200)
    np.testing.assert_array_equal(again.weights(), tile.weights())


def test_readings_are_those_of_the_converters():
    """Steps of 8/7: a symmetry point at 1/3 of the largest weight reads as zero, and so the middle is kept."""
    tile = made.crossbar(1, 1, forward=made.one_pass(ideal=False))
    _, coarse, _ = written([[0.0]], tile=tile, pairs=300, device=made.soft_bounds(asymmetry=0.5))
    assert coarse.wear()[1].conductance.tolist() == [[0.5]]
    assert not [loss for loss in coarse.lost() if "adc" in loss.part and loss.what.startswith("results")]


@pytest.mark.parametrize("readings", [1, 4])
def test_a_compiled_loop_is_pulse_after_pulse(readings, monkeypatch):
    """Cells with all that the measured ones have: weights, references, figures and charges are bit for bit the same."""
    device = made.soft_bounds(
        states=21.07, on_conductance=3, off_conductance=1, step_variation=0.4, write_noise=1.4, step_spread=0.8,
        upper_spread=0.3, lower_spread=0.5, asymmetry_spread=0.01, corrupt_cells=0.1, fresh_share=0.2,
    )  # fmt: skip
    weights = np.linspace(-0.7, 0.7, 12 * 9).reshape(12, 9)
    tile = made.crossbar(12, 9, forward=made.one_pass(ideal=False, reach=2.0, noise=0.3))
    given = {"tile": tile, "device": device, "pairs": 9, "readings": readings, "error": 0.02}
    _, compiled, change = written(weights, **given)
    monkeypatch.setattr(Alternating, "of", lambda *_: None)
    _, alone, wanted = written(weights, **given)
    np.testing.assert_array_equal(compiled.weights(), alone.weights())
    for one, other in zip(compiled.wear(), alone.wear(), strict=True):
        np.testing.assert_array_equal(one.conductance, other.conductance)
        np.testing.assert_array_equal(one.pulses, other.pulses)
    np.testing.assert_array_equal(compiled.first_writing().points, alone.first_writing().points)
    assert change.charges == wanted.charges
    assert change.operation == wanted.operation


# --- what it takes ------------------------------------------------------------------------------------


def test_centring_one_cell():
    """One pulse up, a reading, one down, a reading, three rounds of the reference: charged as `centre`."""
    chip, tile, change = written([[0.0]])
    energies = charged(change, "centre")
    reference = (RISEN + FALLEN) / 2
    up, down = (0.5 + RISEN) / 2, (RISEN + FALLEN) / 2
    cells = round(UP_AJ * up + DOWN_AJ * down) + round(READ_AJ * (RISEN + 4 * FALLEN))
    # A round drives the row twice and the column once: of three times the cell, two are the pulse itself.
    programmed = round((UP_AJ + DOWN_AJ) / 2 * 3 * reference * 1.25)
    assert energies["tile0.cells"] == pytest.approx(cells, abs=2)
    read = round(READ_AJ * (2 * 0.5 + 3 * reference))
    assert energies["tile0.references"] == pytest.approx(programmed + read, abs=2)
    assert energies["tile0.driver"] == 7 * (2 + 2 * 3 + 2 + 3)
    timing = execute(chip, change.operation)
    assert timing.elapsed == SLOT + DOWN_SLOT + 2 * A_READ + 3 * (SLOT + DOWN_SLOT) + 3 * A_READ
    assert tile.wear()[0].pulses.tolist() == [[2]]
    assert tile.wear()[1].pulses.tolist() == [[3]]
    assert [worn.updates for worn in tile.wear()] == [0, 0]


def test_every_reading_is_charged_and_takes_its_time():
    """A second one, of two pairs: two conversions of the row more, and twice the current of cells and references."""
    _, _, once = written([[0.0]], pairs=2, readings=1)
    chip, tile, twice = written([[0.0]], pairs=4, readings=2)
    _, _, longer = written([[0.0]], pairs=4, readings=1)
    assert once.operation["centre_readings"] == 2
    assert twice.operation["centre_readings"] == 4
    spent, saved = charged(twice, "centre"), charged(longer, "centre")
    # Read after the third pair and the fourth.
    up = 0.5
    for _ in range(3):
        up = up + (1 - up) / 8
        fallen = up - up / 8
        risen, up = up, fallen
    assert spent["tile0.cells"] - saved["tile0.cells"] == pytest.approx(READ_AJ * (risen + fallen), rel=1e-6)
    assert spent["tile0.driver"] == saved["tile0.driver"]
    elapsed = execute(chip, twice.operation).elapsed
    assert elapsed == execute(chip, longer.operation).elapsed + 2 * A_READ
    assert elapsed == 4 * (SLOT + DOWN_SLOT) + 4 * A_READ + 3 * (SLOT + DOWN_SLOT) + 3 * A_READ
    assert tile.wear()[0].pulses.tolist() == [[8]]


def test_all_cells_of_a_tile_are_pulsed_at_once():
    """Pulses take as long for twelve cells as for one; readings and references go row by row."""
    chip, _, change = written(np.zeros((4, 3)), tile=made.crossbar(4, 3))
    elapsed = execute(chip, change.operation).elapsed
    rounds = 4 * 3 * (SLOT + DOWN_SLOT)
    one_read = DAC + READ + SAMPLE + ADC
    assert elapsed == SLOT + DOWN_SLOT + 8 * one_read + rounds + 12 * one_read


def test_lines_out_of_use_are_half_selected():
    """One cell of 2 x 2: the row and the column each have another, of 0.25 S, at a quarter of the power."""
    device = made.soft_bounds(on_conductance=1.25, off_conductance=0.25)
    chip = made.rule_on(made.referred(pairs=1, tile=made.crossbar(2, 2), device=device), (1, 1)).chip
    change = chip.tiles[0].initialise(np.zeros((1, 1), F))
    up, down = 0.25 + (0.5 + RISEN) / 2, 0.25 + (RISEN + FALLEN) / 2
    pulses = UP_AJ * (up + 0.25 * 0.5) + DOWN_AJ * (down + 0.25 * 0.5)
    reads = READ_AJ * (0.25 + RISEN + 0.25 + 4 * (0.25 + FALLEN + 0.25))
    assert charged(change, "centre")["tile0.cells"] == pytest.approx(pulses + reads, abs=3)


def test_a_step_up_may_be_two_pulses():
    """A SET and a longer RESET, 31 and 310 ps, each with a rise and fall, and each charges its lines."""
    device = made.set_reset()
    chip, _, change = written([[0.0]], device=device, rounds=1)
    up = SLOT + made.UNDO + 5
    assert execute(chip, change.operation).elapsed == 2 * (up + DOWN_SLOT) + 3 * A_READ
    # Two rows and columns up and one down; of the reference three, and of the column half of three.
    assert charged(change, "centre")["tile0.driver"] == 7 * (3 + 3 + 3 + 2)


def test_the_writing_is_charged_apart():
    """An eighth of the way up is one pulse from the symmetry point, after all else."""
    chip, tile, change = written([[1 / 8]], pairs=1)
    assert set(charged(change, "initialise")) == {"tile0.cells", "tile0.driver"}
    assert tile.wear()[0].pulses.tolist() == [[3]]
    *_, last = change.charges
    assert last.pulses[0] == 1
    assert change.operation["slots"] == 1
    assert execute(chip, change.operation).ledger.by_part()["tile0.references"].busy_ps > 0


# --- reading ------------------------------------------------------------------------------------------


def test_both_arrays_are_read_either_way():
    """A cell at 1/2 S and one above the middle, against references of a half: both take their current."""
    _, tile, _ = written([[0.0, 0.5]], pairs=1)
    cells, references = (worn.conductance.astype(float) for worn in tile.wear())
    x = np.array([[0.5]], F)
    reading = tile.forward(x)
    assert reading.values[0] == pytest.approx(0.5 * tile.weights()[0], abs=1e-6)
    (charges,) = reading.charges
    assert [part for part, _ in charges.rows] == ["tile0.cells", "tile0.references"]
    found = [round(READ_AJ * 0.25 * each.sum()) for each in (cells, references)]
    assert list(charges.energies_aj) == pytest.approx(found, abs=1)
    reading = tile.backward(np.array([[1, -0.5]], F))
    assert reading.values[0, 0] == pytest.approx(tile.weights()[0] @ [1, -0.5], abs=1e-6)
    (charges,) = reading.charges
    found = [READ_AJ * (each[0, 0] + 0.25 * each[0, 1]) for each in (cells, references)]
    assert list(charges.energies_aj) == pytest.approx(found, abs=1)


def test_updates_leave_references_alone():
    """Pulses of an update busy the cells, and their lines; the other array rests."""
    chip, tile, _ = written([[0.0, 0.0]])
    references = tile.wear()[1].conductance.copy()
    change = tile.update(np.array([1], F), np.array([-1, 1], F), rate=1 / 8, pair=0)
    np.testing.assert_array_equal(tile.wear()[1].conductance, references)
    parts = [part for part, _ in change.charges[0].rows]
    assert parts == ["tile0.cells", "tile0.cells", "tile0.driver"]
    assert "tile0.references" not in execute(chip, change.operation).ledger.by_part()
    assert tile.read_rows(np.array([0], np.int32)).values == pytest.approx(tile.weights(), abs=1e-6)


def test_a_state_has_the_references():
    """Restored on a tile that was never centred, weights and figures are the same."""
    _, tile, _ = written([[0.25, -0.5]], error=0.1)
    _, other = a_tile(1, 2, error=0.1)
    restore(other, state_of(tile))
    np.testing.assert_array_equal(other.weights(), tile.weights())
    x = np.array([[1]], F)
    np.testing.assert_array_equal(other.forward(x).values, tile.forward(x).values)
    np.testing.assert_array_equal(other.first_writing().errors, tile.first_writing().errors)
    assert other.forward(x).charges == tile.forward(x).charges


def test_bounds_met_while_centring_are_no_loss_of_training():
    """Noise leads cells over their bounds again and again; only what comes later is told."""
    device = made.soft_bounds(states=3.0, step_variation=3.0)
    _, tile, _ = written(np.zeros((4, 4)), tile=made.crossbar(4, 4), device=device, pairs=20)
    assert not [loss for loss in tile.lost() if loss.what.startswith("pulsings")]
