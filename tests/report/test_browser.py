"""The pages, opened in a real browser: every plot drawn, no error logged, no network asked for."""

import attrs
import pytest

from chipsim.device.response import level_response, pulse_response, symmetry_of
from chipsim.report import DrawnResponse, write_chip_page, write_device_page, write_report
from chipsim.result import Valued
from chipsim.spec import load_chip, load_device
from tests.report.browser import find_browser, misfits_of, problems_of
from tests.report.programmed_made import programmed_result
from tests.results_made import ARCHITECTURES, made_result, seeds_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find_browser() is None, reason="no chromium or google-chrome on the PATH"),
]


def _quick_first(values):
    """The first by every run of the tests, the others by those that take their time."""
    first, *others = values
    return [first, *(pytest.param(value, marks=pytest.mark.slow) for value in others)]


NASTY = "</script><script>throw new Error('run')</script><b>x</b>&lt;@@series-0"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return write_report(
        [made_result(name) for name in ARCHITECTURES], tmp_path_factory.mktemp("page") / "r.html"
    )


def test_report_of_three_chips_draws_every_plot(report, tmp_path):
    """Every figure of a comparison is drawn with all its traces, and nothing is logged."""
    assert problems_of(report, folder=tmp_path) == []


@pytest.mark.parametrize("architecture", _quick_first(ARCHITECTURES))
def test_report_of_one_chip_draws_every_plot(architecture, tmp_path):
    """A report of a single result, with wear or without, is drawn whole."""
    page = write_report([made_result(architecture, epochs=1)], tmp_path / "one.html")
    assert problems_of(page, folder=tmp_path) == []


def test_report_of_levels_and_tasks_draws_every_plot(tmp_path):
    """Runs whose cells are programmed to levels, on few arrays and on many, beside one with pulses."""
    results = [programmed_result(), programmed_result("many", shape=(40, 12), side=8), made_result()]
    page = write_report(results, tmp_path / "levels.html")
    assert problems_of(page, folder=tmp_path) == []


def test_tables_and_legends_fit_a_small_window(tmp_path):
    """On 1300 pixels no table is wider than its card, whatever is in it, and no entry of a legend is hidden."""
    levels = ", ".join(str(0.1875 * step) for step in range(-8, 9))
    run = programmed_result()
    long = Valued(path="synapse.levels", value=f"[{levels}]", kind="source", text="a paper")
    path = Valued(
        path="tile.backward.adc.lines_per_converter", value="8", kind="assumed", text="why not " * 30
    )
    results = [
        attrs.evolve(run, values=(*run.values, long, path)),
        made_result(),
        made_result("digital-fp32"),
    ]
    page = write_report(results, tmp_path / "small.html")
    assert misfits_of(page, folder=tmp_path) == []


@pytest.mark.parametrize("width", _quick_first([1300, 560]))
def test_several_seeds_of_three_chips_fit(tmp_path, width):
    """Columns with a mean and a spread fit their card on a desktop, and scroll inside it where it is narrow."""
    results = [run for name in ARCHITECTURES for run in seeds_of(made_result(name))]
    page = write_report(results, tmp_path / "seeds.html")
    found = misfits_of(page, folder=tmp_path, width=width)
    assert [one for one in found if width > 1000 or not one.startswith("table")] == []


@pytest.mark.slow
def test_what_does_not_fit_is_found_out(report, tmp_path):
    """The check fails for a page whose cells do not wrap, and for legends kept low."""
    broken = tmp_path / "broken.html"
    content = report.read_text("utf-8").replace("</style>", "td { white-space: nowrap !important }</style>")
    content = content.replace("maxheight: 4000", "maxheight: 30")
    broken.write_text(content.replace("step_spread", "a_step_spread_" * 30))
    found = misfits_of(broken, folder=tmp_path)
    assert [one.partition(":")[0] for one in found if one.startswith("table")] == ["table values"]
    assert "energy-by-action: entries of the legend are hidden" in found


def test_chip_page_draws_its_graph(tmp_path):
    """The page of one chip draws its graph."""
    result = made_result()
    page = write_chip_page(result.graph, tmp_path / "chip.html", title="hybrid", values=result.values)
    assert problems_of(page, folder=tmp_path) == []


@pytest.mark.parametrize("name", ["reram-array-om", "levels"])
def test_device_page_draws_its_response(name, tmp_path):
    """With symmetry points, or levels; markup in words is shown and not run."""
    page = tmp_path / "device.html"
    if name == "levels":
        levels = level_response(load_chip("bnn").spec.device).tolist()
        write_device_page(page, title=NASTY, about=NASTY, paper=NASTY, words=[NASTY], levels=levels)
    else:
        device = load_device(name).spec.device
        up, _ = pulse_response(device).stretches
        bands = dict(zip(("low", "median", "high"), map(up.share, (10, 50, 90)), strict=True))
        drawn = DrawnResponse(cells=200, pulses=up.pulses.tolist(), **bands)
        points = symmetry_of(device).conductance
        write_device_page(page, title=name, about="", response=drawn, symmetry=points)
    assert problems_of(page, folder=tmp_path) == []


def test_names_that_look_like_scripts_do_not_run(tmp_path):
    """Markup in names, sources and labels is shown, never run, also where plotly.js draws it."""
    made = made_result()
    result = attrs.evolve(
        made,
        summary={**made.summary, "architecture": NASTY, "workload": NASTY},
        ledger=tuple(attrs.evolve(row, part=NASTY + row.part, action=NASTY) for row in made.ledger),
        timeline=tuple(attrs.evolve(record, part=NASTY, action=NASTY) for record in made.timeline),
        graph=attrs.evolve(
            made.graph, nodes=tuple(attrs.evolve(node, about=NASTY) for node in made.graph.nodes)
        ),
        values=(Valued(path=NASTY, value=NASTY, kind=NASTY, text=NASTY),),
        chip={NASTY: NASTY},
        provenance={NASTY: NASTY},
    )
    page = write_report([result], tmp_path / "nasty.html")
    assert problems_of(page, folder=tmp_path) == []


@pytest.mark.slow
def test_a_page_that_throws_is_found_out(report, tmp_path):
    """The check fails for a page with a script that throws: once from the log, once from the page."""
    broken = tmp_path / "broken.html"
    broken.write_text(report.read_text("utf-8").replace("</main>", "</main><script>nowhere.to()</script>"))
    problems = problems_of(broken, folder=tmp_path)
    assert [problem.partition(":")[0] for problem in problems] == ["logged", "threw"]
    assert "nowhere is not defined" in problems[1]


@pytest.mark.slow
def test_a_page_with_data_cut_short_is_found_out(report, tmp_path):
    """The check fails for a page whose data cannot be read, so that nothing is drawn."""
    broken = tmp_path / "broken.html"
    broken.write_text(report.read_text("utf-8").replace('id="figures">{', 'id="figures">{{'))
    problems = problems_of(broken, folder=tmp_path)
    assert "drew nothing of 1 figures" in problems
    assert any(problem.startswith("threw: Uncaught SyntaxError") for problem in problems)


@pytest.mark.slow
def test_a_plot_without_its_traces_is_found_out(report, tmp_path):
    """The check fails when plotly.js leaves out a trace that it does not understand."""
    broken = tmp_path / "broken.html"
    content = report.read_text("utf-8")
    broken.write_text(content.replace('"type":"heatmap"', '"visible":false,"type":"heatmap"'))
    assert problems_of(broken, folder=tmp_path) == [
        "map-0: 3 drawings, 0 of 8 traces",
        "map-1: 3 drawings, 0 of 4 traces",
    ]


@pytest.mark.slow
def test_a_page_that_asks_for_the_network_is_found_out(report, tmp_path):
    """A page may load nothing from elsewhere: the browser refuses, and says so."""
    broken = tmp_path / "broken.html"
    image = '<img src="http://localhost:9/logo.png" alt="">'
    broken.write_text(report.read_text("utf-8").replace("</main>", f"{image}</main>"))
    problems = problems_of(broken, folder=tmp_path)
    assert len(problems) == 1
    assert "violates the following Content Security Policy" in problems[0]
