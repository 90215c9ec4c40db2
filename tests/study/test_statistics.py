"""Seeds are repetitions: what a study's table comes to, by hand."""

import pytest

from chipsim.study.statistics import Setting, StudyRun, gather
from tests.study.kept_made import made_gathered, made_study, made_table, planned


def test_seeds_are_repetitions_and_no_settings_of_their_own():
    """Two chips with three seeds each are two settings, in the order of the plan, values in that of the seeds."""
    runs = [
        StudyRun(id=f"{chip}{seed}", planned=planned(chip, seed=seed)) for seed in (2, 0, 1) for chip in "ba"
    ]
    table = made_table([(run.id, "energy_aJ", 10.0 * run.planned.seed) for run in runs])
    found = gather(made_study(), runs, table)
    assert [one.chip for one in found.settings] == ["b", "a"]
    sample = found.sample(found.settings[0], "energy_aJ")
    assert (sample.values, sample.seeds, sample.mean, sample.deviation) == ((0, 10, 20), (0, 1, 2), 10, 10)


def test_runs_that_did_not_end_count_for_nothing():
    """Rows of a run that failed, of one that nobody planned, and figures that are none, are left out."""
    settings = [({"chip": "a"}, {"energy_aJ": (1, 2, 3)})]
    found = made_gathered(settings, states={"run1": ("failed", "out of memory")})
    (setting,) = found.settings
    assert found.sample(setting, "energy_aJ").values == (1, 3)
    assert found.seeds_of(setting) == (0, 2)
    rows = [("gone", "energy_aJ", 5.0), ("x", "energy_aJ", float("nan")), ("x", "pulses", None)]
    empty = gather(made_study(), [StudyRun(id="x", planned=planned())], made_table(rows))
    assert (empty.metrics, empty.sample(empty.settings[0], "energy_aJ")) == ((), None)


def test_what_no_seed_moves_is_exact():
    """Area always; energy of a chip that has no cells, and not of one that does not say."""
    found = made_gathered(
        [
            ({"chip": "digital"}, {"energy_aJ": (5,), "area_mm2": (1,), "cells": (0,)}),
            ({"chip": "cells"}, {"energy_aJ": (5,), "area_mm2": (1,), "cells": (9,)}),
            ({"chip": "silent"}, {"energy_aJ": (5,), "area_mm2": (1,)}),
        ]
    )
    exact = {one.chip: found.sample(one, "energy_aJ").exact for one in found.settings}
    assert exact == {"digital": True, "cells": False, "silent": False}
    assert all(found.sample(one, "area_mm2").exact for one in found.settings)


def test_accuracies_have_the_error_of_their_test_samples():
    """90 % on 900 samples: the root of 90 x 10 / 900 is one point."""
    figures = {"test_accuracy_percent": (90, 90), "forgetting_percent": (3, 3), "energy_aJ": (1, 2)}
    found = made_gathered([({}, {**figures, "test_samples": (900, 900)})])
    errors = {key: found.sample(found.settings[0], key).error for key in figures}
    # Of a difference at worst: the root of 2 x 50 x 50 / 900.
    assert errors == {
        "test_accuracy_percent": pytest.approx(1.0), "forgetting_percent": pytest.approx(2.357, abs=1e-3), "energy_aJ": 0,
    }  # fmt: skip


def test_names_say_what_differs_and_no_more():
    """The task is the same for all; the path is told by its last word."""
    varied = [{"chip": chip, "varied": (("device.states", value),)} for chip in "ab" for value in ("5", "9")]
    found = made_gathered([(what, {"energy_aJ": (1,)}) for what in varied])
    assert list(found.names().values()) == [
        "a · states = 5",
        "a · states = 9",
        "b · states = 5",
        "b · states = 9",
    ]
    assert list(found.names(found.settings[:2]).values()) == ["states = 5", "states = 9"]
    (alone,) = made_gathered([({}, {"energy_aJ": (1,)})]).names().values()
    assert alone == "a"


def test_a_setting_that_is_not_varied_meets_all_points():
    """Only what both have is compared."""
    free = Setting(chip="a", task="t")
    one, other = (Setting(chip="b", task="t", varied=(("p", value),)) for value in "12")
    assert free.meets(one)
    assert one.meets(free)
    assert not one.meets(other)
