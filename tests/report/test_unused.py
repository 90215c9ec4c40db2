"""What was there and never used, as pages and the terminal tell it."""

import attrs
import pytest

from chipsim.cli.telling import sentences_of
from chipsim.report.unused import lost_by_group, unused, unused_by_group
from chipsim.result import GraphNode, LossEpoch
from chipsim.run import simulate
from tests.report.programmed_made import programmed_result
from tests.results_made import made_result, seeds_of
from tests.run.test_shipped import few as few_of

FEW = "phases.0.dataset={name: mnist-5k, train: 30, test: 20}"


def resting(result, *arrays):
    """The same result, with nothing written to some arrays."""
    wear = tuple(
        attrs.evolve(one, pulses=one.pulses * 0, resets=one.resets * 0) if one.array in arrays else one
        for one in result.wear
    )
    return attrs.evolve(result, wear=wear)


def test_a_run_that_used_everything_says_nothing():
    """Every array was written, every part was busy, the selector switched."""
    made = made_result()
    every = tuple(attrs.evolve(made.ledger[0], part=node.name) for node in made.graph.nodes)
    assert unused(attrs.evolve(made, ledger=(*made.ledger, *every))) == ()


def test_a_selector_that_never_switched():
    """A few digits train the coarse pair alone: 785 x 250 and 251 x 10 weights, two fine cells each, are idle.

    The first layer sends no error back, so what would convert it does nothing.
    """
    result = simulate("hybrid-synapse", "mnist-5k", epochs=1, sets=[FEW])
    cells = 2 * (785 * 250 + 251 * 10)
    told = unused(result)
    assert told[0] == (
        f"The selector never switched; nothing was written to the fine pair: {cells:,} cells, which are left out "
        "of means per cell and of endurance."
    )
    assert told[1] == "No pair of cells was ever recentred."
    area = {node.name: node.area_nm2 for node in result.graph.nodes}
    share = 100 * (area["tile0.back-adc"] + area["tile0.back-dac"]) / sum(area.values())
    assert told[2] == f"tile0.back-adc and tile0.back-dac did nothing: {share:.1f} % of the chip's area."
    assert len(told) == 3


def test_means_and_endurance_are_of_what_was_written():
    """The summary counts the cells left out, and its mean is over the others."""
    result = simulate("hybrid-synapse", "mnist-5k", epochs=1, sets=[FEW])
    said = result.summary
    assert said["unwritten_cells"] == 397_520
    assert said["cells"] == 2 * said["unwritten_cells"]
    assert said["mean_pulses_per_cell"] == said["pulses"] / 397_520


def test_arrays_of_a_pair_that_was_written_in_part():
    """An array alone is named, with its cells; its pair is not said to be unused."""
    told = unused(resting(made_result(), "tile0.fine+"))
    assert told[0] == (
        "Nothing was written to tile0.fine+: 396 cells, which are left out of means per cell and of endurance."
    )
    assert not any("pair:" in sentence for sentence in told)


def test_idle_tiles_are_told_with_their_area():
    """Tiles beyond what the network fills; nothing inside them is told again."""
    made = made_result("digital-fp32")
    still = [
        GraphNode(name=name, kind=kind, x=0, y=0, area_nm2=area, about="")
        for name, kind, area in (("tile7", "tile", 0), ("tile7.adc", "adc", 10**12))
    ]
    busy = tuple(attrs.evolve(made.ledger[0], part=node.name) for node in made.graph.nodes)
    whole = sum(node.area_nm2 for node in made.graph.nodes) + 10**12
    graph = attrs.evolve(made.graph, nodes=(*made.graph.nodes, *still))
    assert unused(attrs.evolve(made, graph=graph, ledger=busy)) == (
        f"tile7 holds no part of the network: {100 * 10**12 / whole:.1f} % of the chip's area.",
    )


def test_phases_that_a_stopped_run_did_not_reach():
    """Of three phases the second was begun, the third was not; neither ended an epoch."""
    made = made_result("digital-fp32", complete=False)
    phases = [
        {"name": "train", "epochs": 8},
        {"name": "more", "epochs": {"value": 2}},
        {"name": "last", "epochs": 3},
    ]
    result = attrs.evolve(made, ledger=(), workload={"phases": phases})
    assert unused(result) == ("Phases more and last never ended an epoch.",)
    whole = attrs.evolve(result, summary={**result.summary, "complete": True})
    assert unused(whole) == ()


def test_levels_that_no_weight_had():
    """Of 17 levels, few are written to when initial weights lie next to zero and hardly change."""
    near = ["rule.initial=next-to-zero", "rule.initial_spread=0.01", "learning_rate=1e-6"]
    few = [*few_of("mnist-5k-permuted")[0], *near]
    result = simulate("metaplastic-qnn", "mnist-5k-permuted", epochs=1, sets=few)
    used = result.summary["levels_used"]
    assert 1 <= used < 17
    assert f"No weight was ever written to {17 - used} of the 17 levels." in unused(result)
    whole = attrs.evolve(result, summary={**result.summary, "levels_used": 17})
    assert not any("levels" in sentence for sentence in unused(whole))


def on_groups(result, chip, *names, **summary):
    """The same result with its tiles in groups, one after the other."""
    blocks = zip(result.placement, names, strict=True)
    placement = tuple(attrs.evolve(block, group=name) for block, name in blocks)
    return attrs.evolve(result, placement=placement, chip=chip, summary={**result.summary, **summary})


def test_levels_of_each_group():
    """Two groups of the same three levels, a third of its own, and one that carries no layer."""
    three, five = {"synapse": {"levels": [-1, 0, 1]}}, {"synapse": {"levels": [-1, -0.5, 0, 0.5, 1]}}
    chip = {"groups": {"first": three, "second": three, "idle": five}}
    used = {"levels_used": 3, "levels_used.first": 2, "levels_used.second": 3}
    run = on_groups(programmed_result(), chip, "first", "second", **used)
    assert [sentence for sentence in unused(run) if "levels" in sentence] == [
        "No weight was ever written to 1 of the 3 levels of group first."
    ]


def test_recentring_of_each_group():
    """Of two groups that would recentre one did, and a third would not."""
    often, never = {"update": {"recentre": {"every": 100}}}, {"update": {"slots": 31}}
    chip = {"groups": {"first": often, "second": often, "third": never}}
    made = made_result("single-pair", shapes=((4, 5), (5, 3), (3, 2)))
    ledger = [row for row in made.ledger if row.action != "recentre"]
    ledger.append(attrs.evolve(made.ledger[0], part="tile0.driver", action="recentre"))
    run = on_groups(attrs.evolve(made, ledger=tuple(ledger)), chip, "first", "second", "third")
    assert [sentence for sentence in unused(run) if "recentred" in sentence] == [
        "No pair of cells of group second was ever recentred."
    ]


def test_a_task_that_was_trained_and_not_tested():
    """A mean over tasks that leaves one out says so."""
    made = programmed_result()
    phases = [{"name": name, "task": "mnist"} for name in ("free", "consolidating")] + [{"name": "fashion"}]
    result = attrs.evolve(made, ledger=(), workload={"phases": phases})
    assert unused(result) == ()
    one = attrs.evolve(result, tasks=tuple(row for row in result.tasks if row.task == "mnist"))
    assert unused(one) == ("Task fashion was trained and is in no mean over tasks.",)


def test_seeds_that_differ_in_what_they_used():
    """What all runs of a chip leave unused is said once, what some do with their seeds."""
    runs = [resting(run, "tile0.fine+") for run in seeds_of(made_result(), count=2)]
    runs[1] = resting(runs[1], "tile1.fine-")
    ((label, sentences),) = unused_by_group(runs)
    assert label == "hybrid-synapse"
    assert [sentence.partition(" ")[0] for sentence in sentences].count("With") == 2
    assert any(
        sentence.startswith("With seed 1: Nothing was written to tile0.fine+ and") for sentence in sentences
    )


@pytest.mark.parametrize("count", [1, 2])
def test_the_terminal_tells_it(count):
    """One run names what it left, several name the chip; conclusions are told of several only."""
    runs = [resting(made_result(), "tile0.fine+"), made_result("digital-fp32")][:count]
    told = list(sentences_of(runs))
    assert any("Nothing was written to tile0.fine+: 396 cells" in line for line in told)
    assert told[0].startswith("never used: " if count == 1 else "No verdict on accuracy, time and energy:")
    assert any(line.startswith("hybrid-synapse: never used: ") for line in told) == (count == 2)


def test_an_untrained_chip_is_left_in_its_ledger():
    """A run that was only timed tells idle parts, and nothing of what was written."""
    result = simulate("single-pair", "mnist-5k", epochs=1, sets=[FEW], timing_only=True)
    (told,) = unused(result)
    assert told.startswith("tile0.back-adc and tile0.back-dac did nothing: ")


def clipped(result, count):
    """The same result with results of a converter cut off."""
    row = LossEpoch(
        epoch=1, part="tile0.adc", during="training", what="results-clipped", count=count, of=1_000
    )
    return attrs.evolve(result, losses=(row,))


def test_losses_of_several_seeds_are_told_once():
    """Of three seeds two cut results off: the first is told, and that another is much the same."""
    one, other, whole = seeds_of(made_result(), count=3)
    sentence = "tile0.adc cut {} % of its results off at the end of its range (epoch 1); raise tile.forward.adc.range."
    ((label, told),) = lost_by_group([clipped(one, 100), clipped(other, 200), whole])
    assert label == "hybrid-synapse"
    assert told == [f"With seed 0, and much the same with 1 of the 2 others: {sentence.format('10.0')}"]
    ((_, alike),) = lost_by_group([clipped(one, 100), clipped(other, 200)])
    assert alike == [f"With every seed, in figures of seed 0: {sentence.format('10.0')}"]
    assert lost_by_group([clipped(one, 100)]) == [("hybrid-synapse", [sentence.format("10.0")])]
    assert lost_by_group([whole]) == []
    assert f"lost: {sentence.format('10.0')}" in list(sentences_of([clipped(one, 100)]))
