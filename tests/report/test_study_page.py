"""The page of a study: what it says, that it names nothing best inside the spread, and that it escapes names."""

import re

import attrs
import pytest

from chipsim.errors import OutputError
from chipsim.report.pareto import DOMINATED, FRONT, OPEN, pareto_figures, standing_of
from chipsim.report.study_axes import axes_of
from chipsim.report.study_figures import metric_figures, study_looks
from chipsim.report.study_page import Examples, study_figures, write_study_page
from chipsim.report.study_verdicts import conclude, statistics_words
from chipsim.result.compared import Sample
from chipsim.spec.study import ClaimSpec, RunsOf
from chipsim.study.ranking import rank
from chipsim.study.robustness import Flip
from chipsim.study.statistics import metric_named
from chipsim.study.words import amount, lead_metrics, leading_rows
from tests.results_made import made_result
from tests.study.kept_made import made_gathered, made_study

NASTY = "</script><script>throw new Error('run')</script><b>x</b>&lt;@@series-0 %{y} =1+1"
ACCURACY, ENERGY = metric_named("test_accuracy_percent"), metric_named("energy_aJ")


def of_chips(**chips):
    """Accuracy and energy of each chip by seed."""
    settings = []
    for chip, (accuracies, energies) in chips.items():
        settings.append(({"chip": chip}, {"test_accuracy_percent": accuracies, "energy_aJ": energies}))
    return made_gathered(settings)


APART = of_chips(
    first=((96.0, 95.0, 94.0), (10**12, 2 * 10**12, 3 * 10**12)),
    second=((90.0, 89.1, 87.9), (2 * 10**12, 3 * 10**12, 4 * 10**12)),
)
ALIKE = of_chips(first=((96.0, 94.0, 95.0), (10, 12, 14)), second=((95.0, 96.0, 94.5), (12, 10, 15)))


def words_of(page):
    return re.sub(r"<script.*?</script>", "", page.read_text("utf-8"), flags=re.DOTALL)


def told(gathered):
    return conclude(gathered, [ACCURACY, ENERGY])


def test_verdicts_name_what_is_told_apart():
    """Differences 6, 5.9, 6.1 of every seed; energies differ by the same for each."""
    sentences = told(APART).sentences
    assert sentences == (
        "first has the highest test accuracy, 95.0 ± 1.0 %; told apart from the other (all of 3 seeds say so against the nearest).",
        "first has the lowest energy, 2.0 ± 1.0 µJ; told apart from the other (all of 3 seeds say so against the nearest).",
    )


def test_nothing_is_named_best_inside_the_spread():
    """No sentence, star or front: only between what the figures lie, and why."""
    found = told(ALIKE)
    assert [sentence.partition(",")[0] for sentence in found.sentences] == [
        "Nothing leads in test accuracy",
        "Nothing leads in energy",
    ]
    assert all("inside the spread" in sentence for sentence in found.sentences)
    assert found.best("energy_aJ") == frozenset()


def test_one_seed_concludes_nothing_of_anything():
    """Accuracy and energy are named together; the page says so where figures are compared, too."""
    gathered = of_chips(first=((96.0,), (10,)), second=((10.0,), (10**6,)))
    found = told(gathered)
    assert found.sentences == (
        "No verdict on test accuracy and energy: one seed does not show how far the next would move them; run several.",
    )
    assert "one seed" in statistics_words(gathered, found)
    figures = metric_figures(gathered, [ACCURACY, ENERGY])
    assert {figure.caption for figure in figures} == {"One seed: no spread is known."}
    assert all(
        value is None for figure in figures for trace in figure.data for value in trace["error_x"]["array"]
    )


def test_statistics_are_told_in_words():
    """By which t, over how many seeds, and how many comparisons were made."""
    words = statistics_words(APART, told(APART))
    assert "over 3 seeds" in words
    assert "paired t" in words
    assert "2 comparisons" in words
    assert "Welch" not in words
    # Of two settings there is one comparison in each figure, which needs no correction.
    assert "Holm" not in words
    assert "Hsu" not in words
    # Student's t of two degrees is 4.303 at one in twenty, over the root of 3 seeds.
    assert "less than 2.5 standard deviations" in words


def test_what_keeps_chance_from_ruling_out_the_best_is_told():
    """That of several settings, that of chips point by point, and what both together leave to chance."""
    settings = [
        ({"chip": chip, "varied": (("p", value),)}, {"energy_aJ": (1.0, 2.0, 3.5 + more)})
        for value in "12"
        for chip, more in (("a", 0.0), ("b", 1.0))
    ]
    gathered = made_gathered(settings, study=made_study(("a", "b"), vary=("p",)))
    words = statistics_words(gathered, told(gathered))
    assert "Hsu, Ann. Statist. 12:1136, 1984" in words
    assert "Holm's rule" in words
    assert "of the 2 here, chance alone makes some one wrong in at most 10 % of studies" in words


def test_what_may_be_the_best_is_told_and_starred():
    """A and b cross over seeds; c is far behind for every seed."""
    gathered = of_chips(
        a=((96.0, 94.0, 95.0), (1, 2, 3)),
        b=((95.0, 96.0, 93.0), (1, 2, 3)),
        c=((80.0, 79.0, 77.9), (7, 8, 9)),
    )
    found = told(gathered)
    assert found.sentences == (
        "a and b may have the highest test accuracy: the other is told apart from the highest mean, 95.0 ± 1.0 %.",
        "a and b have the lowest energy, 2.0 ± 1.0 aJ; told apart from the other.",
    )
    assert {one.chip for one in found.best("test_accuracy_percent")} == {"a", "b"}


def test_amounts_show_mean_and_spread_with_the_digits_that_count():
    """Two digits of the deviation, in one unit with the mean."""
    assert amount(ENERGY, Sample(values=(10**15, 3 * 10**15), exact=False)) == "2.0 ± 1.4 mJ"
    assert amount(ACCURACY, Sample(values=(97.0,), exact=False)) == "97.00 %"
    assert amount(metric_named("pulses"), Sample(values=(1200.0, 1300.0), exact=False)) == "1,250 ± 71 pulses"
    assert amount(ENERGY, None) == "\N{EN DASH}"


@pytest.mark.parametrize(
    ("key", "values", "shown"),
    [
        ("test_accuracy_percent.mnist", (95.5, 96.5), "96.00 ± 0.71 %"),
        ("test_accuracy_percent.mnist", (14.0,), "14.00 %"),
        # What a task is called is no unit.
        ("test_accuracy_percent.by_ps", (14.0,), "14.00 %"),
        ("inference_TOPS_per_mm2", (1.817,), "1.817 TOPS/mm²"),
        ("inference_TOPS_per_W", (1.817,), "1.817 TOPS/W"),
        ("area_mm2", (1.817,), "1.817 mm²"),
        ("hottest_cell_pulses", (1817,), "1,817 pulses"),
    ],
)
def test_figures_have_their_units(key, values, shown):
    """Also those of one task, and those that are divided by another."""
    assert amount(metric_named(key), Sample(values=values, exact=False)) == shown


def test_accuracies_of_a_task_are_points_and_no_bars():
    """A share near a hundred percent has no length that could be looked at."""
    key = "test_accuracy_percent.digits"
    gathered = made_gathered([({"chip": chip}, {key: (95, 96)}) for chip in "ab"])
    (figure,) = metric_figures(gathered, [gathered.metric(key)])
    assert {trace["type"] for trace in figure.data} == {"scatter"}


def test_a_mean_over_fewer_seeds_than_the_row_says_so(tmp_path):
    """One of two seeds switched; both have an accuracy."""
    figures = {"test_accuracy_percent": (95, 96), "switch_epoch": (8, None)}
    gathered = made_gathered([({"chip": "a"}, figures), ({"chip": "b"}, {**figures, "switch_epoch": (7, 7)})])
    gathered = attrs.evolve(gathered, study=attrs.evolve(gathered.study, metrics=tuple(figures)))
    _, rows = leading_rows(gathered)
    assert rows == [("a", "2", "95.50 ± 0.71 %", "8 (1 of 2)"), ("b", "2", "95.50 ± 0.71 %", "7")]
    assert "8 (1 of 2)" in words_of(write_study_page(gathered, tmp_path / "page.html"))


def test_what_was_asked_for_and_never_measured_is_told():
    """A column that is not there would be passed over."""
    asked = attrs.evolve(APART.study, metrics=("energy_aJ", "switch_epoch"))
    sentences = told(attrs.evolve(APART, study=asked)).sentences
    assert sentences[-1] == "No run measured switch_epoch, which the study asks for."
    assert not any("No run measured" in one for one in told(APART).sentences)


def test_leading_metrics_are_those_asked_for():
    """Else the usual ones; the mean over tasks in the place of the last task's accuracy."""
    measured = ("energy_aJ", "test_accuracy_percent", "mean_task_accuracy_percent", "steps")
    tasks = tuple(f"test_accuracy_percent.{task}" for task in ("digits", "fashion"))
    assert lead_metrics((*measured, *tasks), ()) == ["mean_task_accuracy_percent", "energy_aJ"]
    assert lead_metrics((*measured, tasks[0]), ()) == ["test_accuracy_percent", "energy_aJ"]
    assert lead_metrics(measured[2:], ()) == ["mean_task_accuracy_percent"]
    assert lead_metrics(measured, ("steps", "gone", "steps")) == ["steps"]


def test_a_front_is_of_means_and_only_what_is_told_apart_is_dominated():
    """C is worse in both by the same for every seed; d is worse by means, and its seeds cross."""
    gathered = of_chips(
        a=((90.0, 91.0, 92.0), (10, 11, 12)),
        b=((95.0, 96.0, 97.0), (20, 21, 22)),
        c=((80.0, 81.0, 82.0), (30, 31, 32)),
        d=((92.0, 89.0, 91.0), (13, 11, 10)),
    )
    samples = {
        key: {one: gathered.sample(one, key) for one in gathered.settings}
        for key in ("test_accuracy_percent", "energy_aJ")
    }
    places = standing_of(rank(ACCURACY, samples["test_accuracy_percent"]), rank(ENERGY, samples["energy_aJ"]))
    assert {one.chip: place for one, place in places.items()} == {
        "a": FRONT,
        "b": FRONT,
        "c": DOMINATED,
        "d": OPEN,
    }
    (figure,) = pareto_figures(gathered, link=lambda run: f"./runs/{run}/")
    assert figure.data[0]["x"] == [11.0, 21.0]
    links = [told[1] for trace in figure.data[1:] for told in trace["customdata"]]
    assert links == ["./runs/run0/", "./runs/run3/", "./runs/run6/", "./runs/run9/"]


def swept(values, chips=("a", "b"), path="device.states"):
    settings = []
    for chip in chips:
        for place, value in enumerate(values):
            figures = {
                "test_accuracy_percent": (90.0 + place, 91.0 + place),
                "energy_aJ": (10.0 + place, 11.0 + place),
            }
            settings.append(({"chip": chip, "varied": ((path, value),)}, figures))
    return made_gathered(settings, study=made_study(chips, vary=(path,)))


def test_trade_offs_are_told_of_each_task():
    """What leads on one task is dominated on the other, and each figure says which it is of."""
    best, worst = (96.0, 95.0, 94.0), (90.0, 89.1, 87.9)
    settings = [
        ({"chip": chip, "task": task}, {"test_accuracy_percent": reached, "energy_aJ": energies})
        for task, chips in (("letters", "ab"), ("digits", "ba"))
        for chip, reached, energies in zip(chips, (best, worst), ((10, 20, 30), (30, 41, 50)), strict=True)
    ]
    study = made_study(("a", "b"), tasks=("letters", "digits"))
    figures = pareto_figures(made_gathered(settings, study=study))
    assert [one.title for one in figures] == [
        "Test accuracy against energy on letters",
        "Test accuracy against energy on digits",
    ]
    assert len({one.name for one in figures}) == 2
    front = [one.data[0]["y"] for one in figures]
    assert front == [[95.0], [95.0]]
    assert [
        dict(zip("ab", (trace["y"] for trace in one.data[1:]), strict=True))["a"][0] for one in figures
    ] == [
        pytest.approx(95.0),
        pytest.approx(89.0),
    ]


def test_sweeps_read_in_the_order_of_their_numbers():
    """Given in another order, over decades, with units: the axis is in order, and has one unit."""
    gathered = swept(["1 us", "200 ns", "10 ns"], path="device.pulse_width")
    (axis,) = axes_of(gathered)
    assert (axis.title, axis.texts, axis.numbers) == (
        "pulse_width [µs]",
        ("10 ns", "200 ns", "1 us"),
        (0.01, 0.2, 1.0),
    )
    (figure,) = metric_figures(gathered, [ACCURACY])
    assert figure.data[0]["x"] == [0.01, 0.2, 1.0]
    assert figure.data[0]["y"] == [92.5, 91.5, 90.5]
    assert figure.data[0]["error_y"]["array"] == pytest.approx([0.7071] * 3, abs=1e-4)
    assert figure.layout["xaxis"]["type"] == "log"


def test_words_on_an_axis_stay_words_in_their_order():
    """Even where some look like numbers."""
    (figure,) = metric_figures(swept(["mesh", "10", "bus"]), [ENERGY])
    assert figure.layout["xaxis"]["categoryarray"] == ["mesh", "10", "bus"]
    assert figure.layout["xaxis"]["type"] == "category"


def test_two_axes_are_a_map_with_all_fields():
    """Missing settings stay gaps."""
    settings = [
        ({"varied": (("p", x), ("q", y))}, {"energy_aJ": (float(x) * float(y), float(x) * float(y) + 1)})
        for x, y in (("2", "10"), ("1", "10"), ("1", "5"))
    ]
    gathered = made_gathered(settings, study=made_study(("a",), vary=("p", "q")))
    (figure,) = metric_figures(gathered, [ENERGY])
    (trace,) = figure.data
    assert (trace["x"], trace["y"]) == (["1", "2"], ["5", "10"])
    assert trace["z"] == [[5.5, None], [10.5, 20.5]]
    assert trace["text"][0][1] == ""


def test_a_chip_has_one_colour_everywhere():
    """In the order of the study, on every figure."""
    gathered = swept(["1", "2"], chips=("b", "a"))
    looks = study_looks(gathered)
    assert {chip: look.color for chip, look in looks.items()} == {"b": "@@series-0", "a": "@@series-1"}
    for figures in study_figures(gathered).values():
        for figure in figures:
            for trace in figure.data:
                if trace["name"] in looks:
                    assert trace["marker"]["color"] == looks[trace["name"]].color


def full_page(folder, gathered=None, **changes):
    claim = ClaimSpec(
        claim="first is far ahead", metric="test_accuracy_percent", of=RunsOf(chip="first"), published=94.0,
        tolerance=0.5, source="a paper",
    )  # fmt: skip
    gathered = gathered or APART
    study = attrs.evolve(gathered.study, question="Which is better?", claims=(claim,), **changes)
    flip = Flip(less="first", more="second", path="adc[bits=8].energy", now_aj=2_000_000, factor=1.6)
    one, other = (
        attrs.evolve(made_result(name), chip={"device": {"states": states}})
        for name, states in (("hybrid-synapse", 50), ("single-pair", 10))
    )
    examples = Examples(
        results={"first": one, "second": other}, flips=(flip,), left_out=("a run (its folder is damaged)",)
    )
    return write_study_page(attrs.evolve(gathered, study=study), folder / "study.html", examples=examples)


def test_a_page_has_its_question_verdict_caveats_claims_and_what_differs(tmp_path):
    """In words that can be read without a script."""
    words = words_of(full_page(tmp_path))
    for said in (
        "Which is better?",
        "first has the highest test accuracy",
        "Left out: a run (its folder is damaged).",
        "first is far ahead",
        # Mean 95, deviation 1, reach 4.303 / sqrt(3) = 2.48: 92.52 to 97.48 reaches beyond 93.5 to 94.5.
        "inside the spread",
        "92.52 % to 97.48 %",
        "that flips when adc[bits=8].energy is above 3.2 pJ (now 2 pJ)",
        "What differs between the chips",
        "chipsim run first digits --seed 0",
    ):
        assert said in words
    assert words.count('class="best"') == 2


def test_failures_are_told_with_their_reason(tmp_path):
    """Of two seeds one failed: the page says so above and names the run below."""
    gathered = made_gathered(
        [({"chip": chip}, {"energy_aJ": (1, 2)}) for chip in "ab"],
        states={"run1": ("failed", "out of <memory>")},
    )
    words = words_of(write_study_page(gathered, tmp_path / "study.html"))
    assert "3 of 4 runs are done; 1 failed: what is missing is in no figure." in words
    assert "Settings differ in the number of seeds that are done." in words
    assert "a, digits, cmos, seed 1: out of &lt;memory&gt;" in words


def test_names_of_the_user_are_shown_and_never_run(tmp_path):
    """Names of chips, tasks, paths, values, errors, claims and the study are escaped wherever they stand."""
    settings = [
        (
            {"chip": NASTY, "task": NASTY, "varied": ((NASTY, value),)},
            {"test_accuracy_percent": (1.0, 2.0), "energy_aJ": (1, 2)},
        )
        for value in (NASTY, "2")
    ]
    claim = ClaimSpec(claim=NASTY, metric="energy_aJ", of=RunsOf(), published=1, source=NASTY)
    study = made_study((NASTY,), name=NASTY, question=NASTY, about=NASTY, claims=(claim,), tasks=(NASTY,))
    gathered = made_gathered(settings, study=study, states={"run3": ("failed", NASTY)})
    gathered = attrs.evolve(
        gathered, runs=tuple(attrs.evolve(run, id=f"{run.id}/../{NASTY}") for run in gathered.runs)
    )
    page = write_study_page(
        gathered, tmp_path / "study.html", examples=Examples(left_out=(NASTY,)), runs=NASTY
    )
    content = page.read_text("utf-8")
    assert "<b>x</b>" not in content
    assert "throw new Error('run')</script>" not in content
    # A link leads to a folder beside the page, whatever the names are.
    for link in re.findall(r'href="([^"#]*)"', words_of(page)):
        assert re.fullmatch(r"\./[A-Za-z0-9%._~/-]*", link), link


def test_a_page_of_nothing_is_refused(tmp_path):
    """A study without runs has nothing to show; another page in the way stays."""
    with pytest.raises(OutputError, match=r"^made: a page of a study needs at least one run$"):
        write_study_page(attrs.evolve(APART, runs=()), tmp_path / "study.html")
    other = tmp_path / "mine.html"
    other.write_text("<!doctype html><p>mine</p>")
    with pytest.raises(OutputError, match="there is another page"):
        write_study_page(APART, other)
    assert other.read_text() == "<!doctype html><p>mine</p>"


def test_several_cost_sets_are_compared_at_each_and_told_apart(tmp_path):
    """What holds under all and what flips stands in a table of its own."""
    values = {
        ("a", "cheap"): (1, 2, 3),
        ("b", "cheap"): (11, 12, 13),
        ("a", "dear"): (61, 62, 63),
        ("b", "dear"): (51, 52, 53),
    }
    gathered = made_gathered(
        [({"chip": chip, "costs": costs}, {"energy_aJ": seeds}) for (chip, costs), seeds in values.items()]
    )
    words = words_of(write_study_page(gathered, tmp_path / "study.html"))
    assert "At the costs of cheap, a has the lowest energy" in words
    assert "Of 1 ordering of two chips in energy, 0 hold under all 2 cost sets and 1 flips." in words
