"""Wear of saved runs: shares, quantiles, trainings and hottest cells, by hand and by brute force."""

from fractions import Fraction

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from chipsim.errors import OutputError
from chipsim.report.endured import not_counted_sentence, shares_sentence, stands_sentence
from chipsim.result import PlacedBlock, Wear
from chipsim.result.endurance import EnduranceQuestion, endurance
from chipsim.result.places import described, places_of
from chipsim.result.wear import (
    cell_counts,
    cells_over,
    cells_under,
    cycle_count,
    hottest_cells,
    quantile,
    trainings_until,
    usual_count,
)
from tests.results_made import made_result, one_tile_a_layer

COUNTS = npst.arrays(
    np.int64, npst.array_shapes(min_dims=2, max_dims=2, max_side=6), elements=st.integers(0, 40)
)
SHARES = st.fractions(min_value=Fraction(1, 50), max_value=1, max_denominator=50)

ONE = Wear(
    array="tile0.cells",
    pulses=np.array([[10, 30], [0, 25]]),
    resets=np.array([[9, 29], [0, 24]]),
    programmings=np.array([[12, 30], [0, 25]]),
)
OTHER = Wear(
    array="tile1.cells",
    pulses=np.array([[50, 51]]),
    resets=np.array([[50, 50]]),
    programmings=np.array([[50, 51]]),
)


def programmed(*wear, chip=None, workload=None):
    """A made result whose cells were programmed to levels."""
    made = made_result("single-pair")
    summary = {**made.summary, "architecture": "made-levels"}
    return attrs.evolve(
        made,
        summary=summary,
        wear=wear or (ONE, OTHER),
        placement=(),
        chip=made.chip if chip is None else chip,
        workload=made.workload if workload is None else workload,
    )


def test_shares_are_strict():
    """A cell with exactly as many operations as the threshold is neither under nor over it."""
    counts = np.array([[24, 25], [26, 25]])
    assert (cells_under(counts, 25), cells_over(counts, 25)) == (1, 1)
    assert (cells_under(counts, 0), cells_over(counts, 26)) == (0, 0)


def test_four_counts_by_hand():
    """Programmings count a RESET and a SET once, operations both, cycles the more of them, pulses SETs."""
    run = programmed()
    assert cell_counts(run)["tile0.cells"].tolist() == [[12, 30], [0, 25]]
    assert cell_counts(run, count="operations")["tile0.cells"].tolist() == [[19, 59], [0, 49]]
    assert cell_counts(run, count="pulses")["tile0.cells"].tolist() == [[10, 30], [0, 25]]
    assert cell_counts(run, count="cycles")["tile0.cells"].tolist() == [[10, 30], [0, 25]]
    assert cell_counts(run, count="cycles")["tile1.cells"].tolist() == [[50, 51]]
    assert (usual_count(run), usual_count(made_result())) == ("programmings", "pulses")
    assert (cycle_count(run), cycle_count(made_result())) == ("cycles", "pulses")


def test_counts_that_outgrow_32_bits_add_up():
    """Counts kept as 32-bit integers are added as longer ones."""
    full = np.array([[2**31 - 1]], np.int32)
    run = programmed(Wear(array="tile0.cells", pulses=full, resets=full, programmings=full))
    assert endurance(run, EnduranceQuestion(count="operations")).all.total == 2**32 - 2


def test_a_run_by_hand():
    """Six cells with 12, 30, 0, 25, 50 and 51 programmings and an endurance of 50."""
    run = programmed(chip={"device": {"endurance": {"value": 50, "source": "made"}}})
    found = endurance(run, EnduranceQuestion(share=Fraction(1, 3), hottest=2))
    whole = found.all
    assert (found.count, found.cycles, found.endurance) == ("programmings", "cycles", 50)
    assert (whole.cells, whole.total, whole.mean) == (6, 168, 28)
    assert (whole.median, whole.most_of, whole.hottest, whole.untouched) == (25, 51, 51, 1)
    # 12 and 0 are under 25, which 25 is not; 51 is over 50, which 50 is not.
    assert (whole.under, whole.over, whole.past_endurance) == (2, 1, 1)
    # A third of six cells is two: after two trainings the cells of 51 and 50 have had 102 and 100.
    assert whole.trainings == 2
    assert [(cell.array, cell.row, cell.column, cell.operations) for cell in found.hottest] == [
        ("tile1.cells", 0, 1, 51),
        ("tile1.cells", 0, 0, 50),
    ]
    assert [group.name for group in found.groups] == [
        *("tile0.cells", "tile1.cells"),
        *("tile0", "tile1", "all cells"),
    ]


def test_endurance_is_counted_in_cycles_whatever_else_is_counted():
    """Trainings and cells past the endurance go by cycles, even where every SET and RESET is shown."""
    run = programmed(chip={"device": {"endurance": 50}})
    shown = [endurance(run, EnduranceQuestion(count=count)).all for count in ("programmings", "operations")]
    assert [group.total for group in shown] == [168, 328]
    assert len({(group.past_endurance, group.trainings) for group in shown}) == 1


def test_two_programmings_of_two_levels_are_one_cycle():
    """A cell that is switched to and fro 100 times has had 50 SETs and 50 RESETs: 50 cycles."""
    half, whole = np.array([[50]]), np.array([[100]])
    one = Wear(array="tile0.cells", pulses=half, resets=half, programmings=whole)
    found = endurance(programmed(one, chip={"device": {"endurance": 100}})).all
    assert (found.hottest, found.past_endurance, found.trainings) == (100, 0, 3)


def test_unknown_endurance_leaves_its_figures_out():
    """Without an endurance in the description there is nothing to count trainings by."""
    whole = endurance(programmed(chip={})).all
    assert (whole.past_endurance, whole.trainings) == (None, None)


@pytest.mark.parametrize(
    ("limit", "share", "trainings"),
    [(99, "1/4", 2), (100, "1/4", 3), (101, "1/4", 3), (100, "1/2", 11), (100, "3/4", None), (0, "1/2", 1)],
)
def test_trainings_at_the_boundary(limit, share, trainings):
    """A cell at exactly its endurance is not past it; cells that never wear never are."""
    assert trainings_until([[10, 50], [0, 0]], endurance=limit, share=share) == trainings


def test_a_share_is_what_was_written():
    """Seven hundredths of a hundred cells are seven, although 0.07 * 100 exceeds 7 in floats."""
    counts = np.array([[10] * 7 + [1] * 93])
    assert trainings_until(counts, endurance=10, share=0.07) == 2


@given(COUNTS, SHARES, st.integers(0, 60))
def test_trainings_by_brute_force(counts, share, limit):
    """Counting trainings one by one finds the same number."""
    wanted = next(
        (
            number
            for number in range(1, 100)
            if Fraction(int((number * counts > limit).sum()), counts.size) >= share
        ),
        None,
    )
    assert trainings_until(counts, endurance=limit, share=share) == wanted


@given(COUNTS, SHARES)
def test_quantile_by_brute_force(counts, share):
    """No smaller number of operations is enough for the share of the cells."""
    wanted = next(
        number for number in range(41) if Fraction(int((counts <= number).sum()), counts.size) >= share
    )
    assert quantile(counts, share) == wanted


@given(st.lists(COUNTS, min_size=1, max_size=3), st.integers(0, 20))
def test_hottest_cells_by_brute_force(arrays, most):
    """Sorting all cells by operations, array, row and column names the same ones."""
    wear = [
        Wear(array=f"tile{place}.cells", pulses=one, resets=one, programmings=one)
        for place, one in enumerate(arrays)
    ]
    everything = sorted(
        (-int(one[row, column]), place, row, column)
        for place, one in enumerate(arrays)
        for row, column in np.ndindex(one.shape)
    )
    found = hottest_cells(programmed(*wear), most=most)
    assert [(-cell.operations, int(cell.array[4]), cell.row, cell.column) for cell in found] == everything[
        :most
    ]


@given(COUNTS, COUNTS, st.integers(0, 41))
def test_groups_add_up(one, other, threshold):
    """Arrays, tiles and layers each hold all cells once."""
    wear = [
        Wear(array=f"tile0.{name}", pulses=counts, resets=counts, programmings=counts)
        for name, counts in (("a", one), ("b", other))
    ]
    found = endurance(programmed(*wear), EnduranceQuestion(under=threshold, over=threshold))
    for key in ("cells", "total", "untouched", "under", "over"):
        sums = {
            kind: sum(getattr(group, key) for group in found.by(kind)) for kind in ("array", "tile", "all")
        }
        assert len(set(sums.values())) == 1, key


@pytest.mark.parametrize("lines", [1, 2])
def test_places_are_those_of_the_blocks(lines):
    """An array stands where its tile's block does; a weight of two cells takes two columns of the array."""
    blocks = (
        PlacedBlock(tile="tile0", layer=1, row=0, column=0, rows=2, columns=3),
        PlacedBlock(tile="tile1", layer=1, row=2, column=3, rows=1, columns=2),
    )
    wear = [
        Wear(array=f"{block.tile}.cells", pulses=counts, resets=counts, programmings=counts)
        for block in blocks
        for counts in [np.zeros((block.rows, block.columns * lines), int)]
    ]
    places = places_of(attrs.evolve(programmed(*wear), placement=blocks))
    assert [(place.layer, place.row, place.column) for place in places.values()] == [
        (1, 0, 0),
        (1, 2, 3 * lines),
    ]


@pytest.mark.parametrize("placement", [(), one_tile_a_layer((2, 2))])
def test_arrays_of_which_nothing_is_said_have_no_places(placement):
    """A result that does not say where all its arrays stand is shown without layers."""
    result = attrs.evolve(programmed(), placement=placement)
    assert places_of(result) == {}
    assert endurance(result).by("layer") == ()


def test_a_described_value_is_found_in_its_source():
    """Values may be wrapped with a source at any depth; what is not said is None."""
    document = {"tile": {"value": {"rows": {"value": 3, "set": "by hand"}}, "source": "x"}}
    assert described(document, "tile", "rows") == 3
    assert described(document, "tile", "rows", "deeper") is None
    assert described(document, "device", "endurance") is None


@pytest.mark.parametrize(
    ("timed", "why"),
    [(False, "'digital-fp32' has no resistive cells"), (True, "it was timed without arithmetic")],
)
def test_a_run_without_wear_is_refused(timed, why):
    """A run that wore no cells says why there is nothing to tell."""
    made = made_result("digital-fp32")
    with pytest.raises(OutputError) as error:
        endurance(attrs.evolve(made, summary={**made.summary, "timing_only": timed}))
    assert str(error.value) == (
        f"nothing was worn in this run: {why}; give a run that trained resistive cells"
    )


@pytest.mark.parametrize("count", ["programmings", "cycles"])
def test_programmings_of_pulsed_cells_are_refused(count):
    """Cells that take pulses have no programmings, and no cycles, to count."""
    with pytest.raises(OutputError) as error:
        cell_counts(made_result(), count=count)
    assert str(error.value) == (
        "the cells of 'hybrid-synapse' take pulses and are not programmed to levels, so there are no "
        f"{count} to count; count pulses or operations"
    )


def test_an_unknown_count_is_refused():
    """A count that there is not is answered with those that there are."""
    with pytest.raises(OutputError) as error:
        cell_counts(made_result(), count="programings")
    assert str(error.value) == (
        "there is no count 'programings'; known: programmings, cycles, operations, pulses; "
        "did you mean 'programmings'?"
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"under": -1}, "under must be at least 0, not -1"),
        ({"share": 0}, "share must be more than 0 and at most 1, not 0"),
        ({"share": 1.01}, "share must be more than 0 and at most 1, not 101/100"),
    ],
)
def test_impossible_questions_are_refused(given, message):
    """Thresholds below zero and shares beyond the whole are no questions."""
    with pytest.raises(ValueError) as error:
        EnduranceQuestion(**given)
    assert str(error.value) == message


def test_arrays_that_nothing_was_written_to_are_left_out():
    """Four idle cells beside six that wear change no share, no quantile and no number of trainings."""
    idle = Wear(
        array="tile2.cells", pulses=ONE.pulses * 0, resets=ONE.resets * 0, programmings=ONE.pulses * 0
    )
    chip = {"device": {"endurance": 1_000}}
    alone = endurance(programmed(ONE, OTHER, chip=chip))
    beside = endurance(programmed(ONE, idle, OTHER, chip=chip))
    assert beside.all == alone.all
    assert (beside.left_out, beside.left_out_cells) == (("tile2.cells",), 4)
    assert [group.name for group in beside.by("array")] == ["tile0.cells", "tile1.cells"]
    # The hottest of six cells had 51 cycles: it is past 1,000 with the twentieth training, 51 x 20 = 1,020.
    assert beside.all.trainings == alone.all.trainings == 20
    nothing = endurance(programmed(idle))
    assert (nothing.all.cells, nothing.left_out) == (4, ())


def test_resets_of_pulsed_cells_are_counted_apart():
    """Pulses are compared with the endurance; resets are told in all and of the cell that had most."""
    made = made_result("single-pair")
    wear = (
        Wear(array="tile0.pair+", pulses=np.array([[10, 30]]), resets=np.array([[0, 2]])),
        Wear(array="tile0.pair-", pulses=np.array([[5, 1]]), resets=np.array([[3, 0]])),
    )
    found = endurance(attrs.evolve(made, wear=wear, chip={"device": {"endurance": 29}}))
    assert (found.count, found.cycles, found.resets, found.most_resets) == ("pulses", "pulses", 5, 3)
    assert found.all.past_endurance == 1


# --- both sorts of cells on one chip ---------------------------------------------------------------------

SMALL = Wear(array="tile1.pair+", pulses=np.array([[60, 0]]), resets=np.array([[1, 0]]))


def mixed(*, features=None, head=None, wear=(ONE, SMALL)):
    """Four cells of levels in the group features, two that take pulses in the group head."""
    placement = tuple(
        PlacedBlock(tile=f"tile{place}", layer=place + 1, row=0, column=0, rows=rows, columns=2, group=group)
        for place, (rows, group) in enumerate(((2, "features"), (1, "head")))
    )
    devices = {"features": {"endurance": features}, "head": {"endurance": head}}
    chip = {"groups": {name: {"device": device} for name, device in devices.items()}}
    return attrs.evolve(programmed(*wear, chip=chip), placement=placement)


@pytest.mark.parametrize("count", ["cycles", "programmings"])
def test_cells_without_levels_are_left_out_of_counts_of_levels(count):
    """What can be counted is, and whose cells are not is said."""
    found = endurance(mixed(features=20), EnduranceQuestion(count=count))
    assert [group.name for group in found.by("array")] == ["tile0.cells"]
    assert (found.all.cells, found.levels, found.both) == (4, True, False)
    assert (found.not_counted, found.not_counted_cells) == (("group head",), 2)
    assert not_counted_sentence(found) == (
        "Not counted are 2 cells of group head, which take pulses and are not programmed to levels."
    )
    assert stands_sentence(found) == (
        "A cell stands 20 cycles: this one training took 1 % of the cells or more past that; 2 cells are now. "
        "A cycle is a SET and a RESET."
    )


def test_all_cells_are_counted_by_pulses_or_sets():
    """Resets are those of cells that take pulses: a cycle of the others holds theirs."""
    found = endurance(mixed(features=100, head=100))
    assert (found.count, found.all.cells, found.both, found.not_counted) == ("pulses", 6, True, ())
    assert shares_sentence(found).startswith("50.00 % of 6 cells had fewer than 25 pulses or SETs")
    assert (found.resets, found.most_resets) == (1, 1)
    assert stands_sentence(found).startswith("A cell stands 100 cycles or pulses: 2 such trainings")


@pytest.mark.parametrize(
    ("stated", "missing", "others", "stands"),
    [
        ({"features": 100}, "head", 2, "the other 4 a cell stands 100 cycles: 4 such trainings"),
        ({"head": 100}, "features", 4, "the other 2 a cell stands 100 pulses: 2 such trainings"),
    ],
)
def test_a_group_of_which_no_endurance_is_known(stated, missing, others, stands):
    """It is named, and what the cells of the other group stand is told of them."""
    found = endurance(mixed(**stated))
    assert (found.all.past_endurance, found.unknown) == (None, (f"groups.{missing}.device.endurance",))
    assert stands_sentence(found).startswith(
        f"How often {others} cells can be written is not known: the chip's description gives no "
        f"groups.{missing}.device.endurance. Of {stands}"
    )


def test_groups_of_which_none_has_an_endurance():
    """Each place where it would stand is named."""
    assert stands_sentence(endurance(mixed())) == (
        "How often a cell can be written is not known: the chip's description gives no "
        "groups.features.device.endurance or groups.head.device.endurance."
    )
