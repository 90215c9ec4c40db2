"""Wires in descriptions: what is refused, warned of and said, and who does not know of them."""

from __future__ import annotations

import pytest

from chipsim.errors import ChipsimError
from chipsim.learn.cannot_learn import learning_warnings
from chipsim.run import simulate
from chipsim.run.simulate import prepare
from chipsim.spec.reading import load_chip, load_workload
from chipsim.synapse.pair import Pairs
from chipsim.tile.idealised import idealised
from chipsim.tile.wires import Lines, Wires
from tests.resumed import StopAfter, differing
from tests.run.test_loops import SHORT
from tests.spec.messages import fails

ONE = "row_resistance: 1 Ohm, column_resistance: 1 Ohm"


@pytest.mark.parametrize(
    ("wires", "message"),
    [
        ("{row_resistance: -1 Ohm, column_resistance: 1 Ohm}", "row_resistance: must be at least 0, not -1"),
        ("{row_resistance: 1 Ohm}", "wires: missing key 'column_resistance'"),
        (f"{{{ONE}, end_resistance: 5 V}}", "end_resistance: '5 V' has no unit of resistance; known: mOhm, Ohm, kOhm, MOhm"),
        ("{row_resistance: 1, column_resistance: 1 Ohm}", "row_resistance: 1 is no resistance; write a number and a unit, such as '1 Ohm'"),
        (f"{{{ONE}, source_resistance: 1 Ohm}}", "unknown key 'source_resistance'; known: row_resistance, column_resistance, end_resistance"),
        ("{row_resistance: 9 MOhm, column_resistance: 1 Ohm}", "'9 MOhm' is beyond any resistance on a chip; at most 1 MOhm"),
        ("3 Ohm", "tile.wires: "),
    ],
)  # fmt: skip
def test_what_is_no_wire_is_refused(wires, message):
    """With the key, what was given, and what is allowed."""
    assert message in fails(load_chip, "single-pair", sets=[f"tile.wires={wires}"])


def test_all_that_is_wrong_is_told_at_once():
    """Both resistances of one description."""
    told = fails(load_chip, "bnn", sets=["tile.wires={row_resistance: -1 Ohm, column_resistance: -2 Ohm}"])
    assert "row_resistance: must be at least 0, not -1" in told
    assert "column_resistance: must be at least 0, not -2" in told


def warned(chip, *sets):
    """What is said of wires."""
    spec, work = load_chip(chip, sets=sets).spec, load_workload("mnist-5k").spec
    return [text for text in learning_warnings(spec, work) if text.startswith("tile.wires")]


def test_cells_that_see_little_are_warned_of():
    """Of the layer whose cells see the least, and of none where all see at least half."""
    (told,) = warned("single-pair", f"tile.wires={{{ONE}}}")
    assert told.startswith(
        "tile.wires: with all cells in the middle of their range, that of layer 1 that is farthest from the ends of "
        "its lines sees "
    )
    assert told.endswith(
        " % of the read voltage; take smaller tiles, wires of less resistance, or cells that conduct less"
    )
    small = ("tile.rows=64", "tile.columns=64")
    assert warned("single-pair", f"tile.wires={{{ONE}}}", *small) == []
    assert warned("single-pair") == []


def test_the_farthest_cell_by_hand():
    """1 S on rows of two cells behind 1 Ohm and columns of one behind 2 Ohm: 1/5 of the row, a third of the column."""
    wires = Wires(row_resistance=1.0, column_resistance=2.0)
    row, column = Lines(cells=2, beyond=0, each=1.0, low=0), Lines(cells=1, beyond=0, each=1.0, low=0)
    assert wires.farthest(row, column) == pytest.approx(1 / (5 + 3 - 1))
    # One more of half a siemens behind both: 1/2 S behind 1 Ohm are 1/3, and so on.
    longer = Lines(cells=1, beyond=1, each=1.0, low=0.5)
    assert longer.left(1.0, end=0.0) == pytest.approx(3 / 7)
    assert longer.left(1.0, end=1.0) == pytest.approx(3 / 11)


def test_pulses_are_said_to_see_no_wires():
    """Where conclusions stand, and only with wires."""
    with_wires = idealised(load_chip("single-pair", sets=[f"tile.wires={{{ONE}}}"]).spec)
    without = idealised(load_chip("single-pair").spec)
    (said,) = set(with_wires) - set(without)
    assert said == "Wires have a resistance for reads only: pulses reach every cell with their whole voltage."


def test_a_description_says_its_wires():
    """In a sentence."""
    wires = Wires(row_resistance=0.35, column_resistance=1.0, end_resistance=1000.0)
    assert wires.words == (
        "Wires: 350 mOhm from cell to cell along rows, 1 Ohm along columns, and 1 kOhm at the end of each; reads see it."
    )


def test_cells_that_nobody_tells_of_have_no_wires(monkeypatch):
    """A synapse of one's own that does not say what its cells conduct is refused, and says what it would take."""
    monkeypatch.setattr(Pairs, "crossed", lambda _: None)
    with pytest.raises(ChipsimError) as refused:
        prepare("single-pair", "mnist-5k", sets=[f"tile.wires={{{ONE}}}"])
    assert str(refused.value) == (
        "Pairs: does not tell what each cell conducts, so nothing can be said of its wires; leave tile.wires out, or "
        "give it a method crossed()"
    )


@pytest.mark.filterwarnings("ignore::chipsim.errors.ChipsimWarning")
@pytest.mark.parametrize("chip", ["hybrid-synapse", "analog-sgd", "bnn"])
def test_a_run_that_was_stopped_goes_on(chip, tmp_path):
    """What is known of wires is older than the cells, and is saved with them."""
    sets = [*SHORT, "phases.0.epochs=3", f"tile.wires={{{ONE}}}"]
    whole = simulate(chip, "mnist-5k", sets=sets)
    how = {"sets": sets, "checkpoint": tmp_path / "state"}
    part = simulate(chip, "mnist-5k", progress=StopAfter(2), **how)
    assert not part.summary["complete"]
    assert differing(whole, simulate(chip, "mnist-5k", resume=True, **how)) == []


def test_time_is_that_of_a_chip_without_wires():
    """Currents settle in the read time that is described, whatever the wires; their energy is less."""
    without, wired = (
        simulate("single-pair", "mnist-5k", sets=[*SHORT, "phases.0.epochs=1", *more])
        for more in ((), (f"tile.wires={{{ONE}}}",))
    )
    energies = [
        {(row.part, row.action): (row.busy_ps, row.energy_aj) for row in one.ledger}
        for one in (without, wired)
    ]
    busy, energy = energies[0]["tile0.pair+", "forward"]
    assert energies[1]["tile0.pair+", "forward"][0] == busy
    assert energies[1]["tile0.pair+", "forward"][1] < energy
