"""The algorithms on cells of one measured array: what is trained, and what the page says of it."""

import ast
from pathlib import Path

import pytest

from benchmarks.cases import SQUARED
from benchmarks.loops import NO_TIMING, ChipLoop
from benchmarks.peers import __main__ as peers
from benchmarks.peers import chipsim_side
from benchmarks.peers.algorithms import ALGORITHMS, UNTIMED, Algorithm
from benchmarks.peers.array_page import against_goals, judged
from benchmarks.peers.chipsim_side import ChipSide, chips
from benchmarks.peers.page import page_part
from benchmarks.peers.rounds import Outcome, Spread
from benchmarks.peers.worker import Digits
from chipsim.errors import ChipsimError
from chipsim.run.simulate import prepare
from chipsim.spec import load_chip, shipped_names

KIT_FILE = Path(peers.__file__).with_name("aihwkit_array.py")
SHIPPED = [each for each in ALGORITHMS if each.chip in shipped_names("architectures")]
SGD = ALGORITHMS[0]
V2 = next(each for each in ALGORITHMS if each.name == "Tiki-Taka v2")


def made(name, *seconds, **told):
    return Outcome(name=name, seconds=seconds, told=told)


def test_goals():
    """Those of the issue that asked for them, and none for the others."""
    goals = {each.name: each.goal for each in ALGORITHMS}
    wanted = {"SGD": 10, "Tiki-Taka v2": 15, "mixed precision": 10}
    assert goals == {**wanted, "Tiki-Taka v1": None, "c-TTv2": None}


def test_kit_trains_every_algorithm():
    """Its file is read and not run, for it needs an environment of its own."""
    texts = [
        node.value for node in ast.walk(ast.parse(KIT_FILE.read_text())) if isinstance(node, ast.Constant)
    ]
    assert {each.name for each in ALGORITHMS} <= set(texts)


@pytest.mark.parametrize("algorithm", SHIPPED, ids=lambda each: each.name)
def test_chip_of_an_algorithm_trains(algorithm):
    """What ships trains 784-250-10, one sample a step, with the loss of all sides."""
    what = chips()[algorithm.ours]
    setup = prepare(what.architecture, what.workload, epochs=1, sets=what.sets)
    spec = setup.workload.spec
    assert (list(spec.network.layers), spec.batch) == ([784, 250, 10], 1)
    assert spec.network.loss == "squared-error"


def test_chip_that_does_not_ship_is_left_out(monkeypatch):
    """Neither trained nor forgotten: it is told."""
    monkeypatch.setattr(chipsim_side, "shipped_names", lambda _: ("analog-sgd",))
    known = chips()
    assert known[SGD.ours] == ChipLoop(architecture="analog-sgd", sets=SQUARED)
    assert [each.name for each in peers.absent()] == [each.name for each in ALGORITHMS[1:]]
    assert [each.name for each in peers.absent("taka v2")] == ["Tiki-Taka v2"]


def test_any_chip_trains_along(tmp_path):
    """By name, as it is but for the loss."""
    digits = tmp_path / "digits.npz"
    peers.write_digits(digits, turns=2, samples=20)
    what = chips(["single-pair-rowwise"])["single-pair-rowwise"]
    side = ChipSide(what, NO_TIMING, Digits(digits))
    side.warm_up(1)
    assert side.train(1) > 0
    built, _ = chipsim_side.sides(["single-pair-rowwise"])
    assert {"single-pair-rowwise", f"single-pair-rowwise{UNTIMED}", "hybrid, coarse"} <= set(built)


@pytest.mark.parametrize("algorithm", SHIPPED, ids=lambda each: each.name)
def test_cells_are_those_of_the_kit(algorithm):
    """The fit of the optimised-material array, weights from minus one to one, as the kit's preset has it."""
    spec = load_chip(algorithm.chip).spec
    device = spec.device
    assert 2 / device.states == pytest.approx(0.0949, rel=1e-3)
    assert (device.step_spread, device.step_variation, device.write_noise) == (0.7829, 0.4158, 1.4113)
    assert (device.upper_spread, device.lower_spread, device.asymmetry_spread) == (0.3499, 0.5695, 0.01)
    assert (device.corrupt_cells, device.corrupt_range) == (0.135, 0.01)
    assert spec.synapse.weight_range == 1


@pytest.mark.parametrize(
    ("name", "fast", "gain"),
    [("Tiki-Taka v1", 5, 0.03), ("Tiki-Taka v2", 5, 0.08), ("c-TTv2", 5, 0.08)],
)
def test_rates_are_those_of_the_kit(name, fast, gain):
    """The rate of A, and what a read counts: on the kit the rate of the optimiser, 0.1, times that of the transfer."""
    (algorithm,) = (each for each in ALGORITHMS if each.name == name)
    rule = load_chip(algorithm.chip, sets=algorithm.sets).spec.rule
    assert rule.learning_rate == fast
    assert rule.transfer_learning_rate == pytest.approx(gain)
    assert (rule.transfer_every, rule.reads_per_transfer, rule.transfer_lines) == (1, 1, "rows")


class Named:
    """A process with networks."""

    def __init__(self, *names):
        self.names = names


def test_networks_with_words_in_their_name():
    """In either case of letters, of every process; all of them without words."""
    one, other = Named("hybrid", "SGD, no timing"), Named("aihwkit, SGD")
    assert peers.chosen([one, other], "sgd") == [(one, "SGD, no timing"), (other, "aihwkit, SGD")]
    assert len(peers.chosen([one, other], None)) == 3


def test_no_network_with_these_words():
    """What was given, and what there is."""
    with pytest.raises(ChipsimError) as caught:
        peers.chosen([Named("hybrid"), Named("dense floor")], "tiki")
    told = "--only: no network has 'tiki' in its name; there are 'hybrid', 'dense floor'"
    assert str(caught.value) == told


OUTCOMES = [
    made(
        SGD.ours,
        5e-5,
        5e-5,
        right_percent=81.25,
        time_us=5.0,
        energy_nJ=9.0,
        pulses=70.0,
        most_pulses_of_a_cell=3.0,
    ),
    made(f"{SGD.ours}{UNTIMED}", 4e-5, 4e-5, right_percent=81.25),
    made(SGD.theirs, 5e-4, 6e-4, right_percent=80.0),
    made(V2.theirs, 7e-4, 7e-4, right_percent=60.0),
]


def test_table_of_goals():
    """Both sides of the same rounds, what was aimed at, and the chip that is not there."""
    _, _, sgd, v2 = against_goals(OUTCOMES).splitlines()
    times = "550 (500 to 600) | 50 (50 to 50) | 11.0 (10.0 to 12.0)"
    assert sgd == f"| SGD | {times} | 10: reached | 13.8 (12.5 to 15.0) | 80.0 % | 81.2 % |"
    none = "\N{EN DASH}"
    assert (
        v2
        == f"| Tiki-Taka v2 | 700 (700 to 700) | no chip {V2.chip} | {none} | 15 | {none} | 60.0 % | {none} |"
    )


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ((15, 16, 17), "15: reached"),
        ((14, 15, 17), "15: reached in the median"),
        ((1, 14.9, 30), "15: not reached"),
    ],
)
def test_goal(times, said):
    """It is reached where the slowest round reaches it, too."""
    least, median, most = times
    assert judged(Spread(median=median, least=least, most=most), 15) == said


def test_no_table_without_the_kit():
    """Nothing stands where nothing was measured."""
    assert against_goals([OUTCOMES[0]]) == ""
    assert "times as fast" not in page_part([made("dense floor", 1e-4)], facts={}, neurosim="Said.")


def test_part_of_the_networks():
    """What is said of a network stands where it was measured, and ratios where there is something to divide by."""
    page = page_part([made("mine", 1e-4)], facts={}, neurosim="Said.")
    assert page.splitlines()[2:] == [
        "| network | us a sample | right after it |",
        "| --- | ---: | ---: |",
        "| mine | 100 (100 to 100) | \N{EN DASH} |",
        "",
        "Said.",
    ]


def test_array_has_a_table_of_its_own():
    """Its networks stand in no other, but for what a chip reports."""
    page = page_part(OUTCOMES, facts={"cores": 2}, neurosim="Said.")
    lines = [line for line in page.splitlines() if line.startswith(f"| {SGD.ours}")]
    assert lines == [f"| {SGD.ours} | 5 | 9 | 70 | 3 | 1.25 (1.25 to 1.25) |"]
    assert not any(line.startswith(f"| {SGD.theirs}") for line in page.splitlines())
    assert "The dense floor" not in page


def test_names_of_both_sides():
    """One array, one algorithm, two tools."""
    one = Algorithm("SGD", "analog-sgd")
    assert (one.ours, one.theirs) == ("chipsim, ReRamArrayOM, SGD", "aihwkit, ReRamArrayOM, SGD")
