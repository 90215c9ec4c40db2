"""Progress bars of runs and studies that Python asks for: in a notebook, on a terminal, and nowhere else."""

import builtins
import io
import re
import sys
import types

import pytest

import chipsim
from chipsim import bars
from chipsim.bars import NOTEBOOK, TERMINAL, Bar, run_columns, sample_columns, where
from chipsim.run.barred import RunBar

SMALL = ("phases[*].epochs=1", "phases[*].dataset.train=40", "phases[*].dataset.test=20")


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Cell:
    """What a notebook shows below a cell: each drawing in the place of the one before."""

    def __init__(self):
        self.drawn = []

    def display(self, what, *, display_id):
        assert display_id
        self.update(what)
        return self

    def update(self, what):
        plain = what._repr_mimebundle_((), ())["text/plain"]
        # Without the codes that colour it.
        self.drawn.append(re.sub(r"\x1b\[[0-9;]*m", "", plain))


@pytest.fixture
def cell(monkeypatch):
    """As in a kernel of Jupyter, by the one sign that rich goes by: the name of the shell's class."""
    shown = Cell()
    shell = type("ZMQInteractiveShell", (), {})()
    display = types.ModuleType("IPython.display")
    display.display = shown.display
    monkeypatch.setitem(sys.modules, "IPython", types.ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    monkeypatch.setattr(builtins, "get_ipython", lambda: shell, raising=False)
    return shown


@pytest.fixture
def _at_once(monkeypatch):
    """Two seconds are over, and so is the time between two drawings."""
    monkeypatch.setattr(bars, "_PERIOD_S", 0.0)
    whole = Bar.__init__

    def quick(self, columns, **more):
        whole(self, columns, **{**more, "after_s": 0})

    monkeypatch.setattr(Bar, "__init__", quick)


def simulated(**more):
    return chipsim.simulate("single-pair", "mnist-5k", sets=SMALL, **more)


def study(folder, **more):
    said = {
        "name": "two",
        "architectures": ["single-pair"],
        "workloads": ["mnist-5k"],
        "set": list(SMALL),
        "vary": {"device.states": [10, 20]},
    }
    return chipsim.study.run(said, folder=folder, **more)


def test_a_bar_is_seen_in_a_notebook_and_on_a_terminal_alone(monkeypatch, cell):
    """A kernel's shell tells a notebook; without it a terminal is asked for, and a pipe shows nothing."""
    assert where() == NOTEBOOK
    monkeypatch.delattr(builtins, "get_ipython")
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert where() == TERMINAL
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert where() == ""
    monkeypatch.setattr(sys, "stderr", None)
    assert where() == ""


@pytest.mark.usefixtures("_at_once")
def test_a_run_and_a_study_show_how_far_they_are_in_a_notebook(cell, tmp_path):
    """Samples, epoch and accuracy of a run; runs and time of a study, and no bar for each of its runs."""
    simulated()
    assert "single-pair epoch 1/1" in cell.drawn[-1]
    assert "40/40 samples" in cell.drawn[-1]
    assert "% right" in cell.drawn[-1]
    cell.drawn.clear()
    assert len(study(tmp_path / "out").done) == 2
    begun = [one for one in cell.drawn if one.startswith("two ")]
    assert "0/2" in begun[0]
    assert "2/2" in begun[-1]
    assert not any("samples" in one for one in cell.drawn)
    cell.drawn.clear()
    study(tmp_path / "out")
    assert not any(one.startswith("two ") for one in cell.drawn), "nothing is left to make"


@pytest.mark.usefixtures("_at_once")
def test_bars_are_left_out_where_they_are_not_wanted(cell, tmp_path):
    """By an argument."""
    simulated(progress=False)
    study(tmp_path / "out", watched=False)
    assert cell.drawn == []


@pytest.mark.usefixtures("_at_once")
def test_scripts_and_pipes_stay_silent(capfd, tmp_path):
    """Nothing is printed where nobody looks."""
    simulated()
    study(tmp_path / "out")
    assert capfd.readouterr() == ("", "")


def test_what_is_short_shows_no_bar(cell):
    """Before two seconds are over nothing is drawn, and nothing at the end."""
    bar = RunBar("quick", place=NOTEBOOK)
    bar.epoch_begins(epoch=1, epochs=1, samples=10)
    bar.advance(10, correct=5)
    bar.bar.end()
    assert cell.drawn == []


def test_a_terminal_shows_a_bar_and_loses_no_run_when_it_goes_away(monkeypatch):
    """What is drawn on a stream that is closed meanwhile is drawn no more."""
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    bar = Bar(sample_columns(), place=TERMINAL, after_s=0, accuracy="")
    bar.update(description="mine", total=10, advance=3)
    bar.tell("a line")
    bar.end()
    assert "a line" in screen.getvalue()
    assert "3/10" in screen.getvalue()
    gone = Bar(run_columns(), place=TERMINAL, after_s=0, ends_at=None)
    screen.close()
    gone.update(description="mine", total=10)
    gone.tell("a line")
    gone.end()


def test_a_progress_that_is_none_is_refused():
    """Before anything is trained, with what it lacks."""
    with pytest.raises(TypeError) as caught:
        simulated(progress="yes")
    assert str(caught.value) == (
        "progress must be True, False or None, or have the methods epoch_begins, advance, epoch_ends, remark; "
        "str has no epoch_begins"
    )
