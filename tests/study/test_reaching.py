"""Samples, time and energy to an accuracy, whichever a study or a claim names."""

from __future__ import annotations

import attrs
import pytest

import chipsim
from chipsim.errors import DescriptionError
from chipsim.result.reach_metrics import reach_figure, reach_metric
from chipsim.study.held import hold_all
from chipsim.study.rows import unit_of
from chipsim.study.statistics import gather_kept, metric_named
from tests.results_made import made_result

SAID = {
    "name": "made",
    "architectures": [
        {"architecture": "digital-fp32", "label": "often"},
        {"architecture": "digital-fp32", "label": "more", "set": {"learning_rate": 0.5}},
    ],
    "workloads": ["mnist-5k"],
    "set": {"phases[*].dataset.train": 200, "phases[*].epoch_samples": 50, "phases[*].epochs": 8},
    "seeds": 2,
}


def rows(*percents, phases=None):
    """Epochs of 50 samples that end with these accuracies."""
    made = made_result(epochs=len(percents)).epochs
    names = phases or ["train"] * len(percents)
    return [
        attrs.evolve(row, test_accuracy_percent=percent, samples=50 * row.epoch, phase=name)
        for row, percent, name in zip(made, percents, names, strict=True)
    ]


def test_first_epoch_that_has_it():
    """Met exactly, it is reached; a later fall takes nothing back; half percents are told apart."""
    found = rows(80.0, 94.0, 90.0, 95.0)
    assert reach_figure("samples_to_reach.94", found) == 100
    assert reach_figure("samples_to_reach.94.5", found) == 200
    assert reach_figure("time_to_reach_ps.94", found) == found[1].simulated_time_ps
    assert reach_figure("energy_to_reach_aJ.94", found) == found[1].energy_aj


def test_never_reached_is_no_figure():
    """And is said to be so by one that is."""
    found = rows(80.0, 90.0)
    assert (reach_figure("samples_to_reach.94", found), reach_figure("reached.94", found)) == (None, 0)
    assert reach_figure("reached.90", found) == 1
    assert reach_figure("reached.90", []) is None


def test_last_phase_alone_counts():
    """What was pre-trained is not held against tuning, nor does it reach anything for it."""
    found = rows(95.0, 96.0, 70.0, 94.0, phases=["one", "one", "two", "two"])
    assert reach_figure("samples_to_reach.94", found) == 100
    assert (
        reach_figure("time_to_reach_ps.94", found) == found[3].simulated_time_ps - found[1].simulated_time_ps
    )
    assert reach_figure("energy_to_reach_aJ.94", found) == found[3].energy_aj - found[1].energy_aj


def test_older_runs_have_no_samples():
    """Time and energy they have."""
    found = [attrs.evolve(row, samples=None) for row in rows(80.0, 94.0)]
    assert reach_figure("samples_to_reach.94", found) is None
    assert reach_figure("time_to_reach_ps.94", found) == found[1].simulated_time_ps


def test_how_they_are_shown():
    """By title and unit, as other figures."""
    assert metric_named("time_to_reach_ps.94").title == "Time to 94 %"
    assert (unit_of("energy_to_reach_aJ.94"), unit_of("samples_to_reach.97.5")) == ("aJ", "")
    assert reach_metric("reached.97.5").title == "Reached 97.5 %"


@pytest.mark.parametrize(
    "key", ["samples_to_reach", "samples_to_reach.0", "samples_to_reach.101", "reached.x"]
)
def test_no_accuracy_is_no_figure(key):
    """A share in percent, above zero."""
    assert reach_metric(key) is None


def test_claims_on_what_it_took(tmp_path):
    """Of runs that were made before anybody asked, too."""
    chipsim.study.run(SAID, folder=tmp_path / "out")
    claim = {
        "claim": "fewer samples", "metric": "samples_to_reach.20", "compare": "ratio", "published": 100,
        "relation": "at-most", "source": "nobody", "of": {"chip": "often"}, "against": {"chip": "more"},
    }  # fmt: skip
    asked = {**SAID, "metrics": ["reached.20", "samples_to_reach.20"], "claims": [claim]}
    kept = chipsim.study.run(asked, folder=tmp_path / "out")
    found = {}
    for planned, result in kept.results():
        found[planned.chip, planned.seed] = reach_figure("samples_to_reach.20", result.epochs)
    assert all(value in range(50, 401, 50) for value in found.values())
    gathered = gather_kept(kept)
    (held,) = hold_all(gathered)
    wanted = tuple(found["often", seed] / found["more", seed] for seed in (0, 1))
    assert (held.values, held.verdict) == (wanted, "met")


@pytest.mark.parametrize(
    ("metric", "message"),
    [
        ("samples_to_reach", "an accuracy in percent follows the dot, as in samples_to_reach.94"),
        ("reached.150", "an accuracy in percent follows the dot, as in samples_to_reach.94"),
        ("sample_to_reach.94", "did you mean 'samples_to_reach.94'"),
    ],
)
def test_figures_that_are_none(metric, message, tmp_path):
    """Told before anything runs."""
    with pytest.raises(DescriptionError) as caught:
        chipsim.study.run({**SAID, "metrics": [metric]}, folder=tmp_path / "out")
    assert message in str(caught.value)
