"""Figures as files: every kind of trace drawn without a browser, the data behind it, and what is refused."""

import csv
import io
import re
import sys

import pytest

from chipsim.errors import OutputError
from chipsim.report.exporting import FORMATS, drawn, width_of
from chipsim.report.figure import Figure, in_order, log_axis, text
from chipsim.report.figure_table import COLUMNS, csv_of, plain_label
from chipsim.report.page import figures_of
from chipsim.report.study_page import study_figures
from tests.report.test_study_page import APART, NASTY, swept
from tests.results_made import ARCHITECTURES, made_result

BEGINS = {"svg": b"<?xml", "pdf": b"%PDF", "png": b"\x89PNG"}


def figure(*traces, **layout):
    return Figure(name="mine", title="Mine", data=list(traces), layout=layout)


def bar(**more):
    return {"type": "bar", "name": "one", "x": ["a", "b"], "y": [1.0, 3.0], **more}


@pytest.fixture
def _matplotlib():
    pytest.importorskip("matplotlib", reason="chipsim[figures] is not installed")


@pytest.mark.usefixtures("_matplotlib")
@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_is_of_its_format_and_the_same_each_time(kind):
    """Nothing in it tells when it was drawn, so that a paper's files change with its figures alone."""
    made = drawn(figure(bar()), kind)
    assert made.startswith(BEGINS[kind])
    assert made == drawn(figure(bar()), kind)


@pytest.mark.usefixtures("_matplotlib")
def test_every_figure_of_a_report_and_a_study_is_drawn_or_refused_in_words():
    """Only maps of wear, which are several drawings in one, are left to the page."""
    figures = figures_of([made_result(name) for name in ARCHITECTURES])
    for gathered in (APART, swept(["10", "20", "50"])):
        figures += [one for its in study_figures(gathered).values() for one in its]
    refused = []
    for one in figures:
        try:
            assert drawn(one, "svg")
        except OutputError as error:
            refused.append(str(error))
    assert set(refused) == {
        f"map-{place}: is made of several drawings; save it on the page" for place in range(2)
    }


@pytest.mark.usefixtures("_matplotlib")
def test_a_drawing_is_as_wide_as_asked_and_light():
    """3.5 inches are 252 points; chips have the colours of the page's light theme, and the ground is white."""
    (one, *_) = study_figures(APART)["measured"]
    content = drawn(one, "svg", width=3.5).decode()
    assert 'width="252pt"' in content
    assert "#0072b2" in content.lower()
    assert "fill: #ffffff" in content


@pytest.mark.usefixtures("_matplotlib")
def test_labels_are_text_and_no_formulas():
    """Dollars, markup and tokens are shown as they are."""
    name = text("a $x_1$ <b> &lt; @@series-0")
    trace = {"type": "scatter", "mode": "lines", "name": "p", "x": [1, 2], "y": [1, 2]}
    layout = {"xaxis": {"title": {"text": name}}}
    content = drawn(figure(trace, **layout), "svg").decode()
    assert "a $x_1$ &lt;b&gt; &amp;lt; @@series-0" in content


@pytest.mark.usefixtures("_matplotlib")
def test_hostile_names_are_drawn():
    """Names that look like markup, tokens and templates break no drawing."""
    trace = {"type": "bar", "orientation": "h", "name": NASTY, "y": [NASTY], "x": [1.0]}
    assert drawn(figure(trace, {**trace, "name": "other"}, barmode="group"), "png")


def test_what_is_not_translated_is_refused():
    """Other traces, and remarks at places that are no values of an axis."""
    with pytest.raises(
        OutputError, match=r"^mine: holds a 'sankey', which is drawn on pages only; save it there, or "
    ):
        drawn(figure({"type": "sankey"}), "svg")
    note = {"x": 0.5, "y": 0.5, "xref": "paper", "yref": "paper", "text": "there"}
    with pytest.raises(OutputError, match=r"^mine: has remarks that are drawn on pages only; save it there$"):
        drawn(figure(bar(), annotations=[note]), "svg")


def test_without_matplotlib_a_message_says_what_to_install(monkeypatch):
    """And what can be had without it."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(
        OutputError, match=r"pip install 'chipsim\[figures\]', or take the data \(-o FILE.csv\)"
    ):
        drawn(figure(bar()), "pdf")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("3.5", "'3.5' is no width; write a number and in, cm, mm or pt, such as 3.5in or 89mm"),
        ("wide", "'wide' is no width; write a number and in, cm, mm or pt, such as 3.5in or 89mm"),
        ("0.1in", "'0.1in' is no width of a figure; from 1in to 40in"),
        ("9999cm", "'9999cm' is no width of a figure; from 1in to 40in"),
    ],
)
def test_widths_that_are_none(given, said):
    """A number alone may be any unit."""
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        width_of(given)


def test_the_data_of_a_figure_are_a_table():
    """A row a point with its errors, a row a field of a map; names as they are, no formulas."""
    traces = (
        {
            "type": "scatter",
            "name": "a&amp;b",
            "x": ["=1+1", "x"],
            "y": [1.0, None],
            "error_y": {"array": [0.5, None]},
        },
        {"type": "heatmap", "name": "", "x": ["p"], "y": ["q", "r"], "z": [[1.0], [None]]},
    )
    rows = list(csv.reader(io.StringIO(csv_of(figure(*traces)))))
    assert rows == [
        list(COLUMNS),
        ["a&b", "'=1+1", "1.0", "", "", "0.5"],
        ["a&b", "x", "", "", "", ""],
        ["", "p", "q", "1.0", "", ""],
        ["", "p", "r", "", "", ""],
    ]


def test_labels_come_back_as_they_were_given():
    """What a label is for plotly.js is undone."""
    for name in (NASTY, "R&D", "@@series-0", "%{x}"):
        assert plain_label(text(name)) == name


def test_ticks_of_logarithmic_axes_read_in_order():
    """Whole numbers, few enough for a narrow figure, over a part of a decade and over nine."""
    assert log_axis("t", [0.15, 8.0])["ticktext"] == ["0.2", "0.5", "1", "2", "5", "10"]
    assert log_axis("t", [3.0, 1000.0])["ticktext"] == ["10", "100", "1,000"]
    assert len(log_axis("t", [1.0, 1e9])["ticktext"]) <= 7
    assert "ticktext" not in log_axis("t", [1.0, 1.0])
    assert "ticktext" not in log_axis("t", [])


def test_stacks_have_one_order_on_all_charts():
    """Energy and busy time list kinds of part, operations and activities alike."""
    figures = {one.name: one for one in figures_of([made_result(name) for name in ARCHITECTURES])}
    for of in ("activity", "action", "kind"):
        for amount in ("energy", "busy"):
            names = [trace["name"] for trace in figures[f"{amount}-by-{of}"].data]
            assert names == in_order(names, of=of)


@pytest.mark.usefixtures("_matplotlib")
def test_long_names_of_a_legend_are_broken_into_lines():
    """On a drawing of 3.5 inches none runs out of it; the drawing is as much taller as it has more lines."""
    long = "a pair of cells a weight, whose pulses come all at once, by random coincidences"
    short = drawn(figure(bar(), bar(name="two")), "svg").decode("utf-8")
    made = drawn(figure(bar(name=long), bar(name="two")), "svg").decode("utf-8")
    assert long not in made
    assert "random coincidences" in made
    heights = [float(re.search(r'height="([0-9.]+)pt"', one)[1]) for one in (short, made)]
    # Two columns of one line, then two rows of two lines, of 0.16 inches.
    assert heights[1] - heights[0] == pytest.approx(3 * 0.16 * 72)
