"""How long a study will still take: nothing is said by what workers do first."""

import pytest

from chipsim.cli.studies_shown import StudyBar
from chipsim.study.making import BROKEN, told_of
from chipsim.study.pace import Pace
from chipsim.study.plan import Planned

PLANNED = Planned(id="a", chip="single-pair", task="digits", architecture="single-pair", workload="mnist-5k")


def ended(worker, seconds, *, last=True):
    return {"worker": worker, "seconds": seconds, "last": last}


def test_first_run_tells_nothing():
    """A worker's first run has the compilation in it."""
    pace = Pace(16)
    pace.ended(ended("one", 120.0))
    assert pace.left_s is None


def test_first_run_of_each_worker_is_left_out():
    """Two workers begin with two minutes each; what follows takes eight seconds, and they share it."""
    pace = Pace(16)
    for worker, seconds in [("one", 120.0), ("two", 118.0), ("one", 8.0), ("two", 8.0)]:
        pace.ended(ended(worker, seconds))
    assert pace.left_s == pytest.approx(12 * 8.0 / 2)


def test_runs_that_share_their_training_count_together():
    """One of three is trained, the others are priced in a moment: none of them is the pace."""
    pace = Pace(9)
    for seconds, last in [(60.0, False), (0.1, False), (0.1, True)]:
        pace.ended(ended("one", seconds, last=last))
    told = []
    for seconds, last in [(5.8, False), (0.1, False), (0.1, True)]:
        pace.ended(ended("one", seconds, last=last))
        told.append(pace.left_s)
    assert told == [None, None, pytest.approx(3 * 2.0)]


def test_a_run_that_no_worker_answers_for_has_no_pace():
    """Its worker died: the run is over, and nobody knows how long it took."""
    pace = Pace(4)
    for worker in ("one", "one"):
        pace.ended(ended(worker, 6.0))
    pace.ended(told_of(PLANNED, BROKEN, "every worker that tried it died"))
    assert pace.left_s == pytest.approx(6.0)


def test_lines_say_nothing_before_they_can(capsys):
    """Without a terminal each run has a line; the first ones are silent on the time left."""
    with StudyBar("made") as bar:
        bar.begins(total=4, kept=0)
        bar.one_ended(PLANNED, state="done", error="", seconds=120.0, left_s=None)
        bar.one_ended(PLANNED, state="done", error="", seconds=2.0, left_s=4.2)
        bar.one_ended(PLANNED, state="done", error="", seconds=2.0, left_s=0.4)
    assert capsys.readouterr().err.splitlines() == [
        "1 of 4: single-pair on digits, seed 0: 120.0 s",
        "2 of 4: single-pair on digits, seed 0: 2.0 s; about 4 s left",
        "3 of 4: single-pair on digits, seed 0: 2.0 s",
    ]
