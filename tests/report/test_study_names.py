"""On the page of a study chips are called by its labels, and none hides another."""

import attrs

from chipsim.report.pareto import pareto_figures
from chipsim.report.study_figures import metric_figures
from chipsim.report.study_page import Examples, caveats, write_study_page
from chipsim.study.statistics import metric_named
from tests.report.test_study_page import APART, swept, words_of
from tests.results_made import made_result
from tests.study.kept_made import made_gathered

ACCURACY, ENERGY = metric_named("test_accuracy_percent"), metric_named("energy_aJ")


def warned(result, *warnings, **summary):
    return attrs.evolve(result, summary={**result.summary, "warnings": warnings, **summary})


def test_caveats_call_chips_by_the_labels_of_the_study():
    """Not by their descriptions, with whatever values tell these apart."""
    result = made_result("single-pair")
    examples = Examples(
        results={
            "quiet pair": warned(result, "no weight of tile0 changed in epoch 1"),
            "noisy pair": warned(result, timing_only=True),
        }
    )
    told = caveats(APART, examples)
    assert "quiet pair: no weight of tile0 changed in epoch 1." in told
    assert (
        sum(sentence.startswith("noisy pair ran its programs without arithmetic") for sentence in told) == 1
    )
    # What differs between runs is said on a page of runs; a study may mean it.
    assert not any("single-pair" in one or one.startswith("These runs") for one in told)


def test_what_was_never_used_is_told_by_label_and_once_for_chips_alike(tmp_path):
    """Two labels share one entry where the sentences are the same; with another area they have two."""
    result = warned(made_result("single-pair"), idealised=("Wires have no resistance.",))
    other = warned(made_result("single-pair"), idealised=("Wires have no resistance.", "Reads are exact."))
    examples = Examples(results={"quiet": result, "noisy": result, "exact": other})
    words = words_of(write_study_page(APART, tmp_path / "study.html", examples=examples))
    assert "<strong>quiet and noisy</strong>: Wires have no resistance.</li>" in words
    assert "<strong>exact</strong>: Wires have no resistance. Reads are exact.</li>" in words
    assert "<strong>single-pair" not in words


def test_chips_of_equal_figures_are_drawn_inside_each_other_and_named():
    """On curves over what is varied the first is the widest; the sentence names both."""
    gathered = swept(["1", "2", "3"], chips=("wide", "narrow"))
    (figure,) = metric_figures(gathered, [ACCURACY])
    by_name = {trace["name"]: trace["line"]["width"] for trace in figure.data}
    assert by_name == {"wide": 6, "narrow": 2}
    assert figure.caption.endswith("one is drawn inside the other: wide widest, then narrow.")


def test_trade_offs_of_equal_figures_are_drawn_inside_each_other():
    """The sign below is larger than the one above, and the front is drawn below both."""
    figures = {"test_accuracy_percent": (90.0, 91.0), "energy_aJ": (5, 7)}
    apart = {"test_accuracy_percent": (80.0, 81.0), "energy_aJ": (50, 70)}
    gathered = made_gathered([({"chip": "a"}, figures), ({"chip": "b"}, figures), ({"chip": "c"}, apart)])
    (figure,) = pareto_figures(gathered)
    front, one, other, third = figure.data
    assert front["name"] == "front of means"
    assert one["marker"]["size"][0] - other["marker"]["size"][0] == 5
    assert third["marker"]["size"] in ([6], [11])
    assert "Signs that lie on each other" in figure.caption


def test_points_of_several_tasks_are_not_drawn_from_zero():
    """Accuracies of 90 to 92 with a deviation of 0.71: the axis shows them and a little more."""
    settings = [
        ({"chip": chip, "task": task}, {"test_accuracy_percent": (low, low + 1)})
        for chip, low in (("a", 90.0), ("b", 91.0))
        for task in ("digits", "fashion")
    ]
    (figure,) = metric_figures(made_gathered(settings), [ACCURACY])
    low, high = figure.layout["xaxis"]["range"]
    assert 89.0 < low < 90.5 - 0.7072
    assert 91.5 + 0.7072 < high < 93.0
