"""The figures as data: what they add up, bin and mark; and the words computed from results."""

import json

import attrs
import numpy as np
import pytest

from chipsim.ledger import Record
from chipsim.report.bearing import assumed_sentence, bearing
from chipsim.report.curves import accuracy_figures, update_figure
from chipsim.report.drawing import graph_figure, merged, timeline_figure
from chipsim.report.figure import color_of, embedded_json, text
from chipsim.report.racing import race
from chipsim.report.shares import part_figures, share_figures
from chipsim.report.verdicts import conclusion, undecided, verdicts
from chipsim.report.words import warnings_about
from chipsim.report.worn import array_wear, blocks_of, histogram_counts, wear_figures
from chipsim.result import ChipGraph, GraphNode, LedgerRow, Valued
from chipsim.result.metrics import METRICS, metric_value
from chipsim.result.standing import best_of
from tests.results_made import ARCHITECTURES, made_result, seeds_of

METRIC = {metric.key: metric for metric in METRICS}


@pytest.fixture(scope="module")
def three():
    return [made_result(name) for name in ARCHITECTURES]


def _with(result, **summary):
    return attrs.evolve(result, summary={**result.summary, **summary})


def test_stacks_add_up_to_the_ledger(three):
    """The bars of each stacked figure hold all of the ledger's energy and busy time."""
    energies = [sum(row.energy_aj for row in result.ledger) * 1e-15 for result in three]
    for figure in [one for one in share_figures(three) if one.name.startswith("energy")]:
        sums = np.sum([trace["x"] for trace in figure.data], axis=0)
        assert sums == pytest.approx(energies)
    by_part = [group[0] for group in part_figures(three)]
    assert [sum(sum(trace["x"]) for trace in figure.data) for figure in by_part[:2]] == pytest.approx(
        [energy * 1000 for energy in energies[:2]], rel=1e-6
    )


def test_many_parts_are_gathered_in_one_bar():
    """A chip of many tiles shows the parts that take most, and one bar for the others."""
    rows = tuple(
        LedgerRow(
            part=f"tile{i:03}.adc",
            kind="adc",
            action="forward",
            count=1,
            busy_ps=1,
            energy_aj=i + 1,
            pulses=0,
            bits=0,
        )
        for i in range(100)
    )
    ((energy, busy),) = part_figures([attrs.evolve(made_result(), ledger=rows)])
    assert energy.data[0]["y"][0] == "tile076.adc"
    assert energy.data[0]["y"][-1] == "76 other parts"
    assert sum(energy.data[0]["x"]) == pytest.approx(5.050)
    assert len(busy.data[0]["y"]) == 25


def test_histogram_bins_hold_every_cell():
    """Each cell is counted in one bin, the bins start at zero pulses."""
    values = np.random.default_rng(1).integers(0, 1000, (50, 40))
    for width in (1, 7, 2000):
        counts = histogram_counts(values, width=width)
        assert counts.sum() == values.size
        assert counts[0] == (values < width).sum()


def test_histograms_of_big_arrays_stay_small():
    """Arrays of full size leave at most sixty bins and 64 x 64 dots an array in the page."""
    figures = wear_figures([made_result(shapes=((785, 250), (251, 10)))])[0]
    assert [figure.name for figure in figures] == ["pulses-0", "resets-0", "map-0"]
    assert max(len(trace["x"]) for trace in figures[0].data) <= 60
    assert {np.shape(trace["z"]) for trace in figures[2].data} == {(64, 64), (64, 10)}
    assert len(embedded_json(figures)) < 200_000


def test_maps_show_the_most_pulsed_cells():
    """Blocks keep their largest value, whatever the shapes."""
    values = np.random.default_rng(2).integers(0, 99, (130, 3))
    assert blocks_of(values).largest.max() == values.max()
    assert blocks_of(values).largest.shape == (64, 3)
    assert blocks_of(np.array([[5]])).largest.tolist() == [[5]]


def test_arrays_that_were_never_pulsed_have_no_map():
    """A figure without anything in it is left out."""
    made = made_result()
    fresh = tuple(attrs.evolve(one, pulses=one.pulses * 0, resets=one.resets * 0) for one in made.wear)
    assert [figure.name for figure in wear_figures([attrs.evolve(made, wear=fresh)])[0]] == ["pulses-0"]


def test_array_wear_counts(three):
    """The table of wear has a line an array, with sums that are the summary's."""
    lines = [line for line in array_wear(three) if line.label == "hybrid-synapse"]
    assert sum(line.pulses for line in lines) == three[0].summary["pulses"]
    assert max(line.hottest for line in lines) == three[0].summary["hottest_cell_pulses"]
    assert {line.label for line in array_wear(three)} == {"hybrid-synapse", "single-pair"}


def test_switch_is_marked_between_epochs(three):
    """The selector's switch stands between the last coarse and the first fine epoch, and only there."""
    for figure in (accuracy_figures(three)[0], update_figure(three)):
        assert [(shape["x0"], shape["x1"]) for shape in figure.layout["shapes"]] == [(4.5, 4.5)]
    assert accuracy_figures(three[1:])[0].layout["shapes"] == []


def test_update_frequency_by_hand():
    """Updates of a pair's arrays over its cells and the epoch's samples, in percent."""
    made = made_result("single-pair", epochs=1, samples=100, shapes=((4, 5),))
    arrays = tuple(attrs.evolve(row, updates=30) for row in made.arrays)
    figure = update_figure([attrs.evolve(made, arrays=arrays)])
    assert figure.data[0]["y"] == [100 * 60 / (40 * 100)]
    written = tuple(attrs.evolve(row, epoch=0, updates=7) for row in made.arrays)
    assert update_figure([attrs.evolve(made, arrays=written + arrays)]).data[0]["x"] == [1]
    assert update_figure([made_result("digital-fp32")]) is None


def on_groups(result, *names, **changes):
    """The same result with its tiles in groups, one after the other."""
    blocks = zip(result.placement, names, strict=True)
    placement = tuple(attrs.evolve(block, group=name) for block, name in blocks)
    return attrs.evolve(result, placement=placement, **changes)


def test_update_frequency_of_groups():
    """Arrays that are called alike are told apart by their group: 20 and 6 weights of two cells."""
    made = made_result("single-pair", epochs=1, samples=100, shapes=((4, 5), (3, 2)))
    updates = {"tile0": 30, "tile1": 9}
    arrays = tuple(attrs.evolve(row, updates=updates[row.array.partition(".")[0]]) for row in made.arrays)
    figure = update_figure([on_groups(made, "features", "head", arrays=arrays)])
    assert [line["name"] for line in figure.data] == ["single-pair, features", "single-pair, head"]
    assert [line["y"] for line in figure.data] == [[100 * 60 / (40 * 100)], [100 * 18 / (12 * 100)]]
    assert len({line["line"]["dash"] for line in figure.data}) == 2


@pytest.mark.parametrize("extra", [[], [{"kind": "my_layers:Scale"}]])
def test_frozen_layers_have_no_update_frequency(extra):
    """Their cells are in no mean, not even where it is not known of every layer whether it has weights."""
    made = made_result("single-pair", epochs=1, samples=100, shapes=((4, 5), (3, 2)))
    updates = {"tile0": 0, "tile1": 9}
    arrays = tuple(attrs.evolve(row, updates=updates[row.array.partition(".")[0]]) for row in made.arrays)
    layers = [4, {"kind": "dense", "units": {"value": 5}, "frozen": True}, *extra, {"kind": "flatten"}, 2]
    workload = {"network": {"layers": layers}}
    levels = tuple(
        attrs.evolve(one, programmings=one.pulses) if one.array.startswith("tile0") else one
        for one in made.wear
    )
    run = on_groups(made, "features", "head", arrays=arrays, workload=workload, wear=levels)
    (line,) = update_figure([run]).data
    assert (line["name"], line["y"]) == ("single-pair", [100 * 18 / (12 * 100)])
    assert "a sample" in line["hovertemplate"]


def test_accuracy_axes_are_in_one_unit(three):
    """Times and energies of all curves are in the unit that the axis names."""
    epochs, time, energy = accuracy_figures(three)
    assert time.layout["xaxis"]["title"]["text"] == "Time on chip [ms]"
    assert energy.layout["xaxis"]["title"]["text"] == "Energy [mJ]"
    assert time.data[0]["x"][-1] == pytest.approx(46.4)
    assert epochs.data[0]["x"] == list(range(1, 9))
    assert [option.label for option in time.options] == ["log", "linear"]


def test_records_that_touch_are_merged():
    """Bars of one lane and action join where they touch, others stay."""
    records = [Record(4, 6, "a", "x"), Record(0, 2, "a", "x"), Record(2, 4, "a", "y"), Record(1, 3, "a", "x")]
    assert merged(records) == [Record(0, 3, "a", "x"), Record(2, 4, "a", "y"), Record(4, 6, "a", "x")]


def test_timeline_in_nanoseconds():
    """Bars start and last as the records do, in the unit of the axis, one lane a part."""
    records = [
        Record(0, 10_000, "dac", "forward"),
        Record(10_000, 25_000, "adc", "forward"),
        Record(5, 5, "x", "y"),
    ]
    figure = timeline_figure(records, name="step", title="")
    assert figure.layout["xaxis"]["title"]["text"].endswith("[ns]")
    (bars,) = figure.data
    assert (bars["y"], bars["base"], bars["x"]) == (["dac", "adc"], [0, 10], [10, 15])
    assert timeline_figure([], name="step", title="") is None


def test_timeline_of_many_parts_says_what_it_leaves_out():
    """With more lanes than can be read, the first forty are shown, and the caption says so."""
    records = [Record(i, i + 5, f"part{i}", "forward") for i in range(60)]
    figure = timeline_figure(records, name="step", title="")
    assert figure.caption.endswith("The first 40 of 60 parts are shown.")
    assert len(figure.data[0]["y"]) == 40


def test_graph_figure_of_many_parts_hides_names():
    """A big chip shows its names under the pointer only; a chip without area is drawn, too."""
    nodes = tuple(GraphNode(name=f"n{i}", kind="tile", x=i, y=0, area_nm2=0, about="") for i in range(50))
    figure = graph_figure(ChipGraph(nodes=nodes, edges=()), name="g", title="")
    assert figure.data[0]["mode"] == "markers"
    assert set(figure.data[0]["marker"]["size"]) == {12}


def seeded(three, **figures):
    """Three seeds of each chip; of each figure the middle one, and how far the others are from it."""
    found = []
    for place, made in enumerate(three):
        own = {key: values[place] for key, values in figures.items()}
        steps = {key: (middle, middle + off, middle - off) for key, (middle, off) in own.items()}
        found += seeds_of(made, **steps)
    return found


def test_verdicts_by_hand(three):
    """Who leads, with what, by how much against the nearest and the farthest, and how far its seeds lie apart.

    Two accuracies near 97 % on 1,000 samples are told apart beyond two standard errors, 1.5 points.
    """
    made = seeded(
        three,
        test_accuracy_percent=((95.5, 0.2), (91.5, 0.3), (98.0, 0.1)),
        simulated_time_ps=((40_000, 1_000), (20_000, 500), (80_000, 0)),
        energy_aJ=((2_000, 10), (1_000, 10), (9_000, 0)),
        hottest_cell_pulses=((50, 2), (10, 1), (0, 0)),
    )
    told = {verdict.question: (verdict.winner, verdict.value, verdict.reason) for verdict in verdicts(made)}
    assert told == {
        "Most accurate": (
            "digital-fp32",
            "98.00 %",
            "2.50 points above hybrid-synapse; 6.50 points above single-pair; over 3 seeds from 97.90 % to 98.10 %",
        ),
        "Fastest training": (
            "single-pair",
            "20 ns",
            "hybrid-synapse takes 2.0 times the time; digital-fp32 takes 4.0 times the time; over 3 seeds from 19.5 ns to 20.5 ns",
        ),
        "Least energy": (
            "single-pair",
            "1 fJ",
            "hybrid-synapse takes 2.0 times the energy; digital-fp32 takes 9.0 times the energy; over 3 seeds from 990 aJ to 1.01 fJ",
        ),
        "Least worn hottest cell": (
            "single-pair",
            "10 pulses",
            "hybrid-synapse's hottest cell gets 5.0 times as many; over 3 seeds from 9 pulses to 11 pulses",
        ),
    }
    assert conclusion(made) == (
        "No chip leads in everything: digital-fp32 is the most accurate; "
        "single-pair trains fastest, takes the least energy and wears its hottest cell least."
    )


def test_one_seed_carries_no_verdict(three):
    """However far single runs of cells lie apart, nothing is concluded, starred or called the best."""
    made = [
        _with(
            three[0], test_accuracy_percent=97.0, simulated_time_ps=40, energy_aJ=20, hottest_cell_pulses=1
        ),
        _with(three[1], test_accuracy_percent=10.0, simulated_time_ps=9_000, energy_aJ=10**9),
        _with(three[2], test_accuracy_percent=98.0, simulated_time_ps=80_000, energy_aJ=10**18),
    ]
    assert verdicts(made) == []
    assert conclusion(made) == (
        "No verdict on accuracy, time, energy and wear: one seed does not show how far the next would move "
        "them; run several, as 'chipsim compare --seeds 3' does."
    )
    drawn = [metric for metric in METRICS if metric.key not in {"area_mm2", "inference_time_ps"}]
    assert {metric.key for metric in drawn if best_of(metric, made)} == set()


def test_differences_inside_the_spread_are_none(three):
    """Seeds that overlap are no difference in accuracy, time, energy or wear, whatever their means."""
    made = seeded(
        three[:2],
        test_accuracy_percent=((92.0, 5.0), (96.0, 0.1)),
        # Seeds move the two against each other: the second takes 1,000 more, 800 less and 2,800 more.
        simulated_time_ps=((40_000, 900), (41_000, -900)),
        energy_aJ=((2_000, 100), (1_900, 1)),
        hottest_cell_pulses=((50, 20), (31, 1)),
    )
    assert verdicts(made) == []
    assert conclusion(made) == (
        "No difference in accuracy, time, energy and wear: what there is lies inside the spread over seeds."
    )


def test_a_lead_that_chance_explains_is_none(three):
    """A lead in accuracy below two standard errors of the test sets is no lead, a larger one is."""
    # Two accuracies near 95 % on 1,000 samples each: two standard errors of the difference are 1.95 points.
    close = seeded(three[:2], test_accuracy_percent=((95.9, 0), (94.0, 0)))
    assert best_of(METRIC["test_accuracy_percent"], close) == frozenset()
    assert undecided(close) == [
        "No difference in accuracy: what there is is no more than chance with so many test samples."
    ]
    apart = seeded(three[:2], test_accuracy_percent=((96.0, 0), (94.0, 0)))
    assert best_of(METRIC["test_accuracy_percent"], apart) == {0, 1, 2}
    assert verdicts(apart)[0].reason == "2.00 points above single-pair"


def test_a_shared_lead_is_told_of_several(three):
    """Two that are not told apart are named as two, when both are told apart from the third."""
    made = seeded(
        three,
        test_accuracy_percent=((92.3, 0.3), (97.6, 0.1), (97.7, 0.2)),
        simulated_time_ps=((10, 0), (20, 0), (20, 0)),
        energy_aJ=((10, 0), (10, 0), (10, 0)),
    )
    leading = verdicts(made)[0]
    assert (leading.winner, leading.tied) == ("digital-fp32 and single-pair", True)
    assert leading.reason == "5.40 points above hybrid-synapse; those that lead are not told apart"
    assert leading.value == "97.50 % to 97.90 %"
    assert conclusion(made).startswith(
        "No chip leads in everything: digital-fp32 and single-pair are the most accurate; "
        "hybrid-synapse trains fastest"
    )
    assert "The same for all: energy." in conclusion(made)


def test_conclusions_of_equal_and_single_runs():
    """Equal figures are called equal; seeds of one chip are not compared; a run alone is one sentence."""
    same = [*seeds_of(made_result(), count=2), *seeds_of(_with(made_result(), architecture="other"), count=2)]
    assert conclusion(same) == "The same for all: accuracy, time, energy and wear."
    assert conclusion(same[:2]) == "One chip, run 2 times: nothing is compared but seeds."
    alone = _with(made_result(), test_accuracy_percent=97.0, hottest_cell_pulses=12)
    assert conclusion([alone]) == (
        "hybrid-synapse on mnist-5k reached 97.00 % test accuracy in 8 epochs, 46.4 ms on the chip "
        "and 1.312 mJ. Its hottest cell had 12 pulses."
    )


def test_race_to_an_accuracy_that_all_reached(three):
    """The race goes to the highest whole percent that every run reached, each at its first such epoch."""
    rows = race(three)
    assert [row.label for row in rows] == list(ARCHITECTURES)
    goal = rows[0].accuracy_percent
    for row, result in zip(rows, three, strict=True):
        reached = [epoch.epoch for epoch in result.epochs if epoch.test_accuracy_percent >= goal]
        assert row.epoch == str(reached[0])
    assert race(three[:1]) == []
    assert race([three[0], attrs.evolve(three[1], epochs=())]) == []


def test_race_of_several_seeds(three):
    """Seeds of one chip race together: from the earliest epoch to the latest, with the mean of the times."""
    rows = tuple(attrs.evolve(row, test_accuracy_percent=80.0 + row.epoch) for row in three[0].epochs)
    slow = tuple(attrs.evolve(row, test_accuracy_percent=79.0 + row.epoch) for row in three[0].epochs)
    one, other = seeds_of(three[0], count=2)
    (row,) = race([attrs.evolve(one, epochs=rows), attrs.evolve(other, epochs=slow)])
    # The slower ends at 87 %, after the eighth epoch; the other is there after the seventh. Each takes 5.8 ms.
    assert (row.label, row.accuracy_percent, row.epoch) == ("hybrid-synapse", 87, "7 to 8")
    assert row.time == "43.5 ms (40.6 ms to 46.4 ms)"


def test_warnings_of_runs_that_are_not_alike(three):
    """Differences that make a comparison unfair are told."""
    other = attrs.evolve(_with(three[1], workload="mnist", epochs_run=40), costs={"name": "other"})
    assert warnings_about([three[0], other]) == [
        "These runs differ in workload: mnist-5k, mnist.",
        "These runs differ in number of epochs: 8, 40.",
        "These runs use different cost sets: isaac-32nm, other.",
    ]
    assert warnings_about(three) == []


def test_best_needs_two_that_differ(three):
    """Nothing is best of one, of equals, or among figures where neither more nor less is better."""
    runs = [run for made in three for run in seeds_of(made, count=2)]
    assert best_of(METRIC["energy_aJ"], runs) == {2, 3}
    assert best_of(METRIC["energy_aJ"], runs[:2]) == frozenset()
    assert best_of(METRIC["area_mm2"], three) == {0, 1}
    assert best_of(METRIC["pulses"], runs) == frozenset()
    assert best_of(METRIC["hottest_cell_pulses"], runs) == {2, 3}


def test_wear_of_a_chip_without_cells_is_a_dash(three):
    """A digital chip has no pulses to show, which is not the same as none fired."""
    assert metric_value(METRIC["pulses"], three[2]) == "\N{EN DASH}"
    assert metric_value(METRIC["switch_epoch"], three[1]) == "\N{EN DASH}"
    assert metric_value(METRIC["switch_epoch"], three[0]) == "4"


@pytest.mark.parametrize(
    ("path", "figures"),
    [
        ("device.states", ("accuracy", "wear")),
        ("costs.sram.read", ("energy",)),
        ("tile.read_time", ("time", "energy")),
        ("device.area", ("area",)),
        ("costs.write_driver.area", ("area",)),
        ("costs.dac[bits=4].bits", ()),
        ("device.on_conductance", ("accuracy", "energy")),
        ("interconnect.clock", ("time",)),
        ("name", ()),
    ],
)
def test_what_a_value_bears_on(path, figures):
    """The words in a value's name say which conclusions it decides."""
    assert bearing(path) == figures


def test_sentence_on_assumed_values():
    """The sentence counts assumed values, and names the conclusions that rest on none."""
    values = [
        Valued(path="device.area", value="1 um2", kind="assumed", text="guess"),
        Valued(path="device.states", value="50", kind="source", text="paper"),
        Valued(path="device.area", value="1 um2", kind="assumed", text="guess"),
    ]
    borrowed = Valued(
        path="device.states", value="97", kind="changed", text="written for 50 in a file: paper"
    )
    assert assumed_sentence([borrowed]) == (
        "1 value stands beside a note that was written for another value, which is no source for this one. "
        "No value is assumed."
    )
    digital = assumed_sentence([Valued(path="buffer.size", value="1 KiB", kind="assumed", text="guess")])
    assert "Nothing assumed bears on accuracy, time or energy." in digital  # no cells, no wear
    assert assumed_sentence(values) == (
        "1 value is assumed. Conclusions rest on assumed values so: area on 1. "
        "Nothing assumed bears on accuracy, time, energy or wear. "
        "What a value bears on is judged by its name; what bears on accuracy also changes, through training, how often "
        "cells are written."
    )
    assert assumed_sentence(values[1:2]) == (
        "No value is assumed: every number in the descriptions has a source."
    )


def test_colours_of_words_are_stable():
    """Known kinds and actions have colours of their own; others get one by their place among others."""
    assert color_of("adc") == "@@kind-0"
    assert color_of("forward") == "@@action-0"
    assert color_of("pool", among=["adc", "flip", "pool"]) == "@@other-1"


def test_labels_cannot_pose_as_colours_or_templates():
    """Text of users is neither a colour token nor a template of plotly.js."""
    assert text("@@series-0") == "@&#64;series-0"
    assert "%{" not in text("%{x}")


def test_embedded_json_holds_no_markup(three):
    """The data can stand inside a script element."""
    figures = accuracy_figures([_with(three[0], architecture="</script>&")])
    raw = embedded_json(figures)
    assert not set("<>&") & set(raw)
    assert json.loads(raw)["accuracy-time"]["data"][0]["name"] == "&lt;/script&gt;&amp;"
