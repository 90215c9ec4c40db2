"""Rules of chips whose weights stand at levels: what cannot work is refused, with the numbers and a remedy."""

from __future__ import annotations

import attrs
import pytest

from chipsim.errors import DescriptionError
from chipsim.spec import check_together, load_chip, load_costs, load_workload, overridden
from chipsim.spec.rules import of_chip, of_chip_and_workload, of_workload_on_chip
from tests.spec.messages import fails

PULSED = (
    "device={kind: linear-step, states: 50, on_conductance: 20 uS, off_conductance: 2 uS, pulse_voltage: 2 V, "
    "pulse_width: 10 ns, reset_voltage: 3 V, reset_width: 10 ns, area: 1 um2}"
)
PULSES = "update={kind: parallel-pulses}"
RATE = ("learning_rate=0.005",)
IN_PLACE = "rule={kind: outer-product-sgd}"


def complaints(*sets, name="metaplastic-qnn"):
    """Path and message of each problem of a chip with overrides, without the override's own text."""
    with pytest.raises(DescriptionError) as caught:
        load_chip(name, sets=sets)
    return [(problem.path, problem.message.partition(" (from --set")[0]) for problem in caught.value.problems]


# --- kinds of part -----------------------------------------------------------------------------------


LEVELS_NOT_PROGRAMMED = (
    "level-pair (synapse) needs cells that are programmed to levels, and linear-step (device) offers none; take synapse "
    "digital, hybrid or single-pair, or device multilevel or reset-levels"
)
PULSES_OF_LEVELS = (
    "parallel-pulses (update) needs weights that pulses move, and level-pair (synapse) offers none; take update reprogram, "
    "or synapse cell-and-reference, hybrid, reset-pair, single-cell or single-pair"
)
NOT_REPROGRAMMED = (
    "hidden-weights (rule) needs weights brought to levels, and {} (update) offers none; take rule {}outer-product-sgd, or "
    "update reprogram"
)
NOT_IN_PLACE = (
    "outer-product-sgd (rule) needs updates by outer products, and reprogram (update) offers none; take rule hidden-weights, "
    "or update cell-by-cell, column-by-column, digital, parallel-pulses or row-by-row"
)
NOT_SEARCHED = (
    "hidden-weights (rule) needs a search for the weights whose level changed, and {} (selector) offers none; take {}selector "
    "level-change"
)
NO_PAIRS = (
    "accuracy-plateau (selector) needs several pairs of cells to choose from, and level-pair (synapse) offers none; take "
    "selector fixed or level-change, or synapse hybrid"
)
NO_MEMORY = "missing key 'memory': hidden-weights (rule) needs a memory of the digital unit"
NO_NUMBERS = (
    "mac (tile) needs weights that are digital numbers, and level-pair (synapse) offers none; take tile crossbar, or synapse "
    "digital"
)
NO_DEVICE = (
    "missing key 'device': level-pair (synapse) needs cells that are programmed to levels; take synapse digital, or device "
    "multilevel or reset-levels"
)


@pytest.mark.parametrize(
    ("sets", "told"),
    [
        ([PULSED], [("synapse.kind", LEVELS_NOT_PROGRAMMED)]),
        (
            [PULSES],
            [
                ("rule.kind", NOT_REPROGRAMMED.format("parallel-pulses", "")),
                ("update.kind", PULSES_OF_LEVELS),
            ],
        ),
        ([IN_PLACE], [("rule.kind", NOT_IN_PLACE)]),
        (["selector={kind: fixed}"], [("selector.kind", NOT_SEARCHED.format("fixed", ""))]),
        (
            ["selector={kind: accuracy-plateau, threshold: 0.5 %}"],
            [("selector.kind", NO_PAIRS), ("selector.kind", NOT_SEARCHED.format("accuracy-plateau", ""))],
        ),
        (["memory=null"], [("", NO_MEMORY)]),
        (["tile={kind: mac, rows: 8, columns: 8, lanes: 4}"], [("tile.kind", NO_NUMBERS)]),
        (["device=null"], [("", NO_DEVICE)]),
    ],
)
def test_a_synapse_of_levels_wants_its_own_parts(sets, told):
    """What a part needs and none offers is told once, with other kinds of it and with kinds that would offer it."""
    assert sorted(complaints(*sets)) == sorted(told)


def test_a_pulsed_synapse_wants_its_own_parts():
    """A pair of analog cells on a chip of levels: what it misses of its cells, and what others miss of it."""
    assert complaints("synapse={kind: single-pair, weight_range: 1}") == [
        (
            "synapse.kind",
            (
                "single-pair (synapse) needs cells that a pulse moves by a step, and multilevel (device) offers none; take "
                "synapse digital, level-cell, level-difference or level-pair, or device bidirectional-step, exponential-step, ideal, linear-step, piecewise, power-step, set-reset, soft-bounds or step-table"
            ),
        ),
        (
            "synapse.kind",
            (
                "reprogram (update) and level-change (selector) need weights that stand at levels, and single-pair (synapse) "
                "offers none; take synapse level-cell, level-difference or level-pair"
            ),
        ),
    ]


def test_a_digital_synapse_learns_in_place():
    """Weights in memory are trained where they are."""
    hidden = ["rule={kind: hidden-weights}", "memory={width: 256 bit}"]
    assert complaints(*hidden, name="digital-fp32") == [
        ("rule.kind", NOT_SEARCHED.format("fixed", "rule digital-adam or outer-product-sgd, or ")),
        ("rule.kind", NOT_REPROGRAMMED.format("digital", "digital-adam or ")),
    ]


# --- levels ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("levels", "problems"),
    [
        ("[0]", [("", "needs at least two levels, not [0.0]")]),
        ("[]", [("", "needs at least two levels, not []")]),
        ("[-1, 0.5, 0, 1]", [(".2", "must ascend, and 0 comes after 0.5")]),
        ("[-1, -1, 1, 1]", [(".1", "must ascend, and -1 comes after -1"), (".3", "must ascend, and 1 comes after 1")]),
        ("[-1, 0, 1.5]", [("", "must be symmetric around zero, and -1 and 1.5 are a pair")]),
        ("[-1, 0.25, 1]", [("", "must be symmetric around zero, and 0.25 is in the middle")]),
        ("[-2, -1, 0.5, 3]", [("", "must be symmetric around zero, and -2 and 3 are a pair"),
                              ("", "must be symmetric around zero, and -1 and 0.5 are a pair")]),
    ],
)  # fmt: skip
def test_levels_ascend_and_are_symmetric(levels, problems):
    """The offending places are named."""
    got = complaints(f"synapse.levels={levels}")
    assert got == [(f"synapse.levels{path}", message) for path, message in problems]


@pytest.mark.parametrize("level", [float("nan"), float("inf")])
def test_levels_are_finite(level):
    """A level that is no number is named before anything is compared with it."""
    spec = load_chip("bnn").spec
    synapse = attrs.evolve(spec.synapse, levels=(-level, 0.0, level))
    faults = of_chip(attrs.evolve(spec, synapse=synapse))
    assert [(fault.path, fault.message) for fault in faults] == [
        (("synapse", "levels", 0), f"must be a finite number, not {-level}"),
        (("synapse", "levels", 2), f"must be a finite number, not {level}"),
    ]


TWO_LEVELS = (
    "device.high=[{conductance: 20 uS, compliance: 10 uA}]",
    "device.high=[{conductance: 20 uS, compliance: 10 uA}, {conductance: 40 uS, compliance: 20 uA}]",
)


@pytest.mark.parametrize(
    ("high", "levels", "message"),
    [
        (TWO_LEVELS[0], "[-1, -0.5, 0.5, 1]", (
            "4 levels need cells of 3 levels, and these have 2, one low and 1 high: pairs of them make 3 at most")),
        (TWO_LEVELS[1], "[-1, -0.75, -0.5, 0.5, 0.75, 1]", (
            "6 levels need cells of 4 levels, and these have 3, one low and 2 high: pairs of them make 5 at most")),
        (TWO_LEVELS[1], "[-3, -2, -1, 0, 1, 2, 3]", (
            "7 levels need cells of 4 levels, and these have 3, one low and 2 high: pairs of them make 5 at most")),
    ],
)  # fmt: skip
def test_pairs_have_no_more_levels_than_their_cells_make(high, levels, message):
    """Two cells of n levels make twice n less one, zero counted once."""
    assert complaints(high, f"synapse.levels={levels}") == [("synapse.levels", message)]


def test_a_cell_has_no_more_levels_than_are_told_apart():
    """Levels of cells are kept in a signed byte; more of them are refused with a number."""
    high = [f"{{conductance: {place} uS, compliance: {place} uA}}" for place in range(6, 134)]
    message = "has 128 levels, and a cell may have 127 at most"
    assert complaints(f"device.high=[{', '.join(high)}]") == [("device.high", message)]


def test_single_cells_have_no_more_levels_than_the_cell():
    """Seventeen levels are more than the nine of a cell."""
    listed = [level / 8 for level in range(-8, 9)]
    assert complaints(f"synapse={{kind: level-cell, levels: {listed}}}") == [
        (
            "synapse.levels",
            "17 levels need cells of 17 levels, and these have 9, one low and 8 high: cells of them make 9 at most",
        )
    ]


def test_levels_lie_where_the_cells_can_stand():
    """As many levels as there are states, but two of them next to the same state of the cells."""
    uneven = "[-1.5, -1.49, 0, 1.49, 1.5]"
    assert complaints(f"synapse.levels={uneven}") == [
        (
            "synapse.levels",
            (
                "levels -1.5 and -1.49 would be the same state of the cells: a cell would have to conduct 125 µS and "
                "124.2 µS, and its levels are 5 µS, 20 µS, 35 µS, 50 µS, 65 µS, 80 µS, 95 µS, 110 µS, 125 µS"
            ),
        )
    ]


# --- cells -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sets", "problems"),
    [
        (["device.high=[]"], [("device.high", "needs at least one high level")]),
        (["device.low.conductance=20 uS"],
         [("device.high[level=1].conductance", "must be more than that of the low level, 20 µS, not 20 µS")]),
        (["device.high=[{conductance: 30 uS, compliance: 10 uA}, {conductance: 30 uS, compliance: 9 uA}]"],
         [("device.high[level=2].conductance", "must ascend, and 30 µS comes after 30 µS"),
          ("device.high[level=2].compliance", "must ascend, and 9 µA comes after 10 µA")]),
        (["tile.read_voltage=2 V"], [("tile.read_voltage",
          "must be less than the device's set_voltage, 1.8 V, or reading would program; not 2 V")]),
        (["tile.read_voltage=2.6 V", "device.set_voltage=3 V"], [("tile.read_voltage",
          "must be less than the device's reset_voltage, 2.6 V, or reading would program; not 2.6 V")]),
    ],
)  # fmt: skip
def test_cells_ascend_and_are_not_programmed_by_reading(sets, problems):
    """Conductances and compliance currents ascend from the low level, and reads stay below both voltages."""
    got = complaints(*sets, name="bnn")
    assert got == problems


# --- memory ------------------------------------------------------------------------------------------


def test_hidden_weights_stand_between_levels():
    """127 steps of 8 bits reach up to 64, so a step is 0.5039, half of the distance of two levels or more."""
    assert complaints("memory.weights=fixed-8", "synapse.levels=[-64, -0.5, 0.5, 64]") == [
        ("synapse.levels", ("levels -0.5 and 0.5 would be the same state of the cells: a cell would have to conduct "
         "5.938 µS and 5.938 µS, and its levels are 5 µS, 20 µS, 35 µS, 50 µS, 65 µS, 80 µS, 95 µS, 110 µS, 125 µS")),
        ("memory.weights", ("fixed-8 is too coarse to move a level: its steps of 0.5039 must be less than half the "
         "smallest distance of two levels, 1; use more bits")),
    ]  # fmt: skip


def test_one_access_is_no_more_than_the_memory():
    """Sixty-four banks of 256 bits are 2 KiB at once."""
    assert complaints("memory.size=1 KiB", "memory.banks=64") == [
        ("memory.width", "one access of 2 KiB is more than the memory's 1 KiB")
    ]


def refused(*sets, workload=(), name="metaplastic-qnn"):
    """The whole message about a chip and `mnist-then-fashion`, each with overrides."""
    work = load_workload("mnist-then-fashion", sets=[*workload, *RATE])
    chip = load_chip(name, sets=sets)
    return fails(check_together, chip, load_costs("cmos-32nm"), work)


def test_the_memory_holds_the_hidden_state():
    """64,721,920 bits are 7.715 MiB."""
    assert refused("memory.size=4 MiB") == (
        "memory.size: 4 MiB cannot hold the hidden state of 'mnist-then-fashion', 7.715 MiB; give it as much, or auto "
        "(from --set memory.size=4 MiB)"
    )


def test_a_memory_that_is_just_large_enough_will_do():
    """The last bit counts."""
    work, costs = load_workload("mnist-then-fashion"), load_costs("cmos-32nm")
    check_together(load_chip("metaplastic-qnn", sets=["memory.size=64721920 bit"]), costs, work)
    with pytest.raises(DescriptionError, match="cannot hold the hidden state"):
        check_together(load_chip("metaplastic-qnn", sets=["memory.size=64721919 bit"]), costs, work)


def test_rounding_to_the_nearest_must_let_a_weight_move():
    """Levels to 1.5 on 127 steps are 0.01181 apart, and half of it is more than 7.27 rates of 0.0008."""
    assert refused("memory={width: 256 bit, weights: fixed-8}", "rule.learning_rate=0.0008") == (
        "memory.rounding: to the nearest, no update would ever move a hidden "
        "weight in phase 'mnist-warm-up': at a learning rate of 0.0008 the longest step of Adam, 7.27 times that, is "
        "less than half a step of fixed-8, 0.005906; use more bits, or rounding: stochastic (from --set "
        "memory={width: 256 bit, weights: fixed-8})"
    )


@pytest.mark.parametrize(
    "sets", [["memory.rounding=stochastic"], ["rule.optimiser=sgd"], ["rule.learning_rate=0.00082"], []]
)
def test_other_ways_let_it_move(sets):
    """Stochastic rounding moves it sometimes, plain descent as gradients say, and a larger rate does."""
    weights = "memory.weights=fixed-8" if sets else "memory.weights=fixed-10"
    work = load_workload("mnist-then-fashion", sets=RATE)
    chip = load_chip("metaplastic-qnn", sets=[weights, *sets])
    check_together(chip, load_costs("cmos-32nm"), work)


def test_the_rate_of_a_phase_counts():
    """A phase that goes on more slowly than the others is named: 7.27 times 0.0002 is 0.001454."""
    message = refused("memory.weights=fixed-10", workload=["phases.1.learning_rate=0.0002"])
    assert "in phase 'mnist': at a learning rate of 0.0002 the" in message
    assert "is less than half a step of fixed-10, 0.001468;" in message
    assert len(message.splitlines()) == 1


# --- steps of Adam -----------------------------------------------------------------------------------

JUMP = (
    "a step of Adam is about the learning rate, and {rate} is more than half the smallest distance of two levels, "
    "{gap}: every weight would jump from level to level; {remedy}"
)
EITHER = "lower it, or give the chip a rule.learning_rate"


def jumps(*, chip=(), work=(), name="metaplastic-qnn"):
    """The whole message about rates of a chip and `mnist-then-fashion`, each with overrides."""
    costs = load_costs("cmos-32nm")
    return fails(
        check_together, load_chip(name, sets=chip), costs, load_workload("mnist-then-fashion", sets=work)
    )


def test_a_rate_meant_for_other_weights_is_refused():
    """Digits are learnt with a rate of 0.1 by analog weights; 17 levels are 0.1875 apart, half is 0.09375."""
    work = load_workload("mnist-5k", sets=["learning_rate=0.1"])
    said = fails(check_together, load_chip("metaplastic-qnn"), load_costs("cmos-32nm"), work)
    jump = JUMP.format(rate="0.1", gap="0.1875", remedy=EITHER)
    assert said == f"learning_rate: {jump} (from --set learning_rate=0.1)"


def test_the_smallest_distance_of_levels_counts():
    """Levels 1, 0.25 and 1 apart: a rate of 0.126 is more than 0.125."""
    levels = "synapse.levels=[-1.125, -0.125, 0.125, 1.125]"
    cells = "device.high=[{conductance: 20 uS, compliance: 10 uA}, {conductance: 140 uS, compliance: 20 uA}]"
    said = JUMP.format(rate="0.126", gap="0.25", remedy=EITHER)
    message = jumps(chip=[levels, cells], work=["learning_rate=0.126"])
    assert message == f"learning_rate: {said} (from --set learning_rate=0.126)"


def test_the_rate_in_force_is_the_one_refused():
    """A phase's own rate goes before the chip's, and that before the workload's; each is told where it stands."""
    message = jumps(chip=["rule.learning_rate=0.2"], work=["phases.2.learning_rate=0.3", "learning_rate=0.4"])
    chips, phases = (JUMP.format(rate=rate, gap="0.1875", remedy="lower it") for rate in ("0.2", "0.3"))
    assert message.splitlines() == [
        f"rule.learning_rate: {chips} (from --set rule.learning_rate=0.2)",
        f"phases[name=fashion-mnist].learning_rate: {phases} (from --set phases.2.learning_rate=0.3)",
    ]


@pytest.mark.parametrize(
    ("name", "chip", "work"),
    [
        ("metaplastic-qnn", (), ["learning_rate=0.09375"]),
        ("metaplastic-qnn", ["rule.learning_rate=0.09"], ["learning_rate=0.1"]),
        ("metaplastic-qnn", (), ["learning_rate=9", *(f"phases.{n}.learning_rate=0.02" for n in range(3))]),
        ("metaplastic-qnn", ["rule.learning_rate=9"], [f"phases.{n}.learning_rate=0.02" for n in range(3)]),
        ("metaplastic-qnn", ["rule.optimiser=sgd"], ["learning_rate=9"]),
        ("bnn", (), ["learning_rate=1"]),
    ],
)
def test_rates_that_are_small_or_not_in_force_will_do(name, chip, work):
    """Half a distance exactly, rates that others replace, and plain descent, whose steps gradients decide."""
    check_together(
        load_chip(name, sets=chip), load_costs("cmos-32nm"), load_workload("mnist-then-fashion", sets=work)
    )


# --- what a rule knows of a workload -----------------------------------------------------------------


@pytest.mark.parametrize(
    "sets",
    [
        ["network.activation=relu"],
        ["network.inputs=minus-one-to-one"],
        ["network.normalisation={state: shared}"],
        ["phases.0.rule={metaplasticity: 1}"],
    ],
)
@pytest.mark.parametrize("chip", ["hybrid-synapse", "digital-fp32", "metaplastic-qnn"])
def test_every_rule_trains_every_network(chip, sets):
    """Also one whose phases set a number that another rule has."""
    work = load_workload("mnist-5k", sets=[*sets, "batch=2"])
    check_together(load_chip(chip), load_costs("cmos-32nm"), work)


def test_numbers_of_phases_are_those_of_some_rule():
    """A number that no rule has helps nobody, whatever the chip's own rule is."""
    work = load_workload("mnist-5k", sets=["phases.0.rule={metaplastcity: 1}"])
    said = fails(check_together, load_chip("hybrid-synapse"), load_costs("cmos-32nm"), work)
    assert said == (
        "phases[name=train].rule.metaplastcity: no learning rule has a number 'metaplastcity'; only metaplasticity may "
        "differ from phase to phase; did you mean 'metaplasticity'? (from --set phases.0.rule={metaplastcity: 1})"
    )


@pytest.mark.parametrize(("chip", "optimiser"), [("hybrid-synapse", "sgd"), ("bnn", "adam")])
def test_a_rate_is_missing_for_the_optimiser_of_a_chip(chip, optimiser):
    """Rates by optimiser: the message says which there are, and which one is missing."""
    work = load_workload("mnist-5k", sets=["learning_rate={momentum: 0.1}"])
    said = fails(check_together, load_chip(chip), load_costs("cmos-32nm"), work)
    assert said == (
        f"learning_rate: has a rate for momentum, and the chip's rule descends by {optimiser}: give it "
        f"learning_rate.{optimiser}, or the chip a rule.learning_rate (from --set learning_rate={{momentum: 0.1}})"
    )
    check_together(load_chip(chip, sets=["rule.learning_rate=0.01"]), load_costs("cmos-32nm"), work)
    own = load_workload("mnist-5k", sets=["phases.0.learning_rate=0.01", "learning_rate={momentum: 0.1}"])
    check_together(load_chip(chip), load_costs("cmos-32nm"), own)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{}", "must have a rate for one optimiser at least, such as {sgd: 0.1}"),
        ("{sgd: 0}", "sgd must be more than 0, not 0"),
        ("{sgd: 0.1, adam: 2e6}", "adam must be at most 1000000, not 2000000"),
        ("[0.1]", "must be a number, not [0.1]"),
    ],
)
def test_each_rate_is_checked(given, message):
    """As the only one is."""
    said = fails(load_workload, "mnist-5k", sets=[f"learning_rate={given}"])
    assert said.startswith(f"learning_rate: {message}"), said


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("{metaplastcity: 1}", ("no learning rule has a number 'metaplastcity'; only metaplasticity may differ from phase "
         "to phase; did you mean 'metaplasticity'?")),
        ("{rate: 1}", "no learning rule has a number 'rate'; only metaplasticity may differ from phase to phase"),
        ("{beta1: 0.8}", ("'beta1' is the same in all phases, set by the chip as rule.beta1; only metaplasticity may "
         "differ from phase to phase")),
        ("{learning_rate: 0.1}",
         "the learning rate of a phase is a key of the phase itself: learning_rate, beside rule"),
        ("{metaplasticity: -1}", "must be between 0 and 100, not -1"),
        ("{metaplasticity: 100.5}", "must be between 0 and 100, not 100.5"),
    ],
)  # fmt: skip
def test_a_phase_sets_numbers_that_the_rule_has(rule, message):
    """By their names, in the range that the rule allows."""
    name = rule[1:].partition(":")[0]
    assert refused(workload=[f"phases.2.rule={rule}"]) == (
        f"phases[name=fashion-mnist].rule.{name}: {message} (from --set phases.2.rule={rule})"
    )


def test_chip_and_workload_are_reported_together():
    """Problems of the chip come first, each in its own file."""
    chip = load_chip("bnn", sets=["buffer.size=64 KiB", "memory.size=64 KiB"])
    work = load_workload("mnist-then-fashion", sets=["phases.0.rule={rate: 1}"])
    lines = fails(check_together, chip, load_costs("cmos-32nm"), work).splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "buffer.size", "memory.size", "phases[name=mnist-warm-up].rule.rate",
    ]  # fmt: skip
    assert len(of_chip_and_workload(chip.spec, work.spec)) == 2
    assert len(of_workload_on_chip(work.spec, chip.spec)) == 1


def test_a_larger_network_needs_a_larger_memory_when_one_is_given():
    """The same chip with the same memory is refused a network that has outgrown it."""
    chip = load_chip("bnn", sets=["memory.size=8 MiB"])
    work, costs = load_workload("mnist-then-fashion"), load_costs("cmos-32nm")
    check_together(chip, costs, work)
    with pytest.raises(
        DescriptionError, match=r"8 MiB cannot hold the hidden state of .*, 2[0-9.]+ MiB; give"
    ):
        check_together(chip, costs, overridden(work, ["network.layers=[784, 1024, 1024, 10]"]))
