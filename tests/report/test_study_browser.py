"""The page of a study in a real browser: drawn whole, quick with a hundred runs, fitting a small window."""

import pytest

from chipsim.report.study_page import write_study_page
from tests.report.browser import find_browser, misfits_of, problems_of, seconds_to_draw
from tests.report.test_study_page import APART, NASTY, full_page, swept
from tests.study.kept_made import made_gathered, made_study

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find_browser() is None, reason="no chromium or google-chrome on the PATH"),
]


def test_every_plot_is_drawn(tmp_path):
    """Of chips side by side, and of a sweep; nothing is logged."""
    assert problems_of(full_page(tmp_path), folder=tmp_path) == []
    page = write_study_page(swept(["10", "20", "50"]), tmp_path / "sweep.html")
    assert problems_of(page, folder=tmp_path) == []


@pytest.mark.parametrize("width", [700, 1400])
def test_figures_fit_the_window(tmp_path, width):
    """No legend is cut and the page does not scroll sideways; wide tables scroll in their card."""
    found = misfits_of(full_page(tmp_path), folder=tmp_path, width=width)
    assert [one for one in found if not one.startswith("table")] == []


LONG = (
    "a pair of cells a weight, whose pulses come all at once, by random coincidences",
    "unbroken_" * 8 + "end",
    'R&D <b>bold</b> "quoted" in words that go on until the plot ends and some more',
    "short",
)
"""Names of chips as long as a study takes them."""


def _long_swept(folder):
    settings = []
    for place, chip in enumerate(LONG):
        for states in (10, 20, 50):
            figures = {"test_accuracy_percent": (90.0, 91.0 + states / 50), "energy_aJ": (states, states + 1)}
            if place == 3:
                figures = {"test_accuracy_percent": (80.0, 81.0), "energy_aJ": (2 * states, 2 * states + 1)}
            settings.append(({"chip": chip, "varied": (("device.states", str(states)),)}, figures))
    return write_study_page(made_gathered(settings), folder / "swept.html")


def _long_beside(folder):
    settings = [
        ({"chip": chip, "task": task}, {"test_accuracy_percent": (90.0 + place, 91.0 + place)})
        for place, chip in enumerate(LONG)
        for task in ("digits", "another task that has a name of some length too")
    ]
    return write_study_page(made_gathered(settings), folder / "tasks.html")


def _long_alone(folder):
    settings = [({"chip": chip}, {"energy_aJ": (10**12 + place,) * 2}) for place, chip in enumerate(LONG)]
    return write_study_page(made_gathered(settings), folder / "alone.html")


@pytest.mark.parametrize("width", [700, pytest.param(1400, marks=pytest.mark.slow)])
@pytest.mark.parametrize("made", [_long_swept, _long_beside, _long_alone])
def test_long_names_fit_their_figures(tmp_path, made, width):
    """In legends, beside rows and in captions; what is cut of a table is marked as such."""
    found = misfits_of(made(tmp_path), folder=tmp_path, width=width)
    assert [one for one in found if not one.startswith("table ") or "without" in one] == []


def test_long_names_are_saved_whole(tmp_path):
    """Broken into lines on the page, a name is one text in the table that the page saves."""
    page = _long_swept(tmp_path)
    spy = """<script>
setTimeout(function () {
  HTMLAnchorElement.prototype.click = function () {
    console.log("saved " + decodeURIComponent(this.href).replace(/\\r\\n/g, "|"));
  };
  document.querySelector("[title='Save as CSV']").click();
}, 2000);
</script>"""
    page.write_text(page.read_text("utf-8").replace("</body>", f"{spy}</body>"))
    said = " ".join(problems_of(page, folder=tmp_path))
    assert LONG[1] in said
    assert f'"{LONG[0]}",10,' in said


def test_hostile_names_do_not_run(tmp_path):
    """Markup in names is shown, also where plotly.js draws it."""
    settings = [
        (
            {"chip": f"{NASTY}{place}", "varied": ((NASTY, NASTY + value),)},
            {"test_accuracy_percent": (1.0, 2.0), "energy_aJ": (1, 2)},
        )
        for place in range(2)
        for value in "ab"
    ]
    page = write_study_page(
        made_gathered(settings, study=made_study((), name=NASTY)), tmp_path / "nasty.html"
    )
    assert problems_of(page, folder=tmp_path) == []


@pytest.mark.slow
def test_a_page_of_a_hundred_runs_is_small_and_quick(tmp_path):
    """Less than 10 MB, opened and drawn in less than three seconds."""
    figures = ("test_accuracy_percent", "simulated_time_ps", "energy_aJ", "hottest_cell_pulses", "area_mm2")
    settings = []
    for place in range(25):
        for chip, more in (("a", 0.5), ("b", 0.0)):
            drawn = dict.fromkeys(figures, (90.0 + place + more, 91.0 + place * (1 + more)))
            settings.append(({"chip": chip, "varied": (("device.states", str(place + 2)),)}, drawn))
    page = write_study_page(made_gathered(settings), tmp_path / "hundred.html")
    assert page.stat().st_size < 10 * 2**20
    # The best of two, for what else the machine does is no property of the page.
    assert min(seconds_to_draw(page, folder=tmp_path) for _ in range(2)) < 3
    assert problems_of(page, folder=tmp_path) == []


def test_saving_a_figure_gives_its_data_and_a_light_drawing(tmp_path):
    """The button's table has the columns of the command's; the drawing is white on a dark screen."""
    page = write_study_page(APART, tmp_path / "study.html")
    content = page.read_text("utf-8")
    # What would be downloaded is taken down instead, as an error that the check reads.
    spy = """<script>
setTimeout(function () {
  HTMLAnchorElement.prototype.click = function () {
    console.log("saved " + this.download + " " + decodeURIComponent(this.href).slice(0, 60).replace(/\\r\\n/g, "|"));
  };
  Array.prototype.forEach.call(document.querySelectorAll("[title='Save as CSV']"), function (button, place) {
    if (!place) { button.click(); }
  });
  document.querySelector("[title='Save as SVG']").click();
}, 2000);
</script>"""
    page.write_text(content.replace("</body>", f"{spy}</body>"))
    said = " ".join(problems_of(page, folder=tmp_path))
    assert (
        "saved study-test-accuracy-percent.csv data:text/csv;charset=utf-8,series,x,y,z,error_x,error_y"
        in said
    )
    assert "saved study-test-accuracy-percent.svg data:image/svg+xml" in said
