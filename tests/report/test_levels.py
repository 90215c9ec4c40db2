"""What is shown of cells that are programmed to levels, and of runs that learnt several tasks."""

import json
import re

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from chipsim.report import comparison_table, write_report
from chipsim.report import templating as page_module
from chipsim.report.curves import accuracy_figures
from chipsim.report.endured import HEADS, group_cells, share_text, shares_sentence, stands_sentence
from chipsim.report.figure import color_of, embedded_json
from chipsim.report.forgetting import forgetting_figures, phases_of
from chipsim.report.racing import race
from chipsim.report.shares import share_figures, spending
from chipsim.report.sheets import sheets_of
from chipsim.report.verdicts import conclusion, verdicts
from chipsim.report.worn import array_wear, blocks_of, histogram_counts, wear_figures
from chipsim.result.activities import ACTIVITIES, activities
from chipsim.result.endurance import EnduranceQuestion, endurance
from chipsim.result.metrics import metric_value, metrics_of
from chipsim.result.standing import best_of
from tests.report.programmed_made import programmed_result
from tests.results_made import made_result, seeds_of

NASTY = "</script><script>alert(1)</script>"


@pytest.fixture(scope="module")
def run():
    return programmed_result()


@pytest.fixture
def page(tmp_path, monkeypatch):
    """Write a report and return its text; the plotting library would only make that slow."""
    monkeypatch.setattr(page_module, "_plotly", lambda: "/* plotly.js */")
    return lambda *results, **more: write_report(results, tmp_path / "r.html", **more).read_text("utf-8")


def _figures(text):
    return json.loads(re.search(r'id="figures">(.*?)</script>', text)[1])


def _with(result, **summary):
    return attrs.evolve(result, summary={**result.summary, **summary})


def _hotter(one):
    return attrs.evolve(one, programmings=3 * one.programmings)


@given(
    npst.arrays(np.int32, npst.array_shapes(min_dims=2, max_dims=2, max_side=40), elements=st.integers(0, 9))
)
def test_blocks_hold_every_cell_once(counts):
    """However an array is cut, cells and operations of its blocks add up to its own."""
    blocks = blocks_of(counts, most=7)
    assert (blocks.sums.sum(), blocks.cells.sum()) == (counts.sum(), counts.size)
    assert (blocks.largest * blocks.cells >= blocks.sums).all()
    assert blocks.largest.shape == tuple(min(7, size) for size in counts.shape)


def test_map_tells_largest_and_mean():
    """A dot has the hottest cell of its block, and its mean under the pointer."""
    cells = np.zeros((128, 64), int)
    cells[0, 0], cells[1, 0] = 9, 4
    made = programmed_result()
    wear = (attrs.evolve(made.wear[0], programmings=cells, pulses=cells, resets=cells),)
    (*_, figure) = wear_figures([attrs.evolve(made, wear=wear)])[0]
    (shown,) = figure.data
    assert (np.shape(shown["z"]), shown["z"][0][0], shown["customdata"][0][0]) == ((64, 64), 9, 6.5)
    assert figure.title == "made-levels: where the programmings fell"


def test_histograms_mark_thresholds(run):
    """Programmings, SETs and RESETs have a histogram each; thresholds part cells strictly."""
    figures = {
        figure.name: figure for figure in wear_figures([run], question=EnduranceQuestion(under=7, over=9))[0]
    }
    assert list(figures) == ["programmings-0", "pulses-0", "resets-0", "map-0"]
    # Cells with 6 are left of the first upright, those with 7 are not; those with 10 are right of the second.
    assert [shape["x0"] for shape in figures["programmings-0"].layout["shapes"]] == [6.5, 9.5]
    assert [note["text"] for note in figures["programmings-0"].layout["annotations"]] == [
        "under 7 ",
        " over 9",
    ]
    assert "shapes" not in figures["resets-0"].layout
    assert [figures[name].title for name in list(figures)[:3]] == [
        "made-levels: programmings per cell",
        "made-levels: SETs per cell",
        "made-levels: RESETs per cell",
    ]
    assert {figure.layout["yaxis"]["type"] for figure in list(figures.values())[:3]} == {"log"}


def test_many_arrays_are_put_together_by_layer():
    """A layer on many tiles is shown as one sheet that holds each of its cells where its weight lies."""
    run = programmed_result(shape=(40, 12), side=8)
    assert len(run.wear) > 12
    first, second = sheets_of(run, "programmings")
    assert (first.name, first.counts.shape) == ("layer 1, cells", (40, 24))
    assert (second.name, second.counts.shape) == ("layer 2, cells", (12, 80))
    total = sum(int(one.programmings.sum()) for one in run.wear)
    assert first.counts.sum() + second.counts.sum() == total
    # The second tile carries rows 8 to 15 of the first block of columns; the sixth begins the next block.
    assert np.array_equal(first.counts[8:16, :16], run.wear[1].programmings)
    assert np.array_equal(first.counts[:8, 16:], run.wear[5].programmings)
    histogram, *_, shown = wear_figures([run])[0]
    assert [trace["name"] for trace in histogram.data] == ["layer 1, cells", "layer 2, cells"]
    assert len(shown.data) == 2


def test_many_arrays_without_layers_show_the_hottest():
    """Arrays of which nobody knows where they stand are shown one by one, the hottest of them as maps."""
    run = attrs.evolve(programmed_result(shape=(40, 12), side=8), placement=())
    histogram, *_, shown = wear_figures([run])[0]
    assert (len(histogram.data), len(shown.data)) == (len(run.wear), 12)
    assert shown.caption.endswith(f" The 12 hottest of {len(run.wear)} arrays are shown.")


def test_a_big_network_leaves_a_small_page():
    """1.3 million cells leave less than 300 kB in the page, each of them counted in the histogram."""
    run = programmed_result(shape=(784, 512), side=512)
    figures = wear_figures([run])[0]
    assert len(embedded_json(figures)) < 300_000
    sheets = sheets_of(run, "programmings")
    assert sum(int(histogram_counts(sheet.counts, width=5).sum()) for sheet in sheets) == 2 * 2 * 784 * 512


def test_forgetting_curves(run):
    """Each task is a curve over the epochs that tested it, filled where the epoch trained it."""
    (figure,) = forgetting_figures([run, made_result()])
    mnist, fashion = figure.data
    assert (mnist["name"], mnist["x"]) == ("mnist", list(range(1, 13)))
    assert (fashion["name"], fashion["x"]) == ("fashion", list(range(7, 13)))
    assert mnist["y"][-1] == pytest.approx(97)
    assert fashion["y"] == [78 + 0.5 * epoch for epoch in range(7, 13)]
    assert mnist["marker"]["symbol"] == ["circle"] * 6 + ["circle-open"] * 6
    assert figure.name == "forgetting-0"


def test_accuracy_curves_break_where_the_task_changes(run):
    """No line joins the last epoch of one task and the first of another, against whatever it is drawn."""
    for figure in accuracy_figures([run]):
        for line in figure.data:
            assert [place for place, value in enumerate(line["y"]) if value is None] == [6]
            assert line["x"][6] is None
            assert len(line["x"]) == len(line["y"]) == 13
        assert "lines break where the task changes" in figure.caption
    single = accuracy_figures([made_result()])
    assert all(None not in line["y"] for figure in single for line in figure.data)
    assert all("task" not in figure.caption for figure in single)


def test_curves_say_what_hollow_markers_are(run):
    """The caption tells filled markers from hollow ones."""
    (figure,) = forgetting_figures([run])
    assert "Filled: the epoch trained the task; hollow: it trained another." in figure.caption


def test_maps_are_numbered():
    """A map has numbers of rows and columns, and each dot lies in the middle of its block."""
    cells = np.ones((128, 6), int)
    made = programmed_result()
    wear = (attrs.evolve(made.wear[0], programmings=cells, pulses=cells, resets=cells),)
    (*_, figure) = wear_figures([attrs.evolve(made, wear=wear)])[0]
    assert all(figure.layout[axis].get("showticklabels", True) for axis in ("xaxis", "yaxis"))
    # Blocks of two rows: 0 and 1 have their middle at 0.5; blocks of one column lie on its number.
    (shown,) = figure.data
    assert [shown[key] for key in ("y0", "dy", "x0", "dx")] == [0.5, 2, 0, 1]


def test_phases_are_marked(run):
    """Phases follow one another, shaded by the task that they train and parted by uprights."""
    assert [(span.phase, span.tasks, span.first, span.last) for span in phases_of(run)] == [
        ("free", ("mnist",), 1, 2),
        ("consolidating", ("mnist",), 3, 6),
        ("fashion", ("fashion",), 7, 12),
    ]
    (figure,) = forgetting_figures([run])
    shades = [shape for shape in figure.layout["shapes"] if shape["type"] == "rect"]
    assert [(one["x0"], one["x1"], one["fillcolor"]) for one in shades] == [
        (0.5, 2.5, "@@series-0"),
        (2.5, 6.5, "@@series-0"),
        (6.5, 12.5, "@@series-1"),
    ]
    lines = [shape["x0"] for shape in figure.layout["shapes"] if shape["type"] == "line"]
    assert lines == [2.5, 6.5]
    assert [note["text"] for note in figure.layout["annotations"]] == ["free", "consolidating", "fashion"]


def test_activities_are_stacked(run):
    """The bars by activity hold what the ledger holds, each in a colour of its own."""
    energy, busy = (figure for figure in share_figures([run]) if figure.name.endswith("activity"))
    took = activities(run)
    assert sum(trace["x"][0] for trace in busy.data) == pytest.approx(
        sum(one.busy_ps for one in took.values()) / 1e3
    )
    assert {trace["name"] for trace in energy.data} == set(took)
    colours = [color_of(name) for name in ACTIVITIES if name != "other"]
    assert len(set(colours)) == len(colours)


def test_where_energy_goes_in_one_sentence(run):
    """The activities that took most are told until three quarters are, three at most."""
    # Energies are 0 to 10 pJ in the order of the ledger, and 1 aJ more each: selection 10 of 55, reprogramming
    # 2 + 3 + 4 and 3 aJ, digital update 9 and 1 aJ. Busy times are 1,000 to 1,010 ps: the driver's three actions
    # take 1,002 + 1,003 + 1,004, normalising and gradients 1,008 + 1,009, the others one action each.
    timed = _with(run, simulated_time_ps=10_000)
    energy = "Of the energy, selection took 18.2 %, reprogramming took 16.4 % and digital update took 16.4 %."
    assert spending(timed) == (
        f"{energy} Of the time on chip, the busiest part of the tiles (tile0.driver) was busy for 30.1 %, "
        "the digital unit for 20.2 %, the selector for 10.1 %, the memory for 10.1 % and the link for 10.1 %."
    )
    assert spending(_with(run, simulated_time_ps=0)) == energy
    ledger = tuple(attrs.evolve(row, energy_aj=int(row.kind == "adc"), busy_ps=0) for row in run.ledger)
    assert spending(attrs.evolve(run, ledger=ledger)) == "Of the energy, analog backward took 100 %."
    assert spending(attrs.evolve(run, ledger=())) == ""


def test_several_parts_of_a_unit_are_told_by_the_busiest(run):
    """Of two links the busier is named; a part that was hardly busy is not told as idle."""
    made = attrs.evolve(run.ledger[0], kind="link", energy_aj=0)
    ledger = (
        attrs.evolve(made, part="link:a--b", busy_ps=500),
        attrs.evolve(made, part="link:b--c", busy_ps=700),
        attrs.evolve(made, part="digital", kind="digital", busy_ps=9),
    )
    assert spending(attrs.evolve(_with(run, simulated_time_ps=10_000), ledger=ledger)) == (
        "Of the time on chip, the busiest of the links (link:b--c) was busy for 7 %, "
        "the digital unit for less than 0.1 %."
    )


def test_metrics_of_levels_and_tasks(run):
    """A comparison has a line for each task, and counts SETs and RESETs instead of pulses."""
    shown = {metric.title: metric_value(metric, run) for metric in metrics_of([run])}
    assert {"Pulses", "Resets", "Hottest cell"}.isdisjoint(shown)
    assert (shown["Accuracy on mnist"], shown["Accuracy on fashion"]) == ("97.00 %", "84.00 %")
    assert shown["Mean over tasks"] == "90.50 %"
    assert list(shown)[:5] == [
        *("Mean over tasks", "Accuracy on mnist", "Accuracy on fashion"),
        *("Test accuracy (last task)", "Train accuracy (last task)"),
    ]
    assert "Best test accuracy" not in shown
    assert (shown["Forgetting"], shown["Hidden memory"]) == ("0.60 points", "2.861 MiB")
    hottest = max(int(one.programmings.max()) for one in run.wear)
    assert shown["Most programmed cell"] == f"{hottest} programmings"
    assert shown["RESETs"] == f"{run.summary['resets']:,}"


def test_accuracies_of_the_last_task_have_no_best(run):
    """What is only of the task trained last decides nothing; the mean over tasks does."""
    other = _with(run, mean_task_accuracy_percent=60.0, test_accuracy_percent=1.0, train_accuracy_percent=1.0)
    runs = [*seeds_of(run, count=2), *seeds_of(_with(other, architecture="other"), count=2)]
    best = {metric.title: best_of(metric, runs) for metric in metrics_of(runs)}
    assert best["Mean over tasks"] == {0, 1}
    assert best["Test accuracy (last task)"] == best["Train accuracy (last task)"] == frozenset()
    heads = [column.header for column in comparison_table([run, other]).columns]
    assert heads[:3] == ["Architecture", "Mean over tasks", "Time on chip"]


def test_metrics_that_one_run_lacks_are_dashes(run):
    """A run of another kind has a dash where it counted nothing; what no run has is left out."""
    other = made_result("single-pair")
    both = metrics_of([run, other])
    shown = {metric.title: (metric_value(metric, run), metric_value(metric, other)) for metric in both}
    dash = "\N{EN DASH}"
    assert shown["Pulses"] == (dash, f"{other.summary['pulses']:,}")
    assert (
        shown["Programmings per cell"][1]
        == shown["Accuracy on fashion"][1]
        == shown["Hidden memory"][1]
        == dash
    )
    assert {"Forgetting", "SETs"}.isdisjoint(metric.title for metric in metrics_of([other]))
    assert comparison_table([run, other]).row_count == 2


def test_verdicts_on_tasks_and_programmings(run):
    """Runs of several tasks are told apart by all of them, by what they forgot, and by programmings."""
    other = _with(
        programmed_result("other", seed=2),
        mean_task_accuracy_percent=60.0,
        forgetting_percent=70.6,
        energy_aJ=1,
    )
    other = attrs.evolve(other, wear=tuple(map(_hotter, run.wear)))
    hottest = max(int(one.programmings.max()) for one in run.wear)
    told = {
        verdict.question: (verdict.winner, verdict.value, verdict.reason)
        for verdict in verdicts([*seeds_of(run, count=2), *seeds_of(other, count=2)])
    }
    assert told["Most accurate over all tasks"] == ("made-levels", "90.50 %", "30.50 points above other")
    assert told["Least forgetting"] == ("made-levels", "0.60 points", "other loses 70.00 points more")
    assert told["Least worn hottest cell"] == (
        "made-levels",
        f"{hottest} programmings",
        "other's hottest cell gets 3.0 times as many",
    )
    assert "Most accurate" not in told
    assert race([run, other]) == []
    runs = [*seeds_of(run, count=2), *seeds_of(other, count=2)]
    assert "made-levels is the most accurate over all tasks, forgets least" in conclusion(runs)


def test_pulses_and_programmings_are_not_compared(run):
    """A pulse is a small step and a programming is not: nobody is called least worn by both."""
    assert "Least worn hottest cell" not in {verdict.question for verdict in verdicts([run, made_result()])}


def test_one_run_in_words(run):
    """A run alone tells what is left of each task, and how often its hottest cell was programmed."""
    hottest = max(int(one.programmings.max()) for one in run.wear)
    assert conclusion([run]).endswith(
        " At the end it classifies 97.00 % of mnist and 84.00 % of fashion right. "
        f"Its hottest cell was programmed {hottest} times."
    )


def test_one_time_is_no_times(run):
    """Cells that were written once, at the beginning."""
    once = tuple(attrs.evolve(one, programmings=one.programmings.clip(max=1)) for one in run.wear)
    assert conclusion([attrs.evolve(run, wear=once)]).endswith(" Its hottest cell was programmed 1 time.")


def test_page_of_levels(run, page):
    """The page has curves, activities, histograms, maps and the table of endurance, and no pulses."""
    text = page(run)
    names = set(_figures(text))
    assert {
        "forgetting-0",
        "energy-by-activity",
        "busy-by-activity",
        "programmings-0",
        "map-0",
        "updates",
    } <= names
    found = endurance(run)
    assert shares_sentence(found) in text
    assert stands_sentence(found) in text
    assert ">Never pulsed<" not in text
    assert ">The hottest cells</p>" in text
    assert array_wear([run]) == []
    assert "which makes it longer than the time on chip" in text


def test_page_with_thresholds_of_ones_own(run, page):
    """Thresholds and the share that decides may be chosen."""
    text = page(run, question=EnduranceQuestion(under=3, over=4, share="1/8", hottest=0))
    assert re.search(r"cells had fewer than 3 programmings, [\d.]+ % more than 4;", text)
    assert "take 12.5 % of the cells past their endurance" in text
    assert "The hottest cells" not in text


def test_page_of_levels_escapes_everything(run, page):
    """Names of tasks, phases and arrays stand in the page as text."""
    nasty = attrs.evolve(
        run,
        tasks=tuple(attrs.evolve(row, task=row.task + NASTY) for row in run.tasks),
        epochs=tuple(attrs.evolve(row, phase=NASTY) for row in run.epochs),
        wear=tuple(attrs.evolve(one, array=f"{one.array}{NASTY}") for one in run.wear),
    )
    text = page(nasty, nasty)
    assert "<script>alert" not in text
    assert len(re.findall(r"<script", text)) == len(re.findall(r"</script>", text)) == 4
    assert _figures(text)["forgetting-0"]["data"][0]["name"] == f"mnist{NASTY}".replace("<", "&lt;").replace(
        ">", "&gt;"
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"endurance": None}, "How often a cell can be written is not known: the chip's description gives no device.endurance."),
        ({"endurance": 4}, "A cell stands 4 cycles: this one training took 50 % of the cells or more past that; 2 cells are now. A cycle is a SET and a RESET."),
        ({"endurance": 5}, "A cell stands 5 cycles: 2 such trainings, this one included, take 50 % of the cells past that; 1 cell is now. A cycle is a SET and a RESET."),
        ({"endurance": 100}, "A cell stands 100 cycles: 21 such trainings, this one included, take 50 % of the cells past that; no cell is now. A cycle is a SET and a RESET."),
        ({"endurance": 100, "share": 1}, "A cell stands 100 cycles: 100 % of the cells never get past that by such trainings, for too few of them wear; no cell is now. A cycle is a SET and a RESET."),
    ],
)  # fmt: skip
def test_what_cells_stand_in_words(change, sentence):
    """Four cells with 0, 1, 5 and 9 programmings, under several endurances."""
    made = programmed_result(endurance=change["endurance"])
    cells = np.array([[0, 1], [5, 9]])
    wear = (attrs.evolve(made.wear[0], programmings=cells, pulses=cells, resets=cells),)
    question = EnduranceQuestion(share=change.get("share", "1/2"))
    assert stands_sentence(endurance(attrs.evolve(made, wear=wear), question)) == sentence


def test_few_cells_are_not_told_as_none():
    """Shares that would round to nothing or to all say so; headings and figures agree in number."""
    assert [share_text(cells, of=100_000) for cells in (0, 4, 5, 99_996, 100_000)] == [
        *("0.00 %", "< 0.01 %", "0.01 %", "> 99.99 %", "100.00 %"),
    ]
    found = endurance(programmed_result())
    assert len(group_cells(found.all)) == len(HEADS)
